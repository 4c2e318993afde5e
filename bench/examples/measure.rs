//! Prints the figures of the parts whose names begin with one of the arguments:
//! `cargo run --release -p omni-bench --example measure -- match.w1 risk`.

fn main() -> Result<(), omni_bench::Failure> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |part: &&&str| asked.is_empty() || asked.iter().any(|prefix| part.starts_with(prefix.as_str()));
    for part in omni_bench::GROUPS.iter().filter(wanted) {
        for figure in omni_bench::measure(part)? {
            println!("{:>14.2} {}", figure.value, figure.name);
        }
    }
    Ok(())
}
