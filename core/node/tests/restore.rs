//! An engine brought back from a snapshot and the journal's tail is the engine that was.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

#[path = "support/recording.rs"]
mod recording;

use std::path::{Path, PathBuf};

use omni_engine::Engine;
use omni_journal::{Journal, Mode, Options, RunHeader};
use omni_matching::Exchange;
use omni_node::{
    Capacities, FIRST_MEMBER, FlowSource, Latency, Lockstep, Observer, Progress, SnapshotKeeper, Source, list,
    listings, members, restore, set_up,
};
use omni_port::Venue;
use omni_sim::flow::{Flow, FlowConfig, universe};
use omni_sim::historical::{BarRules, Capacity, Config, Data, Historical, Reach, TradeRules};
use omni_types::{AccountId, Event, Input, InstrumentId, SessionId, Time};
use recording::{DATA, Tape};

const SEED: u64 = 11;
const INSTRUMENTS: usize = 3;
const START: Time = Time(1_704_205_800_000_000_000);
const EVERY: u64 = 2_000;

fn capacities() -> Capacities {
    Capacities {
        instruments: INSTRUMENTS,
        orders: 4_096,
        levels: 4_096,
        accounts: 1_024,
        risk_slots: 4_096,
        timers: 16,
        bar_ns: 60 * Time::SECOND,
    }
}

struct Journaled(Journal);

impl Observer for Journaled {
    fn input(&mut self, input: &Input) -> Result<(), String> {
        self.0.append(input).map_err(|error| error.to_string())
    }

    fn event(&mut self, _seq: u64, _event: &Event) {}
}

/// A journal in `folder`, and nothing in it.
fn journaled(folder: &Path) -> Result<Journaled, Box<dyn std::error::Error>> {
    let run_header = RunHeader {
        run_id: "restore".to_owned(),
        seed: SEED,
        config_hash: [0; 32],
        code_version: "0".to_owned(),
        created: START,
    };
    let options = Options { mode: Mode::Memory, segment_bytes: 1 << 20, header: run_header };
    Ok(Journaled(Journal::create(folder, options)?))
}

/// Runs an engine that is set up to its source's end, with a snapshot every [`EVERY`] inputs.
fn drive<V: Venue>(
    folder: &Path,
    engine: Engine<V>,
    mut source: impl Source,
    mut journaled: Journaled,
) -> Result<Engine<V>, Box<dyn std::error::Error>> {
    let mut lockstep = Lockstep::new(engine, Latency::default(), Vec::new())?;
    let mut keeper = SnapshotKeeper::new(folder, EVERY);
    while lockstep.step(&mut source, &mut journaled)? == Progress::More {
        keeper.between(lockstep.engine());
    }
    keeper.close()?;
    journaled.0.close()?;
    Ok(lockstep.into_engine())
}

/// Runs a short generated day into `folder` and returns the engine at its end.
fn run(folder: &Path) -> Result<Engine<Exchange>, Box<dyn std::error::Error>> {
    let mut journaled = journaled(folder)?;
    let universe = universe(SEED, INSTRUMENTS)?;
    let mut config = FlowConfig::day(SEED, START, START.plus(600 * Time::SECOND), INSTRUMENTS);
    config.commands = 9_000;
    config.first_session = SessionId(FIRST_MEMBER);
    config.first_account = AccountId(u32::from(FIRST_MEMBER));
    let mut engine = capacities().exchange()?;
    let bodies: Vec<_> = listings(&list(&universe)?).chain(members(&config, &universe)).collect();
    set_up(&mut engine, START, bodies, &mut journaled)?;
    let source = FlowSource::new(Flow::new(config, &universe)?, INSTRUMENTS as u32);
    drive(folder, engine, source, journaled)
}

fn recorded_engine() -> Engine<Historical> {
    let capacity = Capacity { instruments: INSTRUMENTS, recorded_orders: 4_096, recorded_levels: 4_096, orders: 512 };
    let mut venue = Historical::new(Config {
        capacity,
        data: Data::Bars,
        reach: Reach::Through,
        bars: BarRules::default(),
        trades: TradeRules::default(),
    });
    DATA.iter().zip((0..).map(InstrumentId)).for_each(|(&data, id)| venue.record(id, data).unwrap());
    capacities().engine(venue).unwrap()
}

/// Runs a recording of every kind into `folder` and returns the engine at its end.
fn run_recorded(folder: &Path) -> Result<Engine<Historical>, Box<dyn std::error::Error>> {
    let mut journaled = journaled(folder)?;
    let universe = universe(SEED, INSTRUMENTS)?;
    let config = FlowConfig {
        first_session: SessionId(FIRST_MEMBER),
        first_account: AccountId(u32::from(FIRST_MEMBER)),
        ..FlowConfig::day(SEED, START, START.plus(Time::SECOND), INSTRUMENTS)
    };
    let mut engine = recorded_engine();
    let bodies: Vec<_> = listings(&list(&universe)?).chain(members(&config, &universe)).collect();
    set_up(&mut engine, START, bodies, &mut journaled)?;
    drive(folder, engine, Tape::new(SEED, START), journaled)
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("omni-restore-{name}-{}", std::process::id()));
    let _absent = std::fs::remove_dir_all(&folder);
    folder
}

/// Changes a byte of every snapshot; returns how many there are.
fn damage(folder: &Path) -> usize {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let states = paths.filter(|path| path.extension().is_some_and(|extension| extension == "state"));
    let change = |path: PathBuf| {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    };
    states.map(change).count()
}

#[test]
fn a_snapshot_and_the_tail_give_the_same_engine() {
    let folder = folder("tail");
    let ran = run(&folder).unwrap();
    let (engine, restored) = restore(&folder, ran.seq(), || capacities().exchange().unwrap()).unwrap();
    assert_eq!(engine.state_digest(), ran.state_digest());
    assert!(restored.from >= EVERY, "it began from a snapshot: {restored:?}");
    assert_eq!(restored.from + restored.replayed, ran.seq());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_recorded_run_comes_back_from_a_snapshot_too() {
    let folder = folder("recorded");
    let ran = run_recorded(&folder).unwrap();
    let counted = ran.venue().statistics();
    assert!(counted.given.0 > 0 && counted.taken.0 > 0 && counted.filled_on_bars.0 > 0, "{counted:?}");
    let (engine, restored) = restore(&folder, ran.seq(), recorded_engine).unwrap();
    assert_eq!(engine.state_digest(), ran.state_digest());
    assert_eq!(engine.venue().statistics(), counted);
    assert!(restored.from >= EVERY, "it began from a snapshot: {restored:?}");
    assert_eq!(restored.from + restored.replayed, ran.seq());
    damage(&folder);
    let (engine, restored) = restore(&folder, ran.seq(), recorded_engine).unwrap();
    assert_eq!(engine.state_digest(), ran.state_digest());
    assert_eq!((restored.from, restored.skipped.is_empty()), (0, false));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn damaged_snapshots_are_passed_over() {
    let folder = folder("damaged");
    let ran = run(&folder).unwrap();
    let damaged = damage(&folder);
    let (engine, restored) = restore(&folder, ran.seq(), || capacities().exchange().unwrap()).unwrap();
    assert_eq!(engine.state_digest(), ran.state_digest());
    assert_eq!((restored.from, restored.skipped.len()), (0, damaged));
    assert!(damaged > 0);
    std::fs::remove_dir_all(&folder).unwrap();
}
