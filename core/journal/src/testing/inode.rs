//! A file of the simulated disk: what processes see of it, and what would be left without power.

use std::collections::BTreeSet;
use std::ops::Range;

use omni_types::testing::Draw;

/// What a disk writes at once.
pub(crate) const SECTOR: usize = 512;

#[derive(Clone, Debug, Default)]
pub(crate) struct Inode {
    /// What processes see.
    pub(crate) cache: Vec<u8>,
    /// What the disk holds.
    pub(crate) disk: Vec<u8>,
    /// Sectors of the cache that the system knows it has yet to write.
    dirty: BTreeSet<usize>,
}

impl Inode {
    /// Writes into the cache, which grows where it has to.
    pub(crate) fn write(&mut self, bytes: &[u8], at: usize) {
        let end = at + bytes.len();
        if self.cache.len() < end {
            self.cache.resize(end, 0);
        }
        self.cache[at..end].copy_from_slice(bytes);
        self.soil(at..end);
    }

    /// Gives the cache another length, as `ftruncate` does.
    pub(crate) fn resize(&mut self, length: usize) {
        let shorter = self.cache.len().min(length);
        self.cache.resize(length, 0);
        self.soil(shorter..self.disk.len().min(length));
    }

    fn soil(&mut self, bytes: Range<usize>) {
        if !bytes.is_empty() {
            self.dirty.extend(bytes.start / SECTOR..bytes.end.div_ceil(SECTOR));
        }
    }

    /// Says whether the disk holds something else than processes see.
    pub(crate) fn differs(&self) -> bool {
        self.cache != self.disk
    }

    /// Takes the sectors that are to be written; whatever becomes of the write, the system takes them for written.
    pub(crate) fn take_dirty(&mut self) -> Vec<usize> {
        self.disk.resize(self.cache.len(), 0);
        core::mem::take(&mut self.dirty).into_iter().filter(|sector| sector * SECTOR < self.cache.len()).collect()
    }

    /// Brings one sector to the disk.
    pub(crate) fn flush(&mut self, sector: usize) {
        let range = self.range(sector);
        self.disk[range.clone()].copy_from_slice(&self.cache[range]);
    }

    fn range(&self, sector: usize) -> Range<usize> {
        (sector * SECTOR).min(self.disk.len())..((sector + 1) * SECTOR).min(self.disk.len())
    }

    /// Returns a sector of the cache.
    pub(crate) fn sector(&self, sector: usize) -> Vec<u8> {
        let end = self.cache.len();
        self.cache[(sector * SECTOR).min(end)..((sector + 1) * SECTOR).min(end)].to_vec()
    }

    /// Puts bytes on the disk where they don't belong.
    pub(crate) fn overwrite(&mut self, sector: usize, bytes: &[u8]) {
        let range = self.range(sector);
        let length = range.len().min(bytes.len());
        self.disk[range.start..range.start + length].copy_from_slice(&bytes[..length]);
    }

    /// Loses the power: of each sector that was yet to be written, the disk has the old, the new, or a part of it.
    pub(crate) fn lose_power(&mut self, draw: &mut Draw) {
        if self.disk.len() != self.cache.len() && draw.one_in(2) {
            self.disk.resize(self.cache.len(), 0);
        }
        for sector in core::mem::take(&mut self.dirty) {
            match draw.below(4) {
                0 => self.tear(sector, draw.below(SECTOR as u64) as usize),
                1 | 2 => self.tear(sector, SECTOR),
                _ => {}
            }
        }
        self.cache.clone_from(&self.disk);
    }

    fn tear(&mut self, sector: usize, bytes: usize) {
        // A file that stayed short on the disk has no such sector; one that stayed long may have more.
        let end = self.cache.len().min(self.disk.len()).min((sector + 1) * SECTOR).min(sector * SECTOR + bytes);
        if sector * SECTOR < end {
            self.disk[sector * SECTOR..end].copy_from_slice(&self.cache[sector * SECTOR..end]);
        }
    }

    /// Drops what the system may read again from the disk.
    pub(crate) fn evict(&mut self) {
        for sector in 0..self.cache.len().div_ceil(SECTOR) {
            let range = sector * SECTOR..((sector + 1) * SECTOR).min(self.cache.len());
            if !self.dirty.contains(&sector) && range.end <= self.disk.len() {
                self.cache[range.clone()].copy_from_slice(&self.disk[range]);
            }
        }
    }

    /// Turns one bit round within what is used, on the disk.
    pub(crate) fn flip(&mut self, draw: &mut Draw) -> bool {
        let Some(last) = self.disk.iter().rposition(|&byte| byte != 0) else { return false };
        let at = draw.below(last as u64 + 1) as usize;
        self.disk[at] ^= 1 << draw.below(8);
        true
    }
}
