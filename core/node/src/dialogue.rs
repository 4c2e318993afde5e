//! The loop's dialogue with its strategies: what each is told, how it is waited for, and what its answer does.

use omni_port::{StrategyFault, Venue};
use omni_types::{Body, Fault, SessionId};

use crate::host::{Delivery, Host, HostState, Reply, call};
use crate::inflight::COMMANDS_MAX;
use crate::lockstep::{Cause, Lockstep, Market, NodeError, Observer, hung, view};
use crate::sentry::noted;
use crate::source::{Next, Source};

/// Of the deliveries to a strategy on the engine's thread, those of every so manieth input are timed.
const LOCAL_TIMED: u64 = 16;

impl<V: Venue> Lockstep<V> {
    /// Delivers until no strategy has anything waiting.
    #[inline]
    pub(crate) fn deliver<S: Source, O: Observer>(
        &mut self,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        while self.dirty != 0 {
            let at = self.dirty.trailing_zeros() as usize;
            self.dirty &= self.dirty - 1;
            self.deliver_to(at, source, observer)?;
        }
        Ok(())
    }

    pub(crate) fn deliver_to<S: Source, O: Observer>(
        &mut self,
        at: usize,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        let seat = &mut self.seats[at];
        if seat.state != HostState::Running {
            return Ok(());
        }
        let resumes = seat.hear();
        let events = seat.take_events();
        let mut views = core::mem::take(&mut seat.views);
        views.clear();
        views.extend(seat.books.drain(..).map(|instrument| view(&self.engine, instrument)));
        // A batch's last event may lie before what others have done since.
        let (seq, time) = (self.engine.seq(), self.engine.time());
        let delivery = if resumes { Delivery::Recover(time, &events) } else { Delivery::Events(&events, &views) };
        let reply = self.ask(at, &delivery, source, observer)?;
        let seat = &mut self.seats[at];
        seat.give_back(events);
        seat.views = views;
        self.take_reply(at, Cause { seq, time }, reply, source, observer)
    }

    /// Asks a strategy and waits for its answer; a remote one while the operator is listened to.
    pub(crate) fn ask<S: Source, O: Observer>(
        &mut self,
        at: usize,
        delivery: &Delivery<'_>,
        source: &mut S,
        observer: &mut O,
    ) -> Result<Reply, NodeError> {
        let seat = &mut self.seats[at];
        let (session, asked) = (seat.session, self.engine.seq());
        if seat.state != HostState::Running {
            return Ok(Reply::default());
        }
        if seat.hung_at.is_some_and(|seq| seq <= asked) {
            self.relive(session, source, observer)?;
            return Ok(Reply::default());
        }
        let Some(mut host) = seat.host.take() else { return Ok(Reply::default()) };
        let mut commands = core::mem::take(&mut seat.commands);
        let reply = match &mut host {
            Host::Local(strategy, desk, guard) => {
                // Nobody waits for a strategy on this thread, so it is timed now and then only.
                if asked.is_multiple_of(LOCAL_TIMED) {
                    observer.asking(session);
                }
                let fault = noted(guard.as_ref(), asked, || call(strategy.as_mut(), desk, delivery)).err();
                commands.extend(desk.take_commands());
                Reply { commands, fault }
            }
            Host::Remote(courier) => {
                observer.asking(session);
                courier.send(delivery);
                loop {
                    if let Some(reply) = courier.poll() {
                        break reply;
                    }
                    if observer.gives_up(session) {
                        courier.abandon();
                        self.apply(self.engine.time(), asked, hung(session), source, observer)?;
                        break Reply::default();
                    }
                    while let Some(body) = observer.operator() {
                        self.apply(self.engine.time(), u64::from(session.0), body, source, observer)?;
                    }
                    observer.waiting(&self.engine);
                }
            }
        };
        observer.answered();
        self.seats[at].host = Some(host);
        self.relive(session, source, observer)?;
        Ok(reply)
    }

    /// Applies what a recorded run's operator and watchdog said while it waited for this strategy: before anything is
    /// delivered to the next one, as it was then.
    #[inline]
    fn relive<S: Source, O: Observer>(
        &mut self,
        session: SessionId,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        while source.during() == Some(session) {
            let Next::Numbered(seq, time) = source.peek(&Market(&self.engine)) else { return Ok(()) };
            if seq != self.engine.seq() + 1 {
                return Ok(());
            }
            let cause = source.cause();
            let body = source.take(&Market(&self.engine)).map_err(NodeError::Source)?;
            self.apply(time, cause, body, source, observer)?;
        }
        Ok(())
    }

    /// Sends a strategy's commands on their way, and stops it if it could not go on.
    #[inline]
    pub(crate) fn take_reply<S: Source, O: Observer>(
        &mut self,
        at: usize,
        cause: Cause,
        reply: Reply,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        let Reply { mut commands, mut fault } = reply;
        if commands.len() > self.inflight.room(at) {
            commands.clear();
            let message = format!("it has more than {COMMANDS_MAX} commands on their way at once");
            fault.get_or_insert(StrategyFault { message });
        }
        for body in commands.drain(..) {
            self.inflight.send(at, cause.time, cause.seq, body);
        }
        // The buffer goes back, so that sending allocates nothing.
        self.seats[at].commands = commands;
        match fault {
            None => Ok(()),
            Some(fault) => self.fault(at, cause.seq, fault, source, observer),
        }
    }

    #[cold]
    pub(crate) fn fault<S: Source, O: Observer>(
        &mut self,
        at: usize,
        cause: u64,
        fault: StrategyFault,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        let session = self.seats[at].session;
        self.stand(at, HostState::Faulted(Fault::Raised, fault.message), observer);
        self.inflight.drop_of(at);
        self.apply(self.engine.time(), cause, Body::Stop { session, fault: Fault::Raised }, source, observer)
    }
}
