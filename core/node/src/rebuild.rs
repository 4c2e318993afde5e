//! Rebuilds a run's state from its journal, without strategies: recovery, and the story of an order.

use omni_engine::Engine;
use omni_journal::Reader;
use omni_port::{Depth, Venue};
use omni_risk::CheckResult;
use omni_types::{
    AmendOrder, Body, ClientOrderId, Event, ExecutionReport, Input, NewOrder, SessionId, Side, Terms, Time,
};

use crate::lockstep::NodeError;

/// Levels of each side that the story of an order shows.
const LEVELS: usize = 5;

/// Applies a journal's inputs to an engine that is as the run's was at its start, up to and with number `until` where
/// one is given.
///
/// `see` is called with the engine before each input is applied, and with each event.
///
/// # Errors
/// [`NodeError::Source`] where the journal is damaged, [`NodeError::Engine`] where an input can't be taken.
pub fn rebuild<V: Venue>(
    reader: &mut Reader,
    mut engine: Engine<V>,
    until: Option<u64>,
    see: &mut dyn Witness<V>,
) -> Result<Engine<V>, NodeError> {
    while until.is_none_or(|until| engine.seq() < until) {
        let Some(input) = reader.next_input().map_err(|error| NodeError::Source(error.to_string()))? else { break };
        see.input(&engine, &input);
        let seq = input.seq;
        engine.apply(&input, &mut |event: &Event| see.event(seq, event))?;
    }
    Ok(engine)
}

/// Sees a journal's inputs and events as they are applied again.
pub trait Witness<V> {
    /// Sees an input before it is applied.
    fn input(&mut self, _engine: &Engine<V>, _input: &Input) {}
    /// Sees an event of the input with this number.
    fn event(&mut self, _seq: u64, _event: &Event) {}
}

/// The story of an order: what caused it, what the gate saw, what became of it.
#[derive(Clone, Debug)]
pub struct Story {
    /// The order as it was sent, and its number in the journal.
    pub order: (u64, NewOrder),
    /// What else it asked for.
    pub terms: Terms,
    /// Engine time when it came.
    pub time: Time,
    /// The input whose delivery made the strategy send it; `None` for what came from outside.
    pub cause: Option<Input>,
    /// The first bids and asks when it came.
    pub book: [Vec<Depth>; 2],
    /// Every check of the gate with its value at that moment.
    pub checks: Vec<CheckResult>,
    /// The amends that were asked of it.
    pub amends: Vec<(u64, AmendOrder)>,
    /// Its reports, with the inputs that made them.
    pub reports: Vec<(u64, ExecutionReport)>,
}

struct Teller {
    session: SessionId,
    client_order_id: ClientOrderId,
    cause: u64,
    story: Option<Story>,
    caused: Option<Input>,
}

impl<V: Venue> Witness<V> for Teller {
    fn input(&mut self, engine: &Engine<V>, input: &Input) {
        if input.seq == self.cause {
            self.caused = Some(input.clone());
        }
        if let (Body::Amend(amend), Some(story)) = (&input.body, &mut self.story)
            && (amend.session, amend.client_order_id) == (self.session, self.client_order_id)
        {
            story.amends.push((input.seq, *amend));
        }
        let Some((&order, &terms)) = input.body.new_order() else { return };
        if (order.session, order.client_order_id) != (self.session, self.client_order_id) || self.story.is_some() {
            return;
        }
        let depth = |side| engine.venue().depth(order.instrument, side, LEVELS).collect();
        self.story = Some(Story {
            order: (input.seq, order),
            terms,
            time: input.time,
            cause: self.caused.take(),
            book: Side::BOTH.map(depth),
            checks: engine.gate().explain(&order, input.time).to_vec(),
            amends: Vec::new(),
            reports: Vec::new(),
        });
    }

    fn event(&mut self, seq: u64, event: &Event) {
        let (Event::Report(report), Some(story)) = (event, &mut self.story) else { return };
        if (report.session, report.client_order_id) == (self.session, self.client_order_id) {
            story.reports.push((seq, *report));
        }
    }
}

/// Tells the story of an order; `None` where the journal has no such order.
///
/// `open` opens the journal at its start; it is read twice, since an order's cause lies before it.
///
/// # Errors
/// As [`rebuild`].
pub fn why<V: Venue>(
    open: &mut dyn FnMut() -> Result<Reader, NodeError>,
    engine: Engine<V>,
    session: SessionId,
    client_order_id: ClientOrderId,
) -> Result<Option<Story>, NodeError> {
    let Some(cause) = cause_of(&mut open()?, session, client_order_id)? else { return Ok(None) };
    let mut teller = Teller { session, client_order_id, cause, story: None, caused: None };
    rebuild(&mut open()?, engine, None, &mut teller)?;
    Ok(teller.story)
}

fn cause_of(reader: &mut Reader, session: SessionId, id: ClientOrderId) -> Result<Option<u64>, NodeError> {
    while let Some(input) = reader.next_input().map_err(|error| NodeError::Source(error.to_string()))? {
        let is_it = |order: &NewOrder| order.session == session && order.client_order_id == id;
        if input.body.new_order().is_some_and(|(order, _)| is_it(order)) {
            return Ok(Some(input.cause));
        }
    }
    Ok(None)
}
