//! Walks a file image.

use super::Message;
use crate::bytes::be16;
use crate::{Flaw, WireError};

/// Reads the messages of a BinaryFILE image one after another.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
    offset: usize,
    read: u64,
    stopped: bool,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, length: bytes.len(), offset: 0, read: 0, stopped: false }
    }

    /// Returns the byte at which the last message (its length prefix) began.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Returns how many messages were read.
    #[must_use]
    pub const fn read(&self) -> u64 {
        self.read
    }

    /// Hands every message to `each` and returns how many there were; the fastest way through a file.
    ///
    /// # Errors
    /// [`WireError`] at the first fault; `each` has seen all messages before it.
    #[inline]
    pub fn read_all(mut self, mut each: impl FnMut(Message)) -> Result<u64, WireError> {
        while self.advance(&mut each)? {}
        Ok(self.read)
    }

    /// Hands on the next message; returns whether there was one.
    #[inline(always)]
    fn advance(&mut self, each: impl FnMut(Message)) -> Result<bool, WireError> {
        let Some((prefix, body)) = self.rest.split_first_chunk::<2>() else { return self.end() };
        let stated = usize::from(be16(prefix, 0));
        match Message::decode(body, stated, each) {
            Ok(length) => {
                self.offset = self.length - self.rest.len();
                self.rest = &body[length..];
                self.read += 1;
                Ok(true)
            }
            Err(Flaw::Truncated { found: 0, .. }) if stated == 0 => self.close(),
            Err(flaw) => Err(self.stop(flaw)),
        }
    }

    /// A zero length with nothing behind it: the writer closed the session.
    #[cold]
    fn close(&mut self) -> Result<bool, WireError> {
        self.stopped = true;
        self.rest = &[];
        Ok(false)
    }

    #[cold]
    fn end(&mut self) -> Result<bool, WireError> {
        if self.stopped {
            return Ok(false);
        }
        match self.rest.len() {
            0 if self.length == 0 => Err(self.stop(Flaw::Empty)),
            0 => self.close(),
            found => Err(self.stop(Flaw::Truncated { expected: 2, found })),
        }
    }

    #[cold]
    fn stop(&mut self, flaw: Flaw) -> WireError {
        let offset = self.length - self.rest.len();
        self.stopped = true;
        self.rest = &[];
        flaw.at(offset, self.read)
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Message, WireError>;

    /// Returns the next message, one error, or `None` at the end and after an error.
    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let mut message = None;
        match self.advance(|m| message = Some(m)) {
            Ok(_) => message.map(Ok),
            Err(error) => Some(Err(error)),
        }
    }
}
