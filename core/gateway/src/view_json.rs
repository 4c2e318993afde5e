//! Writes the view's parts as JSON.

use omni_types::{AccountLimits, Refusal, Throttle};

use crate::{
    json::{Json, Object, object, push, push_text},
    view::{
        AccountState, AccountView, ClockView, Counters, DepthView, EquityPoint, FillView, KillView, LatencyView,
        LevelView, OrderView, PositionView, RunState, RunView,
    },
};

object!(AccountView {
    account,
    session,
    name,
    strategy,
    currency,
    cash,
    equity,
    realised,
    unrealised,
    fees,
    peak,
    drawdown,
    drawdown_max,
    gross_exposure,
    open_orders,
    orders,
    fills,
    refusals,
    limits,
    state,
    fault,
});
object!(AccountLimits {
    order_quantity_max,
    order_notional_max,
    collar_bps,
    position_max,
    gross_exposure_max,
    open_orders_max,
    message_rate,
    drawdown_max,
});
object!(Throttle { count, window_ns });
object!(PositionView { account, instrument, quantity, average_price, mark, unrealised, realised });
object!(Counters { inputs, orders, fills, cancels, trades, too_late });

/// Writes fields under names that say their unit.
macro_rules! named {
    ($type:ty { $($name:literal: $field:ident),* $(,)? }) => {
        impl Json for $type {
            fn json(&self, out: &mut String) {
                let mut object = Object::open(out);
                $(object.field($name, &self.$field);)*
                object.close();
            }
        }
    };
}

named!(ClockView {
    "time_ns": time, "start_ns": start, "end_ns": end, "seq": seq, "inputs_per_s": inputs_per_s, "speed": speed,
    "progress": progress, "state": state,
});
named!(KillView { "on": on, "reason": reason, "since_ns": since });
named!(OrderView {
    "session": session, "account": account, "client_order_id": client_order_id, "order_id": order_id,
    "instrument": instrument, "side": side, "order_type": order_type, "time_in_force": time_in_force,
    "price": price, "quantity": quantity, "leaves": leaves, "time_ns": time,
});
named!(FillView {
    "index": index, "seq": seq, "time_ns": time, "session": session, "account": account, "instrument": instrument,
    "side": side, "price": price, "quantity": quantity, "trade_id": trade_id, "liquidity": liquidity, "fee": fee,
});

impl Json for RunView {
    fn json(&self, out: &mut String) {
        let mut object = Object::open(out);
        object.field("id", self.id.as_str());
        object.field("mode", self.mode.as_str());
        object.field("environment", self.environment.as_str());
        object.field("version", self.version.as_str());
        push(object.key("seed"), format_args!("\"{}\"", self.seed));
        object.field("started_ns", &self.started);
        object.close();
    }
}

impl Json for RunState {
    fn json(&self, out: &mut String) {
        let word = match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Killed => "killed",
            Self::Stopping => "stopping",
            Self::Done => "done",
        };
        push_text(out, word);
    }
}

impl Json for AccountState {
    fn json(&self, out: &mut String) {
        let word = match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Faulted => "faulted",
        };
        push_text(out, word);
    }
}

impl Json for EquityPoint {
    fn json(&self, out: &mut String) {
        let mut object = Object::open(out);
        object.field("time_ns", &self.time);
        let mut accounts = Object::open(object.key("equity"));
        for (account, equity) in &self.equity {
            equity.json(accounts.id(account));
        }
        accounts.close();
        object.close();
    }
}

impl Json for LevelView {
    fn json(&self, out: &mut String) {
        push(out, format_args!("[{},{},{},{}]", self.price.0, self.quantity.0, self.orders, self.own.0));
    }
}

/// The refusals as an object by reason.
pub(crate) struct Refusals<'a>(pub(crate) &'a [(Refusal, u64)]);

impl Json for Refusals<'_> {
    fn json(&self, out: &mut String) {
        let mut object = Object::open(out);
        for (reason, count) in self.0 {
            count.json(object.key(reason.text()));
        }
        object.close();
    }
}

/// The books as an object by instrument.
pub(crate) struct Depths<'a>(pub(crate) &'a [DepthView]);

impl Json for Depths<'_> {
    fn json(&self, out: &mut String) {
        let mut object = Object::open(out);
        for depth in self.0 {
            let mut book = Object::open(object.id(depth.instrument));
            book.field("time_ns", &depth.time);
            book.field("state", &depth.state);
            book.field("last_price", &depth.last_price);
            book.field("bids", &depth.bids);
            book.field("asks", &depth.asks);
            book.close();
        }
        object.close();
    }
}

/// The latencies as an object by name.
pub(crate) struct Latencies<'a>(pub(crate) &'a [LatencyView]);

impl Json for Latencies<'_> {
    fn json(&self, out: &mut String) {
        let mut object = Object::open(out);
        for latency in self.0 {
            let mut percentiles = Object::open(object.key(latency.name));
            percentiles.field("count", &latency.count);
            percentiles.field("p50_ns", &latency.p50_ns);
            percentiles.field("p90_ns", &latency.p90_ns);
            percentiles.field("p99_ns", &latency.p99_ns);
            percentiles.field("p999_ns", &latency.p999_ns);
            percentiles.field("max_ns", &latency.max_ns);
            percentiles.close();
        }
        object.close();
    }
}
