//! Times the decoding of an ITCH file: `cargo run --release -p omni-wire --example decode -- FILE`.
//!
//! Prints nanoseconds of processor time per message, of the best and the median of seven rounds over the whole file in
//! memory; wall-clock time where the system doesn't tell the thread's own. A round is eight passes, because Linux counts
//! that time in steps of some milliseconds.

use std::hint::black_box;
use std::time::Instant;

use omni_wire::itch::{Message, Reader};

const ROUNDS: usize = 7;
const PASSES: usize = 8;

/// Adds up every field that a book builder uses, so that no read can be left out.
#[inline(always)]
fn fold(sum: u64, message: Message) -> u64 {
    let fields = match message {
        Message::Add(m) => m.reference ^ u64::from(m.shares) ^ u64::from(m.price) << 20 ^ m.side as u64,
        Message::Execute(m) => m.reference ^ u64::from(m.shares) ^ m.match_number << 8,
        Message::ExecuteAt(m) => m.reference ^ u64::from(m.shares) ^ u64::from(m.price) << 20,
        Message::Cancel(m) => m.reference ^ u64::from(m.shares),
        Message::Delete(m) => m.reference,
        Message::Replace(m) => m.old ^ m.new << 1 ^ u64::from(m.shares) ^ u64::from(m.price) << 20,
        Message::Trade(m) => u64::from(m.shares) ^ u64::from(m.price) << 20,
        _ => 0,
    };
    sum.wrapping_add(fields ^ message.timestamp() ^ u64::from(message.locate()) << 48)
}

/// The thread's processor time in nanoseconds, as Linux tells it.
fn thread_ns() -> Option<f64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: decode FILE")?;
    let bytes = omni_wire::file::open(std::path::Path::new(&path))?.whole()?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (start, cpu) = (Instant::now(), thread_ns());
        let (mut sum, mut read) = (0_u64, 0);
        for _ in 0..PASSES {
            read += Reader::new(black_box(&bytes)).read_all(|m| sum = fold(sum, m))?;
        }
        let wall = start.elapsed().as_nanos() as f64;
        let nanos = thread_ns().zip(cpu).map_or(wall, |(end, start)| end - start);
        black_box(sum);
        rounds.push((nanos / read as f64, read / PASSES as u64));
    }
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (best, median) = (rounds[0], rounds[ROUNDS / 2]);
    println!("{} messages: best {:.2} ns, median {:.2} ns per message", best.1, best.0, median.0);
    Ok(())
}
