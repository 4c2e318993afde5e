//! Writing the journal.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use omni_types::Input;

use crate::header::HEADER_WORDS;
use crate::record::{EncodeError, HEAD, WORDS_MAX, kind};
use crate::segment::{Segment, Series};
use crate::thread::{JournalThread, Worker};
use crate::watermark::{Shared, Watermark};
use crate::{Disk, Files, JournalError, Mode, RunHeader, tail};

/// The usual size of a segment in bytes: room for a quarter of a million orders.
pub const SEGMENT_BYTES: u64 = 16 << 20;
/// Header, the longest record and a mark.
const SEGMENT_BYTES_MIN: u64 = ((HEADER_WORDS + WORDS_MAX + HEAD) * 8) as u64;
const SEGMENT_BYTES_MAX: u64 = 1 << 30;

/// How to write a journal.
#[derive(Clone, Debug)]
pub struct Options {
    /// What an acknowledged input survives.
    pub mode: Mode,
    /// The size of a segment in bytes; two are reserved on the disk at any time. Usually [`SEGMENT_BYTES`].
    pub segment_bytes: u64,
    /// The run.
    pub header: RunHeader,
}

impl Options {
    fn check(&self) -> Result<(), JournalError> {
        self.header.check()?;
        if (SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&self.segment_bytes) && self.segment_bytes.is_multiple_of(8)
        {
            return Ok(());
        }
        Err(JournalError::Setting(format!(
            "expected segment_bytes from {SEGMENT_BYTES_MIN} to {SEGMENT_BYTES_MAX}, a multiple of 8, found {}",
            self.segment_bytes,
        )))
    }
}

/// Who does what takes the file system's time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Help {
    Thread,
    Owner,
}

#[derive(Debug)]
enum Crew<D: Disk> {
    // Held until the end: dropping it ends the thread.
    Thread { _thread: JournalThread<D> },
    Owner(Worker<D>),
}

impl<D: Disk> Crew<D> {
    /// Does the thread's work where there is none; returns whether there was any.
    fn turn(&mut self) -> bool {
        match self {
            Self::Thread { .. } => false,
            Self::Owner(worker) => worker.turn(),
        }
    }
}

/// A journal being written, by one owner: the folder is locked.
///
/// Dropping it without [`Journal::close`] loses nothing that was appended, but leaves the journal as a killed process
/// would.
#[derive(Debug)]
pub struct Journal<D: Disk = Files> {
    segment: Segment<D>,
    shared: Arc<Shared<D>>,
    next_seq: u64,
    series: Series<D>,
    crew: Crew<D>,
    // Held until the end.
    _lock: D::Lock,
}

impl Journal {
    /// Creates a journal in `directory`, which is created where it isn't there. Its first input is number 1.
    ///
    /// # Errors
    /// [`JournalError::Exists`] where the folder holds one already, [`JournalError::InUse`], [`JournalError::Setting`]
    /// for options out of range, [`JournalError::Io`] where the disk is full or can't be written.
    pub fn create(directory: &Path, options: Options) -> Result<Self, JournalError> {
        Self::create_with(Files, directory, options, Help::Thread)
    }
}

impl<D: Disk> Journal<D> {
    /// Creates a journal in a folder of a disk as [`Journal::create`] does, to be written without a thread: whoever has it
    /// does the thread's work by [`Journal::work`].
    ///
    /// # Errors
    /// As [`Journal::create`].
    pub fn create_by_hand(disk: D, directory: &Path, options: Options) -> Result<Self, JournalError> {
        Self::create_with(disk, directory, options, Help::Owner)
    }

    fn create_with(disk: D, directory: &Path, options: Options, help: Help) -> Result<Self, JournalError> {
        options.check()?;
        disk.make_folder(directory).map_err(JournalError::io("create the folder", directory))?;
        let lock = lock(&disk, directory)?;
        if !tail::segments(&disk, directory)?.is_empty() {
            return Err(JournalError::Exists(directory.to_owned()));
        }
        let Options { mode, segment_bytes, header: run } = options;
        let series = Series { disk, directory: directory.to_owned(), run, mode, segment_bytes };
        let first = series.prepare(1)?;
        Self::start(series, first, 0, (lock, help))
    }

    /// Goes on after input `seq`, the last one in `segment`.
    pub(crate) fn start(
        series: Series<D>,
        segment: Segment<D>,
        seq: u64,
        (lock, help): (D::Lock, Help),
    ) -> Result<Self, JournalError> {
        let shared = Arc::new(Shared::new(series.mode, Arc::clone(&segment.sheet), seq));
        let worker = Worker::new(&shared, &series, segment.sheet.number + 1);
        let crew = match help {
            Help::Thread => Crew::Thread { _thread: JournalThread::start(worker)? },
            Help::Owner => Crew::Owner(worker),
        };
        Ok(Self { segment, shared, next_seq: seq + 1, series, crew, _lock: lock })
    }

    /// Does what the journal thread would do now, where the journal has none; returns whether it did anything.
    ///
    /// An error ends the journal, and the next append tells it.
    pub fn work(&mut self) -> bool {
        self.crew.turn()
    }

    /// Appends the next input: copies it into the current segment.
    ///
    /// Allocates nothing, and asks the system for nothing unless the journal thread is behind with the next segment
    /// (it waits) or asleep in a mode that syncs (it wakes it).
    ///
    /// # Errors
    /// [`JournalError::Sequence`] and [`JournalError::Encode`] are the caller's, write nothing, and the journal goes on.
    /// Any other error is the disk's and ends the journal: every later append returns [`JournalError::Stopped`].
    #[inline]
    pub fn append(&mut self, input: &Input) -> Result<(), JournalError> {
        let signal = self.shared.signal()?;
        if input.seq != self.next_seq {
            return Err(JournalError::Sequence { expected: self.next_seq, found: input.seq });
        }
        if let Err(error) = self.segment.append(input) {
            self.append_to_next(input, error)?;
        }
        self.next_seq += 1;
        self.shared.publish(input.seq, signal);
        Ok(())
    }

    #[cold]
    fn append_to_next(&mut self, input: &Input, error: EncodeError) -> Result<(), JournalError> {
        if error != EncodeError::Room {
            return Err(error.into());
        }
        self.crew.turn();
        let next = self.shared.take_prepared().map_err(|error| match error {
            JournalError::Stopped(_) => error,
            first => self.shared.fail(first),
        })?;
        self.segment.mark(kind::ROLLED, self.next_seq - 1)?;
        let full = core::mem::replace(&mut self.segment, next);
        self.shared.hand_over(full, Arc::clone(&self.segment.sheet));
        Ok(self.segment.append(input)?)
    }

    /// Ends a batch of appends: in [`Mode::Sync`] waits until the disk has them all, in the other modes returns at once.
    ///
    /// # Errors
    /// What ended the journal.
    pub fn commit(&mut self) -> Result<(), JournalError> {
        match self.series.mode {
            Mode::Sync => {
                self.crew.turn();
                self.watermark().wait(self.last_seq())
            }
            Mode::Memory | Mode::Group => self.shared.signal().map(drop),
        }
    }

    /// Returns the number of the last input appended; 0 where there is none.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.next_seq - 1
    }

    /// Returns the number of the last input that is safe in this journal's mode.
    #[must_use]
    pub fn durable_seq(&self) -> u64 {
        self.watermark().seq()
    }

    /// Returns a handle that tells any thread how far the journal is safe.
    #[must_use]
    pub fn watermark(&self) -> Watermark<D> {
        Watermark(Arc::clone(&self.shared))
    }

    /// Returns the run's header.
    #[must_use]
    pub fn header(&self) -> &RunHeader {
        &self.series.run
    }

    /// Returns the folder.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.series.directory
    }

    /// Closes the journal in good order: marks its end, syncs it in the modes that do, cuts the last segment to its
    /// length, and returns the number of the last input.
    ///
    /// # Errors
    /// What ended the journal before, or what the system refuses now. What was appended stays readable.
    pub fn close(self) -> Result<u64, JournalError> {
        let Self { mut segment, shared, next_seq, series, mut crew, _lock } = self;
        shared.stop();
        crew.turn();
        drop(crew);
        shared.signal()?;
        let last = next_seq - 1;
        segment.mark(kind::CLOSED, last)?;
        if series.mode != Mode::Memory {
            segment.sheet.sync()?;
            segment.sheet.note_synced(last)?;
        }
        shared.take_unused().map_or(Ok(()), |unused| series.discard(&unused))?;
        let sheet = Arc::clone(&segment.sheet);
        segment.close()?;
        if series.mode != Mode::Memory {
            sheet.sync()?;
        }
        series.sync_directory()?;
        shared.advance(last);
        Ok(last)
    }
}

/// Takes the folder's lock.
pub(crate) fn lock<D: Disk>(disk: &D, directory: &Path) -> Result<D::Lock, JournalError> {
    let lock = disk.lock(directory).map_err(JournalError::io("lock", directory))?;
    lock.ok_or_else(|| JournalError::InUse(PathBuf::from(directory)))
}
