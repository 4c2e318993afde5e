//! The naive reference model: it keeps lists of what happened and works everything out again from the start.

use std::collections::{BTreeMap, BTreeSet};

use omni_risk::Source;
use omni_types::{
    AccountId, AccountSpec, Instrument, InstrumentId, Money, NewOrder, OrderType, Refusal, SessionId, Side, Time,
};

pub type Pair = (AccountId, InstrumentId);

#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub session: SessionId,
    pub pair: Pair,
    pub side: Side,
    pub filled: u64,
    /// Reserved and not yet filled.
    pub open: u64,
    pub live: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Execution {
    pub pair: Pair,
    pub side: Side,
    pub price: i64,
    pub quantity: u64,
    /// Rate and fees at the time.
    pub rate: u64,
    pub ppm: i32,
    pub unit_fee: i128,
}

#[derive(Default)]
pub struct SessionState {
    pub account: Option<AccountId>,
    pub stopped: bool,
    pub external: bool,
    pub ids: Vec<u64>,
}

#[derive(Default)]
pub struct Reference {
    pub instruments: Vec<Instrument>,
    pub accounts: BTreeMap<AccountId, AccountSpec>,
    pub opening: BTreeMap<AccountId, i128>,
    pub sessions: BTreeMap<SessionId, SessionState>,
    /// When each message came that was counted.
    pub messages: BTreeMap<AccountId, Vec<i64>>,
    pub orders: Vec<Order>,
    pub executions: Vec<Execution>,
    pub marks: BTreeMap<InstrumentId, (i64, Source)>,
    /// From the second currency to the first.
    pub rate: Option<u64>,
    pub restricted: BTreeSet<Pair>,
    /// Price and rate at which a pair's exposure, and its market value, were last worked out.
    pub exposed: BTreeMap<Pair, (i64, u64)>,
    pub valued: BTreeMap<Pair, (i64, u64)>,
    pub peaks: BTreeMap<AccountId, i128>,
    pub drawn: BTreeSet<AccountId>,
    pub killed: bool,
}

/// What folding a pair's fills gives.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Book {
    pub position: i128,
    pub cost: i128,
    pub realised: i128,
    pub spent: i128,
    pub fees: i128,
}

pub fn half_even(numerator: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (numerator.div_euclid(divisor), numerator.rem_euclid(divisor));
    quotient + i128::from(rest * 2 > divisor || (rest * 2 == divisor && quotient % 2 != 0))
}

impl Reference {
    pub fn rate_of(&self, (account, instrument): Pair) -> Option<u64> {
        let same = self.accounts[&account].currency == self.instruments[instrument.index()].spec.currency;
        if same { Some(1_000_000_000_000) } else { self.rate }
    }

    /// Value of a non-negative quantity at a price, in the account's currency, sign of the price.
    fn worth(&self, pair: Pair, price: i64, quantity: i128, rate: u64) -> i128 {
        let own = self.instruments[pair.1.index()].value * i128::from(price) * quantity;
        half_even(own.abs() * i128::from(rate), 1_000_000_000_000) * own.signum()
    }

    pub fn open(&self, pair: Pair, side: Side) -> i128 {
        self.orders.iter().filter(|o| o.live && o.pair == pair && o.side == side).map(|o| i128::from(o.open)).sum()
    }

    pub fn book(&self, pair: Pair) -> Book {
        let mut book = Book::default();
        for e in self.executions.iter().filter(|e| e.pair == pair) {
            let sign = i128::from(e.side.sign());
            let all = self.worth(pair, e.price, e.quantity.into(), e.rate) * sign;
            let closes = book.position * sign < 0;
            let closed = if closes { book.position.abs().min(e.quantity.into()) } else { 0 };
            let opening = if closed == 0 { all } else { self.opening_flow(e, closed) };
            if closed > 0 {
                let cost = book.cost * closed / book.position.abs();
                book.realised += opening - all - cost;
                book.cost -= cost;
            }
            book.cost += opening;
            book.position += sign * i128::from(e.quantity);
            book.spent += all;
            book.fees += half_even(all.abs() * i128::from(e.ppm.abs()), 1_000_000) * i128::from(e.ppm.signum())
                + e.unit_fee * i128::from(e.quantity);
        }
        book
    }

    fn opening_flow(&self, e: &Execution, closed: i128) -> i128 {
        self.worth(e.pair, e.price, i128::from(e.quantity) - closed, e.rate) * i128::from(e.side.sign())
    }

    pub fn pairs(&self, account: AccountId) -> impl Iterator<Item = Pair> {
        (0..self.instruments.len() as u32).map(move |id| (account, InstrumentId(id)))
    }

    pub fn exposure(&self, pair: Pair) -> i128 {
        let Some(&(price, rate)) = self.exposed.get(&pair) else { return 0 };
        self.worth(pair, price, self.worst(pair, Side::Buy, 0), rate).abs()
    }

    pub fn market(&self, pair: Pair) -> i128 {
        let Some(&(price, rate)) = self.valued.get(&pair) else { return 0 };
        let position = self.book(pair).position;
        self.worth(pair, price, position.abs(), rate) * position.signum()
    }

    pub fn gross(&self, account: AccountId) -> i128 {
        self.pairs(account).map(|pair| self.exposure(pair)).sum()
    }

    pub fn cash(&self, account: AccountId) -> i128 {
        let spent = |pair| self.book(pair).spent + self.book(pair).fees;
        self.opening[&account] - self.pairs(account).map(spent).sum::<i128>()
    }

    pub fn equity(&self, account: AccountId) -> i128 {
        self.cash(account) + self.pairs(account).map(|pair| self.market(pair)).sum::<i128>()
    }

    pub fn worst(&self, pair: Pair, side: Side, more: i128) -> i128 {
        let position = self.book(pair).position;
        let adds = |s: Side| if s == side { more } else { 0 };
        let long = position + self.open(pair, Side::Buy) + adds(Side::Buy);
        let short = position - self.open(pair, Side::Sell) - adds(Side::Sell);
        long.abs().max(short.abs())
    }

    /// Parts in the bucket, by replaying every message since the rate was set.
    fn level(&self, account: AccountId, time: Time) -> i128 {
        let throttle = self.accounts[&account].limits.message_rate;
        let window = i128::from(throttle.window_ns);
        let size = i128::from(throttle.count) * window;
        let (mut parts, mut last) = (size, time.0);
        for &at in self.messages.get(&account).into_iter().flatten() {
            parts = size.min(parts + i128::from((at - last).max(0)) * i128::from(throttle.count));
            parts -= if parts >= window { window } else { 0 };
            last = at;
        }
        size.min(parts + i128::from((time.0 - last).max(0)) * i128::from(throttle.count))
    }

    /// The refusal that an order, or an amend that adds `growth`, should get.
    pub fn verdict(&self, order: &NewOrder, growth: Option<u64>, time: Time) -> Option<Refusal> {
        let pair = (order.account, order.instrument);
        let Some(spec) = self.accounts.get(&order.account) else { return Some(Refusal::UnknownAccount) };
        let session = self.sessions.get(&order.session).filter(|s| s.account == Some(order.account));
        let Some(session) = session else { return Some(Refusal::UnknownSession) };
        let Some(instrument) = self.instruments.get(order.instrument.index()) else {
            return Some(Refusal::UnknownInstrument);
        };
        let limits = &spec.limits;
        let limit = (order.order_type == OrderType::Limit).then_some(order.price);
        let reference = self.marks.get(&order.instrument).map(|&(price, _)| price);
        let wide = limits.collar_bps == u32::MAX;
        let live = self.orders.iter().filter(|o| o.live && o.pair.0 == order.account).count();
        let rate = self.rate_of(pair);
        // More is refused before its worth is asked for.
        let quantity = i128::from(order.quantity.0.min(instrument.spec.quantity_max.0));
        let adds = growth.map_or(quantity, |growth| quantity.min(growth.into()));
        let price = limit.map(|p| p.0).or(reference);
        let valuation = reference.or(limit.map(|p| p.0));
        let through = limit.zip(reference).map(|(p, r)| (p.0 - r) * order.side.sign());
        let before = self.book(pair).position * i128::from(order.side.sign()) + self.open(pair, order.side);
        let most = i128::from(limits.position_max.0.min(instrument.position_max.0));
        let gross = valuation.zip(rate).map(|(price, rate)| {
            let worst = self.worth(pair, price, self.worst(pair, order.side, adds), rate).abs();
            self.gross(order.account) - self.exposure(pair) + worst
        });
        let grows = self.worst(pair, order.side, adds) > self.worst(pair, order.side, 0);
        let notional = price.zip(rate).map(|(price, rate)| self.worth(pair, price, quantity, rate).abs());
        let spec = &instrument.spec;
        [
            (self.killed && !session.external, Refusal::KillSwitch),
            (session.stopped, Refusal::Stopped),
            (
                growth.is_none() && session.ids.iter().chain(&[0]).any(|&id| id >= order.client_order_id.0),
                Refusal::DuplicateClientOrderId,
            ),
            (self.level(order.account, time) < limits.message_rate.window_ns.into(), Refusal::MessageRate),
            (growth.is_none() && live + 1 > limits.open_orders_max as usize, Refusal::OpenOrders),
            (self.restricted.contains(&pair), Refusal::Restricted),
            (order.quantity.0 == 0 || order.quantity > spec.quantity_max, Refusal::InvalidQuantity),
            (limit.is_some_and(|p| p < spec.price_min || p > spec.price_max), Refusal::InvalidPrice),
            (order.quantity > limits.order_quantity_max, Refusal::OrderQuantity),
            (rate.is_none(), Refusal::NoRate),
            (reference.is_none() && !(wide && limit.is_some()), Refusal::NoReferencePrice),
            (
                !wide
                    && through
                        .is_some_and(|t| t > 0 && t * 10_000 > reference.unwrap().abs() * i64::from(limits.collar_bps)),
                Refusal::PriceCollar,
            ),
            (notional.is_none_or(|n| n > limits.order_notional_max.0), Refusal::OrderNotional),
            (adds > 0 && before + adds > most, Refusal::PositionLimit),
            (grows && gross.is_none_or(|g| g > limits.gross_exposure_max.0), Refusal::GrossExposure),
            (self.drawn.contains(&order.account), Refusal::Drawdown),
        ]
        .into_iter()
        .find_map(|(fails, refusal)| fails.then_some(refusal))
    }

    /// Notes a message of an order or cancel, and the id that it used.
    pub fn message(&mut self, session: SessionId, account: AccountId, id: Option<u64>, time: Time) {
        let state = self.sessions.get_mut(&session).filter(|s| s.account == Some(account));
        let Some(state) = state.filter(|_| self.accounts.contains_key(&account)) else { return };
        state.ids.extend(id);
        self.messages.entry(account).or_default().push(time.0);
    }

    pub fn touch(&mut self, pair: Pair, own: Option<i64>) {
        let last = self.exposed.get(&pair).map(|&(price, _)| price);
        let price = self.marks.get(&pair.1).map(|&(price, _)| price).or(own).or(last);
        self.exposed.insert(pair, (price.unwrap(), self.rate_of(pair).unwrap()));
    }

    pub fn fill(&mut self, order: usize, execution: Execution) -> bool {
        self.orders[order].open -= execution.quantity;
        self.orders[order].filled += execution.quantity;
        let (account, instrument) = execution.pair;
        self.marks.entry(instrument).or_insert((execution.price, Source::Trade));
        self.executions.push(execution);
        self.value(execution.pair);
        self.watch(account)
    }

    fn value(&mut self, pair: Pair) {
        self.touch(pair, None);
        self.valued.insert(pair, self.exposed[&pair]);
    }

    pub fn sweep(&mut self) -> Vec<AccountId> {
        let accounts: Vec<_> = self.accounts.keys().copied().collect();
        for pair in accounts.iter().flat_map(|&account| self.pairs(account)).collect::<Vec<_>>() {
            let open = self.open(pair, Side::Buy) + self.open(pair, Side::Sell);
            if open > 0 || self.book(pair).position != 0 {
                self.value(pair);
            }
        }
        accounts.into_iter().filter(|&account| self.watch(account)).collect()
    }

    fn watch(&mut self, account: AccountId) -> bool {
        let equity = self.equity(account);
        let peak = self.peaks[&account].max(equity);
        self.peaks.insert(account, peak);
        let Money(most) = self.accounts[&account].limits.drawdown_max;
        peak - equity > most && self.drawn.insert(account)
    }
}
