//! Measures a recovery: `cargo run --release -p omni-node --example recovery [COMMANDS] [FOLDER]`.
//!
//! Journals ten million commands of a market with snapshots between, leaves the journal as a killed process does,
//! and times what brings it back: the journal read and checked to its last record, the newest snapshot, the rest applied.
#![allow(clippy::print_stdout, reason = "a bench prints")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use omni_engine::Engine;
use omni_journal::{Journal, Mode, Options, RunHeader, SEGMENT_BYTES};
use omni_matching::Exchange;
use omni_node::{Capacities, SnapshotKeeper, bind, restore};
use omni_types::testing::{Draw, account, listed, share};
use omni_types::{
    AccountId, Body, CancelOrder, ClientOrderId, Event, Input, InstrumentId, InstrumentSpec, NewOrder, OrderType,
    Price, Qty, SelfTrade, SessionId, Side, Symbol, Time, TimeInForce,
};

const SESSIONS: u64 = 100;
const INSTRUMENTS: u32 = 100;
/// So that half a million inputs come after the last.
const SNAPSHOT_EVERY: u64 = 950_000;

fn empty() -> Result<Engine<Exchange>, Box<dyn Error>> {
    let capacities = Capacities {
        instruments: INSTRUMENTS as usize,
        orders: 1 << 18,
        levels: 1 << 15,
        accounts: SESSIONS as u32 + 1,
        risk_slots: 1 << 14,
        timers: 8,
        bar_ns: 0,
    };
    Ok(capacities.exchange()?)
}

fn set_up() -> Result<Vec<Body>, Box<dyn Error>> {
    let mut bodies = Vec::new();
    for id in 0..INSTRUMENTS {
        let symbol = Symbol::new(&format!("I{id}"))?;
        bodies.push(Body::List(Box::new(listed(id, InstrumentSpec { symbol, ..share() }))));
        bodies.push(Body::Reference { instrument: InstrumentId(id), price: Price(10_000) });
    }
    for id in 1..=SESSIONS {
        bodies.push(Body::Account(Box::new(account(id as u32))));
        bodies.push(bind(SessionId(id as u16), AccountId(id as u32), true));
    }
    bodies.push(Body::Clock);
    Ok(bodies)
}

/// Orders and, from the same sessions, cancels of them some hundred commands later.
fn command(draw: &mut Draw, seq: u64) -> Body {
    let who = |seq: u64| SessionId((1 + seq % SESSIONS) as u16);
    let number = draw.number();
    if number % 100 < 38 {
        let earlier = seq.saturating_sub(1 + (number >> 8) % 4_000).max(1);
        return Body::Cancel(CancelOrder { session: who(earlier), client_order_id: ClientOrderId(earlier) });
    }
    let (session, market) = (who(seq), number % 100 > 94);
    Body::New(NewOrder {
        session,
        client_order_id: ClientOrderId(seq),
        account: AccountId(session.0.into()),
        instrument: InstrumentId((number >> 16) as u32 % INSTRUMENTS),
        side: if number >> 40 & 1 == 0 { Side::Buy } else { Side::Sell },
        order_type: if market { OrderType::Market } else { OrderType::Limit },
        time_in_force: if market { TimeInForce::Ioc } else { TimeInForce::Gtc },
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        price: Price(9_950 + ((number >> 41) % 101) as i64),
        quantity: Qty(1 + (number >> 50) % 50),
    })
}

/// Runs the market and leaves its journal unclosed; returns the engine as it was.
fn run(folder: &Path, commands: u64) -> Result<Engine<Exchange>, Box<dyn Error>> {
    let header = RunHeader {
        run_id: "recovery".to_owned(),
        seed: 0,
        config_hash: [0; 32],
        code_version: env!("CARGO_PKG_VERSION").to_owned(),
        created: Time(0),
    };
    let options = Options { mode: Mode::Memory, segment_bytes: SEGMENT_BYTES, header };
    let (mut journal, mut keeper) = (Journal::create(folder, options)?, SnapshotKeeper::new(folder, SNAPSHOT_EVERY));
    let (mut engine, mut draw) = (empty()?, Draw::new(1));
    let mut bodies = set_up()?.into_iter();
    for seq in 1..=commands {
        let body = bodies.next().unwrap_or_else(|| command(&mut draw, seq));
        let input = Input { seq, time: Time(seq as i64 * 1_000), cause: 0, body };
        journal.append(&input)?;
        engine.apply(&input, &mut |_: &Event| {})?;
        keeper.between(&engine);
    }
    keeper.close()?;
    Ok(engine)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let commands = arguments.next().map_or(Ok(10_000_000), |text| text.parse::<u64>())?;
    let root = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from).join("omni-recovery");
    let _ = std::fs::remove_dir_all(&root);
    let begin = Instant::now();
    let engine = run(&root, commands)?;
    let seconds = |since: Instant| since.elapsed().as_secs_f64();
    println!("{commands} commands journaled and applied in {:.2} s", seconds(begin));
    for mode in [Mode::Memory, Mode::Group] {
        let (begin, processor) = (Instant::now(), processor_s());
        let (journal, found) = Journal::recover(&root, mode)?;
        let (read, read_processor) = (seconds(begin), processor_s() - processor);
        let (restored, how) = restore(&root, found.last_seq, engine_of_start)?;
        let (all, all_processor) = (seconds(begin), processor_s() - processor);
        println!(
            "mode {mode}: recovered in {all:.2} s ({all_processor:.2} s of the processor), the journal in {read:.2} s \
             ({read_processor:.2} s); from the snapshot after {}, {} applied",
            how.from, how.replayed
        );
        if restored.state_digest() != engine.state_digest() {
            return Err("the recovered state is another".into());
        }
        drop(journal);
    }
    std::fs::remove_dir_all(&root)?;
    Ok(())
}

/// Returns this thread's time on a processor in seconds; 0 where the system doesn't tell.
fn processor_s() -> f64 {
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok()).map_or(0.0, |ns| ns / 1e9)
}

fn engine_of_start() -> Engine<Exchange> {
    // It began from the same capacities a moment ago.
    empty().unwrap_or_else(|error| panic!("Invariant: the engine was made before: {error}"))
}
