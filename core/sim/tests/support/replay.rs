//! A naive order-by-order simulation: two lists, searched from the front every time.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

use omni_sim::historical::Reach;
use omni_types::Side;

/// A recorded order or one of ours; its position in its list is its time priority.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub number: u64,
    pub side: Side,
    pub price: i64,
    pub leaves: u64,
    pub filled: u64,
    /// Of a recorded order: what ours took of it.
    taken: u64,
    stamp: u64,
}

pub struct Replay {
    reach: Reach,
    recorded: Vec<Order>,
    own: Vec<Order>,
    stamp: u64,
    pub crossed: bool,
    pub fills: Vec<(u64, i64, u64)>,
}

/// Positions of a side's orders, best price first, then by time.
fn ranked(orders: &[Order], side: Side) -> Vec<usize> {
    let mut at: Vec<usize> = (0..orders.len()).filter(|&at| orders[at].side == side).collect();
    at.sort_by_key(|&at| (-orders[at].price * side.sign(), orders[at].stamp));
    at
}

impl Replay {
    pub fn new(reach: Reach) -> Self {
        Self { reach, recorded: Vec::new(), own: Vec::new(), stamp: 0, crossed: false, fills: Vec::new() }
    }

    pub fn own(&self) -> &[Order] {
        &self.own
    }

    pub fn nth_recorded(&self, nth: usize) -> Option<Order> {
        self.recorded.get(nth % self.recorded.len().max(1)).copied()
    }

    pub fn nth_own(&self, nth: usize) -> Option<Order> {
        self.own.get(nth % self.own.len().max(1)).copied()
    }

    pub fn first_recorded(&self, side: Side) -> Option<Order> {
        ranked(&self.recorded, side).first().map(|&at| self.recorded[at])
    }

    pub fn ahead(&self, order: &Order) -> u64 {
        self.queue_ahead(order).map(|other| other.leaves).sum()
    }

    fn queue_ahead(&self, order: &Order) -> impl Iterator<Item = &Order> {
        let (side, price, stamp) = (order.side, order.price, order.stamp);
        self.recorded.iter().filter(move |o| o.side == side && o.price == price && o.stamp < stamp)
    }

    fn next_stamp(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }

    pub fn add(&mut self, number: u64, side: Side, price: i64, leaves: u64) {
        let stamp = self.next_stamp();
        self.recorded.push(Order { number, side, price, leaves, filled: 0, taken: 0, stamp });
        self.look();
    }

    pub fn reduce(&mut self, number: u64, quantity: u64) {
        self.shrink(number, quantity);
        self.look();
    }

    fn shrink(&mut self, number: u64, quantity: u64) {
        let order = self.recorded.iter_mut().find(|order| order.number == number).unwrap();
        order.leaves -= quantity;
        order.taken = order.taken.min(order.leaves);
        self.recorded.retain(|order| order.leaves > 0);
    }

    pub fn modify(&mut self, number: u64, price: i64, leaves: u64) {
        let stamp = self.next_stamp();
        let order = self.recorded.iter_mut().find(|order| order.number == number).unwrap();
        if order.price != price || leaves > order.leaves {
            order.stamp = stamp;
        }
        (order.price, order.leaves, order.taken) = (price, leaves, order.taken.min(leaves));
        self.look();
    }

    pub fn execute(&mut self, number: u64, quantity: u64) {
        let hit = *self.recorded.iter().find(|order| order.number == number).unwrap();
        let mut free = quantity - hit.taken.min(quantity);
        for side in [hit.side, hit.side.opposite()] {
            for at in ranked(&self.own, side) {
                let mine = self.own[at];
                let through = (mine.price - hit.price) * side.sign() > 0;
                let turn = mine.price == hit.price && self.queue_ahead(&mine).count() == 0;
                if !self.crossed && free > 0 && (through || turn) {
                    let part = free.min(mine.leaves);
                    free -= part;
                    self.fill(at, mine.price, part);
                }
            }
        }
        self.own.retain(|order| order.leaves > 0);
        self.recorded.iter_mut().find(|order| order.number == number).unwrap().taken -= hit.taken.min(quantity);
        self.shrink(number, quantity);
        self.look();
    }

    fn fill(&mut self, at: usize, price: i64, quantity: u64) {
        let order = &mut self.own[at];
        (order.leaves, order.filled) = (order.leaves - quantity, order.filled + quantity);
        self.fills.push((order.number, price, quantity));
    }

    /// Takes displayed units up to a limit, and returns how much at each price.
    fn take(&mut self, side: Side, limit: i64, mut wanted: u64) -> Vec<(i64, u64)> {
        let mut got: Vec<(i64, u64)> = Vec::new();
        for at in ranked(&self.recorded, side.opposite()) {
            let order = &mut self.recorded[at];
            if (limit - order.price) * side.sign() < 0 {
                break;
            }
            let part = wanted.min(order.leaves - order.taken);
            order.taken += part;
            wanted -= part;
            match got.last_mut() {
                Some((price, sum)) if *price == order.price => *sum += part,
                _ => got.push((order.price, part)),
            }
        }
        got.retain(|(_, quantity)| *quantity > 0);
        got
    }

    fn look(&mut self) {
        let best = |side| self.first_recorded(side).map(|order| order.price);
        self.crossed = matches!((best(Side::Buy), best(Side::Sell)), (Some(bid), Some(ask)) if bid >= ask);
        if self.crossed || self.reach == Reach::Executions {
            return;
        }
        for side in Side::BOTH {
            for at in ranked(&self.own, side) {
                let mine = self.own[at];
                let limit = if self.reach == Reach::Touch { mine.price } else { mine.price - side.sign() };
                let got: u64 = self.take(side, limit, mine.leaves).iter().map(|(_, part)| part).sum();
                if got > 0 {
                    self.fill(at, mine.price, got);
                }
            }
            self.own.retain(|order| order.leaves > 0);
        }
    }

    pub fn limit(&mut self, number: u64, side: Side, price: i64, leaves: u64) {
        let stamp = self.next_stamp();
        self.enter(Order { number, side, price, leaves, filled: 0, taken: 0, stamp });
    }

    fn enter(&mut self, order: Order) {
        self.own.push(order);
        let at = self.own.len() - 1;
        if !self.crossed {
            for (price, part) in self.take(order.side, order.price, order.leaves) {
                self.fill(at, price, part);
            }
        }
        self.own.retain(|order| order.leaves > 0);
    }

    pub fn cancel(&mut self, number: u64) {
        self.own.retain(|order| order.number != number);
    }

    /// Amends to `leaves` still open.
    pub fn amend(&mut self, number: u64, price: i64, leaves: u64) {
        let at = self.own.iter().position(|order| order.number == number).unwrap();
        if self.own[at].price == price && leaves <= self.own[at].leaves {
            self.own[at].leaves = leaves;
            return;
        }
        let stamp = self.next_stamp();
        let old = self.own.remove(at);
        self.enter(Order { price, leaves, stamp, ..old });
    }
}
