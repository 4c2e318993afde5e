//! The safe side for authors in Rust, through the same table as a loaded library: what a callback gets and does, and that
//! an error and a panic alike are a fault.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use core::ffi::CStr;

use omni_plugin::abi::{ParameterInfo, Quote, Ticket, Timer};
use omni_plugin::{BookView, Desk, Fault, Library, Trader, Value, Values, Wants, ended, text, whole};
use omni_port::{Depth, Strategy};
use omni_types::{Body, Event, InstrumentId, Price, Qty, SessionId, Time, TimerFired, TimerId, TopOfBook};
use support::desk;

/// Buys what it sees, and fails as its parameter says.
struct Probe {
    fails: String,
    seen: u64,
}

impl Trader for Probe {
    const NAME: &'static CStr = c"probe";
    const VERSION: &'static CStr = c"0.0.1";
    const PARAMETERS: &'static [ParameterInfo] =
        &[text(c"fails", c"how it fails", c"never"), whole(c"seen", c"where it begins", 0.0, (0.0, 100.0))];
    const WANTS: Wants = Wants { book: true, quote: true, ..Wants::NOTHING };
    const KEEPS_STATE: bool = true;

    fn create(desk: &Desk<'_>, values: &Values<'_>) -> Result<Self, Fault> {
        assert_eq!(desk.find(c"AAPL"), Some(0));
        assert_eq!(ended(&desk.instrument(0).unwrap().symbol), "AAPL");
        match values.text(0) {
            "create" => Err("no such way".to_owned()),
            "create-panic" => panic!("made of glass"),
            fails => Ok(Self { fails: fails.to_owned(), seen: values.number(1) as u64 }),
        }
    }

    fn on_quote(&mut self, quote: &Quote, desk: &mut Desk<'_>) -> Result<(), Fault> {
        match self.fails.as_str() {
            "error" => return Err("out of tune".to_owned()),
            "panic" => panic!("string {} broke", 1),
            _ => {}
        }
        self.seen += 1;
        assert_eq!(desk.top(quote.instrument), Some(*quote));
        let order = desk.buy(Ticket::limit(quote.instrument, quote.bid_quantity, quote.bid));
        assert_eq!(desk.orders()[0].id, order);
        desk.set_timer(3, desk.time() + 10);
        Ok(())
    }

    fn on_book(&mut self, book: &BookView<'_>, desk: &mut Desk<'_>) -> Result<(), Fault> {
        assert_eq!((book.bids.len(), book.asks.len(), book.time), (1, 0, desk.time()));
        desk.cancel_all(None);
        desk.sell(Ticket::market(book.instrument, book.bids[0].quantity).immediate());
        Ok(())
    }

    fn on_timer(&mut self, timer: &Timer, desk: &mut Desk<'_>) -> Result<(), Fault> {
        desk.set_timer(timer.timer, timer.time + 1);
        Ok(())
    }

    fn save(&self) -> Vec<u8> {
        self.seen.to_le_bytes().to_vec()
    }

    fn restore(&mut self, state: &[u8], _desk: &Desk<'_>) -> Result<(), Fault> {
        self.seen = u64::from_le_bytes(state.try_into().map_err(|_| "another state".to_owned())?);
        Ok(())
    }
}

fn quote() -> Event {
    let top = TopOfBook { bid: Some((Price(9_990), Qty(5))), ask: None };
    Event::Quote(omni_types::Quote { time: Time(7), instrument: InstrumentId(0), top })
}

fn fails(how: &str) -> [(String, Value); 1] {
    [("fails".to_owned(), Value::Text(how.to_owned()))]
}

#[test]
fn events_go_in_and_commands_come_out() {
    let (library, mut desk) = (Library::of::<Probe>().unwrap(), desk());
    let mut strategy = library.strategy(&[], &mut desk).unwrap();
    strategy.on_start(&mut desk).unwrap();
    let timer = TimerFired { time: Time(17), session: SessionId(1), timer: TimerId(3) };
    strategy.on_events(&[quote(), Event::Timer(timer)], &mut desk).unwrap();
    let depth = Depth { price: Price(9_990), quantity: Qty(4), orders: 1 };
    let book = omni_port::BookView::new(Time(20), InstrumentId(0), [depth].into_iter(), [].into_iter());
    strategy.on_book(&book, &mut desk).unwrap();
    let commands: Vec<Body> = desk.take_commands().collect();
    let at = |body: &Body| matches!(body, Body::SetTimer(timer) if timer.at == Time(17) || timer.at == Time(18));
    assert!(matches!(&commands[0], Body::New(order) if (order.price, order.quantity) == (Price(9_990), Qty(5))));
    assert!(at(&commands[1]) && at(&commands[2]));
    assert!(matches!(commands[3], Body::MassCancel(_)));
    assert!(matches!(&commands[4], Body::New(order) if order.quantity == Qty(4)));
    assert_eq!(commands.len(), 5);
    strategy.on_stop(&mut desk).unwrap();
}

#[test]
fn an_error_and_a_panic_are_faults() {
    let (library, mut desk) = (Library::of::<Probe>().unwrap(), desk());
    for (how, says) in [("error", "on_quote: out of tune"), ("panic", "on_quote: it panicked: string 1 broke")] {
        let mut strategy = library.strategy(&fails(how), &mut desk).unwrap();
        assert_eq!(strategy.on_events(&[quote()], &mut desk).unwrap_err().message, says);
    }
    for (how, says) in [("create", "no such way"), ("create-panic", "it panicked: made of glass")] {
        let error = library.strategy(&fails(how), &mut desk).unwrap_err().to_string();
        assert_eq!(error, format!("probe could not be made: {says}"));
    }
}

#[test]
fn state_goes_from_one_to_the_next() {
    let (library, mut desk) = (Library::of::<Probe>().unwrap(), desk());
    let mut one = library.strategy(&[("seen".to_owned(), Value::Number(41.0))], &mut desk).unwrap();
    one.on_events(&[quote()], &mut desk).unwrap();
    let state = one.save().unwrap().unwrap();
    assert_eq!(state, 42_u64.to_le_bytes());
    let mut next = library.strategy(&[], &mut desk).unwrap();
    next.restore(&state, &mut desk).unwrap();
    next.on_recover(&mut desk).unwrap();
    assert_eq!(next.save().unwrap().unwrap(), state);
    assert_eq!(next.restore(&[], &mut desk).unwrap_err().message, "restore: another state");
}
