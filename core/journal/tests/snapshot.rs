//! Snapshots: whole or not at all, and a bad one never taken for a good one.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

mod inputs;

use inputs::Folder;
use omni_journal::Files;
use omni_journal::snapshot::{self, Snapshot};
use omni_types::Digest;

fn state(seq: u64) -> Vec<u8> {
    (0..100 + seq).map(|n| (n * 7 + seq) as u8).collect()
}

fn digest(seq: u64) -> Digest {
    Digest::from_words([seq, !seq])
}

fn folder(seqs: &[u64]) -> Folder {
    let folder = Folder::new("snapshot");
    for &seq in seqs {
        snapshot::write(&Files, folder.path(), seq, digest(seq), &state(seq)).unwrap();
    }
    folder
}

fn good(seq: u64) -> Option<Snapshot> {
    Some(Snapshot { seq, digest: digest(seq), bytes: state(seq) })
}

#[test]
fn the_newest_not_past_the_journal_is_taken() {
    let folder = folder(&[100, 9, 1000]);
    for (most, expected) in [(u64::MAX, 1000), (1000, 1000), (999, 100), (99, 9)] {
        let found = snapshot::latest(&Files, folder.path(), most).unwrap();
        assert_eq!((found.snapshot, found.skipped.len()), (good(expected), 0));
    }
    assert_eq!(snapshot::latest(&Files, folder.path(), 8).unwrap().snapshot, None);
    snapshot::prune(&Files, folder.path(), 2).unwrap();
    assert_eq!(snapshot::list(&Files, folder.path()).unwrap(), [100, 1000]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no draft is left");
}

#[test]
fn any_flip_or_cut_falls_back_to_the_one_before_and_says_so() {
    let folder = folder(&[1, 2]);
    let path = snapshot::write(&Files, folder.path(), 3, digest(3), &state(3)).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let broken = (0..bytes.len() * 8)
        .map(|bit| {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            flipped
        })
        .chain((0..bytes.len()).map(|length| bytes[..length].to_vec()))
        .chain([[&bytes[..], &[0]].concat()]);
    for bad in broken {
        std::fs::write(&path, bad).unwrap();
        let found = snapshot::latest(&Files, folder.path(), u64::MAX).unwrap();
        assert_eq!(found.snapshot, good(2));
        let [skipped] = &found.skipped[..] else { panic!("one was bad, {:?} skipped", found.skipped) };
        assert!(skipped.to_string().contains("snapshot-00000000000000000003.state"), "{skipped}");
    }
    std::fs::rename(&path, path.with_file_name("snapshot-00000000000000000004.state")).unwrap();
    assert_eq!(
        snapshot::latest(&Files, folder.path(), u64::MAX).unwrap().snapshot,
        good(2),
        "a file under another's name"
    );
}

#[test]
fn another_version_is_named_with_ours() {
    let folder = folder(&[]);
    let path = snapshot::write(&Files, folder.path(), 3, digest(3), &state(3)).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[8] = 9;
    std::fs::write(&path, bytes).unwrap();
    let text = snapshot::read(&Files, folder.path(), 3).unwrap_err().to_string();
    assert!(text.contains("version 9 found, version 1 supported"), "{text}");
}

#[test]
fn a_lost_folder_is_named() {
    let folder = folder(&[]);
    let nowhere = folder.path().join("nowhere");
    for error in [
        snapshot::write(&Files, &nowhere, 1, digest(1), b"x").map(drop).unwrap_err(),
        snapshot::latest(&Files, &nowhere, 1).map(drop).unwrap_err(),
    ] {
        assert!(error.to_string().contains("nowhere"), "{error}");
    }
}
