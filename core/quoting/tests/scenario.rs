//! The maker against a hand-made market: what it sends for what it sees.

#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::sync::Arc;

use omni_port::{Desk, Strategy};
use omni_quoting::{Maker, MakerParams, QuotingError};
use omni_types::testing::{listed, share};
use omni_types::{
    AccountId, Body, ClientOrderId, Event, ExecType, ExecutionReport, Instrument, InstrumentId, InstrumentSpec,
    MarketStatus, NewOrder, OrdStatus, OrderId, Price, Qty, Quote, Refusal, SessionId, Side, Time, TimerFired, TimerId,
    TopOfBook, TradeTick, TradingState,
};
use proptest::prelude::{Just, any, prop, prop_assert, prop_oneof, proptest};
use proptest::strategy::Strategy as _;

const TICK: i64 = 5;
const ID: InstrumentId = InstrumentId(1);
const BID: Side = Side::Buy;
const ASK: Side = Side::Sell;

fn instruments() -> Arc<[Instrument]> {
    let spec = InstrumentSpec {
        tick: TICK,
        lot: Qty(10),
        price_min: Price(7),
        price_max: Price(100_000),
        quantity_max: Qty(10_000),
        ..share()
    };
    [0, 1].map(|id| listed(id, spec)).into()
}

/// Plain settings: mid, no flow, a spread of four ticks whatever the volatility.
fn plain() -> MakerParams {
    MakerParams {
        micro_weight: 0.0,
        flow_weight: 0.0,
        spread_min_ticks: 4,
        spread_max_ticks: 4,
        improve_ticks: 0,
        cover: 0.0,
        fade: 0.0,
        behind_ticks: 1_000,
        width_most: 1_000.0,
        horizon_s: 1.0,
        requote_ticks: 1,
        skew: 1.0,
        warmup_s: 0.0,
        stale_s: 10.0,
        ..MakerParams::default()
    }
}

/// A maker with its desk, and a venue that accepts everything that doesn't trade. Others show 500 at each best price.
struct Bench {
    maker: Maker,
    desk: Desk,
    time: Time,
    others: [Option<i64>; 2],
    orders: Vec<NewOrder>,
    /// What others show at each best price.
    shown: u64,
    timer: Option<Time>,
    log: Vec<&'static str>,
}

impl Bench {
    fn new(params: MakerParams) -> Self {
        let instruments = instruments();
        let maker = Maker::new(params, &instruments, &[ID]).unwrap();
        let desk = Desk::new(SessionId(1), AccountId(1), instruments);
        let (time, others, orders, log) = (Time(0), [None; 2], Vec::new(), Vec::new());
        Self { maker, desk, time, others, orders, shown: 500, timer: None, log }
    }

    /// Moves others' best bid and ask, in ticks, a second later.
    fn market(&mut self, bid: impl Into<Option<i64>>, ask: impl Into<Option<i64>>) {
        self.time = self.time.plus(Time::SECOND);
        self.others = [bid.into(), ask.into()];
        let quote = self.quote();
        self.deliver(vec![quote]);
    }

    /// Lets others trade a quantity at a price in ticks; the buyer or the seller took.
    fn trade(&mut self, taker: Side, ticks: i64, quantity: u64) {
        let (time, price, quantity) = (self.time, Price(ticks * TICK), Qty(quantity));
        self.deliver(vec![Event::Trade(TradeTick { time, instrument: ID, price, quantity, aggressor: Some(taker) })]);
    }

    fn deliver(&mut self, events: Vec<Event>) {
        self.maker.on_events(&events, &mut self.desk).unwrap();
        self.run_commands();
    }

    fn run_commands(&mut self) {
        loop {
            let commands: Vec<_> = self.desk.take_commands().collect();
            if commands.is_empty() {
                break;
            }
            for command in commands {
                let events = self.apply(&command);
                if !events.is_empty() {
                    self.maker.on_events(&events, &mut self.desk).unwrap();
                }
            }
        }
    }

    fn quote(&self) -> Event {
        let own =
            |side: Side| self.orders.iter().filter(move |order| order.side == side).map(|o| (o.price, o.quantity.0));
        let other = |side: Side| self.others[side.index()].map(|ticks| (Price(ticks * TICK), self.shown));
        let level = |side: Side| {
            let all = || own(side).chain(other(side));
            let best = if side == BID { all().map(|l| l.0).max() } else { all().map(|l| l.0).min() };
            best.map(|best| (best, Qty(all().filter(|l| l.0 == best).map(|l| l.1).sum())))
        };
        Event::Quote(Quote { time: self.time, instrument: ID, top: TopOfBook { bid: level(BID), ask: level(ASK) } })
    }

    fn apply(&mut self, command: &Body) -> Vec<Event> {
        match command {
            Body::New(order) => {
                self.log.push("new");
                assert!(order.post_only && order.instrument == ID);
                self.orders.push(*order);
                vec![Event::Report(self.report(order)), self.quote()]
            }
            Body::Amend(amend) => {
                self.log.push("amend");
                let at = self.orders.iter().position(|o| o.client_order_id == amend.client_order_id).unwrap();
                self.orders[at].price = amend.price;
                self.orders[at].quantity = amend.quantity;
                let report = ExecutionReport { exec_type: ExecType::Replaced, ..self.report(&self.orders[at].clone()) };
                vec![Event::Report(report), self.quote()]
            }
            Body::Cancel(cancel) => {
                self.log.push("cancel");
                let Some(at) = self.orders.iter().position(|o| o.client_order_id == cancel.client_order_id) else {
                    let unknown = ExecutionReport::unknown_order(cancel.session, cancel.client_order_id, self.time);
                    return vec![Event::Report(unknown)];
                };
                let order = self.orders.remove(at);
                vec![Event::Report(self.done(&order, ExecType::Cancelled, OrdStatus::Cancelled)), self.quote()]
            }
            Body::SetTimer(timer) => {
                self.timer = Some(timer.at);
                Vec::new()
            }
            other => panic!("unexpected {other:?}"),
        }
    }

    fn report(&self, order: &NewOrder) -> ExecutionReport {
        ExecutionReport::accepted(order, OrderId(order.client_order_id.0), self.time)
    }

    fn done(&self, order: &NewOrder, exec_type: ExecType, status: OrdStatus) -> ExecutionReport {
        ExecutionReport { exec_type, status, leaves: Qty::ZERO, ..self.report(order) }
    }

    /// Fills the whole own order of a side, as the aggressor of the other side would.
    fn fill(&mut self, side: Side) {
        self.time = self.time.plus(Time::SECOND);
        let at = self.orders.iter().position(|order| order.side == side).unwrap();
        let order = self.orders.remove(at);
        let fill = ExecutionReport {
            last_price: order.price,
            last_quantity: order.quantity,
            filled: order.quantity,
            ..self.done(&order, ExecType::Trade, OrdStatus::Filled)
        };
        let quote = self.quote();
        self.deliver(vec![Event::Report(fill), quote]);
    }

    fn status(&mut self, state: TradingState) {
        let status = MarketStatus { time: self.time, instrument: ID, state };
        self.deliver(vec![Event::Status(status)]);
    }

    fn fire(&mut self) {
        self.time = self.timer.take().unwrap();
        let timer = TimerFired { time: self.time, session: SessionId(1), timer: TimerId(0) };
        self.deliver(vec![Event::Timer(timer)]);
    }

    /// Returns the own bid and ask, price in ticks and quantity.
    fn quotes(&self) -> [Option<(i64, u64)>; 2] {
        Side::BOTH.map(|side| {
            let mut own = self.orders.iter().filter(|order| order.side == side);
            let first = own.next().map(|order| (order.price.0 / TICK, order.quantity.0));
            assert!(own.next().is_none(), "one order a side");
            first
        })
    }

    fn prices(&self) -> Option<(i64, i64)> {
        let [bid, ask] = self.quotes();
        Some((bid?.0, ask?.0))
    }
}

#[test]
fn quotes_around_the_mid_of_others_and_not_around_itself() {
    let mut bench = Bench::new(plain());
    bench.market(98, 102);
    assert_eq!(bench.quotes(), [Some((98, 100)), Some((102, 100))]);
    assert_eq!(bench.log, ["new", "new"], "its own quotes at the touch move nothing");
    bench.market(99, 103);
    assert_eq!(bench.prices(), Some((99, 103)));
    assert_eq!(bench.log, ["new", "new", "amend", "amend"], "a move is an amend");
    let mut inside = Bench::new(MakerParams { improve_ticks: 100, ..plain() });
    inside.market(95, 105);
    assert_eq!(inside.prices(), Some((98, 102)));
    inside.fill(BID);
    assert_eq!(inside.prices(), Some((97, 102)), "a tenth of a position; the mid is still that of others");
}

#[test]
fn rounds_outwards() {
    let mut bench = Bench::new(plain());
    bench.market(100, 101);
    assert_eq!(bench.prices(), Some((98, 103)), "100.5 - 2 down, 100.5 + 2 up");
}

#[test]
fn a_long_position_moves_both_quotes_down_and_a_short_one_up() {
    let mut bench = Bench::new(MakerParams { position_max: 200, ..plain() });
    bench.market(99, 101);
    bench.fill(BID);
    assert_eq!(bench.desk.holding(ID).quantity, 100);
    assert_eq!(bench.prices(), Some((97, 101)), "half a position of half a spread of two ticks");
    bench.fill(ASK);
    bench.fill(ASK);
    assert_eq!(bench.desk.holding(ID).quantity, -100);
    assert_eq!(bench.prices(), Some((99, 103)));
}

#[test]
fn the_limit_takes_the_side_away_and_the_other_grows() {
    let mut bench = Bench::new(MakerParams { position_max: 250, size_max: 150, ..plain() });
    bench.market(99, 101);
    bench.fill(BID);
    assert_eq!(bench.quotes().map(|q| q.unwrap().1), [100, 100]);
    bench.fill(BID);
    assert_eq!(bench.quotes().map(|q| q.unwrap().1), [50, 150], "room for 50 more; 200 to sell, but 150 at most");
    bench.fill(BID);
    assert_eq!(bench.desk.holding(ID).quantity, 250);
    assert_eq!(bench.quotes().map(|q| q.map(|q| q.1)), [None, Some(150)]);
}

#[test]
fn spread_widens_with_volatility_and_narrows_after() {
    let params = MakerParams { spread_max_ticks: 100, volatility_memory_s: 5.0, spread_volatility: 1.0, ..plain() };
    let mut bench = Bench::new(params);
    let width = |bench: &Bench| bench.prices().map(|(bid, ask)| ask - bid).unwrap();
    bench.market(999, 1_001);
    assert_eq!(width(&bench), 4, "nothing known yet: the narrowest");
    for n in 0..20 {
        let shift = 12 * (n % 2);
        bench.market(999 + shift, 1_001 + shift);
    }
    let stormy = width(&bench);
    assert!((20..=30).contains(&stormy), "twelve ticks a second each side: {stormy}");
    (0..60).for_each(|_| bench.market(999, 1_001));
    assert!(width(&bench) < stormy / 3, "{} after {stormy}", width(&bench));
}

#[test]
fn spread_widens_where_trades_are_rare() {
    let width_after = |seconds: i64| {
        let params = MakerParams { spread_max_ticks: 200, spread_volatility: 1.0, trade_memory: 5.0, ..plain() };
        let mut bench = Bench::new(params);
        for n in 0..100 {
            let shift = 4 * (n % 2);
            bench.market(999 + shift, 1_001 + shift);
            if n % seconds == 0 {
                bench.trade(BID, 1_001 + shift, 1);
            }
        }
        bench.prices().map(|(bid, ask)| ask - bid).unwrap()
    };
    let (often, seldom) = (width_after(1), width_after(16));
    assert!((3 * often..=5 * often).contains(&seldom), "four times the deviation: {often}, {seldom}");
}

#[test]
fn steps_back_from_a_level_that_others_leave_and_shows_nothing_far_behind() {
    let mut bench = Bench::new(MakerParams { fade: 0.6, ..plain() });
    bench.market(98, 102);
    assert_eq!(bench.prices(), Some((98, 102)));
    bench.shown = 250;
    bench.market(98, 102);
    assert_eq!(bench.prices(), Some((97, 103)), "half of 500 left without a trade");
    let mut near = Bench::new(MakerParams { behind_ticks: 2, spread_min_ticks: 8, spread_max_ticks: 8, ..plain() });
    near.market(98, 102);
    assert_eq!(near.prices(), Some((96, 104)));
    near.market(99, 101);
    assert_eq!(near.quotes(), [None, None], "three ticks behind");
}

#[test]
fn a_change_that_crossed_the_last_fill_touches_no_other_instrument() {
    let mut bench = Bench::new(plain());
    bench.market(99, 101);
    let id = bench.orders.iter().find(|order| order.side == BID).unwrap().client_order_id;
    bench.fill(BID);
    let before = bench.quotes();
    let late = ExecutionReport::unknown_order(SessionId(1), id, bench.time);
    bench.deliver(vec![Event::Report(late)]);
    assert_eq!(bench.quotes(), before);
    assert!(bench.desk.orders().all(|order| order.client_order_id != id));
}

#[test]
fn flow_and_the_thinner_side_move_the_value() {
    let mut bench = Bench::new(MakerParams { flow_weight: 5.0, flow_memory_s: 10.0, ..plain() });
    bench.market(99, 101);
    bench.trade(BID, 110, 900);
    assert_eq!(bench.prices(), Some((99, 107)), "worth 4.5 ticks more, but no bid above those of others");
    let mut lean = Bench::new(MakerParams { micro_weight: 1.0, improve_ticks: 100, ..plain() });
    let top = TopOfBook { bid: Some((Price(450), Qty(900))), ask: Some((Price(550), Qty(100))) };
    lean.maker.on_events(&[Event::Quote(Quote { time: Time(1), instrument: ID, top })], &mut lean.desk).unwrap();
    let sent: Vec<_> = lean.desk.take_commands().collect();
    let bid = |body: &Body| matches!(body, Body::New(order) if order.side == BID && order.price == Price(106 * TICK));
    assert!(sent.iter().any(bid), "108 less two ticks: {sent:?}");
}

#[test]
fn never_crosses_the_touch_and_keeps_behind_others_where_told() {
    let mut bench = Bench::new(MakerParams { flow_weight: 10.0, improve_ticks: 100, ..plain() });
    bench.market(99, 101);
    bench.trade(BID, 101, 9_000);
    assert_eq!(bench.prices().map(|(bid, _)| bid), Some(100), "worth 110, but others sell at 101");
    let mut joins = Bench::new(MakerParams { improve_ticks: 0, ..plain() });
    joins.market(95, 105);
    assert_eq!(joins.prices(), Some((95, 105)));
    joins.market(92, 105);
    assert_eq!(joins.prices(), Some((92, 105)), "alone at 95 it steps back until others are there");
    let mut covered = Bench::new(MakerParams { improve_ticks: 0, cover: 6.0, ..plain() });
    covered.market(95, 105);
    assert_eq!(covered.prices(), Some((94, 106)), "500 of others are no cover for 100");
}

#[test]
fn small_moves_leave_quotes_alone() {
    let wide = MakerParams { requote_ticks: 3, spread_min_ticks: 20, spread_max_ticks: 20, ..plain() };
    let mut bench = Bench::new(wide);
    bench.market(99, 101);
    bench.market(101, 103);
    assert_eq!((bench.prices(), bench.log.len()), (Some((90, 110)), 2));
    bench.market(102, 104);
    assert_eq!((bench.prices(), bench.log.len()), (Some((93, 113)), 4));
}

#[test]
fn pulls_stale_quotes_and_comes_back() {
    let mut bench = Bench::new(plain());
    bench.market(99, 101);
    assert_eq!(bench.timer, Some(bench.time.plus(10 * Time::SECOND)));
    (0..5).for_each(|n| bench.market(99, 101 + 2 * n));
    bench.fire();
    assert!(bench.prices().is_some(), "the last event is five seconds old");
    bench.fire();
    assert_eq!(bench.quotes(), [None, None], "ten seconds without an event");
    assert_eq!(bench.timer, None, "nothing left to watch");
    bench.market(99, 101);
    assert_eq!(bench.prices(), Some((98, 102)));
    assert!(bench.timer.is_some());
}

#[test]
fn pulls_on_one_sided_crossed_and_halted_books_and_comes_back() {
    let mut bench = Bench::new(MakerParams { improve_ticks: 0, ..plain() });
    for (bid, ask) in [(Some(90), None), (None, Some(110)), (None, None), (Some(111), Some(110))] {
        bench.market(bid, ask);
        assert_eq!(bench.quotes(), [None, None], "{bid:?} {ask:?}");
    }
    bench.market(90, 110);
    assert_eq!(bench.prices(), Some((90, 110)));
    bench.market(112, 110);
    assert_eq!(bench.quotes(), [None, None], "crossed while quoting");
    bench.market(90, 110);
    bench.status(TradingState::Halted);
    assert_eq!(bench.quotes(), [None, None]);
    bench.market(91, 110);
    assert_eq!(bench.quotes(), [None, None], "still halted");
    bench.status(TradingState::Open);
    assert_eq!(bench.prices(), Some((91, 110)));
}

#[test]
fn warms_up_before_it_quotes() {
    let mut bench = Bench::new(MakerParams { warmup_s: 3.0, ..plain() });
    for _ in 0..3 {
        bench.market(90, 110);
        assert_eq!(bench.quotes(), [None, None]);
    }
    bench.market(90, 110);
    assert!(bench.prices().is_some());
}

#[test]
fn a_refusal_pulls_and_waits_longer_each_time() {
    let mut bench = Bench::new(plain());
    let mut sent_at = Vec::new();
    for second in 0..40 {
        bench.time = Time(second * Time::SECOND);
        bench.others = [Some(90), Some(110)];
        let quote = bench.quote();
        bench.maker.on_events(&[quote], &mut bench.desk).unwrap();
        let commands: Vec<_> = bench.desk.take_commands().collect();
        for order in commands.iter().filter_map(|body| if let Body::New(order) = body { Some(order) } else { None }) {
            sent_at.push(second);
            let refused = Event::Report(ExecutionReport::rejected(order, Refusal::KillSwitch, bench.time));
            bench.maker.on_events(&[refused], &mut bench.desk).unwrap();
        }
    }
    sent_at.dedup();
    assert!(sent_at.len() <= 6 && sent_at.windows(3).all(|w| w[2] - w[1] >= w[1] - w[0]), "{sent_at:?}");
}

#[test]
fn a_recovery_takes_its_orders_over_and_pulls_them() {
    let mut bench = Bench::new(plain());
    bench.market(90, 110);
    let mut desk = Desk::new(SessionId(1), AccountId(1), instruments());
    for order in &bench.orders {
        desk.observe(&Event::Report(ExecutionReport::accepted(order, OrderId(1), bench.time)));
    }
    assert_eq!(desk.orders().count(), bench.orders.len());
    bench.maker = Maker::new(plain(), &instruments(), &[ID]).unwrap();
    bench.desk = desk;
    bench.maker.on_recover(&mut bench.desk).unwrap();
    bench.run_commands();
    assert_eq!(bench.quotes(), [None, None]);
    bench.market(90, 110);
    assert_eq!(bench.quotes().map(|quote| quote.unwrap().1), [100, 100]);
}

#[test]
fn started_again_it_forgets_the_orders_that_its_stop_cancelled() {
    let mut bench = Bench::new(plain());
    bench.market(90, 110);
    for order in core::mem::take(&mut bench.orders) {
        let gone = ExecutionReport::unknown_order(SessionId(1), order.client_order_id, bench.time);
        let gone = ExecutionReport { exec_type: ExecType::Cancelled, status: OrdStatus::Cancelled, ..gone };
        bench.desk.observe(&Event::Report(gone));
    }
    bench.maker.on_recover(&mut bench.desk).unwrap();
    assert!(!bench.desk.has_commands(), "it knows neither an order to pull nor the market to quote in");
    bench.market(91, 111);
    assert_eq!(bench.quotes().map(|quote| quote.unwrap().1), [100, 100]);
}

#[test]
fn an_order_that_the_venue_does_not_know_is_given_up() {
    let mut bench = Bench::new(plain());
    bench.market(99, 101);
    bench.orders.clear();
    bench.status(TradingState::Halted);
    bench.status(TradingState::Open);
    bench.market(99, 101);
    assert_eq!(bench.prices(), Some((98, 102)));
}

#[test]
fn without_a_timer_it_stops_with_a_fault() {
    let mut bench = Bench::new(plain());
    let none = ExecutionReport::unknown_order(SessionId(1), ClientOrderId(0), Time(0));
    let refused = Event::Report(ExecutionReport { reason: Refusal::TimerCapacity, ..none });
    let fault = bench.maker.on_events(&[refused], &mut bench.desk).unwrap_err();
    assert!(fault.message.contains("timer"), "{fault}");
}

#[test]
fn refuses_instruments_that_it_cannot_quote() {
    let listed = instruments();
    let error = |params, quoted: &[InstrumentId]| Maker::new(params, &listed, quoted).unwrap_err();
    assert_eq!(error(plain(), &[InstrumentId(9)]), QuotingError::UnknownInstrument(InstrumentId(9)));
    assert!(error(plain(), &[ID, ID]).to_string().contains("twice"));
    assert!(error(MakerParams { size: 9, ..plain() }, &[]).to_string().contains("at least 10"));
    let huge = MakerParams { size_max: 10_001, ..plain() };
    assert_eq!(error(huge, &[]).to_string(), "the maker's size_max is above what ABC takes; lower it to at most 10000");
    assert_eq!(Maker::new(plain(), &[], &[]).unwrap_err(), QuotingError::NoInstruments);
    let all = Maker::new(plain(), &listed, &[]).unwrap().subscription();
    assert_eq!(all.instruments, [InstrumentId(0), ID]);
    assert!(all.feeds.quote && all.feeds.trade && !all.feeds.book && !all.feeds.bar);
}

#[derive(Clone, Debug)]
enum Happening {
    Market(Option<i64>, Option<i64>),
    Fill(Side),
    Halt(bool),
    Timer,
}

fn happening() -> impl proptest::strategy::Strategy<Value = Happening> {
    let side = prop_oneof![Just(BID), Just(ASK)];
    prop_oneof![
        6 => (prop::option::weighted(0.95, 3..200_i64), prop::option::weighted(0.95, 3..200_i64))
            .prop_map(|(bid, ask)| Happening::Market(bid, ask)),
        3 => side.prop_map(Happening::Fill),
        1 => any::<bool>().prop_map(Happening::Halt),
        1 => Just(Happening::Timer),
    ]
}

proptest! {
    #[test]
    fn fuzz_whatever_happens_it_stays_within_its_limits(
        happenings in prop::collection::vec(happening(), 1..80),
        improve_ticks in 0..3_u64,
        skew in 0.0..4.0_f64,
        requote_ticks in 1..4_u64,
    ) {
        let params = MakerParams { improve_ticks, skew, requote_ticks, position_max: 250, size_max: 150, ..plain() };
        let mut bench = Bench::new(params);
        for happening in happenings {
            match happening {
                Happening::Market(bid, ask) => bench.market(bid, ask),
                Happening::Fill(side) if bench.orders.iter().any(|order| order.side == side) => bench.fill(side),
                Happening::Halt(on) => bench.status(if on { TradingState::Halted } else { TradingState::Open }),
                Happening::Timer if bench.timer.is_some_and(|at| at >= bench.time) => bench.fire(),
                _ => {}
            }
            let position = bench.desk.holding(ID).quantity;
            for (side, quote) in Side::BOTH.into_iter().zip(bench.quotes()) {
                let Some((ticks, quantity)) = quote else { continue };
                prop_assert!(quantity <= 150 && quantity % 10 == 0);
                prop_assert!((side.sign() * position + quantity as i64) <= 250, "{side:?} {quantity} at {position}");
                prop_assert!((2..=20_000).contains(&ticks));
            }
            if let Some((bid, ask)) = bench.prices() {
                prop_assert!(bid < ask);
            }
        }
    }
}
