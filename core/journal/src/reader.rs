//! Reading the journal back.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use omni_types::Input;

use crate::decode::{check, decode};
use crate::header::SegmentHeader;
use crate::record::{DecodeError, Record, kind};
use crate::tail::{Dropped, reason, search, segments};
use crate::window::{Opening, Window};
use crate::{Disk, Files, JournalError, Mode, RunHeader, segment};

/// How a journal ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// In good order, by [`crate::Journal::close`].
    Closed,
    /// After a whole record, without a closing mark: the run goes on, or its process was killed.
    Open,
    /// After a whole record, with remains of something behind it.
    Dropped(Dropped),
}

/// Gives a journal's inputs back in order, each checked.
///
/// A torn end is where it stops, and [`Reader::end`] says what was left out. Damage before good records is an error.
pub struct Reader<D: Disk = Files> {
    disk: D,
    directory: PathBuf,
    window: Window<D>,
    header: SegmentHeader,
    salt: u32,
    last_seq: u64,
    /// The last input known to have been on the disk.
    synced: u64,
    /// Whether the window was read anew since the last record.
    fresh: bool,
    end: Option<End>,
    failed: bool,
}

impl Reader {
    /// Opens the journal in a folder at its first input.
    ///
    /// # Errors
    /// [`JournalError::Missing`], [`JournalError::Corrupt`] for a damaged header or a missing segment,
    /// [`JournalError::Io`].
    pub fn open(directory: &Path) -> Result<Self, JournalError> {
        Self::open_on(Files, directory)
    }

    /// Opens the journal in a folder after input `seq`, which a snapshot holds, without reading the segments before.
    ///
    /// # Errors
    /// As [`Reader::open`], and [`JournalError::Setting`] where the journal ends before `seq`.
    pub fn open_after(directory: &Path, seq: u64) -> Result<Self, JournalError> {
        Self::open_after_on(Files, directory, seq)
    }
}

impl<D: Disk> Reader<D> {
    /// Opens the journal in a folder of a disk, as [`Reader::open`] does in the system's.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn open_on(disk: D, directory: &Path) -> Result<Self, JournalError> {
        let numbers = segments(&disk, directory)?;
        if numbers.is_empty() {
            return Err(JournalError::Missing(directory.to_owned()));
        }
        if let Some(gap) = (1..).zip(&numbers).find(|(expected, found)| expected != *found).map(|(gap, _)| gap) {
            return Err(missing(&segment::path(directory, gap)));
        }
        let mut synced = 0;
        for number in numbers {
            let (_, opening) = Window::open(&disk, &segment::path(directory, number))?;
            synced = synced.max(opening.synced);
        }
        let (window, header, salt) = enter(&disk, directory, 1)?;
        let directory = directory.to_owned();
        Ok(Self { disk, directory, window, header, salt, last_seq: 0, synced, fresh: false, end: None, failed: false })
    }

    /// Opens the journal in a folder of a disk after an input, as [`Reader::open_after`] does in the system's.
    ///
    /// # Errors
    /// As [`Reader::open_after`].
    pub fn open_after_on(disk: D, directory: &Path, seq: u64) -> Result<Self, JournalError> {
        let mut reader = Self::open_on(disk.clone(), directory)?;
        for number in segments(&disk, directory)?.into_iter().rev() {
            let (window, Opening { header: Ok((header, salt)), .. }) =
                Window::open(&disk, &segment::path(directory, number))?
            else {
                continue;
            };
            match check(window.ready(), salt) {
                Ok(head) if head.kind < kind::ROLLED && (1..=seq.saturating_add(1)).contains(&head.seq) => {
                    reader = Self { window, header, salt, last_seq: head.seq - 1, ..reader };
                    break;
                }
                _ => {}
            }
        }
        while reader.last_seq < seq {
            if reader.next_input()?.is_none() {
                let (last, place) = (reader.last_seq, directory.display());
                return Err(JournalError::Setting(format!("{place} ends after input {last}, before input {seq}")));
            }
        }
        Ok(reader)
    }

    /// Returns the run's header.
    #[must_use]
    pub fn header(&self) -> &RunHeader {
        &self.header.run
    }

    /// Returns the number of the last input given; 0 before the first.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// Returns how the journal ends, once the last input has been given.
    #[must_use]
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// Returns the next input; `None` at the end, of which [`Reader::end`] then tells.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`] for damage with whole records after it, [`JournalError::Format`] for a record in
    /// another format, [`JournalError::Io`].
    #[inline]
    pub fn next_input(&mut self) -> Result<Option<Input>, JournalError> {
        while self.end.is_none() {
            match decode(self.window.ready(), self.salt) {
                Ok((Record::Input(input), words)) if input.seq == self.last_seq + 1 => {
                    self.window.skip(words);
                    self.last_seq = input.seq;
                    self.fresh = false;
                    return Ok(Some(input));
                }
                other => self.turn(other)?,
            }
        }
        Ok(None)
    }

    /// Returns the next input up to number `seq`, and `None` past it, to follow a journal that is being written: `seq` is
    /// then what its [`crate::Watermark`] said.
    ///
    /// # Errors
    /// As [`Reader::next_input`].
    pub fn next_to(&mut self, seq: u64) -> Result<Option<Input>, JournalError> {
        if self.last_seq >= seq { Ok(None) } else { self.next_input() }
    }

    /// Returns the segment and the words of it that are good, where the journal ends.
    pub(crate) fn place(&self) -> (&SegmentHeader, u32, usize) {
        (&self.header, self.salt, (self.window.offset() / 8) as usize)
    }

    /// Returns whether the disk is known to have had an input.
    pub(crate) fn has_confirmed(&self, seq: u64) -> bool {
        self.synced != u64::MAX && seq <= self.synced
    }

    /// Does what isn't the next input.
    #[cold]
    fn turn(&mut self, found: Result<(Record, usize), DecodeError>) -> Result<(), JournalError> {
        match found {
            Ok((Record::Rolled(seq), _)) if seq == self.last_seq => {
                let (window, header, salt) = enter(&self.disk, &self.directory, self.header.number + 1)?;
                if header.run != self.header.run {
                    let (own, other) = (&self.header.run.run_id, &header.run.run_id);
                    let text = format!("expected a segment of run {own}, found one of another run, {other}");
                    return Err(JournalError::corrupt(&window.path, 0, text));
                }
                (self.window, self.header, self.salt) = (window, header, salt);
                self.fresh = false;
                Ok(())
            }
            Ok((Record::Closed(seq), _)) if seq == self.last_seq => {
                self.end = Some(End::Closed);
                Ok(())
            }
            Ok((record, _)) => Err(self.out_of_order(&record)),
            Err(error) if !error.is_torn() => {
                let (path, offset) = (self.window.path.clone(), self.window.offset());
                Err(JournalError::Format { path, offset, reason: error })
            }
            Err(_) if !self.fresh => {
                // The window may end within the record, or be older than the file.
                self.fresh = true;
                self.window.refill()
            }
            Err(error) => self.judge(&error),
        }
    }

    fn out_of_order(&self, record: &Record) -> JournalError {
        let expected = self.last_seq + 1;
        let reason = match record {
            Record::Input(input) => format!("expected input {expected}, found input {}", input.seq),
            Record::Rolled(seq) | Record::Closed(seq) => {
                format!("expected input {expected}, found a mark that says input {seq} was the last")
            }
        };
        JournalError::corrupt(&self.window.path, self.window.offset(), reason)
    }

    /// Decides whether a place without a record is the journal's end or damage.
    fn judge(&mut self, error: &DecodeError) -> Result<(), JournalError> {
        let (rest, length) = self.window.rest()?;
        // Not the place itself: a record that the file's end cuts may look whole once filled up with zeros.
        let here = search(&rest, 1, self.salt, self.last_seq);
        let (after_bytes, after_records) = self.search_later()?;
        let lost = self.confirmed_lost();
        if here.used == 0 && after_records == 0 && lost == 0 {
            self.end = Some(End::Open);
            return Ok(());
        }
        // The writer may have come by since the window was read.
        self.window.refill()?;
        if check(self.window.ready(), self.salt).is_ok() {
            return Ok(());
        }
        let later = here.records + after_records;
        let (segment, offset) = (self.window.path.clone(), self.window.offset());
        let reason = reason(error, &rest);
        // Only what was never confirmed may be missing before what is there: pages reach a disk in any order.
        let confirms = self.header.mode != Mode::Memory || self.synced > 0;
        let unconfirmed = confirms && self.last_seq >= self.synced;
        if later > 0 && !unconfirmed {
            return Err(JournalError::Corrupt { path: segment, offset, reason, later });
        }
        let bytes = (here.used as u64 * 8).min(length) + after_bytes;
        self.end = Some(End::Dropped(Dropped { segment, offset, bytes, reason, later, synced_lost: lost }));
        Ok(())
    }

    /// Returns how many inputs are gone that the disk had confirmed, as far as that can be known.
    fn confirmed_lost(&self) -> u64 {
        if self.synced == u64::MAX { 0 } else { self.synced.saturating_sub(self.last_seq) }
    }

    /// Returns how many bytes and whole records are in the segments after this one.
    fn search_later(&self) -> Result<(u64, u64), JournalError> {
        let (mut bytes, mut records) = (0, 0);
        for number in segments(&self.disk, &self.directory)?.into_iter().filter(|number| *number > self.header.number) {
            let (window, opening) = Window::open(&self.disk, &segment::path(&self.directory, number))?;
            let (rest, _) = window.rest()?;
            let remains = search(&rest, 0, opening.header.map_or(0, |(_, salt)| salt), self.last_seq);
            bytes += remains.used as u64 * 8;
            records += remains.records;
        }
        Ok((bytes, records))
    }
}

fn missing(path: &Path) -> JournalError {
    JournalError::corrupt(path, 0, "the segment is missing")
}

/// Opens a segment whose header must be good.
fn enter<D: Disk>(disk: &D, directory: &Path, number: u32) -> Result<(Window<D>, SegmentHeader, u32), JournalError> {
    let path = segment::path(directory, number);
    let (window, opening) = Window::open(disk, &path).map_err(|error| match error {
        JournalError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => missing(&path),
        other => other,
    })?;
    match opening.header {
        Ok((header, salt)) if header.number == number => Ok((window, header, salt)),
        Ok((header, _)) => {
            let text =
                format!("expected segment {number}, found segment {} of run {}", header.number, header.run.run_id);
            Err(JournalError::corrupt(&path, 0, text))
        }
        Err(error) => Err(JournalError::corrupt(&path, 0, error.to_string())),
    }
}

impl<D: Disk> Iterator for Reader<D> {
    type Item = Result<Input, JournalError>;

    /// Gives the next input, and ends after the first error.
    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_input();
        self.failed = next.is_err();
        next.transpose()
    }
}

impl<D: Disk> fmt::Debug for Reader<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("segment", &self.window.path)
            .field("last_seq", &self.last_seq)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
