//! What simulated disks found wrong, each as a test of its own.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

mod inputs;

use std::path::Path;

use inputs::{Folder, input, options};
use omni_journal::testing::{Death, SimDisk, Weather};
use omni_journal::{Disk, End, Files, Journal, Mode, Reader, snapshot};
use omni_types::Digest;

const RUN: &str = "/run";

#[test]
fn a_snapshot_of_inputs_that_were_lost_is_removed() {
    let folder = Folder::new("stale");
    let mut journal = Journal::create(folder.path(), options(Mode::Memory)).unwrap();
    (1..=20).for_each(|seq| journal.append(&input(seq)).unwrap());
    journal.close().unwrap();
    for seq in [10, 20, 30] {
        snapshot::write(&Files, folder.path(), seq, Digest::default(), b"state").unwrap();
    }
    drop(Journal::recover(folder.path(), Mode::Memory).unwrap());
    assert_eq!(snapshot::list(&Files, folder.path()).unwrap(), [10, 20], "other inputs will get numbers up to 30");
}

#[test]
fn one_torn_mark_does_not_make_an_unconfirmed_hole_damage() {
    let folder = Folder::new("torn-mark");
    let mut journal = Journal::create(folder.path(), options(Mode::Group)).unwrap();
    (1..=100).for_each(|seq| journal.append(&input(seq)).unwrap());
    drop(journal);
    let mut bytes = std::fs::read(folder.segment(1)).unwrap();
    bytes[2048..2064].fill(0);
    bytes[3072..3088].fill(0);
    bytes[2048] = 90;
    // A record in the middle that never got to the disk.
    bytes[4096 + 64 * 20..4096 + 64 * 21].fill(0);
    std::fs::write(folder.segment(1), bytes).unwrap();
    let mut reader = Reader::open(folder.path()).unwrap();
    while reader.next_input().unwrap().is_some() {}
    assert!(matches!(reader.end(), Some(End::Dropped(dropped)) if dropped.later > 0), "{:?}", reader.end());
}

#[test]
fn a_loss_that_was_told_is_not_told_again() {
    for mode in [Mode::Memory, Mode::Group] {
        let folder = Folder::new("told");
        let mut journal = Journal::create(folder.path(), options(Mode::Group)).unwrap();
        (1..=50).for_each(|seq| journal.append(&input(seq)).unwrap());
        journal.close().unwrap();
        let bytes = std::fs::read(folder.segment(1)).unwrap();
        std::fs::write(folder.segment(1), &bytes[..4096 + 64 * 5]).unwrap();
        let (journal, found) = Journal::recover(folder.path(), mode).unwrap();
        assert_eq!(found.dropped.unwrap().synced_lost, 50 - found.last_seq);
        drop(journal);
        assert_eq!(Journal::recover(folder.path(), mode).unwrap().1.dropped, None);
    }
}

#[test]
fn what_a_disk_confirmed_is_missed_even_where_nothing_stands_in_its_place() {
    let folder = Folder::new("zeros");
    let mut journal = Journal::create(folder.path(), options(Mode::Group)).unwrap();
    (1..=6).for_each(|seq| journal.append(&input(seq)).unwrap());
    journal.close().unwrap();
    let bytes = std::fs::read(folder.segment(1)).unwrap();
    std::fs::write(folder.segment(1), &bytes[..4096 + 64 * 5]).unwrap();
    let mut reader = Reader::open(folder.path()).unwrap();
    while reader.next_input().unwrap().is_some() {}
    assert!(matches!(reader.end(), Some(End::Dropped(dropped)) if dropped.synced_lost == 1), "{:?}", reader.end());
}

#[test]
fn a_last_segment_that_is_gone_is_damage() {
    let folder = Folder::new("gone");
    let mut journal = Journal::create(folder.path(), options(Mode::Memory)).unwrap();
    (1..=700).for_each(|seq| journal.append(&input(seq)).unwrap());
    journal.close().unwrap();
    std::fs::remove_file(folder.segment(2)).unwrap();
    let error = Journal::recover(folder.path(), Mode::Memory).map(drop).unwrap_err().to_string();
    assert!(error.contains("segment-00000002.journal") && error.contains("the segment is missing"), "{error}");
}

/// After a failed sync the system takes pages for written that aren't: only writing them again brings them to the disk.
#[test]
fn a_recovery_writes_again_what_a_failed_sync_left_behind() {
    let mut tried = [0, 0];
    // The second ends a little after a segment whose closing mark was not synced yet.
    for (seed, count) in (0..400).flat_map(|seed| [(seed, 40), (seed, 610)]) {
        let disk = SimDisk::new(seed, Weather::default());
        let mut journal = Journal::create_by_hand(disk.clone(), Path::new(RUN), options(Mode::Group)).unwrap();
        (1..=count).for_each(|seq| journal.append(&input(seq)).unwrap());
        disk.set_weather(Weather { errors: true, ..Weather::default() });
        journal.work();
        disk.set_weather(Weather::default());
        if journal.append(&input(count + 1)).is_ok() {
            continue;
        }
        drop(journal);
        let Ok((journal, found)) = Journal::recover_by_hand(disk.clone(), Path::new(RUN), Mode::Group) else {
            continue;
        };
        let safe = journal.durable_seq();
        assert_eq!(safe, found.last_seq);
        drop(journal);
        disk.plan(0, Death::Power);
        let _ = disk.names(Path::new(RUN));
        disk.restart();
        let mut reader = Reader::open_on(disk.clone(), Path::new(RUN)).unwrap();
        while reader.next_input().unwrap().is_some() {}
        assert_eq!(reader.last_seq(), safe, "seed {seed}: the watermark had passed it");
        tried[usize::from(count > 40)] += 1;
    }
    assert!(tried.iter().all(|&times| times > 0), "some syncs failed: {tried:?}");
}
