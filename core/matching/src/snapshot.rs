//! Snapshots of the exchange.

use omni_book::{Level3, OrderIndex, mix};
use omni_types::{
    ClientOrderId, InstrumentId, Price, Qty, Side, SnapshotError, SnapshotReader, SnapshotWriter, TopOfBook,
    TradingState,
};

use crate::listing::Listing;
use crate::{Exchange, MarketData};

/// The layout that this code writes, and the only one it reads.
const VERSION: u64 = 1;

impl Exchange {
    /// Writes everything but the index and the published tops, which follow from the books.
    pub(crate) fn write(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(VERSION);
        writer.word(u64::from(self.market_data == MarketData::Off));
        writer.word(self.order_id);
        writer.word(self.trade_id);
        self.books.encode(writer);
        writer.word(self.listings.len() as u64);
        for listing in &self.listings {
            let Listing { price_min, price_max, tick, lot, quantity_max, state } = *listing;
            [price_min.0, price_max.0, tick].into_iter().for_each(|number| writer.signed(number));
            [lot, quantity_max.0, state as u64].into_iter().for_each(|number| writer.word(number));
        }
    }

    pub(crate) fn read(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        if reader.word()? != VERSION {
            return Err(reader.error("version 1 of the exchange's snapshot"));
        }
        let market_data = if reader.flag()? { MarketData::Off } else { MarketData::Published };
        let numbered = "a number with others above it";
        let (order_id, trade_id) = (reader.below(1 << 63, numbered)?, reader.below(1 << 63, numbered)?);
        let books = Level3::decode(reader)?;
        let count = reader.count(books.instruments(), "no more instruments than books")?;
        let mut listings = Vec::with_capacity(books.instruments());
        for _ in 0..count {
            listings.push(read_listing(reader)?);
        }
        let index = OrderIndex::checked(books.order_capacity());
        let index = index.ok_or(reader.error("an order capacity for which there is memory"))?;
        let tops = Vec::with_capacity(books.instruments());
        let mut exchange = Self { books, index, listings, tops, market_data, order_id, trade_id };
        exchange.index_orders().ok_or(reader.error("orders that the exchange can have taken, each once"))?;
        exchange.publish_tops().ok_or(reader.error("books that aren't crossed"))?;
        Ok(exchange)
    }

    /// Puts every order into the index; `None` where one can't be the exchange's.
    fn index_orders(&mut self) -> Option<()> {
        for (slot, order) in self.books.resting() {
            let listing = self.listings.get(order.instrument.index())?;
            let quantity = Qty(order.leaves.0 + order.filled.0);
            let fits = listing.accepts_price(self.books.price(slot)) && listing.accepts_quantity(quantity);
            let known = self.find(order.session, ClientOrderId(order.key)).is_some();
            if !fits || known || order.id.0 > self.order_id || order.flags > crate::report::FLAGS_MOST {
                return None;
            }
            self.index.insert(mix(order.key, u64::from(order.session.0)), slot);
        }
        Some(())
    }

    /// Takes the tops of the books as published, as they are between commands.
    fn publish_tops(&mut self) -> Option<()> {
        for id in (0..self.listings.len() as u32).map(InstrumentId) {
            let top = self.books.top(id);
            if top.is_crossed() {
                return None;
            }
            self.tops.push(if self.market_data == MarketData::Off { TopOfBook::default() } else { top });
        }
        let unlisted = (self.listings.len()..self.books.instruments()).map(|id| InstrumentId(id as u32));
        let empty = |id| Side::BOTH.iter().all(|&side| self.books.best(id, side).is_none());
        unlisted.into_iter().all(empty).then_some(())
    }
}

fn read_listing(reader: &mut SnapshotReader<'_>) -> Result<Listing, SnapshotError> {
    let (price_min, price_max, tick) = (Price(reader.signed()?), Price(reader.signed()?), reader.signed()?);
    if tick < 1 {
        return Err(reader.error("a tick above zero"));
    }
    let lot = reader.word()?;
    if lot == 0 {
        return Err(reader.error("a lot above zero"));
    }
    let quantity_max = Qty(reader.below(1 << 62, "a quantity that the engine's numbers carry")?);
    let state = match reader.below(3, "a trading state")? {
        0 => TradingState::Open,
        1 => TradingState::Halted,
        _ => TradingState::Closed,
    };
    Ok(Listing { price_min, price_max, tick, lot, quantity_max, state })
}
