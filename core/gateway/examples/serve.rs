//! Serves a control socket for a small made-up engine: `serve PATH [--busy] [--linger]`.
//!
//! It shows how an engine's thread uses the hub, and gives clients something to be tested against. Everything in it
//! follows from the number of views shown so far: each adds a fill, a point of equity and a bar. With `--busy` the
//! engine shows one view and then answers nobody, like one that waits for a hung strategy, until standard input ends.
//! With `--linger` it serves who is connected also after its end, until standard input ends.

use std::{
    env,
    error::Error,
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use omni_gateway::{
    AccountState, AccountView, Archive, Archived, BarsView, ClockView, Command, ControlServer, Counters, DepthView,
    EquityPoint, FillView, FillsView, Hub, KillView, LatencyView, LevelView, OrderView, PositionView, RunState,
    RunView, Series, View,
};
use omni_types::{
    AccountId, AccountLimits, AssetClass, Bar, ClientOrderId, ContractTerms, Currency, Decimal, Instrument,
    InstrumentId, InstrumentSpec, Liquidity, Mic, Money, OrderId, OrderType, Price, Qty, Refusal, SessionId, Side,
    Symbol, Throttle, Time, TimeInForce, TradeId, TradingState,
};

const START: i64 = 1_748_871_000_000_000_000;
const ACCOUNT: AccountId = AccountId(1);
const SESSION: SessionId = SessionId(2);
/// What the strategy trades.
const TRADED: InstrumentId = InstrumentId(7);
/// Stands for those that a large archive has no room for.
const NOT_ARCHIVED: InstrumentId = InstrumentId(11);

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("expected the path of the socket: serve PATH [--busy] [--linger]")?;
    let is_given = |flag: &str| env::args().any(|argument| argument == flag);
    let (busy, lingers) = (is_given("--busy"), is_given("--linger"));
    let hub = Arc::new(Hub::new());
    let mut server = ControlServer::start(&path, Arc::clone(&hub))?;
    println!("ready");
    let ended = end_of_input();
    let mut engine = Engine::new()?;
    while !engine.is_over() && !ended.load(Ordering::Relaxed) {
        if !busy && hub.pending() {
            engine.take_commands(&hub);
        }
        if hub.view_wanted() && !(busy && engine.step > 0) {
            engine.show(&hub);
        }
        thread::park_timeout(Duration::from_micros(200));
    }
    engine.state = RunState::Done;
    engine.show(&hub);
    hub.close(engine.archive());
    while lingers && !ended.load(Ordering::Relaxed) {
        server.retire();
        thread::park_timeout(Duration::from_millis(10));
    }
    drop(server);
    Ok(())
}

fn end_of_input() -> Arc<AtomicBool> {
    let ended = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&ended);
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        flag.store(true, Ordering::Relaxed);
    });
    ended
}

struct Engine {
    step: u64,
    seq: u64,
    state: RunState,
    speed: Option<f64>,
    kill: KillView,
    account: AccountState,
    fills: Series<FillView>,
    equity: Series<EquityPoint>,
    run: Arc<RunView>,
    instruments: Arc<[Instrument]>,
    name: Symbol,
    currency: Currency,
}

impl Engine {
    fn new() -> Result<Self, Box<dyn Error>> {
        let run = RunView {
            id: "example".to_owned(),
            mode: "sim".to_owned(),
            environment: "dev".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: u64::MAX,
            started: Time(START),
        };
        Ok(Self {
            step: 0,
            seq: 0,
            state: RunState::Running,
            speed: None,
            kill: KillView::default(),
            account: AccountState::Running,
            fills: Series::default(),
            equity: Series::default(),
            run: Arc::new(run),
            instruments: (0..12).map(instrument).collect::<Result<_, _>>()?,
            name: Symbol::new("example")?,
            currency: Currency::new("USD")?,
        })
    }

    fn is_over(&self) -> bool {
        self.state == RunState::Stopping
    }

    fn time(&self) -> Time {
        Time(START).plus(self.step as i64 * Time::SECOND)
    }

    fn take_commands(&mut self, hub: &Hub) {
        while let Some(request) = hub.try_command() {
            let result = self.apply(&request.command);
            request.done(result);
        }
    }

    fn apply(&mut self, command: &Command) -> Result<u64, String> {
        match command {
            Command::Kill { reason } => {
                self.kill = KillView { on: true, reason: Some(reason.as_ref().into()), since: Some(self.time()) };
                self.state = RunState::Killed;
            }
            Command::Resume { .. } if !self.kill.on => return Err("the kill switch is not on".to_owned()),
            Command::Resume { .. } => {
                self.kill = KillView::default();
                self.state = RunState::Running;
            }
            Command::Stop => self.state = RunState::Stopping,
            Command::StopSession(SESSION) => self.account = AccountState::Stopped,
            Command::StartSession(SESSION) => self.account = AccountState::Running,
            Command::StopSession(other) | Command::StartSession(other) => {
                return Err(format!("no strategy has session {other}; there is {SESSION}"));
            }
            Command::Speed(multiple) => {
                self.speed = *multiple;
                return Ok(self.seq);
            }
        }
        self.seq += 1;
        Ok(self.seq)
    }

    fn show(&mut self, hub: &Hub) {
        self.step += 1;
        self.seq += 1;
        self.fills.items.push(self.fill(self.step));
        self.equity.items.push(EquityPoint { time: self.time(), equity: vec![(ACCOUNT, self.cash())] });
        let mut view = hub.take_buffer();
        self.fill_view(&mut view, hub);
        if hub.publish(view) {
            // What was accepted needn't be shown again.
            let shown = self.fills.first + self.fills.items.len() as u64;
            self.fills.restart(shown);
            self.equity.restart(shown);
        }
    }

    fn cash(&self) -> Money {
        Money(Money::ONE * 100_000 + i128::from(self.step) * Money::ONE / 4)
    }

    fn fill_view(&self, view: &mut View, hub: &Hub) {
        view.run = Arc::clone(&self.run);
        view.clock = self.clock();
        view.kill = self.kill.clone();
        view.accounts.push(self.account());
        view.positions.push(self.position());
        view.orders.push(self.order());
        view.fills.clone_from(&self.fills);
        view.refusals.push((Refusal::KillSwitch, self.step));
        view.equity.clone_from(&self.equity);
        for instrument in hub.watched().into_iter().flatten() {
            let Archived { bars, fills, depth } = self.shown(instrument);
            view.bars.push(bars);
            view.watched_fills.push(fills);
            view.depth.push(depth);
        }
        view.latency.push(LatencyView {
            name: "strategy",
            count: self.step,
            p50_ns: 240,
            p90_ns: 410,
            p99_ns: 980,
            p999_ns: 2_100,
            max_ns: 18_000,
        });
        view.instruments = Arc::clone(&self.instruments);
        view.counters = Counters {
            inputs: self.seq,
            orders: self.step,
            fills: self.step,
            trades: self.step,
            ..Counters::default()
        };
    }

    fn clock(&self) -> ClockView {
        ClockView {
            time: self.time(),
            start: Time(START),
            end: Some(Time(START).plus(23_400 * Time::SECOND)),
            seq: self.seq,
            inputs_per_s: 65_000,
            speed: self.speed,
            progress: Some((self.step as f64 / 23_400.0).min(1.0)),
            state: self.state,
        }
    }

    fn account(&self) -> AccountView {
        AccountView {
            account: ACCOUNT,
            session: Some(SESSION),
            name: self.name,
            strategy: Some("Example".into()),
            currency: self.currency,
            cash: self.cash(),
            equity: self.cash(),
            realised: self.cash() - Money(Money::ONE * 100_000),
            unrealised: Money::ZERO,
            fees: Money::ZERO,
            peak: self.cash(),
            drawdown: Money::ZERO,
            drawdown_max: Money::ZERO,
            gross_exposure: Money(Money::ONE * 2_500),
            open_orders: 1,
            orders: self.step + 1,
            fills: self.step,
            refusals: self.step,
            limits: limits(),
            state: self.account,
            fault: None,
        }
    }

    fn position(&self) -> PositionView {
        PositionView {
            account: ACCOUNT,
            instrument: TRADED,
            quantity: -(self.step as i64),
            average_price: Some(15_025.5),
            mark: Some(Price(15_020)),
            unrealised: Money::ZERO,
            realised: Money::ZERO,
        }
    }

    fn order(&self) -> OrderView {
        OrderView {
            session: SESSION,
            account: ACCOUNT,
            client_order_id: ClientOrderId(u64::MAX),
            order_id: OrderId(90_121),
            instrument: TRADED,
            side: Side::Buy,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Day,
            price: Some(Price(15_010)),
            quantity: Qty(100),
            leaves: Qty(60),
            time: Time(START),
        }
    }

    fn fill(&self, step: u64) -> FillView {
        FillView {
            index: step - 1,
            seq: step,
            time: Time(START).plus(step as i64 * Time::SECOND - 1),
            session: SESSION,
            account: ACCOUNT,
            instrument: TRADED,
            side: Side::Sell,
            price: Price(15_025),
            quantity: Qty(1),
            trade_id: TradeId(step),
            liquidity: Liquidity::Taker,
            fee: Money(Money::ONE / 10),
        }
    }

    /// What is shown of an instrument: each trades a bar a view, and one of them for us.
    fn shown(&self, instrument: InstrumentId) -> Archived {
        let steps = if instrument == TRADED { self.step } else { 0 };
        let fills = Series { first: 0, items: (1..=steps).map(|step| self.fill(step)).collect() };
        let fills = FillsView { instrument, fills };
        Archived { bars: self.bars(instrument), fills, depth: self.depth(instrument) }
    }

    fn archive(&self) -> Archive {
        let mut archive = Archive::default();
        let all = self.instruments.iter().map(|instrument| instrument.id);
        let _fits = all.filter(|id| *id != NOT_ARCHIVED).all(|id| archive.keep(self.shown(id)));
        archive
    }

    fn bars(&self, instrument: InstrumentId) -> BarsView {
        let bar = |step: u64| Bar {
            time: Time(START).plus(step as i64 * Time::SECOND),
            instrument,
            interval_ns: Time::SECOND,
            open: Price(15_020),
            high: Price(15_031),
            low: Price(15_012),
            close: Price(15_020 + (step % 10) as i64),
            volume: Qty(step),
        };
        BarsView {
            instrument,
            interval_ns: Time::SECOND,
            bars: Series { first: 0, items: (1..=self.step).map(bar).collect() },
        }
    }

    fn depth(&self, instrument: InstrumentId) -> DepthView {
        let level = |price| LevelView { price: Price(price), quantity: Qty(800), orders: 5, own: Qty(100) };
        DepthView {
            instrument,
            time: self.time(),
            state: TradingState::Open,
            last_price: Some(Price(15_020)),
            bids: (0..20).map(|depth| level(15_019 - depth)).collect(),
            asks: (0..20).map(|depth| level(15_021 + depth)).collect(),
        }
    }
}

fn limits() -> AccountLimits {
    AccountLimits {
        order_quantity_max: Qty(1_000),
        order_notional_max: Money(Money::ONE * 100_000),
        collar_bps: 500,
        position_max: Qty(10_000),
        gross_exposure_max: Money(Money::ONE * 10_000),
        open_orders_max: 4,
        message_rate: Throttle { count: 100, window_ns: Time::SECOND },
        drawdown_max: Money(Money::ONE * 5_000),
    }
}

fn instrument(id: u32) -> Result<Instrument, Box<dyn Error>> {
    let spec = InstrumentSpec {
        symbol: Symbol::new(&format!("SIM{id}"))?,
        venue: Mic::new("XOMN")?,
        asset_class: AssetClass::Equity,
        currency: Currency::new("USD")?,
        price_unit: Decimal::new(1, -2),
        quantity_unit: Decimal::ONE,
        multiplier: Decimal::ONE,
        tick: 1,
        lot: Qty(1),
        price_min: Price(1),
        price_max: Price(10_000_000),
        quantity_max: Qty(10_000_000),
        terms: ContractTerms::NONE,
    };
    Ok(Instrument::new(InstrumentId(id), spec)?)
}
