//! Orders that are not displayed: hidden ones, stops that wait, pegs without a price, orders for an auction.

use omni_book::{Capacity, Full, Level, Level3, Order, OrderIndex, Slot, mix};
use omni_types::{ClientOrderId, InstrumentId, Price, Qty, SessionId, Side};

use crate::cancel::is_it;

/// Why an order isn't displayed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(crate) enum Shelf {
    /// It trades, but nobody sees it.
    Dark = 0,
    /// It waits for a trade at its stop price.
    Stop = 1,
    /// Its stop was reached; it enters the market once the command that did it is done.
    Fired = 2,
    /// What its price follows isn't there.
    Parked = 3,
    /// It waits for the closing auction to begin.
    Closing = 4,
    /// A market order in an auction.
    Call = 5,
}

impl Shelf {
    pub(crate) const ALL: [Self; 6] = [Self::Dark, Self::Stop, Self::Fired, Self::Parked, Self::Closing, Self::Call];
}

const SHELVES: u32 = Shelf::ALL.len() as u32;

/// The orders that are not displayed, of all instruments.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// A book for each instrument and shelf.
    books: Level3,
    index: OrderIndex,
    instruments: usize,
}

/// The price under which a shelf keeps an order: of stops, the next to be reached comes first.
const fn kept(shelf: Shelf, price: Price) -> Price {
    if matches!(shelf, Shelf::Stop) { Price(-price.0) } else { price }
}

const fn book(instrument: InstrumentId, shelf: Shelf) -> InstrumentId {
    InstrumentId(instrument.0 * SHELVES + shelf as u32)
}

impl Held {
    pub(crate) fn new(capacity: Capacity) -> Self {
        let instruments = capacity.instruments;
        let books = Level3::sparse(Capacity { instruments: instruments * SHELVES as usize, ..capacity });
        Self { books, index: OrderIndex::new(capacity.orders), instruments }
    }

    /// Puts books that were read back in place, with an index over them; `None` where they can't be.
    pub(crate) fn restore(mut books: Level3, index: OrderIndex, instruments: usize) -> Option<Self> {
        let most = instruments * SHELVES as usize;
        (books.instruments() <= most.max(1)).then(|| {
            books.reserve_instruments(most);
            Self { books, index, instruments }
        })
    }

    pub(crate) const fn books(&self) -> &Level3 {
        &self.books
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.books.live() == 0
    }

    /// Returns whether one more order would fit.
    pub(crate) fn has_room(&self, instrument: InstrumentId) -> bool {
        // There are as many levels as orders.
        instrument.index() < self.instruments && self.books.live() < self.books.capacity().orders
    }

    pub(crate) fn find(&self, session: SessionId, id: ClientOrderId) -> Option<Slot> {
        let hash = mix(id.0, u64::from(session.0));
        self.index.find(hash, |slot| is_it(self.books.order(slot), session, id))
    }

    fn is_reached(&self, instrument: InstrumentId) -> bool {
        book(instrument, Shelf::Call).index() < self.books.instruments()
    }

    /// Returns a shelf's levels of one side, those that come first first.
    pub(crate) fn levels(
        &self,
        instrument: InstrumentId,
        shelf: Shelf,
        side: Side,
    ) -> impl DoubleEndedIterator<Item = &Level> + '_ {
        let book = self.is_reached(instrument).then(|| book(instrument, shelf));
        book.into_iter().flat_map(move |book| self.books.levels(book, side))
    }

    /// Returns the first order of a shelf's side.
    pub(crate) fn first(&self, instrument: InstrumentId, shelf: Shelf, side: Side) -> Option<Slot> {
        self.levels(instrument, shelf, side).next().map(|level| self.books.front(level))
    }

    /// Returns an order, its instrument as others know it.
    pub(crate) fn order(&self, slot: Slot) -> Order {
        let mut order = *self.books.order(slot);
        order.instrument.0 /= SHELVES;
        order
    }

    pub(crate) fn shelf(&self, slot: Slot) -> Shelf {
        Shelf::ALL[(self.books.order(slot).instrument.0 % SHELVES) as usize]
    }

    pub(crate) fn price(&self, slot: Slot) -> Price {
        kept(self.shelf(slot), self.books.price(slot))
    }

    pub(crate) fn rest(&mut self, shelf: Shelf, side: Side, price: Price, order: Order) -> Result<Slot, Full> {
        self.books.reach(book(order.instrument, Shelf::Call));
        let slot = self.books.rest(book(order.instrument, shelf), side, kept(shelf, price), order)?;
        self.index.insert(mix(order.key, u64::from(order.session.0)), slot);
        Ok(slot)
    }

    pub(crate) fn remove(&mut self, slot: Slot) -> Order {
        let order = self.order(slot);
        self.books.remove(slot);
        self.index.remove(mix(order.key, u64::from(order.session.0)), slot);
        order
    }

    /// Takes a quantity off an order that keeps some.
    pub(crate) fn reduce(&mut self, slot: Slot, quantity: Qty) {
        self.books.reduce(slot, quantity);
    }

    /// Takes a fill off an order, and removes it where nothing is left.
    pub(crate) fn fill(&mut self, slot: Slot, quantity: Qty) {
        let order = self.order(slot);
        if self.books.fill(slot, quantity) == Qty::ZERO {
            self.index.remove(mix(order.key, u64::from(order.session.0)), slot);
        }
    }

    /// Notes where an order's terms are kept.
    pub(crate) fn note(&mut self, slot: Slot, more: u32) {
        self.books.note(slot, more);
    }
}
