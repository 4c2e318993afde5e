//! Corporate actions: as a person gives them, and as a strategy learns of them.

use omni_types::{Action, Adjust, Adjusted, Body, Decimal, Instrument as Listed, Money, Ratio, Symbol, Time};
use pyo3::prelude::*;

use crate::error::Kind;
use crate::instrument::Instrument;
use crate::number::exact;

/// When, the instrument's number, `split`, `dividend` or `rename`, and what: `4:1`, an amount, a symbol.
pub(crate) type Given = (i64, u32, String, String);

/// Reads corporate actions, in the order of time.
pub(crate) fn inputs(given: &[Given], instruments: &[Listed]) -> PyResult<Vec<(Time, Body)>> {
    let mut inputs = given.iter().map(|one| input(one, instruments)).collect::<PyResult<Vec<_>>>()?;
    inputs.sort_by_key(|(time, _)| *time);
    Ok(inputs)
}

fn input((time, id, kind, what): &Given, instruments: &[Listed]) -> PyResult<(Time, Body)> {
    let wrong = |why: String| Kind::Config.error(format!("{kind} {what}: {why}"));
    let listed = instruments.get(*id as usize).ok_or_else(|| wrong(format!("no instrument {id} is listed")))?;
    let action = match kind.as_str() {
        "split" => Action::Split(
            ratio(what)
                .ok_or_else(|| wrong(format!("expected new and old units from 1 to {}, such as 4:1", Ratio::MOST)))?,
        ),
        "dividend" => Action::Dividend { cash: cash(what, listed).map_err(wrong)? },
        "rename" => Action::Rename(Symbol::new(what).map_err(|error| wrong(error.to_string()))?),
        _ => return Err(wrong("expected split, dividend or rename".to_owned())),
    };
    Ok((Time(*time), Body::Adjust(Box::new(Adjust { instrument: listed.id, action }))))
}

fn ratio(text: &str) -> Option<Ratio> {
    let (new, old) = text.split_once(':')?;
    Ratio::new(new.parse().ok()?, old.parse().ok()?)
}

fn cash(text: &str, listed: &Listed) -> Result<Money, String> {
    let amount = Decimal::parse(text).map_err(|error| error.to_string())?;
    let cash = listed.per_unit(amount).ok_or("it isn't a whole count of 10^-20 per quantity unit")?;
    if cash > Money::ZERO { Ok(cash) } else { Err("expected an amount above zero".to_owned()) }
}

/// A corporate action that was applied: orders have ended, positions and prices have followed.
#[pyclass(frozen, module = "omni.engine")]
pub(crate) struct Adjustment {
    pub(crate) inner: Adjusted,
    pub(crate) instrument: Py<Instrument>,
}

#[pymethods]
impl Adjustment {
    /// The instrument, by its new symbol.
    #[getter]
    fn instrument(&self, py: Python<'_>) -> Py<Instrument> {
        self.instrument.clone_ref(py)
    }

    /// Event time, nanoseconds since the epoch, UTC.
    #[getter]
    fn time(&self) -> i64 {
        self.inner.time.0
    }

    /// `split`, `dividend` or `rename`.
    #[getter]
    fn kind(&self) -> &'static str {
        kind(&self.inner.action)
    }

    /// New and old units of a split, else (1, 1).
    #[getter]
    fn ratio(&self) -> (u32, u32) {
        ratio_of(&self.inner.action)
    }

    /// A dividend as it is quoted, like a price; else 0.
    #[getter]
    fn cash(&self) -> f64 {
        let listed = &self.instrument.get();
        let Action::Dividend { cash } = self.inner.action else { return 0.0 };
        // Of one quantity unit, in price units.
        cash.0 as f64 / listed.inner.value as f64 * listed.price.to_float(1)
    }

    /// The new symbol, or empty.
    #[getter]
    fn symbol(&self) -> String {
        symbol_of(&self.inner.action)
    }

    /// The reference price until then, at which fractions were paid out; `None` where there was none.
    #[getter]
    fn reference(&self) -> Option<f64> {
        self.inner.reference.map(|price| self.instrument.get().price.to_float(price.0))
    }
}

const fn kind(action: &Action) -> &'static str {
    match action {
        Action::Split(_) => "split",
        Action::Dividend { .. } => "dividend",
        Action::Rename(_) => "rename",
    }
}

const fn ratio_of(action: &Action) -> (u32, u32) {
    match action {
        Action::Split(ratio) => (ratio.new_units(), ratio.old_units()),
        _ => (1, 1),
    }
}

fn symbol_of(action: &Action) -> String {
    if let Action::Rename(symbol) = action { symbol.to_string() } else { String::new() }
}

/// A row of a result: number of the input, time, instrument, kind, ratio, money of a dividend per quantity unit, new
/// symbol, and the reference price until then in price units.
pub(crate) type Row = (u64, i64, u32, &'static str, (u32, u32), String, String, Option<i64>);

/// Returns an applied action as a row.
pub(crate) fn row(seq: u64, adjusted: &Adjusted) -> Row {
    let Adjusted { time, instrument, action, reference } = adjusted;
    let cash = if let Action::Dividend { cash } = action { cash.0 } else { 0 };
    let money = exact(cash, Decimal::new(1, -20), 2);
    let price = reference.map(|price| price.0);
    (seq, time.0, instrument.0, kind(action), ratio_of(action), money, symbol_of(action), price)
}
