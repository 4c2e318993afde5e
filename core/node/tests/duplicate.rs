//! A client order id used twice, from outside: refused by its number and with its reason, while the first order lives on.
//!
//! Strategies can't do this, since their desk numbers the orders; whoever feeds a node can.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

use std::collections::VecDeque;

use omni_node::{
    Capacities, Latency, Lockstep, Next, Observer, OrderRow, Progress, Recorder, Source, Tops, bind, set_up,
};
use omni_types::testing::{account, listed, share};
use omni_types::{
    AccountId, Body, CancelOrder, ClientOrderId, Event, ExecType, ExecutionReport, Input, InstrumentId, InstrumentSpec,
    NewOrder, OrdStatus, OrderType, Price, Qty, Refusal, SessionId, Side, Time, TimeInForce,
};

const SESSION: SessionId = SessionId(1);
const ACCOUNT: AccountId = AccountId(1);

fn market() -> [Body; 4] {
    let instrument = listed(0, InstrumentSpec { quantity_max: Qty(10_000), ..share() });
    [
        Body::List(Box::new(instrument)),
        Body::Reference { instrument: InstrumentId(0), price: Price(10_000) },
        Body::Account(Box::new(account(ACCOUNT.0))),
        bind(SESSION, ACCOUNT, false),
    ]
}

fn buy(id: u64, quantity: u64) -> Body {
    Body::New(NewOrder {
        session: SESSION,
        client_order_id: ClientOrderId(id),
        account: ACCOUNT,
        instrument: InstrumentId(0),
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        self_trade: omni_types::SelfTrade::CancelNewest,
        price: Price(9_990),
        quantity: Qty(quantity),
    })
}

fn cancel(id: u64) -> Body {
    Body::Cancel(CancelOrder { session: SESSION, client_order_id: ClientOrderId(id) })
}

/// Sends what it was given, one microsecond after the other.
struct Sender(VecDeque<Body>, Time);

impl Source for Sender {
    fn peek(&mut self, _tops: &dyn Tops) -> Next {
        if self.0.is_empty() { Next::Done } else { Next::At(self.1) }
    }

    fn take(&mut self, _tops: &dyn Tops) -> Result<Body, String> {
        self.1 = self.1.plus(1_000);
        self.0.pop_front().ok_or_else(|| "nothing is left".to_owned())
    }
}

/// Keeps the reports and a record, as a run does.
struct Kept(Vec<ExecutionReport>, Recorder);

impl Observer for Kept {
    fn input(&mut self, _input: &Input) -> Result<(), String> {
        Ok(())
    }

    fn event(&mut self, seq: u64, event: &Event) {
        self.1.event(seq, event);
        if let Event::Report(report) = event {
            self.0.push(*report);
        }
    }
}

fn run(bodies: impl IntoIterator<Item = Body>) -> Kept {
    let capacities =
        Capacities { instruments: 1, orders: 16, levels: 16, accounts: 4, risk_slots: 4, timers: 1, bar_ns: 0 };
    let mut kept = Kept(Vec::new(), Recorder::new([SESSION], false));
    let mut engine = capacities.exchange().unwrap();
    set_up(&mut engine, Time(1), market(), &mut kept).unwrap();
    let mut lockstep = Lockstep::new(engine, Latency::default(), Vec::new()).unwrap();
    let mut sender = Sender(bodies.into_iter().collect(), Time(1_000));
    while lockstep.step(&mut sender, &mut kept).unwrap() == Progress::More {}
    kept
}

#[test]
fn the_second_order_is_refused_and_the_first_lives_on() {
    let Kept(reports, record) = run([buy(7, 10), buy(7, 99), buy(6, 5), buy(8, 1), cancel(7)]);
    let told: Vec<_> = reports.iter().map(|told| (told.client_order_id.0, told.exec_type, told.reason)).collect();
    let duplicate = Refusal::DuplicateClientOrderId;
    let expected = [
        (7, ExecType::New, Refusal::None),
        (7, ExecType::Rejected, duplicate),
        (6, ExecType::Rejected, duplicate),
        (8, ExecType::New, Refusal::None),
        (7, ExecType::Cancelled, Refusal::None),
    ];
    assert_eq!(told, expected);
    assert_eq!(reports[1].quantity, Qty(99), "the report is of the second order");
    assert_eq!(duplicate.text(), "client order id not above the session's last one");
    assert_eq!(record.refusals[duplicate as usize], 2);
    let first = seventh(&record);
    assert_eq!((first.quantity, first.status, first.reason), (Qty(10), OrdStatus::Cancelled, Refusal::None));
}

/// Returns what was recorded of order 7: one row, the first order's.
fn seventh(record: &Recorder) -> OrderRow {
    let rows: Vec<_> = record.orders.iter().filter(|row| row.client_order_id == ClientOrderId(7)).collect();
    assert_eq!(rows.len(), 1);
    *rows[0]
}

#[test]
fn an_id_stays_used_when_its_order_is_done() {
    let Kept(reports, record) = run([buy(7, 10), cancel(7), buy(7, 10)]);
    let last = reports.last().unwrap();
    assert_eq!((last.client_order_id.0, last.exec_type), (7, ExecType::Rejected));
    assert_eq!(last.reason, Refusal::DuplicateClientOrderId);
    assert_eq!(seventh(&record).status, OrdStatus::Cancelled);
}
