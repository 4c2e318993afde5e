//! Orders that leave the book without trading.

use omni_book::{Order, mix};
use omni_port::Sink;
use omni_types::{
    ClientOrderId, Event, ExecType, ExecutionReport, InstrumentId, OrdStatus, Price, Qty, Refusal, SessionId, Side,
    Time,
};

use crate::Exchange;
use crate::report::{Told, resting};
use crate::spot::Spot;

impl Exchange {
    /// Takes out a displayed order of a session, looking it up in the index once; returns it and its price.
    #[inline]
    pub(crate) fn pull_by_id(&mut self, session: SessionId, id: ClientOrderId) -> Option<(Order, Price)> {
        let books = &self.books;
        let is_it = |slot| is_it(books.order(slot), session, id);
        let slot = self.index.take(mix(id.0, u64::from(session.0)), is_it)?;
        let price = self.books.price(slot);
        Some((self.books.remove(slot), price))
    }

    /// Takes an order out and reports its end.
    pub(crate) fn pull_and_report<S: Sink>(&mut self, spot: Spot, reason: Refusal, time: Time, sink: &mut S) {
        let price = self.price(spot);
        let order = self.remove(spot);
        self.end(&order, price, reason, time, sink);
    }

    /// Reports that an order that was taken out has ended without trading, and forgets its terms.
    #[inline(always)]
    pub(crate) fn end<S: Sink>(&mut self, order: &Order, price: Price, reason: Refusal, time: Time, sink: &mut S) {
        if order.more != 0 {
            return self.end_special(order, reason, time, sink);
        }
        sink.event(&ended(resting(order, Told::plain(order, price), time), reason));
    }

    #[cold]
    fn end_special<S: Sink>(&mut self, order: &Order, reason: Refusal, time: Time, sink: &mut S) {
        let report = ended(resting(order, self.told_of_special(order.more), time), reason);
        self.forget(order.more);
        sink.event(&report);
    }

    /// Removes every displayed order of an instrument for which `goes` holds, best level first; then the others.
    pub(crate) fn sweep<S: Sink>(
        &mut self,
        instrument: InstrumentId,
        goes: impl Fn(&Self, &Order) -> bool,
        reason: Refusal,
        time: Time,
        sink: &mut S,
    ) {
        for side in Side::BOTH {
            let mut behind = 0;
            while let Some(level) = self.books.nth(instrument, side, behind) {
                let (mut next, price) = (Some(self.books.front(level)), level.price);
                while let Some(slot) = next {
                    next = self.books.behind(slot);
                    if goes(self, self.books.order(slot)) {
                        self.pull_and_report(Spot::Lit(slot), reason, time, sink);
                    }
                }
                behind += usize::from(self.books.level(instrument, side, price).is_some());
            }
        }
        for slot in 0..self.held.books().slots() {
            let order = self.held.books().get(slot).map(|_| self.held.order(slot));
            if order.is_some_and(|order| order.instrument == instrument && goes(self, &order)) {
                self.pull_and_report(Spot::Held(slot), reason, time, sink);
            }
        }
        self.settle(instrument, time, sink);
        self.publish(instrument, time, sink);
    }
}

#[inline(always)]
fn ended(base: ExecutionReport, reason: Refusal) -> Event {
    let (exec_type, status) = match reason {
        Refusal::MarketClosed | Refusal::TimeOver | Refusal::NoLiquidity => (ExecType::Expired, OrdStatus::Expired),
        _ => (ExecType::Cancelled, OrdStatus::Cancelled),
    };
    Event::Report(ExecutionReport { exec_type, status, reason, leaves: Qty::ZERO, ..base })
}

#[inline]
pub(crate) fn is_it(order: &Order, session: SessionId, id: ClientOrderId) -> bool {
    order.key == id.0 && order.session == session
}
