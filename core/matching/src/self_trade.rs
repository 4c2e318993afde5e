//! Self-trade prevention: what becomes of two orders of one account that meet.

use omni_port::Sink;
use omni_types::{Event, ExecType, ExecutionReport, Qty, Refusal, SelfTrade, Time};

use crate::Exchange;
use crate::spot::Spot;
use crate::taker::Taker;

impl Exchange {
    /// Does what the arriving order wants with a resting one of its account; returns whether the arriving order ends.
    #[cold]
    pub(crate) fn prevent<S: Sink>(&mut self, taker: &mut Taker, spot: Spot, time: Time, sink: &mut S) -> bool {
        match taker.order.self_trade {
            SelfTrade::CancelNewest => true,
            SelfTrade::CancelOldest => {
                self.pull_and_report(spot, Refusal::SelfTrade, time, sink);
                false
            }
            SelfTrade::CancelBoth => {
                self.pull_and_report(spot, Refusal::SelfTrade, time, sink);
                true
            }
            SelfTrade::Decrement => {
                let quantity = taker.leaves.min(self.leaves(&self.order(spot)));
                self.decrement(spot, quantity, time, sink);
                taker.decrement(quantity, time, sink)
            }
        }
    }

    /// Takes a quantity off a resting order, which ends where nothing is left.
    fn decrement<S: Sink>(&mut self, spot: Spot, quantity: Qty, time: Time, sink: &mut S) {
        if quantity == self.leaves(&self.order(spot)) {
            return self.pull_and_report(spot, Refusal::SelfTrade, time, sink);
        }
        self.lessen(spot, quantity);
        let base = self.resting(&self.order(spot), self.price(spot), time);
        sink.event(&restated(base, quantity));
    }
}

impl Taker {
    /// Takes a quantity off the order; returns whether that is all of it, in which case its end is left to report.
    fn decrement<S: Sink>(&mut self, quantity: Qty, time: Time, sink: &mut S) -> bool {
        if quantity == self.leaves {
            return true;
        }
        self.leaves.0 -= quantity.0;
        self.order.quantity.0 -= quantity.0;
        sink.event(&restated(self.report(time), quantity));
        false
    }
}

const fn restated(base: ExecutionReport, quantity: Qty) -> Event {
    let exec_type = ExecType::Restated;
    Event::Report(ExecutionReport { exec_type, reason: Refusal::SelfTrade, last_quantity: quantity, ..base })
}
