//! What recorded data the simulator takes: checked before anything changes.

use omni_types::{Bar, Body, BookAction, BookDelta, Instrument, Price, Quote, Refusal, TradeTick};

use super::market::{Market, PRICE_MOST};
use super::quote::there;
use super::{Data, Historical};

/// Returns whether keys and sums of two such prices stay in range.
pub(super) fn is_price(price: Price) -> bool {
    price.0.unsigned_abs() < PRICE_MOST.unsigned_abs()
}

impl Historical {
    /// Says whether a listing or recorded data can be taken.
    #[inline]
    pub(super) fn takes(&self, body: &Body) -> Result<(), Refusal> {
        match body {
            Body::Book(delta) => self.takes_book(delta),
            Body::Quote(quote) => self.takes_quote(quote),
            Body::Trade(trade) => self.takes_trade(trade),
            Body::Bar(bar) => self.takes_bar(bar),
            Body::List(instrument) => self.slot(instrument).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Returns what the next instrument's fills are made from, if this is the next one.
    pub(super) fn slot(&self, instrument: &Instrument) -> Result<Data, Refusal> {
        let at = instrument.id.index();
        self.data.get(at).filter(|_| at == self.markets.len()).copied().ok_or(Refusal::UnknownInstrument)
    }

    fn listed(&self, instrument: omni_types::InstrumentId) -> Result<&Market, Refusal> {
        self.markets.get(instrument.index()).ok_or(Refusal::UnknownInstrument)
    }

    #[inline]
    pub(super) fn takes_book(&self, delta: &BookDelta) -> Result<(), Refusal> {
        if self.listed(delta.instrument)?.data != Data::Orders {
            return Err(Refusal::UnsupportedOrder);
        }
        match delta.action {
            BookAction::Add | BookAction::Modify => self.recorded.admit(delta),
            BookAction::Trade if !is_price(delta.price) => Err(Refusal::InvalidPrice),
            _ => Ok(()),
        }
    }

    pub(super) fn takes_quote(&self, quote: &Quote) -> Result<(), Refusal> {
        if self.listed(quote.instrument)?.data != Data::Quotes {
            return Err(Refusal::UnsupportedOrder);
        }
        let mut sides = [there(quote.top.bid), there(quote.top.ask)].into_iter().flatten();
        if sides.all(|(price, _)| is_price(price)) { Ok(()) } else { Err(Refusal::InvalidPrice) }
    }

    pub(super) fn takes_trade(&self, trade: &TradeTick) -> Result<(), Refusal> {
        self.listed(trade.instrument)?;
        if is_price(trade.price) { Ok(()) } else { Err(Refusal::InvalidPrice) }
    }

    pub(super) fn takes_bar(&self, bar: &Bar) -> Result<(), Refusal> {
        self.listed(bar.instrument)?;
        let inside = |price: Price| price >= bar.low && price <= bar.high;
        let is_bar = inside(bar.open) && inside(bar.close) && is_price(bar.low) && is_price(bar.high);
        if is_bar { Ok(()) } else { Err(Refusal::InvalidPrice) }
    }
}
