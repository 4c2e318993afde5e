//! The engine: applies one input after the other.

use omni_port::{Selection, Sink, Stage, Venue};
use omni_risk::Gate;
use omni_types::{
    AccountId, Bar, Body, BookDelta, Digest, Event, ExecutionReport, Input, Instrument, Quote, Refusal, SetTimer, Time,
    TradeTick,
};

use crate::EngineError;
use crate::bars::Bars;
use crate::tap::Tap;
use crate::timers::Timers;

/// How often accounts are marked to market between their own fills, in engine time.
const SWEEP_NS: i64 = Time::SECOND;

/// How many inputs ahead each stage of [`Engine::apply_batch`]'s look-ahead is.
const LOOK_AHEAD: [(Stage, usize); 3] = [(Stage::Index, 12), (Stage::Order, 8), (Stage::Level, 4)];

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
    pub(crate) capacity: Capacity,
    pub(crate) venue: V,
    pub(crate) gate: Gate,
    pub(crate) instruments: Vec<Instrument>,
    pub(crate) timers: Timers,
    pub(crate) bars: Bars,
    pub(crate) digest: Digest,
    pub(crate) seq: u64,
    pub(crate) time: Time,
    pub(crate) swept: Time,
    /// Accounts whose drawdown stop has just latched, their orders still to be cancelled.
    pub(crate) drawn: Vec<AccountId>,
}

impl<V: Venue> Engine<V> {
    /// Puts an engine around a venue and a gate.
    #[must_use]
    pub fn new(venue: V, gate: Gate, capacity: Capacity) -> Self {
        Self {
            capacity,
            venue,
            gate,
            instruments: Vec::with_capacity(capacity.instruments),
            timers: Timers::new(capacity.timers),
            bars: Bars::new(capacity.bar_ns, capacity.instruments),
            digest: Digest::default(),
            seq: 0,
            time: Time(i64::MIN),
            swept: Time(i64::MIN),
            drawn: Vec::new(),
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
        let own = match (self.timers.next(), self.bars.next()) {
            (Some(timer), Some(bar)) => Some(timer.min(bar)),
            (timer, bar) => timer.or(bar),
        };
        match (own, self.venue.next_deadline()) {
            (Some(own), Some(venue)) => Some(own.min(venue)),
            (own, venue) => own.or(venue),
        }
    }

    /// Applies the next input; what is due by its time comes first, at its deadline.
    ///
    /// # Errors
    /// [`EngineError`] when the input can't be taken. Checked before anything changes, so the stream may go on with
    /// another input of the same number; but for market data whose fault the venue only finds while taking it: that
    /// input counts as taken.
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
            Body::Book(_) | Body::Quote(_) | Body::Trade(_) | Body::Bar(_) => self.market_data(&input.body, sink)?,
            Body::MassCancel(cancel) => self.mass_cancel(cancel, sink),
            Body::SetTimer(timer) => self.set_timer(timer, sink),
            Body::Special(special) => self.special_order(special, sink),
            rare => self.operate(rare, sink),
        }
        self.end_breaches(sink);
        Ok(())
    }

    /// Applies inputs that wait together, looking ahead to what the next ones will touch; the outcome is that of
    /// [`Self::apply`] one by one.
    ///
    /// # Errors
    /// As [`Self::apply`], for the first input that can't be taken; those before it are applied, those behind it not.
    pub fn apply_batch<S: Sink>(&mut self, inputs: &[Input], sink: &mut S) -> Result<(), EngineError> {
        for (at, input) in inputs.iter().enumerate() {
            for (stage, ahead) in LOOK_AHEAD {
                if let Some(next) = inputs.get(at + ahead) {
                    self.venue.prefetch(&next.body, stage);
                }
            }
            self.apply(input, sink)?;
        }
        Ok(())
    }

    #[inline]
    fn accepts(&mut self, input: &Input) -> Result<(), EngineError> {
        if self.seq.checked_add(1) != Some(input.seq) {
            return Err(EngineError::Sequence { expected: self.seq.saturating_add(1), found: input.seq });
        }
        if input.time < self.time {
            return Err(EngineError::TimeWentBack { now: self.time, found: input.time });
        }
        match &input.body {
            Body::New(_)
            | Body::Cancel(_)
            | Body::Amend(_)
            | Body::Clock
            | Body::MassCancel(_)
            | Body::SetTimer(_)
            | Body::Special(_) => Ok(()),
            Body::Book(BookDelta { instrument, .. })
            | Body::Quote(Quote { instrument, .. })
            | Body::Trade(TradeTick { instrument, .. })
            | Body::Bar(Bar { instrument, .. }) => {
                self.venue.check(&input.body).map_err(|why| EngineError::MarketData(*instrument, why))
            }
            rare => self.set_up(rare),
        }
    }

    /// Splits the engine into its venue, its time and the tap that the venue's events go through.
    #[inline]
    pub(crate) fn parts<'a, S: Sink>(&'a mut self, out: &'a mut S) -> (&'a mut V, Time, Tap<'a, S>) {
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

    /// Lets the venue do what is due there, closes the bars that end at `due`, or fires one timer.
    #[cold]
    fn fire<S: Sink>(&mut self, due: Time, sink: &mut S) {
        if self.venue.next_deadline().is_some_and(|at| at <= due) {
            let (venue, time, mut tap) = self.parts(sink);
            venue.pass_deadline(time, &mut tap);
        } else if self.bars.next() == Some(due) {
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

    /// Hands recorded market data to the venue, which has checked it.
    #[inline]
    fn market_data<S: Sink>(&mut self, body: &Body, sink: &mut S) -> Result<(), EngineError> {
        let (venue, time, mut tap) = self.parts(sink);
        let (instrument, taken) = match body {
            Body::Book(delta) => (delta.instrument, venue.on_book(delta, time, &mut tap)),
            Body::Quote(quote) => (quote.instrument, venue.on_quote(quote, &mut tap)),
            Body::Trade(trade) => (trade.instrument, venue.on_trade(trade, &mut tap)),
            Body::Bar(bar) => (bar.instrument, venue.on_bar(bar, &mut tap)),
            _ => return Ok(()),
        };
        taken.map_err(|why| EngineError::MarketData(instrument, why))
    }

    pub(crate) fn cancel_all<S: Sink>(&mut self, selection: Selection, reason: Refusal, sink: &mut S) {
        let (venue, time, mut tap) = self.parts(sink);
        venue.cancel_all(selection, reason, time, &mut tap);
    }

    fn set_timer<S: Sink>(&mut self, timer: &SetTimer, sink: &mut S) {
        if let Err(reason) = self.timers.set(timer, self.time) {
            let client_order_id = omni_types::ClientOrderId(0);
            let base = ExecutionReport::unknown_order(timer.session, client_order_id, self.time);
            self.emit(&Event::Report(ExecutionReport { reason, ..base }), sink);
        }
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
