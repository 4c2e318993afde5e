//! Trades and reports of the naive exchange.

use omni_types::{
    Event, ExecType, ExecutionReport, InstrumentId, Liquidity, OrdStatus, Price, Qty, Refusal, SelfTrade, Side,
    TradeId, TradeTick,
};

use super::{At, Model, Place, Resting};

impl Model {
    /// Two orders of one account meet: returns whether the arriving one ends.
    pub(super) fn prevent(&mut self, taker: &mut Resting, at: At) -> bool {
        let (mode, maker) = (taker.order.self_trade, self.get(at));
        let less = if mode == SelfTrade::Decrement { taker.leaves.min(maker.total()) } else { maker.total() };
        if mode == SelfTrade::CancelNewest {
            return true;
        }
        if less == maker.total() {
            let maker = self.take(at);
            self.end(&maker, Refusal::SelfTrade);
        } else {
            let maker = self.restated(maker, less);
            self.put(at, maker);
        }
        if mode == SelfTrade::Decrement && less < taker.leaves {
            *taker = self.restated(*taker, less);
            return false;
        }
        mode != SelfTrade::CancelOldest
    }

    fn restated(&mut self, mut order: Resting, less: u64) -> Resting {
        let unseen = less.min(order.reserve);
        order.reserve -= unseen;
        order.leaves -= less - unseen;
        order.order.quantity.0 -= less;
        let base = self.state(&order, ExecType::Restated);
        self.report(ExecutionReport { reason: Refusal::SelfTrade, last_quantity: Qty(less), ..base });
        order
    }

    pub(super) fn trade(&mut self, taker: &mut Resting, at: At) {
        let price = self.get(at).price;
        let quantity = taker.leaves.min(self.get(at).leaves);
        self.trades += 1;
        let maker = self.fill(at, quantity);
        taker.leaves -= quantity;
        taker.filled += quantity;
        self.fill_report(&maker, Liquidity::Maker, price, quantity);
        self.fill_report(taker, Liquidity::Taker, price, quantity);
        self.tick(taker.order.instrument, price, quantity, Some(taker.order.side));
        let first = self.run.map_or(price, |run| run.0);
        self.run = Some((first, price));
    }

    /// Takes a fill off a resting order and returns it after that; an iceberg's next part goes behind all others.
    pub(super) fn fill(&mut self, at: At, quantity: u64) -> Resting {
        let mut maker = self.get(at);
        maker.leaves -= quantity;
        maker.filled += quantity;
        self.put(at, maker);
        if maker.leaves == 0 {
            let mut next = maker;
            self.take(at);
            next.leaves = maker.reserve.min(maker.terms.size.0);
            next.reserve = maker.reserve - next.leaves;
            if maker.reserve > 0 {
                self.rest(next, Place::Lit, maker.price);
            }
        }
        maker
    }

    pub(super) fn fill_report(&mut self, party: &Resting, liquidity: Liquidity, price: i64, quantity: u64) {
        let base = self.state(party, ExecType::Trade);
        self.report(ExecutionReport {
            trade_id: TradeId(self.trades),
            liquidity,
            last_price: Price(price),
            last_quantity: Qty(quantity),
            ..base
        });
    }

    pub(super) fn tick(&mut self, instrument: InstrumentId, price: i64, quantity: u64, aggressor: Option<Side>) {
        self.lasts[instrument.index()] = Some(price);
        let (time, price, quantity) = (self.time, Price(price), Qty(quantity));
        self.events.push(Event::Trade(TradeTick { time, instrument, price, quantity, aggressor }));
    }

    pub(super) fn end(&mut self, order: &Resting, reason: Refusal) {
        let (exec_type, status) = match reason {
            Refusal::NoLiquidity | Refusal::MarketClosed | Refusal::TimeOver => (ExecType::Expired, OrdStatus::Expired),
            _ => (ExecType::Cancelled, OrdStatus::Cancelled),
        };
        let base = self.state(order, exec_type);
        self.report(ExecutionReport { status, reason, leaves: Qty::ZERO, ..base });
    }

    /// Builds a report on an order as it stands.
    pub(super) fn state(&self, resting: &Resting, exec_type: ExecType) -> ExecutionReport {
        let status = match (resting.total(), resting.filled) {
            (0, _) => OrdStatus::Filled,
            (_, 0) => OrdStatus::New,
            _ => OrdStatus::PartiallyFilled,
        };
        ExecutionReport {
            exec_type,
            status,
            leaves: Qty(resting.total()),
            filled: Qty(resting.filled),
            ..ExecutionReport::accepted(&resting.order, resting.id, self.time)
        }
    }

    pub(super) fn report(&mut self, report: ExecutionReport) {
        self.events.push(Event::Report(report));
    }
}
