//! Prints the cost of one update of every indicator, alone and over columns, in nanoseconds of processor time.
//!
//! `cargo run --release -p omni-signals --example update`

use omni_signals::{
    Adx, Atr, Bollinger, Ema, Indicator, Macd, Rsi, Sma, StdDev, Stochastic, Wma, batch_into, catalogue,
};
use std::{hint::black_box, time::Instant};

const ROWS: usize = 1_000_000;
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let columns = columns();
    let close = columns[2].as_slice();
    println!("{:<12} {:>10}", "struct", "update_ns");
    let mut sma = Sma::new(20)?;
    row("sma 20", best(|| close.iter().for_each(|&x| _ = black_box(sma.update(x)))));
    let mut ema = Ema::new(20)?;
    row("ema 20", best(|| close.iter().for_each(|&x| _ = black_box(ema.update(x)))));
    let mut wma = Wma::new(20)?;
    row("wma 20", best(|| close.iter().for_each(|&x| _ = black_box(wma.update(x)))));
    let mut rsi = Rsi::new(14)?;
    row("rsi 14", best(|| close.iter().for_each(|&x| _ = black_box(rsi.update(x)))));
    let mut macd = Macd::new(12, 26, 9)?;
    row("macd", best(|| close.iter().for_each(|&x| _ = black_box(macd.update(x)))));
    let mut stddev = StdDev::new(20)?;
    row("stddev 20", best(|| close.iter().for_each(|&x| _ = black_box(stddev.update(x)))));
    let mut bands = Bollinger::new(20, 2.0)?;
    row("bollinger", best(|| close.iter().for_each(|&x| _ = black_box(bands.update(x)))));
    bars(&columns)?;
    by_name(&columns)
}

fn bars([high, low, close, _]: &[Vec<f64>; 4]) -> Result<(), Box<dyn std::error::Error>> {
    let rows = || high.iter().zip(low).zip(close).map(|((&high, &low), &close)| (high, low, close));
    let mut atr = Atr::new(14)?;
    row("atr 14", best(|| rows().for_each(|(h, l, c)| _ = black_box(atr.update(h, l, c)))));
    let mut adx = Adx::new(14)?;
    row("adx 14", best(|| rows().for_each(|(h, l, c)| _ = black_box(adx.update(h, l, c)))));
    let mut stochastic = Stochastic::new(14, 3, 3)?;
    row("stochastic", best(|| rows().for_each(|(h, l, c)| _ = black_box(stochastic.update(h, l, c)))));
    Ok(())
}

fn by_name(columns: &[Vec<f64>; 4]) -> Result<(), Box<dyn std::error::Error>> {
    println!("\n{:<12} {:>10} {:>10}", "by name", "update_ns", "batch_ns");
    for entry in catalogue() {
        let parameters: Vec<f64> = entry.parameters.iter().map(|p| p.default.unwrap_or(20.0)).collect();
        let inputs: Vec<&[f64]> = entry.inputs.iter().map(|name| columns[place(name)].as_slice()).collect();
        let mut outputs = vec![vec![0.0; ROWS]; entry.outputs.len()];
        let mut slices: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
        let mut indicator = Indicator::new(entry.name, &parameters)?;
        let rows: Vec<f64> = (0..ROWS).flat_map(|i| inputs.iter().map(move |column| column[i])).collect();
        let single = best(|| rows.chunks_exact(inputs.len()).for_each(|cells| _ = black_box(indicator.update(cells))));
        let whole = best(|| _ = black_box(batch_into(entry.name, &parameters, &inputs, &mut slices)));
        println!("{:<12} {single:>10.2} {whole:>10.2}", entry.name);
    }
    Ok(())
}

fn place(name: &str) -> usize {
    ["high", "low", "close", "volume"].iter().position(|&column| column == name).unwrap_or(2)
}

fn row(name: &str, nanoseconds: f64) {
    println!("{name:<12} {nanoseconds:>10.2}");
}

/// Returns the fastest round's nanoseconds per row.
fn best(mut run: impl FnMut()) -> f64 {
    let round = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() as f64 / ROWS as f64
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

/// Returns a random walk as high, low, close and volume.
fn columns() -> [Vec<f64>; 4] {
    let mut state = 7_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut close = 100.0;
    let mut columns = [const { Vec::new() }; 4];
    for _ in 0..ROWS {
        close = (close + uniform() - 0.5_f64).max(1.0);
        let bar = [close + uniform(), close - uniform(), close, (uniform() * 1000.0).floor()];
        columns.iter_mut().zip(bar).for_each(|(column, value)| column.push(value));
    }
    columns
}
