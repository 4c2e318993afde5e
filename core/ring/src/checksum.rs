//! CRC-32C (Castagnoli), the check sum of the journal: one instruction per eight bytes where the processor has it.

/// Returns the CRC-32C of words as they lie in memory, continued from `seed`, the check sum of what came before (0 at the
/// start).
///
/// Uses SSE4.2 or the AArch64 CRC instructions where they are, about one nanosecond a word, else a table.
#[inline]
#[must_use]
pub fn crc32c(seed: u32, words: &[u64]) -> u32 {
    match words.split_first() {
        Some((&first, rest)) => crc32c_from(seed, first, rest),
        None => seed,
    }
}

/// Returns the CRC-32C of `first` and then `rest`, as [`crc32c`] does: for a record whose first word isn't final yet.
#[inline]
#[must_use]
pub fn crc32c_from(seed: u32, first: u64, rest: &[u64]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("sse4.2") {
        // SAFETY: the processor has SSE4.2, as just asked.
        return unsafe { hardware(seed, first, rest) };
    }
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("crc") {
        // SAFETY: the processor has the CRC instructions, as just asked.
        return unsafe { hardware(seed, first, rest) };
    }
    by_table(seed, core::iter::once(&first).chain(rest).flat_map(|word| word.to_ne_bytes()))
}

/// Returns the CRC-32C of bytes, continued from `seed`.
#[must_use]
pub fn crc32c_bytes(seed: u32, bytes: &[u8]) -> u32 {
    const CHUNK: usize = 64;
    let whole = bytes.len() - bytes.len() % 8;
    let mut sum = seed;
    for chunk in bytes[..whole].chunks(8 * CHUNK) {
        let mut words = [0_u64; CHUNK];
        bytes_of(&mut words, chunk);
        sum = crc32c(sum, &words[..chunk.len() / 8]);
    }
    by_table(sum, bytes[whole..].iter().copied())
}

fn bytes_of(words: &mut [u64], bytes: &[u8]) {
    crate::bytes_of_mut(words)[..bytes.len()].copy_from_slice(bytes);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse4.2")]
fn hardware(seed: u32, first: u64, rest: &[u64]) -> u32 {
    use core::arch::x86_64::_mm_crc32_u64;
    let start = _mm_crc32_u64(u64::from(!seed), first.to_le());
    !(rest.iter().fold(start, |sum, word| _mm_crc32_u64(sum, word.to_le())) as u32)
}

#[cfg(target_arch = "aarch64")]
#[target_feature(enable = "crc")]
fn hardware(seed: u32, first: u64, rest: &[u64]) -> u32 {
    use core::arch::aarch64::__crc32cd;
    !rest.iter().fold(__crc32cd(!seed, first.to_le()), |sum, word| __crc32cd(sum, word.to_le()))
}

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0_u32; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            // The polynomial, its bits reversed.
            sum = if sum & 1 == 1 { sum >> 1 ^ 0x82F6_3B78 } else { sum >> 1 };
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
}

fn by_table(seed: u32, bytes: impl Iterator<Item = u8>) -> u32 {
    !bytes.fold(!seed, |sum, byte| sum >> 8 ^ TABLE[usize::from(sum as u8 ^ byte)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn knows_the_published_values() {
        // RFC 3720, B.4, and the check value of the catalogue of CRCs.
        assert_eq!(crc32c_bytes(0, b"123456789"), 0xE306_9283);
        assert_eq!(crc32c_bytes(0, &[0; 32]), 0x8A91_36AA);
        assert_eq!(crc32c_bytes(0, &[0xFF; 32]), 0x62A8_AB43);
        assert_eq!(crc32c(0, &[0; 4]), 0x8A91_36AA);
    }

    proptest! {
        #[test]
        fn fuzz_instruction_and_table_agree(seed: u32, words in prop::collection::vec(any::<u64>(), 0..200), tail: [u8; 5]) {
            let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_ne_bytes()).collect();
            let slow = by_table(seed, bytes.iter().copied());
            prop_assert_eq!(crc32c(seed, &words), slow);
            prop_assert_eq!(crc32c_bytes(seed, &bytes), slow);
            let all: Vec<u8> = bytes.iter().copied().chain(tail).collect();
            prop_assert_eq!(crc32c_bytes(seed, &all), by_table(slow, tail.into_iter()));
        }
    }
}
