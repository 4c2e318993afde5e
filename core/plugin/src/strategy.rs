//! A plugin's strategy where the core expects one.

use core::ffi::c_void;
use core::ptr::NonNull;

use omni_port::{BookView, Desk, Feeds, Strategy, StrategyFault};
use omni_types::{Bar, ExecutionReport, MarketStatus, Quote, TimerFired, TradeTick};

use crate::abi::{On, Plain};
use crate::event;
use crate::host::Lent;
use crate::parameter::fill;
use crate::{Library, PluginError, Value};

/// Largest state that is kept.
const STATE_MOST: u64 = 64 << 20;

/// A strategy of a plugin, called on the thread of whoever has it.
#[derive(Debug)]
pub struct PluginStrategy {
    library: Library,
    this: NonNull<c_void>,
}

// SAFETY: by the contract of the header a strategy may be called on any thread, by one at a time.
unsafe impl Send for PluginStrategy {}

impl PluginStrategy {
    pub(crate) fn new(library: &Library, given: &[(String, Value)], desk: &mut Desk) -> Result<Self, PluginError> {
        let named = |why| PluginError::Parameter(library.name().to_owned(), why);
        let filled = fill(library.parameters(), given).map_err(named)?;
        let refused = |why: &str| PluginError::Create(library.name().to_owned(), why.to_owned());
        let create = library.table().create.ok_or_else(|| refused("its table has no create"))?;
        let mut lent = Lent::new(desk, false);
        let (values, count) = (filled.values.as_ptr(), filled.values.len() as u64);
        // SAFETY: the plugin's own function, with a desk that is lent for the call and the values it declared.
        let this = unsafe { create(lent.pointer(), values, count) };
        match (NonNull::new(this), lent.fault) {
            (Some(this), None) => Ok(Self { library: library.clone(), this }),
            (Some(this), Some(why)) => {
                drop(Self { library: library.clone(), this });
                Err(refused(&why))
            }
            (None, why) => Err(refused(why.as_deref().unwrap_or("it doesn't say why"))),
        }
    }

    /// Returns the market data that its callbacks take.
    #[must_use]
    pub fn feeds(&self) -> Feeds {
        self.library.feeds()
    }

    fn plain(&mut self, name: &str, callback: Option<Plain>, desk: &mut Desk) -> Result<(), StrategyFault> {
        let Some(callback) = callback else { return Ok(()) };
        let mut lent = Lent::new(desk, true);
        // SAFETY: the plugin's own function on its own strategy, with a desk that is lent for the call.
        let code = unsafe { callback(self.this.as_ptr(), lent.pointer()) };
        told(name, code, lent.fault)
    }

    #[inline]
    fn on<E>(
        &mut self,
        name: &str,
        callback: Option<On<E>>,
        desk: &mut Desk,
        event: impl FnOnce() -> E,
    ) -> Result<(), StrategyFault> {
        let Some(callback) = callback else { return Ok(()) };
        let event = event();
        let mut lent = Lent::new(desk, true);
        // SAFETY: as for `plain`, with an event that lives through the call.
        let code = unsafe { callback(self.this.as_ptr(), lent.pointer(), &raw const event) };
        told(name, code, lent.fault)
    }
}

impl Drop for PluginStrategy {
    fn drop(&mut self) {
        if let Some(destroy) = self.library.table().destroy {
            // SAFETY: the plugin's own function, on what its `create` made and nobody uses any more.
            unsafe { destroy(self.this.as_ptr()) };
        }
    }
}

/// A wrong call of the engine's functions is a fault, whatever the callback returns.
#[inline]
fn told(name: &str, code: i32, why: Option<String>) -> Result<(), StrategyFault> {
    if code == 0 && why.is_none() {
        return Ok(());
    }
    Err(fault(format!("{name}: {}", why.unwrap_or_else(|| format!("it returned {code} without saying why")))))
}

#[cold]
fn fault(message: String) -> StrategyFault {
    StrategyFault { message }
}

impl Strategy for PluginStrategy {
    fn on_start(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.plain("on_start", self.library.table().on_start, desk)
    }

    fn on_recover(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        let table = self.library.table();
        self.plain("on_recover", table.on_recover.or(table.on_start), desk)
    }

    fn save(&mut self) -> Result<Option<Vec<u8>>, StrategyFault> {
        let Some(save) = self.library.table().save else { return Ok(None) };
        // SAFETY: the plugin's own function on its own strategy, with no room to write to.
        let length = unsafe { save(self.this.as_ptr(), core::ptr::null_mut(), 0) };
        if length > STATE_MOST {
            return Err(fault(format!("save: {length} bytes of state, above {STATE_MOST}")));
        }
        let mut state = vec![0; length as usize];
        // SAFETY: as above, with as much room as is said.
        let again = unsafe { save(self.this.as_ptr(), state.as_mut_ptr(), length) };
        if again != length {
            return Err(fault(format!("save: {length} bytes of state, then {again}")));
        }
        Ok(Some(state))
    }

    fn restore(&mut self, state: &[u8], desk: &mut Desk) -> Result<(), StrategyFault> {
        let Some(restore) = self.library.table().restore else {
            return Err(fault(format!("{} keeps no state", self.library.name())));
        };
        let mut lent = Lent::new(desk, false);
        // SAFETY: the plugin's own function on its own strategy, with bytes that live through the call.
        let code = unsafe { restore(self.this.as_ptr(), lent.pointer(), state.as_ptr(), state.len() as u64) };
        told("restore", code, lent.fault)
    }

    fn on_stop(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.plain("on_stop", self.library.table().on_stop, desk)
    }

    #[inline]
    fn on_book(&mut self, book: &BookView, desk: &mut Desk) -> Result<(), StrategyFault> {
        desk.set_time(book.time);
        self.on("on_book", self.library.table().on_book, desk, || event::book(book))
    }

    #[inline]
    fn on_quote(&mut self, quote: &Quote, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.on("on_quote", self.library.table().on_quote, desk, || event::quote(quote))
    }

    #[inline]
    fn on_trade(&mut self, trade: &TradeTick, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.on("on_trade", self.library.table().on_trade, desk, || event::trade(trade))
    }

    #[inline]
    fn on_bar(&mut self, bar: &Bar, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.on("on_bar", self.library.table().on_bar, desk, || event::bar(bar))
    }

    #[inline]
    fn on_timer(&mut self, timer: &TimerFired, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.on("on_timer", self.library.table().on_timer, desk, || event::timer(timer))
    }

    #[inline]
    fn on_report(&mut self, report: &ExecutionReport, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.on("on_report", self.library.table().on_report, desk, || event::report(report))
    }

    #[inline]
    fn on_status(&mut self, status: &MarketStatus, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.on("on_status", self.library.table().on_status, desk, || event::status(status))
    }
}
