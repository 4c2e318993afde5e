//! What the binary interface costs: a compiled strategy whose callback does nothing, and one of our own that does nothing.

use core::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use omni_plugin::Library;
use omni_port::{Desk, Strategy, StrategyFault};
use omni_types::{AccountId, Event, InstrumentId, Price, Qty, Quote, SessionId, Time, TopOfBook};

use crate::figure::Failure;
use crate::market::instrument;
use crate::timing::best;

/// Events of a delivery, and deliveries of a round.
const EVENTS: usize = 256;
const DELIVERIES: usize = 1 << 13;
const ROUNDS: usize = 7;

/// A built-in strategy that does nothing with a quote.
struct Nothing;

impl Strategy for Nothing {
    #[inline(never)]
    fn on_quote(&mut self, quote: &Quote, _desk: &mut Desk) -> Result<(), StrategyFault> {
        black_box(quote);
        Ok(())
    }
}

/// Returns nanoseconds for a quote's way to the strategy of the plugin at `path`, or to a built-in one where there is
/// none.
///
/// # Errors
/// [`Failure`] where the plugin can't be used, or takes no quotes.
pub fn event_ns(path: Option<&Path>) -> Result<f64, Failure> {
    let library = path.map(Library::open).transpose().map_err(Failure::of)?;
    if library.as_ref().is_some_and(|library| !library.feeds().quote) {
        return Err(Failure("the plugin takes no quotes".to_owned()));
    }
    let instruments = Arc::from([instrument(0)?]);
    let events: Vec<Event> = (0..EVENTS).map(|at| Event::Quote(quote(at as i64))).collect();
    let set_up = || {
        let mut desk = Desk::new(SessionId(1), AccountId(1), Arc::clone(&instruments));
        let strategy: Box<dyn Strategy> = match &library {
            Some(library) => Box::new(library.strategy(&[], &mut desk).map_err(Failure::of)?),
            None => Box::new(Nothing),
        };
        Ok((black_box(strategy), desk))
    };
    let took = best(ROUNDS, set_up, |(strategy, desk): &mut (Box<dyn Strategy>, Desk)| {
        (0..DELIVERIES).try_for_each(|_| strategy.on_events(black_box(&events), desk)).map_err(Failure::of)
    })?;
    Ok(took / (EVENTS * DELIVERIES) as f64)
}

fn quote(at: i64) -> Quote {
    let side = |price| Some((Price(price), Qty(100)));
    Quote {
        time: Time(at),
        instrument: InstrumentId(0),
        top: TopOfBook { bid: side(10_000 + at), ask: side(10_001 + at) },
    }
}
