//! What a client sees of a run.

use std::sync::Arc;

use omni_types::{
    AccountId, AccountLimits, Bar, ClientOrderId, Currency, Instrument, InstrumentId, Liquidity, Money, OrderId,
    OrderType, Price, Qty, Refusal, SessionId, Side, Symbol, Time, TimeInForce, TradeId, TradingState,
};

use crate::Series;

/// The state of a run at one moment, as the engine shows it to people.
///
/// The engine fills a used one from [`Hub::take_buffer`](crate::Hub::take_buffer): clear the lists, keep their memory.
#[derive(Clone, Default, Debug)]
pub struct View {
    /// The run; shared, since it doesn't change.
    pub run: Arc<RunView>,
    /// Time and progress.
    pub clock: ClockView,
    /// The kill switch.
    pub kill: KillView,
    /// Accounts that strategies trade.
    pub accounts: Vec<AccountView>,
    /// Their positions.
    pub positions: Vec<PositionView>,
    /// Their working orders.
    pub orders: Vec<OrderView>,
    /// Their fills.
    pub fills: Series<FillView>,
    /// How often each reason refused a command; reasons that occurred, in the order of their codes.
    pub refusals: Vec<(Refusal, u64)>,
    /// The equity curve.
    pub equity: Series<EquityPoint>,
    /// Closed bars, one entry for each watched instrument, also where there is no new bar.
    pub bars: Vec<BarsView>,
    /// Our fills in the watched instruments, one entry for each, also where there is no new fill.
    pub watched_fills: Vec<FillsView>,
    /// Books of the watched instruments.
    pub depth: Vec<DepthView>,
    /// Measured latencies.
    pub latency: Vec<LatencyView>,
    /// What is listed; the same `Arc` as long as nothing is listed anew.
    pub instruments: Arc<[Instrument]>,
    /// Totals.
    pub counters: Counters,
}

impl View {
    /// Empties the lists and keeps their memory.
    pub fn clear(&mut self) {
        self.accounts.clear();
        self.positions.clear();
        self.orders.clear();
        self.fills.restart(0);
        self.refusals.clear();
        self.equity.restart(0);
        self.bars.clear();
        self.watched_fills.clear();
        self.depth.clear();
        self.latency.clear();
    }
}

/// One execution of a node.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct RunView {
    /// The run's id, the name of its folder.
    pub id: String,
    /// `sim`, `paper` or `live`.
    pub mode: String,
    /// `dev`, `staging` or `production`.
    pub environment: String,
    /// Version of the code.
    pub version: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Real time of the start.
    pub started: Time,
}

/// Where a run stands.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum RunState {
    /// Before its first input.
    #[default]
    Starting,
    /// Trading.
    Running,
    /// The kill switch is on.
    Killed,
    /// Cancelling orders and closing.
    Stopping,
    /// Over.
    Done,
}

/// Engine time and progress.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct ClockView {
    /// Engine time.
    pub time: Time,
    /// Start of the day.
    pub start: Time,
    /// End of the day, where it is known.
    pub end: Option<Time>,
    /// Inputs so far.
    pub seq: u64,
    /// Inputs in the last second of real time.
    pub inputs_per_s: u64,
    /// Multiple of real time; `None` is as fast as possible.
    pub speed: Option<f64>,
    /// Part of the day that is over, 0 to 1, where the end is known.
    pub progress: Option<f64>,
    /// State of the run.
    pub state: RunState,
}

/// The kill switch.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct KillView {
    /// Whether it is on.
    pub on: bool,
    /// Why, while it is on.
    pub reason: Option<Arc<str>>,
    /// Engine time since which it is on.
    pub since: Option<Time>,
}

/// Whether an account's strategy trades.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum AccountState {
    /// It trades.
    #[default]
    Running,
    /// A person stopped it.
    Stopped,
    /// It raised or hung.
    Faulted,
}

/// An account that a strategy trades; money is in its currency.
#[derive(Clone, PartialEq, Debug)]
pub struct AccountView {
    /// The account.
    pub account: AccountId,
    /// The session that trades it, if any.
    pub session: Option<SessionId>,
    /// Its name.
    pub name: Symbol,
    /// Name of the strategy, if any.
    pub strategy: Option<Arc<str>>,
    /// Its currency.
    pub currency: Currency,
    /// Cash.
    pub cash: Money,
    /// Cash and the value of all positions.
    pub equity: Money,
    /// Realised profit and loss, before fees.
    pub realised: Money,
    /// Unrealised profit and loss.
    pub unrealised: Money,
    /// Fees paid.
    pub fees: Money,
    /// Highest equity so far.
    pub peak: Money,
    /// Fall from the peak now.
    pub drawdown: Money,
    /// Deepest fall from a peak so far.
    pub drawdown_max: Money,
    /// Sum over the instruments of the worst-case value of position and open orders.
    pub gross_exposure: Money,
    /// Number of open orders.
    pub open_orders: u32,
    /// Number of orders that its session sent, refused ones included.
    pub orders: u64,
    /// Number of its fills.
    pub fills: u64,
    /// Number of its session's commands that were refused: orders, cancels and amends.
    pub refusals: u64,
    /// What the gate holds it to.
    pub limits: AccountLimits,
    /// Whether its strategy trades.
    pub state: AccountState,
    /// Text of the fault, with its line.
    pub fault: Option<Arc<str>>,
}

/// A position; money is in the account's currency.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PositionView {
    /// The account.
    pub account: AccountId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// Signed count of the instrument's quantity unit; short is negative.
    pub quantity: i64,
    /// Average entry price in price units, fractional; `None` when flat.
    pub average_price: Option<f64>,
    /// Price it is valued at.
    pub mark: Option<Price>,
    /// Unrealised profit and loss.
    pub unrealised: Money,
    /// Realised profit and loss.
    pub realised: Money,
}

/// A working order of a strategy.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OrderView {
    /// The sender.
    pub session: SessionId,
    /// The account.
    pub account: AccountId,
    /// The sender's number.
    pub client_order_id: ClientOrderId,
    /// The venue's number.
    pub order_id: OrderId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// Side.
    pub side: Side,
    /// Type.
    pub order_type: OrderType,
    /// Time in force.
    pub time_in_force: TimeInForce,
    /// Limit; `None` for a market order.
    pub price: Option<Price>,
    /// Total quantity.
    pub quantity: Qty,
    /// What can still trade.
    pub leaves: Qty,
    /// Engine time of its acceptance.
    pub time: Time,
}

/// A fill of a strategy.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FillView {
    /// Running index in the list of fills.
    pub index: u64,
    /// The input that made it.
    pub seq: u64,
    /// Engine time.
    pub time: Time,
    /// The sender of the order.
    pub session: SessionId,
    /// The account.
    pub account: AccountId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// Side of the order.
    pub side: Side,
    /// Fill price.
    pub price: Price,
    /// Fill quantity.
    pub quantity: Qty,
    /// The match.
    pub trade_id: TradeId,
    /// Maker or taker.
    pub liquidity: Liquidity,
    /// Fee in the account's currency.
    pub fee: Money,
}

/// A point of the equity curve.
#[derive(Clone, PartialEq, Debug)]
pub struct EquityPoint {
    /// Engine time.
    pub time: Time,
    /// Equity by account.
    pub equity: Vec<(AccountId, Money)>,
}

/// Closed bars of a watched instrument.
#[derive(Clone, PartialEq, Debug)]
pub struct BarsView {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Length of a bar in nanoseconds.
    pub interval_ns: i64,
    /// The bars.
    pub bars: Series<Bar>,
}

/// Our fills in a watched instrument.
#[derive(Clone, PartialEq, Debug)]
pub struct FillsView {
    /// The instrument.
    pub instrument: InstrumentId,
    /// The fills; their places are among the instrument's.
    pub fills: Series<FillView>,
}

/// A price level of a book.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LevelView {
    /// Price.
    pub price: Price,
    /// Total quantity.
    pub quantity: Qty,
    /// Number of orders.
    pub orders: u32,
    /// How much of the quantity is our strategies'.
    pub own: Qty,
}

/// The book of a watched instrument.
#[derive(Clone, PartialEq, Debug)]
pub struct DepthView {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Engine time of the book.
    pub time: Time,
    /// Whether it trades.
    pub state: TradingState,
    /// Price of the last trade.
    pub last_price: Option<Price>,
    /// Bids, best first; at most 20 are wanted.
    pub bids: Vec<LevelView>,
    /// Asks, best first; at most 20 are wanted.
    pub asks: Vec<LevelView>,
}

/// Percentiles of a measured latency, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LatencyView {
    /// What is measured.
    pub name: &'static str,
    /// Number of samples.
    pub count: u64,
    /// Median.
    pub p50_ns: u64,
    /// 90th percentile.
    pub p90_ns: u64,
    /// 99th percentile.
    pub p99_ns: u64,
    /// 99.9th percentile.
    pub p999_ns: u64,
    /// Largest.
    pub max_ns: u64,
}

/// Totals of the whole engine.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Counters {
    /// Inputs taken.
    pub inputs: u64,
    /// Orders accepted.
    pub orders: u64,
    /// Fills of strategies.
    pub fills: u64,
    /// Orders cancelled.
    pub cancels: u64,
    /// Trades.
    pub trades: u64,
    /// Cancels and amends of strategies that came after their order's end.
    pub too_late: u64,
}
