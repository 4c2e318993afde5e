//! Whether there is memory for what is to be reserved.

use core::fmt;

use omni_book::Capacity;

/// More is asked for than there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoMemory {
    capacity: Capacity,
    available: u64,
}

impl fmt::Display for NoMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Capacity { orders, levels, .. } = self.capacity;
        let (asked, available) = (self.capacity.bytes().div_ceil(1 << 20), self.available >> 20);
        write!(f, "there is no memory for orders={orders} and levels={levels}: they take {asked} MiB, ")?;
        write!(f, "and {available} MiB are available; ask for fewer")
    }
}

impl std::error::Error for NoMemory {}

/// Checks that the machine has memory for books of a capacity, all of it in use.
///
/// # Errors
/// [`NoMemory`] where it hasn't. A machine that doesn't tell what it has is taken to have enough.
pub fn check_memory(capacity: &Capacity) -> Result<(), NoMemory> {
    match available_bytes() {
        Some(available) if capacity.bytes() > available => Err(NoMemory { capacity: *capacity, available }),
        _ => Ok(()),
    }
}

/// Returns the memory that can be had without swapping, as Linux estimates it.
fn available_bytes() -> Option<u64> {
    parse(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

fn parse(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_no_machine_is_refused_before_it_is_reserved() {
        let small = Capacity { instruments: 1, orders: 1 << 10, levels: 1 << 10 };
        assert_eq!(check_memory(&small), Ok(()));
        let huge = Capacity { orders: 1 << 46, ..small };
        if available_bytes().is_some() {
            let told = check_memory(&huge).map_err(|error| error.to_string());
            assert!(told.as_ref().is_err_and(|told| told.contains("orders=70368744177664")), "{told:?}");
        }
    }

    #[test]
    fn meminfo_is_read() {
        assert_eq!(parse("MemTotal:  9 kB\nMemAvailable:   23354928 kB\n"), Some(23_354_928 << 10));
        assert_eq!(parse("MemTotal:  9 kB\n"), None);
    }
}
