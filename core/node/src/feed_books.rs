//! The books that a recorded feed tells of, order by order.

use core::fmt;

use omni_book::{Capacity, Full, Level3, Order, OrderIndex, Slot, mix};
use omni_types::{BookAction, BookDelta, Decimal, DecimalError, InstrumentId, OrderId, Price, Qty, Side};
use omni_wire::Flaw;
use omni_wire::feed::{Listing, Scale};
use omni_wire::itch::Message;

/// ITCH's prices are in 1/10000.
const ITCH_STEP: Decimal = Decimal::new(1, -4);

/// Builds the books of all instruments of a feed: from ITCH messages as they are, from any other feed's changes.
///
/// Memory is reserved at start; nothing is allocated after the listings.
#[derive(Clone, Debug)]
pub struct FeedBooks {
    books: Level3,
    index: OrderIndex,
    /// By ITCH's number of the stock.
    scales: Vec<Option<Scale>>,
}

/// Says why a book could not follow its feed; the book is as before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FeedBookError {
    /// What the feed says can't be.
    Flaw(Flaw),
    /// A pool has no room.
    Full(Full),
}

impl fmt::Display for FeedBookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flaw(flaw) => write!(f, "{flaw}"),
            Self::Full(full) => write!(f, "{full}"),
        }
    }
}

impl std::error::Error for FeedBookError {}

impl From<Flaw> for FeedBookError {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

impl From<Full> for FeedBookError {
    fn from(full: Full) -> Self {
        Self::Full(full)
    }
}

impl FeedBooks {
    /// Reserves memory for `capacity`.
    #[must_use]
    pub fn new(capacity: Capacity) -> Self {
        Self { books: Level3::new(capacity), index: OrderIndex::new(capacity.orders), scales: Vec::new() }
    }

    /// Says which instrument one of ITCH's stock locate codes stands for; messages about others change nothing.
    ///
    /// # Errors
    /// [`DecimalError`] when the units aren't positive or too far from the format's.
    pub fn list(&mut self, locate: u16, listing: &Listing) -> Result<(), DecimalError> {
        let scale = Scale::new(listing, ITCH_STEP)?;
        let needed = self.scales.len().max(usize::from(locate) + 1);
        self.scales.resize(needed, None);
        self.scales[usize::from(locate)] = Some(scale);
        Ok(())
    }

    /// Returns the books.
    #[must_use]
    pub const fn books(&self) -> &Level3 {
        &self.books
    }

    /// Applies one ITCH message; those that don't move a book change nothing.
    ///
    /// # Errors
    /// [`FeedBookError`] when a price or quantity is off the instrument's unit, an order is unknown, already there or
    /// has too little left, or a pool is full; the books are as before.
    #[inline]
    pub fn itch(&mut self, message: &Message) -> Result<(), FeedBookError> {
        let Some(&Some(scale)) = self.scales.get(usize::from(message.locate())) else { return Ok(()) };
        let instrument = scale.instrument;
        match message {
            Message::Add(m) => self.add(&scale, m.side, m.reference, (m.price, m.shares)),
            Message::Execute(m) => self.take(instrument, m.reference, scale.quantity(m.shares.into())?),
            Message::ExecuteAt(m) => self.take(instrument, m.reference, scale.quantity(m.shares.into())?),
            Message::Cancel(m) => self.take(instrument, m.reference, scale.quantity(m.shares.into())?),
            Message::Delete(m) => {
                let slot = self.resting(instrument, m.reference)?;
                self.remove(slot);
                Ok(())
            }
            Message::Replace(m) => {
                let slot = self.resting(instrument, m.old)?;
                let (price, quantity) = units(&scale, (m.price, m.shares))?;
                if m.new != m.old && self.find(instrument, m.new).is_some() {
                    return Err(Flaw::DuplicateOrder(m.new).into());
                }
                let side = self.books.order(slot).side();
                self.books.has_level_room(instrument, side)?;
                self.remove(slot);
                self.rest(instrument, side, m.new, (price, quantity))
            }
            _ => Ok(()),
        }
    }

    /// Applies one change of a feed. A [`BookAction::Trade`] takes nothing off the book.
    ///
    /// # Errors
    /// As [`Self::itch`].
    #[inline]
    pub fn change(&mut self, delta: &BookDelta) -> Result<(), FeedBookError> {
        let BookDelta { instrument, side, reference, price, quantity, .. } = *delta;
        match delta.action {
            BookAction::Add => self.insert(instrument, side, reference, (price, quantity)),
            BookAction::Modify => self.modify(delta),
            BookAction::Reduce | BookAction::Execute => self.take(instrument, reference, quantity),
            BookAction::Delete => {
                let slot = self.resting(instrument, reference)?;
                self.remove(slot);
                Ok(())
            }
            BookAction::Clear => {
                self.clear(instrument);
                Ok(())
            }
            BookAction::Trade => Ok(()),
        }
    }

    #[inline]
    fn find(&self, instrument: InstrumentId, reference: u64) -> Option<Slot> {
        let is_it = |slot| {
            let order = self.books.order(slot);
            order.key == reference && order.instrument == instrument
        };
        self.index.find(hash(instrument, reference), is_it)
    }

    #[inline]
    fn resting(&self, instrument: InstrumentId, reference: u64) -> Result<Slot, Flaw> {
        self.find(instrument, reference).ok_or(Flaw::UnknownOrder(reference))
    }

    #[inline]
    fn add(&mut self, scale: &Scale, side: Side, reference: u64, raw: (u32, u32)) -> Result<(), FeedBookError> {
        let at = units(scale, raw)?;
        self.insert(scale.instrument, side, reference, at)
    }

    #[inline]
    fn insert(
        &mut self,
        instrument: InstrumentId,
        side: Side,
        reference: u64,
        at: (Price, Qty),
    ) -> Result<(), FeedBookError> {
        if self.find(instrument, reference).is_some() {
            return Err(Flaw::DuplicateOrder(reference).into());
        }
        if at.1 == Qty::ZERO {
            return Err(Flaw::Field { name: "shares", found: 0 }.into());
        }
        self.rest(instrument, side, reference, at)
    }

    #[inline]
    fn rest(
        &mut self,
        instrument: InstrumentId,
        side: Side,
        reference: u64,
        (price, quantity): (Price, Qty),
    ) -> Result<(), FeedBookError> {
        let slot = self.books.rest(instrument, side, price, Order::new(reference, OrderId(reference), quantity))?;
        self.index.insert(hash(instrument, reference), slot);
        Ok(())
    }

    /// Takes quantity off an order, which leaves at nothing.
    #[inline]
    fn take(&mut self, instrument: InstrumentId, reference: u64, quantity: Qty) -> Result<(), FeedBookError> {
        let slot = self.resting(instrument, reference)?;
        let left = self.books.order(slot).leaves;
        if quantity == Qty::ZERO {
            return Err(Flaw::Field { name: "quantity", found: 0 }.into());
        }
        if quantity > left {
            return Err(Flaw::TooMuch { reference, taken: quantity.0, left: left.0 }.into());
        }
        if quantity == left {
            self.remove(slot);
        } else {
            self.books.reduce(slot, quantity);
        }
        Ok(())
    }

    fn modify(&mut self, delta: &BookDelta) -> Result<(), FeedBookError> {
        let BookDelta { instrument, side, reference, price, quantity, .. } = *delta;
        let slot = self.resting(instrument, reference)?;
        let order = *self.books.order(slot);
        let stays = order.side() == side && self.books.price(slot) == price && quantity <= order.leaves;
        if quantity == Qty::ZERO {
            return Err(Flaw::Field { name: "quantity", found: 0 }.into());
        }
        if stays {
            if quantity < order.leaves {
                self.books.reduce(slot, Qty(order.leaves.0 - quantity.0));
            }
            return Ok(());
        }
        self.books.has_level_room(instrument, side)?;
        self.remove(slot);
        self.rest(instrument, side, reference, (price, quantity))
    }

    fn clear(&mut self, instrument: InstrumentId) {
        for side in Side::BOTH {
            while let Some(level) = self.books.best(instrument, side) {
                self.remove(self.books.front(level));
            }
        }
    }

    #[inline]
    fn remove(&mut self, slot: Slot) {
        let order = self.books.remove(slot);
        self.index.remove(hash(order.instrument, order.key), slot);
    }
}

#[inline]
fn units(scale: &Scale, (price, shares): (u32, u32)) -> Result<(Price, Qty), Flaw> {
    if shares == 0 {
        return Err(Flaw::Field { name: "shares", found: 0 });
    }
    Ok((scale.price(price.into())?, scale.quantity(shares.into())?))
}

#[inline]
const fn hash(instrument: InstrumentId, reference: u64) -> u64 {
    mix(reference, instrument.0 as u64)
}
