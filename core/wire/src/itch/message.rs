//! The messages and their layouts.

use omni_types::Side;

use super::Stock;
use crate::Flaw;
use crate::bytes::{array, be16, be32, be64};

/// Nanoseconds since midnight: the low 48 bits of the eight bytes from the tracking number on.
#[inline(always)]
fn timestamp(m: &[u8]) -> u64 {
    be64(m, 3) & 0xFFFF_FFFF_FFFF
}

#[inline(always)]
fn stock(m: &[u8], at: usize) -> Stock {
    Stock(array(m, at))
}

#[inline(always)]
fn side(code: u8) -> Result<Side, Flaw> {
    match code {
        b'B' => Ok(Side::Buy),
        b'S' => Ok(Side::Sell),
        _ => Err(Flaw::Field { name: "buy_sell_indicator", found: u64::from(code) }),
    }
}

/// Declares a message: its fields with how each is read from the bytes `m`; locate and time come with every one.
macro_rules! message {
    ($(#[$doc:meta])* $name:ident($m:ident) { $($(#[$field_doc:meta])* $field:ident: $type:ty = $read:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $name {
            /// The day's number of the stock.
            pub locate: u16,
            /// Nanoseconds since midnight.
            pub timestamp: u64,
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $name {
            #[inline(always)]
            fn decode($m: &[u8]) -> Result<Self, Flaw> {
                Ok(Self { locate: be16($m, 1), timestamp: timestamp($m), $($field: $read,)* })
            }
        }
    };
}

message! {
    /// A system event (`S`).
    System(m) {
        /// `O` start of messages, `S` start of system hours, `Q` start of market hours, `M` end of market hours, `E` end
        /// of system hours, `C` end of messages.
        event: u8 = m[11],
    }
}

message! {
    /// A stock's directory entry (`R`).
    Directory(m) {
        /// The symbol.
        stock: Stock = stock(m, 11),
        /// Listing market and tier.
        market_category: u8 = m[19],
        /// Financial status of the issuer.
        financial_status: u8 = m[20],
        /// Shares in a round lot.
        round_lot: u32 = be32(m, 21),
        /// Whether only round lots are taken.
        round_lots_only: bool = m[25] == b'Y',
        /// Class of the security.
        issue_classification: u8 = m[26],
        /// Sub-type of the security.
        issue_subtype: [u8; 2] = array(m, 27),
        /// `P` live, `T` test.
        authenticity: u8 = m[29],
        /// `1` or `2`: the tier of the price bands.
        price_tier: u8 = m[32],
        /// `Y` for an exchange-traded product.
        exchange_traded: u8 = m[33],
    }
}

message! {
    /// A stock's trading state (`H`).
    TradingAction(m) {
        /// The symbol.
        stock: Stock = stock(m, 11),
        /// `T` trading, `Q` quotation only, `H` halted, `P` paused.
        state: u8 = m[19],
        /// The venue's reason code.
        reason: [u8; 4] = array(m, 21),
    }
}

message! {
    /// A new resting order (`A`, or `F` with a market participant named).
    Add(m) {
        /// The order's number, unique in the day.
        reference: u64 = be64(m, 11),
        /// Its side.
        side: Side = side(m[19])?,
        /// Displayed shares.
        shares: u32 = be32(m, 20),
        /// The symbol.
        stock: Stock = stock(m, 24),
        /// The limit in 1/10000.
        price: u32 = be32(m, 32),
    }
}

message! {
    /// An execution at the order's own price (`E`).
    Execute(m) {
        /// The resting order.
        reference: u64 = be64(m, 11),
        /// Executed shares.
        shares: u32 = be32(m, 19),
        /// The match.
        match_number: u64 = be64(m, 23),
    }
}

message! {
    /// An execution at another price than the order's (`C`).
    ExecuteAt(m) {
        /// The resting order.
        reference: u64 = be64(m, 11),
        /// Executed shares.
        shares: u32 = be32(m, 19),
        /// The match.
        match_number: u64 = be64(m, 23),
        /// Whether it counts as volume; not so where a cross message reports the bulk.
        printable: bool = m[31] == b'Y',
        /// The execution's price in 1/10000.
        price: u32 = be32(m, 32),
    }
}

message! {
    /// A partial cancel (`X`).
    Cancel(m) {
        /// The resting order.
        reference: u64 = be64(m, 11),
        /// Shares taken off.
        shares: u32 = be32(m, 19),
    }
}

message! {
    /// A removal (`D`).
    Delete(m) {
        /// The resting order.
        reference: u64 = be64(m, 11),
    }
}

message! {
    /// A cancel and replace (`U`): the new order keeps side and stock and loses its place in the queue.
    Replace(m) {
        /// The order that leaves.
        old: u64 = be64(m, 11),
        /// The order that comes.
        new: u64 = be64(m, 19),
        /// Shares of the new order.
        shares: u32 = be32(m, 27),
        /// Limit of the new order in 1/10000.
        price: u32 = be32(m, 31),
    }
}

message! {
    /// A match against an order that isn't displayed (`P`).
    Trade(m) {
        /// Shares.
        shares: u32 = be32(m, 20),
        /// The symbol.
        stock: Stock = stock(m, 24),
        /// The price in 1/10000.
        price: u32 = be32(m, 32),
        /// The match.
        match_number: u64 = be64(m, 36),
    }
}

message! {
    /// An auction's bulk print (`Q`).
    Cross(m) {
        /// Shares.
        shares: u64 = be64(m, 11),
        /// The symbol.
        stock: Stock = stock(m, 19),
        /// The price in 1/10000.
        price: u32 = be32(m, 27),
        /// The match.
        match_number: u64 = be64(m, 31),
        /// `O` opening, `C` closing, `H` IPO or halt, `I` intraday.
        cross_type: u8 = m[39],
    }
}

message! {
    /// A trade that is broken after the fact (`B`).
    BrokenTrade(m) {
        /// The match.
        match_number: u64 = be64(m, 11),
    }
}

message! {
    /// A message without bearing on the book, known by its type.
    Notice(m) {
        /// The type.
        kind: u8 = m[0],
    }
}

/// Declares the enum, its decoding and the table of lengths; the second list holds other types of the same struct.
macro_rules! messages {
    ($($kind:literal $length:literal $name:ident,)* ; $($other:literal $other_length:literal $as:ident,)*) => {
        /// One message.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Message {
            $(#[doc = concat!("See [`", stringify!($name), "`].")] $name($name),)*
            /// Any other message of the protocol.
            Notice(Notice),
        }

        impl Message {
            /// Decodes the message at the start of `rest`, hands it on and returns its length.
            ///
            /// Handing on within each type's branch lets a caller that is inlined know the type without asking again.
            #[inline(always)]
            pub(super) fn decode(rest: &[u8], stated: usize, mut each: impl FnMut(Self)) -> Result<usize, Flaw> {
                let &[kind, ..] = rest else { return Err(Flaw::Truncated { expected: stated.max(1), found: 0 }) };
                match kind {
                    $($kind => {
                        let m: &[u8; $length] = fixed(rest, stated)?;
                        each(Self::$name($name::decode(m)?));
                        Ok($length)
                    })*
                    $($other => {
                        let m: &[u8; $other_length] = fixed(rest, stated)?;
                        each(Self::$as($as::decode(m)?));
                        Ok($other_length)
                    })*
                    _ => {
                        let notice = notice(rest, kind, stated)?;
                        let length = notice.1;
                        each(Self::Notice(notice.0));
                        Ok(length)
                    }
                }
            }

            /// Returns the day's number of the stock; 0 for messages about the whole system.
            #[inline]
            #[must_use]
            pub const fn locate(&self) -> u16 {
                match self { $(Self::$name(m) => m.locate,)* Self::Notice(m) => m.locate }
            }

            /// Returns the nanoseconds since midnight.
            #[inline]
            #[must_use]
            pub const fn timestamp(&self) -> u64 {
                match self { $(Self::$name(m) => m.timestamp,)* Self::Notice(m) => m.timestamp }
            }
        }

        /// Bytes of each message type; 0 where there is none.
        static LENGTHS: [u8; 256] = {
            let mut lengths = [0; 256];
            $(lengths[$kind as usize] = $length;)*
            $(lengths[$other as usize] = $other_length;)*
            let mut i = 0;
            while i < NOTICES.len() {
                lengths[NOTICES[i].0 as usize] = NOTICES[i].1;
                i += 1;
            }
            lengths
        };
    };
}

messages! {
    b'A' 36 Add,
    b'D' 19 Delete,
    b'E' 31 Execute,
    b'X' 23 Cancel,
    b'U' 35 Replace,
    b'C' 36 ExecuteAt,
    b'P' 44 Trade,
    b'S' 12 System,
    b'R' 39 Directory,
    b'H' 25 TradingAction,
    b'Q' 40 Cross,
    b'B' 19 BrokenTrade,
    ;
    b'F' 40 Add,
}

/// Types that are read as notices, with their lengths.
const NOTICES: [(u8, u8); 10] = [
    (b'Y', 20), // short sale price test restriction
    (b'L', 26), // market participant position
    (b'V', 35), // market-wide circuit breaker levels
    (b'W', 12), // market-wide circuit breaker breached
    (b'K', 28), // IPO quoting period
    (b'J', 35), // price band auction collar
    (b'h', 21), // operational halt
    (b'I', 50), // net order imbalance
    (b'N', 20), // retail interest
    (b'O', 48), // direct listing price discovery
];

/// Returns the length in bytes of a message type, without the prefix, or `None` for an unknown type.
#[must_use]
pub fn length(kind: u8) -> Option<usize> {
    let length = LENGTHS[usize::from(kind)];
    (length > 0).then_some(usize::from(length))
}

/// Returns the first `N` bytes as an array, so that the reads of fields need no check of their own.
#[inline(always)]
fn fixed<const N: usize>(rest: &[u8], stated: usize) -> Result<&[u8; N], Flaw> {
    match rest.first_chunk::<N>() {
        Some(m) if stated == N || stated == 0 => Ok(m),
        _ => Err(misfit(rest, N, stated)),
    }
}

#[cold]
fn misfit(rest: &[u8], expected: usize, stated: usize) -> Flaw {
    if stated != expected && stated != 0 {
        return Flaw::Length { kind: rest[0], expected, found: stated };
    }
    Flaw::Truncated { expected, found: rest.len() }
}

#[cold]
fn notice(rest: &[u8], kind: u8, stated: usize) -> Result<(Notice, usize), Flaw> {
    let expected = length(kind).ok_or(Flaw::UnknownType(kind))?;
    if rest.len() < expected || (stated != expected && stated != 0) {
        return Err(misfit(rest, expected, stated));
    }
    Ok((Notice::decode(&rest[..expected])?, expected))
}
