//! How far the journal is safe, and what the writer and the journal thread share.

use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use omni_ring::Padded;

use crate::segment::{Segment, Sheet};
use crate::{Disk, Files, JournalError, Mode};

/// The journal thread sleeps and wants to be woken by the next input.
pub(crate) const IDLE: u8 = 1;
/// An error ended the journal.
const BROKEN: u8 = 2;
/// How long a wake-up may be missed: the writer looks at the flag without a fence, which would cost every append.
const PATIENCE: Duration = Duration::from_millis(5);

/// What the writer, the journal thread and the gateways share.
#[derive(Debug)]
pub(crate) struct Shared<D: Disk> {
    mode: Mode,
    appended: Padded<AtomicU64>,
    durable: Padded<AtomicU64>,
    signal: Padded<AtomicU8>,
    desk: Mutex<Desk<D>>,
    /// Something for the journal thread to do.
    work: Condvar,
    /// Something that others wait for.
    progress: Condvar,
}

/// What passes between the writer and the journal thread once a segment.
#[derive(Debug)]
struct Desk<D: Disk> {
    prepared: Option<Result<Segment<D>, JournalError>>,
    current: Arc<Sheet<D>>,
    finished: Vec<Segment<D>>,
    failure: Option<Arc<JournalError>>,
    stopping: bool,
}

/// What the journal thread has to do now.
pub(crate) struct Work<D: Disk> {
    pub(crate) prepare: bool,
    pub(crate) finished: Vec<Segment<D>>,
    pub(crate) current: Arc<Sheet<D>>,
    /// The input up to which `finished` and `current` hold everything.
    pub(crate) target: u64,
    pub(crate) behind: bool,
}

impl<D: Disk> Shared<D> {
    pub(crate) fn new(mode: Mode, current: Arc<Sheet<D>>, seq: u64) -> Self {
        let desk = Desk { prepared: None, current, finished: Vec::with_capacity(4), failure: None, stopping: false };
        Self {
            mode,
            appended: Padded(AtomicU64::new(seq)),
            durable: Padded(AtomicU64::new(seq)),
            signal: Padded(AtomicU8::new(0)),
            desk: Mutex::new(desk),
            work: Condvar::new(),
            progress: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Desk<D>> {
        // Whoever panicked left no half-done change: each critical section is one assignment.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the flags, or the error that ended the journal.
    #[inline]
    pub(crate) fn signal(&self) -> Result<u8, JournalError> {
        let signal = self.signal.load(Ordering::Relaxed);
        if signal & BROKEN != 0 { Err(self.stopped()) } else { Ok(signal) }
    }

    #[cold]
    fn stopped(&self) -> JournalError {
        match &self.lock().failure {
            Some(first) => JournalError::Stopped(Arc::clone(first)),
            None => JournalError::Setting("the journal was closed".to_owned()),
        }
    }

    /// Makes an appended input visible to the journal thread.
    #[inline]
    pub(crate) fn publish(&self, seq: u64, signal: u8) {
        self.appended.store(seq, Ordering::Release);
        if signal & IDLE != 0 {
            self.wake();
        }
    }

    #[cold]
    pub(crate) fn wake(&self) {
        self.signal.fetch_and(!IDLE, Ordering::Relaxed);
        let _desk = self.lock();
        self.work.notify_one();
    }

    /// Ends the journal with its first error, and returns what callers get from now on.
    pub(crate) fn fail(&self, error: JournalError) -> JournalError {
        let mut desk = self.lock();
        let first = desk.failure.get_or_insert_with(|| Arc::new(error));
        let first = Arc::clone(first);
        self.signal.fetch_or(BROKEN, Ordering::Relaxed);
        self.progress.notify_all();
        JournalError::Stopped(first)
    }

    /// Takes the segment that was made ready; waits only where that isn't done yet.
    pub(crate) fn take_prepared(&self) -> Result<Segment<D>, JournalError> {
        let mut desk = self.lock();
        loop {
            if let Some(first) = &desk.failure {
                return Err(JournalError::Stopped(Arc::clone(first)));
            }
            if let Some(prepared) = desk.prepared.take() {
                return prepared;
            }
            self.work.notify_one();
            desk = self.wait(&self.progress, desk);
        }
    }

    /// Takes back a segment that was made ready and is not needed.
    pub(crate) fn take_unused(&self) -> Option<Segment<D>> {
        self.lock().prepared.take().and_then(Result::ok)
    }

    /// Gives a full segment to the journal thread, and says which one comes after it.
    pub(crate) fn hand_over(&self, full: Segment<D>, current: Arc<Sheet<D>>) {
        let mut desk = self.lock();
        desk.finished.push(full);
        desk.current = current;
        self.work.notify_one();
    }

    /// Gives a segment made ready, or why that failed, to the writer.
    pub(crate) fn offer(&self, prepared: Result<Segment<D>, JournalError>) {
        self.lock().prepared = Some(prepared);
        self.progress.notify_all();
    }

    pub(crate) fn advance(&self, seq: u64) {
        self.durable.store(seq, Ordering::Release);
        let _desk = self.lock();
        self.progress.notify_all();
    }

    /// Asks the journal thread to end when its work is done.
    pub(crate) fn stop(&self) {
        let mut desk = self.lock();
        desk.stopping = true;
        self.work.notify_all();
        self.progress.notify_all();
    }

    /// Waits for work; `None` when there is none and none will come.
    pub(crate) fn next_work(&self) -> Option<Work<D>> {
        let mut desk = self.lock();
        loop {
            if let Some(work) = self.gather(&mut desk) {
                return Some(work);
            }
            if desk.stopping {
                return None;
            }
            desk = self.rest(desk);
        }
    }

    /// Returns the work that there is now; `None` too where an error ended the journal.
    pub(crate) fn work_now(&self) -> Option<Work<D>> {
        let mut desk = self.lock();
        if desk.failure.is_some() { None } else { self.gather(&mut desk) }
    }

    fn gather(&self, desk: &mut Desk<D>) -> Option<Work<D>> {
        let target = self.appended.load(Ordering::Acquire);
        let behind = self.mode != Mode::Memory && target > self.durable.load(Ordering::Relaxed);
        let prepare = desk.prepared.is_none() && !desk.stopping;
        if !(prepare || behind || !desk.finished.is_empty()) {
            return None;
        }
        // Drained, not taken: the writer must find the reserved room again.
        let finished = desk.finished.drain(..).collect();
        Some(Work { prepare, finished, current: Arc::clone(&desk.current), target, behind })
    }

    fn rest<'a>(&self, desk: MutexGuard<'a, Desk<D>>) -> MutexGuard<'a, Desk<D>> {
        if self.mode == Mode::Memory {
            return self.work.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
        self.signal.fetch_or(IDLE, Ordering::Relaxed);
        let desk = self.wait(&self.work, desk);
        self.signal.fetch_and(!IDLE, Ordering::Relaxed);
        desk
    }

    fn wait<'a>(&self, condition: &Condvar, desk: MutexGuard<'a, Desk<D>>) -> MutexGuard<'a, Desk<D>> {
        condition.wait_timeout(desk, PATIENCE).unwrap_or_else(PoisonError::into_inner).0
    }

    fn safe(&self) -> u64 {
        let mark = if self.mode == Mode::Memory { &self.appended } else { &self.durable };
        mark.load(Ordering::Acquire)
    }
}

/// How far a journal is safe in its [`Mode`]; any thread may hold one.
///
/// A gateway releases what follows from an input only when the watermark has passed it.
#[derive(Clone)]
pub struct Watermark<D: Disk = Files>(pub(crate) Arc<Shared<D>>);

impl<D: Disk> Watermark<D> {
    /// Returns the sequence number up to which every input is safe: in the system's cache in [`Mode::Memory`], on the
    /// disk in the other modes.
    #[inline]
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.0.safe()
    }

    /// Waits until the input with this number is safe.
    ///
    /// # Errors
    /// What ended the journal before that; [`JournalError::Setting`] where it was closed in order without that input.
    pub fn wait(&self, seq: u64) -> Result<(), JournalError> {
        let mut desk = self.0.lock();
        while self.0.safe() < seq {
            if let Some(first) = &desk.failure {
                return Err(JournalError::Stopped(Arc::clone(first)));
            }
            let appended = self.0.appended.load(Ordering::Acquire);
            if desk.stopping && appended < seq {
                let text = format!("the journal was closed after input {appended}, before input {seq}");
                return Err(JournalError::Setting(text));
            }
            self.0.work.notify_one();
            desk = self.0.wait(&self.0.progress, desk);
        }
        Ok(())
    }
}

impl<D: Disk> fmt::Debug for Watermark<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watermark").field(&self.seq()).finish()
    }
}
