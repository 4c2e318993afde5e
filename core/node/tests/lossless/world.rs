//! A node on a simulated disk, killed again and again, with clients who note what they were told.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use omni_engine::Engine;
use omni_journal::testing::{Death, SimDisk, Weather};
use omni_journal::{Journal, JournalError, Mode, RunHeader};
use omni_matching::Exchange;
use omni_node::keep;
use omni_types::testing::Draw;
use omni_types::{Body, Digest, Event, ExecutionReport, Input, Time};

use crate::ledger::Ledger;
use crate::market::{Clients, set_up};

pub(super) const FOLDER: &str = "/run/journal";
/// The smallest segment there can be.
pub(super) const SEGMENT_BYTES: u64 = 40_960;
/// How often a recovery is tried that the disk or another death ended.
const TRIES: u32 = 40;

/// How a seed's run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Everything was there to the last.
    Whole,
    /// The disk had damaged the journal, and the recovery said so and changed nothing.
    Told,
}

/// What a run came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Report {
    pub outcome: Outcome,
    /// A fold of everything that happened.
    pub trace: u64,
    pub inputs: u64,
    pub acknowledged: u64,
    pub taken: u64,
    pub fills: u64,
    pub lives: u64,
    pub lost: u64,
}

pub struct World {
    pub(super) draw: Draw,
    pub(super) disk: SimDisk,
    pub(super) mode: Mode,
    pub(super) clients: Clients,
    pub(super) time: i64,
    /// Every input of the run as it was, and the hashes after it.
    pub(super) history: Vec<(Input, Digest, Digest)>,
    /// What clients were told, by the input that made it.
    pub(super) told: BTreeMap<u64, Vec<ExecutionReport>>,
    /// Whether a loss of power may have taken what mode `memory` had acknowledged.
    pub(super) cut: bool,
    /// Whether a reader told that something at the end was left out.
    pub(super) found: bool,
    pub(super) trace: u64,
    pub(super) acknowledged: u64,
    pub(super) lost: u64,
}

/// A process of the node.
pub struct Node {
    pub(super) journal: Journal<SimDisk>,
    pub(super) engine: Engine<Exchange>,
    pub(super) ledger: Ledger,
    /// Reports that wait until the journal's mode holds what made them.
    pub(super) outbox: BTreeMap<u64, Vec<ExecutionReport>>,
    /// How far the watermark was seen by somebody who looks before each call of the disk.
    pub(super) seen: Arc<AtomicU64>,
}

pub(super) fn header(seed: u64) -> RunHeader {
    let (run_id, code_version) = (format!("seed-{seed}"), "test".to_owned());
    RunHeader { run_id, seed, config_hash: [0; 32], code_version, created: Time(0) }
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        let mode = [Mode::Memory, Mode::Group, Mode::Sync][draw.below(3) as usize];
        // Every other run has a disk that does what it says.
        let mut may = |times| draw.one_in(times);
        let weather = if may(2) {
            Weather { flips: may(4), strays: may(4), full: may(2), errors: may(2), lies: may(6) }
        } else {
            Weather::default()
        };
        Self {
            disk: SimDisk::new(seed ^ 0xD15C, weather),
            clients: Clients::new(seed),
            draw,
            mode,
            time: 0,
            history: Vec::new(),
            told: BTreeMap::new(),
            cut: false,
            found: false,
            trace: seed,
            acknowledged: 0,
            lost: 0,
        }
    }

    /// Lives a few lives, then a last one in which nothing fails and everything is answered.
    pub fn run(mut self, seed: u64) -> Report {
        let lives = 2 + self.draw.below(5);
        for _ in 0..lives {
            let Some(node) = self.start(seed) else { return self.report(Outcome::Told, None, seed) };
            self.clients.send_again();
            let steps = self.draw.below(260);
            self.plan(300);
            self.live(node, steps);
            self.restart();
        }
        self.disk.set_weather(Weather::default());
        let Some(mut node) = self.start(seed) else { return self.report(Outcome::Told, None, seed) };
        self.disk.plan(u64::MAX, Death::Kill);
        self.finish(&mut node);
        let Node { journal, ledger, engine, .. } = node;
        assert_eq!(journal.close().unwrap(), engine.seq());
        let inputs = self.read().unwrap();
        let (again, _) = self.replay(&inputs);
        assert_eq!(again.state_digest(), engine.state_digest(), "the journal leads to the state that the run had");
        self.report(Outcome::Whole, Some(ledger), seed)
    }

    fn report(&mut self, outcome: Outcome, ledger: Option<Ledger>, seed: u64) -> Report {
        let faults = self.disk.faults();
        let damaged = faults.flips + faults.strays + faults.lies;
        let unsafe_cut = self.mode == Mode::Memory && self.cut;
        assert!(outcome == Outcome::Whole || damaged > 0 || unsafe_cut, "nothing excuses it: seed {seed}, {faults:?}");
        self.note(self.disk.trace());
        Report {
            outcome,
            trace: self.trace,
            inputs: self.history.len() as u64,
            acknowledged: self.acknowledged,
            taken: ledger.as_ref().map_or(0, |ledger| ledger.taken),
            fills: ledger.as_ref().map_or(0, |ledger| ledger.fills),
            lives: faults.kills + faults.cuts,
            lost: self.lost,
        }
    }

    fn note(&mut self, word: u64) {
        self.trace = (self.trace ^ word).wrapping_mul(0x100_0000_01B3).rotate_left(17);
    }

    fn plan(&mut self, calls: u64) {
        // Without power, mode `memory` has little to say.
        let often = if self.mode == Mode::Memory { 10 } else { 2 };
        let death = if self.draw.one_in(often) { Death::Power } else { Death::Kill };
        let calls = self.draw.below(calls);
        self.disk.plan(calls, death);
    }

    fn restart(&mut self) {
        let before = self.disk.faults().cuts;
        self.disk.restart();
        self.cut |= self.disk.faults().cuts > before;
    }

    /// Starts a node: creates the journal or recovers it, however often that dies; `None` where the disk had damaged it.
    fn start(&mut self, seed: u64) -> Option<Node> {
        for attempt in 0..TRIES {
            if self.draw.one_in(4) && attempt < TRIES / 2 {
                self.plan(40);
            }
            match self.open(seed) {
                Ok(node) if !self.disk.is_dead() => return Some(node),
                Ok(_) | Err(JournalError::Io { .. } | JournalError::Stopped(_)) => {}
                Err(error @ (JournalError::Corrupt { .. } | JournalError::Format { .. })) if !self.disk.is_dead() => {
                    self.note(error.to_string().len() as u64);
                    return None;
                }
                Err(error) => assert!(self.disk.is_dead(), "no run ends so: {error}"),
            }
            self.restart();
        }
        panic!("{TRIES} recoveries failed")
    }

    fn live(&mut self, mut node: Node, steps: u64) {
        self.watch(&node);
        for body in set_up().into_iter().skip(self.history.len()) {
            if !self.take(&mut node, body) {
                return;
            }
        }
        for _ in 0..steps {
            let mut next = self.clients.step();
            while let Some(body) = next.filter(|_| !self.disk.is_dead()) {
                if !self.take(&mut node, body) {
                    return;
                }
                next = self.clients.arrival();
            }
            if self.disk.is_dead() || !self.rest(&mut node) {
                return;
            }
        }
        if self.draw.one_in(2) {
            // In good order, unless the disk says no.
            let Node { journal, .. } = node;
            let _ = journal.close();
        }
    }

    /// Looks at the watermark before each call of the disk, as another thread may at any time.
    fn watch(&self, node: &Node) {
        let (watermark, seen) = (node.journal.watermark(), Arc::clone(&node.seen));
        self.disk.watched_by(Some(Box::new(move || {
            seen.fetch_max(watermark.seq(), Ordering::Relaxed);
        })));
    }

    /// Journals and applies an input; false ends the process.
    fn take(&mut self, node: &mut Node, body: Body) -> bool {
        self.time += self.draw.below(1_000_000) as i64;
        let input = Input { seq: node.engine.seq() + 1, time: Time(self.time), cause: 0, body };
        // The engine's own thread: it stands for a process that ends here.
        if node.journal.append(&input).is_err() {
            return false;
        }
        let (mut reports, ledger) = (Vec::new(), &mut node.ledger);
        node.engine.apply(&input, &mut |event: &Event| gather(event, ledger, &mut reports)).unwrap();
        self.opened(&node.engine, &mut node.ledger);
        node.ledger.check(&node.engine);
        node.outbox.insert(input.seq, reports);
        self.history.push((input, node.engine.digest(), node.engine.state_digest()));
        if self.mode == Mode::Sync && node.journal.commit().is_err() {
            return false;
        }
        self.release(node);
        !self.disk.is_dead()
    }

    /// Does what goes on beside: the journal's thread, snapshots.
    fn rest(&mut self, node: &mut Node) -> bool {
        if self.draw.one_in(6) {
            node.journal.work();
            self.release(node);
        }
        if self.draw.one_in(60) {
            let mut bytes = Vec::new();
            node.engine.encode(&mut bytes).unwrap();
            let (seq, digest) = (node.engine.seq(), node.engine.digest());
            // The journal is the truth: a snapshot that can't be written is only not there.
            let _ = keep(&self.disk, Path::new(FOLDER), seq, digest, &bytes);
        }
        !self.disk.is_dead()
    }

    /// Tells clients what the watermark has passed.
    fn release(&mut self, node: &mut Node) {
        if !self.disk.is_dead() {
            node.seen.fetch_max(node.journal.durable_seq(), Ordering::Relaxed);
        }
        let safe = node.seen.load(Ordering::Relaxed);
        while let Some(entry) = node.outbox.first_entry().filter(|entry| *entry.key() <= safe) {
            let (seq, reports) = entry.remove_entry();
            self.note(seq);
            self.acknowledged += reports.len() as u64;
            reports.iter().for_each(|report| self.clients.hear(report));
            self.told.insert(seq, reports);
        }
    }

    /// Lets everything arrive and be answered.
    fn finish(&mut self, node: &mut Node) {
        let missing: Vec<Body> = set_up().into_iter().skip(self.history.len()).collect();
        self.clients.send_again();
        for body in missing.into_iter().chain(self.clients.last_arrivals()) {
            assert!(self.take(node, body), "nothing fails any more");
        }
        while node.journal.work() {}
        self.release(node);
        assert!(self.clients.unanswered.is_empty(), "not answered: {:?}", self.clients.unanswered);
        node.ledger.check_all(&node.engine);
    }
}

pub(super) fn gather(event: &Event, ledger: &mut Ledger, reports: &mut Vec<ExecutionReport>) {
    ledger.event(event);
    if let Event::Report(report) = event {
        reports.push(*report);
    }
}
