//! A whole journal of one segment: a good header, then anything, its check sums right or as they come.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use omni_fuzz::inputs::{Folder, options};
use omni_fuzz::sealed::{seal, words};
use omni_journal::{Journal, Mode, Reader};

/// Bytes of a segment's header, and where in it the salt stands.
const HEADER: usize = 4096;
const SALT: usize = 29 * 8;

/// A folder with a journal, and its header.
static JOURNAL: LazyLock<(Folder, Vec<u8>)> = LazyLock::new(|| {
    let folder = Folder::new("fuzz");
    Journal::create(folder.path(), options(Mode::Memory)).and_then(Journal::close).expect("a journal can be made");
    let header = fs::read(folder.segment(1)).expect("it has a segment")[..HEADER].to_vec();
    (folder, header)
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (folder, header) = &*JOURNAL;
    let Some((how, rest)) = bytes.split_first() else { return };
    let mut words = words(rest);
    if how % 2 == 0 {
        let salt = u32::from_le_bytes(core::array::from_fn(|at| header[SALT + at]));
        seal(&mut words, salt);
    }
    let records: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    fs::write(folder.segment(1), [&header[..], &records].concat()).expect("the segment can be written");
    let mut reader = Reader::open(folder.path()).expect("its header is good");
    let mut read = 0;
    let end = loop {
        match reader.next_input() {
            Ok(Some(input)) => {
                read += 1;
                assert_eq!(input.seq, read, "inputs are given in order");
            }
            Ok(None) => break reader.end().map(|end| format!("{end:?}")),
            Err(error) => break Some(error.to_string()),
        }
    };
    assert!(end.is_some_and(|end| !end.is_empty()), "an end says how it is");
    assert!(read as usize * 32 <= records.len());
});
