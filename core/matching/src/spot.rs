//! Where an order rests: in the displayed book, or out of sight.

use omni_book::{Order, Slot, mix};
use omni_types::{ExecutionReport, InstrumentId, Price, Qty, Side, Time};

use crate::Exchange;
use crate::report::{self, Told};
use crate::special::Special;

/// Where an order rests; valid until the order leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Spot {
    /// In the displayed book.
    Lit(Slot),
    /// On a shelf of those that are not displayed.
    Held(Slot),
}

/// Returns whether an order with this limit reaches a price of the other side.
#[inline]
pub(crate) const fn no_worse(side: Side, limit: Price, price: Price) -> bool {
    match side {
        Side::Buy => price.0 <= limit.0,
        Side::Sell => price.0 >= limit.0,
    }
}

impl Exchange {
    #[inline]
    pub(crate) fn order(&self, spot: Spot) -> Order {
        match spot {
            Spot::Lit(slot) => *self.books.order(slot),
            Spot::Held(slot) => self.held.order(slot),
        }
    }

    #[inline]
    pub(crate) fn price(&self, spot: Spot) -> Price {
        match spot {
            Spot::Lit(slot) => self.books.price(slot),
            Spot::Held(slot) => self.held.price(slot),
        }
    }

    /// Builds a report on a resting order; callers set what differs.
    #[inline]
    pub(crate) fn resting(&self, order: &Order, price: Price, time: Time) -> ExecutionReport {
        report::resting(order, self.told(order, price), time)
    }

    /// Returns what is told of an order that rests at a price.
    #[inline]
    pub(crate) fn told(&self, order: &Order, price: Price) -> Told {
        if order.more == 0 { Told::plain(order, price) } else { self.told_of_special(order.more) }
    }

    #[cold]
    pub(crate) fn told_of_special(&self, more: u32) -> Told {
        let Special { order_type, time_in_force, limit: price, reserve, .. } = *self.specials.get(more);
        Told { order_type, time_in_force, price, reserve }
    }

    /// Returns what of an order can still trade, shown or not.
    #[inline]
    pub(crate) fn leaves(&self, order: &Order) -> Qty {
        if order.more == 0 { order.leaves } else { Qty(order.leaves.0 + self.specials.get(order.more).reserve.0) }
    }

    /// Takes a fill off a resting order; an iceberg shows its next part behind all others at its price.
    #[inline(always)]
    pub(crate) fn fill(&mut self, spot: Spot, order: &Order, quantity: Qty) {
        match spot {
            Spot::Lit(slot) => {
                if self.books.fill(slot, quantity) == Qty::ZERO {
                    self.index.remove(mix(order.key, u64::from(order.session.0)), slot);
                }
            }
            Spot::Held(slot) => self.held.fill(slot, quantity),
        }
        if order.more != 0 && quantity == order.leaves {
            self.replenish(*order);
        }
    }

    /// Shows the next part of an iceberg whose shown part was filled; without one the order is over.
    #[cold]
    fn replenish(&mut self, mut order: Order) {
        let special = self.specials.get_mut(order.more);
        let (price, next) = (special.limit, special.reserve.min(special.terms.size));
        special.reserve.0 -= next.0;
        if next == Qty::ZERO {
            return self.specials.give(order.more);
        }
        order.filled.0 += order.leaves.0;
        order.leaves = next;
        let rested = self.books.rest(order.instrument, order.side(), price, order);
        debug_assert!(rested.is_ok(), "Invariant: its slot and level have just come free");
        if let Ok(slot) = rested {
            self.index.insert(mix(order.key, u64::from(order.session.0)), slot);
        }
    }

    /// Takes quantity off an order that keeps its place and some of its quantity: first what an iceberg doesn't show.
    pub(crate) fn lessen(&mut self, spot: Spot, quantity: Qty) {
        let order = self.order(spot);
        let mut rest = quantity;
        if order.more != 0 {
            let reserve = &mut self.specials.get_mut(order.more).reserve;
            let unseen = rest.min(*reserve);
            reserve.0 -= unseen.0;
            rest.0 -= unseen.0;
        }
        match spot {
            _ if rest == Qty::ZERO => {}
            Spot::Lit(slot) => self.books.reduce(slot, rest),
            Spot::Held(slot) => self.held.reduce(slot, rest),
        }
    }

    /// Takes an order out of where it rests; its terms are still kept.
    pub(crate) fn remove(&mut self, spot: Spot) -> Order {
        match spot {
            Spot::Lit(slot) => {
                let order = self.books.remove(slot);
                self.index.remove(mix(order.key, u64::from(order.session.0)), slot);
                order
            }
            Spot::Held(slot) => self.held.remove(slot),
        }
    }

    /// Forgets an order's terms, if it has any.
    #[inline]
    pub(crate) fn forget(&mut self, more: u32) {
        if more != 0 {
            self.specials.give(more);
        }
    }

    /// Returns the best price of a side that others see.
    pub(crate) fn seen(&self, instrument: InstrumentId, side: Side) -> Option<Price> {
        self.books.best(instrument, side).map(|level| level.price)
    }
}
