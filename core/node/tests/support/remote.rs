//! A strategy on a thread of its own.
#![allow(clippy::unwrap_used, reason = "a test's helpers are tests")]

use std::sync::Arc;

use omni_node::{Crossing, CrossingCourier, Current, Host, Reply, call};
use omni_port::{Desk, Strategy};

/// Runs a strategy that doesn't hang behind a courier.
pub fn remote_host(mut strategy: impl Strategy + 'static, mut desk: Desk) -> Host {
    let current = Current::default();
    let crossing: Arc<Crossing> = Arc::clone(&current.lock().unwrap());
    std::thread::spawn(move || {
        while let Some(parcel) = crossing.receive() {
            let fault = call(&mut strategy, &mut desk, &parcel.delivery()).err();
            let commands = desk.take_commands().collect();
            crossing.answer(parcel, Reply { commands, fault });
        }
    });
    Host::Remote(Box::new(CrossingCourier::new(0, current, Arc::new(|_| panic!("it doesn't hang")))))
}
