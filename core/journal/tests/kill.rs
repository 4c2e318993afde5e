//! `kill -9` at random moments: every acknowledged input is in the recovered journal.
//!
//! The parent starts itself as a child that recovers the journal, appends, and acknowledges through a pipe what its
//! watermark has passed; it kills the child after a random number of acknowledgements, in whatever the child is doing,
//! and reads the journal. `OMNI_KILLS` and `OMNI_SEED` choose how often and from which seed.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

mod inputs;

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use inputs::{Folder, input, options};
use omni_journal::{End, Journal, Mode, Reader};

const CHILD: &str = "OMNI_JOURNAL_CHILD";

/// Appends and acknowledges until it is killed.
fn child(folder: &Path, mode: Mode) -> ! {
    let mut journal = if Reader::open(folder).is_ok() {
        Journal::recover(folder, mode).unwrap().0
    } else {
        Journal::create(folder, options(mode)).unwrap()
    };
    let watermark = journal.watermark();
    let (mut pipe, mut acknowledged) = (std::io::stdout().lock(), journal.last_seq());
    loop {
        // A batch of its own length each time, so that kills fall on every place of it.
        for _ in 0..=journal.last_seq() % 50 {
            journal.append(&input(journal.last_seq() + 1)).unwrap();
        }
        if mode == Mode::Sync {
            journal.commit().unwrap();
        }
        let safe = watermark.seq();
        if safe > acknowledged {
            acknowledged = safe;
            pipe.write_all(&safe.to_le_bytes()).unwrap();
            pipe.flush().unwrap();
        }
    }
}

/// Takes acknowledgements until `count` came, kills, takes what was still in the pipe, and returns the last one.
fn kill_after(mut child: Child, count: u64) -> u64 {
    let mut pipe = child.stdout.take().unwrap();
    let (mut word, mut taken, mut last) = ([0; 8], 0, 0);
    while pipe.read_exact(&mut word).is_ok() {
        last = u64::from_le_bytes(word);
        taken += 1;
        if taken == count {
            child.kill().unwrap();
        }
    }
    assert!(taken >= count, "the child ended by itself after {taken} acknowledgements");
    child.wait().unwrap();
    last
}

/// Reads the whole journal and returns its last input.
fn check(folder: &Path) -> u64 {
    let mut reader = Reader::open(folder).unwrap();
    let mut last = 0;
    while let Some(found) = reader.next_input().unwrap() {
        last += 1;
        assert_eq!(found, input(last));
    }
    assert!(matches!(reader.end(), Some(End::Open | End::Dropped(_))), "{:?}", reader.end());
    last
}

fn run(mode: Mode, kills: u64, seed: &mut u64) {
    let folder = Folder::new("kill");
    let mut before = 0;
    for kill in 0..kills {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        let count = 1 + *seed % if mode == Mode::Memory { 300 } else { 12 };
        let child = Command::new(std::env::current_exe().unwrap())
            .env(CHILD, mode.to_string())
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let acknowledged = kill_after(child, count);
        let last = check(folder.path());
        println!("mode {mode}, kill {kill}: acknowledged {acknowledged}, recovered {last}");
        assert!(last >= acknowledged, "{} acknowledged inputs are lost", acknowledged - last);
        assert!(last >= before, "inputs that were there after the last kill are lost");
        before = last;
    }
    let (journal, found) = Journal::recover(folder.path(), mode).unwrap();
    assert_eq!(found.last_seq, before);
    journal.close().unwrap();
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

fn main() {
    if let Ok(mode) = std::env::var(CHILD) {
        let mode = [Mode::Memory, Mode::Group, Mode::Sync].into_iter().find(|known| known.to_string() == mode).unwrap();
        child(Path::new(&std::env::args().nth(1).unwrap()), mode);
    }
    let asked = |word: &str| std::env::args().any(|given| given == word);
    if asked("--list") {
        // A test runner asks which tests there are; none of ours is ignored.
        if !asked("--ignored") {
            println!("kill: test");
        }
        return;
    }
    let (kills, mut seed) = (number("OMNI_KILLS", 20), number("OMNI_SEED", 0x5EED).max(1));
    println!("OMNI_SEED={seed} OMNI_KILLS={kills}");
    run(Mode::Memory, kills.div_ceil(2), &mut seed);
    run(Mode::Group, kills.div_ceil(4), &mut seed);
    run(Mode::Sync, kills.div_ceil(4), &mut seed);
    println!("every acknowledged input was there after each kill");
}
