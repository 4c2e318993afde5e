//! What indicators there are, by name.

/// One parameter of an indicator. All are whole numbers from 1 to [`PERIOD_MAX`](crate::PERIOD_MAX), but for
/// `deviations`, which is any finite number above 0.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its value where it is left out; `None` where it must be given.
    pub default: Option<f64>,
}

/// One indicator: what it is called, takes and gives.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Entry {
    /// Its name, in lower case.
    pub name: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    /// Its parameters, in order; those without a default come first.
    pub parameters: &'static [Parameter],
    /// The columns it reads, in order.
    pub inputs: &'static [&'static str],
    /// The columns it writes, in order.
    pub outputs: &'static [&'static str],
}

const CLOSE: &[&str] = &["close"];
const BAR: &[&str] = &["high", "low", "close"];
const PERIOD: &[Parameter] = &[needed("period")];
const FOURTEEN: &[Parameter] = &[usual("period", 14.0)];

const fn needed(name: &'static str) -> Parameter {
    Parameter { name, default: None }
}

const fn usual(name: &'static str, default: f64) -> Parameter {
    Parameter { name, default: Some(default) }
}

const fn entry(
    name: &'static str,
    title: &'static str,
    parameters: &'static [Parameter],
    inputs: &'static [&'static str],
    outputs: &'static [&'static str],
) -> Entry {
    Entry { name, title, parameters, inputs, outputs }
}

const ENTRIES: &[Entry] = &[
    entry("adx", "average directional movement index", FOURTEEN, BAR, &["adx", "plus_di", "minus_di"]),
    entry("atr", "average true range", FOURTEEN, BAR, &["atr"]),
    entry(
        "bollinger",
        "Bollinger bands",
        &[usual("period", 20.0), usual("deviations", 2.0)],
        CLOSE,
        &["upper", "middle", "lower"],
    ),
    entry("donchian", "Donchian channel", &[usual("period", 20.0)], &["high", "low"], &["upper", "middle", "lower"]),
    entry("ema", "exponential moving average", PERIOD, CLOSE, &["ema"]),
    entry(
        "macd",
        "moving average convergence and divergence",
        &[usual("fast", 12.0), usual("slow", 26.0), usual("signal", 9.0)],
        CLOSE,
        &["macd", "signal", "histogram"],
    ),
    entry("max", "rolling maximum", PERIOD, CLOSE, &["max"]),
    entry("min", "rolling minimum", PERIOD, CLOSE, &["min"]),
    entry("momentum", "difference over a period", &[usual("period", 10.0)], CLOSE, &["momentum"]),
    entry("obv", "on-balance volume", &[], &["close", "volume"], &["obv"]),
    entry("roc", "percent change over a period", &[usual("period", 10.0)], CLOSE, &["roc"]),
    entry("rsi", "relative strength index", FOURTEEN, CLOSE, &["rsi"]),
    entry("sma", "simple moving average", PERIOD, CLOSE, &["sma"]),
    entry("stddev", "rolling population standard deviation", PERIOD, CLOSE, &["stddev"]),
    entry(
        "stochastic",
        "slow stochastic oscillator",
        &[usual("period", 14.0), usual("smooth", 3.0), usual("signal", 3.0)],
        BAR,
        &["k", "d"],
    ),
    entry(
        "vwap",
        "volume-weighted average price since the start or reset",
        &[],
        &["high", "low", "close", "volume"],
        &["vwap"],
    ),
    entry("wma", "linearly weighted moving average", PERIOD, CLOSE, &["wma"]),
];

/// Returns every indicator that can be built by name, in the order of their names.
#[must_use]
pub const fn catalogue() -> &'static [Entry] {
    ENTRIES
}
