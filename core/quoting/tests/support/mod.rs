//! A generated day with the maker in it, on the real engine.

#![allow(dead_code, clippy::unwrap_used, reason = "shared by tests and an example; each uses a part")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use omni_engine::Engine;
use omni_matching::Exchange;
use omni_node::{
    Capacities, FIRST_MEMBER, FlowSource, Host, HostState, Latency, Lockstep, Observer, Progress, StrategySpec, bind,
    list, listings, members, set_up,
};
use omni_port::{Desk, Strategy, StrategyFault};
use omni_quoting::{Maker, MakerParams};
use omni_sim::flow::{Flow, FlowConfig, universe};
use omni_types::testing::account;
use omni_types::{
    AccountId, AccountSpec, Body, ClientOrderId, Digest, Event, ExecType, ExecutionReport, Input, InstrumentId,
    Liquidity, Money, Refusal, SessionId, Side, Time,
};

pub const SESSION: SessionId = SessionId(1);
const ACCOUNT: AccountId = AccountId(1);
const MARKOUT_NS: i64 = 10 * Time::SECOND;
const OPEN: i64 = 1_767_191_400 * Time::SECOND;

/// A day to run.
#[derive(Clone, Copy)]
pub struct Day {
    pub seed: u64,
    pub instruments: usize,
    pub minutes: i64,
    pub params: MakerParams,
    pub latency_ns: i64,
}

/// What the maker did in a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    pub placed: u64,
    pub amended: u64,
    pub cancelled: u64,
    pub refused: u64,
    /// Changes of an order that had ended: those that were under way then, and those sent after the maker was told.
    pub too_late: u64,
    pub knowing: u64,
    pub fills: u64,
    pub as_taker: u64,
    /// Quantity bought and sold.
    pub traded: [u64; 2],
    /// Sum over fills of quantity times the distance to the mid in price units, in the maker's favour.
    pub edge: f64,
    /// The same against the mid ten seconds after the fill.
    pub markout: f64,
    pub turnover: f64,
    pub position_most: u64,
    pub leaves_most: u64,
    /// Open positions and gross quantity at the end.
    pub left: Vec<i64>,
    pub pnl: f64,
    pub inputs: u64,
    pub timers: u64,
    pub digest: Option<Digest>,
}

#[derive(Default)]
struct Eye {
    tally: Tally,
    mids: BTreeMap<InstrumentId, f64>,
    positions: BTreeMap<InstrumentId, i64>,
    /// Fills whose markout is due: when, where, signed quantity, price.
    due: VecDeque<(Time, InstrumentId, f64, f64)>,
    leaves: BTreeMap<(InstrumentId, Side), BTreeMap<ClientOrderId, u64>>,
    latency_ns: i64,
    /// When the maker's orders ended.
    ended: BTreeMap<ClientOrderId, Time>,
}

impl Observer for Eye {
    fn input(&mut self, input: &Input) -> Result<(), String> {
        self.tally.inputs += 1;
        while let Some(&(_, instrument, signed, price)) = self.due.front().filter(|due| due.0 <= input.time) {
            self.due.pop_front();
            self.tally.markout += (self.mids[&instrument] - price) * signed / 100.0;
        }
        match &input.body {
            Body::New(order) if order.session == SESSION => self.tally.placed += 1,
            Body::Amend(order) if order.session == SESSION => self.tally.amended += 1,
            Body::Cancel(order) if order.session == SESSION => self.tally.cancelled += 1,
            Body::SetTimer(_) => self.tally.timers += 1,
            _ => {}
        }
        Ok(())
    }

    fn event(&mut self, _seq: u64, event: &Event) {
        match event {
            Event::Quote(quote) => {
                if let Some(twice) = quote.top.mid_twice() {
                    self.mids.insert(quote.instrument, 0.5 * twice as f64);
                }
            }
            Event::Report(report) if report.session == SESSION => self.report(report),
            _ => {}
        }
    }
}

impl Eye {
    /// Counts a change of an order that has ended by whether it was sent before the maker could know.
    fn too_late(&mut self, report: &ExecutionReport) {
        let sent = report.time.plus(-self.latency_ns);
        let under_way = self.latency_ns > 0 && self.ended.get(&report.client_order_id).is_some_and(|&end| end >= sent);
        self.tally.too_late += u64::from(under_way);
        self.tally.knowing += u64::from(!under_way);
    }

    fn report(&mut self, report: &ExecutionReport) {
        if report.reason == Refusal::UnknownOrder {
            return self.too_late(report);
        }
        if !report.status.is_open() {
            self.ended.insert(report.client_order_id, report.time);
        }
        let tally = &mut self.tally;
        tally.refused += u64::from(matches!(report.exec_type, ExecType::Rejected | ExecType::CancelRejected));
        let side = self.leaves.entry((report.instrument, report.side)).or_default();
        side.insert(report.client_order_id, if report.status.is_open() { report.leaves.0 } else { 0 });
        side.retain(|_, leaves| *leaves > 0);
        tally.leaves_most = tally.leaves_most.max(side.values().sum());
        if !report.is_fill() {
            return;
        }
        let (sign, quantity) = (report.side.sign(), report.last_quantity.0);
        tally.fills += 1;
        tally.as_taker += u64::from(report.liquidity == Liquidity::Taker);
        tally.traded[report.side.index()] += quantity;
        let price = report.last_price.0 as f64;
        tally.turnover += price * quantity as f64 / 100.0;
        if let Some(mid) = self.mids.get(&report.instrument) {
            tally.edge += (mid - price) * sign as f64 * quantity as f64 / 100.0;
        }
        let signed = sign as f64 * quantity as f64;
        self.due.push_back((report.time.plus(MARKOUT_NS), report.instrument, signed, price));
        let position = self.positions.entry(report.instrument).or_default();
        *position += sign * quantity as i64;
        let open: u64 = self.leaves.get(&(report.instrument, report.side)).map_or(0, |side| side.values().sum());
        let reach = position.abs().max((*position + sign * open as i64).abs());
        tally.position_most = tally.position_most.max(reach.unsigned_abs());
    }
}

fn own() -> Body {
    Body::Account(Box::new(AccountSpec { cash: Money(10_000_000 * Money::ONE), ..account(ACCOUNT.0) }))
}

const fn capacities(instruments: usize) -> Capacities {
    Capacities {
        instruments,
        orders: 600 * instruments,
        levels: 600 * instruments,
        accounts: 700,
        risk_slots: 600 * instruments as u32,
        timers: 16,
        bar_ns: 0,
    }
}

/// Returns what the maker made, in dollars.
pub fn pnl(engine: &Engine<Exchange>) -> f64 {
    let account = engine.gate().account(ACCOUNT).unwrap();
    (account.realised + account.unrealised).to_f64()
}

/// Returns settings of a maker that trades much, for tests to which profit is nothing.
pub fn eager() -> MakerParams {
    MakerParams {
        spread_volatility: 1.0,
        fade: 0.0,
        behind_ticks: 1_000,
        width_most: 1_000.0,
        ..MakerParams::default()
    }
}

impl Day {
    /// Returns a day of the ordinary pace: every instrument has 40,000 commands in six and a half hours.
    pub fn new(seed: u64, instruments: usize, minutes: i64) -> Self {
        Self { seed, instruments, minutes, params: MakerParams::default(), latency_ns: 0 }
    }

    pub fn flow(&self) -> (FlowConfig, Vec<omni_sim::flow::Listing>) {
        let end = Time(OPEN + self.minutes * 60 * Time::SECOND);
        let mut config = FlowConfig::day(self.seed, Time(OPEN), end, self.instruments);
        config.commands = config.commands * self.minutes as u64 / 390;
        config.first_session = SessionId(FIRST_MEMBER);
        config.first_account = AccountId(u32::from(FIRST_MEMBER));
        (config, universe(self.seed, self.instruments).unwrap())
    }

    /// Runs the day with the maker made by `wrap`, and lets `watch` see it.
    pub fn play<O: Observer>(
        &self,
        wrap: impl FnOnce(Maker) -> Box<dyn Strategy + Send>,
        watch: &mut O,
    ) -> Engine<Exchange> {
        let (config, universe) = self.flow();
        let instruments: Arc<[_]> = list(&universe).unwrap().into();
        let mut engine: Engine<Exchange> = capacities(self.instruments).exchange().unwrap();
        let bodies = listings(&instruments).chain(members(&config, &universe));
        let bodies = bodies.chain([own(), bind(SESSION, ACCOUNT, false)]);
        set_up(&mut engine, Time(OPEN), bodies, watch).unwrap();
        let maker = Maker::new(self.params, &instruments, &[]).unwrap();
        let subscription = maker.subscription();
        let desk = Box::new(Desk::new(SESSION, ACCOUNT, Arc::clone(&instruments)));
        let host = Host::Local(wrap(maker), desk, None);
        let spec = StrategySpec { session: SESSION, account: ACCOUNT, subscription, host, hung_at: None };
        let latency = Latency { place_ns: self.latency_ns, amend_ns: self.latency_ns, cancel_ns: self.latency_ns };
        let mut lockstep = Lockstep::new(engine, latency, vec![spec]).unwrap();
        let mut source = FlowSource::new(Flow::new(config, &universe).unwrap(), self.instruments as u32);
        lockstep.start(false, &mut source, watch).unwrap();
        while lockstep.step(&mut source, watch).unwrap() == Progress::More {}
        assert_eq!(lockstep.state(SESSION), Some(&HostState::Running));
        lockstep.into_engine()
    }

    /// Runs the day with the maker made by `wrap`, and tells what it did.
    pub fn run_with(&self, wrap: impl FnOnce(Maker) -> Box<dyn Strategy + Send>) -> Tally {
        let mut eye = Eye { latency_ns: self.latency_ns, ..Eye::default() };
        let engine = self.play(wrap, &mut eye);
        let mut tally = eye.tally;
        tally.pnl = pnl(&engine);
        tally.left = engine.gate().positions(ACCOUNT).map(|position| position.quantity).collect();
        tally.digest = Some(engine.state_digest());
        tally
    }

    /// Runs the day.
    pub fn run(&self) -> Tally {
        self.run_with(|maker| Box::new(maker))
    }
}

/// Times each delivery to the strategy in it, in nanoseconds.
pub struct Timed<S> {
    pub strategy: S,
    pub spent_ns: Arc<Mutex<Vec<u32>>>,
}

impl<S: Strategy> Strategy for Timed<S> {
    fn on_events(&mut self, events: &[Event], desk: &mut Desk) -> Result<(), StrategyFault> {
        let start = Instant::now();
        let result = self.strategy.on_events(events, desk);
        let elapsed = start.elapsed().as_nanos() as u32;
        self.spent_ns.lock().unwrap().push(elapsed);
        result
    }
}

/// Reads an example's `name=value` arguments: the seeds, and a day for them whose settings are those named.
pub fn arguments(given: impl Iterator<Item = String>) -> Result<(Vec<u64>, Day), Box<dyn std::error::Error>> {
    let (mut seeds, mut day, mut pairs) = (vec![1, 2, 3], Day::new(0, 100, 390), Vec::new());
    let given: Vec<String> = given.collect();
    for argument in &given {
        let (name, value) = argument.split_once('=').ok_or("expected name=value")?;
        match name {
            "seeds" => seeds = value.split(',').map(str::parse).collect::<Result<_, _>>()?,
            "instruments" => day.instruments = value.parse()?,
            "minutes" => day.minutes = value.parse()?,
            "latency_us" => day.latency_ns = 1_000 * value.parse::<i64>()?,
            _ => pairs.push((name, value.parse()?)),
        }
    }
    day.params = MakerParams::from_pairs(pairs)?;
    Ok((seeds, day))
}
