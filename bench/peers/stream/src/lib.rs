//! The common workload as a file of 24-byte records, and how a peer is timed on it: as `omni bench` times the engine.

use std::time::Instant;

const RECORD: usize = 24;
const ROUNDS: usize = 3;

/// What a message asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// A limit order that doesn't cross.
    Add,
    /// A cancel of an open order.
    Cancel,
    /// A market order.
    Market,
}

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// What it asks for.
    pub operation: Operation,
    /// Whether the order buys.
    pub buy: bool,
    /// The limit.
    pub price: i32,
    /// How much.
    pub quantity: u32,
    /// The order's number, from 1 without gaps in the order of adds and market orders.
    pub id: u64,
}

impl Message {
    fn read(record: &[u8; RECORD]) -> Result<Self, String> {
        let operation = match record[0] {
            0 => Operation::Add,
            1 => Operation::Cancel,
            2 => Operation::Market,
            other => return Err(format!("operation {other}: expected 0, 1 or 2")),
        };
        let word = |at: usize| [record[at], record[at + 1], record[at + 2], record[at + 3]];
        let [_, _, id] = record.as_chunks::<8>().0 else { return Err("a record has 24 bytes".to_owned()) };
        Ok(Self {
            operation,
            buy: record[1] == 0,
            price: i32::from_le_bytes(word(4)),
            quantity: u32::from_le_bytes(word(8)),
            id: u64::from_le_bytes(*id),
        })
    }
}

/// What was traded.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Traded {
    /// How many trades.
    pub trades: u64,
    /// How much in all.
    pub volume: u64,
}

impl Traded {
    /// Counts one trade.
    #[inline]
    pub fn add(&mut self, quantity: u64) {
        self.trades += 1;
        self.volume += quantity;
    }
}

/// Times a peer on the file that the arguments name (`FILE TRADES VOLUME`) and prints nanoseconds a message as JSON.
///
/// `set_up` isn't timed. What `work` traded must be what every engine trades on this workload.
///
/// # Errors
/// What is wrong with the arguments or the file, or with what was traded.
pub fn run<S>(
    set_up: impl Fn(&[Message]) -> S,
    work: impl Fn(&mut S, &[Message]) -> Result<Traded, String>,
) -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, trades, volume] = &arguments[..] else { return Err("expected FILE TRADES VOLUME".to_owned()) };
    let number = |text: &String| text.parse::<u64>().map_err(|error| format!("{text}: {error}"));
    let must = Traded { trades: number(trades)?, volume: number(volume)? };
    let messages = read(file)?;
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let mut state = set_up(&messages);
        let clock = Instant::now();
        let start = thread_ns(clock);
        let traded = work(&mut state, &messages)?;
        best = best.min(thread_ns(clock) - start);
        if traded != must {
            return Err(format!("traded {traded:?}; must be {must:?}"));
        }
    }
    println!("{{\"match.w1.mean_ns\": {:.3}}}", best / messages.len() as f64);
    Ok(())
}

fn read(file: &str) -> Result<Vec<Message>, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    let (records, []) = bytes.as_chunks::<RECORD>() else { return Err(format!("{file}: cut within a record")) };
    records.iter().map(Message::read).collect()
}

/// The thread's processor time, as Linux tells it; wall-clock time where it doesn't.
fn thread_ns(start: Instant) -> f64 {
    // Linux brings its count up to date when the thread gives the processor up.
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.as_deref().and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    told.unwrap_or_else(|| start.elapsed().as_nanos() as f64)
}
