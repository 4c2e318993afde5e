//! Look-ahead into memory.

/// Asks the processor to bring `slice[index]` into its cache; does nothing where the index is out of range.
///
/// A hint: no effect but speed, and none at all on processors other than x86-64.
#[inline(always)]
pub fn prefetch<T>(slice: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(item) = slice.get(index) {
        // SAFETY: the pointer comes from a live reference, and a prefetch neither reads nor writes in the program's sense.
        unsafe {
            core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(core::ptr::from_ref(item).cast())
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (slice, index);
}

#[cfg(test)]
mod tests {
    #[test]
    fn takes_any_index() {
        let slice = [1_u64, 2, 3];
        for index in [0, 2, 3, usize::MAX] {
            super::prefetch(&slice, index);
        }
        assert_eq!(slice, [1, 2, 3]);
    }
}
