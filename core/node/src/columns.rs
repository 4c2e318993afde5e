//! Recorded market data in columns.

use core::fmt;

use omni_types::{Bar, Body, InstrumentId, Price, Qty, Quote, Side, Time, TopOfBook, TradeTick};

/// Which instrument each row is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Owner {
    /// All rows are of one.
    One(InstrumentId),
    /// Each row names its own.
    Each(Vec<u32>),
}

impl Owner {
    #[inline]
    fn of(&self, row: usize) -> InstrumentId {
        match self {
            Self::One(instrument) => *instrument,
            Self::Each(ids) => InstrumentId(ids[row]),
        }
    }
}

/// What the rows say; prices and quantities in counts of the instrument's units.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Values {
    /// Bars; a row's time is the bar's close.
    Bars {
        /// Length in nanoseconds.
        interval_ns: i64,
        /// Open, high, low and close.
        prices: [Vec<i64>; 4],
        /// Traded quantity.
        volume: Vec<i64>,
    },
    /// Quotes; a side whose quantity is 0 is empty.
    Quotes {
        /// Bid and ask.
        prices: [Vec<i64>; 2],
        /// Their quantities.
        quantities: [Vec<i64>; 2],
    },
    /// Trades.
    Trades {
        /// Price.
        price: Vec<i64>,
        /// Quantity.
        quantity: Vec<i64>,
        /// Side of the aggressor: 1 buy, -1 sell, 0 unknown; none at all is unknown throughout.
        aggressor: Vec<i64>,
    },
}

/// Says why columns were refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ColumnError {
    /// A column is longer or shorter than the times.
    Length {
        /// Rows that the times have.
        expected: usize,
        /// Rows of the column.
        found: usize,
    },
    /// A row's time lies before the row's before it.
    Unsorted {
        /// The row, from 0.
        row: usize,
    },
    /// A quantity below zero.
    Negative {
        /// The row, from 0.
        row: usize,
        /// What it says.
        found: i64,
    },
    /// A row of an instrument that isn't listed.
    UnknownInstrument {
        /// The row, from 0.
        row: usize,
        /// The number.
        found: u32,
    },
    /// A bar's interval isn't positive.
    Interval(i64),
}

impl fmt::Display for ColumnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { expected, found } => write!(f, "a column has {found} rows, but there are {expected} times"),
            Self::Unsorted { row } => write!(f, "row {row}: its time lies before that of row {}", row - 1),
            Self::Negative { row, found } => write!(f, "row {row}: quantity {found} is negative"),
            Self::UnknownInstrument { row, found } => write!(f, "row {row}: no instrument {found} is listed"),
            Self::Interval(found) => write!(f, "a bar's interval must be above zero nanoseconds, found {found}"),
        }
    }
}

impl std::error::Error for ColumnError {}

/// A table of recorded data, in the order of time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Columns {
    time: Vec<i64>,
    owner: Owner,
    values: Values,
}

impl Columns {
    /// Checks a table over `instruments` listed ones.
    ///
    /// # Errors
    /// [`ColumnError`] names the row.
    pub fn new(time: Vec<i64>, owner: Owner, values: Values, instruments: usize) -> Result<Self, ColumnError> {
        if let Some(at) = time.windows(2).position(|pair| pair[1] < pair[0]) {
            return Err(ColumnError::Unsorted { row: at + 1 });
        }
        let table = Self { time, owner, values };
        table.check_lengths()?;
        table.check_owner(instruments)?;
        table.check_quantities()?;
        Ok(table)
    }

    fn check_lengths(&self) -> Result<(), ColumnError> {
        let expected = self.time.len();
        let lengths: &[usize] = match &self.values {
            Values::Bars { prices: [a, b, c, d], volume, .. } => &[a.len(), b.len(), c.len(), d.len(), volume.len()],
            Values::Quotes { prices: [a, b], quantities: [c, d] } => &[a.len(), b.len(), c.len(), d.len()],
            Values::Trades { price, quantity, aggressor } if aggressor.is_empty() => &[price.len(), quantity.len()],
            Values::Trades { price, quantity, aggressor } => &[price.len(), quantity.len(), aggressor.len()],
        };
        let owners = if let Owner::Each(ids) = &self.owner { Some(ids.len()) } else { None };
        match lengths.iter().copied().chain(owners).find(|&found| found != expected) {
            Some(found) => Err(ColumnError::Length { expected, found }),
            None => Ok(()),
        }
    }

    fn check_owner(&self, instruments: usize) -> Result<(), ColumnError> {
        let unknown = |id: u32| id as usize >= instruments;
        let found = match &self.owner {
            Owner::One(id) => unknown(id.0).then_some((0, id.0)),
            Owner::Each(ids) => ids.iter().position(|&id| unknown(id)).map(|row| (row, ids[row])),
        };
        found.map_or(Ok(()), |(row, found)| Err(ColumnError::UnknownInstrument { row, found }))
    }

    fn check_quantities(&self) -> Result<(), ColumnError> {
        let columns: &[&Vec<i64>] = match &self.values {
            Values::Bars { interval_ns, .. } if *interval_ns <= 0 => return Err(ColumnError::Interval(*interval_ns)),
            Values::Bars { volume, .. } => &[volume],
            Values::Quotes { quantities: [bid, ask], .. } => &[bid, ask],
            Values::Trades { quantity, .. } => &[quantity],
        };
        for column in columns {
            if let Some(row) = column.iter().position(|&quantity| quantity < 0) {
                return Err(ColumnError::Negative { row, found: column[row] });
            }
        }
        Ok(())
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Returns whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Returns the time of a row, `None` past the last.
    #[inline]
    #[must_use]
    pub fn time(&self, row: usize) -> Option<Time> {
        self.time.get(row).copied().map(Time)
    }

    /// Returns a row as the engine's input.
    ///
    /// # Panics
    /// Past the last row.
    #[inline]
    #[must_use]
    pub fn body(&self, row: usize) -> Body {
        let (time, instrument) = (Time(self.time[row]), self.owner.of(row));
        match &self.values {
            Values::Bars { interval_ns, prices: [open, high, low, close], volume } => Body::Bar(Bar {
                time,
                instrument,
                interval_ns: *interval_ns,
                open: Price(open[row]),
                high: Price(high[row]),
                low: Price(low[row]),
                close: Price(close[row]),
                volume: quantity(volume[row]),
            }),
            Values::Quotes { prices, quantities } => {
                let side = |at: usize| {
                    Some((Price(prices[at][row]), quantity(quantities[at][row]))).filter(|(_, shown)| shown.0 > 0)
                };
                Body::Quote(Quote { time, instrument, top: TopOfBook { bid: side(0), ask: side(1) } })
            }
            Values::Trades { price, quantity: size, aggressor } => {
                let aggressor = match aggressor.get(row) {
                    Some(1..) => Some(Side::Buy),
                    Some(..=-1) => Some(Side::Sell),
                    _ => None,
                };
                let (price, quantity) = (Price(price[row]), quantity(size[row]));
                Body::Trade(TradeTick { time, instrument, price, quantity, aggressor })
            }
        }
    }
}

/// Checked at the start to be none below zero.
#[inline]
const fn quantity(count: i64) -> Qty {
    Qty(count.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trades(time: &[i64], quantity: &[i64]) -> Result<Columns, ColumnError> {
        let values = Values::Trades { price: vec![7; time.len()], quantity: quantity.to_vec(), aggressor: Vec::new() };
        Columns::new(time.to_vec(), Owner::One(InstrumentId(0)), values, 1)
    }

    #[test]
    fn refuses_what_does_not_hold_together() {
        assert_eq!(trades(&[1, 3, 2], &[1; 3]), Err(ColumnError::Unsorted { row: 2 }));
        assert_eq!(trades(&[1, 2], &[1, -4]), Err(ColumnError::Negative { row: 1, found: -4 }));
        assert_eq!(trades(&[1, 2], &[1]), Err(ColumnError::Length { expected: 2, found: 1 }));
        let values = Values::Trades { price: vec![1], quantity: vec![1], aggressor: vec![] };
        let strange = Columns::new(vec![1], Owner::Each(vec![3]), values, 3);
        assert_eq!(strange, Err(ColumnError::UnknownInstrument { row: 0, found: 3 }));
    }

    #[test]
    fn an_empty_side_has_no_quote() {
        let values = Values::Quotes { prices: [vec![0], vec![11]], quantities: [vec![0], vec![5]] };
        let quotes = Columns::new(vec![9], Owner::One(InstrumentId(0)), values, 1).unwrap();
        let Body::Quote(quote) = quotes.body(0) else { panic!("a quote") };
        assert_eq!(quote.top, TopOfBook { bid: None, ask: Some((Price(11), Qty(5))) });
        assert_eq!((quotes.time(0), quotes.time(1)), (Some(Time(9)), None));
    }
}
