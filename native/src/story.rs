//! The story of an order: from the input that caused it to its fills.

use std::path::PathBuf;

use omni_journal::Reader;
use omni_node::{NodeError, Story, why as tell};
use omni_port::Depth;
use omni_risk::{CheckResult, Unit};
use omni_types::{
    Action, Adjust, Body, ClientOrderId, Decimal, ExecutionReport, Input, Instrument, OrderType, Refusal, SessionId,
    SpecialOrder,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::Kind;
use crate::market::{exec_type, self_trade, side, status};
use crate::number::exact;
use crate::shape::{Shape, with_engine};
use crate::terms::words;

/// One unit of the engine's money, and of its rates.
const MONEY: Decimal = Decimal::new(1, -20);
const RATE: Decimal = Decimal::new(1, -12);

/// Tell what caused an order, what the book and the gate were then, and what became of it; `None` where the journal has
/// no such order.
#[pyfunction]
pub(crate) fn why<'py>(
    py: Python<'py>,
    journal: PathBuf,
    engine: &Bound<'py, PyDict>,
    session: u16,
    number: u64,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let shape = Shape::new(engine)?;
    let mut open = || Reader::open(&journal).map_err(|error| NodeError::Source(error.to_string()));
    let instruments = listed(&mut open().map_err(|error| Kind::Data.error(error))?)?;
    let story = with_engine!(shape, (empty, _rules) => {
        py.detach(|| tell(&mut open, empty, SessionId(session), ClientOrderId(number)))
    });
    let story = story.map_err(|error| Kind::Data.error(error))?;
    story.map(|story| Teller { py, instruments }.story(&story)).transpose()
}

/// Returns the instruments that a journal lists, by their numbers.
fn listed(reader: &mut Reader) -> PyResult<Vec<Instrument>> {
    let mut instruments = Vec::new();
    while let Some(input) = reader.next_input().map_err(|error| Kind::Data.error(error))? {
        match input.body {
            Body::List(instrument) => instruments.push(*instrument),
            Body::Clock => break,
            _ => {}
        }
    }
    Ok(instruments)
}

pub(crate) struct Teller<'py> {
    py: Python<'py>,
    instruments: Vec<Instrument>,
}

impl<'py> Teller<'py> {
    /// Makes one that knows the instruments that a journal lists.
    pub(crate) fn of(py: Python<'py>, reader: &mut Reader) -> PyResult<Self> {
        Ok(Self { py, instruments: listed(reader)? })
    }

    fn story(&self, story: &Story) -> PyResult<Bound<'py, PyDict>> {
        let (seq, order) = story.order;
        let instrument = self.instruments.get(order.instrument.index());
        let dict = PyDict::new(self.py);
        dict.set_item("seq", seq)?;
        dict.set_item("time", story.time.0)?;
        dict.set_item("session", order.session.0)?;
        dict.set_item("account", order.account.0)?;
        dict.set_item("client_order_id", order.client_order_id.0)?;
        dict.set_item("instrument", instrument.map(symbol))?;
        dict.set_item("side", side(order.side))?;
        dict.set_item("order_type", order_type(order.order_type))?;
        dict.set_item("time_in_force", order.time_in_force.name())?;
        dict.set_item("post_only", order.post_only)?;
        dict.set_item("self_trade", self_trade(order.self_trade))?;
        let told =
            words(&story.terms, |count| price(instrument, count.into()), |count| quantity(instrument, count.into()));
        dict.set_item("terms", told)?;
        dict.set_item("quantity", quantity(instrument, order.quantity.0.into()))?;
        let limit = (order.order_type == OrderType::Limit).then(|| price(instrument, order.price.0.into()));
        dict.set_item("price", limit)?;
        dict.set_item("cause", story.cause.as_ref().map(|input| self.cause(input)).transpose()?)?;
        let [bids, asks] = &story.book;
        dict.set_item("bids", depth(instrument, bids))?;
        dict.set_item("asks", depth(instrument, asks))?;
        let checks = story.checks.iter().map(|check| self.check(instrument, check)).collect::<PyResult<Vec<_>>>()?;
        dict.set_item("checks", checks)?;
        let reports = story.reports.iter().map(|(seq, report)| {
            let told = self.report(instrument, *seq, report)?;
            // One of an order that is done comes without a price and quantity: there is nothing to change.
            if let Some((_, amend)) = story.amends.iter().find(|(at, amend)| at == seq && amend.quantity.0 > 0) {
                told.set_item("new_price", price(instrument, amend.price.0.into()))?;
                told.set_item("new_quantity", quantity(instrument, amend.quantity.0.into()))?;
            }
            Ok(told)
        });
        dict.set_item("reports", reports.collect::<PyResult<Vec<_>>>()?)?;
        Ok(dict)
    }

    fn cause(&self, input: &Input) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(self.py);
        dict.set_item("seq", input.seq)?;
        dict.set_item("time", input.time.0)?;
        dict.set_item("what", self.what(&input.body))?;
        Ok(dict)
    }

    /// Describes an input in one line.
    pub(crate) fn what(&self, body: &Body) -> String {
        let of = |id: omni_types::InstrumentId| self.instruments.get(id.index());
        match body {
            Body::New(order) | Body::Special(SpecialOrder { order, .. }) => {
                let instrument = of(order.instrument);
                let limit = match order.order_type {
                    OrderType::Limit => format!(" at {}", price(instrument, order.price.0.into())),
                    OrderType::Market => " at market".to_owned(),
                };
                let (name, size) = (instrument.map(symbol), quantity(instrument, order.quantity.0.into()));
                let (session, id) = (order.session, order.client_order_id);
                format!("{} {size} {}{limit} by {session}:{id}", side(order.side), name.unwrap_or_default())
            }
            Body::Cancel(cancel) => format!("cancel of {}:{}", cancel.session, cancel.client_order_id),
            Body::Amend(amend) => format!("amend of {}:{}", amend.session, amend.client_order_id),
            Body::MassCancel(cancel) => format!("cancel of all orders of session {}", cancel.session),
            Body::SetTimer(timer) => format!("timer {} set by session {}", timer.timer, timer.session),
            Body::Book(delta) => format!("book change of {}", of(delta.instrument).map(symbol).unwrap_or_default()),
            Body::Quote(quote) => format!("quote of {}", of(quote.instrument).map(symbol).unwrap_or_default()),
            Body::Trade(trade) => format!("trade of {}", of(trade.instrument).map(symbol).unwrap_or_default()),
            Body::Bar(bar) => format!("bar of {}", of(bar.instrument).map(symbol).unwrap_or_default()),
            Body::Clock => "time passed: a bar closed, a timer was due, or the run started".to_owned(),
            Body::Kill { reason } => format!("kill switch: {reason}"),
            Body::Resume { reason } => format!("kill switch ended: {reason}"),
            Body::Stop { session, fault } => format!("stop of session {session} ({fault:?})").to_lowercase(),
            Body::Start { session } => format!("start of session {session}"),
            Body::Recover => "recovery: the process had ended, and strategies were made anew".to_owned(),
            Body::Status { instrument, state } => {
                format!("{} is now {state:?}", of(*instrument).map(symbol).unwrap_or_default()).to_lowercase()
            }
            Body::List(_) | Body::Account(_) | Body::Session { .. } | Body::Restrict { .. } => "set-up".to_owned(),
            Body::Ticks { instrument, .. } => {
                format!("a tick table of {}", of(*instrument).map(symbol).unwrap_or_default())
            }
            Body::Adjust(adjust) => adjustment(adjust, of(adjust.instrument)),
            Body::Reference { .. } | Body::Rate(_) => "a reference price or rate".to_owned(),
        }
    }

    fn check(&self, instrument: Option<&Instrument>, check: &CheckResult) -> PyResult<Bound<'py, PyDict>> {
        let (dict, unit) = (PyDict::new(self.py), check.check.unit());
        let write = |count: i128| match unit {
            Unit::Flag => if count == 0 { "no" } else { "yes" }.to_owned(),
            Unit::Count => count.to_string(),
            Unit::Price => price(instrument, count),
            Unit::Quantity => quantity(instrument, count),
            Unit::Money => exact(count, MONEY, 2),
            Unit::Rate => exact(count, RATE, 0),
        };
        dict.set_item("check", check.check.name())?;
        dict.set_item("unit", format!("{unit:?}").to_lowercase())?;
        dict.set_item("value", check.value.map(write))?;
        dict.set_item("limit", check.limit.map(write))?;
        dict.set_item("passed", check.passed)?;
        Ok(dict)
    }

    fn report(
        &self,
        instrument: Option<&Instrument>,
        seq: u64,
        report: &ExecutionReport,
    ) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(self.py);
        dict.set_item("seq", seq)?;
        dict.set_item("time", report.time.0)?;
        dict.set_item("exec_type", exec_type(report.exec_type))?;
        dict.set_item("status", status(report.status))?;
        dict.set_item("reason", (report.reason != Refusal::None).then(|| report.reason.text()))?;
        dict.set_item("filled", quantity(instrument, report.filled.0.into()))?;
        dict.set_item("leaves", quantity(instrument, report.leaves.0.into()))?;
        if report.is_fill() {
            dict.set_item("last_price", price(instrument, report.last_price.0.into()))?;
            dict.set_item("last_quantity", quantity(instrument, report.last_quantity.0.into()))?;
            dict.set_item("trade_id", report.trade_id.0)?;
            dict.set_item("fee", exact(report.fee.0, MONEY, 2))?;
            dict.set_item("liquidity", report.liquidity.name())?;
        }
        Ok(dict)
    }
}

fn symbol(instrument: &Instrument) -> String {
    format!("{}.{}", instrument.spec.symbol, instrument.spec.venue)
}

fn price(instrument: Option<&Instrument>, count: i128) -> String {
    instrument.map_or_else(|| count.to_string(), |one| exact(count, one.spec.price_unit, 2))
}

fn quantity(instrument: Option<&Instrument>, count: i128) -> String {
    instrument.map_or_else(|| count.to_string(), |one| exact(count, one.spec.quantity_unit, 0))
}

fn depth(instrument: Option<&Instrument>, levels: &[Depth]) -> Vec<(String, String, u32)> {
    let row = |level: &Depth| {
        let (at, size) = (level.price.0.into(), level.quantity.0.into());
        (price(instrument, at), quantity(instrument, size), level.orders)
    };
    levels.iter().map(row).collect()
}

const fn order_type(order_type: OrderType) -> &'static str {
    match order_type {
        OrderType::Market => "market",
        OrderType::Limit => "limit",
    }
}

/// Describes a corporate action.
fn adjustment(adjust: &Adjust, instrument: Option<&Instrument>) -> String {
    let name = instrument.map(symbol).unwrap_or_default();
    match adjust.action {
        Action::Split(ratio) => format!("split of {name}: {} for {}", ratio.new_units(), ratio.old_units()),
        Action::Dividend { .. } => format!("dividend of {name}"),
        Action::Rename(to) => format!("{name} is now called {to}"),
    }
}
