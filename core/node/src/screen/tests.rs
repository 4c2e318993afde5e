//! What a view says, and how many steps it takes to fill one.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use omni_gateway::{Image, RunView, View, WATCHED_MAX};
use omni_matching::{Exchange, MarketData};
use omni_port::{Depth, OrderView as Resting, Selection, Sink, Venue};
use omni_sim::flow::{Flow, FlowConfig, universe};
use omni_types::testing::account;
use omni_types::{
    AccountId, AccountSpec, AmendOrder, Bar, Body, BookDelta, CancelOrder, ClientOrderId, Digest, Instrument,
    InstrumentId, MassCancel, Money, NewOrder, Price, Qty, Quote, Refusal, Scope, SessionId, Side, TickTable, Time,
    TimeInForce, TopOfBook, TradeTick, TradingState,
};

use super::*;
use crate::day::{Capacities, FIRST_MEMBER, bind, list, listings, members};
use crate::flow::FlowSource;
use crate::inflight::Latency;
use crate::lockstep::{Lockstep, Progress};
use crate::pace::Pace;
use crate::run::set_up;
use crate::watch::{StrategyInfo, WatchSpec};

const SEED: u64 = 23;
const START: Time = Time(1_704_205_800_000_000_000);
const OWN: (SessionId, AccountId) = (SessionId(1), AccountId(1));

/// The exchange, counting what a reader looks at.
struct Counted {
    exchange: Exchange,
    orders: Cell<u64>,
    levels: Cell<u64>,
}

fn count(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
}

impl Venue for Counted {
    fn check(&self, body: &Body) -> Result<(), Refusal> {
        self.exchange.check(body)
    }

    fn list(&mut self, instrument: &Instrument) -> Result<(), Refusal> {
        self.exchange.list(instrument)
    }

    fn submit<S: Sink>(&mut self, order: &NewOrder, time: Time, sink: &mut S) {
        self.exchange.submit(order, time, sink);
    }

    fn cancel<S: Sink>(&mut self, cancel: &CancelOrder, time: Time, sink: &mut S) {
        self.exchange.cancel(cancel, time, sink);
    }

    fn amend<S: Sink>(&mut self, amend: &AmendOrder, time: Time, sink: &mut S) {
        self.exchange.amend(amend, time, sink);
    }

    fn cancel_all<S: Sink>(&mut self, selection: Selection, reason: Refusal, time: Time, sink: &mut S) {
        self.exchange.cancel_all(selection, reason, time, sink);
    }

    fn set_state<S: Sink>(&mut self, instrument: InstrumentId, state: TradingState, time: Time, sink: &mut S) {
        self.exchange.set_state(instrument, state, time, sink);
    }

    fn set_ticks(&mut self, instrument: InstrumentId, table: &Arc<TickTable>) {
        self.exchange.set_ticks(instrument, table);
    }

    fn on_book<S: Sink>(&mut self, delta: &BookDelta, time: Time, sink: &mut S) -> Result<(), Refusal> {
        self.exchange.on_book(delta, time, sink)
    }

    fn on_quote<S: Sink>(&mut self, quote: &Quote, sink: &mut S) -> Result<(), Refusal> {
        self.exchange.on_quote(quote, sink)
    }

    fn on_trade<S: Sink>(&mut self, trade: &TradeTick, sink: &mut S) -> Result<(), Refusal> {
        self.exchange.on_trade(trade, sink)
    }

    fn on_bar<S: Sink>(&mut self, bar: &Bar, sink: &mut S) -> Result<(), Refusal> {
        self.exchange.on_bar(bar, sink)
    }

    fn order(&self, session: SessionId, client_order_id: ClientOrderId) -> Option<Resting> {
        count(&self.orders);
        self.exchange.order(session, client_order_id)
    }

    fn for_each_order(&self, selection: Selection, each: &mut dyn FnMut(&Resting)) {
        self.exchange.for_each_order(Selection::default(), &mut |order| {
            count(&self.orders);
            if selection.takes(order.session, order.account, order.instrument, order.side) {
                each(order);
            }
        });
    }

    fn state(&self, instrument: InstrumentId) -> TradingState {
        self.exchange.state(instrument)
    }

    fn top(&self, instrument: InstrumentId) -> TopOfBook {
        self.exchange.top(instrument)
    }

    fn depth(&self, instrument: InstrumentId, side: Side, levels: usize) -> impl Iterator<Item = Depth> {
        self.exchange.depth(instrument, side, levels).inspect(|_| count(&self.levels))
    }

    fn digest(&self, digest: &mut Digest) {
        self.exchange.digest(digest);
    }
}

/// A generated market with one account of ours, and whoever watches it.
struct Market {
    lockstep: Lockstep<Counted>,
    source: FlowSource,
    watch: Watch,
    screen: Screen,
    instruments: usize,
    sent: u64,
}

impl Market {
    fn open(instruments: usize) -> Self {
        let capacities = Capacities {
            instruments,
            orders: 1 << 16,
            levels: 1 << 16,
            accounts: 1_024,
            risk_slots: 1 << 16,
            timers: 16,
            bar_ns: Time::SECOND,
        };
        let exchange = Exchange::new(capacities.book(), MarketData::Published);
        let venue = Counted { exchange, orders: Cell::new(0), levels: Cell::new(0) };
        let mut engine = capacities.engine(venue).unwrap();
        let universe = universe(SEED, instruments).unwrap();
        let mut config = FlowConfig::day(SEED, START, START.plus(3_600 * Time::SECOND), instruments);
        config.commands = 60_000;
        config.first_session = SessionId(FIRST_MEMBER);
        config.first_account = AccountId(u32::from(FIRST_MEMBER));
        let mut watch = watch();
        let own = AccountSpec { cash: Money(1_000_000_000 * Money::ONE), ..account(OWN.1.0) };
        let own = [Body::Account(Box::new(own)), bind(OWN.0, OWN.1, false)];
        let bodies =
            listings(&list(&universe).unwrap()).chain(members(&config, &universe)).chain(own).collect::<Vec<_>>();
        set_up(&mut engine, START, bodies, &mut watch).unwrap();
        Self {
            lockstep: Lockstep::new(engine, Latency::default(), Vec::new()).unwrap(),
            source: FlowSource::new(Flow::new(config, &universe).unwrap(), instruments as u32),
            watch,
            screen: Screen::new(RunView::default(), START, None),
            instruments,
            sent: 0,
        }
    }

    fn engine(&self) -> &Engine<Counted> {
        self.lockstep.engine()
    }

    /// Lets the others trade for so many steps.
    fn step(&mut self, steps: usize) {
        for _ in 0..steps {
            assert_eq!(self.lockstep.step(&mut self.source, &mut self.watch).unwrap(), Progress::More);
        }
    }

    fn operate(&mut self, body: Body) {
        self.lockstep.operate(body, &mut self.source, &mut self.watch).unwrap();
    }

    /// Sends an order of ours: `at` ticks better than the best price of its side, or at the market.
    fn send(&mut self, instrument: u32, side: Side, better: Option<i64>) {
        let instrument = InstrumentId(instrument);
        let listed = self.engine().instruments()[instrument.index()];
        let top = self.engine().venue().top(instrument);
        let best = if side == Side::Buy { top.bid } else { top.ask };
        let Some((price, _)) = best else { return };
        let towards = if side == Side::Buy { listed.spec.tick } else { -listed.spec.tick };
        self.sent += 1;
        self.operate(Body::New(NewOrder {
            session: OWN.0,
            client_order_id: ClientOrderId(self.sent),
            account: OWN.1,
            instrument,
            side,
            order_type: if better.is_some() { OrderType::Limit } else { OrderType::Market },
            time_in_force: if better.is_some() { TimeInForce::Day } else { TimeInForce::Ioc },
            post_only: false,
            self_trade: omni_types::SelfTrade::CancelNewest,
            price: better.map_or(Price(0), |better| Price(price.0 + better * towards)),
            quantity: Qty(listed.spec.lot.0 * 3),
        }));
    }

    fn archive(&mut self, empty: Archive, watched: &[u32]) -> Archive {
        self.screen.archive(empty, &wanted(watched), self.lockstep.engine(), &self.watch)
    }

    /// Shows a view to somebody who takes it.
    fn show(&mut self, watched: &[u32]) -> View {
        let mut view = View::default();
        self.screen.sent = self.screen.fill(&mut view, &wanted(watched), self.lockstep.engine(), &self.watch);
        view
    }

    /// Returns a view with what was looked at for it: bars, resting orders, levels.
    fn counted(&mut self, watched: &[u32]) -> (View, [u64; 3]) {
        let before = self.looked_at();
        let view = self.show(watched);
        let after = self.looked_at();
        (view, std::array::from_fn(|at| after[at] - before[at]))
    }

    fn looked_at(&self) -> [u64; 3] {
        let venue = self.engine().venue();
        [self.watch.recorder.bars.read.get(), venue.orders.get(), venue.levels.get()]
    }

    fn bars_of(&self, instrument: u32) -> Vec<Bar> {
        let all = self.watch.recorder.bars.all();
        all.iter().filter(|bar| bar.instrument == InstrumentId(instrument)).copied().collect()
    }
}

fn wanted(watched: &[u32]) -> Watched {
    let mut wanted = [None; WATCHED_MAX];
    for (slot, id) in wanted.iter_mut().zip(watched) {
        *slot = Some(InstrumentId(*id));
    }
    wanted
}

fn watch() -> Watch {
    let spec = WatchSpec {
        run: RunView::default(),
        strategies: vec![StrategyInfo { session: OWN.0, account: OWN.1, name: Arc::from("ours") }],
        start: START,
        end: None,
        pace: Pace::new(None),
        by_wall: false,
        watchdog: Duration::from_secs(60),
        equity_ns: 10 * Time::SECOND,
        keep_bars: true,
        journal: None,
        hub: None,
    };
    Watch::new(spec, Arc::default())
}

fn new_bars(view: &View) -> u64 {
    view.bars.iter().map(|bars| bars.bars.items.len() as u64).sum()
}

#[test]
fn a_view_costs_what_is_new_and_watched_however_much_is_listed() {
    for instruments in [5, 500] {
        let mut market = Market::open(instruments);
        market.step(40_000);
        market.send(0, Side::Buy, Some(-2));
        let resting = {
            let mut count = 0_u64;
            market.engine().venue().for_each_order(Selection::default(), &mut |_| count += 1);
            count
        };
        let closed = market.watch.recorder.bars.all().len();
        assert!(resting > 200 && closed > 300, "the market is full: {resting} orders, {closed} bars");
        let (first, _) = market.counted(&[0, 3]);
        assert_eq!(new_bars(&first) as usize, market.bars_of(0).len() + market.bars_of(3).len());
        let (still, [bars, orders, levels]) = market.counted(&[0, 3]);
        assert_eq!((new_bars(&still), still.orders.len()), (0, 1));
        // One bar of each watched instrument tells their length.
        assert!(bars <= 2 && orders == 0 && levels <= 4 * LEVELS as u64, "{instruments}: {bars} {orders} {levels}");
        market.step(2_000);
        let (view, [bars, orders, levels]) = market.counted(&[0, 3]);
        assert!(bars <= new_bars(&view) + 2 && orders == 0 && levels <= 4 * LEVELS as u64);
        let (unwatched, looked_at) = market.counted(&[]);
        assert_eq!((unwatched.orders.len(), looked_at), (view.orders.len(), [0, 0, 0]));
    }
}

#[test]
fn working_orders_are_those_that_rest_at_the_venue() {
    let mut market = Market::open(4);
    let mut most = 0;
    for round in 0..300_u32 {
        market.step(40);
        let instrument = round % 4;
        let side = if round.is_multiple_of(3) { Side::Sell } else { Side::Buy };
        market.send(instrument, side, Some(i64::from(round % 5) - 2));
        if round.is_multiple_of(7) {
            market.send(instrument, side, None);
        }
        amend_or_cancel(&mut market, round);
        let mut resting = Vec::new();
        let ours = Selection { session: Some(OWN.0), ..Selection::default() };
        market.engine().venue().for_each_order(ours, &mut |order| {
            resting.push((order.client_order_id, order.order_id, order.price, order.leaves, order.filled));
        });
        let view = market.show(&[]);
        let shown = |order: &OrderView| {
            let filled = Qty(order.quantity.0 - order.leaves.0);
            (order.client_order_id, order.order_id, order.price.unwrap(), order.leaves, filled)
        };
        let mut shown: Vec<_> = view.orders.iter().map(shown).collect();
        resting.sort_unstable();
        shown.sort_unstable();
        assert_eq!(shown, resting, "round {round} of seed {SEED}");
        most = most.max(shown.len());
    }
    assert!(most > 10 && market.watch.recorder.counts.fills > 50, "{most} {:?}", market.watch.recorder.counts);
    market.operate(Body::MassCancel(MassCancel { session: OWN.0, scope: Scope::Session }));
    assert_eq!(market.show(&[]).orders, []);
}

fn amend_or_cancel(market: &mut Market, round: u32) {
    let Some(row) = market.watch.recorder.working().nth(round as usize % 9).copied() else { return };
    let (session, client_order_id) = (row.session, row.client_order_id);
    match round % 4 {
        0 => market.operate(Body::Cancel(CancelOrder { session, client_order_id })),
        1 => {
            let lot = market.engine().instruments()[row.instrument.index()].spec.lot.0;
            let quantity = Qty(row.filled.0 + lot * u64::from(1 + round % 5));
            market.operate(Body::Amend(AmendOrder { session, client_order_id, price: row.price, quantity }));
        }
        _ => {}
    }
}

#[test]
fn bars_shown_in_parts_are_all_bars_also_of_one_watched_again() {
    let mut market = Market::open(4);
    let mut image = Image::default();
    for watched in [&[1_u32][..], &[1], &[1, 2], &[2], &[2, 1], &[2, 1], &[], &[1]] {
        market.step(3_000);
        image.update(&market.show(watched));
        let mut text = String::new();
        image.write_view(&mut text);
        for id in watched {
            let last = market.bars_of(*id);
            let bars = format!("\"{id}\":{{\"interval_ns\":1000000000,\"first\":0,\"items\":[");
            let (_, list) = text.split_once(&bars).unwrap();
            let (list, _) = list.split_once(']').unwrap();
            assert_eq!(list.matches("time_ns").count(), last.len());
            assert!(list.contains(&format!("\"time_ns\":\"{}\"", last.last().unwrap().time.0)));
        }
    }
    assert!(market.bars_of(1).len() > 100 && market.instruments == 4);
}

/// Returns an instrument's part of a section of lists, without its items' other fields than `field`.
fn shown_list(image: &Image, section: &str, instrument: u32) -> Vec<String> {
    let mut text = String::new();
    image.write_view(&mut text);
    let (_, lists) = text.split_once(&format!("\"{section}\":{{")).unwrap();
    let (_, list) = lists.split_once(&format!("\"{instrument}\":{{")).unwrap();
    let (list, _) = list.split_once(']').unwrap();
    let times = list.split("\"time_ns\":\"").skip(1);
    times.map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect()
}

#[test]
fn a_watched_instrument_has_its_fills_of_the_whole_day() {
    let mut market = Market::open(4);
    let mut image = Image::default();
    for round in 0..2_600 {
        market.step(10);
        market.send(round % 3, Side::Buy, None);
    }
    let all = market.watch.recorder.fills.all();
    let of = |id: u32| all.iter().filter(move |fill| fill.instrument.0 == id).map(|fill| fill.time.0.to_string());
    let (ours, total) = (of(1).collect::<Vec<_>>(), all.len());
    assert!(total > 1_500 && ours.len() > 300, "{total} fills, {} in one", ours.len());
    image.update(&market.show(&[]));
    image.update(&market.show(&[1]));
    assert_eq!(shown_list(&image, "watched_fills", 1), ours, "also those that the newest 1,000 of all leave out");
    market.send(1, Side::Buy, None);
    let view = market.show(&[1]);
    let new = market.watch.recorder.fills.count(InstrumentId(1)) - ours.len() as u64;
    assert_eq!(view.watched_fills[0].fills.items.len() as u64, new);
    image.update(&view);
    assert_eq!(shown_list(&image, "watched_fills", 1).len() as u64, ours.len() as u64 + new);
}

#[test]
fn what_is_left_at_the_end_shows_any_instrument_as_watching_it_did() {
    let mut market = Market::open(6);
    market.step(20_000);
    for instrument in 0..5 {
        market.send(instrument, Side::Buy, None);
        market.send(instrument, Side::Buy, Some(-1));
    }
    let view = market.show(&[0, 1, 2, 3, 4, 5]);
    let archive = market.archive(Archive::default(), &[]);
    for (at, depth) in view.depth.iter().enumerate() {
        let archived = archive.of(depth.instrument).unwrap();
        assert_eq!((&archived.depth, &archived.bars), (depth, &view.bars[at]), "{}", depth.instrument);
        assert_eq!(archived.fills, view.watched_fills[at]);
    }
    let own = |id: u32| archive.of(InstrumentId(id)).unwrap().depth.bids.iter().any(|level| level.own > Qty(0));
    assert!((0..5).all(own) && !own(5));
}

#[test]
fn where_not_all_fit_what_is_watched_is_left_first_then_what_we_traded() {
    let mut market = Market::open(8);
    market.step(10_000);
    market.send(6, Side::Buy, None);
    let rows = |one: &omni_gateway::Archived| {
        let levels = one.depth.bids.len() + one.depth.asks.len();
        one.bars.bars.items.len() + one.fills.fills.items.len() + levels
    };
    let whole = market.archive(Archive::default(), &[]);
    let room = [4, 6].iter().map(|id| rows(whole.of(InstrumentId(*id)).unwrap())).sum();
    let archive = market.archive(Archive::new(room), &[4]);
    let kept: Vec<_> = (0..8).filter(|id| archive.of(InstrumentId(*id)).is_some()).collect();
    assert_eq!(kept, [4, 6]);
    assert!(market.archive(Archive::new(0), &[4]).of(InstrumentId(4)).is_none());
}

#[test]
fn levels_hold_how_much_of_them_is_ours() {
    let mut market = Market::open(4);
    market.step(5_000);
    market.send(2, Side::Buy, Some(0));
    market.send(2, Side::Buy, Some(0));
    market.send(1, Side::Buy, Some(0));
    let view = market.show(&[2]);
    let ours: Vec<_> = view.depth[0].bids.iter().map(|level| level.own.0).collect();
    let lot = market.engine().instruments()[2].spec.lot.0;
    assert_eq!((ours[0], ours[1..].iter().sum::<u64>()), (6 * lot, 0));
    assert!(view.depth[0].asks.iter().all(|level| level.own == Qty(0)));
}

#[test]
fn an_account_shows_what_its_session_sent_and_got() {
    let mut market = Market::open(4);
    market.step(5_000);
    market.send(2, Side::Buy, Some(-3));
    market.send(2, Side::Buy, None);
    let again = market.sent;
    market.sent -= 1;
    market.send(2, Side::Buy, Some(-3));
    assert_eq!(market.sent, again, "an id used twice is refused, and has no row of its own");
    market.operate(Body::Cancel(CancelOrder { session: OWN.0, client_order_id: ClientOrderId(99) }));
    market.operate(Body::Kill { reason: "drill".into() });
    market.send(2, Side::Buy, Some(-3));
    let view = market.show(&[]);
    let (account, recorder) = (&view.accounts[0], &market.watch.recorder);
    assert_eq!((account.orders, account.refusals, account.open_orders), (3, 3, 0));
    assert_eq!(account.orders, recorder.orders.len() as u64);
    assert_eq!(account.fills, recorder.fills.all().len() as u64);
    assert!(account.fills > 0, "an order at the market trades");
    assert_eq!(view.refusals.iter().map(|(_, count)| count).sum::<u64>(), account.refusals);
}
