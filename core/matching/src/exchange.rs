//! The exchange: admission, matching, cancels.

use omni_book::{Capacity, Full, Level3, Order, OrderIndex, Slot, mix};
use omni_port::{Listing, Sink};
use omni_types::{
    BookChange, ClientOrderId, Event, ExecType, ExecutionReport, InstrumentId, Liquidity, NewOrder, OrdStatus,
    OrderType, Price, Qty, Quote, Refusal, SelfTrade, SessionId, Side, Time, TimeInForce, TopOfBook, TradeId,
    TradeTick, TradingState,
};

use crate::cancel::is_it;
use crate::report::{flags, resting};
use crate::taker::Taker;

/// Whether the exchange publishes trades and changes of the best bid and offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MarketData {
    /// Trades and quotes go into the sink.
    #[default]
    Published,
    /// Only execution reports do.
    Off,
}

/// The embedded exchange over all its instruments.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub(crate) books: Level3,
    pub(crate) index: OrderIndex,
    pub(crate) listings: Vec<Listing>,
    pub(crate) tops: Vec<TopOfBook>,
    pub(crate) market_data: MarketData,
    pub(crate) order_id: u64,
    pub(crate) trade_id: u64,
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

    #[inline(always)]
    pub(crate) fn find(&self, session: SessionId, client_order_id: ClientOrderId) -> Option<Slot> {
        let is_it = |slot| is_it(self.books.order(slot), session, client_order_id);
        self.index.find(mix(client_order_id.0, u64::from(session.0)), is_it)
    }

    /// Checks everything that can refuse a new order.
    #[inline]
    pub(crate) fn admit(&self, order: &NewOrder) -> Result<(), Refusal> {
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
        let rests = limit && order.time_in_force.rests();
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
                    if taker.order.self_trade == SelfTrade::CancelOldest {
                        continue;
                    }
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
        let rests = taker.order.order_type == OrderType::Limit && taker.order.time_in_force.rests();
        let reason = match end {
            None if rests => self.rest(&taker).err(),
            reason => Some(reason.unwrap_or(Refusal::NoLiquidity)),
        };
        if let Some(reason) = reason {
            taker.end(reason, time, sink);
        }
    }

    /// Trades until the order is filled, the book no longer reaches it, or meeting its own account ends it.
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
            if self.books.order(slot).account != taker.order.account {
                self.trade(taker, slot, price, time, sink);
            } else if self.prevent(taker, slot, time, sink) {
                return Some(Refusal::SelfTrade);
            }
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

    /// Publishes that the book changed, and its best bid and offer if they are no longer what was published last.
    #[inline(always)]
    pub(crate) fn publish<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        if self.market_data == MarketData::Published {
            self.publish_change(instrument, time, sink);
        }
    }

    fn publish_change<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        sink.event(&Event::Book(BookChange { time, instrument }));
        let top = self.books.top(instrument);
        let published = &mut self.tops[instrument.index()];
        if *published != top {
            *published = top;
            sink.event(&Event::Quote(Quote { time, instrument, top }));
        }
    }
}

pub(crate) const fn refusal(full: Full) -> Refusal {
    match full {
        Full::Orders => Refusal::OrderCapacity,
        Full::Levels | Full::Quantity => Refusal::LevelCapacity,
    }
}
