//! Watches the calls of compiled strategies, which no thread of ours can take back: notes each, so that a process that
//! one ends is recovered without it, and ends a process in which one hangs.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use omni_ring::MappedFile;
use omni_types::SessionId;

use crate::watch::StrategyInfo;

/// The word that holds the call going on: the input's number above the session's, 0 for none.
const CALL: usize = 0;
/// The word that says whether the watchdog ended the process.
const HUNG: usize = 1;
const WORDS: usize = 2;
const SESSION_BITS: u32 = 16;

/// Looks within the time that a call may take.
const LOOKS: u32 = 8;
/// The longest pause between two looks.
const LOOK_MOST: Duration = Duration::from_millis(200);

/// A call of a strategy that did not come back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastCall {
    /// Whose.
    pub session: SessionId,
    /// The last input that it was called with.
    pub seq: u64,
    /// Whether it hung; otherwise it ended the process.
    pub hung: bool,
}

impl LastCall {
    fn of(call: u64, hung: bool) -> Option<Self> {
        let session = SessionId((call & ((1 << SESSION_BITS) - 1)) as u16);
        (call != 0).then_some(Self { session, seq: call >> SESSION_BITS, hung })
    }

    /// Reads what a run's note says; `None` where no call was going on, or there is no note.
    ///
    /// # Errors
    /// The system's error, and one for a file that is no note.
    pub fn read(note: &Path) -> io::Result<Option<Self>> {
        let bytes = match std::fs::read(note) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let (words, rest) = bytes.as_chunks::<8>();
        if words.len() < WORDS || !rest.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no note of a strategy's call"));
        }
        Ok(Self::of(u64::from_ne_bytes(words[CALL]), words[HUNG] != [0; 8]))
    }
}

/// Where the call going on is noted.
#[derive(Debug)]
enum Note {
    /// In memory that nobody else sees, of a run that leaves nothing.
    Memory([AtomicU64; WORDS]),
    /// In a file, whose contents outlive the process.
    File(MappedFile),
}

impl Note {
    #[inline]
    fn words(&self) -> &[AtomicU64] {
        match self {
            Self::Memory(words) => words,
            Self::File(file) => file.atomic_words(),
        }
    }
}

/// Notes the calls of one strategy.
#[derive(Clone, Debug)]
pub struct Guard {
    note: Arc<Note>,
    session: SessionId,
}

impl Guard {
    /// Notes that the strategy is called with everything up to an input.
    #[inline]
    fn enter(&self, seq: u64) {
        self.note.words()[CALL].store(seq << SESSION_BITS | u64::from(self.session.0), Ordering::Release);
    }

    /// Notes that it has come back.
    #[inline]
    fn leave(&self) {
        self.note.words()[CALL].store(0, Ordering::Release);
    }
}

/// Makes a call of a strategy with everything up to an input; it is noted where the strategy has a guard.
#[inline]
pub(crate) fn noted<T>(guard: Option<&Guard>, seq: u64, call: impl FnOnce() -> T) -> T {
    let Some(guard) = guard else { return call() };
    guard.enter(seq);
    let answer = call();
    guard.leave();
    answer
}

/// The watchdog of compiled strategies; it looks as long as there is a [`Guard`] of it.
#[derive(Debug)]
pub struct Sentry {
    note: Arc<Note>,
}

impl Sentry {
    /// Begins to watch: a call that takes longer than `patience` ends the process.
    ///
    /// # Errors
    /// The system's error where the note can't be made or no thread can be started.
    pub fn new(note: Option<&Path>, patience: Duration, strategies: Vec<StrategyInfo>) -> io::Result<Self> {
        let note = match note {
            None => Note::Memory([const { AtomicU64::new(0) }; WORDS]),
            Some(path) => Note::File(MappedFile::create(path, WORDS * 8)?),
        };
        let note = Arc::new(note);
        let watched = Arc::downgrade(&note);
        let thread = std::thread::Builder::new().name("sentry".to_owned());
        thread.spawn(move || look(&watched, patience, &strategies))?;
        Ok(Self { note })
    }

    /// Returns what notes the calls of a strategy.
    #[must_use]
    pub fn guard(&self, session: SessionId) -> Guard {
        Guard { note: Arc::clone(&self.note), session }
    }
}

fn look(note: &Weak<Note>, patience: Duration, strategies: &[StrategyInfo]) {
    let pause = (patience / LOOKS).min(LOOK_MOST);
    let (mut seen, mut since) = (0, Instant::now());
    while let Some(note) = note.upgrade() {
        let call = note.words()[CALL].load(Ordering::Acquire);
        if call == 0 || call != seen {
            (seen, since) = (call, Instant::now());
        } else if since.elapsed() > patience {
            end(&note, call, patience, strategies);
        }
        drop(note);
        std::thread::sleep(pause);
    }
}

/// Ends the process: its engine thread is in a call that can't be taken back.
fn end(note: &Note, call: u64, patience: Duration, strategies: &[StrategyInfo]) -> ! {
    note.words()[HUNG].store(1, Ordering::Release);
    if let Some(LastCall { session, seq, .. }) = LastCall::of(call, true) {
        let name = strategies.iter().find(|one| one.session == session).map_or("?", |one| &one.name);
        let ms = patience.as_millis();
        eprintln!(
            "omni: the compiled strategy {name} did not come back within {ms} ms from input {seq}: the process ends"
        );
    }
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_noted_until_it_comes_back() {
        let path = std::env::temp_dir().join(format!("omni-sentry-{}", std::process::id()));
        let sentry = Sentry::new(Some(&path), Duration::from_secs(600), Vec::new()).unwrap();
        let guard = sentry.guard(SessionId(7));
        assert_eq!(LastCall::read(&path).unwrap(), None);
        guard.enter(1 << 40);
        assert_eq!(LastCall::read(&path).unwrap(), Some(LastCall { session: SessionId(7), seq: 1 << 40, hung: false }));
        guard.leave();
        assert_eq!(LastCall::read(&path).unwrap(), None);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(LastCall::read(&path).unwrap(), None);
        // Another file: who looks still has the first one mapped.
        std::fs::write(&path, "something else").unwrap();
        assert!(LastCall::read(&path).is_err());
        std::fs::remove_file(&path).unwrap();
    }
}
