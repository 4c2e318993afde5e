//! Random and mutated bytes: readers never panic, always end, and name a byte within the data.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

mod support;

use omni_types::testing::property;
use omni_wire::{dbn, itch};
use proptest::prelude::*;
use support::image::{valid_dbn, valid_itch};
use support::walk::{dbn_both, itch_all, opened};

fn everything(bytes: &[u8]) {
    itch_all(bytes);
    dbn_both(bytes);
    opened(bytes);
}

#[test]
fn the_valid_images_are_valid() {
    let itch = valid_itch();
    assert_eq!(itch::Reader::new(&itch).read_all(|_| ()), Ok(14));
    let dbn = valid_dbn();
    let reader = dbn::Reader::new(&dbn).unwrap();
    assert_eq!(reader.metadata().unwrap().mappings[0].intervals.len(), 1);
    assert_eq!(reader.map(Result::unwrap).count(), 8);
    everything(&itch);
    everything(&dbn);
}

/// Overwrites bytes and cuts the end off.
fn mutate(mut bytes: Vec<u8>, changes: &[(usize, u8)], cut: usize) -> Vec<u8> {
    let length = bytes.len();
    changes.iter().for_each(|&(at, byte)| bytes[at % length] = byte);
    bytes.truncate(length - cut % length);
    bytes
}

proptest! {
    #![proptest_config(property(400))]

    #[test]
    fn fuzz_random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        everything(&bytes);
        everything(&[b"DBN\x01", &bytes[..]].concat());
        everything(&[b"DBN\x03\x64\0\0\0", &bytes[..]].concat());
        everything(&[&[0x28, 0xB5, 0x2F, 0xFD], &bytes[..]].concat());
        everything(&[&[0x1F, 0x8B, 8], &bytes[..]].concat());
    }

    #[test]
    fn fuzz_mutated_files(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..6), cut in any::<usize>()) {
        for valid in [valid_itch(), valid_dbn()] {
            everything(&mutate(valid.clone(), &changes, 0));
            everything(&mutate(valid.clone(), &changes, cut));
            let zstd = ruzstd::encoding::compress_to_vec(&valid[..], ruzstd::encoding::CompressionLevel::Fastest);
            everything(&mutate(zstd, &changes, cut));
        }
    }
}
