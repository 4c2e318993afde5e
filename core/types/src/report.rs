//! Execution reports (FIX `8`).

use crate::{
    AccountId, ClientOrderId, InstrumentId, Money, NewOrder, OrderId, OrderType, Price, Qty, Refusal, SelfTrade,
    SessionId, Side, Time, TimeInForce, TradeId,
};

/// What a report tells (FIX tag 150).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum ExecType {
    /// The venue has accepted the order.
    New = 0,
    /// A fill, whole or partial.
    Trade = 1,
    /// The order is cancelled.
    Cancelled = 2,
    /// The amend is done.
    Replaced = 3,
    /// The command was refused and changed nothing.
    Rejected = 4,
    /// The order ended by its time in force.
    Expired = 5,
    /// A cancel or amend was refused; the order, if there is one, lives on (FIX `9`).
    CancelRejected = 6,
    /// The venue has taken quantity off the order unasked (FIX `D`, ExecRestatementReason 5): it met its own account
    /// and both were decremented. `last_quantity` is what went. Where that is zero, a market order's rest has become a
    /// limit order at `price`.
    Restated = 7,
    /// The order's stop was reached; it enters the market (FIX `L`).
    Triggered = 8,
}

/// Where the order stands after the report (FIX tag 39).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum OrdStatus {
    /// Open and unfilled.
    New = 0,
    /// Open and filled in part.
    PartiallyFilled = 1,
    /// Done: all filled.
    Filled = 2,
    /// Done: cancelled.
    Cancelled = 3,
    /// Never was: refused.
    Rejected = 4,
    /// Done: its time in force ended.
    Expired = 5,
}

impl OrdStatus {
    /// Returns whether the order can still trade.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::PartiallyFilled)
    }
}

/// Whether a fill added or removed liquidity (FIX tag 851).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum Liquidity {
    /// Not a fill.
    #[default]
    None = 0,
    /// The order rested.
    Maker = 1,
    /// The order came.
    Taker = 2,
    /// The trade was an auction's.
    Auction = 3,
}

impl Liquidity {
    /// Returns its name, as people and other programs write it; empty where it isn't a fill.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Maker => "maker",
            Self::Taker => "taker",
            Self::Auction => "auction",
        }
    }
}

/// What happened to an order.
///
/// `quantity` is the order's total, `leaves` what can still trade; filled so far is [`ExecutionReport::filled`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExecutionReport {
    /// Engine time.
    pub time: Time,
    /// Whom it is for.
    pub session: SessionId,
    /// The sender's number.
    pub client_order_id: ClientOrderId,
    /// The venue's number; 0 where the order never reached it.
    pub order_id: OrderId,
    /// The match; 0 unless this is a fill.
    pub trade_id: TradeId,
    /// The account.
    pub account: AccountId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// Side of the order.
    pub side: Side,
    /// Type of the order.
    pub order_type: OrderType,
    /// Time in force of the order.
    pub time_in_force: TimeInForce,
    /// What this tells.
    pub exec_type: ExecType,
    /// Where the order stands now.
    pub status: OrdStatus,
    /// Why, for a refusal or an unasked cancel.
    pub reason: Refusal,
    /// Maker or taker, for a fill.
    pub liquidity: Liquidity,
    /// The order's limit; 0 for a market order.
    pub price: Price,
    /// The order's total quantity.
    pub quantity: Qty,
    /// What is still open.
    pub leaves: Qty,
    /// The fill's price; 0 unless this is a fill.
    pub last_price: Price,
    /// The fill's quantity, or what a restatement took off; else 0.
    pub last_quantity: Qty,
    /// Filled so far over the order's life, this fill included.
    pub filled: Qty,
    /// The fill's fee in the account's currency, negative for a rebate; the gate fills it in (FIX tag 12, commission).
    pub fee: Money,
}

impl ExecutionReport {
    /// Builds the report that a venue has accepted a new order; other reports on it differ in few fields.
    #[inline]
    #[must_use]
    pub const fn accepted(order: &NewOrder, id: OrderId, time: Time) -> Self {
        Self {
            time,
            session: order.session,
            client_order_id: order.client_order_id,
            order_id: id,
            trade_id: TradeId(0),
            account: order.account,
            instrument: order.instrument,
            side: order.side,
            order_type: order.order_type,
            time_in_force: order.time_in_force,
            exec_type: ExecType::New,
            status: OrdStatus::New,
            reason: Refusal::None,
            liquidity: Liquidity::None,
            price: if matches!(order.order_type, OrderType::Market) { Price(0) } else { order.price },
            quantity: order.quantity,
            leaves: order.quantity,
            last_price: Price(0),
            last_quantity: Qty::ZERO,
            filled: Qty::ZERO,
            fee: Money::ZERO,
        }
    }

    /// Builds the report that a new order was refused.
    #[must_use]
    pub const fn rejected(order: &NewOrder, reason: Refusal, time: Time) -> Self {
        let exec_type = ExecType::Rejected;
        let base = Self::accepted(order, OrderId(0), time);
        Self { exec_type, status: OrdStatus::Rejected, reason, leaves: Qty::ZERO, ..base }
    }

    /// Builds the report that a cancel or amend named no open order.
    #[must_use]
    pub const fn unknown_order(session: SessionId, client_order_id: ClientOrderId, time: Time) -> Self {
        let nothing = NewOrder {
            session,
            client_order_id,
            account: AccountId(0),
            instrument: InstrumentId(0),
            side: Side::Buy,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Day,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            price: Price(0),
            quantity: Qty::ZERO,
        };
        Self { exec_type: ExecType::CancelRejected, ..Self::rejected(&nothing, Refusal::UnknownOrder, time) }
    }

    /// Returns whether this is a fill.
    #[must_use]
    pub const fn is_fill(&self) -> bool {
        matches!(self.exec_type, ExecType::Trade)
    }
}
