//! The exchange as a venue.

use std::sync::Arc;

use omni_book::{Order, Slot};
use omni_port::{Depth, Listing, OrderView, Selection, Sink, Stage, Venue};
use omni_types::{
    AmendOrder, Bar, Body, BookDelta, CancelOrder, ClientOrderId, Digest, Event, ExecutionReport, Instrument,
    InstrumentId, MarketStatus, NewOrder, OrderId, Qty, Quote, Refusal, SessionId, Side, SnapshotError, SnapshotReader,
    SnapshotWriter, TickTable, Time, TimeInForce, TopOfBook, TradeTick, TradingState,
};

use crate::Exchange;
use crate::cancel::report_end;
use crate::report::time_in_force;
use crate::taker::Taker;

impl Exchange {
    /// Checks that an instrument's slot is the next one, and there.
    fn next_slot(&self, id: InstrumentId) -> Result<(), Refusal> {
        let next = id.index() == self.listings.len() && id.index() < self.books.instruments();
        if next { Ok(()) } else { Err(Refusal::UnknownInstrument) }
    }

    fn view(&self, slot: Slot) -> OrderView {
        let order = self.books.order(slot);
        OrderView {
            session: order.session,
            client_order_id: ClientOrderId(order.key),
            order_id: order.id,
            account: order.account,
            instrument: order.instrument,
            side: order.side(),
            price: self.books.price(slot),
            leaves: order.leaves,
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
        Ok(())
    }

    #[inline]
    fn submit<S: Sink>(&mut self, order: &NewOrder, time: Time, sink: &mut S) {
        if let Err(reason) = self.admit(order) {
            return sink.event(&Event::Report(ExecutionReport::rejected(order, reason, time)));
        }
        self.order_id += 1;
        let id = OrderId(self.order_id);
        sink.event(&Event::Report(ExecutionReport::accepted(order, id, time)));
        let taker = Taker { order: *order, id, leaves: order.quantity, filled: Qty::ZERO };
        self.execute(taker, time, sink);
        self.publish(order.instrument, time, sink);
    }

    #[inline]
    fn cancel<S: Sink>(&mut self, cancel: &CancelOrder, time: Time, sink: &mut S) {
        let Some((order, price)) = self.pull_by_id(cancel.session, cancel.client_order_id) else {
            let report = ExecutionReport::unknown_order(cancel.session, cancel.client_order_id, time);
            return sink.event(&Event::Report(report));
        };
        report_end(&order, price, Refusal::None, time, sink);
        self.publish(order.instrument, time, sink);
    }

    fn amend<S: Sink>(&mut self, amend: &AmendOrder, time: Time, sink: &mut S) {
        self.amend_order(amend, time, sink);
    }

    fn cancel_all<S: Sink>(&mut self, selection: Selection, reason: Refusal, time: Time, sink: &mut S) {
        let takes = |order: &Order| selection.takes(order.session, order.account, order.instrument);
        if let Some(instrument) = selection.instrument {
            if self.listing(instrument).is_some() {
                self.sweep(instrument, takes, reason, time, sink);
            }
            return;
        }
        for slot in 0..self.books.slots() {
            if let Some(instrument) = self.books.get(slot).filter(|order| takes(order)).map(|order| order.instrument) {
                self.pull_and_report(slot, reason, time, sink);
                self.publish(instrument, time, sink);
            }
        }
    }

    fn set_state<S: Sink>(&mut self, instrument: InstrumentId, state: TradingState, time: Time, sink: &mut S) {
        let Some(listing) = self.listings.get_mut(instrument.index()) else { return };
        listing.state = state;
        sink.event(&Event::Status(MarketStatus { time, instrument, state }));
        if state == TradingState::Closed {
            let day = |order: &Order| time_in_force(order) == TimeInForce::Day;
            self.sweep(instrument, day, Refusal::MarketClosed, time, sink);
        }
    }

    fn set_ticks(&mut self, instrument: InstrumentId, table: &Arc<TickTable>) {
        if let Some(listing) = self.listings.get_mut(instrument.index()) {
            listing.set_ticks(table);
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
        self.find(session, client_order_id).map(|slot| self.view(slot))
    }

    fn for_each_order(&self, selection: Selection, each: &mut dyn FnMut(&OrderView)) {
        for (slot, order) in self.books.resting() {
            if selection.takes(order.session, order.account, order.instrument) {
                each(&self.view(slot));
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
            digest.pair(at as u64, listing.state as u64);
            listing.digest(digest);
            for side in Side::BOTH {
                for level in self.books.levels(InstrumentId(at as u32), side) {
                    digest.pair(level.price.0 as u64, level.quantity.0);
                    for (_, order) in self.books.queue(level) {
                        digest.pair(order.key, order.id.0);
                        digest.pair(order.leaves.0, order.filled.0);
                        let owner = u64::from(order.account.0) << 32 | u64::from(order.session.0);
                        digest.pair(owner, order.flags.into());
                    }
                }
            }
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
