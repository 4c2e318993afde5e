//! An exchange so naive that one sees that it is right: orders in two lists, every question a scan over all of them.

mod admission;
mod auction;
mod report;
mod settle;

use omni_book::Capacity;
use omni_port::Selection;
use omni_types::{
    AmendOrder, CancelOrder, ClientOrderId, Display, Event, ExecType, ExecutionReport, Indicative, Instrument,
    InstrumentId, MarketStatus, Minimum, NewOrder, OrderId, OrderType, Peg, Price, Qty, Refusal, SelfTrade, SessionId,
    Side, SpecialOrder, Terms, Time, TimeInForce, TopOfBook, TradingState, Trigger,
};

use settle::fires;

/// Where an order is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    Lit,
    Dark,
    Stop,
    Fired,
    Parked,
    Closing,
    Call,
}

/// An order that isn't done.
#[derive(Clone, Copy, Debug)]
pub struct Resting {
    pub order: NewOrder,
    pub terms: Terms,
    pub id: OrderId,
    pub filled: u64,
    /// What others may trade with at once, and what an iceberg has beside it.
    pub leaves: u64,
    pub reserve: u64,
    pub place: Place,
    /// Where it stands in its place.
    pub price: i64,
    /// When it took its place.
    arrival: u64,
    /// The price that it reaches as it arrives; `None` is any.
    limit: Option<i64>,
}

impl Resting {
    fn side(&self) -> Side {
        self.order.side
    }

    fn least(&self, leaves: u64) -> u64 {
        match self.terms.minimum {
            Minimum::None => 0,
            Minimum::Part => self.terms.size.0.min(leaves),
            Minimum::All => leaves,
        }
    }

    pub fn total(&self) -> u64 {
        self.leaves + self.reserve
    }

    fn is_limit(&self) -> bool {
        self.order.order_type == OrderType::Limit
    }

    fn is_unseen(&self) -> bool {
        self.terms.display == Display::Hidden || self.terms.minimum != Minimum::None
    }

    /// Whether it takes one of the places for special orders, while it rests.
    fn is_special(&self) -> bool {
        let plain = matches!(
            self.order.time_in_force,
            TimeInForce::Day | TimeInForce::Gtc | TimeInForce::Ioc | TimeInForce::Fok
        );
        self.terms != Terms::NONE || !plain || !self.is_limit()
    }

    fn reaches(&self, price: i64) -> bool {
        self.limit.is_none_or(|limit| reaches(self.side(), limit, price))
    }
}

fn reaches(side: Side, limit: i64, price: i64) -> bool {
    if side == Side::Buy { price <= limit } else { price >= limit }
}

/// One of the two lists and a slot in it; mass cancels go by them.
type At = (bool, usize);

/// The exchange.
#[derive(Clone, Debug)]
pub struct Model {
    instruments: Vec<(Instrument, TradingState)>,
    /// What is displayed, and what isn't.
    pub slots: [Vec<Option<Resting>>; 2],
    free: [Vec<usize>; 2],
    capacity: Capacity,
    ids: u64,
    trades: u64,
    arrivals: u64,
    tops: Vec<TopOfBook>,
    lasts: Vec<Option<i64>>,
    outcomes: Vec<auction::Outcome>,
    run: Option<(i64, i64)>,
    pub events: Vec<Event>,
    time: Time,
}

impl Model {
    pub fn new(capacity: Capacity, instruments: &[Instrument]) -> Self {
        let count = instruments.len();
        Self {
            instruments: instruments.iter().map(|instrument| (*instrument, TradingState::Open)).collect(),
            slots: [Vec::new(), Vec::new()],
            free: [Vec::new(), Vec::new()],
            capacity,
            ids: 0,
            trades: 0,
            arrivals: 0,
            tops: vec![TopOfBook::default(); count],
            lasts: vec![None; count],
            outcomes: vec![auction::Outcome::default(); count],
            run: None,
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
        self.submit_special(&SpecialOrder { order: *order, terms: Terms::NONE });
    }

    pub fn submit_special(&mut self, special: &SpecialOrder) {
        let SpecialOrder { order, terms } = *special;
        if let Some(reason) = self.refuses(&order, &terms) {
            return self.report(ExecutionReport::rejected(&order, reason, self.time));
        }
        self.ids += 1;
        let id = OrderId(self.ids);
        self.report(ExecutionReport::accepted(&order, id, self.time));
        let limit = (order.order_type == OrderType::Limit).then_some(order.price.0);
        let (place, price, arrival) = (Place::Lit, order.price.0, 0);
        let leaves = order.quantity.0;
        self.enter(Resting { order, terms, id, filled: 0, leaves, reserve: 0, place, price, arrival, limit });
        self.settle(order.instrument);
        self.publish(order.instrument);
    }

    pub fn cancel(&mut self, cancel: &CancelOrder) {
        let Some(at) = self.find(cancel.session, cancel.client_order_id) else {
            return self.report(ExecutionReport::unknown_order(cancel.session, cancel.client_order_id, self.time));
        };
        let order = self.take(at);
        self.end(&order, Refusal::None);
        if order.place == Place::Lit {
            self.settle(order.order.instrument);
        }
        self.publish(order.order.instrument);
    }

    pub fn amend(&mut self, amend: &AmendOrder) {
        let Some(at) = self.find(amend.session, amend.client_order_id) else {
            return self.report(ExecutionReport::unknown_order(amend.session, amend.client_order_id, self.time));
        };
        let old = self.get(at);
        let keeps = old.is_limit() && amend.price == old.order.price && amend.quantity.0 <= old.filled + old.total();
        let order = NewOrder { price: amend.price, quantity: amend.quantity, ..old.order };
        if let Some(reason) = self.refuses_amend(&old, &order, keeps) {
            let base = self.state(&old, ExecType::CancelRejected);
            return self.report(ExecutionReport { reason, ..base });
        }
        if keeps {
            let mut new = old;
            let less = old.filled + old.total() - amend.quantity.0;
            new.reserve -= less.min(old.reserve);
            new.leaves -= less - less.min(old.reserve);
            new.order.quantity = amend.quantity;
            self.put(at, new);
            self.report(self.state(&new, ExecType::Replaced));
        } else {
            self.take(at);
            let leaves = amend.quantity.0 - old.filled;
            let new = Resting { order, leaves, reserve: 0, limit: Some(amend.price.0), ..old };
            self.report(self.state(&new, ExecType::Replaced));
            if old.place == Place::Stop { self.rest_or_end(new, Place::Stop, old.price) } else { self.enter(new) }
        }
        self.settle(order.instrument);
        self.publish(order.instrument);
    }

    pub fn cancel_all(&mut self, selection: Selection, reason: Refusal) {
        let takes = |o: &NewOrder| selection.takes(o.session, o.account, o.instrument, o.side);
        match selection.instrument {
            Some(instrument) if instrument.index() < self.instruments.len() => {
                self.sweep(instrument, |resting| takes(&resting.order), reason);
            }
            Some(_) => {}
            None => {
                for at in self.all() {
                    let order = self.get(at);
                    if takes(&order.order) {
                        self.take(at);
                        self.end(&order, reason);
                        self.publish(order.order.instrument);
                    }
                }
                for id in (0..self.instruments.len() as u32).map(InstrumentId) {
                    if self.all().into_iter().any(|at| at.0 && self.get(at).order.instrument == id) {
                        self.settle(id);
                        self.publish(id);
                    }
                }
            }
        }
    }

    /// Ends the orders whose time has come.
    pub fn expire(&mut self, now: Time) {
        loop {
            let due = self.all().into_iter().map(|at| (self.get(at).terms.expire, self.get(at).id, at));
            let due = due.filter(|(expire, ..)| *expire != Time(0) && *expire <= now).min();
            let Some((.., at)) = due else { return };
            let order = self.take(at);
            self.end(&order, Refusal::TimeOver);
            self.settle(order.order.instrument);
            self.publish(order.order.instrument);
        }
    }

    pub fn set_state(&mut self, instrument: InstrumentId, state: TradingState) {
        let Some(&(_, before)) = self.instruments.get(instrument.index()) else { return };
        let opens = before != TradingState::Open && state == TradingState::Open;
        if opens || (before, state) == (TradingState::Closing, TradingState::Closed) {
            self.uncross(instrument);
        }
        self.instruments[instrument.index()].1 = state;
        if !state.is_call() {
            self.outcomes[instrument.index()] = auction::Outcome::default();
        }
        self.events.push(Event::Status(MarketStatus { time: self.time, instrument, state }));
        match state {
            TradingState::Halted => return,
            TradingState::Closed => {
                let ends = |r: &Resting| !matches!(r.order.time_in_force, TimeInForce::Gtc | TimeInForce::Gtd);
                return self.sweep(instrument, ends, Refusal::MarketClosed);
            }
            TradingState::Closing => {
                for side in Side::BOTH {
                    for at in self.queue(instrument, side, Place::Closing) {
                        let order = self.take(at);
                        self.enter(order);
                    }
                }
            }
            _ => {}
        }
        self.settle(instrument);
        self.publish(instrument);
    }

    /// Both sides of what is displayed, best price first, at one price first come first; then the rest by slot.
    fn sweep(&mut self, instrument: InstrumentId, takes: impl Fn(&Resting) -> bool, reason: Refusal) {
        let lit = Side::BOTH.into_iter().flat_map(|side| self.queue(instrument, side, Place::Lit));
        let held = self.all().into_iter().filter(|&at| at.0 && self.get(at).order.instrument == instrument);
        for at in lit.chain(held).collect::<Vec<_>>() {
            if takes(&self.get(at)) {
                let order = self.take(at);
                self.end(&order, reason);
            }
        }
        self.settle(instrument);
        self.publish(instrument);
    }

    /// Lets an order do what its terms and the trading state say.
    fn enter(&mut self, mut new: Resting) {
        let (_, state) = self.instruments[new.order.instrument.index()];
        if new.order.time_in_force == TimeInForce::AtClose && state != TradingState::Closing {
            return self.rest_or_end(new, Place::Closing, 0);
        }
        if new.terms.trigger != Trigger::None {
            let last = self.lasts[new.order.instrument.index()];
            let stop = match new.terms.trigger {
                Trigger::Trailing => last.unwrap() + new.side().sign() * new.terms.price.0,
                _ => new.terms.price.0,
            };
            if state.is_call() || !last.is_some_and(|last| fires(new.side(), stop, last)) {
                return self.rest_or_end(new, Place::Stop, stop);
            }
            self.report(self.state(&new, ExecType::Triggered));
            (new.terms.trigger, new.terms.price) = (Trigger::None, Price(0));
        }
        if !state.is_call() {
            return self.go(new);
        }
        match (new.terms.peg, new.is_limit()) {
            (Peg::None, false) => self.rest_or_end(new, Place::Call, 0),
            (Peg::None, true) => {
                let place = if new.is_unseen() { Place::Dark } else { Place::Lit };
                self.rest_or_end(new, place, new.order.price.0);
            }
            _ => self.rest_or_end(new, Place::Parked, 0),
        }
    }

    /// Trades an order that waits for nothing, and rests or ends what is left.
    fn go(&mut self, mut taker: Resting) {
        let order = taker.order;
        if taker.terms.peg != Peg::None {
            return self.follow(taker);
        }
        if taker.terms.to_limit {
            let Some(best) = self.best(order.instrument, order.side.opposite()) else {
                return self.end(&taker, Refusal::NoLiquidity);
            };
            (taker.order.order_type, taker.order.price, taker.limit) = (OrderType::Limit, Price(best), Some(best));
            self.report(self.state(&taker, ExecType::Restated));
        }
        let fok = order.time_in_force == TimeInForce::Fok;
        let wanted = if fok { taker.leaves } else { taker.least(taker.leaves) };
        let rests = taker.is_limit() && order.time_in_force.rests();
        if wanted == 0 || self.can_trade(&taker, wanted) {
            if let Some(reason) = self.run(&mut taker) {
                return self.end(&taker, reason);
            }
        } else if !rests {
            return self.end(&taker, Refusal::NoLiquidity);
        }
        match taker.leaves {
            0 => {}
            _ if !rests => self.end(&taker, Refusal::NoLiquidity),
            _ if taker.is_unseen() => self.rest_or_end(taker, Place::Dark, taker.order.price.0),
            _ => self.rest_or_end(taker, Place::Lit, taker.order.price.0),
        }
    }

    /// Trades a pegged order where it belongs now, and puts what is left there.
    fn follow(&mut self, mut taker: Resting) {
        let Some(price) = self.target(&taker) else { return self.rest_or_end(taker, Place::Parked, 0) };
        taker.limit = Some(price);
        match self.run(&mut taker) {
            Some(reason) => self.end(&taker, reason),
            None if taker.leaves > 0 => self.rest_or_end(taker, Place::Dark, price),
            None => {}
        }
    }

    /// Trades until the order is filled, nothing is in reach, or meeting its own account ends it.
    fn run(&mut self, taker: &mut Resting) -> Option<Refusal> {
        while taker.leaves > 0 {
            let at = self.makers(taker).into_iter().find(|&at| self.accepts(at, taker.leaves))?;
            if self.get(at).order.account != taker.order.account {
                self.trade(taker, at);
            } else if self.prevent(taker, at) {
                return Some(Refusal::SelfTrade);
            }
        }
        None
    }

    /// Returns whom an order reaches: best price first, displayed ones first at one price, then first come first.
    fn makers(&self, taker: &Resting) -> Vec<At> {
        let (instrument, side) = (taker.order.instrument, taker.side().opposite());
        let mut makers: Vec<At> = [Place::Lit, Place::Dark]
            .into_iter()
            .flat_map(|place| self.queue(instrument, side, place))
            .filter(|&at| taker.reaches(self.get(at).price))
            .collect();
        makers.sort_by_key(|&at| -side.sign() * self.get(at).price);
        makers
    }

    fn accepts(&self, at: At, quantity: u64) -> bool {
        let maker = self.get(at);
        maker.place == Place::Lit || quantity >= maker.least(maker.leaves)
    }

    fn can_trade(&self, taker: &Resting, wanted: u64) -> bool {
        let mut open = taker.leaves;
        for at in self.makers(taker) {
            let maker = self.get(at);
            if !self.accepts(at, open) {
                continue;
            }
            if maker.order.account == taker.order.account {
                if taker.order.self_trade == SelfTrade::CancelOldest {
                    continue;
                }
                return false;
            }
            open -= open.min(maker.total());
            if taker.leaves - open >= wanted {
                return true;
            }
        }
        false
    }

    /// Returns a side of a place, first in line first.
    fn queue(&self, instrument: InstrumentId, side: Side, place: Place) -> Vec<At> {
        let mut found: Vec<(i64, u64, At)> = Vec::new();
        for at in self.all() {
            let resting = self.get(at);
            if (resting.order.instrument, resting.side(), resting.place) == (instrument, side, place) {
                let nearer = if place == Place::Stop { side.sign() } else { -side.sign() };
                found.push((nearer * resting.price, resting.arrival, at));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, _, at)| at).collect()
    }

    fn best(&self, instrument: InstrumentId, side: Side) -> Option<i64> {
        self.queue(instrument, side, Place::Lit).first().map(|&at| self.get(at).price)
    }

    fn crosses(&self, order: &NewOrder) -> bool {
        let places = [Place::Lit, Place::Dark].into_iter();
        let first =
            places.filter_map(|place| self.queue(order.instrument, order.side.opposite(), place).first().copied());
        first.into_iter().any(|at| reaches(order.side, order.price.0, self.get(at).price))
    }

    fn find(&self, session: SessionId, id: ClientOrderId) -> Option<At> {
        self.all().into_iter().find(|&at| {
            let order = self.get(at).order;
            (order.session, order.client_order_id) == (session, id)
        })
    }

    fn all(&self) -> Vec<At> {
        let list = |held: bool| (0..self.slots[usize::from(held)].len()).map(move |slot| (held, slot));
        let there = |at: &At| self.slots[usize::from(at.0)][at.1].is_some();
        list(false).chain(list(true)).filter(there).collect()
    }

    fn get(&self, at: At) -> Resting {
        self.slots[usize::from(at.0)][at.1].unwrap()
    }

    fn put(&mut self, at: At, order: Resting) {
        self.slots[usize::from(at.0)][at.1] = Some(order);
    }

    fn rest_or_end(&mut self, mut order: Resting, place: Place, price: i64) {
        let (shown, lit) = (order.terms.size.0.min(order.leaves), place == Place::Lit);
        if lit && order.terms.display == Display::Part {
            (order.leaves, order.reserve) = (shown, order.leaves - shown);
        }
        if lit && self.slots[0].iter().flatten().count() == self.capacity.orders {
            return self.end(&order, Refusal::OrderCapacity);
        }
        let at_price = self.queue(order.order.instrument, order.side(), Place::Lit);
        let known = at_price.into_iter().any(|at| self.get(at).price == price);
        if lit && !known && self.refuses_level(true).is_some() {
            return self.end(&order, Refusal::LevelCapacity);
        }
        self.rest(order, place, price);
    }

    fn rest(&mut self, order: Resting, place: Place, price: i64) {
        self.arrivals += 1;
        let limit = order.is_limit().then_some(order.order.price.0);
        let resting = Resting { place, price, arrival: self.arrivals, limit, ..order };
        let held = usize::from(place != Place::Lit);
        match self.free[held].pop() {
            Some(slot) => self.slots[held][slot] = Some(resting),
            None => self.slots[held].push(Some(resting)),
        }
    }

    fn take(&mut self, at: At) -> Resting {
        let held = usize::from(at.0);
        self.free[held].push(at.1);
        let mut order = self.slots[held][at.1].take().unwrap();
        (order.leaves, order.reserve) = (order.total(), 0);
        order
    }

    fn publish(&mut self, instrument: InstrumentId) {
        self.events.push(Event::Book(omni_types::BookChange { time: self.time, instrument }));
        if self.instruments[instrument.index()].1.is_call() {
            return self.publish_call(instrument);
        }
        let top = self.top(instrument);
        if self.tops[instrument.index()] != top && !top.is_crossed() {
            self.tops[instrument.index()] = top;
            self.events.push(Event::Quote(omni_types::Quote { time: self.time, instrument, top }));
        }
    }

    fn publish_call(&mut self, instrument: InstrumentId) {
        let outcome = self.outcome(instrument);
        if self.outcomes[instrument.index()] != outcome {
            self.outcomes[instrument.index()] = outcome;
            let auction::Outcome { price, quantity, imbalance } = outcome;
            let (time, price, quantity) = (self.time, price.map(Price), Qty(quantity));
            self.events.push(Event::Indicative(Indicative { time, instrument, price, quantity, imbalance }));
        }
    }

    pub fn top(&self, instrument: InstrumentId) -> TopOfBook {
        let [bid, ask] = Side::BOTH.map(|side| {
            let queue = self.queue(instrument, side, Place::Lit);
            let price = self.get(*queue.first()?).price;
            let at_price = queue.iter().map(|&at| self.get(at)).filter(|resting| resting.price == price);
            Some((Price(price), Qty(at_price.map(|resting| resting.leaves).sum())))
        });
        TopOfBook { bid, ask }
    }
}
