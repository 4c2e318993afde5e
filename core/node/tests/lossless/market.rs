//! A small market, and clients who trade on it: what they send comes late, twice, and out of order.

use std::collections::BTreeMap;

use omni_engine::Engine;
use omni_matching::Exchange;
use omni_node::{Capacities, bind};
use omni_types::testing::{Draw, account, listed, share};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, AmendOrder, Body, CancelOrder, ClientOrderId, Display, ExecutionReport,
    Fault, InstrumentId, InstrumentSpec, MassCancel, Minimum, NewOrder, OrderType, Peg, Price, Qty, Scope, SelfTrade,
    SessionId, Side, SpecialOrder, Symbol, Terms, TimeInForce, TradingState, Trigger,
};

pub const SESSIONS: u16 = 4;
pub const INSTRUMENTS: u32 = 2;
/// The longest way of a message, in steps.
const LATE: u64 = 40;
/// The longest reason that an operator gives, in bytes: long ones fill segments.
const REASON: u64 = 12_000;

pub fn engine() -> Engine<Exchange> {
    let capacities = Capacities {
        instruments: INSTRUMENTS as usize,
        orders: 1 << 10,
        levels: 1 << 7,
        accounts: u32::from(SESSIONS) + 1,
        risk_slots: 16,
        timers: 4,
        bar_ns: 0,
    };
    capacities.exchange().unwrap()
}

/// The inputs that every run begins with.
pub fn set_up() -> Vec<Body> {
    let spec = |id: u32| InstrumentSpec {
        symbol: Symbol::new(&format!("I{id}")).unwrap(),
        quantity_max: Qty(10_000),
        ..share()
    };
    let mut bodies: Vec<Body> = (0..INSTRUMENTS).map(|id| Body::List(Box::new(listed(id, spec(id))))).collect();
    let reference = |id| Body::Reference { instrument: InstrumentId(id), price: Price(10_000) };
    bodies.extend((0..INSTRUMENTS).map(reference));
    for id in 1..=SESSIONS {
        let limits = AccountLimits { position_max: Qty(500), ..AccountLimits::WIDE };
        let spec = AccountSpec { limits, taker_fee_ppm: 30, maker_fee_ppm: -10, ..account(u32::from(id)) };
        bodies.push(Body::Account(Box::new(spec)));
        bodies.push(bind(SessionId(id), AccountId(u32::from(id)), id == 1));
    }
    bodies.push(Body::Clock);
    bodies
}

/// What the clients sent and were told, and what is on its way from them.
pub struct Clients {
    draw: Draw,
    next: u64,
    now: u64,
    /// By due step and number, so that all runs of a seed take them in one order.
    on_the_way: BTreeMap<(u64, u64), Body>,
    sent: u64,
    /// Orders that the clients had no answer to yet.
    pub unanswered: BTreeMap<(u16, u64), Body>,
}

impl Clients {
    pub fn new(seed: u64) -> Self {
        let draw = Draw::new(seed ^ 0xC11E);
        Self { draw, next: 1, now: 0, on_the_way: BTreeMap::new(), sent: 0, unanswered: BTreeMap::new() }
    }

    /// Lets a step pass: something is sent, and what arrives now is returned.
    pub fn step(&mut self) -> Option<Body> {
        self.now += 1;
        let body = self.compose();
        if let Some((order, _)) = body.new_order() {
            self.unanswered.insert((order.session.0, order.client_order_id.0), body.clone());
        }
        self.send(body);
        self.arrival()
    }

    /// Returns what arrives now, if anything does.
    pub fn arrival(&mut self) -> Option<Body> {
        let (due, _) = *self.on_the_way.first_key_value()?.0;
        if due > self.now {
            return None;
        }
        self.on_the_way.pop_first().map(|(_, body)| body)
    }

    /// Returns everything that is still on its way.
    pub fn last_arrivals(&mut self) -> Vec<Body> {
        core::mem::take(&mut self.on_the_way).into_values().collect()
    }

    /// Sends again what nobody answered: the node was started anew, and the clients can't know what it has. The gate
    /// refuses what it had.
    pub fn send_again(&mut self) {
        let orders: Vec<Body> = self.unanswered.values().cloned().collect();
        orders.into_iter().for_each(|order| self.send(order));
    }

    pub fn hear(&mut self, report: &ExecutionReport) {
        self.unanswered.remove(&(report.session.0, report.client_order_id.0));
    }

    fn send(&mut self, body: Body) {
        let copies = if self.draw.one_in(6) { 2 } else { 1 };
        for _ in 0..copies {
            let due = self.now + if self.draw.one_in(3) { self.draw.below(LATE) } else { 0 };
            self.sent += 1;
            self.on_the_way.insert((due, self.sent), body.clone());
        }
    }

    fn compose(&mut self) -> Body {
        let kind = self.draw.below(100);
        let id = self.next.saturating_sub(1 + self.draw.below(30)).max(1);
        let session = owner(id);
        match kind {
            0..40 => Body::New(self.order()),
            40..60 => self.special(),
            60..80 => Body::Cancel(CancelOrder { session, client_order_id: ClientOrderId(id) }),
            80..92 => Body::Amend(AmendOrder {
                session,
                client_order_id: ClientOrderId(id),
                price: self.price(),
                quantity: Qty(1 + self.draw.below(60)),
            }),
            92..94 => Body::MassCancel(MassCancel { session, scope: Scope::Session }),
            _ => self.operator(session),
        }
    }

    fn operator(&mut self, session: SessionId) -> Body {
        let instrument = InstrumentId(self.draw.below(u64::from(INSTRUMENTS)) as u32);
        let length = self.draw.below(REASON) as usize;
        match self.draw.below(12) {
            0 => Body::Kill { reason: "an exercise".into() },
            1..4 => Body::Resume { reason: "r".repeat(1 + length).into() },
            4 => Body::Stop { session, fault: Fault::Operator },
            5 | 6 => Body::Start { session },
            7 => Body::Status { instrument, state: TradingState::ALL[self.draw.below(6) as usize] },
            8..10 => Body::Status { instrument, state: TradingState::Open },
            _ => Body::Clock,
        }
    }

    /// An order with one special wish; some of these can't be, and are refused.
    fn special(&mut self) -> Body {
        let mut order = self.order();
        let (price, size) = (self.price(), Qty(1 + self.draw.below(10)));
        let offset = Price(1 + self.draw.below(3) as i64);
        let terms = match self.draw.below(8) {
            0 => Terms { trigger: Trigger::Stop, price, ..Terms::NONE },
            1 => Terms { trigger: Trigger::Trailing, price: offset, ..Terms::NONE },
            2 => Terms { peg: Peg::ALL[1 + self.draw.below(3) as usize], price: Price(-offset.0), ..Terms::NONE },
            3 => Terms { display: Display::Part, size, ..Terms::NONE },
            4 => Terms { display: Display::Hidden, ..Terms::NONE },
            5 => Terms { minimum: Minimum::Part, size, ..Terms::NONE },
            6 => Terms { minimum: Minimum::All, ..Terms::NONE },
            _ => Terms::NONE,
        };
        order.post_only = false;
        if terms == Terms::NONE {
            order.time_in_force = TimeInForce::ALL[self.draw.below(7) as usize];
        }
        Body::Special(SpecialOrder { order, terms })
    }

    fn price(&mut self) -> Price {
        Price(9_990 + self.draw.below(21) as i64)
    }

    fn order(&mut self) -> NewOrder {
        let id = self.next;
        self.next += 1;
        let session = owner(id);
        let market = self.draw.one_in(10);
        NewOrder {
            session,
            client_order_id: ClientOrderId(id),
            account: AccountId(u32::from(session.0)),
            instrument: InstrumentId(self.draw.below(u64::from(INSTRUMENTS)) as u32),
            side: if self.draw.one_in(2) { Side::Buy } else { Side::Sell },
            order_type: if market { OrderType::Market } else { OrderType::Limit },
            time_in_force: if market { TimeInForce::Ioc } else { TimeInForce::Gtc },
            post_only: !market && self.draw.one_in(8),
            self_trade: SelfTrade::ALL[self.draw.below(4) as usize],
            price: self.price(),
            quantity: Qty(1 + self.draw.below(50)),
        }
    }
}

/// Who sends the order of a number.
const fn owner(id: u64) -> SessionId {
    SessionId(1 + (id.wrapping_mul(0x9E37_79B9) >> 7) as u16 % SESSIONS)
}
