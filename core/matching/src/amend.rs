//! Amends: a smaller quantity keeps its place, a new price or a larger quantity loses it.

use omni_book::{Order, Slot};
use omni_port::Sink;
use omni_types::{
    AmendOrder, ClientOrderId, Event, ExecType, ExecutionReport, NewOrder, OrderType, Price, Qty, Refusal, Time,
    TradingState,
};

use crate::Exchange;
use crate::exchange::refusal;
use crate::report::{post_only, resting, self_trade, time_in_force};
use crate::taker::Taker;

impl Exchange {
    pub(crate) fn amend_order<S: Sink>(&mut self, amend: &AmendOrder, time: Time, sink: &mut S) {
        let Some(slot) = self.find(amend.session, amend.client_order_id) else {
            let report = ExecutionReport::unknown_order(amend.session, amend.client_order_id, time);
            return sink.event(&Event::Report(report));
        };
        let (order, price) = (*self.books.order(slot), self.books.price(slot));
        if let Err(reason) = self.admit_amend(&order, price, amend) {
            let base = resting(&order, price, time);
            let report = ExecutionReport { exec_type: ExecType::CancelRejected, reason, ..base };
            return sink.event(&Event::Report(report));
        }
        if keeps_place(&order, price, amend) {
            self.shrink(slot, amend, time, sink);
        } else {
            self.move_order(slot, amend, time, sink);
        }
        self.publish(order.instrument, time, sink);
    }

    fn admit_amend(&self, order: &Order, price: Price, amend: &AmendOrder) -> Result<(), Refusal> {
        let listing = self.listing(order.instrument).ok_or(Refusal::UnknownInstrument)?;
        if listing.state != TradingState::Open {
            return Err(Refusal::MarketClosed);
        }
        if !listing.accepts_quantity(amend.quantity) {
            return Err(Refusal::InvalidQuantity);
        }
        if !listing.accepts_price(amend.price) {
            return Err(Refusal::InvalidPrice);
        }
        if amend.quantity <= order.filled {
            return Err(Refusal::BelowFilled);
        }
        if keeps_place(order, price, amend) {
            return Ok(());
        }
        if post_only(order) && self.would_trade(order.instrument, order.side(), amend.price) {
            return Err(Refusal::WouldTrade);
        }
        // The order's own slot comes free when it moves, but a level at the new price may not.
        self.books.has_level_room(order.instrument, order.side()).map_err(refusal)
    }

    fn shrink<S: Sink>(&mut self, slot: Slot, amend: &AmendOrder, time: Time, sink: &mut S) {
        let order = *self.books.order(slot);
        let less = Qty(order.filled.0 + order.leaves.0 - amend.quantity.0);
        if less > Qty::ZERO {
            self.books.reduce(slot, less);
        }
        let base = resting(self.books.order(slot), amend.price, time);
        sink.event(&Event::Report(ExecutionReport { exec_type: ExecType::Replaced, ..base }));
    }

    fn move_order<S: Sink>(&mut self, slot: Slot, amend: &AmendOrder, time: Time, sink: &mut S) {
        let old = self.pull(slot);
        let taker = Taker {
            order: NewOrder {
                session: old.session,
                client_order_id: ClientOrderId(old.key),
                account: old.account,
                instrument: old.instrument,
                side: old.side(),
                order_type: OrderType::Limit,
                time_in_force: time_in_force(&old),
                post_only: post_only(&old),
                self_trade: self_trade(&old),
                price: amend.price,
                quantity: amend.quantity,
            },
            id: old.id,
            leaves: Qty(amend.quantity.0 - old.filled.0),
            filled: old.filled,
        };
        sink.event(&Event::Report(ExecutionReport { exec_type: ExecType::Replaced, ..taker.report(time) }));
        self.execute(taker, time, sink);
    }
}

fn keeps_place(order: &Order, price: Price, amend: &AmendOrder) -> bool {
    amend.price == price && amend.quantity.0 <= order.filled.0 + order.leaves.0
}
