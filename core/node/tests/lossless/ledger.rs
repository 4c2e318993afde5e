//! What must hold throughout, whatever breaks.

use std::collections::BTreeMap;

use omni_engine::Engine;
use omni_matching::Exchange;
use omni_port::{OrderView, Selection, Venue};
use omni_types::{Event, ExecType, ExecutionReport, InstrumentId, Money, Side, TradingState};

use crate::market::INSTRUMENTS;

/// An order as its reports tell it.
#[derive(Clone, Copy, Debug)]
struct Order {
    instrument: InstrumentId,
    account: u32,
    side: Side,
    quantity: u64,
    filled: u64,
    leaves: u64,
    open: bool,
}

/// Follows the reports and holds them to the rules.
#[derive(Default)]
pub struct Ledger {
    orders: BTreeMap<(u16, u64), Order>,
    /// Each match, with what its first report said: both sides must say the same.
    matches: BTreeMap<u64, (ExecutionReport, bool)>,
    positions: BTreeMap<(u32, u32), i64>,
    opening: i128,
    /// Orders that a venue took.
    pub taken: u64,
    pub fills: u64,
}

impl Ledger {
    pub fn event(&mut self, event: &Event) {
        let Event::Report(report) = event else { return };
        let key = (report.session.0, report.client_order_id.0);
        match report.exec_type {
            ExecType::New => self.accept(key, report),
            ExecType::Rejected | ExecType::CancelRejected => {}
            _ => self.change(key, report),
        }
    }

    fn accept(&mut self, key: (u16, u64), report: &ExecutionReport) {
        assert!(!self.orders.contains_key(&key), "order {key:?} was taken twice");
        self.taken += 1;
        let order = Order {
            instrument: report.instrument,
            account: report.account.0,
            side: report.side,
            quantity: report.quantity.0,
            filled: 0,
            leaves: report.leaves.0,
            open: true,
        };
        assert_eq!(order.quantity, order.leaves, "order {key:?}");
        self.orders.insert(key, order);
    }

    fn change(&mut self, key: (u16, u64), report: &ExecutionReport) {
        let order = self.orders.get_mut(&key).unwrap_or_else(|| panic!("{key:?} was never taken: {report:?}"));
        assert!(order.open, "order {key:?} had ended: {report:?}");
        if report.is_fill() {
            order.filled += report.last_quantity.0;
        }
        order.quantity = report.quantity.0;
        order.leaves = report.leaves.0;
        order.open = report.status.is_open();
        assert_eq!(report.filled.0, order.filled, "fills of {key:?} add up: {report:?}");
        assert!(order.filled + order.leaves <= order.quantity, "{key:?} has more than it asked for: {report:?}");
        assert!(
            !order.open || report.exec_type == ExecType::Restated || order.filled + order.leaves == order.quantity,
            "quantity of {key:?} is conserved: {report:?}"
        );
        if report.is_fill() {
            let signed = report.side.sign() * report.last_quantity.0 as i64;
            *self.positions.entry((report.account.0, report.instrument.0)).or_default() += signed;
            self.pair(report);
        }
    }

    /// Holds both reports of a match to the same price and quantity.
    fn pair(&mut self, report: &ExecutionReport) {
        self.fills += 1;
        match self.matches.get_mut(&report.trade_id.0) {
            None => drop(self.matches.insert(report.trade_id.0, (*report, false))),
            Some((first, both)) => {
                assert!(!*both, "match {:?} has a third side", report.trade_id);
                *both = true;
                let same = |r: &ExecutionReport| (r.instrument, r.last_price, r.last_quantity);
                assert_eq!(same(first), same(report), "the sides of a match");
                assert_ne!(first.side, report.side, "the sides of a match");
            }
        }
    }

    /// Notes the money that there is, once all accounts are open.
    pub fn open(&mut self, engine: &Engine<Exchange>) {
        self.opening = money(engine);
    }

    /// Holds after each input.
    pub fn check(&self, engine: &Engine<Exchange>) {
        for id in (0..INSTRUMENTS).map(InstrumentId) {
            let top = engine.venue().top(id);
            if engine.venue().state(id) == TradingState::Open
                && let (Some((bid, _)), Some((ask, _))) = (top.bid, top.ask)
            {
                assert!(bid < ask, "the book of {id:?} is crossed after input {}: {bid:?} {ask:?}", engine.seq());
            }
        }
        assert!(self.opening == 0 || money(engine) == self.opening, "money was made or lost at input {}", engine.seq());
    }

    /// Holds the engine's orders and positions to what the reports say.
    pub fn check_all(&self, engine: &Engine<Exchange>) {
        self.check(engine);
        assert!(self.matches.values().all(|(_, both)| *both), "a match has two sides");
        let mut open = 0;
        engine.venue().for_each_order(Selection::default(), &mut |view: &OrderView| {
            open += 1;
            let order = &self.orders[&(view.session.0, view.client_order_id.0)];
            assert_eq!((order.leaves, order.filled, order.open), (view.leaves.0, view.filled.0, true), "{view:?}");
            let whose = (order.instrument, order.account, order.side);
            assert_eq!(whose, (view.instrument, view.account.0, view.side), "{view:?}");
        });
        assert_eq!(open, self.orders.values().filter(|order| order.open).count(), "orders that are open");
        let mut sums = BTreeMap::new();
        for account in engine.gate().accounts() {
            for position in engine.gate().positions(account.account) {
                let told = self.positions.get(&(account.account.0, position.instrument.0)).copied().unwrap_or(0);
                assert_eq!(position.quantity, told, "position of {:?}", account.account);
                *sums.entry(position.instrument).or_insert(0) += position.quantity;
            }
        }
        assert!(sums.values().all(|&sum| sum == 0), "what one bought another sold: {sums:?}");
    }
}

/// Everything that the accounts have and the fees that they paid, which trading can't change.
fn money(engine: &Engine<Exchange>) -> i128 {
    engine.gate().accounts().map(|account| account.cash.0 + Money(account.fees.0).0).sum()
}
