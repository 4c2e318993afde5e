//! The flow reserves all its memory at the start.

use omni_ring::alloc::{CountingAllocator, allocations_in};
use omni_sim::flow::{FlowConfig, universe};
use omni_types::{Event, ExecutionReport};

#[path = "support/day.rs"]
#[allow(dead_code, reason = "this file runs the exchange by hand")]
mod day;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn nothing_is_allocated_after_the_start() {
    let listings = universe(1, 20).unwrap();
    let (mut exchange, mut flow) = day::open(FlowConfig::day(1, day::START, day::END, 20), &listings);
    let mut reports: Vec<ExecutionReport> = Vec::with_capacity(4_096);
    let (mut allocations, mut commands) = (0, 0);
    loop {
        let (command, count) = allocations_in(|| {
            reports.drain(..).for_each(|report| flow.on_report(&report));
            flow.next(&day::View(&exchange))
        });
        allocations += count;
        let Some(command) = command else { break };
        commands += 1;
        day::apply(&mut exchange, &command, &mut |event| {
            if let Event::Report(report) = event {
                reports.push(*report);
            }
        });
    }
    assert!(commands > 700_000, "{commands} commands");
    assert_eq!(allocations, 0);
}
