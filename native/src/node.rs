//! A node: what it is made of, and its run.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use omni_gateway::{ControlServer, Hub, RunView};
use omni_journal::{Journal, Mode, Options, Reader, RunHeader};
use omni_node::{
    Capacities, FIRST_MEMBER, FlowSource, Host, Latency, Outcome, Pace, ReplaySource, Run, Signals, Source,
    StrategyInfo, StrategySpec, Watch, WatchSpec, bind, list, listings, members, outline, set_up, skip_setup,
};
use omni_port::{Desk, Subscription};
use omni_sim::flow::{Flow, FlowConfig, Listing, universe};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, Body, Currency, Decimal, InstrumentId, Money, Qty, SessionId, Symbol,
    Throttle, Time,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::capacity::capacities;
use crate::error::Kind;
use crate::host::stage;
use crate::instrument::Instrument;
use crate::result::RunResult;
use crate::strategy::{Listing as PyListing, PyStrategy, StrategyBase};

/// Where a node's inputs come from.
enum Origin {
    Flow { config: FlowConfig, listings: Vec<Listing> },
    Replay(PathBuf),
}

/// A strategy to seat.
struct Entry {
    info: StrategyInfo,
    object: Py<StrategyBase>,
    callbacks: Py<PyDict>,
    instruments: Vec<InstrumentId>,
    batch_ns: i64,
}

struct Plan {
    run: RunView,
    capacities: Capacities,
    instruments: Vec<omni_types::Instrument>,
    accounts: Vec<AccountSpec>,
    entries: Vec<Entry>,
    origin: Option<Origin>,
    start: Time,
    end: Option<Time>,
    latency: Latency,
    pace: Pace,
    watchdog: Duration,
    equity_ns: i64,
    journal: Option<(PathBuf, Mode, u64)>,
    config_hash: [u8; 32],
    socket: Option<PathBuf>,
    kill: Option<String>,
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
        let capacities = capacities(engine)?;
        let plan = Plan {
            run: RunView { id: run_id, mode, environment, version, seed, started: Time(started_ns) },
            capacities,
            instruments: Vec::new(),
            accounts: Vec::new(),
            entries: Vec::new(),
            origin: None,
            start: Time(0),
            end: None,
            latency: Latency { place_ns: latency_ns, amend_ns: latency_ns, cancel_ns: latency_ns },
            pace: Pace::new(None),
            watchdog: Duration::from_secs(5),
            equity_ns: 60 * Time::SECOND,
            journal: None,
            config_hash,
            socket: None,
            kill: None,
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
            plan.origin = Some(Origin::Replay(journal));
            Ok(plan.instruments.iter().map(|instrument| Instrument::of(*instrument)).collect())
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
            plan.entries.push(Entry { info, object: strategy, callbacks, instruments, batch_ns });
            Ok(())
        })
    }

    /// Write a journal into a folder.
    fn journal(&self, folder: PathBuf, mode: &str, segment_bytes: u64) -> PyResult<()> {
        let mode = match mode {
            "memory" => Mode::Memory,
            "group" => Mode::Group,
            "sync" => Mode::Sync,
            other => {
                return Err(
                    Kind::Config.error(format!("journal.mode: expected memory, group or sync, found {other:?}"))
                );
            }
        };
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

    /// Serve the control socket at a path.
    fn control(&self, path: PathBuf) -> PyResult<()> {
        self.plan(|plan| {
            plan.socket = Some(path);
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
    let engine_error = |error: &dyn core::fmt::Display| Kind::Engine.error(error);
    let listing: PyListing = plan
        .instruments
        .iter()
        .map(|instrument| Py::new(py, Instrument::of(*instrument)))
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
    let mut watch = watch(&plan, journal, hub, signals);
    let mut engine = plan.capacities.exchange().map_err(|error| Kind::Config.error(error))?;
    let (source, bodies, last_seq, hung) = origin(&plan)?;
    let setup = bodies.unwrap_or_else(|| {
        let mut bodies: Vec<Body> = listings(&plan.instruments).collect();
        if let Some(Origin::Flow { config, listings }) = &plan.origin {
            bodies.extend(members(config, listings));
        }
        bodies.extend(plan.accounts.iter().map(|account| Body::Account(Box::new(*account))));
        bodies.extend(plan.entries.iter().map(|entry| bind(entry.info.session, entry.info.account, false)));
        bodies.extend(plan.kill.take().map(|reason| Body::Kill { reason: reason.into() }));
        bodies
    });
    set_up(&mut engine, plan.start, setup, &mut watch).map_err(|error| engine_error(&error))?;
    let strategies = seats(py, plan.entries, &plan.instruments, &listing, inline, &hung)?;
    let run = Run::new(engine, plan.latency, strategies, source, watch).map_err(|error| engine_error(&error))?;
    let mut interrupted = None;
    let (engine, outcome): (_, Outcome) = if inline {
        let mut each = || breathe(py, &mut interrupted);
        run.run(false, last_seq, &mut each)
    } else {
        py.detach(|| run.run(false, last_seq, &mut || true))
    };
    py.detach(|| drop(server));
    match interrupted {
        Some(error) => Err(error),
        None => Ok(RunResult::new(outcome, &engine)),
    }
}

/// Lets other Python threads and signal handlers run; returns whether to go on.
fn breathe(py: Python<'_>, interrupted: &mut Option<PyErr>) -> bool {
    py.detach(|| ());
    match py.check_signals() {
        Ok(()) => true,
        Err(error) => {
            *interrupted = Some(error);
            false
        }
    }
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
        journal,
        hub,
    };
    Watch::new(spec, signals)
}

fn listed(body: &Body) -> Option<omni_types::Instrument> {
    match body {
        Body::List(instrument) => Some(**instrument),
        _ => None,
    }
}

type Opened = (Box<dyn Source>, Option<Vec<Body>>, Option<u64>, Vec<(SessionId, u64)>);

/// Opens the source: itself, its set-up inputs where it has its own, where it ends, and who hung in it.
fn origin(plan: &Plan) -> PyResult<Opened> {
    match &plan.origin {
        None => Err(Kind::Config.error("the node has no source: call generate or replay first")),
        Some(Origin::Flow { config, listings }) => {
            let flow = Flow::new(*config, listings).map_err(|error| Kind::Config.error(error))?;
            Ok((Box::new(FlowSource::new(flow, listings.len() as u32)), None, None, Vec::new()))
        }
        Some(Origin::Replay(folder)) => {
            let open = || Reader::open(folder).map_err(|error| Kind::Data.error(error));
            let outline = outline(&mut open()?).map_err(|error| Kind::Data.error(error))?;
            let mut reader = open()?;
            skip_setup(&mut reader).map_err(|error| Kind::Data.error(error))?;
            let source = Box::new(ReplaySource::new(reader));
            Ok((source, Some(outline.setup), Some(outline.last_seq), outline.hung))
        }
    }
}

fn seats(
    py: Python<'_>,
    entries: Vec<Entry>,
    instruments: &[omni_types::Instrument],
    listing: &PyListing,
    inline: bool,
    hung: &[(SessionId, u64)],
) -> PyResult<Vec<StrategySpec>> {
    let instruments: Arc<[omni_types::Instrument]> = instruments.into();
    let mut specs = Vec::new();
    let mut remote = Vec::new();
    for entry in entries {
        let strategy = PyStrategy::new(entry.object.bind(py), entry.callbacks.bind(py), Arc::clone(listing))?;
        let desk = Desk::new(entry.info.session, entry.info.account, Arc::clone(&instruments));
        let subscription =
            Subscription { instruments: entry.instruments, feeds: strategy.feeds(), batch_ns: entry.batch_ns };
        let hung_at = hung.iter().find(|(session, _)| *session == entry.info.session).map(|(_, seq)| *seq);
        remote.push((strategy, desk));
        specs.push((entry.info, subscription, hung_at));
    }
    let hosts: Vec<Host> = if inline {
        remote.into_iter().map(|(strategy, desk)| Host::Local(Box::new(strategy), Box::new(desk))).collect()
    } else {
        stage(remote)
    };
    let spec = |((info, subscription, hung_at), host): ((StrategyInfo, Subscription, Option<u64>), Host)| {
        StrategySpec { session: info.session, account: info.account, subscription, host, hung_at }
    };
    Ok(specs.into_iter().zip(hosts).map(spec).collect())
}
