//! A value alone on its cache lines.

/// Keeps a value on cache lines of its own, so that two threads that write neighbours don't slow each other.
///
/// 128 bytes, because x86-64 fetches lines in pairs and some AArch64 processors have lines of 128 bytes.
#[derive(Clone, Copy, Default, Debug)]
#[repr(align(128))]
pub struct Padded<T>(pub T);

impl<T> core::ops::Deref for Padded<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
