//! Makes the workload: about 61% passive limit orders, 35% cancels of a random live order, 4% market orders of six or
//! seven fills, around a price that walks at random.

use std::collections::BTreeMap;

use omni_types::Side;

use super::feed::Feed;
use super::random::Random;
use super::{Message, Operation, Workload};

/// No order.
const NONE: u32 = 0;

/// An order by its number; links lead to its neighbours at its price.
#[derive(Clone, Copy)]
struct Order {
    quantity: u32,
    instrument: u16,
    side: Side,
    price: i32,
    /// Where it is in the list of live orders.
    place: u32,
    next: u32,
    prev: u32,
}

/// First and last order of each price.
type Prices = BTreeMap<i32, (u32, u32)>;

struct Book {
    sides: [Prices; 2],
    mid: i32,
}

pub(crate) struct Generator<'a> {
    workload: Workload,
    random: Random,
    feed: Feed<'a>,
    books: Vec<Book>,
    /// Every order by its number, which starts at 1.
    orders: Vec<Order>,
    live: Vec<u32>,
    /// Cumulated weights of the instruments, most active first.
    weights: Vec<f64>,
    /// Which instrument has which weight.
    rank: Vec<u16>,
    time: u64,
}

impl<'a> Generator<'a> {
    pub(crate) fn new(workload: &Workload, feed: Option<&'a mut Vec<u8>>) -> Self {
        let count = workload.instruments;
        let mut random = Random::new(workload.seed);
        let weight = |sum: &mut f64, at: usize| {
            *sum += 1.0 / ((at + 1) as f64).powf(0.8);
            Some(*sum)
        };
        let mut rank: Vec<u16> = (0..count as u16).collect();
        (1..count).rev().for_each(|at| rank.swap(at, random.below(at as u32 + 1) as usize));
        let nobody = Order { quantity: 0, instrument: 0, side: Side::Buy, price: 0, place: 0, next: NONE, prev: NONE };
        Self {
            workload: *workload,
            random,
            feed: Feed::new(feed),
            books: (0..count).map(|_| Book { sides: [Prices::new(), Prices::new()], mid: 10_000 }).collect(),
            orders: vec![nobody],
            live: Vec::new(),
            weights: (0..count).scan(0.0, weight).collect(),
            rank,
            time: 34_200_000_000_000,
        }
    }

    pub(crate) fn run(mut self) -> Vec<Message> {
        (0..self.workload.instruments as u16).for_each(|instrument| self.feed.directory(instrument, self.time));
        (0..self.workload.messages).map(|_| self.message()).collect()
    }

    fn message(&mut self) -> Message {
        self.time += u64::from(100 + self.random.below(2_000));
        let mut what = self.random.unit();
        if self.live.len() < self.workload.live / 20 + 2 {
            what = 0.0;
        } else if self.live.len() < self.workload.live && what >= 0.95 && self.random.unit() < 0.5 {
            what = self.random.unit() * 0.6;
        }
        match what {
            what if what < 0.60 => self.add(),
            what if what < 0.95 => self.cancel(),
            _ => self.market(),
        }
    }

    fn add(&mut self) -> Message {
        let instrument = self.instrument();
        let (side, price) = self.passive(instrument);
        let quantity = (1 + self.random.below(10)) * 100;
        let id = self.orders.len() as u32;
        let last = self.books[usize::from(instrument)].sides[side.index()].entry(price).or_insert((id, NONE));
        let prev = last.1;
        last.1 = id;
        if prev != NONE {
            self.orders[prev as usize].next = id;
        }
        self.orders.push(Order { quantity, instrument, side, price, place: self.live.len() as u32, next: NONE, prev });
        self.live.push(id);
        self.feed.add(instrument, self.time, id.into(), side, (quantity, price));
        Message { operation: Operation::Add, side, instrument, price, quantity, id: id.into() }
    }

    fn instrument(&mut self) -> u16 {
        if self.workload.instruments == 1 {
            return 0;
        }
        let total = self.weights.last().copied().unwrap_or_default();
        let drawn = self.random.unit() * total;
        self.rank[self.weights.partition_point(|&weight| weight < drawn)]
    }

    /// Draws a side and a price that doesn't cross, after the mid may have walked.
    fn passive(&mut self, instrument: u16) -> (Side, i32) {
        let (random, book) = (&mut self.random, &mut self.books[usize::from(instrument)]);
        if random.below(100) < 2 {
            book.mid += if random.below(2) == 1 { 1 } else { -1 };
        }
        book.mid = book.mid.clamp(2_000, 18_000);
        let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
        let distance = 1 + (-8.0 * (1.0 - random.unit()).ln()) as i32;
        let [bids, asks] = &book.sides;
        let price = match side {
            Side::Buy => asks.first_key_value().map_or(i32::MAX, |(&ask, _)| ask - 1).min(book.mid - distance),
            Side::Sell => bids.last_key_value().map_or(i32::MIN, |(&bid, _)| bid + 1).max(book.mid + distance),
        };
        (side, price.max(1))
    }

    fn any_live(&mut self) -> u32 {
        self.live[self.random.below(self.live.len() as u32) as usize]
    }

    fn cancel(&mut self) -> Message {
        let id = self.any_live();
        let Order { quantity, instrument, side, price, .. } = self.orders[id as usize];
        self.drop(id);
        self.feed.delete(instrument, self.time, id.into());
        Message { operation: Operation::Cancel, side, instrument, price, quantity, id: id.into() }
    }

    fn market(&mut self) -> Message {
        let any = self.any_live();
        let Order { instrument, side: hit, .. } = self.orders[any as usize];
        let lots =
            if self.live.len() > self.workload.live { 2 + self.random.below(14) } else { 1 + self.random.below(6) };
        let quantity = lots * 550 / 100 * 100;
        let id = self.orders.len() as u32;
        // A number that no resting order has.
        self.orders.push(self.orders[0]);
        self.sweep(instrument, hit, quantity);
        Message { operation: Operation::Market, side: hit.opposite(), instrument, price: 0, quantity, id: id.into() }
    }

    fn sweep(&mut self, instrument: u16, hit: Side, quantity: u32) {
        let mut wanted = quantity;
        while wanted > 0 {
            let prices = &self.books[usize::from(instrument)].sides[hit.index()];
            let best = if hit == Side::Buy { prices.last_key_value() } else { prices.first_key_value() };
            let Some((_, &(first, _))) = best else { return };
            let order = &mut self.orders[first as usize];
            let traded = wanted.min(order.quantity);
            wanted -= traded;
            order.quantity -= traded;
            let filled = order.quantity == 0;
            self.feed.execute(instrument, self.time, first.into(), traded);
            if filled {
                self.drop(first);
            }
        }
    }

    /// Takes an order out of its price and out of the live ones, where the last takes its place.
    fn drop(&mut self, id: u32) {
        let Order { instrument, side, price, place, next, prev, .. } = self.orders[id as usize];
        self.live.swap_remove(place as usize);
        if let Some(&moved) = self.live.get(place as usize) {
            self.orders[moved as usize].place = place;
        }
        let prices = &mut self.books[usize::from(instrument)].sides[side.index()];
        if (next, prev) == (NONE, NONE) {
            prices.remove(&price);
            return;
        }
        if let Some((first, last)) = prices.get_mut(&price) {
            *first = if prev == NONE { next } else { *first };
            *last = if next == NONE { prev } else { *last };
        }
        if prev != NONE {
            self.orders[prev as usize].next = next;
        }
        if next != NONE {
            self.orders[next as usize].prev = prev;
        }
    }
}
