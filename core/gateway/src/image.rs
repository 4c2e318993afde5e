//! The newest view, written once for all clients.

use std::sync::Arc;

use omni_types::{Instrument, InstrumentId};

use crate::{
    Archive, View,
    json::{Json, Object, push},
    series::Written,
    view::{BarsView, FillsView},
    view_json::{Depths, Latencies, Refusals},
    watched_list::WatchedLists,
};

/// Most fills and equity points that a view holds.
const FILLS_MAX: usize = 1_000;
const EQUITY_MAX: usize = 5_000;
/// Most bars of one instrument that a view holds.
pub const BARS_MAX: usize = 5_000;
/// Most fills of one watched instrument that a view holds.
pub const WATCHED_FILLS_MAX: usize = 5_000;

/// The sections that a delta replaces whole.
const WHOLE: [&str; 11] = [
    "run",
    "clock",
    "kill",
    "accounts",
    "positions",
    "orders",
    "refusals",
    "depth",
    "latency",
    "instruments",
    "counters",
];

/// The sections that answer `status`.
const STATUS: [&str; 7] = ["run", "clock", "kill", "accounts", "refusals", "latency", "counters"];

struct Section {
    text: String,
    /// The view that changed it last.
    number: u64,
}

/// The newest view as JSON, with the number of the view that changed each part.
///
/// A client's place is one number, the view it has: what to send it follows from that, so no queue is kept for it.
pub struct Image {
    number: u64,
    sections: [Section; WHOLE.len()],
    fills: Written,
    equity: Written,
    bars: WatchedLists,
    watched_fills: WatchedLists,
    instruments: Arc<[Instrument]>,
    scratch: String,
}

impl Default for Image {
    fn default() -> Self {
        Self {
            number: 0,
            sections: WHOLE.map(|_| Section { text: String::new(), number: 0 }),
            fills: Written::new(FILLS_MAX, 0),
            equity: Written::new(EQUITY_MAX, 0),
            bars: WatchedLists::new(BARS_MAX),
            watched_fills: WatchedLists::new(WATCHED_FILLS_MAX),
            instruments: Arc::default(),
            scratch: String::new(),
        }
    }
}

impl Image {
    /// Returns the number of the newest view; 0 before the first.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns whether an instrument is listed, as far as the newest view says.
    #[must_use]
    pub fn lists(&self, instrument: InstrumentId) -> bool {
        self.instruments.iter().any(|listed| listed.id == instrument)
    }

    /// Takes the next view.
    pub fn update(&mut self, view: &View) {
        self.number += 1;
        for name in WHOLE {
            if name == "instruments" && self.number > 1 && Arc::ptr_eq(&self.instruments, &view.instruments) {
                continue;
            }
            self.write(name, |out| write_section(view, name, out));
        }
        self.instruments = Arc::clone(&view.instruments);
        self.fills.extend(&view.fills, self.number);
        self.equity.extend(&view.equity, self.number);
        self.update_watched(&view.bars, &view.watched_fills);
    }

    /// Shows these instruments as the engine left them, where they are others than those shown now.
    pub fn rewatch(&mut self, archive: &Archive, watched: impl Iterator<Item = InstrumentId>) {
        let archived: Vec<_> = watched.filter_map(|instrument| archive.of(instrument)).collect();
        if self.bars.holds(archived.iter().map(|archived| archived.depth.instrument)) {
            return;
        }
        self.number += 1;
        let depth: Vec<_> = archived.iter().map(|archived| archived.depth.clone()).collect();
        self.write("depth", |out| Depths(&depth).json(out));
        let bars: Vec<_> = archived.iter().map(|archived| archived.bars.clone()).collect();
        let fills: Vec<_> = archived.iter().map(|archived| archived.fills.clone()).collect();
        self.update_watched(&bars, &fills);
    }

    /// Writes a section of those replaced whole.
    fn write(&mut self, name: &str, write: impl FnOnce(&mut String)) {
        self.scratch.clear();
        write(&mut self.scratch);
        let found = WHOLE.iter().zip(&mut self.sections).find(|(known, _)| **known == name);
        let Some((_, section)) = found else { return };
        if section.text != self.scratch {
            std::mem::swap(&mut section.text, &mut self.scratch);
            section.number = self.number;
        }
    }

    fn update_watched(&mut self, bars: &[BarsView], fills: &[FillsView]) {
        let bars = bars.iter().map(|view| (view.instrument, Some(view.interval_ns), &view.bars));
        self.bars.update(bars, self.number);
        let fills = fills.iter().map(|view| (view.instrument, None, &view.fills));
        self.watched_fills.update(fills, self.number);
    }

    /// Appends the whole view as an object.
    pub fn write_view(&self, out: &mut String) {
        let mut object = Object::open(out);
        self.write_sections(&WHOLE, &mut object);
        self.write_lists(&mut object);
        object.close();
    }

    /// Appends the fields of the view without its long lists.
    pub(crate) fn write_status(&self, object: &mut Object<'_>) {
        self.write_sections(&STATUS, object);
    }

    /// Appends the fields of the whole view.
    pub(crate) fn write_all(&self, object: &mut Object<'_>) {
        self.write_sections(&WHOLE, object);
        self.write_lists(object);
    }

    /// Appends a snapshot message, without its line end.
    pub fn write_snapshot(&self, out: &mut String) {
        push(out, format_args!("{{\"type\":\"snapshot\",\"number\":{},\"view\":", self.number));
        self.write_view(out);
        out.push('}');
    }

    /// Appends the delta message from view `since` to the newest, without its line end; returns whether there is one.
    pub fn write_delta(&self, since: u64, out: &mut String) -> bool {
        let start = out.len();
        push(out, format_args!("{{\"type\":\"delta\",\"number\":{},\"changed\":", self.number));
        let empty = out.len() + 2;
        let mut changed = Object::open(out);
        for (name, section) in WHOLE.iter().zip(&self.sections) {
            if section.number > since {
                changed.key(name).push_str(&section.text);
            }
        }
        self.write_list_changes(since, &mut changed);
        changed.close();
        let found = out.len() > empty;
        if found {
            out.push('}')
        } else {
            out.truncate(start)
        }
        found
    }

    fn write_sections(&self, names: &[&str], object: &mut Object<'_>) {
        for (name, section) in WHOLE.iter().zip(&self.sections) {
            if names.contains(name) {
                object.key(name).push_str(&section.text);
            }
        }
    }

    fn write_lists(&self, object: &mut Object<'_>) {
        for (name, list) in [("fills", &self.fills), ("equity", &self.equity)] {
            let mut fields = Object::open(object.key(name));
            list.write_whole(&mut fields);
            fields.close();
        }
        for (name, lists) in [("bars", &self.bars), ("watched_fills", &self.watched_fills)] {
            lists.write_whole(object.key(name));
        }
    }

    fn write_list_changes(&self, since: u64, changed: &mut Object<'_>) {
        for (name, list) in [("fills", &self.fills), ("equity", &self.equity)] {
            if list.changed(since) {
                let mut fields = Object::open(changed.key(name));
                list.write_since(since, &mut fields);
                fields.close();
            }
        }
        for (name, lists) in [("bars", &self.bars), ("watched_fills", &self.watched_fills)] {
            if lists.changed(since) {
                lists.write_since(since, changed.key(name));
            }
        }
    }
}

fn write_section(view: &View, name: &str, out: &mut String) {
    match name {
        "run" => view.run.json(out),
        "clock" => view.clock.json(out),
        "kill" => view.kill.json(out),
        "accounts" => view.accounts.json(out),
        "positions" => view.positions.json(out),
        "orders" => view.orders.json(out),
        "refusals" => Refusals(&view.refusals).json(out),
        "depth" => Depths(&view.depth).json(out),
        "latency" => Latencies(&view.latency).json(out),
        "instruments" => view.instruments.json(out),
        _ => view.counters.json(out),
    }
}
