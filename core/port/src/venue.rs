//! What the engine asks of a venue.

use std::sync::Arc;

use omni_types::{
    AccountId, Adjust, AmendOrder, Body, BookDelta, CancelOrder, ClientOrderId, Event, ExecutionReport, Instrument,
    InstrumentId, NewOrder, OrderId, Price, Qty, Quote, Refusal, SessionId, Side, SnapshotError, SpecialOrder,
    TickTable, Time, TopOfBook, TradeTick, TradingState,
};

/// Takes events as they happen. Events are not gathered first, so that no sweep is too long for a buffer.
pub trait Sink {
    /// Takes one event.
    fn event(&mut self, event: &Event);
}

impl<F: FnMut(&Event)> Sink for F {
    #[inline]
    fn event(&mut self, event: &Event) {
        self(event);
    }
}

/// An open order as the venue has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OrderView {
    /// Sender.
    pub session: SessionId,
    /// The sender's number.
    pub client_order_id: ClientOrderId,
    /// The venue's number.
    pub order_id: OrderId,
    /// Account.
    pub account: AccountId,
    /// Instrument.
    pub instrument: InstrumentId,
    /// Side.
    pub side: Side,
    /// Limit.
    pub price: Price,
    /// What is open.
    pub leaves: Qty,
    /// What has traded.
    pub filled: Qty,
}

/// Which open orders a mass cancel takes; `None` takes all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// Only this session's.
    pub session: Option<SessionId>,
    /// Only this account's.
    pub account: Option<AccountId>,
    /// Only this instrument's.
    pub instrument: Option<InstrumentId>,
    /// Only this side's.
    pub side: Option<Side>,
}

impl Selection {
    /// Returns whether an order is in.
    #[must_use]
    pub fn takes(&self, session: SessionId, account: AccountId, instrument: InstrumentId, side: Side) -> bool {
        self.session.is_none_or(|s| s == session)
            && self.account.is_none_or(|a| a == account)
            && self.instrument.is_none_or(|i| i == instrument)
            && self.side.is_none_or(|s| s == side)
    }
}

/// One price of a book: price, total quantity, number of orders.
///
/// Laid out as compiled strategies see it, so that a book crosses to them without a copy.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Depth {
    /// The price.
    pub price: Price,
    /// Total open quantity.
    pub quantity: Qty,
    /// Number of orders; 0 where the venue doesn't tell.
    pub orders: u32,
}

/// How far ahead a [`Venue::prefetch`] is; each stage finds its way by what the one before it brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Furthest ahead: where the order is to be found.
    Index,
    /// The order, and the book of its instrument.
    Order,
    /// What stands beside it: its level and neighbours.
    Level,
}

/// Where orders go: the embedded exchange, the historical simulator, later a broker.
///
/// Commands reach it only through the risk gate. It answers with execution reports and market data in the sink. What
/// it can't do it refuses with a report; it never panics on input.
pub trait Venue {
    /// Says beforehand whether the venue can take a listing or recorded market data, so that what it can't take
    /// changes nothing. What it can only find out while taking it, it may let pass here.
    ///
    /// # Errors
    /// What taking it would give.
    #[inline]
    fn check(&self, _body: &Body) -> Result<(), Refusal> {
        Ok(())
    }

    /// Lists an instrument in its slot.
    ///
    /// # Errors
    /// The refusal when there is no such slot or no memory.
    fn list(&mut self, instrument: &Instrument) -> Result<(), Refusal>;

    /// Takes a new order.
    fn submit<S: Sink>(&mut self, order: &NewOrder, time: Time, sink: &mut S);

    /// Takes a new order with special terms; a venue that has none of them refuses it.
    fn submit_special<S: Sink>(&mut self, special: &SpecialOrder, time: Time, sink: &mut S) {
        let report = ExecutionReport::rejected(&special.order, Refusal::UnsupportedOrder, time);
        sink.event(&Event::Report(report));
    }

    /// Returns when the venue has something to do by itself: an order's time is over.
    #[inline]
    fn next_deadline(&self) -> Option<Time> {
        None
    }

    /// Does what is due at a time that [`Self::next_deadline`] gave.
    fn pass_deadline<S: Sink>(&mut self, _time: Time, _sink: &mut S) {}

    /// Cancels an order.
    fn cancel<S: Sink>(&mut self, cancel: &CancelOrder, time: Time, sink: &mut S);

    /// Changes an order.
    fn amend<S: Sink>(&mut self, amend: &AmendOrder, time: Time, sink: &mut S);

    /// Cancels all selected orders, each report with `reason`.
    fn cancel_all<S: Sink>(&mut self, selection: Selection, reason: Refusal, time: Time, sink: &mut S);

    /// Changes an instrument's trading state.
    fn set_state<S: Sink>(&mut self, instrument: InstrumentId, state: TradingState, time: Time, sink: &mut S);

    /// Gives a listed instrument ticks by price; open orders stay as they are until they are amended.
    fn set_ticks(&mut self, instrument: InstrumentId, table: &Arc<TickTable>);

    /// Learns of a corporate action, once the instrument's orders are cancelled: forgets what a recorded market showed
    /// at prices from before a split. A market of the venue's own is empty by then.
    fn adjust<S: Sink>(&mut self, _adjust: &Adjust, _time: Time, _sink: &mut S) {}

    /// Takes a recorded change of the order-by-order book.
    ///
    /// # Errors
    /// [`Refusal::UnsupportedOrder`] where the venue's market data is its own; else what the book refuses.
    fn on_book<S: Sink>(&mut self, delta: &BookDelta, time: Time, sink: &mut S) -> Result<(), Refusal>;

    /// Takes a recorded quote.
    ///
    /// # Errors
    /// As [`Self::on_book`].
    fn on_quote<S: Sink>(&mut self, quote: &Quote, sink: &mut S) -> Result<(), Refusal>;

    /// Takes a recorded trade.
    ///
    /// # Errors
    /// As [`Self::on_book`].
    fn on_trade<S: Sink>(&mut self, trade: &TradeTick, sink: &mut S) -> Result<(), Refusal>;

    /// Takes a recorded bar.
    ///
    /// # Errors
    /// As [`Self::on_book`].
    fn on_bar<S: Sink>(&mut self, bar: &omni_types::Bar, sink: &mut S) -> Result<(), Refusal>;

    /// Finds an open order.
    fn order(&self, session: SessionId, client_order_id: ClientOrderId) -> Option<OrderView>;

    /// Calls `each` for every selected open order, in an order that is the same in every run.
    fn for_each_order(&self, selection: Selection, each: &mut dyn FnMut(&OrderView));

    /// Returns an instrument's trading state; closed where it isn't listed.
    fn state(&self, instrument: InstrumentId) -> TradingState;

    /// Returns the best bid and ask.
    fn top(&self, instrument: InstrumentId) -> TopOfBook;

    /// Returns the first `levels` prices of a side, best first.
    fn depth(&self, instrument: InstrumentId, side: Side, levels: usize) -> impl Iterator<Item = Depth>;

    /// Takes the venue's whole state into the digest.
    fn digest(&self, digest: &mut omni_types::Digest);

    /// Asks for the memory that a command will touch, some commands ahead of it; a hint without effect.
    #[inline]
    fn prefetch(&self, _body: &Body, _stage: Stage) {}

    /// Appends a snapshot of the venue's whole state; a venue read back from it goes on as if it never stopped.
    ///
    /// # Errors
    /// [`SnapshotError::Unsupported`] where the venue keeps none.
    fn encode(&self, _bytes: &mut Vec<u8>) -> Result<(), SnapshotError> {
        Err(SnapshotError::Unsupported { part: "this venue" })
    }

    /// Reads a venue back from a snapshot.
    ///
    /// # Errors
    /// [`SnapshotError::Unsupported`] where the venue keeps none, [`SnapshotError::Corrupt`] for bytes that it doesn't
    /// write.
    fn decode(_bytes: &[u8]) -> Result<Self, SnapshotError>
    where
        Self: Sized,
    {
        Err(SnapshotError::Unsupported { part: "this venue" })
    }
}
