//! Hints to the processor, some commands ahead: each stage finds its way by what the one before it brought.

use omni_ring::prefetch;
use omni_types::{InstrumentId, Price, Side};

use crate::pool::NONE;
use crate::{Level3, Slot};

impl Level3 {
    /// Asks for an instrument's entry in the table of books.
    #[inline]
    pub fn prefetch_book(&self, instrument: InstrumentId) {
        prefetch(&self.books, instrument.index());
    }

    /// Asks for the best prices of an instrument, whose entry must be there by now.
    #[inline]
    pub fn prefetch_best(&self, instrument: InstrumentId) {
        let Some(sides) = self.books.get(instrument.index()) else { return };
        sides.iter().for_each(|ladder| self.ladders.prefetch(ladder));
    }

    /// Asks for the level at which an order of this side and price would rest or trade first, and for the order that it
    /// would meet there.
    #[inline]
    pub fn prefetch_level(&self, instrument: InstrumentId, side: Side, at: Price) {
        if instrument.index() >= self.books.len() {
            return;
        }
        if let Some(level) = self.level_slot(instrument, side, at) {
            prefetch(self.levels.slots(), level as usize);
        }
    }

    /// Asks for an order.
    #[inline]
    pub fn prefetch_order(&self, slot: Slot) {
        prefetch(self.orders.slots(), slot as usize);
    }

    /// Asks for the level and the neighbours of an order, which must be there by now.
    #[inline]
    pub fn prefetch_around(&self, slot: Slot) {
        let Some(order) = self.get(slot) else { return };
        prefetch(self.levels.slots(), order.level as usize);
        self.prefetch_best(order.instrument);
        for neighbour in [order.next, order.prev].into_iter().filter(|&slot| slot != NONE) {
            prefetch(self.orders.slots(), neighbour as usize);
        }
    }
}
