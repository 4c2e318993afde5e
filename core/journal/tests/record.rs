//! The codec: every input comes back, and nothing else passes for one.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

mod inputs;

use inputs::{any_input, input};
use omni_journal::record::{DecodeError, EncodeError, Record, TEXT_MAX, VERSION, decode, encode};
use omni_ring::crc32c;
use omni_types::testing::property;
use omni_types::{Body, Input, Instrument, Qty, Time};
use proptest::prelude::*;

const SALT: u32 = 0xDEAD_BEEF;
const ROOM: usize = 8192;

fn encoded(input: &Input) -> Vec<u64> {
    let mut words = vec![0; ROOM];
    let length = encode(input, SALT, &mut words).unwrap();
    words.truncate(length);
    words
}

/// Gives changed words the check sum that fits them.
fn resealed(mut words: Vec<u64>) -> Vec<u64> {
    words[0] &= !u64::from(u32::MAX);
    words[0] |= u64::from(crc32c(SALT, &words));
    words
}

proptest! {
    #![proptest_config(property(4000))]

    #[test]
    fn fuzz_every_input_comes_back(input in any_input(), junk in prop::collection::vec(any::<u64>(), 0..4)) {
        let mut words = encoded(&input);
        let length = words.len();
        words.extend(junk);
        prop_assert_eq!(decode(&words, SALT), Ok((Record::Input(input), length)));
    }

    #[test]
    fn fuzz_no_room_is_said_and_never_overrun(input in any_input(), cut in any::<prop::sample::Index>()) {
        let mut words = encoded(&input);
        let short = cut.index(words.len());
        prop_assert_eq!(encode(&input, SALT, &mut words[..short]), Err(EncodeError::Room));
        prop_assert!(decode(&encoded(&input)[..short], SALT).is_err_and(|error| error.is_torn()));
    }

    #[test]
    fn fuzz_every_flipped_bit_is_found(input in any_input()) {
        let words = encoded(&input);
        for bit in 0..words.len() * 64 {
            let mut flipped = words.clone();
            flipped[bit / 64] ^= 1 << (bit % 64);
            prop_assert!(decode(&flipped, SALT).is_err(), "bit {}", bit);
        }
    }

    #[test]
    fn fuzz_another_segments_record_is_refused(input in any_input(), salt: u32) {
        prop_assume!(salt != SALT);
        prop_assert_eq!(decode(&encoded(&input), salt), Err(DecodeError::Checksum));
    }

    #[test]
    fn fuzz_any_words_decode_or_are_refused(words in prop::collection::vec(any::<u64>(), 0..40), kind: u8, length in 0_usize..40) {
        // As they are: almost always a wrong check sum. With the right one: every field's own check is reached.
        let _ = decode(&words, SALT);
        let mut words = words;
        words.resize(words.len().max(length).max(4), 0);
        words[0] = (length.max(4) as u64 * 8) << 32 | u64::from(kind % 24) << 48 | u64::from(VERSION) << 56;
        words.truncate(length.max(4));
        let sealed = resealed(words);
        if let Ok((Record::Input(input), length)) = decode(&sealed, SALT) {
            // What is taken has exactly this one form.
            prop_assert_eq!(&encoded(&input), &sealed[..length]);
        }
    }

    #[test]
    fn fuzz_a_changed_record_with_a_right_check_sum_is_refused_or_another_input(input in any_input(), at in any::<prop::sample::Index>(), bit in 0_u32..64) {
        let mut words = encoded(&input);
        let at = at.index(words.len());
        // The check sum itself is made to fit again.
        prop_assume!(at > 0 || bit >= 32);
        words[at] ^= 1 << bit;
        let sealed = resealed(words);
        if let Ok((Record::Input(other), length)) = decode(&sealed, SALT) {
            prop_assert_ne!(&other, &input);
            prop_assert_eq!(&encoded(&other), &sealed[..length]);
        }
    }
}

#[test]
fn hot_records_are_small() {
    assert_eq!(encoded(&input(1)).len() * 8, 64);
    assert_eq!(encoded(&input(7)).len() * 8, 40);
    assert_eq!(encoded(&Input { cause: 0, ..input(1) }).len() * 8, 64);
}

#[test]
fn another_format_is_named_with_ours() {
    let mut words = encoded(&input(1));
    words[0] += 1 << 56;
    let error = decode(&resealed(words.clone()), SALT).unwrap_err();
    assert_eq!(error, DecodeError::Version { found: 2 });
    assert!(error.to_string().contains("version 2 found, version 1 supported"), "{error}");
    words[0] = (words[0] - (1 << 56)) | (0x7F << 48);
    let error = decode(&resealed(words), SALT).unwrap_err();
    assert_eq!(error.to_string().split(':').next(), Some("record kind 127 is unknown in format version 1"));
}

#[test]
fn the_longest_text_fits_and_a_longer_one_is_refused() {
    let kill = |bytes: usize| Input {
        seq: 9,
        time: Time(0),
        cause: u64::MAX,
        body: Body::Kill { reason: "x".repeat(bytes).into() },
    };
    let words = encoded(&kill(TEXT_MAX));
    assert_eq!(decode(&words, SALT), Ok((Record::Input(kill(TEXT_MAX)), words.len())));
    let mut room = vec![0; ROOM];
    assert_eq!(encode(&kill(TEXT_MAX + 1), SALT, &mut room), Err(EncodeError::Text { bytes: TEXT_MAX + 1 }));
}

proptest! {
    #[test]
    fn fuzz_an_instrument_with_other_derived_numbers_is_not_written(input in any_input()) {
        if let Body::List(listed) = &input.body {
            let forged = Instrument { position_max: Qty(listed.position_max.0 ^ 1), ..**listed };
            let forged = Input { body: Body::List(Box::new(forged)), ..input };
            prop_assert_eq!(encode(&forged, SALT, &mut [0; 64]), Err(EncodeError::Instrument));
        }
    }
}
