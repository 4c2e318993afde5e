//! Holds generated days to the statistics of real ones, over 20 seeds on the real exchange.

use omni_sim::flow::FlowConfig;
use omni_sim::stylised::cancel_share;

#[path = "support/day.rs"]
mod day;
#[path = "support/facts.rs"]
#[allow(dead_code, reason = "the plots show more than the bounds need")]
mod facts;

use day::{Day, END, START};
use facts::{Facts, ratios};

const SEEDS: std::ops::Range<u64> = 0..20;
/// Enough that a statistic over all of them isn't the luck of one, few enough to run 20 whole days.
const INSTRUMENTS: usize = 24;

/// Collects what is out of bounds, so that one run shows all of it.
#[derive(Default)]
struct Bounds {
    broken: Vec<String>,
}

impl Bounds {
    fn hold(&mut self, what: &str, value: f64, low: f64, high: f64) {
        if !(low..=high).contains(&value) {
            self.broken.push(format!("{what} is {value:.4}, expected {low} to {high}"));
        }
    }
}

#[test]
fn days_are_like_real_ones() {
    let mut broken = Vec::new();
    for seed in SEEDS {
        let day = day::run(FlowConfig::day(seed, START, END, INSTRUMENTS), INSTRUMENTS);
        let mut bounds = Bounds::default();
        hold_statistics(&day, &mut bounds);
        hold_sanity(&day, &mut bounds);
        broken.extend(bounds.broken.into_iter().map(|text| format!("seed {seed}: {text}")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn hold_statistics(day: &Day, bounds: &mut Bounds) {
    let facts = Facts::new(&day.tapes);
    bounds.hold("Hill index of one-minute returns", facts.hill, 2.5, 5.0);
    for (lag, &value) in (1..).zip(&facts.absolute) {
        bounds.hold(&format!("autocorrelation of absolute returns at lag {lag}"), value, f64::MIN_POSITIVE, 1.0);
    }
    bounds.hold("exponent of order signs", facts.sign_exponent, 0.3, 0.8);
    for (lag, &value) in (2..).zip(&facts.returns[1..]) {
        bounds.hold(&format!("autocorrelation of returns at lag {lag}"), value, -0.1, 0.1);
    }
    let (orders, trades) = (ratios(&day.orders_per_minute), ratios(&day.trades_per_minute));
    for (what, ratio) in [
        ("orders, open", orders.0),
        ("orders, close", orders.1),
        ("trades, open", trades.0),
        ("trades, close", trades.1),
    ] {
        bounds.hold(&format!("{what} beside midday"), ratio, 1.5, 6.0);
    }
    bounds.hold("share of orders cancelled", cancel_share(day.limits, day.cancelled), 0.80, 0.98);
}

fn hold_sanity(day: &Day, bounds: &mut Bounds) {
    let looks: u64 = day.spreads.values().sum();
    let usual: u64 = day.spreads.range(1..=5).map(|(_, count)| count).sum();
    bounds.hold("share of spreads of 1 to 5 ticks", usual as f64 / looks as f64, 0.9, 1.0);
    bounds.hold("missing sides", day.spreads.get(&0).map_or(0.0, |&count| count as f64), 0.0, 0.0);
    bounds.hold("commands", day.commands as f64, 0.95 * 960_000.0, 1.05 * 960_000.0);
    let peak = (0..day.depth.len()).max_by_key(|&ticks| day.depth[ticks]).unwrap_or_default();
    bounds.hold("ticks from the best bid to the most quantity", peak as f64, 1.0, 6.0);
    // In lock-step the flow knows every order's end, so no cancel is too late and nothing is out of bounds.
    let late = [
        omni_types::Refusal::UnknownOrder,
        omni_types::Refusal::InvalidPrice,
        omni_types::Refusal::InvalidQuantity,
        omni_types::Refusal::WouldTrade,
        omni_types::Refusal::DuplicateClientOrderId,
        omni_types::Refusal::OrderCapacity,
    ];
    for reason in late {
        bounds.hold(&format!("{reason:?}"), day.refusals.get(&reason).map_or(0.0, |&count| count as f64), 0.0, 0.0);
    }
    assert_eq!(day.live.0, day.live.1, "the flow knows exactly what is live");
}
