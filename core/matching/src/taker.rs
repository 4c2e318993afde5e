//! An order on its way through the book.

use omni_book::Order;
use omni_port::Sink;
use omni_types::{
    ClientOrderId, Event, ExecType, ExecutionReport, NewOrder, OrdStatus, OrderId, OrderType, Price, Qty, Refusal, Time,
};

use crate::report::{Told, open_status, post_only, self_trade};
use crate::spot::no_worse;

/// An order on its way through the book.
pub(crate) struct Taker {
    pub(crate) order: NewOrder,
    pub(crate) id: OrderId,
    pub(crate) leaves: Qty,
    pub(crate) filled: Qty,
    /// The price that it reaches: its limit, or where its peg is; `None` takes any.
    pub(crate) limit: Option<Price>,
}

impl Taker {
    #[inline]
    pub(crate) fn new(order: NewOrder, id: OrderId, leaves: Qty, filled: Qty) -> Self {
        let limit = (order.order_type == OrderType::Limit).then_some(order.price);
        Self { order, id, leaves, filled, limit }
    }

    /// Builds an order that rested as it came, to enter again.
    pub(crate) fn again(order: &Order, told: Told) -> Self {
        let leaves = Qty(order.leaves.0 + told.reserve.0);
        let asked = NewOrder {
            session: order.session,
            client_order_id: ClientOrderId(order.key),
            account: order.account,
            instrument: order.instrument,
            side: order.side(),
            order_type: told.order_type,
            time_in_force: told.time_in_force,
            post_only: post_only(order),
            self_trade: self_trade(order),
            price: told.price,
            quantity: Qty(leaves.0 + order.filled.0),
        };
        Self::new(asked, order.id, leaves, order.filled)
    }

    #[inline]
    pub(crate) fn report(&self, time: Time) -> ExecutionReport {
        ExecutionReport {
            status: open_status(self.filled),
            leaves: self.leaves,
            filled: self.filled,
            ..ExecutionReport::accepted(&self.order, self.id, time)
        }
    }

    #[inline]
    pub(crate) fn reaches(&self, price: Price) -> bool {
        self.limit.is_none_or(|limit| no_worse(self.order.side, limit, price))
    }

    /// Reports that what is left of the order has ended.
    pub(crate) fn end<S: Sink>(&self, reason: Refusal, time: Time, sink: &mut S) {
        let (exec_type, status) = match reason {
            Refusal::NoLiquidity => (ExecType::Expired, OrdStatus::Expired),
            _ => (ExecType::Cancelled, OrdStatus::Cancelled),
        };
        let base = self.report(time);
        sink.event(&Event::Report(ExecutionReport { exec_type, status, reason, leaves: Qty::ZERO, ..base }));
    }
}
