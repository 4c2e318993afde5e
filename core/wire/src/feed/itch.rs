//! From ITCH messages to changes.

use omni_types::{
    BookAction, BookDelta, Decimal, DecimalError, MarketStatus, Price, Qty, Side, Time, TradeTick, TradingState,
};

use super::resting::Resting;
use super::{Change, Listing, Scale, Stamp};
use crate::Flaw;
use crate::itch::{Add, Cancel, Cross, Delete, Execute, ExecuteAt, Message, Replace, Trade, TradingAction};

/// Prices are in 1/10000.
const PRICE_STEP: Decimal = Decimal::new(1, -4);

/// Converts the messages of one ITCH session.
///
/// It remembers side and open quantity of every resting order of the listed stocks, which later messages don't repeat;
/// messages about other stocks change nothing.
#[derive(Clone, Debug)]
pub struct ItchFeed {
    midnight: Time,
    scales: Vec<Option<Scale>>,
    resting: Resting,
}

/// Where one message's changes go: its stock's units, its time, the reader.
struct Out<'a, F> {
    scale: Scale,
    time: Time,
    sink: &'a mut F,
}

impl<F: FnMut(Stamp, Change)> Out<'_, F> {
    fn send(&mut self, change: Change) {
        (self.sink)(Stamp { event: self.time, received: self.time }, change);
    }

    fn book(&mut self, action: BookAction, side: Side, reference: u64, (price, quantity): (Price, Qty), last: bool) {
        let instrument = self.scale.instrument;
        self.send(Change::Book(BookDelta { instrument, action, side, last, reference, price, quantity }));
    }

    fn trade(&mut self, price: u32, shares: u64, aggressor: Option<Side>) -> Result<(), Flaw> {
        let (price, quantity) = (self.scale.price(i64::from(price))?, self.scale.quantity(shares)?);
        let instrument = self.scale.instrument;
        self.send(Change::Trade(TradeTick { time: self.time, instrument, price, quantity, aggressor }));
        Ok(())
    }

    fn both(&self, price: u32, shares: u32) -> Result<(Price, Qty), Flaw> {
        Ok((self.scale.price(i64::from(price))?, self.quantity(shares)?))
    }

    fn quantity(&self, shares: u32) -> Result<Qty, Flaw> {
        self.scale.quantity(u64::from(shares))
    }
}

impl ItchFeed {
    /// Starts a session whose day began at `midnight` (the venue's local midnight, as UTC nanoseconds), with room for
    /// `orders` resting at once; more make it grow.
    #[must_use]
    pub fn new(midnight: Time, orders: usize) -> Self {
        Self { midnight, scales: Vec::new(), resting: Resting::new(orders) }
    }

    /// Says which instrument a locate code stands for; the stock directory's messages tell the codes.
    ///
    /// # Errors
    /// [`DecimalError`] when the units aren't positive or too far from the format's.
    pub fn list(&mut self, locate: u16, listing: &Listing) -> Result<(), DecimalError> {
        let scale = Scale::new(listing, PRICE_STEP)?;
        let index = usize::from(locate);
        if self.scales.len() <= index {
            self.scales.resize(index + 1, None);
        }
        self.scales[index] = Some(scale);
        Ok(())
    }

    /// Returns how many orders of the listed stocks rest.
    #[must_use]
    pub const fn live(&self) -> usize {
        self.resting.live()
    }

    /// Hands the changes of one message to `sink`, in order; the last book change of a message has its last flag set.
    ///
    /// # Errors
    /// [`Flaw`] when a price or quantity is off the instrument's unit, an order is unknown, already there or has too
    /// little left; nothing was handed out or remembered of that message. [`Flaw::at`] adds the reader's place.
    #[inline]
    pub fn convert(&mut self, message: &Message, sink: &mut impl FnMut(Stamp, Change)) -> Result<(), Flaw> {
        let Some(&Some(scale)) = self.scales.get(usize::from(message.locate())) else { return Ok(()) };
        // 48 bits of nanoseconds are 78 hours, so that only a midnight at the range's end can saturate.
        let out = &mut Out { scale, time: self.midnight.plus(message.timestamp() as i64), sink };
        match message {
            Message::Add(m) => self.add(m, out),
            Message::Execute(m) => self.execute(m, out),
            Message::ExecuteAt(m) => self.execute_at(m, out),
            Message::Cancel(m) => self.cancel(m, out),
            Message::Delete(m) => self.delete(m, out),
            Message::Replace(m) => self.replace(m, out),
            Message::Trade(Trade { price, shares, .. }) => out.trade(*price, u64::from(*shares), None),
            // An auction without matches still prints, with no shares.
            Message::Cross(Cross { shares: 0, .. }) => Ok(()),
            Message::Cross(m) => out.trade(m.price, m.shares, None),
            Message::TradingAction(m) => status(m, out),
            _ => Ok(()),
        }
    }

    fn add<F: FnMut(Stamp, Change)>(&mut self, m: &Add, out: &mut Out<'_, F>) -> Result<(), Flaw> {
        let at = out.both(m.price, positive(m.shares)?)?;
        if !self.resting.add(m.reference, m.side, m.shares) {
            return Err(Flaw::DuplicateOrder(m.reference));
        }
        out.book(BookAction::Add, m.side, m.reference, at, true);
        Ok(())
    }

    /// Returns the side of an order that has at least `shares` left.
    fn holder(&self, reference: u64, shares: u32) -> Result<Side, Flaw> {
        let (side, left) = self.resting.get(reference).ok_or(Flaw::UnknownOrder(reference))?;
        let (taken, left) = (u64::from(positive(shares)?), u64::from(left));
        if taken > left { Err(Flaw::TooMuch { reference, taken, left }) } else { Ok(side) }
    }

    fn execute<F: FnMut(Stamp, Change)>(&mut self, m: &Execute, out: &mut Out<'_, F>) -> Result<(), Flaw> {
        let (side, quantity) = (self.holder(m.reference, m.shares)?, out.quantity(m.shares)?);
        self.resting.take(m.reference, m.shares);
        out.book(BookAction::Execute, side, m.reference, (Price(0), quantity), true);
        Ok(())
    }

    fn execute_at<F: FnMut(Stamp, Change)>(&mut self, m: &ExecuteAt, out: &mut Out<'_, F>) -> Result<(), Flaw> {
        let (side, at) = (self.holder(m.reference, m.shares)?, out.both(m.price, m.shares)?);
        self.resting.take(m.reference, m.shares);
        if m.printable {
            out.trade(m.price, u64::from(m.shares), Some(side.opposite()))?;
        }
        out.book(BookAction::Trade, side, m.reference, at, false);
        out.book(BookAction::Reduce, side, m.reference, (Price(0), at.1), true);
        Ok(())
    }

    fn cancel<F: FnMut(Stamp, Change)>(&mut self, m: &Cancel, out: &mut Out<'_, F>) -> Result<(), Flaw> {
        let (side, quantity) = (self.holder(m.reference, m.shares)?, out.quantity(m.shares)?);
        self.resting.take(m.reference, m.shares);
        out.book(BookAction::Reduce, side, m.reference, (Price(0), quantity), true);
        Ok(())
    }

    fn delete<F: FnMut(Stamp, Change)>(&mut self, m: &Delete, out: &mut Out<'_, F>) -> Result<(), Flaw> {
        let (side, left) = self.resting.get(m.reference).ok_or(Flaw::UnknownOrder(m.reference))?;
        let quantity = out.quantity(left)?;
        self.resting.take(m.reference, left);
        out.book(BookAction::Delete, side, m.reference, (Price(0), quantity), true);
        Ok(())
    }

    fn replace<F: FnMut(Stamp, Change)>(&mut self, m: &Replace, out: &mut Out<'_, F>) -> Result<(), Flaw> {
        let (side, left) = self.resting.get(m.old).ok_or(Flaw::UnknownOrder(m.old))?;
        let (at, gone) = (out.both(m.price, positive(m.shares)?)?, out.quantity(left)?);
        if m.new != m.old && self.resting.get(m.new).is_some() {
            return Err(Flaw::DuplicateOrder(m.new));
        }
        self.resting.take(m.old, left);
        self.resting.add(m.new, side, m.shares);
        out.book(BookAction::Delete, side, m.old, (Price(0), gone), false);
        out.book(BookAction::Add, side, m.new, at, true);
        Ok(())
    }
}

#[inline]
fn positive(shares: u32) -> Result<u32, Flaw> {
    if shares == 0 { Err(Flaw::Field { name: "shares", found: 0 }) } else { Ok(shares) }
}

fn status<F: FnMut(Stamp, Change)>(m: &TradingAction, out: &mut Out<'_, F>) -> Result<(), Flaw> {
    let state = match m.state {
        b'T' => TradingState::Open,
        b'H' | b'P' | b'Q' => TradingState::Halted,
        found => return Err(Flaw::Field { name: "trading_state", found: u64::from(found) }),
    };
    let instrument = out.scale.instrument;
    out.send(Change::Status(MarketStatus { time: out.time, instrument, state }));
    Ok(())
}
