//! A strategy that an operator stops and starts again goes on: told what became of its orders, called, and deaf between.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

#[path = "support/remote.rs"]
mod remote;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use omni_engine::Engine;
use omni_journal::{Journal, Mode, Options, Reader, RunHeader};
use omni_matching::Exchange;
use omni_node::{
    Capacities, FIRST_MEMBER, FlowSource, Host, HostState, Latency, Lockstep, Observer, Progress, Pulse, ReplaySource,
    Source, StrategySpec, WallClock, bind, list, listings, members, outline, set_up, skip_setup,
};
use omni_port::{Desk, Feeds, Strategy, StrategyFault, Subscription, Ticket};
use omni_sim::flow::{Flow, FlowConfig, Listing, universe};
use omni_types::testing::account;
use omni_types::{
    AccountId, AccountSpec, Body, Event, ExecType, Fault, Input, InstrumentId, Money, Price, Quote, SessionId, Side,
    Time, TimerFired, TimerId,
};
use remote::remote_host;

const SEED: u64 = 11;
const START: Time = Time(1_704_205_800 * Time::SECOND);
const STOP: Time = START.plus(90 * Time::SECOND);
const AGAIN: Time = START.plus(200 * Time::SECOND);
const MINUTE: i64 = 60 * Time::SECOND;
const SESSION: SessionId = SessionId(1);
const ACCOUNT: AccountId = AccountId(1);
const TRADED: InstrumentId = InstrumentId(0);
const CAPACITIES: Capacities = Capacities {
    instruments: 1,
    orders: 4_096,
    levels: 4_096,
    accounts: 1_024,
    risk_slots: 4_096,
    timers: 16,
    bar_ns: 0,
};

/// A call of the strategy: what for, when, and its working orders and position in lots then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Called(&'static str, Time, usize, i64);

/// Buys a lot at once, rests another, and rests one more each minute, by a chain of timers.
struct Patient {
    opening: Price,
    calls: Arc<Mutex<Vec<Called>>>,
}

impl Patient {
    fn called(&self, what: &'static str, desk: &Desk) {
        let lots = desk.holding(TRADED).quantity / lot(desk).signed();
        self.calls.lock().unwrap().push(Called(what, desk.time(), desk.orders().count(), lots));
    }

    fn rest(&self, percent: i64, desk: &mut Desk) {
        let tick = desk.instruments()[0].spec.tick;
        let price = Price(self.opening.0 * percent / 100 / tick * tick);
        desk.submit(Ticket::limit(TRADED, Side::Buy, lot(desk), price));
    }
}

fn lot(desk: &Desk) -> omni_types::Qty {
    desk.instruments()[0].spec.lot
}

impl Strategy for Patient {
    fn on_start(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.called("start", desk);
        self.rest(102, desk);
        self.rest(95, desk);
        desk.set_timer(TimerId(1), desk.time().plus(MINUTE));
        Ok(())
    }

    fn on_recover(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.called("recover", desk);
        self.rest(96, desk);
        Ok(())
    }

    fn on_timer(&mut self, timer: &TimerFired, desk: &mut Desk) -> Result<(), StrategyFault> {
        assert_eq!(timer.time, desk.time());
        self.called("timer", desk);
        self.rest(95, desk);
        desk.set_timer(TimerId(1), desk.time().plus(MINUTE));
        Ok(())
    }

    fn on_quote(&mut self, _quote: &Quote, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.called("quote", desk);
        Ok(())
    }
}

/// Journals, speaks for the operator, and counts the strategy's orders that the venue took after its second start.
#[derive(Default)]
struct Witness {
    journal: Option<Journal>,
    taken: usize,
    says: Option<Body>,
    asked: bool,
}

impl Observer for Witness {
    fn input(&mut self, input: &Input) -> Result<(), String> {
        self.journal.as_mut().map_or(Ok(()), |journal| journal.append(input)).map_err(|error| error.to_string())
    }

    fn event(&mut self, _seq: u64, event: &Event) {
        if let Event::Report(report) = event {
            let mine = report.session == SESSION && report.exec_type == ExecType::New;
            self.taken += usize::from(mine && report.time >= AGAIN);
        }
    }

    fn asking(&mut self, _session: SessionId) {
        self.asked = true;
    }

    fn answered(&mut self) {
        self.asked = false;
    }

    fn operator(&mut self) -> Option<Body> {
        self.says.take()
    }
}

/// A short generated day of one instrument with the strategy in it.
struct Stage {
    config: FlowConfig,
    listed: Vec<Listing>,
    calls: Arc<Mutex<Vec<Called>>>,
}

impl Stage {
    fn new() -> Self {
        let mut config = FlowConfig::day(SEED, START, START.plus(400 * Time::SECOND), 1);
        config.commands = 4_000;
        config.first_session = SessionId(FIRST_MEMBER);
        config.first_account = AccountId(u32::from(FIRST_MEMBER));
        Self { config, listed: universe(SEED, 1).unwrap(), calls: Arc::default() }
    }

    fn setup(&self) -> Vec<Body> {
        let account = AccountSpec { cash: Money(10_000_000 * Money::ONE), ..account(ACCOUNT.0) };
        let own = [Body::Account(Box::new(account)), bind(SESSION, ACCOUNT, false)];
        listings(&list(&self.listed).unwrap()).chain(members(&self.config, &self.listed)).chain(own).collect()
    }

    fn source(&self) -> FlowSource {
        FlowSource::new(Flow::new(self.config, &self.listed).unwrap(), 1)
    }

    fn lockstep(&self, remote: bool, batch_ns: i64, setup: Vec<Body>, witness: &mut Witness) -> Lockstep<Exchange> {
        let mut engine: Engine<Exchange> = CAPACITIES.exchange().unwrap();
        set_up(&mut engine, START, setup, witness).unwrap();
        let desk = Desk::new(SESSION, ACCOUNT, list(&self.listed).unwrap().into());
        let strategy = Patient { opening: self.listed[0].opening, calls: Arc::clone(&self.calls) };
        let host =
            if remote { remote_host(strategy, desk) } else { Host::Local(Box::new(strategy), Box::new(desk), None) };
        let feeds = Feeds { quote: true, ..Feeds::default() };
        let subscription = Subscription { feeds, batch_ns, ..Subscription::default() };
        let spec = StrategySpec { session: SESSION, account: ACCOUNT, subscription, host, hung_at: None };
        Lockstep::new(engine, Latency::default(), vec![spec]).unwrap()
    }

    fn take_calls(&self) -> Vec<Called> {
        core::mem::take(&mut self.calls.lock().unwrap())
    }
}

fn journal(folder: &Path) -> Journal {
    let _absent = std::fs::remove_dir_all(folder);
    let header = RunHeader {
        run_id: "restart".to_owned(),
        seed: SEED,
        config_hash: [0; 32],
        code_version: "0".to_owned(),
        created: START,
    };
    Journal::create(folder, Options { mode: Mode::Memory, segment_bytes: 1 << 20, header }).unwrap()
}

fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("omni-restart-{name}-{}", std::process::id()))
}

/// What the operator says, and when.
fn orders() -> [(Time, Body); 2] {
    [(STOP, Body::Stop { session: SESSION, fault: Fault::Operator }), (AGAIN, Body::Start { session: SESSION })]
}

/// Steps to the end of the source, or of the inputs where their last number is given.
fn go<S: Source>(lockstep: &mut Lockstep<Exchange>, source: &mut S, witness: &mut Witness, last: Option<u64>) {
    lockstep.start(false, source, witness).unwrap();
    let mut said = if last.is_none() { orders().to_vec() } else { Vec::new() };
    while last.is_none_or(|last| lockstep.engine().seq() < last) {
        if said.first().is_some_and(|(time, _)| lockstep.engine().time() >= *time) {
            lockstep.operate(said.remove(0).1, source, witness).unwrap();
        }
        if lockstep.step(source, witness).unwrap() == Progress::Done {
            return;
        }
    }
}

/// Checks the calls of a run: right when it is called again, not called between, and going on behind.
fn check(calls: &[Called], taken: usize, what: &str) {
    let at = calls.iter().position(|call| call.0 == "recover").unwrap_or_else(|| panic!("{what}: not called again"));
    let Called(_, time, open, lots) = calls[at];
    assert!(time >= AGAIN && time < AGAIN.plus(Time::SECOND), "{what}: {time:?}");
    assert_eq!((open, lots), (0, 1), "{what}: its orders were cancelled, its fill is its position");
    assert!(calls[..at].iter().all(|call| call.1 <= STOP.plus(Time::SECOND)), "{what}: called while it was stopped");
    assert_eq!(calls[at + 1], Called("timer", time, 1, 1), "{what}: the timer is late, and sees what was sent before");
    let after: Vec<_> = calls[at + 2..].iter().filter(|call| call.0 == "timer").collect();
    assert!(after.len() >= 2 && after[0].1 >= time.plus(MINUTE), "{what}: the chain goes on: {after:?}");
    assert!(calls[at + 2..].iter().any(|call| call.0 == "quote"), "{what}: it hears the market again");
    assert!(taken >= 3, "{what}: only {taken} orders after the start");
    assert_eq!(calls.iter().filter(|call| call.0 != "quote" && call.0 != "timer").count(), 2, "{what}: {calls:?}");
}

#[test]
fn it_goes_on_in_simulated_time_and_its_replay_is_the_same() {
    for (remote, batch_ns) in [(false, 0), (true, 0), (false, 100 * Time::SECOND), (true, 100 * Time::SECOND)] {
        let what = format!("remote {remote}, batches of {batch_ns} ns");
        let (stage, folder) = (Stage::new(), folder(&format!("{remote}-{batch_ns}")));
        let mut witness = Witness { journal: Some(journal(&folder)), ..Witness::default() };
        let mut ran = stage.lockstep(remote, batch_ns, stage.setup(), &mut witness);
        go(&mut ran, &mut stage.source(), &mut witness, None);
        let calls = stage.take_calls();
        check(&calls, witness.taken, &what);
        witness.journal.take().unwrap().close().unwrap();

        let outline = outline(&mut Reader::open(&folder).unwrap()).unwrap();
        let mut witness = Witness::default();
        let mut again = stage.lockstep(remote, batch_ns, outline.setup, &mut witness);
        let mut reader = Reader::open(&folder).unwrap();
        skip_setup(&mut reader).unwrap();
        go(&mut again, &mut ReplaySource::new(reader), &mut witness, Some(outline.last_seq));
        assert_eq!(again.engine().state_digest(), ran.engine().state_digest(), "{what}");
        // Behind the last input the run delivered what was left of its last batch.
        let replayed = stage.take_calls();
        check(&replayed, witness.taken, &what);
        assert!(calls.starts_with(&replayed), "{what}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn it_goes_on_in_wall_clock_time() {
    for remote in [false, true] {
        let stage = Stage::new();
        let mut witness = Witness::default();
        let mut lockstep = stage.lockstep(remote, 0, stage.setup(), &mut witness);
        let mut source = stage.source();
        lockstep.start(false, &mut source, &mut witness).unwrap();
        let (mut wall, mut now, mut said) = (WallClock::default(), START, orders().to_vec());
        let patience = Instant::now();
        loop {
            if said.first().is_some_and(|(time, _)| now >= *time) {
                witness.says = Some(said.remove(0).1);
            }
            match wall.step(&mut lockstep, now, &mut source, &mut witness).unwrap() {
                Pulse::Done => break,
                Pulse::Worked => {}
                Pulse::Idle(_) => now = now.plus(Time::SECOND / 100),
            }
            // The thread's own time is not the test's: what it is called for must not pile up.
            while remote && witness.asked && patience.elapsed() < Duration::from_secs(120) {
                std::thread::yield_now();
                let here = lockstep.engine().time();
                wall.step(&mut lockstep, here, &mut source, &mut witness).unwrap();
            }
        }
        assert_eq!(lockstep.state(SESSION), Some(&HostState::Running));
        check(&stage.take_calls(), witness.taken, &format!("wall clock, remote {remote}"));
    }
}
