//! Tells why the maker wins or loses in generated days: what its fills were worth, and at what times after them.
//!
//! `cargo run --release -p omni-quoting --example markout -- seeds=1,2,3 latency_us=100 skew=1.5`
//!
//! Fills are grouped by who traded against them, by whether the maker was alone at its price, and by whether a change of
//! the order was on its way (so it saw it coming, too late). Per group, in cents a unit: the distance to the mid just
//! before the fill, which is the spread captured, and to the mid some time after it.

use std::collections::BTreeMap;

use omni_node::Observer;
use omni_sim::flow::Role;
use omni_types::{Body, ClientOrderId, Event, ExecutionReport, Input, InstrumentId, SessionId, Side, Time, TopOfBook};
use support::{Day, SESSION, arguments, pnl};

#[path = "../tests/support/mod.rs"]
mod support;

const HORIZONS: [(&str, i64); 6] = [
    ("1 ms", Time::SECOND / 1_000),
    ("10 ms", Time::SECOND / 100),
    ("100 ms", Time::SECOND / 10),
    ("1 s", Time::SECOND),
    ("10 s", 10 * Time::SECOND),
    ("60 s", 60 * Time::SECOND),
];

struct Fill {
    time: Time,
    instrument: InstrumentId,
    id: ClientOrderId,
    price: f64,
    /// In quantity units, negative for a sale.
    signed: f64,
    against: Option<Role>,
    alone: bool,
    late: bool,
    /// Distance from the price to the mid before the fill and after each horizon, in the maker's favour.
    worth: [f64; 1 + HORIZONS.len()],
}

/// Watches a day and remembers the maker's fills.
struct Watch {
    latency_ns: i64,
    roles: BTreeMap<SessionId, Role>,
    /// Tops before the running input, and what it has made of them so far.
    tops: BTreeMap<InstrumentId, TopOfBook>,
    changed: Vec<(InstrumentId, TopOfBook)>,
    sender: Option<SessionId>,
    fills: Vec<Fill>,
    /// The first fill not yet valued, by horizon.
    due: [usize; HORIZONS.len()],
}

impl Watch {
    fn new(day: &Day) -> Self {
        Self {
            latency_ns: day.latency_ns,
            roles: day.flow().0.members().map(|member| (member.session, member.role)).collect(),
            tops: BTreeMap::new(),
            changed: Vec::new(),
            sender: None,
            fills: Vec::new(),
            due: [0; HORIZONS.len()],
        }
    }

    fn mid(&self, instrument: InstrumentId) -> Option<f64> {
        self.tops.get(&instrument)?.mid_twice().map(|twice| 0.5 * twice as f64)
    }

    fn value(&mut self, now: Time) {
        for (at, (_, horizon_ns)) in HORIZONS.iter().enumerate() {
            while let Some(fill) = self.fills.get(self.due[at]).filter(|fill| fill.time.plus(*horizon_ns) <= now) {
                let worth = self.mid(fill.instrument).map_or(0.0, |mid| (mid - fill.price) * fill.signed);
                self.fills[self.due[at]].worth[1 + at] = worth;
                self.due[at] += 1;
            }
        }
    }

    /// Marks the fills of an order for which a change comes that was sent before the maker knew of them.
    fn change(&mut self, id: ClientOrderId, now: Time) {
        let since = now.plus(-self.latency_ns);
        let recent = self.fills.iter_mut().rev().take_while(|fill| fill.time > since);
        recent.filter(|fill| fill.id == id).for_each(|fill| fill.late = true);
    }

    fn fill(&mut self, report: &ExecutionReport) {
        let signed = (report.side.sign() * report.last_quantity.0 as i64) as f64;
        let price = report.last_price.0 as f64;
        let top = self.tops.get(&report.instrument).copied().unwrap_or_default();
        let shown = if report.side == Side::Buy { top.bid } else { top.ask };
        let own = report.leaves.0 + report.last_quantity.0;
        let mut worth = [0.0; 1 + HORIZONS.len()];
        worth[0] = self.mid(report.instrument).map_or(0.0, |mid| (mid - price) * signed);
        self.fills.push(Fill {
            time: report.time,
            instrument: report.instrument,
            id: report.client_order_id,
            price,
            signed,
            against: self.sender.and_then(|session| self.roles.get(&session).copied()),
            alone: shown.is_some_and(|(at, quantity)| at == report.price && quantity.0 <= own),
            late: false,
            worth,
        });
    }
}

impl Observer for Watch {
    fn input(&mut self, input: &Input) -> Result<(), String> {
        self.tops.extend(self.changed.drain(..));
        self.value(input.time);
        self.sender = match &input.body {
            Body::New(order) => Some(order.session),
            Body::Amend(amend) => Some(amend.session),
            _ => None,
        };
        match &input.body {
            Body::Amend(amend) if amend.session == SESSION => self.change(amend.client_order_id, input.time),
            Body::Cancel(cancel) if cancel.session == SESSION => self.change(cancel.client_order_id, input.time),
            _ => {}
        }
        Ok(())
    }

    fn event(&mut self, _seq: u64, event: &Event) {
        match event {
            Event::Quote(quote) => self.changed.push((quote.instrument, quote.top)),
            Event::Report(report) if report.session == SESSION && report.is_fill() => self.fill(report),
            _ => {}
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (seeds, day) = arguments(std::env::args().skip(1))?;
    let (mut all, mut profits) = (Vec::new(), Vec::new());
    for seed in seeds {
        let day = Day { seed, ..day };
        let mut watch = Watch::new(&day);
        let engine = day.play(|maker| Box::new(maker), &mut watch);
        profits.push(pnl(&engine));
        all.append(&mut watch.fills);
    }
    print(&all);
    let days = profits.len() as f64;
    let mean = profits.iter().sum::<f64>() / days;
    let squares: f64 = profits.iter().map(|profit| (profit - mean) * (profit - mean)).sum();
    let error = (squares / (days - 1.0) / days).sqrt();
    println!("\nprofit {profits:.0?} USD\nmean {mean:.0} USD a day, standard error {error:.0} over {days} days");
    Ok(())
}

fn print(fills: &[Fill]) {
    let mut groups: BTreeMap<(String, &str, &str), Vec<&Fill>> = BTreeMap::new();
    for fill in fills {
        let against = fill.against.map_or_else(|| "-".to_owned(), |role| format!("{role:?}"));
        let alone = if fill.alone { "alone" } else { "with others" };
        let late = if fill.late { "too late" } else { "" };
        groups.entry((against, alone, late)).or_default().push(fill);
        groups.entry(("~ all".to_owned(), "", late)).or_default().push(fill);
        groups.entry(("~ all".to_owned(), "", "~ all")).or_default().push(fill);
    }
    print!("{:<12} {:<12} {:<9} {:>6} {:>9} {:>7}", "against", "at price", "", "fills", "quantity", "before");
    HORIZONS.iter().for_each(|(name, _)| print!(" {name:>7}"));
    println!();
    for ((against, alone, late), fills) in groups {
        let quantity: f64 = fills.iter().map(|fill| fill.signed.abs()).sum();
        print!("{against:<12} {alone:<12} {late:<9} {:>6} {quantity:>9}", fills.len());
        for at in 0..=HORIZONS.len() {
            print!(" {:>7.3}", fills.iter().map(|fill| fill.worth[at]).sum::<f64>() / quantity);
        }
        println!();
    }
}
