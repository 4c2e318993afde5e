//! What an operator or the node says, which is rare.

use omni_port::{Selection, Sink, Venue};
use omni_risk::Source;
use omni_types::{AccountSpec, Action, Adjust, Adjusted, Body, Event, Instrument, InstrumentId, Refusal, SessionId};

use crate::{Engine, EngineError};

impl<V: Venue> Engine<V> {
    /// Takes what sets the engine up, and checks the rest, before anything else of the input is done: so what can't be
    /// taken changes nothing. Nothing that falls due before the input depends on it.
    #[cold]
    pub(crate) fn set_up(&mut self, body: &Body) -> Result<(), EngineError> {
        let taken = match body {
            Body::List(instrument) => return self.list(instrument, body),
            Body::Resume { reason } if reason.trim().is_empty() => return Err(EngineError::ResumeWithoutReason),
            Body::Account(account) => self.open(account),
            Body::Session { session, account, external } => self.gate.bind(*session, *account, *external),
            Body::Reference { instrument, price } => self.gate.mark(*instrument, *price, Source::Operator),
            Body::Rate(rate) => self.gate.rate(rate),
            Body::Restrict { account, instrument, on } => self.gate.restrict(*account, *instrument, *on),
            Body::Ticks { instrument, .. } => self.listed(*instrument),
            Body::Adjust(adjust) => self.gate.check_adjust(adjust),
            Body::Stop { session, .. } | Body::Start { session } => self.bound(*session),
            _ => Ok(()),
        };
        taken.map_err(EngineError::Gate)
    }

    fn list(&mut self, instrument: &Instrument, body: &Body) -> Result<(), EngineError> {
        // The engine's numbers can't overflow on what `Instrument::new` accepts; nothing else may come in.
        if Instrument::new(instrument.id, instrument.spec).as_ref() != Ok(instrument) {
            return Err(EngineError::Definition(instrument.id));
        }
        let refused = |why| EngineError::Listing(instrument.id, why);
        self.venue.check(body).map_err(refused)?;
        self.gate.list(instrument).map_err(EngineError::Gate)?;
        self.venue.list(instrument).map_err(refused)?;
        self.bars.list(self.instruments.len() + 1);
        self.instruments.push(*instrument);
        Ok(())
    }

    fn open(&mut self, account: &AccountSpec) -> Result<(), omni_risk::GateError> {
        self.gate.open(account)?;
        // Each account latches its drawdown stop at most once until somebody resets it.
        self.drawn.reserve(account.account.index() + 1);
        Ok(())
    }

    fn listed(&self, instrument: InstrumentId) -> Result<(), omni_risk::GateError> {
        let listed = instrument.index() < self.instruments.len();
        if listed { Ok(()) } else { Err(omni_risk::GateError::UnknownInstrument(instrument)) }
    }

    fn bound(&self, session: SessionId) -> Result<(), omni_risk::GateError> {
        match self.gate.session(session) {
            Some(_) => Ok(()),
            None => Err(omni_risk::GateError::UnknownSession(session)),
        }
    }

    /// Does what [`Self::set_up`] has checked.
    #[cold]
    pub(crate) fn operate<S: Sink>(&mut self, body: &Body, sink: &mut S) {
        match body {
            Body::Status { instrument, state } => {
                let (venue, time, mut tap) = self.parts(sink);
                venue.set_state(*instrument, *state, time, &mut tap);
            }
            Body::Ticks { instrument, table } => self.venue.set_ticks(*instrument, table),
            Body::Adjust(adjust) => self.adjust(adjust, sink),
            Body::Kill { .. } => self.kill(sink),
            Body::Resume { .. } => self.gate.resume(),
            Body::Stop { session, .. } => self.stop(*session, sink),
            Body::Start { session } => {
                let started = self.gate.start(*session);
                debug_assert!(started.is_ok(), "Invariant: the session was checked");
            }
            _ => {}
        }
    }

    /// Ends an instrument's orders, adjusts positions and prices, and says so once all of it is done.
    fn adjust<S: Sink>(&mut self, adjust: &Adjust, sink: &mut S) {
        let Adjust { instrument, action } = *adjust;
        let selection = Selection { instrument: Some(instrument), ..Selection::default() };
        self.cancel_all(selection, Refusal::CorporateAction, sink);
        let reference = self.gate.reference(instrument).map(|(price, _)| price);
        self.drawn.extend_from_slice(self.gate.adjust(adjust));
        let listed = &mut self.instruments[instrument.index()];
        if let Action::Rename(symbol) = action {
            listed.spec.symbol = symbol;
        }
        self.bars.adjust(adjust, listed.value.unsigned_abs());
        let (venue, time, mut tap) = self.parts(sink);
        venue.adjust(adjust, time, &mut tap);
        tap.event(&Event::Adjusted(Adjusted { time, instrument, action, reference }));
    }

    /// Turns the kill switch on and cancels every order but other members' of the market.
    fn kill<S: Sink>(&mut self, sink: &mut S) {
        self.gate.kill();
        for session in (0..=u16::MAX).map(SessionId) {
            if self.gate.session(session).is_some_and(|session| !session.external) {
                let selection = Selection { session: Some(session), ..Selection::default() };
                self.cancel_all(selection, Refusal::KillSwitch, sink);
            }
        }
    }

    fn stop<S: Sink>(&mut self, session: SessionId, sink: &mut S) {
        let stopped = self.gate.stop(session);
        debug_assert!(stopped.is_ok(), "Invariant: the session was checked");
        let selection = Selection { session: Some(session), ..Selection::default() };
        self.cancel_all(selection, Refusal::Stopped, sink);
    }
}
