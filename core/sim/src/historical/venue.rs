//! The simulator as a venue.

use std::sync::Arc;

use omni_port::{Depth, OrderView, Selection, Sink, Venue};
use omni_types::{
    Action, Adjust, AmendOrder, Bar, Body, BookChange, BookDelta, CancelOrder, ClientOrderId, Digest, Event,
    ExecutionReport, Instrument, InstrumentId, MarketStatus, NewOrder, Price, Qty, Quote, Refusal, SessionId, Side,
    SnapshotError, SnapshotReader, SnapshotWriter, TickTable, Time, TimeInForce, TopOfBook, TradeTick, TradingState,
};

use super::bar::Candidate;
use super::market::Market;
use super::own::{Own, UNSEEN};
use super::recorded::Recorded;
use super::report::time_in_force;
use super::{Config, Data, Statistics};

/// A venue whose market is recorded; see the [rules](crate::historical).
#[derive(Clone, Debug)]
pub struct Historical {
    pub(super) config: Config,
    pub(super) markets: Vec<Market>,
    /// What instruments fill from, listed or not.
    pub(super) data: Vec<Data>,
    pub(super) recorded: Recorded,
    pub(super) own: Own,
    pub(super) candidates: Vec<Candidate>,
    pub(super) statistics: Statistics,
    pub(super) order_id: u64,
    pub(super) trade_id: u64,
}

impl Historical {
    /// Reserves memory for the configured capacity; nothing is allocated after.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let own = config.capacity.own();
        Self {
            config,
            markets: Vec::with_capacity(own.instruments),
            data: vec![config.data; own.instruments],
            recorded: Recorded::new(config.capacity.recorded()),
            own: Own::new(own),
            candidates: Vec::with_capacity(own.orders),
            statistics: Statistics::default(),
            order_id: 0,
            trade_id: 0,
        }
    }

    /// Says what an instrument's fills are made from, before it is listed.
    ///
    /// # Errors
    /// [`Refusal::UnknownInstrument`] when there is no such slot, or it is listed already.
    pub fn record(&mut self, instrument: InstrumentId, data: Data) -> Result<(), Refusal> {
        let slot = self.data.get_mut(instrument.index()).ok_or(Refusal::UnknownInstrument)?;
        if instrument.index() < self.markets.len() {
            return Err(Refusal::UnknownInstrument);
        }
        *slot = data;
        Ok(())
    }

    pub(super) fn uses(&self, data: Data) -> bool {
        if self.markets.is_empty() { self.data.contains(&data) } else { self.markets.iter().any(|m| m.data == data) }
    }

    /// Returns what was counted so far.
    #[must_use]
    pub const fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Returns the recorded order-by-order books.
    #[must_use]
    pub const fn books(&self) -> &omni_book::Level3 {
        self.recorded.books()
    }

    /// Returns the recorded quantity ahead of an open order at its price: exact for recorded orders, estimated for
    /// quotes, declared for trades; `None` for an unknown order, one on bars, one whose price has not been the displayed
    /// best yet, and one on trades that only a trade through its price fills.
    #[must_use]
    pub fn queue_ahead(&self, session: SessionId, client_order_id: ClientOrderId) -> Option<Qty> {
        let slot = self.own.find(session, client_order_id)?;
        let (order, standing) = (self.own.books.order(slot), self.own.standing(slot));
        match self.markets[order.instrument.index()].data {
            Data::Orders => {
                let at = self.own.books.price(slot);
                Some(Qty(self.recorded.ahead(order.instrument, order.side(), at, standing.stamp)))
            }
            Data::Quotes | Data::Trades => (standing.ahead != UNSEEN).then_some(Qty(standing.ahead)),
            Data::Bars => None,
        }
    }

    /// Ends every selected order for which `goes` holds, in the order of their slots.
    fn sweep<S: Sink>(&mut self, goes: impl Fn(&omni_book::Order) -> bool, reason: Refusal, time: Time, sink: &mut S) {
        for slot in 0..self.own.books.slots() {
            if self.own.books.get(slot).is_some_and(&goes) {
                self.end(slot, reason, time, sink);
            }
        }
    }

    /// Forgets what the recorded market showed: nothing fills until it shows something again.
    fn forget<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        let Some(market) = self.markets.get_mut(instrument.index()) else { return };
        let data = market.data;
        if data == Data::Orders {
            self.recorded.clear(instrument);
            market.within_event = false;
            return self.look(instrument, time, sink);
        }
        *market = Market::of(market.listing.clone(), data);
        sink.event(&Event::Book(BookChange { time, instrument }));
        if data == Data::Quotes {
            sink.event(&Event::Quote(Quote { time, instrument, top: TopOfBook::default() }));
        }
    }

    fn digest_market(&self, at: usize, market: &Market, digest: &mut Digest) {
        let flags = u64::from(market.crossed) << 8 | u64::from(market.within_event) << 9 | (market.data as u64) << 10;
        digest.pair(at as u64, market.listing.state as u64 | flags);
        market.listing.digest(digest);
        for side in Side::BOTH {
            let (price, quantity) = market.best(side).unwrap_or_default();
            digest.pair(price.0 as u64, quantity.0);
            digest.pair(market.shown[side.index()], market.taken[side.index()]);
        }
        let (close, end) = market.closed.unwrap_or_default();
        digest.pair(close.0 as u64, end.0 as u64);
        if let Some((last, left)) = market.traded {
            digest.pair(last.0 as u64, left);
        }
        self.recorded.digest(InstrumentId(at as u32), digest);
    }
}

impl Venue for Historical {
    #[inline]
    fn check(&self, body: &Body) -> Result<(), Refusal> {
        self.takes(body)
    }

    fn list(&mut self, instrument: &Instrument) -> Result<(), Refusal> {
        let data = self.slot(instrument)?;
        self.markets.push(Market::new(instrument, data));
        Ok(())
    }

    #[inline]
    fn submit<S: Sink>(&mut self, order: &NewOrder, time: Time, sink: &mut S) {
        self.new_order(order, time, sink);
    }

    #[inline]
    fn cancel<S: Sink>(&mut self, cancel: &CancelOrder, time: Time, sink: &mut S) {
        match self.own.find(cancel.session, cancel.client_order_id) {
            Some(slot) => self.end(slot, Refusal::None, time, sink),
            None => {
                let report = ExecutionReport::unknown_order(cancel.session, cancel.client_order_id, time);
                sink.event(&Event::Report(report));
            }
        }
    }

    #[inline]
    fn amend<S: Sink>(&mut self, amend: &AmendOrder, time: Time, sink: &mut S) {
        self.amend_order(amend, time, sink);
    }

    fn cancel_all<S: Sink>(&mut self, selection: Selection, reason: Refusal, time: Time, sink: &mut S) {
        self.sweep(
            |order| selection.takes(order.session, order.account, order.instrument, order.side()),
            reason,
            time,
            sink,
        );
    }

    fn set_state<S: Sink>(&mut self, instrument: InstrumentId, state: TradingState, time: Time, sink: &mut S) {
        let Some(market) = self.markets.get_mut(instrument.index()) else { return };
        market.listing.state = state;
        sink.event(&Event::Status(MarketStatus { time, instrument, state }));
        if state == TradingState::Closed {
            let day =
                |order: &omni_book::Order| order.instrument == instrument && time_in_force(order) != TimeInForce::Gtc;
            self.sweep(day, Refusal::MarketClosed, time, sink);
        }
    }

    fn set_ticks(&mut self, instrument: InstrumentId, table: &Arc<TickTable>) {
        if let Some(market) = self.markets.get_mut(instrument.index()) {
            market.listing.set_ticks(table);
        }
    }

    fn adjust<S: Sink>(&mut self, adjust: &Adjust, time: Time, sink: &mut S) {
        if matches!(adjust.action, Action::Split(_)) {
            self.forget(adjust.instrument, time, sink);
        }
    }

    #[inline]
    fn on_book<S: Sink>(&mut self, delta: &BookDelta, time: Time, sink: &mut S) -> Result<(), Refusal> {
        self.apply(delta, time, sink)
    }

    #[inline]
    fn on_quote<S: Sink>(&mut self, quote: &Quote, sink: &mut S) -> Result<(), Refusal> {
        self.quote(quote, sink)
    }

    #[inline]
    fn on_trade<S: Sink>(&mut self, trade: &TradeTick, sink: &mut S) -> Result<(), Refusal> {
        self.trade_tick(trade, sink)
    }

    #[inline]
    fn on_bar<S: Sink>(&mut self, bar: &Bar, sink: &mut S) -> Result<(), Refusal> {
        self.bar(bar, sink)
    }

    fn order(&self, session: SessionId, client_order_id: ClientOrderId) -> Option<OrderView> {
        self.own.find(session, client_order_id).map(|slot| self.own.view(slot))
    }

    fn for_each_order(&self, selection: Selection, each: &mut dyn FnMut(&OrderView)) {
        for (slot, order) in self.own.books.resting() {
            if selection.takes(order.session, order.account, order.instrument, order.side()) {
                each(&self.own.view(slot));
            }
        }
    }

    fn state(&self, instrument: InstrumentId) -> TradingState {
        self.markets.get(instrument.index()).map_or(TradingState::Closed, |market| market.listing.state)
    }

    #[inline]
    fn top(&self, instrument: InstrumentId) -> TopOfBook {
        self.markets.get(instrument.index()).map_or(TopOfBook::default(), |market| market.top)
    }

    fn depth(&self, instrument: InstrumentId, side: Side, levels: usize) -> impl Iterator<Item = Depth> {
        let market = self.markets.get(instrument.index());
        let in_full = market.is_some_and(|market| market.data == Data::Orders);
        let best = market.filter(|_| !in_full && levels > 0).and_then(|market| market.best(side));
        // An unlisted instrument has no book to look at; the first one stands in, and nothing of it is taken.
        let instrument = if in_full { instrument } else { InstrumentId(0) };
        let recorded = self.recorded.books().levels(instrument, side).take(if in_full { levels } else { 0 });
        let one = |price: Price, quantity: Qty, orders: u32| Depth { price, quantity, orders };
        recorded
            .map(move |level| one(level.price, level.quantity, level.orders))
            .chain(best.map(move |(price, quantity)| one(price, quantity, 0)))
    }

    fn digest(&self, digest: &mut Digest) {
        digest.pair(self.order_id, self.trade_id);
        for (at, market) in self.markets.iter().enumerate() {
            self.digest_market(at, market, digest);
        }
        for (slot, order) in self.own.books.resting() {
            let standing = self.own.standing(slot);
            digest.pair(order.key, order.id.0 << 17 | u64::from(order.session.0) << 1 | u64::from(standing.waiting));
            digest.pair(order.leaves.0, order.filled.0);
            digest.pair(self.own.books.price(slot).0 as u64, standing.stamp);
            digest.pair(standing.ahead, standing.arrived.0 as u64);
        }
    }

    fn encode(&self, bytes: &mut Vec<u8>) -> Result<(), SnapshotError> {
        self.write(&mut SnapshotWriter::new(bytes));
        Ok(())
    }

    fn decode(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut reader = SnapshotReader::new(bytes);
        let venue = Self::read(&mut reader)?;
        reader.end().map(|()| venue)
    }
}
