//! Prints the statistics of a day as JSON, for `scripts/plot_generated_day.py`.
//!
//! `day generated INSTRUMENTS SEED` runs a generated day on the exchange. `day measured` reads recorded days from
//! standard input, one list of numbers a line: `mids` (a day's mid at each minute, which starts a new tape), `signs`
//! (its order signs), `trades` (its trades of each minute). `day speed INSTRUMENTS SEED` times the generator.

use std::error::Error;
use std::io::BufRead;

use omni_sim::flow::{FlowCommand, FlowConfig, universe};
use omni_sim::stylised::cancel_share;
use omni_types::{Event, ExecutionReport};

#[path = "../tests/support/day.rs"]
mod day;
#[path = "../tests/support/facts.rs"]
mod facts;

use day::{Day, END, START, Tape, View};
use facts::{Facts, ratios};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["generated", instruments, seed] => generated(instruments.parse()?, seed.parse()?),
        ["measured"] => measured()?,
        ["speed", instruments, seed] => speed(instruments.parse()?, seed.parse()?)?,
        _ => return Err("expected: generated INSTRUMENTS SEED | measured | speed INSTRUMENTS SEED".into()),
    }
    Ok(())
}

fn generated(instruments: usize, seed: u64) {
    let day = day::run(FlowConfig::day(seed, START, END, instruments), instruments);
    let share = cancel_share(day.limits, day.cancelled);
    println!("{{{}, {}, \"cancel_share\": {share:.4}}}", facts_json(&day.tapes, &day.trades_per_minute), counts(&day));
}

fn counts(day: &Day) -> String {
    let orders = ratios(&day.orders_per_minute);
    let refusals: Vec<_> = day.refusals.iter().map(|(reason, count)| format!("\"{reason:?}\": {count}")).collect();
    let spreads: Vec<_> = day.spreads.iter().map(|(ticks, count)| format!("\"{ticks}\": {count}")).collect();
    format!(
        "\"orders_open\": {:.3}, \"orders_close\": {:.3}, \"commands\": {}, \"limits\": {}, \"takes\": {}, \
         \"cancels\": {}, \"amends\": {}, \"cancelled\": {}, \"filled\": {}, \"matches\": {}, \"live\": [{}, {}], \
         \"refusals\": {{{}}}, \"spreads\": {{{}}}, \"depth\": {:?}",
        orders.0,
        orders.1,
        day.commands,
        day.limits,
        day.takes,
        day.cancels,
        day.amends,
        day.cancelled,
        day.filled,
        day.trades,
        day.live.0,
        day.live.1,
        refusals.join(", "),
        spreads.join(", "),
        day.depth,
    )
}

fn measured() -> Result<(), Box<dyn Error>> {
    let mut tapes: Vec<Tape> = Vec::new();
    let mut trades: Vec<f64> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default();
        let numbers = words.map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        match name {
            "mids" => tapes.push(Tape { mids: numbers, signs: Vec::new() }),
            "signs" => tapes.last_mut().ok_or("signs come after their day's mids")?.signs = numbers,
            "trades" => trades = numbers,
            other => return Err(format!("expected mids, signs or trades, found {other:?}").into()),
        }
    }
    println!("{{{}}}", facts_json(&tapes, &trades));
    Ok(())
}

fn facts_json(tapes: &[Tape], trades_per_minute: &[f64]) -> String {
    let facts = Facts::new(tapes);
    let trades = ratios(trades_per_minute);
    let returns: usize = tapes.iter().map(|tape| tape.mids.len().saturating_sub(1)).sum();
    let signs: usize = tapes.iter().map(|tape| tape.signs.len()).sum();
    format!(
        "\"returns_count\": {returns}, \"signs_count\": {signs}, \"hill\": {:.3}, \"tail\": {:.4?}, \
         \"absolute\": {:.5?}, \"returns\": {:.5?}, \"signs\": {:.5?}, \"sign_exponent\": {:.3}, \
         \"trades_open\": {:.3}, \"trades_close\": {:.3}, \"trades_per_minute\": {:?}",
        facts.hill,
        tail(&facts.minutes),
        facts.absolute,
        facts.returns,
        facts.signs,
        facts.sign_exponent,
        trades.0,
        trades.1,
        trades_per_minute,
    )
}

/// Returns the sizes that 10^-(i/8) of the returns exceed, for i from 0, as far as five returns are beyond.
fn tail(returns: &[f64]) -> Vec<f64> {
    let mut sizes: Vec<f64> = returns.iter().map(|r| r.abs()).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    (0..)
        .map(|i| (sizes.len() as f64 * 10_f64.powf(-f64::from(i) / 8.0)) as usize)
        .take_while(|&beyond| beyond >= 5)
        .map(|beyond| sizes[beyond - 1])
        .collect()
}

/// Times the generator in blocks: the exchange with it, less a second exchange fed the same commands from memory.
fn speed(instruments: usize, seed: u64) -> Result<(), Box<dyn Error>> {
    let config = FlowConfig::day(seed, START, END, instruments);
    let listings = universe(seed, instruments)?;
    let (mut exchange, mut flow) = day::open(config, &listings);
    let (mut second, _) = day::open(config, &listings);
    let mut reports = Vec::with_capacity(1024);
    let mut block: Vec<FlowCommand> = Vec::with_capacity(BLOCK);
    let (mut commands, mut flow_ns, mut exchange_ns) = (0, 0.0, 0.0);
    loop {
        block.clear();
        let start = cpu_ns()?;
        while block.len() < BLOCK
            && let Some(command) = flow.next(&View(&exchange))
        {
            day::apply(&mut exchange, &command, &mut |event| keep(event, &mut reports));
            reports.drain(..).for_each(|report| flow.on_report(&report));
            block.push(command);
        }
        let middle = cpu_ns()?;
        for command in &block {
            day::apply(&mut second, command, &mut |event| keep(event, &mut reports));
            reports.clear();
        }
        let end = cpu_ns()?;
        exchange_ns += end - middle;
        flow_ns += (middle - start) - (end - middle);
        commands += block.len();
        if block.is_empty() {
            break;
        }
    }
    let each = |total: f64| total / commands as f64;
    println!(
        "{{\"commands\": {commands}, \"flow_ns\": {:.1}, \"exchange_ns\": {:.1}, \"flow_bytes\": {}}}",
        each(flow_ns),
        each(exchange_ns),
        flow.reserved_bytes(),
    );
    Ok(())
}

/// Commands timed at once.
const BLOCK: usize = 4_096;

fn keep(event: &Event, reports: &mut Vec<ExecutionReport>) {
    if let Event::Report(report) = event {
        reports.push(*report);
    }
}

/// Returns the time that this thread has run on a processor, in nanoseconds, as Linux counts it.
fn cpu_ns() -> Result<f64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().ok_or("schedstat is empty")?.parse()?)
}
