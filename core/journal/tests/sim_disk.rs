//! The simulated disk behaves as disks do, and the same way for the same seed.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

use std::path::Path;

use omni_journal::testing::{Death, SimDisk, Weather};
use omni_journal::{Disk, DiskFile};

const PATH: &str = "/run/file";

fn file(disk: &SimDisk, bytes: &[u8]) -> impl DiskFile {
    let file = disk.create(Path::new(PATH)).unwrap();
    file.write_at(bytes, 0).unwrap();
    file
}

fn contents(disk: &SimDisk) -> Option<Vec<u8>> {
    let file = disk.open(Path::new(PATH)).ok()?;
    let mut bytes = vec![0; file.length().unwrap() as usize];
    let mut done = 0;
    while done < bytes.len() {
        done += file.read_at(&mut bytes[done..], done as u64).unwrap();
    }
    Some(bytes)
}

#[test]
fn a_killed_process_leaves_what_it_wrote() {
    let disk = SimDisk::new(1, Weather::default());
    drop(file(&disk, b"written"));
    disk.restart();
    assert_eq!(contents(&disk).unwrap(), b"written");
}

#[test]
fn without_power_only_what_was_synced_is_sure() {
    let (mut kept, mut lost, mut torn) = (0, 0, 0);
    for seed in 0..200 {
        let disk = SimDisk::new(seed, Weather::default());
        let file = file(&disk, &[1; 2048]);
        file.sync().unwrap();
        disk.sync_folder(Path::new("/run")).unwrap();
        file.write_at(&[2; 2048], 0).unwrap();
        disk.plan(0, Death::Power);
        assert!(file.sync().is_err() && disk.is_dead() && file.write_at(b"x", 0).is_err(), "the dead do nothing");
        disk.restart();
        for sector in contents(&disk).unwrap().chunks(512) {
            let new = sector.iter().take_while(|&&byte| byte == 2).count();
            assert!(sector[new..].iter().all(|&byte| byte == 1), "a torn sector is new, then old");
            match new {
                512 => kept += 1,
                0 => lost += 1,
                _ => torn += 1,
            }
        }
    }
    assert!(kept > 0 && lost > 0 && torn > 0, "{kept} {lost} {torn}");
}

#[test]
fn a_name_that_was_not_synced_may_be_gone() {
    let there = |synced: bool| {
        let found = (0..50).filter(|&seed| {
            let disk = SimDisk::new(seed, Weather::default());
            file(&disk, b"x").sync().unwrap();
            if synced {
                disk.sync_folder(Path::new("/run")).unwrap();
            }
            disk.plan(0, Death::Power);
            let _ = disk.names(Path::new("/run"));
            disk.restart();
            contents(&disk).is_some()
        });
        found.count()
    };
    assert_eq!(there(true), 50);
    assert!((1..50).contains(&there(false)));
}

#[test]
fn each_kind_of_fault_happens_where_it_may() {
    let weather = Weather { flips: true, strays: true, full: true, errors: true, lies: true };
    let work = |seed| {
        let disk = SimDisk::new(seed, weather);
        for round in 0..300_u32 {
            if let Ok(file) = disk.create(Path::new(PATH)) {
                let _ = file.write_at(&round.to_le_bytes().repeat(1000), 0);
                let _ = file.sync();
            }
            disk.restart();
        }
        (disk.faults(), disk.trace())
    };
    let (faults, trace) = work(7);
    assert!(faults.flips > 0 && faults.strays > 0 && faults.full > 0 && faults.errors > 0 && faults.lies > 0);
    assert_eq!(work(7), (faults, trace), "a seed replays exactly");
    assert_ne!(work(8).1, trace);
    let calm = SimDisk::new(7, Weather::default());
    drop(file(&calm, &[1; 9000]));
    (0..100).for_each(|_| calm.restart());
    assert_eq!((contents(&calm).unwrap(), calm.faults().flips), (vec![1; 9000], 0));
}
