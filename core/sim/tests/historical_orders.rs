//! Fills on recorded orders: each rule by an example.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

#[path = "support/desk.rs"]
mod desk;

use desk::{Desk, ME, config, share};
use omni_port::{Selection, Venue};
use omni_sim::historical::{Config, Data, Reach};
use omni_types::Side::{Buy, Sell};
use omni_types::{
    Action, Adjust, Body, BookAction, BookDelta, Event, ExecType, InstrumentId, Liquidity, OrderType, Price, Qty,
    Ratio, Refusal, TimeInForce, TopOfBook, TradingState,
};

fn desk() -> Desk {
    Desk::new(config(Data::Orders))
}

/// Bids 1 (10 at 99), 2 (20 at 99), 3 (30 at 98), asks 4 (10 at 101), 5 (20 at 101), 6 (30 at 102).
fn market() -> Desk {
    let mut desk = desk();
    for (reference, side, price, quantity) in [
        (1, Buy, 99, 10),
        (2, Buy, 99, 20),
        (3, Buy, 98, 30),
        (4, Sell, 101, 10),
        (5, Sell, 101, 20),
        (6, Sell, 102, 30),
    ] {
        desk.add(reference, side, price, quantity);
    }
    desk.events.clear();
    desk
}

#[test]
fn an_order_waits_for_everything_ahead_of_it() {
    let mut desk = market();
    let mine = desk.buy(99, 5);
    desk.add(7, Buy, 99, 40);
    assert_eq!(desk.ahead(mine), Some(30));
    desk.execute(1, 10);
    desk.execute(2, 20);
    assert_eq!((desk.fills(), desk.ahead(mine)), (vec![], Some(0)));
    // The next execution is of an order behind: ours would have had its units.
    desk.execute(7, 3);
    assert_eq!(desk.fills(), [(mine, 99, 3)]);
    desk.execute(7, 7);
    assert_eq!((desk.fills(), desk.leaves(mine)), (vec![(mine, 99, 2)], None));
    // The recorded book is as if we had not been there.
    assert_eq!(desk.venue.top(InstrumentId(0)).bid, Some((Price(99), Qty(30))));
}

#[test]
fn the_last_execution_ahead_is_not_ours() {
    let mut desk = market();
    let mine = desk.buy(99, 5);
    desk.delete(1);
    desk.execute(2, 20);
    assert_eq!((desk.fills(), desk.leaves(mine)), (vec![], Some(5)));
}

#[test]
fn cancels_ahead_bring_us_forward_and_cancels_behind_do_not() {
    let mut desk = market();
    let mine = desk.buy(99, 5);
    desk.add(7, Buy, 99, 40);
    desk.reduce(2, 15);
    assert_eq!(desk.ahead(mine), Some(15));
    desk.reduce(7, 30);
    assert_eq!(desk.ahead(mine), Some(15));
    // A smaller quantity keeps its place, a larger one goes behind us, and so does a price that comes back.
    desk.modify(2, Buy, 99, 4);
    assert_eq!(desk.ahead(mine), Some(14));
    desk.modify(2, Buy, 99, 9);
    assert_eq!(desk.ahead(mine), Some(10));
    desk.modify(1, Buy, 98, 10);
    desk.modify(1, Buy, 99, 10);
    assert_eq!(desk.ahead(mine), Some(0));
    desk.execute(7, 10);
    assert_eq!(desk.fills(), [(mine, 99, 5)]);
}

#[test]
fn an_execution_out_of_turn_fills_nobody_who_still_waits() {
    let mut desk = market();
    let mine = desk.buy(99, 5);
    desk.add(7, Buy, 99, 40);
    desk.execute(7, 40);
    assert_eq!((desk.fills(), desk.ahead(mine)), (vec![], Some(30)));
}

#[test]
fn an_execution_through_our_price_fills_at_our_price() {
    let mut desk = market();
    let (better, worse) = (desk.buy(100, 4), desk.buy(99, 4));
    // 98 is through both, whatever queues at 99; better prices first, and only ten units there are.
    desk.execute(3, 7);
    assert_eq!(desk.fills(), [(better, 100, 4), (worse, 99, 3)]);
    let mine = desk.sell(100, 6);
    desk.execute(4, 5);
    assert_eq!(desk.fills(), [(mine, 100, 5)]);
}

#[test]
fn a_recorded_unit_is_given_to_one_order_only() {
    let mut desk = market();
    let (first, second) = (desk.buy(100, 4), desk.buy(100, 4));
    desk.execute(1, 5);
    assert_eq!(desk.fills(), [(first, 100, 4), (second, 100, 1)]);
    desk.execute(1, 5);
    assert_eq!(desk.fills(), [(second, 100, 3)]);
}

#[test]
fn an_order_between_ours_gives_to_the_one_ahead_of_it() {
    let mut desk = desk();
    desk.add(9, Sell, 105, 1);
    let first = desk.buy(99, 5);
    desk.add(1, Buy, 99, 8);
    let second = desk.buy(99, 5);
    desk.execute(1, 8);
    assert_eq!(desk.fills(), [(first, 99, 5)]);
    desk.add(2, Buy, 99, 8);
    desk.execute(2, 8);
    assert_eq!(desk.fills(), [(second, 99, 5)]);
}

#[test]
fn an_aggressive_order_takes_what_is_displayed_level_by_level() {
    let mut desk = market();
    let mine = desk.buy(102, 100);
    assert_eq!(desk.fills_of(Some(Liquidity::Taker)), [(mine, 101, 30), (mine, 102, 30)]);
    assert_eq!(desk.leaves(mine), Some(40));
    // What was taken stays on the recorded book, and isn't there for us again.
    assert_eq!(desk.venue.top(InstrumentId(0)).ask, Some((Price(101), Qty(30))));
    let again = desk.send(|order| {
        (order.order_type, order.quantity) = (OrderType::Market, Qty(5));
    });
    let story = desk.story(again);
    assert_eq!(story, [(ExecType::New, Refusal::None, 0), (ExecType::Expired, Refusal::NoLiquidity, 0)]);
}

#[test]
fn taken_units_are_not_given_again_when_they_are_executed() {
    let mut desk = market();
    let taker = desk.buy(101, 8);
    let behind = desk.sell(101, 20);
    assert_eq!(desk.fills(), [(taker, 101, 8)]);
    desk.execute(4, 10);
    desk.execute(5, 20);
    desk.add(7, Sell, 101, 50);
    desk.fills();
    let taker = desk.buy(101, 30);
    assert_eq!(desk.fills(), [(taker, 101, 30)]);
    // 30 of the 50 are ours already: of 35 executed, five are left for the order that was ahead.
    desk.execute(7, 35);
    assert_eq!(desk.fills(), [(behind, 101, 5)]);
    desk.execute(7, 15);
    assert_eq!(desk.fills(), [(behind, 101, 15)]);
}

#[test]
fn cancels_take_the_units_first_that_we_have_not() {
    let mut desk = market();
    desk.buy(101, 25);
    desk.fills();
    // Of order 5's twenty, fifteen are taken: with ten left none is free.
    desk.reduce(5, 10);
    let probe = desk.send(|order| {
        (order.price, order.quantity, order.time_in_force) = (Price(101), Qty(9), TimeInForce::Ioc);
    });
    assert_eq!(desk.story(probe).last(), Some(&(ExecType::Expired, Refusal::NoLiquidity, 0)));
    // A modify to another price carries what is taken along.
    desk.modify(5, Sell, 100, 14);
    let probe = desk.buy(100, 9);
    assert_eq!(desk.fills(), [(probe, 100, 4)]);
}

#[test]
fn nothing_fills_while_the_book_is_crossed() {
    let mut desk = market();
    let resting = desk.buy(100, 5);
    desk.add(7, Buy, 103, 10);
    assert_eq!(desk.venue.statistics().crossed, 1);
    desk.execute(3, 10);
    let ioc = desk.send(|order| {
        (order.price, order.quantity, order.time_in_force) = (Price(102), Qty(9), TimeInForce::Ioc);
    });
    let day = desk.buy(102, 9);
    assert_eq!(desk.fills_of(None), []);
    assert_eq!((desk.leaves(resting), desk.leaves(ioc), desk.leaves(day)), (Some(5), None, Some(9)));
    // Uncrossed, the displayed asks at 101 lie through the order at 102, which fills as the resting one.
    desk.delete(7);
    assert_eq!(desk.fills_of(Some(Liquidity::Maker)), [(day, 102, 9)]);
}

#[test]
fn nothing_fills_while_halted() {
    let mut desk = market();
    let mine = desk.buy(100, 5);
    let time = desk.time;
    desk.venue.set_state(InstrumentId(0), TradingState::Halted, time, &mut |_: &Event| ());
    assert_eq!(desk.venue.state(InstrumentId(0)), TradingState::Halted);
    desk.execute(1, 10);
    let refused = desk.buy(101, 5);
    assert_eq!(desk.story(refused), [(ExecType::Rejected, Refusal::MarketClosed, 0)]);
    desk.venue.set_state(InstrumentId(0), TradingState::Open, time, &mut |_: &Event| ());
    desk.execute(2, 2);
    assert_eq!(desk.fills(), [(mine, 100, 2)]);
}

#[test]
fn our_orders_never_match_each_other() {
    let mut desk = desk();
    let (buy, sell) = (desk.buy(100, 5), desk.sell(100, 5));
    assert_eq!((desk.fills(), desk.leaves(buy), desk.leaves(sell)), (vec![], Some(5), Some(5)));
    let fok = desk.send(|order| {
        (order.price, order.time_in_force) = (Price(100), TimeInForce::Fok);
    });
    assert_eq!(desk.story(fok).last(), Some(&(ExecType::Expired, Refusal::NoLiquidity, 0)));
}

#[test]
fn displayed_orders_fill_resting_ones_as_far_as_the_setting_says() {
    for (reach, at_price, through) in [(Reach::Executions, 0, 0), (Reach::Through, 0, 4), (Reach::Touch, 6, 10)] {
        let mut desk = Desk::new(Config { reach, ..config(Data::Orders) });
        let mine = desk.buy(100, 20);
        desk.add(1, Sell, 100, 6);
        assert_eq!(20 - desk.leaves(mine).unwrap(), at_price, "{reach:?}");
        desk.add(2, Sell, 99, 4);
        assert_eq!(20 - desk.leaves(mine).unwrap(), through, "{reach:?}");
        assert!(desk.fills().iter().all(|fill| fill.1 == 100), "at our price");
    }
}

#[test]
fn an_execution_of_the_order_that_locks_us_is_at_our_price() {
    let mut desk = desk();
    let mine = desk.buy(100, 5);
    desk.add(1, Sell, 100, 6);
    desk.execute(1, 4);
    assert_eq!(desk.fills(), [(mine, 100, 4)]);
}

#[test]
fn fill_or_kill_takes_all_or_nothing() {
    let mut desk = market();
    for (quantity, filled) in [(31, 0), (30, 30), (1, 0)] {
        let id = desk.send(|order| {
            (order.price, order.quantity, order.time_in_force) = (Price(101), Qty(quantity), TimeInForce::Fok);
        });
        assert_eq!(desk.fills().iter().map(|fill| fill.2).sum::<u64>(), filled, "{quantity}");
        assert_eq!(desk.leaves(id), None);
    }
}

#[test]
fn post_only_never_takes() {
    let mut desk = market();
    let post = |price| move |order: &mut omni_types::NewOrder| (order.price, order.post_only) = (Price(price), true);
    let crossing = desk.send(post(101));
    assert_eq!(desk.story(crossing), [(ExecType::Rejected, Refusal::WouldTrade, 0)]);
    let resting = desk.send(post(100));
    desk.amend(resting, 101, 1);
    let story = desk.story(resting);
    assert_eq!(story, [(ExecType::New, Refusal::None, 0), (ExecType::CancelRejected, Refusal::WouldTrade, 0)]);
    assert_eq!(desk.leaves(resting), Some(1));
}

#[test]
fn an_amend_keeps_its_place_only_when_it_shrinks() {
    let mut desk = market();
    let (mine, other) = (desk.buy(99, 5), desk.buy(99, 5));
    desk.add(7, Buy, 99, 40);
    desk.amend(mine, 99, 3);
    desk.amend(other, 99, 6);
    assert_eq!((desk.ahead(mine), desk.ahead(other)), (Some(30), Some(70)));
    desk.amend(mine, 101, 50);
    assert_eq!(desk.fills(), [(mine, 101, 30)]);
    desk.amend(mine, 101, 30);
    assert_eq!(desk.story(mine), [(ExecType::CancelRejected, Refusal::BelowFilled, 0)]);
    desk.amend(mine, 101, 31);
    desk.cancel(mine);
    let report = *desk.reports().last().unwrap();
    assert_eq!((report.quantity, report.filled, report.leaves), (Qty(31), Qty(30), Qty(0)));
}

#[test]
fn an_order_within_an_event_goes_to_work_at_its_end() {
    let mut desk = market();
    desk.within(BookAction::Delete, 4, (Sell, 0, 0));
    let (taker, ioc) = (
        desk.buy(101, 5),
        desk.send(|order| {
            (order.price, order.time_in_force) = (Price(90), TimeInForce::Ioc);
        }),
    );
    let cancelled = desk.buy(101, 5);
    desk.cancel(cancelled);
    assert_eq!((desk.fills(), desk.leaves(taker)), (vec![], Some(5)));
    desk.add(7, Sell, 100, 3);
    assert_eq!(desk.fills(), [(taker, 100, 3), (taker, 101, 2)]);
    assert_eq!((desk.leaves(ioc), desk.leaves(cancelled)), (None, None));
}

#[test]
fn a_trade_action_counts_once_and_its_reduction_is_no_execution() {
    let mut desk = market();
    let mine = desk.buy(99, 5);
    desk.add(7, Buy, 99, 40);
    // One aggressor of 33: the fills come first, the removals after them, in one event.
    for (reference, quantity) in [(1, 10), (2, 20), (7, 3)] {
        desk.within(BookAction::Trade, reference, (Buy, 99, quantity));
    }
    assert_eq!(desk.fills(), [(mine, 99, 3)]);
    for reference in [1, 2] {
        desk.within(BookAction::Delete, reference, (Buy, 0, 0));
    }
    desk.reduce(7, 3);
    assert_eq!((desk.fills(), desk.leaves(mine)), (vec![], Some(2)));
}

#[test]
fn what_strategies_see_is_the_recorded_market() {
    let mut desk = desk();
    desk.within(BookAction::Add, 1, (Buy, 99, 10));
    assert!(desk.events.is_empty(), "nothing is shown within an event");
    desk.add(2, Sell, 101, 10);
    let top = TopOfBook { bid: Some((Price(99), Qty(10))), ask: Some((Price(101), Qty(10))) };
    assert!(matches!(desk.events[..], [Event::Book(_), Event::Quote(quote)] if quote.top == top));
    desk.events.clear();
    desk.buy(100, 5);
    desk.add(3, Buy, 98, 10);
    desk.execute(1, 4);
    let public: Vec<_> = desk.events.iter().filter(|event| !matches!(event, Event::Report(_))).collect();
    let [Event::Book(_), Event::Trade(trade), Event::Book(_), Event::Quote(quote)] = public[..] else {
        panic!("{public:?}")
    };
    assert_eq!((trade.price, trade.quantity, trade.aggressor), (Price(99), Qty(4), Some(Sell)));
    assert_eq!(quote.top.bid, Some((Price(99), Qty(6))));
    assert_eq!(desk.venue.depth(InstrumentId(0), Buy, 5).map(|d| d.price.0).collect::<Vec<_>>(), [99, 98]);
}

#[test]
fn odd_data_is_counted_or_refused() {
    let mut desk = market();
    desk.execute(77, 5);
    desk.delete(78);
    desk.add(1, Buy, 99, 10);
    desk.reduce(3, 31);
    let found = *desk.venue.statistics();
    assert_eq!((found.unknown_references, found.duplicate_references, found.excess), (2, 1, 1));
    let delta = BookDelta {
        instrument: InstrumentId(0),
        action: BookAction::Add,
        side: Buy,
        last: true,
        reference: 80,
        price: Price(99),
        quantity: Qty(1),
    };
    let refusals = [
        (BookDelta { quantity: Qty(0), ..delta }, Refusal::InvalidQuantity),
        (BookDelta { quantity: Qty(u64::MAX), ..delta }, Refusal::InvalidQuantity),
        (BookDelta { price: Price(i64::MIN), ..delta }, Refusal::InvalidPrice),
        (BookDelta { instrument: InstrumentId(1), ..delta }, Refusal::UnknownInstrument),
    ];
    for (delta, refusal) in refusals {
        assert_eq!(desk.venue.check(&Body::Book(delta)), Err(refusal), "{delta:?}");
        assert_eq!(desk.play(&delta), Err(refusal), "{delta:?}");
    }
}

#[test]
fn a_full_pool_refuses() {
    let mut desk = desk();
    for price in 1..=100 {
        desk.buy(price, 1);
    }
    desk.reports();
    let refused = desk.buy(200, 1);
    assert_eq!(desk.story(refused), [(ExecType::Rejected, Refusal::OrderCapacity, 0)]);
    // An order still moves when every slot is used.
    desk.amend(1, 300, 1);
    assert_eq!(desk.story(1), [(ExecType::Replaced, Refusal::None, 0)]);
    let delta = |reference, price| BookDelta {
        instrument: InstrumentId(0),
        action: BookAction::Add,
        side: Sell,
        last: true,
        reference,
        price: Price(price),
        quantity: Qty(1),
    };
    (0..1_000).for_each(|n| desk.play(&delta(n, 5_000)).unwrap());
    assert_eq!(desk.play(&delta(1_000, 5_000)), Err(Refusal::OrderCapacity));
}

#[test]
fn bad_orders_are_refused_with_their_reason() {
    let mut desk = market();
    let id = desk.buy(90, 1);
    desk.reports();
    type With = fn(&mut omni_types::NewOrder);
    let cases: [(With, Refusal); 7] = [
        (|o| o.instrument = InstrumentId(9), Refusal::UnknownInstrument),
        (|o| o.quantity = Qty(0), Refusal::InvalidQuantity),
        (|o| o.quantity = Qty(1_000_001), Refusal::InvalidQuantity),
        (|o| o.price = Price(10_001), Refusal::InvalidPrice),
        (|o| (o.price, o.post_only, o.time_in_force) = (Price(90), true, TimeInForce::Ioc), Refusal::UnsupportedOrder),
        (|o| (o.post_only, o.order_type) = (true, OrderType::Market), Refusal::UnsupportedOrder),
        (|o| (o.price, o.client_order_id.0) = (Price(90), 1), Refusal::DuplicateClientOrderId),
    ];
    assert_eq!(id, 1);
    for (with, refusal) in cases {
        desk.send(with);
        let report = *desk.reports().last().unwrap();
        assert_eq!((report.exec_type, report.reason), (ExecType::Rejected, refusal));
    }
    desk.cancel(77);
    desk.amend(77, 1, 1);
    assert!(
        desk.reports().iter().all(|r| (r.exec_type, r.reason) == (ExecType::CancelRejected, Refusal::UnknownOrder))
    );
}

#[test]
fn the_close_expires_day_orders_and_mass_cancels_end_the_rest() {
    let mut desk = market();
    let day = desk.send(|order| (order.price, order.time_in_force) = (Price(90), TimeInForce::Day));
    let gtc = desk.buy(90, 3);
    desk.reports();
    let (time, mut events) = (desk.time, Vec::new());
    desk.venue.set_state(InstrumentId(0), TradingState::Closed, time, &mut |event: &Event| events.push(*event));
    let Event::Report(expired) = events[1] else { panic!("{events:?}") };
    assert_eq!((expired.client_order_id.0, expired.exec_type), (day, ExecType::Expired));
    let mut open = Vec::new();
    desk.venue.for_each_order(Selection::default(), &mut |order| open.push(order.client_order_id.0));
    assert_eq!(open, [gtc]);
    let selection = Selection { session: Some(ME), ..Selection::default() };
    desk.venue.cancel_all(selection, Refusal::KillSwitch, time, &mut |event: &Event| desk.events.push(*event));
    assert_eq!(desk.story(gtc), [(ExecType::Cancelled, Refusal::KillSwitch, 0)]);
}

#[test]
fn clearing_the_book_frees_everything_ahead() {
    let mut desk = market();
    let mine = desk.buy(99, 5);
    desk.buy(101, 5);
    desk.within(BookAction::Clear, 0, (Buy, 0, 0));
    desk.add(1, Buy, 99, 10);
    desk.fills();
    desk.execute(1, 10);
    assert_eq!(desk.fills(), [(mine, 99, 5)]);
}

#[test]
fn instruments_may_be_recorded_in_different_ways() {
    let mut desk = desk();
    desk.venue.record(InstrumentId(1), Data::Bars).unwrap();
    assert_eq!(desk.venue.record(InstrumentId(0), Data::Bars), Err(Refusal::UnknownInstrument));
    desk.venue.list(&share(1)).unwrap();
    let delta = BookDelta {
        instrument: InstrumentId(1),
        action: BookAction::Clear,
        side: Buy,
        last: true,
        reference: 0,
        price: Price(0),
        quantity: Qty(0),
    };
    assert_eq!(desk.play(&delta), Err(Refusal::UnsupportedOrder));
    let names: Vec<_> = desk.venue.rules().into_iter().map(|rule| rule.0).collect();
    assert!(names.contains(&"orders.queue") && names.contains(&"bars.market") && !names.contains(&"quotes.queue"));
}

#[test]
fn what_was_recorded_before_a_split_fills_nothing() {
    let mut desk = market();
    let split = Action::Split(Ratio::new(2, 1).unwrap());
    let adjust = Adjust { instrument: InstrumentId(0), action: split };
    let (time, events) = (desk.time, &mut desk.events);
    desk.venue.adjust(&adjust, time, &mut |event: &Event| events.push(*event));
    assert_eq!(desk.venue.top(InstrumentId(0)), TopOfBook::default());
    assert!(desk.events.iter().any(|event| matches!(event, Event::Quote(quote) if quote.top == TopOfBook::default())));
    let mine = desk.market(Buy, 5);
    assert_eq!((desk.fills(), desk.leaves(mine)), (vec![], None));
    desk.add(7, Sell, 51, 10);
    let mine = desk.buy(51, 5);
    assert_eq!(desk.fills(), [(mine, 51, 5)]);
}
