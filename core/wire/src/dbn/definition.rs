//! Instrument definitions.

use core::fmt;

use omni_types::Time;

use super::record::{Header, undefined_price};
use crate::Flaw;
use crate::bytes::{le16, le32, le64, signed64, text};

/// Lengths of the three versions' records.
pub(super) const LENGTHS: [usize; 3] = [360, 400, 520];

/// Where each version keeps what it moved.
struct Layout {
    unit_of_measure_qty: usize,
    strike_price: usize,
    min_lot_size_round_lot: usize,
    contract_multiplier: usize,
    maturity_year: usize,
    currency: usize,
    raw_symbol: (usize, usize),
    exchange: usize,
    asset: (usize, usize),
    security_type: usize,
    unit_of_measure: usize,
    underlying: usize,
    instrument_class: usize,
    update_action: usize,
}

static LAYOUTS: [Layout; 3] = [
    Layout {
        unit_of_measure_qty: 88,
        strike_price: 328,
        min_lot_size_round_lot: 148,
        contract_multiplier: 160,
        maturity_year: 180,
        currency: 186,
        raw_symbol: (200, 22),
        exchange: 243,
        asset: (248, 7),
        security_type: 262,
        unit_of_measure: 269,
        underlying: 300,
        instrument_class: 325,
        update_action: 349,
    },
    Layout {
        unit_of_measure_qty: 88,
        strike_price: 112,
        min_lot_size_round_lot: 156,
        contract_multiplier: 164,
        maturity_year: 180,
        currency: 186,
        raw_symbol: (200, 71),
        exchange: 292,
        asset: (297, 7),
        security_type: 311,
        unit_of_measure: 318,
        underlying: 349,
        instrument_class: 374,
        update_action: 382,
    },
    Layout {
        unit_of_measure_qty: 80,
        strike_price: 104,
        min_lot_size_round_lot: 168,
        contract_multiplier: 176,
        maturity_year: 214,
        currency: 224,
        raw_symbol: (238, 71),
        exchange: 330,
        asset: (335, 11),
        security_type: 353,
        unit_of_measure: 360,
        underlying: 391,
        instrument_class: 487,
        update_action: 493,
    },
];

/// A view of an instrument's definition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Definition<'a> {
    /// What every record starts with.
    pub header: Header,
    /// The capture's time.
    pub received: Option<Time>,
    bytes: &'a [u8],
    /// Version of the record's layout, from zero.
    layout: usize,
}

impl<'a> Definition<'a> {
    /// Views a record of checked length; a send time at its end makes it eight bytes longer.
    ///
    /// # Errors
    /// [`Flaw::Field`] for an impossible time, [`Flaw::Length`] for a length of no version.
    pub(super) fn new(bytes: &'a [u8], header: Header) -> Result<Self, Flaw> {
        let unstamped = |length: &usize| bytes.len() == *length || bytes.len() == length + 8;
        let layout = LENGTHS.iter().position(unstamped);
        let layout = layout.ok_or(Flaw::Length { kind: bytes[1], expected: LENGTHS[2], found: bytes.len() })?;
        let received = super::metadata::time(le64(bytes, 16), "ts_recv")?;
        Ok(Self { header, received, bytes, layout })
    }

    fn layout(&self) -> &'static Layout {
        &LAYOUTS[self.layout]
    }

    fn time(&self, at: usize) -> Option<Time> {
        super::metadata::time(le64(self.bytes, at), "time").ok().flatten()
    }

    fn count(&self, at: usize) -> Option<i32> {
        Some(le32(self.bytes, at).cast_signed()).filter(|count| *count != i32::MAX)
    }

    /// Returns the DBN version in which the record is written.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.layout as u8 + 1
    }

    /// Returns the smallest step between prices, in 1e-9.
    #[must_use]
    pub fn min_price_increment(&self) -> Option<i64> {
        undefined_price(signed64(self.bytes, 24))
    }

    /// Returns the factor from the venue's price to the displayed one, in 1e-9.
    #[must_use]
    pub fn display_factor(&self) -> Option<i64> {
        undefined_price(signed64(self.bytes, 32))
    }

    /// Returns when the contract expires.
    #[must_use]
    pub fn expiration(&self) -> Option<Time> {
        self.time(40)
    }

    /// Returns when trading began.
    #[must_use]
    pub fn activation(&self) -> Option<Time> {
        self.time(48)
    }

    /// Returns the highest price allowed, in 1e-9.
    #[must_use]
    pub fn high_limit_price(&self) -> Option<i64> {
        undefined_price(signed64(self.bytes, 56))
    }

    /// Returns the lowest price allowed, in 1e-9.
    #[must_use]
    pub fn low_limit_price(&self) -> Option<i64> {
        undefined_price(signed64(self.bytes, 64))
    }

    /// Returns how much of [`Definition::unit_of_measure`] a contract has, in 1e-9; for index futures the multiplier.
    #[must_use]
    pub fn unit_of_measure_qty(&self) -> Option<i64> {
        undefined_price(signed64(self.bytes, self.layout().unit_of_measure_qty))
    }

    /// Returns the strike of an option, in 1e-9.
    #[must_use]
    pub fn strike_price(&self) -> Option<i64> {
        undefined_price(signed64(self.bytes, self.layout().strike_price))
    }

    /// Returns the contract multiplier, where the venue states one.
    #[must_use]
    pub fn contract_multiplier(&self) -> Option<i32> {
        self.count(self.layout().contract_multiplier)
    }

    /// Returns the round lot, where the venue states one.
    #[must_use]
    pub fn min_lot_size_round_lot(&self) -> Option<i32> {
        self.count(self.layout().min_lot_size_round_lot)
    }

    /// Returns the year of maturity, where there is one.
    #[must_use]
    pub fn maturity_year(&self) -> Option<u16> {
        Some(le16(self.bytes, self.layout().maturity_year)).filter(|year| *year != u16::MAX)
    }

    /// Returns the vendor's letter of the class: `F` future, `K` stock, `C` call, `P` put, `S` future spread…
    #[must_use]
    pub fn instrument_class(&self) -> u8 {
        self.bytes[self.layout().instrument_class]
    }

    /// Returns `A` for a new instrument, `M` for a changed and `D` for a deleted one.
    #[must_use]
    pub fn update_action(&self) -> u8 {
        self.bytes[self.layout().update_action]
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $place:expr;)*) => {
        impl<'a> Definition<'a> {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// [`Flaw::Field`] when it isn't printable ASCII.
            pub fn $name(&self) -> Result<&'a str, Flaw> {
                let place: fn(&Layout) -> (usize, usize) = $place;
                let (at, width) = place(self.layout());
                text(self.bytes, at, width, stringify!($name))
            }
        )*}
    };
}

texts! {
    /// Returns the venue's symbol.
    raw_symbol |l| l.raw_symbol;
    /// Returns the currency of prices (ISO 4217).
    currency |l| (l.currency, 4);
    /// Returns the venue's market identifier code (ISO 10383).
    exchange |l| (l.exchange, 5);
    /// Returns the underlying product's code.
    asset |l| l.asset;
    /// Returns the venue's security type, such as `FUT`.
    security_type |l| (l.security_type, 7);
    /// Returns the unit in which a contract is measured, such as `IPNT` (index points) or `BBL`.
    unit_of_measure |l| (l.unit_of_measure, 31);
    /// Returns the symbol of the underlying.
    underlying |l| (l.underlying, 21);
}

impl fmt::Debug for Definition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Definition")
            .field("header", &self.header)
            .field("version", &self.version())
            .field("raw_symbol", &self.raw_symbol())
            .finish_non_exhaustive()
    }
}
