//! Auctions of the naive exchange: every limit is tried as the price.

use omni_types::{InstrumentId, Liquidity, Minimum, Peg, Qty, Refusal, Side, TimeInForce};

use super::{At, Model, Place, Resting, reaches};

/// What an auction would trade.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    pub price: Option<i64>,
    pub quantity: u64,
    pub imbalance: Option<(Side, Qty)>,
}

impl Model {
    /// Returns those who take part: market orders first, then by price, displayed ones first, then first come first.
    fn parties(&self, instrument: InstrumentId, side: Side) -> Vec<At> {
        let takes_part = |r: &Resting| r.terms.minimum == Minimum::None && r.terms.peg == Peg::None;
        let limits = [Place::Lit, Place::Dark].into_iter().flat_map(|place| self.queue(instrument, side, place));
        let mut limits: Vec<At> = limits.filter(|&at| takes_part(&self.get(at))).collect();
        limits.sort_by_key(|&at| -side.sign() * self.get(at).price);
        let mut all = self.queue(instrument, side, Place::Call);
        all.extend(limits);
        all
    }

    fn trades_at(&self, at: At, price: i64) -> bool {
        let party = self.get(at);
        party.place == Place::Call || reaches(party.order.side, party.price, price)
    }

    fn demand(&self, instrument: InstrumentId, side: Side, price: i64) -> i128 {
        let parties = self.parties(instrument, side).into_iter().filter(|&at| self.trades_at(at, price));
        parties.map(|at| i128::from(self.get(at).total())).sum()
    }

    pub(super) fn outcome(&self, instrument: InstrumentId) -> Outcome {
        let all = Side::BOTH.map(|side| self.parties(instrument, side)).concat();
        let limits = all.iter().filter(|&&at| self.get(at).place != Place::Call);
        let mut prices: Vec<i64> = limits.map(|&at| self.get(at).price).collect();
        prices.sort_unstable();
        prices.dedup();
        let at = |price: i64| {
            let [buys, sells] = Side::BOTH.map(|side| self.demand(instrument, side, price));
            (buys.min(sells), buys - sells)
        };
        let most = prices.iter().map(|&price| at(price).0).max().unwrap_or(0);
        if most == 0 {
            return self.market_only(instrument);
        }
        prices.retain(|&price| at(price).0 == most);
        let least = prices.iter().map(|&price| at(price).1.abs()).min().unwrap();
        prices.retain(|&price| at(price).1.abs() == least);
        let (low, high) = (prices[0], prices[prices.len() - 1]);
        let price = if prices.iter().all(|&price| at(price).1 > 0) {
            high
        } else if prices.iter().all(|&price| at(price).1 < 0) {
            low
        } else {
            let wanted = self.lasts[instrument.index()].unwrap_or(low + (high - low) / 2);
            let tick = self.instruments[instrument.index()].0.spec.tick;
            (wanted - wanted.rem_euclid(tick)).clamp(low, high)
        };
        let (quantity, left) = at(price);
        Outcome { price: Some(price), quantity: quantity as u64, imbalance: imbalance(left) }
    }

    fn market_only(&self, instrument: InstrumentId) -> Outcome {
        let [buys, sells] = Side::BOTH.map(|side| {
            let queue = self.queue(instrument, side, Place::Call);
            queue.into_iter().map(|at| i128::from(self.get(at).leaves)).sum::<i128>()
        });
        let quantity = buys.min(sells) as u64;
        let imbalance = imbalance(buys - sells);
        match self.lasts[instrument.index()].filter(|_| quantity > 0) {
            Some(last) => Outcome { price: Some(last), quantity, imbalance },
            None => Outcome { price: None, quantity: 0, imbalance },
        }
    }

    pub(super) fn uncross(&mut self, instrument: InstrumentId) {
        if let Outcome { price: Some(price), quantity, .. } = self.outcome(instrument) {
            let mut traded = 0;
            while traded < quantity {
                let pair = Side::BOTH.map(|side| {
                    self.parties(instrument, side).into_iter().find(|&at| self.trades_at(at, price)).unwrap()
                });
                traded += self.cross(instrument, pair, price);
            }
            self.run = Some((price, price));
        }
        for side in Side::BOTH {
            for at in self.queue(instrument, side, Place::Call) {
                let order = self.take(at);
                self.end(&order, Refusal::NoLiquidity);
            }
        }
        for at in self.all() {
            let order = self.get(at);
            let meant = matches!(order.order.time_in_force, TimeInForce::AtOpen | TimeInForce::AtClose);
            if order.order.instrument == instrument && order.place == Place::Lit && meant {
                let order = self.take(at);
                self.end(&order, Refusal::NoLiquidity);
            }
        }
    }

    fn cross(&mut self, instrument: InstrumentId, pair: [At; 2], price: i64) -> u64 {
        let quantity = self.get(pair[0]).leaves.min(self.get(pair[1]).leaves);
        self.trades += 1;
        for at in pair {
            let party = self.fill(at, quantity);
            self.fill_report(&party, Liquidity::Auction, price, quantity);
        }
        self.tick(instrument, price, quantity, None);
        quantity
    }
}

fn imbalance(left: i128) -> Option<(Side, Qty)> {
    let side = if left > 0 { Side::Buy } else { Side::Sell };
    (left != 0).then_some((side, Qty(left.unsigned_abs() as u64)))
}
