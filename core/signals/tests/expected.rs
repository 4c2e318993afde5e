//! Values of TA-Lib 0.8.2 on a seeded random walk; `expected.py` made the table and says how.

use omni_signals::{Indicator, batch, catalogue};

const ROWS: usize = 1000;
const TABLE: &str = include_str!("expected.csv");

/// SplitMix64, as in `expected.py`.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The walk of `expected.py`: high, low, close, volume.
fn walk() -> [Vec<f64>; 4] {
    let mut state = 20_240_102;
    let mut close = 100.0;
    let mut columns = [const { Vec::new() }; 4];
    for _ in 0..ROWS {
        let step = uniform(&mut state) * 2.0 - 1.0;
        if step.abs() >= 0.1 {
            close += step;
        }
        let (high, low) = (close + uniform(&mut state), close - uniform(&mut state));
        let bar = [high, low, close, (uniform(&mut state) * 1000.0).floor()];
        columns.iter_mut().zip(bar).for_each(|(column, value)| column.push(value));
    }
    columns
}

fn inputs(columns: &[Vec<f64>; 4], names: &[&str]) -> Vec<Vec<f64>> {
    let place = |name: &&str| ["high", "low", "close", "volume"].iter().position(|column| column == name).expect(name);
    names.iter().map(|name| columns[place(name)].clone()).collect()
}

/// The parameters that the table was made with.
fn parameters(name: &str) -> &'static [f64] {
    match name {
        "ema" | "max" | "min" | "sma" | "stddev" | "wma" => &[20.0],
        _ => &[],
    }
}

#[test]
fn every_output_of_the_catalogue_is_talibs() {
    let columns = walk();
    let mut lines = TABLE.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 107);
    for entry in catalogue() {
        let data = inputs(&columns, entry.inputs);
        let slices: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
        let outputs = batch(entry.name, parameters(entry.name), &slices).unwrap();
        for (column, output) in outputs.iter().zip(entry.outputs) {
            let title = format!("{}.{output}", entry.name);
            let place = header.iter().position(|name| *name == title).expect(&title);
            for row in &rows {
                compare(&title, row[0].parse().unwrap(), column, row[place]);
            }
        }
    }
}

fn compare(title: &str, row: usize, column: &[f64], cell: &str) {
    let found = column[row];
    if cell.is_empty() {
        assert!(found.is_nan(), "{title} gives {found} at row {row}, where TA-Lib still warms up");
        return;
    }
    let expected: f64 = cell.parse().expect(cell);
    // The table has twelve digits; differences of prices of about 100 lose a few of them.
    let tolerance = 1e-11 * expected.abs().max(1.0) + 5e-12;
    assert!((found - expected).abs() <= tolerance, "{title} at row {row}: expected {expected}, found {found}");
}

#[test]
fn streaming_is_batch_to_the_bit_and_lookback_says_when() {
    let columns = walk();
    for entry in catalogue() {
        let data = inputs(&columns, entry.inputs);
        let slices: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
        let outputs = batch(entry.name, parameters(entry.name), &slices).unwrap();
        let mut indicator = Indicator::new(entry.name, parameters(entry.name)).unwrap();
        for round in 0..2 {
            for row in 0..ROWS {
                let cells: Vec<f64> = data.iter().map(|column| column[row]).collect();
                let output = indicator.update(&cells).unwrap();
                assert_eq!(output, indicator.value());
                assert_eq!(output.is_some(), row >= indicator.lookback(), "{} at {row}, round {round}", entry.name);
                let Some(output) = output else { continue };
                let whole: Vec<f64> = outputs.iter().map(|column| column[row]).collect();
                assert_eq!(output.as_slice(), whole, "{} at {row}, round {round}", entry.name);
            }
            indicator.reset();
            assert_eq!(indicator.value(), None);
        }
    }
}
