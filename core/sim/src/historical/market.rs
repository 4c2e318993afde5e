//! What the simulation holds of a listed instrument.

use omni_port::Listing;
use omni_types::{Instrument, Price, Qty, Side, Time, TopOfBook, TradingState};

use super::{Data, Spread};

/// Prices beyond are no prices: keys and sums of two stay in range.
pub(super) const PRICE_MOST: i64 = 1 << 62;

/// An instrument and its recorded market.
#[derive(Clone, Debug)]
pub(super) struct Market {
    pub(super) data: Data,
    pub(super) listing: Listing,
    /// Whether the recorded book was crossed when last looked at.
    pub(super) crossed: bool,
    /// Whether a recorded event has begun and not ended.
    pub(super) within_event: bool,
    /// The recorded best when last looked at.
    pub(super) top: TopOfBook,
    /// Of quotes: what is left of the displayed quantity after the trades since, by side.
    pub(super) shown: [u64; 2],
    /// Of quotes: what our orders took of it.
    pub(super) taken: [u64; 2],
    /// Of bars: the last one's close and end.
    pub(super) closed: Option<(Price, Time)>,
    /// Of trades without quotes: the last one's price, and what is left of its units.
    pub(super) traded: Option<(Price, u64)>,
}

impl Market {
    pub(super) fn new(instrument: &Instrument, data: Data) -> Self {
        Self::of(Listing::new(instrument), data)
    }

    pub(super) fn of(listing: Listing, data: Data) -> Self {
        Self {
            data,
            listing,
            crossed: false,
            within_event: false,
            top: TopOfBook::default(),
            shown: [0; 2],
            taken: [0; 2],
            closed: None,
            traded: None,
        }
    }

    /// Returns whether anything may fill now.
    #[inline]
    pub(super) fn fills(&self) -> bool {
        self.listing.state == TradingState::Open && !self.crossed
    }

    /// Returns the worst price that a market order trades at: the end of the instrument's range.
    pub(super) const fn worst(&self, side: Side) -> Price {
        match side {
            Side::Buy => self.listing.price_max,
            Side::Sell => self.listing.price_min,
        }
    }

    /// Returns the best price of a side when last looked at.
    pub(super) fn best(&self, side: Side) -> Option<(Price, Qty)> {
        match side {
            Side::Buy => self.top.bid,
            Side::Sell => self.top.ask,
        }
    }

    /// Returns the price at which a taker of `side` trades where the middle is `middle`: half the spread worse, rounded
    /// away to the tick, within the instrument's range.
    pub(super) fn across(&self, side: Side, middle: Price, spread: Spread) -> Price {
        let half = half_spread(middle, spread);
        let raw = i128::from(middle.0) + i128::from(side.sign()) * half;
        let Listing { price_min, price_max, .. } = self.listing;
        let within = Price(raw.clamp(price_min.0.into(), price_max.0.into()) as i64);
        self.listing.rounded(within, side == Side::Buy)
    }
}

/// Half of the spread in price units, rounded up.
fn half_spread(middle: Price, spread: Spread) -> i128 {
    match spread {
        Spread::Units(units) => i128::from(units).div_euclid(2) + i128::from(units % 2),
        Spread::BasisPoints(points) => {
            let wide = i128::from(middle.0.unsigned_abs()) * i128::from(points);
            (wide + 19_999).div_euclid(20_000)
        }
    }
}

/// Returns whether `price` is strictly better for someone of `side` to offer: higher for a buyer, lower for a seller.
#[inline]
pub(super) const fn better(side: Side, price: Price, than: Price) -> bool {
    match side {
        Side::Buy => price.0 > than.0,
        Side::Sell => price.0 < than.0,
    }
}

/// Returns whether an order of `side` with this limit reaches an opposite price.
#[inline]
pub(super) const fn reaches(side: Side, limit: Price, price: Price) -> bool {
    match side {
        Side::Buy => price.0 <= limit.0,
        Side::Sell => price.0 >= limit.0,
    }
}
