//! Fills on recorded quotes and trades: each rule by an example.

#[path = "support/desk.rs"]
mod desk;

use desk::{Desk, config};
use omni_port::Venue;
use omni_sim::historical::{Config, Data, Reach};
use omni_types::Side::{Buy, Sell};
use omni_types::{Event, InstrumentId, Liquidity, OrderType, Price, Qty, Quote, Refusal, Time, TimeInForce, TopOfBook};

/// 30 bid at 99, 40 offered at 101.
fn market() -> Desk {
    let mut desk = Desk::new(config(Data::Quotes));
    desk.quote((99, 30), (101, 40));
    desk.events.clear();
    desk
}

#[test]
fn trades_take_what_is_displayed_ahead_first() {
    let mut desk = market();
    let mine = desk.buy(99, 10);
    assert_eq!(desk.ahead(mine), Some(30));
    desk.print(99, 20, Some(Sell));
    assert_eq!((desk.fills(), desk.ahead(mine)), (vec![], Some(10)));
    // A buyer's trade passes nobody on the bid.
    desk.print(99, 50, Some(Buy));
    assert_eq!((desk.fills(), desk.ahead(mine)), (vec![], Some(10)));
    desk.print(99, 14, Some(Sell));
    desk.print(99, 3, None);
    assert_eq!(desk.fills_of(Some(Liquidity::Maker)), [(mine, 99, 4), (mine, 99, 3)]);
}

#[test]
fn a_smaller_display_shrinks_the_estimate_and_a_larger_one_is_behind() {
    let mut desk = market();
    let mine = desk.buy(99, 10);
    for (displayed, ahead) in [(12, 12), (80, 12), (5, 5)] {
        desk.quote((99, displayed), (101, 40));
        assert_eq!(desk.ahead(mine), Some(ahead), "{displayed} displayed");
    }
    // Once the best is worse than our price, nothing can be ahead of us.
    desk.quote((98, 7), (101, 40));
    assert_eq!(desk.ahead(mine), Some(0));
}

#[test]
fn an_order_away_from_the_best_waits_behind_what_is_displayed_there_later() {
    let mut desk = market();
    let mine = desk.buy(98, 10);
    assert_eq!(desk.ahead(mine), None);
    desk.print(98, 500, Some(Sell));
    desk.quote((98, 70), (101, 40));
    assert_eq!((desk.fills(), desk.ahead(mine)), (vec![], Some(70)));
    let inside = desk.buy(100, 10);
    assert_eq!(desk.ahead(inside), Some(0));
    desk.print(100, 4, Some(Sell));
    assert_eq!(desk.fills(), [(inside, 100, 4)]);
}

#[test]
fn each_unit_of_a_trade_fills_one_order() {
    let mut desk = market();
    let first = desk.buy(99, 10);
    desk.quote((99, 50), (101, 40));
    let second = desk.buy(99, 10);
    assert_eq!((desk.ahead(first), desk.ahead(second)), (Some(30), Some(50)));
    // 30 pass, the first has 10, 10 more were between the two, and 5 are left for the second.
    desk.print(99, 55, Some(Sell));
    assert_eq!(desk.fills(), [(first, 99, 10), (second, 99, 5)]);
}

#[test]
fn trades_and_quotes_through_our_price_fill_at_our_price() {
    let mut desk = market();
    let (high, low) = (desk.buy(100, 10), desk.buy(99, 10));
    desk.print(98, 13, None);
    assert_eq!(desk.fills(), [(high, 100, 10), (low, 99, 3)]);
    desk.quote((97, 10), (99, 20));
    assert_eq!(desk.fills(), []);
    desk.quote((97, 10), (98, 5));
    assert_eq!(desk.fills(), [(low, 99, 5)]);
    // The same display again is nothing new.
    desk.quote((96, 10), (98, 5));
    assert_eq!(desk.fills(), []);
}

#[test]
fn the_setting_says_which_quotes_fill() {
    for (reach, at_price, through) in [(Reach::Executions, 0, 0), (Reach::Through, 0, 5), (Reach::Touch, 6, 11)] {
        let mut desk = Desk::new(Config { reach, ..config(Data::Quotes) });
        let mine = desk.buy(100, 20);
        for (ask, total) in [((100, 6), at_price), ((99, 5), through)] {
            desk.quote((90, 1), ask);
            assert_eq!(20 - desk.leaves(mine).unwrap_or(0), total, "{reach:?}");
        }
    }
}

#[test]
fn an_aggressive_order_takes_each_displayed_unit_once() {
    let mut desk = market();
    let mine = desk.buy(105, 60);
    assert_eq!((desk.fills(), desk.leaves(mine)), (vec![(mine, 101, 40)], Some(20)));
    desk.cancel(mine);
    desk.reports();
    let probe = |desk: &mut Desk| {
        desk.send(|order| (order.order_type, order.quantity) = (OrderType::Market, Qty(100)));
        desk.fills().iter().map(|fill| fill.2).sum::<u64>()
    };
    for (bid, ask, got) in [
        // The other side's change, and a smaller quantity, show nothing new.
        ((98, 30), (101, 40), 0),
        ((98, 30), (101, 25), 0),
        // 45 displayed, 25 of them ours; a new price is all new.
        ((98, 30), (101, 45), 20),
        ((98, 30), (102, 12), 12),
        ((98, 30), (101, 8), 8),
    ] {
        desk.quote(bid, ask);
        assert_eq!(probe(&mut desk), got, "{ask:?}");
    }
    // What a trade took since the quote is no longer there.
    desk.quote((98, 30), (103, 40));
    desk.print(103, 30, Some(Buy));
    assert_eq!(probe(&mut desk), 10);
}

#[test]
fn trades_in_units_that_we_took_are_not_given_again() {
    let mut desk = market();
    let behind = desk.sell(101, 10);
    let taker = desk.buy(101, 30);
    assert_eq!(desk.fills(), [(taker, 101, 30)]);
    // 40 were displayed, 30 are ours: of a trade of 45, forty pass and five are free.
    desk.print(101, 45, Some(Buy));
    assert_eq!(desk.fills(), [(behind, 101, 5)]);
    // An order that the trade goes through has no queue, but gets no unit twice either.
    let mut desk = market();
    let through = desk.sell(100, 50);
    let taker = desk.buy(101, 30);
    desk.print(101, 35, Some(Buy));
    desk.print(101, 5, Some(Buy));
    assert_eq!(desk.fills(), [(taker, 101, 30), (through, 100, 5), (through, 100, 5)]);
}

#[test]
fn nothing_fills_while_crossed_or_locked() {
    let mut desk = market();
    let mine = desk.buy(100, 10);
    desk.quote((102, 5), (101, 5));
    desk.print(99, 50, Some(Sell));
    let ioc = desk.send(|order| (order.price, order.time_in_force) = (Price(103), TimeInForce::Ioc));
    assert_eq!((desk.fills(), desk.leaves(mine), desk.leaves(ioc)), (vec![], Some(10), None));
    desk.quote((99, 5), (101, 5));
    desk.print(99, 50, Some(Sell));
    assert_eq!(desk.fills(), [(mine, 100, 10)]);
}

#[test]
fn fill_or_kill_looks_at_the_display() {
    let mut desk = market();
    for (quantity, filled) in [(41, 0), (40, 40)] {
        desk.send(|order| {
            (order.price, order.quantity, order.time_in_force) = (Price(101), Qty(quantity), TimeInForce::Fok);
        });
        assert_eq!(desk.fills().iter().map(|fill| fill.2).sum::<u64>(), filled);
    }
}

#[test]
fn every_recorded_quote_passes_and_an_empty_side_is_none() {
    let mut desk = market();
    desk.quote((99, 30), (101, 40));
    assert!(matches!(desk.events[..], [Event::Quote(_)]), "{:?}", desk.events);
    desk.quote((99, 30), (0, 0));
    let top = TopOfBook { bid: Some((Price(99), Qty(30))), ask: None };
    assert_eq!(desk.venue.top(InstrumentId(0)), top);
    let depth: Vec<_> = desk.venue.depth(InstrumentId(0), Buy, 5).collect();
    assert_eq!((depth.len(), depth[0].quantity, depth[0].orders), (1, Qty(30), 0));
    assert_eq!(desk.venue.depth(InstrumentId(0), Sell, 5).count(), 0);
    let bad = TopOfBook { bid: Some((Price(i64::MIN), Qty(1))), ask: None };
    let quote = Quote { time: Time(0), instrument: InstrumentId(0), top: bad };
    assert_eq!(desk.venue.on_quote(&quote, &mut |_: &Event| ()), Err(Refusal::InvalidPrice));
}
