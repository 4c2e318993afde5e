//! A run whose process ended goes on from its journal: the source is where it was, strategies have what their reports
//! say, and without strategies the day ends as if nothing had happened.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use omni_engine::Engine;
use omni_gateway::RunView;
use omni_journal::{Journal, Mode, Options, Reader, RunHeader};
use omni_matching::Exchange;
use omni_node::{
    Capacities, FIRST_MEMBER, FlowSource, Host, Latency, LeftOut, NodeError, Outcome, Pace, Run, Signals, StrategyInfo,
    StrategySpec, Watch, WatchSpec, bind, list, listings, members, outline, recover, set_up, skip_setup,
};
use omni_port::{Desk, Feeds, Strategy, StrategyFault, Subscription, Ticket, Venue};
use omni_sim::flow::{Flow, FlowConfig, Listing, universe};
use omni_types::testing::account;
use omni_types::{
    AccountId, AccountSpec, Body, ClientOrderId, Digest, InstrumentId, Money, Price, Quote, SessionId, Side, Time,
    TimerFired, TimerId,
};

const SEED: u64 = 23;
const START: Time = Time(1_704_205_800 * Time::SECOND);
const END: Time = START.plus(600 * Time::SECOND);
const SESSION: SessionId = SessionId(1);
const ACCOUNT: AccountId = AccountId(1);
const ONE: InstrumentId = InstrumentId(0);
const TIMER: TimerId = TimerId(7);
const CAPACITIES: Capacities = Capacities {
    instruments: 2,
    orders: 1 << 14,
    levels: 1 << 14,
    accounts: 1_024,
    risk_slots: 4_096,
    timers: 16,
    bar_ns: 60 * Time::SECOND,
};

/// What a strategy found at its recovery: when, its open orders, and its position.
type Found = Arc<Mutex<Option<(Time, Vec<ClientOrderId>, i64)>>>;

/// Joins the touch on both sides every second, keeps its last four orders, and counts by a chain of timers.
struct Joiner {
    found: Found,
    timers: Arc<Mutex<Vec<Time>>>,
    next: Time,
}

impl Strategy for Joiner {
    fn on_start(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        desk.set_timer(TIMER, desk.time().plus(45 * Time::SECOND));
        Ok(())
    }

    fn on_recover(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        let open = desk.orders().map(|order| order.client_order_id).collect();
        *self.found.lock().unwrap() = Some((desk.time(), open, desk.holding(ONE).quantity));
        Ok(())
    }

    fn on_timer(&mut self, timer: &TimerFired, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.timers.lock().unwrap().push(timer.time);
        desk.set_timer(TIMER, timer.time.plus(45 * Time::SECOND));
        Ok(())
    }

    fn on_quote(&mut self, quote: &Quote, desk: &mut Desk) -> Result<(), StrategyFault> {
        let (Some((bid, _)), Some((ask, _))) = (quote.top.bid, quote.top.ask) else { return Ok(()) };
        if quote.instrument != ONE || quote.time < self.next {
            return Ok(());
        }
        self.next = quote.time.plus(Time::SECOND);
        let lot = desk.instruments()[0].spec.lot;
        let mut join = |side, price: Price| desk.submit(Ticket::limit(ONE, side, lot, price));
        join(Side::Buy, bid);
        join(Side::Sell, ask);
        let old: Vec<_> = desk.orders().map(|order| order.client_order_id).collect();
        old.iter().rev().skip(4).for_each(|id| desk.cancel(*id));
        Ok(())
    }
}

/// A generated day of ten minutes, alone or with the strategy in it.
struct Day {
    config: FlowConfig,
    listed: Vec<Listing>,
    strategies: bool,
    found: Found,
    timers: Arc<Mutex<Vec<Time>>>,
}

impl Day {
    fn new(strategies: bool) -> Self {
        let mut config = FlowConfig::day(SEED, START, END, 2);
        config.commands = 20_000;
        config.first_session = SessionId(FIRST_MEMBER);
        config.first_account = AccountId(u32::from(FIRST_MEMBER));
        let listed = universe(SEED, 2).unwrap();
        Self { config, listed, strategies, found: Found::default(), timers: Arc::default() }
    }

    fn setup(&self) -> Vec<Body> {
        let account = AccountSpec { cash: Money(10_000_000 * Money::ONE), ..account(ACCOUNT.0) };
        let own = [Body::Account(Box::new(account)), bind(SESSION, ACCOUNT, false)];
        listings(&list(&self.listed).unwrap()).chain(members(&self.config, &self.listed)).chain(own).collect()
    }

    fn infos(&self) -> Vec<StrategyInfo> {
        let info = StrategyInfo { session: SESSION, account: ACCOUNT, name: "joiner".into() };
        if self.strategies { vec![info] } else { Vec::new() }
    }

    fn watch(&self, journal: Option<Journal>) -> Watch {
        let run = RunView {
            id: "go-on".to_owned(),
            mode: "sim".to_owned(),
            environment: "dev".to_owned(),
            version: "0".to_owned(),
            seed: SEED,
            started: START,
        };
        let spec = WatchSpec {
            run,
            strategies: self.infos(),
            start: START,
            end: Some(END),
            pace: Pace::new(None),
            by_wall: false,
            watchdog: Duration::from_secs(60),
            equity_ns: 10 * Time::SECOND,
            keep_bars: true,
            journal,
            hub: None,
        };
        Watch::new(spec, Arc::new(Signals::default()))
    }

    fn run(&self, setup: Vec<Body>, journal: Option<Journal>) -> Run<Exchange, FlowSource> {
        let mut engine: Engine<Exchange> = CAPACITIES.exchange().unwrap();
        let mut watch = self.watch(journal);
        set_up(&mut engine, START, setup, &mut watch).unwrap();
        let spec = |info: StrategyInfo| {
            let (found, timers) = (Arc::clone(&self.found), Arc::clone(&self.timers));
            let desk = Desk::new(info.session, info.account, list(&self.listed).unwrap().into());
            let host = Host::Local(Box::new(Joiner { found, timers, next: START }), Box::new(desk), None);
            let subscription =
                Subscription { feeds: Feeds { quote: true, ..Feeds::default() }, ..Subscription::default() };
            StrategySpec { session: info.session, account: info.account, subscription, host, hung_at: None }
        };
        let strategies = self.infos().into_iter().map(spec).collect();
        let latency = Latency { place_ns: 50_000, amend_ns: 50_000, cancel_ns: 50_000 };
        let source = FlowSource::new(Flow::new(self.config, &self.listed).unwrap(), 2);
        Run::new(engine, latency, strategies, source, watch).unwrap()
    }

    /// Runs the whole day, and copies its journal now and then: what is on the disk if the process ends there.
    fn whole(&self, folder: &Folder) -> (Engine<Exchange>, Outcome, Vec<Folder>) {
        let header = RunHeader {
            run_id: "go-on".to_owned(),
            seed: SEED,
            config_hash: [0; 32],
            code_version: "0".to_owned(),
            created: START,
        };
        let options = Options { mode: Mode::Memory, segment_bytes: 1 << 20, header };
        let journal = Journal::create(folder.path(), options).unwrap();
        let mut copies = Vec::new();
        let mut each = || {
            copies.push(folder.copy(copies.len()));
            true
        };
        let (engine, outcome) = self.run(self.setup(), Some(journal)).run(false, None, &mut each);
        assert!(outcome.failed.is_none(), "{:?}", outcome.failed);
        (engine, outcome, copies)
    }

    /// Goes on from a journal to the day's end.
    fn goes_on(&self, folder: &Path, without: &[LeftOut]) -> Result<(u64, Engine<Exchange>, Outcome), NodeError> {
        let (journal, recovery) = Journal::recover(folder, Mode::Memory).unwrap();
        let setup = outline(&mut Reader::open(folder).unwrap()).unwrap().setup;
        let mut reader = Reader::open(folder).unwrap();
        skip_setup(&mut reader).unwrap();
        let mut run = self.run(setup, None);
        run.go_on(&mut reader, journal, without)?;
        let (engine, outcome) = run.run(true, None, &mut || true);
        assert!(outcome.failed.is_none() && !outcome.stopped, "{:?}", outcome.failed);
        assert_eq!(engine.time(), END);
        Ok((recovery.last_seq, engine, outcome))
    }

    /// What an account of the run says that nothing goes on with.
    fn stands(&self, folder: &Path) -> (Vec<ClientOrderId>, i64) {
        let mut reader = Reader::open(folder).unwrap();
        let (_, outcome) = recover(&mut reader, CAPACITIES.exchange().unwrap(), self.infos(), 1).unwrap();
        let open = outcome.recorder.orders.iter().filter(|row| row.status.is_open()).map(|row| row.client_order_id);
        let bought = |row: &omni_node::FillRow| row.side.sign() * row.quantity.signed();
        (open.collect(), outcome.recorder.fills.all().iter().map(bought).sum())
    }
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("omni-go-on-{name}-{}", std::process::id()));
        let _absent = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn copy(&self, number: usize) -> Self {
        let copy = Self(self.0.with_extension(number.to_string()));
        let _absent = std::fs::remove_dir_all(copy.path());
        std::fs::create_dir_all(copy.path()).unwrap();
        for file in std::fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().path()) {
            if file.is_file() {
                std::fs::copy(&file, copy.path().join(file.file_name().unwrap())).unwrap();
            }
        }
        copy
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _absent = std::fs::remove_dir_all(&self.0);
    }
}

fn books(engine: &Engine<Exchange>) -> Digest {
    let mut digest = Digest::default();
    engine.venue().digest(&mut digest);
    digest
}

#[test]
fn without_strategies_the_day_ends_as_if_nothing_had_happened() {
    let (day, folder) = (Day::new(false), Folder::new("alone"));
    let (engine, outcome, copies) = day.whole(&folder);
    assert!(copies.len() >= 3, "{}", copies.len());
    for copy in copies {
        let (last, again, went_on) = day.goes_on(copy.path(), &[]).unwrap();
        assert_eq!(went_on.recorder.recoveries, [last + 1]);
        assert_eq!(again.seq(), engine.seq() + 1, "one input more: the recovery");
        assert_eq!(books(&again), books(&engine));
        assert_eq!(went_on.recorder.bars.all(), outcome.recorder.bars.all());
    }
}

#[test]
fn a_strategy_has_what_its_reports_say_and_goes_on() {
    let (day, folder) = (Day::new(true), Folder::new("traded"));
    let (_, _, copies) = day.whole(&folder);
    for copy in copies {
        day.timers.lock().unwrap().clear();
        let (open, position) = day.stands(copy.path());
        let (last, engine, outcome) = day.goes_on(copy.path(), &[]).unwrap();
        let (time, found_open, found_position) = day.found.lock().unwrap().take().unwrap();
        assert_eq!((found_open, found_position), (open, position));
        let timers = day.timers.lock().unwrap().clone();
        assert!(timers.iter().all(|at| *at >= time), "a timer that was heard comes again: {timers:?}");
        assert!(END.0 - time.0 < 50 * Time::SECOND || !timers.is_empty(), "the chain of timers is broken");
        let later = outcome.recorder.orders.iter().filter(|row| row.seq > last + 1);
        assert!(later.clone().count() > 2, "it trades on");
        let numbers: Vec<_> = outcome.recorder.orders.iter().map(|row| row.client_order_id).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next), "no number of an order comes twice");
        assert_eq!(outcome.recorder.refusals.iter().sum::<u64>(), late_cancels(&outcome));

        let mut reader = Reader::open(copy.path()).unwrap();
        let (rebuilt, kept) = recover(&mut reader, CAPACITIES.exchange().unwrap(), day.infos(), 1).unwrap();
        assert_eq!(rebuilt.state_digest(), engine.state_digest());
        assert_eq!(kept.recorder.orders, outcome.recorder.orders);
        assert_eq!(kept.recorder.recoveries, outcome.recorder.recoveries);
    }
}

/// Cancels that came after their order had ended, which is no fault.
fn late_cancels(outcome: &Outcome) -> u64 {
    outcome.recorder.refusals[omni_types::Refusal::UnknownOrder as usize]
}

#[test]
fn it_goes_on_without_a_strategy() {
    let (day, folder) = (Day::new(true), Folder::new("without"));
    let copy = day.whole(&folder).2.swap_remove(1);
    let (last, engine, outcome) = day.goes_on(copy.path(), &[LeftOut::by_operator(SESSION)]).unwrap();
    assert!(outcome.recorder.orders.iter().all(|row| !row.status.is_open() && row.seq <= last));
    assert_eq!(engine.gate().session(SESSION).map(|session| session.stopped), Some(true));
}

#[test]
fn it_goes_on_only_from_what_it_ran_on() {
    let (day, folder) = (Day::new(false), Folder::new("other"));
    let copy = day.whole(&folder).2.swap_remove(0);
    let mut other = Day::new(false);
    other.config.seed += 1;
    let why = other.goes_on(copy.path(), &[]).map(|_| ()).unwrap_err().to_string();
    assert!(why.contains("a run goes on only from what it ran on"), "{why}");
}
