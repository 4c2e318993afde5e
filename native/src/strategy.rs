//! Strategies in Python.

use std::sync::Arc;

use omni_port::{BookView, Desk, Feeds, Strategy, StrategyFault, Ticket};
use omni_types::{
    ClientOrderId, Event, InstrumentId, Peg, Price, Qty, SelfTrade, Side, Time, TimeInForce, TimerId, Trigger,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt};

use crate::adjustment::Adjustment;
use crate::batch::Batch;
use crate::error::Kind;
use crate::instrument::Instrument;
use crate::watchdog::Watchdog;
use crate::{fault, market, terms};

/// The instruments of a run as Python sees them; the position is the id.
pub(crate) type Listing = Arc<[Py<Instrument>]>;

/// The base of every strategy in Python: its order verbs and what it knows of itself.
///
/// The node lends it the desk for the time of each callback.
#[pyclass(subclass, module = "omni.engine")]
pub(crate) struct StrategyBase {
    desk: Desk,
    lent: bool,
    listing: Listing,
}

impl StrategyBase {
    fn desk(&mut self) -> PyResult<&mut Desk> {
        if self.lent {
            return Ok(&mut self.desk);
        }
        Err(Kind::Refused.error("a strategy trades only while the node calls it: from on_start, on_bar and the like"))
    }

    /// Finds an instrument given as an `Instrument`, its symbol, `SYMBOL.VENUE`, or its number.
    fn find(&self, instrument: &Bound<'_, PyAny>) -> PyResult<InstrumentId> {
        if let Ok(given) = instrument.cast::<Instrument>() {
            // One of another run may have the same number, or one beyond this run's.
            let id = given.get().inner.id;
            let same = |listed: &Py<Instrument>| listed.is(given) || listed.get().is_same(given.get());
            if self.listing.get(id.index()).is_some_and(same) {
                return Ok(id);
            }
        } else if let Ok(number) = instrument.cast::<PyInt>() {
            let id = number.extract::<u32>().ok();
            if let Some(id) = id.filter(|&id| (id as usize) < self.listing.len()) {
                return Ok(InstrumentId(id));
            }
        } else if let Ok(name) = instrument.extract::<&str>() {
            let named = |i: &&Py<Instrument>| {
                let spec = &i.get().inner.spec;
                spec.symbol.as_str() == name
                    || name
                        .split_once('.')
                        .is_some_and(|(symbol, venue)| spec.symbol.as_str() == symbol && spec.venue.as_str() == venue)
            };
            if let Some(found) = self.listing.iter().find(named) {
                return Ok(found.get().inner.id);
            }
        }
        Err(Kind::Refused.error(format!("no instrument {instrument} is listed in this run")))
    }

    fn order(
        &mut self,
        instrument: &Bound<'_, PyAny>,
        side: Side,
        quantity: &Bound<'_, PyAny>,
        terms: Terms<'_, '_>,
    ) -> PyResult<u64> {
        let id = self.find(instrument)?;
        let listed = self.listing[id.index()].get();
        let price = terms.price.map(|price| listed.price.count(price, "price")).transpose()?;
        let quantity = quantity_units(listed, quantity)?;
        let special = terms.special.map_or(Ok(omni_types::Terms::NONE), |given| terms::read(listed, given))?;
        let time_in_force = terms.time_in_force.map_or_else(|| Ok(usual(price.is_some(), &special)), time_in_force)?;
        let ticket = Ticket {
            instrument: id,
            side,
            quantity,
            price: price.map(Price),
            time_in_force,
            post_only: terms.post_only,
            self_trade: terms.self_trade.map_or(Ok(SelfTrade::default()), self_trade)?,
            terms: special,
        };
        Ok(self.desk()?.submit(ticket).0)
    }
}

/// How an order is to trade, as a person says it.
struct Terms<'a, 'py> {
    price: Option<&'a Bound<'py, PyAny>>,
    time_in_force: Option<&'a str>,
    post_only: bool,
    self_trade: Option<&'a str>,
    special: Option<&'a Bound<'py, PyDict>>,
}

/// Returns how long an order lives that doesn't say: to its end, through the day, or where nothing lets it wait, not at all.
fn usual(limited: bool, terms: &omni_types::Terms) -> TimeInForce {
    let waits = limited || terms.to_limit || terms.trigger != Trigger::None || terms.peg != Peg::None;
    match terms.expire {
        Time(0) if waits => TimeInForce::Day,
        Time(0) => TimeInForce::Ioc,
        _ => TimeInForce::Gtd,
    }
}

fn quantity_units(instrument: &Instrument, quantity: &Bound<'_, PyAny>) -> PyResult<Qty> {
    let units = instrument.quantity.count(quantity, "quantity")?;
    // Zero and above pass: the venue refuses what it doesn't take, with a report, as it does for every sender.
    u64::try_from(units)
        .map(Qty)
        .map_err(|_| Kind::Refused.error(format!("quantity {quantity} is negative; use buy or sell")))
}

fn time_in_force(name: &str) -> PyResult<TimeInForce> {
    let found = TimeInForce::ALL.into_iter().find(|each| each.name() == name);
    found.ok_or_else(|| {
        let known = TimeInForce::ALL.map(TimeInForce::name).join(", ");
        Kind::Refused.error(format!("time_in_force: expected one of {known}, found {name:?}"))
    })
}

fn self_trade(name: &str) -> PyResult<SelfTrade> {
    let found = SelfTrade::ALL.into_iter().find(|&each| market::self_trade(each) == name);
    found.ok_or_else(|| {
        let known = SelfTrade::ALL.map(market::self_trade).join(", ");
        Kind::Refused.error(format!("self_trade: expected one of {known}, found {name:?}"))
    })
}

#[pymethods]
impl StrategyBase {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyAny>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        let nothing: Arc<[omni_types::Instrument]> = Arc::from([]);
        let desk = Desk::new(omni_types::SessionId(0), omni_types::AccountId(0), nothing);
        Self { desk, lent: false, listing: Arc::from([]) }
    }

    /// Send a buy order and return its number; without a price it is a market order.
    ///
    /// `terms`: `stop` (a price) or `trail` (a distance) to wait for; `peg` with `offset`; `display` (an iceberg's shown
    /// part) or `hidden`; `minimum` or `all_or_none`; `to_limit`; `expire` (nanoseconds UTC, good till date).
    #[pyo3(signature = (
        instrument, quantity, price = None, *, time_in_force = None, post_only = false, self_trade = None, **terms
    ))]
    #[allow(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn buy(
        &mut self,
        instrument: &Bound<'_, PyAny>,
        quantity: &Bound<'_, PyAny>,
        price: Option<&Bound<'_, PyAny>>,
        time_in_force: Option<&str>,
        post_only: bool,
        self_trade: Option<&str>,
        terms: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<u64> {
        let terms = Terms { price, time_in_force, post_only, self_trade, special: terms };
        self.order(instrument, Side::Buy, quantity, terms)
    }

    /// Send a sell order and return its number; without a price it is a market order.
    ///
    /// `terms`: `stop` (a price) or `trail` (a distance) to wait for; `peg` with `offset`; `display` (an iceberg's shown
    /// part) or `hidden`; `minimum` or `all_or_none`; `to_limit`; `expire` (nanoseconds UTC, good till date).
    #[pyo3(signature = (
        instrument, quantity, price = None, *, time_in_force = None, post_only = false, self_trade = None, **terms
    ))]
    #[allow(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn sell(
        &mut self,
        instrument: &Bound<'_, PyAny>,
        quantity: &Bound<'_, PyAny>,
        price: Option<&Bound<'_, PyAny>>,
        time_in_force: Option<&str>,
        post_only: bool,
        self_trade: Option<&str>,
        terms: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<u64> {
        let terms = Terms { price, time_in_force, post_only, self_trade, special: terms };
        self.order(instrument, Side::Sell, quantity, terms)
    }

    /// Ask to cancel an order.
    fn cancel(&mut self, order_id: u64) -> PyResult<()> {
        self.desk()?.cancel(ClientOrderId(order_id));
        Ok(())
    }

    /// Ask to change an order's price, its total quantity, or both.
    #[pyo3(signature = (order_id, *, price = None, quantity = None))]
    fn amend(
        &mut self,
        order_id: u64,
        price: Option<&Bound<'_, PyAny>>,
        quantity: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let open = self.desk()?.order(ClientOrderId(order_id)).copied();
        let Some(open) = open else {
            // It may have been filled a moment ago: the venue answers by a report, as it does for a cancel.
            self.desk()?.amend(ClientOrderId(order_id), Price(0), Qty::ZERO);
            return Ok(());
        };
        let listed = self.listing[open.instrument.index()].get();
        let price = match price {
            Some(price) => Price(listed.price.count(price, "price")?),
            None => open.price,
        };
        let quantity = match quantity {
            Some(quantity) => quantity_units(listed, quantity)?,
            None => Qty(open.leaves.0 + open.filled.0),
        };
        self.desk()?.amend(ClientOrderId(order_id), price, quantity);
        Ok(())
    }

    /// Ask to cancel all own orders, or all on one instrument.
    #[pyo3(signature = (instrument = None))]
    fn cancel_all(&mut self, instrument: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let id = instrument.map(|instrument| self.find(instrument)).transpose()?;
        self.desk()?.cancel_all(id);
        Ok(())
    }

    /// Ask to be called on_timer at `at`, or `after` nanoseconds from now; the same number again moves it.
    #[pyo3(signature = (timer, *, at = None, after = None))]
    fn set_timer(&mut self, timer: u32, at: Option<i64>, after: Option<i64>) -> PyResult<()> {
        let desk = self.desk()?;
        let at = match (at, after) {
            (Some(at), None) => Time(at),
            (None, Some(after)) if after >= 0 => desk.time().plus(after),
            _ => return Err(Kind::Refused.error("set_timer: give either at, or after in nanoseconds from now")),
        };
        desk.set_timer(TimerId(timer), at);
        Ok(())
    }

    /// Event time of the current callback, nanoseconds since the epoch, UTC.
    #[getter]
    fn time(&self) -> i64 {
        self.desk.time().0
    }

    /// All listed instruments; the position is the id.
    #[getter]
    fn instruments(&self, py: Python<'_>) -> Vec<Py<Instrument>> {
        self.listing.iter().map(|instrument| instrument.clone_ref(py)).collect()
    }

    /// Return an instrument by symbol, `SYMBOL.VENUE` or number.
    fn instrument(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<Py<Instrument>> {
        Ok(self.listing[self.find(name)?.index()].clone_ref(py))
    }

    /// Return the signed position in an instrument.
    fn position(&self, instrument: &Bound<'_, PyAny>) -> PyResult<f64> {
        let id = self.find(instrument)?;
        Ok(self.listing[id.index()].get().quantity.to_float(self.desk.holding(id).quantity))
    }

    /// Return the last delivered price of an instrument, or `None`.
    fn mark(&self, instrument: &Bound<'_, PyAny>) -> PyResult<Option<f64>> {
        let id = self.find(instrument)?;
        Ok(self.desk.mark(id).map(|price| self.listing[id.index()].get().price.to_float(price.0)))
    }

    /// Own working orders as (number, instrument, side, price or `None`, open quantity).
    #[getter]
    #[allow(clippy::type_complexity, reason = "a row for Python")]
    fn orders(&self, py: Python<'_>) -> Vec<(u64, Py<Instrument>, &'static str, Option<f64>, f64)> {
        let each = |order: &omni_port::WorkingOrder| {
            let listed = &self.listing[order.instrument.index()];
            let price = (order.price != Price(0)).then(|| listed.get().price.to_float(order.price.0));
            let leaves = listed.get().quantity.to_float(order.leaves.signed());
            (order.client_order_id.0, listed.clone_ref(py), market::side(order.side), price, leaves)
        };
        self.desk.orders().map(each).collect()
    }

    /// Realised and unrealised profit before fees, summed over instruments in their own currencies.
    #[getter]
    fn profit(&self) -> (f64, f64) {
        let (realised, open) = self.desk.profit();
        (realised.to_f64(), open.to_f64())
    }
}

/// The callbacks that a strategy has; one it doesn't define is never called.
#[derive(Default)]
struct Callbacks {
    start: Option<Py<PyAny>>,
    recover: Option<Py<PyAny>>,
    stop: Option<Py<PyAny>>,
    book: Option<Py<PyAny>>,
    quote: Option<Py<PyAny>>,
    trade: Option<Py<PyAny>>,
    bar: Option<Py<PyAny>>,
    timer: Option<Py<PyAny>>,
    report: Option<Py<PyAny>>,
    status: Option<Py<PyAny>>,
    indicative: Option<Py<PyAny>>,
    adjust: Option<Py<PyAny>>,
    bars: Option<Py<PyAny>>,
    quotes: Option<Py<PyAny>>,
    trades: Option<Py<PyAny>>,
}

/// Runs a Python strategy where the core expects one.
pub(crate) struct PyStrategy {
    base: Py<StrategyBase>,
    listing: Listing,
    callbacks: Callbacks,
    batch: Batch,
    watchdog: Option<Arc<Watchdog>>,
}

impl PyStrategy {
    /// Takes a strategy whose class overrides the callbacks in `callbacks` (a dict of bound methods by name), and who
    /// watches them where that is not the engine.
    pub(crate) fn new(
        strategy: &Bound<'_, StrategyBase>,
        callbacks: &Bound<'_, PyDict>,
        listing: Listing,
        watchdog: Option<Arc<Watchdog>>,
    ) -> PyResult<Self> {
        let get = |name: &str| Ok::<_, PyErr>(callbacks.get_item(name)?.map(Bound::unbind));
        let callbacks = Callbacks {
            start: get("on_start")?,
            recover: get("on_recover")?,
            stop: get("on_stop")?,
            book: get("on_book")?,
            quote: get("on_quote")?,
            trade: get("on_trade")?,
            bar: get("on_bar")?,
            timer: get("on_timer")?,
            report: get("on_report")?,
            status: get("on_status")?,
            indicative: get("on_indicative")?,
            adjust: get("on_adjust")?,
            bars: get("on_bars")?,
            quotes: get("on_quotes")?,
            trades: get("on_trades")?,
        };
        strategy.borrow_mut().listing = Arc::clone(&listing);
        Ok(Self { base: strategy.clone().unbind(), listing, callbacks, batch: Batch::default(), watchdog })
    }

    /// Returns the market data that its callbacks ask for.
    pub(crate) fn feeds(&self) -> Feeds {
        let callbacks = &self.callbacks;
        Feeds {
            book: callbacks.book.is_some(),
            quote: callbacks.quote.is_some() || callbacks.quotes.is_some(),
            trade: callbacks.trade.is_some() || callbacks.trades.is_some(),
            bar: callbacks.bar.is_some() || callbacks.bars.is_some(),
            indicative: callbacks.indicative.is_some(),
        }
    }

    /// Lends the desk to the Python object, calls, and takes the desk back.
    #[inline]
    fn call(&self, py: Python<'_>, desk: &mut Desk, body: impl FnOnce() -> PyResult<()>) -> Result<(), StrategyFault> {
        self.lend(py, desk, true);
        let result = match &self.watchdog {
            Some(watchdog) => watchdog.watch(py, body),
            None => body().map_err(|error| fault::of(py, &error)),
        };
        self.lend(py, desk, false);
        result
    }

    #[inline]
    fn lend(&self, py: Python<'_>, desk: &mut Desk, lent: bool) {
        let mut base = self.base.bind(py).borrow_mut();
        base.lent = lent;
        core::mem::swap(&mut base.desk, desk);
    }

    /// Gives instruments that have another symbol by now a new object, which lookups by name find.
    #[cold]
    fn rename(&mut self, py: Python<'_>, desk: &Desk) -> Result<(), StrategyFault> {
        let each = |(listed, now): (&Py<Instrument>, &omni_types::Instrument)| {
            let known = listed.get();
            let same = known.inner.spec.symbol == now.spec.symbol;
            if same { Ok(listed.clone_ref(py)) } else { Py::new(py, known.renamed(now.spec.symbol)) }
        };
        let renamed = self.listing.iter().zip(&**desk.instruments()).map(each).collect::<PyResult<Vec<_>>>();
        self.listing = renamed.map_err(|error| fault::of(py, &error))?.into();
        self.base.bind(py).borrow_mut().listing = Arc::clone(&self.listing);
        Ok(())
    }

    fn call_plain(&self, callback: Option<&Py<PyAny>>, desk: &mut Desk) -> Result<(), StrategyFault> {
        let Some(callback) = callback else { return Ok(()) };
        Python::attach(|py| self.call(py, desk, || callback.call0(py).map(drop)))
    }

    #[inline]
    fn instrument(&self, py: Python<'_>, id: InstrumentId) -> Py<Instrument> {
        self.listing[id.index()].clone_ref(py)
    }

    /// Puts an event into the batch that its callback asks for, if it does.
    #[inline]
    fn gather(&mut self, event: &Event) -> bool {
        let Callbacks { bars, quotes, trades, .. } = &self.callbacks;
        let instrument = |id: InstrumentId| self.listing[id.index()].get();
        match event {
            Event::Bar(bar) if bars.is_some() => self.batch.bar(bar, instrument(bar.instrument)),
            Event::Quote(quote) if quotes.is_some() => self.batch.quote(quote, instrument(quote.instrument)),
            Event::Trade(trade) if trades.is_some() => self.batch.trade(trade, instrument(trade.instrument)),
            _ => return false,
        }
        true
    }

    /// Calls the callbacks with what was gathered: bars, then quotes, then trades.
    fn flush(&mut self, py: Python<'_>, desk: &mut Desk) -> Result<(), StrategyFault> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let mut batch = core::mem::take(&mut self.batch);
        let Callbacks { bars, quotes, trades, .. } = &self.callbacks;
        let kinds = [(bars, &mut batch.bars), (quotes, &mut batch.quotes), (trades, &mut batch.trades)];
        for (callback, rows) in kinds {
            if let Some(callback) = callback
                && !rows.is_empty()
            {
                self.call(py, desk, || callback.call1(py, (PyBytes::new(py, rows),)).map(drop))?;
                rows.clear();
            }
        }
        self.batch = batch;
        Ok(())
    }

    /// Calls a callback with an event, if the strategy has that callback.
    fn dispatch(&self, py: Python<'_>, event: &Event) -> PyResult<()> {
        let Callbacks { quote, trade, bar, timer, report, status, indicative, adjust, .. } = &self.callbacks;
        macro_rules! deliver {
            ($callback:expr, $class:ident, $inner:expr) => {
                if let Some(callback) = $callback {
                    let instrument = self.instrument(py, $inner.instrument);
                    callback.call1(py, (market::$class { inner: $inner, instrument },))?;
                }
            };
        }
        match *event {
            Event::Bar(inner) => deliver!(bar, Bar, inner),
            Event::Quote(inner) => deliver!(quote, Quote, inner),
            Event::Trade(inner) => deliver!(trade, Trade, inner),
            Event::Report(inner) => deliver!(report, ExecutionReport, inner),
            Event::Status(inner) => deliver!(status, Status, inner),
            Event::Indicative(inner) => deliver!(indicative, Indicative, inner),
            Event::Timer(inner) => {
                if let Some(callback) = timer {
                    callback.call1(py, (market::Timer { inner },))?;
                }
            }
            Event::Adjusted(inner) => {
                if let Some(callback) = adjust {
                    let instrument = self.instrument(py, inner.instrument);
                    callback.call1(py, (Adjustment { inner, instrument },))?;
                }
            }
            Event::Book(_) => {}
        }
        Ok(())
    }
}

impl Strategy for PyStrategy {
    fn on_start(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.call_plain(self.callbacks.start.as_ref(), desk)
    }

    fn on_recover(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        Python::attach(|py| self.rename(py, desk))?;
        let callback = self.callbacks.recover.as_ref().or(self.callbacks.start.as_ref());
        self.call_plain(callback, desk)
    }

    fn on_stop(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.call_plain(self.callbacks.stop.as_ref(), desk)
    }

    fn on_events(&mut self, events: &[Event], desk: &mut Desk) -> Result<(), StrategyFault> {
        Python::attach(|py| {
            for event in events {
                if self.gather(event) {
                    desk.observe(event);
                    continue;
                }
                self.flush(py, desk)?;
                desk.observe(event);
                if matches!(event, Event::Adjusted(_)) {
                    self.rename(py, desk)?;
                }
                self.call(py, desk, || self.dispatch(py, event))?;
            }
            self.flush(py, desk)
        })
    }

    fn on_book(&mut self, book: &BookView, desk: &mut Desk) -> Result<(), StrategyFault> {
        let Some(callback) = &self.callbacks.book else { return Ok(()) };
        desk.set_time(book.time);
        Python::attach(|py| {
            let instrument = self.instrument(py, book.instrument);
            self.call(py, desk, || callback.call1(py, (market::Book { inner: *book, instrument },)).map(drop))
        })
    }
}
