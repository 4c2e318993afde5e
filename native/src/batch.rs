//! Market data gathered for a batch callback, as packed little-endian rows.
//!
//! The layouts are those of `omni.model.batch`: event time and instrument as 64-bit integers, the rest as floats.

use omni_types::{Bar, Quote, TradeTick};

use crate::instrument::Instrument;

/// Rows that wait for their callback.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) bars: Vec<u8>,
    pub(crate) quotes: Vec<u8>,
    pub(crate) trades: Vec<u8>,
}

fn row<const N: usize>(into: &mut Vec<u8>, time: i64, instrument: &Instrument, values: [f64; N]) {
    into.extend_from_slice(&time.to_le_bytes());
    into.extend_from_slice(&i64::from(instrument.inner.id.0).to_le_bytes());
    for value in values {
        into.extend_from_slice(&value.to_le_bytes());
    }
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.bars.is_empty() && self.quotes.is_empty() && self.trades.is_empty()
    }

    pub(crate) fn bar(&mut self, bar: &Bar, instrument: &Instrument) {
        let price = |price: omni_types::Price| instrument.price.to_float(price.0);
        let volume = instrument.quantity.to_float(bar.volume.signed());
        let values = [price(bar.open), price(bar.high), price(bar.low), price(bar.close), volume];
        row(&mut self.bars, bar.time.0, instrument, values);
    }

    /// An empty side has a price that is not a number, and no quantity.
    pub(crate) fn quote(&mut self, quote: &Quote, instrument: &Instrument) {
        let side = |side: Option<(omni_types::Price, omni_types::Qty)>| {
            side.map_or((f64::NAN, 0.0), |(price, quantity)| {
                (instrument.price.to_float(price.0), instrument.quantity.to_float(quantity.signed()))
            })
        };
        let ((bid, bid_quantity), (ask, ask_quantity)) = (side(quote.top.bid), side(quote.top.ask));
        row(&mut self.quotes, quote.time.0, instrument, [bid, ask, bid_quantity, ask_quantity]);
    }

    /// The aggressor is 1 for a buyer, -1 for a seller, 0 where unknown.
    pub(crate) fn trade(&mut self, trade: &TradeTick, instrument: &Instrument) {
        let aggressor = trade.aggressor.map_or(0.0, |side| side.sign() as f64);
        let values = [
            instrument.price.to_float(trade.price.0),
            instrument.quantity.to_float(trade.quantity.signed()),
            aggressor,
        ];
        row(&mut self.trades, trade.time.0, instrument, values);
    }
}
