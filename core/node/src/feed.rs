//! A file of a feed, read on while the run goes.

use std::collections::VecDeque;
use std::sync::Arc;

use omni_types::{Bar, Body, DecimalError, Instrument, Price, Qty, Quote, Time, TopOfBook, TradeTick};
use omni_wire::dbn::{self, Action, Mbp, Ohlcv, Record};
use omni_wire::feed::{Change, ItchFeed, Listing, MboFeed, Scale, Stamp};
use omni_wire::file::{Format, Loaded};
use omni_wire::{Flaw, itch};

/// How many inputs are decoded ahead.
const AHEAD: usize = 1024;
/// Orders that an ITCH session's memory begins with.
const ORDERS: usize = 1 << 12;
/// Prices of DBN are in 1e-9.
const DBN_STEP: omni_types::Decimal = omni_types::Decimal::new(1, -9);

/// Which of a file's instruments is which of the run's.
pub struct Numbered<'a> {
    /// The file's number: an ITCH locate code, a DBN instrument id.
    pub number: u32,
    /// The run's instrument.
    pub instrument: &'a Instrument,
}

#[derive(Debug)]
enum Codec {
    Itch(ItchFeed),
    Dbn(DbnFeed),
}

/// An ITCH or DBN file as inputs, decoded piece by piece.
#[derive(Debug)]
pub struct FeedFile {
    loaded: Arc<Loaded>,
    codec: Codec,
    /// Where the next message begins, and how many were read before it.
    at: usize,
    read: u64,
    done: bool,
    queue: VecDeque<(Time, Body)>,
    fault: Option<String>,
}

impl FeedFile {
    /// Starts at a file's first message. Only `listed` instruments are read; ITCH times count from `midnight`.
    ///
    /// # Errors
    /// A message for people when the file is neither ITCH 5.0 nor DBN with its header, a unit doesn't fit its prices, or
    /// a number is beyond what the format has.
    pub fn new(loaded: Arc<Loaded>, listed: &[Numbered<'_>], midnight: Time) -> Result<Self, String> {
        let path = loaded.path.display().to_string();
        let fail = |number: u32, error: &dyn core::fmt::Display| format!("{path}: instrument {number}: {error}");
        let (codec, at) = match loaded.format {
            Format::Itch50 => {
                let mut feed = ItchFeed::new(midnight, ORDERS);
                for Numbered { number, instrument } in listed {
                    let locate = u16::try_from(*number).map_err(|error| fail(*number, &error))?;
                    feed.list(locate, &Listing::from(*instrument)).map_err(|error| fail(*number, &error))?;
                }
                (Codec::Itch(feed), 0)
            }
            _ => {
                let reader = dbn::Reader::new(&loaded.bytes).map_err(|error| format!("{path}: {error}"))?;
                let mut feed = DbnFeed::default();
                for Numbered { number, instrument } in listed {
                    feed.list(*number, &Listing::from(*instrument)).map_err(|error| fail(*number, &error))?;
                }
                (Codec::Dbn(feed), reader.offset())
            }
        };
        let queue = VecDeque::with_capacity(AHEAD + 16);
        Ok(Self { loaded, codec, at, read: 0, done: false, queue, fault: None })
    }

    /// Returns when the next input comes, `None` at the end.
    ///
    /// # Errors
    /// What is wrong with the file, at which byte, and how much was read until then; after the inputs before it.
    #[inline]
    pub(crate) fn next_time(&mut self) -> Result<Option<Time>, String> {
        while self.queue.is_empty() && !self.done {
            self.refill();
        }
        match (self.queue.front(), self.fault.take()) {
            (Some((time, _)), fault) => {
                self.fault = fault;
                Ok(Some(*time))
            }
            (None, Some(fault)) => Err(fault),
            (None, None) => Ok(None),
        }
    }

    /// Returns when the first input comes; a fault is kept for who reads on.
    pub(crate) fn first_time(&mut self) -> Option<Time> {
        while self.queue.is_empty() && !self.done {
            self.refill();
        }
        self.queue.front().map(|(time, _)| *time)
    }

    #[inline]
    pub(crate) fn take(&mut self) -> Option<Body> {
        self.queue.pop_front().map(|(_, body)| body)
    }

    fn refill(&mut self) {
        let loaded = Arc::clone(&self.loaded);
        let rest = &loaded.bytes[self.at..];
        let queue = &mut self.queue;
        let more = match &mut self.codec {
            Codec::Itch(feed) => read_itch(rest, feed, queue),
            Codec::Dbn(feed) => read_dbn(rest, feed, queue),
        };
        match more {
            Ok(Some((offset, read))) => {
                self.at += offset;
                self.read += read;
            }
            Ok(None) => self.end(loaded.cut.as_ref().map(ToString::to_string)),
            Err((flaw, offset, read)) => {
                let error = flaw.at(self.at + offset, self.read + read);
                // Where the compressed file was cut, that is why the last message is.
                let fault = loaded.cut.as_ref().map_or_else(
                    || format!("{}: {error}", loaded.path.display()),
                    |cut| format!("{cut}; its data then: {error}"),
                );
                self.end(Some(fault));
            }
        }
    }

    fn end(&mut self, fault: Option<String>) {
        self.done = true;
        self.fault = fault;
    }
}

/// Where to read on, in bytes and messages; `None` at the end.
type More = Result<Option<(usize, u64)>, (Flaw, usize, u64)>;
type Queue = VecDeque<(Time, Body)>;

fn read_itch(rest: &[u8], feed: &mut ItchFeed, queue: &mut Queue) -> More {
    let mut reader = itch::Reader::new(rest);
    while let Some(message) = reader.next() {
        let message = match message {
            Ok(message) => message,
            Err(error) => return Err((error.flaw, error.offset, error.read)),
        };
        if queue.len() >= AHEAD {
            return Ok(Some((reader.offset(), reader.read() - 1)));
        }
        let took = feed.convert(&message, &mut |stamp, change| queue.push_back(input(stamp, change)));
        took.map_err(|flaw| (flaw, reader.offset(), reader.read() - 1))?;
    }
    Ok(None)
}

fn read_dbn(rest: &[u8], feed: &mut DbnFeed, queue: &mut Queue) -> More {
    let mut reader = dbn::Reader::fragment(rest);
    while let Some(record) = reader.next() {
        let record = match record {
            Ok(record) => record,
            Err(error) => return Err((error.flaw, error.offset, error.read)),
        };
        if queue.len() >= AHEAD {
            return Ok(Some((reader.offset(), reader.read() - 1)));
        }
        feed.convert(&record, queue).map_err(|flaw| (flaw, reader.offset(), reader.read() - 1))?;
    }
    Ok(None)
}

/// A change when we received it: nothing is known before.
fn input(stamp: Stamp, change: Change) -> (Time, Body) {
    let time = stamp.received;
    let body = match change {
        Change::Book(delta) => Body::Book(delta),
        Change::Trade(trade) => Body::Trade(TradeTick { time, ..trade }),
        Change::Status(status) => Body::Status { instrument: status.instrument, state: status.state },
    };
    (time, body)
}

/// DBN records of the schemas that tell of orders, quotes, trades and bars.
#[derive(Debug, Default)]
struct DbnFeed {
    orders: MboFeed,
    /// Ordered by the file's number.
    scales: Vec<(u32, Scale)>,
}

impl DbnFeed {
    fn list(&mut self, number: u32, listing: &Listing) -> Result<(), DecimalError> {
        self.orders.list(number, listing)?;
        self.scales.push((number, Scale::new(listing, DBN_STEP)?));
        self.scales.sort_unstable_by_key(|(number, _)| *number);
        Ok(())
    }

    fn convert(&mut self, record: &Record<'_>, queue: &mut Queue) -> Result<(), Flaw> {
        let number = match record {
            Record::Mbo(mbo) => {
                return self.orders.convert(mbo, &mut |stamp, change| queue.push_back(input(stamp, change)));
            }
            Record::Trade(trade) => trade.header.instrument_id,
            Record::Mbp(mbp) => mbp.trade.header.instrument_id,
            Record::Ohlcv(bar) => bar.header.instrument_id,
            _ => return Ok(()),
        };
        let Ok(at) = self.scales.binary_search_by_key(&number, |(number, _)| *number) else { return Ok(()) };
        let scale = &self.scales[at].1;
        match record {
            Record::Trade(trade) => queue.push_back(tick(scale, trade)?),
            Record::Mbp(mbp) => quote(scale, mbp, queue)?,
            Record::Ohlcv(ohlcv) => queue.push_back(bar(scale, ohlcv)?),
            _ => {}
        }
        Ok(())
    }
}

fn received(trade: &dbn::Trade) -> Result<Time, Flaw> {
    trade.received.or(trade.header.event).ok_or(Flaw::Field { name: "ts_recv", found: u64::MAX })
}

fn price(scale: &Scale, raw: Option<i64>, name: &'static str) -> Result<Price, Flaw> {
    scale.price(raw.ok_or(Flaw::Field { name, found: i64::MAX.unsigned_abs() })?)
}

fn tick(scale: &Scale, trade: &dbn::Trade) -> Result<(Time, Body), Flaw> {
    let (time, quantity) = (received(trade)?, scale.quantity(u64::from(trade.size))?);
    let (instrument, price) = (scale.instrument, price(scale, trade.price, "price")?);
    Ok((time, Body::Trade(TradeTick { time, instrument, price, quantity, aggressor: trade.side })))
}

/// A trade that a quote's record tells of, then the quote.
fn quote(scale: &Scale, mbp: &Mbp<'_>, queue: &mut Queue) -> Result<(), Flaw> {
    if mbp.trade.action == Some(Action::Trade) {
        queue.push_back(tick(scale, &mbp.trade)?);
    }
    let Some(level) = mbp.level(0) else { return Ok(()) };
    let side = |raw: Option<i64>, size: u32| -> Result<Option<(Price, Qty)>, Flaw> {
        let Some(raw) = raw.filter(|_| size > 0) else { return Ok(None) };
        Ok(Some((scale.price(raw)?, scale.quantity(u64::from(size))?)))
    };
    let top = TopOfBook { bid: side(level.bid_price, level.bid_size)?, ask: side(level.ask_price, level.ask_size)? };
    let (time, instrument) = (received(&mbp.trade)?, scale.instrument);
    queue.push_back((time, Body::Quote(Quote { time, instrument, top })));
    Ok(())
}

/// A bar, at its close.
fn bar(scale: &Scale, ohlcv: &Ohlcv) -> Result<(Time, Body), Flaw> {
    let undefined = |name| Flaw::Field { name, found: u64::MAX };
    let interval_ns = ohlcv.interval_ns.ok_or(undefined("interval"))?;
    let time = ohlcv.header.event.ok_or(undefined("ts_event"))?.plus(interval_ns);
    let bar = Bar {
        time,
        instrument: scale.instrument,
        interval_ns,
        open: price(scale, ohlcv.open, "open")?,
        high: price(scale, ohlcv.high, "high")?,
        low: price(scale, ohlcv.low, "low")?,
        close: price(scale, ohlcv.close, "close")?,
        volume: scale.quantity(ohlcv.volume)?,
    };
    Ok((time, Body::Bar(bar)))
}
