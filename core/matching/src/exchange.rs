//! The exchange: admission, matching, cancels.

use omni_book::{Capacity, Full, Level, Level3, Order, OrderIndex, Slot, mix};
use omni_port::{Listing, Sink};
use omni_types::{
    BookChange, ClientOrderId, Event, InstrumentId, Liquidity, NewOrder, OrderId, OrderType, Price, Qty, Quote,
    Refusal, SessionId, Side, Time, TimeInForce, TopOfBook, TradeId, TradeTick, TradingState,
};

use crate::auction::Outcome;
use crate::cancel::is_it;
use crate::expiry::Expiries;
use crate::held::Held;
use crate::report::{Fill, flags};
use crate::special::Specials;
use crate::spot::{Spot, no_worse};
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

/// The most orders with special terms at once: as many as there may be orders, but no more than this.
const SPECIALS_MOST: usize = 1 << 16;
/// The last price of an instrument that has never traded; no instrument can have it.
pub(crate) const NEVER: Price = Price(i64::MIN);

/// Returns how many orders with special terms there is room for.
pub(crate) fn special_capacity(capacity: Capacity) -> Capacity {
    let most = capacity.orders.min(SPECIALS_MOST);
    Capacity { orders: most, levels: most, ..capacity }
}

/// The embedded exchange over all its instruments.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub(crate) books: Level3,
    pub(crate) index: OrderIndex,
    pub(crate) held: Held,
    pub(crate) specials: Specials,
    pub(crate) expiries: Expiries,
    pub(crate) listings: Vec<Listing>,
    pub(crate) tops: Vec<TopOfBook>,
    /// The price of each instrument's last trade, or [`NEVER`].
    pub(crate) lasts: Vec<Price>,
    /// What was last said of each instrument's auction; as long as the highest instrument that had one needs.
    pub(crate) outcomes: Vec<Outcome>,
    /// First and last price of what an order has just traded, while stops may wait for it.
    pub(crate) run: Option<(Price, Price)>,
    /// Room to gather orders in before they are moved.
    pub(crate) scratch: Vec<(Slot, OrderId)>,
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
            held: Held::new(special_capacity(capacity)),
            specials: Specials::new(special_capacity(capacity).orders),
            expiries: Expiries::new(special_capacity(capacity).orders),
            listings: Vec::with_capacity(capacity.instruments),
            tops: Vec::with_capacity(capacity.instruments),
            lasts: Vec::with_capacity(capacity.instruments),
            outcomes: Vec::with_capacity(capacity.instruments),
            run: None,
            scratch: Vec::with_capacity(special_capacity(capacity).orders),
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
    pub(crate) fn find(&self, session: SessionId, client_order_id: ClientOrderId) -> Option<Spot> {
        let is_it = |slot| is_it(self.books.order(slot), session, client_order_id);
        match self.index.find(mix(client_order_id.0, u64::from(session.0)), is_it) {
            Some(slot) => Some(Spot::Lit(slot)),
            None if self.held.is_empty() => None,
            None => self.held.find(session, client_order_id).map(Spot::Held),
        }
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

    #[inline]
    pub(crate) fn would_trade(&self, instrument: InstrumentId, side: Side, price: Price) -> bool {
        let reached = |best: &Level| no_worse(side, price, best.price);
        self.books.best(instrument, side.opposite()).is_some_and(reached)
            || !self.held.is_empty() && self.would_trade_unseen(instrument, side, price)
    }

    /// Trades an order against the book, then rests or ends what is left of it.
    #[inline]
    pub(crate) fn execute<S: Sink>(&mut self, mut taker: Taker, time: Time, sink: &mut S) {
        let killed = taker.order.time_in_force == TimeInForce::Fok && !self.can_trade(&taker, taker.leaves);
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
    // Always inline, here and below: left alone, the compiler calls these once the rare ways share them, and the common
    // one takes a sixth more instructions.
    #[inline(always)]
    fn take<S: Sink>(&mut self, taker: &mut Taker, time: Time, sink: &mut S) -> Option<Refusal> {
        if !self.held.is_empty() {
            return self.take_unseen(taker, time, sink);
        }
        let instrument = taker.order.instrument;
        let side = taker.order.side.opposite();
        while taker.leaves > Qty::ZERO {
            let best = self.books.best(instrument, side)?;
            if !taker.reaches(best.price) {
                return None;
            }
            let (slot, price) = (self.books.front(best), best.price);
            if self.books.order(slot).account != taker.order.account {
                self.trade(taker, Spot::Lit(slot), price, time, sink);
            } else if self.prevent(taker, Spot::Lit(slot), time, sink) {
                return Some(Refusal::SelfTrade);
            }
        }
        None
    }

    #[inline(always)]
    pub(crate) fn trade<S: Sink>(&mut self, taker: &mut Taker, spot: Spot, price: Price, time: Time, sink: &mut S) {
        let maker = self.order(spot);
        let quantity = taker.leaves.min(maker.leaves);
        self.trade_id += 1;
        let fill = Fill { trade_id: TradeId(self.trade_id), price, quantity };
        let report = fill.of(self.resting(&maker, price, time), Liquidity::Maker);
        self.fill(spot, &maker, quantity);
        self.lasts[maker.instrument.index()] = price;
        if !self.held.is_empty() {
            self.run = Some((self.run.map_or(price, |run| run.0), price));
        }
        sink.event(&Event::Report(report));
        sink.event(&Event::Report(fill.of(taker.report(time), Liquidity::Taker)));
        taker.leaves.0 -= quantity.0;
        taker.filled.0 += quantity.0;
        if self.market_data == MarketData::Published {
            let aggressor = Some(taker.order.side);
            sink.event(&Event::Trade(TradeTick { time, instrument: maker.instrument, price, quantity, aggressor }));
        }
    }

    /// Puts what is left of an order into the book; room for it was checked before, but not the total at its price.
    #[inline]
    fn rest(&mut self, taker: &Taker) -> Result<(), Refusal> {
        self.rest_order(line(taker, taker.leaves), taker.order.side, taker.order.price)
    }

    #[inline]
    pub(crate) fn rest_order(&mut self, order: Order, side: Side, price: Price) -> Result<(), Refusal> {
        let slot = self.books.rest(order.instrument, side, price, order).map_err(refusal)?;
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
        if self.listings[instrument.index()].state.is_call() {
            return self.publish_call(instrument, time, sink);
        }
        let top = self.books.top(instrument);
        let published = &mut self.tops[instrument.index()];
        // What gathered for an auction may cross until it is held.
        if *published != top && !top.is_crossed() {
            *published = top;
            sink.event(&Event::Quote(Quote { time, instrument, top }));
        }
    }
}

/// Builds the line of an order in a book, of which `shown` is to be seen.
#[inline]
pub(crate) fn line(taker: &Taker, shown: Qty) -> Order {
    let mut order = Order::new(taker.order.client_order_id.0, taker.id, shown);
    order.filled = taker.filled;
    order.account = taker.order.account;
    order.instrument = taker.order.instrument;
    order.session = taker.order.session;
    order.flags = flags(&taker.order);
    order
}

pub(crate) const fn refusal(full: Full) -> Refusal {
    match full {
        Full::Orders => Refusal::OrderCapacity,
        Full::Levels | Full::Quantity => Refusal::LevelCapacity,
    }
}
