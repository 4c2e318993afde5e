//! The order index against an ordered map, with hashes that collide in slot, in tag and wholly.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use omni_book::{OrderIndex, mix};
use omni_types::testing::property;
use proptest::prelude::*;

/// What the hash of a key is: a good one, one with few homes, or one and the same.
fn hash(kind: u8, key: u64) -> u64 {
    match kind {
        0 => mix(key, 7),
        1 => key % 5,
        2 => key << 32 | 0x3FF,
        _ => 1,
    }
}

proptest! {
    #![proptest_config(property(256))]

    #[test]
    fn fuzz_index_equals_a_map(
        kind in 0..4_u8,
        steps in prop::collection::vec((0..700_u64, any::<bool>()), 0..2_000),
    ) {
        let mut index = OrderIndex::new(700);
        let mut model: BTreeMap<u64, u32> = BTreeMap::new();
        // A slot's key, as the book would know it.
        let mut keys: Vec<u64> = Vec::new();
        for (key, put) in steps {
            let found = index.find(hash(kind, key), |slot| keys[slot as usize] == key);
            prop_assert_eq!(found, model.get(&key).copied());
            match (found, put) {
                (None, true) => {
                    let slot = keys.len() as u32;
                    keys.push(key);
                    index.insert(hash(kind, key), slot);
                    model.insert(key, slot);
                }
                (Some(slot), false) => {
                    if key % 2 == 0 {
                        index.remove(hash(kind, key), slot);
                    } else {
                        prop_assert_eq!(index.take(hash(kind, key), |slot| keys[slot as usize] == key), found);
                    }
                    model.remove(&key);
                }
                (None, false) => {
                    prop_assert_eq!(index.take(hash(kind, key), |slot| keys[slot as usize] == key), None);
                }
                _ => {}
            }
        }
        for key in 0..700 {
            let found = index.find(hash(kind, key), |slot| keys[slot as usize] == key);
            prop_assert_eq!(found, model.get(&key).copied());
        }
    }
}

#[test]
fn grows_to_its_capacity() {
    let mut index = OrderIndex::new(100_000);
    (0..100_000).for_each(|slot| index.insert(mix(u64::from(slot), 1), slot));
    assert!((0..100_000).all(|slot| index.find(mix(u64::from(slot), 1), |found| found == slot) == Some(slot)));
    (0..100_000).step_by(2).for_each(|slot| index.remove(mix(u64::from(slot), 1), slot));
    for slot in 0..100_000 {
        let found = index.find(mix(u64::from(slot), 1), |found| found == slot);
        assert_eq!(found, (slot % 2 == 1).then_some(slot));
    }
}
