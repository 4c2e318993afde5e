//! What the next command shall do.

use omni_types::Side;

use super::config::Role;
use super::market::{Market, Touch};
use super::pool::Pool;
use super::random::Random;

/// Live orders on a side below which it is filled up first.
const SIDE_MIN: usize = 6;
/// Parts of what members do when nothing presses.
const TAKE: f64 = 0.075;
const AMEND: f64 = 0.05;
/// Part of new orders that rest at the touch.
const AT_TOUCH: f64 = 0.22;
/// Part of mispriced quotes that someone takes before their maker is away.
const SNIPE: f64 = 0.05;
/// Part of takers that look first and send a limit, not a market order.
const LIMITED: f64 = 0.6;
/// Part of takers that follow a large order, and the trend; the rest is noise.
const FOLLOW: f64 = 0.85;
const TREND: f64 = 0.05;
/// What the next command shall do, prices in ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Intent {
    /// Rest an order.
    Add { side: Side, price: i64, role: Role },
    /// Trade at once, at `limit` or better where there is one.
    Take { side: Side, quantity: u32, limit: Option<i64>, role: Role, member: u16 },
    /// Cancel the order in a slot.
    Cancel { slot: u16 },
    /// Move the order in a slot to another price.
    Move { slot: u16, price: i64 },
    /// Halve what is left of the order in a slot.
    Shrink { slot: u16 },
}

/// Everything that a decision looks at, for one instrument.
pub(crate) struct Scene<'a> {
    pub(crate) at: usize,
    pub(crate) market: &'a mut Market,
    pub(crate) pool: &'a Pool,
    pub(crate) random: &'a mut Random,
    pub(crate) touch: Touch,
    pub(crate) institutions: u16,
    /// Half of the spread quoted now, and the bid and ask that makers quote; the worth stays while one decides.
    pub(crate) half: f64,
    pub(crate) quotes: [i64; 2],
}

impl Scene<'_> {
    #[inline]
    fn quote(&self, side: Side) -> i64 {
        self.quotes[side.index()]
    }

    /// Chooses what to do; it can always be done.
    pub(crate) fn choose(&mut self) -> Intent {
        self.market.expected = FOLLOW * self.market.metaorders.expected();
        if let Some(side) = self.thin_side() {
            return self.add(side);
        }
        if let Some((side, edge)) = self.stale_side() {
            return self.correct(side, edge);
        }
        if let Some(side) = self.lagging_side()
            && self.random.chance(0.6)
        {
            return self.add_at(side, self.quote(side), Role::Maker);
        }
        self.ordinary()
    }

    /// Returns whether makers are at risk: the worth is at or beyond a quote.
    pub(crate) fn is_pressing(&self) -> bool {
        self.stale_side().is_some() || self.lagging_side().is_some()
    }

    fn thin_side(&self) -> Option<Side> {
        let thin = |side: &Side| self.pool.count(self.at, *side) < SIDE_MIN || self.touch.best(*side).is_none();
        Side::BOTH.into_iter().find(thin)
    }

    /// Returns the side whose best quote gives most away, and its distance from the worth in ticks.
    fn stale_side(&self) -> Option<(Side, f64)> {
        let (bid, ask) = self.touch.prices()?;
        let (bid_edge, ask_edge) = (self.market.fair - bid as f64, ask as f64 - self.market.fair);
        let (side, edge) = if bid_edge < ask_edge { (Side::Buy, bid_edge) } else { (Side::Sell, ask_edge) };
        (edge < 0.3 * self.half).then_some((side, edge))
    }

    /// Returns the side whose best quote has been left behind.
    fn lagging_side(&self) -> Option<Side> {
        let (bid, ask) = self.touch.prices()?;
        let bid_lag = self.quote(Side::Buy) - bid;
        let ask_lag = ask - self.quote(Side::Sell);
        let (side, lag) = if bid_lag > ask_lag { (Side::Buy, bid_lag) } else { (Side::Sell, ask_lag) };
        (lag > 0).then_some(side)
    }

    /// Answers a mispriced quote: its maker pulls or moves it, or an investor is faster.
    fn correct(&mut self, side: Side, edge: f64) -> Intent {
        let Some((price, available)) = self.touch.best(side) else { return self.ordinary() };
        let own = self.pool.at_price(self.at, side, price);
        let mispriced = edge < -0.3 * self.half;
        match own {
            Some(slot) if !(mispriced && self.random.chance(SNIPE)) => {
                let better = self.touch.passive(side, self.quote(side));
                let moves = better != price && self.random.chance(0.15);
                if moves { Intent::Move { slot, price: better } } else { Intent::Cancel { slot } }
            }
            None if !mispriced => self.ordinary(),
            _ => self.snipe(side.opposite(), (price, available)),
        }
    }

    fn snipe(&mut self, side: Side, (price, available): (i64, u64)) -> Intent {
        // Everyone saw it coming, so it tells nothing.
        self.market.expected = side.sign() as f64;
        let quantity = available.min(500) as u32;
        Intent::Take { side, quantity, limit: Some(price), role: Role::Investor, member: 0 }
    }

    fn ordinary(&mut self) -> Intent {
        let draw = self.random.unit();
        if draw < TAKE {
            return self.take();
        }
        if draw < TAKE + AMEND {
            return self.amend();
        }
        let total = self.pool.total(self.at);
        let fullness = total as f64 / self.market.live as f64;
        if self.random.chance((1.5 - fullness).clamp(0.05, 0.95)) {
            let buys = self.pool.count(self.at, Side::Buy);
            let side = if self.random.below(total) < buys { Side::Sell } else { Side::Buy };
            self.add(side)
        } else {
            Intent::Cancel { slot: self.victim() }
        }
    }

    /// Rests an order at the touch, or humped below it.
    pub(crate) fn add(&mut self, side: Side) -> Intent {
        let touch = self.quote(side);
        if self.random.chance(AT_TOUCH) {
            return self.add_at(side, touch, Role::Maker);
        }
        let away = (self.random.hump() * self.market.depth).min(20.0 * self.market.depth);
        let role = if away < 2.0 * self.market.depth { Role::Maker } else { Role::Investor };
        self.add_at(side, touch - side.sign() * away as i64, role)
    }

    fn add_at(&mut self, side: Side, price: i64, role: Role) -> Intent {
        if self.pool.free(self.at).is_none() {
            return Intent::Cancel { slot: self.victim() };
        }
        let (low, high) = self.market.bounds;
        Intent::Add { side, price: self.touch.passive(side, price).clamp(low, high), role }
    }

    /// Draws an order to cancel: of two, one that the price has run away from, else the first.
    fn victim(&mut self) -> u16 {
        let total = self.pool.total(self.at);
        let draw = |random: &mut Random| self.pool.at(self.at, random.below(total));
        let (first, second) = (draw(self.random), draw(self.random));
        let away = |slot: u16| (self.pool.get(self.at, slot).price as f64 - self.market.fair).abs();
        let band = self.half + 4.0 * self.market.depth;
        if away(second) > band && away(second) > away(first) { second } else { first }
    }

    fn amend(&mut self) -> Intent {
        let slot = self.victim();
        let order = self.pool.get(self.at, slot);
        if self.random.chance(0.4) && order.quantity > order.filled + 1 {
            return Intent::Shrink { slot };
        }
        let away = (self.random.hump() * self.market.depth) as i64;
        let price = self.touch.passive(order.side, self.quote(order.side) - order.side.sign() * away);
        if price == order.price { Intent::Cancel { slot } } else { Intent::Move { slot, price } }
    }

    /// Sends a child of a large order, a trend follower or noise.
    fn take(&mut self) -> Intent {
        let trend = self.trend();
        self.market.expected += TREND * trend;
        let draw = self.random.unit();
        let (sign, wanted, role, member) = if draw < FOLLOW {
            let order = self.market.metaorders.child(self.institutions, self.random);
            (order.sign, order.child, Role::Institution, order.institution)
        } else {
            let sign = if draw < FOLLOW + TREND { trend } else { self.random.sign() };
            (sign, 100, Role::Taker, 0)
        };
        let side = if sign < 0.0 { Side::Sell } else { Side::Buy };
        let Some((price, available)) = self.touch.best(side.opposite()) else { return self.add(side) };
        // Most takers look first and take no more than is there (Bouchaud et al. 2018, chapter 10).
        let looks = self.random.chance(0.88);
        let quantity = if looks { available.min(u64::from(wanted)) as u32 } else { wanted };
        let limit = (looks && self.random.chance(LIMITED)).then_some(price);
        Intent::Take { side, quantity, limit, role, member }
    }

    /// Returns where the mid is going: -1, 0 or 1.
    fn trend(&mut self) -> f64 {
        let Some((bid, ask)) = self.touch.prices() else { return 0.0 };
        let ahead = 0.5 * (bid + ask) as f64 - self.market.trend;
        if ahead.abs() < 0.25 { 0.0 } else { 1_f64.copysign(ahead) }
    }
}
