//! A recorded run as a source: what came from outside, at exactly the numbers that it had.

use std::sync::Arc;

use omni_journal::{JournalError, Reader};
use omni_types::{Body, Fault, Input, InstrumentId, SessionId, TickTable};

use crate::source::{Next, Source, Tops};

/// The outside inputs of a journal, for a run that replays with its strategies.
///
/// Commands of strategies and the clock's inputs are left out: strategies and deadlines make them again, and the hash
/// tells whether they made the same.
pub struct ReplaySource {
    reader: Reader,
    next: Option<Input>,
    /// The last input that the run made itself, other than the stop of a strategy that raised: that one follows what it
    /// answers, or the run's end.
    own: u64,
    /// Read ahead of the inputs that the run made itself.
    failed: Option<String>,
}

impl ReplaySource {
    /// Reads on from where the reader is.
    #[must_use]
    pub fn new(reader: Reader) -> Self {
        let mut source = Self { reader, next: None, own: 0, failed: None };
        source.advance();
        source
    }

    fn advance(&mut self) {
        loop {
            match self.reader.next_input() {
                Ok(Some(input)) if is_outside(&input) => self.next = Some(input),
                Ok(Some(input)) => {
                    if !matches!(input.body, Body::Stop { .. }) {
                        self.own = input.seq;
                    }
                    continue;
                }
                Ok(None) => self.next = None,
                Err(error) => {
                    self.failed = Some(error.to_string());
                    self.next = None;
                }
            }
            return;
        }
    }
}

/// Returns whether an input came from outside: neither from a strategy nor from the engine's own deadlines.
fn is_outside(input: &Input) -> bool {
    match input.body {
        Body::Clock | Body::Stop { fault: Fault::Raised, .. } => false,
        // A strategy that never answered is named by its delivery, but it was the watchdog or the recovery that spoke.
        Body::Stop { fault, .. } if fault.is_unanswered() => true,
        // An operator's input that came while a strategy was awaited names that one.
        Body::Kill { .. } | Body::Resume { .. } | Body::Stop { .. } | Body::Start { .. } => true,
        _ => input.cause == 0,
    }
}

impl Source for ReplaySource {
    fn peek(&mut self, _tops: &dyn Tops) -> Next {
        match &self.next {
            Some(input) => Next::Numbered(input.seq, input.time),
            None if self.failed.is_some() => Next::Numbered(u64::MAX, omni_types::Time(i64::MAX)),
            None => Next::Own(self.own),
        }
    }

    fn during(&self) -> Option<SessionId> {
        let input = self.next.as_ref()?;
        match input.body {
            Body::Stop { session, fault } if fault.is_unanswered() => Some(session),
            Body::Kill { .. } | Body::Resume { .. } | Body::Stop { .. } | Body::Start { .. } => {
                u16::try_from(input.cause).ok().filter(|session| *session > 0).map(SessionId)
            }
            _ => None,
        }
    }

    fn cause(&self) -> u64 {
        self.next.as_ref().map_or(0, |input| input.cause)
    }

    fn take(&mut self, _tops: &dyn Tops) -> Result<Body, String> {
        match (self.next.take(), self.failed.take()) {
            (Some(input), _) => {
                self.advance();
                Ok(input.body)
            }
            (None, Some(message)) => Err(message),
            (None, None) => Err("the journal has ended".to_owned()),
        }
    }
}

/// What reading a journal once tells about how to replay it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Outline {
    /// Number of the last input.
    pub last_seq: u64,
    /// Engine time of the start.
    pub start: omni_types::Time,
    /// What was set up before the strategies were started; the clock input that ends it is not among them.
    pub setup: Vec<Body>,
    /// Strategies that hung or crashed, and the input whose delivery they did not come back from.
    pub hung: Vec<(SessionId, u64)>,
    /// Tick tables that came later, and when.
    pub ticks: Vec<(omni_types::Time, InstrumentId, Arc<TickTable>)>,
}

/// Reads a journal once and tells how to replay it.
///
/// # Errors
/// What the reader says of a damaged journal.
pub fn outline(reader: &mut Reader) -> Result<Outline, JournalError> {
    let mut outline = Outline::default();
    let mut setting_up = true;
    while let Some(input) = reader.next_input()? {
        setting_up &= input.body != Body::Clock;
        outline.last_seq = input.seq;
        match input.body {
            body if setting_up => {
                outline.start = input.time;
                outline.setup.push(body);
            }
            Body::Ticks { instrument, table } => outline.ticks.push((input.time, instrument, table)),
            Body::Stop { session, fault } if fault.is_unanswered() => outline.hung.push((session, input.cause)),
            _ => {}
        }
    }
    Ok(outline)
}

/// Reads past the set-up that a journal begins with.
///
/// # Errors
/// As [`outline`].
pub fn skip_setup(reader: &mut Reader) -> Result<(), JournalError> {
    while reader.next_input()?.is_some_and(|input| input.body != Body::Clock) {}
    Ok(())
}
