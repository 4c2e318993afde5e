//! A stock's symbol on the wire.

use core::fmt;

use omni_types::{Symbol, TextError};

/// A symbol of eight bytes, padded with spaces on the right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stock(pub [u8; 8]);

impl Stock {
    /// Returns the symbol without padding; empty when it isn't text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default().trim_end()
    }

    /// Returns the symbol in the engine's form.
    ///
    /// # Errors
    /// [`TextError`] when it is blank or not printable ASCII.
    pub fn symbol(&self) -> Result<Symbol, TextError> {
        Symbol::new(self.as_str())
    }
}

impl fmt::Display for Stock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Stock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}
