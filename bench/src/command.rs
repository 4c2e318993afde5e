//! The workload as commands to the whole engine: through the gate with every check on, over a thousand accounts; and
//! the floor under it.

use std::hint::black_box;

use omni_book::mix;
use omni_engine::Engine;
use omni_matching::Exchange;
use omni_risk::Gate;
use omni_types::{Input, Time};

use crate::figure::{Failure, Figure, Figures};
use crate::market::{ACCOUNTS, Drain, body, exchange, sender, set_up, verify};
use crate::reference::{Reference, Step};
use crate::slots::{Owner, Slots};
use crate::timing::best;
use crate::workload::{Message, Operation, Workload};

const ROUNDS: usize = 5;

/// Measures the mean time of a command, and of the least that it could be.
pub(crate) fn measure(workload: &Workload) -> Figures {
    let messages = workload.generate();
    let took = best(
        ROUNDS,
        || Ok((engine(workload)?, Drain::default())),
        |(engine, drain)| {
            apply_all(engine, &messages, drain)?;
            black_box(engine.digest());
            drain.verify(workload)
        },
    )?;
    let floor = best(
        ROUNDS,
        || Ok(Bare::new(workload)),
        |bare| {
            messages.iter().for_each(|message| bare.apply(message));
            bare.verify(workload)
        },
    )?;
    let (name, count) = (format!("command.{}.mean_ns", workload.name), messages.len() as f64);
    Ok(vec![Figure::new(format!("floor.{name}"), floor / count), Figure::new(name, took / count)])
}

/// The floor: the bare matcher, the counters of whose orders it matches, and a word of every message and step hashed.
struct Bare {
    matcher: Reference,
    slots: Slots,
    /// By the order's slot, with what is open of it.
    owners: Vec<(Owner, u32)>,
    hash: u64,
}

impl Bare {
    fn new(workload: &Workload) -> Self {
        Self {
            matcher: Reference::new(workload),
            slots: Slots::new(ACCOUNTS, workload.instruments),
            owners: Vec::with_capacity(workload.live * 2),
            hash: 0,
        }
    }

    #[inline]
    fn apply(&mut self, message: &Message) {
        let (Self { matcher, slots, owners, hash }, (_, account)) = (self, sender(message));
        let price = message.price.unsigned_abs();
        let sent = Owner { account: account.0, instrument: message.instrument.into(), side: message.side, price };
        let takes = message.operation == Operation::Market;
        let mut left = message.quantity;
        slots.message(account.0);
        *hash = mix(*hash, message.id);
        if takes {
            slots.open(sent, left.into());
        }
        matcher.apply(message, |step| match step {
            Step::Rested(slot) => {
                put(owners, slot, (sent, left));
                slots.open(sent, left.into());
                *hash = mix(*hash, slot.into());
            }
            Step::Traded(slot, quantity) => {
                let (maker, open) = &mut owners[slot as usize];
                *open -= quantity;
                left -= quantity;
                slots.fill(*maker, quantity.into());
                slots.fill(sent, quantity.into());
                *hash = mix(*hash, quantity.into());
            }
            Step::Ended(slot) => {
                let (owner, open) = owners[slot as usize];
                slots.done(owner, open.into());
                *hash = mix(*hash, slot.into());
            }
        });
        if takes {
            slots.done(sent, left.into());
        }
    }

    fn verify(&self, workload: &Workload) -> Result<(), Failure> {
        black_box(self.hash);
        verify(workload, self.matcher.trades, self.matcher.volume)?;
        match self.slots.sums() {
            (_, 0) => Ok(()),
            (_, held) => Err(Failure(format!("floor.command: all positions come to {held}, must be to 0"))),
        }
    }
}

#[inline]
fn put<T>(all: &mut Vec<T>, at: u32, value: T) {
    match all.get_mut(at as usize) {
        Some(old) => *old = value,
        None => all.push(value),
    }
}

/// Applies each message as an input of its own, a microsecond after the one before.
#[inline]
pub(crate) fn apply_all(engine: &mut Engine<Exchange>, messages: &[Message], drain: &mut Drain) -> Result<(), Failure> {
    for message in messages {
        let seq = engine.seq() + 1;
        let input = Input { seq, time: Time(seq as i64 * 1_000), cause: 0, body: body(message) };
        engine.apply(&input, drain).map_err(Failure::of)?;
    }
    Ok(())
}

/// Returns the engine with the workload's instruments listed and all accounts open.
pub(crate) fn engine(workload: &Workload) -> Result<Engine<Exchange>, Failure> {
    let instruments = workload.instruments as u32;
    let slots = (instruments * ACCOUNTS).min(1 << 20);
    let capacity = omni_risk::Capacity {
        instruments,
        accounts: ACCOUNTS,
        sessions: ACCOUNTS,
        slots,
        slots_expected: slots,
        currencies: 1,
    };
    let gate = Gate::new(capacity).map_err(Failure::of)?;
    let capacity = omni_engine::Capacity { instruments: workload.instruments, timers: 1, bar_ns: 0 };
    let mut engine = Engine::new(exchange(workload), gate, capacity);
    for (seq, body) in (1..).zip(set_up(instruments, ACCOUNTS)?) {
        let input = Input { seq, time: Time(seq as i64 * 1_000), cause: 0, body };
        engine.apply(&input, &mut Drain::default()).map_err(Failure::of)?;
    }
    Ok(engine)
}
