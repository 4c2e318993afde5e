//! The loop of wall-clock time: it never waits for a strategy.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use omni_port::{StrategyFault, Venue};
use omni_types::{Body, Time};

use crate::host::{Delivery, Host, HostState};
use crate::lockstep::{Cause, Lockstep, Market, NodeError, Observer, Turn, hung, view};
use crate::routes::HOSTS_MAX;
use crate::source::Source;

/// An engine without other inputs gets a clock input this often.
const IDLE_NS: i64 = Time::SECOND;
/// Longest sleep where nothing is due.
const NAP: Duration = Duration::from_millis(1);
/// Most events that wait for a strategy that is behind.
const BEHIND_MAX: usize = 1 << 16;

/// A delivery that a strategy has not answered yet.
struct Asked {
    seat: usize,
    cause: Cause,
}

/// What a step of the wall clock's loop did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pulse {
    /// Something; go on at once.
    Worked,
    /// Nothing is due; sleep so long.
    Idle(Duration),
    /// The source has ended.
    Done,
}

/// The loop of wall-clock time around the same engine and strategies.
///
/// Inputs are stamped with the time at which they are taken, never before the one before; a strategy is sent what has
/// gathered when it has answered the last delivery, and its commands take effect when they arrive. So a run can't be
/// made again from its source, but its journal makes it again exactly.
#[derive(Default)]
pub struct WallClock {
    asked: Option<Asked>,
    /// The seat behind the one asked last: it comes first, so that a busy one can't keep the rest from being asked.
    first: usize,
}

/// Returns the wall clock's time.
#[must_use]
pub fn wall_time() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

impl WallClock {
    /// Does what is due at `now`: at most one input, and whatever strategies have answered.
    ///
    /// # Errors
    /// As [`Lockstep::step`].
    pub fn step<V: Venue, S: Source, O: Observer>(
        &mut self,
        inner: &mut Lockstep<V>,
        now: Time,
        source: &mut S,
        observer: &mut O,
    ) -> Result<Pulse, NodeError> {
        while let Some(body) = observer.operator() {
            inner.apply(now, 0, body, source, observer)?;
        }
        self.hear(inner, now, source, observer)?;
        if inner.batching {
            // The clock closes a batch, whether anything comes behind it or not; the end closes all.
            let ended = inner.turn(source).is_none();
            inner.close_batches(if ended { Time(i64::MAX) } else { now });
        }
        self.deliver(inner, now, source, observer)?;
        let Some(turn) = inner.turn(source) else { return Ok(self.last(inner)) };
        let due = inner.time_of(Some(&turn));
        if due > now {
            let edge = inner.seats.iter().filter_map(|seat| seat.edge).min();
            return Self::rest(inner, now, edge.map_or(due, |edge| due.min(edge)), source, observer);
        }
        match turn {
            Turn::Deadline(_) => inner.apply(now, 0, Body::Clock, source, observer)?,
            Turn::Source(_) => {
                let body = source.take(&Market(&inner.engine)).map_err(NodeError::Source)?;
                inner.apply(now, 0, body, source, observer)?;
            }
            Turn::Command => {
                if let Some(command) = inner.inflight.pop() {
                    inner.apply(now, command.cause, command.body, source, observer)?;
                }
            }
        }
        Ok(Pulse::Worked)
    }

    /// At the end of the source, waits until each strategy has had all that was gathered for it.
    const fn last<V>(&self, inner: &Lockstep<V>) -> Pulse {
        if inner.dirty == 0 && self.asked.is_none() { Pulse::Done } else { Pulse::Idle(NAP) }
    }

    /// Waits for the strategy that is still being asked, for as long as the watchdog lets it.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn settle<V: Venue, S: Source, O: Observer>(
        &mut self,
        inner: &mut Lockstep<V>,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        while self.asked.is_some() {
            self.hear(inner, wall_time(), source, observer)?;
            std::thread::sleep(NAP);
        }
        Ok(())
    }

    fn rest<V: Venue, S: Source, O: Observer>(
        inner: &mut Lockstep<V>,
        now: Time,
        due: Time,
        source: &mut S,
        observer: &mut O,
    ) -> Result<Pulse, NodeError> {
        if now.0 - inner.engine.time().0 >= IDLE_NS {
            inner.apply(now, 0, Body::Clock, source, observer)?;
            return Ok(Pulse::Worked);
        }
        Ok(Pulse::Idle(Duration::from_nanos((due.0 - now.0) as u64).min(NAP)))
    }

    /// Takes the answer of the strategy asked last, if it is there, or gives it up after too long.
    fn hear<V: Venue, S: Source, O: Observer>(
        &mut self,
        inner: &mut Lockstep<V>,
        now: Time,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        let Some(Asked { seat, cause }) = &self.asked else { return Ok(()) };
        let (seat, cause) = (*seat, Cause { time: now, ..*cause });
        let session = inner.seats[seat].session;
        let Some(Host::Remote(courier)) = &mut inner.seats[seat].host else { return Ok(()) };
        if let Some(reply) = courier.try_poll() {
            self.asked = None;
            observer.answered();
            return inner.take_reply(seat, cause, reply, source, observer);
        }
        if observer.gives_up(session) {
            courier.abandon();
            self.asked = None;
            observer.answered();
            inner.apply(now, cause.seq, hung(session), source, observer)?;
        }
        Ok(())
    }

    /// Sends what has gathered: at once to strategies on this thread, to one of the others if none is being asked.
    fn deliver<V: Venue, S: Source, O: Observer>(
        &mut self,
        inner: &mut Lockstep<V>,
        now: Time,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        let first = self.first;
        let mut waiting = inner.dirty.rotate_right(first as u32);
        while waiting != 0 {
            let at = (waiting.trailing_zeros() as usize + first) % HOSTS_MAX;
            waiting &= waiting - 1;
            let seat = &inner.seats[at];
            let remote = matches!(seat.host, Some(Host::Remote(_)));
            let asks = remote && seat.state == HostState::Running;
            if asks && self.asked.is_some() {
                if seat.behind() > BEHIND_MAX {
                    Self::fall_behind(inner, at, now, source, observer)?;
                }
                continue;
            }
            inner.dirty &= !(1 << at);
            if asks {
                self.send(inner, at, now, observer);
            } else {
                inner.deliver_to(at, source, observer)?;
            }
        }
        Ok(())
    }

    fn send<V: Venue, O: Observer>(&mut self, inner: &mut Lockstep<V>, at: usize, now: Time, observer: &mut O) {
        let cause = Cause { seq: inner.engine.seq(), time: now };
        let seat = &mut inner.seats[at];
        let resumes = seat.hear();
        seat.views.clear();
        for instrument in seat.books.drain(..) {
            seat.views.push(view(&inner.engine, instrument));
        }
        observer.asking(seat.session);
        let events = seat.take_events();
        if let Some(Host::Remote(courier)) = &mut seat.host {
            courier.send(&match resumes {
                true => Delivery::Recover(inner.engine.time(), &events),
                false => Delivery::Events(&events, &seat.views),
            });
        }
        seat.give_back(events);
        self.first = (at + 1) % HOSTS_MAX;
        self.asked = Some(Asked { seat: at, cause });
    }

    fn fall_behind<V: Venue, S: Source, O: Observer>(
        inner: &mut Lockstep<V>,
        at: usize,
        now: Time,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        inner.seats[at].events.clear();
        let message = format!("it fell more than {BEHIND_MAX} events behind the market");
        let reply = crate::host::Reply { commands: Vec::new(), fault: Some(StrategyFault { message }) };
        let cause = Cause { seq: inner.engine.seq(), time: now };
        inner.take_reply(at, cause, reply, source, observer)
    }
}
