//! What an engine leaves of its instruments for those who look after its end.

use std::collections::BTreeMap;

use omni_types::InstrumentId;

use crate::{BarsView, DepthView, FillsView};

/// Most rows (bars, fills and levels) that an archive holds, some 50 MB.
pub const ARCHIVE_ROWS_MAX: usize = 500_000;

/// An instrument as a watched one is shown.
#[derive(Clone, PartialEq, Debug)]
pub struct Archived {
    /// Its bars, the newest [`BARS_MAX`](crate::BARS_MAX).
    pub bars: BarsView,
    /// Our fills, the newest [`WATCHED_FILLS_MAX`](crate::WATCHED_FILLS_MAX).
    pub fills: FillsView,
    /// Its last book.
    pub depth: DepthView,
}

impl Archived {
    fn rows(&self) -> usize {
        self.bars.bars.items.len() + self.fills.fills.items.len() + self.depth.bids.len() + self.depth.asks.len()
    }
}

/// What an engine leaves of its instruments, so that any of them can be watched after its end.
#[derive(Clone, Debug)]
pub struct Archive {
    instruments: BTreeMap<InstrumentId, Archived>,
    /// Rows that there is room for.
    room: usize,
}

impl Default for Archive {
    fn default() -> Self {
        Self::new(ARCHIVE_ROWS_MAX)
    }
}

impl Archive {
    /// Builds an empty archive with room for so many rows.
    #[must_use]
    pub fn new(room: usize) -> Self {
        Self { instruments: BTreeMap::new(), room }
    }

    /// Keeps an instrument; returns whether there was room for it. Bring first what people want to see most.
    pub fn keep(&mut self, archived: Archived) -> bool {
        let left = self.room.checked_sub(archived.rows());
        if let Some(left) = left {
            self.room = left;
            self.instruments.insert(archived.depth.instrument, archived);
        }
        left.is_some()
    }

    /// Returns an instrument, where it was kept.
    #[must_use]
    pub fn of(&self, instrument: InstrumentId) -> Option<&Archived> {
        self.instruments.get(&instrument)
    }
}
