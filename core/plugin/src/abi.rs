//! The binary interface, word for word as in `omni_plugin.h`: a test compiles both and compares every size and place.
//!
//! What stands here is frozen. A later version appends: to a structure at its end, which its `size` tells, and to the
//! capabilities.

use core::ffi::{c_char, c_void};

/// The first word of every header: `OMNI` in the order of memory.
pub const MAGIC: u32 = 0x494E_4D4F;
/// Changes when something that was there is no longer so.
pub const ABI_MAJOR: u16 = 1;
/// Changes when something is appended.
pub const ABI_MINOR: u16 = 0;
/// The exported function that every plugin has.
pub const ENTRY: &str = "omni_plugin_entry";
/// Every instrument, in `cancel_all`; no instrument, from `find`.
pub const NO_INSTRUMENT: u32 = u32::MAX;

/// Capability: orders rest, change and end on demand.
pub const CAN_AMEND: u64 = 1 << 0;
/// Capability: an order may be refused rather than trade on arrival.
pub const CAN_POST_ONLY: u64 = 1 << 1;
/// Capability: timers.
pub const CAN_TIME: u64 = 1 << 2;
/// Capability: views of the book, with as many levels of each side as `query` says.
pub const CAN_SHOW_BOOK: u64 = 1 << 3;
/// Capability: a strategy's state is saved, and given back before `on_recover`.
pub const CAN_KEEP_STATE: u64 = 1 << 4;
/// The capabilities, each with its name.
pub const CAPABILITIES: [(u64, &str); 5] = [
    (CAN_AMEND, "amend"),
    (CAN_POST_ONLY, "post-only"),
    (CAN_TIME, "timers"),
    (CAN_SHOW_BOOK, "book"),
    (CAN_KEEP_STATE, "state"),
];

/// A kind of parameter: any number.
pub const NUMBER: u32 = 0;
/// A kind of parameter: a whole number.
pub const WHOLE: u32 = 1;
/// A kind of parameter: a text.
pub const TEXT: u32 = 2;

/// Who wrote a table, for which version, and how long it is.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// [`MAGIC`].
    pub magic: u32,
    /// [`ABI_MAJOR`] of whoever wrote it.
    pub abi_major: u16,
    /// [`ABI_MINOR`] likewise.
    pub abi_minor: u16,
    /// Bytes of the structure that begins with this header.
    pub size: u32,
    /// 0.
    pub reserved: u32,
}

impl Header {
    /// Returns the header of a structure of this version.
    #[must_use]
    pub const fn of<T>() -> Self {
        Self { magic: MAGIC, abi_major: ABI_MAJOR, abi_minor: ABI_MINOR, size: size_of::<T>() as u32, reserved: 0 }
    }
}

/// A parameter as the plugin declares it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ParameterInfo {
    /// Bytes of this structure, which is also the distance to the next one.
    pub size: u32,
    /// [`NUMBER`], [`WHOLE`] or [`TEXT`].
    pub kind: u32,
    /// Its name.
    pub name: *const c_char,
    /// What it means, with its unit.
    pub meaning: *const c_char,
    /// Its value where none is given, of a number.
    pub default_number: f64,
    /// Its value where none is given, of a text; else null.
    pub default_text: *const c_char,
    /// The least that a number may be.
    pub least: f64,
    /// The most that a number may be.
    pub most: f64,
}

/// A parameter's value.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: *const c_char,
    /// Its value, of a text; else null.
    pub text: *const c_char,
    /// Its value, of a number.
    pub number: f64,
}

/// An exact decimal: `mantissa` x 10^`exponent`.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Decimal {
    /// The signed digits.
    pub mantissa: i64,
    /// The power of ten.
    pub exponent: i32,
    /// 0.
    pub reserved: i32,
}

/// A listed instrument.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Instrument {
    /// Bytes of this structure; who asks sets it.
    pub size: u32,
    /// Its number.
    pub id: u32,
    /// The venue's symbol, ended by 0.
    pub symbol: [u8; 32],
    /// The venue, ISO 10383, ended by 0.
    pub venue: [u8; 8],
    /// ISO 4217, ended by 0.
    pub currency: [u8; 16],
    /// One price unit, in currency.
    pub price_unit: Decimal,
    /// One quantity unit, in shares, contracts or coins.
    pub quantity_unit: Decimal,
    /// Value of one whole share or contract per whole unit of price.
    pub multiplier: Decimal,
    /// The tick, in price units.
    pub tick: i64,
    /// The lot, in quantity units.
    pub lot: u64,
    /// Lowest price, in price units.
    pub price_min: i64,
    /// Highest price, in price units.
    pub price_max: i64,
    /// Largest order, in quantity units.
    pub quantity_max: u64,
    /// 0 equity, 1 future, 2 option, 3 foreign exchange, 4 bond, 5 crypto.
    pub asset_class: u8,
    /// 0.
    pub reserved: [u8; 7],
}

/// What is wanted of a new order.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ticket {
    /// Bytes of this structure.
    pub size: u32,
    /// The instrument.
    pub instrument: u32,
    /// How much, in quantity units.
    pub quantity: u64,
    /// The limit, in price units; not read of a market order.
    pub price: i64,
    /// 1 with a limit, 0 at the market.
    pub limit: u8,
    /// 0 day, 1 good till cancelled, 2 immediate or cancel, 3 fill or kill.
    pub time_in_force: u8,
    /// 1 is refused rather than traded on arrival.
    pub post_only: u8,
    /// Where it meets an own order: 0 cancels the newest, 1 the oldest, 2 both, 3 takes the smaller off both.
    pub self_trade: u8,
    /// 0.
    pub reserved: [u8; 4],
}

/// An own order that isn't done.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Order {
    /// Bytes of this structure; who asks sets it.
    pub size: u32,
    /// The instrument.
    pub instrument: u32,
    /// Its number.
    pub id: u64,
    /// The limit, in price units; 0 for a market order.
    pub price: i64,
    /// What is open.
    pub leaves: u64,
    /// What has traded.
    pub filled: u64,
    /// 0 buy, 1 sell.
    pub side: u8,
    /// 1 once the venue has it.
    pub accepted: u8,
    /// 0.
    pub reserved: [u8; 6],
}

/// The best bid and ask.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quote {
    /// Bytes of this structure.
    pub size: u32,
    /// The instrument.
    pub instrument: u32,
    /// Event time, in nanoseconds since 1970, UTC.
    pub time: i64,
    /// Best bid, in price units; 0 where there is none.
    pub bid: i64,
    /// Its quantity, in quantity units; 0 where there is none.
    pub bid_quantity: u64,
    /// Best ask.
    pub ask: i64,
    /// Its quantity.
    pub ask_quantity: u64,
    /// 1 where there is a bid.
    pub has_bid: u8,
    /// 1 where there is an ask.
    pub has_ask: u8,
    /// 0.
    pub reserved: [u8; 6],
}

/// A public trade.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Trade {
    /// Bytes of this structure.
    pub size: u32,
    /// The instrument.
    pub instrument: u32,
    /// Event time.
    pub time: i64,
    /// Its price.
    pub price: i64,
    /// Its quantity.
    pub quantity: u64,
    /// 1 where a buyer came, -1 where a seller did, 0 where it isn't known.
    pub aggressor: i8,
    /// 0.
    pub reserved: [u8; 7],
}

/// A bar that closed.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Bar {
    /// Bytes of this structure.
    pub size: u32,
    /// The instrument.
    pub instrument: u32,
    /// The close of its interval.
    pub time: i64,
    /// Length of the interval in nanoseconds.
    pub interval_ns: i64,
    /// First price.
    pub open: i64,
    /// Highest price.
    pub high: i64,
    /// Lowest price.
    pub low: i64,
    /// Last price.
    pub close: i64,
    /// Traded quantity.
    pub volume: u64,
}

/// One price of a book; never longer than this.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Level {
    /// The price.
    pub price: i64,
    /// Total open quantity.
    pub quantity: u64,
    /// Number of orders; 0 where the venue doesn't tell.
    pub orders: u32,
}

/// The first levels of a book; valid while the callback runs.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Book {
    /// Bytes of this structure.
    pub size: u32,
    /// The instrument.
    pub instrument: u32,
    /// Event time.
    pub time: i64,
    /// Bids, best first.
    pub bids: *const Level,
    /// Asks, best first.
    pub asks: *const Level,
    /// How many bids.
    pub bid_count: u32,
    /// How many asks.
    pub ask_count: u32,
}

/// What happened to an own order.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Bytes of this structure.
    pub size: u32,
    /// The instrument.
    pub instrument: u32,
    /// Event time.
    pub time: i64,
    /// The number that `buy` or `sell` returned; 0 for a timer that was refused.
    pub order: u64,
    /// The venue's number; 0 where the order never reached it.
    pub venue_order: u64,
    /// The match; 0 unless this is a fill.
    pub trade: u64,
    /// The limit; 0 for a market order.
    pub price: i64,
    /// The order's total quantity.
    pub quantity: u64,
    /// What is still open.
    pub leaves: u64,
    /// Filled so far, this fill included.
    pub filled: u64,
    /// The fill's price; 0 unless this is a fill.
    pub last_price: i64,
    /// The fill's quantity; 0 unless this is a fill.
    pub last_quantity: u64,
    /// 0 buy, 1 sell.
    pub side: u8,
    /// 0 market, 1 limit.
    pub order_type: u8,
    /// As of [`Ticket`].
    pub time_in_force: u8,
    /// 0 new, 1 trade, 2 cancelled, 3 replaced, 4 rejected, 5 expired, 6 cancel or amend refused.
    pub exec_type: u8,
    /// 0 new, 1 partially filled, 2 filled, 3 cancelled, 4 rejected, 5 expired.
    pub status: u8,
    /// Why it was refused or cancelled unasked, by its code; 0 otherwise.
    pub reason: u8,
    /// Of a fill: 1 the order rested, 2 it came; 0 otherwise.
    pub liquidity: u8,
    /// 0.
    pub reserved: u8,
}

/// A timer that is due.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Timer {
    /// Bytes of this structure.
    pub size: u32,
    /// The number that `set_timer` got.
    pub timer: u32,
    /// Its deadline.
    pub time: i64,
}

/// A change of an instrument's trading state.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Status {
    /// Bytes of this structure.
    pub size: u32,
    /// The instrument.
    pub instrument: u32,
    /// Event time.
    pub time: i64,
    /// 0 open, 1 halted, 2 closed.
    pub state: u8,
    /// 0.
    pub reserved: [u8; 7],
}

/// From where a strategy trades: the engine lends it for the time of one call.
#[repr(C)]
#[derive(Debug)]
pub struct Desk {
    /// What the engine can do.
    pub host: *const Host,
    // What follows is the engine's.
}

/// What the engine can do for a strategy.
#[repr(C)]
#[derive(Debug)]
pub struct Host {
    /// Who wrote it.
    pub header: Header,
    /// The bits of what it can do: [`CAPABILITIES`].
    pub capabilities: u64,
    /// Tells how much there is of a capability: 0 where it isn't there.
    pub query: unsafe extern "C" fn(*mut Desk, u64) -> u64,
    /// Sends a buy order and returns its number; 0 where the ticket makes no sense, which is a fault.
    pub buy: unsafe extern "C" fn(*mut Desk, *const Ticket) -> u64,
    /// Sends a sell order likewise.
    pub sell: unsafe extern "C" fn(*mut Desk, *const Ticket) -> u64,
    /// Asks to change an order's limit and total quantity.
    pub amend: unsafe extern "C" fn(*mut Desk, u64, i64, u64),
    /// Asks to cancel an order.
    pub cancel: unsafe extern "C" fn(*mut Desk, u64),
    /// Asks to cancel all own orders of an instrument, or of all: [`NO_INSTRUMENT`].
    pub cancel_all: unsafe extern "C" fn(*mut Desk, u32),
    /// Asks for `on_timer` at a time; the same number again moves it.
    pub set_timer: unsafe extern "C" fn(*mut Desk, u32, i64),
    /// Returns the time of the event being delivered.
    pub time: unsafe extern "C" fn(*mut Desk) -> i64,
    /// Returns the signed position in an instrument, in quantity units.
    pub position: unsafe extern "C" fn(*mut Desk, u32) -> i64,
    /// Gives the last delivered price of an instrument; returns 0 where there is none.
    pub mark: unsafe extern "C" fn(*mut Desk, u32, *mut i64) -> i32,
    /// Gives the last delivered quote of an instrument; returns 0 where it isn't listed.
    pub top: unsafe extern "C" fn(*mut Desk, u32, *mut Quote) -> i32,
    /// Returns the number of own orders that aren't done.
    pub order_count: unsafe extern "C" fn(*mut Desk) -> u64,
    /// Gives the oldest of them whose number is above the one given; returns 0 where there is none.
    pub order_after: unsafe extern "C" fn(*mut Desk, u64, *mut Order) -> i32,
    /// Returns the number of listed instruments; their numbers begin at 0.
    pub instrument_count: unsafe extern "C" fn(*mut Desk) -> u32,
    /// Gives an instrument; returns 0 where it isn't listed.
    pub instrument: unsafe extern "C" fn(*mut Desk, u32, *mut Instrument) -> i32,
    /// Returns the number of the instrument `SYMBOL` or `SYMBOL.VENUE`, or [`NO_INSTRUMENT`].
    pub find: unsafe extern "C" fn(*mut Desk, *const c_char) -> u32,
    /// Says why the callback, or `create`, is about to fail.
    pub fail: unsafe extern "C" fn(*mut Desk, *const c_char),
}

/// Makes a strategy: desk, values of the declared parameters in their order, their count.
pub type Create = unsafe extern "C" fn(*mut Desk, *const Parameter, u64) -> *mut c_void;
/// Ends a strategy.
pub type Destroy = unsafe extern "C" fn(*mut c_void);
/// A callback without an event: 0, or what failed.
pub type Plain = unsafe extern "C" fn(*mut c_void, *mut Desk) -> i32;
/// A callback with an event: 0, or what failed.
pub type On<E> = unsafe extern "C" fn(*mut c_void, *mut Desk, *const E) -> i32;
/// Writes the state if it fits and returns how long it is.
pub type Save = unsafe extern "C" fn(*mut c_void, *mut u8, u64) -> u64;
/// Takes a saved state: 0, or what failed.
pub type Restore = unsafe extern "C" fn(*mut c_void, *mut Desk, *const u8, u64) -> i32;

/// What a plugin is: `omni_plugin_entry` returns it, and it never changes. A callback that is null is never called, and
/// market data that no callback takes isn't delivered.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Plugin {
    /// Who wrote it.
    pub header: Header,
    /// What it is called.
    pub name: *const c_char,
    /// Its own version.
    pub version: *const c_char,
    /// The bits of what the engine must be able to do.
    pub required: u64,
    /// The parameters that it takes.
    pub parameters: *const ParameterInfo,
    /// How many.
    pub parameter_count: u64,
    /// Makes a strategy; null where it can't, after `fail`.
    pub create: Option<Create>,
    /// Ends one.
    pub destroy: Option<Destroy>,
    /// Called once before the first event.
    pub on_start: Option<Plain>,
    /// Called once after a recovery instead, with positions and orders in place; `on_start` where it is null.
    pub on_recover: Option<Plain>,
    /// Called once at the end; orders sent here are not taken.
    pub on_stop: Option<Plain>,
    /// A book changed.
    pub on_book: Option<On<Book>>,
    /// The best bid or ask changed.
    pub on_quote: Option<On<Quote>>,
    /// A public trade.
    pub on_trade: Option<On<Trade>>,
    /// A bar closed.
    pub on_bar: Option<On<Bar>>,
    /// A timer is due.
    pub on_timer: Option<On<Timer>>,
    /// Something happened to an own order.
    pub on_report: Option<On<Report>>,
    /// A trading state changed.
    pub on_status: Option<On<Status>>,
    /// Writes its state.
    pub save: Option<Save>,
    /// Takes its state before `on_recover`.
    pub restore: Option<Restore>,
}

// SAFETY: a plugin's table is read only, and so is everything that it points to.
unsafe impl Sync for Plugin {}
// SAFETY: as above.
unsafe impl Send for Plugin {}
// SAFETY: as above.
unsafe impl Sync for ParameterInfo {}
