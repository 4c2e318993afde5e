//! A node: what it is made of, and its run.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use omni_engine::Engine;
use omni_gateway::{ControlServer, Hub, RunView};
use omni_journal::{Journal, Mode, Options, Reader, RunHeader};
use omni_node::{
    Capacities, FIRST_MEMBER, FlowSource, Latency, Outcome, Pace, Record, RecordedSource, ReplaySource, Run, Signals,
    Source, StrategyInfo, Watch, WatchSpec, bind, list, listings, members, outline, set_up, skip_setup,
};
use omni_port::Venue;
use omni_sim::flow::{Flow, FlowConfig, Listing, universe};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, Body, Currency, Decimal, InstrumentId, Money, Qty, Rate, SessionId, Symbol,
    Throttle, TickTable, Time,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::adjustment;
use crate::error::Kind;
use crate::go_on::Recovery;
use crate::instrument::Instrument;
use crate::plugin::PluginLibrary;
use crate::recorded::{self, Table};
use crate::result::RunResult;
use crate::seat::{Entry, Made, Room, built_in, seats};
use crate::shape::{Fills, Shape, fits};
use crate::strategy::{Listing as PyListing, StrategyBase};
use crate::watchdog::Watchdog;

/// Where a node's inputs come from.
enum Origin {
    Flow { config: FlowConfig, listings: Vec<Listing> },
    Replay(PathBuf),
    Recorded(RecordedSource),
}

struct Plan {
    run: RunView,
    capacities: Capacities,
    instruments: Vec<omni_types::Instrument>,
    /// Tick tables, from when on each holds, and of what.
    ticks: Vec<(Time, InstrumentId, Arc<TickTable>)>,
    rates: Vec<Rate>,
    accounts: Vec<AccountSpec>,
    restricted: Vec<(AccountId, InstrumentId)>,
    entries: Vec<Entry>,
    origin: Option<Origin>,
    start: Time,
    end: Option<Time>,
    latency: Latency,
    pace: Pace,
    watchdog: Duration,
    equity_ns: i64,
    journal: Option<(PathBuf, Mode, u64)>,
    recovery: Option<Recovery>,
    config_hash: [u8; 32],
    socket: Option<PathBuf>,
    /// Whether who looks may go on so after the end.
    lingers: bool,
    kill: Option<String>,
    fills: Option<Fills>,
    /// Where the calls of compiled strategies are noted.
    note: Option<PathBuf>,
}

/// A node before and during its one run.
#[pyclass(module = "omni.engine")]
pub(crate) struct Node {
    plan: Mutex<Option<Plan>>,
    signals: Arc<Signals>,
}

fn money(text: &str, what: &str) -> PyResult<Money> {
    Decimal::parse(text).and_then(Money::from_decimal).map_err(|error| Kind::Config.error(format!("{what}: {error}")))
}

fn text<const N: usize>(value: &str, what: &str) -> PyResult<omni_types::Text<N>> {
    omni_types::Text::new(value).map_err(|error| Kind::Config.error(format!("{what}: {error}")))
}

/// The fields of a dict, by name and type.
struct Fields<'a, 'py>(&'a Bound<'py, PyDict>);

impl Fields<'_, '_> {
    fn get<'x, T: for<'a> FromPyObject<'a, 'x, Error = PyErr>>(&'x self, name: &str) -> PyResult<T> {
        let value = self.0.get_item(name)?.ok_or_else(|| Kind::Config.error(format!("{name} is missing")))?;
        value.extract()
    }
}

#[pymethods]
impl Node {
    /// Make a node. `engine` holds the capacities, and `latency_ns` of simulated commands.
    #[new]
    #[pyo3(signature = (*, run_id, mode, environment, version, seed, started_ns, engine, config_hash))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments")]
    fn new(
        run_id: String,
        mode: String,
        environment: String,
        version: String,
        seed: u64,
        started_ns: i64,
        engine: &Bound<'_, PyDict>,
        config_hash: [u8; 32],
    ) -> PyResult<Self> {
        let latency_ns: i64 = Fields(engine).get("latency_ns")?;
        let Shape { capacities, fills } = Shape::new(engine)?;
        let plan = Plan {
            run: RunView { id: run_id, mode, environment, version, seed, started: Time(started_ns) },
            capacities,
            instruments: Vec::new(),
            ticks: Vec::new(),
            rates: Vec::new(),
            accounts: Vec::new(),
            restricted: Vec::new(),
            entries: Vec::new(),
            origin: None,
            start: Time(0),
            end: None,
            latency: Latency { place_ns: latency_ns, amend_ns: latency_ns, cancel_ns: latency_ns },
            pace: Pace::new(None),
            watchdog: Duration::from_secs(5),
            equity_ns: 60 * Time::SECOND,
            journal: None,
            recovery: None,
            config_hash,
            socket: None,
            lingers: false,
            kill: None,
            fills,
            note: None,
        };
        Ok(Self { plan: Mutex::new(Some(plan)), signals: Arc::default() })
    }

    /// Take a generated day as the source; returns its instruments.
    fn generate(
        &self,
        seed: u64,
        instruments: usize,
        start_ns: i64,
        end_ns: i64,
        inputs: u64,
    ) -> PyResult<Vec<Instrument>> {
        self.plan(|plan| {
            let listings = universe(seed, instruments).map_err(|error| Kind::Engine.error(error))?;
            let mut config = FlowConfig::day(seed, Time(start_ns), Time(end_ns), instruments);
            config.commands = inputs;
            config.first_session = SessionId(FIRST_MEMBER);
            config.first_account = AccountId(u32::from(FIRST_MEMBER));
            plan.instruments = list(&listings).map_err(|error| Kind::Engine.error(error))?;
            (plan.start, plan.end) = (Time(start_ns), Some(Time(end_ns)));
            plan.origin = Some(Origin::Flow { config, listings });
            Ok(plan.instruments.iter().map(|instrument| Instrument::of(*instrument)).collect())
        })
    }

    /// Take a recorded run's journal as the source; returns its instruments.
    fn replay(&self, journal: PathBuf) -> PyResult<Vec<Instrument>> {
        self.plan(|plan| {
            let mut reader = Reader::open(&journal).map_err(|error| Kind::Data.error(error))?;
            let outline = outline(&mut reader).map_err(|error| Kind::Data.error(error))?;
            plan.start = outline.start;
            plan.instruments = outline.setup.iter().filter_map(listed).collect();
            plan.ticks = outline.setup.iter().filter_map(ruled).chain(outline.ticks).collect();
            plan.origin = Some(Origin::Replay(journal));
            Ok(plan.instruments.iter().map(|listed| Instrument::of(*listed).ruled(&plan.ticks)).collect())
        })
    }

    /// Fill orders from recorded data instead of the embedded exchange: `fills` says for each instrument whether from
    /// `orders`, `quotes`, `trades` or `bars`, `rules` how.
    fn historical(&self, fills: Vec<String>, rules: &Bound<'_, PyDict>, own_orders: usize) -> PyResult<()> {
        self.plan(|plan| {
            plan.fills = Some(Fills::new(&fills, rules, own_orders, &plan.capacities)?);
            Ok(())
        })
    }

    /// Take recorded data as the source: `tables` as (kind, times, instrument, interval, columns by name), `files` as
    /// (file, midnight of ITCH times, pairs of the file's number and the instrument's). Earlier ones go first where
    /// times are the same; files come after tables, and corporate actions, given as (time, instrument, kind, what),
    /// before them. The instruments' tick tables are part of it.
    #[pyo3(signature = (instruments, tables, files, adjustments = Vec::new()))]
    fn recorded(
        &self,
        py: Python<'_>,
        instruments: Vec<Py<Instrument>>,
        tables: Vec<Table<'_>>,
        files: Vec<recorded::Opened>,
        adjustments: Vec<adjustment::Given>,
    ) -> PyResult<()> {
        self.plan(|plan| {
            plan.instruments = instruments.iter().map(|instrument| instrument.get().inner).collect();
            let mut records = Vec::with_capacity(tables.len() + files.len() + 2);
            plan.ticks = instruments.iter().flat_map(|instrument| tables_of(instrument.get())).collect();
            for table in &tables {
                records.push(recorded::columns(py, table, plan.instruments.len())?);
            }
            for (file, midnight_ns, numbers) in &files {
                records.push(file.get().record(*midnight_ns, numbers, &plan.instruments)?);
            }
            plan.start = records.iter_mut().filter_map(Record::start).min().unwrap_or(Time(0));
            let later = ticks_after(plan.start, &plan.ticks);
            records.insert(0, Record::Given(adjustment::inputs(&adjustments, &plan.instruments)?));
            records.insert(0, Record::Given(later));
            let source = RecordedSource::new(records);
            plan.origin = Some(Origin::Recorded(source));
            Ok(())
        })
    }

    /// Open an account with its cash, limits and fees.
    fn account(&self, id: u32, name: &str, terms: &Bound<'_, PyDict>) -> PyResult<()> {
        let spec = account_spec(id, name, &Fields(terms))?;
        self.plan(|plan| {
            plan.accounts.push(spec);
            Ok(())
        })
    }

    /// Put instruments on an account's restricted list.
    fn restrict(&self, account: u32, instruments: Vec<u32>) -> PyResult<()> {
        self.plan(|plan| {
            plan.restricted.extend(instruments.into_iter().map(|id| (AccountId(account), InstrumentId(id))));
            Ok(())
        })
    }

    /// Set what one unit of a currency is in another, as decimal text of at most twelve places.
    fn rate(&self, base: &str, other: &str, rate: &str) -> PyResult<()> {
        let pair = format!("rate {base}{other}");
        let wrong = |why: &dyn core::fmt::Display| Kind::Config.error(format!("{pair}: {why}"));
        let decimal = Decimal::parse(rate).map_err(|error| wrong(&error))?;
        let set = Rate::new(text(base, &pair)?, text(other, &pair)?, decimal).filter(|set| set.numerator > 0);
        let set = set.ok_or_else(|| wrong(&"expected above 0 and below 18,446,744, of at most twelve places"))?;
        self.plan(|plan| {
            plan.rates.push(set);
            Ok(())
        })
    }

    /// Seat a strategy: its session, account, and the instruments that it is called for (empty is all).
    #[pyo3(signature = (session, account, name, strategy, callbacks, instruments, batch_ns = 0))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments")]
    fn strategy(
        &self,
        session: u16,
        account: u32,
        name: &str,
        strategy: Py<StrategyBase>,
        callbacks: Py<PyDict>,
        instruments: Vec<u32>,
        batch_ns: i64,
    ) -> PyResult<()> {
        let info = StrategyInfo { session: SessionId(session), account: AccountId(account), name: name.into() };
        let instruments = instruments.into_iter().map(InstrumentId).collect();
        self.plan(|plan| {
            let made = Made::Python(strategy, callbacks);
            plan.entries.push(Entry { info, made, instruments, batch_ns });
            Ok(())
        })
    }

    /// Seat a strategy of the core, by its kind and parameters.
    #[allow(clippy::too_many_arguments, reason = "keyword arguments")]
    fn built_in(
        &self,
        session: u16,
        account: u32,
        name: &str,
        kind: &str,
        parameters: Vec<(String, f64)>,
        instruments: Vec<u32>,
    ) -> PyResult<()> {
        let made = built_in(kind, &parameters)?;
        let info = StrategyInfo { session: SessionId(session), account: AccountId(account), name: name.into() };
        let instruments = instruments.into_iter().map(InstrumentId).collect();
        self.plan(|plan| {
            plan.entries.push(Entry { info, made, instruments, batch_ns: 0 });
            Ok(())
        })
    }

    /// Seat nobody where a run that is gone on with had a strategy.
    fn absent(&self, session: u16, account: u32, name: &str) -> PyResult<()> {
        let info = StrategyInfo { session: SessionId(session), account: AccountId(account), name: name.into() };
        self.plan(|plan| {
            plan.entries.push(Entry { info, made: Made::Absent, instruments: Vec::new(), batch_ns: 0 });
            Ok(())
        })
    }

    /// Seat a compiled strategy, with the parameters that aren't left at their defaults.
    #[allow(clippy::too_many_arguments, reason = "keyword arguments")]
    fn plugin(
        &self,
        session: u16,
        account: u32,
        name: &str,
        library: &PluginLibrary,
        parameters: Vec<(String, Bound<'_, PyAny>)>,
        instruments: Vec<u32>,
    ) -> PyResult<()> {
        let made = library.made(&parameters)?;
        let info = StrategyInfo { session: SessionId(session), account: AccountId(account), name: name.into() };
        let instruments = instruments.into_iter().map(InstrumentId).collect();
        self.plan(|plan| {
            plan.entries.push(Entry { info, made, instruments, batch_ns: 0 });
            Ok(())
        })
    }

    /// Go on with the run whose journal is in a folder, after its last good input. Where the `note` of compiled
    /// strategies' calls says that the process ended in one, that strategy is left out.
    ///
    /// Returns when the run started, nanoseconds since the epoch; the sessions that nobody is to be seated for: theirs
    /// hung, or ended a process; and what was left out at the end of the journal, or `None`.
    fn go_on(&self, folder: PathBuf, mode: &str, note: PathBuf) -> PyResult<(i64, Vec<u16>, Option<String>)> {
        let mode = journal_mode(mode)?;
        self.plan(|plan| {
            let recovery = Recovery::open(folder, mode, &note, plan.config_hash)?;
            plan.run.started = recovery.started;
            let told = (recovery.started.0, recovery.gone.clone(), recovery.dropped.clone());
            plan.recovery = Some(recovery);
            Ok(told)
        })
    }

    /// Leave strategies out of the run that is gone on with, because a person said so.
    fn leave_out(&self, sessions: Vec<u16>) -> PyResult<()> {
        self.recovery(|recovery| recovery.leave_out(sessions))
    }

    /// End the kill switch where the run that is gone on with had it on, because a person said so meanwhile.
    fn resume_at_start(&self, reason: String) -> PyResult<()> {
        self.recovery(|recovery| recovery.resume(reason))
    }

    /// Note the calls of compiled strategies in a file, for a recovery of a process that one of them ends.
    fn note_calls(&self, path: PathBuf) -> PyResult<()> {
        self.plan(|plan| {
            plan.note = Some(path);
            Ok(())
        })
    }

    /// Write a journal into a folder.
    fn journal(&self, folder: PathBuf, mode: &str, segment_bytes: u64) -> PyResult<()> {
        let mode = journal_mode(mode)?;
        self.plan(|plan| {
            plan.journal = Some((folder, mode, segment_bytes));
            Ok(())
        })
    }

    /// Begin with the kill switch on, as an earlier run left it.
    fn kill_at_start(&self, reason: String) -> PyResult<()> {
        self.plan(|plan| {
            plan.kill = Some(reason);
            Ok(())
        })
    }

    /// Serve the control socket at a path. With `linger`, who is connected when the run comes to its end can look at
    /// what it left until [`RunResult::hang_up`].
    #[pyo3(signature = (path, *, linger = false))]
    fn control(&self, path: PathBuf, linger: bool) -> PyResult<()> {
        self.plan(|plan| {
            plan.socket = Some(path);
            plan.lingers = linger;
            Ok(())
        })
    }

    /// Set the pace (a multiple of real time, or `None`), the watchdog, and the time between equity samples.
    fn pace(&self, speed: Option<f64>, watchdog_ms: u64, equity_ns: i64) -> PyResult<()> {
        self.plan(|plan| {
            plan.pace = Pace::new(speed);
            plan.watchdog = Duration::from_millis(watchdog_ms);
            plan.equity_ns = equity_ns;
            Ok(())
        })
    }

    /// Run to the end. With `inline`, strategies are called on this thread; without, on one of their own.
    #[pyo3(signature = (*, inline = false))]
    fn run(&self, py: Python<'_>, inline: bool) -> PyResult<RunResult> {
        let plan = self.lock().take().ok_or_else(|| Kind::Engine.error("a node runs once; make another"))?;
        let signals = Arc::clone(&self.signals);
        run(py, plan, signals, inline)
    }

    /// End the run cleanly; it cancels its strategies' orders first.
    fn stop(&self) {
        self.signals.stop.store(true, Ordering::Relaxed);
    }

    /// Engine time, number of inputs so far, and why the kill switch is on, or `None`.
    #[getter]
    fn progress(&self) -> (i64, u64, Option<String>) {
        let Signals { time, seq, .. } = &*self.signals;
        (
            time.load(Ordering::Relaxed),
            seq.load(Ordering::Relaxed),
            self.signals.killed().map(|reason| reason.to_string()),
        )
    }
}

impl Node {
    fn lock(&self) -> MutexGuard<'_, Option<Plan>> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn plan<T>(&self, change: impl FnOnce(&mut Plan) -> PyResult<T>) -> PyResult<T> {
        let mut plan = self.lock();
        change(plan.as_mut().ok_or_else(|| Kind::Engine.error("the node runs already; it can't be changed"))?)
    }

    fn recovery(&self, change: impl FnOnce(&mut Recovery)) -> PyResult<()> {
        self.plan(|plan| match &mut plan.recovery {
            None => Err(Kind::Engine.error("no run is gone on with: call go_on first")),
            Some(recovery) => {
                change(recovery);
                Ok(())
            }
        })
    }
}

fn journal_mode(mode: &str) -> PyResult<Mode> {
    match mode {
        "memory" => Ok(Mode::Memory),
        "group" => Ok(Mode::Group),
        "sync" => Ok(Mode::Sync),
        other => Err(Kind::Config.error(format!("journal.mode: expected memory, group or sync, found {other:?}"))),
    }
}

fn account_spec(id: u32, name: &str, terms: &Fields<'_, '_>) -> PyResult<AccountSpec> {
    let amount = |what: &str| money(&terms.get::<String>(what)?, what);
    Ok(AccountSpec {
        account: AccountId(id),
        name: text::<24>(name, "name").map(|name: Symbol| name)?,
        currency: text::<8>(&terms.get::<String>("currency")?, "currency").map(|c: Currency| c)?,
        cash: amount("cash")?,
        limits: AccountLimits {
            order_quantity_max: Qty(terms.get("order_quantity_max")?),
            order_notional_max: amount("order_notional_max")?,
            collar_bps: terms.get("collar_bps")?,
            position_max: Qty(terms.get("position_max")?),
            gross_exposure_max: amount("gross_exposure_max")?,
            open_orders_max: terms.get("open_orders_max")?,
            message_rate: Throttle {
                count: terms.get("message_rate")?,
                window_ns: terms.get::<i64>("message_window_ms")? * 1_000_000,
            },
            drawdown_max: amount("drawdown_max")?,
        },
        maker_fee_ppm: terms.get("maker_ppm")?,
        taker_fee_ppm: terms.get("taker_ppm")?,
        unit_fee: amount("unit_fee")?,
    })
}

fn run(py: Python<'_>, mut plan: Plan, signals: Arc<Signals>, inline: bool) -> PyResult<RunResult> {
    let capacity = |error: omni_risk::GateError| Kind::Config.error(error);
    let Some(fills) = plan.fills.take() else {
        fits(&plan.capacities)?;
        let engine = plan.capacities.exchange().map_err(capacity)?;
        let opened = origin(&mut plan)?;
        return drive(py, plan, (engine, Vec::new()), opened, (signals, inline));
    };
    let venue = recorded::historical(fills.config, &fills.data)?;
    let rules = venue.rules();
    let engine = plan.capacities.engine(venue).map_err(capacity)?;
    match plan.origin.take() {
        Some(Origin::Recorded(source)) => {
            let opened = Opened { source, setup: None, last_seq: None, hung: Vec::new() };
            drive(py, plan, (engine, rules), opened, (signals, inline))
        }
        other => {
            plan.origin = other;
            let opened = origin(&mut plan)?;
            drive(py, plan, (engine, rules), opened, (signals, inline))
        }
    }
}

type Rules = Vec<(&'static str, String)>;

/// Runs a plan on an engine, from a source.
fn drive<V: Venue + Send, S: Source>(
    py: Python<'_>,
    mut plan: Plan,
    (mut engine, rules): (Engine<V>, Rules),
    opened: Opened<S>,
    (signals, inline): (Arc<Signals>, bool),
) -> PyResult<RunResult> {
    let engine_error = |error: &dyn core::fmt::Display| Kind::Engine.error(error);
    let listing: PyListing = plan
        .instruments
        .iter()
        .map(|instrument| Py::new(py, Instrument::of(*instrument).ruled(&plan.ticks)))
        .collect::<PyResult<Vec<_>>>()?
        .into();
    let hub = plan.socket.as_ref().map(|_| Arc::new(Hub::new()));
    let server = match (&plan.socket, &hub) {
        (Some(path), Some(hub)) => {
            Some(ControlServer::start(path, Arc::clone(hub)).map_err(|error| engine_error(&error))?)
        }
        _ => None,
    };
    let journal = journal(&plan)?;
    let mut watch = watch(&plan, journal, hub, Arc::clone(&signals));
    let recovery = plan.recovery.take();
    let recorded = opened.setup.or_else(|| recovery.as_ref().map(|recovery| recovery.setup.clone()));
    let setup = recorded.unwrap_or_else(|| setup(&mut plan));
    set_up(&mut engine, plan.start, setup, &mut watch).map_err(|error| engine_error(&error))?;
    let first_time = opened.last_seq.is_none();
    let patience = plan.watchdog;
    let watchdog = inline.then(|| Watchdog::new(py, patience, first_time, signals)).transpose()?;
    let room = Room {
        instruments: &plan.instruments,
        listing: &listing,
        watchdog: watchdog.as_ref(),
        hung: &opened.hung,
        watch: (plan.note.clone(), patience),
    };
    let strategies = seats(py, plan.entries, &room)?;
    let mut run =
        Run::new(engine, plan.latency, strategies, opened.source, watch).map_err(|error| engine_error(&error))?;
    let recovered = recovery.is_some();
    if let Some(recovery) = recovery {
        py.detach(|| recovery.go_on(&mut run, plan.kill)).map_err(|error| Kind::Data.error(error))?;
    }
    let (engine, outcome): (_, Outcome) = match &watchdog {
        Some(watchdog) => {
            let guard = watchdog.start();
            let ended = run.run(recovered, opened.last_seq, &mut || watchdog.breathe(py));
            guard.end(py);
            ended
        }
        None => py.detach(|| run.run(recovered, opened.last_seq, &mut || true)),
    };
    let lingers = plan.lingers && !outcome.stopped && outcome.failed.is_none();
    let server = py.detach(|| retire(server, lingers));
    match watchdog.and_then(|watchdog| watchdog.interrupt()) {
        Some(error) => Err(error),
        None => Ok(RunResult::new(outcome, &engine, rules, server)),
    }
}

/// How long a run that lingers waits for its first visitor: a console that was started with it.
const VISIT: Duration = Duration::from_secs(5);

/// Lets nobody new to a run that has ended, and hangs up on the others unless they may stay.
fn retire(server: Option<ControlServer>, lingers: bool) -> Option<ControlServer> {
    let mut server = server?;
    if lingers {
        server.await_subscriber(VISIT);
    }
    server.retire();
    lingers.then_some(server)
}

/// Returns the inputs that a run begins with.
fn setup(plan: &mut Plan) -> Vec<Body> {
    let mut bodies: Vec<Body> = listings(&plan.instruments).collect();
    if let Some(Origin::Flow { config, listings }) = &plan.origin {
        bodies.extend(members(config, listings));
    }
    bodies.extend(opening_ticks(plan.start, &plan.ticks));
    bodies.extend(plan.rates.iter().map(|rate| Body::Rate(*rate)));
    bodies.extend(plan.accounts.iter().map(|account| Body::Account(Box::new(*account))));
    bodies.extend(plan.restricted.iter().map(|&(account, instrument)| Body::Restrict {
        account,
        instrument,
        on: true,
    }));
    bodies.extend(plan.entries.iter().map(|entry| bind(entry.info.session, entry.info.account, false)));
    bodies.extend(plan.kill.take().map(|reason| Body::Kill { reason: reason.into() }));
    bodies
}

fn journal(plan: &Plan) -> PyResult<Option<Journal>> {
    let Some((folder, mode, segment_bytes)) = &plan.journal else { return Ok(None) };
    let header = RunHeader {
        run_id: plan.run.id.clone(),
        seed: plan.run.seed,
        config_hash: plan.config_hash,
        code_version: plan.run.version.clone(),
        created: plan.run.started,
    };
    let options = Options { mode: *mode, segment_bytes: *segment_bytes, header };
    Journal::create(folder, options).map(Some).map_err(|error| Kind::Engine.error(error))
}

fn watch(plan: &Plan, journal: Option<Journal>, hub: Option<Arc<Hub>>, signals: Arc<Signals>) -> Watch {
    let spec = WatchSpec {
        run: plan.run.clone(),
        strategies: plan.entries.iter().map(|entry| entry.info.clone()).collect(),
        start: plan.start,
        end: plan.end,
        pace: plan.pace,
        by_wall: plan.run.mode == "paper",
        watchdog: plan.watchdog,
        equity_ns: plan.equity_ns,
        keep_bars: plan.capacities.bar_ns > 0,
        journal,
        hub,
    };
    Watch::new(spec, signals)
}

type Ticks = (Time, InstrumentId, Arc<TickTable>);

fn tables_of(instrument: &Instrument) -> impl Iterator<Item = Ticks> {
    let id = instrument.inner.id;
    instrument.tables.iter().map(move |(time, table)| (*time, id, Arc::clone(table)))
}

fn ticks((_, instrument, table): &Ticks) -> Body {
    Body::Ticks { instrument: *instrument, table: Arc::clone(table) }
}

/// Returns the tables that hold when the run starts: of each instrument the newest.
fn opening_ticks(start: Time, tables: &[Ticks]) -> impl Iterator<Item = Body> + '_ {
    let holds = move |(time, ..): &Ticks| *time <= start;
    let next = move |at: usize| tables.get(at + 1).filter(|next| next.1 == tables[at].1 && holds(next));
    (0..tables.len()).filter(move |&at| holds(&tables[at]) && next(at).is_none()).map(|at| ticks(&tables[at]))
}

/// Returns the tables that come into force after the start, in the order of time.
fn ticks_after(start: Time, tables: &[Ticks]) -> Vec<(Time, Body)> {
    let mut later: Vec<_> =
        tables.iter().filter(|(time, ..)| *time > start).map(|each| (each.0, ticks(each))).collect();
    later.sort_by_key(|(time, _)| *time);
    later
}

/// Returns a tick table of a recorded run's set-up.
fn ruled(body: &Body) -> Option<Ticks> {
    match body {
        Body::Ticks { instrument, table } => Some((Time(i64::MIN), *instrument, Arc::clone(table))),
        _ => None,
    }
}

fn listed(body: &Body) -> Option<omni_types::Instrument> {
    match body {
        Body::List(instrument) => Some(**instrument),
        _ => None,
    }
}

/// A source, its set-up inputs where it has its own, where it ends, and who hung in it.
struct Opened<S> {
    source: S,
    setup: Option<Vec<Body>>,
    last_seq: Option<u64>,
    hung: Vec<(SessionId, u64)>,
}

/// Opens a source for the embedded exchange, or a recorded run.
fn origin(plan: &mut Plan) -> PyResult<Opened<Box<dyn Source>>> {
    match &plan.origin {
        None => Err(Kind::Config.error("the node has no source: call generate, replay or recorded first")),
        Some(Origin::Flow { config, listings }) => {
            let flow = Flow::new(*config, listings).map_err(|error| Kind::Config.error(error))?;
            let source = Box::new(FlowSource::new(flow, listings.len() as u32));
            Ok(Opened { source, setup: None, last_seq: None, hung: Vec::new() })
        }
        Some(Origin::Replay(folder)) => {
            let open = || Reader::open(folder).map_err(|error| Kind::Data.error(error));
            let outline = outline(&mut open()?).map_err(|error| Kind::Data.error(error))?;
            let mut reader = open()?;
            skip_setup(&mut reader).map_err(|error| Kind::Data.error(error))?;
            let source = Box::new(ReplaySource::new(reader));
            let (setup, last_seq) = (Some(outline.setup), Some(outline.last_seq));
            Ok(Opened { source, setup, last_seq, hung: outline.hung })
        }
        Some(Origin::Recorded(_)) => {
            Err(Kind::Config.error("recorded data needs a venue that fills from it: call historical too"))
        }
    }
}
