//! An exchange so naive that one sees that it is right: orders in one list, every question a scan over all of it.

use omni_book::Capacity;
use omni_port::Selection;
use omni_types::{
    AmendOrder, BookChange, CancelOrder, ClientOrderId, Event, ExecType, ExecutionReport, Instrument, InstrumentId,
    Liquidity, MarketStatus, Money, NewOrder, OrdStatus, OrderId, OrderType, Price, Qty, Quote, Refusal, SelfTrade,
    SessionId, Side, Time, TimeInForce, TopOfBook, TradeId, TradeTick, TradingState,
};

/// An order in the book.
#[derive(Clone, Copy, Debug)]
pub struct Resting {
    pub order: NewOrder,
    pub id: OrderId,
    pub filled: u64,
    pub leaves: u64,
    /// When it took its place.
    arrival: u64,
}

/// The exchange: slots hold orders, as mass cancels go by them.
#[derive(Clone, Debug)]
pub struct Model {
    instruments: Vec<(Instrument, TradingState)>,
    pub slots: Vec<Option<Resting>>,
    free: Vec<usize>,
    capacity: Capacity,
    ids: u64,
    trades: u64,
    arrivals: u64,
    tops: Vec<TopOfBook>,
    pub events: Vec<Event>,
    time: Time,
}

impl Model {
    pub fn new(capacity: Capacity, instruments: &[Instrument]) -> Self {
        Self {
            instruments: instruments.iter().map(|instrument| (*instrument, TradingState::Open)).collect(),
            slots: Vec::new(),
            free: Vec::new(),
            capacity,
            ids: 0,
            trades: 0,
            arrivals: 0,
            tops: vec![TopOfBook::default(); instruments.len()],
            events: Vec::new(),
            time: Time(0),
        }
    }

    pub fn at(&mut self, time: Time) -> &mut Self {
        self.time = time;
        self.events.clear();
        self
    }

    pub fn submit(&mut self, order: &NewOrder) {
        if let Some(reason) = self.refuses(order) {
            return self.report(ExecutionReport::rejected(order, reason, self.time));
        }
        self.ids += 1;
        let id = OrderId(self.ids);
        self.report(ExecutionReport::accepted(order, id, self.time));
        self.run(Resting { order: *order, id, filled: 0, leaves: order.quantity.0, arrival: 0 });
        self.publish(order.instrument);
    }

    pub fn cancel(&mut self, cancel: &CancelOrder) {
        let Some(slot) = self.find(cancel.session, cancel.client_order_id) else {
            return self.report(ExecutionReport::unknown_order(cancel.session, cancel.client_order_id, self.time));
        };
        let order = self.take(slot);
        self.end(&order, Refusal::None);
        self.publish(order.order.instrument);
    }

    pub fn amend(&mut self, amend: &AmendOrder) {
        let Some(slot) = self.find(amend.session, amend.client_order_id) else {
            return self.report(ExecutionReport::unknown_order(amend.session, amend.client_order_id, self.time));
        };
        let old = self.slots[slot].unwrap();
        let keeps = amend.price == old.order.price && amend.quantity <= old.order.quantity;
        let order = NewOrder { price: amend.price, quantity: amend.quantity, ..old.order };
        if let Some(reason) = self.refuses_amend(&order, old.filled, keeps) {
            let base = self.state(&old, ExecType::CancelRejected);
            return self.report(ExecutionReport { reason, ..base });
        }
        let new = Resting { order, leaves: amend.quantity.0 - old.filled, ..old };
        if keeps {
            self.slots[slot] = Some(new);
            self.report(self.state(&new, ExecType::Replaced));
        } else {
            self.take(slot);
            self.report(self.state(&new, ExecType::Replaced));
            self.run(new);
        }
        self.publish(order.instrument);
    }

    pub fn cancel_all(&mut self, selection: Selection, reason: Refusal) {
        let takes = |o: &NewOrder| selection.takes(o.session, o.account, o.instrument);
        match selection.instrument {
            Some(instrument) if instrument.index() < self.instruments.len() => self.sweep(instrument, takes, reason),
            Some(_) => {}
            None => {
                for slot in 0..self.slots.len() {
                    if let Some(order) = self.slots[slot].filter(|resting| takes(&resting.order)) {
                        self.take(slot);
                        self.end(&order, reason);
                        self.publish(order.order.instrument);
                    }
                }
            }
        }
    }

    pub fn set_state(&mut self, instrument: InstrumentId, state: TradingState) {
        let Some(listed) = self.instruments.get_mut(instrument.index()) else { return };
        listed.1 = state;
        self.events.push(Event::Status(MarketStatus { time: self.time, instrument, state }));
        if state == TradingState::Closed {
            self.sweep(instrument, |order| order.time_in_force == TimeInForce::Day, Refusal::MarketClosed);
        }
    }

    /// Both sides, best price first, at one price first come first.
    fn sweep(&mut self, instrument: InstrumentId, takes: impl Fn(&NewOrder) -> bool, reason: Refusal) {
        for side in Side::BOTH {
            for slot in self.queue(instrument, side) {
                if takes(&self.slots[slot].unwrap().order) {
                    let order = self.take(slot);
                    self.end(&order, reason);
                }
            }
        }
        self.publish(instrument);
    }

    fn refuses(&self, order: &NewOrder) -> Option<Refusal> {
        let limit = order.order_type == OrderType::Limit;
        let rests = limit && matches!(order.time_in_force, TimeInForce::Day | TimeInForce::Gtc);
        if let Some(reason) = self.refuses_terms(order, limit) {
            return Some(reason);
        }
        if order.post_only && !rests {
            return Some(Refusal::UnsupportedOrder);
        }
        if self.find(order.session, order.client_order_id).is_some() {
            return Some(Refusal::DuplicateClientOrderId);
        }
        if order.post_only && self.crosses(order) {
            return Some(Refusal::WouldTrade);
        }
        let full = self.slots.iter().flatten().count() == self.capacity.orders;
        if rests && full { Some(Refusal::OrderCapacity) } else { self.refuses_level(rests) }
    }

    fn refuses_amend(&self, order: &NewOrder, filled: u64, keeps: bool) -> Option<Refusal> {
        if let Some(reason) = self.refuses_terms(order, true) {
            return Some(reason);
        }
        if order.quantity.0 <= filled {
            return Some(Refusal::BelowFilled);
        }
        if !keeps && order.post_only && self.crosses(order) {
            return Some(Refusal::WouldTrade);
        }
        self.refuses_level(!keeps)
    }

    fn refuses_terms(&self, order: &NewOrder, limit: bool) -> Option<Refusal> {
        let Some((instrument, state)) = self.instruments.get(order.instrument.index()) else {
            return Some(Refusal::UnknownInstrument);
        };
        if *state != TradingState::Open {
            return Some(Refusal::MarketClosed);
        }
        if !instrument.accepts_quantity(order.quantity) {
            return Some(Refusal::InvalidQuantity);
        }
        (limit && !instrument.accepts_price(order.price)).then_some(Refusal::InvalidPrice)
    }

    fn refuses_level(&self, needed: bool) -> Option<Refusal> {
        let mut levels: Vec<(InstrumentId, Side, Price)> =
            self.slots.iter().flatten().map(|r| (r.order.instrument, r.order.side, r.order.price)).collect();
        levels.sort_unstable();
        levels.dedup();
        (needed && levels.len() == self.capacity.levels).then_some(Refusal::LevelCapacity)
    }

    /// Returns the slots of a side, first in line first.
    fn queue(&self, instrument: InstrumentId, side: Side) -> Vec<usize> {
        let mut slots: Vec<(i64, u64, usize)> = Vec::new();
        for (slot, resting) in self.slots.iter().enumerate() {
            if let Some(Resting { order, arrival, .. }) = resting
                && (order.instrument, order.side) == (instrument, side)
            {
                slots.push((-side.sign() * order.price.0, *arrival, slot));
            }
        }
        slots.sort_unstable();
        slots.into_iter().map(|(_, _, slot)| slot).collect()
    }

    fn crosses(&self, order: &NewOrder) -> bool {
        let best = self.queue(order.instrument, order.side.opposite()).first().copied();
        best.is_some_and(|slot| reaches(order, self.slots[slot].unwrap().order.price))
    }

    fn find(&self, session: SessionId, id: ClientOrderId) -> Option<usize> {
        let is_it = |r: &Resting| (r.order.session, r.order.client_order_id) == (session, id);
        self.slots.iter().position(|slot| slot.as_ref().is_some_and(is_it))
    }

    /// Trades an order and rests or ends what is left.
    fn run(&mut self, mut taker: Resting) {
        let order = taker.order;
        if order.time_in_force == TimeInForce::Fok && !self.fills_whole(&taker) {
            return self.end(&taker, Refusal::NoLiquidity);
        }
        while taker.leaves > 0 {
            let best = self.queue(order.instrument, order.side.opposite()).first().copied();
            let Some(slot) = best.filter(|&slot| reaches(&order, self.slots[slot].unwrap().order.price)) else { break };
            if self.slots[slot].unwrap().order.account != order.account {
                self.trade(&mut taker, slot);
            } else if self.prevent(&mut taker, slot) {
                return self.end(&taker, Refusal::SelfTrade);
            }
        }
        if taker.leaves == 0 {
            return;
        }
        if order.order_type == OrderType::Limit && matches!(order.time_in_force, TimeInForce::Day | TimeInForce::Gtc) {
            self.arrivals += 1;
            let resting = Some(Resting { arrival: self.arrivals, ..taker });
            match self.free.pop() {
                Some(slot) => self.slots[slot] = resting,
                None => self.slots.push(resting),
            }
        } else {
            self.end(&taker, Refusal::NoLiquidity);
        }
    }

    fn fills_whole(&self, taker: &Resting) -> bool {
        let mut wanted = taker.leaves;
        for slot in self.queue(taker.order.instrument, taker.order.side.opposite()) {
            let maker = self.slots[slot].unwrap();
            if !reaches(&taker.order, maker.order.price) {
                return false;
            }
            if maker.order.account == taker.order.account {
                if taker.order.self_trade == SelfTrade::CancelOldest {
                    continue;
                }
                return false;
            }
            wanted = wanted.saturating_sub(maker.leaves);
            if wanted == 0 {
                return true;
            }
        }
        false
    }

    /// Two orders of one account meet: returns whether the arriving one ends.
    fn prevent(&mut self, taker: &mut Resting, slot: usize) -> bool {
        let (mode, maker) = (taker.order.self_trade, self.slots[slot].unwrap());
        let less = if mode == SelfTrade::Decrement { taker.leaves.min(maker.leaves) } else { maker.leaves };
        if mode == SelfTrade::CancelNewest {
            return true;
        }
        if less == maker.leaves {
            self.take(slot);
            self.end(&maker, Refusal::SelfTrade);
        } else {
            self.slots[slot] = Some(self.restated(maker, less));
        }
        if mode == SelfTrade::Decrement && less < taker.leaves {
            *taker = self.restated(*taker, less);
            return false;
        }
        mode != SelfTrade::CancelOldest
    }

    fn restated(&mut self, mut order: Resting, less: u64) -> Resting {
        order.leaves -= less;
        order.order.quantity.0 -= less;
        let base = self.state(&order, ExecType::Restated);
        self.report(ExecutionReport { reason: Refusal::SelfTrade, last_quantity: Qty(less), ..base });
        order
    }

    fn trade(&mut self, taker: &mut Resting, slot: usize) {
        let mut maker = self.slots[slot].unwrap();
        let quantity = taker.leaves.min(maker.leaves);
        for party in [&mut maker, &mut *taker] {
            party.leaves -= quantity;
            party.filled += quantity;
        }
        self.slots[slot] = Some(maker);
        if maker.leaves == 0 {
            self.take(slot);
        }
        self.trades += 1;
        let (price, instrument) = (maker.order.price, maker.order.instrument);
        for (party, liquidity) in [(&maker, Liquidity::Maker), (&*taker, Liquidity::Taker)] {
            let base = self.state(party, ExecType::Trade);
            self.report(ExecutionReport {
                trade_id: TradeId(self.trades),
                liquidity,
                last_price: price,
                last_quantity: Qty(quantity),
                ..base
            });
        }
        let aggressor = Some(taker.order.side);
        let tick = TradeTick { time: self.time, instrument, price, quantity: Qty(quantity), aggressor };
        self.events.push(Event::Trade(tick));
    }

    fn take(&mut self, slot: usize) -> Resting {
        self.free.push(slot);
        self.slots[slot].take().unwrap()
    }

    fn end(&mut self, order: &Resting, reason: Refusal) {
        let (exec_type, status) = match reason {
            Refusal::NoLiquidity | Refusal::MarketClosed => (ExecType::Expired, OrdStatus::Expired),
            _ => (ExecType::Cancelled, OrdStatus::Cancelled),
        };
        let base = self.state(order, exec_type);
        self.report(ExecutionReport { status, reason, leaves: Qty::ZERO, ..base });
    }

    /// Builds a report on an order as it stands.
    fn state(&self, resting: &Resting, exec_type: ExecType) -> ExecutionReport {
        let status = match (resting.leaves, resting.filled) {
            (0, _) => OrdStatus::Filled,
            (_, 0) => OrdStatus::New,
            _ => OrdStatus::PartiallyFilled,
        };
        ExecutionReport {
            exec_type,
            status,
            leaves: Qty(resting.leaves),
            filled: Qty(resting.filled),
            fee: Money::ZERO,
            ..ExecutionReport::accepted(&resting.order, resting.id, self.time)
        }
    }

    fn report(&mut self, report: ExecutionReport) {
        self.events.push(Event::Report(report));
    }

    fn publish(&mut self, instrument: InstrumentId) {
        self.events.push(Event::Book(BookChange { time: self.time, instrument }));
        let top = self.top(instrument);
        if self.tops[instrument.index()] != top {
            self.tops[instrument.index()] = top;
            self.events.push(Event::Quote(Quote { time: self.time, instrument, top }));
        }
    }

    pub fn top(&self, instrument: InstrumentId) -> TopOfBook {
        let [bid, ask] = Side::BOTH.map(|side| {
            let queue = self.queue(instrument, side);
            let price = self.slots[*queue.first()?].unwrap().order.price;
            let at_price = queue.iter().filter_map(|&slot| self.slots[slot]).filter(|r| r.order.price == price);
            Some((price, Qty(at_price.map(|resting| resting.leaves).sum())))
        });
        TopOfBook { bid, ask }
    }
}

fn reaches(order: &NewOrder, price: Price) -> bool {
    match (order.order_type, order.side) {
        (OrderType::Market, _) => true,
        (OrderType::Limit, Side::Buy) => price <= order.price,
        (OrderType::Limit, Side::Sell) => price >= order.price,
    }
}
