//! The fast way from an ITCH feed to its books, order by order.

use core::fmt;

use omni_book::{Capacity, FeedBooks, Full, Level3, Order, Slot};
use omni_types::{Decimal, DecimalError, InstrumentId, OrderId, Price, Qty, Side};
use omni_wire::Flaw;
use omni_wire::feed::{Listing, Scale};
use omni_wire::itch::Message;

/// Prices are in 1/10000.
const STEP: Decimal = Decimal::new(1, -4);

/// Builds the books of all instruments of an ITCH session from its messages as they are: the order itself remembers
/// side and quantity, so that each message costs one look into one index.
///
/// Strict where a replay of a damaged file counts and goes on. Memory is reserved at start; nothing is allocated after
/// the listings.
#[derive(Clone, Debug)]
pub struct ItchBooks {
    feed: FeedBooks,
    /// By ITCH's number of the stock.
    scales: Vec<Option<Scale>>,
}

/// Says why a book could not follow its feed; the book is as before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ItchBookError {
    /// What the feed says can't be.
    Flaw(Flaw),
    /// A pool has no room.
    Full(Full),
}

impl fmt::Display for ItchBookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flaw(flaw) => write!(f, "{flaw}"),
            Self::Full(full) => write!(f, "{full}"),
        }
    }
}

impl std::error::Error for ItchBookError {}

impl From<Flaw> for ItchBookError {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

impl From<Full> for ItchBookError {
    fn from(full: Full) -> Self {
        Self::Full(full)
    }
}

impl ItchBooks {
    /// Reserves memory for `capacity`.
    #[must_use]
    pub fn new(capacity: Capacity) -> Self {
        Self { feed: FeedBooks::new(capacity), scales: Vec::new() }
    }

    /// Says which instrument one of ITCH's stock locate codes stands for; messages about others change nothing.
    ///
    /// # Errors
    /// [`DecimalError`] when the units aren't positive or too far from the format's.
    pub fn list(&mut self, locate: u16, listing: &Listing) -> Result<(), DecimalError> {
        let scale = Scale::new(listing, STEP)?;
        let needed = self.scales.len().max(usize::from(locate) + 1);
        self.scales.resize(needed, None);
        self.scales[usize::from(locate)] = Some(scale);
        Ok(())
    }

    /// Returns the books.
    #[must_use]
    #[inline]
    pub const fn books(&self) -> &Level3 {
        self.feed.books()
    }

    /// Applies one ITCH message; those that don't move a book change nothing.
    ///
    /// # Errors
    /// [`ItchBookError`] when a price or quantity is off the instrument's unit, an order is unknown, already there or
    /// has too little left, or a pool is full; the books are as before.
    #[inline]
    pub fn apply(&mut self, message: &Message) -> Result<(), ItchBookError> {
        let Some(&Some(scale)) = self.scales.get(usize::from(message.locate())) else { return Ok(()) };
        let instrument = scale.instrument;
        match message {
            Message::Add(m) => self.add(&scale, m.side, m.reference, (m.price, m.shares)),
            Message::Execute(m) => self.take(instrument, m.reference, scale.quantity(m.shares.into())?),
            Message::ExecuteAt(m) => self.take(instrument, m.reference, scale.quantity(m.shares.into())?),
            Message::Cancel(m) => self.take(instrument, m.reference, scale.quantity(m.shares.into())?),
            Message::Delete(m) => {
                let slot = self.resting(instrument, m.reference)?;
                self.feed.remove(slot);
                Ok(())
            }
            Message::Replace(m) => {
                let slot = self.resting(instrument, m.old)?;
                let (price, quantity) = units(&scale, (m.price, m.shares))?;
                if m.new != m.old && self.feed.find(instrument, m.new).is_some() {
                    return Err(Flaw::DuplicateOrder(m.new).into());
                }
                let side = self.books().order(slot).side();
                self.books().has_level_room(instrument, side)?;
                self.feed.remove(slot);
                self.rest(instrument, side, m.new, (price, quantity))
            }
            _ => Ok(()),
        }
    }

    #[inline]
    fn resting(&self, instrument: InstrumentId, reference: u64) -> Result<Slot, Flaw> {
        self.feed.find(instrument, reference).ok_or(Flaw::UnknownOrder(reference))
    }

    #[inline]
    fn add(&mut self, scale: &Scale, side: Side, reference: u64, raw: (u32, u32)) -> Result<(), ItchBookError> {
        let at = units(scale, raw)?;
        if self.feed.find(scale.instrument, reference).is_some() {
            return Err(Flaw::DuplicateOrder(reference).into());
        }
        self.rest(scale.instrument, side, reference, at)
    }

    #[inline]
    fn rest(
        &mut self,
        instrument: InstrumentId,
        side: Side,
        reference: u64,
        (price, quantity): (Price, Qty),
    ) -> Result<(), ItchBookError> {
        self.feed.rest(instrument, side, price, Order::new(reference, OrderId(reference), quantity))?;
        Ok(())
    }

    /// Takes quantity off an order, which leaves at nothing.
    #[inline]
    fn take(&mut self, instrument: InstrumentId, reference: u64, quantity: Qty) -> Result<(), ItchBookError> {
        let slot = self.resting(instrument, reference)?;
        let left = self.books().order(slot).leaves;
        if quantity == Qty::ZERO {
            return Err(Flaw::Field { name: "quantity", found: 0 }.into());
        }
        if quantity > left {
            return Err(Flaw::TooMuch { reference, taken: quantity.0, left: left.0 }.into());
        }
        if quantity == left {
            self.feed.remove(slot);
        } else {
            self.feed.reduce(slot, quantity);
        }
        Ok(())
    }
}

#[inline]
fn units(scale: &Scale, (price, shares): (u32, u32)) -> Result<(Price, Qty), Flaw> {
    if shares == 0 {
        return Err(Flaw::Field { name: "shares", found: 0 });
    }
    Ok((scale.price(price.into())?, scale.quantity(shares.into())?))
}
