//! What the machine itself takes: its clock, and a datagram through the loopback.

use std::hint::black_box;
use std::net::UdpSocket;
use std::time::Instant;

use crate::distribution::Samples;
use crate::figure::{Failure, Spread};

const CLOCKS: usize = 200_000;
const DATAGRAMS: usize = 20_000;

/// Measures an empty timing, which every percentile includes, and one datagram sent and received by one thread, spinning.
pub(crate) fn measure() -> Spread {
    let mut clock = Samples::with_capacity(CLOCKS);
    (0..CLOCKS).for_each(|_| clock.since(black_box(Instant::now())));
    let datagrams = loopback().map_err(Failure::of)?;
    Ok(vec![clock.distribution("floor.timer")?, datagrams.distribution("floor.udp_loopback")?])
}

fn loopback() -> std::io::Result<Samples> {
    let (here, there) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
    here.connect(there.local_addr()?)?;
    there.set_nonblocking(true)?;
    let (bytes, mut into) = ([7_u8; 64], [0_u8; 64]);
    let mut samples = Samples::with_capacity(DATAGRAMS);
    for _ in 0..DATAGRAMS {
        let start = Instant::now();
        here.send(&bytes)?;
        while there.recv(&mut into).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock) {}
        samples.since(start);
        black_box(into);
    }
    Ok(samples)
}
