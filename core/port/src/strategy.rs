//! What the engine asks of a strategy.

use core::fmt;

use omni_types::{
    Adjusted, Bar, Event, ExecutionReport, Indicative, InstrumentId, MarketStatus, Quote, Time, TimerFired, TradeTick,
};

use crate::{Depth, Desk};

/// How many levels of each side a [`BookView`] carries.
pub const BOOK_LEVELS: usize = 10;

/// The first levels of an instrument's book.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BookView {
    /// Event time.
    pub time: Time,
    /// The instrument.
    pub instrument: InstrumentId,
    bids: [Depth; BOOK_LEVELS],
    asks: [Depth; BOOK_LEVELS],
    counts: [u8; 2],
}

impl BookView {
    /// Builds a view of the first levels of each side.
    #[must_use]
    pub fn new(
        time: Time,
        instrument: InstrumentId,
        bids: impl Iterator<Item = Depth>,
        asks: impl Iterator<Item = Depth>,
    ) -> Self {
        const NOTHING: Depth = Depth { price: omni_types::Price(0), quantity: omni_types::Qty::ZERO, orders: 0 };
        let mut view =
            Self { time, instrument, bids: [NOTHING; BOOK_LEVELS], asks: [NOTHING; BOOK_LEVELS], counts: [0; 2] };
        let fill = |into: &mut [Depth], from: &mut dyn Iterator<Item = Depth>| {
            into.iter_mut().zip(from).map(|(to, level)| *to = level).count() as u8
        };
        view.counts = [fill(&mut view.bids, &mut { bids }), fill(&mut view.asks, &mut { asks })];
        view
    }

    /// Returns the bids, best first.
    #[must_use]
    pub fn bids(&self) -> &[Depth] {
        &self.bids[..usize::from(self.counts[0])]
    }

    /// Returns the asks, best first.
    #[must_use]
    pub fn asks(&self) -> &[Depth] {
        &self.asks[..usize::from(self.counts[1])]
    }

    /// Returns (bid - ask) / (bid + ask) of the quantities in the first `levels`, from -1 to 1; 0 for an empty book.
    #[must_use]
    pub fn imbalance(&self, levels: usize) -> f64 {
        let total = |side: &[Depth]| side.iter().take(levels).map(|d| d.quantity.0 as f64).sum::<f64>();
        let (bid, ask) = (total(self.bids()), total(self.asks()));
        if bid + ask > 0.0 { (bid - ask) / (bid + ask) } else { 0.0 }
    }
}

/// Which market data a strategy wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Feeds {
    /// The first levels whenever the book changes.
    pub book: bool,
    /// Changes of the best bid and offer.
    pub quote: bool,
    /// Public trades.
    pub trade: bool,
    /// Bars.
    pub bar: bool,
    /// What auctions would trade.
    pub indicative: bool,
}

/// What a strategy is called for. Its own execution reports and timers always reach it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Subscription {
    /// The instruments; empty means all.
    pub instruments: Vec<InstrumentId>,
    /// The kinds of market data.
    pub feeds: Feeds,
    /// Gathers events over this much event time into one delivery; 0 delivers each event by itself.
    pub batch_ns: i64,
}

/// A strategy could not go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StrategyFault {
    /// What happened and where, for people.
    pub message: String,
}

impl fmt::Display for StrategyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StrategyFault {}

/// A trading strategy: callbacks in event order, orders through the [`Desk`].
///
/// The same object runs in backtest, paper and live. A callback that returns a fault stops the strategy: its orders
/// are cancelled and it is called no more; the rest of the node goes on.
pub trait Strategy: Send {
    /// Called once before the first event.
    ///
    /// # Errors
    /// A fault stops the strategy, here and below.
    fn on_start(&mut self, _desk: &mut Desk) -> Result<(), StrategyFault> {
        Ok(())
    }

    /// Called after a recovery instead of [`Self::on_start`], and whenever a stopped strategy is started again; the desk
    /// has its positions and open orders. Timers that came due meanwhile fire after it, late.
    ///
    /// # Errors
    /// As above.
    fn on_recover(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.on_start(desk)
    }

    /// Returns what it wants to find again at a recovery; called now and then. `None` keeps nothing.
    ///
    /// # Errors
    /// As above.
    fn save(&mut self) -> Result<Option<Vec<u8>>, StrategyFault> {
        Ok(None)
    }

    /// Takes back what it saved last before its process ended, before [`Self::on_recover`]. The desk has the instruments
    /// and nothing else yet.
    ///
    /// # Errors
    /// As above; by default it keeps no state, so it takes none.
    fn restore(&mut self, _state: &[u8], _desk: &mut Desk) -> Result<(), StrategyFault> {
        Err(StrategyFault { message: "it keeps no state".to_owned() })
    }

    /// Called when the book of a subscribed instrument changed.
    ///
    /// # Errors
    /// As above.
    fn on_book(&mut self, _book: &BookView, _desk: &mut Desk) -> Result<(), StrategyFault> {
        Ok(())
    }

    /// Called when the best bid or offer changed.
    ///
    /// # Errors
    /// As above.
    fn on_quote(&mut self, _quote: &Quote, _desk: &mut Desk) -> Result<(), StrategyFault> {
        Ok(())
    }

    /// Called for a public trade.
    ///
    /// # Errors
    /// As above.
    fn on_trade(&mut self, _trade: &TradeTick, _desk: &mut Desk) -> Result<(), StrategyFault> {
        Ok(())
    }

    /// Called when a bar closed.
    ///
    /// # Errors
    /// As above.
    fn on_bar(&mut self, _bar: &Bar, _desk: &mut Desk) -> Result<(), StrategyFault> {
        Ok(())
    }

    /// Called when a timer is due.
    ///
    /// # Errors
    /// As above.
    fn on_timer(&mut self, _timer: &TimerFired, _desk: &mut Desk) -> Result<(), StrategyFault> {
        Ok(())
    }

    /// Called for every execution report of its own orders.
    ///
    /// # Errors
    /// As above.
    fn on_report(&mut self, _report: &ExecutionReport, _desk: &mut Desk) -> Result<(), StrategyFault> {
        Ok(())
    }

    /// Called when an instrument's trading state changed.
    ///
    /// # Errors
    /// As above.
    fn on_status(&mut self, _status: &MarketStatus, _desk: &mut Desk) -> Result<(), StrategyFault> {
        Ok(())
    }

    /// Called when the likely outcome of an instrument's auction changed.
    ///
    /// # Errors
    /// As above.
    fn on_indicative(&mut self, _indicative: &Indicative, _desk: &mut Desk) -> Result<(), StrategyFault> {
        Ok(())
    }

    /// Called after a corporate action on any instrument: its orders have ended, and the desk has followed.
    ///
    /// # Errors
    /// As above.
    fn on_adjusted(&mut self, _adjusted: &Adjusted, _desk: &mut Desk) -> Result<(), StrategyFault> {
        Ok(())
    }

    /// Called once at the end of the run; orders sent here are not taken.
    ///
    /// # Errors
    /// As above.
    fn on_stop(&mut self, _desk: &mut Desk) -> Result<(), StrategyFault> {
        Ok(())
    }

    /// Called with everything that is delivered at once, in order; the default shows each to the desk and calls
    /// [`Self::on_event`].
    ///
    /// # Errors
    /// What a callback returns; the events behind it are not delivered.
    fn on_events(&mut self, events: &[Event], desk: &mut Desk) -> Result<(), StrategyFault> {
        for event in events {
            desk.observe(event);
            self.on_event(event, desk)?;
        }
        Ok(())
    }

    /// Calls the callback of an event. Implement it instead of the callbacks to see every event in one place.
    ///
    /// # Errors
    /// What the callback returns.
    fn on_event(&mut self, event: &Event, desk: &mut Desk) -> Result<(), StrategyFault> {
        match event {
            Event::Report(report) => self.on_report(report, desk),
            Event::Trade(trade) => self.on_trade(trade, desk),
            Event::Quote(quote) => self.on_quote(quote, desk),
            Event::Bar(bar) => self.on_bar(bar, desk),
            Event::Timer(timer) => self.on_timer(timer, desk),
            Event::Status(status) => self.on_status(status, desk),
            Event::Indicative(indicative) => self.on_indicative(indicative, desk),
            Event::Adjusted(adjusted) => self.on_adjusted(adjusted, desk),
            Event::Book(_) => Ok(()),
        }
    }
}
