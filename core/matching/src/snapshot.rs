//! Snapshots of the exchange.

use omni_book::{Level3, Order, OrderIndex};
use omni_port::Listing;
use omni_types::{
    ClientOrderId, Display, InstrumentId, Minimum, OrderId, OrderType, Peg, Price, Qty, SessionId, Side, SnapshotError,
    SnapshotReader, SnapshotWriter, Terms, Time, TimeInForce, TopOfBook, TradingState, Trigger,
};

use crate::auction::Outcome;
use crate::exchange::{NEVER, special_capacity};
use crate::expiry::{Expiries, Expiry};
use crate::held::Held;
use crate::report::{FLAGS_MOST, SPECIAL};
use crate::special::{Special, Specials};
use crate::{Exchange, MarketData};

/// The layout that this code writes, and the only one it reads.
const VERSION: u64 = 2;

impl Exchange {
    /// Writes everything but the indices, and the published tops where they follow from the books.
    pub(crate) fn write(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(VERSION);
        writer.word(u64::from(self.market_data == MarketData::Off));
        writer.word(self.order_id);
        writer.word(self.trade_id);
        self.books.encode(writer);
        self.held.books().encode(writer);
        writer.word(self.listings.len() as u64);
        for (at, listing) in self.listings.iter().enumerate() {
            listing.encode(writer);
            writer.signed(self.lasts[at].0);
            if listing.state != TradingState::Open {
                write_top(&self.tops[at], writer);
            }
            if listing.state.is_call() {
                self.outcomes.get(at).copied().unwrap_or_default().encode(writer);
            }
        }
        for order in self.all_orders().filter(|order| order.more != 0) {
            self.specials.get(order.more).encode(writer);
        }
        self.expiries.encode(writer);
    }

    fn all_orders(&self) -> impl Iterator<Item = &Order> + '_ {
        self.books.resting().chain(self.held.books().resting()).map(|(_, order)| order)
    }

    pub(crate) fn read(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        if reader.word()? != VERSION {
            return Err(reader.error("version 2 of the exchange's snapshot"));
        }
        let market_data = if reader.flag()? { MarketData::Off } else { MarketData::Published };
        let numbered = "a number with others above it";
        let (order_id, trade_id) = (reader.below(1 << 63, numbered)?, reader.below(1 << 63, numbered)?);
        let (books, unseen) = (Level3::decode(reader)?, Level3::decode(reader)?);
        let name = |order: &Order| [order.key, order.session.0.into()];
        let (index, unseen_index) =
            (OrderIndex::decode(&books, name, reader)?, OrderIndex::decode(&unseen, name, reader)?);
        let most = special_capacity(books.capacity());
        if unseen.capacity().orders != most.orders || unseen.capacity().levels != most.levels {
            return Err(reader.error("room for as many special orders as there may be"));
        }
        let held = Held::restore(unseen, unseen_index, books.instruments());
        let mut exchange = Self { books, index, market_data, order_id, trade_id, ..Self::empty(most, market_data) };
        exchange.held = held.ok_or(reader.error("shelves of the instruments that there is room for"))?;
        exchange.read_listings(reader)?;
        exchange.read_specials(reader)?;
        exchange.expiries = Expiries::decode(most.orders, reader)?;
        exchange.check_orders().ok_or(reader.error("orders that the exchange can have taken"))?;
        exchange.publish_tops().ok_or(reader.error("books that aren't crossed while they trade"))?;
        Ok(exchange)
    }

    /// Builds an exchange whose books are still to be read, with room for so many special orders.
    fn empty(most: omni_book::Capacity, market_data: MarketData) -> Self {
        let nothing = omni_book::Capacity { orders: 0, levels: 0, ..most };
        let mut exchange = Self::new(nothing, market_data);
        exchange.specials = Specials::new(most.orders);
        exchange.scratch = Vec::with_capacity(most.orders);
        exchange
    }

    fn read_listings(&mut self, reader: &mut SnapshotReader<'_>) -> Result<(), SnapshotError> {
        let count = reader.count(self.books.instruments(), "no more instruments than books")?;
        for at in 0..count {
            let listing = Listing::decode(reader)?;
            let last = Price(reader.signed()?);
            if last != NEVER && last.0.unsigned_abs() >= 1 << 62 {
                return Err(reader.error("a last price that can be listed"));
            }
            self.tops.push(if listing.state == TradingState::Open { TopOfBook::default() } else { read_top(reader)? });
            if listing.state.is_call() {
                self.outcomes.resize(at, Outcome::default());
                self.outcomes.push(Outcome::decode(reader)?);
            }
            self.lasts.push(last);
            self.listings.push(listing);
        }
        Ok(())
    }

    /// Reads the terms of the orders that have some, in the order of their slots.
    fn read_specials(&mut self, reader: &mut SnapshotReader<'_>) -> Result<(), SnapshotError> {
        let is_special = |order: &Order| order.flags & SPECIAL != 0;
        if self.held.books().resting().any(|(_, order)| !is_special(order)) {
            return Err(reader.error("terms of every order that isn't displayed"));
        }
        for slot in 0..self.books.slots() {
            if self.books.get(slot).is_some_and(is_special) {
                let more = self.read_special(reader)?;
                self.books.note(slot, more);
            }
        }
        for slot in 0..self.held.books().slots() {
            if self.held.books().get(slot).is_some() {
                let more = self.read_special(reader)?;
                self.held.note(slot, more);
            }
        }
        Ok(())
    }

    fn read_special(&mut self, reader: &mut SnapshotReader<'_>) -> Result<u32, SnapshotError> {
        if !self.specials.has_room() {
            return Err(reader.error("no more special orders than the capacity"));
        }
        Ok(self.specials.take(Special::decode(reader)?))
    }

    /// Returns `None` where an order can't be the exchange's.
    fn check_orders(&self) -> Option<()> {
        self.books.resting().try_for_each(|(slot, order)| {
            let listing = self.listings.get(order.instrument.index())?;
            let quantity = Qty(self.leaves(order).0.checked_add(order.filled.0)?);
            let fits = listing.may_rest_at(self.books.price(slot)) && listing.accepts_quantity(quantity);
            (fits && order.id.0 <= self.order_id && order.flags <= FLAGS_MOST).then_some(())
        })?;
        self.held.books().resting().try_for_each(|(slot, _)| {
            let order = self.held.order(slot);
            let listing = self.listings.get(order.instrument.index())?;
            let special = self.specials.get(order.more);
            let quantity = Qty(order.leaves.0.checked_add(order.filled.0)?);
            let priced = special.order_type == OrderType::Market || listing.may_rest_at(special.limit);
            let fits = priced && listing.accepts_quantity(quantity) && special.reserve == Qty::ZERO;
            let once = self.index_has_not(&order);
            (fits && once && order.id.0 <= self.order_id && order.flags <= FLAGS_MOST).then_some(())
        })
    }

    fn index_has_not(&self, order: &Order) -> bool {
        let hash = omni_book::mix(order.key, u64::from(order.session.0));
        let same = |slot| crate::cancel::is_it(self.books.order(slot), order.session, ClientOrderId(order.key));
        self.index.find(hash, same).is_none()
    }

    /// Takes the tops of the books that trade as published, as they are between commands.
    fn publish_tops(&mut self) -> Option<()> {
        for id in (0..self.listings.len() as u32).map(InstrumentId) {
            if self.listings[id.index()].state == TradingState::Open {
                let top = self.books.top(id);
                if top.is_crossed() {
                    return None;
                }
                self.tops[id.index()] = if self.market_data == MarketData::Off { TopOfBook::default() } else { top };
            }
        }
        let unlisted = (self.listings.len()..self.books.instruments()).map(|id| InstrumentId(id as u32));
        let empty = |id| Side::BOTH.iter().all(|&side| self.books.best(id, side).is_none());
        unlisted.into_iter().all(empty).then_some(())
    }
}

impl Special {
    fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        let Self { terms: t, order_type, time_in_force, limit, reserve } = *self;
        let codes = [t.trigger as u64, t.peg as u64, t.display as u64, t.minimum as u64, t.to_limit.into()];
        codes.into_iter().chain([order_type as u64, time_in_force as u64]).for_each(|code| writer.word(code));
        writer.signed(t.price.0);
        writer.word(t.size.0);
        writer.signed(t.expire.0);
        writer.signed(limit.0);
        writer.word(reserve.0);
    }

    fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let trigger = choose(Trigger::ALL, reader)?;
        let (peg, display, minimum) =
            (choose(Peg::ALL, reader)?, choose(Display::ALL, reader)?, choose(Minimum::ALL, reader)?);
        let to_limit = reader.flag()?;
        let order_type = choose([OrderType::Market, OrderType::Limit], reader)?;
        let time_in_force = choose(TimeInForce::ALL, reader)?;
        let price = reader.price()?;
        let size = Qty(reader.word()?);
        let expire = Time(reader.signed()?);
        let limit = reader.price()?;
        let reserve = Qty(reader.below(1 << 62, "a quantity that the engine's numbers carry")?);
        let terms = Terms { trigger, peg, display, minimum, to_limit, price, size, expire };
        Ok(Self { terms, order_type, time_in_force, limit, reserve })
    }
}

impl Outcome {
    fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(self.price.is_some().into());
        writer.signed(self.price.map_or(0, |price| price.0));
        writer.word(self.quantity.0);
        writer.word(self.imbalance.map_or(0, |(side, _)| 1 + side as u64));
        writer.word(self.imbalance.map_or(0, |(_, quantity)| quantity.0));
    }

    fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let (priced, price) = (reader.flag()?, Price(reader.signed()?));
        let quantity = Qty(reader.word()?);
        let side = reader.below(3, "a side or none")?;
        let left = Qty(reader.word()?);
        let whole = empty(priced, price.0 as u64).and_then(|()| empty(side > 0, left.0));
        whole.ok_or(reader.error("no price where there is none"))?;
        let imbalance = side.checked_sub(1).map(|side| (Side::BOTH[side as usize], left));
        Ok(Self { price: priced.then_some(price), quantity, imbalance })
    }
}

impl Expiries {
    fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(self.waiting().len() as u64);
        for Expiry { time, id, session, client_order_id } in self.waiting() {
            writer.signed(time.0);
            [id.0, session.0.into(), client_order_id.0].into_iter().for_each(|word| writer.word(word));
        }
    }

    fn decode(orders: usize, reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let (mut expiries, mut read) = (Self::new(orders), Vec::new());
        for _ in 0..reader.count(2 * orders, "no more orders that end at a time than the capacity")? {
            let (time, id) = (Time(reader.signed()?), OrderId(reader.word()?));
            let session = SessionId(reader.below(1 << 16, "a session")? as u16);
            read.push(Expiry { time, id, session, client_order_id: ClientOrderId(reader.word()?) });
        }
        read.iter().for_each(|&expiry| expiries.put(expiry));
        // A heap written in its order comes back in it.
        if expiries.waiting().eq(&read) { Ok(expiries) } else { Err(reader.error("ends of orders as they are kept")) }
    }
}

fn choose<T: Copy, const N: usize>(all: [T; N], reader: &mut SnapshotReader<'_>) -> Result<T, SnapshotError> {
    Ok(all[reader.below(N as u64, "a code of the order's terms")? as usize])
}

/// Returns `None` where something is told of what isn't there.
fn empty(there: bool, told: u64) -> Option<()> {
    (there || told == 0).then_some(())
}

fn write_top(top: &TopOfBook, writer: &mut SnapshotWriter<'_>) {
    for side in [top.bid, top.ask] {
        writer.word(side.is_some().into());
        writer.signed(side.map_or(0, |(price, _)| price.0));
        writer.word(side.map_or(0, |(_, quantity)| quantity.0));
    }
}

fn read_top(reader: &mut SnapshotReader<'_>) -> Result<TopOfBook, SnapshotError> {
    let mut side = || {
        let (there, price, quantity) = (reader.flag()?, Price(reader.signed()?), Qty(reader.word()?));
        empty(there, price.0 as u64 | quantity.0).ok_or(reader.error("nothing of an empty side"))?;
        Ok::<_, SnapshotError>(there.then_some((price, quantity)))
    };
    Ok(TopOfBook { bid: side()?, ask: side()? })
}
