//! Fills on recorded trades without quotes: each rule by an example.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

#[path = "support/desk.rs"]
mod desk;

use desk::{Desk, config};
use omni_port::Venue;
use omni_sim::historical::{Config, Data, Spread, TradeRules};
use omni_types::Side::{Buy, Sell};
use omni_types::{
    Event, ExecType, InstrumentId, Liquidity, OrderType, Price, Qty, Refusal, Time, TimeInForce, TradingState,
};

/// A spread of 3, 20 units ahead of every limit.
const RULES: TradeRules = TradeRules { spread: Spread::Units(3), queue: Some(20), volume_share_ppm: 1_000_000 };

/// 30 traded at 100.
fn market(rules: TradeRules) -> Desk {
    let mut desk = Desk::new(Config { trades: rules, ..config(Data::Trades) });
    desk.print(100, 30, None);
    desk.events.clear();
    desk
}

fn limit(desk: &mut Desk, price: i64, time_in_force: TimeInForce) -> u64 {
    desk.send(|order| {
        (order.price, order.quantity, order.time_in_force) = (Price(price), Qty(40), time_in_force);
    })
}

#[test]
fn market_orders_pay_half_the_spread_around_the_last_trade() {
    let mut desk = market(RULES);
    let (bought, sold) = (desk.market(Buy, 7), desk.market(Sell, 8));
    assert_eq!(desk.fills_of(Some(Liquidity::Taker)), [(bought, 102, 7), (sold, 98, 8)]);
    let mut desk = market(TradeRules { spread: Spread::BasisPoints(201), ..RULES });
    let bought = desk.market(Buy, 7);
    assert_eq!(desk.fills(), [(bought, 102, 7)], "201 basis points of 100, half of it, rounded up");
    let mut desk = market(TradeRules { spread: Spread::Units(0), ..RULES });
    let bought = desk.market(Buy, 7);
    assert_eq!(desk.fills(), [(bought, 100, 7)]);
}

#[test]
fn a_trades_units_are_given_once_and_the_rest_of_a_market_order_works_on() {
    let mut desk = market(RULES);
    let (first, second) = (desk.market(Buy, 25), desk.market(Sell, 12));
    assert_eq!(desk.fills(), [(first, 102, 25), (second, 98, 5)]);
    assert_eq!(desk.leaves(second), Some(7));
    let third = desk.market(Buy, 3);
    assert_eq!(desk.fills(), []);
    desk.print(110, 8, None);
    assert_eq!(desk.fills(), [(third, 112, 3), (second, 108, 5)]);
    desk.print(109, 9, Some(Buy));
    assert_eq!((desk.fills(), desk.leaves(second)), (vec![(second, 107, 2)], None));
}

#[test]
fn market_orders_before_the_first_trade_wait_for_it() {
    let mut desk = Desk::new(Config { trades: RULES, ..config(Data::Trades) });
    let mine = desk.market(Buy, 5);
    let hurried = desk.send(|order| {
        (order.order_type, order.time_in_force, order.quantity) = (OrderType::Market, TimeInForce::Ioc, Qty(5));
    });
    assert_eq!(desk.story(hurried), [(ExecType::New, Refusal::None, 0), (ExecType::Expired, Refusal::NoLiquidity, 0)]);
    desk.print(100, 30, None);
    assert_eq!(desk.fills(), [(mine, 102, 5)]);
    let swept = desk.market(Buy, 100);
    desk.fills();
    desk.cancel(swept);
    assert_eq!(desk.leaves(swept), None);
}

#[test]
fn limits_wait_for_the_declared_queue() {
    let mut desk = market(RULES);
    let mine = desk.buy(99, 10);
    assert_eq!(desk.ahead(mine), Some(20));
    desk.print(99, 15, Some(Sell));
    assert_eq!((desk.fills(), desk.ahead(mine)), (vec![], Some(5)));
    // A buyer's trade passes nobody on the bid.
    desk.print(99, 50, Some(Buy));
    assert_eq!((desk.fills(), desk.ahead(mine)), (vec![], Some(5)));
    desk.print(99, 9, Some(Sell));
    desk.print(99, 3, None);
    assert_eq!(desk.fills_of(Some(Liquidity::Maker)), [(mine, 99, 4), (mine, 99, 3)]);
}

#[test]
fn a_trade_through_a_limit_fills_it_and_clears_its_queue() {
    let mut desk = market(RULES);
    let (buy, sell) = (desk.buy(99, 10), desk.sell(103, 10));
    desk.print(98, 4, None);
    assert_eq!((desk.fills(), desk.ahead(buy)), (vec![(buy, 99, 4)], Some(0)));
    desk.print(99, 2, None);
    desk.print(104, 6, Some(Buy));
    assert_eq!(desk.fills(), [(buy, 99, 2), (sell, 103, 6)]);
}

#[test]
fn without_a_declared_queue_only_a_trade_through_fills() {
    let mut desk = market(TradeRules { queue: None, ..RULES });
    let mine = desk.buy(99, 10);
    assert_eq!(desk.ahead(mine), None);
    desk.print(99, 5_000, Some(Sell));
    assert_eq!(desk.fills(), []);
    desk.print(98, 4, Some(Sell));
    desk.print(99, 5_000, Some(Sell));
    assert_eq!(desk.fills(), [(mine, 99, 4)]);
    let mut desk = market(TradeRules { queue: Some(0), ..RULES });
    let mine = desk.buy(99, 10);
    desk.print(99, 3, None);
    assert_eq!(desk.fills(), [(mine, 99, 3)], "with none ahead each unit at the price is ours");
}

#[test]
fn our_orders_share_a_trade_and_what_they_leave_is_there_for_takers() {
    let mut desk = market(RULES);
    let (low, high) = (desk.buy(98, 10), desk.buy(99, 10));
    desk.print(97, 25, Some(Sell));
    assert_eq!(desk.fills(), [(high, 99, 10), (low, 98, 10)]);
    let taker = desk.market(Buy, 9);
    assert_eq!(desk.fills(), [(taker, 99, 5)]);
    let mut desk = market(TradeRules { volume_share_ppm: 250_000, ..RULES });
    let (taker, resting) = (desk.market(Sell, 10), desk.buy(99, 10));
    assert_eq!(desk.fills(), [(taker, 98, 7)], "a quarter of 30, rounded down");
    desk.print(98, 20, None);
    assert_eq!(desk.fills(), [(taker, 96, 3), (resting, 99, 2)]);
}

#[test]
fn aggressive_limits_take_and_rest() {
    let mut desk = market(RULES);
    let rests = limit(&mut desk, 101, TimeInForce::Gtc);
    assert_eq!((desk.fills(), desk.ahead(rests)), (vec![], Some(20)), "102 is what it would pay");
    let takes = limit(&mut desk, 105, TimeInForce::Gtc);
    assert_eq!((desk.fills(), desk.ahead(takes)), (vec![(takes, 102, 30)], Some(20)));
    desk.print(100, 39, None);
    assert_eq!(desk.fills(), [(takes, 105, 10), (rests, 101, 29)]);
    let all = limit(&mut desk, 105, TimeInForce::Fok);
    assert_eq!(desk.story(all), [(ExecType::New, Refusal::None, 0), (ExecType::Expired, Refusal::NoLiquidity, 0)]);
    desk.print(103, 40, None);
    desk.fills();
    let all = desk.send(|order| {
        (order.price, order.quantity, order.time_in_force) = (Price(105), Qty(29), TimeInForce::Fok);
    });
    assert_eq!(desk.fills(), [(all, 105, 29)]);
}

#[test]
fn post_only_never_takes() {
    let mut desk = market(RULES);
    let mut post = |price: i64| desk.send(|order| (order.price, order.post_only) = (Price(price), true));
    let (refused, rests) = (post(102), post(101));
    assert_eq!(desk.leaves(refused), None);
    assert_eq!(desk.leaves(rests), Some(1));
}

#[test]
fn nothing_fills_while_halted_and_nothing_traded_then_is_left() {
    let mut desk = market(RULES);
    let mine = desk.buy(99, 10);
    desk.venue.set_state(InstrumentId(0), TradingState::Halted, Time(0), &mut |_: &Event| ());
    desk.print(90, 30, None);
    desk.venue.set_state(InstrumentId(0), TradingState::Open, Time(0), &mut |_: &Event| ());
    let taker = desk.market(Buy, 5);
    assert_eq!((desk.fills(), desk.leaves(mine), desk.leaves(taker)), (vec![], Some(10), Some(5)));
}

#[test]
fn strategies_see_no_quotes_that_nobody_recorded() {
    let mut desk = market(RULES);
    desk.print(101, 5, None);
    assert_eq!(desk.events.len(), 1);
    assert_eq!(desk.venue.top(InstrumentId(0)), Default::default());
    assert_eq!(desk.venue.depth(InstrumentId(0), Buy, 5).count(), 0);
}
