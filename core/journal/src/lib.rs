//! The journal: the durable log of the engine's inputs, and the truth of a run.
//!
//! A journal is a folder of segments. [`Journal::append`] copies an input into the current one, a file that is mapped
//! and whose disk space was reserved ahead, so that nothing on that path allocates, waits or asks the system for
//! anything; a thread of its own prepares the next segment, brings what was written to the disk in groups, and moves
//! the [`Watermark`] that gateways wait for before they release an event. [`Reader`] gives the inputs back, checked;
//! [`Journal::recover`] cuts off a torn tail and goes on; [`snapshot`] keeps states of the engine beside them.
//!
//! The layout of a record is in [`record`], of a segment's header in [`RunHeader`].

mod code;
mod contract;
mod decode;
mod definition;
mod disk;
mod encode;
mod error;
mod header;
mod inspect;
mod reader;
pub mod record;
mod recovery;
mod segment;
pub mod snapshot;
mod tail;
#[cfg(feature = "testing")]
pub mod testing;
mod thread;
mod watermark;
mod window;
mod writer;

pub use disk::{Disk, DiskFile, DiskMap, Files};
pub use error::JournalError;
pub use header::{Mode, RunHeader};
pub use inspect::{Finding, Inspection, SegmentState, SegmentView, inspect};
pub use reader::{End, Reader};
pub use recovery::Recovery;
pub use tail::Dropped;
pub use watermark::Watermark;
pub use writer::{Journal, Options, SEGMENT_BYTES};
