//! `kill -9` at random moments of a small journaled host: every acknowledged order is there after recovery, and the
//! hash is the undisturbed run's at the same number.
//!
//! The host is this binary again, as a child: an engine with its exchange and gate behind a journal. It recovers what
//! is there, goes on, and acknowledges each order through a pipe once its input is in the journal and applied. The
//! parent stands outside: it keeps the list of acknowledgements, kills the child after a random number of them, and
//! compares what is recovered with its list and with an engine of its own that nobody disturbs. `OMNI_KILLS` and
//! `OMNI_SEED` choose how often and from which seed.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use omni_engine::Engine;
use omni_journal::{Journal, Mode, Options, Reader, RunHeader};
use omni_matching::Exchange;
use omni_node::{Capacities, Witness, bind, rebuild};
use omni_types::testing::{account, listed, share};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, Body, CancelOrder, ClientOrderId, Event, ExecType, Input, Instrument,
    InstrumentId, InstrumentSpec, NewOrder, OrderType, Price, Qty, SelfTrade, SessionId, Side, Symbol, Time,
    TimeInForce,
};

const CHILD: &str = "OMNI_NODE_CHILD";
/// Kills of one journal before a new one begins.
const KILLS_EACH: u64 = 10;
const SESSIONS: u64 = 4;
const INSTRUMENTS: u64 = 3;
/// Inputs that every run begins with.
const SET_UP: u64 = 2 * INSTRUMENTS + 2 * SESSIONS + 1;
/// Bytes of an acknowledgement: number of the input, session, client order id, what the venue said.
const ACK: usize = 4 * 8;

/// A fold of a number: the same inputs for the same seed, whoever makes them.
fn mix(seed: u64, at: u64) -> u64 {
    let mut word = seed ^ at.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    word = (word ^ word >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ word >> 31
}

fn capacities() -> Capacities {
    Capacities {
        instruments: INSTRUMENTS as usize,
        orders: 1 << 14,
        levels: 1 << 12,
        accounts: 16,
        risk_slots: 64,
        timers: 8,
        bar_ns: 0,
    }
}

fn instrument(id: u64) -> Instrument {
    listed(
        id as u32,
        InstrumentSpec { symbol: Symbol::new(&format!("I{id}")).unwrap(), quantity_max: Qty(10_000), ..share() },
    )
}

fn trader(id: u32) -> Body {
    let limits = AccountLimits { position_max: Qty(2_000), ..AccountLimits::WIDE };
    Body::Account(Box::new(AccountSpec { limits, taker_fee_ppm: 10, ..account(id) }))
}

/// The inputs that every run begins with.
fn set_up() -> Vec<Body> {
    let mut bodies: Vec<Body> = (0..INSTRUMENTS).map(|id| Body::List(Box::new(instrument(id)))).collect();
    let reference = |id| Body::Reference { instrument: InstrumentId(id as u32), price: Price(10_000) };
    bodies.extend((0..INSTRUMENTS).map(reference));
    bodies.extend((1..=SESSIONS).map(|id| trader(id as u32)));
    bodies.extend((1..=SESSIONS).map(|id| bind(SessionId(id as u16), AccountId(id as u32), false)));
    bodies.push(Body::Clock);
    bodies
}

fn session(seed: u64, seq: u64) -> SessionId {
    SessionId((1 + mix(seed, seq) % SESSIONS) as u16)
}

/// Input number `seq` of the run of a seed: a limit or market order, or the cancel of an earlier one.
fn input(seed: u64, seq: u64) -> Input {
    let body = if seq <= SET_UP { set_up().swap_remove(seq as usize - 1) } else { command(seed, seq) };
    Input { seq, time: Time(1_000 * seq as i64), cause: 0, body }
}

fn command(seed: u64, seq: u64) -> Body {
    let draw = mix(seed ^ 0xABCD, seq);
    if draw % 10 < 3 && seq > SET_UP + 10 {
        let earlier = SET_UP + 1 + (draw >> 8) % (seq - SET_UP - 1);
        return Body::Cancel(CancelOrder { session: session(seed, earlier), client_order_id: ClientOrderId(earlier) });
    }
    let market = draw % 10 == 9;
    let who = session(seed, seq);
    Body::New(NewOrder {
        session: who,
        client_order_id: ClientOrderId(seq),
        account: AccountId(u32::from(who.0)),
        instrument: InstrumentId((draw >> 16) as u32 % INSTRUMENTS as u32),
        side: if draw >> 20 & 1 == 0 { Side::Buy } else { Side::Sell },
        order_type: if market { OrderType::Market } else { OrderType::Limit },
        time_in_force: if market { TimeInForce::Ioc } else { TimeInForce::Gtc },
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        price: Price(9_980 + (draw >> 24) as i64 % 41),
        quantity: Qty(1 + (draw >> 40) % 50),
    })
}

/// What was said last of each order, by session and client order id.
#[derive(Default)]
struct Said(BTreeMap<(u16, u64), (u64, ExecType)>);

impl Said {
    fn see(&mut self, seq: u64, event: &Event) {
        if let Event::Report(report) = event
            && matches!(report.exec_type, ExecType::New | ExecType::Rejected)
        {
            self.0.insert((report.session.0, report.client_order_id.0), (seq, report.exec_type));
        }
    }
}

impl Witness<Exchange> for Said {
    fn event(&mut self, seq: u64, event: &Event) {
        self.see(seq, event);
    }
}

/// Rebuilds an engine from a journal, with what was said of each order.
fn recovered(folder: &Path) -> (Engine<Exchange>, Said) {
    let mut said = Said::default();
    let mut reader = Reader::open(folder).unwrap();
    (rebuild(&mut reader, capacities().exchange().unwrap(), None, &mut said).unwrap(), said)
}

/// The host: journals, applies, acknowledges, until it is killed.
fn host(folder: &Path, seed: u64) -> ! {
    let header = RunHeader {
        run_id: "kill".to_owned(),
        seed,
        config_hash: [0; 32],
        code_version: "test".to_owned(),
        created: Time(0),
    };
    let options = Options { mode: Mode::Memory, segment_bytes: 1 << 20, header };
    let mut journal = match Reader::open(folder) {
        Ok(_) => Journal::recover(folder, Mode::Memory).unwrap().0,
        Err(_) => Journal::create(folder, options).unwrap(),
    };
    let (mut engine, _) = recovered(folder);
    let mut pipe = std::io::stdout().lock();
    loop {
        let next = input(seed, engine.seq() + 1);
        journal.append(&next).unwrap();
        let mut said = Said::default();
        engine.apply(&next, &mut |event: &Event| said.see(next.seq, event)).unwrap();
        for ((session, order), (seq, kind)) in said.0 {
            let words = [seq, u64::from(session), order, kind as u64];
            pipe.write_all(&words.map(u64::to_le_bytes).concat()).unwrap();
        }
    }
}

fn start(folder: &Path, seed: u64) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(CHILD, seed.to_string()).arg(folder).stdout(Stdio::piped()).spawn().unwrap()
}

/// Takes acknowledgements until `count` came, kills after `delay`, and takes what was still in the pipe.
fn kill_after(mut child: Child, count: u64, delay: Duration) -> Vec<[u64; 4]> {
    let mut pipe = child.stdout.take().unwrap();
    let (mut word, mut list) = ([0; ACK], Vec::new());
    while pipe.read_exact(&mut word).is_ok() {
        let number = |at: usize| u64::from_le_bytes(word[8 * at..8 * at + 8].try_into().unwrap());
        list.push([number(0), number(1), number(2), number(3)]);
        if list.len() as u64 == count {
            // Not to wait for anything: so that the kill falls anywhere in what the host does meanwhile.
            std::thread::sleep(delay);
            child.kill().unwrap();
        }
    }
    assert!(list.len() as u64 >= count, "the host ended by itself after {} acknowledgements", list.len());
    child.wait().unwrap();
    list
}

/// One journal, its outside list, and the engine that nobody disturbs.
struct Trial {
    folder: PathBuf,
    seed: u64,
    acknowledged: Vec<[u64; 4]>,
    undisturbed: Engine<Exchange>,
}

impl Trial {
    fn new(number: u64, seed: u64) -> Self {
        let folder = std::env::temp_dir().join(format!("omni-node-kill-{}-{number}", std::process::id()));
        let undisturbed = capacities().exchange().unwrap();
        Self { folder, seed, acknowledged: Vec::new(), undisturbed }
    }

    fn kill(&mut self, number: u64) {
        let draw = mix(self.seed ^ 0x1234, number);
        let child = start(&self.folder, self.seed);
        self.acknowledged.extend(kill_after(child, 1 + draw % 400, Duration::from_micros((draw >> 16) % 3_000)));
        let (engine, said) = recovered(&self.folder);
        for [seq, session, order, kind] in &self.acknowledged {
            let found = said.0.get(&(*session as u16, *order)).map(|(seq, kind)| (*seq, *kind as u64));
            assert_eq!(found, Some((*seq, *kind)), "acknowledged order {session}:{order} after kill {number}");
        }
        assert!(engine.seq() >= self.undisturbed.seq(), "inputs that were there after the last kill are lost");
        while self.undisturbed.seq() < engine.seq() {
            let next = input(self.seed, self.undisturbed.seq() + 1);
            self.undisturbed.apply(&next, &mut |_: &Event| ()).unwrap();
        }
        assert_eq!(engine.digest(), self.undisturbed.digest(), "hash at input {} after kill {number}", engine.seq());
        assert_eq!(engine.state_digest(), self.undisturbed.state_digest(), "state at input {}", engine.seq());
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::fs::remove_dir_all(&self.folder).unwrap();
        }
    }
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

fn main() {
    if let Ok(seed) = std::env::var(CHILD) {
        host(Path::new(&std::env::args().nth(1).unwrap()), seed.parse().unwrap());
    }
    let asked = |word: &str| std::env::args().any(|given| given == word);
    if asked("--list") {
        // A test runner asks which tests there are; none of ours is ignored.
        if !asked("--ignored") {
            println!("kill: test");
        }
        return;
    }
    let (kills, seed) = (number("OMNI_KILLS", 500), number("OMNI_SEED", 0x5EED));
    println!("OMNI_SEED={seed} OMNI_KILLS={kills}");
    let (mut done, mut orders, mut inputs) = (0, 0, 0);
    for trial_number in 0..kills.div_ceil(KILLS_EACH) {
        let mut trial = Trial::new(trial_number, mix(seed, trial_number));
        while done < kills && done < (trial_number + 1) * KILLS_EACH {
            trial.kill(done);
            done += 1;
        }
        orders += trial.acknowledged.len();
        inputs += trial.undisturbed.seq();
    }
    println!("{done} kills, {inputs} inputs: each of {orders} acknowledged orders was there, each hash was equal");
    assert!(orders as u64 >= kills, "orders were acknowledged");
}
