//! Databento's own fixtures of every schema and version.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;

use omni_types::{Decimal, Side, Time};
use omni_wire::Flaw;
use omni_wire::dbn::{Action, Reader, Record, Schema};
use omni_wire::file::{Format, open};

const FIXTURES: &str = "l3_mbo/dbn_fixtures";

fn fixtures() -> Vec<PathBuf> {
    let Some(folder) = support::shared(FIXTURES) else { return Vec::new() };
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 81);
    files
}

/// `test_data.mbp-10.v2.dbn.zst` holds the schema `mbp-10`.
fn schema_of(path: &std::path::Path) -> String {
    path.file_name().unwrap().to_str().unwrap().split('.').nth(1).unwrap().to_owned()
}

#[test]
fn every_fixture_is_read_whole_or_refused_with_advice() {
    let mut kinds = BTreeMap::<&str, usize>::new();
    for path in fixtures() {
        let name = path.display();
        let file = open(&path).unwrap();
        assert_eq!(file.cut, None, "{name}");
        let refusal = Reader::new(&file.bytes).err();
        let kind = match file.format {
            Format::Dbz => {
                assert_eq!(refusal, Some(Flaw::Dbz.at(0, 0)), "{name}");
                "dbz"
            }
            Format::DbnFragment => {
                assert_eq!(refusal, Some(Flaw::Fragment.at(0, 0)), "{name}");
                assert!(Reader::fragment(&file.bytes).all(|r| matches!(r, Ok(Record::Definition(_)))), "{name}");
                "fragment"
            }
            Format::Dbn { schema, .. } => {
                assert_eq!(schema.map(Schema::text), Some(schema_of(&path).as_str()), "{name}");
                let records: Result<Vec<_>, _> = Reader::new(&file.bytes).unwrap().collect();
                assert_eq!(records.map(|r| r.len() as u64), Ok(expected_records(&path)), "{name}");
                "dbn"
            }
            other => panic!("{name}: {other}"),
        };
        *kinds.entry(kind).or_default() += 1;
    }
    if !kinds.is_empty() {
        assert_eq!(kinds, BTreeMap::from([("dbn", 64), ("dbz", 10), ("fragment", 7)]));
    }
}

/// Each fixture has the first two records of its query, but for these.
fn expected_records(path: &std::path::Path) -> u64 {
    match schema_of(path).as_str() {
        "ohlcv-1d" => 0,
        "bbo-1s" | "bbo-1m" | "status" => 4,
        _ => 2,
    }
}

fn first(name: &str) -> Option<Vec<u8>> {
    support::bytes(&format!("{FIXTURES}/test_data.{name}"))
}

#[test]
fn zstd_frames_follow_each_other() {
    let Some(bytes) = support::bytes(&format!("{FIXTURES}/multi-frame.definition.v1.dbn.frag.zst")) else { return };
    assert_eq!(Reader::fragment(&bytes).map(Result::unwrap).count(), 8);
}

#[test]
fn versions_agree_on_every_record() {
    for schema in ["mbo", "trades", "mbp-1", "mbp-10", "tbbo", "ohlcv-1s", "ohlcv-1m", "ohlcv-1h", "statistics"] {
        let texts: Vec<Vec<String>> = (1..=3)
            .filter_map(|version| first(&format!("{schema}.v{version}.dbn.zst")))
            .map(|bytes| Reader::new(&bytes).unwrap().map(|r| format!("{:?}", r.unwrap())).collect())
            .collect();
        assert!(texts.windows(2).all(|pair| pair[0] == pair[1]), "{schema}: {texts:#?}");
    }
}

#[test]
fn decodes_an_order_of_the_nasdaq_style_fixture() {
    let Some(bytes) = first("mbo.v3.dbn.zst") else { return };
    let Some(Ok(Record::Mbo(mbo))) = Reader::new(&bytes).unwrap().next() else { panic!("an order") };
    assert_eq!((mbo.instrument_id, mbo.order_id, mbo.sequence), (5482, 647_784_973_705, 1_170_352));
    assert_eq!((mbo.price, mbo.size), (Some(3_722_750_000_000), 1));
    assert_eq!((mbo.action, mbo.side), (Action::Cancel, Some(Side::Sell)));
    assert_eq!(mbo.event, Some(Time(1_609_160_400_000_429_831)));
    assert_eq!(mbo.received, Some(Time(1_609_160_400_000_704_060)));
}

#[test]
fn decodes_levels_and_keeps_undefined_prices_apart() {
    let Some(bytes) = first("mbp-10.v3.dbn.zst") else { return };
    let Some(Ok(Record::Mbp(mbp))) = Reader::new(&bytes).unwrap().next() else { panic!("ten levels") };
    assert_eq!(mbp.depth(), 10);
    let levels: Vec<_> = (0..10).map(|i| mbp.level(i).unwrap()).collect();
    assert!(levels.windows(2).all(|l| l[0].bid_price > l[1].bid_price && l[0].ask_price < l[1].ask_price));
    assert!(levels.iter().all(|l| l.bid_price < l.ask_price && l.bid_size > 0 && l.bid_count > 0));
    assert_eq!(mbp.level(10), None);
}

#[test]
fn reads_the_future_behind_the_book() {
    let Some(bytes) = support::bytes("l3_mbo/definition-glbx-es-fut.dbn.zst") else { return };
    let reader = Reader::new(&bytes).unwrap();
    assert_eq!(reader.metadata().unwrap().dataset, "GLBX.MDP3");
    let definitions: Vec<_> = reader.map(Result::unwrap).collect();
    let [Record::Definition(es), Record::Definition(_)] = definitions[..] else { panic!("found {definitions:?}") };
    assert_eq!((es.raw_symbol(), es.currency(), es.security_type()), (Ok("ESM3"), Ok("USD"), Ok("FUT")));
    assert_eq!((es.exchange(), es.asset(), es.unit_of_measure()), (Ok("XCME"), Ok("ES"), Ok("IPNT")));
    let quarter = Decimal::new(es.min_price_increment().unwrap(), -9).normalised();
    assert_eq!(quarter, Decimal::new(25, -2));
    assert_eq!(es.unit_of_measure_qty(), Some(50_000_000_000));
    assert_eq!(es.contract_multiplier(), None);
    assert_eq!(es.instrument_class(), b'F');
}

#[test]
fn the_three_layouts_of_a_definition_agree() {
    let mut seen = Vec::new();
    for version in 1..=3 {
        let Some(bytes) = first(&format!("definition.v{version}.dbn.zst")) else { return };
        let Some(Ok(Record::Definition(d))) = Reader::new(&bytes).unwrap().next() else { panic!("a definition") };
        assert_eq!(d.version(), version);
        let texts = [d.raw_symbol(), d.currency(), d.exchange(), d.asset(), d.security_type()].map(Result::unwrap);
        let prices = [d.min_price_increment(), d.display_factor(), d.unit_of_measure_qty(), d.strike_price()];
        let counts = (d.contract_multiplier(), d.min_lot_size_round_lot(), d.maturity_year());
        let rest = (d.expiration(), d.activation(), d.instrument_class(), d.update_action());
        seen.push(format!("{texts:?} {prices:?} {counts:?} {rest:?}"));
    }
    assert!(seen[0].contains("MSFT"), "{}", seen[0]);
    assert!(seen.iter().all(|s| *s == seen[0]), "{seen:#?}");
}

#[test]
fn faults_name_their_byte() {
    let Some(bytes) = first("mbo.v3.dbn") else { return };
    let header = Reader::new(&bytes).unwrap().offset();
    let fault = |bytes: &[u8]| Reader::new(bytes).map_or_else(Some, |mut r| r.find_map(Result::err));
    let cut = Flaw::Truncated { expected: 56, found: 55 };
    assert_eq!(fault(&bytes[..bytes.len() - 1]), Some(cut.at(header + 56, 1)));
    assert_eq!(fault(&[]), Some(Flaw::Empty.at(0, 0)));
    assert_eq!(fault(b"PAR1"), Some(Flaw::NotDbn.at(0, 0)));
    assert_eq!(fault(b"DBN\x09\0\0\0\0"), Some(Flaw::Version(9).at(0, 0)));
    let header_cut = Flaw::Truncated { expected: header - 8, found: 0 };
    assert_eq!(fault(&bytes[..8]), Some(header_cut.at(0, 0)));
    let mut wrong = bytes.clone();
    wrong[header] = 15;
    assert_eq!(fault(&wrong), Some(Flaw::Length { kind: 0xA0, expected: 56, found: 60 }.at(header, 0)));
    wrong[header] = 14;
    wrong[header + 57] = 0x7F;
    assert_eq!(fault(&wrong), Some(Flaw::UnknownType(0x7F).at(header + 56, 1)));
}
