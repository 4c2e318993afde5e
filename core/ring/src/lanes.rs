//! Comparing a cache line's words at once.

/// Returns which of eight words equal `wanted`, a bit for each, the first word's lowest.
#[inline(always)]
#[must_use]
pub fn equal_lanes(words: &[u32; 8], wanted: u32) -> u32 {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{
            _mm_cmpeq_epi32, _mm_loadu_si128, _mm_movemask_epi8, _mm_packs_epi16, _mm_packs_epi32, _mm_set1_epi32,
        };
        let [low, high] = [words[..4].as_ptr(), words[4..].as_ptr()];
        // SAFETY: every x86-64 processor has SSE2, and both pointers are to four words of a live array; the loads ask for
        // no alignment.
        let bytes = unsafe {
            let wanted = _mm_set1_epi32(wanted.cast_signed());
            let low = _mm_cmpeq_epi32(_mm_loadu_si128(low.cast()), wanted);
            let high = _mm_cmpeq_epi32(_mm_loadu_si128(high.cast()), wanted);
            let halves = _mm_packs_epi32(low, high);
            _mm_movemask_epi8(_mm_packs_epi16(halves, halves))
        };
        bytes.cast_unsigned() & 0xFF
    }
    #[cfg(not(target_arch = "x86_64"))]
    equal_one_by_one(words, wanted)
}

#[cfg(any(test, not(target_arch = "x86_64")))]
fn equal_one_by_one(words: &[u32; 8], wanted: u32) -> u32 {
    (0..8).map(|lane| u32::from(words[lane] == wanted) << lane).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lanes_at_once_equal_one_by_one() {
        for pattern in 0..256_u32 {
            for wanted in [0, 7, u32::MAX, 0x8000_0000] {
                let words =
                    core::array::from_fn(|lane| if pattern >> lane & 1 == 1 { wanted } else { wanted ^ 1 << lane });
                assert_eq!(equal_lanes(&words, wanted), pattern);
                assert_eq!(equal_one_by_one(&words, wanted), pattern);
            }
        }
    }
}
