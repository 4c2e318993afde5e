//! Recorded trades without quotes: a declared spread around the last trade, and a declared queue.

use omni_port::Sink;
use omni_types::{InstrumentId, Liquidity, Price, Qty, Side, Time, TradeTick};

use super::Historical;
use super::bar::share;
use super::market::{Market, reaches};
use super::report::{Fill, market_place};
use super::resting::Print;

impl Historical {
    /// Gives a trade's units to the market orders that wait, then to resting limits; what is left of them is there for
    /// takers until the next trade.
    pub(super) fn trade_alone<S: Sink>(&mut self, trade: &TradeTick, sink: &mut S) {
        let (instrument, time) = (trade.instrument, trade.time);
        let market = &mut self.markets[instrument.index()];
        let most = share(trade.quantity.0, self.config.trades.volume_share_ppm).min(trade.quantity.0);
        market.traded = Some((trade.price, if market.fills() { most } else { 0 }));
        let first = trade.aggressor.map_or(Side::Buy, Side::opposite);
        for side in [first, first.opposite()] {
            self.fill_market_orders(instrument, side, time, sink);
        }
        let mut print = Print::of(trade, self.left_of_trade(instrument));
        print.free = self.give(&print, time, sink);
        self.markets[instrument.index()].traded = Some((trade.price, print.free));
        self.pass_queues(&print);
        self.clear_queues_through(&print);
    }

    fn left_of_trade(&self, instrument: InstrumentId) -> u64 {
        self.markets[instrument.index()].traded.map_or(0, |(_, left)| left)
    }

    /// Fills the market orders that wait for a trade, first come first.
    fn fill_market_orders<S: Sink>(&mut self, instrument: InstrumentId, side: Side, time: Time, sink: &mut S) {
        let worst = self.markets[instrument.index()].worst(side);
        while let Some(level) = self.own.books.level(instrument, side, market_place(side)) {
            let slot = self.own.books.front(level);
            let wanted = self.own.books.order(slot).leaves.0;
            let Some((price, quantity)) = self.take(instrument, side, worst, wanted) else { return };
            self.fill(slot, Fill { price, quantity, liquidity: Liquidity::Taker }, time, sink);
        }
    }

    /// Leaves nothing ahead of the orders that a print went through, where a queue is declared at all.
    fn clear_queues_through(&mut self, print: &Print) {
        if self.config.trades.queue.is_some() {
            for side in Side::BOTH {
                self.shrink_queues(print.instrument, side, Some((print.price, Qty(u64::MAX))));
            }
        }
    }

    /// Returns the price at which a taker of `side` trades around the last trade, and what is left of its units.
    pub(super) fn around_last(&self, market: &Market, side: Side) -> Option<(Price, u64)> {
        let (last, left) = market.traded?;
        Some((market.across(side, last, self.config.trades.spread), left))
    }

    /// Takes up to `wanted` of what is left of the last trade, where the limit reaches its price and half the spread.
    pub(super) fn take_last(
        &mut self,
        instrument: InstrumentId,
        side: Side,
        limit: Price,
        wanted: u64,
    ) -> Option<(Price, u64)> {
        let (price, left) = self.around_last(&self.markets[instrument.index()], side)?;
        let quantity = left.min(wanted);
        if quantity == 0 || !reaches(side, limit, price) {
            return None;
        }
        let traded = &mut self.markets[instrument.index()].traded;
        *traded = traded.map(|(last, left)| (last, left - quantity));
        Some((price, quantity))
    }
}
