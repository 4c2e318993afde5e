//! The records.

use omni_types::{Side, Time};

use super::metadata::time;
use super::{Definition, Statistic, Status};
use crate::Flaw;
use crate::bytes::{le16, le32, le64, signed64};

/// Every record's header has this many bytes.
pub(super) const HEADER: usize = 16;

/// What every record starts with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Record type.
    pub rtype: u8,
    /// The vendor's number of data set and venue.
    pub publisher_id: u16,
    /// The venue's number of the instrument.
    pub instrument_id: u32,
    /// The venue's time; `None` where undefined.
    pub event: Option<Time>,
}

/// One record: small ones decoded, large ones as views.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Record<'a> {
    /// Market by order.
    Mbo(Mbo),
    /// A trade.
    Trade(Trade),
    /// Market by price: one or ten levels, a sampled or consolidated best bid and offer, a trade with its quote.
    Mbp(Mbp<'a>),
    /// A bar.
    Ohlcv(Ohlcv),
    /// An instrument's definition.
    Definition(Definition<'a>),
    /// An instrument's trading status.
    Status(Status),
    /// A venue's statistic.
    Statistic(Statistic),
    /// Known and of the right length, but not decoded: imbalance, symbol mapping, gateway and error messages.
    Other(Header),
}

/// What a market-by-order, trade or market-by-price record tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Action {
    /// `A`: a new order or level.
    Add = b'A',
    /// `M`: an order or level is changed.
    Modify = b'M',
    /// `C`: an order is cancelled, in part or whole.
    Cancel = b'C',
    /// `R`: the book is emptied.
    Clear = b'R',
    /// `T`: the aggressor's trade; changes no book.
    Trade = b'T',
    /// `F`: a party's fill; changes no book.
    Fill = b'F',
    /// `N`: nothing, but flags or other values may matter.
    None = b'N',
}

/// A market-by-order record (56 bytes).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mbo {
    /// The venue's number of the instrument.
    pub instrument_id: u32,
    /// The venue's time.
    pub event: Option<Time>,
    /// The capture's time.
    pub received: Option<Time>,
    /// The order's number.
    pub order_id: u64,
    /// Price in 1e-9.
    pub price: Option<i64>,
    /// Quantity: new total for add and modify, what goes for cancel, what traded for trade and fill.
    pub size: u32,
    /// What it tells.
    pub action: Action,
    /// Side of the order; for a trade, of the aggressor.
    pub side: Option<Side>,
    /// Flags, see the methods.
    pub flags: u8,
    /// The venue's number of the message.
    pub sequence: u32,
}

/// A trade, or the trade part of a market-by-price record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trade {
    /// What every record starts with.
    pub header: Header,
    /// The capture's time.
    pub received: Option<Time>,
    /// Price in 1e-9.
    pub price: Option<i64>,
    /// Quantity.
    pub size: u32,
    /// What happened; `None` in sampled quotes, which have no such field.
    pub action: Option<Action>,
    /// Side of the aggressor, or of the changed order or level.
    pub side: Option<Side>,
    /// Flags as in [`Mbo::flags`].
    pub flags: u8,
}

/// A market-by-price record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Mbp<'a> {
    bytes: &'a [u8],
    /// The event that made the record; in sampled quotes the last trade.
    pub trade: Trade,
}

/// One price level of both sides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Level {
    /// Bid price in 1e-9, `None` where there is no bid.
    pub bid_price: Option<i64>,
    /// Ask price in 1e-9, `None` where there is no ask.
    pub ask_price: Option<i64>,
    /// Bid quantity.
    pub bid_size: u32,
    /// Ask quantity.
    pub ask_size: u32,
    /// Orders at the bid; in consolidated records the publisher of the best bid.
    pub bid_count: u32,
    /// Orders at the ask; in consolidated records the publisher of the best ask.
    pub ask_count: u32,
}

/// A bar. The record's time is the bar's start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ohlcv {
    /// What every record starts with; `event` is the start of the interval.
    pub header: Header,
    /// Length in nanoseconds; `None` for the venue's session (`ohlcv-eod`) and the deprecated type without a length.
    pub interval_ns: Option<i64>,
    /// First price in 1e-9.
    pub open: Option<i64>,
    /// Highest price in 1e-9.
    pub high: Option<i64>,
    /// Lowest price in 1e-9.
    pub low: Option<i64>,
    /// Last price in 1e-9.
    pub close: Option<i64>,
    /// Traded quantity.
    pub volume: u64,
}

/// Returns a price in 1e-9, or `None` where it is undefined (`i64::MAX`).
#[must_use]
pub const fn undefined_price(raw: i64) -> Option<i64> {
    if raw == i64::MAX { None } else { Some(raw) }
}

/// Returns the bar length of a record type in nanoseconds.
#[must_use]
pub const fn interval_ns(rtype: u8) -> Option<i64> {
    match rtype {
        0x20 => Some(Time::SECOND),
        0x21 => Some(60 * Time::SECOND),
        0x22 => Some(3_600 * Time::SECOND),
        0x23 => Some(86_400 * Time::SECOND),
        _ => None,
    }
}

/// Returns the lengths that a record type may have, without the send time; empty for an unknown type.
pub(super) const fn lengths(rtype: u8) -> &'static [usize] {
    match rtype {
        0xA0 | 0x11 | 0x20..=0x24 => &[56],
        0x00 => &[48],
        0x01 | 0xB1 | 0xC0..=0xC4 => &[80],
        0x0A => &[368],
        0x12 => &[40],
        0x13 => &super::definition::LENGTHS,
        0x14 => &[112],
        0x15 | 0x17 => &[80, 320],
        0x16 => &[80, 176],
        0x18 => &[64, 80],
        _ => &[],
    }
}

impl Record<'_> {
    /// Decodes a record of checked length.
    #[inline]
    pub(super) fn decode(bytes: &[u8]) -> Result<Record<'_>, Flaw> {
        Ok(match bytes[1] {
            0xA0 => Record::Mbo(Mbo::decode(bytes)?),
            0x00 => Record::Trade(Trade::decode(bytes)?),
            0x01 | 0x0A | 0xB1 | 0xC0..=0xC4 => Record::Mbp(Mbp { bytes, trade: Trade::decode(bytes)? }),
            0x11 | 0x20..=0x24 => Record::Ohlcv(Ohlcv::decode(bytes)?),
            0x12 => Record::Status(Status::decode(bytes)?),
            0x13 => Record::Definition(Definition::new(bytes, Header::decode(bytes)?)?),
            0x18 => Record::Statistic(Statistic::decode(bytes)?),
            _ => Record::Other(Header::decode(bytes)?),
        })
    }
}

impl Header {
    pub(super) fn decode(m: &[u8]) -> Result<Self, Flaw> {
        Ok(Self {
            rtype: m[1],
            publisher_id: le16(m, 2),
            instrument_id: le32(m, 4),
            event: time(le64(m, 8), "ts_event")?,
        })
    }
}

#[inline(always)]
pub(super) fn price(m: &[u8], at: usize) -> Option<i64> {
    undefined_price(signed64(m, at))
}

#[inline(always)]
fn side(code: u8) -> Result<Option<Side>, Flaw> {
    match code {
        b'B' => Ok(Some(Side::Buy)),
        b'A' => Ok(Some(Side::Sell)),
        b'N' => Ok(None),
        _ => Err(Flaw::Field { name: "side", found: u64::from(code) }),
    }
}

#[inline(always)]
fn action(code: u8) -> Result<Action, Flaw> {
    Ok(match code {
        b'A' => Action::Add,
        b'M' => Action::Modify,
        b'C' => Action::Cancel,
        b'R' => Action::Clear,
        b'T' => Action::Trade,
        b'F' => Action::Fill,
        b'N' => Action::None,
        _ => return Err(Flaw::Field { name: "action", found: u64::from(code) }),
    })
}

impl Mbo {
    const LAST: u8 = 1 << 7;
    const SNAPSHOT: u8 = 1 << 5;

    #[inline(always)]
    fn decode(m: &[u8]) -> Result<Self, Flaw> {
        let Some(m) = m.first_chunk::<56>() else { return Err(Flaw::Truncated { expected: 56, found: m.len() }) };
        Ok(Self {
            instrument_id: le32(m, 4),
            event: time(le64(m, 8), "ts_event")?,
            order_id: le64(m, 16),
            price: price(m, 24),
            size: le32(m, 32),
            flags: m[36],
            action: action(m[38])?,
            side: side(m[39])?,
            received: time(le64(m, 40), "ts_recv")?,
            sequence: le32(m, 52),
        })
    }

    /// Returns whether this record ends the venue's event, so that the book may be looked at.
    #[inline]
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.flags & Self::LAST != 0
    }

    /// Returns whether this record belongs to a snapshot of the book, not to its live changes.
    #[inline]
    #[must_use]
    pub const fn is_snapshot(&self) -> bool {
        self.flags & Self::SNAPSHOT != 0
    }
}

impl Trade {
    fn decode(m: &[u8]) -> Result<Self, Flaw> {
        let header = Header::decode(m)?;
        // Sampled quotes (bbo, cbbo) have a reserved byte in the action's place.
        let sampled = matches!(header.rtype, 0xC0 | 0xC1 | 0xC3 | 0xC4);
        Ok(Self {
            header,
            price: price(m, 16),
            size: le32(m, 24),
            action: if sampled { None } else { Some(action(m[28])?) },
            side: side(m[29])?,
            flags: m[30],
            received: time(le64(m, 32), "ts_recv")?,
        })
    }
}

impl Mbp<'_> {
    const FIRST: usize = 48;
    const WIDTH: usize = 32;

    /// Returns how many levels there are: 1 or 10.
    #[must_use]
    pub const fn depth(&self) -> usize {
        if self.trade.header.rtype == 0x0A { 10 } else { 1 }
    }

    /// Returns whether the quote is consolidated over venues.
    #[must_use]
    pub const fn is_consolidated(&self) -> bool {
        matches!(self.trade.header.rtype, 0xB1 | 0xC0..=0xC2)
    }

    /// Returns a level, the best first, or `None` past the last.
    #[must_use]
    pub fn level(&self, index: usize) -> Option<Level> {
        if index >= self.depth() {
            return None;
        }
        let m = &self.bytes[Self::FIRST + index * Self::WIDTH..];
        let count = |at| if self.is_consolidated() { u32::from(le16(m, at)) } else { le32(m, at) };
        Some(Level {
            bid_price: price(m, 0),
            ask_price: price(m, 8),
            bid_size: le32(m, 16),
            ask_size: le32(m, 20),
            bid_count: count(24),
            ask_count: count(28),
        })
    }
}

impl core::fmt::Debug for Mbp<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let levels: Vec<_> = (0..self.depth()).filter_map(|i| self.level(i)).collect();
        f.debug_struct("Mbp").field("trade", &self.trade).field("levels", &levels).finish()
    }
}

impl Ohlcv {
    fn decode(m: &[u8]) -> Result<Self, Flaw> {
        let header = Header::decode(m)?;
        Ok(Self {
            header,
            interval_ns: interval_ns(header.rtype),
            open: price(m, 16),
            high: price(m, 24),
            low: price(m, 32),
            close: price(m, 40),
            volume: le64(m, 48),
        })
    }
}
