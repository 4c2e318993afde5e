//! Proves that a delivery to the maker allocates nothing once it has started.

use omni_port::{Desk, Strategy, StrategyFault};
use omni_quoting::Maker;
use omni_ring::alloc::{CountingAllocator, allocations_in};
use omni_types::Event;
use support::{Day, eager};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

mod support;

/// Counts what the maker allocates over a whole day; the desk's outbox, which is reserved, is in it.
struct Counted {
    maker: Maker,
    deliveries: u64,
}

impl Strategy for Counted {
    fn on_events(&mut self, events: &[Event], desk: &mut Desk) -> Result<(), StrategyFault> {
        let (result, count) = allocations_in(|| self.maker.on_events(events, desk));
        assert_eq!(count, 0, "allocations at delivery {} of {events:?}", self.deliveries);
        self.deliveries += 1;
        result
    }

    fn on_stop(&mut self, _desk: &mut Desk) -> Result<(), StrategyFault> {
        assert!(self.deliveries > 1_000, "only {} deliveries", self.deliveries);
        Ok(())
    }
}

#[test]
fn a_delivery_allocates_nothing() {
    let day = Day { params: eager(), ..Day::new(5, 20, 30) };
    let tally = day.run_with(|maker| Box::new(Counted { maker, deliveries: 0 }));
    assert!(tally.placed > 40 && tally.amended > 100 && tally.fills > 20, "{tally:?}");
}
