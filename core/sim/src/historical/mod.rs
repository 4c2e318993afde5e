//! Historical simulation: a venue whose market is recorded, and can't be moved by us.
//!
//! [`Historical`] takes orders as any venue does and fills them from recorded data: order by order, quotes and trades,
//! trades alone, or bars. What fills and what doesn't is written down in [`Historical::rules`], so that every result can say under
//! which rules it came about. Latency and fees aren't its work: commands arrive when the node lets them, and the gate
//! charges the fees.
//!
//! # What holds for all data
//! - Recorded orders are never altered: the book that strategies see is the recorded one, whatever we trade.
//! - Each recorded unit is given once: what an order of ours took from display isn't given again when it is executed.
//! - Nothing fills while the recorded book is crossed (bid at or above ask) or the instrument isn't open.
//! - Our own orders never match each other, whoever's they are.
//! - The book is looked at only where the recorded venue's event ends. An order that arrives within an event is
//!   accepted at once and goes to work at the event's end.
//!
//! # Recorded orders
//! *At its price.* A recorded execution fills an order of ours at the same price if no recorded order that arrived (or
//! lost its place) before ours still rests there; the executed order itself counts as resting. So an execution of an
//! order behind ours is ours, one of an order ahead isn't, and cancels ahead bring us forward.
//! *Through its price.* A recorded execution at a price worse for its aggressor than ours fills ours, at our price,
//! whatever is queued there. [`Reach`] says whether displayed opposite orders do so too.
//! One execution's quantity goes to our orders at better prices first, then by arrival, those on the executed order's
//! side before the others.
//! *Aggressive orders* take displayed quantity level by level at the levels' prices, each recorded order's units once:
//! what we took of an order stays taken through its modifies, its executions count against it first, its cancels last.
//! Public trades of which the feed names no resting order (hidden orders, auctions) fill nothing.
//!
//! # Recorded quotes and trades
//! A resting order joins behind all quantity displayed at its price; at a price that isn't the best, behind what is
//! displayed when it becomes the best; nothing is ahead where the recorded best is worse. Trades at the price, whose
//! aggressor is of the other side or unknown, take what is ahead and then fill us; a displayed quantity smaller than
//! our estimate shrinks it. Trades and, by [`Reach`], quotes through our price fill at our price. Aggressive orders take
//! the displayed best only; it is new where its price changes or by as much as its quantity grows.
//!
//! # Recorded trades without quotes
//! There is no display, so the spread and the queue are declared, see [`TradeRules`]; a trade's quantity, or its share, is
//! what our orders can have, each unit once.
//!
//! - Aggressive orders take what is left of the last trade at its price plus half the spread (less, for sells). What its
//!   units leave over of a day or good-till-cancelled market order works on with the next trades, before limits do.
//! - A trade through a limit fills it at the limit, as a maker, and leaves nothing ahead of it. One at the limit's price,
//!   whose aggressor is of the other side or unknown, takes the declared queue first and then fills us; where no queue is
//!   declared it fills nothing.
//!
//! # Recorded bars
//! An order takes part in a bar when it arrived by the bar's open; see [`BarRules`] for the grace, the spread, the touch,
//! the share of volume and the order in which orders share it.
//!
//! - Market orders fill at the open plus half the spread (less, for sells).
//! - A limit that the open has passed fills there too, at the limit where that is better for the market than the open
//!   plus half the spread; post-only at its limit. A limit that the bar trades through fills at the limit, as a maker.
//! - Immediate-or-cancel and fill-or-kill look at the open only.
//! - What a bar's volume leaves over of a day or good-till-cancelled market order works on in the next bar.

mod amend;
mod bar;
mod check;
mod config;
mod market;
mod own;
mod quote;
mod recorded;
mod report;
mod resting;
mod rule;
mod snapshot;
mod statistics;
mod taker;
mod tape;
mod trade;
mod venue;

pub use config::{BarRules, Capacity, Config, Data, Priority, Reach, Spread, TradeRules};
pub use statistics::Statistics;
pub use venue::Historical;
