//! The built-in imbalance taker: the logic of `omni/strategy/imbalance.py` and of the examples of compiled strategies,
//! so that what each way of writing a strategy costs, and that all give the same orders, can be seen.

use omni_port::{BookView, Desk, Feeds, Strategy, StrategyFault, Ticket};
use omni_types::{InstrumentId, Qty, Side, TimeInForce, TimerFired, TimerId};

use crate::QuotingError;

/// The taker's settings.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TakerParams {
    /// Imbalance from which it trades, 0 to 1.
    pub threshold: f64,
    /// Levels of each side that are weighed.
    pub levels: f64,
    /// Size of an entry, in quantity units.
    pub quantity: f64,
    /// How long a position is held, in seconds.
    pub hold_s: f64,
}

/// A setting: name, default, least, most, whether it is whole, and what it means.
type Row = (&'static str, f64, f64, f64, bool, &'static str);

const ROWS: [Row; 4] = [
    ("threshold", 0.6, 0.0, 1.0, false, "imbalance from which it trades, 0 to 1"),
    ("levels", 3.0, 1.0, 10.0, true, "levels of each side that are weighed"),
    ("quantity", 100.0, 1.0, 1e15, true, "size of an entry, in quantity units"),
    ("hold_s", 30.0, 0.001, 1e6, false, "how long a position is held, in seconds"),
];

impl TakerParams {
    /// Builds settings from names and values; what isn't named has its default.
    ///
    /// # Errors
    /// [`QuotingError::Taker`] for an unknown or repeated name, and a value out of range or not whole.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, f64)>) -> Result<Self, QuotingError> {
        let mut values = ROWS.map(|(_, default, ..)| default);
        let mut given = [false; ROWS.len()];
        for (name, value) in pairs {
            let found = ROWS.iter().position(|row| row.0 == name);
            let at = found.ok_or_else(|| {
                let names = ROWS.map(|row| row.0).join(", ");
                QuotingError::Taker(format!("it has no parameter {name}; it has {names}"))
            })?;
            let (_, _, least, most, whole, _) = ROWS[at];
            if core::mem::replace(&mut given[at], true) {
                return Err(QuotingError::Taker(format!("{name} is given twice; give it once")));
            }
            if !(least..=most).contains(&value) || (whole && value.fract() != 0.0) {
                let kind = if whole { "a whole number" } else { "a number" };
                let why = format!("{name}: expected {kind} from {least} to {most}, found {value}");
                return Err(QuotingError::Taker(why));
            }
            values[at] = value;
        }
        let [threshold, levels, quantity, hold_s] = values;
        Ok(Self { threshold, levels, quantity, hold_s })
    }
}

/// Buys at the ask when bids outweigh asks, sells at the bid when asks do, and leaves after a while.
#[derive(Clone, Debug)]
pub struct Taker {
    params: TakerParams,
    /// Which instruments it has entered, by id.
    held: Vec<bool>,
}

impl Taker {
    /// The market data that it must be subscribed to.
    pub const FEEDS: Feeds = Feeds { book: true, quote: false, trade: false, bar: false, indicative: false };

    /// Makes one for a run with so many instruments.
    #[must_use]
    pub fn new(params: TakerParams, instruments: usize) -> Self {
        Self { params, held: vec![false; instruments] }
    }
}

impl Strategy for Taker {
    fn on_book(&mut self, book: &BookView, desk: &mut Desk) -> Result<(), StrategyFault> {
        desk.set_time(book.time);
        let TakerParams { threshold, levels, quantity, hold_s } = self.params;
        if self.held[book.instrument.index()] {
            return Ok(());
        }
        let lean = book.imbalance(levels as usize);
        let (Some(bid), Some(ask)) = (book.bids().first(), book.asks().first()) else { return Ok(()) };
        if lean.abs() < threshold {
            return Ok(());
        }
        self.held[book.instrument.index()] = true;
        let (side, price) = if lean > 0.0 { (Side::Buy, ask.price) } else { (Side::Sell, bid.price) };
        let ticket = Ticket::limit(book.instrument, side, Qty(quantity as u64), price);
        desk.submit(Ticket { time_in_force: TimeInForce::Ioc, ..ticket });
        let until = desk.time().plus((hold_s * 1e9) as i64);
        desk.set_timer(TimerId(book.instrument.0), until);
        Ok(())
    }

    fn on_timer(&mut self, timer: &TimerFired, desk: &mut Desk) -> Result<(), StrategyFault> {
        let instrument = InstrumentId(timer.timer.0);
        let position = desk.holding(instrument).quantity;
        if position != 0 {
            let side = if position > 0 { Side::Sell } else { Side::Buy };
            desk.submit(Ticket::market(instrument, side, Qty(position.unsigned_abs())));
        }
        self.held[instrument.index()] = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_held_to_their_table() {
        let said = |pairs: &[(&str, f64)]| TakerParams::from_pairs(pairs.iter().copied()).unwrap_err().to_string();
        assert_eq!(TakerParams::from_pairs([("levels", 1.0)]).unwrap().levels, 1.0);
        assert!(said(&[("depth", 1.0)]).ends_with("it has threshold, levels, quantity, hold_s"));
        assert!(said(&[("levels", 1.5)]).ends_with("expected a whole number from 1 to 10, found 1.5"));
        assert!(said(&[("threshold", f64::NAN)]).ends_with("from 0 to 1, found NaN"));
        assert!(said(&[("hold_s", 1.0), ("hold_s", 1.0)]).ends_with("given twice; give it once"));
    }
}
