//! A recording of every kind of data, with orders in between, as a source.

use omni_node::{FIRST_MEMBER, Next, Source, Tops};
use omni_sim::historical::Data;
use omni_types::{
    AccountId, Bar, Body, BookAction, BookDelta, CancelOrder, ClientOrderId, InstrumentId, NewOrder, OrderType, Price,
    Qty, Quote, SessionId, Side, Time, TimeInForce, TopOfBook, TradeTick,
};

/// What its instruments are filled from.
pub const DATA: [Data; 3] = [Data::Orders, Data::Quotes, Data::Bars];

/// A recording of all three kinds with orders of one member in between, by turns and from a seed.
pub struct Tape {
    at: u64,
    random: u64,
    start: Time,
}

impl Tape {
    const INPUTS: u64 = 9_000;

    pub fn new(random: u64, start: Time) -> Self {
        Self { at: 0, random, start }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % end
    }

    fn time(&self) -> Time {
        self.start.plus(self.at as i64 * Time::SECOND / 4)
    }

    fn book(&mut self) -> Body {
        let action = [BookAction::Add, BookAction::Add, BookAction::Add, BookAction::Execute, BookAction::Delete];
        let (side, last) = (Side::BOTH[self.below(2) as usize], self.below(4) > 0);
        let (action, reference) = (action[self.below(5) as usize], self.below(300));
        let (price, quantity) = (Price(1_000 - side.sign() * self.below(9) as i64), Qty(1 + self.below(20)));
        Body::Book(BookDelta { instrument: InstrumentId(0), action, side, last, reference, price, quantity })
    }

    fn quote(&mut self) -> Body {
        let bid = 995 + self.below(8) as i64;
        let [bid, ask] = [bid, bid + 1].map(|price| Some((Price(price), Qty(1 + self.below(20)))));
        Body::Quote(Quote { time: self.time(), instrument: InstrumentId(1), top: TopOfBook { bid, ask } })
    }

    fn trade(&mut self) -> Body {
        let (price, quantity) = (Price(994 + self.below(12) as i64), Qty(1 + self.below(20)));
        let instrument = InstrumentId(1);
        Body::Trade(TradeTick { time: self.time(), instrument, price, quantity, aggressor: None })
    }

    fn bar(&mut self) -> Body {
        let (low, volume) = (995 + self.below(8) as i64, Qty(self.below(90)));
        Body::Bar(Bar {
            time: self.time(),
            instrument: InstrumentId(2),
            interval_ns: Time::SECOND,
            open: Price(low + 1),
            high: Price(low + 3),
            low: Price(low),
            close: Price(low + 2),
            volume,
        })
    }

    fn order(&mut self) -> Body {
        let market = self.below(6) == 0;
        Body::New(NewOrder {
            session: SessionId(FIRST_MEMBER),
            client_order_id: ClientOrderId(self.at),
            account: AccountId(u32::from(FIRST_MEMBER)),
            instrument: InstrumentId(self.below(3) as u32),
            side: Side::BOTH[self.below(2) as usize],
            order_type: if market { OrderType::Market } else { OrderType::Limit },
            time_in_force: if market { TimeInForce::Day } else { TimeInForce::Gtc },
            post_only: false,
            self_trade: omni_types::SelfTrade::CancelNewest,
            price: if market { Price(0) } else { Price(993 + self.below(14) as i64) },
            quantity: Qty(1 + self.below(30)),
        })
    }

    fn cancel(&mut self) -> Body {
        let client_order_id = ClientOrderId(self.at.saturating_sub(1 + self.below(60)));
        Body::Cancel(CancelOrder { session: SessionId(FIRST_MEMBER), client_order_id })
    }
}

impl Source for Tape {
    fn peek(&mut self, _tops: &dyn Tops) -> Next {
        if self.at < Self::INPUTS { Next::At(self.time()) } else { Next::Done }
    }

    fn take(&mut self, _tops: &dyn Tops) -> Result<Body, String> {
        self.at += 1;
        Ok(match self.below(8) {
            0..=2 => self.book(),
            3 => self.quote(),
            4 => self.trade(),
            5 => self.bar(),
            6 => self.order(),
            _ => self.cancel(),
        })
    }
}
