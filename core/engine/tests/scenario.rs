//! What falls due, what the kill switch and the drawdown stop do, how sessions stop and start, how amends pass the gate.

#![allow(clippy::unwrap_used)]

mod support;

use omni_engine::EngineError;
use omni_port::{Selection, Venue};
use omni_risk::GateError;
use omni_types::{
    AccountId, AccountLimits, AccountSpec, AmendOrder, Bar, Body, BookAction, BookDelta, CancelOrder, ClientOrderId,
    Event, ExecType, Fault, InstrumentId, MassCancel, Money, NewOrder, OrderType, Price, Qty, Refusal, Scope,
    SessionId, SetTimer, Side, Time, TimerId,
};
use support::{Feed, SECOND, account, instrument, limit, limits};

const ABC: InstrumentId = InstrumentId(0);

fn amend(session: u16, id: u64, price: i64, quantity: u64) -> Body {
    let (session, client_order_id) = (SessionId(session), ClientOrderId(id));
    Body::Amend(AmendOrder { session, client_order_id, price: Price(price), quantity: Qty(quantity) })
}

fn timer(session: u16, timer: u32, at: i64) -> Body {
    Body::SetTimer(SetTimer { session: SessionId(session), timer: TimerId(timer), at: Time(at) })
}

fn outcome(feed: &mut Feed, body: Body) -> Vec<(u16, ExecType, Refusal)> {
    feed.reports(body).into_iter().map(|r| (r.session.0, r.exec_type, r.reason)).collect()
}

fn open(feed: &Feed, session: u16) -> usize {
    let mut count = 0;
    let selection = Selection { session: Some(SessionId(session)), ..Selection::default() };
    feed.engine.venue().for_each_order(selection, &mut |_| count += 1);
    count
}

fn fired(feed: &Feed) -> Vec<(u32, i64)> {
    let timer = |event: &Event| if let Event::Timer(t) = event { Some((t.timer.0, t.time.0)) } else { None };
    feed.events.iter().filter_map(timer).collect()
}

#[test]
fn timers_fire_before_the_next_input_at_their_deadline() {
    let mut feed = Feed::new();
    feed.send_at(10, 0, timer(0, 1, 50)).unwrap();
    feed.send_at(10, 0, timer(1, 2, 40)).unwrap();
    feed.send_at(20, 0, timer(1, 3, 5)).unwrap();
    assert_eq!(feed.engine.next_deadline(), Some(Time(20)), "a time that has passed is now");
    feed.events.clear();
    feed.send_at(45, 0, Body::New(limit(0, 1, Side::Buy, 100))).unwrap();
    assert_eq!(fired(&feed), [(3, 20), (2, 40)]);
    assert!(matches!(feed.events[2], Event::Report(_)), "{:?}", feed.events);
    feed.events.clear();
    feed.send_at(50, 0, Body::Clock).unwrap();
    assert_eq!((fired(&feed), feed.engine.next_deadline()), (vec![(1, 50)], None));
}

#[test]
fn a_timer_too_many_is_refused_with_a_report() {
    let mut feed = Feed::new();
    (0..4).for_each(|n| feed.send(timer(0, n, 100)).unwrap());
    assert_eq!(outcome(&mut feed, timer(0, 4, 100)), [(0, ExecType::CancelRejected, Refusal::TimerCapacity)]);
    assert_eq!(outcome(&mut feed, timer(0, 3, 90)), []);
}

fn bars(feed: &Feed) -> Vec<Bar> {
    feed.events.iter().filter_map(|event| if let Event::Bar(bar) = event { Some(*bar) } else { None }).collect()
}

#[test]
fn bars_close_at_the_end_of_their_interval() {
    let mut feed = Feed::new();
    feed.send_at(100, 0, Body::New(limit(0, 1, Side::Sell, 101))).unwrap();
    feed.send_at(200, 0, Body::New(limit(0, 2, Side::Sell, 103))).unwrap();
    feed.send_at(300, 0, Body::New(NewOrder { quantity: Qty(15), ..limit(1, 1, Side::Buy, 103) })).unwrap();
    assert_eq!(feed.engine.next_deadline(), Some(Time(SECOND)));
    feed.send_at(SECOND - 1, 0, Body::Clock).unwrap();
    assert_eq!(bars(&feed), []);
    feed.send_at(SECOND * 5, 0, Body::Clock).unwrap();
    let [bar] = bars(&feed)[..] else { panic!("one bar, found {:?}", bars(&feed)) };
    assert_eq!((bar.time, bar.instrument, bar.interval_ns), (Time(SECOND), ABC, SECOND));
    assert_eq!([bar.open, bar.high, bar.low, bar.close].map(|p| p.0), [101, 103, 101, 103]);
    assert_eq!((bar.volume, feed.engine.next_deadline()), (Qty(15), None));
}

#[test]
fn the_kill_switch_ends_our_orders_and_leaves_other_members_theirs() {
    let mut feed = Feed::new();
    (0..4).for_each(|session| feed.send(Body::New(limit(session, 1, Side::Buy, 100))).unwrap());
    let killed = outcome(&mut feed, Body::Kill { reason: "drill".into() });
    let cancelled = |session| (session, ExecType::Cancelled, Refusal::KillSwitch);
    assert_eq!(killed, [cancelled(0), cancelled(1), cancelled(2)]);
    assert_eq!(open(&feed, 3), 1);
    let new = |session, id| Body::New(limit(session, id, Side::Buy, 100));
    assert_eq!(outcome(&mut feed, new(0, 2)), [(0, ExecType::Rejected, Refusal::KillSwitch)]);
    assert_eq!(outcome(&mut feed, new(3, 2)), [(3, ExecType::New, Refusal::None)]);
    let resumed = feed.send(Body::Resume { reason: " ".into() });
    assert_eq!(resumed, Err(EngineError::ResumeWithoutReason));
    assert!(feed.engine.gate().is_killed());
    feed.send(Body::Resume { reason: "the drill is over".into() }).unwrap();
    assert_eq!(outcome(&mut feed, new(0, 3)), [(0, ExecType::New, Refusal::None)]);
}

#[test]
fn the_drawdown_stop_ends_the_accounts_orders() {
    let mut feed = Feed::new();
    let order = |session, id, side, price, quantity| {
        Body::New(NewOrder { quantity: Qty(quantity), ..limit(session, id, side, price) })
    };
    // Account 0 buys 100 at 100 and has orders beside; then the market falls to 50, which loses it 50.00.
    feed.send(order(1, 1, Side::Sell, 100, 100)).unwrap();
    feed.send(order(0, 1, Side::Buy, 100, 100)).unwrap();
    feed.send(order(0, 2, Side::Buy, 40, 5)).unwrap();
    feed.send(order(3, 2, Side::Buy, 50, 5)).unwrap();
    let fall = feed.reports(order(1, 2, Side::Sell, 50, 5));
    assert!(fall.iter().all(|report| report.reason == Refusal::None), "{fall:?}");
    feed.events.clear();
    feed.send_at(2 * SECOND, 0, Body::Clock).unwrap();
    let ended: Vec<_> =
        feed.events.iter().filter_map(|e| if let Event::Report(r) = e { Some(r) } else { None }).collect();
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!((ended[0].account, ended[0].client_order_id.0, ended[0].reason), (AccountId(0), 2, Refusal::Drawdown));
    assert!(feed.engine.gate().account(AccountId(0)).unwrap().drawdown_stopped);
    assert_eq!(outcome(&mut feed, order(0, 3, Side::Buy, 100, 1)), [(0, ExecType::Rejected, Refusal::Drawdown)]);
    feed.send(Body::Start { session: SessionId(0) }).unwrap();
    assert_eq!(outcome(&mut feed, order(0, 4, Side::Buy, 40, 1)), [(0, ExecType::New, Refusal::None)]);
}

#[test]
fn a_stopped_session_cancels_but_does_not_trade() {
    let mut feed = Feed::new();
    feed.send(Body::New(limit(0, 1, Side::Buy, 100))).unwrap();
    feed.send(Body::New(limit(1, 1, Side::Buy, 100))).unwrap();
    let stop = Body::Stop { session: SessionId(0), fault: Fault::Raised };
    assert_eq!(outcome(&mut feed, stop), [(0, ExecType::Cancelled, Refusal::Stopped)]);
    assert_eq!((open(&feed, 0), open(&feed, 1)), (0, 1));
    let new = |id| Body::New(limit(0, id, Side::Buy, 100));
    assert_eq!(outcome(&mut feed, new(2)), [(0, ExecType::Rejected, Refusal::Stopped)]);
    let cancel = CancelOrder { session: SessionId(0), client_order_id: ClientOrderId(1) };
    assert_eq!(outcome(&mut feed, Body::Cancel(cancel)), [(0, ExecType::CancelRejected, Refusal::UnknownOrder)]);
    feed.send(Body::Start { session: SessionId(0) }).unwrap();
    assert_eq!(outcome(&mut feed, new(3)), [(0, ExecType::New, Refusal::None)]);
}

#[test]
fn a_mass_cancel_takes_the_askers_orders_in_scope() {
    let mut feed = Feed::new();
    let on = |session, id, instrument| {
        Body::New(NewOrder { instrument: InstrumentId(instrument), ..limit(session, id, Side::Buy, 100) })
    };
    [on(0, 1, 0), on(0, 2, 1), on(1, 1, 0)].into_iter().for_each(|body| feed.send(body).unwrap());
    let mass = |scope| Body::MassCancel(MassCancel { session: SessionId(0), scope });
    assert_eq!(feed.reports(mass(Scope::Instrument(ABC))).len(), 1);
    assert_eq!((open(&feed, 0), open(&feed, 1)), (1, 1));
    assert_eq!(feed.reports(mass(Scope::Session)).len(), 1);
    assert_eq!((open(&feed, 0), open(&feed, 1)), (0, 1));
}

fn reserved(feed: &Feed, account: u32) -> u64 {
    feed.engine.gate().position(AccountId(account), ABC).map_or(0, |position| position.open_buy.0)
}

#[test]
fn amends_pass_the_gate() {
    let mut feed = Feed::new();
    let tight = AccountSpec { limits: AccountLimits { position_max: Qty(50), ..limits() }, ..account(0) };
    feed.send(Body::Account(Box::new(tight))).unwrap();
    feed.send(Body::New(limit(0, 1, Side::Buy, 100))).unwrap();
    assert_eq!(outcome(&mut feed, amend(0, 1, 101, 50)), [(0, ExecType::Replaced, Refusal::None)]);
    assert_eq!(reserved(&feed, 0), 50);
    assert_eq!(outcome(&mut feed, amend(0, 1, 101, 51)), [(0, ExecType::CancelRejected, Refusal::PositionLimit)]);
    assert_eq!(reserved(&feed, 0), 50);
    assert_eq!(outcome(&mut feed, amend(0, 1, 101, 20)), [(0, ExecType::Replaced, Refusal::None)]);
    assert_eq!(reserved(&feed, 0), 20);
    // The gate lets it pass and the venue refuses: what was reserved for the growth is released.
    feed.send(Body::Status { instrument: ABC, state: omni_types::TradingState::Halted }).unwrap();
    assert_eq!(outcome(&mut feed, amend(0, 1, 101, 30)), [(0, ExecType::CancelRejected, Refusal::MarketClosed)]);
    assert_eq!(reserved(&feed, 0), 20);
    assert_eq!(outcome(&mut feed, amend(0, 9, 101, 30)), [(0, ExecType::CancelRejected, Refusal::UnknownOrder)]);
}

#[test]
fn fills_report_their_fees_and_the_ledger_agrees() {
    let mut feed = Feed::new();
    feed.send(Body::New(limit(0, 1, Side::Sell, 100))).unwrap();
    let market = NewOrder { order_type: OrderType::Market, ..limit(1, 1, Side::Buy, 0) };
    let fills: Vec<_> = feed.reports(Body::New(market)).into_iter().filter(|r| r.is_fill()).collect();
    // 10 x 1.00 is 10.00: 10 ppm back and 30 ppm to pay, and 7 a unit.
    let paid = |ppm: i128| Money(Money::ONE * 10 * ppm / 1_000_000 + 70);
    assert_eq!([fills[0].fee, fills[1].fee], [paid(-10), paid(30)]);
    for fill in fills {
        assert_eq!(feed.engine.gate().account(fill.account).unwrap().fees, fill.fee);
    }
}

#[test]
fn what_cannot_be_taken_says_why() {
    let mut feed = Feed::new();
    let mut wrong = instrument(2);
    wrong.value += 1;
    assert_eq!(feed.send(Body::List(Box::new(wrong))), Err(EngineError::Definition(InstrumentId(2))));
    let twice = feed.send(Body::List(Box::new(instrument(0))));
    assert_eq!(twice, Err(EngineError::Listing(ABC, Refusal::UnknownInstrument)));
    let stranger = feed.send(Body::Start { session: SessionId(7) });
    assert_eq!(stranger, Err(EngineError::Gate(GateError::UnknownSession(SessionId(7)))));
    let (side, price, quantity) = (Side::Buy, Price(1), Qty(1));
    let delta = BookDelta { instrument: ABC, action: BookAction::Add, side, last: true, reference: 1, price, quantity };
    assert_eq!(feed.send(Body::Book(delta)), Err(EngineError::MarketData(ABC, Refusal::UnsupportedOrder)));
    let late = feed.send_at(-1, 0, Body::Clock);
    assert_eq!(late, Err(EngineError::TimeWentBack { now: Time(0), found: Time(-1) }));
    for error in [twice, stranger, late] {
        assert!(!error.unwrap_err().to_string().is_empty());
    }
}
