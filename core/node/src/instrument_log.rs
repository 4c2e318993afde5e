//! Rows in the order of their coming and by instrument: bars, fills.

use omni_types::{Bar, InstrumentId};

use crate::record::FillRow;

const NO_ROW: u32 = u32::MAX;

/// A row of one instrument.
pub trait OfInstrument {
    /// Returns the instrument.
    fn instrument(&self) -> InstrumentId;
}

impl OfInstrument for Bar {
    fn instrument(&self) -> InstrumentId {
        self.instrument
    }
}

impl OfInstrument for FillRow {
    fn instrument(&self) -> InstrumentId {
        self.instrument
    }
}

/// An instrument's newest row, and how many it has.
#[derive(Clone, Copy, Debug)]
struct Chain {
    newest: u32,
    count: u32,
}

/// Keeps rows in the order of their coming; each knows the one before it of its instrument.
#[derive(Clone, Debug)]
pub struct InstrumentLog<T> {
    rows: Vec<T>,
    before: Vec<u32>,
    chains: Vec<Chain>,
    /// Rows that were looked at.
    #[cfg(test)]
    pub(crate) read: core::cell::Cell<u64>,
}

impl<T> Default for InstrumentLog<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            before: Vec::new(),
            chains: Vec::new(),
            #[cfg(test)]
            read: core::cell::Cell::default(),
        }
    }
}

impl<T: OfInstrument> InstrumentLog<T> {
    /// Takes the next row.
    pub fn push(&mut self, row: T) {
        let at = row.instrument().index();
        if at >= self.chains.len() {
            self.chains.resize(at + 1, Chain { newest: NO_ROW, count: 0 });
        }
        let chain = &mut self.chains[at];
        self.before.push(chain.newest);
        *chain = Chain { newest: self.rows.len() as u32, count: chain.count + 1 };
        self.rows.push(row);
    }

    /// Returns all rows, in the order of their coming.
    #[must_use]
    pub fn all(&self) -> &[T] {
        &self.rows
    }

    /// Returns how many rows an instrument has.
    #[must_use]
    pub fn count(&self, instrument: InstrumentId) -> u64 {
        self.chains.get(instrument.index()).map_or(0, |chain| chain.count.into())
    }

    /// Returns an instrument's rows with their places among all, the newest first. Costs a step a row, whatever other
    /// instruments have.
    pub fn newest(&self, instrument: InstrumentId) -> impl Iterator<Item = (u64, &T)> {
        let known = |&at: &u32| at != NO_ROW;
        let newest = self.chains.get(instrument.index()).map(|chain| chain.newest).filter(known);
        core::iter::successors(newest, move |&at| Some(self.before[at as usize]).filter(known)).map(|at| {
            #[cfg(test)]
            self.read.set(self.read.get() + 1);
            (at.into(), &self.rows[at as usize])
        })
    }
}

#[cfg(test)]
mod tests {
    use omni_types::{Price, Qty, Time};

    use super::*;

    fn bar(instrument: u32, time: i64) -> Bar {
        Bar {
            time: Time(time),
            instrument: InstrumentId(instrument),
            interval_ns: 60,
            open: Price(1),
            high: Price(1),
            low: Price(1),
            close: Price(1),
            volume: Qty(1),
        }
    }

    #[test]
    fn each_instrument_has_its_own_rows_newest_first() {
        let mut log = InstrumentLog::default();
        for (instrument, time) in [(3, 1), (0, 1), (3, 2), (1, 2), (3, 3)] {
            log.push(bar(instrument, time));
        }
        let times =
            |instrument| log.newest(InstrumentId(instrument)).map(|(at, bar)| (at, bar.time.0)).collect::<Vec<_>>();
        assert_eq!(times(3), [(4, 3), (2, 2), (0, 1)]);
        assert_eq!((times(0), times(2), times(9)), (vec![(1, 1)], vec![], vec![]));
        assert_eq!([3, 0, 2, 9].map(|id| log.count(InstrumentId(id))), [3, 1, 0, 0]);
        assert_eq!(log.all().len(), 5);
    }

    #[test]
    fn what_is_new_costs_as_many_steps() {
        let mut log = InstrumentLog::default();
        for time in 0..1_000 {
            log.push(bar(time as u32 % 10, time));
        }
        assert_eq!(log.newest(InstrumentId(4)).take(2).count(), 2);
        assert_eq!(log.read.get(), 2);
    }
}
