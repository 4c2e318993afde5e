//! After its start the loop of simulated time allocates nothing: source, engine, deliveries, commands on their way.

mod support;

use omni_node::{HostState, Progress};
use omni_port::{BookView, Desk, Strategy, StrategyFault, Ticket};
use omni_ring::alloc::{CountingAllocator, allocations_in};
use omni_types::{Price, Qty, Quote, Side, TimerId};
use support::{Tally, day};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Sends commands of every kind all the time, several on their way at once.
struct Busy {
    quotes: i64,
}

impl Strategy for Busy {
    fn on_quote(&mut self, quote: &Quote, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.quotes += 1;
        let Some(mid) = quote.top.mid_twice().map(|twice| twice / 2) else { return Ok(()) };
        let away = Price(mid - mid.rem_euclid(100) - 500);
        match self.quotes % 4 {
            0 => drop(desk.submit(Ticket::limit(quote.instrument, Side::Buy, Qty(100), away))),
            1 => drop(desk.submit(Ticket::market(quote.instrument, Side::Sell, Qty(100)))),
            2 => desk.set_timer(TimerId(1), desk.time().plus(1_000_000)),
            _ => {}
        }
        let first = desk.orders().next().copied();
        if let Some(first) = first.filter(|_| self.quotes % 2 == 0) {
            desk.amend(first.client_order_id, Price(away.0 - 100), Qty(200));
            desk.cancel(first.client_order_id);
        }
        if self.quotes % 1_000 == 0 {
            desk.cancel_all(None);
        }
        Ok(())
    }

    fn on_book(&mut self, book: &BookView, _desk: &mut Desk) -> Result<(), StrategyFault> {
        assert!(book.bids().len() <= omni_port::BOOK_LEVELS);
        Ok(())
    }
}

/// Runs a day and returns what the loop allocated in it.
fn allocated(batch_ns: i64) -> Result<(Tally, u64), Box<dyn std::error::Error>> {
    let (mut lockstep, mut source) = day(Busy { quotes: 0 }, batch_ns, 20)?;
    let mut tally = Tally::default();
    lockstep.start(false, &mut source, &mut tally)?;
    let (result, count) = allocations_in(|| {
        while lockstep.step(&mut source, &mut tally)? == Progress::More {}
        Ok::<_, omni_node::NodeError>(())
    });
    result?;
    Ok((tally, count))
}

#[test]
fn the_loop_allocates_nothing() {
    for batch_ns in [0, 100_000_000] {
        let (tally, count) = allocated(batch_ns).unwrap();
        assert_eq!(tally.state, HostState::Running);
        assert!(tally.inputs > 20_000 && tally.reports > 2_000, "{} inputs, {} reports", tally.inputs, tally.reports);
        assert_eq!(count, 0, "allocations in {} inputs, batches of {batch_ns} ns", tally.inputs);
    }
}
