//! Writes the first corpus of each target into the folder given: small valid files, inputs of every kind, every verb.

use std::error::Error;
use std::fs;
use std::path::Path;

use omni_fuzz::image::{valid_dbn, valid_itch};
use omni_fuzz::inputs::{any_input, input};
use omni_journal::record::{TEXT_MAX, encode};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// Records of generated inputs: enough for some of every kind.
const RECORDS: usize = 200;
const VERBS: [&str; 11] = [
    r#"{"id":1,"verb":"status"}"#,
    r#"{"id":1,"verb":"view"}"#,
    r#"{"id":1,"verb":"subscribe","hz":50}"#,
    r#"{"id":1,"verb":"watch","instruments":[7,3,7]}"#,
    r#"{"id":1,"verb":"kill","reason":" fire "}"#,
    r#"{"id":1,"verb":"resume","reason":"ok"}"#,
    r#"{"id":1,"verb":"stop"}"#,
    r#"{"id":1,"verb":"strategy.stop","session":2}"#,
    r#"{"id":1,"verb":"strategy.start","session":2}"#,
    r#"{"id":1,"verb":"speed","multiple":2.5}"#,
    r#"{"id":1,"verb":"speed","multiple":null}"#,
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: seeds FOLDER")?;
    let folder = Path::new(&folder);
    let (itch, dbn) = (valid_itch(), valid_dbn());
    write(folder, "itch", [itch.clone()])?;
    write(folder, "dbn", [dbn.clone()])?;
    write(folder, "file", [itch, dbn, compressed(&valid_dbn())])?;
    write(folder, "record", records()?)?;
    write(folder, "journal", [journal()?])?;
    write(folder, "control", VERBS.map(|line| line.as_bytes().to_vec()))
}

fn write(folder: &Path, target: &str, seeds: impl IntoIterator<Item = Vec<u8>>) -> Result<(), Box<dyn Error>> {
    let folder = folder.join(target);
    fs::create_dir_all(&folder)?;
    for (at, seed) in seeds.into_iter().enumerate() {
        fs::write(folder.join(format!("seed-{at:03}")), seed)?;
    }
    Ok(())
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn records() -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let mut runner = TestRunner::deterministic();
    let strategy = any_input();
    let mut seeds = Vec::with_capacity(RECORDS);
    for _ in 0..RECORDS {
        let input = strategy.new_tree(&mut runner).map_err(|reason| reason.to_string())?.current();
        let mut words = vec![0; TEXT_MAX / 8 + 16];
        // What has no form on the disk is no seed.
        if let Ok(length) = encode(&input, 0, &mut words) {
            seeds.push(bytes(&words[..length]));
        }
    }
    Ok(seeds)
}

/// Inputs 1 to 20 after the byte that asks for right check sums.
fn journal() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut seed = vec![0];
    for seq in 1..=20 {
        let mut words = [0; 32];
        let length = encode(&input(seq), 0, &mut words)?;
        seed.extend(bytes(&words[..length]));
    }
    Ok(seed)
}

fn bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_ne_bytes()).collect()
}
