//! Execution reports on our orders, and what is packed into the book's spare byte.

use omni_book::Order;
use omni_types::{
    ClientOrderId, ExecType, ExecutionReport, Liquidity, NewOrder, OrdStatus, OrderType, Price, Qty, Refusal,
    SelfTrade, Side, Time, TimeInForce, TradeId,
};

use super::market::PRICE_MOST;

const TIME_IN_FORCE: u8 = 3;
const POST_ONLY: u8 = 4;
/// All of them.
pub(super) const FLAGS_MOST: u8 = TIME_IN_FORCE | POST_ONLY;

/// Packs what the book doesn't know of an order.
pub(super) const fn flags(order: &NewOrder) -> u8 {
    order.time_in_force as u8 | if order.post_only { POST_ONLY } else { 0 }
}

pub(super) const fn time_in_force(order: &Order) -> TimeInForce {
    match order.flags & TIME_IN_FORCE {
        0 => TimeInForce::Day,
        1 => TimeInForce::Gtc,
        2 => TimeInForce::Ioc,
        _ => TimeInForce::Fok,
    }
}

pub(super) const fn post_only(order: &Order) -> bool {
    order.flags & POST_ONLY != 0
}

/// Returns the place of an order in our own ladder: its limit; a market order stands in front of every limit.
pub(super) const fn place(order: &NewOrder) -> Price {
    match order.order_type {
        OrderType::Limit => order.price,
        OrderType::Market => market_place(order.side),
    }
}

/// Returns the place of market orders in our own ladder.
pub(super) const fn market_place(side: Side) -> Price {
    Price(side.sign() * PRICE_MOST)
}

/// Returns whether an order at this place of our own ladder is a market order.
pub(super) const fn at_market(side: Side, place: Price) -> bool {
    place.0 == market_place(side).0
}

const fn open_status(filled: Qty) -> OrdStatus {
    if filled.0 == 0 { OrdStatus::New } else { OrdStatus::PartiallyFilled }
}

/// Builds the command that an open order came from, with the quantity that it has now.
pub(super) const fn command(order: &Order, place: Price) -> NewOrder {
    let market = at_market(order.side(), place);
    NewOrder {
        session: order.session,
        client_order_id: ClientOrderId(order.key),
        account: order.account,
        instrument: order.instrument,
        side: order.side(),
        order_type: if market { OrderType::Market } else { OrderType::Limit },
        time_in_force: time_in_force(order),
        post_only: post_only(order),
        self_trade: SelfTrade::CancelNewest,
        price: if market { Price(0) } else { place },
        quantity: Qty(order.filled.0 + order.leaves.0),
    }
}

/// Builds a report on an open order; callers set what differs.
pub(super) const fn open(order: &Order, place: Price, time: Time) -> ExecutionReport {
    ExecutionReport {
        status: open_status(order.filled),
        leaves: order.leaves,
        filled: order.filled,
        ..ExecutionReport::accepted(&command(order, place), order.id, time)
    }
}

/// A fill of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fill {
    pub(super) price: Price,
    pub(super) quantity: u64,
    pub(super) liquidity: Liquidity,
}

/// Builds the report of a fill on an order as it stands after it.
pub(super) const fn filled(order: &Order, place: Price, fill: Fill, trade_id: TradeId, time: Time) -> ExecutionReport {
    ExecutionReport {
        trade_id,
        exec_type: ExecType::Trade,
        status: if order.leaves.0 == 0 { OrdStatus::Filled } else { OrdStatus::PartiallyFilled },
        liquidity: fill.liquidity,
        last_price: fill.price,
        last_quantity: Qty(fill.quantity),
        ..open(order, place, time)
    }
}

/// Builds the report that an order ended unfilled, or the rest of it.
pub(super) const fn ended(order: &Order, place: Price, reason: Refusal, time: Time) -> ExecutionReport {
    let (exec_type, status) = match reason {
        Refusal::NoLiquidity | Refusal::MarketClosed => (ExecType::Expired, OrdStatus::Expired),
        _ => (ExecType::Cancelled, OrdStatus::Cancelled),
    };
    ExecutionReport { exec_type, status, reason, leaves: Qty::ZERO, ..open(order, place, time) }
}
