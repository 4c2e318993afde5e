//! A disk that fails as disks do, the same way for the same seed; behind the feature `testing`.

mod inode;
mod sim;
mod state;

pub use sim::{SimDisk, SimFile, SimLock, SimMap};
pub use state::{Death, Faults, Weather};
