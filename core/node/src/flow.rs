//! The generated day as a source.

use omni_sim::flow::{Flow, FlowView};
use omni_types::{Body, Event, InstrumentId, Time, TimeInForce, TopOfBook, TradingState};

use crate::source::{Next, Source, Tops};

/// Orders of funds in each instrument's opening and closing auction.
const AUCTION_ORDERS: usize = 6;

/// What the day does now; the number is how far it is with that, over all instruments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// Each instrument begins to gather orders.
    Call(usize),
    /// The flow fills the books.
    Fill,
    /// Funds send orders for the opening auctions.
    AtOpen(usize),
    /// Each instrument opens.
    Open(usize),
    /// The flow trades.
    Trade,
    /// Each instrument calls for its closing auction.
    Closing(usize),
    /// Funds send orders for the closing auctions.
    AtClose(usize),
    /// Each instrument closes.
    Close(usize),
    Over,
}

/// The flow's commands between an opening and a closing auction of every instrument.
pub struct FlowSource {
    flow: Flow,
    instruments: usize,
    phase: Phase,
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
        let phase = if flow.next_time().is_some() { Phase::Call(0) } else { Phase::Closing(0) };
        let mut source = Self { flow, instruments: instruments as usize, phase };
        source.skip();
        source
    }

    /// Leaves phases that are over.
    fn skip(&mut self) {
        let (each, orders) = (self.instruments, self.instruments * AUCTION_ORDERS);
        self.phase = match self.phase {
            Phase::Call(at) if at == each => Phase::Fill,
            Phase::Fill if !self.flow.is_opening() || self.flow.next_time().is_none() => Phase::AtOpen(0),
            Phase::AtOpen(at) if at == orders => Phase::Open(0),
            Phase::Open(at) if at == each => Phase::Trade,
            Phase::Trade if self.flow.next_time().is_none() => Phase::Closing(0),
            Phase::Closing(at) if at == each => Phase::AtClose(0),
            Phase::AtClose(at) if at == orders => Phase::Close(0),
            Phase::Close(at) if at == each => Phase::Over,
            _ => return,
        };
        self.skip();
    }

    fn time(&self) -> Option<Time> {
        let config = self.flow.config();
        match self.phase {
            Phase::Call(_) => Some(config.start),
            Phase::Fill | Phase::AtOpen(_) | Phase::Open(_) | Phase::Trade => {
                Some(self.flow.next_time().unwrap_or(config.end))
            }
            Phase::Closing(_) | Phase::AtClose(_) | Phase::Close(_) => Some(config.end),
            Phase::Over => None,
        }
    }

    fn status(&self, at: usize, state: TradingState) -> Body {
        Body::Status { instrument: InstrumentId(self.flow.config().first_instrument.0 + at as u32), state }
    }

    fn auction_order(&mut self, at: usize, time_in_force: TimeInForce) -> Body {
        self.flow.auction_order(at % self.instruments, time_in_force)
    }
}

impl Source for FlowSource {
    fn peek(&mut self, _tops: &dyn Tops) -> Next {
        self.time().map_or(Next::Done, Next::At)
    }

    fn take(&mut self, tops: &dyn Tops) -> Result<Body, String> {
        let over = "the generated day is over";
        let (body, next) = match self.phase {
            Phase::Call(at) => (self.status(at, TradingState::PreOpen), Phase::Call(at + 1)),
            Phase::Fill => (gathered(self.flow.next(&View(tops)).ok_or(over)?.body), Phase::Fill),
            Phase::AtOpen(at) => (self.auction_order(at, TimeInForce::AtOpen), Phase::AtOpen(at + 1)),
            Phase::Open(at) => (self.status(at, TradingState::Open), Phase::Open(at + 1)),
            Phase::Trade => (self.flow.next(&View(tops)).ok_or(over)?.body, Phase::Trade),
            Phase::Closing(at) => (self.status(at, TradingState::Closing), Phase::Closing(at + 1)),
            Phase::AtClose(at) => (self.auction_order(at, TimeInForce::AtClose), Phase::AtClose(at + 1)),
            Phase::Close(at) => (self.status(at, TradingState::Closed), Phase::Close(at + 1)),
            Phase::Over => return Err(over.to_owned()),
        };
        self.phase = next;
        self.skip();
        Ok(body)
    }

    fn on_event(&mut self, event: &Event) {
        if let Event::Report(report) = event {
            self.flow.on_report(report);
        }
    }
}

/// Takes post-only off an order: nothing trades on arrival while orders gather.
fn gathered(body: Body) -> Body {
    match body {
        Body::New(mut order) => {
            order.post_only = false;
            Body::New(order)
        }
        other => other,
    }
}
