//! The vocabulary of the engine: exact numbers, instruments, orders, execution reports, market data, and the
//! [`Input`] and [`Event`] that go into and come out of it.
//!
//! Everything here is plain data: `Copy` where it is small, without clocks, files or floats. A price is a signed
//! count of its instrument's price unit, a quantity an unsigned count of its quantity unit, money a 128-bit count of
//! 10^-20 of a currency, and time nanoseconds since the Unix epoch in UTC.

mod adjust;
mod contract;
mod decimal;
mod digest;
mod event;
mod id;
mod input;
mod instrument;
mod limit;
mod market;
mod number;
mod order;
mod refusal;
mod report;
mod snapshot;
mod terms;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod ticks;

pub use adjust::{Action, Adjust, Adjusted, Ratio};
pub use contract::{ContractTerms, Exercise, OptionRight, OptionTerms};
pub use decimal::{Decimal, DecimalError};
pub use digest::Digest;
pub use event::{Event, TimerFired};
pub use id::{AccountId, ClientOrderId, InstrumentId, OrderId, SessionId, TimerId, TradeId};
pub use input::{AccountSpec, Body, Fault, Input, MassCancel, Rate, Scope, SetTimer};
pub use instrument::{AssetClass, Instrument, InstrumentError, InstrumentSpec};
pub use limit::{AccountLimits, Throttle};
pub use market::{
    Bar, BookAction, BookChange, BookDelta, Indicative, MarketStatus, Quote, TopOfBook, TradeTick, TradingState,
};
pub use number::{Money, Price, Qty, Time};
pub use order::{AmendOrder, CancelOrder, NewOrder, OrderType, SelfTrade, Side, TimeInForce};
pub use refusal::Refusal;
pub use report::{ExecType, ExecutionReport, Liquidity, OrdStatus};
pub use snapshot::{SnapshotError, SnapshotReader, SnapshotWriter};
pub use terms::{Display, Minimum, Peg, SpecialOrder, Terms, Trigger};
pub use text::{Currency, Mic, Symbol, Text, TextError};
pub use ticks::{TickError, TickRow, TickTable};
