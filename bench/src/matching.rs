//! The exchange on the common workload: gate off, client ids hashed, every report drained and hashed.

use std::hint::black_box;
use std::time::Instant;

use omni_matching::Exchange;
use omni_port::{Sink, Stage, Venue};
use omni_types::{Body, Time};

use crate::distribution::Samples;
use crate::figure::{Failure, Figure, Figures, Spread};
use crate::market::{Drain, body, open_exchange, sender, verify};
use crate::reference::Reference;
use crate::timing::best;
use crate::workload::{Message, Operation, W1, Workload};

/// How often a workload is run; the best counts.
const fn rounds(workload: &Workload) -> usize {
    if workload.messages > 2_000_000 { 3 } else { 7 }
}

/// Measures the mean time of a message, sent singly and in batches, and the floor under both.
pub(crate) fn measure(workload: &Workload) -> Figures {
    let messages = workload.generate();
    let per_message = |took: f64| took / messages.len() as f64;
    let singly = exchange(workload, |exchange, drain| send_all(exchange, &messages, drain))?;
    let batched = exchange(workload, |exchange, drain| batches(exchange, &messages, drain))?;
    let floor = best(
        rounds(workload),
        || Ok(Reference::new(workload)),
        |reference| {
            messages.iter().for_each(|message| reference.apply(message, |_| ()));
            verify(workload, black_box(reference.trades), reference.volume)
        },
    )?;
    let name = |what: &str| format!("match.{}.{what}_ns", workload.name);
    Ok(vec![
        Figure::new(name("mean"), per_message(singly)),
        Figure::new(name("batched"), per_message(batched)),
        Figure::new(format!("floor.{}", name("mean")), per_message(floor)),
    ])
}

fn exchange(workload: &Workload, run: impl Fn(&mut Exchange, &mut Drain)) -> Result<f64, Failure> {
    best(
        rounds(workload),
        || Ok((open_exchange(workload)?, Drain::default())),
        |(exchange, drain)| {
            run(exchange, drain);
            black_box(drain.digest);
            drain.verify(workload)
        },
    )
}

/// Sends messages one by one.
#[inline]
pub(crate) fn send_all(exchange: &mut Exchange, messages: &[Message], drain: &mut Drain) {
    messages.iter().zip(0..).for_each(|(message, at)| send(exchange, message, Time(at), drain));
}

#[inline]
fn send<S: Sink>(exchange: &mut Exchange, message: &Message, time: Time, sink: &mut S) {
    let (session, account) = sender(message);
    match message.operation {
        Operation::Cancel => exchange.cancel(&message.cancel(session), time, sink),
        _ => exchange.submit(&message.order(session, account), time, sink),
    }
}

/// How many messages a batch holds, as a gateway's buffer does.
const BATCH: usize = 256;
/// How many messages ahead each stage of the look-ahead is.
const AHEAD: [(Stage, usize); 3] = [(Stage::Index, 12), (Stage::Order, 8), (Stage::Level, 4)];

/// Sends messages batch by batch, each command's memory asked for while those before it are worked on.
pub(crate) fn batches(exchange: &mut Exchange, messages: &[Message], drain: &mut Drain) {
    let (mut batch, mut time) = (Vec::with_capacity(BATCH), 0);
    for chunk in messages.chunks(BATCH) {
        batch.clear();
        batch.extend(chunk.iter().map(body));
        for (at, command) in batch.iter().enumerate() {
            for (stage, ahead) in AHEAD {
                if let Some(later) = batch.get(at + ahead) {
                    exchange.prefetch(later, stage);
                }
            }
            match command {
                Body::New(order) => exchange.submit(order, Time(time), drain),
                Body::Cancel(cancel) => exchange.cancel(cancel, Time(time), drain),
                _ => {}
            }
            time += 1;
        }
    }
}

/// Measures single operations on one book.
pub(crate) fn single() -> Spread {
    let messages = W1.generate();
    let (mut exchange, mut drain) = (open_exchange(&W1)?, Drain::default());
    let mut samples = [(); 3].map(|()| Samples::with_capacity(messages.len()));
    for (message, at) in messages.iter().zip(0..) {
        let start = Instant::now();
        send(&mut exchange, message, Time(at), &mut drain);
        samples[message.operation as usize].since(start);
    }
    drain.verify(&W1)?;
    let named = ["add", "cancel", "market"].into_iter().zip(samples);
    named.map(|(name, samples)| samples.distribution(&format!("match.w1.{name}"))).collect()
}

/// Returns the exchange at the end of a workload.
pub(crate) fn played(workload: &Workload) -> Result<Exchange, Failure> {
    let (mut exchange, mut drain) = (open_exchange(workload)?, Drain::default());
    send_all(&mut exchange, &workload.generate(), &mut drain);
    drain.verify(workload)?;
    Ok(exchange)
}
