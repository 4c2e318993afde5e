//! Fills on recorded trades against a naive model that keeps one list of orders and counts a trade's units one by one.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

#[path = "support/desk.rs"]
mod desk;

use desk::{Desk, Fill, config};
use omni_sim::historical::{Config, Data, Spread, TradeRules};
use omni_types::testing::property;
use omni_types::{Liquidity, OrderType, Price, Qty, Side, TimeInForce};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    Trade(i64, u64, Option<Side>),
    /// Side, limit (none is a market order), quantity, time in force.
    Order(Side, Option<i64>, u64, TimeInForce),
    Cancel(usize),
    Amend(usize, i64, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let side = || prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let (price, quantity, pick) = (|| 95..106_i64, || 1..20_u64, || 0..30_usize);
    let time_in_force = prop_oneof![4 => Just(TimeInForce::Gtc), 2 => Just(TimeInForce::Day),
        1 => Just(TimeInForce::Ioc), 1 => Just(TimeInForce::Fok)];
    prop_oneof![
        6 => (price(), 0..30_u64, prop::option::of(side())).prop_map(|(p, q, side)| Step::Trade(p, q, side)),
        5 => (side(), prop::option::weighted(0.75, price()), quantity(), time_in_force)
            .prop_map(|(s, p, q, t)| Step::Order(s, p, q, t)),
        1 => pick().prop_map(Step::Cancel),
        1 => (pick(), price(), quantity()).prop_map(|(n, p, q)| Step::Amend(n, p, q)),
    ]
}

fn rules() -> impl Strategy<Value = TradeRules> {
    let spread = prop_oneof![(0..6_u64).prop_map(Spread::Units), (0..500_u32).prop_map(Spread::BasisPoints)];
    (spread, prop::option::of(0..40_u64), prop_oneof![Just(1_000_000), 0..1_000_001_u32])
        .prop_map(|(spread, queue, volume_share_ppm)| TradeRules { spread, queue, volume_share_ppm })
}

/// An order of ours.
#[derive(Clone, Copy, Debug)]
struct Order {
    id: u64,
    side: Side,
    limit: Option<i64>,
    leaves: u64,
    filled: u64,
    /// What must trade at its price before it has a turn; `None` never lets it have one there.
    ahead: Option<u64>,
}

struct Model {
    rules: TradeRules,
    /// First come first.
    orders: Vec<Order>,
    /// The last trade's price, and its units that nobody has.
    last: Option<(i64, u64)>,
    fills: Vec<Fill>,
}

impl Model {
    /// What a taker pays around a price.
    fn around(&self, side: Side, price: i64) -> i64 {
        let half = match self.rules.spread {
            Spread::Units(units) => units.div_ceil(2) as i64,
            Spread::BasisPoints(points) => (price * i64::from(points) + 19_999) / 20_000,
        };
        (price + side.sign() * half).clamp(1, 10_000)
    }

    fn fill(&mut self, at: usize, price: i64, quantity: u64) {
        let order = &mut self.orders[at];
        (order.leaves, order.filled) = (order.leaves - quantity, order.filled + quantity);
        self.fills.push((order.id, price, quantity));
    }

    /// Lets an order have units of the last trade as a taker.
    fn take(&mut self, at: usize) {
        let (Some((last, left)), order) = (self.last, self.orders[at]) else { return };
        let price = self.around(order.side, last);
        let reaches = order.limit.is_none_or(|limit| (limit - price) * order.side.sign() >= 0);
        let quantity = left.min(order.leaves);
        if reaches && quantity > 0 {
            self.last = Some((last, left - quantity));
            self.fill(at, price, quantity);
        }
    }

    /// Positions of a side's limits, best price first, then by time.
    fn limits(&self, side: Side) -> Vec<usize> {
        let of_side = |&at: &usize| self.orders[at].side == side && self.orders[at].limit.is_some();
        let mut limits: Vec<usize> = (0..self.orders.len()).filter(of_side).collect();
        limits.sort_by_key(|&at| -side.sign() * self.orders[at].limit.unwrap());
        limits
    }

    fn trade(&mut self, price: i64, quantity: u64, aggressor: Option<Side>) {
        if quantity == 0 {
            return;
        }
        self.last = Some((price, quantity * u64::from(self.rules.volume_share_ppm) / 1_000_000));
        let first = aggressor.map_or(Side::Buy, Side::opposite);
        for side in [first, first.opposite()] {
            let waiting = (0..self.orders.len()).filter(|&at| self.orders[at].side == side);
            let waiting: Vec<usize> = waiting.filter(|&at| self.orders[at].limit.is_none()).collect();
            waiting.into_iter().for_each(|at| self.take(at));
        }
        let mut unit = 0;
        for side in [first, first.opposite()] {
            for at in self.limits(side) {
                let Order { limit, ahead, .. } = self.orders[at];
                let beyond = (limit.unwrap() - price) * side.sign();
                let at_price = beyond == 0 && aggressor != Some(side);
                if beyond > 0 {
                    self.count_units(at, &mut unit, 0, quantity);
                } else if let Some(ahead) = ahead.filter(|_| at_price) {
                    self.count_units(at, &mut unit, ahead, quantity);
                }
                let ahead = self.orders[at].ahead.as_mut();
                match ahead {
                    Some(ahead) if beyond > 0 => *ahead = 0,
                    Some(ahead) if at_price => *ahead = ahead.saturating_sub(quantity),
                    _ => {}
                }
            }
        }
        self.orders.retain(|order| order.leaves > 0);
    }

    /// Gives an order the units of a trade one by one, from the first one that it may have.
    fn count_units(&mut self, at: usize, unit: &mut u64, ahead: u64, quantity: u64) {
        let (price, mut got) = (self.orders[at].limit.unwrap(), 0);
        let (last, mut left) = self.last.unwrap();
        let mut next = ahead.max(*unit);
        while next < quantity && left > 0 && got < self.orders[at].leaves {
            (next, left, got) = (next + 1, left - 1, got + 1);
            *unit = next;
        }
        self.last = Some((last, left));
        if got > 0 {
            self.fill(at, price, got);
        }
    }

    fn order(&mut self, order: Order, time_in_force: TimeInForce) {
        let at = self.orders.len();
        self.orders.push(order);
        let mut whole = Self { rules: self.rules, orders: vec![order], last: self.last, fills: Vec::new() };
        whole.take(0);
        if time_in_force != TimeInForce::Fok || whole.orders[0].leaves == 0 {
            self.take(at);
        }
        if !time_in_force.rests() {
            self.orders.truncate(at);
        }
        self.orders.retain(|order| order.leaves > 0);
    }

    fn nth(&self, nth: usize) -> Option<Order> {
        self.orders.get(nth % self.orders.len().max(1)).copied()
    }

    fn amend(&mut self, order: Order, price: i64, leaves: u64) {
        let at = self.orders.iter().position(|other| other.id == order.id).unwrap();
        let limit = order.limit.map(|_| price);
        if limit == order.limit && leaves <= order.leaves {
            self.orders[at].leaves = leaves;
            return;
        }
        self.orders.remove(at);
        self.order(Order { limit, leaves, ahead: self.rules.queue, ..order }, TimeInForce::Gtc);
    }
}

/// The simulator and the model side by side.
struct Pair {
    desk: Desk,
    model: Model,
}

impl Pair {
    fn new(rules: TradeRules) -> Self {
        let desk = Desk::new(Config { trades: rules, ..config(Data::Trades) });
        Self { desk, model: Model { rules, orders: Vec::new(), last: None, fills: Vec::new() } }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Trade(price, quantity, aggressor) => {
                self.desk.print(price, quantity, aggressor);
                self.model.trade(price, quantity, aggressor);
            }
            Step::Order(side, limit, quantity, time_in_force) => {
                let id = self.desk.send(|order| {
                    (order.side, order.quantity, order.time_in_force) = (side, Qty(quantity), time_in_force);
                    order.order_type = if limit.is_some() { OrderType::Limit } else { OrderType::Market };
                    order.price = Price(limit.unwrap_or_default());
                });
                let ahead = self.model.rules.queue;
                self.model.order(Order { id, side, limit, leaves: quantity, filled: 0, ahead }, time_in_force);
            }
            Step::Cancel(nth) => {
                if let Some(order) = self.model.nth(nth) {
                    self.desk.cancel(order.id);
                    self.model.orders.retain(|other| other.id != order.id);
                }
            }
            Step::Amend(nth, price, quantity) => {
                if let Some(order) = self.model.nth(nth) {
                    self.desk.amend(order.id, price, order.filled + quantity);
                    self.model.amend(order, price, quantity);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(property(400))]

    /// Every fill is the model's, and so is what is ahead of every limit after every step.
    #[test]
    fn fuzz_fills_are_those_of_a_naive_model(steps in prop::collection::vec(step(), 1..200), rules in rules()) {
        let mut pair = Pair::new(rules);
        for step in steps {
            pair.step(step);
            prop_assert_eq!(pair.desk.fills(), core::mem::take(&mut pair.model.fills), "after {:?}", step);
            for order in &pair.model.orders {
                prop_assert_eq!(pair.desk.leaves(order.id), Some(order.leaves));
                if order.limit.is_some() {
                    prop_assert_eq!(pair.desk.ahead(order.id), order.ahead);
                }
            }
        }
    }

    /// All our orders together never get more of a trade than its share, and none trades beyond its limit.
    #[test]
    fn fuzz_each_unit_is_given_once(steps in prop::collection::vec(step(), 1..200), rules in rules()) {
        let (mut pair, mut most, mut got, mut made) = (Pair::new(rules), 0, 0, 0);
        for step in steps {
            if let Step::Trade(_, quantity @ 1.., _) = step {
                (most, got) = (quantity * u64::from(rules.volume_share_ppm) / 1_000_000, 0);
            }
            pair.step(step);
            for fill in pair.desk.reports().iter().filter(|report| report.is_fill()) {
                got += fill.last_quantity.0;
                made += if fill.liquidity == Liquidity::Maker { fill.last_quantity.0 } else { 0 };
                let within = fill.side.sign() * (fill.price.0 - fill.last_price.0) >= 0;
                prop_assert!(within || fill.order_type == OrderType::Market, "{:?}", fill);
            }
            prop_assert!(got <= most, "{} given of {} after {:?}", got, most, step);
            prop_assert_eq!(pair.desk.venue.statistics().given.0, made);
        }
    }
}
