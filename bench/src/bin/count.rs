//! Does the work of one counted path and prints how many items it was; without an argument prints the paths.
//! `scripts/instructions.py` runs it under callgrind.

fn main() -> Result<(), omni_bench::Failure> {
    match std::env::args().nth(1) {
        Some(path) => println!("{}", omni_bench::count(&path)?),
        None => println!("{}", omni_bench::COUNTED.join("\n")),
    }
    Ok(())
}
