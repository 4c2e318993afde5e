//! An engine brought back from a snapshot and the journal's tail is the engine that was.

use std::path::{Path, PathBuf};

use omni_engine::Engine;
use omni_journal::{Journal, Mode, Options, RunHeader};
use omni_matching::Exchange;
use omni_node::{
    Capacities, FIRST_MEMBER, FlowSource, Latency, Lockstep, Observer, Progress, SnapshotKeeper, list, listings,
    members, restore, set_up,
};
use omni_sim::flow::{Flow, FlowConfig, universe};
use omni_types::{AccountId, Event, Input, SessionId, Time};

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

/// Runs a short generated day into `folder` and returns the engine at its end.
fn run(folder: &Path) -> Result<Engine<Exchange>, Box<dyn std::error::Error>> {
    let run_header = RunHeader {
        run_id: "restore".to_owned(),
        seed: SEED,
        config_hash: [0; 32],
        code_version: "0".to_owned(),
        created: START,
    };
    let options = Options { mode: Mode::Memory, segment_bytes: 1 << 20, header: run_header };
    let mut journaled = Journaled(Journal::create(folder, options)?);
    let universe = universe(SEED, INSTRUMENTS)?;
    let mut config = FlowConfig::day(SEED, START, START.plus(600 * Time::SECOND), INSTRUMENTS);
    config.commands = 9_000;
    config.first_session = SessionId(FIRST_MEMBER);
    config.first_account = AccountId(u32::from(FIRST_MEMBER));
    let mut engine = capacities().exchange()?;
    let bodies: Vec<_> = listings(&list(&universe)?).chain(members(&config, &universe)).collect();
    set_up(&mut engine, START, bodies, &mut journaled)?;
    let mut source = FlowSource::new(Flow::new(config, &universe)?, INSTRUMENTS as u32);
    let mut lockstep = Lockstep::new(engine, Latency::default(), Vec::new())?;
    let mut keeper = SnapshotKeeper::new(folder, EVERY);
    while lockstep.step(&mut source, &mut journaled)? == Progress::More {
        keeper.between(lockstep.engine());
    }
    keeper.close()?;
    journaled.0.close()?;
    Ok(lockstep.into_engine())
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("omni-restore-{name}-{}", std::process::id()));
    let _absent = std::fs::remove_dir_all(&folder);
    folder
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
fn damaged_snapshots_are_passed_over() {
    let folder = folder("damaged");
    let ran = run(&folder).unwrap();
    let mut damaged = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "state") {
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            damaged += 1;
        }
    }
    let (engine, restored) = restore(&folder, ran.seq(), || capacities().exchange().unwrap()).unwrap();
    assert_eq!(engine.state_digest(), ran.state_digest());
    assert_eq!((restored.from, restored.skipped.len()), (0, damaged));
    assert!(damaged > 0);
    std::fs::remove_dir_all(&folder).unwrap();
}
