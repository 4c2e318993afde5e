//! The engine: applies one input after the other.

use omni_port::{OrderView, Selection, Sink, Venue};
use omni_risk::{Amend, Gate};
use omni_types::{
    AccountId, AccountSpec, AmendOrder, Body, CancelOrder, Digest, Event, ExecType, ExecutionReport, Input, Instrument,
    MassCancel, NewOrder, OrdStatus, Qty, Refusal, Scope, SessionId, SetTimer, Time,
};

use crate::EngineError;
use crate::bars::Bars;
use crate::tap::{Held, Tap};
use crate::timers::Timers;

/// How often accounts are marked to market between their own fills, in engine time.
const SWEEP_NS: i64 = Time::SECOND;

/// What the engine reserves beside its venue and gate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capacity {
    /// Instruments.
    pub instruments: usize,
    /// Timers waiting at once.
    pub timers: usize,
    /// Length of the bars built from trades, in nanoseconds; 0 builds none.
    pub bar_ns: i64,
}

/// All trading state of a node, and the one place that changes it.
#[derive(Debug)]
pub struct Engine<V> {
    venue: V,
    gate: Gate,
    instruments: Vec<Instrument>,
    timers: Timers,
    bars: Bars,
    digest: Digest,
    seq: u64,
    time: Time,
    swept: Time,
    /// Accounts whose drawdown stop has just latched, their orders still to be cancelled.
    drawn: Vec<AccountId>,
    /// Sessions that stand for other members of the market, by id.
    external: Vec<bool>,
}

impl<V: Venue> Engine<V> {
    /// Puts an engine around a venue and a gate.
    #[must_use]
    pub fn new(venue: V, gate: Gate, capacity: Capacity) -> Self {
        Self {
            venue,
            gate,
            instruments: Vec::with_capacity(capacity.instruments),
            timers: Timers::new(capacity.timers),
            bars: Bars::new(capacity.bar_ns, capacity.instruments),
            digest: Digest::default(),
            seq: 0,
            time: Time(i64::MIN),
            swept: Time(i64::MIN),
            drawn: Vec::with_capacity(64),
            external: Vec::with_capacity(64),
        }
    }

    /// Returns the venue.
    #[must_use]
    pub const fn venue(&self) -> &V {
        &self.venue
    }

    /// Returns the gate: accounts, positions, limits.
    #[must_use]
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Returns the listed instruments; the position is the id.
    #[must_use]
    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// Returns the sequence number of the last input applied.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Returns engine time.
    #[must_use]
    pub const fn time(&self) -> Time {
        self.time
    }

    /// Returns the running hash over all inputs and events.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the hash over the running hash and all state: equal only if everything is.
    #[must_use]
    pub fn state_digest(&self) -> Digest {
        let mut digest = self.digest;
        digest.pair(self.seq, self.time.0 as u64);
        self.venue.digest(&mut digest);
        self.gate.digest(&mut digest);
        self.timers.digest(&mut digest);
        self.bars.digest(&mut digest);
        digest
    }

    /// Returns when the engine has something to do by itself: a timer or closing bars.
    #[inline]
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        match (self.timers.next(), self.bars.next()) {
            (Some(timer), Some(bar)) => Some(timer.min(bar)),
            (timer, bar) => timer.or(bar),
        }
    }

    /// Applies the next input; what is due by its time comes first, at its deadline.
    ///
    /// # Errors
    /// [`EngineError`] when the input can't be taken. Checked before anything changes, so the stream may go on with
    /// another input of the same number.
    #[inline]
    pub fn apply<S: Sink>(&mut self, input: &Input, sink: &mut S) -> Result<(), EngineError> {
        self.accepts(input)?;
        self.fire_due(input.time, sink);
        self.seq = input.seq;
        self.time = input.time;
        self.digest.input(input);
        match &input.body {
            Body::New(order) => self.new_order(order, sink),
            Body::Cancel(cancel) => self.cancel(cancel, sink),
            Body::Amend(amend) => self.amend(amend, sink),
            Body::Clock => {}
            Body::Book(delta) => {
                let (venue, time, mut tap) = self.parts(sink);
                let taken = venue.on_book(delta, time, &mut tap);
                taken.map_err(|why| EngineError::MarketData(delta.instrument, why))?;
            }
            Body::Quote(quote) => {
                let (venue, _, mut tap) = self.parts(sink);
                let taken = venue.on_quote(quote, &mut tap);
                taken.map_err(|why| EngineError::MarketData(quote.instrument, why))?;
            }
            Body::Trade(trade) => {
                let (venue, _, mut tap) = self.parts(sink);
                let taken = venue.on_trade(trade, &mut tap);
                taken.map_err(|why| EngineError::MarketData(trade.instrument, why))?;
            }
            Body::Bar(bar) => {
                let (venue, _, mut tap) = self.parts(sink);
                let taken = venue.on_bar(bar, &mut tap);
                taken.map_err(|why| EngineError::MarketData(bar.instrument, why))?;
            }
            Body::MassCancel(cancel) => self.mass_cancel(cancel, sink),
            Body::SetTimer(timer) => self.set_timer(timer, sink),
            rare => self.operate(rare, sink)?,
        }
        self.end_breaches(sink);
        Ok(())
    }

    #[inline]
    fn accepts(&self, input: &Input) -> Result<(), EngineError> {
        if input.seq != self.seq + 1 {
            return Err(EngineError::Sequence { expected: self.seq + 1, found: input.seq });
        }
        if input.time < self.time {
            return Err(EngineError::TimeWentBack { now: self.time, found: input.time });
        }
        Ok(())
    }

    /// Splits the engine into its venue, its time and the tap that the venue's events go through.
    #[inline]
    fn parts<'a, S: Sink>(&'a mut self, out: &'a mut S) -> (&'a mut V, Time, Tap<'a, S>) {
        let Self { gate, bars, digest, drawn, .. } = self;
        (&mut self.venue, self.time, Tap { gate, bars, digest, drawn, amend: None, out })
    }

    #[inline]
    fn fire_due<S: Sink>(&mut self, until: Time, sink: &mut S) {
        while let Some(due) = self.next_deadline().filter(|&due| due <= until) {
            self.time = self.time.max(due);
            self.fire(due, sink);
        }
        if until.0.saturating_sub(self.swept.0) >= SWEEP_NS {
            self.swept = until;
            self.drawn.extend_from_slice(self.gate.sweep());
        }
    }

    /// Closes the bars that end at `due`, or fires one timer.
    #[cold]
    fn fire<S: Sink>(&mut self, due: Time, sink: &mut S) {
        if self.bars.next() == Some(due) {
            while let Some(bar) = self.bars.pop() {
                self.emit(&Event::Bar(bar), sink);
            }
        } else if let Some(fired) = self.timers.pop() {
            self.emit(&Event::Timer(fired), sink);
        }
    }

    fn emit<S: Sink>(&mut self, event: &Event, sink: &mut S) {
        let (_, _, mut tap) = self.parts(sink);
        tap.event(event);
    }

    #[inline]
    fn new_order<S: Sink>(&mut self, order: &NewOrder, sink: &mut S) {
        let checked = self.gate.check(order, self.time);
        let (venue, time, mut tap) = self.parts(sink);
        match checked {
            Ok(_) => venue.submit(order, time, &mut tap),
            // The gate refused and holds nothing, so the report goes past it.
            Err(reason) => tap.pass(&Event::Report(ExecutionReport::rejected(order, reason, time))),
        }
    }

    #[inline]
    fn cancel<S: Sink>(&mut self, cancel: &CancelOrder, sink: &mut S) {
        self.gate.on_cancel(cancel.session, self.time);
        let (venue, time, mut tap) = self.parts(sink);
        venue.cancel(cancel, time, &mut tap);
    }

    fn amend<S: Sink>(&mut self, amend: &AmendOrder, sink: &mut S) {
        let open = self.venue.order(amend.session, amend.client_order_id);
        let checked = open.map(|order| (order, self.check_amend(&order, amend)));
        let (venue, time, mut tap) = self.parts(sink);
        match checked {
            Some((order, Err(reason))) => tap.pass(&Event::Report(amend_refused(&order, reason, time))),
            Some((_, Ok(held))) => {
                tap.amend = Some(held);
                venue.amend(amend, time, &mut tap);
            }
            None => venue.amend(amend, time, &mut tap),
        }
    }

    fn check_amend(&mut self, order: &OrderView, amend: &AmendOrder) -> Result<Held, Refusal> {
        let slot = self.gate.slot(order.account, order.instrument).ok_or(Refusal::UnknownOrder)?;
        let asked = Amend {
            session: amend.session,
            slot,
            side: order.side,
            price: amend.price,
            quantity: amend.quantity,
            filled: order.filled,
            held: order.leaves,
        };
        let growth = self.gate.check_amend(&asked, self.time)?;
        Ok(Held { held: Qty(order.leaves.0 + growth.0), growth })
    }

    fn mass_cancel<S: Sink>(&mut self, cancel: &MassCancel, sink: &mut S) {
        self.gate.on_cancel(cancel.session, self.time);
        let instrument = match cancel.scope {
            Scope::Session => None,
            Scope::Instrument(instrument) => Some(instrument),
        };
        let selection = Selection { session: Some(cancel.session), instrument, ..Selection::default() };
        self.cancel_all(selection, Refusal::None, sink);
    }

    fn cancel_all<S: Sink>(&mut self, selection: Selection, reason: Refusal, sink: &mut S) {
        let (venue, time, mut tap) = self.parts(sink);
        venue.cancel_all(selection, reason, time, &mut tap);
    }

    fn set_timer<S: Sink>(&mut self, timer: &SetTimer, sink: &mut S) {
        if let Err(reason) = self.timers.set(timer) {
            let client_order_id = omni_types::ClientOrderId(0);
            let base = ExecutionReport::unknown_order(timer.session, client_order_id, self.time);
            self.emit(&Event::Report(ExecutionReport { reason, ..base }), sink);
        }
    }

    /// Applies what an operator or the node says, which is rare.
    #[cold]
    fn operate<S: Sink>(&mut self, body: &Body, sink: &mut S) -> Result<(), EngineError> {
        match body {
            Body::List(instrument) => return self.list(instrument),
            Body::Account(account) => return self.open(account),
            Body::Session { session, account, external } => return self.bind(*session, *account, *external),
            Body::Reference { instrument, price } => {
                let marked = self.gate.mark(*instrument, *price, omni_risk::Source::Operator);
                return marked.map_err(EngineError::Gate);
            }
            Body::Rate(rate) => return self.gate.rate(rate).map_err(EngineError::Gate),
            Body::Restrict { account, instrument, on } => {
                return self.gate.restrict(*account, *instrument, *on).map_err(EngineError::Gate);
            }
            Body::Status { instrument, state } => {
                let (venue, time, mut tap) = self.parts(sink);
                venue.set_state(*instrument, *state, time, &mut tap);
            }
            Body::Kill { .. } => self.kill(sink),
            Body::Resume { reason } if reason.trim().is_empty() => return Err(EngineError::ResumeWithoutReason),
            Body::Resume { .. } => self.gate.resume(),
            Body::Stop { session, .. } => return self.stop(*session, sink),
            Body::Start { session } => return self.gate.start(*session).map_err(EngineError::Gate),
            _ => {}
        }
        Ok(())
    }

    fn list(&mut self, instrument: &Instrument) -> Result<(), EngineError> {
        self.gate.list(instrument).map_err(EngineError::Gate)?;
        self.venue.list(instrument).map_err(|why| EngineError::Listing(instrument.id, why))?;
        self.instruments.push(*instrument);
        Ok(())
    }

    fn open(&mut self, account: &AccountSpec) -> Result<(), EngineError> {
        self.gate.open(account).map_err(EngineError::Gate)
    }

    fn bind(&mut self, session: SessionId, account: AccountId, external: bool) -> Result<(), EngineError> {
        self.gate.bind(session, account, external).map_err(EngineError::Gate)?;
        if self.external.len() <= session.index() {
            self.external.resize(session.index() + 1, true);
        }
        self.external[session.index()] = external;
        Ok(())
    }

    /// Turns the kill switch on and cancels every order but other members' of the market.
    fn kill<S: Sink>(&mut self, sink: &mut S) {
        self.gate.kill();
        for at in 0..self.external.len() {
            if !self.external[at] {
                let selection = Selection { session: Some(SessionId(at as u16)), ..Selection::default() };
                self.cancel_all(selection, Refusal::KillSwitch, sink);
            }
        }
    }

    fn stop<S: Sink>(&mut self, session: SessionId, sink: &mut S) -> Result<(), EngineError> {
        self.gate.stop(session).map_err(EngineError::Gate)?;
        let selection = Selection { session: Some(session), ..Selection::default() };
        self.cancel_all(selection, Refusal::Stopped, sink);
        Ok(())
    }

    /// Cancels the orders of accounts that have just lost their drawdown limit.
    #[inline]
    fn end_breaches<S: Sink>(&mut self, sink: &mut S) {
        while let Some(account) = self.drawn.pop() {
            let selection = Selection { account: Some(account), ..Selection::default() };
            self.cancel_all(selection, Refusal::Drawdown, sink);
        }
    }
}

/// Builds the report that an amend was refused at the gate.
const fn amend_refused(order: &OrderView, reason: Refusal, time: Time) -> ExecutionReport {
    ExecutionReport {
        order_id: order.order_id,
        account: order.account,
        instrument: order.instrument,
        side: order.side,
        exec_type: ExecType::CancelRejected,
        status: if order.filled.0 == 0 { OrdStatus::New } else { OrdStatus::PartiallyFilled },
        reason,
        price: order.price,
        quantity: Qty(order.leaves.0 + order.filled.0),
        leaves: order.leaves,
        filled: order.filled,
        ..ExecutionReport::unknown_order(order.session, order.client_order_id, time)
    }
}
