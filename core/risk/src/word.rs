//! State as a stream of 64-bit words: the same stream is hashed, written and read back.

use omni_types::{Digest, Text};

use crate::DecodeError;

/// Takes in words.
pub(crate) trait Sink {
    fn word(&mut self, word: u64);

    fn wide(&mut self, value: u128) {
        self.word(value as u64);
        self.word((value >> 64) as u64);
    }

    fn signed(&mut self, value: i64) {
        self.word(value as u64);
    }

    fn money(&mut self, value: i128) {
        self.wide(value as u128);
    }

    fn text<const N: usize>(&mut self, text: &Text<N>) {
        for chunk in text.as_str().as_bytes().chunks(8) {
            let mut block = [0; 8];
            block[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(block));
        }
        (text.as_str().len().div_ceil(8)..N.div_ceil(8)).for_each(|_| self.word(0));
    }
}

impl Sink for Vec<u8> {
    fn word(&mut self, word: u64) {
        self.extend_from_slice(&word.to_le_bytes());
    }
}

/// Hashes words in pairs; the last one of an odd number goes in by [`Hash::finish`].
pub(crate) struct Hash<'a> {
    pub digest: &'a mut Digest,
    pub waiting: Option<u64>,
}

impl Sink for Hash<'_> {
    fn word(&mut self, word: u64) {
        match self.waiting.take() {
            Some(first) => self.digest.pair(first, word),
            None => self.waiting = Some(word),
        }
    }
}

impl Hash<'_> {
    pub fn finish(self) {
        if let Some(first) = self.waiting {
            self.digest.pair(first, 0);
        }
    }
}

/// Reads words back.
pub(crate) struct Source<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Source<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Returns the error that the word just read isn't what was expected.
    pub fn error(&self, expected: &'static str) -> DecodeError {
        DecodeError { at: self.at.saturating_sub(8), expected }
    }

    pub fn word(&mut self) -> Result<u64, DecodeError> {
        let found = self.bytes.get(self.at..self.at + 8).and_then(|bytes| bytes.try_into().ok());
        let bytes = found.ok_or(DecodeError { at: self.bytes.len(), expected: "8 more bytes" })?;
        self.at += 8;
        Ok(u64::from_le_bytes(bytes))
    }

    /// Reads a word that is below `end`.
    pub fn below(&mut self, end: u64, expected: &'static str) -> Result<u64, DecodeError> {
        let word = self.word()?;
        if word < end { Ok(word) } else { Err(self.error(expected)) }
    }

    pub fn half(&mut self) -> Result<u32, DecodeError> {
        self.below(1 << 32, "a number of 32 bits").map(|word| word as u32)
    }

    pub fn flag(&mut self) -> Result<bool, DecodeError> {
        self.below(2, "0 or 1").map(|word| word == 1)
    }

    pub fn signed(&mut self) -> Result<i64, DecodeError> {
        self.word().map(|word| word as i64)
    }

    pub fn wide(&mut self) -> Result<u128, DecodeError> {
        Ok(u128::from(self.word()?) | u128::from(self.word()?) << 64)
    }

    pub fn money(&mut self) -> Result<i128, DecodeError> {
        let money = self.wide()? as i128;
        if money == i128::MIN { Err(self.error("money that can be negated")) } else { Ok(money) }
    }

    pub fn text<const N: usize>(&mut self) -> Result<Text<N>, DecodeError> {
        let mut bytes = [0; 64];
        for place in bytes.chunks_exact_mut(8).take(N.div_ceil(8)) {
            place.copy_from_slice(&self.word()?.to_le_bytes());
        }
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        let text = core::str::from_utf8(&bytes[..end]).unwrap_or_default();
        Text::new(text).map_err(|_| self.error("a short text of printable ASCII"))
    }

    pub fn end(&self) -> Result<(), DecodeError> {
        let left = self.bytes.len() - self.at;
        if left == 0 { Ok(()) } else { Err(DecodeError { at: self.at, expected: "the end" }) }
    }
}
