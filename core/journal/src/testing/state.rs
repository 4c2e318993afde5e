//! What a simulated disk holds, and when it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use omni_types::testing::Draw;

use super::inode::{Inode, SECTOR};

/// One call in so many fails, where calls may.
const FAILS: u64 = 160;
/// One sector in so many is written elsewhere, where that may be.
const STRAYS: u64 = 100;

/// What may go wrong with a simulated disk, besides that power and processes end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Weather {
    /// Bits turn round while nobody looks.
    pub flips: bool,
    /// A sector is written to another one's place.
    pub strays: bool,
    /// There is no space left, at times.
    pub full: bool,
    /// Reads, writes and syncs fail, and reads come short.
    pub errors: bool,
    /// Syncs say that they are done, and aren't.
    pub lies: bool,
}

/// How a process ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Death {
    /// By itself or by `kill -9`: what it wrote stays in the system's cache.
    Kill,
    /// With the machine: only what was synced is sure to be there.
    Power,
}

/// What a simulated disk did, each counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// Calls of the disk.
    pub calls: u64,
    /// Ends of a process.
    pub kills: u64,
    /// Losses of power.
    pub cuts: u64,
    /// Bits turned round.
    pub flips: u64,
    /// Sectors written elsewhere.
    pub strays: u64,
    /// Refusals for want of space.
    pub full: u64,
    /// Failed calls.
    pub errors: u64,
    /// Syncs that did nothing.
    pub lies: u64,
}

/// A kind of call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    Store,
    Write,
    Read,
    Sync,
    Reserve,
    Name,
}

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    Done,
    /// The process ends within it.
    Cut,
    /// It says it is done, and isn't.
    Lie,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) draw: Draw,
    pub(crate) weather: Weather,
    pub(crate) faults: Faults,
    pub(crate) inodes: Vec<Inode>,
    pub(crate) locked: BTreeSet<PathBuf>,
    names: BTreeMap<PathBuf, usize>,
    disk_names: BTreeMap<PathBuf, usize>,
    /// Changes of names that the disk has yet to write, which it does in order.
    renamed: Vec<(PathBuf, Option<usize>)>,
    planned: Option<(u64, Death)>,
    dead: Option<Death>,
    trace: u64,
}

impl State {
    pub(crate) fn new(seed: u64, weather: Weather) -> Self {
        Self {
            draw: Draw::new(seed),
            weather,
            faults: Faults::default(),
            inodes: Vec::new(),
            locked: BTreeSet::new(),
            names: BTreeMap::new(),
            disk_names: BTreeMap::new(),
            renamed: Vec::new(),
            planned: None,
            dead: None,
            trace: 0xCBF2_9CE4_8422_2325,
        }
    }

    /// Plans that the process ends within a call.
    pub(crate) fn plan(&mut self, calls: u64, death: Death) {
        self.planned = Some((calls, death));
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.is_some()
    }

    pub(crate) fn trace(&self) -> u64 {
        self.trace
    }

    fn fold(&mut self, word: u64) {
        self.trace = (self.trace ^ word).wrapping_mul(0x100_0000_01B3);
    }

    /// Begins a call: says what becomes of it, or why it fails.
    pub(crate) fn begin(&mut self, call: Call) -> io::Result<Fate> {
        if self.dead.is_some() {
            return Err(io::Error::other("the process has ended"));
        }
        self.faults.calls += 1;
        self.fold(call as u64);
        if let Some((left, death)) = &mut self.planned {
            if *left == 0 {
                self.dead = Some(*death);
                return Ok(Fate::Cut);
            }
            *left -= 1;
        }
        let fate = self.weigh(call);
        self.fold(fate.as_ref().map_or(9, |fate| *fate as u64));
        fate
    }

    fn weigh(&mut self, call: Call) -> io::Result<Fate> {
        let Weather { full, errors, lies, .. } = self.weather;
        if full && matches!(call, Call::Reserve | Call::Write) && self.draw.one_in(FAILS / 8) {
            self.faults.full += 1;
            return Err(io::ErrorKind::StorageFull.into());
        }
        if errors && matches!(call, Call::Write | Call::Read | Call::Sync) && self.draw.one_in(FAILS) {
            self.faults.errors += 1;
            return Err(io::Error::other("the disk failed"));
        }
        if lies && call == Call::Sync && self.draw.one_in(4) {
            self.faults.lies += 1;
            return Ok(Fate::Lie);
        }
        Ok(Fate::Done)
    }

    /// Returns the file of a name.
    pub(crate) fn find(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Returns the names in a folder.
    pub(crate) fn list(&self, folder: &Path) -> Vec<String> {
        let within = self.names.keys().filter(|path| path.parent() == Some(folder));
        within.filter_map(|path| path.file_name()?.to_str().map(str::to_owned)).collect()
    }

    /// Changes what a name stands for.
    pub(crate) fn name(&mut self, path: &Path, inode: Option<usize>) {
        match inode {
            Some(inode) => self.names.insert(path.to_owned(), inode),
            None => self.names.remove(path),
        };
        self.renamed.push((path.to_owned(), inode));
    }

    /// Makes a new file of a name.
    pub(crate) fn make(&mut self, path: &Path) -> usize {
        self.inodes.push(Inode::default());
        let inode = self.inodes.len() - 1;
        self.name(path, Some(inode));
        inode
    }

    /// Brings names to the disk: the first so many changes of them.
    fn flush_names(&mut self, count: usize) {
        for (path, inode) in self.renamed.drain(..count) {
            match inode {
                Some(inode) => self.disk_names.insert(path, inode),
                None => self.disk_names.remove(&path),
            };
        }
    }

    /// Brings names to the disk, as far as the call gets.
    pub(crate) fn sync_names(&mut self, fate: Fate) {
        let all = self.renamed.len();
        match fate {
            Fate::Done => self.flush_names(all),
            Fate::Cut => {
                let count = self.draw.below(all as u64 + 1) as usize;
                self.flush_names(count);
            }
            Fate::Lie => {}
        }
    }

    /// Brings a file to the disk. Where the process ends meanwhile, the system still has what is to be written, and without
    /// power some of it got there.
    pub(crate) fn sync(&mut self, inode: usize, fate: Fate) {
        if fate != Fate::Done {
            return;
        }
        for sector in self.inodes[inode].take_dirty() {
            if self.weather.strays && self.draw.one_in(STRAYS) {
                self.stray(inode, sector);
            } else {
                self.inodes[inode].flush(sector);
            }
        }
    }

    /// Fails to bring a file to the disk: some of it is there, and the system has forgotten the rest.
    pub(crate) fn fail_sync(&mut self, inode: usize) {
        for sector in self.inodes[inode].take_dirty() {
            if self.draw.one_in(2) {
                self.inodes[inode].flush(sector);
            }
        }
    }

    fn stray(&mut self, inode: usize, sector: usize) {
        let bytes = self.inodes[inode].sector(sector);
        let victim = if self.draw.one_in(2) { inode } else { self.draw.below(self.inodes.len() as u64) as usize };
        let sectors = self.inodes[victim].disk.len().div_ceil(SECTOR);
        let place = self.draw.below(sectors as u64) as usize;
        self.inodes[victim].overwrite(place, &bytes);
        self.faults.strays += 1;
    }

    /// Starts the next process, with what the end of the last one left.
    pub(crate) fn restart(&mut self) {
        match self.dead.take().unwrap_or(Death::Kill) {
            Death::Kill => self.faults.kills += 1,
            Death::Power => self.lose_power(),
        }
        self.planned = None;
        self.locked.clear();
        if self.weather.flips && self.draw.one_in(3) {
            let all: Vec<usize> = self.names.values().copied().collect();
            let inode = all.get(self.draw.below(all.len() as u64) as usize).copied();
            let turned = inode.is_some_and(|inode| self.inodes[inode].flip(&mut self.draw));
            self.faults.flips += u64::from(turned);
        }
        // Whatever the system takes for written, it may read again from the disk, now or later.
        if self.draw.one_in(2) {
            self.inodes.iter_mut().filter(|inode| inode.differs()).for_each(Inode::evict);
        }
        let faults = self.faults;
        for word in [faults.cuts, faults.flips, faults.strays, self.draw.clone().number()] {
            self.fold(word);
        }
    }

    fn lose_power(&mut self) {
        self.faults.cuts += 1;
        let all = self.renamed.len();
        let count = self.draw.below(all as u64 + 1) as usize;
        self.flush_names(count);
        self.renamed.clear();
        self.names.clone_from(&self.disk_names);
        for inode in &mut self.inodes {
            inode.lose_power(&mut self.draw);
        }
    }
}
