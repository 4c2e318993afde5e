//! Instruments.

use std::sync::Arc;

use omni_types::{
    AssetClass, ContractTerms, Currency, Decimal, Exercise, InstrumentId, InstrumentSpec, Mic, OptionRight,
    OptionTerms, Price, Qty, Symbol, TickRow, TickTable, Time,
};
use pyo3::prelude::*;

use crate::error::Kind;
use crate::number::{Scale, exact};
use crate::thirty_second;

/// What is traded, with its units.
#[pyclass(frozen, module = "omni.engine")]
#[derive(Debug)]
pub(crate) struct Instrument {
    pub(crate) inner: omni_types::Instrument,
    pub(crate) price: Scale,
    pub(crate) quantity: Scale,
    /// Tick tables and from when on each holds, the earliest first.
    pub(crate) tables: Vec<Dated>,
}

/// A tick table and from when on it holds.
pub(crate) type Dated = (Time, Arc<TickTable>);
/// The rows of a table as Python gives them, in price units: from this price on, this tick.
type Rows = Vec<(i64, i64)>;

impl Instrument {
    pub(crate) fn of(inner: omni_types::Instrument) -> Self {
        let (price, quantity) = (Scale::new(inner.spec.price_unit), Scale::new(inner.spec.quantity_unit));
        Self { inner, price, quantity, tables: Vec::new() }
    }

    /// Returns the same with its own of the tables of a run.
    pub(crate) fn ruled(mut self, tables: &[(Time, InstrumentId, Arc<TickTable>)]) -> Self {
        let own = tables.iter().filter(|(_, id, _)| *id == self.inner.id);
        self.tables = own.map(|(time, _, table)| (*time, Arc::clone(table))).collect();
        self
    }

    /// Returns the same by another symbol.
    pub(crate) fn renamed(&self, symbol: Symbol) -> Self {
        let mut inner = self.inner;
        inner.spec.symbol = symbol;
        Self { tables: self.tables.clone(), ..Self::of(inner) }
    }

    /// Returns whether two are one, whatever they are called.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let mut inner = self.inner;
        inner.spec.symbol = other.inner.spec.symbol;
        inner == other.inner
    }

    /// Returns the table that holds at a time, or the last one; `None` where there is only the tick.
    fn table(&self, at: Option<i64>) -> Option<&TickTable> {
        let count = at.map_or(self.tables.len(), |at| self.tables.partition_point(|(from, _)| from.0 <= at));
        self.tables.get(count.saturating_sub(1)).filter(|_| count > 0).map(|(_, table)| &**table)
    }

    /// Returns the valid prices nearest to a count of price units that need not be whole.
    fn around(&self, units: f64, at: Option<i64>) -> Option<(i64, i64)> {
        let (down, up) = (units.floor() as i64, units.ceil() as i64);
        match self.table(at) {
            Some(table) => table.down(Price(down)).zip(table.up(Price(up))).map(|(down, up)| (down.0, up.0)),
            None => {
                let tick = self.inner.spec.tick;
                Some((down.div_euclid(tick) * tick, -((-up).div_euclid(tick)) * tick))
            }
        }
    }
}

fn tick_table(rows: &[(i64, i64)]) -> PyResult<Arc<TickTable>> {
    let rows: Vec<_> = rows.iter().map(|&(from, tick)| TickRow { from: Price(from), tick }).collect();
    TickTable::new(&rows).map(Arc::new).map_err(|error| Kind::Config.error(error))
}

/// Reads tables: one that holds from the beginning, and later ones in the order of time.
fn tick_tables(ticks: Option<Rows>, later: Vec<(i64, Rows)>) -> PyResult<Vec<Dated>> {
    let first = ticks.map(|rows| (i64::MIN, rows));
    let dated = first.into_iter().chain(later).map(|(from, rows)| Ok((Time(from), tick_table(&rows)?)));
    let tables = dated.collect::<PyResult<Vec<Dated>>>()?;
    let sorted = tables.windows(2).all(|pair| pair[0].0 < pair[1].0);
    if sorted {
        Ok(tables)
    } else {
        Err(Kind::Config.error("tick tables must be in the order of time, each at its own"))
    }
}

fn decimal(text: &str, what: &str) -> PyResult<Decimal> {
    Decimal::parse(text).map_err(|error| Kind::Config.error(format!("{what}: {error}")))
}

pub(crate) fn asset_class(name: &str) -> PyResult<AssetClass> {
    ASSET_CLASSES.iter().find(|(known, _)| *known == name).map(|(_, class)| *class).ok_or_else(|| {
        Kind::Config.error(format!("asset_class: expected equity, future, option, fx, bond or crypto, found {name:?}"))
    })
}

const ASSET_CLASSES: [(&str, AssetClass); 6] = [
    ("equity", AssetClass::Equity),
    ("future", AssetClass::Future),
    ("option", AssetClass::Option),
    ("fx", AssetClass::Fx),
    ("bond", AssetClass::Bond),
    ("crypto", AssetClass::Crypto),
];

const RIGHTS: [(&str, OptionRight); 2] = [("put", OptionRight::Put), ("call", OptionRight::Call)];

const EXERCISES: [(&str, Exercise); 3] =
    [("european", Exercise::European), ("american", Exercise::American), ("bermudan", Exercise::Bermudan)];

fn word<T: Copy>(words: &[(&str, T)], found: &str, name: &str) -> PyResult<T> {
    words.iter().find(|(known, _)| *known == found).map(|(_, value)| *value).ok_or_else(|| {
        let known = words.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
        Kind::Config.error(format!("{name}: expected one of {known}, found {found:?}"))
    })
}

/// Reads strike, right and exercise, which an option has all or none of.
fn option_terms(strike: Option<i64>, right: Option<&str>, exercise: Option<&str>) -> PyResult<Option<OptionTerms>> {
    match (strike, right, exercise) {
        (None, None, None) => Ok(None),
        (Some(strike), Some(right), Some(exercise)) => Ok(Some(OptionTerms {
            strike: Price(strike),
            right: word(&RIGHTS, right, "right")?,
            exercise: word(&EXERCISES, exercise, "exercise")?,
        })),
        _ => Err(Kind::Config.error("an option has strike, right and exercise together: give all three, or none")),
    }
}

#[pymethods]
impl Instrument {
    #[new]
    #[pyo3(signature = (id, symbol, venue, *, asset_class, currency, price_unit, quantity_unit, multiplier, tick, lot, price_min, price_max, quantity_max, expiry = None, underlying = None, strike = None, right = None, exercise = None, ticks = None, dated_ticks = Vec::new()))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments, one for each field")]
    fn new(
        id: u32,
        symbol: &str,
        venue: &str,
        asset_class: &str,
        currency: &str,
        price_unit: &str,
        quantity_unit: &str,
        multiplier: &str,
        tick: i64,
        lot: u64,
        price_min: i64,
        price_max: i64,
        quantity_max: u64,
        expiry: Option<i64>,
        underlying: Option<u32>,
        strike: Option<i64>,
        right: Option<&str>,
        exercise: Option<&str>,
        ticks: Option<Rows>,
        dated_ticks: Vec<(i64, Rows)>,
    ) -> PyResult<Self> {
        let text = |what: &str, error: omni_types::TextError| Kind::Config.error(format!("{what}: {error}"));
        let spec = InstrumentSpec {
            symbol: Symbol::new(symbol).map_err(|e| text("symbol", e))?,
            venue: Mic::new(venue).map_err(|e| text("venue", e))?,
            asset_class: self::asset_class(asset_class)?,
            currency: Currency::new(currency).map_err(|e| text("currency", e))?,
            price_unit: decimal(price_unit, "price_unit")?,
            quantity_unit: decimal(quantity_unit, "quantity_unit")?,
            multiplier: decimal(multiplier, "multiplier")?,
            tick,
            lot: Qty(lot),
            price_min: Price(price_min),
            price_max: Price(price_max),
            quantity_max: Qty(quantity_max),
            terms: ContractTerms {
                expiry: expiry.map(Time),
                underlying: underlying.map(InstrumentId),
                option: option_terms(strike, right, exercise)?,
            },
        };
        let inner = omni_types::Instrument::new(InstrumentId(id), spec)
            .map_err(|error| Kind::Config.error(format!("instrument {symbol}: {error}")))?;
        let tables = tick_tables(ticks, dated_ticks)?;
        Ok(Self { tables, ..Self::of(inner) })
    }

    /// Its number in this run: 0, 1, 2 and so on.
    #[getter]
    fn id(&self) -> u32 {
        self.inner.id.0
    }

    /// The venue's symbol.
    #[getter]
    fn symbol(&self) -> &str {
        self.inner.spec.symbol.as_str()
    }

    /// The venue's ISO 10383 code.
    #[getter]
    fn venue(&self) -> &str {
        self.inner.spec.venue.as_str()
    }

    /// `equity`, `future`, `option`, `fx`, `bond` or `crypto`.
    #[getter]
    fn asset_class(&self) -> &str {
        ASSET_CLASSES[self.inner.spec.asset_class as usize].0
    }

    /// Currency of price and value.
    #[getter]
    fn currency(&self) -> &str {
        self.inner.spec.currency.as_str()
    }

    /// One price unit, as decimal text.
    #[getter]
    fn price_unit(&self) -> String {
        self.inner.spec.price_unit.to_string()
    }

    /// One quantity unit, as decimal text.
    #[getter]
    fn quantity_unit(&self) -> String {
        self.inner.spec.quantity_unit.to_string()
    }

    /// Value of one share or contract per unit of price, as decimal text.
    #[getter]
    fn multiplier(&self) -> String {
        self.inner.spec.multiplier.to_string()
    }

    /// The tick, in currency.
    #[getter]
    fn tick_size(&self) -> f64 {
        self.price.to_float(self.inner.spec.tick)
    }

    /// The lot, in whole shares or contracts.
    #[getter]
    fn lot_size(&self) -> f64 {
        self.quantity.to_float(self.inner.spec.lot.signed())
    }

    /// When it expires or matures, nanoseconds since the epoch, UTC; `None` where it never does or nobody said.
    #[getter]
    fn expiry(&self) -> Option<i64> {
        self.inner.spec.terms.expiry.map(|expiry| expiry.0)
    }

    /// The number of the instrument that it is on, or `None`.
    #[getter]
    fn underlying(&self) -> Option<u32> {
        self.inner.spec.terms.underlying.map(|underlying| underlying.0)
    }

    /// An option's strike, in currency; `None` for what is no option.
    #[getter]
    fn strike(&self) -> Option<f64> {
        self.inner.spec.terms.option.map(|option| self.price.to_float(option.strike.0))
    }

    /// `put` or `call`; `None` for what is no option.
    #[getter]
    fn right(&self) -> Option<&str> {
        self.inner.spec.terms.option.map(|option| RIGHTS[option.right as usize].0)
    }

    /// `european`, `american` or `bermudan`; `None` for what is no option.
    #[getter]
    fn exercise(&self) -> Option<&str> {
        self.inner.spec.terms.option.map(|option| EXERCISES[option.exercise as usize].0)
    }

    /// Return a price as exact text: `101-16+` where prices are in 64ths or 32nds, else a decimal number.
    fn price_text(&self, price: &Bound<'_, PyAny>) -> PyResult<String> {
        let (unit, count) = (self.inner.spec.price_unit, self.price.count(price, "price")?);
        let in_32nds = thirty_second::is_quoted(unit);
        Ok(if in_32nds { thirty_second::show(count, unit) } else { exact(count.into(), unit, 0) })
    }

    /// Return a count of price units as a price.
    fn price(&self, units: i64) -> f64 {
        self.price.to_float(units)
    }

    /// Return a price as a count of price units; refused when it is off unit.
    fn price_units(&self, price: &Bound<'_, PyAny>) -> PyResult<i64> {
        self.price.count(price, "price")
    }

    /// Return the tick at a price: from the table that holds at `at`, else the last one, or the only tick.
    #[pyo3(signature = (price, at = None))]
    fn tick_at(&self, price: &Bound<'_, PyAny>, at: Option<i64>) -> PyResult<f64> {
        let units = Price(self.price.count(price, "price")?);
        let tick = self.table(at).map_or(self.inner.spec.tick, |table| table.tick_at(units));
        Ok(self.price.to_float(tick))
    }

    /// Return the valid price nearest to `price`, or the next one `down` or `up`: by the tick table that holds at the
    /// time `at`, else by the last one, or the only tick.
    #[pyo3(signature = (price, direction = "nearest", at = None))]
    fn round_price(&self, price: f64, direction: &str, at: Option<i64>) -> PyResult<f64> {
        // A price that is on a unit but for its last bits must not move a whole tick.
        let units = self.price.to_units(price);
        let near = units.round();
        let units = if (units - near).abs() < 1e-9 * near.abs().max(1.0) { near } else { units };
        let fits = units.abs() < 9.0e15 && units.is_finite();
        let around = fits.then(|| self.around(units, at)).flatten();
        let (down, up) = around.ok_or_else(|| Kind::Refused.error(format!("price {price} has no tick near it")))?;
        let rounded = match direction {
            "down" => down,
            "up" => up,
            "nearest" if units - (down as f64) < up as f64 - units => down,
            "nearest" if units < 0.0 && units - (down as f64) <= up as f64 - units => down,
            "nearest" => up,
            other => {
                return Err(Kind::Config.error(format!("direction: expected nearest, down or up, found {other:?}")));
            }
        };
        Ok(self.price.to_float(rounded))
    }

    fn __repr__(&self) -> String {
        format!("Instrument({}.{})", self.inner.spec.symbol, self.inner.spec.venue)
    }

    fn __str__(&self) -> String {
        format!("{}.{}", self.inner.spec.symbol, self.inner.spec.venue)
    }
}
