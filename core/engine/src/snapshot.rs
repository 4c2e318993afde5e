//! Snapshots of the whole engine.
//!
//! An engine read back goes on as if it never stopped: equal events, equal hashes, equal refusals. Whatever can't be a
//! state of this engine is an error, so that no later input meets an inconsistent one.

use std::collections::BTreeMap;

use omni_port::{Selection, Venue};
use omni_risk::Gate;
use omni_types::{
    AccountId, AssetClass, ContractTerms, Decimal, Digest, Exercise, Instrument, InstrumentId, InstrumentSpec,
    OptionRight, OptionTerms, Price, Qty, SnapshotError, SnapshotReader, SnapshotWriter, Time,
};

use crate::{Capacity, Engine};

/// "OMNIENGN", and the version of the layout below.
const MAGIC: u64 = u64::from_le_bytes(*b"OMNIENGN");
const VERSION: u64 = 2;

impl<V: Venue> Engine<V> {
    /// Appends a snapshot of the whole state; to be called between inputs.
    ///
    /// # Errors
    /// [`SnapshotError::Unsupported`] where the venue keeps none.
    pub fn encode(&self, bytes: &mut Vec<u8>) -> Result<(), SnapshotError> {
        let (mut gate, mut venue) = (Vec::new(), Vec::new());
        self.gate.encode(&mut gate);
        self.venue.encode(&mut venue)?;
        let mut writer = SnapshotWriter::new(bytes);
        let [a, b] = self.digest.words();
        [MAGIC, VERSION, self.seq, a, b].into_iter().for_each(|word| writer.word(word));
        [self.time.0, self.swept.0, self.capacity.bar_ns].into_iter().for_each(|number| writer.signed(number));
        writer.word(self.capacity.timers as u64);
        writer.word(self.capacity.instruments as u64);
        writer.word(self.instruments.len() as u64);
        self.instruments.iter().for_each(|instrument| write_spec(&instrument.spec, &mut writer));
        self.timers.encode(&mut writer);
        self.bars.encode(&mut writer);
        writer.blob(&gate);
        writer.blob(&venue);
        Ok(())
    }

    /// Builds an engine again from a snapshot.
    ///
    /// # Errors
    /// [`SnapshotError::Corrupt`] for bytes that [`Self::encode`] doesn't write, [`SnapshotError::Unsupported`] where
    /// the venue keeps no snapshots.
    pub fn decode(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut reader = SnapshotReader::new(bytes);
        if reader.word()? != MAGIC {
            return Err(reader.error("the mark of an engine's snapshot"));
        }
        if reader.word()? != VERSION {
            return Err(reader.error("version 2 of the engine's snapshot"));
        }
        let seq = reader.word()?;
        let digest = Digest::from_words([reader.word()?, reader.word()?]);
        let (time, swept) = (Time(reader.signed()?), Time(reader.signed()?));
        let capacity = read_capacity(&mut reader)?;
        let instruments = read_instruments(capacity, &mut reader)?;
        let mut parts = Parts::new(capacity, instruments.len());
        parts.timers.decode(&mut reader)?;
        parts.bars.decode(&mut reader)?;
        let gate = reader.blob()?;
        let gate = Gate::decode(gate).map_err(|e| SnapshotError::Corrupt { at: e.at, expected: e.expected })?;
        let venue = V::decode(reader.blob()?)?;
        gate_holds_enough(&gate, &venue).ok_or(reader.error("a gate that holds the venue's open orders"))?;
        reader.end()?;
        let Parts { timers, bars } = parts;
        let drawn = Vec::with_capacity(gate.accounts().last().map_or(0, |account| account.account.index() + 1));
        Ok(Self { capacity, venue, gate, instruments, timers, bars, digest, seq, time, swept, drawn })
    }
}

/// The parts that are read into.
struct Parts {
    timers: crate::timers::Timers,
    bars: crate::bars::Bars,
}

impl Parts {
    fn new(capacity: Capacity, instruments: usize) -> Self {
        let timers = crate::timers::Timers::new(capacity.timers);
        let mut bars = crate::bars::Bars::new(capacity.bar_ns, capacity.instruments);
        bars.list(instruments);
        Self { timers, bars }
    }
}

fn read_capacity(reader: &mut SnapshotReader<'_>) -> Result<Capacity, SnapshotError> {
    let bar_ns = reader.signed()?;
    let (timers, instruments) = (reader.half()? as usize, reader.half()? as usize);
    // A number from a corrupt snapshot must not end the process for want of memory.
    let room = Vec::<Instrument>::new().try_reserve_exact(timers.saturating_add(instruments));
    room.map_err(|_| reader.error("capacities for which there is memory"))?;
    Ok(Capacity { instruments, timers, bar_ns })
}

fn read_instruments(capacity: Capacity, reader: &mut SnapshotReader<'_>) -> Result<Vec<Instrument>, SnapshotError> {
    let mut instruments = Vec::with_capacity(capacity.instruments);
    for id in 0..reader.half()? {
        let instrument = Instrument::new(InstrumentId(id), read_spec(reader)?);
        instruments.push(instrument.map_err(|_| reader.error("an instrument that can be listed"))?);
    }
    Ok(instruments)
}

/// Returns `Some` where the gate has reserved what is open at the venue, so that no release passes a reserve.
fn gate_holds_enough<V: Venue>(gate: &Gate, venue: &V) -> Option<()> {
    let mut open: BTreeMap<(AccountId, InstrumentId), [u128; 2]> = BTreeMap::new();
    let mut orders: BTreeMap<AccountId, u32> = BTreeMap::new();
    venue.for_each_order(Selection::default(), &mut |order| {
        let sides = open.entry((order.account, order.instrument)).or_default();
        sides[order.side.index()] += u128::from(order.leaves.0);
        *orders.entry(order.account).or_default() += 1;
    });
    let reserved = |(pair, sides): (&(AccountId, InstrumentId), &[u128; 2])| {
        let position = gate.position(pair.0, pair.1)?;
        let holds = [position.open_buy, position.open_sell].map(|quantity| u128::from(quantity.0));
        (holds[0] >= sides[0] && holds[1] >= sides[1]).then_some(())
    };
    open.iter().try_for_each(|entry| reserved(entry).ok_or(())).ok()?;
    let counted =
        |(&account, &count): (&AccountId, &u32)| gate.account(account).is_some_and(|a| a.open_orders >= count);
    orders.iter().all(counted).then_some(())
}

fn write_spec(spec: &InstrumentSpec, writer: &mut SnapshotWriter<'_>) {
    writer.text(&spec.symbol);
    writer.text(&spec.venue);
    writer.text(&spec.currency);
    writer.word(spec.asset_class as u64);
    for unit in [spec.price_unit, spec.quantity_unit, spec.multiplier] {
        writer.signed(unit.mantissa);
        writer.signed(unit.exponent.into());
    }
    [spec.tick, spec.price_min.0, spec.price_max.0].into_iter().for_each(|number| writer.signed(number));
    [spec.lot.0, spec.quantity_max.0].into_iter().for_each(|number| writer.word(number));
    write_terms(&spec.terms, writer);
}

fn write_terms(terms: &ContractTerms, writer: &mut SnapshotWriter<'_>) {
    for word in [terms.expiry.is_some(), terms.underlying.is_some(), terms.option.is_some()] {
        writer.word(word.into());
    }
    terms.expiry.iter().for_each(|expiry| writer.signed(expiry.0));
    terms.underlying.iter().for_each(|underlying| writer.word(underlying.0.into()));
    if let Some(option) = &terms.option {
        writer.signed(option.strike.0);
        [option.right as u64, option.exercise as u64].into_iter().for_each(|word| writer.word(word));
    }
}

fn read_terms(reader: &mut SnapshotReader<'_>) -> Result<ContractTerms, SnapshotError> {
    let [expires, is_on, is_option] = [reader.flag()?, reader.flag()?, reader.flag()?];
    let expiry = if expires { Some(Time(reader.signed()?)) } else { None };
    let underlying = if is_on { Some(InstrumentId(reader.half()?)) } else { None };
    let option = if is_option { Some(read_option(reader)?) } else { None };
    Ok(ContractTerms { expiry, underlying, option })
}

fn read_option(reader: &mut SnapshotReader<'_>) -> Result<OptionTerms, SnapshotError> {
    const STYLES: [Exercise; 3] = [Exercise::European, Exercise::American, Exercise::Bermudan];
    Ok(OptionTerms {
        strike: Price(reader.signed()?),
        right: if reader.flag()? { OptionRight::Call } else { OptionRight::Put },
        exercise: STYLES[reader.below(STYLES.len() as u64, "an exercise style")? as usize],
    })
}

fn read_spec(reader: &mut SnapshotReader<'_>) -> Result<InstrumentSpec, SnapshotError> {
    Ok(InstrumentSpec {
        symbol: reader.text()?,
        venue: reader.text()?,
        currency: reader.text()?,
        asset_class: read_asset_class(reader)?,
        price_unit: read_decimal(reader)?,
        quantity_unit: read_decimal(reader)?,
        multiplier: read_decimal(reader)?,
        tick: reader.signed()?,
        price_min: Price(reader.signed()?),
        price_max: Price(reader.signed()?),
        lot: Qty(reader.word()?),
        quantity_max: Qty(reader.word()?),
        terms: read_terms(reader)?,
    })
}

fn read_asset_class(reader: &mut SnapshotReader<'_>) -> Result<AssetClass, SnapshotError> {
    const ALL: [AssetClass; 6] = [
        AssetClass::Equity,
        AssetClass::Future,
        AssetClass::Option,
        AssetClass::Fx,
        AssetClass::Bond,
        AssetClass::Crypto,
    ];
    Ok(ALL[reader.below(ALL.len() as u64, "an asset class")? as usize])
}

fn read_decimal(reader: &mut SnapshotReader<'_>) -> Result<Decimal, SnapshotError> {
    let (mantissa, exponent) = (reader.signed()?, reader.signed()?);
    let exponent = i8::try_from(exponent).map_err(|_| reader.error("a power of ten"))?;
    Ok(Decimal::new(mantissa, exponent))
}
