//! One record of the journal: whatever is read of a right check sum is written back as the same words.
#![no_main]

use omni_fuzz::sealed::{seal, words};
use omni_journal::record::{Record, decode, encode};

const SALT: u32 = 7;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut words = words(bytes);
    let _torn = decode(&words, SALT);
    seal(&mut words, SALT);
    if let Ok((Record::Input(input), length)) = decode(&words, SALT) {
        let mut written = vec![0; length];
        assert_eq!(encode(&input, SALT, &mut written), Ok(length), "{input:?}");
        assert_eq!(written, words[..length], "{input:?}");
    }
});
