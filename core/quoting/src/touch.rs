//! The best bid and ask that others show.

use omni_types::{Price, Qty, Side, Time, TopOfBook};

use crate::estimate::gap;
use crate::working::Working;

/// A price in ticks and the quantity there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Best {
    pub(crate) ticks: i64,
    pub(crate) quantity: u64,
    /// The most lately there, less what has traded since: what is missing of it was taken away.
    pub(crate) most: f64,
}

impl Best {
    pub(crate) const fn new(ticks: i64, quantity: u64) -> Self {
        Self { ticks, quantity, most: quantity as f64 }
    }

    /// Returns whether `part` or more of what was lately there is left.
    ///
    /// Quantity that leaves without trading tells where the price goes (order-flow imbalance: Cont, Kukanov and
    /// Stoikov 2014), and who is left there last trades against those who know.
    #[inline]
    pub(crate) fn holds(&self, part: f64) -> bool {
        self.quantity as f64 >= part * self.most
    }
}

/// The maker's own orders and the tick: what it needs to tell others' orders from its own.
#[derive(Clone, Copy)]
pub(crate) struct Own<'a> {
    pub(crate) orders: &'a [Working; 2],
    pub(crate) tick: i64,
}

/// The touch without the maker's own orders, so that it never follows itself.
///
/// Where the maker is alone at the best price, what others show behind it isn't seen: what was seen last stands, at
/// least a tick behind the maker's own price.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Touch {
    bests: [Option<Best>; 2],
    last: Option<Time>,
}

impl Touch {
    /// Takes in a new top of the book, with the maker's own orders in it; `memory_s` is that of the most shown.
    #[inline]
    pub(crate) fn update(&mut self, top: &TopOfBook, own: Own, now: Time, memory_s: f64) {
        let (_, keep) = gap(self.last.replace(now), now, memory_s);
        for (side, level) in [(Side::Buy, top.bid), (Side::Sell, top.ask)] {
            let best = &mut self.bests[side.index()];
            let seen = best.map(|best| fading(best, keep));
            *best = level.and_then(|level| others(side, level, own, seen));
        }
    }

    /// Takes in a trade with what rests on a side, before the top that it leaves.
    #[inline]
    pub(crate) fn traded(&mut self, side: Side, price: Price, quantity: Qty, tick: i64) {
        let best = self.bests[side.index()].as_mut();
        if let Some(best) = best.filter(|best| best.ticks == price.0.div_euclid(tick)) {
            best.most -= quantity.0 as f64;
            best.quantity = best.quantity.saturating_sub(quantity.0);
        }
    }

    /// Returns best bid and best ask where both are there and not crossed.
    #[inline]
    pub(crate) fn both(&self) -> Option<(Best, Best)> {
        let (bid, ask) = (self.bests[0]?, self.bests[1]?);
        (bid.ticks < ask.ticks).then_some((bid, ask))
    }
}

/// Forgets a part of how much more there was than there is.
fn fading(best: Best, keep: f64) -> Best {
    let now = best.quantity as f64;
    Best { most: now + (best.most - now).max(0.0) * keep, ..best }
}

#[inline]
fn others(side: Side, (price, quantity): (Price, Qty), own: Own, seen: Option<Best>) -> Option<Best> {
    let ticks = price.0.div_euclid(own.tick);
    let order = &own.orders[side.index()];
    let mine = if order.rests_at(ticks) { order.leaves() } else { 0 };
    if quantity.0 > mine {
        let now = Best::new(ticks, quantity.0 - mine);
        let same = seen.filter(|best| best.ticks == ticks);
        return Some(Best { most: same.map_or(now.most, |best| now.most.max(best.most)), ..now });
    }
    let behind = ticks.saturating_sub(side.sign());
    seen.map(|best| Best {
        ticks: if side == Side::Buy { best.ticks.min(behind) } else { best.ticks.max(behind) },
        ..best
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn top(bid: (i64, u64), ask: (i64, u64)) -> TopOfBook {
        TopOfBook { bid: Some((Price(bid.0), Qty(bid.1))), ask: Some((Price(ask.0), Qty(ask.1))) }
    }

    fn prices(touch: &Touch) -> Option<(i64, i64)> {
        touch.both().map(|(bid, ask)| (bid.ticks, ask.ticks))
    }

    fn update(touch: &mut Touch, at_s: i64, bid: (i64, u64), ask: (i64, u64), orders: &[Working; 2], tick: i64) {
        touch.update(&top(bid, ask), Own { orders, tick }, Time(at_s * Time::SECOND), 10.0);
    }

    #[test]
    fn own_quantity_is_taken_out() {
        let own = [Working::resting(100, 40), Working::default()];
        let mut touch = Touch::default();
        update(&mut touch, 0, (500, 100), (520, 30), &own, 5);
        assert_eq!(touch.both(), Some((Best::new(100, 60), Best::new(104, 30))));
    }

    #[test]
    fn alone_at_the_touch_the_last_seen_stands() {
        let mut touch = Touch::default();
        update(&mut touch, 0, (100, 50), (104, 30), &[Working::default(); 2], 1);
        let own = [Working::resting(102, 40), Working::resting(103, 40)];
        update(&mut touch, 1, (102, 40), (103, 40), &own, 1);
        assert_eq!(prices(&touch), Some((100, 104)), "only the maker's own orders came");
        let lower = [Working::resting(98, 40), Working::resting(106, 40)];
        update(&mut touch, 2, (98, 40), (106, 40), &lower, 1);
        assert_eq!(prices(&touch), Some((97, 107)), "others can't be better than the touch");
    }

    #[test]
    fn what_is_taken_away_is_missed_for_a_while_and_what_traded_is_not() {
        let (mut touch, none) = (Touch::default(), [Working::default(); 2]);
        let holds = |touch: &Touch| touch.both().is_some_and(|(bid, _)| bid.holds(0.6));
        update(&mut touch, 0, (100, 1_000), (104, 30), &none, 1);
        update(&mut touch, 1, (100, 700), (104, 30), &none, 1);
        assert!(holds(&touch));
        update(&mut touch, 2, (100, 400), (104, 30), &none, 1);
        assert!(!holds(&touch), "six hundred of a thousand went");
        update(&mut touch, 1_000, (100, 400), (104, 30), &none, 1);
        assert!(holds(&touch), "in a quarter of an hour that is forgotten");
        touch.traded(Side::Buy, Price(100), Qty(300), 1);
        update(&mut touch, 1_001, (100, 100), (104, 30), &none, 1);
        assert!(holds(&touch), "traded, not taken away");
        update(&mut touch, 1_002, (99, 50), (104, 30), &none, 1);
        assert!(holds(&touch), "another price is looked at afresh");
    }

    #[test]
    fn one_sided_and_crossed_tops_are_no_touch() {
        let mut touch = Touch::default();
        let none = [Working::default(); 2];
        let one_sided = TopOfBook { ask: None, ..top((100, 50), (104, 30)) };
        touch.update(&one_sided, Own { orders: &none, tick: 1 }, Time(0), 10.0);
        assert_eq!(prices(&touch), None);
        update(&mut touch, 1, (105, 50), (104, 30), &none, 1);
        assert_eq!(prices(&touch), None);
        let alone = [Working::resting(100, 50), Working::default()];
        let mut never_seen = Touch::default();
        update(&mut never_seen, 2, (100, 50), (104, 30), &alone, 1);
        assert_eq!(prices(&never_seen), None);
    }
}
