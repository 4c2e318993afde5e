//! Nothing lost: engine and journal on a disk that fails in every way, a seed for each run.
//!
//! `OMNI_SEEDS` says how many seeds are tried over all, and `OMNI_SEED` the first. A seed that fails is told with the
//! command that replays it.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

mod ledger;
mod market;
mod recovery;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use omni_types::testing::number;
use world::{Outcome, Report, World};

/// Seeds usually tried, over the tests that share them.
const SEEDS: u64 = 1_000;
const SHARES: u64 = 8;

/// Runs a seed; where it fails, says how to see it again.
fn run(seed: u64) -> Report {
    let ended = catch_unwind(AssertUnwindSafe(|| World::new(seed).run(seed)));
    ended.unwrap_or_else(|failure| {
        println!("seed {seed} failed; again: OMNI_SEED={seed} cargo test -p omni-node --test lossless one_seed -- --nocapture");
        resume_unwind(failure)
    })
}

/// Runs one share of the seeds.
fn share(at: u64) {
    let (first, seeds) = (number("OMNI_SEED", 1), number("OMNI_SEEDS", SEEDS));
    let (mut whole, mut inputs, mut acknowledged, mut taken, mut fills, mut lives, mut lost) = (0, 0, 0, 0, 0, 0, 0);
    let mine = (first + at..first + seeds).step_by(SHARES as usize);
    let count = mine.clone().count();
    for seed in mine {
        let report = run(seed);
        whole += u64::from(report.outcome == Outcome::Whole);
        inputs += report.inputs;
        acknowledged += report.acknowledged;
        taken += report.taken;
        fills += report.fills;
        lives += report.lives;
        lost += report.lost;
    }
    println!(
        "OMNI_SEED={first} OMNI_SEEDS={seeds}: {count} here, {whole} whole, {inputs} inputs, {acknowledged} reports \
         acknowledged, {taken} orders, {fills} fills, {lives} lives, {lost} lost by modes or disks that may"
    );
    assert!(count < 20 || (whole * 2 > count as u64 && taken > 0 && fills > 0), "most runs are whole");
}

macro_rules! shares {
    ($($name:ident = $at:literal,)*) => {$(
        #[test]
        fn $name() {
            share($at);
        }
    )*};
}

shares! {
    seeds_a = 0,
    seeds_b = 1,
    seeds_c = 2,
    seeds_d = 3,
    seeds_e = 4,
    seeds_f = 5,
    seeds_g = 6,
    seeds_h = 7,
}

#[test]
fn one_seed() {
    println!("{:?}", run(number("OMNI_SEED", 1)));
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 1..=12 {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
    assert_ne!(run(1).trace, run(2).trace);
}
