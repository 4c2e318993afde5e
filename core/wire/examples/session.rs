//! Times a recorded session from the file to its changes: `cargo run --release -p omni-wire --example session -- FILE`.
//!
//! Takes DBN market-by-order files (units of a quarter) and ITCH files (units of 1/10000); prints the time to load, then
//! nanoseconds of processor time per message from bytes to changes over 32 passes.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use omni_types::{Decimal, InstrumentId, Time};
use omni_wire::feed::{Change, ItchFeed, Listing, MboFeed, Stamp};
use omni_wire::file::{Format, open};
use omni_wire::{WireError, dbn, itch};

const PASSES: u64 = 32;

type Failure = Box<dyn std::error::Error>;

fn listing(price_unit: Decimal) -> Listing {
    Listing { instrument: InstrumentId(0), price_unit, quantity_unit: Decimal::ONE }
}

fn mbo(bytes: &[u8], mut sink: impl FnMut(Stamp, Change)) -> Result<u64, Failure> {
    let (mut reader, mut feed) = (dbn::Reader::new(bytes)?, MboFeed::new());
    let mappings = reader.metadata().map(|m| m.mappings.clone()).unwrap_or_default();
    for interval in mappings.iter().flat_map(|m| &m.intervals) {
        feed.list(interval.symbol.parse()?, &listing(Decimal::new(25, -2)))?;
    }
    while let Some(record) = reader.next() {
        if let dbn::Record::Mbo(record) = record? {
            let result = feed.convert(&record, &mut sink);
            result.map_err(|flaw| flaw.at(reader.offset(), reader.read()))?;
        }
    }
    Ok(reader.read())
}

fn itch(bytes: &[u8], mut sink: impl FnMut(Stamp, Change)) -> Result<u64, Failure> {
    let (mut reader, mut feed) = (itch::Reader::new(bytes), ItchFeed::new(Time(0), 1 << 10));
    for locate in 0..1_024 {
        feed.list(locate, &listing(Decimal::new(1, -4)))?;
    }
    while let Some(message) = reader.next() {
        let result: Result<(), WireError> =
            feed.convert(&message?, &mut sink).map_err(|flaw| flaw.at(reader.offset(), reader.read()));
        result?;
    }
    Ok(reader.read())
}

/// The thread's processor time in nanoseconds, as Linux tells it.
fn thread_ns() -> Option<f64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

fn main() -> Result<(), Failure> {
    let path = std::env::args_os().nth(1).ok_or("usage: session FILE")?;
    let start = Instant::now();
    let file = open(Path::new(&path))?;
    println!("{}, loaded in {:.1} ms", file.format, start.elapsed().as_secs_f64() * 1e3);
    let (format, bytes) = (file.format, file.whole()?);
    let start = thread_ns().ok_or("the system doesn't tell a thread's processor time")?;
    let (mut read, mut changes) = (0, 0_u64);
    for _ in 0..PASSES {
        let sink = |stamp: Stamp, change: Change| {
            black_box((stamp, change));
            changes += 1;
        };
        read += if format == Format::Itch50 { itch(&bytes, sink)? } else { mbo(&bytes, sink)? };
    }
    let nanos = thread_ns().ok_or("the processor time ended")? - start;
    println!("{} messages, {} changes: {:.1} ns per message", read / PASSES, changes / PASSES, nanos / read as f64);
    Ok(())
}
