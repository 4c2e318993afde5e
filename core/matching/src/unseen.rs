//! Matching where orders rest that are not displayed.

use core::iter::Peekable;

use omni_book::{Level, Order};
use omni_port::Sink;
use omni_types::{InstrumentId, Price, Qty, Refusal, SelfTrade, Side, Time};

use crate::Exchange;
use crate::arrival::least;
use crate::held::Shelf;
use crate::spot::{Spot, no_worse};
use crate::taker::Taker;

impl Exchange {
    /// Trades as for a plain order, with orders that are not displayed too: at one price they come last.
    #[cold]
    pub(crate) fn take_unseen<S: Sink>(&mut self, taker: &mut Taker, time: Time, sink: &mut S) -> Option<Refusal> {
        while taker.leaves > Qty::ZERO {
            let (spot, price) = self.next_for(taker)?;
            if self.order(spot).account != taker.order.account {
                self.trade(taker, spot, price, time, sink);
            } else if self.prevent(taker, spot, time, sink) {
                return Some(Refusal::SelfTrade);
            }
        }
        None
    }

    /// Returns the order that an arriving one meets first, and its price.
    fn next_for(&self, taker: &Taker) -> Option<(Spot, Price)> {
        let (instrument, side) = (taker.order.instrument, taker.order.side.opposite());
        let lit = self.books.best(instrument, side).filter(|level| taker.reaches(level.price));
        let lit = lit.map(|level| (Spot::Lit(self.books.front(level)), level.price));
        let dark = self.first_dark(taker, side);
        match (lit, dark) {
            (Some((_, seen)), Some((_, unseen))) if !is_better(side, unseen, seen) => lit,
            (_, Some(_)) => dark,
            _ => lit,
        }
    }

    fn first_dark(&self, taker: &Taker, side: Side) -> Option<(Spot, Price)> {
        let levels = self.held.levels(taker.order.instrument, Shelf::Dark, side);
        for level in levels.take_while(|level| taker.reaches(level.price)) {
            let mut queue = self.held.books().queue(level);
            if let Some((slot, _)) = queue.find(|(_, order)| self.accepts(order, taker.leaves)) {
                return Some((Spot::Held(slot), level.price));
            }
        }
        None
    }

    /// Returns whether a resting order may trade with one of this quantity.
    pub(crate) fn accepts(&self, order: &Order, quantity: Qty) -> bool {
        order.more == 0 || quantity >= least(&self.specials.get(order.more).terms, order.leaves)
    }

    /// Returns whether an order that isn't displayed would trade with a limit of the other side.
    #[cold]
    pub(crate) fn would_trade_unseen(&self, instrument: InstrumentId, side: Side, price: Price) -> bool {
        let mut levels = self.held.levels(instrument, Shelf::Dark, side.opposite());
        levels.next().is_some_and(|level| no_worse(side, price, level.price))
    }

    /// Returns whether an order could trade `wanted` at once without meeting its own account.
    pub(crate) fn can_trade(&self, taker: &Taker, wanted: Qty) -> bool {
        let (instrument, side) = (taker.order.instrument, taker.order.side.opposite());
        let mut lit = self.books.levels(instrument, side).peekable();
        let mut dark = self.held.levels(instrument, Shelf::Dark, side).peekable();
        let mut open = taker.leaves;
        while taker.leaves.0 - open.0 < wanted.0 {
            let Some((level, unseen)) = next_level(side, &mut lit, &mut dark) else { return false };
            if !taker.reaches(level.price) {
                return false;
            }
            let books = if unseen { self.held.books() } else { &self.books };
            for (_, order) in books.queue(level) {
                if unseen && !self.accepts(order, open) {
                    continue;
                }
                if order.account == taker.order.account {
                    if taker.order.self_trade == SelfTrade::CancelOldest {
                        continue;
                    }
                    return false;
                }
                open.0 -= open.0.min(self.leaves(order).0);
                if taker.leaves.0 - open.0 >= wanted.0 {
                    return true;
                }
            }
        }
        true
    }
}

/// Returns whether one price of a side comes before another.
pub(crate) const fn is_better(side: Side, one: Price, other: Price) -> bool {
    match side {
        Side::Buy => one.0 > other.0,
        Side::Sell => one.0 < other.0,
    }
}

/// Returns the better of two sides' next levels, and whether it is one that is not displayed.
fn next_level<'a>(
    side: Side,
    lit: &mut Peekable<impl Iterator<Item = &'a Level>>,
    dark: &mut Peekable<impl Iterator<Item = &'a Level>>,
) -> Option<(&'a Level, bool)> {
    let unseen = match (lit.peek(), dark.peek()) {
        (Some(seen), Some(unseen)) => is_better(side, unseen.price, seen.price),
        (seen, _) => seen.is_none(),
    };
    if unseen { dark.next().map(|level| (level, true)) } else { lit.next().map(|level| (level, false)) }
}
