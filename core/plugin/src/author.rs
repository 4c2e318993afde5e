//! An author's side in Rust: a trait for the strategy, a safe desk, and the plugin's table made from them.

use core::any::Any;
use core::ffi::{CStr, c_void};
use core::marker::PhantomData;
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::abi::{
    self, Bar, Book, Header, Instrument, Level, NO_INSTRUMENT, Order, ParameterInfo, Plugin, Quote, Report, Status,
    Ticket, Timer, Trade,
};

/// Which market data a strategy wants; its own reports and timers always reach it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Wants {
    /// The first levels whenever the book changes.
    pub book: bool,
    /// Changes of the best bid and ask.
    pub quote: bool,
    /// Public trades.
    pub trade: bool,
    /// Bars.
    pub bar: bool,
}

impl Wants {
    /// No market data.
    pub const NOTHING: Self = Self { book: false, quote: false, trade: false, bar: false };
}

/// Why a strategy can't go on, for people.
pub type Fault = String;

/// A strategy. Export one by `omni_plugin::export_plugin!(Mine);`.
///
/// A callback that returns an error, or panics, stops the strategy: its orders are cancelled and it is called no more.
pub trait Trader: Sized + Send {
    /// What it is called.
    const NAME: &'static CStr;
    /// Its own version.
    const VERSION: &'static CStr;
    /// The parameters that it takes: [`number`], [`whole`], [`text`].
    const PARAMETERS: &'static [ParameterInfo] = &[];
    /// The market data that it wants.
    const WANTS: Wants;
    /// Whether [`Self::save`] and [`Self::restore`] keep its state.
    const KEEPS_STATE: bool = false;
    /// The bits of what the engine must be able to do, of [`abi::CAPABILITIES`].
    const REQUIRED: u64 = 0;

    /// Makes one; orders can't be sent yet.
    ///
    /// # Errors
    /// Why it can't be made.
    fn create(desk: &Desk<'_>, values: &Values<'_>) -> Result<Self, Fault>;

    /// Called once before the first event.
    ///
    /// # Errors
    /// Why it can't go on, here and below.
    fn on_start(&mut self, _desk: &mut Desk<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// Called once after a recovery instead, with positions and orders in place.
    ///
    /// # Errors
    /// As above.
    fn on_recover(&mut self, desk: &mut Desk<'_>) -> Result<(), Fault> {
        self.on_start(desk)
    }

    /// Called once at the end; orders sent here are not taken.
    ///
    /// # Errors
    /// As above.
    fn on_stop(&mut self, _desk: &mut Desk<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// A book changed.
    ///
    /// # Errors
    /// As above.
    fn on_book(&mut self, _book: &BookView<'_>, _desk: &mut Desk<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// The best bid or ask changed.
    ///
    /// # Errors
    /// As above.
    fn on_quote(&mut self, _quote: &Quote, _desk: &mut Desk<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// A public trade.
    ///
    /// # Errors
    /// As above.
    fn on_trade(&mut self, _trade: &Trade, _desk: &mut Desk<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// A bar closed.
    ///
    /// # Errors
    /// As above.
    fn on_bar(&mut self, _bar: &Bar, _desk: &mut Desk<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// A timer is due.
    ///
    /// # Errors
    /// As above.
    fn on_timer(&mut self, _timer: &Timer, _desk: &mut Desk<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// Something happened to an own order.
    ///
    /// # Errors
    /// As above.
    fn on_report(&mut self, _report: &Report, _desk: &mut Desk<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// A trading state changed.
    ///
    /// # Errors
    /// As above.
    fn on_status(&mut self, _status: &Status, _desk: &mut Desk<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// Returns its state.
    fn save(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Takes a state that was saved; [`Self::on_recover`] follows.
    ///
    /// # Errors
    /// As above.
    fn restore(&mut self, _state: &[u8], _desk: &Desk<'_>) -> Result<(), Fault> {
        Ok(())
    }
}

const fn info(name: &'static CStr, meaning: &'static CStr, kind: u32) -> ParameterInfo {
    ParameterInfo {
        size: size_of::<ParameterInfo>() as u32,
        kind,
        name: name.as_ptr(),
        meaning: meaning.as_ptr(),
        default_number: 0.0,
        default_text: core::ptr::null(),
        least: f64::NEG_INFINITY,
        most: f64::INFINITY,
    }
}

/// Declares a parameter that is a number, with its default and its bounds.
#[must_use]
pub const fn number(name: &'static CStr, meaning: &'static CStr, default: f64, bounds: (f64, f64)) -> ParameterInfo {
    let (least, most) = bounds;
    ParameterInfo { default_number: default, least, most, ..info(name, meaning, abi::NUMBER) }
}

/// Declares a parameter that is a whole number.
#[must_use]
pub const fn whole(name: &'static CStr, meaning: &'static CStr, default: f64, bounds: (f64, f64)) -> ParameterInfo {
    let (least, most) = bounds;
    ParameterInfo { default_number: default, least, most, ..info(name, meaning, abi::WHOLE) }
}

/// Declares a parameter that is a text.
#[must_use]
pub const fn text(name: &'static CStr, meaning: &'static CStr, default: &'static CStr) -> ParameterInfo {
    ParameterInfo { default_text: default.as_ptr(), ..info(name, meaning, abi::TEXT) }
}

/// The values of the declared parameters, in their order.
#[derive(Debug)]
pub struct Values<'a>(&'a [abi::Parameter]);

impl Values<'_> {
    /// Returns a number by its place in [`Trader::PARAMETERS`].
    #[must_use]
    pub fn number(&self, at: usize) -> f64 {
        self.0[at].number
    }

    /// Returns a text by its place in [`Trader::PARAMETERS`]; empty for what is none.
    #[must_use]
    pub fn text(&self, at: usize) -> &str {
        let text = self.0[at].text;
        if text.is_null() {
            return "";
        }
        // SAFETY: the engine gives texts that end by 0 and live through the call.
        unsafe { CStr::from_ptr(text) }.to_str().unwrap_or_default()
    }
}

/// The first levels of a book.
#[derive(Clone, Copy, Debug)]
pub struct BookView<'a> {
    /// Event time.
    pub time: i64,
    /// The instrument.
    pub instrument: u32,
    /// Bids, best first.
    pub bids: &'a [Level],
    /// Asks, best first.
    pub asks: &'a [Level],
}

/// From where a strategy trades, for the time of one call.
#[derive(Debug)]
pub struct Desk<'a> {
    raw: *mut abi::Desk,
    call: PhantomData<&'a mut abi::Desk>,
}

/// Calls a function of the engine's table.
macro_rules! host {
    ($desk:expr, $function:ident $(, $argument:expr)*) => {{
        let raw = $desk.raw;
        // SAFETY: the engine lends a desk with its table for the time of the call, and its functions take any value;
        // places to write to are ours and say their size.
        unsafe { ((*(*raw).host).$function)(raw $(, $argument)*) }
    }};
}

impl Desk<'_> {
    /// Sends a buy order and returns its number.
    pub fn buy(&mut self, ticket: Ticket) -> u64 {
        host!(self, buy, &raw const ticket)
    }

    /// Sends a sell order and returns its number.
    pub fn sell(&mut self, ticket: Ticket) -> u64 {
        host!(self, sell, &raw const ticket)
    }

    /// Asks to change an order's limit and total quantity.
    pub fn amend(&mut self, order: u64, price: i64, quantity: u64) {
        host!(self, amend, order, price, quantity);
    }

    /// Asks to cancel an order.
    pub fn cancel(&mut self, order: u64) {
        host!(self, cancel, order);
    }

    /// Asks to cancel all own orders, or all of one instrument.
    pub fn cancel_all(&mut self, instrument: Option<u32>) {
        host!(self, cancel_all, instrument.unwrap_or(NO_INSTRUMENT));
    }

    /// Asks for `on_timer` at a time; the same number again moves it.
    pub fn set_timer(&mut self, timer: u32, at: i64) {
        host!(self, set_timer, timer, at);
    }

    /// Returns the time of the event being delivered.
    #[must_use]
    pub fn time(&self) -> i64 {
        host!(self, time)
    }

    /// Returns the signed position in an instrument, in quantity units.
    #[must_use]
    pub fn position(&self, instrument: u32) -> i64 {
        host!(self, position, instrument)
    }

    /// Returns the last delivered price of an instrument.
    #[must_use]
    pub fn mark(&self, instrument: u32) -> Option<i64> {
        let mut price = 0;
        (host!(self, mark, instrument, &raw mut price) == 1).then_some(price)
    }

    /// Returns the last delivered quote of a listed instrument.
    #[must_use]
    pub fn top(&self, instrument: u32) -> Option<Quote> {
        let mut quote = Quote { size: size_of::<Quote>() as u32, ..Quote::default() };
        (host!(self, top, instrument, &raw mut quote) == 1).then_some(quote)
    }

    /// Returns own orders that aren't done, oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        let after = |id| {
            let mut order = Order { size: size_of::<Order>() as u32, ..Order::default() };
            (host!(self, order_after, id, &raw mut order) == 1).then_some(order)
        };
        core::iter::successors(after(0), |order| after(order.id)).collect()
    }

    /// Returns the number of listed instruments; their numbers begin at 0.
    #[must_use]
    pub fn instrument_count(&self) -> u32 {
        host!(self, instrument_count)
    }

    /// Returns a listed instrument.
    #[must_use]
    pub fn instrument(&self, id: u32) -> Option<Instrument> {
        let mut found = Instrument { size: size_of::<Instrument>() as u32, ..Instrument::default() };
        (host!(self, instrument, id, &raw mut found) == 1).then_some(found)
    }

    /// Returns the number of the instrument `SYMBOL` or `SYMBOL.VENUE`.
    #[must_use]
    pub fn find(&self, symbol: &CStr) -> Option<u32> {
        let id = host!(self, find, symbol.as_ptr());
        (id != NO_INSTRUMENT).then_some(id)
    }

    /// Tells how much there is of a capability: 0 where it isn't there.
    #[must_use]
    pub fn query(&self, capability: u64) -> u64 {
        host!(self, query, capability)
    }

    fn fail(&self, message: &str) {
        let whole = CString::new(message.replace('\0', " ")).unwrap_or_default();
        host!(self, fail, whole.as_ptr());
    }
}

impl Ticket {
    /// Builds a market order.
    #[must_use]
    pub fn market(instrument: u32, quantity: u64) -> Self {
        Self { size: size_of::<Self>() as u32, instrument, quantity, time_in_force: 2, ..Self::default() }
    }

    /// Builds a limit order for the day.
    #[must_use]
    pub fn limit(instrument: u32, quantity: u64, price: i64) -> Self {
        Self { size: size_of::<Self>() as u32, instrument, quantity, price, limit: 1, ..Self::default() }
    }

    /// Makes it immediate or cancel.
    #[must_use]
    pub fn immediate(self) -> Self {
        Self { time_in_force: 2, ..self }
    }
}

/// Makes the table of a plugin; [`export_plugin!`](crate::export_plugin) exports it.
#[must_use]
pub const fn table<T: Trader>() -> Plugin {
    let Wants { book, quote, trade, bar } = T::WANTS;
    Plugin {
        header: Header::of::<Plugin>(),
        name: T::NAME.as_ptr(),
        version: T::VERSION.as_ptr(),
        required: T::REQUIRED,
        parameters: T::PARAMETERS.as_ptr(),
        parameter_count: T::PARAMETERS.len() as u64,
        create: Some(create::<T>),
        destroy: Some(destroy::<T>),
        on_start: Some(on_start::<T>),
        on_recover: Some(on_recover::<T>),
        on_stop: Some(on_stop::<T>),
        on_book: if book { Some(on_book::<T>) } else { None },
        on_quote: if quote { Some(on_quote::<T>) } else { None },
        on_trade: if trade { Some(on_trade::<T>) } else { None },
        on_bar: if bar { Some(on_bar::<T>) } else { None },
        on_timer: Some(on_timer::<T>),
        on_report: Some(on_report::<T>),
        on_status: Some(on_status::<T>),
        save: if T::KEEPS_STATE { Some(save::<T>) } else { None },
        restore: if T::KEEPS_STATE { Some(restore::<T>) } else { None },
    }
}

/// Exports a [`Trader`] as the plugin of this library.
#[macro_export]
macro_rules! export_plugin {
    ($trader:ty) => {
        /// Returns the plugin's table.
        #[unsafe(no_mangle)]
        pub extern "C" fn omni_plugin_entry() -> *const $crate::abi::Plugin {
            static TABLE: $crate::abi::Plugin = $crate::table::<$trader>();
            &raw const TABLE
        }
    };
}

fn desk<'a>(raw: *mut abi::Desk) -> Desk<'a> {
    Desk { raw, call: PhantomData }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("it panicked: {}", text.as_deref().unwrap_or("without a text"))
}

/// Runs a callback; an error and a panic alike are told to the engine, and nothing unwinds into it.
fn guard<R>(raw: *mut abi::Desk, body: impl FnOnce(&mut Desk<'_>) -> Result<R, Fault>) -> Option<R> {
    let result = catch_unwind(AssertUnwindSafe(|| body(&mut desk(raw))));
    match result {
        Ok(Ok(done)) => Some(done),
        Ok(Err(why)) => {
            desk(raw).fail(&why);
            None
        }
        Err(panic) => {
            desk(raw).fail(&said(panic.as_ref()));
            // What a panic carries may panic when it is dropped, so it isn't.
            core::mem::forget(panic);
            None
        }
    }
}

unsafe extern "C" fn create<T: Trader>(raw: *mut abi::Desk, values: *const abi::Parameter, count: u64) -> *mut c_void {
    // SAFETY: the engine gives as many values as the table declares; a null goes with none.
    let values = if count == 0 { &[] } else { unsafe { core::slice::from_raw_parts(values, count as usize) } };
    let made = guard(raw, |desk| T::create(desk, &Values(values)));
    made.map_or(core::ptr::null_mut(), |made| Box::into_raw(Box::new(made)).cast())
}

unsafe extern "C" fn destroy<T: Trader>(this: *mut c_void) {
    // SAFETY: `create` made it by `Box`, and the engine ends it once.
    let made = unsafe { Box::from_raw(this.cast::<T>()) };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(made))) {
        core::mem::forget(panic);
    }
}

/// # Safety
/// `this` is what `create` made, and nobody else uses it during the call.
unsafe fn mine<'a, T: Trader>(this: *mut c_void) -> &'a mut T {
    // SAFETY: as the caller says.
    unsafe { &mut *this.cast::<T>() }
}

macro_rules! plain {
    ($($name:ident)*) => {
        $(unsafe extern "C" fn $name<T: Trader>(this: *mut c_void, raw: *mut abi::Desk) -> i32 {
            // SAFETY: the engine calls with what `create` made, one call at a time.
            let mine = unsafe { mine::<T>(this) };
            code(guard(raw, |desk| mine.$name(desk)))
        })*
    };
}

macro_rules! with_event {
    ($($name:ident $event:ty),*) => {
        $(unsafe extern "C" fn $name<T: Trader>(this: *mut c_void, raw: *mut abi::Desk, event: *const $event) -> i32 {
            // SAFETY: as for the plain ones, with an event that lives through the call.
            let (mine, event) = unsafe { (mine::<T>(this), &*event) };
            code(guard(raw, |desk| mine.$name(event, desk)))
        })*
    };
}

plain!(on_start on_recover on_stop);
with_event!(on_quote Quote, on_trade Trade, on_bar Bar, on_timer Timer, on_report Report, on_status Status);

const fn code(done: Option<()>) -> i32 {
    if done.is_some() { 0 } else { 1 }
}

unsafe extern "C" fn on_book<T: Trader>(this: *mut c_void, raw: *mut abi::Desk, book: *const Book) -> i32 {
    // SAFETY: the engine calls with what `create` made, and a book that lives through the call; the levels of a side
    // are as many as it says, and its pointers are never null.
    let (mine, view) = unsafe {
        let book = &*book;
        let side = |levels, count: u32| core::slice::from_raw_parts(levels, count as usize);
        let (bids, asks) = (side(book.bids, book.bid_count), side(book.asks, book.ask_count));
        (mine::<T>(this), BookView { time: book.time, instrument: book.instrument, bids, asks })
    };
    code(guard(raw, |desk| mine.on_book(&view, desk)))
}

unsafe extern "C" fn save<T: Trader>(this: *mut c_void, into: *mut u8, capacity: u64) -> u64 {
    // SAFETY: the engine calls with what `create` made, one call at a time.
    let mine = unsafe { mine::<T>(this) };
    let state = catch_unwind(AssertUnwindSafe(|| mine.save())).unwrap_or_else(|panic| {
        core::mem::forget(panic);
        Vec::new()
    });
    if !into.is_null() && state.len() as u64 <= capacity {
        // SAFETY: there is room for `capacity` bytes, and the state is our own.
        unsafe { core::ptr::copy_nonoverlapping(state.as_ptr(), into, state.len()) };
    }
    state.len() as u64
}

unsafe extern "C" fn restore<T: Trader>(this: *mut c_void, raw: *mut abi::Desk, from: *const u8, length: u64) -> i32 {
    // SAFETY: the engine calls with what `create` made, and as many bytes as it says; a null goes with none.
    let (mine, state) = unsafe {
        let state = if length == 0 { &[] } else { core::slice::from_raw_parts(from, length as usize) };
        (mine::<T>(this), state)
    };
    code(guard(raw, |desk| mine.restore(state, desk)))
}

/// Returns a text of an instrument, such as its symbol, without the zeros behind it.
#[must_use]
pub fn ended(bytes: &[u8]) -> &str {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    core::str::from_utf8(&bytes[..end]).unwrap_or_default()
}
