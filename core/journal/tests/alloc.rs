//! Appending asks for no memory, over many segments.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

mod inputs;

use inputs::{Folder, input, options};
use omni_journal::{Journal, Mode};
use omni_ring::alloc::{CountingAllocator, allocations_in};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn appending_allocates_nothing() {
    for mode in [Mode::Memory, Mode::Group] {
        let folder = Folder::new("alloc");
        let mut journal = Journal::create(folder.path(), options(mode)).unwrap();
        // The first waits of a thread set up its locks.
        (1..=700).for_each(|seq| journal.append(&input(seq)).unwrap());
        let (result, count) = allocations_in(|| (701..=20_000).try_for_each(|seq| journal.append(&input(seq))));
        result.unwrap();
        assert_eq!(count, 0, "{mode}");
        journal.close().unwrap();
        assert!(folder.segment(30).exists());
    }
}
