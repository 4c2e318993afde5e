//! The exchange as a venue.

use std::sync::Arc;

use omni_book::Order;
use omni_port::{Depth, Listing, OrderView, Selection, Sink, Stage, Venue};
use omni_types::{
    Adjust, AmendOrder, Bar, Body, BookDelta, CancelOrder, ClientOrderId, Digest, Event, ExecutionReport, Instrument,
    InstrumentId, NewOrder, OrderId, Qty, Quote, Refusal, SessionId, Side, SnapshotError, SnapshotReader,
    SnapshotWriter, SpecialOrder, Terms, TickTable, Time, TimeInForce, TopOfBook, TradeTick, TradingState,
};

use crate::Exchange;
use crate::exchange::NEVER;
use crate::held::Shelf;
use crate::spot::Spot;
use crate::taker::Taker;

impl Exchange {
    /// Checks that an instrument's slot is the next one, and there.
    fn next_slot(&self, id: InstrumentId) -> Result<(), Refusal> {
        let next = id.index() == self.listings.len() && id.index() < self.books.instruments();
        if next { Ok(()) } else { Err(Refusal::UnknownInstrument) }
    }

    /// Returns whether an order can't go the short way: what it asks for, or a call that gathers orders.
    #[inline]
    fn is_special(&self, order: &NewOrder) -> bool {
        order.time_in_force as u8 > TimeInForce::Fok as u8
            || self.listing(order.instrument).is_some_and(|listing| listing.state.is_call())
    }

    /// Cancels an order that isn't displayed, if there is one.
    fn cancel_unseen<S: Sink>(&mut self, cancel: &CancelOrder, time: Time, sink: &mut S) {
        let Some(spot) = self.find(cancel.session, cancel.client_order_id) else {
            let report = ExecutionReport::unknown_order(cancel.session, cancel.client_order_id, time);
            return sink.event(&Event::Report(report));
        };
        let instrument = self.order(spot).instrument;
        self.pull_and_report(spot, Refusal::None, time, sink);
        self.publish(instrument, time, sink);
    }

    fn holds(&self, instrument: InstrumentId) -> bool {
        let each = Shelf::ALL.into_iter().flat_map(|shelf| Side::BOTH.map(|side| (shelf, side)));
        each.into_iter().any(|(shelf, side)| self.held.first(instrument, shelf, side).is_some())
    }

    fn get(&self, spot: Spot) -> Option<Order> {
        match spot {
            Spot::Lit(slot) => self.books.get(slot).copied(),
            Spot::Held(slot) => self.held.books().get(slot).map(|_| self.held.order(slot)),
        }
    }

    fn digest_special(&self, order: &Order, digest: &mut Digest) {
        if order.more != 0 {
            let special = self.specials.get(order.more);
            digest.terms(&special.terms);
            digest.pair(special.limit.0 as u64, special.reserve.0);
            digest.pair(special.order_type as u64, special.time_in_force as u64);
        }
    }

    fn view(&self, spot: Spot) -> OrderView {
        let order = self.order(spot);
        let (price, leaves) = match order.more {
            0 => (self.price(spot), order.leaves),
            more => (self.specials.get(more).limit, self.leaves(&order)),
        };
        OrderView {
            session: order.session,
            client_order_id: ClientOrderId(order.key),
            order_id: order.id,
            account: order.account,
            instrument: order.instrument,
            side: order.side(),
            price,
            leaves,
            filled: order.filled,
        }
    }
}

impl Venue for Exchange {
    #[inline]
    fn check(&self, body: &Body) -> Result<(), Refusal> {
        match body {
            Body::List(instrument) => self.next_slot(instrument.id),
            Body::Book(_) | Body::Quote(_) | Body::Trade(_) | Body::Bar(_) => Err(Refusal::UnsupportedOrder),
            _ => Ok(()),
        }
    }

    fn list(&mut self, instrument: &Instrument) -> Result<(), Refusal> {
        self.next_slot(instrument.id)?;
        self.listings.push(Listing::new(instrument));
        self.tops.push(TopOfBook::default());
        self.lasts.push(NEVER);
        Ok(())
    }

    #[inline]
    fn submit<S: Sink>(&mut self, order: &NewOrder, time: Time, sink: &mut S) {
        if self.is_special(order) {
            return self.arrive(&SpecialOrder { order: *order, terms: Terms::NONE }, time, sink);
        }
        if let Err(reason) = self.admit(order) {
            return sink.event(&Event::Report(ExecutionReport::rejected(order, reason, time)));
        }
        self.order_id += 1;
        let id = OrderId(self.order_id);
        sink.event(&Event::Report(ExecutionReport::accepted(order, id, time)));
        self.execute(Taker::new(*order, id, order.quantity, Qty::ZERO), time, sink);
        self.settle(order.instrument, time, sink);
        self.publish(order.instrument, time, sink);
    }

    fn submit_special<S: Sink>(&mut self, special: &SpecialOrder, time: Time, sink: &mut S) {
        if special.terms == Terms::NONE {
            return self.submit(&special.order, time, sink);
        }
        self.arrive(special, time, sink);
    }

    #[inline]
    fn next_deadline(&self) -> Option<Time> {
        self.expiries.next()
    }

    fn pass_deadline<S: Sink>(&mut self, time: Time, sink: &mut S) {
        self.expire(time, sink);
    }

    #[inline]
    fn cancel<S: Sink>(&mut self, cancel: &CancelOrder, time: Time, sink: &mut S) {
        let Some((order, price)) = self.pull_by_id(cancel.session, cancel.client_order_id) else {
            return self.cancel_unseen(cancel, time, sink);
        };
        self.end(&order, price, Refusal::None, time, sink);
        self.settle(order.instrument, time, sink);
        self.publish(order.instrument, time, sink);
    }

    fn amend<S: Sink>(&mut self, amend: &AmendOrder, time: Time, sink: &mut S) {
        self.amend_order(amend, time, sink);
    }

    fn cancel_all<S: Sink>(&mut self, selection: Selection, reason: Refusal, time: Time, sink: &mut S) {
        let takes = |order: &Order| selection.takes(order.session, order.account, order.instrument, order.side());
        if let Some(instrument) = selection.instrument {
            if self.listing(instrument).is_some() {
                self.sweep(instrument, |_, order| takes(order), reason, time, sink);
            }
            return;
        }
        let lit = (0..self.books.slots()).map(Spot::Lit);
        for spot in lit.chain((0..self.held.books().slots()).map(Spot::Held)) {
            if let Some(order) = self.get(spot).filter(|order| takes(order)) {
                self.pull_and_report(spot, reason, time, sink);
                self.publish(order.instrument, time, sink);
            }
        }
        // What follows comes after, so that no order moves to where it would be passed over.
        if self.held.is_empty() {
            return;
        }
        for id in (0..self.listings.len() as u32).map(InstrumentId) {
            if self.holds(id) {
                self.settle(id, time, sink);
                self.publish(id, time, sink);
            }
        }
    }

    fn set_state<S: Sink>(&mut self, instrument: InstrumentId, state: TradingState, time: Time, sink: &mut S) {
        self.enter_state(instrument, state, time, sink);
    }

    fn set_ticks(&mut self, instrument: InstrumentId, table: &Arc<TickTable>) {
        if let Some(listing) = self.listings.get_mut(instrument.index()) {
            listing.set_ticks(table);
        }
    }

    fn adjust<S: Sink>(&mut self, adjust: &Adjust, _: Time, _: &mut S) {
        // What traded before says nothing of where stops and auctions stand now.
        if let Some(last) = self.lasts.get_mut(adjust.instrument.index()) {
            *last = NEVER;
        }
    }

    fn on_book<S: Sink>(&mut self, _: &BookDelta, _: Time, _: &mut S) -> Result<(), Refusal> {
        Err(Refusal::UnsupportedOrder)
    }

    fn on_quote<S: Sink>(&mut self, _: &Quote, _: &mut S) -> Result<(), Refusal> {
        Err(Refusal::UnsupportedOrder)
    }

    fn on_trade<S: Sink>(&mut self, _: &TradeTick, _: &mut S) -> Result<(), Refusal> {
        Err(Refusal::UnsupportedOrder)
    }

    fn on_bar<S: Sink>(&mut self, _: &Bar, _: &mut S) -> Result<(), Refusal> {
        Err(Refusal::UnsupportedOrder)
    }

    fn order(&self, session: SessionId, client_order_id: ClientOrderId) -> Option<OrderView> {
        self.find(session, client_order_id).map(|spot| self.view(spot))
    }

    fn for_each_order(&self, selection: Selection, each: &mut dyn FnMut(&OrderView)) {
        let lit = self.books.resting().map(|(slot, _)| Spot::Lit(slot));
        for spot in lit.chain(self.held.books().resting().map(|(slot, _)| Spot::Held(slot))) {
            let order = self.order(spot);
            if selection.takes(order.session, order.account, order.instrument, order.side()) {
                each(&self.view(spot));
            }
        }
    }

    fn state(&self, instrument: InstrumentId) -> TradingState {
        self.listings.get(instrument.index()).map_or(TradingState::Closed, |listing| listing.state)
    }

    #[inline]
    fn top(&self, instrument: InstrumentId) -> TopOfBook {
        if instrument.index() < self.listings.len() { self.books.top(instrument) } else { TopOfBook::default() }
    }

    fn depth(&self, instrument: InstrumentId, side: Side, levels: usize) -> impl Iterator<Item = Depth> {
        let listed = instrument.index() < self.listings.len();
        let levels = if listed { levels } else { 0 };
        let instrument = if listed { instrument } else { InstrumentId(0) };
        let each =
            |level: &omni_book::Level| Depth { price: level.price, quantity: level.quantity, orders: level.orders };
        self.books.levels(instrument, side).take(levels).map(each)
    }

    fn digest(&self, digest: &mut Digest) {
        digest.pair(self.order_id, self.trade_id);
        for (at, listing) in self.listings.iter().enumerate() {
            digest.pair(at as u64 | (listing.state as u64) << 32, self.lasts[at].0 as u64);
            listing.digest(digest);
            for side in Side::BOTH {
                for level in self.books.levels(InstrumentId(at as u32), side) {
                    digest.pair(level.price.0 as u64, level.quantity.0);
                    for (_, order) in self.books.queue(level) {
                        digest.pair(order.key, order.id.0);
                        digest.pair(order.leaves.0, order.filled.0);
                        let owner = u64::from(order.account.0) << 32 | u64::from(order.session.0);
                        digest.pair(owner, order.flags.into());
                        self.digest_special(order, digest);
                    }
                }
            }
        }
        for (slot, order) in self.held.books().resting() {
            digest.pair(order.key, order.id.0);
            digest.pair(order.leaves.0, order.filled.0);
            let owner = u64::from(order.account.0) << 32 | u64::from(order.session.0);
            digest.pair(owner, u64::from(order.instrument.0) << 32 | u64::from(order.flags));
            digest.pair(self.held.price(slot).0 as u64, slot.into());
            self.digest_special(order, digest);
        }
    }

    #[inline]
    fn prefetch(&self, body: &Body, stage: Stage) {
        self.look_ahead(body, stage);
    }

    fn encode(&self, bytes: &mut Vec<u8>) -> Result<(), SnapshotError> {
        self.write(&mut SnapshotWriter::new(bytes));
        Ok(())
    }

    fn decode(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut reader = SnapshotReader::new(bytes);
        let exchange = Self::read(&mut reader)?;
        reader.end().map(|()| exchange)
    }
}
