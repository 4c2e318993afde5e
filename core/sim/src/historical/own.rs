//! Our own open orders: found by number, and by instrument, side and price.

use omni_book::{Capacity, Full, Level3, Order, OrderIndex, Slot, mix};
use omni_port::OrderView;
use omni_types::{
    ClientOrderId, InstrumentId, NewOrder, OrderId, Price, Qty, Refusal, SessionId, Side, SnapshotError,
    SnapshotReader, SnapshotWriter, Time,
};

use super::report::{at_market, flags, place};
use super::snapshot::reserved;

/// What is ahead of an order whose price has not been the displayed best yet.
pub(super) const UNSEEN: u64 = u64::MAX;

/// Where an order of ours stands in the recorded market.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Standing {
    /// The recorded orders with smaller stamps at its price are ahead.
    pub(super) stamp: u64,
    /// Of quotes: displayed quantity ahead.
    pub(super) ahead: u64,
    /// When it came.
    pub(super) arrived: Time,
    /// Whether it came within a recorded event and waits for its end.
    pub(super) waiting: bool,
}

/// An order about to join our own.
pub(super) struct Entry<'a> {
    pub(super) order: &'a NewOrder,
    pub(super) id: OrderId,
    pub(super) filled: Qty,
    pub(super) standing: Standing,
}

/// All our open orders in one book, which never matches.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) books: Level3,
    index: OrderIndex,
    /// By slot, for every slot that was ever used.
    standings: Vec<Standing>,
    /// Orders that wait for a recorded event's end, first come first.
    waiting: Vec<Slot>,
}

impl Own {
    pub(super) fn new(capacity: Capacity) -> Self {
        Self {
            books: Level3::new(capacity),
            index: OrderIndex::new(capacity.orders),
            standings: Vec::with_capacity(capacity.orders),
            waiting: Vec::with_capacity(capacity.orders),
        }
    }

    pub(super) fn find(&self, session: SessionId, client_order_id: ClientOrderId) -> Option<Slot> {
        let is_it = |slot| {
            let order = self.books.order(slot);
            order.key == client_order_id.0 && order.session == session
        };
        self.index.find(hash(client_order_id.0, session), is_it)
    }

    /// Returns whether an instrument has orders of ours.
    #[inline]
    pub(super) fn any(&self, instrument: InstrumentId) -> bool {
        self.books.live() > 0 && Side::BOTH.iter().any(|&side| self.books.best(instrument, side).is_some())
    }

    /// Checks that an order at a new price of this side would fit; `moves` where it gives its old slot back.
    pub(super) fn room(&self, instrument: InstrumentId, side: Side, moves: bool) -> Result<(), Refusal> {
        match self.books.has_room(instrument, side) {
            Ok(()) => Ok(()),
            Err(Full::Orders) if moves => Ok(()),
            Err(full) => Err(refusal(full)),
        }
    }

    pub(super) fn rest(&mut self, entry: &Entry<'_>) -> Option<Slot> {
        let (order, at) = (entry.order, place(entry.order));
        let mut resting = Order::new(order.client_order_id.0, entry.id, Qty(order.quantity.0 - entry.filled.0));
        resting.filled = entry.filled;
        resting.account = order.account;
        resting.session = order.session;
        resting.flags = flags(order);
        let slot = self.books.rest(order.instrument, order.side, at, resting).ok()?;
        self.index.insert(hash(resting.key, resting.session), slot);
        match self.standings.get_mut(slot as usize) {
            Some(standing) => *standing = entry.standing,
            None => self.standings.push(entry.standing),
        }
        if entry.standing.waiting {
            self.waiting.push(slot);
        }
        Some(slot)
    }

    /// Takes a fill off an order; returns the order as it stands after.
    pub(super) fn fill(&mut self, slot: Slot, quantity: u64) -> Order {
        let mut order = *self.books.order(slot);
        order.leaves = self.books.fill(slot, Qty(quantity));
        order.filled.0 += quantity;
        if order.leaves == Qty::ZERO {
            self.index.remove(hash(order.key, order.session), slot);
        }
        order
    }

    /// Takes an order out and returns it as it was.
    pub(super) fn pull(&mut self, slot: Slot) -> Order {
        if self.standings[slot as usize].waiting {
            self.waiting.retain(|&other| other != slot);
        }
        let order = self.books.remove(slot);
        self.index.remove(hash(order.key, order.session), slot);
        order
    }

    /// Returns the first order of an instrument that waits for the recorded event's end, which waits no longer.
    pub(super) fn wake(&mut self, instrument: InstrumentId) -> Option<Slot> {
        let at = self.waiting.iter().position(|&slot| self.books.order(slot).instrument == instrument)?;
        let slot = self.waiting.remove(at);
        self.standings[slot as usize].waiting = false;
        Some(slot)
    }

    #[inline]
    pub(super) fn standing(&self, slot: Slot) -> &Standing {
        &self.standings[slot as usize]
    }

    pub(super) fn standing_mut(&mut self, slot: Slot) -> &mut Standing {
        &mut self.standings[slot as usize]
    }

    /// Returns the first order of the level that is `behind` levels behind our best, and its price.
    #[inline]
    pub(super) fn level(&self, instrument: InstrumentId, side: Side, behind: usize) -> Option<(Price, Slot)> {
        self.books.nth(instrument, side, behind).map(|level| (level.price, self.books.front(level)))
    }

    /// Returns how many levels to go on by after the one at `price`: none if it has gone.
    pub(super) fn step(&self, instrument: InstrumentId, side: Side, price: Price) -> usize {
        usize::from(self.books.level(instrument, side, price).is_some())
    }

    pub(super) fn view(&self, slot: Slot) -> OrderView {
        let (order, price) = (self.books.order(slot), self.books.price(slot));
        OrderView {
            session: order.session,
            client_order_id: ClientOrderId(order.key),
            order_id: order.id,
            account: order.account,
            instrument: order.instrument,
            side: order.side(),
            price: if at_market(order.side(), price) { Price(0) } else { price },
            leaves: order.leaves,
            filled: order.filled,
        }
    }

    /// Appends the whole state but the index, which follows from the books.
    pub(super) fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        self.books.encode(writer);
        for (slot, _) in self.books.resting() {
            let Standing { stamp, ahead, arrived, waiting: _ } = *self.standing(slot);
            [stamp, ahead].into_iter().for_each(|number| writer.word(number));
            writer.signed(arrived.0);
        }
        writer.word(self.waiting.len() as u64);
        self.waiting.iter().for_each(|&slot| writer.word(slot.into()));
    }

    pub(super) fn decode(capacity: Capacity, reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let books = Level3::decode(reader)?;
        if books.capacity() != capacity {
            return Err(reader.error("a book of our orders of the settings' capacity"));
        }
        let index = OrderIndex::decode(&books, |order| [order.key, order.session.0.into()], reader)?;
        let (standings, waiting) = (reserved(capacity.orders, reader)?, reserved(capacity.orders, reader)?);
        let mut own = Self { books, index, standings, waiting };
        own.standings.resize(own.books.slots() as usize, Standing::default());
        own.read_standings(reader)?;
        for _ in 0..reader.count(own.books.live(), "no more waiting orders than orders")? {
            own.read_waiting(reader)?;
        }
        Ok(own)
    }

    fn read_standings(&mut self, reader: &mut SnapshotReader<'_>) -> Result<(), SnapshotError> {
        for (slot, _) in self.books.resting() {
            let (stamp, ahead, arrived) = (reader.word()?, reader.word()?, Time(reader.signed()?));
            self.standings[slot as usize] = Standing { stamp, ahead, arrived, waiting: false };
        }
        Ok(())
    }

    fn read_waiting(&mut self, reader: &mut SnapshotReader<'_>) -> Result<(), SnapshotError> {
        let slot = reader.half()?;
        if self.books.get(slot).is_none() || core::mem::replace(&mut self.standings[slot as usize].waiting, true) {
            return Err(reader.error("each waiting order once"));
        }
        self.waiting.push(slot);
        Ok(())
    }
}

/// Says which pool is full; an order is checked to fit a level's total before.
pub(super) fn refusal(full: Full) -> Refusal {
    if full == Full::Orders { Refusal::OrderCapacity } else { Refusal::LevelCapacity }
}

fn hash(key: u64, session: SessionId) -> u64 {
    mix(key, u64::from(session.0))
}
