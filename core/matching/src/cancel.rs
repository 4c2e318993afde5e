//! Orders that leave the book without trading.

use omni_book::{Order, Slot, mix};
use omni_port::Sink;
use omni_types::{
    ClientOrderId, Event, ExecType, ExecutionReport, InstrumentId, OrdStatus, Price, Qty, Refusal, SessionId, Side,
    Time,
};

use crate::Exchange;
use crate::report::resting;

impl Exchange {
    /// Takes an order out of the book and its index.
    #[inline]
    pub(crate) fn pull(&mut self, slot: Slot) -> Order {
        let order = self.books.remove(slot);
        self.index.remove(mix(order.key, u64::from(order.session.0)), slot);
        order
    }

    /// Takes out a session's order, looking it up in the index once; returns it and its price.
    #[inline]
    pub(crate) fn pull_by_id(&mut self, session: SessionId, id: ClientOrderId) -> Option<(Order, Price)> {
        let books = &self.books;
        let is_it = |slot| is_it(books.order(slot), session, id);
        let slot = self.index.take(mix(id.0, u64::from(session.0)), is_it)?;
        let price = self.books.price(slot);
        Some((self.books.remove(slot), price))
    }

    pub(crate) fn pull_and_report<S: Sink>(&mut self, slot: Slot, reason: Refusal, time: Time, sink: &mut S) {
        let price = self.books.price(slot);
        let order = self.pull(slot);
        report_end(&order, price, reason, time, sink);
    }

    /// Removes every order of an instrument for which `goes` holds, best level first.
    pub(crate) fn sweep<S: Sink>(
        &mut self,
        instrument: InstrumentId,
        goes: impl Fn(&Order) -> bool,
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
                    if goes(self.books.order(slot)) {
                        self.pull_and_report(slot, reason, time, sink);
                    }
                }
                behind += usize::from(self.books.level(instrument, side, price).is_some());
            }
        }
        self.publish(instrument, time, sink);
    }
}

#[inline]
pub(crate) fn is_it(order: &Order, session: SessionId, id: ClientOrderId) -> bool {
    order.key == id.0 && order.session == session
}

/// Reports that an order has left the book without trading.
#[inline]
pub(crate) fn report_end<S: Sink>(order: &Order, price: Price, reason: Refusal, time: Time, sink: &mut S) {
    let (exec_type, status) = match reason {
        Refusal::MarketClosed => (ExecType::Expired, OrdStatus::Expired),
        _ => (ExecType::Cancelled, OrdStatus::Cancelled),
    };
    let base = resting(order, price, time);
    sink.event(&Event::Report(ExecutionReport { exec_type, status, reason, leaves: Qty::ZERO, ..base }));
}
