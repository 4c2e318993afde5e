//! Where inputs from outside come from.

use omni_types::{Body, Event, InstrumentId, SessionId, Time, TopOfBook};

/// What a source may look at: the best bid and ask of the venue that it feeds.
pub trait Tops {
    /// Returns the best bid and ask.
    fn top(&self, instrument: InstrumentId) -> TopOfBook;
}

/// When a source's next input comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// At this event time.
    At(Time),
    /// As exactly this sequence number, at this time: a recorded run places its inputs so.
    Numbered(u64, Time),
    /// Never: the source has ended.
    Done,
}

/// A stream of inputs from outside: a generator, recorded data, a journal.
pub trait Source: Send {
    /// Returns when the next input comes; asked again until it is taken, with the same answer.
    fn peek(&mut self, tops: &dyn Tops) -> Next;

    /// Takes the input that [`Self::peek`] announced.
    ///
    /// # Errors
    /// A message for people where the source breaks: the file, the place, what was wrong.
    fn take(&mut self, tops: &dyn Tops) -> Result<Body, String>;

    /// Returns the strategy whose answer was awaited when the input that [`Self::peek`] announced came: a recorded run's
    /// operator and watchdog speak then, and must be heard at the same place again.
    fn during(&self) -> Option<SessionId> {
        None
    }

    /// Returns the cause of the input that [`Self::peek`] announced: above 0 only for what a recorded run's operator and
    /// watchdog said while a strategy was awaited.
    fn cause(&self) -> u64 {
        0
    }

    /// Sees every event, for sources that react to the market.
    fn on_event(&mut self, _event: &Event) {}
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn peek(&mut self, tops: &dyn Tops) -> Next {
        (**self).peek(tops)
    }

    fn take(&mut self, tops: &dyn Tops) -> Result<Body, String> {
        (**self).take(tops)
    }

    fn during(&self) -> Option<SessionId> {
        (**self).during()
    }

    fn cause(&self) -> u64 {
        (**self).cause()
    }

    fn on_event(&mut self, event: &Event) {
        (**self).on_event(event);
    }
}
