//! A simulated market of every kind of recorded data behind the gate, and generated inputs for it.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its part; helpers may panic")]

use omni_engine::{Capacity as EngineCapacity, Engine};
use omni_risk::{Capacity, Gate};
use omni_sim::historical::{Config, Data, Historical};
use omni_types::testing::account;
use omni_types::{
    AccountId, AccountSpec, AmendOrder, Bar, Body, BookAction, BookDelta, CancelOrder, ClientOrderId, Digest, Event,
    Input, InstrumentId, MassCancel, NewOrder, OrderType, Price, Qty, Quote, Scope, SessionId, Side, Time, TimeInForce,
    TopOfBook, TradeTick, TradingState,
};
use proptest::prelude::*;

use super::desk::share;

/// What each instrument is filled from, by its number.
pub const DATA: [Data; 4] = [Data::Orders, Data::Quotes, Data::Bars, Data::Trades];

/// An engine around a simulator of all kinds, and what became of what it took.
pub struct Run {
    pub engine: Engine<Historical>,
    pub taken: Vec<Input>,
    pub events: Vec<Event>,
    /// The state after each input that was taken.
    pub states: Vec<Digest>,
}

impl Run {
    pub fn new(config: Config) -> Self {
        let instruments = DATA.len();
        let mut venue = Historical::new(config);
        DATA.iter().zip((0..).map(InstrumentId)).for_each(|(&data, id)| venue.record(id, data).unwrap());
        let capacity =
            Capacity { instruments: 4, accounts: 1, sessions: 1, slots: 8, slots_expected: 8, currencies: 1 };
        let engine = EngineCapacity { instruments, timers: 1, bar_ns: Time::SECOND };
        let engine = Engine::new(venue, Gate::new(capacity).unwrap(), engine);
        let mut run = Self { engine, taken: Vec::new(), events: Vec::new(), states: Vec::new() };
        (0..instruments as u32).for_each(|id| run.must(Body::List(Box::new(share(id)))));
        run.must(Body::Account(Box::new(AccountSpec { maker_fee_ppm: 3, taker_fee_ppm: 7, ..account(0) })));
        run.must(Body::Session { session: SessionId(0), account: AccountId(0), external: false });
        run
    }

    /// Goes on from a snapshot.
    pub fn again(engine: Engine<Historical>) -> Self {
        Self { engine, taken: Vec::new(), events: Vec::new(), states: Vec::new() }
    }

    fn must(&mut self, body: Body) {
        assert!(self.apply(Time(0), body));
    }

    /// Applies an input; returns whether the engine took it.
    pub fn apply(&mut self, time: Time, body: Body) -> bool {
        let input = Input { seq: self.engine.seq() + 1, time, cause: 0, body };
        let events = &mut self.events;
        let taken = self.engine.apply(&input, &mut |event: &Event| events.push(*event)).is_ok();
        if taken {
            self.states.push(self.engine.state_digest());
            self.taken.push(input);
        }
        taken
    }

    pub fn play(&mut self, steps: &[Step]) {
        for step in steps {
            let time = self.engine.time().plus(step.later);
            let body = step.what.body(step.instrument, time, self.engine.seq());
            self.apply(time, body);
        }
    }

    pub fn snapshot(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.engine.encode(&mut bytes).unwrap();
        bytes
    }
}

/// A generated input.
#[derive(Clone, Debug)]
pub struct Step {
    pub later: i64,
    pub instrument: u32,
    pub what: What,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum What {
    /// Of the recorded book: action, side, reference, price, quantity, whether it ends the venue's event.
    Book(BookAction, Side, u64, i64, u64, bool),
    Quote((i64, u64), (i64, u64)),
    Trade(i64, u64, Option<Side>),
    /// The open, how far the range goes beyond it both ways, the volume.
    Bar(i64, [i64; 2], u64),
    /// Side, limit (none is a market order), quantity, time in force, post-only.
    New(Side, Option<i64>, u64, TimeInForce, bool),
    /// Of the order that came so many inputs before.
    Cancel(u64),
    Amend(u64, i64, u64),
    CancelAll,
    State(TradingState),
}

impl What {
    fn body(&self, instrument: u32, time: Time, seq: u64) -> Body {
        let instrument = InstrumentId(instrument);
        let side = |(price, quantity)| Some((Price(price), Qty(quantity)));
        let id = |back: u64| ClientOrderId(seq.saturating_sub(back));
        match *self {
            Self::Book(action, side, reference, price, quantity, last) => {
                let (price, quantity) = (Price(price), Qty(quantity));
                Body::Book(BookDelta { instrument, action, side, last, reference, price, quantity })
            }
            Self::Quote(bid, ask) => {
                Body::Quote(Quote { time, instrument, top: TopOfBook { bid: side(bid), ask: side(ask) } })
            }
            Self::Trade(price, quantity, aggressor) => {
                Body::Trade(TradeTick { time, instrument, price: Price(price), quantity: Qty(quantity), aggressor })
            }
            Self::Bar(open, [down, up], volume) => Body::Bar(Bar {
                time,
                instrument,
                interval_ns: Time::SECOND,
                open: Price(open),
                high: Price(open + up),
                low: Price(open - down),
                close: Price(open + up),
                volume: Qty(volume),
            }),
            Self::New(side, limit, quantity, time_in_force, post_only) => Body::New(NewOrder {
                session: SessionId(0),
                client_order_id: ClientOrderId(seq + 1),
                account: AccountId(0),
                instrument,
                side,
                order_type: if limit.is_some() { OrderType::Limit } else { OrderType::Market },
                time_in_force,
                post_only,
                self_trade: omni_types::SelfTrade::CancelNewest,
                price: Price(limit.unwrap_or_default()),
                quantity: Qty(quantity),
            }),
            Self::Cancel(back) => Body::Cancel(CancelOrder { session: SessionId(0), client_order_id: id(back) }),
            Self::Amend(back, price, quantity) => Body::Amend(AmendOrder {
                session: SessionId(0),
                client_order_id: id(back),
                price: Price(price),
                quantity: Qty(quantity),
            }),
            Self::CancelAll => Body::MassCancel(MassCancel { session: SessionId(0), scope: Scope::Session }),
            Self::State(state) => Body::Status { instrument, state },
        }
    }
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

fn book() -> impl Strategy<Value = What> {
    use BookAction::{Add, Clear, Delete, Execute, Modify, Reduce, Trade};
    let change = || prop_oneof![Just(Modify), Just(Reduce), Just(Delete), Just(Execute), Just(Execute), Just(Trade)];
    let action = prop_oneof![12 => Just(Add), 12 => change(), 1 => Just(Clear)];
    let at = (side(), 0..8_i64).prop_map(|(side, away)| (side, 100 - side.sign() * away));
    (action, at, 1..30_u64, 1..12_u64, prop::bool::weighted(0.7))
        .prop_map(|(action, (side, price), reference, q, last)| What::Book(action, side, reference, price, q, last))
}

fn time_in_force() -> impl Strategy<Value = TimeInForce> {
    use TimeInForce::{Day, Fok, Gtc, Ioc};
    prop_oneof![3 => Just(Day), 3 => Just(Gtc), 1 => Just(Ioc), 1 => Just(Fok)]
}

fn what() -> impl Strategy<Value = What> {
    let (price, quantity, back) = (|| 94..107_i64, || 1..15_u64, || 0..25_u64);
    let limit = prop::option::weighted(0.8, price());
    let state =
        prop_oneof![3 => Just(TradingState::Open), 1 => Just(TradingState::Halted), 1 => Just(TradingState::Closed)];
    prop_oneof![
        10 => book(),
        5 => (94..102_i64, 0..9_u64, -1..6_i64, 0..9_u64).prop_map(|(p, q, w, r)| What::Quote((p, q), (p + w, r))),
        5 => (price(), 0..12_u64, prop::option::of(side())).prop_map(|(p, q, s)| What::Trade(p, q, s)),
        5 => (price(), [0..5_i64, 0..5_i64], 0..40_u64).prop_map(|(p, range, volume)| What::Bar(p, range, volume)),
        9 => (side(), limit, quantity(), time_in_force(), any::<bool>())
            .prop_map(|(s, p, q, t, post)| What::New(s, p, q, t, post && p.is_some() && t.rests())),
        2 => back().prop_map(What::Cancel),
        2 => (back(), price(), quantity()).prop_map(|(n, p, q)| What::Amend(n, p, q)),
        1 => Just(What::CancelAll),
        1 => state.prop_map(What::State),
    ]
}

/// Generates up to so many inputs.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let later = prop_oneof![Just(0), Just(1), Just(Time::SECOND)];
    let step = (later, 0..DATA.len() as u32, what());
    let step = step.prop_map(|(later, instrument, what)| {
        // Recorded data goes to an instrument that takes it.
        let instrument = match what {
            What::Book(..) => 0,
            What::Quote(..) => 1,
            What::Bar(..) => 2,
            _ => instrument,
        };
        Step { later, instrument, what }
    });
    prop::collection::vec(step, 1..most)
}
