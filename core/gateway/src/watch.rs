//! Which instruments' books and bars somebody looks at.

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use omni_types::InstrumentId;

use crate::lock;

/// Most different instruments watched over all clients.
pub const WATCHED_MAX: usize = 8;

const NONE: u64 = u64::MAX;

/// The watched instruments: the engine reads atomics, clients change them under a lock.
pub(crate) struct WatchTable {
    slots: [AtomicU64; WATCHED_MAX],
    clients: Mutex<Vec<(u64, Vec<InstrumentId>)>>,
}

impl WatchTable {
    pub(crate) fn new() -> Self {
        Self { slots: [const { AtomicU64::new(NONE) }; WATCHED_MAX], clients: Mutex::new(Vec::new()) }
    }

    /// Returns the watched instruments; wait-free.
    pub(crate) fn watched(&self) -> [Option<InstrumentId>; WATCHED_MAX] {
        std::array::from_fn(|slot| u32::try_from(self.slots[slot].load(Ordering::Relaxed)).ok().map(InstrumentId))
    }

    /// Replaces what `client` watches.
    ///
    /// # Errors
    /// What to tell the client where all clients together would watch too many; nothing changes then.
    pub(crate) fn set(&self, client: u64, instruments: &[InstrumentId]) -> Result<(), String> {
        let mut clients = lock(&self.clients);
        let others = clients.iter().filter(|(id, _)| *id != client).flat_map(|(_, wanted)| wanted);
        let mut union: Vec<InstrumentId> = others.chain(instruments).copied().collect();
        union.sort_unstable();
        union.dedup();
        if union.len() > WATCHED_MAX {
            return Err(format!(
                "all clients together would watch {} instruments, and at most {WATCHED_MAX} can be; watch fewer",
                union.len()
            ));
        }
        clients.retain(|(id, _)| *id != client);
        if !instruments.is_empty() {
            clients.push((client, instruments.to_vec()));
        }
        self.store(&union);
        Ok(())
    }

    /// An instrument keeps its slot while it is watched, so that a reader never misses one that stays.
    fn store(&self, union: &[InstrumentId]) {
        let is_new =
            |wanted: &&InstrumentId| self.slots.iter().all(|slot| slot.load(Ordering::Relaxed) != u64::from(wanted.0));
        let mut arriving = union.iter().filter(is_new).copied().collect::<Vec<_>>().into_iter();
        for slot in &self.slots {
            let stays = union.iter().any(|wanted| u64::from(wanted.0) == slot.load(Ordering::Relaxed));
            if !stays {
                slot.store(arriving.next().map_or(NONE, |wanted| u64::from(wanted.0)), Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: std::ops::Range<u32>) -> Vec<InstrumentId> {
        ids.map(InstrumentId).collect()
    }

    fn watched(table: &WatchTable) -> Vec<u32> {
        let mut all: Vec<u32> = table.watched().into_iter().flatten().map(|id| id.0).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn holds_the_union_of_what_clients_want_up_to_eight() {
        let table = WatchTable::new();
        table.set(1, &ids(0..5)).unwrap();
        table.set(2, &ids(3..8)).unwrap();
        assert_eq!(watched(&table), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert!(table.set(3, &ids(8..9)).unwrap_err().contains("at most 8"));
        table.set(1, &[]).unwrap();
        assert_eq!(watched(&table), [3, 4, 5, 6, 7]);
        table.set(3, &ids(8..11)).unwrap();
        assert_eq!(watched(&table), [3, 4, 5, 6, 7, 8, 9, 10]);
    }

    #[test]
    fn one_that_stays_keeps_its_slot() {
        let table = WatchTable::new();
        table.set(1, &ids(0..8)).unwrap();
        let before = table.watched().iter().position(|id| *id == Some(InstrumentId(7)));
        table.set(1, &ids(7..9)).unwrap();
        assert_eq!(table.watched().iter().position(|id| *id == Some(InstrumentId(7))), before);
        assert_eq!(watched(&table), [7, 8]);
    }
}
