//! Bars built from trades.

use omni_types::{
    Action, Adjust, Bar, Digest, InstrumentId, Price, Qty, SnapshotError, SnapshotReader, SnapshotWriter, Time,
    TradeTick,
};

/// The open bar of every instrument; an interval without a trade has no bar.
#[derive(Clone, Debug)]
pub(crate) struct Bars {
    interval_ns: i64,
    open: Vec<Option<Bar>>,
    /// Instruments with an open bar, in the order of their first trade.
    traded: Vec<InstrumentId>,
    emitted: usize,
}

impl Bars {
    /// Reserves bars of `interval_ns` for `instruments`; an interval of 0 builds none.
    pub(crate) fn new(interval_ns: i64, instruments: usize) -> Self {
        Self { interval_ns, open: Vec::with_capacity(instruments), traded: Vec::with_capacity(instruments), emitted: 0 }
    }

    /// Makes room for so many instruments.
    pub(crate) fn list(&mut self, instruments: usize) {
        self.open.resize(instruments, None);
        self.traded.reserve(instruments - self.traded.len());
    }

    #[inline]
    pub(crate) fn trade(&mut self, trade: &TradeTick) {
        if self.interval_ns <= 0 {
            return;
        }
        let Some(slot) = self.open.get_mut(trade.instrument.index()) else { return };
        if let Some(bar) = slot {
            bar.high = bar.high.max(trade.price);
            bar.low = bar.low.min(trade.price);
            bar.close = trade.price;
            bar.volume = Qty(bar.volume.0.saturating_add(trade.quantity.0));
            return;
        }
        let (open, high, low, close) = (trade.price, trade.price, trade.price, trade.price);
        let time = Time((trade.time.0.div_euclid(self.interval_ns) + 1).saturating_mul(self.interval_ns));
        let (instrument, interval_ns, volume) = (trade.instrument, self.interval_ns, trade.quantity);
        *slot = Some(Bar { time, instrument, interval_ns, open, high, low, close, volume });
        self.traded.push(trade.instrument);
    }

    /// Brings an instrument's open bar to the prices and units after a corporate action.
    pub(crate) fn adjust(&mut self, adjust: &Adjust, value: u128) {
        let Some(Some(bar)) = self.open.get_mut(adjust.instrument.index()) else { return };
        for price in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close] {
            *price = adjust.action.price(*price, value);
        }
        if let Action::Split(ratio) = adjust.action {
            bar.volume = ratio.quantity(bar.volume).0;
        }
    }

    /// Returns when the open bars close, if there are any.
    #[inline]
    pub(crate) fn next(&self) -> Option<Time> {
        self.open[self.traded.first()?.index()].map(|bar| bar.time)
    }

    /// Takes out one bar that closes; `None` when all of this interval are out.
    pub(crate) fn pop(&mut self) -> Option<Bar> {
        let Some(instrument) = self.traded.get(self.emitted) else {
            self.traded.clear();
            self.emitted = 0;
            return None;
        };
        self.emitted += 1;
        self.open[instrument.index()].take()
    }

    pub(crate) fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(self.traded.len() as u64);
        for bar in self.traded.iter().filter_map(|instrument| self.open[instrument.index()]) {
            writer.word(bar.instrument.0.into());
            writer.word(bar.volume.0);
            let prices = [bar.open, bar.high, bar.low, bar.close].map(|price| price.0);
            [bar.time.0].into_iter().chain(prices).for_each(|number| writer.signed(number));
        }
    }

    /// Reads the open bars back into these, which have none.
    pub(crate) fn decode(&mut self, reader: &mut SnapshotReader<'_>) -> Result<(), SnapshotError> {
        for _ in 0..reader.count(self.open.len(), "no more bars than instruments")? {
            let instrument = InstrumentId(reader.half()?);
            if self.interval_ns <= 0 || self.open.get(instrument.index()) != Some(&None) {
                return Err(reader.error("a listed instrument's only bar"));
            }
            let volume = Qty(reader.word()?);
            let time = Time(reader.signed()?);
            let mut price = || reader.signed().map(Price);
            let (open, high, low, close) = (price()?, price()?, price()?, price()?);
            let interval_ns = self.interval_ns;
            self.open[instrument.index()] = Some(Bar { time, instrument, interval_ns, open, high, low, close, volume });
            self.traded.push(instrument);
        }
        Ok(())
    }

    pub(crate) fn digest(&self, digest: &mut Digest) {
        for instrument in &self.traded {
            if let Some(bar) = self.open[instrument.index()] {
                digest.event(&omni_types::Event::Bar(bar));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_holds_its_interval_and_closes_at_its_end() {
        let mut bars = Bars::new(60, 2);
        bars.list(2);
        let trade = |time, price| TradeTick {
            time: Time(time),
            instrument: InstrumentId(1),
            price: Price(price),
            quantity: Qty(5),
            aggressor: None,
        };
        assert_eq!(bars.next(), None);
        [trade(61, 10), trade(70, 12), trade(119, 9)].iter().for_each(|t| bars.trade(t));
        assert_eq!(bars.next(), Some(Time(120)));
        let bar = bars.pop().unwrap();
        assert_eq!((bar.open.0, bar.high.0, bar.low.0, bar.close.0, bar.volume.0), (10, 12, 9, 9, 15));
        assert_eq!((bars.pop(), bars.next()), (None, None));
    }
}
