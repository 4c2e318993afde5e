//! The rules in words.

use super::{BarRules, Config, Data, Historical, Priority, Reach, Spread, TradeRules};

impl Historical {
    /// Returns every rule that fills come from, as names and values in words, for a result to state.
    #[must_use]
    pub fn rules(&self) -> Vec<(&'static str, String)> {
        let mut rules = common(&self.config);
        for data in [Data::Orders, Data::Quotes, Data::Trades, Data::Bars] {
            if self.uses(data) {
                rules.extend(specific(data, &self.config));
            }
        }
        rules
    }
}

fn common(config: &Config) -> Vec<(&'static str, String)> {
    let data = match config.data {
        Data::Orders => "recorded orders, unless said of an instrument",
        Data::Quotes => "recorded quotes and trades, unless said of an instrument",
        Data::Trades => "recorded trades without quotes, unless said of an instrument",
        Data::Bars => "recorded bars, unless said of an instrument",
    };
    owned(&[
        ("data", data),
        ("recorded_market", "never altered by our orders; each recorded unit is given once"),
        ("no_fills", "while the recorded book is crossed or locked, or the instrument isn't open"),
        ("own_orders", "never match each other"),
    ])
}

fn specific(data: Data, config: &Config) -> Vec<(&'static str, String)> {
    match data {
        Data::Orders => orders(config.reach),
        Data::Quotes => quotes(config.reach),
        Data::Trades => trades(&config.trades),
        Data::Bars => bars(&config.bars),
    }
}

fn orders(reach: Reach) -> Vec<(&'static str, String)> {
    owned(&[
        ("orders.queue", "exact: an execution at our price fills us once every recorded order ahead has left"),
        ("orders.through", "an execution through our price fills us at our price"),
        ("orders.reach", reach_words(reach)),
        ("orders.aggressive", "takes displayed quantity level by level, each recorded order's units once"),
        ("orders.unnamed_trades", "a trade that names no resting order fills nothing"),
    ])
}

fn quotes(reach: Reach) -> Vec<(&'static str, String)> {
    owned(&[
        ("quotes.queue", "behind all displayed quantity; trades at the price and smaller displays bring us forward"),
        ("quotes.through", "a trade through our price fills us at our price"),
        ("quotes.reach", reach_words(reach)),
        ("quotes.aggressive", "takes the displayed best, new where its price changes or its quantity grows"),
    ])
}

const fn reach_words(reach: Reach) -> &'static str {
    match reach {
        Reach::Executions => "displayed opposite quantity never fills a resting order",
        Reach::Through => "displayed opposite quantity strictly through our price fills us at our price",
        Reach::Touch => "displayed opposite quantity at or through our price fills us at our price",
    }
}

fn trades(rules: &TradeRules) -> Vec<(&'static str, String)> {
    let limits = match rules.queue {
        None => "only where a trade goes through them, at the limit".to_owned(),
        Some(queue) => format!(
            "where a trade goes through them, and at their price once {queue} quantity units have traded there since \
             they came, at the limit"
        ),
    };
    let spread = match rules.spread {
        Spread::Units(0) | Spread::BasisPoints(0) => "none: spread_units or spread_bps declares one".to_owned(),
        spread => spread_words(spread, "last trade"),
    };
    let volume = format!("at most {} millionths of a trade to all our orders together", rules.volume_share_ppm);
    let mut words = owned(&[
        ("trades.market", "last trade plus half the spread, less for sells; the rest with the next trades"),
        ("trades.aggressor", "a trade at our price whose aggressor is known to be of our side passes nobody"),
        ("trades.immediate", "immediate-or-cancel and fill-or-kill look at what is left of the last trade"),
    ]);
    words.extend([("trades.limit", limits), ("trades.spread", spread), ("trades.volume", volume)]);
    words
}

fn spread_words(spread: Spread, of: &str) -> String {
    match spread {
        Spread::Units(units) => format!("{units} price units"),
        Spread::BasisPoints(points) => format!("{points} basis points of the {of}"),
    }
}

fn bars(rules: &BarRules) -> Vec<(&'static str, String)> {
    let limits = if rules.touch_fills { "when the bar touches them" } else { "only when the bar trades through them" };
    let priority = match rules.priority {
        Priority::WorstFirst => "the fill that stands worst against the bar's close first",
        Priority::Arrival => "the order that arrived first",
    };
    let spread = spread_words(rules.spread, "open");
    let volume = match rules.volume_share_ppm {
        Some(ppm) => format!("at most {} of the bar's volume to all our orders together", percent(ppm)),
        None => "not bounded by the bar's volume".to_owned(),
    };
    let grace = format!("orders that arrive at most {}, and half a bar, after the bar's open", length(rules.grace_ns));
    let mut words = owned(&[
        ("bars.market", "next bar's open plus half the spread, less for sells"),
        ("bars.limit", limits),
        ("bars.gap", "a limit that the open has passed fills at the open and half the spread, never beyond the limit"),
        ("bars.immediate", "immediate-or-cancel and fill-or-kill look at the open only"),
        ("bars.priority", priority),
    ]);
    words.extend([("bars.spread", spread), ("bars.volume", volume), ("bars.arrival", grace)]);
    words
}

/// Writes millionths as a percentage, exactly.
fn percent(ppm: u32) -> String {
    let (whole, rest) = (ppm / 10_000, ppm % 10_000);
    let fraction = format!(".{rest:04}");
    format!("{whole}{}%", fraction.trim_end_matches('0').trim_end_matches('.'))
}

/// Writes a length of time in the largest unit that it is whole in.
fn length(time_ns: i64) -> String {
    let units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns")];
    let (unit, name) = units.into_iter().find(|(unit, _)| time_ns != 0 && time_ns % unit == 0).unwrap_or((1, "ns"));
    format!("{} {name}", time_ns / unit)
}

fn owned(words: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    words.iter().map(|&(name, value)| (name, value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_told_in_units_for_people() {
        let shares = [0, 1, 100, 12_345, 500_000, 1_000_000].map(percent);
        assert_eq!(shares, ["0%", "0.0001%", "0.01%", "1.2345%", "50%", "100%"]);
        let lengths = [0, 1, 1_500, 2_000, 3_000_000, 1_000_000_000, 90_000_000_000].map(length);
        assert_eq!(lengths, ["0 ns", "1 ns", "1500 ns", "2 us", "3 ms", "1 s", "90 s"]);
    }
}
