//! A full disk and one that can't be written, on file systems of their own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

mod inputs;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use inputs::{Folder, input, options};
use omni_journal::{End, Files, Journal, JournalError, Mode, Reader, snapshot};
use omni_types::Digest;

/// A small file system in memory, unmounted at the end.
struct Mount(PathBuf);

impl Mount {
    /// Mounts it, or says aloud that the test is skipped, which is a failure in CI.
    fn new(folder: &Folder, bytes: u64) -> Option<Self> {
        let path = folder.path().join("disk");
        std::fs::create_dir_all(&path).unwrap();
        if mount(&["-t", "tmpfs", "-o", &format!("size={bytes}"), "omni-journal-test", path.to_str().unwrap()]) {
            return Some(Self(path));
        }
        assert!(std::env::var("CI").as_deref() != Ok("true"), "CI must be able to mount a tmpfs");
        println!("SKIPPED: mounting a tmpfs needs root");
        None
    }
}

fn mount(arguments: &[&str]) -> bool {
    Command::new("mount").args(arguments).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_stops_the_journal_and_keeps_what_it_took() {
    for mode in [Mode::Memory, Mode::Group] {
        let folder = Folder::new("full");
        let Some(disk) = Mount::new(&folder, 1 << 20) else { return };
        let run = disk.0.join("run");
        let mut journal = Journal::create(&run, options(mode)).unwrap();
        let error = (1..100_000).find_map(|seq| journal.append(&input(seq)).err()).unwrap().to_string();
        assert!(error.contains(run.to_str().unwrap()) && error.contains("No space left"), "{error}");
        assert!(error.contains("free space there or choose another run folder"), "{error}");
        let last = journal.last_seq();
        assert!(last > 10_000, "a megabyte holds more than {last} inputs");
        assert!(matches!(journal.append(&input(last + 1)), Err(JournalError::Stopped(_))), "it takes no more");
        assert!(snapshot::write(&Files, &run, last, Digest::default(), &vec![1; 1 << 20]).is_err());
        assert!(journal.close().is_err());

        let mut reader = Reader::open(&run).unwrap();
        assert!((1..).zip(reader.by_ref()).all(|(seq, found)| found.unwrap() == input(seq)));
        assert_eq!((reader.last_seq(), reader.end()), (last, Some(&End::Open)));
        let names = || std::fs::read_dir(&run).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(names().all(|name| name.to_str().unwrap().ends_with(".journal")), "no draft is left: {:?}", names());

        assert!(mount(&["-o", "remount,size=4m", disk.0.to_str().unwrap()]));
        let (mut journal, found) = Journal::recover(&run, mode).unwrap();
        assert_eq!((found.last_seq, found.dropped), (last, None));
        (last + 1..=last + 2000).for_each(|seq| journal.append(&input(seq)).unwrap());
        assert_eq!(journal.close().unwrap(), last + 2000);
    }
}

#[test]
fn a_disk_full_from_the_start_is_said_at_creation() {
    let folder = Folder::new("start");
    let Some(disk) = Mount::new(&folder, 16 << 10) else { return };
    let error = Journal::create(&disk.0.join("run"), options(Mode::Memory)).map(drop).unwrap_err().to_string();
    assert!(error.contains("can't reserve space for") && error.contains("No space left"), "{error}");
}

#[test]
fn a_disk_that_cannot_be_written_is_said_and_can_be_read() {
    let folder = Folder::new("readonly");
    let Some(disk) = Mount::new(&folder, 1 << 20) else { return };
    let run = disk.0.join("run");
    let mut journal = Journal::create(&run, options(Mode::Memory)).unwrap();
    (1..=10).for_each(|seq| journal.append(&input(seq)).unwrap());
    journal.close().unwrap();
    assert!(mount(&["-o", "remount,ro", disk.0.to_str().unwrap()]));
    for error in [
        Journal::create(&disk.0.join("other"), options(Mode::Memory)).map(drop).unwrap_err(),
        Journal::recover(&run, Mode::Memory).map(drop).unwrap_err(),
        snapshot::write(&Files, &run, 10, Digest::default(), b"state").map(drop).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(text.contains("Read-only file system") && text.contains("choose a run folder"), "{text}");
        assert!(text.contains(disk.0.to_str().unwrap()), "{text}");
    }
    assert_eq!(Reader::open(&run).unwrap().count(), 10);
}
