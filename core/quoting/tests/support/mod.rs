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
use omni_types::{
    AccountId, AccountLimits, AccountSpec, Body, ClientOrderId, Currency, Digest, Event, ExecType, Input, InstrumentId,
    Liquidity, Money, SessionId, Side, Symbol, Time,
};

const SESSION: SessionId = SessionId(1);
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
    fn report(&mut self, report: &omni_types::ExecutionReport) {
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

fn account() -> Body {
    Body::Account(Box::new(AccountSpec {
        account: ACCOUNT,
        name: Symbol::new("maker").unwrap(),
        currency: Currency::new("USD").unwrap(),
        cash: Money(10_000_000 * Money::ONE),
        limits: AccountLimits::WIDE,
        maker_fee_ppm: 0,
        taker_fee_ppm: 0,
        unit_fee: Money::ZERO,
    }))
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

impl Day {
    /// Returns a day of the ordinary pace: every instrument has 40,000 commands in six and a half hours.
    pub fn new(seed: u64, instruments: usize, minutes: i64) -> Self {
        Self { seed, instruments, minutes, params: MakerParams::default(), latency_ns: 0 }
    }

    fn flow(&self) -> (FlowConfig, Vec<omni_sim::flow::Listing>) {
        let end = Time(OPEN + self.minutes * 60 * Time::SECOND);
        let mut config = FlowConfig::day(self.seed, Time(OPEN), end, self.instruments);
        config.commands = config.commands * self.minutes as u64 / 390;
        config.first_session = SessionId(FIRST_MEMBER);
        config.first_account = AccountId(u32::from(FIRST_MEMBER));
        (config, universe(self.seed, self.instruments).unwrap())
    }

    /// Runs the day with the maker made by `wrap`.
    pub fn run_with(&self, wrap: impl FnOnce(Maker) -> Box<dyn Strategy + Send>) -> Tally {
        let (config, universe) = self.flow();
        let instruments: Arc<[_]> = list(&universe).unwrap().into();
        let mut eye = Eye::default();
        let mut engine: Engine<Exchange> = capacities(self.instruments).exchange().unwrap();
        let bodies = listings(&instruments).chain(members(&config, &universe));
        let bodies = bodies.chain([account(), bind(SESSION, ACCOUNT, false)]);
        set_up(&mut engine, Time(OPEN), bodies, &mut eye).unwrap();
        let maker = Maker::new(self.params, &instruments, &[]).unwrap();
        let subscription = maker.subscription();
        let desk = Box::new(Desk::new(SESSION, ACCOUNT, Arc::clone(&instruments)));
        let host = Host::Local(wrap(maker), desk, None);
        let spec = StrategySpec { session: SESSION, account: ACCOUNT, subscription, host, hung_at: None };
        let latency = Latency { place_ns: self.latency_ns, amend_ns: self.latency_ns, cancel_ns: self.latency_ns };
        let mut lockstep = Lockstep::new(engine, latency, vec![spec]).unwrap();
        let mut source = FlowSource::new(Flow::new(config, &universe).unwrap(), self.instruments as u32);
        lockstep.start(false, &mut source, &mut eye).unwrap();
        while lockstep.step(&mut source, &mut eye).unwrap() == Progress::More {}
        assert_eq!(lockstep.state(SESSION), Some(&HostState::Running));
        let engine = lockstep.into_engine();
        let account = engine.gate().account(ACCOUNT).unwrap();
        let mut tally = eye.tally;
        tally.pnl = (account.realised + account.unrealised).to_f64();
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
