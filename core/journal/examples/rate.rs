//! Measures the journal: `cargo run --release -p omni-journal --example rate [FOLDER] [INPUTS]`.
//!
//! One core's work each: writing a record into memory, journaling in each mode, and reading back. Beside the time on
//! the wall stands the calling thread's time on a processor (where Linux tells it), which a busy machine changes less;
//! the journal thread's is not in it. In a mode that syncs, the time until the last input is on the disk is told too.
#![allow(clippy::print_stdout, reason = "a bench prints")]

use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use omni_journal::record::{decode, encode};
use omni_journal::{Journal, Mode, Options, Reader, RunHeader, SEGMENT_BYTES};
use omni_types::{
    AccountId, Body, CancelOrder, ClientOrderId, Input, InstrumentId, NewOrder, OrderType, Price, Qty, SelfTrade,
    SessionId, Side, Time, TimeInForce,
};

/// Wall and processor time since it was started.
struct Watch {
    wall: Instant,
    processor_ns: Option<u64>,
}

/// Returns this thread's time on a processor in nanoseconds, where the system tells it.
fn processor_ns() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

impl Watch {
    fn start() -> Self {
        Self { processor_ns: processor_ns(), wall: Instant::now() }
    }

    /// Prints the time of one of `count` steps.
    fn tell(&self, what: &str, count: u64) {
        let wall = self.wall.elapsed().as_nanos() as f64 / count as f64;
        let processor = self.processor_ns.zip(processor_ns()).map(|(from, to)| (to - from) as f64 / count as f64);
        let best = processor.unwrap_or(wall);
        println!("{what:24} wall {wall:6.1} ns, processor {best:6.1} ns = {:5.1} M/s a core", 1e3 / best);
    }
}

fn order(seq: u64) -> Body {
    Body::New(NewOrder {
        session: SessionId(1),
        client_order_id: ClientOrderId(seq),
        account: AccountId(3),
        instrument: InstrumentId(seq as u32 & 1023),
        side: if seq & 1 == 0 { Side::Buy } else { Side::Sell },
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        price: Price(10_000 + (seq & 63) as i64),
        quantity: Qty(1 + (seq & 7)),
    })
}

/// Three orders to two cancels.
fn command(seq: u64) -> Input {
    let body = if seq % 5 < 3 {
        order(seq)
    } else {
        Body::Cancel(CancelOrder { session: SessionId(1), client_order_id: ClientOrderId(seq - 2) })
    };
    Input { seq, time: Time(seq as i64), cause: seq - 1, body }
}

fn codec(count: u64) {
    let inputs: Vec<Input> =
        (1..=1024).map(|seq| Input { seq, time: Time(9), cause: seq - 1, body: order(seq) }).collect();
    let mut words = vec![0_u64; 8 * 1024];
    let watch = Watch::start();
    for _ in 0..count / 1024 {
        for (input, out) in inputs.iter().zip(words.chunks_mut(8)) {
            let _ = black_box(encode(black_box(input), 7, out));
        }
    }
    watch.tell("encode a new order", count);
    let watch = Watch::start();
    for _ in 0..count / 1024 {
        for record in words.chunks(8) {
            let _ = black_box(decode(black_box(record), 7));
        }
    }
    watch.tell("decode a new order", count);
}

fn write(folder: &Path, mode: Mode, count: u64) -> Result<(), Box<dyn Error>> {
    let header = RunHeader {
        run_id: "rate".to_owned(),
        seed: 0,
        config_hash: [0; 32],
        code_version: env!("CARGO_PKG_VERSION").to_owned(),
        created: Time(0),
    };
    let mut journal = Journal::create(folder, Options { mode, segment_bytes: SEGMENT_BYTES, header })?;
    let (watch, mut worst) = (Watch::start(), 0);
    for batch in 0..count / 1000 {
        let begin = Instant::now();
        for seq in batch * 1000 + 1..=batch * 1000 + 1000 {
            journal.append(&command(seq))?;
        }
        worst = worst.max(begin.elapsed().as_nanos());
    }
    watch.tell(&format!("append, mode {mode}"), count);
    journal.watermark().wait(journal.last_seq())?;
    let safe_ms = watch.wall.elapsed().as_secs_f64() * 1e3;
    println!("{:24} worst thousand {:.0} us on the wall, all safe after {safe_ms:.0} ms", "", worst as f64 / 1e3);
    journal.close()?;
    Ok(())
}

fn read(folder: &Path, count: u64) -> Result<(), Box<dyn Error>> {
    let mut reader = Reader::open(folder)?;
    let watch = Watch::start();
    while let Some(input) = reader.next_input()? {
        black_box(&input);
    }
    watch.tell("read and decode", count);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from).join("omni-journal-rate");
    let count = arguments.next().map_or(Ok(5_000_000), |text| text.parse::<u64>())? / 1000 * 1000;
    codec(count / 1024 * 1024);
    for mode in [Mode::Memory, Mode::Group] {
        let folder = root.join(mode.to_string());
        write(&folder, mode, count)?;
        read(&folder, count)?;
    }
    std::fs::remove_dir_all(&root)?;
    Ok(())
}
