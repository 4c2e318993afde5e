//! Words seen as bytes.

/// Returns the bytes of a slice of words, to read a file into.
#[must_use]
pub fn bytes_of_mut(words: &mut [u64]) -> &mut [u8] {
    let bytes = size_of_val(words);
    // SAFETY: the words are `bytes` bytes of initialised memory borrowed mutably for as long as the result, a byte
    // needs no alignment, and every pattern of bytes is a valid word.
    unsafe { core::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), bytes) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_land_in_their_words() {
        let mut words = [0_u64; 2];
        super::bytes_of_mut(&mut words)[8..10].copy_from_slice(&[1, 2]);
        assert_eq!(words.map(u64::from_le), [0, 0x0201]);
    }
}
