//! Level-2 books against a naive model: a map of quantities for each side.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use omni_book::{Full, Level2};
use omni_types::testing::property;
use omni_types::{InstrumentId, Price, Qty, Side, SnapshotReader, SnapshotWriter};
use proptest::prelude::*;

const INSTRUMENTS: u32 = 4;

#[derive(Clone, Copy, Debug)]
enum Command {
    Set { instrument: u32, side: Side, price: i64, quantity: u64 },
    Clear { instrument: u32 },
}

fn command() -> impl Strategy<Value = Command> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let price = prop_oneof![3 => -4..4_i64, 6 => -100..100_i64, 1 => Just(i64::MIN), 1 => Just(i64::MAX)];
    let quantity = prop_oneof![Just(0_u64), 1..50_u64, Just(u64::MAX)];
    prop_oneof![
        60 => (0..INSTRUMENTS, side, price, quantity)
            .prop_map(|(instrument, side, price, quantity)| Command::Set { instrument, side, price, quantity }),
        1 => (0..INSTRUMENTS).prop_map(|instrument| Command::Clear { instrument }),
    ]
}

type Model = BTreeMap<(u32, usize), BTreeMap<i64, u64>>;

fn check(book: &Level2, model: &Model) {
    for instrument in 0..INSTRUMENTS {
        for side in Side::BOTH {
            let empty = BTreeMap::new();
            let prices = model.get(&(instrument, side.index())).unwrap_or(&empty);
            let mut expected: Vec<(Price, Qty)> = prices.iter().map(|(&p, &q)| (Price(p), Qty(q))).collect();
            if side == Side::Buy {
                expected.reverse();
            }
            let found: Vec<(Price, Qty)> = book.levels(InstrumentId(instrument), side).collect();
            assert_eq!(found, expected, "{instrument} {side:?}");
            let top = book.top(InstrumentId(instrument));
            assert_eq!([top.bid, top.ask][side.index()], expected.first().copied());
        }
    }
}

fn apply(book: &mut Level2, model: &mut Model, levels: usize, command: Command) {
    match command {
        Command::Clear { instrument } => {
            book.clear(InstrumentId(instrument));
            model.retain(|&(at, _), _| at != instrument);
        }
        Command::Set { instrument, side, price, quantity } => {
            let live: usize = model.values().map(BTreeMap::len).sum();
            let set = book.set(InstrumentId(instrument), side, Price(price), Qty(quantity));
            let prices = model.entry((instrument, side.index())).or_default();
            // What the book promises to hold it must hold; it may hold more, for its blocks are larger.
            if set == Err(Full::Levels) {
                assert!(live >= levels && quantity > 0 && !prices.contains_key(&price));
            } else if quantity == 0 {
                prices.remove(&price);
            } else {
                prices.insert(price, quantity);
            }
        }
    }
}

fn snapshot(book: &Level2) -> Vec<u8> {
    let mut bytes = Vec::new();
    book.encode(&mut SnapshotWriter::new(&mut bytes));
    bytes
}

proptest! {
    #![proptest_config(property(256))]

    #[test]
    fn fuzz_books_equal_the_model(
        before in prop::collection::vec(command(), 0..500),
        after in prop::collection::vec(command(), 0..200),
        levels in 1_usize..500,
    ) {
        let (mut book, mut model) = (Level2::new(INSTRUMENTS as usize, levels), Model::new());
        before.into_iter().for_each(|command| apply(&mut book, &mut model, levels, command));
        check(&book, &model);
        let bytes = snapshot(&book);
        let mut reader = SnapshotReader::new(&bytes);
        let mut twin = Level2::decode(&mut reader).unwrap();
        prop_assert_eq!(reader.end(), Ok(()));
        check(&twin, &model);
        let mut copy = model.clone();
        for command in after {
            apply(&mut book, &mut model, levels, command);
            apply(&mut twin, &mut copy, levels, command);
        }
        check(&book, &model);
        prop_assert_eq!(snapshot(&twin), snapshot(&book));
    }

    #[test]
    fn fuzz_corrupt_snapshots_are_refused_or_consistent(
        commands in prop::collection::vec(command(), 0..300),
        at in any::<usize>(),
        byte in any::<u8>(),
    ) {
        let (mut book, mut model) = (Level2::new(INSTRUMENTS as usize, 300), Model::new());
        commands.into_iter().for_each(|command| apply(&mut book, &mut model, 300, command));
        let mut bytes = snapshot(&book);
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(mut book) = Level2::decode(&mut SnapshotReader::new(&bytes)) {
            (0..INSTRUMENTS).for_each(|instrument| book.clear(InstrumentId(instrument)));
            check(&book, &Model::new());
        }
    }
}

#[test]
fn a_full_pool_refuses_and_changes_nothing() {
    let mut book = Level2::new(1, 1);
    let set = |book: &mut Level2, price| book.set(InstrumentId(0), Side::Buy, Price(price), Qty(1));
    let held = (0..).take_while(|&price| set(&mut book, price).is_ok()).count();
    assert!(held >= 1);
    assert_eq!(set(&mut book, -1), Err(Full::Levels));
    assert_eq!(book.levels(InstrumentId(0), Side::Buy).count(), held);
}
