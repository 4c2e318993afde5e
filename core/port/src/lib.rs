//! The traits that a venue and a strategy implement, what every venue holds of a listed instrument, and the desk from
//! which a strategy trades.

mod desk;
mod listing;
mod strategy;
mod venue;

pub use desk::{Command, Desk, Holding, Ticket, WorkingOrder};
pub use listing::Listing;
pub use strategy::{BOOK_LEVELS, BookView, Feeds, Strategy, StrategyFault, Subscription};
pub use venue::{Depth, OrderView, Selection, Sink, Stage, Venue};
