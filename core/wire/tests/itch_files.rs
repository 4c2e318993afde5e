//! Recorded ITCH files: message counts, and faults that name their place.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

mod support;

use std::collections::BTreeMap;

use omni_types::Side;
use omni_wire::file::{Compression, Format, open};
use omni_wire::itch::{Message, Reader, Stock, length};
use omni_wire::{Flaw, WireError};

const RITCH: &str = "itch/ex20101224.TEST_ITCH_50.gz";
const TRANSCODE: &str = "itch/esh4_20231225_transcoded.itch50.gz";

/// Counts messages by kind; adds with a participant count as adds.
fn counts(bytes: &[u8]) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    let read = Reader::new(bytes).read_all(|m| *counts.entry(kind(&m)).or_default() += 1).unwrap();
    assert_eq!(read, counts.values().sum::<u64>());
    counts
}

fn kind(message: &Message) -> &'static str {
    match message {
        Message::Add(_) => "A",
        Message::Delete(_) => "D",
        Message::Execute(_) => "E",
        Message::Cancel(_) => "X",
        Message::Replace(_) => "U",
        Message::Trade(_) => "P",
        Message::System(_) => "S",
        Message::Directory(_) => "R",
        Message::TradingAction(_) => "H",
        _ => "other",
    }
}

#[test]
fn zero_length_prefixes_take_the_length_from_the_type() {
    let Some(bytes) = support::bytes(RITCH) else { return };
    assert_eq!(bytes[..2], [0, 0]);
    let expected =
        [("A", 5_000), ("D", 1_745), ("E", 198), ("H", 3), ("P", 5_000), ("R", 3), ("S", 6), ("U", 12), ("X", 45)];
    assert_eq!(counts(&bytes), BTreeMap::from(expected));
    let mut stocks: Vec<Stock> = Vec::new();
    Reader::new(&bytes)
        .read_all(|m| {
            if let Message::Directory(d) = m {
                stocks.push(d.stock)
            }
        })
        .unwrap();
    assert_eq!(stocks.iter().map(Stock::as_str).collect::<Vec<_>>(), ["ALC", "BOB", "CHAR"]);
}

#[test]
fn the_transcoded_session_counts_right() {
    let Some(path) = support::shared(TRANSCODE) else { return };
    let file = open(&path).unwrap();
    assert_eq!((file.format, file.compression, file.cut.as_ref()), (Format::Itch50, Compression::Gzip, None));
    assert_eq!(file.bytes.len(), 1_982_957);
    let expected = [("A", 29_216), ("D", 12_670), ("E", 6_229), ("R", 1), ("S", 2), ("U", 9_919), ("X", 1_362)];
    assert_eq!(counts(&file.bytes), BTreeMap::from(expected));
}

/// Builds a message of one type with a BinaryFILE prefix, its body bytes counting up from the header.
fn message(kind: u8) -> Vec<u8> {
    let length = length(kind).unwrap();
    let mut bytes: Vec<u8> = (0..length as u8).collect();
    bytes[0] = kind;
    if b"AF".contains(&kind) {
        bytes[19] = b'S';
    }
    [&(length as u16).to_be_bytes()[..], &bytes].concat()
}

fn only(bytes: &[u8]) -> Result<Message, WireError> {
    let mut reader = Reader::new(bytes);
    let message = reader.next().unwrap()?;
    assert_eq!(reader.next(), None);
    Ok(message)
}

#[test]
fn decodes_every_field_at_its_place() {
    let Ok(Message::Add(add)) = only(&message(b'A')) else { panic!("an add") };
    assert_eq!((add.locate, add.timestamp), (0x0102, 0x0506_0708_090A));
    assert_eq!((add.reference, add.side, add.shares), (0x0B0C_0D0E_0F10_1112, Side::Sell, 0x1415_1617));
    assert_eq!((add.stock.0, add.price), ([24, 25, 26, 27, 28, 29, 30, 31], 0x2021_2223));
    let Ok(Message::ExecuteAt(c)) = only(&message(b'C')) else { panic!("an execution at a price") };
    assert_eq!((c.shares, c.match_number, c.price), (0x1314_1516, 0x1718_191A_1B1C_1D1E, 0x2021_2223));
    assert!(!c.printable);
    let Ok(Message::Replace(u)) = only(&message(b'U')) else { panic!("a replace") };
    assert_eq!((u.old, u.new), (0x0B0C_0D0E_0F10_1112, 0x1314_1516_1718_191A));
    assert_eq!((u.shares, u.price), (0x1B1C_1D1E, 0x1F20_2122));
    let Ok(Message::Execute(e)) = only(&message(b'E')) else { panic!("an execution") };
    assert_eq!((e.shares, e.match_number), (0x1314_1516, 0x1718_191A_1B1C_1D1E));
    let Ok(Message::Trade(p)) = only(&message(b'P')) else { panic!("a trade") };
    assert_eq!((p.shares, p.price, p.match_number), (0x1415_1617, 0x2021_2223, 0x2425_2627_2829_2A2B));
    let Ok(Message::Cross(q)) = only(&message(b'Q')) else { panic!("a cross") };
    assert_eq!((q.shares, q.price, q.cross_type), (0x0B0C_0D0E_0F10_1112, 0x1B1C_1D1E, 39));
    let Ok(Message::Directory(r)) = only(&message(b'R')) else { panic!("a directory entry") };
    assert_eq!((r.market_category, r.round_lot, r.authenticity), (19, 0x1516_1718, 29));
    let Ok(Message::TradingAction(h)) = only(&message(b'H')) else { panic!("a trading action") };
    assert_eq!((h.state, h.reason), (19, [21, 22, 23, 24]));
}

#[test]
fn takes_every_type_of_the_protocol_at_its_length() {
    let expected = *b"A$B\x13C$D\x13E\x1FF(H\x19I2J#K\x1CL\x1AN\x14O0P,Q(R'S\x0CU#V#W\x0CX\x17Y\x14h\x15";
    let mut found = Vec::new();
    for kind in 0..=u8::MAX {
        if let Some(length) = length(kind) {
            assert_eq!(only(&message(kind)).map(|m| (m.locate(), m.timestamp())), Ok((0x0102, 0x0506_0708_090A)));
            found.extend([kind, length as u8]);
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn names_the_fault_its_byte_and_what_was_read() {
    let whole = [message(b'A'), message(b'D')].concat();
    let fault = |bytes: &[u8]| Reader::new(bytes).find_map(Result::err);
    assert_eq!(fault(&[]), Some(Flaw::Empty.at(0, 0)));
    let cut = Flaw::Truncated { expected: 19, found: 18 };
    assert_eq!(fault(&whole[..whole.len() - 1]), Some(cut.at(38, 1)));
    assert_eq!(fault(&whole[..39]), Some(Flaw::Truncated { expected: 2, found: 1 }.at(38, 1)));
    assert_eq!(fault(&whole[..40]), Some(Flaw::Truncated { expected: 19, found: 0 }.at(38, 1)));
    let mut unknown = whole.clone();
    unknown[40] = b'z';
    assert_eq!(fault(&unknown), Some(Flaw::UnknownType(b'z').at(38, 1)));
    let mut longer = whole.clone();
    longer[39] = 20;
    assert_eq!(fault(&longer), Some(Flaw::Length { kind: b'D', expected: 19, found: 20 }.at(38, 1)));
    let mut sideless = whole;
    sideless[21] = b'?';
    assert_eq!(fault(&sideless), Some(Flaw::Field { name: "buy_sell_indicator", found: 63 }.at(0, 0)));
}

#[test]
fn stops_after_an_error_and_at_the_end_of_session() {
    let mut reader = Reader::new(&[0, 1, b'z', 0, 12]);
    assert!(reader.next().unwrap().is_err());
    assert_eq!(reader.next(), None);
    let closed = [&message(b'D')[..], &[0, 0]].concat();
    assert_eq!(Reader::new(&closed).read_all(|_| ()), Ok(1));
}
