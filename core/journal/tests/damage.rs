//! Damage of every kind: found, told exactly, and never a wrong input.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

mod inputs;

use std::path::Path;

use inputs::{Folder, input, options};
use omni_journal::{Dropped, End, Journal, JournalError, Mode, Options, Reader, Recovery, RunHeader};
use omni_types::Input;
use omni_types::testing::property;
use proptest::prelude::*;

const HEADER: usize = 4096;
const SYNCED_MARKS: [usize; 2] = [2048, 3072];

/// A closed journal of inputs 1 to `count`.
fn journal(name: &str, mode: Mode, count: u64) -> Folder {
    let folder = Folder::new(name);
    let mut journal = Journal::create(folder.path(), options(mode)).unwrap();
    (1..=count).for_each(|seq| journal.append(&input(seq)).unwrap());
    journal.close().unwrap();
    folder
}

/// Reads to the end or the error; what was read must be right.
fn read(folder: &Folder) -> (u64, Result<End, JournalError>) {
    let mut reader = match Reader::open(folder.path()) {
        Ok(reader) => reader,
        Err(error) => return (0, Err(error)),
    };
    let mut count = 0;
    loop {
        match reader.next_input() {
            Ok(Some(found)) => {
                count += 1;
                assert_eq!(found, input(count), "a wrong input was taken");
            }
            Ok(None) => return (count, Ok(reader.end().cloned().unwrap())),
            Err(error) => return (count, Err(error)),
        }
    }
}

/// Where the records of inputs 1 to `count` end, the header first.
fn ends(count: u64) -> Vec<usize> {
    let lengths = (1..=count).map(|seq| if seq.is_multiple_of(7) { 40 } else { 64 });
    std::iter::once(HEADER)
        .chain(lengths.scan(HEADER, |end, length| {
            *end += length;
            Some(*end)
        }))
        .collect()
}

fn dropped(end: Result<End, JournalError>) -> Dropped {
    match end {
        Ok(End::Dropped(dropped)) => dropped,
        other => panic!("expected something dropped, found {other:?}"),
    }
}

#[test]
fn a_flip_anywhere_is_found() {
    let (count, folder) = (9, journal("flip", Mode::Memory, 9));
    let good = std::fs::read(folder.segment(1)).unwrap();
    let ends = ends(count);
    assert_eq!(good.len(), ends[9] + 32);
    for at in HEADER..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << bit;
            std::fs::write(folder.segment(1), &bytes).unwrap();
            let record = ends.iter().rposition(|&end| end <= at).unwrap() as u64;
            let (read, end) = read(&folder);
            assert_eq!(read, record.min(count), "byte {at} bit {bit}");
            match end {
                // The last record, or the closing mark: a tail.
                Ok(End::Dropped(found)) if record >= count - 1 => {
                    assert_eq!(found.offset as usize, ends[record as usize]);
                    // The closing mark ends in zeros, which are not counted, unless the flip is in them.
                    let held = bytes.iter().rposition(|&b| b != 0).unwrap() + 1;
                    assert_eq!(found.bytes as usize, held.next_multiple_of(8) - ends[record as usize]);
                    assert_eq!((found.segment.as_path(), found.later), (folder.segment(1).as_path(), 0));
                }
                Err(JournalError::Corrupt { offset, later, path, .. }) if record < count - 1 => {
                    assert_eq!(offset as usize, ends[record as usize]);
                    assert_eq!((later, path.as_path()), (count - 1 - record, folder.segment(1).as_path()));
                }
                other => panic!("byte {at} bit {bit}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_flip_in_a_header_is_found() {
    let folder = journal("header", Mode::Memory, 3);
    let good = std::fs::read(folder.segment(1)).unwrap();
    for at in 0..240 {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        std::fs::write(folder.segment(1), &bytes).unwrap();
        let text = read(&folder).1.unwrap_err().to_string();
        assert!(text.contains("segment-00000001.journal is damaged at byte 0"), "byte {at}: {text}");
    }
}

#[test]
fn a_cut_at_any_byte_keeps_what_is_whole_and_recovery_goes_on() {
    let folder = journal("cut", Mode::Memory, 9);
    let good = std::fs::read(folder.segment(1)).unwrap();
    let ends = ends(9);
    for length in 0..good.len() {
        std::fs::write(folder.segment(1), &good[..length]).unwrap();
        let (count, end) = read(&folder);
        if length < HEADER {
            assert!(end.unwrap_err().to_string().contains("cut off within its header"), "{length}");
            continue;
        }
        let whole = ends.iter().rposition(|&end| end <= length).unwrap();
        assert_eq!(count, whole as u64, "{length}");
        let end = end.unwrap();
        if end == End::Open {
            assert!(
                good[ends[whole]..length].iter().all(|&b| b == 0),
                "{length}: something was passed over in silence"
            );
        } else {
            // The end of the cut may be zeros, which nobody can tell from what was never written.
            let held = good[ends[whole]..length].iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
            let found = dropped(Ok(end.clone()));
            assert_eq!(found.offset as usize, ends[whole]);
            assert!((held..=length - ends[whole]).contains(&(found.bytes as usize)), "{length}: {found:?}");
        }
        recover_and_go_on(&folder, whole as u64, &end);
    }
}

fn recover_and_go_on(folder: &Folder, last_seq: u64, end: &End) {
    let (mut journal, found) = Journal::recover(folder.path(), Mode::Memory).unwrap();
    let dropped = if let End::Dropped(dropped) = end { Some(dropped.clone()) } else { None };
    assert_eq!(found, Recovery { last_seq, closed: false, dropped });
    (last_seq + 1..=last_seq + 20).for_each(|seq| journal.append(&input(seq)).unwrap());
    journal.close().unwrap();
    let (count, end) = read(folder);
    assert_eq!((count, end.unwrap()), (last_seq + 20, End::Closed));
}

#[test]
fn a_flip_in_an_early_segment_is_damage_not_a_tail() {
    let folder = journal("early", Mode::Group, 2000);
    let mut bytes = std::fs::read(folder.segment(1)).unwrap();
    let last = bytes.len() - 40;
    bytes[last] ^= 1;
    std::fs::write(folder.segment(1), &bytes).unwrap();
    let error = read(&folder).1.unwrap_err();
    assert!(matches!(error, JournalError::Corrupt { later, .. } if later > 1000), "{error}");
    assert!(error.to_string().contains("whole records follow after it, so this is not a torn tail"), "{error}");
    let refused = Journal::recover(folder.path(), Mode::Group).map(drop).unwrap_err();
    assert!(matches!(refused, JournalError::Corrupt { .. }), "{refused}");
    assert_eq!(std::fs::read(folder.segment(1)).unwrap(), bytes, "a refused recovery changes nothing");
}

#[test]
fn a_missing_or_foreign_segment_is_named() {
    let folder = journal("missing", Mode::Memory, 2000);
    let second = std::fs::read(folder.segment(2)).unwrap();
    std::fs::remove_file(folder.segment(2)).unwrap();
    let text = read(&folder).1.unwrap_err().to_string();
    assert!(text.contains("segment-00000002.journal") && text.contains("the segment is missing"), "{text}");
    std::fs::copy(folder.segment(3), folder.segment(2)).unwrap();
    let text = read(&folder).1.unwrap_err().to_string();
    assert!(text.contains("expected segment 2, found segment 3"), "{text}");
    let other = Folder::new("other");
    let run = RunHeader { run_id: "another".to_owned(), ..inputs::header() };
    let mut foreign = Journal::create(other.path(), Options { header: run, ..options(Mode::Memory) }).unwrap();
    (1..=2000).for_each(|seq| foreign.append(&input(seq)).unwrap());
    foreign.close().unwrap();
    std::fs::copy(other.segment(2), folder.segment(2)).unwrap();
    let text = read(&folder).1.unwrap_err().to_string();
    assert!(text.contains("found one of another run, another"), "{text}");
    std::fs::write(folder.segment(2), second).unwrap();
    assert_eq!(read(&folder).0, 2000);
}

/// Changes the file of a segment.
fn change(path: &Path, work: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    work(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_hole_that_a_loss_of_power_left_is_a_tail_only_where_nothing_was_confirmed() {
    let ends = ends(500);
    for (mode, confirmed) in [(Mode::Group, true), (Mode::Group, false), (Mode::Memory, false)] {
        let folder = journal("hole", mode, 500);
        change(&folder.segment(1), |bytes| {
            bytes[ends[300]..ends[340]].fill(0);
            if !confirmed {
                SYNCED_MARKS.into_iter().for_each(|at| bytes[at..at + 16].fill(0));
            }
        });
        let (count, end) = read(&folder);
        assert_eq!(count, 300);
        if mode == Mode::Group && !confirmed {
            let found = dropped(end);
            assert_eq!((found.offset as usize, found.later, found.synced_lost), (ends[300], 160, 0));
            // The closing mark ends in two words of zeros.
            assert_eq!(found.bytes as usize, ends[500] + 16 - ends[300]);
            recover_and_go_on(&folder, 300, &End::Dropped(found));
        } else {
            assert!(matches!(end, Err(JournalError::Corrupt { later: 160, .. })), "{mode}: {end:?}");
        }
    }
}

#[test]
fn confirmed_inputs_that_the_disk_lost_are_counted() {
    let folder = journal("lost", Mode::Group, 50);
    let ends = ends(50);
    change(&folder.segment(1), |bytes| bytes.truncate(ends[40] + 8));
    let found = dropped(read(&folder).1);
    assert_eq!(found.synced_lost, 10);
    assert!(found.to_string().contains("10 inputs that the disk had confirmed are lost"), "{found}");
}

proptest! {
    #![proptest_config(property(300))]

    #[test]
    fn fuzz_changed_files_never_give_a_wrong_input(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4, 0_usize..200), 1..6),
    ) {
        let folder = journal("changed", Mode::Memory, 40);
        change(&folder.segment(1), |bytes| {
            for (at, value, what, length) in changes {
                let at = at.index(bytes.len());
                let end = bytes.len().min(at + length);
                match what {
                    0 => bytes[at] = value,
                    1 => bytes[at..end].fill(value),
                    2 => drop(bytes.drain(at..end)),
                    _ => {
                        let copy = bytes[at..end].to_vec();
                        bytes.splice(at..at, copy);
                    }
                }
                if bytes.is_empty() {
                    bytes.push(value);
                }
            }
        });
        let _ = read(&folder);
    }

    #[test]
    fn fuzz_any_bytes_after_a_header_are_read_or_refused(tail in prop::collection::vec(any::<u8>(), 0..600)) {
        let folder = journal("bytes", Mode::Memory, 0);
        change(&folder.segment(1), |bytes| {
            bytes.truncate(HEADER);
            bytes.extend(&tail);
        });
        let (count, end) = read(&folder);
        prop_assert_eq!(count, 0);
        if tail.iter().any(|&b| b != 0) {
            prop_assert_eq!(dropped(end).offset as usize, HEADER);
        }
    }

    #[test]
    fn fuzz_any_file_is_no_journal(bytes in prop::collection::vec(any::<u8>(), 0..9000)) {
        let folder = Folder::new("file");
        std::fs::write(folder.segment(1), bytes).unwrap();
        let first: Option<Result<Input, JournalError>> = Reader::open(folder.path()).ok().and_then(|mut reader| reader.next());
        prop_assert!(first.is_none());
    }
}
