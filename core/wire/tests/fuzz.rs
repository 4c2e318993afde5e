//! Random and mutated bytes: readers never panic, always end, and name a byte within the data.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

mod support;

use omni_types::{Decimal, InstrumentId, Time};
use omni_wire::feed::{ItchFeed, Listing, MboFeed};
use omni_wire::file::{decompress, sniff};
use omni_wire::{WireError, dbn, itch};
use proptest::prelude::*;

const LISTING: Listing =
    Listing { instrument: InstrumentId(0), price_unit: Decimal::new(1, -4), quantity_unit: Decimal::ONE };

fn check(error: &WireError, bytes: &[u8]) {
    assert!(error.offset <= bytes.len(), "{error} of {} bytes", bytes.len());
    assert!(!error.to_string().is_empty());
}

/// Reads as ITCH, through the feed; every message has at least 12 bytes.
fn itch_all(bytes: &[u8]) {
    let mut feed = ItchFeed::new(Time(0), 4);
    (0..4).for_each(|locate| feed.list(locate, &LISTING).unwrap());
    let mut reader = itch::Reader::new(bytes);
    let mut errors = 0;
    while let Some(message) = reader.next() {
        assert_eq!(errors, 0, "a reader stops after an error");
        match message {
            Ok(message) => {
                if let Err(flaw) = feed.convert(&message, &mut |_, _| ()) {
                    check(&flaw.at(reader.offset(), reader.read()), bytes);
                }
            }
            Err(error) => {
                check(&error, bytes);
                errors += 1;
            }
        }
    }
    assert!(reader.read() as usize * 12 <= bytes.len());
    let all = itch::Reader::new(bytes).read_all(|_| ());
    assert_eq!(all.map_err(|e| e.read).unwrap_or_else(|read| read), reader.read());
}

/// Reads as DBN, through the feed, each record's fields asked for; every record has at least 40 bytes.
fn dbn_all(bytes: &[u8], reader: dbn::Reader<'_>) {
    let mut feed = MboFeed::new();
    feed.list(1, &LISTING).unwrap();
    let mut read = 0;
    for record in reader {
        match record {
            Ok(dbn::Record::Mbo(mbo)) => {
                if let Err(flaw) = feed.convert(&mbo, &mut |_, _| ()) {
                    check(&flaw.at(0, read), bytes);
                }
            }
            Ok(record) => assert!(!format!("{record:?}").is_empty()),
            Err(error) => check(&error, bytes),
        }
        read += 1;
    }
    assert!((read as usize).saturating_sub(1) * 40 <= bytes.len());
}

fn everything(bytes: &[u8]) {
    itch_all(bytes);
    dbn_all(bytes, dbn::Reader::fragment(bytes));
    match dbn::Reader::new(bytes) {
        Ok(reader) => dbn_all(bytes, reader),
        Err(error) => check(&error, bytes),
    }
    assert!(!sniff(bytes).to_string().is_empty());
    let plain = decompress(bytes.to_vec(), 1 << 20);
    assert!(plain.bytes.len() <= 1 << 20 && plain.cut.is_none_or(|cut| cut.offset <= bytes.len()));
}

/// A short valid ITCH session: an add, then what can happen to it.
fn valid_itch() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, kind) in b"SRHAFAECXUDPQB".iter().enumerate() {
        let length = itch::length(*kind).unwrap();
        let mut message = vec![0_u8; length];
        message[0] = *kind;
        message[2] = 1;
        message[length - 1] = 9;
        if length > 24 {
            message[18] = at as u8;
            (message[19], message[23]) = (b'B', 5);
        }
        bytes.extend((length as u16).to_be_bytes());
        bytes.extend(message);
    }
    bytes
}

/// A valid DBN v3 image with a symbol mapped and records of several types.
fn valid_dbn() -> Vec<u8> {
    let mut header = vec![0_u8; 104];
    header[..9].copy_from_slice(b"GLBX.MDP3");
    header[16..18].copy_from_slice(&u16::MAX.to_le_bytes());
    header[45] = 71;
    let mut symbol = [0_u8; 71];
    symbol[..4].copy_from_slice(b"ESH4");
    for count in [1_u32, 0, 0] {
        header.extend(count.to_le_bytes());
        header.extend(&symbol[..71 * count as usize]);
    }
    header.extend(1_u32.to_le_bytes());
    header.extend(symbol);
    header.extend(1_u32.to_le_bytes());
    header.extend([0; 8]);
    header.extend(symbol);
    let mut bytes = b"DBN\x03".to_vec();
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend(header);
    for (rtype, length) in [(0xA0, 56), (0xA0, 56), (0, 48), (1, 80), (0x0A, 368), (0x21, 56), (0x12, 40), (0x13, 520)]
    {
        let mut record = vec![0_u8; length];
        (record[0], record[1], record[4]) = ((length / 4) as u8, rtype, 1);
        let letters = if rtype == 0xA0 { 38 } else { 28 };
        (record[letters], record[letters + 1], record[32]) = (b'A', b'B', 1);
        bytes.extend(record);
    }
    bytes
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
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        everything(&bytes);
        everything(&[b"DBN\x01", &bytes[..]].concat());
        everything(&[b"DBN\x03\x64\0\0\0", &bytes[..]].concat());
        everything(&[&[0x28, 0xB5, 0x2F, 0xFD], &bytes[..]].concat());
        everything(&[&[0x1F, 0x8B, 8], &bytes[..]].concat());
    }

    #[test]
    fn mutated_files(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..6), cut in any::<usize>()) {
        for valid in [valid_itch(), valid_dbn()] {
            everything(&mutate(valid.clone(), &changes, 0));
            everything(&mutate(valid.clone(), &changes, cut));
            let zstd = ruzstd::encoding::compress_to_vec(&valid[..], ruzstd::encoding::CompressionLevel::Fastest);
            everything(&mutate(zstd, &changes, cut));
        }
    }
}
