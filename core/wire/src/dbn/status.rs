//! Trading statuses and the venue's statistics.

use omni_types::{Time, TradingState};

use super::Header;
use super::metadata::time;
use super::record::price;
use crate::Flaw;
use crate::bytes::{le16, le32, le64, signed64};

/// An instrument's trading status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Status {
    /// What every record starts with.
    pub header: Header,
    /// The capture's time.
    pub received: Option<Time>,
    /// The vendor's code of the change.
    pub action: u16,
    /// The vendor's code of the reason.
    pub reason: u16,
    /// Whether it trades, where known.
    pub is_trading: Option<bool>,
    /// Whether it is quoted, where known.
    pub is_quoting: Option<bool>,
}

/// A statistic that the venue publishes: settlement price, open interest and such.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statistic {
    /// What every record starts with.
    pub header: Header,
    /// The capture's time.
    pub received: Option<Time>,
    /// The time that it is about.
    pub reference: Option<Time>,
    /// Price in 1e-9.
    pub price: Option<i64>,
    /// Quantity.
    pub quantity: Option<i64>,
    /// The vendor's code of the kind.
    pub stat_type: u16,
}

impl Status {
    pub(super) fn decode(m: &[u8]) -> Result<Self, Flaw> {
        let yes = |code: u8| match code {
            b'Y' => Some(true),
            b'N' => Some(false),
            _ => None,
        };
        Ok(Self {
            header: Header::decode(m)?,
            received: time(le64(m, 16), "ts_recv")?,
            action: le16(m, 24),
            reason: le16(m, 26),
            is_trading: yes(m[30]),
            is_quoting: yes(m[31]),
        })
    }

    /// Returns the trading state that the record sets, or `None` where it sets none (a short-sale change, say).
    #[must_use]
    pub const fn state(&self) -> Option<TradingState> {
        match (self.action, self.is_trading) {
            (12 | 13, _) => Some(TradingState::Closed),
            (7, _) | (11, Some(true)) => Some(TradingState::Open),
            (1..=6 | 8..=11 | 15, _) => Some(TradingState::Halted),
            _ => None,
        }
    }
}

impl Statistic {
    pub(super) fn decode(m: &[u8]) -> Result<Self, Flaw> {
        // Version 3 widened the quantity to 64 bits; its record is 80 bytes long, with the send time 88. The older one
        // is 64, with the send time 72.
        let wide = m.len() >= 80;
        let quantity = if wide { signed64(m, 40) } else { i64::from(le32(m, 40).cast_signed()) };
        let undefined = if wide { i64::MAX } else { i64::from(i32::MAX) };
        Ok(Self {
            header: Header::decode(m)?,
            received: time(le64(m, 16), "ts_recv")?,
            reference: time(le64(m, 24), "ts_ref")?,
            price: price(m, 32),
            quantity: (quantity != undefined).then_some(quantity),
            stat_type: le16(m, if wide { 56 } else { 52 }),
        })
    }
}
