//! The recorded order-by-order tape.

use omni_port::Sink;
use omni_types::{
    BookAction, BookChange, BookDelta, Event, InstrumentId, Price, Quote, Refusal, Time, TopOfBook, TradeTick,
};

use super::Historical;
use super::recorded::Executed;
use super::resting::Print;
use super::statistics::count;

impl Historical {
    /// Applies one change, and looks at the book where it ends the venue's event.
    #[inline]
    pub(super) fn apply<S: Sink>(&mut self, delta: &BookDelta, time: Time, sink: &mut S) -> Result<(), Refusal> {
        self.takes_book(delta)?;
        match delta.action {
            BookAction::Add => self.recorded.add(delta, &mut self.statistics)?,
            BookAction::Modify => self.recorded.modify(delta, &mut self.statistics)?,
            BookAction::Reduce => self.recorded.reduce(delta, Some(delta.quantity), &mut self.statistics),
            BookAction::Delete => self.recorded.reduce(delta, None, &mut self.statistics),
            BookAction::Execute => self.execute(delta, time, sink),
            BookAction::Trade => self.trade(delta, time, sink),
            BookAction::Clear => self.recorded.clear(delta.instrument),
        }
        self.statistics.recorded += 1;
        self.markets[delta.instrument.index()].within_event = !delta.last;
        if delta.last {
            self.look(delta.instrument, time, sink);
        }
        Ok(())
    }

    /// Takes an execution that reduces its order, which is a public trade at the order's price.
    fn execute<S: Sink>(&mut self, delta: &BookDelta, time: Time, sink: &mut S) {
        let Some(executed) = self.recorded.execution(delta, &mut self.statistics) else { return };
        sink.event(&Event::Trade(TradeTick {
            time,
            instrument: delta.instrument,
            price: executed.price,
            quantity: delta.quantity,
            aggressor: Some(executed.side.opposite()),
        }));
        self.print(delta, &executed, executed.price, time, sink);
        self.recorded.reduce(delta, Some(delta.quantity), &mut self.statistics);
    }

    /// Takes an execution that the feed reduces its order for later; the feed tells the public trade by itself.
    fn trade<S: Sink>(&mut self, delta: &BookDelta, time: Time, sink: &mut S) {
        let Some(executed) = self.recorded.execution(delta, &mut self.statistics) else { return };
        self.print(delta, &executed, delta.price, time, sink);
        self.recorded.await_reduction(delta);
    }

    fn print<S: Sink>(&mut self, delta: &BookDelta, executed: &Executed, price: Price, time: Time, sink: &mut S) {
        self.statistics.executions += 1;
        count(&mut self.statistics.executed, delta.quantity.0);
        let print = Print {
            instrument: delta.instrument,
            price,
            total: executed.free,
            free: executed.free,
            first: executed.side,
            at_price: [true; 2],
        };
        self.give(&print, time, sink);
    }

    /// Looks at the book at the end of an event: says what changed, then lets our orders have what they reach.
    #[inline]
    pub(super) fn look<S: Sink>(&mut self, instrument: InstrumentId, time: Time, sink: &mut S) {
        let top = self.recorded.books().top(instrument);
        sink.event(&Event::Book(BookChange { time, instrument }));
        if self.set_top(instrument, top) {
            sink.event(&Event::Quote(Quote { time, instrument, top }));
        }
        self.after_event(instrument, time, sink);
    }

    /// Remembers the best bid and offer; returns whether they changed.
    #[inline]
    pub(super) fn set_top(&mut self, instrument: InstrumentId, top: TopOfBook) -> bool {
        let market = &mut self.markets[instrument.index()];
        let changed = market.top != top;
        market.top = top;
        market.crossed = top.is_crossed();
        self.statistics.crossed += u64::from(market.crossed);
        changed
    }
}
