//! The hot paths whose instructions are counted, each on a fixed slice of the common workload.
//!
//! A profiler counts what happens within [`region`] and nothing else: making the input and setting up stay outside.

use std::hint::black_box;

use omni_journal::Mode;
use omni_matching::Exchange;
use omni_types::{Input, NewOrder, Time};

use crate::figure::Failure;
use crate::market::{Drain, body, open_exchange};
use crate::workload::{Message, W1, Workload};
use crate::{command, feed, gate, journal, matching, replay, tick};

/// The beginning of the one-book workload: past its warm-up, short enough to be counted in seconds.
const SLICE: Workload = Workload { messages: 100_000, trades: 24_524, volume: 11_891_800, ..W1 };
const ORDERS: u64 = 50_000;

/// Does the work on set-up input within [`region`]; returns how many items it was.
type Path = fn() -> Result<usize, Failure>;

const PATHS: [(&str, Path); 8] = [
    ("match.w1", || matching(matching::send_all)),
    ("match.w1.batched", || matching(matching::batches)),
    ("risk.gate", gate),
    ("command.w1", command),
    ("itch.decode", decode),
    ("itch.book.w1", book),
    ("journal.append", journal),
    ("backtest.l3.maker", backtest),
];

/// The paths that [`count`] knows.
pub const COUNTED: [&str; PATHS.len()] = {
    let mut names = [""; PATHS.len()];
    let mut at = 0;
    while at < PATHS.len() {
        names[at] = PATHS[at].0;
        at += 1;
    }
    names
};

/// Does the work of one path, to be watched by a profiler; returns how many items it was: messages, orders, changes.
///
/// # Errors
/// [`Failure`] for an unknown path, and where the work came out wrong.
pub fn count(path: &str) -> Result<usize, Failure> {
    let found = PATHS.iter().find(|(name, _)| *name == path);
    let (_, run) = found.ok_or_else(|| Failure(format!("no path {path:?}; the paths are {}", COUNTED.join(", "))))?;
    run()
}

/// Runs the work that is counted. The profiler knows this function by its name, so it must stay one in the program.
#[inline(never)]
fn region(work: &mut dyn FnMut()) {
    black_box(&mut *work)();
}

fn counted<T>(mut work: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut done = None;
    region(&mut || done = Some(work()));
    done.unwrap_or_else(|| Err(Failure("the counted work did not run".to_owned())))
}

fn matching(send: fn(&mut Exchange, &[Message], &mut Drain)) -> Result<usize, Failure> {
    let (messages, mut drain) = (SLICE.generate(), Drain::default());
    let mut exchange = open_exchange(&SLICE)?;
    counted(|| {
        send(&mut exchange, &messages, &mut drain);
        Ok(())
    })?;
    black_box(drain.digest);
    drain.verify(&SLICE)?;
    Ok(messages.len())
}

fn gate() -> Result<usize, Failure> {
    let mut gate = gate::gate()?;
    let orders: Vec<NewOrder> = (1..=ORDERS).map(gate::order).collect();
    let passed = counted(|| Ok(gate::pass_all(&mut gate, &orders)))?;
    if passed == ORDERS { Ok(orders.len()) } else { Err(Failure(format!("{passed} of {ORDERS} orders passed"))) }
}

fn command() -> Result<usize, Failure> {
    let (messages, mut drain) = (SLICE.generate(), Drain::default());
    let mut engine = command::engine(&SLICE)?;
    counted(|| command::apply_all(&mut engine, &messages, &mut drain))?;
    black_box(engine.digest());
    drain.verify(&SLICE)?;
    Ok(messages.len())
}

fn decode() -> Result<usize, Failure> {
    let bytes = SLICE.generate_itch();
    black_box(counted(|| feed::decoded(black_box(&bytes)))?);
    messages_in(&bytes)
}

fn messages_in(bytes: &[u8]) -> Result<usize, Failure> {
    let count = omni_wire::itch::Reader::new(bytes).read_all(|_| ()).map_err(Failure::of)?;
    Ok(count as usize)
}

fn book() -> Result<usize, Failure> {
    let bytes = SLICE.generate_itch();
    let mut books = feed::empty(&SLICE)?;
    let count = counted(|| feed::build(&bytes, &mut books))?;
    let resting = matching::played(&SLICE)?.books().live();
    if books.books().live() == resting {
        return Ok(count as usize);
    }
    Err(Failure(format!("{} orders rest, must be {resting}", books.books().live())))
}

fn journal() -> Result<usize, Failure> {
    let input = |(at, message): (usize, &_)| Input {
        seq: at as u64 + 1,
        time: Time(at as i64 * 1_000),
        cause: 0,
        body: body(message),
    };
    let inputs: Vec<Input> = SLICE.generate().iter().enumerate().map(input).collect();
    let folder = tick::scratch();
    let mut journal = journal::create(&folder, W1.seed, Mode::Memory)?;
    counted(|| inputs.iter().try_for_each(|input| journal.append(input)).map_err(Failure::of))?;
    journal.close().map_err(Failure::of)?;
    std::fs::remove_dir_all(&folder).map_err(Failure::of)?;
    Ok(inputs.len())
}

fn backtest() -> Result<usize, Failure> {
    let (changes, mut node) = (replay::tape(&SLICE)?, replay::loop_of()?);
    let keeper = counted(|| replay::play(&mut node, &changes))?;
    replay::check(&SLICE, &node, &keeper, changes.len())?;
    Ok(changes.len())
}
