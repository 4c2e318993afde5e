//! What the gate knows of an instrument.

use omni_types::{Instrument, Price};

/// Where a reference price came from, the weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Source {
    /// A person, or the day's opening: replaces whatever there was, and gives way to the next quote or trade.
    Operator = 1,
    /// The mid of the top of the book; gives way to a trade.
    Quote = 2,
    /// The last trade.
    Trade = 3,
}

/// Most that a position may be: open quantity, at most twice as much, then has a sign bit to spare.
const POSITION_MAX: u64 = (1 << 62) - 1;

/// The fields of an instrument that the checks read, one cache line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Listing {
    /// Money of one price unit times one quantity unit, in 10^-20 of the currency.
    pub value: u128,
    pub position_max: u64,
    pub quantity_max: u64,
    pub price_min: i64,
    pub price_max: i64,
    pub reference: i64,
    pub currency: u16,
    pub source: Option<Source>,
}

impl Listing {
    pub fn new(instrument: &Instrument, currency: u16) -> Self {
        Self {
            value: instrument.value.unsigned_abs(),
            position_max: instrument.position_max.0.min(POSITION_MAX),
            quantity_max: instrument.spec.quantity_max.0,
            price_min: instrument.spec.price_min.0,
            price_max: instrument.spec.price_max.0,
            reference: 0,
            currency,
            source: None,
        }
    }

    /// Checks what [`Listing::new`] takes on trust from a listed instrument: within these, nothing overflows.
    pub fn in_range(&self) -> bool {
        let price = -(1 << 62)..=1 << 62;
        self.position_max <= POSITION_MAX
            && self.quantity_max <= 1 << 62
            && price.contains(&self.price_min)
            && price.contains(&self.price_max)
            && self.reference().is_none_or(|reference| self.accepts(reference))
    }

    /// Returns the reference price, in price units.
    #[inline]
    pub fn reference(&self) -> Option<i64> {
        self.source.is_some().then_some(self.reference)
    }

    #[inline]
    pub fn accepts(&self, price: i64) -> bool {
        (self.price_min..=self.price_max).contains(&price)
    }

    /// Takes a new reference price unless a better source has spoken.
    #[inline]
    pub fn mark(&mut self, price: Price, source: Source) {
        if source == Source::Operator || self.source <= Some(source) {
            self.reference = price.0;
            self.source = Some(source);
        }
    }
}
