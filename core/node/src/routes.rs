//! Which strategies an event goes to.

use omni_port::Subscription;
use omni_types::{Event, InstrumentId, SessionId};

/// Most strategies of one node: a bit each.
pub(crate) const HOSTS_MAX: usize = 64;

const BOOK: usize = 0;
const QUOTE: usize = 1;
const TRADE: usize = 2;
const BAR: usize = 3;
const INDICATIVE: usize = 4;
const KINDS: usize = 5;

/// For every instrument and kind of market data the set of hosts that want it, a bit for each.
#[derive(Debug)]
pub(crate) struct Routes {
    wanted: Vec<[u64; KINDS]>,
    by_session: Vec<Option<u8>>,
    everyone: u64,
}

impl Routes {
    pub(crate) fn new(instruments: usize, subscriptions: &[(SessionId, &Subscription)]) -> Self {
        let sessions = subscriptions.iter().map(|(session, _)| session.index() + 1).max().unwrap_or(0);
        let mut routes = Self { wanted: vec![[0; KINDS]; instruments], by_session: vec![None; sessions], everyone: 0 };
        for (host, (session, subscription)) in subscriptions.iter().enumerate() {
            routes.by_session[session.index()] = Some(host as u8);
            routes.everyone |= 1 << host;
            routes.subscribe(host, subscription);
        }
        routes
    }

    fn subscribe(&mut self, host: usize, subscription: &Subscription) {
        let feeds = subscription.feeds;
        let kinds = [feeds.book, feeds.quote, feeds.trade, feeds.bar, feeds.indicative];
        let set = |wanted: &mut [u64; KINDS]| {
            for (bits, &on) in wanted.iter_mut().zip(&kinds) {
                *bits |= u64::from(on) << host;
            }
        };
        if subscription.instruments.is_empty() {
            self.wanted.iter_mut().for_each(set);
        } else {
            subscription.instruments.iter().for_each(|instrument| set(&mut self.wanted[instrument.index()]));
        }
    }

    /// Returns the hosts that an event goes to, a bit for each.
    #[inline]
    pub(crate) fn of(&self, event: &Event) -> u64 {
        let kind = |instrument: InstrumentId, kind: usize| self.wanted[instrument.index()][kind];
        match event {
            Event::Report(report) => self.host(report.session),
            Event::Timer(timer) => self.host(timer.session),
            Event::Book(change) => kind(change.instrument, BOOK),
            Event::Quote(quote) => kind(quote.instrument, QUOTE),
            Event::Trade(trade) => kind(trade.instrument, TRADE),
            Event::Bar(bar) => kind(bar.instrument, BAR),
            Event::Status(_) | Event::Adjusted(_) => self.everyone,
            Event::Indicative(indicative) => kind(indicative.instrument, INDICATIVE),
        }
    }

    #[inline]
    fn host(&self, session: SessionId) -> u64 {
        self.by_session.get(session.index()).copied().flatten().map_or(0, |host| 1 << host)
    }

    pub(crate) fn index(&self, session: SessionId) -> Option<usize> {
        self.by_session.get(session.index()).copied().flatten().map(usize::from)
    }
}
