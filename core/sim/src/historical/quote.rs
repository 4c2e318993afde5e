//! Recorded quotes and trades: displayed quantity, and estimated places in the queue.

use omni_port::Sink;
use omni_types::{BookChange, Event, InstrumentId, Price, Qty, Quote, Refusal, Side, TopOfBook, TradeTick};

use super::market::better;
use super::own::UNSEEN;
use super::resting::Print;
use super::statistics::count;
use super::{Data, Historical};

pub(super) type Displayed = Option<(Price, Qty)>;

/// Drops a side without quantity, which is how some feeds write an empty one.
pub(super) fn there(side: Displayed) -> Displayed {
    side.filter(|(_, quantity)| *quantity > Qty::ZERO)
}

impl Historical {
    pub(super) fn quote<S: Sink>(&mut self, quote: &Quote, sink: &mut S) -> Result<(), Refusal> {
        let instrument = quote.instrument;
        self.takes_quote(quote)?;
        let top = TopOfBook { bid: there(quote.top.bid), ask: there(quote.top.ask) };
        self.statistics.recorded += 1;
        let old = self.markets[instrument.index()].top;
        self.display(instrument, Side::Buy, old.bid, top.bid);
        self.display(instrument, Side::Sell, old.ask, top.ask);
        if self.set_top(instrument, top) {
            sink.event(&Event::Book(BookChange { time: quote.time, instrument }));
        }
        sink.event(&Event::Quote(Quote { top, ..*quote }));
        self.after_event(instrument, quote.time, sink);
        Ok(())
    }

    /// Takes a side's new best: what our orders took of it stays taken while its price stays.
    fn display(&mut self, instrument: InstrumentId, side: Side, old: Displayed, new: Displayed) {
        let market = &mut self.markets[instrument.index()];
        let shown = new.map_or(0, |(_, quantity)| quantity.0);
        let stays = old.map(|(price, _)| price) == new.map(|(price, _)| price);
        market.shown[side.index()] = shown;
        market.taken[side.index()] = if stays { market.taken[side.index()].min(shown) } else { 0 };
        if old != new {
            self.shrink_queues(instrument, side, new);
        }
    }

    /// Nothing is ahead of orders better than the best, and at most the best's quantity of those at it.
    pub(super) fn shrink_queues(&mut self, instrument: InstrumentId, side: Side, best: Displayed) {
        let mut behind = 0;
        while let Some((price, front)) = self.own.level(instrument, side, behind) {
            let most = match best {
                Some((best, quantity)) if best == price => quantity.0,
                Some((best, _)) if better(side, best, price) => return,
                _ => 0,
            };
            let mut next = Some(front);
            while let Some(slot) = next {
                next = self.own.books.behind(slot);
                let standing = self.own.standing_mut(slot);
                standing.ahead = standing.ahead.min(most);
            }
            behind += 1;
        }
    }

    pub(super) fn trade_tick<S: Sink>(&mut self, trade: &TradeTick, sink: &mut S) -> Result<(), Refusal> {
        self.takes_trade(trade)?;
        self.statistics.recorded += 1;
        let data = self.markets[trade.instrument.index()].data;
        sink.event(&Event::Trade(*trade));
        if trade.quantity > Qty::ZERO && matches!(data, Data::Quotes | Data::Trades) {
            self.statistics.executions += 1;
            count(&mut self.statistics.executed, trade.quantity.0);
            if data == Data::Trades {
                self.trade_alone(trade, sink);
            } else {
                let print = self.print_of(trade);
                self.give(&print, trade.time, sink);
                self.pass_queues(&print);
            }
        }
        Ok(())
    }

    /// Builds the print of a trade; what it executes of displayed units that our orders took isn't free.
    fn print_of(&mut self, trade: &TradeTick) -> Print {
        let market = &mut self.markets[trade.instrument.index()];
        let print = Print::of(trade, trade.quantity.0);
        let mut given = 0;
        for side in Side::BOTH.into_iter().filter(|side| print.at_price[side.index()]) {
            if market.best(side).is_some_and(|(best, _)| best == trade.price) {
                let at = side.index();
                let taken = market.taken[at].min(trade.quantity.0);
                market.taken[at] -= taken;
                market.shown[at] = market.shown[at].saturating_sub(trade.quantity.0);
                given = taken.max(given);
            }
        }
        Print { free: trade.quantity.0 - given, ..print }
    }

    /// Takes a print's units off what is ahead of our orders at its price.
    pub(super) fn pass_queues(&mut self, print: &Print) {
        for side in Side::BOTH.into_iter().filter(|side| print.at_price[side.index()]) {
            let level = self.own.books.level(print.instrument, side, print.price);
            let mut next = level.map(|level| self.own.books.front(level));
            while let Some(slot) = next {
                next = self.own.books.behind(slot);
                let standing = self.own.standing_mut(slot);
                if standing.ahead != UNSEEN {
                    standing.ahead = standing.ahead.saturating_sub(print.total);
                }
            }
        }
    }
}
