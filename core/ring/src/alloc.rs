//! The allocator that counts, for tests that demand that nothing allocates.
//!
//! A test declares it once, in a file of its own, and counts around the code it watches:
//!
//! ```
//! use omni_ring::alloc::{CountingAllocator, allocations_in};
//!
//! #[global_allocator]
//! static ALLOCATOR: CountingAllocator = CountingAllocator;
//!
//! fn main() {
//!     let (sum, count) = allocations_in(|| 1 + 1);
//!     assert_eq!((sum, count), (2, 0));
//! }
//! ```

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with a count for each thread.
#[derive(Clone, Copy, Default, Debug)]
pub struct CountingAllocator;

thread_local! {
    // Plain numbers that need neither construction nor destruction, so that counting never allocates itself.
    static ALLOCATED: Cell<u64> = const { Cell::new(0) };
    static FREED: Cell<u64> = const { Cell::new(0) };
}

fn add_one(counter: &'static std::thread::LocalKey<Cell<u64>>) {
    // A thread that is ending has nothing left to count for.
    let _ = counter.try_with(|count| count.set(count.get() + 1));
}

/// Returns how often this thread has asked for memory (growing and shrinking included) since it began.
#[must_use]
pub fn allocations() -> u64 {
    ALLOCATED.with(Cell::get)
}

/// Returns how often this thread has given memory back since it began.
#[must_use]
pub fn frees() -> u64 {
    FREED.with(Cell::get)
}

/// Runs `work` and returns its result, and how often it asked for memory on this thread.
pub fn allocations_in<R>(work: impl FnOnce() -> R) -> (R, u64) {
    let before = allocations();
    let result = work();
    (result, allocations() - before)
}

// SAFETY: every call goes to the system's allocator with the caller's own arguments, and nothing else touches memory.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add_one(&ALLOCATED);
        // SAFETY: the caller keeps the contract, which is the system's own.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add_one(&ALLOCATED);
        // SAFETY: as in `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        add_one(&ALLOCATED);
        // SAFETY: as in `alloc`; the pointer came from the same system allocator.
        unsafe { System.realloc(pointer, layout, bytes) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add_one(&FREED);
        // SAFETY: as in `alloc`; the pointer came from the same system allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}
