//! A trader at a historical venue: sends orders, plays the tape, and keeps what came back.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its part; helpers may panic")]

use omni_port::Venue;
use omni_sim::historical::{BarRules, Capacity, Config, Data, Historical, Reach, TradeRules};
use omni_types::testing;
use omni_types::{
    AccountId, AmendOrder, Bar, BookAction, BookDelta, CancelOrder, ClientOrderId, Event, ExecType, ExecutionReport,
    Instrument, InstrumentId, InstrumentSpec, Liquidity, NewOrder, OrderType, Price, Qty, Quote, Refusal, SelfTrade,
    SessionId, Side, Time, TimeInForce, TopOfBook, TradeTick,
};

pub const ME: SessionId = SessionId(0);

/// A listed share: ticks of one price unit, prices from 1 to 10,000.
pub fn share(id: u32) -> Instrument {
    testing::listed(id, InstrumentSpec { price_max: Price(10_000), ..testing::share() })
}

pub fn config(data: Data) -> Config {
    let capacity = Capacity { instruments: 2, recorded_orders: 1_000, recorded_levels: 1_000, orders: 100 };
    Config { capacity, data, reach: Reach::default(), bars: BarRules::default(), trades: TradeRules::default() }
}

/// A fill as a test writes it: client order id, price, quantity.
pub type Fill = (u64, i64, u64);

pub struct Desk {
    pub venue: Historical,
    pub events: Vec<Event>,
    pub time: Time,
    last_id: u64,
}

impl Desk {
    pub fn new(config: Config) -> Self {
        let mut venue = Historical::new(config);
        venue.list(&share(0)).unwrap();
        Self { venue, events: Vec::new(), time: Time(0), last_id: 0 }
    }

    /// Sends a limit order that rests, and returns its client order id.
    pub fn limit(&mut self, side: Side, price: i64, quantity: u64) -> u64 {
        self.send(|order| (order.side, order.price, order.quantity) = (side, Price(price), Qty(quantity)))
    }

    pub fn buy(&mut self, price: i64, quantity: u64) -> u64 {
        self.limit(Side::Buy, price, quantity)
    }

    pub fn sell(&mut self, price: i64, quantity: u64) -> u64 {
        self.limit(Side::Sell, price, quantity)
    }

    pub fn market(&mut self, side: Side, quantity: u64) -> u64 {
        self.send(|order| {
            (order.side, order.order_type, order.quantity) = (side, OrderType::Market, Qty(quantity));
        })
    }

    /// Sends a good-till-cancelled limit to buy, changed by `with`.
    pub fn send(&mut self, with: impl FnOnce(&mut NewOrder)) -> u64 {
        self.last_id += 1;
        let mut order = NewOrder {
            session: ME,
            client_order_id: ClientOrderId(self.last_id),
            account: AccountId(0),
            instrument: InstrumentId(0),
            side: Side::Buy,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Gtc,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            price: Price(0),
            quantity: Qty(1),
        };
        with(&mut order);
        let (time, events) = (self.time, &mut self.events);
        self.venue.submit(&order, time, &mut |event: &Event| events.push(*event));
        self.last_id
    }

    pub fn cancel(&mut self, id: u64) {
        let (time, events) = (self.time, &mut self.events);
        let cancel = CancelOrder { session: ME, client_order_id: ClientOrderId(id) };
        self.venue.cancel(&cancel, time, &mut |event: &Event| events.push(*event));
    }

    pub fn amend(&mut self, id: u64, price: i64, quantity: u64) {
        let (time, events) = (self.time, &mut self.events);
        let client_order_id = ClientOrderId(id);
        let amend = AmendOrder { session: ME, client_order_id, price: Price(price), quantity: Qty(quantity) };
        self.venue.amend(&amend, time, &mut |event: &Event| events.push(*event));
    }

    pub fn play(&mut self, delta: &BookDelta) -> Result<(), Refusal> {
        let (time, events) = (self.time, &mut self.events);
        self.venue.on_book(delta, time, &mut |event: &Event| events.push(*event))
    }

    fn tape(&mut self, action: BookAction, reference: u64, (side, price, quantity): (Side, i64, u64), last: bool) {
        let (instrument, price, quantity) = (InstrumentId(0), Price(price), Qty(quantity));
        self.play(&BookDelta { instrument, action, side, last, reference, price, quantity }).unwrap();
    }

    /// Records an order; each of these ends its event.
    pub fn add(&mut self, reference: u64, side: Side, price: i64, quantity: u64) {
        self.tape(BookAction::Add, reference, (side, price, quantity), true);
    }

    pub fn modify(&mut self, reference: u64, side: Side, price: i64, quantity: u64) {
        self.tape(BookAction::Modify, reference, (side, price, quantity), true);
    }

    pub fn reduce(&mut self, reference: u64, quantity: u64) {
        self.tape(BookAction::Reduce, reference, (Side::Buy, 0, quantity), true);
    }

    pub fn delete(&mut self, reference: u64) {
        self.tape(BookAction::Delete, reference, (Side::Buy, 0, 0), true);
    }

    pub fn execute(&mut self, reference: u64, quantity: u64) {
        self.tape(BookAction::Execute, reference, (Side::Buy, 0, quantity), true);
    }

    /// Records part of an event that goes on.
    pub fn within(&mut self, action: BookAction, reference: u64, at: (Side, i64, u64)) {
        self.tape(action, reference, at, false);
    }

    pub fn quote(&mut self, bid: (i64, u64), ask: (i64, u64)) {
        let side = |(price, quantity)| Some((Price(price), Qty(quantity)));
        let top = TopOfBook { bid: side(bid), ask: side(ask) };
        let (time, events) = (self.time, &mut self.events);
        let quote = Quote { time, instrument: InstrumentId(0), top };
        self.venue.on_quote(&quote, &mut |event: &Event| events.push(*event)).unwrap();
    }

    pub fn print(&mut self, price: i64, quantity: u64, aggressor: Option<Side>) {
        let (time, events) = (self.time, &mut self.events);
        let (price, quantity) = (Price(price), Qty(quantity));
        let trade = TradeTick { time, instrument: InstrumentId(0), price, quantity, aggressor };
        self.venue.on_trade(&trade, &mut |event: &Event| events.push(*event)).unwrap();
    }

    /// Plays the next second's bar: open, high, low, close.
    pub fn bar(&mut self, [open, high, low, close]: [i64; 4], volume: u64) {
        self.time = self.time.plus(Time::SECOND);
        let bar = Bar {
            time: self.time,
            instrument: InstrumentId(0),
            interval_ns: Time::SECOND,
            open: Price(open),
            high: Price(high),
            low: Price(low),
            close: Price(close),
            volume: Qty(volume),
        };
        let events = &mut self.events;
        self.venue.on_bar(&bar, &mut |event: &Event| events.push(*event)).unwrap();
    }

    /// Returns the reports since the last look.
    pub fn reports(&mut self) -> Vec<ExecutionReport> {
        let events = self.events.drain(..);
        events.filter_map(|event| if let Event::Report(report) = event { Some(report) } else { None }).collect()
    }

    /// Returns the fills since the last look.
    pub fn fills(&mut self) -> Vec<Fill> {
        self.fills_of(None)
    }

    pub fn fills_of(&mut self, liquidity: Option<Liquidity>) -> Vec<Fill> {
        let reports = self.reports().into_iter().filter(ExecutionReport::is_fill);
        let reports = reports.filter(|report| liquidity.is_none_or(|wanted| report.liquidity == wanted));
        reports.map(|r| (r.client_order_id.0, r.last_price.0, r.last_quantity.0)).collect()
    }

    /// Returns what the reports since the last look say of an order, the fills with their quantities.
    pub fn story(&mut self, id: u64) -> Vec<(ExecType, Refusal, u64)> {
        let reports = self.reports().into_iter().filter(|report| report.client_order_id.0 == id);
        reports.map(|report| (report.exec_type, report.reason, report.last_quantity.0)).collect()
    }

    pub fn leaves(&self, id: u64) -> Option<u64> {
        self.venue.order(ME, ClientOrderId(id)).map(|order| order.leaves.0)
    }

    pub fn ahead(&self, id: u64) -> Option<u64> {
        self.venue.queue_ahead(ME, ClientOrderId(id)).map(|quantity| quantity.0)
    }
}
