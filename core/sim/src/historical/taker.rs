//! Orders of ours as they arrive: admission, and what they take from display.

use omni_book::Slot;
use omni_port::Sink;
use omni_types::{
    Event, ExecutionReport, InstrumentId, Liquidity, NewOrder, OrderId, OrderType, Price, Qty, Refusal, Side, Time,
    TimeInForce, TradeId, TradingState,
};

use super::market::{PRICE_MOST, reaches};
use super::own::{Entry, Standing, UNSEEN};
use super::report::{Fill, at_market, ended, filled, place, post_only, time_in_force};
use super::statistics::count;
use super::{Data, Historical};

impl Historical {
    /// Checks everything that can refuse a new order.
    pub(super) fn admit(&self, order: &NewOrder) -> Result<(), Refusal> {
        let market = self.markets.get(order.instrument.index()).ok_or(Refusal::UnknownInstrument)?;
        if market.listing.state != TradingState::Open {
            return Err(Refusal::MarketClosed);
        }
        if !market.listing.accepts_quantity(order.quantity) || !self.sums(order) {
            return Err(Refusal::InvalidQuantity);
        }
        let limit = order.order_type == OrderType::Limit;
        if limit && !market.listing.accepts_price(order.price) {
            return Err(Refusal::InvalidPrice);
        }
        if !matches!(order.time_in_force, TimeInForce::Day | TimeInForce::Gtc | TimeInForce::Ioc | TimeInForce::Fok) {
            return Err(Refusal::UnsupportedOrder);
        }
        if order.post_only && !(limit && order.time_in_force.rests()) {
            return Err(Refusal::UnsupportedOrder);
        }
        if self.own.find(order.session, order.client_order_id).is_some() {
            return Err(Refusal::DuplicateClientOrderId);
        }
        if order.post_only && self.would_trade(order.instrument, order.side, order.price) {
            return Err(Refusal::WouldTrade);
        }
        self.own.room(order.instrument, order.side, false)
    }

    /// Returns whether our orders at one price stay within what a level counts.
    pub(super) fn sums(&self, order: &NewOrder) -> bool {
        let level = self.own.books.level(order.instrument, order.side, place(order));
        level.map_or(0, |level| level.quantity.0).saturating_add(order.quantity.0) <= PRICE_MOST.unsigned_abs()
    }

    /// Returns whether a limit would trade against the market as it was last looked at.
    pub(super) fn would_trade(&self, instrument: InstrumentId, side: Side, limit: Price) -> bool {
        let market = &self.markets[instrument.index()];
        let opposite = match market.data {
            Data::Bars => market.closed.map(|(close, _)| market.across(side, close, self.config.bars.spread)),
            Data::Trades => self.around_last(market, side).map(|(price, _)| price),
            Data::Orders | Data::Quotes => market.best(side.opposite()).map(|(price, _)| price),
        };
        opposite.is_some_and(|price| reaches(side, limit, price))
    }

    /// Puts an accepted order among ours, and to work unless it has to wait.
    pub(super) fn enter<S: Sink>(&mut self, order: &NewOrder, id: OrderId, gone: Qty, time: Time, sink: &mut S) {
        let market = &self.markets[order.instrument.index()];
        let (bars, waiting) = (market.data == Data::Bars, market.within_event && market.data == Data::Orders);
        let standing = Standing { stamp: self.recorded.stamp(), ahead: UNSEEN, arrived: time, waiting };
        let rested = self.own.rest(&Entry { order, id, filled: gone, standing });
        debug_assert!(rested.is_some(), "Invariant: room was checked before the order was accepted");
        if let Some(slot) = rested.filter(|_| !bars && !waiting) {
            self.work(slot, time, sink);
        }
    }

    /// Takes what an order reaches, then lets it rest or ends what is left.
    pub(super) fn work<S: Sink>(&mut self, slot: Slot, time: Time, sink: &mut S) {
        let (order, at) = (*self.own.books.order(slot), self.own.books.price(slot));
        let (instrument, side) = (order.instrument, order.side());
        let market = &self.markets[instrument.index()];
        let limit = if at_market(side, at) { market.worst(side) } else { at };
        if post_only(&order) && self.would_trade(instrument, side, limit) {
            return self.end(slot, Refusal::WouldTrade, time, sink);
        }
        if market.fills() {
            let all = time_in_force(&order) == TimeInForce::Fok;
            if all && self.displayed(instrument, side, limit, order.leaves.0) < order.leaves.0 {
                return self.end(slot, Refusal::NoLiquidity, time, sink);
            }
            let mut leaves = order.leaves.0;
            while leaves > 0
                && let Some((price, quantity)) = self.take(instrument, side, limit, leaves)
            {
                leaves -= quantity;
                self.fill(slot, Fill { price, quantity, liquidity: Liquidity::Taker }, time, sink);
            }
            if leaves == 0 {
                return;
            }
        }
        let waits = self.markets[instrument.index()].data == Data::Trades;
        if !time_in_force(&order).rests() || at_market(side, at) && !waits {
            return self.end(slot, Refusal::NoLiquidity, time, sink);
        }
        self.join(slot);
    }

    /// Gives an order that begins to rest its place in the recorded queue.
    fn join(&mut self, slot: Slot) {
        let (order, price) = (self.own.books.order(slot), self.own.books.price(slot));
        let market = &self.markets[order.instrument.index()];
        let ahead = match market.best(order.side()) {
            _ if market.data == Data::Trades => self.config.trades.queue.unwrap_or(UNSEEN),
            Some((best, quantity)) if best == price => quantity.0,
            Some((best, _)) if reaches(order.side(), best, price) => UNSEEN,
            _ => 0,
        };
        let stamp = self.recorded.stamp();
        let standing = self.own.standing_mut(slot);
        (standing.stamp, standing.ahead) = (stamp, ahead);
    }

    /// Returns how much is on display for a taker of `side` up to its limit, at most `wanted`.
    fn displayed(&self, instrument: InstrumentId, side: Side, limit: Price, wanted: u64) -> u64 {
        let market = &self.markets[instrument.index()];
        match (market.data, market.best(side.opposite())) {
            (Data::Orders, _) => self.recorded.displayed(instrument, side, limit, wanted),
            (Data::Quotes, Some((price, _))) if reaches(side, limit, price) => {
                let at = side.opposite().index();
                market.shown[at].saturating_sub(market.taken[at]).min(wanted)
            }
            (Data::Trades, _) => {
                let offered = self.around_last(market, side).filter(|&(price, _)| reaches(side, limit, price));
                offered.map_or(0, |(_, left)| left.min(wanted))
            }
            _ => 0,
        }
    }

    /// Takes up to `wanted` from the best displayed price, up to a limit, that has something left.
    pub(super) fn take(
        &mut self,
        instrument: InstrumentId,
        side: Side,
        limit: Price,
        wanted: u64,
    ) -> Option<(Price, u64)> {
        let market = &self.markets[instrument.index()];
        let got = match market.data {
            Data::Orders => self.recorded.take(instrument, side, limit, wanted),
            Data::Quotes => {
                let quantity = self.displayed(instrument, side, limit, wanted);
                let (price, _) = market.best(side.opposite())?;
                self.markets[instrument.index()].taken[side.opposite().index()] += quantity;
                (quantity > 0).then_some((price, quantity))
            }
            Data::Trades => self.take_last(instrument, side, limit, wanted),
            Data::Bars => None,
        }?;
        count(&mut self.statistics.taken, got.1);
        Some(got)
    }

    /// Fills an order, wholly or in part, and reports it.
    pub(super) fn fill<S: Sink>(&mut self, slot: Slot, fill: Fill, time: Time, sink: &mut S) {
        self.trade_id += 1;
        let at = self.own.books.price(slot);
        let order = self.own.fill(slot, fill.quantity);
        sink.event(&Event::Report(filled(&order, at, fill, TradeId(self.trade_id), time)));
    }

    /// Ends an order and reports why.
    pub(super) fn end<S: Sink>(&mut self, slot: Slot, reason: Refusal, time: Time, sink: &mut S) {
        let at = self.own.books.price(slot);
        let order = self.own.pull(slot);
        sink.event(&Event::Report(ended(&order, at, reason, time)));
    }

    /// Accepts or refuses a new order.
    pub(super) fn new_order<S: Sink>(&mut self, order: &NewOrder, time: Time, sink: &mut S) {
        if let Err(reason) = self.admit(order) {
            return sink.event(&Event::Report(ExecutionReport::rejected(order, reason, time)));
        }
        self.order_id += 1;
        let id = OrderId(self.order_id);
        sink.event(&Event::Report(ExecutionReport::accepted(order, id, time)));
        self.enter(order, id, Qty::ZERO, time, sink);
    }
}
