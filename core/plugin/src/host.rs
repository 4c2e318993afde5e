//! What the engine can do for a plugin: the table of functions, each on the desk that was lent for the call.

use core::ffi::{CStr, c_char};

use omni_port::{Desk, Ticket};
use omni_types::{
    ClientOrderId, Instrument, InstrumentId, Price, Qty, SelfTrade, Side, Terms, Time, TimeInForce, TimerId,
};

use crate::abi::{self, CAN_AMEND, CAN_KEEP_STATE, CAN_POST_ONLY, CAN_SHOW_BOOK, CAN_TIME, Header, NO_INSTRUMENT};
use crate::event;

/// What this engine can do.
pub(crate) const CAPABILITIES: u64 = CAN_AMEND | CAN_POST_ONLY | CAN_TIME | CAN_SHOW_BOOK | CAN_KEEP_STATE;

/// Longest message of a fault that is taken.
const MESSAGE_MOST: usize = 4096;

/// The table.
pub(crate) static HOST: abi::Host = abi::Host {
    header: Header::of::<abi::Host>(),
    capabilities: CAPABILITIES,
    query,
    buy,
    sell,
    amend,
    cancel,
    cancel_all,
    set_timer,
    time,
    position,
    mark,
    top,
    order_count,
    order_after,
    instrument_count,
    instrument,
    find,
    fail,
};

/// A desk as it is lent for one call; the plugin sees its beginning.
#[repr(C)]
pub(crate) struct Lent<'a> {
    base: abi::Desk,
    desk: &'a mut Desk,
    /// Whether orders are taken now.
    trades: bool,
    /// Why the strategy can't go on.
    pub(crate) fault: Option<String>,
}

impl<'a> Lent<'a> {
    #[inline]
    pub(crate) fn new(desk: &'a mut Desk, trades: bool) -> Self {
        Self { base: abi::Desk { host: &raw const HOST }, desk, trades, fault: None }
    }

    /// Returns the pointer that the plugin gets.
    #[inline]
    pub(crate) fn pointer(&mut self) -> *mut abi::Desk {
        (&raw mut *self).cast()
    }

    #[cold]
    fn refuse(&mut self, why: String) {
        self.fault.get_or_insert(why);
    }

    fn may_trade(&mut self) -> bool {
        if !self.trades {
            self.refuse("orders and timers can't be sent from create or restore".to_owned());
        }
        self.trades
    }

    fn is_listed(&mut self, id: u32) -> bool {
        let count = self.desk.instruments().len();
        let known = (id as usize) < count;
        if !known {
            self.refuse(format!("no instrument {id} is listed in this run; there are {count}"));
        }
        known
    }

    fn submit(&mut self, side: Side, ticket: &abi::Ticket) -> u64 {
        if !self.may_trade() || !self.is_listed(ticket.instrument) {
            return 0;
        }
        if let Err(why) = sense(ticket) {
            self.refuse(why);
            return 0;
        }
        let time_in_force = match ticket.time_in_force {
            0 => TimeInForce::Day,
            1 => TimeInForce::Gtc,
            2 => TimeInForce::Ioc,
            _ => TimeInForce::Fok,
        };
        let ticket = Ticket {
            instrument: InstrumentId(ticket.instrument),
            side,
            quantity: Qty(ticket.quantity),
            price: (ticket.limit == 1).then_some(Price(ticket.price)),
            time_in_force,
            post_only: ticket.post_only == 1,
            self_trade: SelfTrade::ALL[usize::from(ticket.self_trade)],
            terms: Terms::NONE,
        };
        self.desk.submit(ticket).0
    }
}

/// Refuses a ticket that says nothing an order could mean; whether the venue takes it, the venue says.
fn sense(ticket: &abi::Ticket) -> Result<(), String> {
    let abi::Ticket { size, quantity, limit, time_in_force, post_only, self_trade, .. } = *ticket;
    let most = i64::MAX;
    match ticket {
        _ if (size as usize) < size_of::<abi::Ticket>() => Err(format!("ticket.size is {size}, too few")),
        _ if i64::try_from(quantity).is_err() => Err(format!("ticket.quantity is {quantity}, above {most}")),
        _ if limit > 1 => Err(format!("ticket.limit is {limit}, neither 0 nor 1")),
        _ if time_in_force > 3 => Err(format!("ticket.time_in_force is {time_in_force}, none of 0 to 3")),
        _ if post_only > 1 => Err(format!("ticket.post_only is {post_only}, neither 0 nor 1")),
        _ if self_trade > 3 => Err(format!("ticket.self_trade is {self_trade}, none of 0 to 3")),
        _ => Ok(()),
    }
}

/// # Safety
/// `desk` is what [`Lent::pointer`] gave, its call has not ended, and no other reference to it is in use.
#[inline]
unsafe fn lent<'a, 'd>(desk: *mut abi::Desk) -> &'a mut Lent<'d> {
    // SAFETY: as the caller says.
    unsafe { &mut *desk.cast::<Lent<'d>>() }
}

/// Writes as much of `value` as whoever asks has room for, which the first word of `into` says.
///
/// # Safety
/// `into` is null, or points to a structure that begins with its size and is as long as that says.
unsafe fn give<T>(into: *mut T, value: &T) -> i32 {
    if into.is_null() {
        return 0;
    }
    // SAFETY: as the caller says; every structure that is given begins with its size, a `u32`.
    let size = unsafe { into.cast::<u32>().read() };
    let rest = (size as usize).min(size_of::<T>()).saturating_sub(size_of::<u32>());
    // SAFETY: both are at least `rest` bytes long after their sizes, and the asker's can't be our own value.
    unsafe {
        let from = (&raw const *value).cast::<u8>().add(size_of::<u32>());
        core::ptr::copy_nonoverlapping(from, into.cast::<u8>().add(size_of::<u32>()), rest);
    }
    1
}

unsafe extern "C" fn query(_desk: *mut abi::Desk, capability: u64) -> u64 {
    match capability & CAPABILITIES {
        0 => 0,
        CAN_SHOW_BOOK => omni_port::BOOK_LEVELS as u64,
        _ => 1,
    }
}

unsafe extern "C" fn buy(desk: *mut abi::Desk, ticket: *const abi::Ticket) -> u64 {
    // SAFETY: the plugin passes the desk of its call, and a ticket or null.
    unsafe { ticket.as_ref().map_or(0, |ticket| lent(desk).submit(Side::Buy, ticket)) }
}

unsafe extern "C" fn sell(desk: *mut abi::Desk, ticket: *const abi::Ticket) -> u64 {
    // SAFETY: as for `buy`.
    unsafe { ticket.as_ref().map_or(0, |ticket| lent(desk).submit(Side::Sell, ticket)) }
}

unsafe extern "C" fn amend(desk: *mut abi::Desk, order: u64, price: i64, quantity: u64) {
    // SAFETY: the plugin passes the desk of its call.
    let lent = unsafe { lent(desk) };
    if i64::try_from(quantity).is_err() {
        lent.refuse(format!("amend: quantity is {quantity}, above {}", i64::MAX));
    } else if lent.may_trade() {
        lent.desk.amend(ClientOrderId(order), Price(price), Qty(quantity));
    }
}

unsafe extern "C" fn cancel(desk: *mut abi::Desk, order: u64) {
    // SAFETY: the plugin passes the desk of its call.
    let lent = unsafe { lent(desk) };
    if lent.may_trade() {
        lent.desk.cancel(ClientOrderId(order));
    }
}

unsafe extern "C" fn cancel_all(desk: *mut abi::Desk, instrument: u32) {
    // SAFETY: the plugin passes the desk of its call.
    let lent = unsafe { lent(desk) };
    let one = (instrument != NO_INSTRUMENT).then_some(instrument);
    if lent.may_trade() && one.is_none_or(|id| lent.is_listed(id)) {
        lent.desk.cancel_all(one.map(InstrumentId));
    }
}

unsafe extern "C" fn set_timer(desk: *mut abi::Desk, timer: u32, at: i64) {
    // SAFETY: the plugin passes the desk of its call.
    let lent = unsafe { lent(desk) };
    if lent.may_trade() {
        lent.desk.set_timer(TimerId(timer), Time(at));
    }
}

unsafe extern "C" fn time(desk: *mut abi::Desk) -> i64 {
    // SAFETY: the plugin passes the desk of its call.
    unsafe { lent(desk) }.desk.time().0
}

unsafe extern "C" fn position(desk: *mut abi::Desk, instrument: u32) -> i64 {
    // SAFETY: the plugin passes the desk of its call.
    unsafe { lent(desk) }.desk.holding(InstrumentId(instrument)).quantity
}

unsafe extern "C" fn mark(desk: *mut abi::Desk, instrument: u32, price: *mut i64) -> i32 {
    // SAFETY: the plugin passes the desk of its call, and a place for a price or null.
    let (lent, price) = unsafe { (lent(desk), price.as_mut()) };
    let Some((mark, price)) = lent.desk.mark(InstrumentId(instrument)).zip(price) else { return 0 };
    *price = mark.0;
    1
}

unsafe extern "C" fn top(desk: *mut abi::Desk, instrument: u32, quote: *mut abi::Quote) -> i32 {
    // SAFETY: the plugin passes the desk of its call.
    let lent = unsafe { lent(desk) };
    if instrument as usize >= lent.desk.instruments().len() {
        return 0;
    }
    let id = InstrumentId(instrument);
    let found = event::quote(&omni_types::Quote { time: lent.desk.time(), instrument: id, top: lent.desk.top(id) });
    // SAFETY: the plugin passes a quote that says its size, or null.
    unsafe { give(quote, &found) }
}

unsafe extern "C" fn order_count(desk: *mut abi::Desk) -> u64 {
    // SAFETY: the plugin passes the desk of its call.
    unsafe { lent(desk) }.desk.orders().count() as u64
}

unsafe extern "C" fn order_after(desk: *mut abi::Desk, id: u64, order: *mut abi::Order) -> i32 {
    // SAFETY: the plugin passes the desk of its call.
    let lent = unsafe { lent(desk) };
    let found = lent.desk.order_after(ClientOrderId(id)).map(event::order);
    // SAFETY: the plugin passes an order that says its size, or null.
    found.map_or(0, |found| unsafe { give(order, &found) })
}

unsafe extern "C" fn instrument_count(desk: *mut abi::Desk) -> u32 {
    // SAFETY: the plugin passes the desk of its call.
    unsafe { lent(desk) }.desk.instruments().len() as u32
}

unsafe extern "C" fn instrument(desk: *mut abi::Desk, id: u32, into: *mut abi::Instrument) -> i32 {
    // SAFETY: the plugin passes the desk of its call.
    let lent = unsafe { lent(desk) };
    let found = lent.desk.instruments().get(id as usize).map(event::instrument);
    // SAFETY: the plugin passes an instrument that says its size, or null.
    found.map_or(0, |found| unsafe { give(into, &found) })
}

unsafe extern "C" fn find(desk: *mut abi::Desk, symbol: *const c_char) -> u32 {
    if symbol.is_null() {
        return NO_INSTRUMENT;
    }
    // SAFETY: the plugin passes the desk of its call, and a text that ends by 0.
    let (lent, symbol) = unsafe { (lent(desk), CStr::from_ptr(symbol)) };
    let Ok(name) = symbol.to_str() else { return NO_INSTRUMENT };
    let named = |one: &Instrument| {
        let spec = &one.spec;
        spec.symbol.as_str() == name || name == format!("{}.{}", spec.symbol, spec.venue)
    };
    lent.desk.instruments().iter().find(|one| named(one)).map_or(NO_INSTRUMENT, |one| one.id.0)
}

unsafe extern "C" fn fail(desk: *mut abi::Desk, message: *const c_char) {
    // SAFETY: the plugin passes the desk of its call.
    let lent = unsafe { lent(desk) };
    if message.is_null() {
        return lent.refuse("it failed without saying why".to_owned());
    }
    // SAFETY: the plugin passes a text that ends by 0.
    let text = unsafe { CStr::from_ptr(message) }.to_bytes();
    let text = String::from_utf8_lossy(&text[..text.len().min(MESSAGE_MOST)]).into_owned();
    lent.refuse(text);
}
