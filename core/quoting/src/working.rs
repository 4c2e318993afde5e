//! One side's order: what of it is known, and what was asked of it last.

use omni_port::WorkingOrder;
use omni_types::{ClientOrderId, ExecType, ExecutionReport, Refusal};

/// How far the last command on the order is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Stage {
    /// No order.
    #[default]
    Free,
    /// Sent, not accepted yet.
    Sent,
    /// Open, nothing asked.
    Live,
    /// Open, an amend is on its way.
    Amending,
    /// Open, a cancel is on its way.
    Cancelling,
}

/// The maker's order on one side of an instrument; there is at most one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Working {
    stage: Stage,
    id: ClientOrderId,
    /// Where it rests as far as reported, in ticks.
    ticks: i64,
    /// Where it is going: the price sent last.
    sent_ticks: i64,
    leaves: u64,
    filled: u64,
}

impl Working {
    pub(crate) const fn stage(&self) -> Stage {
        self.stage
    }

    pub(crate) const fn id(&self) -> ClientOrderId {
        self.id
    }

    pub(crate) const fn ticks(&self) -> i64 {
        self.ticks
    }

    pub(crate) const fn leaves(&self) -> u64 {
        self.leaves
    }

    pub(crate) const fn filled(&self) -> u64 {
        self.filled
    }

    pub(crate) fn is_free(&self) -> bool {
        self.stage == Stage::Free
    }

    /// Returns whether the venue shows it at a price.
    #[inline]
    pub(crate) fn rests_at(&self, ticks: i64) -> bool {
        !matches!(self.stage, Stage::Free | Stage::Sent) && self.ticks == ticks
    }

    /// Returns the prices at which it may be found: where it was, and where it is going.
    pub(crate) fn reach(&self) -> Option<[i64; 2]> {
        (!self.is_free()).then_some([self.ticks, self.sent_ticks])
    }

    /// Notes a new order.
    pub(crate) fn sent(&mut self, id: ClientOrderId, ticks: i64, quantity: u64) {
        *self = Self { stage: Stage::Sent, id, ticks, sent_ticks: ticks, leaves: quantity, filled: 0 };
    }

    /// Notes an amend to a price.
    pub(crate) fn amending(&mut self, ticks: i64) {
        self.stage = Stage::Amending;
        self.sent_ticks = ticks;
    }

    /// Notes a cancel.
    pub(crate) fn cancelling(&mut self) {
        self.stage = Stage::Cancelling;
    }

    /// Takes over an order that was open at a recovery.
    pub(crate) fn adopt(&mut self, order: &WorkingOrder, ticks: i64) {
        let (leaves, filled) = (order.leaves.0, order.filled.0);
        let stage = if order.accepted { Stage::Live } else { Stage::Sent };
        *self = Self { stage, id: order.client_order_id, ticks, sent_ticks: ticks, leaves, filled };
    }

    /// Takes in a report on this order.
    pub(crate) fn on_report(&mut self, report: &ExecutionReport, tick: i64) {
        let gone = report.exec_type == ExecType::CancelRejected && report.reason == Refusal::UnknownOrder;
        if gone || (report.exec_type != ExecType::CancelRejected && !report.status.is_open()) {
            *self = Self::default();
            return;
        }
        self.stage = match (report.exec_type, self.stage) {
            (ExecType::New, Stage::Sent) | (ExecType::Replaced, Stage::Amending) | (ExecType::CancelRejected, _) => {
                Stage::Live
            }
            (_, stage) => stage,
        };
        self.ticks = report.price.0.div_euclid(tick);
        self.leaves = report.leaves.0;
        self.filled = report.filled.0;
        if self.stage == Stage::Live {
            self.sent_ticks = self.ticks;
        }
    }

    #[cfg(test)]
    pub(crate) fn resting(ticks: i64, leaves: u64) -> Self {
        Self { stage: Stage::Live, id: ClientOrderId(1), ticks, sent_ticks: ticks, leaves, filled: 0 }
    }
}

#[cfg(test)]
mod tests {
    use omni_types::{
        AccountId, InstrumentId, NewOrder, OrdStatus, OrderId, OrderType, Price, Qty, SelfTrade, SessionId, Side, Time,
        TimeInForce,
    };

    use super::*;

    fn accepted() -> ExecutionReport {
        let order = NewOrder {
            session: SessionId(1),
            client_order_id: ClientOrderId(7),
            account: AccountId(1),
            instrument: InstrumentId(0),
            side: Side::Buy,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Day,
            post_only: true,
            self_trade: SelfTrade::CancelNewest,
            price: Price(500),
            quantity: Qty(100),
        };
        ExecutionReport::accepted(&order, OrderId(3), Time(0))
    }

    fn live() -> Working {
        let mut working = Working::default();
        working.sent(ClientOrderId(7), 100, 100);
        assert!(!working.rests_at(100), "not before it is accepted");
        working.on_report(&accepted(), 5);
        working
    }

    #[test]
    fn a_fill_shrinks_it_and_the_last_fill_frees_it() {
        let mut working = live();
        let fill = ExecutionReport {
            exec_type: ExecType::Trade,
            status: OrdStatus::PartiallyFilled,
            leaves: Qty(60),
            filled: Qty(40),
            ..accepted()
        };
        working.amending(101);
        working.on_report(&fill, 5);
        assert_eq!((working.leaves(), working.filled(), working.stage()), (60, 40, Stage::Amending));
        assert_eq!(working.reach(), Some([100, 101]));
        working.on_report(&ExecutionReport { status: OrdStatus::Filled, leaves: Qty(0), ..fill }, 5);
        assert!(working.is_free());
    }

    #[test]
    fn a_refused_amend_leaves_it_where_it_was() {
        let mut working = live();
        working.amending(103);
        let refused =
            ExecutionReport { exec_type: ExecType::CancelRejected, reason: Refusal::WouldTrade, ..accepted() };
        working.on_report(&refused, 5);
        assert_eq!((working.stage(), working.reach()), (Stage::Live, Some([100, 100])));
    }

    #[test]
    fn an_amend_that_overtakes_a_cancel_does_not_undo_it() {
        let mut working = live();
        working.amending(101);
        working.cancelling();
        working.on_report(&ExecutionReport { exec_type: ExecType::Replaced, price: Price(505), ..accepted() }, 5);
        assert_eq!((working.stage(), working.ticks()), (Stage::Cancelling, 101));
        let unknown = ExecutionReport::unknown_order(SessionId(1), ClientOrderId(7), Time(0));
        working.on_report(&unknown, 5);
        assert!(working.is_free());
    }
}
