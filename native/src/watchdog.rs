//! Watches callbacks on the thread that runs a node: one that hangs is ended, an interrupt reaches who runs it.

use core::ffi::c_ulong;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use omni_node::Signals;
use omni_port::StrategyFault;
use pyo3::exceptions::{PyException, PyKeyboardInterrupt, PySystemExit};
use pyo3::prelude::*;

use crate::{fault, thread};

/// How often it looks, within these bounds: a twentieth of its patience.
const TICK: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(250));
/// How long a signal that was sent may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(1);

/// Where a callback hung, and what it was sent.
struct Hang {
    place: String,
    signalled: bool,
}

/// Watches the callbacks on one thread of Python.
///
/// Counting costs a callback two plain stores. Both happen under Python's lock, so whoever has the lock and sees an
/// odd count knows that this callback runs and can't end meanwhile.
pub(crate) struct Watchdog {
    /// Twice the callbacks so far, and one more while one runs.
    calls: AtomicU64,
    bitten: AtomicBool,
    hang: Mutex<Option<Hang>>,
    patience: Duration,
    /// Whether the exit that a callback asks for ends the run: a run that is told again goes on, as it did then.
    exits: bool,
    /// Python's number of the thread.
    thread: c_ulong,
    signals: Arc<Signals>,
    interrupt: Mutex<Option<PyErr>>,
    closed: Mutex<bool>,
    closing: Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watchdog {
    /// Prepares to watch this thread; a callback may take as long as `patience`, and end the run where it `exits`.
    pub(crate) fn new(py: Python<'_>, patience: Duration, exits: bool, signals: Arc<Signals>) -> PyResult<Arc<Self>> {
        Ok(Arc::new(Self {
            calls: AtomicU64::new(0),
            bitten: AtomicBool::new(false),
            hang: Mutex::default(),
            patience,
            exits,
            thread: thread::number(py)?,
            signals,
            interrupt: Mutex::default(),
            closed: Mutex::default(),
            closing: Condvar::new(),
        }))
    }

    /// Starts the thread that looks after the callbacks.
    pub(crate) fn start(self: &Arc<Self>) -> Guard {
        let watchdog = Arc::clone(self);
        Guard { watchdog: Arc::clone(self), thread: Some(spawn(move || watchdog.guard())) }
    }

    /// Runs a callback; a fault says why the strategy can't go on.
    #[inline]
    pub(crate) fn watch(&self, py: Python<'_>, body: impl FnOnce() -> PyResult<()>) -> Result<(), StrategyFault> {
        self.count();
        let result = body();
        self.count();
        match result {
            Ok(()) if !self.bitten.load(Ordering::Relaxed) => Ok(()),
            result => self.judge(py, result),
        }
    }

    /// Lets signal handlers run; returns whether to go on.
    pub(crate) fn breathe(&self, py: Python<'_>) -> bool {
        py.detach(|| ());
        py.check_signals().map_err(|error| self.end_run(error)).is_ok()
    }

    /// Returns what ended the run: an interrupt, or an exit that a callback asked for.
    pub(crate) fn interrupt(&self) -> Option<PyErr> {
        lock(&self.interrupt).take()
    }

    #[inline]
    fn count(&self) {
        self.calls.store(self.calls.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    #[cold]
    fn judge(&self, py: Python<'_>, result: PyResult<()>) -> Result<(), StrategyFault> {
        let ends = result.as_ref().is_err_and(|error| self.ends_run(py, error));
        if let Some(hang) = self.bitten.swap(false, Ordering::Relaxed).then(|| lock(&self.hang).take()).flatten() {
            self.calm(py, hang.signalled && !ends);
            let message = format!("it did not come back within {} ms{}", self.patience.as_millis(), hang.place);
            return Err(StrategyFault { message });
        }
        result.map_err(|error| {
            let told = fault::of(py, &error);
            if ends {
                self.end_run(error);
            }
            told
        })
    }

    /// Returns whether an error means the run, not the strategy.
    fn ends_run(&self, py: Python<'_>, error: &PyErr) -> bool {
        let leaves = error.is_instance_of::<PySystemExit>(py) && !self.exits;
        !error.is_instance_of::<PyException>(py) && !leaves
    }

    /// Keeps the first thing that ends the run, for whoever runs it.
    fn end_run(&self, error: PyErr) {
        lock(&self.interrupt).get_or_insert(error);
        self.signals.stop.store(true, Ordering::Relaxed);
    }

    /// Takes back what a callback was sent that came to its end first; a signal that comes is waited for.
    fn calm(&self, py: Python<'_>, comes: bool) {
        thread::raise_in(self.thread, None);
        let sent = Instant::now();
        while comes && py.check_signals().is_ok() && sent.elapsed() < ARRIVAL {
            py.detach(|| sleep(TICK.0));
        }
    }

    fn guard(&self) {
        let tick = (self.patience / 20).clamp(TICK.0, TICK.1);
        let (mut seen, mut since, mut bites) = (0, Instant::now(), 0);
        while !self.closes_within(tick) {
            let calls = self.calls.load(Ordering::Relaxed);
            if calls != seen || calls.is_multiple_of(2) {
                (seen, since, bites) = (calls, Instant::now(), 0);
                continue;
            }
            // CPython forgets a signal that comes just as it reckons what is pending (before 3.13), and a loop that never
            // waits doesn't reckon again: whoever asks for the lock makes it.
            Python::attach(|_| ());
            if since.elapsed() > self.patience {
                bites += 1;
                self.bite(seen, bites);
                since = Instant::now();
            }
        }
    }

    fn closes_within(&self, tick: Duration) -> bool {
        let closed = lock(&self.closed);
        let waited = self.closing.wait_timeout_while(closed, tick, |closed| !*closed);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Ends the callback that runs, if it is still this one; harder each time.
    fn bite(&self, seen: u64, bites: u32) {
        Python::attach(|py| {
            let signal = self.signal(py).ok().flatten();
            // From here on nothing of Python's runs that would let the callback go on.
            if self.calls.load(Ordering::Relaxed) != seen {
                return;
            }
            let place = fault::place_in(py, self.thread).unwrap_or_default();
            let signalled = signal.is_some_and(|(kill, number)| kill.call1((self.thread, number)).is_ok());
            *lock(&self.hang) = Some(Hang { place, signalled });
            self.bitten.store(true, Ordering::Relaxed);
            // A loop that catches everything catches the signal: a second exception meets it outside of its `try`.
            if !signalled || bites > 1 {
                thread::raise_in(self.thread, Some(&py.get_type::<PyKeyboardInterrupt>()));
            }
        });
    }

    /// Returns how to send the thread an interrupt, which also ends a system call that waits: the main one hears it,
    /// where it has Python's own handler.
    fn signal<'py>(&self, py: Python<'py>) -> PyResult<Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
        let signal = py.import("signal")?;
        let main = py.import("threading")?.call_method0("main_thread")?.getattr("ident")?;
        let interrupt = signal.getattr("SIGINT")?;
        let handler = signal.call_method1("getsignal", (&interrupt,))?;
        let heard = main.extract::<c_ulong>()? == self.thread && handler.is(&signal.getattr("default_int_handler")?);
        Ok(if heard { Some((signal.getattr("pthread_kill")?, interrupt)) } else { None })
    }
}

/// The thread that looks; it ends with this.
pub(crate) struct Guard {
    watchdog: Arc<Watchdog>,
    thread: Option<JoinHandle<()>>,
}

impl Guard {
    /// Ends it and waits for its end.
    pub(crate) fn end(mut self, py: Python<'_>) {
        self.close();
        if let Some(thread) = self.thread.take() {
            // Without Python's lock, which it may wait for. A panic of its own has been told by the panic hook.
            let _told = py.detach(|| thread.join());
        }
    }

    fn close(&self) {
        *lock(&self.watchdog.closed) = true;
        self.watchdog.closing.notify_all();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.close();
    }
}
