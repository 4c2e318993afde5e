//! Looking into a journal: what each segment holds, and everything that is wrong with it, at which byte.
//!
//! Where [`crate::Reader`] stops at the first damage, this goes on behind it, segment by segment.

use std::fmt;
use std::path::{Path, PathBuf};

use omni_types::Time;

use crate::decode::{check, decode};
use crate::header::HEADER_WORDS;
use crate::record::{DecodeError, Record};
use crate::tail::{reason, segments};
use crate::window::{Opening, Window};
use crate::{Disk, JournalError, Mode, RunHeader, segment};

/// How a segment ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SegmentState {
    /// Made ready ahead, and not written to yet.
    Ready,
    /// With a mark that leads to the next one.
    Sealed,
    /// With the mark of a journal that was closed in good order.
    Closed,
    /// After a whole record: it is being written, or its process was killed.
    Open,
    /// After a whole record, with remains behind it that are none.
    Torn,
    /// Something in it is not as it was written.
    Damaged,
}

impl fmt::Display for SegmentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready => "ready",
            Self::Sealed => "sealed",
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Torn => "torn",
            Self::Damaged => "damaged",
        })
    }
}

/// What a segment holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentView {
    /// Its number.
    pub number: u32,
    /// Its file.
    pub path: PathBuf,
    /// Bytes that are used, its header included.
    pub bytes: u64,
    /// How many inputs it holds.
    pub inputs: u64,
    /// Number and time of the first one.
    pub first: Option<(u64, Time)>,
    /// Number and time of the last one.
    pub last: Option<(u64, Time)>,
    /// What inputs survived that were acknowledged while it was written.
    pub mode: Option<Mode>,
    /// How it ends.
    pub state: SegmentState,
}

/// Something that isn't as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The file.
    pub path: PathBuf,
    /// Where, in bytes from its start.
    pub offset: u64,
    /// What is wrong there.
    pub text: String,
    /// Whether it is damage; a torn end is what a killed process may leave.
    pub damage: bool,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {}", self.path.display(), self.offset, self.text)
    }
}

/// A journal as it stands in its folder.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Inspection {
    /// The run, where a header of it is whole.
    pub run: Option<RunHeader>,
    /// The segments, in order.
    pub segments: Vec<SegmentView>,
    /// What is wrong, in order.
    pub findings: Vec<Finding>,
}

/// Looks at every record of a journal.
///
/// # Errors
/// [`JournalError::Missing`] where the folder holds none, [`JournalError::Io`]. What is wrong with it is no error.
pub fn inspect<D: Disk>(disk: &D, directory: &Path) -> Result<Inspection, JournalError> {
    let numbers = segments(disk, directory)?;
    let Some(&first) = numbers.first() else { return Err(JournalError::Missing(directory.to_owned())) };
    let mut inspector = Inspector { found: Inspection::default(), last: None, confirmed: 0, sealed: true };
    let mut expected = first;
    for number in numbers {
        let path = segment::path(directory, number);
        if number != expected {
            inspector.find(&segment::path(directory, expected), 0, "the segment is missing".to_owned(), true);
        }
        expected = number + 1;
        inspector.segment(disk, number, path)?;
    }
    if inspector.sealed && inspector.last.is_some() {
        inspector.find(&segment::path(directory, expected), 0, "the segment is missing".to_owned(), true);
    }
    inspector.finish();
    Ok(inspector.found)
}

struct Inspector {
    found: Inspection,
    /// The last input of all.
    last: Option<(u64, Time)>,
    /// The last input that the disk is known to have had.
    confirmed: u64,
    /// Whether the segment before leads to the next one.
    sealed: bool,
}

/// One segment on its way through.
struct Pass {
    view: SegmentView,
    words: Vec<u64>,
    salt: u32,
    at: usize,
    done: bool,
}

impl Pass {
    fn offset(&self) -> u64 {
        ((HEADER_WORDS + self.at) * 8) as u64
    }

    /// Returns the place of the next whole record of a later input, behind where it stands.
    fn next_whole(&self, last: u64) -> Option<usize> {
        let whole = |at: &usize| check(&self.words[*at..], self.salt).is_ok_and(|head| head.seq > last);
        (self.at + 1..self.words.len()).find(whole)
    }
}

impl Inspector {
    fn find(&mut self, path: &Path, offset: u64, text: String, damage: bool) {
        self.found.findings.push(Finding { path: path.to_owned(), offset, text, damage });
    }

    fn segment<D: Disk>(&mut self, disk: &D, number: u32, path: PathBuf) -> Result<(), JournalError> {
        let (window, Opening { header, synced }) = Window::open(disk, &path)?;
        let (mut words, _) = window.rest()?;
        words.truncate(words.iter().rposition(|&word| word != 0).map_or(0, |at| at + 1));
        // A mark ends in zeros, and so may a record.
        let used = words.len();
        words.resize(used + 4, 0);
        let (mode, salt) = match &header {
            Ok((header, salt)) => (Some(header.mode), *salt),
            Err(_) => (None, 0),
        };
        let (bytes, state) = ((HEADER_WORDS * 8) as u64, SegmentState::Ready);
        let view = SegmentView { number, path, bytes, inputs: 0, first: None, last: None, mode, state };
        let mut pass = Pass { view, words, salt, at: 0, done: false };
        match header {
            Ok((header, _)) => {
                self.header(&mut pass, header.number, header.run);
                self.confirmed = if synced == u64::MAX { self.confirmed } else { self.confirmed.max(synced) };
                self.records(&mut pass, used);
            }
            Err(error) => {
                pass.view.state = SegmentState::Damaged;
                self.find(&pass.view.path, 0, error.to_string(), true);
            }
        }
        self.found.segments.push(pass.view);
        Ok(())
    }

    fn header(&mut self, pass: &mut Pass, number: u32, run: RunHeader) {
        let (own, path) = (pass.view.number, pass.view.path.clone());
        let first = self.found.run.get_or_insert_with(|| run.clone()).clone();
        if number != own || run != first {
            pass.view.state = SegmentState::Damaged;
            let text =
                format!("expected segment {own} of run {}, found segment {number} of run {}", first.run_id, run.run_id);
            self.find(&path, 0, text, true);
        }
    }

    fn records(&mut self, pass: &mut Pass, used: usize) {
        let began_sealed = core::mem::replace(&mut self.sealed, false);
        while pass.at < used {
            match decode(&pass.words[pass.at..], pass.salt) {
                Ok((record, length)) => {
                    self.record(pass, &record);
                    pass.at += length;
                    pass.view.bytes = pass.offset();
                }
                Err(error) if error.is_torn() => self.gap(pass, used, &error),
                Err(error) => {
                    self.damage(pass, error.to_string());
                    let length = check(&pass.words[pass.at..], pass.salt).map_or(1, |head| head.words);
                    pass.at += length;
                }
            }
        }
        if !began_sealed && pass.view.first.is_some() {
            let text = "the segment before it ends without the mark that leads here".to_owned();
            self.find(&pass.view.path.clone(), 0, text, true);
        }
        if pass.view.state == SegmentState::Ready && pass.view.first.is_some() {
            pass.view.state = SegmentState::Open;
        }
    }

    fn record(&mut self, pass: &mut Pass, record: &Record) {
        if pass.done {
            self.damage(pass, "a record stands behind the mark that ends the segment".to_owned());
        }
        let last = self.last.map_or(0, |(seq, _)| seq);
        match record {
            Record::Input(input) => {
                // A journal whose beginning was removed begins anywhere.
                let begins = self.last.is_none() && (pass.view.number > 1 || input.seq == 1);
                if !begins && input.seq != last + 1 {
                    self.damage(pass, format!("expected input {}, found input {}", last + 1, input.seq));
                }
                if self.last.is_some_and(|(_, time)| time > input.time) {
                    self.damage(pass, format!("input {} is earlier than the one before it", input.seq));
                }
                self.last = Some((input.seq, input.time));
                pass.view.first = pass.view.first.or(self.last);
                pass.view.last = self.last;
                pass.view.inputs += 1;
            }
            Record::Rolled(seq) | Record::Closed(seq) => {
                if *seq != last && self.last.is_some() {
                    self.damage(pass, format!("the mark says that input {seq} was the last, and it is {last}"));
                }
                self.sealed = matches!(record, Record::Rolled(_));
                pass.done = true;
                if pass.view.state != SegmentState::Damaged {
                    pass.view.state = if self.sealed { SegmentState::Sealed } else { SegmentState::Closed };
                }
            }
        }
    }

    /// Passes over what is no record.
    fn gap(&mut self, pass: &mut Pass, used: usize, error: &DecodeError) {
        let last = self.last.map_or(0, |(seq, _)| seq);
        let text = reason(error, &pass.words[pass.at..]);
        if let Some(next) = pass.next_whole(last) {
            let bytes = (next - pass.at) * 8;
            self.damage(pass, format!("{bytes} bytes are no record: {text}"));
            pass.at = next;
            return;
        }
        let bytes = (used - pass.at) * 8;
        if !pass.done && pass.view.state != SegmentState::Damaged {
            pass.view.state = SegmentState::Torn;
        }
        let text = format!("a torn end of {bytes} bytes: {text}");
        self.find(&pass.view.path.clone(), pass.offset(), text, pass.done);
        pass.at = used;
    }

    fn damage(&mut self, pass: &mut Pass, text: String) {
        pass.view.state = SegmentState::Damaged;
        self.find(&pass.view.path.clone(), pass.offset(), text, true);
    }

    /// Holds the whole to what the disk had confirmed, and torn ends to the end.
    fn finish(&mut self) {
        let last = self.last.map_or(0, |(seq, _)| seq);
        let end = self.found.segments.iter().rposition(|segment| segment.first.is_some());
        let end = end.map(|at| (self.found.segments[at].path.clone(), self.found.segments[at].bytes));
        for finding in &mut self.found.findings {
            finding.damage |= end.as_ref().is_some_and(|(path, _)| finding.path < *path);
        }
        for segment in &mut self.found.segments {
            if segment.state == SegmentState::Torn && end.as_ref().is_some_and(|(path, _)| segment.path < *path) {
                segment.state = SegmentState::Damaged;
            }
        }
        if self.confirmed > last {
            let (path, bytes) = end.unwrap_or_default();
            let text = format!("the disk had confirmed inputs up to {}, and {last} is the last", self.confirmed);
            self.find(&path, bytes, text, true);
        }
    }
}
