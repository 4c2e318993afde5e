//! A journal looked into: each segment, and every damage at its byte.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

mod inputs;

use inputs::{Folder, SMALL, input, options};
use omni_journal::{Files, Inspection, Journal, JournalError, Mode, SegmentState, inspect};

const HEADER: usize = 4096;

fn journal(count: u64, closed: bool) -> Folder {
    let folder = Folder::new("inspect");
    let mut journal = Journal::create(folder.path(), options(Mode::Group)).unwrap();
    (1..=count).for_each(|seq| journal.append(&input(seq)).unwrap());
    if closed {
        journal.close().unwrap();
    }
    folder
}

fn look(folder: &Folder) -> Inspection {
    inspect(&Files, folder.path()).unwrap()
}

/// Changes a segment's bytes and looks again.
fn changed(folder: &Folder, number: u32, work: impl FnOnce(&mut Vec<u8>)) -> Inspection {
    let path = folder.segment(number);
    let mut bytes = std::fs::read(&path).unwrap();
    work(&mut bytes);
    std::fs::write(path, bytes).unwrap();
    look(folder)
}

fn states(found: &Inspection) -> Vec<SegmentState> {
    found.segments.iter().map(|segment| segment.state).collect()
}

/// The findings as (segment, byte, damage).
fn places(found: &Inspection) -> Vec<(u32, u64, bool)> {
    let number = |path: &std::path::Path| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        name.rsplit('-').next().unwrap().parse().unwrap()
    };
    found.findings.iter().map(|finding| (number(&finding.path), finding.offset, finding.damage)).collect()
}

#[test]
fn a_whole_journal_is_told_segment_by_segment() {
    let folder = journal(1500, true);
    let found = look(&folder);
    assert_eq!(states(&found), [SegmentState::Sealed, SegmentState::Sealed, SegmentState::Closed]);
    assert_eq!(found.findings, []);
    assert_eq!(found.run.unwrap().seed, 42);
    let mut next = 1;
    for segment in &found.segments {
        let ((first, since), (last, until)) = (segment.first.unwrap(), segment.last.unwrap());
        assert_eq!((first, last, segment.inputs), (next, next + segment.inputs - 1, last + 1 - first));
        assert_eq!((since, until), (input(first).time, input(last).time));
        assert_eq!(segment.bytes, std::fs::metadata(&segment.path).unwrap().len());
        assert!(segment.bytes <= SMALL && segment.mode == Some(Mode::Group));
        next = last + 1;
    }
    assert_eq!(next, 1501);
}

#[test]
fn a_running_journal_has_one_segment_ready() {
    let folder = Folder::new("inspect-open");
    let mut journal = Journal::create(folder.path(), options(Mode::Group)).unwrap();
    (1..=700).for_each(|seq| journal.append(&input(seq)).unwrap());
    // Until the journal thread has made the third one.
    while !folder.segment(3).exists() {
        std::thread::yield_now();
    }
    let found = look(&folder);
    assert_eq!(states(&found), [SegmentState::Sealed, SegmentState::Open, SegmentState::Ready]);
    assert_eq!(found.findings, []);
    drop(journal);
}

#[test]
fn every_damage_is_told_at_its_byte() {
    let folder = journal(1500, true);
    let found = changed(&folder, 1, |bytes| {
        bytes[HEADER + 64 * 2 + 30] ^= 1;
        bytes[HEADER + 64 * 4 + 30] ^= 1;
    });
    let (third, fifth) = ((HEADER + 64 * 2) as u64, (HEADER + 64 * 4) as u64);
    // Each damage is told, and that an input is missing behind it.
    let expected = [third, third + 64, fifth, fifth + 64].map(|offset| (1, offset, true));
    assert_eq!(places(&found), expected);
    assert!(found.findings[0].text.contains("64 bytes are no record: the check sum"), "{}", found.findings[0]);
    assert!(found.findings[1].text.contains("expected input 3, found input 4"), "{}", found.findings[1]);
    assert_eq!(states(&found)[..2], [SegmentState::Damaged, SegmentState::Sealed]);
    assert_eq!(found.segments.iter().map(|segment| segment.inputs).sum::<u64>(), 1498);
}

#[test]
fn a_torn_end_is_no_damage_but_confirmed_inputs_that_are_gone_are() {
    let folder = journal(100, true);
    let found = changed(&folder, 1, |bytes| bytes.truncate(HEADER + 6 * 64 + 20));
    assert_eq!(states(&found), [SegmentState::Torn]);
    let end = (HEADER + 6 * 64) as u64;
    assert_eq!(places(&found), [(1, end, false), (1, end, true)]);
    assert!(found.findings[1].text.contains("confirmed inputs up to 100, and 6 is the last"), "{}", found.findings[1]);
    let found = changed(&folder, 1, |bytes| {
        bytes[2048..2064].fill(0);
        bytes[3072..3088].fill(0);
    });
    assert_eq!(places(&found), [(1, end, false)]);
}

#[test]
fn missing_foreign_and_unsealed_segments_are_told() {
    let folder = journal(1500, true);
    let whole = std::fs::read(folder.segment(2)).unwrap();
    let last = std::fs::read(folder.segment(3)).unwrap();
    std::fs::remove_file(folder.segment(3)).unwrap();
    assert_eq!(places(&look(&folder)), [(3, 0, true)]);
    std::fs::write(folder.segment(3), last).unwrap();
    std::fs::remove_file(folder.segment(2)).unwrap();
    assert!(look(&folder).findings.iter().any(|finding| finding.text == "the segment is missing"));
    std::fs::copy(folder.segment(3), folder.segment(2)).unwrap();
    let text = look(&folder).findings[0].to_string();
    assert!(text.contains("segment-00000002.journal at byte 0: expected segment 2"), "{text}");
    std::fs::write(folder.segment(2), &whole).unwrap();
    let found = changed(&folder, 2, |bytes| {
        let end = bytes.len();
        bytes.truncate(end - 32);
    });
    assert!(found.findings.iter().any(|finding| finding.damage && finding.text.contains("without the mark")));
    let found = changed(&folder, 2, |bytes| bytes[20] ^= 1);
    assert!(places(&found).contains(&(2, 0, true)) && found.segments[1].first.is_none());
}

#[test]
fn a_folder_without_a_journal_is_an_error() {
    let folder = Folder::new("inspect-none");
    assert!(matches!(inspect(&Files, folder.path()), Err(JournalError::Missing(_))));
}
