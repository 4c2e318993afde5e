//! What can't be built or fed, and what bad numbers do.

use omni_signals::{
    Adx, Atr, Bollinger, Ema, Indicator, Macd, Obv, Rsi, SignalError, Sma, Stochastic, Vwap, batch, batch_into,
    catalogue,
};

fn message(name: &str, parameters: &[f64]) -> String {
    Indicator::new(name, parameters).map_or_else(|error| error.to_string(), |_| "no error".to_owned())
}

#[test]
fn parameters_are_validated_and_the_message_says_how() {
    assert_eq!(message("sma", &[]), "sma needs its parameter period");
    for bad in [0.0, -1.0, 2.5, 100_001.0, f64::NAN, f64::INFINITY] {
        let want = format!("period must be a whole number from 1 to 100000, found {bad}");
        assert_eq!(message("sma", &[bad]), want);
    }
    assert!(message("macd", &[12.0, 0.0]).starts_with("slow must be a whole number"));
    assert_eq!(
        message("macd", &[26.0, 12.0, 9.0]),
        "the fast period must be below the slow one, found fast 26 and slow 12"
    );
    assert_eq!(message("bollinger", &[20.0, 0.0]), "deviations must be a finite number above 0, found 0");
    assert_eq!(message("obv", &[1.0]), "obv has 0 parameters, found 1");
    assert!(message("smaa", &[3.0]).starts_with("there is no indicator \"smaa\"; there are adx, atr, bollinger"));
    assert!(Sma::new(0).is_err() && Bollinger::new(20, f64::NAN).is_err() && Macd::new(5, 5, 3).is_err());
}

#[test]
fn columns_are_validated() {
    let (long, short) = ([1.0; 5], [1.0; 4]);
    let error = batch("atr", &[], &[&long, &long]).unwrap_err();
    assert_eq!(error.to_string(), "atr reads 3 columns (high, low, close), found 2");
    let error = batch("atr", &[], &[&long, &long, &short]).unwrap_err();
    assert_eq!(error, SignalError::Lengths { expected: 5, found: 4 });
    let mut one = [0.0; 5];
    let error = batch_into("macd", &[], &[&long], &mut [&mut one]).unwrap_err();
    assert_eq!(error.to_string(), "macd writes 3 columns (macd, signal, histogram), found 1");
    let mut few = [0.0; 4];
    assert!(batch_into("sma", &[2.0], &[&long], &mut [&mut few]).is_err());
    assert!(Indicator::new("sma", &[2.0]).unwrap().update(&[1.0, 2.0]).is_err());
    assert_eq!(batch("sma", &[2.0], &[&[]]), Ok(vec![vec![]]));
    assert!(batch("sma", &[2.0], &[]).is_err());
}

#[test]
fn every_entry_can_be_built_also_with_the_shortest_period() {
    for entry in catalogue() {
        let shortest: Vec<f64> = (1..=entry.parameters.len()).map(|i| i as f64).collect();
        let mut indicator = Indicator::new(entry.name, &shortest).unwrap();
        let row = vec![1.0; entry.inputs.len()];
        (0..10).for_each(|_| _ = indicator.update(&row).unwrap());
        let output = indicator.value().unwrap();
        assert_eq!(output.as_slice().len(), entry.outputs.len());
        assert!(output.as_slice().iter().all(|value| value.is_finite()), "{}: {output:?}", entry.name);
        let given = entry.parameters.iter().position(|p| p.default.is_some()).unwrap_or(entry.parameters.len());
        assert!(entry.parameters[given..].iter().all(|p| p.default.is_some()), "{}", entry.name);
    }
}

#[test]
fn a_market_that_stands_still_gives_talibs_zeros() {
    let (mut rsi, mut adx, mut stochastic) =
        (Rsi::new(3).unwrap(), Adx::new(3).unwrap(), Stochastic::new(3, 1, 1).unwrap());
    for _ in 0..9 {
        rsi.update(5.0);
        adx.update(5.0, 5.0, 5.0);
        stochastic.update(5.0, 5.0, 5.0);
    }
    assert_eq!(rsi.value(), Some(0.0));
    assert_eq!(adx.value().map(|v| (v.adx, v.plus_di, v.minus_di)), Some((0.0, 0.0, 0.0)));
    assert_eq!(stochastic.value().map(|v| (v.k, v.d)), Some((0.0, 0.0)));
    assert_eq!(batch("roc", &[1.0], &[&[0.0, 3.0]]).unwrap()[0][1], 0.0);
    assert_eq!(Vwap::new().update(5.0, 0.0), None);
}

#[test]
fn not_a_number_goes_through_and_reset_cleans() {
    let (mut ema, mut rsi, mut obv) = (Ema::new(2).unwrap(), Rsi::new(2).unwrap(), Obv::new());
    let (mut atr, mut adx) = (Atr::new(2).unwrap(), Adx::new(2).unwrap());
    for value in [1.0, 2.0, f64::NAN, 4.0, 5.0, 6.0, 7.0] {
        ema.update(value);
        rsi.update(value);
        atr.update(value, 1.0, 1.0);
        adx.update(value, 1.0, 1.0);
        obv.update(value, 1.0);
    }
    for value in [ema.value(), rsi.value(), atr.value(), adx.value().map(|v| v.adx), obv.value()] {
        assert!(value.unwrap().is_nan());
    }
    ema.reset();
    rsi.reset();
    atr.reset();
    obv.reset();
    assert_eq!([ema.value(), rsi.value(), atr.value(), obv.value()], [None; 4]);
    assert_eq!([1.0, 2.0, 3.0].map(|value| rsi.update(value)), [None, None, Some(100.0)]);
    for name in ["sma", "wma", "max", "min", "stddev", "roc", "momentum"] {
        let mut series = vec![1.0; 20];
        series[5] = f64::NAN;
        let output = &batch(name, &[3.0], &[&series]).unwrap()[0];
        assert!(output[5].is_nan(), "{name}");
        assert!(output[9..].iter().all(|value| value.is_finite()), "{name}: {output:?}");
    }
}
