//! Trading states: what happens when one ends and the next begins.

use omni_book::Order;
use omni_port::Sink;
use omni_types::{Event, InstrumentId, MarketStatus, Refusal, Side, Time, TimeInForce, TradingState};

use crate::Exchange;
use crate::auction::Outcome;
use crate::held::Shelf;
use crate::report::time_in_force;
use crate::spot::Spot;

impl Exchange {
    /// Changes an instrument's trading state. Continuous trading begins, and a closing call ends, with an auction.
    pub(crate) fn enter_state<S: Sink>(
        &mut self,
        instrument: InstrumentId,
        state: TradingState,
        time: Time,
        sink: &mut S,
    ) {
        let Some(listing) = self.listings.get(instrument.index()) else { return };
        let before = listing.state;
        let closes = (before, state) == (TradingState::Closing, TradingState::Closed);
        if before != TradingState::Open && state == TradingState::Open || closes {
            self.uncross(instrument, time, sink);
            self.end_auction(instrument, time, sink);
        }
        self.listings[instrument.index()].state = state;
        if let Some(outcome) = self.outcomes.get_mut(instrument.index()).filter(|_| !state.is_call()) {
            *outcome = Outcome::default();
        }
        sink.event(&Event::Status(MarketStatus { time, instrument, state }));
        match state {
            TradingState::Halted => return,
            TradingState::Closed => return self.close(instrument, time, sink),
            TradingState::Closing => self.call_for_close(instrument, time, sink),
            _ => {}
        }
        self.settle(instrument, time, sink);
        self.publish(instrument, time, sink);
    }

    /// Ends what lives no longer than the trading session.
    fn close<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        let ends = |exchange: &Self, order: &Order| {
            let time_in_force = match order.more {
                0 => time_in_force(order),
                more => exchange.specials.get(more).time_in_force,
            };
            !matches!(time_in_force, TimeInForce::Gtc | TimeInForce::Gtd)
        };
        self.sweep(instrument, ends, Refusal::MarketClosed, time, sink);
    }

    /// Brings the orders for the closing auction into it, those that came first first.
    fn call_for_close<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        for side in Side::BOTH {
            while let Some(slot) = self.held.first(instrument, Shelf::Closing, side) {
                let (taker, terms) = self.take_up(Spot::Held(slot));
                self.enter(taker, terms, time, sink);
            }
        }
    }
}
