//! Recorded data: columns and files into the node, and how orders fill from them.

use std::path::PathBuf;
use std::sync::Arc;

use omni_node::{Columns, FeedFile, Numbered, Owner, Record, Survey, Values, survey};
use omni_sim::historical::{BarRules, Capacity, Config, Data, Historical, Priority, Reach, Spread, TradeRules};
use omni_types::{InstrumentId, Time};
use omni_wire::file::{Loaded, open};
use pyo3::buffer::{Element, PyBuffer};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::Kind;

/// An ITCH 5.0 or DBN file in memory, and what it holds.
#[pyclass(frozen, module = "omni.engine")]
pub(crate) struct MarketFile {
    loaded: Arc<Loaded>,
    survey: Survey,
}

type Definition = (i64, String, String, Option<i64>, char);

#[pymethods]
impl MarketFile {
    /// Read a file whole; what a damaged one still holds is kept, and `fault` says what is wrong.
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        py.detach(|| {
            let loaded = open(&path).map_err(|error| Kind::Data.error(error))?;
            let survey = survey(&loaded);
            Ok(Self { loaded: Arc::new(loaded), survey })
        })
    }

    /// Its format in words.
    #[getter]
    fn format(&self) -> String {
        self.loaded.format.to_string()
    }

    /// How it is compressed.
    #[getter]
    fn compression(&self) -> String {
        format!("{:?}", self.loaded.compression).to_lowercase()
    }

    /// Uncompressed length in bytes.
    #[getter]
    fn length(&self) -> usize {
        self.loaded.bytes.len()
    }

    /// Number of records by type.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for (kind, count) in &self.survey.counts {
            dict.set_item(kind, count)?;
        }
        Ok(dict)
    }

    /// First and last time, nanoseconds since the epoch; in ITCH since midnight.
    #[getter]
    fn span(&self) -> Option<(i64, i64)> {
        self.survey.span.map(|(first, last)| (first.0, last.0))
    }

    /// What is wrong with it, at which byte, and what was read until then; `None` when it is whole.
    #[getter]
    fn fault(&self) -> Option<&str> {
        self.survey.fault.as_deref()
    }

    /// Its instruments: number, symbol, records, round lot, and (tick in 1e-9, currency, venue, multiplier in 1e-9,
    /// class) where it defines them.
    #[getter]
    #[allow(clippy::type_complexity, reason = "a table for Python")]
    fn instruments(&self) -> Vec<(u32, String, u64, Option<u64>, Option<Definition>)> {
        let row = |listed: &omni_node::Listed| {
            let defined = listed.definition.as_ref();
            let defined = defined.map(|d| (d.tick, d.currency.clone(), d.venue.clone(), d.multiplier, d.class));
            (listed.number, listed.symbol.clone(), listed.records, listed.lot, defined)
        };
        self.survey.listed.values().map(row).collect()
    }
}

impl MarketFile {
    /// Prepares to read the instruments in `numbers` (the file's number and the run's).
    pub(crate) fn record(
        &self,
        midnight_ns: i64,
        numbers: &[(u32, u32)],
        instruments: &[omni_types::Instrument],
    ) -> PyResult<Record> {
        let each = |&(number, id): &(u32, u32)| {
            let found = instruments.get(id as usize);
            let instrument = found.ok_or_else(|| Kind::Config.error(format!("no instrument {id} is listed")))?;
            Ok(Numbered { number, instrument })
        };
        let listed = numbers.iter().map(each).collect::<PyResult<Vec<_>>>()?;
        let file = FeedFile::new(Arc::clone(&self.loaded), &listed, Time(midnight_ns));
        Ok(Record::File(Box::new(file.map_err(|message| Kind::Data.error(message))?)))
    }
}

fn array<T: Element>(py: Python<'_>, value: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<T>> {
    let buffer = PyBuffer::<T>::get(value)
        .map_err(|error| Kind::Data.error(format!("column {what}: expected an array of 64-bit integers: {error}")))?;
    buffer.to_vec(py)
}

fn numbers(column: &[i64]) -> PyResult<Vec<u32>> {
    let number = |(row, &id): (usize, &i64)| {
        u32::try_from(id).map_err(|_| Kind::Data.error(format!("row {row}: {id} is no instrument's number")))
    };
    column.iter().enumerate().map(number).collect()
}

/// A table as Python gives it: kind, times, instrument (one number, or a column of them), interval, columns by name.
pub(crate) type Table<'py> = (String, Bound<'py, PyAny>, Bound<'py, PyAny>, i64, Bound<'py, PyDict>);

/// A file as Python gives it: midnight of ITCH times, and pairs of the file's number and the instrument's.
pub(crate) type Opened = (Py<MarketFile>, i64, Vec<(u32, u32)>);

/// Copies a table's columns and checks them.
pub(crate) fn columns(py: Python<'_>, table: &Table<'_>, instruments: usize) -> PyResult<Record> {
    let (kind, time, owner, interval_ns, named) = table;
    let get = |name: &str| -> PyResult<Vec<i64>> {
        let column = named.get_item(name)?;
        array(py, &column.ok_or_else(|| Kind::Data.error(format!("{kind}: column {name} is missing")))?, name)
    };
    let values = match kind.as_str() {
        "bars" => Values::Bars {
            interval_ns: *interval_ns,
            prices: [get("open")?, get("high")?, get("low")?, get("close")?],
            volume: get("volume")?,
        },
        "quotes" => Values::Quotes {
            prices: [get("bid")?, get("ask")?],
            quantities: [get("bid_quantity")?, get("ask_quantity")?],
        },
        "trades" => Values::Trades {
            price: get("price")?,
            quantity: get("quantity")?,
            aggressor: if named.contains("aggressor")? { get("aggressor")? } else { Vec::new() },
        },
        other => return Err(Kind::Data.error(format!("a table holds bars, quotes or trades, found {other:?}"))),
    };
    let owner = match owner.extract::<u32>() {
        Ok(one) => Owner::One(InstrumentId(one)),
        Err(_) => Owner::Each(numbers(&array(py, owner, "instrument")?)?),
    };
    let table = Columns::new(array(py, time, "time")?, owner, values, instruments);
    Ok(Record::Columns(table.map_err(|error| Kind::Data.error(format!("{kind}: {error}")))?))
}

/// The rules by which orders fill, by name.
struct Rules<'a, 'py>(&'a Bound<'py, PyDict>);

impl Rules<'_, '_> {
    fn get<T: for<'a> FromPyObjectOwned<'a>>(&self, name: &str, expected: &str) -> PyResult<T> {
        let value = self.0.get_item(name)?.ok_or_else(|| Kind::Config.error(format!("rules.{name} is missing")))?;
        value.extract().map_err(|_| Kind::Config.error(format!("rules.{name}: expected {expected}, found {value:?}")))
    }

    fn reach(&self) -> PyResult<Reach> {
        let expected = "executions, through or touch";
        match self.get::<String>("reach", expected)?.as_str() {
            "executions" => Ok(Reach::Executions),
            "through" => Ok(Reach::Through),
            "touch" => Ok(Reach::Touch),
            other => Err(choice("reach", expected, other)),
        }
    }

    fn priority(&self) -> PyResult<Priority> {
        let expected = "worst_first or arrival";
        match self.get::<String>("priority", expected)?.as_str() {
            "worst_first" => Ok(Priority::WorstFirst),
            "arrival" => Ok(Priority::Arrival),
            other => Err(choice("priority", expected, other)),
        }
    }

    fn spread(&self) -> PyResult<Spread> {
        let expected = "a whole number of zero or more";
        match (self.get("spread_units", expected)?, self.get("spread_bps", expected)?) {
            (units, 0) => Ok(Spread::Units(units)),
            (0, points) => Ok(Spread::BasisPoints(points)),
            _ => Err(Kind::Config.error("rules: give spread_units or spread_bps, not both")),
        }
    }
}

/// Reads how orders fill.
pub(crate) fn config(rules: &Bound<'_, PyDict>, capacity: Capacity, data: Data) -> PyResult<Config> {
    let rules = Rules(rules);
    let (spread, count) = (rules.spread()?, "a whole number of zero or more, or none");
    let volume_share_ppm = rules.get::<Option<u32>>("volume_share_ppm", count)?;
    let bars = BarRules {
        spread,
        touch_fills: rules.get("touch_fills", "true or false")?,
        volume_share_ppm,
        grace_ns: rules.get("grace_ns", "a whole number")?,
        priority: rules.priority()?,
    };
    let all = TradeRules::default().volume_share_ppm;
    let trades = TradeRules {
        spread,
        queue: rules.get("queue_units", count)?,
        volume_share_ppm: volume_share_ppm.map_or(all, |ppm| ppm.min(all)),
    };
    Ok(Config { capacity, data, reach: rules.reach()?, bars, trades })
}

fn choice(name: &str, expected: &str, found: &str) -> PyErr {
    Kind::Config.error(format!("rules.{name}: expected {expected}, found {found:?}"))
}

/// Reads what each instrument fills from.
pub(crate) fn fills(words: &[String]) -> PyResult<Vec<Data>> {
    let data = |word: &String| match word.as_str() {
        "orders" => Ok(Data::Orders),
        "quotes" => Ok(Data::Quotes),
        "trades" => Ok(Data::Trades),
        "bars" => Ok(Data::Bars),
        other => Err(choice("fills", "orders, quotes, trades or bars", other)),
    };
    words.iter().map(data).collect()
}

/// Builds the venue that fills from recorded data.
pub(crate) fn historical(config: Config, fills: &[Data]) -> PyResult<Historical> {
    let mut venue = Historical::new(config);
    for (id, data) in (0..).zip(fills) {
        venue
            .record(InstrumentId(id), *data)
            .map_err(|why| Kind::Config.error(format!("instrument {id}: {}", why.text())))?;
    }
    Ok(venue)
}
