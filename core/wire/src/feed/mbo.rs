//! From DBN market-by-order records to changes.

use omni_types::{BookAction, BookDelta, Decimal, DecimalError, Price, Qty, Side, Time, TradeTick};

use super::{Change, Listing, Scale, Stamp};
use crate::Flaw;
use crate::dbn::{Action, Mbo};

/// Prices are in 1e-9.
const PRICE_STEP: Decimal = Decimal::new(1, -9);

/// Converts the market-by-order records of one file; see the [rules](crate::feed).
#[derive(Clone, Debug, Default)]
pub struct MboFeed {
    /// Ordered by the venue's number of the instrument.
    listed: Vec<Listed>,
}

#[derive(Clone, Copy, Debug)]
struct Listed {
    number: u32,
    scale: Scale,
    /// Number of the order that aggressed in the trade being told, until the event's book changes begin.
    aggressor: Option<u64>,
}

impl MboFeed {
    /// Starts with nothing listed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says which instrument a number of the venue stands for.
    ///
    /// # Errors
    /// [`DecimalError`] when the units aren't positive or too far from the format's.
    pub fn list(&mut self, number: u32, listing: &Listing) -> Result<(), DecimalError> {
        let entry = Listed { number, scale: Scale::new(listing, PRICE_STEP)?, aggressor: None };
        match self.listed.binary_search_by_key(&number, |l| l.number) {
            Ok(at) => self.listed[at] = entry,
            Err(at) => self.listed.insert(at, entry),
        }
        Ok(())
    }

    /// Hands the change of one record to `sink`; records of other instruments change nothing.
    ///
    /// # Errors
    /// [`Flaw`] when a needed field is undefined or a price or quantity off the instrument's unit; nothing was handed
    /// out. [`Flaw::at`] adds the reader's place.
    #[inline]
    pub fn convert(&mut self, record: &Mbo, sink: &mut impl FnMut(Stamp, Change)) -> Result<(), Flaw> {
        let Ok(at) = self.listed.binary_search_by_key(&record.instrument_id, |l| l.number) else { return Ok(()) };
        let listed = &mut self.listed[at];
        let stamp = Stamp { event: defined(record.event, "ts_event")?, received: defined(record.received, "ts_recv")? };
        if let Some(change) = listed.change(record, stamp.event)? {
            sink(stamp, change);
        }
        Ok(())
    }
}

impl Listed {
    #[inline]
    fn change(&mut self, record: &Mbo, time: Time) -> Result<Option<Change>, Flaw> {
        match record.action {
            Action::Trade => self.trade(record, time).map(Some),
            Action::Fill if self.aggressor == Some(record.order_id) => Ok(None),
            Action::Fill => self.fill(record).map(Some),
            _ => {
                self.aggressor = None;
                self.book(record)
            }
        }
    }

    fn trade(&mut self, record: &Mbo, time: Time) -> Result<Change, Flaw> {
        let (instrument, (price, quantity)) = (self.scale.instrument, self.both(record)?);
        // Trades without an aggressor (auctions) carry the number zero.
        self.aggressor = Some(record.order_id).filter(|id| *id != 0);
        Ok(Change::Trade(TradeTick { time, instrument, price, quantity, aggressor: record.side }))
    }

    fn fill(&self, record: &Mbo) -> Result<Change, Flaw> {
        // An auction's fills don't say the side; the order that `reference` names has it.
        let side = record.side.unwrap_or(Side::Buy);
        Ok(Change::Book(self.delta(record, BookAction::Trade, side, self.both(record)?)))
    }

    #[inline]
    fn book(&self, record: &Mbo) -> Result<Option<Change>, Flaw> {
        let (action, at) = match record.action {
            Action::Add => (BookAction::Add, self.both(record)?),
            Action::Modify => (BookAction::Modify, self.both(record)?),
            Action::Cancel => (BookAction::Reduce, (Price(0), self.quantity(record)?)),
            Action::Clear => {
                let clear = self.delta(record, BookAction::Clear, Side::Buy, (Price(0), Qty::ZERO));
                return Ok(Some(Change::Book(clear)));
            }
            _ => return Ok(None),
        };
        let side = record.side.ok_or(Flaw::Field { name: "side", found: u64::from(b'N') })?;
        Ok(Some(Change::Book(self.delta(record, action, side, at))))
    }

    #[inline]
    fn delta(&self, record: &Mbo, action: BookAction, side: Side, (price, quantity): (Price, Qty)) -> BookDelta {
        let (instrument, reference) = (self.scale.instrument, record.order_id);
        BookDelta { instrument, action, side, last: record.is_last(), reference, price, quantity }
    }

    #[inline]
    fn both(&self, record: &Mbo) -> Result<(Price, Qty), Flaw> {
        let price = record.price.ok_or(Flaw::Field { name: "price", found: i64::MAX.unsigned_abs() })?;
        Ok((self.scale.price(price)?, self.quantity(record)?))
    }

    #[inline]
    fn quantity(&self, record: &Mbo) -> Result<Qty, Flaw> {
        match record.size {
            found @ (0 | u32::MAX) => Err(Flaw::Field { name: "size", found: u64::from(found) }),
            size => self.scale.quantity(u64::from(size)),
        }
    }
}

fn defined(time: Option<Time>, name: &'static str) -> Result<Time, Flaw> {
    time.ok_or(Flaw::Field { name, found: u64::MAX })
}
