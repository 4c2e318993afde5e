//! What each message becomes, and what is refused.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

use omni_types::{
    BookAction, BookDelta, Decimal, InstrumentId, MarketStatus, Price, Qty, Side, Time, TradeTick, TradingState,
};
use omni_wire::Flaw;
use omni_wire::dbn::{Action, Mbo};
use omni_wire::feed::{Change, ItchFeed, Listing, MboFeed};
use omni_wire::itch::{Add, Cancel, Cross, Delete, Execute, ExecuteAt, Message, Replace, Stock, Trade, TradingAction};

const MIDNIGHT: Time = Time(1_700_000_000_000_000_000);
const TIME: Time = Time(1_700_000_000_000_000_042);
const AAPL: Stock = Stock(*b"AAPL    ");

fn cents() -> Listing {
    Listing { instrument: InstrumentId(5), price_unit: Decimal::new(1, -2), quantity_unit: Decimal::ONE }
}

struct Feed(ItchFeed);

impl Feed {
    /// A session in which order 1 bids 100 shares at 10.00.
    fn new() -> Self {
        let mut feed = Self(ItchFeed::new(MIDNIGHT, 1));
        feed.0.list(1, &cents()).unwrap();
        feed.send(add(1, Side::Buy, 100, 100_000)).unwrap();
        feed
    }

    fn send(&mut self, message: Message) -> Result<Vec<Change>, Flaw> {
        let mut changes = Vec::new();
        let result = self.0.convert(&message, &mut |stamp, change| {
            assert_eq!((stamp.event, stamp.received), (TIME, TIME));
            changes.push(change);
        });
        assert!(result.is_ok() || changes.is_empty(), "a refused message changes nothing");
        result.map(|()| changes)
    }
}

fn add(reference: u64, side: Side, shares: u32, price: u32) -> Message {
    Message::Add(Add { locate: 1, timestamp: 42, reference, side, shares, stock: AAPL, price })
}

fn replace(old: u64, new: u64) -> Message {
    Message::Replace(Replace { locate: 1, timestamp: 42, old, new, shares: 70, price: 99_900 })
}

fn cancel(reference: u64, shares: u32) -> Message {
    Message::Cancel(Cancel { locate: 1, timestamp: 42, reference, shares })
}

fn delta(action: BookAction, side: Side, reference: u64, price: i64, quantity: u64) -> Change {
    let instrument = InstrumentId(5);
    let (price, quantity) = (Price(price), Qty(quantity));
    let last = action != BookAction::Trade;
    Change::Book(BookDelta { instrument, action, side, last, reference, price, quantity })
}

fn tick(price: i64, quantity: u64, aggressor: Option<Side>) -> Change {
    let (price, quantity) = (Price(price), Qty(quantity));
    Change::Trade(TradeTick { time: TIME, instrument: InstrumentId(5), price, quantity, aggressor })
}

#[test]
fn later_messages_remember_the_side() {
    use BookAction::{Delete as Gone, Execute as Executed, Reduce};
    let mut feed = Feed::new();
    assert_eq!(feed.send(add(2, Side::Sell, 50, 100_100)), Ok(vec![delta(BookAction::Add, Side::Sell, 2, 1_001, 50)]));
    let execute = Execute { locate: 1, timestamp: 42, reference: 2, shares: 20, match_number: 9 };
    assert_eq!(feed.send(Message::Execute(execute)), Ok(vec![delta(Executed, Side::Sell, 2, 0, 20)]));
    assert_eq!(feed.send(cancel(2, 10)), Ok(vec![delta(Reduce, Side::Sell, 2, 0, 10)]));
    let delete = Message::Delete(Delete { locate: 1, timestamp: 42, reference: 2 });
    assert_eq!(feed.send(delete), Ok(vec![delta(Gone, Side::Sell, 2, 0, 20)]));
    assert_eq!(feed.send(delete), Err(Flaw::UnknownOrder(2)));
    assert_eq!(feed.0.live(), 1);
}

#[test]
fn a_replace_leaves_the_queue_and_joins_behind_it() {
    let mut feed = Feed::new();
    let changes = feed.send(replace(1, 3)).unwrap();
    let [Change::Book(gone), Change::Book(come)] = changes[..] else { panic!("two changes: {changes:?}") };
    assert_eq!((gone.action, gone.reference, gone.quantity, gone.last), (BookAction::Delete, 1, Qty(100), false));
    assert_eq!(Change::Book(come), delta(BookAction::Add, Side::Buy, 3, 999, 70));
    assert_eq!(feed.send(replace(1, 4)), Err(Flaw::UnknownOrder(1)));
    feed.send(add(4, Side::Sell, 1, 100_100)).unwrap();
    assert_eq!(feed.send(replace(3, 4)), Err(Flaw::DuplicateOrder(4)));
}

#[test]
fn an_execution_at_another_price_prints_there_once() {
    let mut feed = Feed::new();
    let mut at = ExecuteAt {
        locate: 1,
        timestamp: 42,
        reference: 1,
        shares: 30,
        match_number: 9,
        printable: true,
        price: 99_800,
    };
    let trade = delta(BookAction::Trade, Side::Buy, 1, 998, 30);
    let reduce = delta(BookAction::Reduce, Side::Buy, 1, 0, 30);
    assert_eq!(feed.send(Message::ExecuteAt(at)), Ok(vec![tick(998, 30, Some(Side::Sell)), trade, reduce]));
    at.printable = false;
    assert_eq!(feed.send(Message::ExecuteAt(at)), Ok(vec![trade, reduce]));
    at.price = 99_850;
    assert_eq!(feed.send(Message::ExecuteAt(at)), Err(Flaw::OffUnit { found: 99_850, unit: 100 }));
    at.shares = 41;
    assert_eq!(feed.send(Message::ExecuteAt(at)), Err(Flaw::TooMuch { reference: 1, taken: 41, left: 40 }));
}

#[test]
fn hidden_trades_and_crosses_print_without_a_side() {
    let mut feed = Feed::new();
    let trade = Trade { locate: 1, timestamp: 42, shares: 5, stock: AAPL, price: 100_000, match_number: 1 };
    assert_eq!(feed.send(Message::Trade(trade)), Ok(vec![tick(1_000, 5, None)]));
    let cross = |shares| Cross {
        locate: 1,
        timestamp: 42,
        shares,
        stock: AAPL,
        price: 100_000,
        match_number: 1,
        cross_type: b'O',
    };
    assert_eq!(feed.send(Message::Cross(cross(9_000_000_000))), Ok(vec![tick(1_000, 9_000_000_000, None)]));
    assert_eq!(feed.send(Message::Cross(cross(0))), Ok(vec![]));
}

#[test]
fn halts_are_told_and_other_stocks_are_not() {
    let mut feed = Feed::new();
    let action = |locate, state| {
        Message::TradingAction(TradingAction { locate, timestamp: 42, stock: AAPL, state, reason: *b"T1  " })
    };
    let halted = MarketStatus { time: TIME, instrument: InstrumentId(5), state: TradingState::Halted };
    assert_eq!(feed.send(action(1, b'H')), Ok(vec![Change::Status(halted)]));
    let open = MarketStatus { state: TradingState::Open, ..halted };
    assert_eq!(feed.send(action(1, b'T')), Ok(vec![Change::Status(open)]));
    assert_eq!(feed.send(action(2, b'H')), Ok(vec![]));
    assert_eq!(feed.send(action(1, b'?')), Err(Flaw::Field { name: "trading_state", found: 63 }));
}

#[test]
fn impossible_messages_are_refused() {
    let mut feed = Feed::new();
    assert_eq!(feed.send(add(1, Side::Sell, 1, 100)), Err(Flaw::DuplicateOrder(1)));
    assert_eq!(feed.send(add(2, Side::Sell, 0, 100)), Err(Flaw::Field { name: "shares", found: 0 }));
    assert_eq!(feed.send(add(2, Side::Sell, 1, 101)), Err(Flaw::OffUnit { found: 101, unit: 100 }));
    assert_eq!(feed.send(cancel(1, 101)), Err(Flaw::TooMuch { reference: 1, taken: 101, left: 100 }));
    assert_eq!(feed.send(cancel(1, 0)), Err(Flaw::Field { name: "shares", found: 0 }));
    assert_eq!(feed.send(cancel(8, 1)), Err(Flaw::UnknownOrder(8)));
}

fn mbo(action: Action, order_id: u64, side: Option<Side>) -> Mbo {
    Mbo {
        instrument_id: 17_077,
        event: Some(TIME),
        received: Some(TIME.plus(9)),
        order_id,
        price: Some(10_010_000_000),
        size: 3,
        action,
        side,
        flags: 0,
        sequence: 1,
    }
}

fn convert(records: &[Mbo]) -> Result<Vec<Change>, Flaw> {
    let (mut feed, mut changes) = (MboFeed::new(), Vec::new());
    feed.list(17_077, &cents()).unwrap();
    for record in records {
        feed.convert(record, &mut |stamp, change| {
            assert_eq!((stamp.event, stamp.received), (TIME, TIME.plus(9)));
            changes.push(change);
        })?;
    }
    Ok(changes)
}

#[test]
fn a_trade_is_told_once_to_each_kind_of_reader() {
    let (buy, sell) = (Some(Side::Buy), Some(Side::Sell));
    let records = [
        mbo(Action::Trade, 8, buy),
        mbo(Action::Fill, 8, buy),
        mbo(Action::Fill, 1, sell),
        mbo(Action::Cancel, 1, sell),
        mbo(Action::Fill, 8, sell),
    ];
    let (Change::Book(mut reduce), fill) = (delta(BookAction::Reduce, Side::Sell, 1, 0, 3), BookAction::Trade) else {
        panic!("a book change")
    };
    reduce.last = false;
    let expected = vec![
        tick(1_001, 3, buy),
        delta(fill, Side::Sell, 1, 1_001, 3),
        Change::Book(reduce),
        // No trade is being told any more, so that this order rested.
        delta(fill, Side::Sell, 8, 1_001, 3),
    ];
    assert_eq!(convert(&records), Ok(expected));
}

#[test]
fn only_listed_instruments_and_defined_fields_pass() {
    let order = mbo(Action::Add, 1, Some(Side::Buy));
    assert_eq!(convert(&[Mbo { instrument_id: 1, ..order }]), Ok(vec![]));
    assert_eq!(convert(&[mbo(Action::None, 0, None)]), Ok(vec![]));
    let refused = |record: Mbo| match convert(&[record]) {
        Err(Flaw::Field { name, .. }) => name,
        other => panic!("refused for a field, found {other:?}"),
    };
    assert_eq!(refused(Mbo { price: None, ..order }), "price");
    assert_eq!(refused(Mbo { side: None, ..order }), "side");
    assert_eq!(refused(Mbo { size: 0, ..order }), "size");
    assert_eq!(refused(Mbo { event: None, ..order }), "ts_event");
    assert_eq!(refused(Mbo { received: None, ..order }), "ts_recv");
    let off = Flaw::OffUnit { found: 10_012_345_678, unit: 10_000_000 };
    assert_eq!(convert(&[Mbo { price: Some(10_012_345_678), ..order }]), Err(off));
    let cleared = convert(&[Mbo { price: None, size: 0, flags: 0x80, ..mbo(Action::Clear, 0, None) }]);
    assert_eq!(cleared, Ok(vec![delta(BookAction::Clear, Side::Buy, 0, 0, 0)]));
}
