//! What the trades and prices of a command set off: stops, pegs, and orders that wait for enough at once.

use omni_book::Slot;
use omni_port::Sink;
use omni_types::{
    Event, ExecType, ExecutionReport, InstrumentId, Minimum, OrderId, OrderType, Peg, Price, Side, Terms, Time,
    TradingState, Trigger,
};

use crate::Exchange;
use crate::arrival::{is_reached, least, started, stop_price};
use crate::held::Shelf;
use crate::spot::{Spot, no_worse};
use crate::taker::Taker;
use crate::unseen::is_better;

impl Exchange {
    /// Does what follows from a command, until nothing does: stops that its trades have reached enter, pegged orders
    /// follow the displayed prices, and orders with a minimum trade where there is enough.
    #[inline]
    pub(crate) fn settle<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        if !self.held.is_empty() || self.run.is_some() {
            self.settle_held(instrument, time, sink);
        }
    }

    #[cold]
    fn settle_held<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        if self.listings[instrument.index()].state != TradingState::Open {
            self.run = None;
            return;
        }
        loop {
            self.fire(instrument);
            let moved = self.start_next(instrument, time, sink)
                || self.move_pegs(instrument, time, sink)
                || self.try_minimum(instrument, time, sink);
            if !moved {
                return;
            }
        }
    }

    /// Sets the stops aside that the last trades have reached, the nearest first, after those that trail have moved.
    fn fire(&mut self, instrument: InstrumentId) {
        let Some((first, last)) = self.run.take() else { return };
        self.trail(instrument, first);
        for side in Side::BOTH {
            let furthest = if side == Side::Buy { Price(first.0.max(last.0)) } else { Price(first.0.min(last.0)) };
            while let Some(slot) = self.held.first(instrument, Shelf::Stop, side) {
                if !is_reached(side, self.held.price(slot), furthest) {
                    break;
                }
                self.shift(slot, Shelf::Fired, Price(0));
            }
        }
        self.trail(instrument, last);
    }

    /// Moves the stops that trail a trade's price.
    fn trail(&mut self, instrument: InstrumentId, price: Price) {
        for side in Side::BOTH {
            let mut moving = core::mem::take(&mut self.scratch);
            let trails = |slot: &Slot| self.trailed(*slot, side, price).is_some();
            moving.extend(self.shelved(instrument, Shelf::Stop, side).filter(trails).map(|slot| (slot, OrderId(0))));
            for &(slot, _) in &moving {
                if let Some(stop) = self.trailed(slot, side, price) {
                    self.shift(slot, Shelf::Stop, stop);
                }
            }
            moving.clear();
            self.scratch = moving;
        }
    }

    /// Returns where a trailing stop goes after a trade, if it moves.
    fn trailed(&self, slot: Slot, side: Side, price: Price) -> Option<Price> {
        let terms = self.specials.get(self.held.order(slot).more).terms;
        if terms.trigger != Trigger::Trailing {
            return None;
        }
        let stop = stop_price(side, &terms, price);
        is_better(side.opposite(), stop, self.held.price(slot)).then_some(stop)
    }

    /// Returns the orders of a shelf's side, first in line first.
    fn shelved(&self, instrument: InstrumentId, shelf: Shelf, side: Side) -> impl Iterator<Item = Slot> + '_ {
        let levels = self.held.levels(instrument, shelf, side);
        levels.flat_map(|level| self.held.books().queue(level)).map(|(slot, _)| slot)
    }

    /// Puts an order behind all others elsewhere on the shelves.
    fn shift(&mut self, slot: Slot, shelf: Shelf, price: Price) {
        let order = self.held.remove(slot);
        let rested = self.held.rest(shelf, order.side(), price, order);
        debug_assert!(rested.is_ok(), "Invariant: its slot has just come free, and levels are as many as orders");
    }

    /// Lets the next order enter whose stop was reached.
    fn start_next<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) -> bool {
        let next = Side::BOTH.into_iter().find_map(|side| self.held.first(instrument, Shelf::Fired, side));
        let Some(slot) = next else { return false };
        let (taker, terms) = self.take_up(Spot::Held(slot));
        let report = ExecutionReport { exec_type: ExecType::Triggered, ..taker.report(time) };
        sink.event(&Event::Report(report));
        self.go(taker, started(terms), time, sink);
        true
    }

    /// Takes an order out of where it rests, to enter again.
    pub(crate) fn take_up(&mut self, spot: Spot) -> (Taker, Terms) {
        let price = self.price(spot);
        let order = self.remove(spot);
        let taker = Taker::again(&order, self.told(&order, price));
        let terms = if order.more == 0 { Terms::NONE } else { self.specials.get(order.more).terms };
        self.forget(order.more);
        (taker, terms)
    }

    /// Returns the price that a pegged order follows; `None` where what it follows isn't there.
    pub(crate) fn peg_price(
        &self,
        instrument: InstrumentId,
        side: Side,
        terms: &Terms,
        limit: Option<Price>,
    ) -> Option<Price> {
        let own = || self.seen(instrument, side).map(|price| price.0);
        let other = || self.seen(instrument, side.opposite()).map(|price| price.0);
        let base = match terms.peg {
            Peg::None => return None,
            Peg::Primary => own()?,
            Peg::Market => other()?,
            Peg::Midpoint => {
                let twice = own()? + other()?;
                if side == Side::Buy { twice.div_euclid(2) } else { -(-twice).div_euclid(2) }
            }
        };
        let price = Price(base.saturating_add(side.sign() * terms.price.0));
        let bounded = limit.filter(|&limit| !no_worse(side, limit, price)).unwrap_or(price);
        let listing = &self.listings[instrument.index()];
        (bounded >= listing.price_min && bounded <= listing.price_max).then_some(bounded)
    }

    /// Moves the pegged orders that are not where the displayed prices put them now; returns whether there were any.
    fn move_pegs<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) -> bool {
        let mut moving = core::mem::take(&mut self.scratch);
        for side in Side::BOTH {
            for shelf in [Shelf::Dark, Shelf::Parked] {
                let astray = self.shelved(instrument, shelf, side).filter(|&slot| self.is_astray(slot));
                moving.extend(astray.map(|slot| (slot, self.held.order(slot).id)));
            }
        }
        let moved = !moving.is_empty();
        for &(slot, id) in &moving {
            // One of them may have traded with another, or its price may be right again.
            let there = self.held.books().get(slot).is_some_and(|order| order.id == id);
            if there && self.is_astray(slot) {
                let (taker, terms) = self.take_up(Spot::Held(slot));
                self.follow(taker, terms, time, sink);
            }
        }
        moving.clear();
        self.scratch = moving;
        moved
    }

    fn is_astray(&self, slot: Slot) -> bool {
        let order = self.held.order(slot);
        let shelf = self.held.shelf(slot);
        if order.more == 0 || !matches!(shelf, Shelf::Dark | Shelf::Parked) {
            return false;
        }
        let special = self.specials.get(order.more);
        if special.terms.peg == Peg::None {
            return false;
        }
        let limit = (special.order_type == OrderType::Limit).then_some(special.limit);
        let target = self.peg_price(order.instrument, order.side(), &special.terms, limit);
        target != (shelf == Shelf::Dark).then(|| self.held.price(slot))
    }

    /// Lets the first order trade that waits for enough at once and now finds it.
    fn try_minimum<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) -> bool {
        let found = Side::BOTH
            .into_iter()
            .find_map(|side| self.shelved(instrument, Shelf::Dark, side).find(|&slot| self.finds_enough(slot)));
        let Some(slot) = found else { return false };
        let (taker, terms) = self.take_up(Spot::Held(slot));
        self.go(taker, terms, time, sink);
        true
    }

    fn finds_enough(&self, slot: Slot) -> bool {
        let order = self.held.order(slot);
        if order.more == 0 || self.specials.get(order.more).terms.minimum == Minimum::None {
            return false;
        }
        let wanted = least(&self.specials.get(order.more).terms, order.leaves);
        self.can_trade(&Taker::again(&order, self.told_of_special(order.more)), wanted)
    }
}
