//! Resting orders of ours: what recorded executions and displayed quantity give them.

use omni_book::Slot;
use omni_port::Sink;
use omni_types::{InstrumentId, Liquidity, Price, Side, Time, TradeTick};

use super::market::{better, reaches};
use super::report::Fill;
use super::statistics::count;
use super::{Data, Historical, Reach};

/// A recorded execution whose units may go to orders of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Print {
    pub(super) instrument: InstrumentId,
    pub(super) price: Price,
    /// All its units; an order of ours behind quantity has only those that come after it.
    pub(super) total: u64,
    /// The units not given before.
    pub(super) free: u64,
    /// Whose turn is first: the side that rested.
    pub(super) first: Side,
    /// Sides whose orders at the very price take part.
    pub(super) at_price: [bool; 2],
}

impl Print {
    /// Builds the print of a trade that names no order: orders at its price take part where its aggressor is of the
    /// other side or unknown.
    pub(super) fn of(trade: &TradeTick, free: u64) -> Self {
        Self {
            instrument: trade.instrument,
            price: trade.price,
            total: trade.quantity.0,
            free,
            first: trade.aggressor.map_or(Side::Buy, Side::opposite),
            at_price: Side::BOTH.map(|side| trade.aggressor != Some(side)),
        }
    }
}

/// How far a print is given away.
struct Given {
    /// Units passed from its front.
    cursor: u64,
    free: u64,
}

impl Historical {
    /// Gives a print's units to our orders: better prices first, then by arrival; returns what is left.
    pub(super) fn give<S: Sink>(&mut self, print: &Print, time: Time, sink: &mut S) -> u64 {
        if print.free == 0 || !self.markets[print.instrument.index()].fills() || !self.own.any(print.instrument) {
            return print.free;
        }
        let mut given = Given { cursor: 0, free: print.free };
        for side in [print.first, print.first.opposite()] {
            let mut behind = 0;
            while let Some((price, front)) = self.own.level(print.instrument, side, behind) {
                let through = better(side, price, print.price);
                if given.free == 0 || !(through || price == print.price && print.at_price[side.index()]) {
                    break;
                }
                self.give_level(print, &mut given, (front, through), time, sink);
                behind += self.own.step(print.instrument, side, price);
            }
        }
        count(&mut self.statistics.given, print.free - given.free);
        given.free
    }

    fn give_level<S: Sink>(
        &mut self,
        print: &Print,
        given: &mut Given,
        (front, through): (Slot, bool),
        time: Time,
        sink: &mut S,
    ) {
        let mut next = Some(front);
        while let Some(slot) = next {
            next = self.own.books.behind(slot);
            if self.own.standing(slot).waiting {
                continue;
            }
            let ahead = if through { 0 } else { self.passed_over(slot) };
            let (order, price) = (self.own.books.order(slot), self.own.books.price(slot));
            let start = given.cursor.max(ahead);
            let quantity = print.total.saturating_sub(start).min(given.free).min(order.leaves.0);
            if quantity > 0 {
                given.cursor = start + quantity;
                given.free -= quantity;
                self.fill(slot, Fill { price, quantity, liquidity: Liquidity::Maker }, time, sink);
            }
        }
    }

    /// Returns how many units of an execution at its price pass before an order of ours has a turn.
    fn passed_over(&self, slot: Slot) -> u64 {
        let (order, standing) = (self.own.books.order(slot), self.own.standing(slot));
        match self.markets[order.instrument.index()].data {
            Data::Quotes | Data::Trades => standing.ahead,
            Data::Orders | Data::Bars => {
                let front = self.recorded.front(order.instrument, order.side(), self.own.books.price(slot));
                if front.is_none_or(|stamp| stamp > standing.stamp) { 0 } else { u64::MAX }
            }
        }
    }

    /// Puts the orders to work that waited for the recorded event's end, then fills resting ones that displayed
    /// quantity has reached.
    pub(super) fn after_event<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        if !self.own.any(instrument) {
            return;
        }
        while let Some(slot) = self.own.wake(instrument) {
            self.work(slot, time, sink);
        }
        if self.config.reach == Reach::Executions || !self.markets[instrument.index()].fills() {
            return;
        }
        for side in Side::BOTH {
            let mut behind = 0;
            while let Some((price, front)) = self.own.level(instrument, side, behind) {
                if !self.reach_level(instrument, side, (price, front), time, sink) {
                    break;
                }
                behind += self.own.step(instrument, side, price);
            }
        }
    }

    /// Fills a level's orders from displayed quantity; returns whether there may be more for the levels behind.
    #[inline]
    fn reach_level<S: Sink>(
        &mut self,
        instrument: InstrumentId,
        side: Side,
        (price, front): (Price, Slot),
        time: Time,
        sink: &mut S,
    ) -> bool {
        let limit = if self.config.reach == Reach::Touch { price } else { Price(price.0 - side.sign()) };
        let best = self.markets[instrument.index()].best(side.opposite());
        if !best.is_some_and(|(best, _)| reaches(side, limit, best)) {
            return false;
        }
        let mut next = Some(front);
        while let Some(slot) = next {
            next = self.own.books.behind(slot);
            let wanted = self.own.books.order(slot).leaves.0;
            let mut quantity = 0;
            while quantity < wanted
                && let Some((_, got)) = self.take(instrument, side, limit, wanted - quantity)
            {
                quantity += got;
            }
            if quantity > 0 {
                self.fill(slot, Fill { price, quantity, liquidity: Liquidity::Maker }, time, sink);
            }
            if quantity < wanted {
                return false;
            }
        }
        true
    }
}
