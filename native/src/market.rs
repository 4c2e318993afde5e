//! What a strategy is called with: quotes, trades, bars, books, reports, timers, status.

use omni_port::{BookView, Depth};
use omni_types::{ExecType, OrdStatus, SelfTrade, Side};
use pyo3::prelude::*;

use crate::instrument::Instrument;

/// Defines an event's class: the instrument beside the engine's value, and getters for its fields.
macro_rules! event {
    ($(#[$doc:meta])* $name:ident($inner:ty) { $($(#[$field:meta])* $get:ident -> $out:ty = |$s:ident, $i:ident| $value:expr;)* } $($more:item)*) => {
        $(#[$doc])*
        #[pyclass(frozen, freelist = 8, module = "omni.engine")]
        pub(crate) struct $name {
            pub(crate) inner: $inner,
            pub(crate) instrument: Py<Instrument>,
        }

        #[pymethods]
        impl $name {
            /// The instrument.
            #[getter]
            fn instrument(&self, py: Python<'_>) -> Py<Instrument> {
                self.instrument.clone_ref(py)
            }

            /// Event time, nanoseconds since the epoch, UTC.
            #[getter]
            fn time(&self) -> i64 {
                self.inner.time.0
            }

            $($(#[$field])* #[getter] fn $get(&self) -> $out {
                let ($s, $i) = (&self.inner, self.instrument.get());
                let _unused = ($s, $i);
                $value
            })*

            $($more)*
        }
    };
}

event! {
    /// A change of the best bid or offer; a side without orders has `None`.
    Quote(omni_types::Quote) {
        /// Best bid price.
        bid -> Option<f64> = |q, i| q.top.bid.map(|(price, _)| i.price.to_float(price.0));
        /// Best ask price.
        ask -> Option<f64> = |q, i| q.top.ask.map(|(price, _)| i.price.to_float(price.0));
        /// Quantity at the best bid.
        bid_quantity -> f64 = |q, i| q.top.bid.map_or(0.0, |(_, quantity)| i.quantity.to_float(quantity.signed()));
        /// Quantity at the best ask.
        ask_quantity -> f64 = |q, i| q.top.ask.map_or(0.0, |(_, quantity)| i.quantity.to_float(quantity.signed()));
        /// Middle of bid and ask; `None` unless both are there.
        mid -> Option<f64> = |q, i| q.top.mid_twice().map(|twice| i.price.to_float(twice) / 2.0);
    }
}

event! {
    /// A public trade.
    Trade(omni_types::TradeTick) {
        /// Price.
        price -> f64 = |t, i| i.price.to_float(t.price.0);
        /// Quantity.
        quantity -> f64 = |t, i| i.quantity.to_float(t.quantity.signed());
        /// `buy` or `sell`, the side that came; `None` where the feed doesn't say.
        aggressor -> Option<&'static str> = |t, i| t.aggressor.map(side);
    }
}

event! {
    /// Open, high, low, close and volume of an interval; `time` is its close.
    Bar(omni_types::Bar) {
        /// First price.
        open -> f64 = |b, i| i.price.to_float(b.open.0);
        /// Highest price.
        high -> f64 = |b, i| i.price.to_float(b.high.0);
        /// Lowest price.
        low -> f64 = |b, i| i.price.to_float(b.low.0);
        /// Last price.
        close -> f64 = |b, i| i.price.to_float(b.close.0);
        /// Traded quantity.
        volume -> f64 = |b, i| i.quantity.to_float(b.volume.signed());
        /// Length in nanoseconds.
        interval_ns -> i64 = |b, i| b.interval_ns;
    }
}

event! {
    /// What happened to one of the strategy's orders.
    ExecutionReport(omni_types::ExecutionReport) {
        /// The strategy's number of the order.
        order_id -> u64 = |r, i| r.client_order_id.0;
        /// `new`, `trade`, `cancelled`, `replaced`, `rejected`, `expired`, `cancel_rejected`, `restated` or `triggered`.
        exec_type -> &'static str = |r, i| exec_type(r.exec_type);
        /// `new`, `partially_filled`, `filled`, `cancelled`, `rejected` or `expired`.
        status -> &'static str = |r, i| status(r.status);
        /// Why it was refused or ended unasked; empty otherwise.
        reason -> &'static str = |r, i| if r.reason == omni_types::Refusal::None { "" } else { r.reason.text() };
        /// `buy` or `sell`.
        side -> &'static str = |r, i| side(r.side);
        /// The order's limit; `None` for a market order.
        price -> Option<f64> = |r, i| {
            (r.order_type == omni_types::OrderType::Limit).then(|| i.price.to_float(r.price.0))
        };
        /// The order's total quantity.
        quantity -> f64 = |r, i| i.quantity.to_float(r.quantity.signed());
        /// What is still open.
        leaves -> f64 = |r, i| i.quantity.to_float(r.leaves.signed());
        /// Filled so far.
        filled -> f64 = |r, i| i.quantity.to_float(r.filled.signed());
        /// The fill's price; `None` unless this is a fill.
        last_price -> Option<f64> = |r, i| r.is_fill().then(|| i.price.to_float(r.last_price.0));
        /// The fill's quantity, or what a restatement took off; else 0.
        last_quantity -> f64 = |r, i| i.quantity.to_float(r.last_quantity.signed());
        /// `maker`, `taker` or `auction` for a fill; empty otherwise.
        liquidity -> &'static str = |r, i| r.liquidity.name();
        /// Whether this is a fill.
        is_fill -> bool = |r, i| r.is_fill();
    }
}

event! {
    /// A change of an instrument's trading state.
    Status(omni_types::MarketStatus) {
        /// `pre_open`, `open`, `halted`, `paused`, `closing` or `closed`.
        state -> &'static str = |s, i| s.state.name();
    }
}

event! {
    /// What an instrument's auction would trade if it ended now.
    Indicative(omni_types::Indicative) {
        /// The price; `None` where nothing would trade.
        price -> Option<f64> = |a, i| a.price.map(|price| i.price.to_float(price.0));
        /// What would trade.
        quantity -> f64 = |a, i| i.quantity.to_float(a.quantity.signed());
        /// What would be left over: buyers' positive, sellers' negative.
        imbalance -> f64 = |a, i| a.imbalance.map_or(0.0, |(side, left)| {
            i.quantity.to_float(side.sign() * left.signed())
        });
    }
}

event! {
    /// The first levels of an instrument's book.
    Book(BookView) {
        /// Bids as (price, quantity, orders), best first.
        bids -> Vec<(f64, f64, u32)> = |b, i| levels(b.bids(), i);
        /// Asks as (price, quantity, orders), best first.
        asks -> Vec<(f64, f64, u32)> = |b, i| levels(b.asks(), i);
        /// Best bid price.
        bid -> Option<f64> = |b, i| b.bids().first().map(|level| i.price.to_float(level.price.0));
        /// Best ask price.
        ask -> Option<f64> = |b, i| b.asks().first().map(|level| i.price.to_float(level.price.0));
    }
    /// Return (bid - ask) / (bid + ask) of the quantities in the first `levels`, from -1 to 1.
    #[pyo3(signature = (levels = 1))]
    fn imbalance(&self, levels: usize) -> f64 {
        self.inner.imbalance(levels)
    }
}

/// A timer that is due.
#[pyclass(frozen, module = "omni.engine")]
pub(crate) struct Timer {
    pub(crate) inner: omni_types::TimerFired,
}

#[pymethods]
impl Timer {
    /// Its deadline, nanoseconds since the epoch, UTC.
    #[getter]
    fn time(&self) -> i64 {
        self.inner.time.0
    }

    /// The strategy's number of it.
    #[getter]
    fn id(&self) -> u32 {
        self.inner.timer.0
    }
}

fn levels(side: &[Depth], instrument: &Instrument) -> Vec<(f64, f64, u32)> {
    let level =
        |d: &Depth| (instrument.price.to_float(d.price.0), instrument.quantity.to_float(d.quantity.signed()), d.orders);
    side.iter().map(level).collect()
}

pub(crate) const fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "buy",
        Side::Sell => "sell",
    }
}

pub(crate) const fn self_trade(mode: SelfTrade) -> &'static str {
    match mode {
        SelfTrade::CancelNewest => "cancel_newest",
        SelfTrade::CancelOldest => "cancel_oldest",
        SelfTrade::CancelBoth => "cancel_both",
        SelfTrade::Decrement => "decrement",
    }
}

pub(crate) const fn exec_type(kind: ExecType) -> &'static str {
    match kind {
        ExecType::New => "new",
        ExecType::Trade => "trade",
        ExecType::Cancelled => "cancelled",
        ExecType::Replaced => "replaced",
        ExecType::Rejected => "rejected",
        ExecType::Expired => "expired",
        ExecType::CancelRejected => "cancel_rejected",
        ExecType::Restated => "restated",
        ExecType::Triggered => "triggered",
    }
}

pub(crate) const fn status(status: OrdStatus) -> &'static str {
    match status {
        OrdStatus::New => "new",
        OrdStatus::PartiallyFilled => "partially_filled",
        OrdStatus::Filled => "filled",
        OrdStatus::Cancelled => "cancelled",
        OrdStatus::Rejected => "rejected",
        OrdStatus::Expired => "expired",
    }
}
