//! Any indicator, built by name.

use crate::{
    Adx, Atr, Bollinger, Donchian, Ema, Entry, Macd, Max, Min, Momentum, Obv, Roc, Rsi, SignalError, Sma, StdDev,
    Stochastic, Vwap, Wma, catalogue,
    row::{CELLS, OUTPUTS, Row, fill},
};

/// An indicator built by name from the [`catalogue`].
#[derive(Clone, Debug)]
pub struct Indicator {
    entry: &'static Entry,
    lookback: usize,
    kind: Kind,
    value: Option<Output>,
}

/// An indicator's outputs after one update, in the order of [`Entry::outputs`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Output {
    values: [f64; OUTPUTS],
    len: usize,
}

#[derive(Clone, Debug)]
enum Kind {
    Adx(Adx),
    Atr(Atr),
    Bollinger(Bollinger),
    Donchian(Donchian),
    Ema(Ema),
    Macd(Macd),
    Max(Max),
    Min(Min),
    Momentum(Momentum),
    Obv(Obv),
    Roc(Roc),
    Rsi(Rsi),
    Sma(Sma),
    StdDev(StdDev),
    Stochastic(Stochastic),
    Vwap(Vwap),
    Wma(Wma),
}

/// Does the same to whichever indicator it is.
macro_rules! each {
    ($kind:expr, $indicator:ident => $body:expr) => {
        match $kind {
            Kind::Adx($indicator) => $body,
            Kind::Atr($indicator) => $body,
            Kind::Bollinger($indicator) => $body,
            Kind::Donchian($indicator) => $body,
            Kind::Ema($indicator) => $body,
            Kind::Macd($indicator) => $body,
            Kind::Max($indicator) => $body,
            Kind::Min($indicator) => $body,
            Kind::Momentum($indicator) => $body,
            Kind::Obv($indicator) => $body,
            Kind::Roc($indicator) => $body,
            Kind::Rsi($indicator) => $body,
            Kind::Sma($indicator) => $body,
            Kind::StdDev($indicator) => $body,
            Kind::Stochastic($indicator) => $body,
            Kind::Vwap($indicator) => $body,
            Kind::Wma($indicator) => $body,
        }
    };
}

impl Output {
    /// Returns the outputs, one to three.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        &self.values[..self.len]
    }
}

impl Indicator {
    /// Builds the indicator of that name; parameters left out at the end take the catalogue's defaults.
    ///
    /// # Errors
    /// An unknown name, too many or missing parameters, and whatever the indicator itself refuses.
    pub fn new(name: &str, parameters: &[f64]) -> Result<Self, SignalError> {
        let unknown = || SignalError::UnknownIndicator(name.to_owned());
        let entry = catalogue().iter().find(|entry| entry.name == name).ok_or_else(unknown)?;
        let values = complete(entry, parameters)?;
        let (kind, lookback) = build(entry, values)?.ok_or_else(unknown)?;
        Ok(Self { entry, lookback, kind, value: None })
    }

    /// Returns what the catalogue says of it.
    #[must_use]
    pub const fn entry(&self) -> &'static Entry {
        self.entry
    }

    /// Returns how many updates pass before the one that gives the first output.
    #[must_use]
    pub const fn lookback(&self) -> usize {
        self.lookback
    }

    /// Takes one value per input column and returns the outputs.
    ///
    /// # Errors
    /// [`SignalError::Inputs`] for another number of values than [`Entry::inputs`].
    pub fn update(&mut self, row: &[f64]) -> Result<Option<Output>, SignalError> {
        let expected = self.entry.inputs;
        let cells = match *row {
            _ if row.len() != expected.len() => None,
            [a] => Some([a, 0.0, 0.0, 0.0]),
            [a, b] => Some([a, b, 0.0, 0.0]),
            [a, b, c] => Some([a, b, c, 0.0]),
            [a, b, c, d] => Some([a, b, c, d]),
            _ => None,
        };
        let wrong = || SignalError::Inputs { indicator: self.entry.name, expected, found: row.len() };
        let cells = cells.ok_or_else(wrong)?;
        let values = each!(&mut self.kind, indicator => indicator.row(cells));
        self.value = values.map(|values| Output { values, len: self.entry.outputs.len() });
        Ok(self.value)
    }

    /// Runs over whole columns of the same length.
    pub(crate) fn fill(&mut self, inputs: [&[f64]; CELLS], outputs: &mut [&mut [f64]]) {
        each!(&mut self.kind, indicator => fill(indicator, inputs, outputs));
    }

    /// Returns the outputs after the last update.
    #[must_use]
    pub const fn value(&self) -> Option<Output> {
        self.value
    }

    /// Forgets every update.
    pub fn reset(&mut self) {
        self.value = None;
        each!(&mut self.kind, indicator => indicator.reset());
    }
}

fn complete(entry: &'static Entry, parameters: &[f64]) -> Result<[f64; 3], SignalError> {
    let (indicator, expected, found) = (entry.name, entry.parameters.len(), parameters.len());
    if found > expected {
        return Err(SignalError::TooManyParameters { indicator, expected, found });
    }
    let mut values = [0.0; 3];
    for (i, parameter) in entry.parameters.iter().enumerate() {
        let missing = SignalError::MissingParameter { indicator, parameter: parameter.name };
        values[i] = parameters.get(i).copied().or(parameter.default).ok_or(missing)?;
    }
    Ok(values)
}

/// Builds the indicator and says its lookback; `None` for an entry without a kind, which a test shows not to exist.
fn build(entry: &'static Entry, values: [f64; 3]) -> Result<Option<(Kind, usize)>, SignalError> {
    let whole = |i: usize| period(entry, i, values[i]);
    Ok(Some(match entry.name {
        "adx" => (Kind::Adx(Adx::new(whole(0)?)?), 2 * whole(0)? - 1),
        "atr" => (Kind::Atr(Atr::new(whole(0)?)?), whole(0)?),
        "bollinger" => (Kind::Bollinger(Bollinger::new(whole(0)?, values[1])?), whole(0)? - 1),
        "donchian" => (Kind::Donchian(Donchian::new(whole(0)?)?), whole(0)? - 1),
        "ema" => (Kind::Ema(Ema::new(whole(0)?)?), whole(0)? - 1),
        "macd" => (Kind::Macd(Macd::new(whole(0)?, whole(1)?, whole(2)?)?), whole(1)? + whole(2)? - 2),
        "max" => (Kind::Max(Max::new(whole(0)?)?), whole(0)? - 1),
        "min" => (Kind::Min(Min::new(whole(0)?)?), whole(0)? - 1),
        "momentum" => (Kind::Momentum(Momentum::new(whole(0)?)?), whole(0)?),
        "obv" => (Kind::Obv(Obv::new()), 0),
        "roc" => (Kind::Roc(Roc::new(whole(0)?)?), whole(0)?),
        "rsi" => (Kind::Rsi(Rsi::new(whole(0)?)?), whole(0)?),
        "sma" => (Kind::Sma(Sma::new(whole(0)?)?), whole(0)? - 1),
        "stddev" => (Kind::StdDev(StdDev::new(whole(0)?)?), whole(0)? - 1),
        "stochastic" => {
            (Kind::Stochastic(Stochastic::new(whole(0)?, whole(1)?, whole(2)?)?), whole(0)? + whole(1)? + whole(2)? - 3)
        }
        "vwap" => (Kind::Vwap(Vwap::new()), 0),
        "wma" => (Kind::Wma(Wma::new(whole(0)?)?), whole(0)? - 1),
        _ => return Ok(None),
    }))
}

fn period(entry: &'static Entry, index: usize, value: f64) -> Result<usize, SignalError> {
    let parameter = entry.parameters.get(index).map_or("period", |parameter| parameter.name);
    if value.fract() == 0.0 && value >= 1.0 && value <= crate::PERIOD_MAX as f64 {
        Ok(value as usize)
    } else {
        Err(SignalError::Period { parameter, found: value })
    }
}
