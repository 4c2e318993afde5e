//! Execution reports on resting orders, and what the exchange packs into the book's spare byte.

use omni_book::Order;
use omni_types::{
    ClientOrderId, ExecType, ExecutionReport, Liquidity, Money, NewOrder, OrdStatus, OrderType, Price, Qty, Refusal,
    SelfTrade, Time, TimeInForce, TradeId,
};

const GTC: u8 = 1;
const POST_ONLY: u8 = 2;
/// It has special terms.
pub(crate) const SPECIAL: u8 = 1 << 4;
/// Self-trade prevention: two bits from here.
const SELF_TRADE: u32 = 2;
/// All flags together.
pub(crate) const FLAGS_MOST: u8 = GTC | POST_ONLY | 3 << SELF_TRADE | SPECIAL;

/// Packs what the book doesn't know of an order: good-till-cancel, post-only, self-trade prevention.
pub(crate) const fn flags(order: &NewOrder) -> u8 {
    let gtc = if matches!(order.time_in_force, TimeInForce::Gtc) { GTC } else { 0 };
    gtc | if order.post_only { POST_ONLY } else { 0 } | (order.self_trade as u8) << SELF_TRADE
}

pub(crate) const fn time_in_force(order: &Order) -> TimeInForce {
    if order.flags & GTC != 0 { TimeInForce::Gtc } else { TimeInForce::Day }
}

pub(crate) const fn post_only(order: &Order) -> bool {
    order.flags & POST_ONLY != 0
}

pub(crate) const fn self_trade(order: &Order) -> SelfTrade {
    SelfTrade::ALL[(order.flags >> SELF_TRADE & 3) as usize]
}

/// Returns the status of an open order.
pub(crate) const fn open_status(filled: Qty) -> OrdStatus {
    if filled.0 == 0 { OrdStatus::New } else { OrdStatus::PartiallyFilled }
}

/// What is told of a resting order beside its line in the book.
pub(crate) struct Told {
    pub(crate) order_type: OrderType,
    pub(crate) time_in_force: TimeInForce,
    pub(crate) price: Price,
    /// What an iceberg doesn't show.
    pub(crate) reserve: Qty,
}

impl Told {
    /// Returns what is told of an order without special terms.
    #[inline]
    pub(crate) const fn plain(order: &Order, price: Price) -> Self {
        Self { order_type: OrderType::Limit, time_in_force: time_in_force(order), price, reserve: Qty::ZERO }
    }
}

/// Builds a report on a resting order; callers set what differs.
#[inline]
pub(crate) fn resting(order: &Order, told: Told, time: Time) -> ExecutionReport {
    let leaves = Qty(order.leaves.0 + told.reserve.0);
    ExecutionReport {
        time,
        session: order.session,
        client_order_id: ClientOrderId(order.key),
        order_id: order.id,
        trade_id: TradeId(0),
        account: order.account,
        instrument: order.instrument,
        side: order.side(),
        order_type: told.order_type,
        time_in_force: told.time_in_force,
        exec_type: ExecType::New,
        status: open_status(order.filled),
        reason: Refusal::None,
        liquidity: Liquidity::None,
        price: told.price,
        quantity: Qty(order.filled.0 + leaves.0),
        leaves,
        last_price: Price(0),
        last_quantity: Qty::ZERO,
        filled: order.filled,
        fee: Money::ZERO,
    }
}

/// What both sides of a trade are told.
#[derive(Clone, Copy)]
pub(crate) struct Fill {
    pub(crate) trade_id: TradeId,
    pub(crate) price: Price,
    pub(crate) quantity: Qty,
}

impl Fill {
    /// Builds the report on a side from one on the order as it was.
    #[inline(always)]
    pub(crate) fn of(self, base: ExecutionReport, liquidity: Liquidity) -> ExecutionReport {
        let leaves = Qty(base.leaves.0 - self.quantity.0);
        ExecutionReport {
            trade_id: self.trade_id,
            exec_type: ExecType::Trade,
            status: if leaves.0 == 0 { OrdStatus::Filled } else { OrdStatus::PartiallyFilled },
            liquidity,
            leaves,
            filled: Qty(base.filled.0 + self.quantity.0),
            last_price: self.price,
            last_quantity: self.quantity,
            ..base
        }
    }
}
