//! Snapshots of the simulator: its settings, markets, recorded books and our orders.
//!
//! A simulator read back goes on as if it never stopped. Whatever can't be one of its states is an error, and no number
//! of a corrupt snapshot reserves memory that isn't there.

use omni_book::{Order, Slot};
use omni_port::Listing;
use omni_types::{Price, Qty, Side, SnapshotError, SnapshotReader, SnapshotWriter, Time, TopOfBook};

use super::check::is_price;
use super::market::{Market, PRICE_MOST};
use super::own::Own;
use super::quote::Displayed;
use super::recorded::Recorded;
use super::report::{FLAGS_MOST, at_market, post_only, time_in_force};
use super::{Config, Data, Historical, Statistics};

/// The layout that this code writes, and the only one it reads.
const VERSION: u64 = 2;

const NUMBERED: &str = "a number with others above it";

/// Reserves memory as a snapshot says, where there is so much.
pub(super) fn reserved<T>(count: usize, reader: &SnapshotReader<'_>) -> Result<Vec<T>, SnapshotError> {
    let mut values = Vec::new();
    values.try_reserve_exact(count).map_err(|_| reader.error("capacities for which there is memory"))?;
    Ok(values)
}

/// Reads a number that is counted up from.
pub(super) fn read_number(reader: &mut SnapshotReader<'_>) -> Result<u64, SnapshotError> {
    reader.below(1 << 63, NUMBERED)
}

fn read_price(reader: &mut SnapshotReader<'_>) -> Result<Price, SnapshotError> {
    let price = Price(reader.signed()?);
    if is_price(price) { Ok(price) } else { Err(reader.error("a price")) }
}

fn read_up_to(most: u64, reader: &mut SnapshotReader<'_>, expected: &'static str) -> Result<u64, SnapshotError> {
    let number = reader.word()?;
    if number <= most { Ok(number) } else { Err(reader.error(expected)) }
}

impl Historical {
    pub(super) fn write(&self, writer: &mut SnapshotWriter<'_>) {
        [VERSION, self.order_id, self.trade_id].into_iter().for_each(|number| writer.word(number));
        self.config.encode(writer);
        self.data.iter().for_each(|&data| writer.word(data as u64));
        writer.word(self.markets.len() as u64);
        self.markets.iter().for_each(|market| market.encode(writer));
        self.statistics.encode(writer);
        self.recorded.encode(writer);
        self.own.encode(writer);
    }

    pub(super) fn read(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        if reader.word()? != VERSION {
            return Err(reader.error("version 2 of the simulator's snapshot"));
        }
        let (order_id, trade_id) = (read_number(reader)?, read_number(reader)?);
        let config = Config::decode(reader)?;
        let capacity = config.capacity.own();
        let data = (0..capacity.instruments).map(|_| Data::decode(reader)).collect::<Result<Vec<_>, _>>()?;
        let markets = read_markets(&data, reader)?;
        let statistics = Statistics::decode(reader)?;
        let recorded = Recorded::decode(config.capacity.recorded(), reader)?;
        let own = Own::decode(capacity, reader)?;
        let candidates = reserved(capacity.orders, reader)?;
        let venue = Self { config, markets, data, recorded, own, candidates, statistics, order_id, trade_id };
        venue
            .check_recorded()
            .ok_or(reader.error("recorded orders of listed instruments that are filled from them"))?;
        venue.check_own().ok_or(reader.error("orders that the simulator can have taken"))?;
        Ok(venue)
    }

    /// Returns `None` where a recorded order rests that can't have been taken.
    fn check_recorded(&self) -> Option<()> {
        self.recorded.books().resting().try_for_each(|(slot, order)| {
            let market = self.markets.get(order.instrument.index())?;
            (market.data == Data::Orders && is_price(self.recorded.books().price(slot))).then_some(())
        })
    }

    /// Returns `None` where an order of ours can't have been taken.
    fn check_own(&self) -> Option<()> {
        self.own.books.resting().try_for_each(|(slot, order)| {
            let market = self.markets.get(order.instrument.index())?;
            let (standing, at) = (self.own.standing(slot), self.own.books.price(slot));
            let level = self.own.books.level(order.instrument, order.side(), at)?;
            let numbered = order.id.0 <= self.order_id && standing.stamp <= self.recorded.stamped();
            let fits = level.quantity.0 <= PRICE_MOST.unsigned_abs() && self.may_rest(market, (slot, order), at);
            (numbered && fits).then_some(())
        })
    }

    fn may_rest(&self, market: &Market, (slot, order): (Slot, &Order), at: Price) -> bool {
        let (waits, market_order) = (self.own.standing(slot).waiting, at_market(order.side(), at));
        let rests = time_in_force(order).rests();
        let quantity = market.listing.accepts_quantity(Qty(order.leaves.0 + order.filled.0));
        let price = market_order || market.listing.may_rest_at(at);
        let stays = match market.data {
            Data::Orders if waits => market.within_event,
            Data::Bars => !waits,
            Data::Orders | Data::Quotes => !waits && rests && !market_order,
            Data::Trades => !waits && rests,
        };
        let passive = rests && !market_order || !post_only(order);
        order.flags <= FLAGS_MOST && quantity && price && stays && passive
    }
}

fn read_markets(data: &[Data], reader: &mut SnapshotReader<'_>) -> Result<Vec<Market>, SnapshotError> {
    let mut markets = Vec::with_capacity(data.len());
    for &data in &data[..reader.count(data.len(), "no more instruments than the capacity")?] {
        markets.push(Market::decode(data, reader)?);
    }
    Ok(markets)
}

impl Market {
    /// Appends the whole state but what its fills are made from.
    fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        self.listing.encode(writer);
        writer.word(self.within_event.into());
        for side in Side::BOTH {
            write_pair(self.best(side).map(|(price, quantity)| (price, quantity.0)), writer);
            [self.shown, self.taken].into_iter().for_each(|of| writer.word(of[side.index()]));
        }
        write_pair(self.closed.map(|(close, end)| (close, end.0.cast_unsigned())), writer);
        write_pair(self.traded, writer);
    }

    fn decode(data: Data, reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let (listing, within_event) = (Listing::decode(reader)?, reader.flag()?);
        let mut market = Self { within_event, ..Self::of(listing, data) };
        let sides = [market.read_side(Side::Buy, reader)?, market.read_side(Side::Sell, reader)?];
        market.top = TopOfBook { bid: sides[0], ask: sides[1] };
        market.crossed = market.top.is_crossed();
        market.closed = read_pair(reader)?.map(|(close, end)| (close, Time(end.cast_signed())));
        market.traded = read_pair(reader)?;
        Ok(market)
    }

    fn read_side(&mut self, side: Side, reader: &mut SnapshotReader<'_>) -> Result<Displayed, SnapshotError> {
        let best = read_pair(reader)?.map(|(price, quantity)| (price, Qty(quantity)));
        if best.is_some_and(|(_, quantity)| quantity == Qty::ZERO) {
            return Err(reader.error("a displayed quantity above zero"));
        }
        let most = best.map_or(0, |(_, quantity)| quantity.0);
        let shown = read_up_to(most, reader, "no more than was displayed")?;
        self.shown[side.index()] = shown;
        self.taken[side.index()] = read_up_to(shown, reader, "no more than is displayed")?;
        Ok(best)
    }
}

fn write_pair(pair: Option<(Price, u64)>, writer: &mut SnapshotWriter<'_>) {
    writer.word(pair.is_some().into());
    if let Some((price, number)) = pair {
        writer.signed(price.0);
        writer.word(number);
    }
}

fn read_pair(reader: &mut SnapshotReader<'_>) -> Result<Option<(Price, u64)>, SnapshotError> {
    if !reader.flag()? {
        return Ok(None);
    }
    Ok(Some((read_price(reader)?, reader.word()?)))
}
