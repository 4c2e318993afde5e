//! Closed bars, in the order of closing and by instrument.

use omni_types::{Bar, InstrumentId};

const NO_BAR: u32 = u32::MAX;

/// An instrument's newest bar, and how many it has.
#[derive(Clone, Copy, Debug)]
struct Chain {
    newest: u32,
    count: u32,
}

/// Keeps closed bars in the order of closing; each knows the one before it of its instrument.
#[derive(Clone, Debug, Default)]
pub struct BarLog {
    bars: Vec<Bar>,
    before: Vec<u32>,
    chains: Vec<Chain>,
    /// Bars that were looked at.
    #[cfg(test)]
    pub(crate) read: core::cell::Cell<u64>,
}

impl BarLog {
    /// Takes the next bar to close.
    pub fn push(&mut self, bar: Bar) {
        let at = bar.instrument.index();
        if at >= self.chains.len() {
            self.chains.resize(at + 1, Chain { newest: NO_BAR, count: 0 });
        }
        let chain = &mut self.chains[at];
        self.before.push(chain.newest);
        *chain = Chain { newest: self.bars.len() as u32, count: chain.count + 1 };
        self.bars.push(bar);
    }

    /// Returns all bars, in the order of closing.
    #[must_use]
    pub fn all(&self) -> &[Bar] {
        &self.bars
    }

    /// Returns how many bars an instrument has.
    #[must_use]
    pub fn count(&self, instrument: InstrumentId) -> u64 {
        self.chains.get(instrument.index()).map_or(0, |chain| chain.count.into())
    }

    /// Returns an instrument's bars, the newest first. Costs a step a bar, whatever other instruments have.
    pub fn newest(&self, instrument: InstrumentId) -> impl Iterator<Item = &Bar> {
        let known = |&at: &u32| at != NO_BAR;
        let newest = self.chains.get(instrument.index()).map(|chain| chain.newest).filter(known);
        core::iter::successors(newest, move |&at| Some(self.before[at as usize]).filter(known)).map(|at| {
            #[cfg(test)]
            self.read.set(self.read.get() + 1);
            &self.bars[at as usize]
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
    fn each_instrument_has_its_own_bars_newest_first() {
        let mut log = BarLog::default();
        for (instrument, time) in [(3, 1), (0, 1), (3, 2), (1, 2), (3, 3)] {
            log.push(bar(instrument, time));
        }
        let times = |instrument| log.newest(InstrumentId(instrument)).map(|bar| bar.time.0).collect::<Vec<_>>();
        assert_eq!((times(3), times(0), times(2), times(9)), (vec![3, 2, 1], vec![1], vec![], vec![]));
        assert_eq!([3, 0, 2, 9].map(|id| log.count(InstrumentId(id))), [3, 1, 0, 0]);
        assert_eq!(log.all().len(), 5);
    }

    #[test]
    fn what_is_new_costs_as_many_steps() {
        let mut log = BarLog::default();
        for time in 0..1_000 {
            log.push(bar(time as u32 % 10, time));
        }
        assert_eq!(log.newest(InstrumentId(4)).take(2).count(), 2);
        assert_eq!(log.read.get(), 2);
    }
}
