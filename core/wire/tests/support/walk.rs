//! Walks bytes to their end with each reader: none panics, all end, and an error names a byte within the data.

use omni_types::{Decimal, InstrumentId, Time};
use omni_wire::feed::{ItchFeed, Listing, MboFeed};
use omni_wire::file::{decompress, sniff};
use omni_wire::{WireError, dbn, itch};

const LISTING: Listing =
    Listing { instrument: InstrumentId(0), price_unit: Decimal::new(1, -4), quantity_unit: Decimal::ONE };

fn check(error: &WireError, bytes: &[u8]) {
    assert!(error.offset <= bytes.len(), "{error} of {} bytes", bytes.len());
    assert!(!error.to_string().is_empty());
}

/// Reads as ITCH, through the feed; every message has at least 12 bytes.
pub fn itch_all(bytes: &[u8]) {
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

/// Reads as DBN, with the metadata header and as a fragment.
pub fn dbn_both(bytes: &[u8]) {
    dbn_all(bytes, dbn::Reader::fragment(bytes));
    match dbn::Reader::new(bytes) {
        Ok(reader) => dbn_all(bytes, reader),
        Err(error) => check(&error, bytes),
    }
}

/// Looks into a file as opening it does: what it holds, and what it holds compressed.
pub fn opened(bytes: &[u8]) {
    assert!(!sniff(bytes).to_string().is_empty());
    let plain = decompress(bytes.to_vec(), 1 << 20);
    assert!(plain.bytes.len() <= 1 << 20 && plain.cut.is_none_or(|cut| cut.offset <= bytes.len()));
}
