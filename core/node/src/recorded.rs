//! Recorded data as a source: tables and files merged by time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use omni_types::{Body, Time};

use crate::columns::Columns;
use crate::feed::FeedFile;
use crate::source::{Next, Source, Tops};

/// Where recorded inputs lie.
#[derive(Debug)]
pub enum Record {
    /// In columns.
    Columns(Columns),
    /// In a file of a feed.
    File(Box<FeedFile>),
    /// Given one by one, in the order of time: corporate actions, tick tables.
    Given(Vec<(Time, Body)>),
}

impl Record {
    /// Returns the first input's time; `None` where there is none, or none can be read.
    pub fn start(&mut self) -> Option<Time> {
        match self {
            Self::Columns(columns) => columns.time(0),
            Self::File(file) => file.first_time(),
            Self::Given(inputs) => inputs.first().map(|(time, _)| *time),
        }
    }
}

#[derive(Debug)]
struct Stream {
    record: Record,
    row: usize,
}

impl Stream {
    /// Returns the next input's time; asks a file to read on.
    #[inline]
    fn next_time(&mut self) -> Result<Option<Time>, String> {
        match &mut self.record {
            Record::Columns(columns) => Ok(columns.time(self.row)),
            Record::File(file) => file.next_time(),
            Record::Given(inputs) => Ok(inputs.get(self.row).map(|(time, _)| *time)),
        }
    }

    #[inline]
    fn take(&mut self) -> Option<Body> {
        match &mut self.record {
            Record::Columns(columns) => {
                self.row += 1;
                Some(columns.body(self.row - 1))
            }
            Record::File(file) => file.take(),
            Record::Given(inputs) => {
                self.row += 1;
                inputs.get(self.row - 1).map(|(_, body)| body.clone())
            }
        }
    }
}

/// Several recordings as one stream of inputs, in the order of (receive time, recording, row).
#[derive(Debug)]
pub struct RecordedSource {
    streams: Vec<Stream>,
    /// The stream that gives the next input, and when.
    current: Option<(Time, usize)>,
    waiting: BinaryHeap<Reverse<(Time, usize)>>,
    fault: Option<String>,
}

impl RecordedSource {
    /// Opens the recordings; where times are the same, the one named first gives first.
    #[must_use]
    pub fn new(records: Vec<Record>) -> Self {
        let streams = records.into_iter().map(|record| Stream { record, row: 0 }).collect::<Vec<_>>();
        let waiting = BinaryHeap::with_capacity(streams.len());
        let mut source = Self { streams, current: None, waiting, fault: None };
        for at in 0..source.streams.len() {
            source.enqueue(at);
        }
        source.current = source.waiting.pop().map(|next| next.0);
        source
    }

    /// Returns the first input's time.
    #[must_use]
    pub fn start(&self) -> Option<Time> {
        self.current.map(|(time, _)| time)
    }

    #[inline]
    fn enqueue(&mut self, at: usize) {
        match self.streams[at].next_time() {
            Ok(Some(time)) => self.waiting.push(Reverse((time, at))),
            Ok(None) => {}
            Err(message) => self.fault = self.fault.take().or(Some(message)),
        }
    }

    /// Moves on behind an input of stream `at`; while it stays the earliest, no other stream is touched.
    #[inline]
    fn advance(&mut self, at: usize) {
        match self.streams[at].next_time() {
            Ok(Some(time)) if self.waiting.peek().is_none_or(|next| (time, at) < next.0) => {
                self.current = Some((time, at));
            }
            Ok(Some(time)) => {
                self.waiting.push(Reverse((time, at)));
                self.current = self.waiting.pop().map(|next| next.0);
            }
            Ok(None) => self.current = self.waiting.pop().map(|next| next.0),
            Err(message) => self.fault = Some(message),
        }
    }
}

impl Source for RecordedSource {
    #[inline]
    fn peek(&mut self, _tops: &dyn Tops) -> Next {
        match self.current {
            Some((time, _)) => Next::At(time),
            // A fault before the first input is told by taking it.
            None if self.fault.is_some() => Next::At(Time(i64::MIN)),
            None => Next::Done,
        }
    }

    #[inline]
    fn take(&mut self, _tops: &dyn Tops) -> Result<Body, String> {
        if let Some(fault) = self.fault.take() {
            self.current = None;
            self.waiting.clear();
            return Err(fault);
        }
        let (_, at) = self.current.ok_or("the recorded data is over")?;
        let body = self.streams[at].take().ok_or("the recorded data is over")?;
        self.advance(at);
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use omni_types::{InstrumentId, TopOfBook};

    use super::*;
    use crate::columns::{Owner, Values};

    struct Nothing;
    impl Tops for Nothing {
        fn top(&self, _: InstrumentId) -> TopOfBook {
            TopOfBook::default()
        }
    }

    fn trades(time: &[i64], price: i64) -> Record {
        let rows = time.len();
        let values = Values::Trades { price: vec![price; rows], quantity: vec![1; rows], aggressor: Vec::new() };
        Record::Columns(Columns::new(time.to_vec(), Owner::One(InstrumentId(0)), values, 1).unwrap())
    }

    #[test]
    fn merges_by_time_then_recording_then_row() {
        let mut source = RecordedSource::new(vec![trades(&[1, 3, 3, 9], 0), trades(&[2, 3], 1), trades(&[], 2)]);
        let mut seen = Vec::new();
        while let Next::At(time) = source.peek(&Nothing) {
            let Ok(Body::Trade(trade)) = source.take(&Nothing) else { panic!("a trade") };
            assert_eq!(trade.time, time);
            seen.push((time.0, trade.price.0));
        }
        assert_eq!(seen, [(1, 0), (2, 1), (3, 0), (3, 0), (3, 1), (9, 0)]);
    }
}
