//! Reads of integers at fixed places.

use crate::Flaw;

macro_rules! reads {
    ($($big:ident $little:ident $int:ident;)*) => {$(
        #[inline(always)]
        pub(crate) fn $big(bytes: &[u8], at: usize) -> $int {
            $int::from_be_bytes(array(bytes, at))
        }
        #[inline(always)]
        pub(crate) fn $little(bytes: &[u8], at: usize) -> $int {
            $int::from_le_bytes(array(bytes, at))
        }
    )*};
}

reads! {
    be16 le16 u16;
    be32 le32 u32;
    be64 le64 u64;
}

/// Copies `N` bytes from a place that the caller has checked; on arrays of known length no check remains.
#[inline(always)]
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

/// Reads a little-endian signed 64-bit integer.
#[inline(always)]
pub(crate) fn signed64(bytes: &[u8], at: usize) -> i64 {
    i64::from_le_bytes(array(bytes, at))
}

/// Returns the text before the first zero byte of `width` bytes.
///
/// # Errors
/// [`Flaw::Field`] with the offending byte when it isn't printable ASCII.
pub(crate) fn text<'a>(bytes: &'a [u8], at: usize, width: usize, name: &'static str) -> Result<&'a str, Flaw> {
    let field = &bytes[at..at + width];
    let end = field.iter().position(|&b| b == 0).unwrap_or(width);
    match field[..end].iter().find(|b| !(b' '..=b'~').contains(b)) {
        Some(&byte) => Err(Flaw::Field { name, found: u64::from(byte) }),
        None => Ok(core::str::from_utf8(&field[..end]).unwrap_or_default()),
    }
}
