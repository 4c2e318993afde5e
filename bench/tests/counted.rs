//! The paths whose instructions are counted do the work that they are named after.

#![allow(clippy::unwrap_used)]

use omni_bench::{COUNTED, count};

#[test]
fn every_counted_path_does_its_work() {
    for path in COUNTED {
        let items = count(path).unwrap_or_else(|failure| panic!("{path}: {failure}"));
        assert!(items >= 50_000, "{path}: {items} items");
    }
}

#[test]
fn an_unknown_path_is_refused_with_those_there_are() {
    let failure = count("match.w2").unwrap_err();
    assert!(failure.0.contains("match.w2") && failure.0.contains("match.w1, match.w1.batched"), "{failure}");
}
