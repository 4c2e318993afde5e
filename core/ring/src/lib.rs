//! What the engine needs below the language's guarantees: bounded rings between two threads, files mapped into memory,
//! check sums by the processor's own instruction, look-ahead into memory, a lock on a directory and the counting
//! allocator of the tests.
//!
//! Unsafe code stands here so that it stands nowhere else: every block says which invariant makes it sound, and the
//! ring is checked under every interleaving by loom (`RUSTFLAGS="--cfg loom" cargo test -p omni-ring --release --lib`).
#![allow(unsafe_code)]

#[cfg(feature = "count-alloc")]
pub mod alloc;
mod checksum;
mod lanes;
mod lock;
mod mapped;
mod padded;
mod prefetch;
mod spsc;
mod word;

pub use checksum::{crc32c, crc32c_bytes, crc32c_from};
pub use lanes::equal_lanes;
pub use lock::DirectoryLock;
pub use mapped::{MappedFile, ReadMap};
pub use padded::Padded;
pub use prefetch::prefetch;
pub use spsc::{Consumer, Producer, PushError, ring};
pub use word::bytes_of_mut;
