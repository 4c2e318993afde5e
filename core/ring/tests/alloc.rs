//! The counting allocator counts, and the ring needs it not to.

use omni_ring::alloc::{CountingAllocator, allocations_in, frees};
use omni_ring::ring;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn counts_this_thread_only() {
    let freed = frees();
    let (kept, count) = allocations_in(|| Box::new([1_u8; 100]));
    assert_eq!(count, 1);
    drop(kept);
    assert_eq!(frees() - freed, 1);
    let ((), count) = allocations_in(|| {
        let mut grown = vec![0_u8; 10];
        grown.reserve_exact(1000);
    });
    assert_eq!(count, 2);
    let handle = std::thread::spawn(|| drop(vec![0_u8; 1000]));
    let (result, count) = allocations_in(|| handle.join());
    assert!(result.is_ok());
    assert_eq!(count, 0, "what another thread asks for is its own");
}

#[test]
fn a_ring_in_use_asks_for_nothing() {
    let (mut producer, mut consumer) = ring::<u64>(64);
    let mut out = [0; 64];
    let (taken, count) = allocations_in(|| {
        (0..1000_u64)
            .map(|n| {
                producer.push_slice(&[n, n, n]);
                consumer.pop_slice(&mut out)
            })
            .sum::<usize>()
    });
    assert_eq!((taken, count), (3000, 0));
}
