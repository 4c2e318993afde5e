//! The generated day as a source.

use std::collections::VecDeque;

use omni_sim::flow::{Flow, FlowView};
use omni_types::{Body, Event, InstrumentId, Time, TopOfBook, TradingState};

use crate::source::{Next, Source, Tops};

/// The flow's commands, then the close of every instrument.
pub struct FlowSource {
    flow: Flow,
    closing: VecDeque<InstrumentId>,
}

struct View<'a>(&'a dyn Tops);

impl FlowView for View<'_> {
    fn top(&self, instrument: InstrumentId) -> TopOfBook {
        self.0.top(instrument)
    }
}

impl FlowSource {
    /// Takes a flow over `instruments` listings.
    #[must_use]
    pub fn new(flow: Flow, instruments: u32) -> Self {
        let first = flow.config().first_instrument.0;
        Self { flow, closing: (first..first + instruments).map(InstrumentId).collect() }
    }

    fn end(&self) -> Time {
        self.flow.config().end
    }
}

impl Source for FlowSource {
    fn peek(&mut self, _tops: &dyn Tops) -> Next {
        match self.flow.next_time() {
            Some(time) => Next::At(time),
            None if self.closing.is_empty() => Next::Done,
            None => Next::At(self.end()),
        }
    }

    fn take(&mut self, tops: &dyn Tops) -> Result<Body, String> {
        if let Some(command) = self.flow.next(&View(tops)) {
            return Ok(command.body);
        }
        let instrument = self.closing.pop_front().ok_or("the generated day is over")?;
        Ok(Body::Status { instrument, state: TradingState::Closed })
    }

    fn on_event(&mut self, event: &Event) {
        if let Event::Report(report) = event {
            self.flow.on_report(report);
        }
    }
}
