//! A strategy that sends more commands than may be on their way is stopped alone, and says why.

mod support;

use omni_node::{HostState, Progress};
use omni_port::{Desk, Strategy, StrategyFault, Ticket};
use omni_types::{InstrumentId, Price, Qty, Side};
use support::{Tally, day};

const COMMANDS_MAX: u64 = 65_536;

struct Flood(u64);

impl Strategy for Flood {
    fn on_start(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        for _ in 0..self.0 {
            desk.submit(Ticket::limit(InstrumentId(0), Side::Buy, Qty(100), Price(100)));
        }
        Ok(())
    }
}

fn run(commands: u64) -> Result<Tally, Box<dyn std::error::Error>> {
    let (mut lockstep, mut source) = day(Flood(commands), 0, 1)?;
    let mut tally = Tally::default();
    lockstep.start(false, &mut source, &mut tally)?;
    while lockstep.step(&mut source, &mut tally)? == Progress::More {}
    Ok(tally)
}

#[test]
fn a_full_house_is_taken_and_one_more_stops_the_strategy() {
    let full = run(COMMANDS_MAX).unwrap();
    assert_eq!(full.state, HostState::Running);
    assert!(full.reports >= COMMANDS_MAX, "{} reports", full.reports);
    let over = run(COMMANDS_MAX + 1).unwrap();
    let HostState::Faulted(_, message) = &over.state else { panic!("it is not stopped: {:?}", over.state) };
    assert_eq!(message, "it has more than 65536 commands on their way at once");
    assert!(over.inputs > 500, "the run goes on without it: {} inputs", over.inputs);
    assert_eq!(over.reports, 0, "none of them was sent");
}
