//! Short texts held inline, so that definitions stay `Copy` and never allocate.

use core::fmt;

/// A text of at most `N` bytes of printable ASCII, held inline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
}

/// An instrument's symbol, as the venue writes it.
pub type Symbol = Text<24>;
/// An ISO 10383 market identifier code.
pub type Mic = Text<4>;
/// An ISO 4217 currency code, or a crypto asset's ticker of up to eight letters.
pub type Currency = Text<8>;

/// Says why a text was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// The text as given.
    pub text: String,
    /// The most bytes it may have.
    pub most: usize,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected 1 to {} printable ASCII characters without spaces, found {:?}", self.most, self.text)
    }
}

impl std::error::Error for TextError {}

impl<const N: usize> Text<N> {
    /// Builds the text.
    ///
    /// # Errors
    /// [`TextError`] when it is empty, longer than `N` bytes, or not printable ASCII.
    pub fn new(text: &str) -> Result<Self, TextError> {
        if text.is_empty() || text.len() > N || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(TextError { text: text.to_owned(), most: N });
        }
        let mut bytes = [0; N];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes })
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self.bytes.iter().position(|&b| b == 0).unwrap_or(N);
        core::str::from_utf8(&self.bytes[..end]).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_fits_and_refuses_the_rest() {
        assert_eq!(Mic::new("XNAS").map(|m| m.to_string()), Ok("XNAS".to_owned()));
        for bad in ["", "XNASX", "X N", "é"] {
            assert!(Mic::new(bad).is_err(), "{bad:?}");
        }
    }
}
