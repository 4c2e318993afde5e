//! The thread that Python strategies run on in a node.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::spawn;

use omni_node::{Crossing, CrossingCourier, Current, Host, Reply, call};
use omni_port::Desk;
use pyo3::exceptions::PySystemExit;
use pyo3::prelude::*;

use crate::strategy::PyStrategy;
use crate::thread;

/// A strategy and its desk; locked while it is called.
pub(crate) type Seat = Arc<Mutex<(PyStrategy, Desk)>>;

/// The strategies of a node, and the thread that serves them now.
struct Stage {
    seats: Vec<Seat>,
    current: Current,
    /// Python's number of the serving thread.
    thread: Mutex<Option<core::ffi::c_ulong>>,
}

/// Puts every strategy behind a courier and starts the thread that serves them.
pub(crate) fn stage(seats: Vec<(PyStrategy, Desk)>) -> Vec<Host> {
    if seats.is_empty() {
        // A thread that nobody waits for could meet the end of the interpreter.
        return Vec::new();
    }
    let seats: Vec<Seat> = seats.into_iter().map(|seat| Arc::new(Mutex::new(seat))).collect();
    let count = seats.len();
    let current: Current = Arc::default();
    let stage = Arc::new(Stage { seats, current: Arc::clone(&current), thread: Mutex::default() });
    serve(&stage);
    let replace: Arc<dyn Fn(usize) + Send + Sync> = Arc::new(move |_hung| replace(&stage));
    let courier = |at| Host::Remote(Box::new(CrossingCourier::new(at, Arc::clone(&current), Arc::clone(&replace))));
    (0..count).map(courier).collect()
}

/// Starts a thread on the current crossing.
fn serve(stage: &Arc<Stage>) {
    let crossing = Arc::clone(&stage.current.lock().unwrap_or_else(PoisonError::into_inner));
    let stage = Arc::clone(stage);
    spawn(move || {
        let number = Python::attach(thread::number);
        *stage.thread.lock().unwrap_or_else(PoisonError::into_inner) = number.ok();
        while let Some(parcel) = crossing.receive() {
            let mut seat = stage.seats[parcel.strategy].lock().unwrap_or_else(PoisonError::into_inner);
            let (strategy, desk) = &mut *seat;
            let fault = call(strategy, desk, &parcel.delivery()).err();
            let commands = desk.take_commands().collect();
            drop(seat);
            crossing.answer(parcel, Reply { commands, fault });
        }
    });
}

/// Gives the other strategies a new thread, and asks Python to end the old one at its next instruction.
fn replace(stage: &Arc<Stage>) {
    let hung = stage.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
    *stage.current.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(Crossing::default());
    serve(stage);
    if let Some(number) = hung {
        // On a thread of its own: what hangs may hold Python's lock, and the engine must go on.
        spawn(move || Python::attach(|py| thread::raise_in(number, Some(&py.get_type::<PySystemExit>()))));
    }
}
