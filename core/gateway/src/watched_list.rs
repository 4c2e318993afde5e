//! Lists that only grow at their end, one for each watched instrument.

use std::collections::BTreeMap;

use omni_types::InstrumentId;

use crate::{
    json::{Json, Object},
    series::{Series, Written},
};

struct Held {
    interval_ns: Option<i64>,
    list: Written,
}

/// One list for each watched instrument, written as JSON.
pub(crate) struct WatchedLists {
    /// Most items of a list.
    keep: usize,
    held: BTreeMap<InstrumentId, Held>,
    /// Instruments no longer held, with the view that removed them.
    removed: BTreeMap<InstrumentId, u64>,
}

/// What a view brings of an instrument; with the length of its items where they are bars.
pub(crate) type Brought<'a, T> = (InstrumentId, Option<i64>, &'a Series<T>);

impl WatchedLists {
    pub(crate) fn new(keep: usize) -> Self {
        Self { keep, held: BTreeMap::new(), removed: BTreeMap::new() }
    }

    /// Takes what view `number` brings, and lets go of every instrument that it doesn't.
    pub(crate) fn update<'a, T: Json + 'a>(&mut self, brought: impl Iterator<Item = Brought<'a, T>>, number: u64) {
        let mut before = std::mem::take(&mut self.held);
        for (instrument, interval_ns, series) in brought {
            let same = before.remove(&instrument).filter(|held| held.interval_ns == interval_ns);
            let mut held = same.unwrap_or_else(|| Held { interval_ns, list: Written::new(self.keep, number) });
            held.list.extend(series, number);
            self.held.insert(instrument, held);
            self.removed.remove(&instrument);
        }
        self.removed.extend(before.into_keys().filter(|gone| !self.held.contains_key(gone)).map(|gone| (gone, number)));
    }

    /// Returns whether these instruments are held, and no others.
    pub(crate) fn holds(&self, instruments: impl Iterator<Item = InstrumentId>) -> bool {
        let mut wanted: Vec<_> = instruments.collect();
        wanted.sort_unstable();
        self.held.keys().copied().eq(wanted)
    }

    /// Appends all lists as an object.
    pub(crate) fn write_whole(&self, out: &mut String) {
        let mut all = Object::open(out);
        for (instrument, held) in &self.held {
            held.write(all.id(instrument), |fields| held.list.write_whole(fields));
        }
        all.close();
    }

    /// Returns whether a view after `since` changed something.
    pub(crate) fn changed(&self, since: u64) -> bool {
        self.held.values().any(|held| held.list.changed(since)) || self.removed.values().any(|number| *number > since)
    }

    /// Appends what views after `since` changed, as an object.
    pub(crate) fn write_since(&self, since: u64, out: &mut String) {
        let mut all = Object::open(out);
        for (instrument, held) in self.held.iter().filter(|(_, held)| held.list.changed(since)) {
            held.write(all.id(instrument), |fields| held.list.write_since(since, fields));
        }
        for (instrument, _) in self.removed.iter().filter(|(_, number)| **number > since) {
            all.id(instrument).push_str("null");
        }
        all.close();
    }
}

impl Held {
    fn write(&self, out: &mut String, list: impl FnOnce(&mut Object<'_>)) {
        let mut fields = Object::open(out);
        if let Some(interval_ns) = &self.interval_ns {
            fields.field("interval_ns", interval_ns);
        }
        list(&mut fields);
        fields.close();
    }
}
