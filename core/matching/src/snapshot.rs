//! Snapshots of the exchange.

use omni_book::{Level3, OrderIndex};
use omni_port::Listing;
use omni_types::{InstrumentId, Qty, Side, SnapshotError, SnapshotReader, SnapshotWriter, TopOfBook};

use crate::{Exchange, MarketData};

/// The layout that this code writes, and the only one it reads.
const VERSION: u64 = 2;

impl Exchange {
    /// Writes everything but the index and the published tops, which follow from the books.
    pub(crate) fn write(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(VERSION);
        writer.word(u64::from(self.market_data == MarketData::Off));
        writer.word(self.order_id);
        writer.word(self.trade_id);
        self.books.encode(writer);
        writer.word(self.listings.len() as u64);
        self.listings.iter().for_each(|listing| listing.encode(writer));
    }

    pub(crate) fn read(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        if reader.word()? != VERSION {
            return Err(reader.error("version 2 of the exchange's snapshot"));
        }
        let market_data = if reader.flag()? { MarketData::Off } else { MarketData::Published };
        let numbered = "a number with others above it";
        let (order_id, trade_id) = (reader.below(1 << 63, numbered)?, reader.below(1 << 63, numbered)?);
        let books = Level3::decode(reader)?;
        let count = reader.count(books.instruments(), "no more instruments than books")?;
        let mut listings = Vec::with_capacity(books.instruments());
        for _ in 0..count {
            listings.push(Listing::decode(reader)?);
        }
        let index = OrderIndex::decode(&books, |order| [order.key, order.session.0.into()], reader)?;
        let tops = Vec::with_capacity(books.instruments());
        let mut exchange = Self { books, index, listings, tops, market_data, order_id, trade_id };
        exchange.check_orders().ok_or(reader.error("orders that the exchange can have taken"))?;
        exchange.publish_tops().ok_or(reader.error("books that aren't crossed"))?;
        Ok(exchange)
    }

    /// Returns `None` where an order can't be the exchange's.
    fn check_orders(&self) -> Option<()> {
        self.books.resting().try_for_each(|(slot, order)| {
            let listing = self.listings.get(order.instrument.index())?;
            let quantity = Qty(order.leaves.0 + order.filled.0);
            let fits = listing.may_rest_at(self.books.price(slot)) && listing.accepts_quantity(quantity);
            (fits && order.id.0 <= self.order_id && order.flags <= crate::report::FLAGS_MOST).then_some(())
        })
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
