//! An order on its way through the book.

use omni_port::Sink;
use omni_types::{
    Event, ExecType, ExecutionReport, NewOrder, OrdStatus, OrderId, OrderType, Price, Qty, Refusal, Time,
};

use crate::report::open_status;
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
