//! Seats strategies in a node: Python's and built-in ones.

use std::sync::Arc;

use omni_node::{Host, StrategyInfo, StrategySpec};
use omni_port::{Desk, Strategy, Subscription};
use omni_quoting::{Maker, MakerParams};
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
}

/// A strategy that does nothing.
struct Absent;

impl Strategy for Absent {}

/// Reads a built-in strategy's kind and parameters.
pub(crate) fn built_in(kind: &str, parameters: &[(String, f64)]) -> PyResult<Made> {
    if kind != "maker" {
        return Err(Kind::Config.error(format!("there is no built-in strategy {kind}; there is maker")));
    }
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), *value));
    MakerParams::from_pairs(pairs).map(Made::Maker).map_err(|error| Kind::Config.error(format!("maker: {error}")))
}

/// Where the strategies of a node sit.
pub(crate) struct Room<'a> {
    pub(crate) instruments: &'a [Instrument],
    pub(crate) listing: &'a Listing,
    /// Watches Python strategies that are called on the engine's thread; without it they have one of their own.
    pub(crate) watchdog: Option<&'a Arc<Watchdog>>,
    /// Sessions that hung in the run that is replayed, and where.
    pub(crate) hung: &'a [(SessionId, u64)],
}

/// Makes the strategies' hosts, in the order of the entries.
pub(crate) fn seats(py: Python<'_>, entries: Vec<Entry>, room: &Room<'_>) -> PyResult<Vec<StrategySpec>> {
    let instruments: Arc<[Instrument]> = room.instruments.into();
    let mut specs = Vec::with_capacity(entries.len());
    let mut hosts = Vec::with_capacity(entries.len());
    let mut remote = Vec::new();
    for entry in entries {
        let desk = Desk::new(entry.info.session, entry.info.account, Arc::clone(&instruments));
        let subscription = match entry.made {
            Made::Maker(params) => {
                let maker = Maker::new(params, room.instruments, &entry.instruments);
                let maker = maker.map_err(|error| Kind::Config.error(format!("{}: {error}", entry.info.name)))?;
                let subscription = maker.subscription();
                hosts.push(Some(Host::Local(Box::new(maker), Box::new(desk))));
                subscription
            }
            Made::Absent => {
                hosts.push(Some(Host::Local(Box::new(Absent), Box::new(desk))));
                Subscription { instruments: entry.instruments, ..Subscription::default() }
            }
            Made::Python(object, callbacks) => {
                let watchdog = room.watchdog.map(Arc::clone);
                let strategy =
                    PyStrategy::new(object.bind(py), callbacks.bind(py), Arc::clone(room.listing), watchdog)?;
                let feeds = strategy.feeds();
                if room.watchdog.is_some() {
                    hosts.push(Some(Host::Local(Box::new(strategy), Box::new(desk))));
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
