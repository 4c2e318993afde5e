//! The order-by-order simulation against a naive model that keeps every queue as a list.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

#[path = "support/desk.rs"]
mod desk;
#[path = "support/replay.rs"]
mod replay;

use desk::{Desk, config};
use omni_sim::historical::{Config, Data, Reach};
use omni_types::testing::property;
use omni_types::{Liquidity, Side};
use proptest::prelude::*;
use replay::Replay;

/// A step of a random session over few prices and few orders, so that they meet often.
#[derive(Clone, Copy, Debug)]
enum Step {
    Add(Side, i64, u64),
    Reduce(usize, u64),
    Modify(usize, i64, u64),
    /// A recorded aggressor of this side takes what stands first, up to a quantity.
    Aggress(Side, u64),
    /// An execution of an order wherever it stands.
    Execute(usize, u64),
    Limit(Side, i64, u64),
    Cancel(usize),
    Amend(usize, i64, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let side = || prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let (price, quantity, pick) = (|| 95..105_i64, || 1..12_u64, || 0..40_usize);
    prop_oneof![
        5 => (side(), 0..6_i64, quantity()).prop_map(|(side, away, quantity)| {
            Step::Add(side, if side == Side::Buy { 100 - away } else { 100 + away }, quantity)
        }),
        1 => (side(), price(), quantity()).prop_map(|(s, p, q)| Step::Add(s, p, q)),
        3 => (pick(), quantity()).prop_map(|(n, q)| Step::Reduce(n, q)),
        2 => (pick(), price(), quantity()).prop_map(|(n, p, q)| Step::Modify(n, p, q)),
        4 => (side(), quantity()).prop_map(|(s, q)| Step::Aggress(s, q)),
        1 => (pick(), quantity()).prop_map(|(n, q)| Step::Execute(n, q)),
        4 => (side(), price(), quantity()).prop_map(|(s, p, q)| Step::Limit(s, p, q)),
        2 => pick().prop_map(Step::Cancel),
        2 => (pick(), price(), quantity()).prop_map(|(n, p, q)| Step::Amend(n, p, q)),
    ]
}

/// The simulator and the model side by side.
struct Pair {
    desk: Desk,
    model: Replay,
    references: u64,
    sent: u64,
}

impl Pair {
    fn new(reach: Reach) -> Self {
        Self {
            desk: Desk::new(Config { reach, ..config(Data::Orders) }),
            model: Replay::new(reach),
            references: 0,
            sent: 0,
        }
    }

    fn execute(&mut self, reference: u64, quantity: u64) {
        self.desk.execute(reference, quantity);
        self.model.execute(reference, quantity);
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Add(side, price, quantity) => {
                self.references += 1;
                self.desk.add(self.references, side, price, quantity);
                self.model.add(self.references, side, price, quantity);
            }
            Step::Reduce(nth, quantity) => {
                if let Some(order) = self.model.nth_recorded(nth) {
                    self.desk.reduce(order.number, quantity.min(order.leaves));
                    self.model.reduce(order.number, quantity.min(order.leaves));
                }
            }
            Step::Modify(nth, price, quantity) => {
                if let Some(order) = self.model.nth_recorded(nth) {
                    self.desk.modify(order.number, order.side, price, quantity);
                    self.model.modify(order.number, price, quantity);
                }
            }
            Step::Aggress(side, mut quantity) => {
                while let Some(first) = self.model.first_recorded(side.opposite()).filter(|_| quantity > 0) {
                    let part = first.leaves.min(quantity);
                    self.execute(first.number, part);
                    quantity -= part;
                }
            }
            Step::Execute(nth, quantity) => {
                if let Some(order) = self.model.nth_recorded(nth) {
                    self.execute(order.number, quantity.min(order.leaves));
                }
            }
            Step::Limit(side, price, quantity) => {
                self.sent += 1;
                self.desk.limit(side, price, quantity);
                self.model.limit(self.sent, side, price, quantity);
            }
            Step::Cancel(nth) => {
                if let Some(order) = self.model.nth_own(nth) {
                    self.desk.cancel(order.number);
                    self.model.cancel(order.number);
                }
            }
            Step::Amend(nth, price, quantity) => {
                if let Some(order) = self.model.nth_own(nth) {
                    self.desk.amend(order.number, price, order.filled + quantity);
                    self.model.amend(order.number, price, quantity);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(property(400))]

    /// Every fill is the model's, and the books agree after every step.
    #[test]
    fn fuzz_fills_are_those_of_a_naive_replay(
        steps in proptest::collection::vec(step(), 1..250),
        reach in prop_oneof![Just(Reach::Executions), Just(Reach::Through), Just(Reach::Touch)],
    ) {
        let mut pair = Pair::new(reach);
        for step in steps {
            let crossed = pair.model.crossed;
            pair.step(step);
            let fills = pair.desk.fills();
            prop_assert_eq!(&fills, &core::mem::take(&mut pair.model.fills), "after {:?}", step);
            // Within a step the book is looked at once, so a fill needs an uncrossed book before or after it.
            prop_assert!(fills.is_empty() || !crossed || !pair.model.crossed);
            for order in pair.model.own() {
                prop_assert_eq!(pair.desk.leaves(order.number), Some(order.leaves));
                prop_assert_eq!(pair.desk.ahead(order.number), Some(pair.model.ahead(order)));
            }
        }
    }

    /// What resting orders get is never more than was executed, what is taken never more than was displayed, and every
    /// fill is at the order's limit or better.
    #[test]
    fn fuzz_quantity_is_conserved(steps in proptest::collection::vec(step(), 1..250)) {
        let mut pair = Pair::new(Reach::Executions);
        let (mut executed, mut displayed, mut made, mut taken) = (0, 0, 0, 0);
        for step in steps {
            match step {
                Step::Add(_, _, quantity) => displayed += quantity,
                // A modify may display as much anew, beside what is carried of the old.
                Step::Modify(_, _, quantity) => displayed += quantity,
                _ => {}
            }
            pair.step(step);
            executed = pair.desk.venue.statistics().executed.0.max(executed);
            for report in pair.desk.reports().iter().filter(|report| report.is_fill()) {
                let quantity = report.last_quantity.0;
                if report.liquidity == Liquidity::Maker { made += quantity } else { taken += quantity }
                prop_assert!(report.side.sign() * (report.price.0 - report.last_price.0) >= 0);
                prop_assert_eq!(report.quantity.0, report.filled.0 + report.leaves.0);
            }
            prop_assert!(made <= executed, "{} given of {} executed", made, executed);
            prop_assert!(made + taken <= displayed, "{} given of {} displayed", made + taken, displayed);
            let found = pair.desk.venue.statistics();
            prop_assert_eq!((found.given.0, found.taken.0), (made, taken));
        }
    }
}
