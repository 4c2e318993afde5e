//! In wall-clock time a batch closes by the clock, and nothing that was gathered is lost.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

#[path = "support/remote.rs"]
mod remote;
mod support;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use omni_matching::Exchange;
use omni_node::{HostState, Lockstep, Next, Observer, Pulse, Source, Tops, WallClock};
use omni_port::{Desk, Strategy, StrategyFault};
use omni_types::{Body, Event, Input, SessionId, Time};
use remote::remote_host;
use support::{Seating, day, day_of};

const BATCH_NS: i64 = Time::SECOND;
const STEP_NS: i64 = Time::SECOND / 100;

/// A delivery: whose, and how many events.
type Calls = Arc<Mutex<Vec<(u16, usize)>>>;
/// Where answers wait until the test lets one through.
type Gate = Arc<Mutex<Receiver<()>>>;

/// Notes each delivery; answers when it may, where somebody holds its gate.
struct Listener {
    calls: Calls,
    gate: Option<Gate>,
}

impl Strategy for Listener {
    fn on_events(&mut self, events: &[Event], desk: &mut Desk) -> Result<(), StrategyFault> {
        events.iter().for_each(|event| desk.observe(event));
        self.calls.lock().unwrap().push((desk.session().0, events.len()));
        if let Some(gate) = &self.gate {
            let _gone = gate.lock().unwrap().recv();
        }
        Ok(())
    }
}

/// Strategies on threads of their own, and the gate that each of their answers waits for.
fn gated<const COUNT: usize>(calls: &Calls) -> ([Seating; COUNT], Sender<()>) {
    let (open, gate) = channel();
    let gate = Arc::new(Mutex::new(gate));
    let seating = |_| -> Seating {
        let listener = Listener { calls: Arc::clone(calls), gate: Some(Arc::clone(&gate)) };
        Box::new(|desk| remote_host(listener, desk))
    };
    (std::array::from_fn(seating), open)
}

/// Lets so many inputs through; then nothing comes any more, or the source ends.
struct First<S> {
    inner: S,
    left: usize,
    ends: bool,
}

impl<S: Source> Source for First<S> {
    fn peek(&mut self, tops: &dyn Tops) -> Next {
        match self.left {
            0 if self.ends => Next::Done,
            0 => Next::At(Time(i64::MAX)),
            _ => self.inner.peek(tops),
        }
    }

    fn take(&mut self, tops: &dyn Tops) -> Result<Body, String> {
        self.left -= 1;
        self.inner.take(tops)
    }

    fn on_event(&mut self, event: &Event) {
        self.inner.on_event(event);
    }
}

/// Counts the market's events and knows whether a strategy is being asked.
#[derive(Default)]
struct Witness {
    events: usize,
    asked: bool,
}

impl Observer for Witness {
    fn input(&mut self, _input: &Input) -> Result<(), String> {
        Ok(())
    }

    fn event(&mut self, _seq: u64, event: &Event) {
        let market = matches!(
            event,
            Event::Quote(_) | Event::Trade(_) | Event::Bar(_) | Event::Status(_) | Event::Indicative(_)
        );
        self.events += usize::from(market);
    }

    fn asking(&mut self, _session: SessionId) {
        self.asked = true;
    }

    fn answered(&mut self) {
        self.asked = false;
    }
}

/// A run whose clock the test turns.
struct Clock<S> {
    lockstep: Lockstep<Exchange>,
    source: First<S>,
    witness: Witness,
    wall: WallClock,
    now: Time,
}

impl<S: Source> Clock<S> {
    fn new((lockstep, inner): (Lockstep<Exchange>, S), inputs: usize, ends: bool) -> Self {
        let now = lockstep.engine().time();
        let source = First { inner, left: inputs, ends };
        Self { lockstep, source, witness: Witness::default(), wall: WallClock::default(), now }
    }

    fn pulse(&mut self) -> Pulse {
        self.wall.step(&mut self.lockstep, self.now, &mut self.source, &mut self.witness).unwrap()
    }

    /// Turns the clock until all inputs have come.
    fn take_all(&mut self) {
        while self.source.left > 0 {
            if matches!(self.pulse(), Pulse::Idle(_)) {
                self.now = self.now.plus(STEP_NS);
            }
        }
    }

    /// Turns the clock by so much.
    fn pass(&mut self, ns: i64) {
        let until = self.now.plus(ns);
        while self.now < until {
            self.now = until.min(self.now.plus(STEP_NS));
            while self.pulse() == Pulse::Worked {}
        }
    }

    /// Lets one answer through and waits for it, with the clock at rest.
    fn answer(&mut self, gate: &Sender<()>) {
        gate.send(()).unwrap();
        while self.witness.asked {
            self.wall.settle(&mut self.lockstep, &mut self.source, &mut self.witness).unwrap();
        }
    }
}

fn total(calls: &Calls) -> usize {
    calls.lock().unwrap().iter().map(|(_, events)| events).sum()
}

#[test]
fn the_clock_closes_a_batch_that_nothing_follows() {
    let calls = Calls::default();
    let listener = Listener { calls: Arc::clone(&calls), gate: None };
    let mut clock = Clock::new(day(listener, BATCH_NS, 1).unwrap(), 400, false);
    clock.take_all();
    // The last input's batch ends with its second.
    let edge = Time((clock.lockstep.engine().time().0.div_euclid(BATCH_NS) + 1) * BATCH_NS);
    clock.pass(edge.0 - 1 - clock.now.0);
    let batches = calls.lock().unwrap().len();
    assert!(batches > 5, "{batches} batches while inputs came");
    assert!(total(&calls) < clock.witness.events, "the last batch is open");
    clock.pass(1);
    assert_eq!(calls.lock().unwrap().len(), batches + 1, "its edge closes it");
    assert_eq!(total(&calls), clock.witness.events);
    clock.pass(3 * BATCH_NS);
    assert_eq!(calls.lock().unwrap().len(), batches + 1, "an empty batch is none");
}

#[test]
fn batches_that_close_while_it_is_busy_come_together_with_nothing_lost() {
    let calls = Calls::default();
    let (seatings, gate) = gated::<1>(&calls);
    let mut clock = Clock::new(day_of(seatings.into(), BATCH_NS, 1).unwrap(), 400, false);
    clock.take_all();
    clock.pass(2 * BATCH_NS);
    assert!(clock.witness.asked, "the first batch is with it, those behind wait");
    clock.answer(&gate);
    clock.pass(1);
    clock.answer(&gate);
    clock.pass(2 * BATCH_NS);
    let counts: Vec<_> = calls.lock().unwrap().iter().map(|(_, events)| *events).collect();
    assert_eq!(counts.len(), 2, "{counts:?}");
    assert!(counts[1] > counts[0], "{counts:?}");
    assert_eq!(total(&calls), clock.witness.events);
    assert_eq!(clock.lockstep.state(SessionId(1)), Some(&HostState::Running));
}

#[test]
fn the_end_of_the_source_closes_the_last_batch_and_waits_for_it() {
    for batch_ns in [0, BATCH_NS, 1_000 * BATCH_NS] {
        let calls = Calls::default();
        let (seatings, gate) = gated::<1>(&calls);
        let mut clock = Clock::new(day_of(seatings.into(), batch_ns, 1).unwrap(), 200, true);
        clock.take_all();
        assert!(matches!(clock.pulse(), Pulse::Idle(_)), "it has not answered");
        drop(gate);
        while clock.pulse() != Pulse::Done {
            std::thread::yield_now();
        }
        assert_eq!(total(&calls), clock.witness.events, "batches of {batch_ns} ns");
    }
}

#[test]
fn one_that_always_has_something_waiting_lets_the_others_in() {
    let calls = Calls::default();
    let (seatings, gate) = gated::<2>(&calls);
    let mut clock = Clock::new(day_of(seatings.into(), 0, 1).unwrap(), 400, false);
    for _ in 0..20 {
        // Both get something while one is asked.
        let seen = clock.witness.events;
        while clock.witness.events < seen + 5 || !clock.witness.asked {
            clock.pass(STEP_NS);
        }
        clock.answer(&gate);
    }
    let asked: Vec<_> = calls.lock().unwrap().iter().map(|(session, _)| *session).collect();
    assert_eq!(asked, [1, 2].repeat(10));
}
