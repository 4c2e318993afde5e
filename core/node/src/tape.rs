//! The generated day as a venue would publish it, order by order: for sample files.

use std::collections::BTreeMap;

use omni_engine::Engine;
use omni_matching::Exchange;
use omni_sim::flow::{Flow, FlowConfig, Listing};
use omni_types::{
    BookAction, Event, ExecType, ExecutionReport, Input, InstrumentId, Liquidity, OrderType, Price, Qty, Side, Time,
};

use crate::day::{Capacities, list, listings, members};
use crate::flow::FlowSource;
use crate::inflight::Latency;
use crate::lockstep::{Lockstep, NodeError, Observer, Progress};
use crate::run::set_up;

/// References of orders that an amend put behind the queue begin here, above every order's own number.
const REPLACED: u64 = 1 << 48;

/// One published change of a book.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TapeRow {
    /// When.
    pub time: Time,
    /// The instrument.
    pub instrument: InstrumentId,
    /// Add, reduce, delete, or execute.
    pub action: BookAction,
    /// Side of the resting order.
    pub side: Side,
    /// Its number.
    pub reference: u64,
    /// Its price.
    pub price: Price,
    /// What is added or taken off.
    pub quantity: Qty,
}

/// An order that rests or is about to.
#[derive(Clone, Copy, Debug)]
struct Resting {
    instrument: InstrumentId,
    side: Side,
    price: Price,
    leaves: Qty,
    reference: u64,
    shown: bool,
}

#[derive(Debug, Default)]
struct Tape {
    rows: Vec<TapeRow>,
    orders: BTreeMap<u64, Resting>,
    /// Orders of the current input that show what is left of them at its end.
    arriving: Vec<u64>,
    replaced: u64,
    time: Time,
}

impl Tape {
    fn row(&mut self, action: BookAction, order: &Resting, quantity: Qty) {
        let Resting { instrument, side, price, reference, .. } = *order;
        self.rows.push(TapeRow { time: self.time, instrument, action, side, reference, price, quantity });
    }

    fn arrive(&mut self, report: &ExecutionReport, reference: u64) {
        let resting = Resting {
            instrument: report.instrument,
            side: report.side,
            price: report.price,
            leaves: report.leaves,
            reference,
            shown: false,
        };
        self.orders.insert(report.order_id.0, resting);
        self.arriving.push(report.order_id.0);
    }

    fn trade(&mut self, report: &ExecutionReport) {
        let Some(mut order) = self.orders.remove(&report.order_id.0) else { return };
        order.leaves = report.leaves;
        if report.liquidity != Liquidity::Taker && order.shown {
            self.row(BookAction::Execute, &order, report.last_quantity);
        }
        if report.leaves > Qty::ZERO {
            self.orders.insert(report.order_id.0, order);
        }
    }

    fn leave(&mut self, report: &ExecutionReport) {
        if let Some(order) = self.orders.remove(&report.order_id.0).filter(|order| order.shown) {
            self.row(BookAction::Delete, &order, order.leaves);
        }
    }

    /// A smaller quantity keeps its place; anything else leaves and comes back under a new number.
    fn replace(&mut self, report: &ExecutionReport) {
        let Some(order) = self.orders.get(&report.order_id.0).copied() else { return };
        if order.shown && order.price == report.price && report.leaves < order.leaves {
            self.row(BookAction::Reduce, &order, Qty(order.leaves.0 - report.leaves.0));
            self.orders.insert(report.order_id.0, Resting { leaves: report.leaves, ..order });
            return;
        }
        self.leave(report);
        self.replaced += 1;
        self.arrive(report, REPLACED + self.replaced);
    }
}

impl Observer for Tape {
    fn input(&mut self, input: &Input) -> Result<(), String> {
        self.time = input.time;
        Ok(())
    }

    fn applied(&mut self) {
        for id in core::mem::take(&mut self.arriving) {
            if let Some(mut order) = self.orders.get(&id).copied().filter(|order| !order.shown && order.leaves.0 > 0) {
                order.shown = true;
                self.row(BookAction::Add, &order, order.leaves);
                self.orders.insert(id, order);
            }
        }
    }

    fn event(&mut self, _seq: u64, event: &Event) {
        let Event::Report(report) = event else { return };
        match report.exec_type {
            ExecType::New if report.order_type == OrderType::Limit => self.arrive(report, report.order_id.0),
            ExecType::Trade => self.trade(report),
            ExecType::Cancelled | ExecType::Expired => self.leave(report),
            ExecType::Replaced | ExecType::Restated => self.replace(report),
            _ => {}
        }
    }
}

/// Runs a generated day without strategies and returns what its venue publishes.
///
/// # Errors
/// [`NodeError`] when the flow's settings can't be, or its day can't be set up.
pub fn tape(config: FlowConfig, generated: &[Listing], capacities: &Capacities) -> Result<Vec<TapeRow>, NodeError> {
    let fail = |message: String| NodeError::Source(message);
    let mut engine: Engine<Exchange> = capacities.exchange().map_err(|error| fail(error.to_string()))?;
    let instruments = list(generated).map_err(|error| fail(error.to_string()))?;
    let flow = Flow::new(config, generated).map_err(|error| fail(error.to_string()))?;
    let mut source = FlowSource::new(flow, generated.len() as u32);
    let mut tape = Tape::default();
    set_up(&mut engine, config.start, listings(&instruments).chain(members(&config, generated)), &mut tape)?;
    let mut lockstep = Lockstep::new(engine, Latency::default(), Vec::new())?;
    while lockstep.step(&mut source, &mut tape)? == Progress::More {}
    Ok(tape.rows)
}

#[cfg(test)]
mod tests {
    use omni_sim::flow::universe;
    use omni_types::{AccountId, SessionId};

    use super::*;

    fn rows() -> Vec<TapeRow> {
        let generated = universe(3, 2).unwrap();
        let mut config = FlowConfig::day(3, Time(0), Time(600 * Time::SECOND), 2);
        config.commands = 20_000;
        (config.first_session, config.first_account) = (SessionId(100), AccountId(100));
        let (instruments, orders, levels) = (2, 1 << 14, 1 << 14);
        let (accounts, risk_slots, timers, bar_ns) = (1024, 1 << 14, 16, 0);
        let capacities = Capacities { instruments, orders, levels, accounts, risk_slots, timers, bar_ns };
        tape(config, &generated, &capacities).unwrap()
    }

    /// Takes a row into a book of what each order has left; panics where the row doesn't fit.
    fn apply(left: &mut BTreeMap<u64, u64>, row: &TapeRow) {
        match row.action {
            BookAction::Add => assert_eq!(left.insert(row.reference, row.quantity.0), None),
            BookAction::Delete => assert_eq!(left.remove(&row.reference), Some(row.quantity.0)),
            _ => {
                let open = left.get_mut(&row.reference).unwrap();
                *open -= row.quantity.0;
                if *open == 0 {
                    left.remove(&row.reference);
                }
            }
        }
    }

    #[test]
    fn every_row_fits_the_book_before_it() {
        let (rows, mut left) = (rows(), BTreeMap::new());
        rows.iter().for_each(|row| apply(&mut left, row));
        let count = |action| rows.iter().filter(|row| row.action == action).count();
        assert!(count(BookAction::Add) > 5_000 && count(BookAction::Execute) > 500);
        assert!(rows.windows(2).all(|pair| pair[0].time <= pair[1].time));
    }
}
