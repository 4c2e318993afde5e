//! Fills on recorded bars: each rule by an example.

#[path = "support/desk.rs"]
mod desk;

use desk::{Desk, Fill, config};
use omni_port::Venue;
use omni_sim::historical::{BarRules, Config, Data, Priority, Spread};
use omni_types::Side::{Buy, Sell};
use omni_types::{Bar, Event, ExecType, InstrumentId, Liquidity, OrderType, Price, Qty, Refusal, Time, TimeInForce};

fn desk_with(bars: BarRules) -> Desk {
    Desk::new(Config { bars, ..config(Data::Bars) })
}

fn desk() -> Desk {
    desk_with(BarRules::default())
}

#[test]
fn market_orders_fill_at_the_next_open_plus_half_the_spread() {
    let cases = [
        (Spread::Units(0), 1_000, 1_000),
        (Spread::Units(4), 1_002, 998),
        (Spread::Units(3), 1_002, 998),
        (Spread::BasisPoints(100), 1_005, 995),
    ];
    for (spread, bought, sold) in cases {
        let mut desk = desk_with(BarRules { spread, ..BarRules::default() });
        desk.bar([900, 900, 900, 900], 100);
        let (buy, sell) = (desk.market(Buy, 5), desk.market(Sell, 5));
        assert_eq!(desk.fills(), []);
        desk.bar([1_000, 1_100, 900, 1_050], 100);
        let mut fills = desk.fills_of(Some(Liquidity::Taker));
        fills.sort_unstable();
        assert_eq!(fills, [(buy, bought, 5), (sell, sold, 5)], "{spread:?}");
    }
}

#[test]
fn limits_fill_only_when_traded_through() {
    // Limits at 99 to buy and 111 to sell against the bar's open, high, low, close.
    let cases: [([i64; 4], bool, bool, &[Fill]); 7] = [
        ([105, 110, 100, 105], false, false, &[]),
        ([105, 111, 99, 105], false, false, &[]),
        ([105, 111, 99, 105], true, false, &[(1, 99, 5), (2, 111, 5)]),
        ([105, 110, 98, 105], false, false, &[(1, 99, 5)]),
        ([105, 112, 100, 105], false, false, &[(2, 111, 5)]),
        // Gaps: the open itself has passed the limit, and is what a limit order gets.
        ([95, 110, 94, 105], false, true, &[(1, 95, 5)]),
        ([115, 116, 100, 105], false, true, &[(2, 115, 5)]),
    ];
    for (bar, touch_fills, at_open, expected) in cases {
        let mut desk = desk_with(BarRules { touch_fills, ..BarRules::default() });
        desk.buy(99, 5);
        desk.sell(111, 5);
        desk.bar(bar, 100);
        let liquidity = if at_open { Liquidity::Taker } else { Liquidity::Maker };
        let mut fills = desk.fills_of(Some(liquidity));
        fills.sort_unstable();
        assert_eq!(fills, expected, "{bar:?} {touch_fills}");
    }
}

#[test]
fn a_gap_never_fills_beyond_the_limit() {
    let rules = BarRules { spread: Spread::Units(10), ..BarRules::default() };
    let mut desk = desk_with(rules);
    let (far, near) = (desk.buy(110, 5), desk.buy(102, 5));
    let post = desk.send(|order| (order.price, order.quantity, order.post_only) = (Price(108), Qty(5), true));
    desk.bar([100, 103, 99, 101], 100);
    let mut fills = desk.fills();
    fills.sort_unstable();
    assert_eq!(fills, [(far, 105, 5), (near, 102, 5), (post, 108, 5)]);
}

#[test]
fn immediate_orders_look_at_the_open_only() {
    let mut desk = desk();
    for (price, time_in_force, filled) in
        [(99, TimeInForce::Ioc, 0), (101, TimeInForce::Ioc, 8), (101, TimeInForce::Fok, 0), (99, TimeInForce::Fok, 0)]
    {
        let id = desk.send(|order| {
            (order.price, order.quantity, order.time_in_force) = (Price(price), Qty(9), time_in_force);
        });
        desk.bar([100, 110, 90, 100], 8);
        let reports = desk.reports();
        let total: u64 = reports.iter().map(|report| report.last_quantity.0).sum();
        assert_eq!(total, filled, "{price} {time_in_force:?}");
        let last = reports.last().map(|report| (report.exec_type, report.reason));
        assert_eq!(last, Some((ExecType::Expired, Refusal::NoLiquidity)));
        assert_eq!(desk.leaves(id), None);
    }
}

#[test]
fn orders_share_the_volume() {
    for (ppm, first, second) in [(Some(1_000_000), 80, 70), (Some(250_000), 20, 20), (None, 150, 0)] {
        let mut desk = desk_with(BarRules { volume_share_ppm: ppm, ..BarRules::default() });
        let mine = desk.market(Buy, 150);
        for filled in [first, second] {
            desk.bar([100, 100, 100, 100], 80);
            assert_eq!(desk.fills().iter().map(|fill| fill.2).sum::<u64>(), filled, "{ppm:?}");
        }
        assert_eq!(desk.leaves(mine).unwrap_or(0), 150 - first - second);
    }
}

#[test]
fn the_worst_case_comes_first() {
    // The bar closes low: the bought side stands worse, and has the volume.
    for (close, priority, winner) in
        [(95, Priority::WorstFirst, 2), (115, Priority::WorstFirst, 1), (95, Priority::Arrival, 1)]
    {
        let mut desk = desk_with(BarRules { priority, ..BarRules::default() });
        desk.sell(110, 10);
        desk.buy(100, 10);
        desk.bar([105, 116, 94, close], 10);
        assert_eq!(desk.fills().iter().map(|fill| fill.0).collect::<Vec<_>>(), [winner], "{close} {priority:?}");
    }
}

#[test]
fn an_order_takes_part_when_it_came_by_the_open() {
    for (grace_ns, late_ns, filled) in
        [(0, 0, true), (0, 1, false), (1_000, 1_000, true), (1_000, 1_001, false), (i64::MAX, 500_000_001, false)]
    {
        let mut desk = desk_with(BarRules { grace_ns, ..BarRules::default() });
        desk.bar([100, 100, 100, 100], 80);
        let close = desk.time;
        desk.time = close.plus(late_ns);
        desk.market(Buy, 1);
        desk.time = close;
        desk.bar([100, 100, 100, 100], 80);
        assert_eq!(!desk.fills().is_empty(), filled, "{grace_ns} {late_ns}");
        desk.bar([100, 100, 100, 100], 80);
        assert_eq!(!desk.fills().is_empty(), !filled, "{grace_ns} {late_ns}");
    }
}

#[test]
fn fills_come_before_their_bar_and_post_only_looks_at_the_last_close() {
    let mut desk = desk();
    desk.bar([100, 100, 100, 100], 80);
    desk.market(Buy, 1);
    let post = desk.send(|order| (order.price, order.post_only) = (Price(100), true));
    assert_eq!(desk.story(post), [(ExecType::Rejected, Refusal::WouldTrade, 0)]);
    desk.events.clear();
    desk.bar([100, 100, 100, 100], 80);
    assert!(matches!(desk.events[..], [Event::Report(_), Event::Bar(_)]), "{:?}", desk.events);
}

#[test]
fn amends_move_market_orders_and_limits() {
    let mut desk = desk();
    let market = desk.send(|order| (order.order_type, order.quantity) = (OrderType::Market, Qty(10)));
    desk.amend(market, 0, 4);
    let limit = desk.buy(50, 10);
    desk.amend(limit, 100, 12);
    desk.reports();
    desk.bar([105, 110, 99, 105], 100);
    assert_eq!(desk.fills(), [(market, 105, 4), (limit, 100, 12)]);
}

#[test]
fn a_bar_that_is_none_is_refused() {
    let mut desk = desk();
    let bar = Bar {
        time: Time(0),
        instrument: InstrumentId(0),
        interval_ns: 1,
        open: Price(10),
        high: Price(9),
        low: Price(8),
        close: Price(9),
        volume: Qty(1),
    };
    assert_eq!(desk.venue.on_bar(&bar, &mut |_: &Event| ()), Err(Refusal::InvalidPrice));
}
