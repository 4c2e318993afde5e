//! Prints the figures of the parts whose names begin with one of the arguments:
//! `cargo run --release -p omni-bench --example measure -- match.w1 risk`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |part: &&&str| asked.is_empty() || asked.iter().any(|prefix| part.starts_with(prefix.as_str()));
    let mut code = ExitCode::SUCCESS;
    for part in omni_bench::GROUPS.iter().filter(wanted) {
        match omni_bench::measure(part) {
            Ok(measured) => {
                measured.figures.iter().for_each(|figure| println!("{:>14.2} {}", figure.value, figure.name))
            }
            Err(reason) => {
                eprintln!("{part} has no figures: {reason}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
