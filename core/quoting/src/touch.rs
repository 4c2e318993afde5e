//! The best bid and ask that others show.

use omni_types::{Price, Qty, Side, TopOfBook};

use crate::working::Working;

/// A price in ticks and the quantity there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Best {
    pub(crate) ticks: i64,
    pub(crate) quantity: u64,
}

/// The touch without the maker's own orders, so that it never follows itself.
///
/// Where the maker is alone at the best price, what others show behind it isn't seen: what was seen last stands, at
/// least a tick behind the maker's own price.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Touch {
    bests: [Option<Best>; 2],
}

impl Touch {
    /// Takes in a new top of the book, with the maker's own orders in it; returns whether others' part of it changed.
    #[inline]
    pub(crate) fn update(&mut self, top: &TopOfBook, own: &[Working; 2], tick: i64) -> bool {
        let before = self.bests;
        for (side, level) in [(Side::Buy, top.bid), (Side::Sell, top.ask)] {
            let at = side.index();
            self.bests[at] = level.and_then(|level| others(side, level, &own[at], before[at], tick));
        }
        self.bests != before
    }

    /// Returns best bid and best ask where both are there and not crossed.
    #[inline]
    pub(crate) fn both(&self) -> Option<(Best, Best)> {
        let (bid, ask) = (self.bests[0]?, self.bests[1]?);
        (bid.ticks < ask.ticks).then_some((bid, ask))
    }
}

#[inline]
fn others(side: Side, (price, quantity): (Price, Qty), own: &Working, seen: Option<Best>, tick: i64) -> Option<Best> {
    let ticks = price.0.div_euclid(tick);
    let mine = if own.rests_at(ticks) { own.leaves() } else { 0 };
    if quantity.0 > mine {
        return Some(Best { ticks, quantity: quantity.0 - mine });
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

    #[test]
    fn own_quantity_is_taken_out() {
        let own = [Working::resting(100, 40), Working::default()];
        let mut touch = Touch::default();
        assert!(touch.update(&top((500, 100), (520, 30)), &own, 5));
        let (bid, ask) = touch.both().unwrap();
        assert_eq!((bid, ask), (Best { ticks: 100, quantity: 60 }, Best { ticks: 104, quantity: 30 }));
        assert!(!touch.update(&top((500, 100), (520, 30)), &own, 5), "nothing changed");
    }

    #[test]
    fn alone_at_the_touch_the_last_seen_stands() {
        let mut touch = Touch::default();
        touch.update(&top((100, 50), (104, 30)), &[Working::default(); 2], 1);
        let own = [Working::resting(102, 40), Working::resting(103, 40)];
        assert!(!touch.update(&top((102, 40), (103, 40)), &own, 1), "only the maker's own orders came");
        assert_eq!(prices(&touch), Some((100, 104)));
        let lower = [Working::resting(98, 40), Working::resting(106, 40)];
        touch.update(&top((98, 40), (106, 40)), &lower, 1);
        assert_eq!(prices(&touch), Some((97, 107)), "others can't be better than the touch");
    }

    #[test]
    fn one_sided_and_crossed_tops_are_no_touch() {
        let mut touch = Touch::default();
        let none = [Working::default(); 2];
        touch.update(&TopOfBook { ask: None, ..top((100, 50), (104, 30)) }, &none, 1);
        assert_eq!(prices(&touch), None);
        touch.update(&top((105, 50), (104, 30)), &none, 1);
        assert_eq!(prices(&touch), None);
        let alone = [Working::resting(100, 50), Working::default()];
        let mut never_seen = Touch::default();
        never_seen.update(&top((100, 50), (104, 30)), &alone, 1);
        assert_eq!(prices(&never_seen), None);
    }
}
