//! Level-3 books against a naive model: a map of queues for each side.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, VecDeque};

use omni_book::{Capacity, Full, Level3, Order, Slot};
use omni_types::testing::property;
use omni_types::{AccountId, InstrumentId, OrderId, Price, Qty, SessionId, Side, SnapshotReader, SnapshotWriter};
use proptest::prelude::*;

const INSTRUMENTS: u32 = 3;

#[derive(Clone, Copy, Debug)]
enum Command {
    Rest { instrument: u32, side: Side, price: i64, quantity: u64 },
    Reduce { pick: usize, part: u64 },
    Fill { pick: usize, part: u64 },
    Remove { pick: usize },
}

/// Few prices make queues; many make ladders deeper than 64 levels; the ends of the range are prices like others.
fn price() -> impl Strategy<Value = i64> {
    prop_oneof![5 => -3..3_i64, 6 => -150..150_i64, 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
}

fn quantity() -> impl Strategy<Value = u64> {
    prop_oneof![20 => 1..1_000_u64, 1 => Just(u64::MAX), 1 => Just(u64::MAX / 2)]
}

fn command(removes: u32) -> impl Strategy<Value = Command> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let rest = (0..INSTRUMENTS, side, price(), quantity());
    prop_oneof![
        8 => rest.prop_map(|(instrument, side, price, quantity)| Command::Rest { instrument, side, price, quantity }),
        1 => (any::<usize>(), any::<u64>()).prop_map(|(pick, part)| Command::Reduce { pick, part }),
        2 => (any::<usize>(), any::<u64>()).prop_map(|(pick, part)| Command::Fill { pick, part }),
        removes => any::<usize>().prop_map(|pick| Command::Remove { pick }),
    ]
}

/// A first half that builds up and a second that tears down.
fn commands() -> impl Strategy<Value = Vec<Command>> {
    (prop::collection::vec(command(2), 0..400), prop::collection::vec(command(30), 0..400))
        .prop_map(|(up, down)| [up, down].concat())
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Resting {
    key: u64,
    leaves: u64,
    filled: u64,
}

type Queues = BTreeMap<i64, VecDeque<Resting>>;

#[derive(Clone, Default)]
struct Model {
    sides: BTreeMap<(u32, usize), Queues>,
    /// Where each live order is, by key.
    live: BTreeMap<u64, (u32, Side, i64)>,
}

impl Model {
    fn levels(&self) -> usize {
        self.sides.values().map(BTreeMap::len).sum()
    }

    fn queue(&mut self, at: (u32, Side, i64)) -> &mut VecDeque<Resting> {
        self.sides.entry((at.0, at.1.index())).or_default().entry(at.2).or_default()
    }

    fn refuses(&self, (instrument, side, price): (u32, Side, i64), quantity: u64, most: Capacity) -> Option<Full> {
        if self.live.len() == most.orders {
            return Some(Full::Orders);
        }
        let level = self.sides.get(&(instrument, side.index())).and_then(|queues| queues.get(&price));
        match level {
            None => (self.levels() == most.levels).then_some(Full::Levels),
            Some(queue) => {
                let total = queue.iter().map(|order| u128::from(order.leaves)).sum::<u128>() + u128::from(quantity);
                (total > u128::from(u64::MAX)).then_some(Full::Quantity)
            }
        }
    }

    fn remove(&mut self, key: u64) {
        let at = self.live.remove(&key).unwrap();
        let queue = self.queue(at);
        queue.retain(|order| order.key != key);
        if queue.is_empty() {
            self.sides.get_mut(&(at.0, at.1.index())).unwrap().remove(&at.2);
        }
    }
}

struct Pair {
    book: Level3,
    model: Model,
    slots: BTreeMap<u64, Slot>,
    capacity: Capacity,
    next: u64,
}

impl Pair {
    fn new(capacity: Capacity) -> Self {
        let (model, slots) = (Model::default(), BTreeMap::new());
        Self { book: Level3::new(capacity), model, slots, capacity, next: 0 }
    }

    fn pick(&self, pick: usize) -> Option<(u64, Slot)> {
        let at = pick.checked_rem(self.slots.len())?;
        self.slots.iter().nth(at).map(|(&key, &slot)| (key, slot))
    }

    fn apply(&mut self, command: Command) {
        match command {
            Command::Rest { instrument, side, price, quantity } => self.rest((instrument, side, price), quantity),
            Command::Reduce { pick, part } => {
                let Some((key, slot)) = self.pick(pick) else { return };
                let part = part % self.book.order(slot).leaves.0;
                if part > 0 {
                    self.book.reduce(slot, Qty(part));
                    self.order(key).leaves -= part;
                }
            }
            Command::Fill { pick, part } => {
                let Some((key, slot)) = self.pick(pick) else { return };
                let part = part % self.book.order(slot).leaves.0 + 1;
                let left = self.book.fill(slot, Qty(part));
                let order = self.order(key);
                order.leaves -= part;
                order.filled += part;
                assert_eq!(left, Qty(order.leaves));
                if left == Qty::ZERO {
                    self.model.remove(key);
                    self.slots.remove(&key);
                }
            }
            Command::Remove { pick } => {
                let Some((key, slot)) = self.pick(pick) else { return };
                let removed = self.book.remove(slot);
                let order = *self.order(key);
                let found = Resting { key: removed.key, leaves: removed.leaves.0, filled: removed.filled.0 };
                assert_eq!(found, order);
                self.model.remove(key);
                self.slots.remove(&key);
            }
        }
    }

    fn order(&mut self, key: u64) -> &mut Resting {
        let at = self.model.live[&key];
        self.model.queue(at).iter_mut().find(|order| order.key == key).unwrap()
    }

    fn rest(&mut self, at: (u32, Side, i64), quantity: u64) {
        self.next += 1;
        let mut order = Order::new(self.next, OrderId(self.next), Qty(quantity));
        (order.account, order.session, order.flags) = (AccountId(self.next as u32 % 7), SessionId(3), 1);
        let rested = self.book.rest(InstrumentId(at.0), at.1, Price(at.2), order);
        match self.model.refuses(at, quantity, self.capacity) {
            Some(full) => assert_eq!(rested, Err(full)),
            None => {
                self.slots.insert(self.next, rested.unwrap());
                self.model.queue(at).push_back(Resting { key: self.next, leaves: quantity, filled: 0 });
                self.model.live.insert(self.next, at);
            }
        }
    }

    /// Compares everything that can be seen of the books.
    fn check(&self) {
        assert_eq!((self.book.live(), self.book.levels_live()), (self.model.live.len(), self.model.levels()));
        for instrument in 0..INSTRUMENTS {
            let sides = Side::BOTH.map(|side| self.check_side(instrument, side));
            let top = self.book.top(InstrumentId(instrument));
            assert_eq!([top.bid, top.ask], sides, "{instrument}");
        }
        for (key, slot) in &self.slots {
            let (instrument, side, price) = self.model.live[key];
            let order = self.book.order(*slot);
            assert_eq!((order.instrument.0, order.side(), self.book.price(*slot).0), (instrument, side, price));
        }
        let resting: Vec<Slot> = self.book.resting().map(|(slot, _)| slot).collect();
        let mut slots: Vec<Slot> = self.slots.values().copied().collect();
        slots.sort_unstable();
        assert_eq!(resting, slots);
    }

    fn check_side(&self, instrument: u32, side: Side) -> Option<(Price, Qty)> {
        let empty = Queues::new();
        let queues = self.model.sides.get(&(instrument, side.index())).unwrap_or(&empty);
        let mut expected: Vec<(&i64, &VecDeque<Resting>)> = queues.iter().collect();
        if side == Side::Buy {
            expected.reverse();
        }
        let instrument = InstrumentId(instrument);
        assert_eq!(self.book.levels(instrument, side).count(), expected.len());
        assert!(self.book.nth(instrument, side, expected.len()).is_none());
        for (behind, (level, (price, queue))) in self.book.levels(instrument, side).zip(&expected).enumerate() {
            let total: u64 = queue.iter().map(|order| order.leaves).sum();
            assert_eq!((level.price.0, level.quantity.0, level.orders as usize), (**price, total, queue.len()));
            let orders: Vec<Resting> = self.book.queue(level).map(|(_, o)| resting(o)).collect();
            assert!(orders.iter().eq(queue.iter()), "{orders:?} {queue:?}");
            assert_eq!(self.book.level(instrument, side, level.price), Some(level));
            assert_eq!(self.book.nth(instrument, side, behind), Some(level));
        }
        expected.first().map(|(price, queue)| (Price(**price), Qty(queue.iter().map(|order| order.leaves).sum())))
    }
}

fn resting(order: &Order) -> Resting {
    Resting { key: order.key, leaves: order.leaves.0, filled: order.filled.0 }
}

fn snapshot(book: &Level3) -> Vec<u8> {
    let mut bytes = Vec::new();
    book.encode(&mut SnapshotWriter::new(&mut bytes));
    bytes
}

fn decode(bytes: &[u8]) -> Result<Level3, omni_types::SnapshotError> {
    let mut reader = SnapshotReader::new(bytes);
    let book = Level3::decode(&mut reader)?;
    reader.end().map(|()| book)
}

proptest! {
    #![proptest_config(property(256))]

    #[test]
    fn fuzz_books_equal_the_model(commands in commands(), orders in 1_usize..600, levels in 1_usize..400) {
        let capacity = Capacity { instruments: INSTRUMENTS as usize, orders, levels };
        let mut pair = Pair::new(capacity);
        for (at, command) in commands.into_iter().enumerate() {
            pair.apply(command);
            if at % 16 == 0 {
                pair.check();
            }
        }
        pair.check();
    }

    #[test]
    fn fuzz_a_snapshot_goes_on_slot_for_slot(
        before in commands(),
        after in commands(),
        orders in 1_usize..300,
        levels in 1_usize..200,
    ) {
        let mut pair = Pair::new(Capacity { instruments: INSTRUMENTS as usize, orders, levels });
        before.into_iter().for_each(|command| pair.apply(command));
        let bytes = snapshot(&pair.book);
        let mut twin = Pair {
            book: decode(&bytes).unwrap(),
            model: pair.model.clone(),
            slots: pair.slots.clone(),
            ..pair
        };
        twin.check();
        prop_assert_eq!(&snapshot(&twin.book), &bytes);
        for command in after {
            pair.apply(command);
            twin.apply(command);
        }
        twin.check();
        prop_assert_eq!(&twin.slots, &pair.slots);
        prop_assert_eq!(snapshot(&twin.book), snapshot(&pair.book));
    }

    #[test]
    fn fuzz_corrupt_snapshots_are_refused_or_consistent(
        commands in commands(),
        at in any::<usize>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut pair = Pair::new(Capacity { instruments: INSTRUMENTS as usize, orders: 500, levels: 300 });
        commands.into_iter().for_each(|command| pair.apply(command));
        let mut bytes = snapshot(&pair.book);
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(book) = decode(&bytes) {
            prop_assert!(!cut);
            prop_assert_eq!(snapshot(&book), bytes);
            empty(book);
        }
    }
}

/// A book that was taken from a changed snapshot must still be one: every order can leave it.
fn empty(mut book: Level3) {
    let slots: Vec<Slot> = book.resting().map(|(slot, _)| slot).collect();
    assert_eq!(slots.len(), book.live());
    slots.into_iter().for_each(|slot| {
        book.remove(slot);
    });
    assert_eq!((book.live(), book.levels_live()), (0, 0));
    assert!((0..book.instruments()).all(|at| book.top(InstrumentId(at as u32)) == Default::default()));
}

#[test]
fn ladders_that_peak_in_turn_share_their_blocks() {
    let capacity = Capacity { instruments: 64, orders: 1 << 10, levels: 1 << 10 };
    let mut book = Level3::new(capacity);
    for instrument in (0..64).map(InstrumentId) {
        let rest = |price| book.rest(instrument, Side::Buy, Price(price), Order::new(1, OrderId(1), Qty(1)));
        let slots: Vec<Slot> = (0..1_000).map(rest).collect::<Result<_, _>>().unwrap();
        slots.into_iter().for_each(|slot| {
            book.remove(slot);
        });
    }
    let mut rest =
        |instrument| book.rest(InstrumentId(instrument), Side::Sell, Price(1), Order::new(1, OrderId(1), Qty(1)));
    assert!((0..64).all(|instrument| rest(instrument).is_ok()));
}
