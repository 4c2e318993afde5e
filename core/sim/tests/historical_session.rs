//! A recorded session of the ES future, with and without orders of ours.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

use omni_port::Venue;
use omni_sim::historical::{BarRules, Capacity, Config, Data, Historical, Reach, TradeRules};
use omni_types::{
    AccountId, AssetClass, Body, BookDelta, ClientOrderId, ContractTerms, Currency, Decimal, Digest, Event, Instrument,
    InstrumentId, InstrumentSpec, Liquidity, Mic, NewOrder, OrderType, Price, Qty, SelfTrade, SessionId, Side, Symbol,
    Time, TimeInForce, TradeTick,
};
use omni_wire::dbn::{Reader, Record};
use omni_wire::feed::{Change, Listing, MboFeed};

const ES: InstrumentId = InstrumentId(0);
/// 23:00:01 UTC: the auction is over, and continuous trading has begun.
const OPENED: Time = Time(1_703_545_201_000_000_000);

fn es() -> Instrument {
    let spec = InstrumentSpec {
        symbol: Symbol::new("ESH4").unwrap(),
        venue: Mic::new("XCME").unwrap(),
        asset_class: AssetClass::Future,
        currency: Currency::new("USD").unwrap(),
        price_unit: Decimal::new(25, -2),
        quantity_unit: Decimal::ONE,
        multiplier: Decimal::new(50, 0),
        tick: 1,
        lot: Qty(1),
        price_min: Price(1),
        price_max: Price(100_000),
        quantity_max: Qty(10_000),
        terms: ContractTerms::NONE,
    };
    Instrument::new(ES, spec).unwrap()
}

/// Returns the session's inputs with their capture times, or `None` after saying so; absence is a failure in CI.
fn session() -> Option<Vec<(Time, Body)>> {
    let root = std::env::var_os("OMNI_SHARED")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").into(), std::path::PathBuf::from);
    let file = root.join("data/l3_mbo/esh4-glbx-mdp3-20231225.mbo.dbn.zst");
    if !file.exists() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI needs {}", file.display());
        println!("SKIPPED: {} is not there; set OMNI_SHARED", file.display());
        return None;
    }
    let bytes = omni_wire::file::open(&file).unwrap().whole().unwrap();
    let mut reader = Reader::new(&bytes).unwrap();
    let number = reader.metadata().unwrap().instrument_id("ESH4").unwrap();
    let (mut feed, mut inputs) = (MboFeed::new(), Vec::new());
    feed.list(number, &Listing::from(&es())).unwrap();
    for record in reader.by_ref() {
        let Ok(Record::Mbo(record)) = record else { panic!("an order record, found {record:?}") };
        let mut keep = |body: Body, at: Time| inputs.push((at, body));
        feed.convert(&record, &mut |stamp, change| match change {
            Change::Book(delta) => keep(Body::Book(delta), stamp.received),
            Change::Trade(trade) => keep(Body::Trade(trade), stamp.received),
            Change::Status(_) => {}
        })
        .unwrap();
    }
    Some(inputs)
}

fn venue(reach: Reach) -> Historical {
    let capacity = Capacity { instruments: 1, recorded_orders: 16_384, recorded_levels: 4_096, orders: 64 };
    let mut venue = Historical::new(Config {
        capacity,
        data: Data::Orders,
        reach,
        bars: BarRules::default(),
        trades: TradeRules::default(),
    });
    venue.list(&es()).unwrap();
    venue
}

fn play(venue: &mut Historical, (time, body): &(Time, Body), sink: &mut impl FnMut(&Event)) {
    match body {
        Body::Book(delta) => venue.on_book(delta, *time, sink).unwrap(),
        Body::Trade(trade) => venue.on_trade(trade, sink).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn order(id: u64, side: Side, price: Price, quantity: u64) -> NewOrder {
    NewOrder {
        session: SessionId(0),
        client_order_id: ClientOrderId(id),
        account: AccountId(0),
        instrument: ES,
        side,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        price,
        quantity: Qty(quantity),
    }
}

#[test]
fn the_session_ends_in_its_book() {
    let Some(inputs) = session() else { return };
    let (mut venue, mut volume, mut looks) = (venue(Reach::Through), 0, 0);
    for input in &inputs {
        play(&mut venue, input, &mut |event: &Event| match event {
            Event::Trade(trade) => volume += trade.quantity.0,
            Event::Book(_) => looks += 1,
            _ => {}
        });
    }
    assert_eq!((venue.books().live(), volume, looks), (11_217, 9_892, 47_022));
    let top = venue.top(ES);
    assert_eq!(top.bid, Some((Price(19_240), Qty(22))));
    assert_eq!(top.ask, Some((Price(19_241), Qty(28))));
    let found = venue.statistics();
    // Seven of the auction's fills name orders that never rested.
    assert_eq!((found.recorded, found.unknown_references, found.excess), (68_685, 7, 0));
    assert_eq!((found.crossed, found.executed, found.given), (891, Qty(9_848 + 88 - 14), Qty(0)));
}

/// What the resting order below is for.
const LOT: u64 = 3;

/// What became of a resting order: when it was filled whole, and what was executed at its price until then.
struct Life {
    ahead: u64,
    filled_at: Option<Time>,
    executed_before: u64,
    cancelled_ahead: bool,
}

/// Joins the ask `away` ticks behind the best when trading has begun and waits.
fn join(inputs: &[(Time, Body)], reach: Reach, away: i64) -> Life {
    let mut venue = venue(reach);
    let mut price = None;
    let mut life = Life { ahead: 0, filled_at: None, executed_before: 0, cancelled_ahead: false };
    for input in inputs {
        let now = input.0;
        if price.is_none() && now >= OPENED {
            let at = Price(venue.top(ES).ask.unwrap().0.0 + away);
            venue.submit(&order(1, Side::Sell, at, LOT), now, &mut |_: &Event| ());
            life.ahead = venue.queue_ahead(SessionId(0), ClientOrderId(1)).unwrap().0;
            price = Some(at);
        }
        let Some(at) = price else {
            play(&mut venue, input, &mut |_: &Event| ());
            continue;
        };
        if let Body::Trade(TradeTick { price: traded, quantity, .. }) = input.1 {
            life.executed_before += if traded >= at && life.filled_at.is_none() { quantity.0 } else { 0 };
        }
        let before = venue.queue_ahead(SessionId(0), ClientOrderId(1));
        let mut filled = None;
        play(&mut venue, input, &mut |event: &Event| {
            if let Event::Report(report) = event {
                assert_eq!((report.last_price, report.liquidity), (at, Liquidity::Maker));
                filled = filled.max((report.leaves == Qty::ZERO).then_some(now));
            }
        });
        let after = venue.queue_ahead(SessionId(0), ClientOrderId(1));
        assert!(after <= before, "nothing comes in ahead");
        let cancel = matches!(input.1, Body::Book(BookDelta { quantity, .. }) if quantity > Qty::ZERO);
        life.cancelled_ahead |= cancel && after < before;
        life.filled_at = life.filled_at.or(filled);
    }
    life
}

#[test]
fn a_passive_order_fills_when_its_turn_comes() {
    let Some(inputs) = session() else { return };
    let near = join(&inputs, Reach::Executions, 0);
    assert!(near.ahead > 0 && near.cancelled_ahead);
    let filled_at = near.filled_at.expect("the market rises through the best offer");
    assert!(filled_at > OPENED && near.executed_before >= LOT, "{} executed", near.executed_before);
    // Displayed bids through our price fill sooner; a worse price later, or never.
    assert!(join(&inputs, Reach::Through, 0).filled_at.is_some_and(|at| at <= filled_at));
    assert!(join(&inputs, Reach::Executions, 2).filled_at.is_none_or(|at| at >= filled_at));
    assert!(join(&inputs, Reach::Through, 400).filled_at.is_none());
}

#[test]
fn our_orders_leave_the_recorded_market_as_it_was() {
    let Some(inputs) = session() else { return };
    let run = |trade: bool| {
        let (mut venue, mut public) = (venue(Reach::Through), Digest::default());
        let mut taken = 0;
        for (at, input) in inputs.iter().enumerate() {
            if trade && at % 1_000 == 0 && input.0 >= OPENED {
                let limit = venue.top(ES).ask.unwrap().0;
                let taker = order(at as u64, Side::Buy, limit, 5);
                venue.submit(&taker, input.0, &mut |event: &Event| {
                    taken += if let Event::Report(report) = event { report.last_quantity.0 } else { 0 };
                });
            }
            play(&mut venue, input, &mut |event: &Event| {
                if !matches!(event, Event::Report(_)) {
                    public.event(event);
                }
            });
        }
        (public, venue.top(ES), venue.books().live(), taken)
    };
    let (quiet, busy) = (run(false), run(true));
    assert_eq!((quiet.0, quiet.1, quiet.2), (busy.0, busy.1, busy.2));
    assert!(busy.3 > 0, "something was taken");
    let again = run(true);
    assert_eq!((again.0, again.3), (busy.0, busy.3), "and the same in every run");
}
