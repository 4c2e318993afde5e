//! Which recorded orders work now.

const NOWHERE: u32 = u32::MAX;

/// The rows of the orders that work; putting one in and taking it out costs the same however many there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Working {
    rows: Vec<u32>,
    /// Of each row, its place in `rows`.
    places: Vec<u32>,
}

impl Working {
    /// Puts a row in, which isn't there.
    pub(crate) fn insert(&mut self, row: u32) {
        let at = row as usize;
        if at >= self.places.len() {
            self.places.resize(at + 1, NOWHERE);
        }
        debug_assert!(self.places[at] == NOWHERE, "Invariant: an order begins to work once");
        self.places[at] = self.rows.len() as u32;
        self.rows.push(row);
    }

    /// Takes a row out, if it is there.
    pub(crate) fn remove(&mut self, row: u32) {
        let Some(place) = self.places.get_mut(row as usize).filter(|place| **place != NOWHERE) else { return };
        let place = std::mem::replace(place, NOWHERE) as usize;
        self.rows.swap_remove(place);
        if let Some(&moved) = self.rows.get(place) {
            self.places[moved as usize] = place as u32;
        }
    }

    /// Returns the rows, in an order that says nothing.
    pub(crate) fn rows(&self) -> &[u32] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn fuzz_holds_what_was_put_in_and_not_taken_out(steps in prop::collection::vec((0..20_u32, any::<bool>()), 0..200)) {
            let (mut working, mut expected) = (Working::default(), BTreeSet::new());
            for (row, in_) in steps {
                if !in_ {
                    working.remove(row);
                    expected.remove(&row);
                } else if expected.insert(row) {
                    working.insert(row);
                }
                let held: BTreeSet<u32> = working.rows().iter().copied().collect();
                prop_assert_eq!(&held, &expected);
                prop_assert_eq!(working.rows().len(), expected.len());
            }
        }
    }
}
