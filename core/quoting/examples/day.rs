//! Runs generated days with the maker in them and prints what it did, per seed, and what a delivery costs.
//!
//! `cargo run --release -p omni-quoting --example day -- seeds=1,2,3 instruments=100 minutes=390 latency_us=0 skew=1.5`

use std::sync::{Arc, Mutex};

use omni_quoting::parameters;
use support::{Day, Tally, Timed, arguments};

#[path = "../tests/support/mod.rs"]
mod support;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (seeds, day) = arguments(std::env::args().skip(1))?;
    let params = day.params;
    for parameter in parameters() {
        print!("{}={} ", parameter.name, parameter.value(&params));
    }
    println!();
    for seed in seeds {
        let day = Day { seed, ..day };
        let spent_ns = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&spent_ns);
        let tally = day.run_with(|strategy| Box::new(Timed { strategy, spent_ns: shared }));
        print(seed, &tally);
        let mut spent_ns = core::mem::take(&mut *spent_ns.lock().map_err(|_| "a delivery panicked")?);
        spent_ns.sort_unstable();
        let part = |part: f64| spent_ns.get((spent_ns.len() as f64 * part) as usize).copied().unwrap_or_default();
        let (p50, p99, p999) = (part(0.5), part(0.99), part(0.999));
        println!("    {} deliveries, clock included: p50 {p50} p99 {p99} p99.9 {p999} ns", spent_ns.len());
    }
    Ok(())
}

fn print(seed: u64, tally: &Tally) {
    let Tally { placed, amended, cancelled, refused, too_late, fills, as_taker, .. } = tally;
    let [bought, sold] = tally.traded;
    let left: i64 = tally.left.iter().map(|quantity| quantity.abs()).sum();
    let basis_points = 1e4 * tally.pnl / tally.turnover.max(1.0);
    println!(
        "seed {seed}: new {placed} amend {amended} cancel {cancelled} refused {refused} too late {too_late} timers {} | fills {fills} (taker {as_taker}) \
         bought {bought} sold {sold} | pnl {:.0} USD, {basis_points:.3} bp of turnover, edge at fill {:.0} USD, after 10 s {:.0} USD | \
         position at most {}, left {left}",
        tally.timers, tally.pnl, tally.edge, tally.markout, tally.position_most
    );
}
