//! Tick tables: how fine a price may be, by its size.

use core::fmt;

use crate::Price;

/// From this price on, prices are multiples of this tick.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TickRow {
    /// The first price that the row is for, in price units; itself a multiple of the row's tick.
    pub from: Price,
    /// The tick, in price units; above zero.
    pub tick: i64,
}

/// A table of ticks in the order of price; its first row is for all prices below it too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TickTable {
    rows: Box<[TickRow]>,
}

/// Says why rows are no tick table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TickError {
    /// No row, or more than [`TickTable::ROWS_MAX`].
    Count(usize),
    /// A tick is not above zero, or beyond the engine's numbers; the row, from 0.
    Tick(usize),
    /// A row doesn't begin above the row before it, or beyond the engine's numbers; the row, from 0.
    Order(usize),
    /// A row doesn't begin at a multiple of its own tick; the row, from 0.
    OffTick(usize),
}

impl fmt::Display for TickError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(found) => write!(f, "a tick table has 1 to {} rows, found {found}", TickTable::ROWS_MAX),
            Self::Tick(row) => write!(f, "row {} of the tick table: its tick must be above zero and fit", row + 1),
            Self::Order(row) => {
                write!(f, "row {} of the tick table: it must begin above the row before it and fit", row + 1)
            }
            Self::OffTick(row) => {
                write!(f, "row {} of the tick table: it must begin at a whole multiple of its own tick", row + 1)
            }
        }
    }
}

impl std::error::Error for TickError {}

/// Prices and ticks stay below it, so that rounding can't overflow.
const PRICE_END: u64 = 1 << 62;

impl TickTable {
    /// The most rows: three times those of the largest table of MiFID II's RTS 11.
    pub const ROWS_MAX: usize = 64;

    /// Checks rows, the lowest price first.
    ///
    /// # Errors
    /// [`TickError`] names the row.
    pub fn new(rows: &[TickRow]) -> Result<Self, TickError> {
        if rows.is_empty() || rows.len() > Self::ROWS_MAX {
            return Err(TickError::Count(rows.len()));
        }
        for (at, row) in rows.iter().enumerate() {
            if row.tick < 1 || row.tick.unsigned_abs() >= PRICE_END {
                return Err(TickError::Tick(at));
            }
            let above = at == 0 || rows[at - 1].from < row.from;
            if !above || row.from.0.unsigned_abs() >= PRICE_END {
                return Err(TickError::Order(at));
            }
            if row.from.0 % row.tick != 0 {
                return Err(TickError::OffTick(at));
            }
        }
        Ok(Self { rows: rows.into() })
    }

    /// Returns the rows, the lowest price first.
    #[must_use]
    pub fn rows(&self) -> &[TickRow] {
        &self.rows
    }

    /// Returns the number of the row that a price falls into, by halving.
    #[inline]
    fn row(&self, price: Price) -> usize {
        self.rows.partition_point(|row| row.from <= price).saturating_sub(1)
    }

    /// Returns the tick at a price.
    #[inline]
    #[must_use]
    pub fn tick_at(&self, price: Price) -> i64 {
        self.rows[self.row(price)].tick
    }

    /// Returns whether a price is a multiple of the tick at it.
    #[inline]
    #[must_use]
    pub fn accepts(&self, price: Price) -> bool {
        price.0 % self.tick_at(price) == 0
    }

    /// Returns the highest valid price not above this one; `None` beyond the engine's numbers.
    #[must_use]
    pub fn down(&self, price: Price) -> Option<Price> {
        let tick = self.tick_at(price);
        // A row begins on its own tick, so the one below lies in the same row.
        fits(price).map(|price| Price(price.0.div_euclid(tick) * tick))
    }

    /// Returns the lowest valid price not below this one; `None` beyond the engine's numbers.
    #[must_use]
    pub fn up(&self, price: Price) -> Option<Price> {
        let row = self.row(price);
        let tick = self.rows[row].tick;
        let above = -((-fits(price)?.0).div_euclid(tick)) * tick;
        Some(Price(self.rows.get(row + 1).map_or(above, |next| above.min(next.from.0))))
    }
}

fn fits(price: Price) -> Option<Price> {
    (price.0.unsigned_abs() < PRICE_END).then_some(price)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(rows: &[(i64, i64)]) -> Result<TickTable, TickError> {
        let rows: Vec<_> = rows.iter().map(|&(from, tick)| TickRow { from: Price(from), tick }).collect();
        TickTable::new(&rows)
    }

    #[test]
    fn the_sub_dollar_rule_in_hundredths_of_a_cent() {
        // Reg NMS Rule 612: a cent from a dollar on, a hundredth of one below.
        let table = table(&[(0, 1), (10_000, 100)]).unwrap();
        let accepted = [9_999, 10_000, 10_001, 10_100, 1, 0, -3].map(|price| table.accepts(Price(price)));
        assert_eq!(accepted, [true, true, false, true, true, true, true]);
        assert_eq!(table.up(Price(10_001)), Some(Price(10_100)));
        assert_eq!(table.down(Price(10_099)), Some(Price(10_000)));
        assert_eq!((table.tick_at(Price(9_999)), table.tick_at(Price(10_000))), (1, 100));
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_row() {
        assert_eq!(table(&[]), Err(TickError::Count(0)));
        assert_eq!(table(&[(0, 1); 65]), Err(TickError::Count(65)));
        assert_eq!(table(&[(0, 1), (10, 0)]), Err(TickError::Tick(1)));
        assert_eq!(table(&[(0, i64::MAX)]), Err(TickError::Tick(0)));
        assert_eq!(table(&[(0, 1), (0, 2)]), Err(TickError::Order(1)));
        assert_eq!(table(&[(i64::MIN, 1)]), Err(TickError::Order(0)));
        assert_eq!(table(&[(0, 1), (10, 4)]), Err(TickError::OffTick(1)));
        assert_eq!(table(&[(0, 1)]).unwrap().up(Price(i64::MAX)), None);
    }

    /// Tables as exchanges have them: each row begins on its tick.
    fn any_table() -> impl Strategy<Value = TickTable> {
        prop::collection::vec((1_i64..40, 1_i64..9), 1..9).prop_map(|rows| {
            let mut from = -60;
            let rows = rows.into_iter().map(|(width, tick)| {
                from = ceil(from + width, tick);
                TickRow { from: Price(from), tick }
            });
            let mut rows: Vec<_> = rows.collect();
            rows.dedup_by_key(|row| row.from);
            TickTable::new(&rows).unwrap()
        })
    }

    /// Returns the first multiple of a tick at or above a price.
    fn ceil(price: i64, tick: i64) -> i64 {
        -((-price).div_euclid(tick)) * tick
    }

    proptest! {
        #[test]
        fn fuzz_the_nearest_valid_prices_are_those_that_a_search_finds(table in any_table(), price in -200_i64..400) {
            // The plain reading: the last row that begins at or below a price, else the first.
            let valid = |price: i64| {
                let row = table.rows().iter().rev().find(|row| row.from.0 <= price).unwrap_or(&table.rows()[0]);
                price % row.tick == 0
            };
            prop_assert_eq!(table.accepts(Price(price)), valid(price));
            let down = (-600..=price).rev().find(|&at| valid(at)).map(Price);
            let up = (price..=900).find(|&at| valid(at)).map(Price);
            prop_assert_eq!((table.down(Price(price)), table.up(Price(price))), (down, up));
        }
    }
}
