//! The pre-trade gate: the only path to a venue leads through [`Gate::check`].
//!
//! The gate holds every account's limits, positions, money and open quantity. It reads no clock, file or random source:
//! time comes with each call, and the same calls give the same state, byte for byte . Numbers are
//! integers throughout. Memory is reserved by [`Gate::new`]; afterwards nothing allocates (but what [`Gate::encode`] writes to).
//!
//! **Life of an order.** [`Gate::check`] makes every [`Check`] in order, and reserves the order's quantity.
//! [`Gate::check_amend`] reserves the growth of an amend, which [`Gate::on_replaced`] settles. Each fill goes to
//! [`Gate::on_fill`]; the end, whatever it was, to [`Gate::on_done`] with what was left open. A cancel is counted by
//! [`Gate::on_cancel`] and never refused.
//!
//! **Worst case.** For each (account, instrument) the gate knows the position and the open quantity of each side. The
//! position limit holds `position + open buys` and `open sells - position`. The exposure of a pair is the larger of
//! those two in absolute quantity, at the reference price, in the account's currency; gross exposure is their sum over
//! the account's instruments, each as it was valued last: when an order or fill touched it, or at [`Gate::sweep`].
//! An order that can only make a position smaller is never refused for gross exposure.
//!
//! **Bounds.** Limits and balances are at most 2^120, one pair's exposure 2^110 (1.3 x 10^13 whole units of the
//! account's currency; an order that would pass it is refused), and there are at most 2^16 instruments, so sums fit;
//! cash and profit, which fills without end could drive past any bound, stop at the ends of 128 bits.

mod account;
mod adjust;
mod bucket;
mod capacity;
mod check;
mod currency;
mod error;
mod exact;
mod fill;
mod gate;
mod listing;
mod order;
mod pool;
mod session;
mod snapshot;
mod view;
mod word;

pub use account::AccountView;
pub use capacity::Capacity;
pub use check::{Check, CheckResult, Unit};
pub use error::{DecodeError, GateError};
pub use fill::{Fill, Settled};
pub use gate::Gate;
pub use listing::Source;
pub use order::{Amend, Pass};
pub use pool::SlotId;
pub use session::Session;
pub use view::Position;
