//! Writing, reading, closing and going on.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

mod inputs;

use inputs::{Folder, SMALL, body, header, input, options};
use omni_journal::{End, Journal, JournalError, Mode, Options, Reader, Recovery};
use omni_types::testing::property;
use omni_types::{Body, Input, Time};
use proptest::prelude::*;

const MODES: [Mode; 3] = [Mode::Memory, Mode::Group, Mode::Sync];

fn append(journal: &mut Journal, from: u64, to: u64) {
    for seq in from..=to {
        journal.append(&input(seq)).unwrap();
    }
}

fn read(folder: &Folder) -> (Vec<Input>, End) {
    let mut reader = Reader::open(folder.path()).unwrap();
    let inputs: Vec<Input> = reader.by_ref().map(Result::unwrap).collect();
    (inputs, reader.end().cloned().unwrap())
}

fn expected(to: u64) -> Vec<Input> {
    (1..=to).map(input).collect()
}

#[test]
fn what_was_appended_is_read_over_many_segments_in_every_mode() {
    for mode in MODES {
        let folder = Folder::new("modes");
        let mut journal = Journal::create(folder.path(), options(mode)).unwrap();
        append(&mut journal, 1, 2000);
        journal.commit().unwrap();
        if mode != Mode::Group {
            assert_eq!(journal.durable_seq(), 2000, "{mode}");
        }
        assert_eq!(read(&folder), (expected(2000), End::Open), "{mode}, while it is written");
        assert_eq!(journal.close().unwrap(), 2000);
        assert_eq!(read(&folder), (expected(2000), End::Closed), "{mode}");
        assert_eq!(Reader::open(folder.path()).unwrap().header(), &header());
        assert!(folder.segment(3).exists());
        let names = std::fs::read_dir(folder.path()).unwrap().count() as u32;
        assert!(folder.segment(names).exists() && !folder.segment(names + 1).exists(), "segments only, none unused");
        assert!(std::fs::metadata(folder.segment(names)).unwrap().len() < SMALL, "the last is cut to its length");
    }
}

#[test]
fn the_watermark_passes_what_was_appended() {
    for mode in MODES {
        let folder = Folder::new("watermark");
        let mut journal = Journal::create(folder.path(), options(mode)).unwrap();
        let watermark = journal.watermark();
        let waiter = std::thread::spawn(move || watermark.wait(1000).map(|()| watermark.seq()));
        append(&mut journal, 1, 1000);
        assert!(waiter.join().unwrap().unwrap() >= 1000, "{mode}");
        let watermark = journal.watermark();
        assert_eq!(journal.close().unwrap(), 1000);
        assert_eq!(watermark.seq(), 1000);
        let error = watermark.wait(1001).unwrap_err().to_string();
        assert!(error.contains("closed after input 1000, before input 1001"), "{error}");
    }
}

#[test]
fn a_follower_reads_behind_the_writer() {
    let folder = Folder::new("follower");
    let mut journal = Journal::create(folder.path(), options(Mode::Memory)).unwrap();
    let mut reader = Reader::open(folder.path()).unwrap();
    let mut seen = Vec::new();
    for step in 0..60 {
        append(&mut journal, step * 37 + 1, step * 37 + 37);
        let watermark = journal.durable_seq();
        while let Some(next) = reader.next_to(watermark).unwrap() {
            seen.push(next);
        }
        assert_eq!(reader.last_seq(), watermark);
    }
    assert_eq!(seen, expected(60 * 37));
}

#[test]
fn reading_starts_after_any_input() {
    let folder = Folder::new("after");
    let mut journal = Journal::create(folder.path(), options(Mode::Memory)).unwrap();
    append(&mut journal, 1, 1500);
    journal.close().unwrap();
    for seq in (0..=1500).step_by(53).chain([1499, 1500]) {
        let rest: Vec<Input> = Reader::open_after(folder.path(), seq).unwrap().map(Result::unwrap).collect();
        assert_eq!(rest, expected(1500)[seq as usize..]);
    }
    let error = Reader::open_after(folder.path(), 1501).unwrap_err().to_string();
    assert!(error.ends_with("ends after input 1500, before input 1501"), "{error}");
}

#[test]
fn recovery_goes_on_where_it_ended_closed_or_not() {
    for mode in MODES {
        let folder = Folder::new("recovery");
        let mut journal = Journal::create(folder.path(), options(mode)).unwrap();
        append(&mut journal, 1, 700);
        drop(journal);
        let (mut journal, found) = Journal::recover(folder.path(), mode).unwrap();
        assert_eq!(found, Recovery { last_seq: 700, closed: false, dropped: None });
        assert_eq!(journal.durable_seq(), 700);
        append(&mut journal, 701, 900);
        journal.close().unwrap();
        let (mut journal, found) = Journal::recover(folder.path(), mode).unwrap();
        assert_eq!(found, Recovery { last_seq: 900, closed: true, dropped: None });
        append(&mut journal, 901, 2500);
        journal.close().unwrap();
        assert_eq!(read(&folder), (expected(2500), End::Closed), "{mode}");
    }
}

#[test]
fn a_recovered_journal_may_end_anywhere_in_a_segment() {
    // A segment holds about 590 of these: ends right before, at and after its last record, mark included.
    for count in (560..640).chain([0, 1]) {
        let folder = Folder::new("anywhere");
        let mut journal = Journal::create(folder.path(), options(Mode::Memory)).unwrap();
        append(&mut journal, 1, count);
        drop(journal);
        let (mut journal, found) = Journal::recover(folder.path(), Mode::Memory).unwrap();
        assert_eq!(found, Recovery { last_seq: count, closed: false, dropped: None });
        append(&mut journal, count + 1, count + 100);
        journal.close().unwrap();
        assert_eq!(read(&folder), (expected(count + 100), End::Closed), "{count}");
    }
}

#[test]
fn the_callers_errors_write_nothing_and_end_nothing() {
    let folder = Folder::new("caller");
    let mut journal = Journal::create(folder.path(), options(Mode::Memory)).unwrap();
    append(&mut journal, 1, 2);
    let gap = journal.append(&input(4)).unwrap_err();
    assert_eq!(gap.to_string(), "expected input 3 next in the journal, found input 4");
    let long = Input { seq: 3, time: Time(3), cause: 0, body: Body::Kill { reason: "x".repeat(40_000).into() } };
    let error = journal.append(&long).unwrap_err().to_string();
    assert!(error.contains("at most 32768 bytes, found 40000"), "{error}");
    append(&mut journal, 3, 3);
    journal.close().unwrap();
    assert_eq!(read(&folder), (expected(3), End::Closed));
}

#[test]
fn one_owner_one_journal_and_sane_settings() {
    let folder = Folder::new("owner");
    let journal = Journal::create(folder.path(), options(Mode::Memory)).unwrap();
    for second in [Journal::create(folder.path(), options(Mode::Memory)).map(drop), {
        Journal::recover(folder.path(), Mode::Memory).map(drop)
    }] {
        assert!(matches!(second, Err(JournalError::InUse(_))), "{second:?}");
    }
    journal.close().unwrap();
    let again = Journal::create(folder.path(), options(Mode::Memory)).map(drop);
    assert!(matches!(again, Err(JournalError::Exists(_))), "{again:?}");

    let empty = Folder::new("settings");
    assert!(matches!(Reader::open(empty.path()).map(drop), Err(JournalError::Missing(_))));
    for bytes in [0, 4096, SMALL + 1, u64::MAX] {
        let bad = Options { segment_bytes: bytes, ..options(Mode::Memory) };
        assert!(matches!(Journal::create(empty.path(), bad).map(drop), Err(JournalError::Setting(_))), "{bytes}");
    }
    let error = Reader::open(&empty.path().join("nowhere")).map(drop).unwrap_err().to_string();
    assert!(error.contains("nowhere"), "{error}");
}

#[test]
fn a_lost_folder_ends_the_journal_and_says_where() {
    let folder = Folder::new("lost");
    let mut journal = Journal::create(folder.path(), options(Mode::Memory)).unwrap();
    // The second segment is made ready at some time; the third can't be.
    append(&mut journal, 1, 700);
    // The thread may make it while the folder is being emptied.
    while let Err(error) = std::fs::remove_dir_all(folder.path()) {
        assert_eq!(error.kind(), std::io::ErrorKind::DirectoryNotEmpty, "{error}");
    }
    let error = (701..5000).find_map(|seq| journal.append(&input(seq)).err()).unwrap().to_string();
    assert!(error.contains(folder.path().to_str().unwrap()), "{error}");
    let last = journal.last_seq();
    let again = journal.append(&input(last + 1)).unwrap_err();
    assert!(matches!(&again, JournalError::Stopped(_)), "{again}");
    assert!(journal.commit().is_err() && journal.close().is_err());
}

proptest! {
    #![proptest_config(property(24))]

    #[test]
    fn fuzz_any_inputs_come_back_from_the_disk(bodies in prop::collection::vec(body(), 0..400)) {
        let folder = Folder::new("any");
        let mut journal = Journal::create(folder.path(), options(Mode::Memory)).unwrap();
        let inputs: Vec<Input> = (1..).zip(bodies).map(|(seq, body)| Input { seq, time: Time(0), cause: 0, body }).collect();
        for input in &inputs {
            journal.append(input).unwrap();
        }
        journal.close().unwrap();
        prop_assert_eq!(read(&folder), (inputs, End::Closed));
    }
}
