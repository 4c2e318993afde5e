//! Recorded files as books, and journals as the state that they lead to.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use omni_book::{Level, Level3};
use omni_engine::Engine;
use omni_journal::{End, Reader};
use omni_node::{OrderFile, PRICE_UNIT, Recording, Witness, rebuild};
use omni_port::Venue;
use omni_types::{Decimal, InstrumentId, Side, Time};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::error::Kind;
use crate::number::exact;
use crate::shape::{Shape, with_engine};

/// Decimals of a price that are always shown.
const CENTS: usize = 2;

struct Replayed {
    recording: Recording,
    fault: Option<String>,
}

/// Books rebuilt from recorded order-by-order files, merged in time.
#[pyclass(frozen, module = "omni.engine")]
pub(crate) struct BookReplay {
    files: Vec<OrderFile>,
    midnight: Time,
    done: Mutex<Replayed>,
}

#[pymethods]
impl BookReplay {
    /// Read files whole. An ITCH file's times count from `midnight_ns`; `orders` and `levels` are what may rest at once.
    #[new]
    fn new(py: Python<'_>, paths: Vec<PathBuf>, midnight_ns: i64, orders: usize, levels: usize) -> PyResult<Self> {
        let open = || paths.into_iter().map(OrderFile::open).collect::<Result<Vec<_>, _>>();
        let files = py.detach(open).map_err(|error| Kind::Data.error(error))?;
        let done = Replayed { recording: Recording::new(orders, levels), fault: None };
        Ok(Self { files, midnight: Time(midnight_ns), done: Mutex::new(done) })
    }

    /// The files: format, bytes uncompressed, and why the file could not be read to its end, or `None`.
    #[getter]
    fn files(&self) -> Vec<(String, usize, Option<String>)> {
        let row = |file: &OrderFile| (file.format().to_string(), file.bytes(), file.cut().map(ToString::to_string));
        self.files.iter().map(row).collect()
    }

    /// Apply every message; `states` gets the bytes of the top-of-book states. Once.
    fn run(&self, py: Python<'_>, states: &Bound<'_, PyAny>) -> PyResult<()> {
        let states = states.clone().unbind();
        let mut told = Ok(());
        py.detach(|| {
            let mut sink = |bytes: &[u8]| {
                let call = |py: Python<'_>| states.call1(py, (PyBytes::new(py, bytes),)).map(|_| ());
                if told.is_ok() {
                    told = Python::attach(call);
                }
            };
            let Replayed { recording, fault } = &mut *self.done();
            *fault = recording.replay(&self.files, self.midnight, &mut sink).err().map(|error| error.to_string());
        });
        told
    }

    /// What was wrong with the data, where it was, and how much was read; `None` where nothing was.
    #[getter]
    fn fault(&self) -> Option<String> {
        self.done().fault.clone()
    }

    /// What was counted: messages by type, trades, volume, states and more.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let done = self.done();
        let (dict, tally, counts) = (PyDict::new(py), done.recording.tally(), done.recording.books().counts());
        let types = PyDict::new(py);
        for (kind, count) in tally.kinds.iter().enumerate().filter(|(_, count)| **count > 0) {
            types.set_item(char::from(kind as u8).to_string(), count)?;
        }
        dict.set_item("messages", tally.messages)?;
        dict.set_item("types", types)?;
        dict.set_item("trades", tally.trades)?;
        dict.set_item("volume", tally.volume)?;
        dict.set_item("executed", counts.executed)?;
        dict.set_item("states", tally.states)?;
        dict.set_item("crossed", tally.crossed)?;
        dict.set_item("unknown_references", counts.unknown_references + tally.unknown)?;
        dict.set_item("duplicate_references", counts.duplicate_references)?;
        dict.set_item("excess", counts.excess)?;
        dict.set_item("skipped", &tally.skipped)?;
        dict.set_item("first_ns", tally.span.map(|(first, _)| first.0))?;
        dict.set_item("last_ns", tally.span.map(|(_, last)| last.0))?;
        Ok(dict)
    }

    /// The books as they are: a dict for each instrument.
    #[getter]
    fn books<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let done = self.done();
        let symbols = done.recording.symbols();
        let level3 = done.recording.books().level3();
        (0..).zip(symbols).map(|(id, symbol)| book(py, level3, InstrumentId(id), symbol)).collect()
    }
}

impl BookReplay {
    fn done(&self) -> MutexGuard<'_, Replayed> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn book<'py>(py: Python<'py>, books: &Level3, id: InstrumentId, symbol: &str) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("symbol", symbol)?;
    let side =
        |side| books.levels(id, side).fold((0_u64, 0_u64), |(n, orders), l| (n + 1, orders + u64::from(l.orders)));
    let [bids, asks] = Side::BOTH.map(side);
    dict.set_item("orders", bids.1 + asks.1)?;
    dict.set_item("bid_levels", bids.0)?;
    dict.set_item("ask_levels", asks.0)?;
    let best = |side| {
        let level = |level: &Level| (exact(level.price.0.into(), PRICE_UNIT, CENTS), level.quantity.0.to_string());
        books.best(id, side).map(level)
    };
    dict.set_item("bid", best(Side::Buy))?;
    dict.set_item("ask", best(Side::Sell))?;
    Ok(dict)
}

fn end(end: &End) -> String {
    match end {
        End::Closed => "closed in good order".to_owned(),
        End::Open => "not closed: the run goes on, or was killed".to_owned(),
        End::Dropped(dropped) => dropped.to_string(),
    }
}

struct Nobody;

impl<V: Venue> Witness<V> for Nobody {}

/// Apply a journal without strategies; returns the end state: hashes, last input, engine time, books.
#[pyfunction]
pub(crate) fn rebuild_run<'py>(
    py: Python<'py>,
    journal: PathBuf,
    engine: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyDict>> {
    let shape = Shape::new(engine)?;
    let mut reader = Reader::open(&journal).map_err(|error| Kind::Data.error(error))?;
    with_engine!(shape, (empty, _rules) => {
        let built = py.detach(|| rebuild(&mut reader, empty, None, &mut Nobody));
        let engine = built.map_err(|error| Kind::Data.error(error))?;
        state(py, &engine, reader.end().map(end))
    })
}

fn state<'py, V: Venue>(py: Python<'py>, engine: &Engine<V>, end: Option<String>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("digest", engine.digest().hex())?;
    dict.set_item("state_digest", engine.state_digest().hex())?;
    dict.set_item("seq", engine.seq())?;
    dict.set_item("time", engine.time().0)?;
    dict.set_item("end", end)?;
    dict.set_item("books", books(py, engine)?)?;
    Ok(dict)
}

/// The books of a venue, a dict for each instrument.
fn books<'py, V: Venue>(py: Python<'py>, engine: &Engine<V>) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let row = |instrument: &omni_types::Instrument| {
        let (dict, spec) = (PyDict::new(py), &instrument.spec);
        let depths = |side| engine.venue().depth(instrument.id, side, usize::MAX);
        let side = |side| depths(side).fold((0_u64, 0_u64), |(n, orders), d| (n + 1, orders + u64::from(d.orders)));
        let [bids, asks] = Side::BOTH.map(side);
        let best = |side| {
            let price = |price: i64, unit: Decimal| exact(price.into(), unit, CENTS);
            let quantity = |quantity: u64| exact(quantity.into(), spec.quantity_unit, 0);
            depths(side).next().map(|d| (price(d.price.0, spec.price_unit), quantity(d.quantity.0)))
        };
        dict.set_item("symbol", spec.symbol.as_str())?;
        dict.set_item("orders", bids.1 + asks.1)?;
        dict.set_item("bid_levels", bids.0)?;
        dict.set_item("ask_levels", asks.0)?;
        dict.set_item("bid", best(Side::Buy))?;
        dict.set_item("ask", best(Side::Sell))?;
        Ok(dict)
    };
    engine.instruments().iter().map(row).collect()
}
