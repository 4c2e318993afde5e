//! Seats strategies in a node: Python's, built-in and compiled ones.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use omni_node::{Host, Sentry, StrategyInfo, StrategySpec};
use omni_plugin::{Library, Value};
use omni_port::{Desk, Strategy, Subscription};
use omni_quoting::{Maker, MakerParams, Taker, TakerParams};
use omni_types::{Instrument, InstrumentId, SessionId};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::Kind;
use crate::host::stage;
use crate::strategy::{Listing, PyStrategy, StrategyBase};
use crate::watchdog::Watchdog;

/// A strategy to seat.
pub(crate) struct Entry {
    pub(crate) info: StrategyInfo,
    pub(crate) made: Made,
    pub(crate) instruments: Vec<InstrumentId>,
    pub(crate) batch_ns: i64,
}

/// What a strategy is made from.
pub(crate) enum Made {
    /// A Python object, and its callbacks by name.
    Python(Py<StrategyBase>, Py<PyDict>),
    /// The market maker of the core, with its parameters.
    Maker(MakerParams),
    /// Nobody: a strategy that a recovery left out.
    Absent,
    /// The taker of the core, with its parameters.
    Taker(TakerParams),
    /// A compiled strategy, with its parameters.
    Plugin(Library, Vec<(String, Value)>),
}

/// A strategy that does nothing.
struct Absent;

impl Strategy for Absent {}

/// Reads a built-in strategy's kind and parameters.
pub(crate) fn built_in(kind: &str, parameters: &[(String, f64)]) -> PyResult<Made> {
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), *value));
    let made = match kind {
        "maker" => MakerParams::from_pairs(pairs).map(Made::Maker),
        "taker" => TakerParams::from_pairs(pairs).map(Made::Taker),
        _ => return Err(Kind::Config.error(format!("there is no built-in strategy {kind}; there are maker and taker"))),
    };
    made.map_err(|error| Kind::Config.error(format!("{kind}: {error}")))
}

/// Where the strategies of a node sit.
pub(crate) struct Room<'a> {
    pub(crate) instruments: &'a [Instrument],
    pub(crate) listing: &'a Listing,
    /// Watches Python strategies that are called on the engine's thread; without it they have one of their own.
    pub(crate) watchdog: Option<&'a Arc<Watchdog>>,
    /// Sessions that hung in the run that is replayed, and where.
    pub(crate) hung: &'a [(SessionId, u64)],
    /// Where the calls of compiled strategies are noted, and how long one may take.
    pub(crate) watch: (Option<PathBuf>, Duration),
}

impl Room<'_> {
    /// Begins to watch compiled strategies, where there are any.
    fn sentry(&self, entries: &[Entry]) -> PyResult<Option<Sentry>> {
        if !entries.iter().any(|entry| matches!(entry.made, Made::Plugin(..))) {
            return Ok(None);
        }
        let (note, patience) = &self.watch;
        let strategies = entries.iter().map(|entry| entry.info.clone()).collect();
        let sentry = Sentry::new(note.as_deref(), *patience, strategies);
        sentry.map(Some).map_err(|error| Kind::Engine.error(format!("can't watch compiled strategies: {error}")))
    }
}

/// Makes the strategies' hosts, in the order of the entries.
pub(crate) fn seats(py: Python<'_>, entries: Vec<Entry>, room: &Room<'_>) -> PyResult<Vec<StrategySpec>> {
    let instruments: Arc<[Instrument]> = room.instruments.into();
    let mut specs = Vec::with_capacity(entries.len());
    let mut hosts = Vec::with_capacity(entries.len());
    let mut remote = Vec::new();
    let sentry = room.sentry(&entries)?;
    for entry in entries {
        let mut desk = Desk::new(entry.info.session, entry.info.account, Arc::clone(&instruments));
        let subscription = match entry.made {
            Made::Maker(params) => {
                let maker = Maker::new(params, room.instruments, &entry.instruments);
                let maker = maker.map_err(|error| Kind::Config.error(format!("{}: {error}", entry.info.name)))?;
                let subscription = maker.subscription();
                hosts.push(Some(local(maker, desk)));
                subscription
            }
            Made::Absent => {
                hosts.push(Some(local(Absent, desk)));
                Subscription { instruments: entry.instruments, ..Subscription::default() }
            }
            Made::Taker(params) => {
                hosts.push(Some(local(Taker::new(params, room.instruments.len()), desk)));
                Subscription { instruments: entry.instruments, feeds: Taker::FEEDS, batch_ns: 0 }
            }
            Made::Plugin(library, parameters) => {
                let strategy = library.strategy(&parameters, &mut desk);
                let strategy = strategy.map_err(|error| Kind::Config.error(format!("{}: {error}", entry.info.name)))?;
                let feeds = strategy.feeds();
                let guard = sentry.as_ref().map(|sentry| sentry.guard(entry.info.session));
                hosts.push(Some(Host::Local(Box::new(strategy), Box::new(desk), guard)));
                Subscription { instruments: entry.instruments, feeds, batch_ns: 0 }
            }
            Made::Python(object, callbacks) => {
                let watchdog = room.watchdog.map(Arc::clone);
                let strategy =
                    PyStrategy::new(object.bind(py), callbacks.bind(py), Arc::clone(room.listing), watchdog)?;
                let feeds = strategy.feeds();
                if room.watchdog.is_some() {
                    hosts.push(Some(local(strategy, desk)));
                } else {
                    remote.push((strategy, desk));
                    hosts.push(None);
                }
                Subscription { instruments: entry.instruments, feeds, batch_ns: entry.batch_ns }
            }
        };
        specs.push((entry.info, subscription));
    }
    let mut staged = stage(remote).into_iter();
    let placed = hosts.into_iter().filter_map(|host| host.or_else(|| staged.next()));
    let spec = |((info, subscription), host): ((StrategyInfo, Subscription), Host)| StrategySpec {
        hung_at: room.hung.iter().find(|(session, _)| *session == info.session).map(|(_, seq)| *seq),
        session: info.session,
        account: info.account,
        subscription,
        host,
    };
    Ok(specs.into_iter().zip(placed).map(spec).collect())
}

fn local(strategy: impl Strategy + 'static, desk: Desk) -> Host {
    Host::Local(Box::new(strategy), Box::new(desk), None)
}
