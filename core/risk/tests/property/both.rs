//! The gate and the reference model, driven together and compared.

use omni_risk::{Amend, Capacity, Fill, Gate, SlotId, Source};
use omni_types::testing::{listed, share};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, ClientOrderId, Currency, Decimal, Digest, Instrument, InstrumentId,
    InstrumentSpec, Liquidity, Money, NewOrder, OrderType, Price, Qty, Rate, Refusal, SelfTrade, SessionId, Side,
    Symbol, Time, TimeInForce,
};
use proptest::prelude::*;

use crate::reference::{Execution, Order, Reference};
use crate::step::{ACCOUNTS, INSTRUMENTS, Step};

/// The gate and the model side by side.
pub struct Both {
    pub gate: Gate,
    pub model: Reference,
    slots: Vec<SlotId>,
    pub time: Time,
}

pub fn currency(name: &str) -> Currency {
    Currency::new(name).unwrap()
}

pub fn instrument(id: u32) -> Instrument {
    listed(
        id,
        InstrumentSpec {
            currency: currency(if id % 2 == 1 { "EUR" } else { "USD" }),
            // One's unit of value needs more than 64 bits and its price may be negative; the last one's is so small that
            // converting it and its fees must round.
            price_unit: [Decimal::ONE, Decimal::ONE, Decimal::new(125, -2), Decimal::new(1_234_567, -10)][id as usize],
            multiplier: if id == 3 { Decimal::new(1, -10) } else { Decimal::ONE },
            price_min: Price(if id == 2 { -50 } else { 1 }),
            price_max: Price(1_000),
            quantity_max: Qty(300),
            ..share()
        },
    )
}

pub fn account(id: u32, limits: AccountLimits) -> AccountSpec {
    AccountSpec {
        account: AccountId(id),
        name: Symbol::new("TEST").unwrap(),
        currency: currency("USD"),
        cash: Money(10_000 * Money::ONE),
        limits,
        maker_fee_ppm: -37,
        taker_fee_ppm: 213,
        unit_fee: Money(Money::ONE / 700),
    }
}

impl Both {
    pub fn new(limits: &[AccountLimits]) -> Self {
        let capacity =
            Capacity { instruments: 4, accounts: 4, sessions: 4, slots: 12, slots_expected: 2, currencies: 2 };
        let mut both =
            Self { gate: Gate::new(capacity).unwrap(), model: Reference::default(), slots: Vec::new(), time: Time(0) };
        for id in 0..INSTRUMENTS {
            both.gate.list(&instrument(id)).unwrap();
            both.model.instruments.push(instrument(id));
        }
        for (id, limits) in (0..).zip(limits) {
            both.open(account(id, *limits));
            both.model.opening.insert(AccountId(id), 10_000 * Money::ONE);
            both.model.peaks.insert(AccountId(id), 10_000 * Money::ONE);
        }
        for session in 0..4_u16 {
            let account = AccountId(u32::from(session) % ACCOUNTS);
            // The last one stands for another member of the market, who shares the first one's account here.
            let external = session == 3;
            both.gate.bind(SessionId(session), account, external).unwrap();
            let state = crate::reference::SessionState { account: Some(account), external, ..Default::default() };
            both.model.sessions.insert(SessionId(session), state);
        }
        both
    }

    fn open(&mut self, spec: AccountSpec) {
        self.gate.open(&spec).unwrap();
        let before = self.model.accounts.insert(spec.account, spec);
        if before.is_some_and(|before| before.limits.message_rate != spec.limits.message_rate) {
            self.model.messages.remove(&spec.account);
        }
    }

    pub fn live(&self, pick: usize) -> Option<usize> {
        let live: Vec<usize> = (0..self.model.orders.len()).filter(|&n| self.model.orders[n].live).collect();
        (!live.is_empty()).then(|| live[pick % live.len()])
    }

    pub fn order(&self, step: &Step) -> Option<NewOrder> {
        let &Step::New { session, account, instrument, side, limit, quantity, skip } = step else { return None };
        let last = self.model.sessions[&SessionId(session)].ids.iter().copied().max().unwrap_or(0);
        Some(NewOrder {
            session: SessionId(session),
            // Now and then the last id again.
            client_order_id: ClientOrderId(last + u64::from(skip > 0)),
            account: AccountId(account.unwrap_or(u32::from(session) % ACCOUNTS)),
            instrument: InstrumentId(instrument),
            side,
            order_type: if limit.is_some() { OrderType::Limit } else { OrderType::Market },
            time_in_force: TimeInForce::Day,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            price: Price(limit.unwrap_or(0)),
            quantity: Qty(quantity),
        })
    }

    fn place(&mut self, order: &NewOrder) -> Result<(), TestCaseError> {
        let expected = self.model.verdict(order, None, self.time);
        let before = hash(&self.gate);
        let explained = self.gate.explain(order, self.time);
        prop_assert_eq!(before, hash(&self.gate), "explaining changes nothing");
        let result = self.gate.check(order, self.time);
        prop_assert_eq!(result.err(), expected, "{:?}", explained);
        let failing = explained.iter().find(|check| !check.passed).map(|check| check.check.refusal());
        prop_assert_eq!(failing, expected);
        self.model.message(order.session, order.account, Some(order.client_order_id.0), self.time);
        if let Ok(pass) = result {
            let pair = (order.account, order.instrument);
            prop_assert_eq!(self.gate.slot(pair.0, pair.1), Some(pass.slot));
            let open = order.quantity.0;
            self.model.orders.push(Order {
                session: order.session,
                pair,
                side: order.side,
                filled: 0,
                open,
                live: true,
            });
            self.slots.push(pass.slot);
            self.model.touch(pair, (order.order_type == OrderType::Limit).then_some(order.price.0));
        }
        Ok(())
    }

    fn amend(&mut self, n: usize, price: i64, quantity: u64, done: bool) -> Result<(), TestCaseError> {
        let Order { session, pair, side, filled, open, .. } = self.model.orders[n];
        let leaves = quantity.saturating_sub(filled);
        let growth = leaves.saturating_sub(open);
        let as_new = NewOrder {
            session,
            client_order_id: ClientOrderId(u64::MAX),
            account: pair.0,
            instrument: pair.1,
            side,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Day,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            price: Price(price),
            quantity: Qty(quantity),
        };
        let below = (quantity <= filled).then_some(Refusal::BelowFilled);
        let expected = below.or_else(|| self.model.verdict(&as_new, Some(growth), self.time));
        let slot = self.slots[n];
        let amend = Amend {
            session,
            slot,
            side,
            price: Price(price),
            quantity: Qty(quantity),
            filled: Qty(filled),
            held: Qty(open),
        };
        let result = self.gate.check_amend(&amend, self.time);
        prop_assert_eq!(result, expected.map_or(Ok(Qty(growth)), Err));
        self.model.message(session, pair.0, None, self.time);
        if result.is_ok() {
            self.model.orders[n].open += growth;
            self.model.touch(pair, Some(price));
            let keeps = if done { leaves } else { open };
            let released = self.model.orders[n].open - keeps;
            self.gate.on_replaced(slot, side, Qty(released));
            self.model.orders[n].open = keeps;
            if released > 0 {
                self.model.touch(pair, None);
            }
        }
        Ok(())
    }

    fn fill(&mut self, n: usize, price: i64, quantity: u64, liquidity: Liquidity) -> Result<(), TestCaseError> {
        let Order { pair, side, open, .. } = self.model.orders[n];
        let quantity = quantity.min(open);
        if quantity == 0 {
            return Ok(());
        }
        let spec = self.model.accounts[&pair.0];
        let ppm = if liquidity == Liquidity::Maker { spec.maker_fee_ppm } else { spec.taker_fee_ppm };
        let rate = self.model.rate_of(pair).unwrap();
        let before = self.model.book(pair);
        let execution = Execution { pair, side, price, quantity, rate, ppm, unit_fee: spec.unit_fee.0 };
        let drawdown = self.model.fill(n, execution);
        let after = self.model.book(pair);
        let fill = Fill { slot: self.slots[n], side, price: Price(price), quantity: Qty(quantity), liquidity };
        let settled = self.gate.on_fill(&fill);
        prop_assert_eq!(settled.drawdown, drawdown);
        prop_assert_eq!(settled.fee.0, after.fees - before.fees);
        prop_assert_eq!(settled.realised.0, after.realised - before.realised);
        // The end comes at once, or after other things have happened.
        if quantity == open && price % 2 == 0 { self.done(n) } else { Ok(()) }
    }

    pub fn done(&mut self, n: usize) -> Result<(), TestCaseError> {
        let Order { pair, side, open, .. } = self.model.orders[n];
        self.gate.on_done(self.slots[n], side, Qty(open));
        self.model.orders[n].live = false;
        if open > 0 {
            self.model.touch(pair, None);
        }
        Ok(())
    }

    fn mark(&mut self, id: u32, price: i64, source: Source) -> Result<(), TestCaseError> {
        let spec = instrument(id).spec;
        let allowed = (spec.price_min.0..=spec.price_max.0).contains(&price);
        prop_assert_eq!(self.gate.mark(InstrumentId(id), Price(price), source).is_ok(), allowed);
        let weaker = self.model.marks.get(&InstrumentId(id)).is_none_or(|&(_, old)| old <= source);
        if allowed && (weaker || source == Source::Operator) {
            self.model.marks.insert(InstrumentId(id), (price, source));
        }
        Ok(())
    }

    fn operate(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Cancel { session } => {
                self.gate.on_cancel(SessionId(session), self.time);
                self.model.message(SessionId(session), AccountId(u32::from(session) % ACCOUNTS), None, self.time);
            }
            Step::Rate(numerator) => {
                self.gate.rate(&Rate { from: currency("EUR"), to: currency("USD"), numerator }).unwrap();
                self.model.rate = Some(numerator);
            }
            Step::Restrict { account, instrument, on } => {
                let pair = (AccountId(account), InstrumentId(instrument));
                self.gate.restrict(pair.0, pair.1, on).unwrap();
                if on {
                    self.model.restricted.insert(pair)
                } else {
                    self.model.restricted.remove(&pair)
                };
            }
            Step::Stop(session) => {
                self.gate.stop(SessionId(session)).unwrap();
                self.model.sessions.get_mut(&SessionId(session)).unwrap().stopped = true;
            }
            Step::Start(session) => {
                self.gate.start(SessionId(session)).unwrap();
                let state = self.model.sessions.get_mut(&SessionId(session)).unwrap();
                state.stopped = false;
                let account = state.account.unwrap();
                self.model.drawn.remove(&account);
                self.model.peaks.insert(account, self.model.equity(account));
            }
            Step::Kill | Step::Resume => {
                self.model.killed = matches!(step, Step::Kill);
                if self.model.killed { self.gate.kill() } else { self.gate.resume() }
            }
            Step::Sweep => prop_assert_eq!(self.gate.sweep(), self.model.sweep()),
            Step::Limits { account: id, limits } => {
                let before = self.model.accounts[&AccountId(id)].limits.message_rate;
                let kept = limits.open_orders_max.is_multiple_of(2);
                let message_rate = if kept { before } else { limits.message_rate };
                self.open(account(id, AccountLimits { message_rate, ..limits }));
            }
            Step::Later(nanos) => self.time = self.time.plus(nanos),
            _ => {}
        }
        Ok(())
    }

    pub fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::New { .. } => match self.order(step) {
                Some(order) => self.place(&order),
                None => Ok(()),
            },
            Step::Amend { order, price, quantity, done } => {
                self.live(order).map_or(Ok(()), |n| self.amend(n, price, quantity, done))
            }
            Step::Fill { order, price, quantity, liquidity } => {
                self.live(order).map_or(Ok(()), |n| self.fill(n, price, quantity, liquidity))
            }
            Step::Done { order } => self.live(order).map_or(Ok(()), |n| self.done(n)),
            Step::Mark { instrument, price, source } => self.mark(instrument, price, source),
            Step::Snapshot => self.restore(),
            _ => self.operate(step),
        }
    }

    /// Goes on with what a snapshot restores.
    fn restore(&mut self) -> Result<(), TestCaseError> {
        let mut bytes = Vec::new();
        self.gate.encode(&mut bytes);
        let restored = Gate::decode(&bytes).unwrap();
        prop_assert_eq!(hash(&restored), hash(&self.gate));
        let mut again = Vec::new();
        restored.encode(&mut again);
        prop_assert_eq!(bytes, again);
        self.gate = restored;
        Ok(())
    }

    pub fn compare(&self) -> Result<(), TestCaseError> {
        for id in (0..ACCOUNTS).map(AccountId) {
            let view = self.gate.account(id).unwrap();
            let books: Vec<_> = self.model.pairs(id).map(|pair| (pair, self.model.book(pair))).collect();
            let sum = |of: &dyn Fn(&(crate::reference::Pair, crate::reference::Book)) -> i128| {
                books.iter().map(of).sum::<i128>()
            };
            prop_assert_eq!(view.cash.0, self.model.cash(id));
            prop_assert_eq!(view.equity.0, self.model.equity(id));
            prop_assert_eq!(view.realised.0, sum(&|(_, book)| book.realised));
            prop_assert_eq!(view.fees.0, sum(&|(_, book)| book.fees));
            prop_assert_eq!(view.unrealised.0, sum(&|(pair, book)| self.model.market(*pair) - book.cost));
            prop_assert_eq!(view.gross_exposure.0, self.model.gross(id));
            prop_assert_eq!(view.peak.0, self.model.peaks[&id]);
            prop_assert_eq!(view.drawdown_stopped, self.model.drawn.contains(&id));
            let opening = self.model.opening[&id];
            prop_assert_eq!(view.equity.0, opening + view.realised.0 + view.unrealised.0 - view.fees.0);
            let live = self.model.orders.iter().filter(|order| order.live && order.pair.0 == id).count();
            prop_assert_eq!(view.open_orders as usize, live);
            for ((_, instrument), book) in books {
                self.compare_position((id, instrument), &book)?;
            }
        }
        Ok(())
    }

    fn compare_position(
        &self,
        pair: crate::reference::Pair,
        book: &crate::reference::Book,
    ) -> Result<(), TestCaseError> {
        let Some(position) = self.gate.position(pair.0, pair.1) else {
            prop_assert_eq!(book, &crate::reference::Book::default());
            return Ok(());
        };
        prop_assert_eq!(i128::from(position.quantity), book.position);
        prop_assert_eq!(position.cost.0, book.cost);
        prop_assert_eq!(position.realised.0, book.realised);
        prop_assert_eq!(position.market.0, self.model.market(pair));
        prop_assert_eq!(position.exposure.0, self.model.exposure(pair));
        prop_assert_eq!(i128::from(position.open_buy.0), self.model.open(pair, Side::Buy));
        prop_assert_eq!(i128::from(position.open_sell.0), self.model.open(pair, Side::Sell));
        prop_assert_eq!(position.restricted, self.model.restricted.contains(&pair));
        Ok(())
    }
}

pub fn hash(gate: &Gate) -> Digest {
    let mut digest = Digest::default();
    gate.digest(&mut digest);
    digest
}
