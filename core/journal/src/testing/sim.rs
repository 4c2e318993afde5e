//! The simulated disk as the journal sees it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::state::{Call, Death, Fate, Faults, State, Weather};
use crate::{Disk, DiskFile, DiskMap};

type Witness = Box<dyn FnMut() + Send>;

/// A disk in memory that fails as disks do: it tears writes, flips bits, writes to wrong places, fills up, returns
/// errors, and loses syncs; the same way for the same seed and the same calls.
#[derive(Clone)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
    witness: Arc<Mutex<Option<Witness>>>,
}

impl SimDisk {
    /// Makes an empty disk.
    #[must_use]
    pub fn new(seed: u64, weather: Weather) -> Self {
        Self { state: Arc::new(Mutex::new(State::new(seed, weather))), witness: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans that the process ends within the call after so many.
    pub fn plan(&self, calls: u64, death: Death) {
        self.state().plan(calls, death);
    }

    /// Returns whether the process has ended: from then on no call does anything.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.state().is_dead()
    }

    /// Starts the next process, with what the end of the last one left: as planned, or else as killed.
    pub fn restart(&self) {
        self.watched_by(None);
        self.state().restart();
    }

    /// Changes what may go wrong from here on.
    pub fn set_weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    /// Calls something before each call of the disk: what another thread may do meanwhile.
    pub fn watched_by(&self, witness: Option<Witness>) {
        *self.witness.lock().unwrap_or_else(PoisonError::into_inner) = witness;
    }

    /// Returns what the disk did.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.state().faults
    }

    /// Returns a fold of all calls and what became of them.
    #[must_use]
    pub fn trace(&self) -> u64 {
        self.state().trace()
    }

    fn begin(&self, call: Call) -> io::Result<(MutexGuard<'_, State>, Fate)> {
        if let Some(witness) = self.witness.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            witness();
        }
        let mut state = self.state();
        let fate = state.begin(call)?;
        Ok((state, fate))
    }

    /// Does something with names, where the process lives to do it or, by chance, ends only after it.
    fn rename_with<R>(&self, call: Call, work: impl FnOnce(&mut State) -> io::Result<R>) -> io::Result<R> {
        let (mut state, fate) = self.begin(call)?;
        let cut = fate == Fate::Cut;
        if cut && state.draw.one_in(2) {
            return Err(ended());
        }
        let done = work(&mut state)?;
        if cut { Err(ended()) } else { Ok(done) }
    }

    fn file(&self, inode: usize) -> SimFile {
        SimFile { disk: self.clone(), inode }
    }

    fn map(&self, inode: usize, bytes: usize) -> SimMap {
        let file = self.file(inode);
        let mut contents = self.state().inodes[inode].cache.clone();
        contents.resize(bytes, 0);
        let word = |chunk: &[u8]| chunk.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        SimMap { words: contents.chunks(8).map(word).map(u64::to_le).collect(), file }
    }
}

fn ended() -> io::Error {
    io::Error::other("the process has ended")
}

impl fmt::Debug for SimDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SimDisk").field(&self.faults()).finish()
    }
}

impl Disk for SimDisk {
    type Map = SimMap;
    type File = SimFile;
    type Lock = SimLock;

    fn make_folder(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, folder: &Path) -> io::Result<Option<SimLock>> {
        let free = self.state().locked.insert(folder.to_owned());
        Ok(free.then(|| SimLock { disk: self.clone(), folder: folder.to_owned() }))
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let (state, _) = self.begin(Call::Read)?;
        Ok(state.list(folder))
    }

    fn create_map(&self, path: &Path, bytes: usize) -> io::Result<SimMap> {
        let inode = self.rename_with(Call::Reserve, |state| {
            if state.find(path).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let inode = state.make(path);
            state.inodes[inode].resize(bytes);
            Ok(inode)
        })?;
        Ok(self.map(inode, bytes))
    }

    fn open_map(&self, path: &Path, used: u64, bytes: usize) -> io::Result<SimMap> {
        let inode = self.rename_with(Call::Reserve, |state| {
            let inode = state.find(path)?;
            state.inodes[inode].resize(used as usize);
            state.inodes[inode].resize(bytes);
            Ok(inode)
        })?;
        Ok(self.map(inode, bytes))
    }

    fn open(&self, path: &Path) -> io::Result<SimFile> {
        let (state, _) = self.begin(Call::Read)?;
        Ok(self.file(state.find(path)?))
    }

    fn open_to_write(&self, path: &Path) -> io::Result<SimFile> {
        self.open(path)
    }

    fn create(&self, path: &Path) -> io::Result<SimFile> {
        let inode = self.rename_with(Call::Name, |state| Ok(state.make(path)))?;
        Ok(self.file(inode))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.rename_with(Call::Name, |state| {
            let inode = state.find(from)?;
            state.name(to, Some(inode));
            state.name(from, None);
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.rename_with(Call::Name, |state| {
            state.find(path)?;
            state.name(path, None);
            Ok(())
        })
    }

    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        let (mut state, fate) = self.begin(Call::Sync)?;
        state.sync_names(fate);
        if fate == Fate::Cut { Err(ended()) } else { Ok(()) }
    }
}

/// Holds a folder of a simulated disk.
#[derive(Debug)]
pub struct SimLock {
    disk: SimDisk,
    folder: PathBuf,
}

impl Drop for SimLock {
    fn drop(&mut self) {
        self.disk.state().locked.remove(&self.folder);
    }
}

/// A mapped file of a simulated disk.
#[derive(Debug)]
pub struct SimMap {
    words: Vec<u64>,
    file: SimFile,
}

impl DiskMap for SimMap {
    type File = SimFile;

    fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    fn stored(&mut self, at: usize, words: usize) {
        let Ok((mut state, fate)) = self.file.disk.begin(Call::Store) else { return };
        let mut bytes: Vec<u8> = self.words[at..at + words].iter().flat_map(|word| word.to_ne_bytes()).collect();
        if fate == Fate::Cut {
            let kept = state.draw.below(bytes.len() as u64) as usize;
            bytes.truncate(kept);
        }
        state.inodes[self.file.inode].write(&bytes, at * 8);
    }

    fn populate(&mut self) {}

    fn file(&self) -> io::Result<SimFile> {
        Ok(self.file.clone())
    }

    fn close(self, bytes: u64) -> io::Result<()> {
        let inode = self.file.inode;
        self.file.disk.rename_with(Call::Name, |state| {
            state.inodes[inode].resize(bytes as usize);
            Ok(())
        })
    }
}

/// An open file of a simulated disk.
#[derive(Clone, Debug)]
pub struct SimFile {
    disk: SimDisk,
    inode: usize,
}

impl DiskFile for SimFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.state().inodes[self.inode].cache.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let (mut state, _) = self.disk.begin(Call::Read)?;
        let length = state.inodes[self.inode].cache.len();
        let mut count = length.saturating_sub(at as usize).min(buffer.len());
        if state.weather.errors && count > 1 && state.draw.one_in(8) {
            count = 1 + state.draw.below(count as u64 - 1) as usize;
        }
        let at = (at as usize).min(length);
        buffer[..count].copy_from_slice(&state.inodes[self.inode].cache[at..at + count]);
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        let (mut state, fate) = self.disk.begin(Call::Write)?;
        let mut count = bytes.len();
        if fate == Fate::Cut {
            count = state.draw.below(count as u64 + 1) as usize;
        }
        state.inodes[self.inode].write(&bytes[..count], at as usize);
        if fate == Fate::Cut { Err(ended()) } else { Ok(()) }
    }

    fn sync(&self) -> io::Result<()> {
        match self.disk.begin(Call::Sync) {
            Ok((mut state, fate)) => {
                state.sync(self.inode, fate);
                if fate == Fate::Cut { Err(ended()) } else { Ok(()) }
            }
            Err(error) => {
                let mut state = self.disk.state();
                if !state.is_dead() {
                    state.fail_sync(self.inode);
                }
                Err(error)
            }
        }
    }
}
