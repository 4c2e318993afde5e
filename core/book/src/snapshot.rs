//! Snapshots of the books, slot for slot.
//!
//! Slots and free lists come back as they were, so that a recovered book numbers, refuses and sweeps like the one that
//! was never stopped. What follows from the rest (links, totals, sides) isn't written, so it can't be wrong.

use omni_types::{
    AccountId, InstrumentId, OrderId, Price, Qty, SessionId, Side, SnapshotError, SnapshotReader, SnapshotWriter,
};

use crate::ladder::{Ladder, Rebuild, Rung};
use crate::level3::{Level, key, price};
use crate::pool::{NONE, Refill};
use crate::{FeedBooks, Level2, Level3, Order, OrderIndex, mix};

impl Level3 {
    /// Appends the whole state.
    pub fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        self.orders.encode(writer);
        self.levels.encode(writer);
        self.ladders.encode(writer);
        writer.word(self.books.len() as u64);
        for ladder in self.books.iter().flatten() {
            ladder.encode(writer);
            for rung in self.ladders.rungs(ladder) {
                writer.word(rung.value.into());
                self.encode_level(&self.levels[rung.value], writer);
            }
        }
    }

    fn encode_level(&self, level: &Level, writer: &mut SnapshotWriter<'_>) {
        writer.signed(level.price.0);
        writer.word(level.orders.into());
        for (slot, order) in self.queue(level) {
            let Order { key, id, leaves, filled, account, session, flags, .. } = *order;
            let numbers = [slot.into(), key, id.0, leaves.0, filled.0];
            let owner = [account.0.into(), session.0.into(), flags.into()];
            numbers.into_iter().chain(owner).for_each(|number| writer.word(number));
        }
    }

    /// Reads books back.
    ///
    /// # Errors
    /// [`SnapshotError::Corrupt`] for bytes that [`Self::encode`] doesn't write.
    pub fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let orders = Refill::decode(reader)?;
        let levels: Refill<Level> = Refill::decode(reader)?;
        let ladders = Rebuild::decode(levels.capacity(), reader)?;
        let mut parts = Parts { orders, levels, ladders };
        let mut books = empty_books(reader)?;
        for (instrument, sides) in (0..).map(InstrumentId).zip(&mut books) {
            for (side, ladder) in Side::BOTH.into_iter().zip(sides) {
                *ladder = parts.side(instrument, side, reader)?;
            }
        }
        Ok(Self {
            orders: parts.orders.finish(reader)?,
            levels: parts.levels.finish(reader)?,
            ladders: parts.ladders.finish(reader)?,
            books,
        })
    }
}

/// Books being read back.
struct Parts {
    orders: Refill<Order>,
    levels: Refill<Level>,
    ladders: Rebuild<u32>,
}

impl Parts {
    fn side(
        &mut self,
        instrument: InstrumentId,
        side: Side,
        reader: &mut SnapshotReader<'_>,
    ) -> Result<Ladder, SnapshotError> {
        let ladder = self.ladders.ladder(reader)?;
        for position in 0..ladder.len() {
            let slot = reader.half()?;
            let price = self.level(slot, instrument, side, reader)?;
            self.ladders.set(&ladder, position, Rung { key: key(side, price), value: slot }, reader)?;
        }
        Ok(ladder)
    }

    fn level(
        &mut self,
        slot: u32,
        instrument: InstrumentId,
        side: Side,
        reader: &mut SnapshotReader<'_>,
    ) -> Result<Price, SnapshotError> {
        let price = Price(reader.signed()?);
        let orders = reader.half()?;
        if orders == 0 {
            return Err(reader.error("an order at every price"));
        }
        let mut level = Level { quantity: Qty::ZERO, price, head: NONE, tail: NONE, orders };
        for _ in 0..orders {
            let (at, mut order) = read_order(reader)?;
            (order.instrument, order.sell) = (instrument, side == Side::Sell);
            (order.level, order.next, order.prev) = (slot, NONE, level.tail);
            self.orders.fill(at, order, reader)?;
            match level.tail {
                NONE => level.head = at,
                tail => self.orders.filled(tail).next = at,
            }
            let total = level.quantity.0.checked_add(order.leaves.0);
            level.quantity = Qty(total.ok_or(reader.error("a total quantity of 64 bits"))?);
            level.tail = at;
        }
        self.levels.fill(slot, level, reader)?;
        Ok(price)
    }
}

fn read_order(reader: &mut SnapshotReader<'_>) -> Result<(u32, Order), SnapshotError> {
    let slot = reader.half()?;
    let order = Order::new(reader.word()?, OrderId(reader.word()?), Qty(reader.word()?));
    if order.leaves == Qty::ZERO {
        return Err(reader.error("an open quantity above zero"));
    }
    let filled = Qty(reader.word()?);
    if filled.0.checked_add(order.leaves.0).is_none() {
        return Err(reader.error("an order quantity of 64 bits"));
    }
    let account = AccountId(reader.half()?);
    let session = SessionId(reader.below(1 << 16, "a session")? as u16);
    let flags = reader.below(1 << 8, "flags of 8 bits")? as u8;
    Ok((slot, Order { filled, account, session, flags, ..order }))
}

impl OrderIndex {
    /// Builds the index of the orders that rest in books just read, each to be found by the two words that `name` gives.
    ///
    /// # Errors
    /// [`SnapshotError::Corrupt`] where two orders have the same name, or there is no memory for so many.
    pub fn decode(
        books: &Level3,
        name: impl Fn(&Order) -> [u64; 2],
        reader: &SnapshotReader<'_>,
    ) -> Result<Self, SnapshotError> {
        let index = Self::checked(books.capacity().orders);
        let mut index = index.ok_or(reader.error("an order capacity for which there is memory"))?;
        for (slot, order) in books.resting() {
            let [number, whose] = name(order);
            let hash = mix(number, whose);
            if index.find(hash, |other| name(books.order(other)) == [number, whose]).is_some() {
                return Err(reader.error("each order's number once"));
            }
            index.insert(hash, slot);
        }
        Ok(index)
    }
}

impl FeedBooks {
    /// Appends the whole state; the index follows from the books.
    pub fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        self.books.encode(writer);
    }

    /// Reads books back.
    ///
    /// # Errors
    /// [`SnapshotError::Corrupt`] for bytes that [`Self::encode`] doesn't write.
    pub fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let books = Level3::decode(reader)?;
        let index = OrderIndex::decode(&books, |order| [order.key, order.instrument.0.into()], reader)?;
        Ok(Self { books, index })
    }
}

fn empty_books(reader: &mut SnapshotReader<'_>) -> Result<Vec<[Ladder; 2]>, SnapshotError> {
    match reader.count(NONE as usize, "a number of instruments of 32 bits")? {
        0 => Err(reader.error("room for an instrument")),
        count => Ok(vec![[Ladder::EMPTY; 2]; count]),
    }
}

impl Level2 {
    /// Appends the whole state.
    pub fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(self.levels as u64);
        self.ladders.encode(writer);
        writer.word(self.books.len() as u64);
        for sides in &self.books {
            for (side, ladder) in Side::BOTH.into_iter().zip(sides) {
                ladder.encode(writer);
                for rung in self.ladders.rungs(ladder) {
                    writer.signed(price(side, rung.key).0);
                    writer.word(rung.value);
                }
            }
        }
    }

    /// Reads books back.
    ///
    /// # Errors
    /// [`SnapshotError::Corrupt`] for bytes that [`Self::encode`] doesn't write.
    pub fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let levels = reader.below(NONE.into(), "a capacity of 32 bits")? as usize;
        let mut ladders = Rebuild::decode(levels, reader)?;
        let mut books = empty_books(reader)?;
        for (side, ladder) in books.iter_mut().flat_map(|sides| Side::BOTH.into_iter().zip(sides)) {
            *ladder = ladders.ladder(reader)?;
            for position in 0..ladder.len() {
                let at = Price(reader.signed()?);
                let quantity = reader.word()?;
                if quantity == 0 {
                    return Err(reader.error("a quantity above zero"));
                }
                ladders.set(ladder, position, Rung { key: key(side, at), value: quantity }, reader)?;
            }
        }
        Ok(Self { ladders: ladders.finish(reader)?, levels, books })
    }
}
