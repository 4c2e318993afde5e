//! Writes the one-book workload where peers can read it: `stream FOLDER` makes `w1.bin`, 24 bytes a message, and
//! `w1.itch`, the feed that results, and prints the trades and volume that every engine must make of it.

use std::path::PathBuf;

use omni_bench::workload::W1;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let messages: Vec<u8> = W1.generate().iter().flat_map(|message| message.to_bytes()).collect();
    std::fs::write(folder.join("w1.bin"), messages)?;
    std::fs::write(folder.join("w1.itch"), W1.generate_itch())?;
    println!("{} {}", W1.trades, W1.volume);
    Ok(())
}
