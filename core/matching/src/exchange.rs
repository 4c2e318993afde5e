//! The exchange: admission, matching, cancels.

use omni_book::{Capacity, Full, Level3, Order, OrderIndex, Slot, mix};
use omni_port::{Depth, OrderView, Selection, Sink, Venue};
use omni_types::{
    AmendOrder, Bar, BookChange, BookDelta, CancelOrder, ClientOrderId, Digest, Event, ExecType, ExecutionReport,
    Instrument, InstrumentId, Liquidity, MarketStatus, NewOrder, OrdStatus, OrderId, OrderType, Price, Qty, Quote,
    Refusal, SessionId, Side, Time, TimeInForce, TopOfBook, TradeId, TradeTick, TradingState,
};

use crate::report::{flags, open_status, resting, time_in_force};

/// Whether the exchange publishes trades and changes of the best bid and offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MarketData {
    /// Trades and quotes go into the sink.
    #[default]
    Published,
    /// Only execution reports do.
    Off,
}

/// What the exchange holds of a listed instrument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing {
    price_min: Price,
    price_max: Price,
    tick: i64,
    lot: u64,
    quantity_max: Qty,
    pub(crate) state: TradingState,
}

impl Listing {
    #[inline]
    pub(crate) fn accepts_price(&self, price: Price) -> bool {
        price >= self.price_min && price <= self.price_max && (self.tick == 1 || price.0 % self.tick == 0)
    }

    #[inline]
    pub(crate) fn accepts_quantity(&self, quantity: Qty) -> bool {
        quantity.0 > 0 && quantity <= self.quantity_max && (self.lot == 1 || quantity.0.is_multiple_of(self.lot))
    }
}

/// An order on its way through the book.
pub(crate) struct Taker {
    pub(crate) order: NewOrder,
    pub(crate) id: OrderId,
    pub(crate) leaves: Qty,
    pub(crate) filled: Qty,
}

impl Taker {
    #[inline]
    pub(crate) fn report(&self, time: Time) -> ExecutionReport {
        ExecutionReport {
            status: open_status(self.filled),
            leaves: self.leaves,
            filled: self.filled,
            ..ExecutionReport::accepted(&self.order, self.id, time)
        }
    }

    #[inline]
    fn reaches(&self, price: Price) -> bool {
        match (self.order.order_type, self.order.side) {
            (OrderType::Market, _) => true,
            (OrderType::Limit, Side::Buy) => price <= self.order.price,
            (OrderType::Limit, Side::Sell) => price >= self.order.price,
        }
    }
}

/// The embedded exchange over all its instruments.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub(crate) books: Level3,
    pub(crate) index: OrderIndex,
    listings: Vec<Listing>,
    tops: Vec<TopOfBook>,
    market_data: MarketData,
    order_id: u64,
    trade_id: u64,
}

impl Exchange {
    /// Reserves memory for `capacity`; nothing is allocated after.
    #[must_use]
    pub fn new(capacity: Capacity, market_data: MarketData) -> Self {
        Self {
            books: Level3::new(capacity),
            index: OrderIndex::new(capacity.orders),
            listings: Vec::with_capacity(capacity.instruments),
            tops: Vec::with_capacity(capacity.instruments),
            market_data,
            order_id: 0,
            trade_id: 0,
        }
    }

    /// Returns the books.
    #[must_use]
    pub fn books(&self) -> &Level3 {
        &self.books
    }

    #[inline]
    pub(crate) fn listing(&self, instrument: InstrumentId) -> Option<&Listing> {
        self.listings.get(instrument.index())
    }

    #[inline]
    pub(crate) fn find(&self, session: SessionId, client_order_id: ClientOrderId) -> Option<Slot> {
        let is_it = |slot| {
            let order = self.books.order(slot);
            order.key == client_order_id.0 && order.session == session
        };
        self.index.find(mix(client_order_id.0, u64::from(session.0)), is_it)
    }

    /// Checks everything that can refuse a new order.
    #[inline]
    fn admit(&self, order: &NewOrder) -> Result<(), Refusal> {
        let listing = self.listing(order.instrument).ok_or(Refusal::UnknownInstrument)?;
        if listing.state != TradingState::Open {
            return Err(Refusal::MarketClosed);
        }
        if !listing.accepts_quantity(order.quantity) {
            return Err(Refusal::InvalidQuantity);
        }
        let limit = order.order_type == OrderType::Limit;
        if limit && !listing.accepts_price(order.price) {
            return Err(Refusal::InvalidPrice);
        }
        let rests = limit && rests(order.time_in_force);
        if order.post_only && !rests {
            return Err(Refusal::UnsupportedOrder);
        }
        if self.find(order.session, order.client_order_id).is_some() {
            return Err(Refusal::DuplicateClientOrderId);
        }
        if order.post_only && self.would_trade(order.instrument, order.side, order.price) {
            return Err(Refusal::WouldTrade);
        }
        if rests { self.books.has_room(order.instrument, order.side).map_err(refusal) } else { Ok(()) }
    }

    pub(crate) fn would_trade(&self, instrument: InstrumentId, side: Side, price: Price) -> bool {
        self.books.best(instrument, side.opposite()).is_some_and(|best| match side {
            Side::Buy => best.price <= price,
            Side::Sell => best.price >= price,
        })
    }

    /// Returns whether a fill-or-kill order could be filled whole without meeting its own account.
    fn can_fill(&self, taker: &Taker) -> bool {
        let mut wanted = taker.leaves.0;
        for level in self.books.levels(taker.order.instrument, taker.order.side.opposite()) {
            if !taker.reaches(level.price) {
                return false;
            }
            for (_, order) in self.books.queue(level) {
                if order.account == taker.order.account {
                    return false;
                }
                wanted = wanted.saturating_sub(order.leaves.0);
                if wanted == 0 {
                    return true;
                }
            }
        }
        false
    }

    /// Trades an order against the book, then rests or ends what is left of it.
    #[inline]
    pub(crate) fn execute<S: Sink>(&mut self, mut taker: Taker, time: Time, sink: &mut S) {
        let killed = taker.order.time_in_force == TimeInForce::Fok && !self.can_fill(&taker);
        let end = if killed { Some(Refusal::NoLiquidity) } else { self.take(&mut taker, time, sink) };
        if taker.leaves == Qty::ZERO {
            return;
        }
        let rests = taker.order.order_type == OrderType::Limit && rests(taker.order.time_in_force);
        let reason = match end {
            None if rests => self.rest(&taker).err(),
            reason => Some(reason.unwrap_or(Refusal::NoLiquidity)),
        };
        if let Some(reason) = reason {
            end_taker(&taker, reason, time, sink);
        }
    }

    /// Trades until the order is filled, the book no longer reaches it, or it meets its own account.
    #[inline]
    fn take<S: Sink>(&mut self, taker: &mut Taker, time: Time, sink: &mut S) -> Option<Refusal> {
        let instrument = taker.order.instrument;
        let side = taker.order.side.opposite();
        while taker.leaves > Qty::ZERO {
            let best = self.books.best(instrument, side)?;
            if !taker.reaches(best.price) {
                return None;
            }
            let (slot, price) = (self.books.front(best), best.price);
            if self.books.order(slot).account == taker.order.account {
                return Some(Refusal::SelfTrade);
            }
            self.trade(taker, slot, price, time, sink);
        }
        None
    }

    #[inline]
    fn trade<S: Sink>(&mut self, taker: &mut Taker, slot: Slot, price: Price, time: Time, sink: &mut S) {
        let maker = *self.books.order(slot);
        let quantity = taker.leaves.min(maker.leaves);
        self.trade_id += 1;
        let trade_id = TradeId(self.trade_id);
        let left = self.books.fill(slot, quantity);
        if left == Qty::ZERO {
            self.index.remove(mix(maker.key, u64::from(maker.session.0)), slot);
        }
        taker.leaves.0 -= quantity.0;
        taker.filled.0 += quantity.0;
        let fill = |base: ExecutionReport, liquidity, leaves: Qty| ExecutionReport {
            trade_id,
            exec_type: ExecType::Trade,
            status: if leaves.0 == 0 { OrdStatus::Filled } else { OrdStatus::PartiallyFilled },
            liquidity,
            leaves,
            last_price: price,
            last_quantity: quantity,
            ..base
        };
        let filled = Qty(maker.filled.0 + quantity.0);
        let maker = ExecutionReport { filled, ..fill(resting(&maker, price, time), Liquidity::Maker, left) };
        sink.event(&Event::Report(maker));
        sink.event(&Event::Report(fill(taker.report(time), Liquidity::Taker, taker.leaves)));
        if self.market_data == MarketData::Published {
            let aggressor = Some(taker.order.side);
            sink.event(&Event::Trade(TradeTick { time, instrument: maker.instrument, price, quantity, aggressor }));
        }
    }

    /// Puts what is left of an order into the book; room for it was checked before, but not the total at its price.
    #[inline]
    fn rest(&mut self, taker: &Taker) -> Result<(), Refusal> {
        let mut order = Order::new(taker.order.client_order_id.0, taker.id, taker.leaves);
        order.filled = taker.filled;
        order.account = taker.order.account;
        order.session = taker.order.session;
        order.flags = flags(&taker.order);
        let rested = self.books.rest(taker.order.instrument, taker.order.side, taker.order.price, order);
        let slot = rested.map_err(refusal)?;
        self.index.insert(mix(order.key, u64::from(order.session.0)), slot);
        Ok(())
    }

    /// Takes an order out of the book and its index.
    #[inline]
    pub(crate) fn pull(&mut self, slot: Slot) -> Order {
        let order = self.books.remove(slot);
        self.index.remove(mix(order.key, u64::from(order.session.0)), slot);
        order
    }

    fn pull_and_report<S: Sink>(&mut self, slot: Slot, reason: Refusal, time: Time, sink: &mut S) {
        let price = self.books.price(slot);
        let order = self.pull(slot);
        let (exec_type, status) = match reason {
            Refusal::MarketClosed => (ExecType::Expired, OrdStatus::Expired),
            _ => (ExecType::Cancelled, OrdStatus::Cancelled),
        };
        let base = resting(&order, price, time);
        sink.event(&Event::Report(ExecutionReport { exec_type, status, reason, leaves: Qty::ZERO, ..base }));
    }

    /// Publishes that the book changed, and its best bid and offer if they are no longer what was published last.
    #[inline]
    pub(crate) fn publish<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        if self.market_data == MarketData::Off {
            return;
        }
        sink.event(&Event::Book(BookChange { time, instrument }));
        let top = self.books.top(instrument);
        let published = &mut self.tops[instrument.index()];
        if *published != top {
            *published = top;
            sink.event(&Event::Quote(Quote { time, instrument, top }));
        }
    }

    /// Removes every order of an instrument for which `goes` holds, best level first.
    fn sweep<S: Sink>(
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

const fn rests(time_in_force: TimeInForce) -> bool {
    matches!(time_in_force, TimeInForce::Day | TimeInForce::Gtc)
}

pub(crate) const fn refusal(full: Full) -> Refusal {
    match full {
        Full::Orders => Refusal::OrderCapacity,
        Full::Levels | Full::Quantity => Refusal::LevelCapacity,
    }
}

fn end_taker<S: Sink>(taker: &Taker, reason: Refusal, time: Time, sink: &mut S) {
    let (exec_type, status) = match reason {
        Refusal::NoLiquidity => (ExecType::Expired, OrdStatus::Expired),
        _ => (ExecType::Cancelled, OrdStatus::Cancelled),
    };
    let base = taker.report(time);
    sink.event(&Event::Report(ExecutionReport { exec_type, status, reason, leaves: Qty::ZERO, ..base }));
}

impl Venue for Exchange {
    fn list(&mut self, instrument: &Instrument) -> Result<(), Refusal> {
        if instrument.id.index() != self.listings.len() || self.listings.len() >= self.books.instruments() {
            return Err(Refusal::UnknownInstrument);
        }
        let spec = &instrument.spec;
        self.listings.push(Listing {
            price_min: spec.price_min,
            price_max: spec.price_max,
            tick: spec.tick,
            lot: spec.lot.0,
            quantity_max: spec.quantity_max,
            state: TradingState::Open,
        });
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
        let Some(slot) = self.find(cancel.session, cancel.client_order_id) else {
            let report = ExecutionReport::unknown_order(cancel.session, cancel.client_order_id, time);
            return sink.event(&Event::Report(report));
        };
        let instrument = self.books.order(slot).instrument;
        self.pull_and_report(slot, Refusal::None, time, sink);
        self.publish(instrument, time, sink);
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
}
