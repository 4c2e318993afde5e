//! Amends: a smaller quantity keeps its place, a new price or a larger quantity loses it.

use omni_book::Order;
use omni_port::Sink;
use omni_types::{
    AmendOrder, Event, ExecType, ExecutionReport, InstrumentId, NewOrder, OrderType, Price, Qty, Refusal, Terms, Time,
    TradingState,
};

use crate::Exchange;
use crate::exchange::refusal;
use crate::held::Shelf;
use crate::report::post_only;
use crate::spot::Spot;
use crate::taker::Taker;

impl Exchange {
    pub(crate) fn amend_order<S: Sink>(&mut self, amend: &AmendOrder, time: Time, sink: &mut S) {
        let Some(spot) = self.find(amend.session, amend.client_order_id) else {
            let report = ExecutionReport::unknown_order(amend.session, amend.client_order_id, time);
            return sink.event(&Event::Report(report));
        };
        let (order, price) = (self.order(spot), self.price(spot));
        let keeps = self.keeps_place(&order, price, amend);
        if let Err(reason) = self.admit_amend(&order, keeps, amend) {
            let base = self.resting(&order, price, time);
            let report = ExecutionReport { exec_type: ExecType::CancelRejected, reason, ..base };
            return sink.event(&Event::Report(report));
        }
        if keeps {
            self.shrink(spot, amend, time, sink);
        } else {
            self.move_order(spot, amend, time, sink);
        }
        self.settle(order.instrument, time, sink);
        self.publish(order.instrument, time, sink);
    }

    fn keeps_place(&self, order: &Order, price: Price, amend: &AmendOrder) -> bool {
        let limit = if order.more == 0 { price } else { self.specials.get(order.more).limit };
        amend.price == limit && amend.quantity.0 <= order.filled.0 + self.leaves(order).0
    }

    fn admit_amend(&self, order: &Order, keeps: bool, amend: &AmendOrder) -> Result<(), Refusal> {
        let listing = self.listing(order.instrument).ok_or(Refusal::UnknownInstrument)?;
        if listing.state != TradingState::Open && !listing.state.is_call() {
            return Err(Refusal::MarketClosed);
        }
        // Without a limit there is no price to amend: such an order is cancelled and sent anew.
        if order.more != 0 && self.specials.get(order.more).order_type == OrderType::Market {
            return Err(Refusal::UnsupportedOrder);
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
        if keeps {
            return Ok(());
        }
        let open = listing.state == TradingState::Open;
        if open && post_only(order) && self.would_trade(order.instrument, order.side(), amend.price) {
            return Err(Refusal::WouldTrade);
        }
        // The order's own slot comes free when it moves, but a level at the new price may not.
        self.books.has_level_room(order.instrument, order.side()).map_err(refusal)
    }

    fn shrink<S: Sink>(&mut self, spot: Spot, amend: &AmendOrder, time: Time, sink: &mut S) {
        let order = self.order(spot);
        let less = Qty(order.filled.0 + self.leaves(&order).0 - amend.quantity.0);
        if less > Qty::ZERO {
            self.lessen(spot, less);
        }
        let base = self.resting(&self.order(spot), self.price(spot), time);
        sink.event(&Event::Report(ExecutionReport { exec_type: ExecType::Replaced, ..base }));
    }

    fn move_order<S: Sink>(&mut self, spot: Spot, amend: &AmendOrder, time: Time, sink: &mut S) {
        let shelf = match spot {
            Spot::Lit(_) => None,
            Spot::Held(slot) => Some(self.held.shelf(slot)),
        };
        let at = self.price(spot);
        let (taker, terms) = self.take_up(spot);
        let leaves = Qty(amend.quantity.0 - taker.filled.0);
        let asked = NewOrder { price: amend.price, quantity: amend.quantity, ..taker.order };
        let taker = Taker::new(asked, taker.id, leaves, taker.filled);
        sink.event(&Event::Report(ExecutionReport { exec_type: ExecType::Replaced, ..taker.report(time) }));
        match shelf {
            None if terms == Terms::NONE && self.is_open(taker.order.instrument) => self.execute(taker, time, sink),
            Some(Shelf::Stop) => self.hold_or_end((Shelf::Stop, at), &taker, terms, time, sink),
            _ => self.enter(taker, terms, time, sink),
        }
    }

    fn is_open(&self, instrument: InstrumentId) -> bool {
        self.listings[instrument.index()].state == TradingState::Open
    }
}
