//! Tick tables and corporate actions: what they do to open orders, and in which order it is told.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;

use omni_engine::EngineError;
use omni_port::Venue;
use omni_risk::GateError;
use omni_types::{
    AccountId, Action, Adjust, Adjusted, AmendOrder, Body, ClientOrderId, Event, ExecType, InstrumentId, Money, Price,
    Qty, Ratio, Refusal, SessionId, Side, Symbol, TickRow, TickTable, Time,
};
use support::{Feed, Market, SECOND, limit};

const ABC: InstrumentId = InstrumentId(0);

/// A unit up to 1.00, five from there.
fn ticks(instrument: u32) -> Body {
    let row = |from, tick| TickRow { from: Price(from), tick };
    let table = TickTable::new(&[row(0, 1), row(100, 5)]).unwrap();
    Body::Ticks { instrument: InstrumentId(instrument), table: Arc::new(table) }
}

fn adjust(action: Action) -> Body {
    Body::Adjust(Box::new(Adjust { instrument: ABC, action }))
}

fn split(new: u32, old: u32) -> Body {
    adjust(Action::Split(Ratio::new(new, old).unwrap()))
}

fn outcome(feed: &mut Feed, body: Body) -> Vec<(ExecType, Refusal)> {
    feed.reports(body).into_iter().map(|report| (report.exec_type, report.reason)).collect()
}

fn amend(id: u64, price: i64) -> Body {
    let (session, client_order_id) = (SessionId(0), ClientOrderId(id));
    Body::Amend(AmendOrder { session, client_order_id, price: Price(price), quantity: Qty(10) })
}

/// Reads an engine back from its snapshot, which must be the same.
fn again(engine: &Market) -> Market {
    let mut bytes = Vec::new();
    engine.encode(&mut bytes).unwrap();
    let read = Market::decode(&bytes).unwrap();
    assert_eq!(read.state_digest(), engine.state_digest());
    read
}

#[test]
fn orders_that_rest_off_a_new_tick_stay_until_they_are_amended() {
    let mut feed = Feed::new();
    feed.expect(Body::New(limit(0, 1, Side::Buy, 102)));
    assert_eq!(feed.expect(ticks(0)), []);
    let refused = [(ExecType::Rejected, Refusal::InvalidPrice)];
    assert_eq!(outcome(&mut feed, Body::New(limit(0, 2, Side::Buy, 103))), refused);
    assert_eq!(outcome(&mut feed, Body::New(limit(0, 3, Side::Buy, 97))), [(ExecType::New, Refusal::None)]);
    assert_eq!(outcome(&mut feed, amend(1, 101)), [(ExecType::CancelRejected, Refusal::InvalidPrice)]);
    feed.engine = again(&feed.engine);
    let fills = outcome(&mut feed, Body::New(limit(1, 1, Side::Sell, 100)));
    assert_eq!(fills.iter().filter(|(kind, _)| *kind == ExecType::Trade).count(), 2, "it trades where it rests");
    let unknown = feed.send(ticks(2));
    assert_eq!(unknown, Err(EngineError::Gate(GateError::UnknownInstrument(InstrumentId(2)))));
}

#[test]
fn another_table_is_another_hash() {
    let (mut with, mut without) = (Feed::new(), Feed::new());
    with.expect(ticks(0));
    without.expect(ticks(1));
    assert_ne!(with.engine.state_digest(), without.engine.state_digest());
}

#[test]
fn a_corporate_action_ends_the_orders_and_is_told_last() {
    let mut feed = Feed::new();
    feed.expect(Body::New(limit(0, 1, Side::Buy, 100)));
    feed.expect(Body::New(limit(1, 1, Side::Sell, 100)));
    feed.expect(Body::New(limit(0, 2, Side::Buy, 90)));
    feed.expect(Body::New(limit(1, 2, Side::Sell, 120)));
    let events = feed.expect(split(2, 1));
    let reports = events.iter().filter_map(|event| if let Event::Report(report) = event { Some(report) } else { None });
    let ends: Vec<_> = reports.map(|report| (report.session.0, report.exec_type, report.reason)).collect();
    let ended = (ExecType::Cancelled, Refusal::CorporateAction);
    assert_eq!(ends, [(0, ended.0, ended.1), (1, ended.0, ended.1)]);
    let action = Action::Split(Ratio::new(2, 1).unwrap());
    let told = Adjusted { time: Time(0), instrument: ABC, action, reference: Some(Price(100)) };
    assert_eq!(events.last(), Some(&Event::Adjusted(told)));
    let position = |id| feed.engine.gate().position(AccountId(id), ABC).unwrap();
    assert_eq!(
        [position(0), position(1)].map(|held| (held.quantity, held.open_buy, held.open_sell)),
        [(20, Qty::ZERO, Qty::ZERO), (-20, Qty::ZERO, Qty::ZERO)]
    );
    assert_eq!(feed.engine.gate().reference(ABC).map(|(price, _)| price), Some(Price(50)));
    assert_eq!(feed.engine.gate().account(AccountId(0)).unwrap().open_orders, 0);
    assert_eq!(feed.engine.venue().top(ABC).bid, None);
}

#[test]
fn the_open_bar_goes_on_at_the_new_prices() {
    let mut feed = Feed::new();
    feed.expect(Body::New(limit(0, 1, Side::Buy, 100)));
    feed.expect(Body::New(limit(1, 1, Side::Sell, 100)));
    feed.expect(split(2, 1));
    feed.events.clear();
    feed.send_at(SECOND, 0, Body::Clock).unwrap();
    let bar = feed.events.iter().find_map(|event| if let Event::Bar(bar) = event { Some(*bar) } else { None }).unwrap();
    assert_eq!((bar.open, bar.close, bar.volume), (Price(50), Price(50), Qty(20)));
}

#[test]
fn a_new_symbol_is_kept_in_a_snapshot() {
    let mut feed = Feed::new();
    feed.expect(adjust(Action::Rename(Symbol::new("NEW").unwrap())));
    assert_eq!(again(&feed.engine).instruments()[0].spec.symbol.as_str(), "NEW");
    assert_ne!(feed.engine.instruments()[1].spec.symbol.as_str(), "NEW");
}

#[test]
fn what_cannot_be_applied_is_an_error_and_cancels_nothing() {
    let mut feed = Feed::new();
    feed.expect(Body::New(limit(0, 1, Side::Buy, 90)));
    let before = feed.engine.state_digest();
    let refused = feed.send(adjust(Action::Dividend { cash: Money(-1) }));
    assert!(matches!(refused, Err(EngineError::Gate(GateError::OutOfRange { .. }))), "{refused:?}");
    assert_eq!(feed.engine.state_digest(), before);
}
