//! Wires sources, engine, strategies and observers.
//!
//! [`Lockstep`] is the loop of simulated time: it merges the source's inputs, the strategies' commands and the
//! engine's own deadlines by event time, and waits for every strategy. Nothing in it depends on how fast it runs.
//! [`Run`] puts a whole run around it: journal, recorder, control socket, pace, watchdog.

mod books;
mod catch_up;
mod columns;
mod courier;
mod day;
mod dialogue;
mod feed;
mod flow;
mod host;
mod inflight;
mod instrument_log;
mod itch_books;
mod keeper;
mod latency;
mod lockstep;
mod memory;
mod order_file;
mod pace;
mod proof;
mod rebuild;
mod record;
mod recorded;
mod recording;
mod recover;
mod replay;
mod routes;
mod run;
mod screen;
mod seat;
mod sentry;
mod source;
mod strategy_state;
mod survey;
mod tape;
mod wall;
mod watch;
mod working;

pub use books::{BookCounts, Books};
pub use catch_up::LeftOut;
pub use columns::{ColumnError, Columns, Owner, Values};
pub use courier::{Crossing, CrossingCourier, Current, Parcel};
pub use day::{Capacities, FIRST_MEMBER, bind, list, listings, members};
pub use feed::{FeedFile, Numbered};
pub use flow::FlowSource;
pub use host::{Courier, Delivery, Host, HostState, Reply, call};
pub use inflight::Latency;
pub use instrument_log::{InstrumentLog, OfInstrument};
pub use itch_books::{ItchBookError, ItchBooks};
pub use keeper::{Restored, SnapshotKeeper, keep, restore, restore_on};
pub use lockstep::{Lockstep, NodeError, Observer, Progress};
pub use memory::{NoMemory, check_memory};
pub use order_file::{OrderFile, OrderFileError, PRICE_UNIT};
pub use pace::Pace;
pub use proof::{Proof, prove_snapshots};
pub use rebuild::{Story, Witness, rebuild, why};
pub use record::{Counts, EquityRow, FillRow, OrderRow, Recorder, SessionCounts};
pub use recorded::{Record, RecordedSource};
pub use recording::{Recording, Tally};
pub use recover::{leave_out, recover};
pub use replay::{Outline, ReplaySource, outline, skip_setup};
pub use run::{Outcome, Run, set_up};
pub use seat::StrategySpec;
pub use sentry::{Guard, LastCall, Sentry};
pub use source::{Next, Source, Tops};
pub use survey::{Defined, Listed, Survey, survey};
pub use tape::{TapeRow, tape};
pub use wall::{Pulse, WallClock, wall_time};
pub use watch::{Signals, StrategyInfo, Watch, WatchSpec};
