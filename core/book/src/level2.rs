//! Price-by-price books.

use omni_types::{InstrumentId, Price, Qty, Side, TopOfBook};

use crate::capacity::Full;
use crate::ladder::{Ladder, Ladders, Rung};
use crate::level3::{key, price};

/// Price-by-price books of all instruments, for feeds that give each price's total quantity.
#[derive(Clone, Debug)]
pub struct Level2 {
    pub(crate) ladders: Ladders<u64>,
    pub(crate) levels: usize,
    pub(crate) books: Vec<[Ladder; 2]>,
}

impl Level2 {
    /// Reserves `instruments` books with `levels` price levels in use at once over all of them.
    #[must_use]
    pub fn new(instruments: usize, levels: usize) -> Self {
        Self { ladders: Ladders::new(levels), levels, books: vec![[Ladder::EMPTY; 2]; instruments.max(1)] }
    }

    /// Sets the total quantity at a price; zero removes the level.
    ///
    /// # Errors
    /// [`Full`] when the pool has no room for one more level; the book is unchanged.
    #[inline]
    pub fn set(&mut self, instrument: InstrumentId, side: Side, at: Price, quantity: Qty) -> Result<(), Full> {
        let ladder = &mut self.books[instrument.index()][side.index()];
        let key = key(side, at);
        match (self.ladders.find(ladder, key), quantity.0) {
            (Ok(position), 0) => self.ladders.remove(ladder, position),
            (Ok(position), quantity) => self.ladders.rung_mut(ladder, position).value = quantity,
            (Err(_), 0) => {}
            (Err(_), _) if !self.ladders.has_room(ladder) => return Err(Full::Levels),
            (Err(position), quantity) => self.ladders.insert(ladder, position, Rung { key, value: quantity }),
        }
        Ok(())
    }

    /// Empties an instrument's book.
    pub fn clear(&mut self, instrument: InstrumentId) {
        for ladder in &mut self.books[instrument.index()] {
            self.ladders.clear(ladder);
        }
    }

    /// Returns the best bid and ask.
    #[inline]
    #[must_use]
    pub fn top(&self, instrument: InstrumentId) -> TopOfBook {
        let [bid, ask] = Side::BOTH.map(|side| self.levels(instrument, side).next());
        TopOfBook { bid, ask }
    }

    /// Returns a side's prices and quantities, best first.
    pub fn levels(&self, instrument: InstrumentId, side: Side) -> impl Iterator<Item = (Price, Qty)> + '_ {
        let rungs = self.ladders.rungs(&self.books[instrument.index()][side.index()]);
        rungs.iter().rev().map(move |rung| (price(side, rung.key), Qty(rung.value)))
    }
}
