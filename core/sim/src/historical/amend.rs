//! Amends: a smaller quantity keeps its place, a new price or a larger quantity loses it.

use omni_book::Order;
use omni_port::Sink;
use omni_types::{AmendOrder, Event, ExecType, ExecutionReport, NewOrder, Price, Qty, Refusal, Time, TradingState};

use super::Historical;
use super::report::{at_market, command, open};

impl Historical {
    pub(super) fn amend_order<S: Sink>(&mut self, amend: &AmendOrder, time: Time, sink: &mut S) {
        let Some(slot) = self.own.find(amend.session, amend.client_order_id) else {
            let report = ExecutionReport::unknown_order(amend.session, amend.client_order_id, time);
            return sink.event(&Event::Report(report));
        };
        let (order, at) = (*self.own.books.order(slot), self.own.books.price(slot));
        if let Err(reason) = self.admit_amend(&order, at, amend) {
            let report = ExecutionReport { exec_type: ExecType::CancelRejected, reason, ..open(&order, at, time) };
            return sink.event(&Event::Report(report));
        }
        if keeps_place(&order, at, amend) {
            let less = order.filled.0 + order.leaves.0 - amend.quantity.0;
            if less > 0 {
                self.own.books.reduce(slot, Qty(less));
            }
            let base = open(self.own.books.order(slot), at, time);
            return sink.event(&Event::Report(ExecutionReport { exec_type: ExecType::Replaced, ..base }));
        }
        let moved = amended(&order, at, amend);
        let old = self.own.pull(slot);
        let base = ExecutionReport {
            leaves: Qty(moved.quantity.0 - old.filled.0),
            filled: old.filled,
            status: open(&old, at, time).status,
            ..ExecutionReport::accepted(&moved, old.id, time)
        };
        sink.event(&Event::Report(ExecutionReport { exec_type: ExecType::Replaced, ..base }));
        self.enter(&moved, old.id, old.filled, time, sink);
    }

    fn admit_amend(&self, order: &Order, at: Price, amend: &AmendOrder) -> Result<(), Refusal> {
        let market = self.markets.get(order.instrument.index()).ok_or(Refusal::UnknownInstrument)?;
        if market.listing.state != TradingState::Open {
            return Err(Refusal::MarketClosed);
        }
        if !market.listing.accepts_quantity(amend.quantity) {
            return Err(Refusal::InvalidQuantity);
        }
        if !at_market(order.side(), at) && !market.listing.accepts_price(amend.price) {
            return Err(Refusal::InvalidPrice);
        }
        if amend.quantity <= order.filled {
            return Err(Refusal::BelowFilled);
        }
        if keeps_place(order, at, amend) {
            return Ok(());
        }
        let moved = amended(order, at, amend);
        if !self.sums(&moved) {
            return Err(Refusal::InvalidQuantity);
        }
        if moved.post_only && self.would_trade(order.instrument, order.side(), amend.price) {
            return Err(Refusal::WouldTrade);
        }
        self.own.room(order.instrument, order.side(), true)
    }
}

fn keeps_place(order: &Order, at: Price, amend: &AmendOrder) -> bool {
    (amend.price == at || at_market(order.side(), at)) && amend.quantity.0 <= order.filled.0 + order.leaves.0
}

/// Returns the command that the order would now have come from; the price of a market order isn't read.
fn amended(order: &Order, at: Price, amend: &AmendOrder) -> NewOrder {
    let old = command(order, at);
    let price = if at_market(order.side(), at) { old.price } else { amend.price };
    NewOrder { price, quantity: amend.quantity, ..old }
}
