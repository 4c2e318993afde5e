//! Where inputs from outside come from.

use omni_types::{Body, Event, InstrumentId, Time, TopOfBook};

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

    fn on_event(&mut self, event: &Event) {
        (**self).on_event(event);
    }
}
