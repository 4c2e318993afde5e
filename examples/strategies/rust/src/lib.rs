//! A taker that follows the book: buys at the ask when bids outweigh asks, sells at the bid when asks do, and leaves
//! after a while.

use core::ffi::CStr;

use omni_plugin::abi::{CAN_SHOW_BOOK, CAN_TIME, Level, ParameterInfo, Ticket, Timer};
use omni_plugin::{BookView, Desk, Fault, Trader, Values, Wants, number, whole};

/// The parameters' places in `PARAMETERS`.
const THRESHOLD: usize = 0;
const LEVELS: usize = 1;
const QUANTITY: usize = 2;
const HOLD: usize = 3;

struct Leaning {
    threshold: f64,
    levels: usize,
    quantity: u64,
    hold_ns: i64,
    /// Whether it has entered, by instrument.
    held: Vec<bool>,
}

impl Trader for Leaning {
    const NAME: &'static CStr = c"leaning";
    const VERSION: &'static CStr = c"0.1.0";
    const REQUIRED: u64 = CAN_SHOW_BOOK | CAN_TIME;
    const WANTS: Wants = Wants { book: true, ..Wants::NOTHING };
    const PARAMETERS: &'static [ParameterInfo] = &[
        number(c"threshold", c"imbalance from which it trades, 0 to 1", 0.6, (0.0, 1.0)),
        whole(c"levels", c"levels of each side that are weighed", 3.0, (1.0, 10.0)),
        whole(c"quantity", c"size of an entry, in quantity units", 100.0, (1.0, 1e15)),
        number(c"hold_s", c"how long a position is held, in seconds", 30.0, (0.001, 1e6)),
    ];

    fn create(desk: &Desk<'_>, values: &Values<'_>) -> Result<Self, Fault> {
        Ok(Self {
            threshold: values.number(THRESHOLD),
            levels: values.number(LEVELS) as usize,
            quantity: values.number(QUANTITY) as u64,
            hold_ns: (values.number(HOLD) * 1e9) as i64,
            held: vec![false; desk.instrument_count() as usize],
        })
    }

    fn on_book(&mut self, book: &BookView<'_>, desk: &mut Desk<'_>) -> Result<(), Fault> {
        let held = &mut self.held[book.instrument as usize];
        if *held {
            return Ok(());
        }
        let lean = imbalance(book.bids, book.asks, self.levels);
        let (Some(bid), Some(ask)) = (book.bids.first(), book.asks.first()) else { return Ok(()) };
        if lean.abs() < self.threshold {
            return Ok(());
        }
        *held = true;
        let order = |price| Ticket::limit(book.instrument, self.quantity, price).immediate();
        if lean > 0.0 { desk.buy(order(ask.price)) } else { desk.sell(order(bid.price)) };
        desk.set_timer(book.instrument, book.time + self.hold_ns);
        Ok(())
    }

    fn on_timer(&mut self, timer: &Timer, desk: &mut Desk<'_>) -> Result<(), Fault> {
        let position = desk.position(timer.timer);
        let order = Ticket::market(timer.timer, position.unsigned_abs());
        match position {
            0 => {}
            1.. => _ = desk.sell(order),
            _ => _ = desk.buy(order),
        }
        self.held[timer.timer as usize] = false;
        Ok(())
    }
}

/// Returns (bids - asks) / (bids + asks) of the quantities in the first levels.
fn imbalance(bids: &[Level], asks: &[Level], levels: usize) -> f64 {
    let weight = |side: &[Level]| side.iter().take(levels).map(|level| level.quantity as f64).sum::<f64>();
    let (bids, asks) = (weight(bids), weight(asks));
    if bids + asks > 0.0 { (bids - asks) / (bids + asks) } else { 0.0 }
}

omni_plugin::export_plugin!(Leaning);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heavier_side_leads() {
        let side = |quantity| [Level { price: 1, quantity, orders: 1 }];
        assert_eq!(imbalance(&side(3), &side(1), 3), 0.5);
        assert_eq!(imbalance(&[], &side(1), 3), -1.0);
        assert_eq!(imbalance(&[], &[], 3), 0.0);
    }
}
