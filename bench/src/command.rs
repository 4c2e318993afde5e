//! The workload as commands to the whole engine: through the gate with every check on, over a thousand accounts.

use std::hint::black_box;

use omni_engine::Engine;
use omni_matching::Exchange;
use omni_risk::Gate;
use omni_types::{Input, Time};

use crate::figure::{Failure, Figure, Figures};
use crate::market::{ACCOUNTS, Drain, body, exchange, set_up};
use crate::timing::best;
use crate::workload::{Message, Workload};

const ROUNDS: usize = 5;

/// Measures the mean time of a command.
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
    Ok(vec![Figure::new(format!("command.{}.mean_ns", workload.name), took / messages.len() as f64)])
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
