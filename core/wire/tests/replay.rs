//! A recorded session of the ES future, from market-by-order records and from its ITCH transcode: the same book.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

mod support;

use omni_types::{Decimal, InstrumentId, Price, Time, TradeTick};
use omni_wire::dbn::{Reader, Record};
use omni_wire::feed::{Change, ItchFeed, Listing, MboFeed, Stamp};
use omni_wire::{Flaw, itch};
use sha2::{Digest, Sha256};
use support::NaiveBook;

const SESSION: &str = "l3_mbo/esh4-glbx-mdp3-20231225.mbo.dbn.zst";
const TRANSCODE: &str = "itch/esh4_20231225_transcoded.itch50.gz";
const TICK: i64 = 250_000_000;
const DIGEST: &str = "eafc1fac4a2f8e98db9f573127cc9c1eb79b2f561acad149df09aee3bd01b34c";

fn es() -> Listing {
    Listing { instrument: InstrumentId(7), price_unit: Decimal::new(25, -2), quantity_unit: Decimal::ONE }
}

fn price(text: &str) -> Price {
    Price(Decimal::parse(text).unwrap().count_of(Decimal::new(25, -2)).unwrap())
}

fn assert_end_state(book: &NaiveBook) {
    assert_eq!(book.orders(), 11_217);
    assert_eq!(book.levels(), [922, 565]);
    assert_eq!(book.bid(), Some((price("4810.00"), 22)));
    assert_eq!(book.ask(), Some((price("4810.25"), 28)));
}

/// What a replay of the session saw.
#[derive(Default)]
struct Session {
    book: NaiveBook,
    digest: Sha256,
    states: u64,
    crossed: u64,
    crossed_times: Option<(Time, Time)>,
    volume: u64,
    received: Option<Time>,
}

impl Session {
    fn take(&mut self, stamp: Stamp, change: Change) {
        assert!(self.received <= Some(stamp.received), "the capture's time never goes back");
        self.received = Some(stamp.received);
        match change {
            Change::Trade(TradeTick { quantity, .. }) => self.volume += quantity.0,
            Change::Book(delta) => {
                assert_eq!(delta.instrument, InstrumentId(7));
                self.book.apply(&delta);
                if delta.last {
                    self.look(stamp);
                }
            }
            Change::Status(_) => panic!("no status in this file"),
        }
    }

    fn look(&mut self, Stamp { event, received }: Stamp) {
        self.states += 1;
        let ((bid, bid_size), (ask, ask_size)) = (self.book.bid().unwrap(), self.book.ask().unwrap());
        for word in [event.0, bid.0 * TICK, bid_size as i64, ask.0 * TICK, ask_size as i64] {
            self.digest.update(word.to_le_bytes());
        }
        if bid >= ask {
            self.crossed += 1;
            let first = self.crossed_times.map_or(received, |(first, _)| first);
            self.crossed_times = Some((first, received));
        }
    }
}

fn replay(bytes: &[u8]) -> Session {
    let mut reader = Reader::new(bytes).unwrap();
    let number = reader.metadata().unwrap().instrument_id("ESH4").unwrap();
    let (mut feed, mut session) = (MboFeed::new(), Session::default());
    feed.list(number, &es()).unwrap();
    for record in reader.by_ref() {
        let Ok(Record::Mbo(record)) = record else { panic!("an order record, found {record:?}") };
        feed.convert(&record, &mut |stamp, change| session.take(stamp, change)).unwrap();
    }
    assert_eq!(reader.read(), 68_792);
    session
}

#[test]
fn market_by_order_records_rebuild_the_session() {
    let Some(bytes) = support::bytes(SESSION) else { return };
    let session = replay(&bytes);
    assert_end_state(&session.book);
    assert_eq!((session.states, session.volume), (47_022, 9_892));
    assert_eq!(session.digest.finalize().iter().map(|b| format!("{b:02x}")).collect::<String>(), DIGEST);
    // Crossed only in the pre-open: captured from 22:39:55 to 23:00:00 UTC.
    assert_eq!(session.crossed, 891);
    let seconds = session.crossed_times.map(|(a, b)| (a.0 / Time::SECOND % 86_400, b.0 / Time::SECOND % 86_400));
    assert_eq!(seconds, Some((81_595, 82_800)));
    // 9,892 traded, of which 44 in the opening auction, where both sides rested (their fills name no side); 7 of these
    // fills name orders that never rested.
    assert_eq!(session.book.strangers, 7);
    assert_eq!(session.book.executed, 9_848 + 88 - 14);
}

#[test]
fn the_snapshot_of_both_days_is_the_same() {
    let (Some(sunday), Some(monday)) =
        (support::bytes("l3_mbo/esh4-glbx-mdp3-20231224.mbo.dbn.zst"), support::bytes(SESSION))
    else {
        return;
    };
    let orders = |bytes: &[u8]| -> Vec<_> {
        let records = Reader::new(bytes).unwrap().map(Result::unwrap);
        records.filter_map(|r| if let Record::Mbo(m) = r { m.is_snapshot().then_some(m) } else { None }).collect()
    };
    let (sunday, monday) = (orders(&sunday), orders(&monday));
    assert_eq!((sunday.len(), monday.len()), (8_725, 8_725));
    let ids = |orders: &[omni_wire::dbn::Mbo]| orders.iter().map(|m| (m.order_id, m.price, m.size)).collect::<Vec<_>>();
    assert_eq!(ids(&sunday), ids(&monday));
}

#[test]
fn the_itch_transcode_ends_in_the_same_book() {
    let Some(bytes) = support::bytes(TRANSCODE) else { return };
    let midnight = Time(1_703_462_400 * Time::SECOND);
    let (mut feed, mut book) = (ItchFeed::new(midnight, 1_000), NaiveBook::default());
    feed.list(1, &es()).unwrap();
    let mut reader = itch::Reader::new(&bytes);
    while let Some(message) = reader.next() {
        let result = feed.convert(&message.unwrap(), &mut |_, change| {
            if let Change::Book(delta) = change {
                book.apply(&delta);
            }
        });
        result.map_err(|flaw| flaw.at(reader.offset(), reader.read())).unwrap();
    }
    assert_end_state(&book);
    assert_eq!((book.executed, feed.live()), (9_853, 11_217));
}

#[test]
fn a_price_off_the_unit_is_refused_at_its_byte() {
    let Some(bytes) = support::bytes(TRANSCODE) else { return };
    let mut feed = ItchFeed::new(Time(0), 16);
    feed.list(1, &Listing { price_unit: Decimal::new(7, 0), ..es() }).unwrap();
    let mut reader = itch::Reader::new(&bytes);
    let refused = loop {
        let message = reader.next().unwrap().unwrap();
        if let Err(flaw) = feed.convert(&message, &mut |_, _| ()) {
            break flaw.at(reader.offset(), reader.read());
        }
    };
    // The first add, after a system event and a directory entry, at 4799.00.
    assert_eq!(refused, Flaw::OffUnit { found: 47_990_000, unit: 70_000 }.at(14 + 41, 3));
}
