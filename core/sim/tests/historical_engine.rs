//! The simulator behind the gate: what the engine settles, and what a running venue allocates.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

#[path = "support/desk.rs"]
mod desk;

use desk::{Desk, config, share};
use omni_engine::{Capacity as EngineCapacity, Engine, EngineError};
use omni_ring::alloc::{CountingAllocator, allocations_in};
use omni_risk::{Capacity, Gate};
use omni_sim::historical::{Data, Historical};
use omni_types::testing::account;
use omni_types::{
    AccountId, AmendOrder, Body, BookAction, BookDelta, CancelOrder, ClientOrderId, Event, Input, InstrumentId,
    NewOrder, OrderType, Price, Qty, Refusal, SelfTrade, SessionId, Side, Time, TimeInForce,
};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const ACCOUNT: AccountId = AccountId(0);

/// An engine around the simulator, and the number of its last input.
struct Run {
    engine: Engine<Historical>,
    seq: u64,
}

impl Run {
    fn new() -> Self {
        let capacity =
            Capacity { instruments: 2, accounts: 1, sessions: 1, slots: 2, slots_expected: 2, currencies: 1 };
        let gate = Gate::new(capacity).unwrap();
        let engine = EngineCapacity { instruments: 2, timers: 1, bar_ns: 0 };
        let engine = Engine::new(Historical::new(config(Data::Orders)), gate, engine);
        let mut run = Self { engine, seq: 0 };
        run.apply(Body::List(Box::new(share(0))));
        run.apply(Body::Account(Box::new(account(ACCOUNT.0))));
        run.apply(Body::Session { session: SessionId(0), account: ACCOUNT, external: false });
        run
    }

    fn apply(&mut self, body: Body) {
        self.seq += 1;
        let input = Input { seq: self.seq, time: Time(self.seq as i64), cause: 0, body };
        self.engine.apply(&input, &mut |_: &Event| ()).unwrap();
    }

    fn tape(&mut self, action: BookAction, reference: u64, (side, price, quantity): (Side, i64, u64)) {
        let (instrument, price, quantity) = (InstrumentId(0), Price(price), Qty(quantity));
        self.apply(Body::Book(BookDelta { instrument, action, side, last: true, reference, price, quantity }));
    }

    fn limit(&mut self, id: u64, (side, price, quantity): (Side, i64, u64), time_in_force: TimeInForce) {
        self.apply(Body::New(NewOrder {
            session: SessionId(0),
            client_order_id: ClientOrderId(id),
            account: ACCOUNT,
            instrument: InstrumentId(0),
            side,
            order_type: OrderType::Limit,
            time_in_force,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            price: Price(price),
            quantity: Qty(quantity),
        }));
    }

    fn amend(&mut self, id: u64, price: i64, quantity: u64) {
        let client_order_id = ClientOrderId(id);
        let amend = AmendOrder { session: SessionId(0), client_order_id, price: Price(price), quantity: Qty(quantity) };
        self.apply(Body::Amend(amend));
    }

    /// Returns the account's position and open quantities to buy and to sell, as the gate holds them.
    fn held(&self) -> (i64, [u64; 2]) {
        let view = self.engine.gate().position(ACCOUNT, InstrumentId(0)).unwrap();
        (view.quantity, [view.open_buy.0, view.open_sell.0])
    }
}

#[test]
fn the_gate_holds_what_is_open_and_settles_what_fills() {
    use Side::{Buy, Sell};
    let mut run = Run::new();
    run.tape(BookAction::Add, 1, (Buy, 99, 10));
    run.tape(BookAction::Add, 2, (Sell, 101, 10));
    run.limit(1, (Buy, 101, 15), TimeInForce::Gtc);
    assert_eq!(run.held(), (10, [5, 0]));
    run.limit(2, (Sell, 99, 12), TimeInForce::Ioc);
    assert_eq!(run.held(), (0, [5, 0]));
    run.limit(3, (Sell, 105, 7), TimeInForce::Day);
    assert_eq!(run.held(), (0, [5, 7]));
    run.amend(3, 105, 4);
    assert_eq!(run.held(), (0, [5, 4]));
    run.amend(1, 100, 25);
    assert_eq!(run.held(), (0, [15, 4]));
    run.amend(1, 100, 9);
    assert_eq!(run.held(), (0, [15, 4]), "refused: below what is filled");
    run.tape(BookAction::Execute, 1, (Buy, 0, 6));
    assert_eq!(run.held(), (0, [15, 4]), "these units were taken before");
    run.tape(BookAction::Add, 4, (Buy, 98, 8));
    run.tape(BookAction::Execute, 4, (Buy, 0, 8));
    assert_eq!(run.held(), (8, [7, 4]));
    run.apply(Body::Cancel(CancelOrder { session: SessionId(0), client_order_id: ClientOrderId(1) }));
    run.apply(Body::Kill { reason: "test".into() });
    assert_eq!(run.held(), (8, [0, 0]));
}

#[test]
fn data_that_cannot_be_taken_changes_nothing() {
    let mut run = Run::new();
    let before = run.engine.state_digest().words();
    let (instrument, action) = (InstrumentId(0), BookAction::Add);
    let (price, quantity) = (Price(99), Qty(0));
    let body = Body::Book(BookDelta { instrument, action, side: Side::Buy, last: true, reference: 1, price, quantity });
    let input = Input { seq: run.seq + 1, time: Time(run.seq as i64 + 1), cause: 0, body };
    let refused = run.engine.apply(&input, &mut |_: &Event| ());
    assert_eq!(refused, Err(EngineError::MarketData(instrument, Refusal::InvalidQuantity)));
    assert_eq!(run.engine.state_digest().words(), before);
    run.tape(BookAction::Add, 1, (Side::Buy, 99, 5));
}

#[test]
fn equal_inputs_give_equal_hashes_and_other_ones_do_not() {
    let hash = |quantity: u64| {
        let mut run = Run::new();
        run.tape(BookAction::Add, 1, (Side::Sell, 101, 10));
        run.limit(1, (Side::Buy, 101, quantity), TimeInForce::Ioc);
        run.engine.state_digest().words()
    };
    assert_eq!(hash(3), hash(3));
    assert_ne!(hash(3), hash(4));
}

#[test]
fn nothing_is_allocated_after_the_start() {
    let mut desk = Desk::new(config(Data::Orders));
    desk.events = Vec::with_capacity(4_096);
    let (_, allocations) = allocations_in(|| {
        for round in 0..2_000_u64 {
            let (reference, price) = (round * 2 + 1, 100 + (round % 7) as i64);
            desk.add(reference, Side::Buy, price, 10);
            desk.add(reference + 1, Side::Sell, price + 2, 10);
            let (maker, taker) = (desk.buy(price, 5), desk.buy(price + 2, 15));
            desk.amend(maker, price - 1, 7);
            desk.within(BookAction::Trade, reference, (Side::Buy, price, 4));
            desk.sell(price, 3);
            desk.reduce(reference, 4);
            desk.execute(reference, 6);
            desk.delete(reference + 1);
            desk.cancel(maker);
            desk.cancel(taker);
            let selection = omni_port::Selection::default();
            omni_port::Venue::cancel_all(&mut desk.venue, selection, Refusal::None, desk.time, &mut |_: &Event| ());
            desk.events.clear();
        }
    });
    assert_eq!(allocations, 0);
    assert!(desk.venue.statistics().given.0 > 0 && desk.venue.statistics().taken.0 > 0);
}
