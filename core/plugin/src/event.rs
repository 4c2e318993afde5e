//! The core's words in the interface's.

use omni_port::{BookView, Depth, WorkingOrder};
use omni_types::{
    Bar, Decimal, ExecutionReport, Instrument, MarketStatus, OrderType, Qty, Quote, Side, Text, TimerFired, TradeTick,
};

use crate::abi;

// A book's levels are shown where they lie, so both must be laid out the same.
const _: () = {
    assert!(size_of::<Depth>() == size_of::<abi::Level>() && align_of::<Depth>() == align_of::<abi::Level>());
    assert!(core::mem::offset_of!(Depth, price) == core::mem::offset_of!(abi::Level, price));
    assert!(core::mem::offset_of!(Depth, quantity) == core::mem::offset_of!(abi::Level, quantity));
    assert!(core::mem::offset_of!(Depth, orders) == core::mem::offset_of!(abi::Level, orders));
};

const fn size<T>() -> u32 {
    size_of::<T>() as u32
}

#[inline]
pub(crate) fn book(view: &BookView) -> abi::Book {
    let (bids, asks) = (view.bids(), view.asks());
    abi::Book {
        size: size::<abi::Book>(),
        instrument: view.instrument.0,
        time: view.time.0,
        bids: bids.as_ptr().cast(),
        asks: asks.as_ptr().cast(),
        bid_count: bids.len() as u32,
        ask_count: asks.len() as u32,
    }
}

#[inline]
pub(crate) fn quote(quote: &Quote) -> abi::Quote {
    let (bid, ask) = (quote.top.bid, quote.top.ask);
    abi::Quote {
        size: size::<abi::Quote>(),
        instrument: quote.instrument.0,
        time: quote.time.0,
        bid: bid.map_or(0, |(price, _)| price.0),
        bid_quantity: bid.map_or(0, |(_, quantity)| quantity.0),
        ask: ask.map_or(0, |(price, _)| price.0),
        ask_quantity: ask.map_or(0, |(_, quantity)| quantity.0),
        has_bid: u8::from(bid.is_some()),
        has_ask: u8::from(ask.is_some()),
        reserved: [0; 6],
    }
}

#[inline]
pub(crate) fn trade(trade: &TradeTick) -> abi::Trade {
    abi::Trade {
        size: size::<abi::Trade>(),
        instrument: trade.instrument.0,
        time: trade.time.0,
        price: trade.price.0,
        quantity: trade.quantity.0,
        aggressor: trade.aggressor.map_or(0, |side| side.sign() as i8),
        reserved: [0; 7],
    }
}

#[inline]
pub(crate) fn bar(bar: &Bar) -> abi::Bar {
    abi::Bar {
        size: size::<abi::Bar>(),
        instrument: bar.instrument.0,
        time: bar.time.0,
        interval_ns: bar.interval_ns,
        open: bar.open.0,
        high: bar.high.0,
        low: bar.low.0,
        close: bar.close.0,
        volume: bar.volume.0,
    }
}

#[inline]
pub(crate) fn timer(timer: &TimerFired) -> abi::Timer {
    abi::Timer { size: size::<abi::Timer>(), timer: timer.timer.0, time: timer.time.0 }
}

#[inline]
pub(crate) fn status(status: &MarketStatus) -> abi::Status {
    abi::Status {
        size: size::<abi::Status>(),
        instrument: status.instrument.0,
        time: status.time.0,
        state: status.state as u8,
        reserved: [0; 7],
    }
}

#[inline]
pub(crate) fn report(report: &ExecutionReport) -> abi::Report {
    abi::Report {
        size: size::<abi::Report>(),
        instrument: report.instrument.0,
        time: report.time.0,
        order: report.client_order_id.0,
        venue_order: report.order_id.0,
        trade: report.trade_id.0,
        price: report.price.0,
        quantity: report.quantity.0,
        leaves: report.leaves.0,
        filled: report.filled.0,
        last_price: report.last_price.0,
        last_quantity: report.last_quantity.0,
        side: side(report.side),
        order_type: u8::from(report.order_type != OrderType::Market),
        time_in_force: report.time_in_force as u8,
        exec_type: report.exec_type as u8,
        status: report.status as u8,
        reason: report.reason as u8,
        liquidity: report.liquidity as u8,
        reserved: 0,
    }
}

const fn side(side: Side) -> u8 {
    side as u8
}

pub(crate) fn order(order: &WorkingOrder) -> abi::Order {
    let (Qty(leaves), Qty(filled)) = (order.leaves, order.filled);
    abi::Order {
        size: size::<abi::Order>(),
        instrument: order.instrument.0,
        id: order.client_order_id.0,
        price: order.price.0,
        leaves,
        filled,
        side: side(order.side),
        accepted: u8::from(order.accepted),
        reserved: [0; 6],
    }
}

pub(crate) fn instrument(instrument: &Instrument) -> abi::Instrument {
    let spec = &instrument.spec;
    abi::Instrument {
        size: size::<abi::Instrument>(),
        id: instrument.id.0,
        symbol: padded(&spec.symbol),
        venue: padded(&spec.venue),
        currency: padded(&spec.currency),
        price_unit: decimal(spec.price_unit),
        quantity_unit: decimal(spec.quantity_unit),
        multiplier: decimal(spec.multiplier),
        tick: spec.tick,
        lot: spec.lot.0,
        price_min: spec.price_min.0,
        price_max: spec.price_max.0,
        quantity_max: spec.quantity_max.0,
        asset_class: spec.asset_class as u8,
        reserved: [0; 7],
    }
}

fn decimal(decimal: Decimal) -> abi::Decimal {
    abi::Decimal { mantissa: decimal.mantissa, exponent: i32::from(decimal.exponent), reserved: 0 }
}

/// Puts a text into a longer field, so that a 0 ends it.
fn padded<const N: usize, const M: usize>(text: &Text<N>) -> [u8; M] {
    const { assert!(N < M) };
    let mut bytes = [0; M];
    let text = text.as_str().as_bytes();
    bytes[..text.len()].copy_from_slice(text);
    bytes
}
