//! A short generated day around one strategy on the engine's thread.

use omni_matching::Exchange;
use omni_node::{
    Capacities, FIRST_MEMBER, FlowSource, Host, HostState, Latency, Lockstep, Observer, StrategySpec, bind, list,
    listings, members, set_up,
};
use omni_port::{Desk, Feeds, Strategy, Subscription};
use omni_sim::flow::{Flow, FlowConfig, universe};
use omni_types::{AccountId, AccountLimits, AccountSpec, Body, Event, Input, Money, SessionId, Time};

const SEED: u64 = 11;
const INSTRUMENTS: usize = 3;
const START: Time = Time(1_704_205_800_000_000_000);
const LATENCY_NS: i64 = 50_000_000;

/// Counts what happens, and keeps how the strategy stands.
#[derive(Default)]
pub struct Tally {
    pub inputs: u64,
    pub reports: u64,
    pub state: HostState,
}

impl Observer for Tally {
    fn input(&mut self, _input: &Input) -> Result<(), String> {
        self.inputs += 1;
        Ok(())
    }

    fn event(&mut self, _seq: u64, event: &Event) {
        self.reports += u64::from(matches!(event, Event::Report(report) if report.session == SessionId(1)));
    }

    fn strategy(&mut self, _session: SessionId, state: &HostState) {
        self.state = state.clone();
    }
}

fn account(template: &Body) -> Option<AccountSpec> {
    match template {
        Body::Account(member) => {
            let cash = Money(1_000_000_000 * Money::ONE);
            Some(AccountSpec { account: AccountId(1), limits: AccountLimits::WIDE, cash, ..**member })
        }
        _ => None,
    }
}

/// Gives a strategy its place.
pub type Seating = Box<dyn FnOnce(Desk) -> Host>;
/// What is to be run, and what feeds it.
pub type Day = Result<(Lockstep<Exchange>, FlowSource), Box<dyn std::error::Error>>;

/// Puts a day of `minutes` together; the strategy gets every kind of market data, `batch_ns` of it at once.
pub fn day(strategy: impl Strategy + 'static, batch_ns: i64, minutes: i64) -> Day {
    day_of(vec![Box::new(|desk| Host::Local(Box::new(strategy), Box::new(desk), None))], batch_ns, minutes)
}

/// Puts the same day together around several strategies.
pub fn day_of(seatings: Vec<Seating>, batch_ns: i64, minutes: i64) -> Day {
    let universe = universe(SEED, INSTRUMENTS)?;
    let mut config = FlowConfig::day(SEED, START, START.plus(minutes * 60 * Time::SECOND), INSTRUMENTS);
    config.commands = 1_000 * minutes.unsigned_abs();
    config.first_session = SessionId(FIRST_MEMBER);
    config.first_account = AccountId(u32::from(FIRST_MEMBER));
    let capacities = Capacities {
        instruments: INSTRUMENTS,
        orders: 1 << 17,
        levels: 1 << 14,
        accounts: 1_024,
        risk_slots: 4_096,
        timers: 16,
        bar_ns: 60 * Time::SECOND,
    };
    let instruments = list(&universe)?;
    let mut bodies: Vec<_> = listings(&instruments).chain(members(&config, &universe)).collect();
    let own = bodies.iter().find_map(account).ok_or("the day has no members")?;
    let sessions = (1..=seatings.len() as u16).map(SessionId);
    bodies.push(Body::Account(Box::new(own)));
    bodies.extend(sessions.clone().map(|session| bind(session, AccountId(1), false)));
    let mut engine = capacities.exchange()?;
    set_up(&mut engine, START, bodies, &mut Tally::default())?;
    let feeds = Feeds { book: true, quote: true, trade: true, bar: true, indicative: true };
    let spec = |(session, seating): (SessionId, Seating)| StrategySpec {
        session,
        account: AccountId(1),
        subscription: Subscription { instruments: Vec::new(), feeds, batch_ns },
        host: seating(Desk::new(session, AccountId(1), instruments.clone().into())),
        hung_at: None,
    };
    let specs = sessions.zip(seatings).map(spec).collect();
    let latency = Latency { place_ns: LATENCY_NS, amend_ns: LATENCY_NS, cancel_ns: LATENCY_NS };
    let source = FlowSource::new(Flow::new(config, &universe)?, INSTRUMENTS as u32);
    Ok((Lockstep::new(engine, latency, specs)?, source))
}
