//! The floor under matching: price-time priority and nothing else. Dense ids, no reports, no checks, no owners.

use omni_types::Side;

use crate::workload::{Message, Operation, Workload};

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Order {
    quantity: u32,
    instrument: u16,
    side: Side,
    level: u32,
    next: u32,
    prev: u32,
}

#[derive(Clone, Copy)]
struct Level {
    key: i32,
    head: u32,
    tail: u32,
}

/// Both sides of a book: its levels by key, the best last.
type Book = [Vec<(i32, u32)>; 2];

/// What becomes of a resting order, by its slot.
pub(crate) enum Step {
    Rested(u32),
    Traded(u32, u32),
    Ended(u32),
}

/// The bare matcher.
pub(crate) struct Reference {
    books: Vec<Book>,
    orders: Vec<Order>,
    free_orders: Vec<u32>,
    levels: Vec<Level>,
    free_levels: Vec<u32>,
    /// Where an order is, by its number.
    slots: Vec<u32>,
    pub(crate) trades: u64,
    pub(crate) volume: u64,
}

impl Reference {
    pub(crate) fn new(workload: &Workload) -> Self {
        Self {
            books: (0..workload.instruments).map(|_| [Vec::with_capacity(8), Vec::with_capacity(8)]).collect(),
            orders: Vec::with_capacity(workload.live * 2),
            free_orders: Vec::with_capacity(workload.live * 2),
            levels: Vec::with_capacity(workload.live * 2),
            free_levels: Vec::with_capacity(workload.live * 2),
            slots: vec![NONE; workload.messages + 2],
            trades: 0,
            volume: 0,
        }
    }

    /// Takes a message, and tells what it did to resting orders.
    #[inline]
    pub(crate) fn apply(&mut self, message: &Message, mut told: impl FnMut(Step)) {
        match message.operation {
            Operation::Add => told(Step::Rested(self.add(message))),
            Operation::Cancel => {
                let slot = self.slots[message.id as usize];
                self.remove(slot);
                told(Step::Ended(slot));
            }
            Operation::Market => self.take(message, told),
        }
    }

    #[inline]
    fn add(&mut self, m: &Message) -> u32 {
        let key = if m.side == Side::Buy { m.price } else { -m.price };
        let level = self.level(m.instrument, m.side, key);
        let prev = self.levels[level as usize].tail;
        let order = Order { quantity: m.quantity, instrument: m.instrument, side: m.side, level, next: NONE, prev };
        let slot = place(&mut self.orders, &mut self.free_orders, order);
        self.slots[m.id as usize] = slot;
        let level = &mut self.levels[level as usize];
        level.tail = slot;
        if prev == NONE {
            level.head = slot;
        } else {
            self.orders[prev as usize].next = slot;
        }
        slot
    }

    #[inline]
    fn level(&mut self, instrument: u16, side: Side, key: i32) -> u32 {
        let side = &mut self.books[usize::from(instrument)][side.index()];
        // Most orders come near the best.
        let behind = side.iter().rev().take_while(|level| level.0 > key).count();
        let at = side.len() - behind;
        if at > 0 && side[at - 1].0 == key {
            return side[at - 1].1;
        }
        let level = place(&mut self.levels, &mut self.free_levels, Level { key, head: NONE, tail: NONE });
        side.insert(at, (key, level));
        level
    }

    #[inline]
    fn take(&mut self, m: &Message, mut told: impl FnMut(Step)) {
        let mut wanted = m.quantity;
        while wanted > 0 {
            let Some(&(_, level)) = self.books[usize::from(m.instrument)][m.side.opposite().index()].last() else {
                return;
            };
            let slot = self.levels[level as usize].head;
            let order = &mut self.orders[slot as usize];
            let traded = wanted.min(order.quantity);
            wanted -= traded;
            order.quantity -= traded;
            self.trades += 1;
            self.volume += u64::from(traded);
            let filled = order.quantity == 0;
            told(Step::Traded(slot, traded));
            if filled {
                self.remove(slot);
                told(Step::Ended(slot));
            }
        }
    }

    #[inline]
    fn remove(&mut self, slot: u32) {
        let order = self.orders[slot as usize];
        let level = &mut self.levels[order.level as usize];
        if order.prev == NONE {
            level.head = order.next;
        } else {
            self.orders[order.prev as usize].next = order.next;
        }
        if order.next == NONE {
            level.tail = order.prev;
        } else {
            self.orders[order.next as usize].prev = order.prev;
        }
        if level.head == NONE {
            let key = level.key;
            let side = &mut self.books[usize::from(order.instrument)][order.side.index()];
            if let Some(at) = side.iter().rposition(|level| level.0 == key) {
                side.remove(at);
            }
            self.free_levels.push(order.level);
        }
        self.free_orders.push(slot);
    }
}

#[inline]
fn place<T>(slots: &mut Vec<T>, free: &mut Vec<u32>, value: T) -> u32 {
    if let Some(slot) = free.pop() {
        slots[slot as usize] = value;
        return slot;
    }
    slots.push(value);
    slots.len() as u32 - 1
}
