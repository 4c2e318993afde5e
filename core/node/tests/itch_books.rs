//! The fast ITCH books end a recorded session of the ES future as the venue did, and refuse what can't be.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use omni_book::Capacity;
use omni_node::{ItchBookError, ItchBooks};
use omni_types::{Decimal, InstrumentId, Price, Qty, Time, TopOfBook};
use omni_wire::feed::Listing;
use omni_wire::{Flaw, itch};

/// Returns a file of the shared data, or `None` after saying so; its absence is a failure where `CI` is `true`.
fn bytes(path: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("OMNI_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")), PathBuf::from);
    let file = root.join("data").join(path);
    if file.exists() {
        return Some(omni_wire::file::open(&file).unwrap().whole().unwrap());
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI needs {}", file.display());
    println!("SKIPPED: {} is not there; set OMNI_SHARED", file.display());
    None
}

fn es() -> Listing {
    Listing { instrument: InstrumentId(0), price_unit: Decimal::new(25, -2), quantity_unit: Decimal::ONE }
}

fn books() -> ItchBooks {
    ItchBooks::new(Capacity { instruments: 1, orders: 1 << 14, levels: 1 << 12 })
}

fn assert_end_state(books: &ItchBooks) {
    let price = |text| Price(Decimal::parse(text).unwrap().count_of(Decimal::new(25, -2)).unwrap());
    assert_eq!((books.books().live(), books.books().levels_live()), (11_217, 922 + 565));
    let top = TopOfBook { bid: Some((price("4810.00"), Qty(22))), ask: Some((price("4810.25"), Qty(28))) };
    assert_eq!(books.books().top(InstrumentId(0)), top);
}

#[test]
fn the_itch_transcode_ends_in_the_venues_book() {
    let Some(bytes) = bytes("itch/esh4_20231225_transcoded.itch50.gz") else { return };
    let mut books = books();
    books.list(1, &es()).unwrap();
    for message in itch::Reader::new(&bytes) {
        books.apply(&message.unwrap()).unwrap();
    }
    assert_end_state(&books);
}

/// A session of messages by type, each with its body behind the stock's number and the time.
fn session(messages: &[(u8, &[&[u8]])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, parts) in messages {
        let body = parts.concat();
        bytes.extend((body.len() as u16 + 11).to_be_bytes());
        bytes.extend([*kind, 0, 1, 0, 0]);
        bytes.extend(&Time::SECOND.to_be_bytes()[2..]);
        bytes.extend(body);
    }
    bytes
}

/// Applies a session; the first refusal ends it.
fn apply(books: &mut ItchBooks, bytes: &[u8]) -> Result<(), ItchBookError> {
    itch::Reader::new(bytes).try_for_each(|message| books.apply(&message.unwrap()))
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let id = |id: u64| id.to_be_bytes();
    let (one, two, price) = (1_u32.to_be_bytes(), 2_u32.to_be_bytes(), 25_000_u32.to_be_bytes());
    let mut books = books();
    books.list(1, &es()).unwrap();
    apply(&mut books, &session(&[(b'A', &[&id(7), b"B", &one, b"ESH4    ", &price])])).unwrap();
    let before = format!("{:?}", books.books());
    let off = 25_001_u32.to_be_bytes();
    let refused: [(u8, &[&[u8]], Flaw); 6] = [
        (b'A', &[&id(7), b"B", &one, b"ESH4    ", &price], Flaw::DuplicateOrder(7)),
        (b'A', &[&id(8), b"B", &one, b"ESH4    ", &off], Flaw::OffUnit { found: 25_001, unit: 2_500 }),
        (b'D', &[&id(9)], Flaw::UnknownOrder(9)),
        (b'X', &[&id(7), &two], Flaw::TooMuch { reference: 7, taken: 2, left: 1 }),
        (b'X', &[&id(7), &[0; 4]], Flaw::Field { name: "quantity", found: 0 }),
        (b'U', &[&id(7), &id(8), &[0; 4], &price], Flaw::Field { name: "shares", found: 0 }),
    ];
    for (kind, parts, flaw) in refused {
        assert_eq!(apply(&mut books, &session(&[(kind, parts)])), Err(ItchBookError::Flaw(flaw)));
        assert_eq!(format!("{:?}", books.books()), before);
    }
}
