//! A line that a client of the control socket sends.
#![no_main]

use omni_gateway::request::parse;

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    if let Err(misread) = parse(line) {
        assert!(!misread.error.is_empty());
        // A client gets it as one line of JSON.
        assert!(misread.error.len() <= 4 * line.len() + 1_024, "{} bytes", misread.error.len());
    }
});
