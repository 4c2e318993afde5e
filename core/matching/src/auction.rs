//! Call auctions: the price at which most trades, the trades, and what is said of it before.
//!
//! The price is, of the limits in the book, the one at which most can trade; of several, where least is left over; of
//! several, the highest where only buyers are left and the lowest where only sellers are; else the one nearest to the
//! last trade between them (the rules of Xetra's market model, T7 release 12, section 7.2.1, principles 1 to 4).

use core::iter::Peekable;

use omni_book::{Level, Order};
use omni_port::{Listing, Sink};
use omni_types::{
    Event, Indicative, InstrumentId, Liquidity, Minimum, Peg, Price, Qty, Refusal, Side, Time, TimeInForce, TradeId,
    TradeTick,
};

use crate::Exchange;
use crate::exchange::NEVER;
use crate::held::Shelf;
use crate::report::Fill;
use crate::spot::{Spot, no_worse};
use crate::unseen::is_better;

/// What an auction would trade if it ended now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) price: Option<Price>,
    pub(crate) quantity: Qty,
    pub(crate) imbalance: Option<(Side, Qty)>,
}

/// The prices that are equally good so far.
#[derive(Clone, Copy, Debug)]
struct Best {
    quantity: u128,
    /// What is left over, buyers' positive, at the lowest and at the highest of them.
    low: (Price, i128),
    high: (Price, i128),
}

impl Best {
    /// Takes in a higher price.
    fn see(best: Option<Self>, price: Price, buys: u128, sells: u128) -> Option<Self> {
        let (quantity, left) = (buys.min(sells), buys as i128 - sells as i128);
        let new = Self { quantity, low: (price, left), high: (price, left) };
        match best {
            _ if quantity == 0 => best,
            None => Some(new),
            Some(old) => Some(match (quantity, old.high.1.unsigned_abs()).cmp(&(old.quantity, left.unsigned_abs())) {
                core::cmp::Ordering::Equal => Self { high: (price, left), ..old },
                _ if quantity > old.quantity => new,
                _ if quantity == old.quantity && left.unsigned_abs() < old.high.1.unsigned_abs() => new,
                _ => old,
            }),
        }
    }

    fn price(&self, reference: Price, listing: &Listing) -> Price {
        let ((low, least), (high, most)) = (self.low, self.high);
        if least > 0 && most > 0 {
            return high;
        }
        if least < 0 && most < 0 {
            return low;
        }
        let wanted = if reference == NEVER { low.0 + (high.0 - low.0) / 2 } else { reference.0 };
        listing.rounded(Price(wanted), false).clamp(low, high)
    }
}

impl Exchange {
    /// Returns what an auction would trade if it ended now.
    pub(crate) fn outcome(&self, instrument: InstrumentId) -> Outcome {
        let [market_buys, market_sells] = Side::BOTH.map(|side| self.at_market(instrument, side));
        let Some(best) = self.best(instrument, market_buys, market_sells) else {
            return self.without_price(instrument, market_buys, market_sells);
        };
        let price = best.price(self.lasts[instrument.index()], &self.listings[instrument.index()]);
        // Between two limits that are equally good there is none, so what is left is reckoned there anew.
        let (quantity, left) = self.at(instrument, price, market_buys, market_sells);
        Outcome { price: Some(price), quantity, imbalance: imbalance(left) }
    }

    /// Goes through all limits from the lowest on.
    fn best(&self, instrument: InstrumentId, market_buys: u128, market_sells: u128) -> Option<Best> {
        let [mut bids, mut asks] =
            [self.books.levels(instrument, Side::Buy), self.books.levels(instrument, Side::Sell)];
        let [mut dark_bids, mut dark_asks] = Side::BOTH.map(|side| self.held.levels(instrument, Shelf::Dark, side));
        let (mut bids, mut dark_bids) = (bids.by_ref().rev().peekable(), dark_bids.by_ref().rev().peekable());
        let (mut asks, mut dark_asks) = (asks.by_ref().peekable(), dark_asks.by_ref().peekable());
        let (mut buys, mut sells) = (market_buys + self.total(instrument, Side::Buy), market_sells);
        let mut best = None;
        loop {
            let next = [head(&mut bids), head(&mut dark_bids), head(&mut asks), head(&mut dark_asks)];
            let Some(price) = next.into_iter().flatten().min() else { return best };
            let taken = |level: Option<&Level>, unseen| level.map_or(0, |level| self.size(level, unseen));
            let sold = taken(at_price(&mut asks, price), false) + taken(at_price(&mut dark_asks, price), true);
            let bought = taken(at_price(&mut bids, price), false) + taken(at_price(&mut dark_bids, price), true);
            sells += sold;
            // A level whose orders all stay away is no limit of the auction.
            if sold + bought > 0 {
                best = Best::see(best, price, buys, sells);
            }
            buys -= bought;
        }
    }

    /// Market orders alone trade at the last price, if there was one.
    fn without_price(&self, instrument: InstrumentId, buys: u128, sells: u128) -> Outcome {
        let last = self.lasts[instrument.index()];
        let quantity = Qty(u64::try_from(buys.min(sells)).unwrap_or(u64::MAX));
        let imbalance = imbalance(buys as i128 - sells as i128);
        if quantity == Qty::ZERO || last == NEVER {
            return Outcome { price: None, quantity: Qty::ZERO, imbalance };
        }
        Outcome { price: Some(last), quantity, imbalance }
    }

    /// Returns what trades at a price, and what is left over there.
    fn at(&self, instrument: InstrumentId, price: Price, buys: u128, sells: u128) -> (Qty, i128) {
        let reached = |side: Side| {
            let lit = self.books.levels(instrument, side).take_while(|level| no_worse(side, level.price, price));
            let dark = self.held.levels(instrument, Shelf::Dark, side);
            let dark = dark.take_while(|level| no_worse(side, level.price, price));
            lit.map(|level| self.size(level, false)).sum::<u128>()
                + dark.map(|level| self.size(level, true)).sum::<u128>()
        };
        let (buys, sells) = (buys + reached(Side::Buy), sells + reached(Side::Sell));
        (Qty(u64::try_from(buys.min(sells)).unwrap_or(u64::MAX)), buys as i128 - sells as i128)
    }

    fn at_market(&self, instrument: InstrumentId, side: Side) -> u128 {
        self.held.levels(instrument, Shelf::Call, side).map(|level| u128::from(level.quantity.0)).sum()
    }

    fn total(&self, instrument: InstrumentId, side: Side) -> u128 {
        let lit = self.books.levels(instrument, side).map(|level| self.size(level, false));
        let dark = self.held.levels(instrument, Shelf::Dark, side).map(|level| self.size(level, true));
        lit.sum::<u128>() + dark.sum::<u128>()
    }

    /// Returns what a level brings into an auction: the reserve of icebergs, but no order that wants a minimum.
    fn size(&self, level: &Level, unseen: bool) -> u128 {
        if !unseen && self.specials.is_empty() {
            return level.quantity.0.into();
        }
        let books = if unseen { self.held.books() } else { &self.books };
        let orders = books.queue(level).filter(|(_, order)| self.takes_part(order));
        orders.map(|(_, order)| u128::from(self.leaves(order).0)).sum()
    }

    fn takes_part(&self, order: &Order) -> bool {
        order.more == 0 || {
            let terms = &self.specials.get(order.more).terms;
            terms.minimum == Minimum::None && terms.peg == Peg::None
        }
    }

    /// Trades what an auction trades. Orders of one account trade with each other, as in the auctions of CME and Nasdaq.
    pub(crate) fn uncross<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        let Outcome { price: Some(price), .. } = self.outcome(instrument) else { return };
        while let [Some(buy), Some(sell)] = Side::BOTH.map(|side| self.next_in_auction(instrument, side, price)) {
            self.cross([buy, sell], price, time, sink);
        }
        self.run = Some((price, price));
    }

    /// Returns the order of a side that trades next: market orders first, then by price, displayed first, time.
    fn next_in_auction(&self, instrument: InstrumentId, side: Side, price: Price) -> Option<Spot> {
        if let Some(slot) = self.held.first(instrument, Shelf::Call, side) {
            return Some(Spot::Held(slot));
        }
        let reached = |level: &&Level| no_worse(side, level.price, price);
        let lit = self.books.best(instrument, side).filter(reached);
        let dark = self.held.levels(instrument, Shelf::Dark, side).take_while(reached).find_map(|level| {
            let mut queue = self.held.books().queue(level);
            queue.find(|(_, order)| self.takes_part(order)).map(|(slot, _)| (slot, level.price))
        });
        match (lit, dark) {
            (Some(level), Some((_, unseen))) if !is_better(side, unseen, level.price) => {
                Some(Spot::Lit(self.books.front(level)))
            }
            (_, Some((slot, _))) => Some(Spot::Held(slot)),
            (lit, None) => lit.map(|level| Spot::Lit(self.books.front(level))),
        }
    }

    fn cross<S: Sink>(&mut self, spots: [Spot; 2], price: Price, time: Time, sink: &mut S) {
        let orders = spots.map(|spot| self.order(spot));
        let quantity = orders[0].leaves.min(orders[1].leaves);
        self.trade_id += 1;
        let fill = Fill { trade_id: TradeId(self.trade_id), price, quantity };
        for (spot, order) in spots.into_iter().zip(&orders) {
            let report = fill.of(self.resting(order, self.price(spot), time), Liquidity::Auction);
            self.fill(spot, order, quantity);
            sink.event(&Event::Report(report));
        }
        let instrument = orders[0].instrument;
        self.lasts[instrument.index()] = price;
        if self.market_data == crate::MarketData::Published {
            sink.event(&Event::Trade(TradeTick { time, instrument, price, quantity, aggressor: None }));
        }
    }

    /// Ends what was meant for the auction alone.
    pub(crate) fn end_auction<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        for side in Side::BOTH {
            while let Some(slot) = self.held.first(instrument, Shelf::Call, side) {
                self.pull_and_report(Spot::Held(slot), Refusal::NoLiquidity, time, sink);
            }
        }
        for slot in 0..self.books.slots() {
            let ends = |order: &&Order| order.instrument == instrument && self.is_for_auction(order);
            if self.books.get(slot).filter(ends).is_some() {
                self.pull_and_report(Spot::Lit(slot), Refusal::NoLiquidity, time, sink);
            }
        }
    }

    fn is_for_auction(&self, order: &Order) -> bool {
        order.more != 0
            && matches!(self.specials.get(order.more).time_in_force, TimeInForce::AtOpen | TimeInForce::AtClose)
    }

    /// Says what the auction would trade, where that is news.
    pub(crate) fn publish_call<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        let outcome = self.outcome(instrument);
        if self.outcomes.len() <= instrument.index() {
            self.outcomes.resize(instrument.index() + 1, Outcome::default());
        }
        if core::mem::replace(&mut self.outcomes[instrument.index()], outcome) != outcome {
            let Outcome { price, quantity, imbalance } = outcome;
            sink.event(&Event::Indicative(Indicative { time, instrument, price, quantity, imbalance }));
        }
    }
}

fn imbalance(left: i128) -> Option<(Side, Qty)> {
    let side = if left > 0 { Side::Buy } else { Side::Sell };
    let quantity = u64::try_from(left.unsigned_abs()).unwrap_or(u64::MAX);
    (left != 0).then_some((side, Qty(quantity)))
}

fn head<'a>(levels: &mut Peekable<impl Iterator<Item = &'a Level>>) -> Option<Price> {
    levels.peek().map(|level| level.price)
}

fn at_price<'a>(levels: &mut Peekable<impl Iterator<Item = &'a Level>>, price: Price) -> Option<&'a Level> {
    levels.next_if(|level| level.price == price)
}
