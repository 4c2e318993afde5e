//! What the flow knows of one instrument.

use omni_types::{Side, TopOfBook};

use super::metaorder::Metaorders;
use super::random::Random;
use super::universe::Listing;
use super::value::Diffusion;

/// Parts of an instrument's variance: from what its trades tell, and from the whole market. The rest is its own.
const FLOW_PART: f64 = 0.30;
const MARKET_PART: f64 = 0.12;
/// Part of the commands that take, for what a trade may tell.
const TAKE_PART: f64 = 0.05;

/// How the flow treats an instrument, and where that stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Market {
    /// What members think it is worth, in ticks.
    pub(crate) fair: f64,
    /// How that moves by itself.
    pub(crate) own: Diffusion,
    /// Large orders being worked.
    pub(crate) metaorders: Metaorders,
    /// Half the spread that makers quote, in ticks, before rounding outwards.
    pub(crate) half: f64,
    /// How far from the touch orders rest, in ticks.
    pub(crate) depth: f64,
    /// What one wholly unexpected trade tells, in ticks.
    pub(crate) impact: f64,
    /// The sign that the next trade is expected to have, -1 to 1.
    pub(crate) expected: f64,
    /// Live orders that it is kept near.
    pub(crate) live: usize,
    /// Price units per tick.
    pub(crate) tick: i64,
    /// Lowest and highest price, in ticks.
    pub(crate) bounds: (i64, i64),
    /// Slow average of the mid, in ticks.
    pub(crate) trend: f64,
    beta: f64,
    market_seen: f64,
    fair_bounds: (f64, f64),
}

impl Market {
    /// Builds the state at the start of the day for an instrument of `commands` a day, `per_minute` of them a minute.
    pub(crate) fn new(listing: &Listing, traffic: Traffic, random: &mut Random) -> Self {
        let spec = &listing.spec;
        let minute = listing.volatility;
        let opening = listing.opening.0 as f64 / spec.tick as f64;
        let takes_per_minute = (traffic.per_minute * TAKE_PART).max(0.05);
        let children_max = (0.25 * TAKE_PART * traffic.commands).max(20.0);
        Self {
            fair: opening + random.unit() - 0.5,
            own: Diffusion::new(minute * (1.0 - FLOW_PART - MARKET_PART).sqrt(), random),
            metaorders: Metaorders::new(children_max, traffic.institutions, random),
            half: 0.1 + 0.3 * libm::pow(minute, 0.6),
            depth: (0.3 * minute).max(1.2),
            impact: minute * (FLOW_PART / takes_per_minute).sqrt().min(0.5),
            expected: 0.0,
            live: (20.0 + 0.35 * traffic.commands.sqrt()).min(0.6 * f64::from(traffic.capacity)) as usize,
            tick: spec.tick,
            bounds: (spec.price_min.0.div_euclid(spec.tick) + 1, spec.price_max.0.div_euclid(spec.tick)),
            trend: opening,
            beta: minute * MARKET_PART.sqrt(),
            market_seen: 0.0,
            fair_bounds: (0.4 * opening, 2.5 * opening),
        }
    }

    /// Moves the worth on to `now_ns` since the start; `market` is where the whole market stands.
    #[inline]
    pub(crate) fn advance(&mut self, now_ns: i64, passed: f64, market: f64, random: &mut Random) {
        let own = self.own.advance(now_ns, passed, random);
        self.shift(own + self.beta * (market - self.market_seen));
        self.market_seen = market;
    }

    /// Moves the worth by what a trade of `sign` and `weight` tells: what was not expected of it.
    #[inline]
    pub(crate) fn learn(&mut self, sign: f64, weight: f64) {
        self.shift((sign - self.expected) * weight * self.impact * self.own.scale.min(3.0));
    }

    fn shift(&mut self, ticks: f64) {
        self.fair = (self.fair + ticks).clamp(self.fair_bounds.0, self.fair_bounds.1);
    }

    /// Returns half of the spread quoted now: wider in a storm.
    #[inline]
    pub(crate) fn half_now(&self) -> f64 {
        self.half * self.own.scale.clamp(0.6, 4.0).sqrt()
    }

    /// Returns the price, in ticks, that makers quote on a side for half a spread.
    #[inline]
    pub(crate) fn quote(&self, side: Side, half: f64) -> i64 {
        match side {
            Side::Buy => floor(self.fair - half),
            Side::Sell => -floor(-self.fair - half),
        }
    }
}

/// Returns the whole number at or below `x`; `f64::floor` is a call on processors' lowest common denominator.
#[inline]
fn floor(x: f64) -> i64 {
    let whole = x as i64;
    whole - i64::from(whole as f64 > x)
}

/// How busy an instrument is, and who is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    /// Commands a day.
    pub(crate) commands: f64,
    /// Commands a minute.
    pub(crate) per_minute: f64,
    /// How many institutions there are.
    pub(crate) institutions: u16,
    /// Most live orders.
    pub(crate) capacity: u16,
}

/// The top of the book in ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch {
    /// Best bid and ask with their quantities.
    sides: [Option<(i64, u64)>; 2],
}

impl Touch {
    #[inline]
    pub(crate) fn new(top: &TopOfBook, tick: i64) -> Self {
        let ticks = |price: i64| if tick == 1 { price } else { price.div_euclid(tick) };
        let bid = top.bid.map(|(price, quantity)| (ticks(price.0), quantity.0));
        let ask = top.ask.map(|(price, quantity)| (ticks(price.0), quantity.0));
        Self { sides: [bid, ask] }
    }

    /// Returns the best price and quantity of a side.
    #[inline]
    pub(crate) fn best(&self, side: Side) -> Option<(i64, u64)> {
        self.sides[side.index()]
    }

    /// Returns both best prices, where both are there.
    #[inline]
    pub(crate) fn prices(&self) -> Option<(i64, i64)> {
        Some((self.sides[0]?.0, self.sides[1]?.0))
    }

    /// Returns the price nearest to `price` at which an order of `side` would not trade at once.
    #[inline]
    pub(crate) fn passive(&self, side: Side, price: i64) -> i64 {
        match (side, self.best(side.opposite())) {
            (Side::Buy, Some((ask, _))) => price.min(ask - 1),
            (Side::Sell, Some((bid, _))) => price.max(bid + 1),
            (_, None) => price,
        }
    }
}

#[cfg(test)]
mod tests {
    use omni_types::{Price, Qty};

    use super::*;

    #[test]
    fn rounds_down() {
        for (x, whole) in [(2.5, 2), (-2.5, -3), (3.0, 3), (-3.0, -3), (0.0, 0), (-0.1, -1)] {
            assert_eq!(floor(x), whole, "{x}");
        }
    }

    #[test]
    fn passive_prices_stay_on_their_side() {
        let top = TopOfBook { bid: Some((Price(500), Qty(1))), ask: Some((Price(515), Qty(2))) };
        let touch = Touch::new(&top, 5);
        assert_eq!(touch.prices(), Some((100, 103)));
        assert_eq!((touch.passive(Side::Buy, 105), touch.passive(Side::Buy, 90)), (102, 90));
        assert_eq!((touch.passive(Side::Sell, 90), touch.passive(Side::Sell, 110)), (101, 110));
        assert_eq!(Touch::new(&TopOfBook::default(), 5).passive(Side::Buy, 105), 105);
    }
}
