//! What a run leaves: orders, fills, equity and bars as rows, counts and refusals.

use omni_engine::Engine;
use omni_port::Venue;
use omni_types::{
    AccountId, Adjusted, Bar, ClientOrderId, Event, ExecType, ExecutionReport, InstrumentId, Liquidity, Money,
    OrdStatus, OrderId, OrderType, Price, Qty, Refusal, SessionId, Side, Time, TimeInForce, TradeId,
};

use crate::instrument_log::InstrumentLog;
use crate::watch::StrategyInfo;
use crate::working::Working;

/// An order of a recorded session as it stands now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OrderRow {
    /// The input that brought it.
    pub seq: u64,
    /// Engine time when it came.
    pub time: Time,
    /// Engine time of its last report.
    pub updated: Time,
    /// Sender.
    pub session: SessionId,
    /// Account.
    pub account: AccountId,
    /// The sender's number.
    pub client_order_id: ClientOrderId,
    /// The venue's number; 0 where it was refused before.
    pub order_id: OrderId,
    /// Instrument.
    pub instrument: InstrumentId,
    /// Side.
    pub side: Side,
    /// Type.
    pub order_type: OrderType,
    /// Time in force.
    pub time_in_force: TimeInForce,
    /// Limit; 0 for a market order.
    pub price: Price,
    /// Total quantity.
    pub quantity: Qty,
    /// Filled so far.
    pub filled: Qty,
    /// Where it stands.
    pub status: OrdStatus,
    /// Why, where it was refused or ended unasked.
    pub reason: Refusal,
}

/// A fill of a recorded session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FillRow {
    /// The input that made it.
    pub seq: u64,
    /// Engine time.
    pub time: Time,
    /// Sender of the order.
    pub session: SessionId,
    /// Account.
    pub account: AccountId,
    /// The sender's number of the order.
    pub client_order_id: ClientOrderId,
    /// The venue's number of the order.
    pub order_id: OrderId,
    /// The match.
    pub trade_id: TradeId,
    /// Instrument.
    pub instrument: InstrumentId,
    /// Side.
    pub side: Side,
    /// Price.
    pub price: Price,
    /// Quantity.
    pub quantity: Qty,
    /// Maker or taker.
    pub liquidity: Liquidity,
    /// Fee in the account's currency.
    pub fee: Money,
}

/// An account's money at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EquityRow {
    /// Engine time.
    pub time: Time,
    /// Account.
    pub account: AccountId,
    /// Cash and positions at their reference prices, in the account's currency.
    pub equity: Money,
    /// Realised profit before fees.
    pub realised: Money,
    /// Unrealised profit.
    pub unrealised: Money,
    /// Fees paid.
    pub fees: Money,
}

/// How many of what there were, over all sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Inputs applied.
    pub inputs: u64,
    /// New orders that a venue accepted.
    pub orders: u64,
    /// Orders cancelled or expired.
    pub cancels: u64,
    /// Matches or recorded trades.
    pub trades: u64,
    /// Fills of recorded sessions.
    pub fills: u64,
    /// Cancels and amends of recorded sessions that crossed the end of their order on the way (FIX tag 102, 0).
    pub too_late: u64,
}

/// How many of what a recorded session sent and got.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SessionCounts {
    /// Orders that it sent, refused ones included; each has its row.
    pub orders: u64,
    /// Fills.
    pub fills: u64,
    /// Commands of it that were refused: orders, cancels and amends.
    pub refusals: u64,
}

/// Gathers what a run leaves.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    /// Counts of the recorded sessions, by id.
    own: Vec<Option<SessionCounts>>,
    /// Row of each recorded order: by session, then by client order id.
    rows: Vec<Vec<u32>>,
    /// Orders, in the order of their coming.
    pub orders: Vec<OrderRow>,
    /// Fills, in the order of happening.
    pub fills: InstrumentLog<FillRow>,
    /// Equity, at each sample all recorded accounts.
    pub equity: Vec<EquityRow>,
    /// Bars.
    pub bars: InstrumentLog<Bar>,
    /// Corporate actions, each with the number of its input.
    pub adjustments: Vec<(u64, Adjusted)>,
    /// Inputs at which the node went on after its process had ended.
    pub recoveries: Vec<u64>,
    /// Refusals of recorded sessions, by reason's code; what came too late isn't one.
    pub refusals: Vec<u64>,
    /// Counts.
    pub counts: Counts,
    working: Working,
    keep_bars: bool,
}

const NO_ROW: u32 = u32::MAX;

impl Recorder {
    /// Records these sessions; bars too where asked for.
    #[must_use]
    pub fn new(sessions: impl IntoIterator<Item = SessionId>, keep_bars: bool) -> Self {
        let refusals = vec![0; Refusal::ALL.len()];
        let mut recorder = Self { keep_bars, refusals, ..Self::default() };
        for session in sessions {
            let needed = recorder.own.len().max(session.index() + 1);
            recorder.own.resize(needed, None);
            recorder.own[session.index()] = Some(SessionCounts::default());
        }
        recorder.rows = vec![Vec::new(); recorder.own.len()];
        recorder
    }

    /// Takes note of an event of the input with this number.
    #[inline]
    pub fn event(&mut self, seq: u64, event: &Event) {
        match event {
            Event::Report(report) => {
                match report.exec_type {
                    ExecType::New => self.counts.orders += 1,
                    ExecType::Cancelled | ExecType::Expired => self.counts.cancels += 1,
                    _ => {}
                }
                if self.session(report.session).is_some() {
                    self.report(seq, report);
                }
            }
            Event::Trade(_) => self.counts.trades += 1,
            Event::Bar(bar) if self.keep_bars => self.bars.push(*bar),
            Event::Adjusted(adjusted) => self.adjustments.push((seq, *adjusted)),
            _ => {}
        }
    }

    /// Takes every strategy account's money now; returns when the next sample is due, at a multiple of `every_ns`.
    pub fn sample<V: Venue>(&mut self, engine: &Engine<V>, strategies: &[StrategyInfo], every_ns: i64) -> Time {
        let time = engine.time();
        for strategy in strategies {
            let Some(view) = engine.gate().account_now(strategy.account) else { continue };
            self.equity.push(EquityRow {
                time,
                account: strategy.account,
                equity: view.equity,
                realised: view.realised,
                unrealised: view.unrealised,
                fees: view.fees,
            });
        }
        Time(time.0.div_euclid(every_ns).saturating_add(1).saturating_mul(every_ns))
    }

    /// Returns what a session sent and got; `None` where it isn't recorded.
    #[must_use]
    pub fn session(&self, session: SessionId) -> Option<SessionCounts> {
        self.own.get(session.index()).copied().flatten()
    }

    /// Returns the recorded orders that work now. Costs a step an order, whatever else rests in the market.
    pub fn working(&self) -> impl Iterator<Item = &OrderRow> {
        self.working.rows().iter().map(|&row| &self.orders[row as usize])
    }

    fn report(&mut self, seq: u64, report: &ExecutionReport) {
        match report.exec_type {
            ExecType::CancelRejected if self.is_too_late(report) => self.counts.too_late += 1,
            ExecType::Rejected | ExecType::CancelRejected => {
                self.refusals[report.reason as usize] += 1;
                self.counted(report, |counts| &mut counts.refusals);
            }
            _ => {}
        }
        match report.exec_type {
            ExecType::New => self.add(seq, report),
            // A client order id used twice is refused while the first order may live on: it gets no row of its own.
            ExecType::Rejected if self.row(report).is_none() => self.add(seq, report),
            ExecType::Rejected | ExecType::CancelRejected => {}
            ExecType::Trade => {
                self.fill(seq, report);
                self.update(report);
            }
            ExecType::Cancelled | ExecType::Replaced | ExecType::Restated | ExecType::Triggered | ExecType::Expired => {
                self.update(report)
            }
        }
    }

    fn counted(&mut self, report: &ExecutionReport, count: impl FnOnce(&mut SessionCounts) -> &mut u64) {
        if let Some(Some(counts)) = self.own.get_mut(report.session.index()) {
            *count(counts) += 1;
        }
    }

    /// Returns whether a refused cancel or amend named an order that there was, so that no open one has the id any more.
    fn is_too_late(&self, report: &ExecutionReport) -> bool {
        report.reason == Refusal::UnknownOrder && self.row(report).is_some()
    }

    fn row(&self, report: &ExecutionReport) -> Option<u32> {
        let rows = self.rows.get(report.session.index())?;
        let at = usize::try_from(report.client_order_id.0).ok()?;
        rows.get(at).copied().filter(|&row| row != NO_ROW)
    }

    fn add(&mut self, seq: u64, report: &ExecutionReport) {
        let Ok(at) = usize::try_from(report.client_order_id.0) else { return };
        self.counted(report, |counts| &mut counts.orders);
        let rows = &mut self.rows[report.session.index()];
        // Desks number from one upwards; a stranger's sparse numbers are kept without a row to update.
        if at <= rows.len() + (1 << 16) {
            let row = self.orders.len() as u32;
            rows.resize(rows.len().max(at + 1), NO_ROW);
            rows[at] = row;
            if report.status.is_open() {
                self.working.insert(row);
            }
        }
        self.orders.push(OrderRow {
            seq,
            time: report.time,
            updated: report.time,
            session: report.session,
            account: report.account,
            client_order_id: report.client_order_id,
            order_id: report.order_id,
            instrument: report.instrument,
            side: report.side,
            order_type: report.order_type,
            time_in_force: report.time_in_force,
            price: report.price,
            quantity: report.quantity,
            filled: report.filled,
            status: report.status,
            reason: report.reason,
        });
    }

    fn update(&mut self, report: &ExecutionReport) {
        let Some(row) = self.row(report) else { return };
        let order = &mut self.orders[row as usize];
        order.updated = report.time;
        order.price = report.price;
        order.quantity = report.quantity;
        order.filled = report.filled;
        order.status = report.status;
        order.reason = report.reason;
        if !report.status.is_open() {
            self.working.remove(row);
        }
    }

    fn fill(&mut self, seq: u64, report: &ExecutionReport) {
        self.counts.fills += 1;
        self.counted(report, |counts| &mut counts.fills);
        self.fills.push(FillRow {
            seq,
            time: report.time,
            session: report.session,
            account: report.account,
            client_order_id: report.client_order_id,
            order_id: report.order_id,
            trade_id: report.trade_id,
            instrument: report.instrument,
            side: report.side,
            price: report.last_price,
            quantity: report.last_quantity,
            liquidity: report.liquidity,
            fee: report.fee,
        });
    }
}

#[cfg(test)]
mod tests {
    use omni_types::NewOrder;

    use super::*;

    const SESSION: SessionId = SessionId(1);

    fn order(id: u64) -> NewOrder {
        NewOrder {
            session: SESSION,
            client_order_id: ClientOrderId(id),
            account: AccountId(1),
            instrument: InstrumentId(0),
            side: Side::Buy,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Day,
            post_only: false,
            self_trade: omni_types::SelfTrade::CancelNewest,
            price: Price(100),
            quantity: Qty(10),
        }
    }

    #[test]
    fn a_change_that_crosses_the_last_fill_is_no_refusal() {
        let mut recorder = Recorder::new([SESSION], false);
        let accepted = ExecutionReport::accepted(&order(1), OrderId(1), Time(0));
        let filled = ExecutionReport {
            exec_type: ExecType::Trade,
            status: OrdStatus::Filled,
            leaves: Qty::ZERO,
            filled: Qty(10),
            last_quantity: Qty(10),
            trade_id: TradeId(1),
            ..accepted
        };
        let late = ExecutionReport::unknown_order(SESSION, ClientOrderId(1), Time(1));
        let never = ExecutionReport::unknown_order(SESSION, ClientOrderId(2), Time(1));
        let rejected = ExecutionReport::rejected(&order(3), Refusal::KillSwitch, Time(2));
        for report in [accepted, filled, late, never, rejected] {
            recorder.event(0, &Event::Report(report));
        }
        assert_eq!(recorder.counts.too_late, 1);
        assert_eq!(recorder.refusals[Refusal::UnknownOrder as usize], 1, "an order that never was");
        assert_eq!(recorder.refusals[Refusal::KillSwitch as usize], 1);
        assert_eq!(recorder.refusals.iter().sum::<u64>(), 2);
    }
}
