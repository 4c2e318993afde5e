//! What a venue holds of a listed instrument.

use omni_types::{Instrument, Price, Qty, SnapshotError, SnapshotReader, SnapshotWriter, TradingState};

/// A listed instrument's rules for orders, and its trading state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listing {
    /// The lowest price.
    pub price_min: Price,
    /// The highest price.
    pub price_max: Price,
    /// Prices are multiples of it; above zero.
    pub tick: i64,
    /// Quantities are multiples of it; above zero.
    pub lot: u64,
    /// The largest quantity of an order.
    pub quantity_max: Qty,
    /// Whether it trades.
    pub state: TradingState,
}

impl Listing {
    /// Lists an instrument, open for trading.
    #[must_use]
    pub const fn new(instrument: &Instrument) -> Self {
        let spec = &instrument.spec;
        Self {
            price_min: spec.price_min,
            price_max: spec.price_max,
            tick: spec.tick,
            lot: spec.lot.0,
            quantity_max: spec.quantity_max,
            state: TradingState::Open,
        }
    }

    /// Returns whether an order may have this limit.
    #[inline(always)]
    #[must_use]
    pub fn accepts_price(&self, price: Price) -> bool {
        price >= self.price_min && price <= self.price_max && (self.tick == 1 || price.0 % self.tick == 0)
    }

    /// Returns whether an order may have this quantity.
    #[inline(always)]
    #[must_use]
    pub fn accepts_quantity(&self, quantity: Qty) -> bool {
        quantity.0 > 0 && quantity <= self.quantity_max && (self.lot == 1 || quantity.0.is_multiple_of(self.lot))
    }

    /// Appends the whole state.
    pub fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        let Self { price_min, price_max, tick, lot, quantity_max, state } = *self;
        [price_min.0, price_max.0, tick].into_iter().for_each(|number| writer.signed(number));
        [lot, quantity_max.0, state as u64].into_iter().for_each(|number| writer.word(number));
    }

    /// Reads a listing back.
    ///
    /// # Errors
    /// [`SnapshotError::Corrupt`] for bytes that [`Self::encode`] doesn't write.
    pub fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let (price_min, price_max) = (read_price(reader)?, read_price(reader)?);
        if price_min > price_max {
            return Err(reader.error("a highest price not below the lowest"));
        }
        let tick = reader.signed()?;
        if tick < 1 {
            return Err(reader.error("a tick above zero"));
        }
        let lot = reader.word()?;
        if lot == 0 {
            return Err(reader.error("a lot above zero"));
        }
        let quantity_max = Qty(reader.below(1 << 62, "a quantity that the engine's numbers carry")?);
        let state = TradingState::ALL[reader.below(TradingState::ALL.len() as u64, "a trading state")? as usize];
        Ok(Self { price_min, price_max, tick, lot, quantity_max, state })
    }
}

fn read_price(reader: &mut SnapshotReader<'_>) -> Result<Price, SnapshotError> {
    let price = reader.signed()?;
    if price.unsigned_abs() < 1 << 62 { Ok(Price(price)) } else { Err(reader.error("a price that can be listed")) }
}
