//! From where a strategy trades: its clock, positions, orders and verbs.

use std::sync::Arc;

use omni_types::{
    AccountId, Action, Adjusted, AmendOrder, Body, CancelOrder, ClientOrderId, Event, ExecType, ExecutionReport,
    Instrument, InstrumentId, MassCancel, Money, NewOrder, OrderType, Price, Qty, Ratio, Scope, SelfTrade, SessionId,
    SetTimer, Side, SpecialOrder, Terms, Time, TimeInForce, TimerId, TopOfBook,
};

/// A command on its way to the engine.
pub type Command = Body;

/// What a strategy says of a new order; the desk adds who sends it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ticket {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Buy or sell.
    pub side: Side,
    /// How much, in quantity units.
    pub quantity: Qty,
    /// The limit in price units; `None` is a market order.
    pub price: Option<Price>,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// Refused rather than traded on arrival.
    pub post_only: bool,
    /// What happens when it meets an own order.
    pub self_trade: SelfTrade,
    /// What else it asks for.
    pub terms: Terms,
}

impl Ticket {
    /// Builds a market order.
    #[must_use]
    pub const fn market(instrument: InstrumentId, side: Side, quantity: Qty) -> Self {
        let time_in_force = TimeInForce::Ioc;
        Self { price: None, time_in_force, ..Self::limit(instrument, side, quantity, Price(0)) }
    }

    /// Builds a limit order for the day.
    #[must_use]
    pub const fn limit(instrument: InstrumentId, side: Side, quantity: Qty, price: Price) -> Self {
        let (price, time_in_force, self_trade) = (Some(price), TimeInForce::Day, SelfTrade::CancelNewest);
        let terms = Terms::NONE;
        Self { instrument, side, quantity, price, time_in_force, post_only: false, self_trade, terms }
    }
}

/// An order that the strategy sent and that isn't done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WorkingOrder {
    /// The strategy's number.
    pub client_order_id: ClientOrderId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// Side.
    pub side: Side,
    /// The limit; 0 for a market order.
    pub price: Price,
    /// What is open.
    pub leaves: Qty,
    /// What has traded.
    pub filled: Qty,
    /// Whether the venue has it yet.
    pub accepted: bool,
}

/// A position of the strategy in one instrument, average cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Holding {
    /// Signed quantity.
    pub quantity: i64,
    /// Signed cost of the open quantity, in price units times quantity units.
    pub cost: i128,
    /// Realised profit, in price units times quantity units, fees not taken off.
    pub realised: i128,
}

impl Holding {
    fn fill(&mut self, side: Side, price: Price, quantity: Qty) {
        let signed = side.sign() * quantity.signed();
        let closes = self.quantity.signum() * signed.signum() < 0;
        if closes {
            let closed = signed.abs().min(self.quantity.abs());
            let cost = self.cost * i128::from(closed) / i128::from(self.quantity.abs());
            self.realised += i128::from(price.0) * i128::from(closed * self.quantity.signum()) - cost;
            self.cost -= cost;
            self.quantity -= closed * self.quantity.signum();
            self.open(signed - closed * signed.signum(), price);
        } else {
            self.open(signed, price);
        }
    }

    fn open(&mut self, signed: i64, price: Price) {
        self.quantity += signed;
        self.cost += i128::from(price.0) * i128::from(signed);
    }

    /// Scales the position; a fraction of a unit is paid out at `price`, the one before the split.
    fn split(&mut self, ratio: Ratio, price: Price) {
        let (held, sign) = (self.quantity.unsigned_abs(), self.quantity.signum());
        let (whole, rest) = ratio.quantity(Qty(held));
        let (rest, new) = (i128::from(rest), i128::from(ratio.new_units()));
        if rest > 0 {
            let all = i128::from(held) * new;
            let cost = self.cost / all * rest + self.cost % all * rest / all;
            self.realised += i128::from(price.0) * rest * i128::from(sign) / new - cost;
            self.cost -= cost;
        }
        self.quantity = whole.signed() * sign;
    }

    /// Takes a dividend in, to a whole price unit times quantity unit.
    fn dividend(&mut self, cash: Money, value: i128) {
        let quantity = i128::from(self.quantity);
        let (each, rest) = (cash.0 / value, cash.0 % value);
        self.realised += each * quantity + rest.saturating_mul(quantity) / value;
    }

    /// Returns the profit not yet realised at `mark`, in price units times quantity units.
    #[must_use]
    pub fn unrealised(&self, mark: Price) -> i128 {
        i128::from(mark.0) * i128::from(self.quantity) - self.cost
    }
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    order: WorkingOrder,
    done: bool,
}

/// Where a strategy stands: what it knows from what was delivered to it, and the orders it sends.
///
/// The desk is kept up to date by the events that the strategy sees and by nothing else, so it is the same in every
/// mode and never ahead of the strategy's callbacks.
#[derive(Clone, Debug)]
pub struct Desk {
    session: SessionId,
    account: AccountId,
    time: Time,
    instruments: Arc<[Instrument]>,
    tops: Vec<TopOfBook>,
    marks: Vec<Option<Price>>,
    holdings: Vec<Holding>,
    /// By number; those that are done stay until they are the greater part, so that none costs a move of all others.
    orders: Vec<Slot>,
    done: usize,
    last_id: ClientOrderId,
    outbox: Vec<Command>,
}

impl Desk {
    /// Opens a desk for a session that trades one account.
    #[must_use]
    pub fn new(session: SessionId, account: AccountId, instruments: Arc<[Instrument]>) -> Self {
        let count = instruments.len();
        Self {
            session,
            account,
            time: Time(0),
            instruments,
            tops: vec![TopOfBook::default(); count],
            marks: vec![None; count],
            holdings: vec![Holding::default(); count],
            orders: Vec::with_capacity(1 << 10),
            done: 0,
            last_id: ClientOrderId(0),
            outbox: Vec::with_capacity(1 << 10),
        }
    }

    /// Returns the session.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// Returns the account.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Returns the time of the event being delivered.
    #[must_use]
    pub const fn time(&self) -> Time {
        self.time
    }

    /// Returns all listed instruments; the position is the id.
    #[must_use]
    pub fn instruments(&self) -> &Arc<[Instrument]> {
        &self.instruments
    }

    /// Returns the best bid and ask as last delivered.
    #[must_use]
    pub fn top(&self, instrument: InstrumentId) -> TopOfBook {
        self.tops.get(instrument.index()).copied().unwrap_or_default()
    }

    /// Returns the last delivered price of an instrument: trade, bar close or mid, whichever came last.
    #[must_use]
    pub fn mark(&self, instrument: InstrumentId) -> Option<Price> {
        self.marks.get(instrument.index()).copied().flatten()
    }

    /// Returns the position in an instrument.
    #[must_use]
    pub fn holding(&self, instrument: InstrumentId) -> Holding {
        self.holdings.get(instrument.index()).copied().unwrap_or_default()
    }

    /// Returns the orders that aren't done, oldest first.
    pub fn orders(&self) -> impl Iterator<Item = &WorkingOrder> {
        self.orders.iter().filter(|slot| !slot.done).map(|slot| &slot.order)
    }

    /// Returns the oldest order that isn't done and whose number is above `client_order_id`.
    #[must_use]
    pub fn order_after(&self, client_order_id: ClientOrderId) -> Option<&WorkingOrder> {
        let from = self.orders.partition_point(|slot| slot.order.client_order_id <= client_order_id);
        self.orders[from..].iter().find(|slot| !slot.done).map(|slot| &slot.order)
    }

    /// Returns an order that isn't done.
    #[must_use]
    pub fn order(&self, client_order_id: ClientOrderId) -> Option<&WorkingOrder> {
        self.place(client_order_id).map(|at| &self.orders[at].order)
    }

    /// Returns realised and unrealised profit over all instruments at the last delivered prices, before fees.
    #[must_use]
    pub fn profit(&self) -> (Money, Money) {
        let each = self.instruments.iter().zip(&self.holdings).zip(&self.marks);
        each.fold((Money::ZERO, Money::ZERO), |(realised, open), ((instrument, holding), mark)| {
            let unrealised = mark.map_or(0, |mark| holding.unrealised(mark));
            let money = |units: i128| Money(units.saturating_mul(instrument.value));
            (realised + money(holding.realised), open + money(unrealised))
        })
    }

    /// Sends a new order and returns its number.
    pub fn submit(&mut self, ticket: Ticket) -> ClientOrderId {
        self.last_id.0 += 1;
        let client_order_id = self.last_id;
        let price = ticket.price.unwrap_or_default();
        let order = WorkingOrder {
            client_order_id,
            instrument: ticket.instrument,
            side: ticket.side,
            price,
            leaves: ticket.quantity,
            filled: Qty::ZERO,
            accepted: false,
        };
        self.orders.push(Slot { order, done: false });
        let order = NewOrder {
            session: self.session,
            client_order_id,
            account: self.account,
            instrument: ticket.instrument,
            side: ticket.side,
            order_type: if ticket.price.is_some() { OrderType::Limit } else { OrderType::Market },
            time_in_force: ticket.time_in_force,
            post_only: ticket.post_only,
            self_trade: ticket.self_trade,
            price,
            quantity: ticket.quantity,
        };
        let plain = ticket.terms == Terms::NONE;
        let special = || Body::Special(SpecialOrder { order, terms: ticket.terms });
        self.outbox.push(if plain { Body::New(order) } else { special() });
        client_order_id
    }

    /// Asks to cancel an order.
    pub fn cancel(&mut self, client_order_id: ClientOrderId) {
        self.outbox.push(Body::Cancel(CancelOrder { session: self.session, client_order_id }));
    }

    /// Asks to change an order's price and total quantity.
    pub fn amend(&mut self, client_order_id: ClientOrderId, price: Price, quantity: Qty) {
        self.outbox.push(Body::Amend(AmendOrder { session: self.session, client_order_id, price, quantity }));
    }

    /// Asks to cancel all own orders, or all on one instrument.
    pub fn cancel_all(&mut self, instrument: Option<InstrumentId>) {
        let scope = instrument.map_or(Scope::Session, Scope::Instrument);
        self.outbox.push(Body::MassCancel(MassCancel { session: self.session, scope }));
    }

    /// Asks to be called at a time; setting the same timer again moves it.
    pub fn set_timer(&mut self, timer: TimerId, at: Time) {
        self.outbox.push(Body::SetTimer(SetTimer { session: self.session, timer, at }));
    }

    /// Takes in an event before its callback is called.
    #[inline]
    pub fn observe(&mut self, event: &Event) {
        match event {
            Event::Report(report) => {
                self.time = report.time;
                self.on_report(report);
            }
            Event::Trade(trade) => {
                self.time = trade.time;
                self.set_mark(trade.instrument, trade.price);
            }
            Event::Quote(quote) => {
                self.time = quote.time;
                if let Some(top) = self.tops.get_mut(quote.instrument.index()) {
                    *top = quote.top;
                }
                if let Some(twice) = quote.top.mid_twice() {
                    self.set_mark(quote.instrument, Price(twice.div_euclid(2)));
                }
            }
            Event::Bar(bar) => {
                self.time = bar.time;
                self.set_mark(bar.instrument, bar.close);
            }
            Event::Timer(timer) => self.time = timer.time,
            Event::Status(status) => self.time = status.time,
            Event::Indicative(indicative) => self.time = indicative.time,
            Event::Book(change) => self.time = change.time,
            Event::Adjusted(adjusted) => {
                self.time = adjusted.time;
                self.on_adjusted(adjusted);
            }
        }
    }

    /// Takes in the time where no event carries it.
    pub fn set_time(&mut self, time: Time) {
        self.time = time;
    }

    /// Hands over the commands sent since the last call, oldest first.
    pub fn take_commands(&mut self) -> impl Iterator<Item = Command> + '_ {
        self.outbox.drain(..)
    }

    /// Returns whether commands wait.
    #[must_use]
    pub fn has_commands(&self) -> bool {
        !self.outbox.is_empty()
    }

    fn set_mark(&mut self, instrument: InstrumentId, price: Price) {
        if let Some(mark) = self.marks.get_mut(instrument.index()) {
            *mark = Some(price);
        }
    }

    /// Follows a corporate action; its orders have ended by reports of their own.
    #[cold]
    fn on_adjusted(&mut self, adjusted: &Adjusted) {
        let at = adjusted.instrument.index();
        let Some(value) = self.instruments.get(at).map(|instrument| instrument.value) else { return };
        let holding = &mut self.holdings[at];
        match adjusted.action {
            Action::Split(ratio) => {
                holding.split(ratio, adjusted.reference.or(self.marks[at]).unwrap_or_default());
                self.tops[at] = TopOfBook::default();
            }
            Action::Dividend { cash } => holding.dividend(cash, value),
            Action::Rename(symbol) => {
                let mut instruments = self.instruments.to_vec();
                instruments[at].spec.symbol = symbol;
                self.instruments = instruments.into();
            }
        }
        if let Some(mark) = &mut self.marks[at] {
            *mark = adjusted.action.price(*mark, value.unsigned_abs());
        }
    }

    fn on_report(&mut self, report: &ExecutionReport) {
        if let Some(holding) = self.holdings.get_mut(report.instrument.index())
            && report.is_fill()
        {
            holding.fill(report.side, report.last_price, report.last_quantity);
        }
        if report.client_order_id > self.last_id {
            self.adopt(report);
        }
        let Some(at) = self.place(report.client_order_id) else { return };
        if report.exec_type == ExecType::CancelRejected {
            return;
        }
        if !report.status.is_open() {
            self.finish(at);
            return;
        }
        let order = &mut self.orders[at].order;
        order.accepted = true;
        order.price = report.price;
        order.leaves = report.leaves;
        order.filled = report.filled;
    }

    /// Takes over an order that the strategy sent before its process ended: its reports come again, in their order.
    #[cold]
    fn adopt(&mut self, report: &ExecutionReport) {
        if !matches!(report.exec_type, ExecType::New | ExecType::Rejected) {
            return;
        }
        self.last_id = report.client_order_id;
        let order = WorkingOrder {
            client_order_id: report.client_order_id,
            instrument: report.instrument,
            side: report.side,
            price: report.price,
            leaves: report.leaves,
            filled: report.filled,
            accepted: true,
        };
        if report.status.is_open() {
            self.orders.push(Slot { order, done: false });
        }
    }

    /// Returns the slot of an order that isn't done.
    #[inline]
    fn place(&self, client_order_id: ClientOrderId) -> Option<usize> {
        let at = self.orders.binary_search_by_key(&client_order_id, |slot| slot.order.client_order_id).ok()?;
        (!self.orders[at].done).then_some(at)
    }

    #[inline]
    fn finish(&mut self, at: usize) {
        self.orders[at].done = true;
        self.done += 1;
        if 2 * self.done > self.orders.len() {
            self.orders.retain(|slot| !slot.done);
            self.done = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use omni_types::OrdStatus;

    use super::*;

    #[test]
    fn a_holding_turns_through_zero() {
        let mut holding = Holding::default();
        holding.fill(Side::Buy, Price(100), Qty(10));
        holding.fill(Side::Sell, Price(110), Qty(4));
        assert_eq!((holding.quantity, holding.cost, holding.realised), (6, 600, 40));
        holding.fill(Side::Sell, Price(90), Qty(10));
        assert_eq!((holding.quantity, holding.cost, holding.realised), (-4, -360, -20));
        assert_eq!(holding.unrealised(Price(80)), 40);
    }

    #[test]
    fn the_desk_follows_corporate_actions() {
        use omni_types::testing::{listed, share};
        let mut desk = Desk::new(SessionId(1), AccountId(1), Arc::from([listed(0, share())]));
        let instrument = InstrumentId(0);
        desk.holdings[0].fill(Side::Buy, Price(100), Qty(7));
        desk.set_mark(instrument, Price(300));
        let apply = |desk: &mut Desk, action| {
            let reference = desk.mark(instrument);
            desk.observe(&Event::Adjusted(Adjusted { time: Time(5), instrument, action, reference }));
        };
        apply(&mut desk, Action::Split(Ratio::new(3, 2).unwrap()));
        // Half a new share was worth 100 and had cost 33.
        assert_eq!(desk.holding(instrument), Holding { quantity: 10, cost: 667, realised: 67 });
        assert_eq!((desk.time(), desk.mark(instrument)), (Time(5), Some(Price(200))));
        apply(&mut desk, Action::Dividend { cash: Money(Money::ONE / 4) });
        assert_eq!((desk.holding(instrument).realised, desk.mark(instrument)), (67 + 250, Some(Price(175))));
        apply(&mut desk, Action::Rename(omni_types::Symbol::new("NEW").unwrap()));
        assert_eq!(desk.instruments()[0].spec.symbol.as_str(), "NEW");
        assert_eq!(desk.mark(instrument), Some(Price(175)));
    }

    /// A desk that has sent so many orders.
    fn busy(orders: u64) -> Desk {
        let mut desk = Desk::new(SessionId(1), AccountId(1), Arc::from([]));
        for _ in 0..orders {
            desk.submit(Ticket::limit(InstrumentId(0), Side::Buy, Qty(1), Price(100)));
        }
        desk
    }

    fn ends(desk: &mut Desk, id: u64) {
        let unknown = ExecutionReport::unknown_order(SessionId(1), ClientOrderId(id), Time(0));
        let report = ExecutionReport { exec_type: ExecType::Cancelled, status: OrdStatus::Cancelled, ..unknown };
        desk.observe(&Event::Report(report));
    }

    #[test]
    fn orders_are_those_not_done_oldest_first() {
        // Every id from 1 to 100 once, out of order, since 37 and 101 have no common factor.
        let (mut desk, mut open) = (busy(100), (1..=100).collect::<Vec<u64>>());
        for id in (1..=100).map(|n| n * 37 % 101) {
            assert!(desk.order(ClientOrderId(id)).is_some());
            ends(&mut desk, id);
            ends(&mut desk, id);
            open.retain(|&other| other != id);
            assert_eq!(desk.order(ClientOrderId(id)), None);
            assert_eq!(desk.orders().map(|order| order.client_order_id.0).collect::<Vec<_>>(), open);
        }
    }

    #[test]
    fn an_order_that_is_done_moves_few_others() {
        let count = 1 << 12;
        let mut desk = busy(count);
        let mut moved = 0;
        for id in 1..=count {
            let before = desk.orders.len();
            ends(&mut desk, id);
            moved += if desk.orders.len() < before { desk.orders.len() as u64 } else { 0 };
        }
        assert_eq!(desk.orders().count(), 0);
        assert!(moved <= count, "{moved} moves for {count} orders");
    }
}
