//! Timers of strategies, due in the order of deadline and of being set.

use omni_types::{
    Digest, Refusal, SessionId, SetTimer, SnapshotError, SnapshotReader, SnapshotWriter, Time, TimerFired, TimerId,
};

/// A timer that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Waiting {
    fired: TimerFired,
    /// Order of being set, for equal deadlines.
    order: u64,
}

impl Waiting {
    const fn key(&self) -> (Time, u64) {
        (self.fired.time, self.order)
    }
}

/// At most `capacity` timers, the next one last.
#[derive(Clone, Debug)]
pub(crate) struct Timers {
    waiting: Vec<Waiting>,
    capacity: usize,
    set: u64,
}

impl Timers {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { waiting: Vec::with_capacity(capacity), capacity, set: 0 }
    }

    /// Sets a timer, for `now` where its time has passed; the same session's timer of that number moves.
    pub(crate) fn set(&mut self, timer: &SetTimer, now: Time) -> Result<(), Refusal> {
        let same = |w: &Waiting| w.fired.session == timer.session && w.fired.timer == timer.timer;
        if let Some(at) = self.waiting.iter().position(same) {
            self.waiting.remove(at);
        }
        if self.waiting.len() == self.capacity {
            return Err(Refusal::TimerCapacity);
        }
        self.set += 1;
        let fired = TimerFired { time: timer.at.max(now), session: timer.session, timer: timer.timer };
        let new = Waiting { fired, order: self.set };
        let at = self.waiting.partition_point(|w| w.key() > new.key());
        self.waiting.insert(at, new);
        Ok(())
    }

    pub(crate) fn next(&self) -> Option<Time> {
        self.waiting.last().map(|w| w.fired.time)
    }

    pub(crate) fn pop(&mut self) -> Option<TimerFired> {
        self.waiting.pop().map(|w| w.fired)
    }

    pub(crate) fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(self.set);
        writer.word(self.waiting.len() as u64);
        for Waiting { fired, order } in &self.waiting {
            writer.signed(fired.time.0);
            [*order, fired.session.0.into(), fired.timer.0.into()].into_iter().for_each(|number| writer.word(number));
        }
    }

    /// Reads the timers back into these, which are empty.
    pub(crate) fn decode(&mut self, reader: &mut SnapshotReader<'_>) -> Result<(), SnapshotError> {
        self.set = reader.below(1 << 63, "a number with others above it")?;
        for _ in 0..reader.count(self.capacity, "no more timers than the capacity")? {
            let time = Time(reader.signed()?);
            let order = reader.below(self.set + 1, "a timer that was set")?;
            let session = SessionId(reader.below(1 << 16, "a session")? as u16);
            let waiting = Waiting { fired: TimerFired { time, session, timer: TimerId(reader.half()?) }, order };
            if self.waiting.last().is_some_and(|last| last.key() <= waiting.key()) {
                return Err(reader.error("timers from the last to the next"));
            }
            self.waiting.push(waiting);
        }
        Ok(())
    }

    pub(crate) fn digest(&self, digest: &mut Digest) {
        digest.pair(self.waiting.len() as u64, self.set);
        for w in &self.waiting {
            digest.pair(w.fired.time.0 as u64, w.order);
            digest.pair(u64::from(w.fired.session.0), u64::from(w.fired.timer.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fire_in_order_and_move() {
        let mut timers = Timers::new(2);
        let timer = |n, at| SetTimer { session: SessionId(1), timer: TimerId(n), at: Time(at) };
        assert_eq!(timers.set(&timer(1, 50), Time(20)), Ok(()));
        assert_eq!(timers.set(&timer(2, 40), Time(20)), Ok(()));
        assert_eq!(timers.set(&timer(3, 40), Time(20)), Err(Refusal::TimerCapacity));
        assert_eq!(timers.set(&timer(1, 10), Time(20)), Ok(()));
        assert_eq!(timers.next(), Some(Time(20)));
        assert_eq!(timers.pop().map(|t| t.timer.0), Some(1));
        assert_eq!(timers.pop().map(|t| t.timer.0), Some(2));
        assert_eq!(timers.pop(), None);
    }
}
