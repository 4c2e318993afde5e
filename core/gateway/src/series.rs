//! Lists that only grow at their end.

use std::collections::VecDeque;

use crate::json::{Json, Object, push, push_array};

/// Part of a list that only grows at its end: the items from running index `first` on.
///
/// The engine may hand over the whole list or only what is new since the last view that was accepted: what the other
/// side has already is not read again, and nothing new is an empty series.
#[derive(Clone, PartialEq, Debug)]
pub struct Series<T> {
    /// Running index of the first item, counted from the start of the run.
    pub first: u64,
    /// The items.
    pub items: Vec<T>,
}

impl<T> Default for Series<T> {
    fn default() -> Self {
        Self { first: 0, items: Vec::new() }
    }
}

impl<T> Series<T> {
    /// Empties the series and lets its next item be number `first`; keeps its memory.
    pub fn restart(&mut self, first: u64) {
        self.first = first;
        self.items.clear();
    }

    /// Returns the running index after the last item.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first + self.items.len() as u64
    }
}

struct Item {
    /// The view that brought it.
    number: u64,
    text: Box<str>,
}

/// The newest items of a series, written as JSON.
pub(crate) struct Written {
    keep: usize,
    first: u64,
    items: VecDeque<Item>,
    /// The view since which the list is without a gap.
    whole_since: u64,
}

impl Written {
    /// An empty list that will hold the newest `keep` items and begins with view `number`.
    pub(crate) fn new(keep: usize, number: u64) -> Self {
        Self { keep, first: 0, items: VecDeque::new(), whole_since: number }
    }

    /// Appends what is new in `series`, which view `number` brings.
    pub(crate) fn extend<T: Json>(&mut self, series: &Series<T>, number: u64) {
        if series.items.is_empty() {
            return;
        }
        let mut end = self.first + self.items.len() as u64;
        if series.first > end {
            self.items.clear();
            self.whole_since = number;
            self.first = series.first;
            end = series.first;
        }
        let known = usize::try_from(end - series.first).unwrap_or(usize::MAX);
        for item in series.items.iter().skip(known) {
            let mut text = String::new();
            item.json(&mut text);
            self.items.push_back(Item { number, text: text.into_boxed_str() });
        }
        let surplus = self.items.len().saturating_sub(self.keep);
        self.items.drain(..surplus);
        self.first += surplus as u64;
    }

    /// Returns whether a view after `since` brought something.
    pub(crate) fn changed(&self, since: u64) -> bool {
        self.whole_since > since || self.items.back().is_some_and(|item| item.number > since)
    }

    /// Writes the fields of the whole list.
    pub(crate) fn write_whole(&self, object: &mut Object<'_>) {
        push(object.key("first"), self.first);
        self.write_items(0, object.key("items"));
    }

    /// Writes the fields of what came after view `since`.
    pub(crate) fn write_since(&self, since: u64, object: &mut Object<'_>) {
        let held = if self.whole_since > since { 0 } else { self.items.partition_point(|item| item.number <= since) };
        push(object.key("first"), self.first);
        push(object.key("from"), self.first + held as u64);
        self.write_items(held, object.key("items"));
    }

    fn write_items(&self, skip: usize, out: &mut String) {
        push_array(out, self.items.iter().skip(skip));
    }
}

impl Json for Item {
    fn json(&self, out: &mut String) {
        out.push_str(&self.text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(list: &Written) -> String {
        let mut out = String::new();
        let mut object = Object::open(&mut out);
        list.write_whole(&mut object);
        object.close();
        out
    }

    #[test]
    fn overlaps_are_read_once_and_gaps_start_anew() {
        let mut list = Written::new(3, 1);
        list.extend(&Series { first: 0, items: vec![0_u64, 1] }, 1);
        list.extend(&Series { first: 1, items: vec![1_u64, 2] }, 2);
        assert_eq!(written(&list), r#"{"first":0,"items":[0,1,2]}"#);
        list.extend(&Series { first: 3, items: vec![3_u64] }, 3);
        assert_eq!(written(&list), r#"{"first":1,"items":[1,2,3]}"#);
        list.extend(&Series { first: 0, items: Vec::<u64>::new() }, 4);
        assert!(!list.changed(3));
        list.extend(&Series { first: 9, items: vec![9_u64] }, 5);
        assert_eq!(written(&list), r#"{"first":9,"items":[9]}"#);
    }
}
