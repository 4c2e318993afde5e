//! Records whose check sums are right whatever they say: a check sum would keep the fuzzer out of what is behind it.

use omni_ring::crc32c_from;

/// Returns the bytes as words; what doesn't fill the last is left out.
pub fn words(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(8).map(|chunk| u64::from_ne_bytes(core::array::from_fn(|at| chunk[at]))).collect()
}

/// Rights the check sum of each record in turn, as far as their lengths lead.
pub fn seal(words: &mut [u64], salt: u32) {
    let mut at = 0;
    while let Some(first) = words.get(at) {
        let length = usize::from((u64::from_le(*first) >> 32) as u16) / 8;
        if length == 0 || length > words.len() - at {
            return;
        }
        seal_one(&mut words[at..at + length], salt);
        at += length;
    }
}

/// The check sum is of everything but itself, so it follows from what the record says.
fn seal_one(record: &mut [u64], salt: u32) {
    let head = u64::from_le(record[0]) & !u64::from(u32::MAX);
    let sum = crc32c_from(salt, head.to_le(), &record[1..]);
    record[0] = (head | u64::from(sum)).to_le();
}
