//! A small market: an engine around the embedded exchange, and inputs of every kind, good and bad.
#![allow(clippy::unwrap_used, dead_code)]

use std::sync::Arc;

use omni_book::Capacity;
use omni_engine::{Engine, EngineError};
use omni_matching::{Exchange, MarketData};
use omni_risk::Gate;
use omni_types::testing::{listed, share, specials, terms};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, Action, Adjust, AmendOrder, Bar, Body, BookAction, BookDelta, CancelOrder,
    ClientOrderId, Currency, Event, ExecutionReport, Fault, Input, Instrument, InstrumentId, InstrumentSpec,
    MassCancel, Money, NewOrder, OrderType, Price, Qty, Quote, Rate, Ratio, Scope, SelfTrade, SessionId, SetTimer,
    Side, Symbol, Throttle, TickRow, TickTable, Time, TimeInForce, TimerId, TopOfBook, TradeTick, TradingState,
};
use proptest::prelude::*;

pub type Market = Engine<Exchange>;

pub const SECOND: i64 = Time::SECOND;

pub fn instrument(id: u32) -> Instrument {
    listed(id, InstrumentSpec { price_min: Price(-50), price_max: Price(1_000), quantity_max: Qty(1_000), ..share() })
}

pub fn limits() -> AccountLimits {
    AccountLimits {
        order_quantity_max: Qty(500),
        order_notional_max: Money(Money::ONE * 10_000),
        collar_bps: 20_000,
        position_max: Qty(2_000),
        gross_exposure_max: Money(Money::ONE * 100_000),
        open_orders_max: 40,
        message_rate: Throttle { count: 1_000, window_ns: SECOND },
        drawdown_max: Money(Money::ONE * 40),
    }
}

pub fn account(id: u32) -> AccountSpec {
    AccountSpec {
        account: AccountId(id),
        name: Symbol::new("FUND").unwrap(),
        currency: Currency::new("USD").unwrap(),
        cash: Money(Money::ONE * 1_000),
        limits: limits(),
        maker_fee_ppm: -10,
        taker_fee_ppm: 30,
        unit_fee: Money(7),
    }
}

/// Two instruments; accounts 0 to 2 with sessions 0 to 2; session 3 is another member's, for account 2.
pub fn set_up() -> Vec<Body> {
    let mut bodies = Vec::new();
    for id in 0..2 {
        bodies.push(Body::List(Box::new(instrument(id))));
        bodies.push(Body::Reference { instrument: InstrumentId(id), price: Price(100) });
    }
    for id in 0..3 {
        bodies.push(Body::Account(Box::new(account(id))));
        bodies.push(Body::Session { session: SessionId(id as u16), account: AccountId(id), external: false });
    }
    bodies.push(Body::Session { session: SessionId(3), account: AccountId(2), external: true });
    bodies
}

pub fn empty_market() -> Market {
    let risk =
        omni_risk::Capacity { instruments: 3, accounts: 4, sessions: 8, slots: 10, slots_expected: 10, currencies: 2 };
    let books = Capacity { instruments: 3, orders: 120, levels: 60 };
    let capacity = omni_engine::Capacity { instruments: 3, timers: 4, bar_ns: SECOND };
    Engine::new(Exchange::new(books, MarketData::Published), Gate::new(risk).unwrap(), capacity)
}

/// Feeds bodies in, each at a time after the one before it; only what the engine takes counts.
pub struct Feed {
    pub engine: Market,
    pub taken: Vec<Input>,
    pub events: Vec<Event>,
    pub now: i64,
}

impl Feed {
    pub fn new() -> Self {
        let mut feed = Self { engine: empty_market(), taken: Vec::new(), events: Vec::new(), now: 0 };
        set_up().into_iter().for_each(|body| feed.send(body).unwrap());
        feed.events.clear();
        feed
    }

    pub fn send(&mut self, body: Body) -> Result<(), EngineError> {
        self.send_at(self.now, 0, body)
    }

    pub fn send_at(&mut self, time: i64, cause: u64, body: Body) -> Result<(), EngineError> {
        let input = Input { seq: self.engine.seq() + 1, time: Time(time), cause, body };
        let events = &mut self.events;
        self.engine.apply(&input, &mut |event: &Event| events.push(*event))?;
        self.now = time;
        self.taken.push(input);
        Ok(())
    }

    /// Sends what must be taken and returns what came of it.
    pub fn expect(&mut self, body: Body) -> Vec<Event> {
        self.events.clear();
        self.send(body).unwrap();
        self.events.clone()
    }

    pub fn reports(&mut self, body: Body) -> Vec<ExecutionReport> {
        self.expect(body).into_iter().filter_map(|e| if let Event::Report(r) = e { Some(r) } else { None }).collect()
    }
}

/// A good-till-cancelled limit order of 10 on instrument 0.
pub fn limit(session: u16, id: u64, side: Side, price: i64) -> NewOrder {
    NewOrder {
        session: SessionId(session),
        client_order_id: ClientOrderId(id),
        account: AccountId(u32::from(session).min(2)),
        instrument: InstrumentId(0),
        side,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        price: Price(price),
        quantity: Qty(10),
    }
}

fn session() -> impl Strategy<Value = SessionId> {
    prop_oneof![20 => 0..4_u16, 1 => 4..9_u16, 1 => Just(u16::MAX)].prop_map(SessionId)
}

fn account_id() -> impl Strategy<Value = AccountId> {
    prop_oneof![20 => 0..3_u32, 1 => 3..5_u32, 1 => Just(u32::MAX)].prop_map(AccountId)
}

fn instrument_id() -> impl Strategy<Value = InstrumentId> {
    prop_oneof![20 => 0..2_u32, 1 => 2..4_u32, 1 => Just(u32::MAX)].prop_map(InstrumentId)
}

fn order_id() -> impl Strategy<Value = ClientOrderId> {
    prop_oneof![40 => 1..200_u64, 1 => Just(0), 1 => any::<u64>()].prop_map(ClientOrderId)
}

fn price() -> impl Strategy<Value = Price> {
    prop_oneof![40 => 90..111_i64, 4 => -60..1_010_i64, 1 => any::<i64>(), 1 => Just(i64::MIN)].prop_map(Price)
}

fn quantity() -> impl Strategy<Value = Qty> {
    prop_oneof![40 => 1..60_u64, 4 => 0..1_100_u64, 1 => any::<u64>(), 1 => Just(u64::MAX)].prop_map(Qty)
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![10 => 0..100 * SECOND, 1 => any::<i64>()].prop_map(Time)
}

/// New orders mostly of the account that the session trades.
pub fn new_order() -> impl Strategy<Value = NewOrder> {
    let kind = prop_oneof![9 => Just(OrderType::Limit), 1 => Just(OrderType::Market)];
    let force = prop_oneof![
        6 => Just(TimeInForce::Day), 4 => Just(TimeInForce::Gtc), 1 => Just(TimeInForce::Ioc), 1 => Just(TimeInForce::Fok)
    ];
    let owner = (session(), prop::option::weighted(0.05, account_id()));
    let instructions = (prop::bool::weighted(0.1), prop::sample::select(SelfTrade::ALL.to_vec()));
    let terms = (kind, force, instructions, price(), quantity());
    (owner, order_id(), instrument_id(), side(), terms).prop_map(|(owner, client_order_id, instrument, side, terms)| {
        let (order_type, time_in_force, (post_only, self_trade), price, quantity) = terms;
        let (session, other) = owner;
        let account = other.unwrap_or(AccountId(u32::from(session.0).min(2)));
        NewOrder {
            session,
            client_order_id,
            account,
            instrument,
            side,
            order_type,
            time_in_force,
            post_only,
            self_trade,
            price,
            quantity,
        }
    })
}

/// Commands on orders and timers.
pub fn command() -> impl Strategy<Value = Body> {
    let scope = prop_oneof![
        Just(Scope::Session),
        Just(Scope::Account),
        instrument_id().prop_map(Scope::Instrument),
        (instrument_id(), side()).prop_map(|(instrument, side)| Scope::Side(instrument, side)),
    ];
    prop_oneof![
        20 => new_order().prop_map(Body::New),
        15 => specials(new_order(), terms(price(), -5..6, 60), 40 * SECOND).prop_map(Body::Special),
        6 => (session(), order_id()).prop_map(|(session, client_order_id)| {
            Body::Cancel(CancelOrder { session, client_order_id })
        }),
        12 => (session(), order_id(), price(), quantity()).prop_map(|(session, client_order_id, price, quantity)| {
            Body::Amend(AmendOrder { session, client_order_id, price, quantity })
        }),
        1 => (session(), scope).prop_map(|(session, scope)| Body::MassCancel(MassCancel { session, scope })),
        2 => (session(), 0..6_u32, time()).prop_map(|(session, timer, at)| {
            Body::SetTimer(SetTimer { session, timer: TimerId(timer), at })
        }),
        1 => Just(Body::Clock),
    ]
}

fn market_data() -> impl Strategy<Value = Body> {
    let level = || prop::option::of((price(), quantity()));
    let action = prop_oneof![Just(BookAction::Add), Just(BookAction::Clear), Just(BookAction::Execute)];
    prop_oneof![
        (instrument_id(), action, side(), price(), quantity()).prop_map(
            |(instrument, action, side, price, quantity)| {
                Body::Book(BookDelta { instrument, action, side, last: true, reference: 1, price, quantity })
            }
        ),
        (time(), instrument_id(), level(), level()).prop_map(|(time, instrument, bid, ask)| {
            Body::Quote(Quote { time, instrument, top: TopOfBook { bid, ask } })
        }),
        (time(), instrument_id(), price(), quantity()).prop_map(|(time, instrument, price, quantity)| {
            Body::Trade(TradeTick { time, instrument, price, quantity, aggressor: None })
        }),
        (time(), instrument_id(), price(), quantity()).prop_map(|(time, instrument, open, volume)| {
            let (high, low, close) = (open, open, open);
            Body::Bar(Bar { time, instrument, interval_ns: SECOND, open, high, low, close, volume })
        }),
    ]
}

fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof![Just("USD"), Just("EUR"), Just("JPY")].prop_map(|name| Currency::new(name).unwrap())
}

fn any_limits() -> impl Strategy<Value = AccountLimits> {
    let base = prop_oneof![Just(limits()), Just(AccountLimits::WIDE)];
    (base, any::<u32>(), prop_oneof![Just(None), Just(Some(Money(i128::MIN))), Just(Some(Money(0)))]).prop_map(
        |(base, open_orders_max, drawdown)| AccountLimits {
            open_orders_max,
            drawdown_max: drawdown.unwrap_or(base.drawdown_max),
            ..base
        },
    )
}

fn any_account() -> impl Strategy<Value = AccountSpec> {
    let fees = (any::<i32>(), -100..100_i32, prop_oneof![Just(0), any::<i128>()]);
    (account_id(), any_limits(), currency(), fees).prop_map(|(id, limits, currency, (maker, taker, unit))| {
        let fees = AccountSpec { maker_fee_ppm: maker, taker_fee_ppm: taker, unit_fee: Money(unit), ..account(0) };
        AccountSpec { account: id, limits, currency, ..fees }
    })
}

fn any_instrument() -> impl Strategy<Value = Instrument> {
    (0..5_u32, any::<i64>(), prop_oneof![Just(None), any::<i128>().prop_map(Some)]).prop_map(|(id, tick, value)| {
        let mut instrument = instrument(id);
        if let Some(value) = value {
            instrument.value = value;
            instrument.spec.tick = tick;
        }
        instrument
    })
}

fn reason() -> impl Strategy<Value = Box<str>> {
    prop_oneof![Just(""), Just("  "), Just("checked by the desk")].prop_map(Into::into)
}

fn action() -> impl Strategy<Value = Action> {
    let terms = prop_oneof![9 => 1..5_u32, 1 => Just(Ratio::MOST)];
    let split = (terms.clone(), terms).prop_map(|(new, old)| Action::Split(Ratio::new(new, old).unwrap()));
    let cash = prop_oneof![4 => 1..Money::ONE / 10, 1 => any::<i128>()];
    let dividend = cash.prop_map(|cash| Action::Dividend { cash: Money(cash) });
    prop_oneof![split, dividend, Just(Action::Rename(Symbol::new("NEW").unwrap()))]
}

fn operation() -> impl Strategy<Value = Body> {
    let state = prop_oneof![3 => Just(TradingState::Open), 2 => prop::sample::select(TradingState::ALL.to_vec())];
    let fault = prop_oneof![Just(Fault::Operator), Just(Fault::Raised), Just(Fault::Hung), Just(Fault::Crashed)];
    prop_oneof![
        1 => any_instrument().prop_map(|instrument| Body::List(Box::new(instrument))),
        1 => any_account().prop_map(|account| Body::Account(Box::new(account))),
        1 => (session(), account_id(), any::<bool>())
            .prop_map(|(session, account, external)| Body::Session { session, account, external }),
        3 => (instrument_id(), state).prop_map(|(instrument, state)| Body::Status { instrument, state }),
        1 => (account_id(), instrument_id(), any::<bool>())
            .prop_map(|(account, instrument, on)| Body::Restrict { account, instrument, on }),
        1 => (instrument_id(), price()).prop_map(|(instrument, price)| Body::Reference { instrument, price }),
        1 => (currency(), currency(), prop_oneof![0..3_000_000_000_000_u64, any::<u64>()])
            .prop_map(|(from, to, numerator)| Body::Rate(Rate { from, to, numerator })),
        1 => reason().prop_map(|reason| Body::Kill { reason }),
        3 => reason().prop_map(|reason| Body::Resume { reason }),
        1 => (session(), fault).prop_map(|(session, fault)| Body::Stop { session, fault }),
        3 => session().prop_map(|session| Body::Start { session }),
        1 => Just(Body::Recover),
        1 => (instrument_id(), action()).prop_map(|(instrument, action)| {
            Body::Adjust(Box::new(Adjust { instrument, action }))
        }),
        1 => (instrument_id(), 1_i64..4, 1_i64..9).prop_map(|(instrument, low, high)| {
            let row = |from, tick| TickRow { from: Price(from), tick };
            let table = TickTable::new(&[row(0, low), row(100 / high * high, high)]).unwrap();
            Body::Ticks { instrument, table: Arc::new(table) }
        }),
    ]
}

/// Anything at all.
pub fn body() -> impl Strategy<Value = Body> {
    prop_oneof![60 => command(), 4 => market_data(), 8 => operation()]
}

/// A step: how much later, caused by what, and what.
pub type Step = (i64, u64, Body);

pub fn step() -> impl Strategy<Value = Step> {
    let later = prop_oneof![20 => 0..SECOND / 4, 1 => 0..5 * SECOND];
    (later, 0..3_u64, body())
}

pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..most)
}
