//! What a venue holds of a listed instrument.

use std::sync::Arc;

use omni_types::{
    Digest, Instrument, Price, Qty, SnapshotError, SnapshotReader, SnapshotWriter, TickRow, TickTable, TradingState,
};

/// A listed instrument's rules for orders, and its trading state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing {
    /// The lowest price.
    pub price_min: Price,
    /// The highest price.
    pub price_max: Price,
    /// Prices are multiples of it, where there is no table; above zero.
    pub tick: i64,
    /// Quantities are multiples of it; above zero.
    pub lot: u64,
    /// The largest quantity of an order.
    pub quantity_max: Qty,
    /// Ticks by price instead of the one. The table came with its input and is shared with it: no row is copied.
    pub ticks: Option<Arc<TickTable>>,
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
            ticks: None,
            state: TradingState::Open,
        }
    }

    /// Takes a table in place of the tick, or of the table before it. Orders that rest off it stay as they are.
    pub fn set_ticks(&mut self, table: &Arc<TickTable>) {
        // Not the one tick that needs no look at the table.
        self.tick = 0;
        self.ticks = Some(Arc::clone(table));
    }

    /// Returns whether an order may have this limit.
    #[inline(always)]
    #[must_use]
    pub fn accepts_price(&self, price: Price) -> bool {
        self.in_range(price) && (self.tick == 1 || self.on_tick(price))
    }

    /// Returns whether an order that was taken may rest at this price: a table that came later lets it stay.
    #[must_use]
    pub fn may_rest_at(&self, price: Price) -> bool {
        self.in_range(price) && (self.ticks.is_some() || self.on_tick(price))
    }

    #[inline(always)]
    fn in_range(&self, price: Price) -> bool {
        price >= self.price_min && price <= self.price_max
    }

    #[inline]
    fn on_tick(&self, price: Price) -> bool {
        match &self.ticks {
            None => price.0 % self.tick == 0,
            Some(table) => table.accepts(price),
        }
    }

    /// Returns whether a distance between prices is whole ticks; where a table says the tick by price, whole units are.
    #[must_use]
    pub fn accepts_distance(&self, distance: Price) -> bool {
        distance.0.unsigned_abs() < 1 << 62 && (self.ticks.is_some() || distance.0 % self.tick == 0)
    }

    /// Returns the valid price nearest below or above, within the range.
    #[must_use]
    pub fn rounded(&self, price: Price, up: bool) -> Price {
        let within = price.clamp(self.price_min, self.price_max);
        let rounded = match &self.ticks {
            None if up => Some(Price(-((-within.0).div_euclid(self.tick)) * self.tick)),
            None => Some(Price(within.0.div_euclid(self.tick) * self.tick)),
            Some(table) if up => table.up(within),
            Some(table) => table.down(within),
        };
        rounded.unwrap_or(within).clamp(self.price_min, self.price_max)
    }

    /// Returns whether an order may have this quantity.
    #[inline(always)]
    #[must_use]
    pub fn accepts_quantity(&self, quantity: Qty) -> bool {
        quantity.0 > 0 && quantity <= self.quantity_max && (self.lot == 1 || quantity.0.is_multiple_of(self.lot))
    }

    /// Takes the table of ticks in, which may change while the instrument is listed.
    pub fn digest(&self, digest: &mut Digest) {
        for row in self.ticks.iter().flat_map(|table| table.rows()) {
            digest.pair(row.from.0 as u64, row.tick as u64);
        }
    }

    /// Appends the whole state.
    pub fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        let Self { price_min, price_max, tick, lot, quantity_max, ticks, state } = self;
        [price_min.0, price_max.0, *tick].into_iter().for_each(|number| writer.signed(number));
        [*lot, quantity_max.0, *state as u64].into_iter().for_each(|number| writer.word(number));
        let rows = ticks.as_ref().map_or(&[][..], |table| table.rows());
        writer.word(rows.len() as u64);
        for row in rows {
            [row.from.0, row.tick].into_iter().for_each(|number| writer.signed(number));
        }
    }

    /// Reads a listing back.
    ///
    /// # Errors
    /// [`SnapshotError::Corrupt`] for bytes that [`Self::encode`] doesn't write.
    pub fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let (price_min, price_max) = (reader.price()?, reader.price()?);
        if price_min > price_max {
            return Err(reader.error("a highest price not below the lowest"));
        }
        let tick = reader.signed()?;
        if tick < 0 {
            return Err(reader.error("a tick above zero"));
        }
        let lot = reader.word()?;
        if lot == 0 {
            return Err(reader.error("a lot above zero"));
        }
        let quantity_max = Qty(reader.below(1 << 62, "a quantity that the engine's numbers carry")?);
        let state = TradingState::ALL[reader.below(TradingState::ALL.len() as u64, "a trading state")? as usize];
        let ticks = read_ticks(reader)?;
        if ticks.is_none() == (tick == 0) {
            return Err(reader.error("either a tick or a table of them"));
        }
        Ok(Self { price_min, price_max, tick, lot, quantity_max, ticks, state })
    }
}

fn read_ticks(reader: &mut SnapshotReader<'_>) -> Result<Option<Arc<TickTable>>, SnapshotError> {
    let count = reader.count(TickTable::ROWS_MAX, "no more ticks than a table has")?;
    if count == 0 {
        return Ok(None);
    }
    let mut rows = Vec::with_capacity(count);
    for _ in 0..count {
        rows.push(TickRow { from: Price(reader.signed()?), tick: reader.signed()? });
    }
    let table = TickTable::new(&rows).map_err(|_| reader.error("the rows of a tick table"))?;
    Ok(Some(Arc::new(table)))
}

#[cfg(test)]
mod tests {
    use omni_types::InstrumentSpec;
    use omni_types::testing::{listed, share};

    use super::*;

    fn listing(tick: i64) -> Listing {
        Listing::new(&listed(0, InstrumentSpec { tick, price_min: Price(-40), price_max: Price(1_000), ..share() }))
    }

    fn table() -> Arc<TickTable> {
        let row = |from, tick| TickRow { from: Price(from), tick };
        Arc::new(TickTable::new(&[row(0, 1), row(100, 5)]).unwrap())
    }

    #[test]
    fn a_table_takes_the_place_of_the_tick() {
        let mut listing = listing(10);
        assert!(!listing.accepts_price(Price(7)) && listing.accepts_price(Price(110)));
        listing.set_ticks(&table());
        let accepted = [7, 99, 100, 103, 105, -40, -41, 1_001].map(|price| listing.accepts_price(Price(price)));
        assert_eq!(accepted, [true, true, true, false, true, true, false, false]);
        assert!(listing.may_rest_at(Price(103)) && !listing.may_rest_at(Price(1_001)), "it was taken before");
    }

    #[test]
    fn rounds_to_a_valid_price_within_the_range() {
        let mut listing = listing(10);
        assert_eq!((listing.rounded(Price(17), true), listing.rounded(Price(-17), true)), (Price(20), Price(-10)));
        assert_eq!(
            (listing.rounded(Price(17), false), listing.rounded(Price(i64::MAX), true)),
            (Price(10), Price(1_000))
        );
        listing.set_ticks(&table());
        assert_eq!((listing.rounded(Price(101), true), listing.rounded(Price(101), false)), (Price(105), Price(100)));
    }

    #[test]
    fn comes_back_from_a_snapshot() {
        let mut with_table = listing(10);
        with_table.set_ticks(&table());
        for listing in [listing(1), listing(10), with_table] {
            let mut bytes = Vec::new();
            listing.encode(&mut SnapshotWriter::new(&mut bytes));
            let mut reader = SnapshotReader::new(&bytes);
            assert_eq!(Listing::decode(&mut reader), Ok(listing));
            assert_eq!(reader.end(), Ok(()));
        }
    }
}
