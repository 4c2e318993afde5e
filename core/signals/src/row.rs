//! One row of columns in, one row out, whichever indicator it is.

use crate::{
    Adx, Atr, Bollinger, Donchian, Ema, Macd, Max, Min, Momentum, Obv, Roc, Rsi, Sma, StdDev, Stochastic, Vwap, Wma,
};

/// The most columns that an indicator reads.
pub(crate) const CELLS: usize = 4;
/// The most columns that an indicator writes.
pub(crate) const OUTPUTS: usize = 3;

/// An indicator fed by rows. Cells past its inputs aren't read, outputs past its width are nothing.
pub(crate) trait Row {
    /// Takes a row and returns the outputs.
    fn row(&mut self, cells: [f64; CELLS]) -> Option<[f64; OUTPUTS]>;
}

macro_rules! rows {
    ($($name:ty, |$indicator:ident, $cells:pat_param| $update:expr => |$value:pat_param| $outputs:expr;)+) => {
        $(impl Row for $name {
            #[inline]
            fn row(&mut self, $cells: [f64; CELLS]) -> Option<[f64; OUTPUTS]> {
                let $indicator = self;
                $update.map(|$value| $outputs)
            }
        })+
    };
}

rows! {
    Adx, |i, [h, l, c, _]| i.update(h, l, c) => |v| [v.adx, v.plus_di, v.minus_di];
    Atr, |i, [h, l, c, _]| i.update(h, l, c) => |v| [v, 0.0, 0.0];
    Bollinger, |i, [x, ..]| i.update(x) => |v| [v.upper, v.middle, v.lower];
    Donchian, |i, [h, l, ..]| i.update(h, l) => |v| [v.upper, v.middle, v.lower];
    Ema, |i, [x, ..]| i.update(x) => |v| [v, 0.0, 0.0];
    Macd, |i, [x, ..]| i.update(x) => |v| [v.macd, v.signal, v.histogram];
    Max, |i, [x, ..]| i.update(x) => |v| [v, 0.0, 0.0];
    Min, |i, [x, ..]| i.update(x) => |v| [v, 0.0, 0.0];
    Momentum, |i, [x, ..]| i.update(x) => |v| [v, 0.0, 0.0];
    Obv, |i, [c, v, ..]| i.update(c, v) => |v| [v, 0.0, 0.0];
    Roc, |i, [x, ..]| i.update(x) => |v| [v, 0.0, 0.0];
    Rsi, |i, [x, ..]| i.update(x) => |v| [v, 0.0, 0.0];
    Sma, |i, [x, ..]| i.update(x) => |v| [v, 0.0, 0.0];
    StdDev, |i, [x, ..]| i.update(x) => |v| [v, 0.0, 0.0];
    Stochastic, |i, [h, l, c, _]| i.update(h, l, c) => |v| [v.k, v.d, 0.0];
    Vwap, |i, [h, l, c, v]| i.update_bar(h, l, c, v) => |v| [v, 0.0, 0.0];
    Wma, |i, [x, ..]| i.update(x) => |v| [v, 0.0, 0.0];
}

/// Updates the indicator with every row of `inputs` and writes `outputs`, not-a-number while it warms up.
pub(crate) fn fill<I: Row>(indicator: &mut I, inputs: [&[f64]; CELLS], outputs: &mut [&mut [f64]]) {
    let [a, b, c, d] = inputs;
    let rows = a.iter().zip(b).zip(c).zip(d).map(|(((&a, &b), &c), &d)| [a, b, c, d]);
    match outputs {
        [first] => {
            for (row, first) in rows.zip(first.iter_mut()) {
                let [x, ..] = indicator.row(row).unwrap_or([f64::NAN; OUTPUTS]);
                *first = x;
            }
        }
        [first, second] => {
            for (row, (first, second)) in rows.zip(first.iter_mut().zip(second.iter_mut())) {
                [*first, *second, _] = indicator.row(row).unwrap_or([f64::NAN; OUTPUTS]);
            }
        }
        [first, second, third] => {
            let columns = first.iter_mut().zip(second.iter_mut()).zip(third.iter_mut());
            for (row, ((first, second), third)) in rows.zip(columns) {
                [*first, *second, *third] = indicator.row(row).unwrap_or([f64::NAN; OUTPUTS]);
            }
        }
        _ => debug_assert!(false, "Invariant: an indicator writes one to {OUTPUTS} columns"),
    }
}
