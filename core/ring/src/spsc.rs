//! A bounded ring from one thread to one other.

use core::mem::MaybeUninit;

use crate::Padded;

#[cfg(loom)]
use loom::{
    cell::UnsafeCell,
    sync::Arc,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};
#[cfg(not(loom))]
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// The standard cell with loom's two verbs, so that one text serves both.
#[cfg(not(loom))]
#[derive(Debug)]
struct UnsafeCell<T>(core::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    fn new(value: T) -> Self {
        Self(core::cell::UnsafeCell::new(value))
    }

    #[inline(always)]
    fn with<R>(&self, work: impl FnOnce(*const T) -> R) -> R {
        work(self.0.get())
    }

    #[inline(always)]
    fn with_mut<R>(&self, work: impl FnOnce(*mut T) -> R) -> R {
        work(self.0.get())
    }
}

struct Shared<T> {
    /// How many were ever taken; written by the consumer.
    head: Padded<AtomicUsize>,
    /// How many were ever published; written by the producer.
    tail: Padded<AtomicUsize>,
    closed: Padded<AtomicBool>,
    slots: Box<[UnsafeCell<MaybeUninit<T>>]>,
}

// SAFETY: a slot is written only by the producer while it lies outside `head..tail`, and read only by the consumer
// while it lies inside; the release stores and acquire loads of the two counts hand it over. Values are `Copy`, so
// none needs dropping.
unsafe impl<T: Send> Sync for Shared<T> {}
// SAFETY: the ring owns its values, which may be sent.
unsafe impl<T: Send> Send for Shared<T> {}

impl<T: Copy> Shared<T> {
    #[inline(always)]
    fn write(&self, count: usize, value: T) {
        // SAFETY: only the producer calls this, for a slot that it has seen the consumer leave.
        self.slots[count & (self.slots.len() - 1)].with_mut(|slot| unsafe { (*slot).write(value) });
    }

    #[inline(always)]
    fn read(&self, count: usize) -> T {
        // SAFETY: only the consumer calls this, for a slot that it has seen published, so it holds a value.
        self.slots[count & (self.slots.len() - 1)].with(|slot| unsafe { (*slot).assume_init_read() })
    }
}

/// Builds a ring of at least `capacity` values, rounded up to a power of two.
///
/// The only allocation is here.
#[must_use]
pub fn ring<T: Copy + Send>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    let capacity = capacity.max(1).next_power_of_two();
    let shared = Arc::new(Shared {
        head: Padded(AtomicUsize::new(0)),
        tail: Padded(AtomicUsize::new(0)),
        closed: Padded(AtomicBool::new(false)),
        slots: (0..capacity).map(|_| UnsafeCell::new(MaybeUninit::uninit())).collect(),
    });
    (Producer { shared: Arc::clone(&shared), tail: 0, head_seen: 0 }, Consumer { shared, head: 0, tail_seen: 0 })
}

/// Says why a value wasn't taken, and gives it back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PushError<T> {
    /// The consumer is behind: the ring is full.
    Full(T),
    /// The ring is closed: nobody takes values any more.
    Closed(T),
}

/// The end that puts values in.
pub struct Producer<T> {
    shared: Arc<Shared<T>>,
    tail: usize,
    /// The consumer's count when last looked at: asking again only when the ring seems full spares a cache miss a push.
    head_seen: usize,
}

impl<T: Copy + Send> Producer<T> {
    /// Puts a value in and publishes it.
    ///
    /// # Errors
    /// [`PushError::Full`] where there is no room, [`PushError::Closed`] where either end has closed the ring.
    #[inline]
    pub fn push(&mut self, value: T) -> Result<(), PushError<T>> {
        if self.is_closed() {
            return Err(PushError::Closed(value));
        }
        if self.room(1) == 0 {
            return Err(PushError::Full(value));
        }
        self.shared.write(self.tail, value);
        self.publish(1);
        Ok(())
    }

    /// Puts in as many of the values as there is room for, in order, publishes them at once, and returns how many; none
    /// on a closed ring.
    #[inline]
    pub fn push_slice(&mut self, values: &[T]) -> usize {
        if self.is_closed() {
            return 0;
        }
        let count = self.room(values.len()).min(values.len());
        for (offset, value) in values[..count].iter().enumerate() {
            self.shared.write(self.tail.wrapping_add(offset), *value);
        }
        self.publish(count);
        count
    }

    /// Returns how many values can be put in now.
    #[must_use]
    pub fn free(&mut self) -> usize {
        self.room(self.capacity())
    }

    /// Returns how many values the ring holds at most.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.shared.slots.len()
    }

    /// Returns whether either end has closed the ring.
    #[inline]
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.closed.load(Ordering::Acquire)
    }

    /// Closes the ring; what is in it can still be taken. Dropping the producer does the same.
    pub fn close(&self) {
        self.shared.closed.store(true, Ordering::Release);
    }

    /// Returns the room, asking the consumer's count again only where less than `wanted` is known.
    #[inline(always)]
    fn room(&mut self, wanted: usize) -> usize {
        let known = self.capacity() - self.tail.wrapping_sub(self.head_seen);
        if known >= wanted {
            return known;
        }
        self.head_seen = self.shared.head.load(Ordering::Acquire);
        self.capacity() - self.tail.wrapping_sub(self.head_seen)
    }

    #[inline(always)]
    fn publish(&mut self, count: usize) {
        self.tail = self.tail.wrapping_add(count);
        self.shared.tail.store(self.tail, Ordering::Release);
    }
}

impl<T> Drop for Producer<T> {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
    }
}

/// The end that takes values out.
pub struct Consumer<T> {
    shared: Arc<Shared<T>>,
    head: usize,
    tail_seen: usize,
}

impl<T: Copy + Send> Consumer<T> {
    /// Takes the oldest value, if there is one.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        if self.ready(1) == 0 {
            return None;
        }
        let value = self.shared.read(self.head);
        self.release(1);
        Some(value)
    }

    /// Takes as many values as there are and fit, in order, and returns how many.
    #[inline]
    pub fn pop_slice(&mut self, out: &mut [T]) -> usize {
        let count = self.ready(out.len()).min(out.len());
        for (offset, slot) in out[..count].iter_mut().enumerate() {
            *slot = self.shared.read(self.head.wrapping_add(offset));
        }
        self.release(count);
        count
    }

    /// Returns how many values can be taken now.
    #[must_use]
    pub fn len(&mut self) -> usize {
        self.ready(usize::MAX)
    }

    /// Returns whether there is nothing to take now.
    #[must_use]
    pub fn is_empty(&mut self) -> bool {
        self.ready(1) == 0
    }

    /// Returns whether the ring is closed and everything in it has been taken.
    #[must_use]
    pub fn is_finished(&mut self) -> bool {
        // Closed first: what was published before the closing is then seen by the look at the tail that follows.
        self.shared.closed.load(Ordering::Acquire) && self.is_empty()
    }

    /// Closes the ring, so that the producer stops. Dropping the consumer does the same.
    pub fn close(&self) {
        self.shared.closed.store(true, Ordering::Release);
    }

    #[inline(always)]
    fn ready(&mut self, wanted: usize) -> usize {
        let known = self.tail_seen.wrapping_sub(self.head);
        if known >= wanted {
            return known;
        }
        self.tail_seen = self.shared.tail.load(Ordering::Acquire);
        self.tail_seen.wrapping_sub(self.head)
    }

    #[inline(always)]
    fn release(&mut self, count: usize) {
        self.head = self.head.wrapping_add(count);
        self.shared.head.store(self.head, Ordering::Release);
    }
}

impl<T> Drop for Consumer<T> {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
    }
}

impl<T> core::fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Producer").field("published", &self.tail).finish_non_exhaustive()
    }
}

impl<T> core::fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Consumer").field("taken", &self.head).finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod interleavings {
    use super::*;

    /// Every interleaving of a producer of three values, in a batch and singly, and a consumer, over a ring of two.
    #[test]
    fn values_arrive_once_in_order_and_the_close_after_them() {
        loom::model(|| {
            let (mut producer, mut consumer) = ring::<u32>(2);
            let handle = loom::thread::spawn(move || {
                let mut next = 1;
                next += producer.push_slice(&[1, 2]) as u32;
                while next <= 3 {
                    match producer.push(next) {
                        Ok(()) => next += 1,
                        Err(PushError::Full(_)) => loom::thread::yield_now(),
                        Err(PushError::Closed(_)) => panic!("nobody closed it"),
                    }
                }
            });
            let mut seen = 0;
            while !consumer.is_finished() {
                let mut out = [0; 2];
                let count = consumer.pop_slice(&mut out);
                for value in &out[..count] {
                    seen += 1;
                    assert_eq!(*value, seen);
                }
                if count == 0 {
                    loom::thread::yield_now();
                }
            }
            assert_eq!(seen, 3);
            handle.join().unwrap();
        });
    }

    #[test]
    fn a_consumer_that_leaves_stops_the_producer() {
        loom::model(|| {
            let (mut producer, mut consumer) = ring::<u32>(1);
            let handle = loom::thread::spawn(move || {
                let mut pushed = 0;
                loop {
                    match producer.push(pushed) {
                        Ok(()) => pushed += 1,
                        Err(PushError::Full(_)) => loom::thread::yield_now(),
                        Err(PushError::Closed(value)) => break assert_eq!(value, pushed),
                    }
                    if pushed == 2 {
                        break;
                    }
                }
            });
            if let Some(value) = consumer.pop() {
                assert_eq!(value, 0);
            }
            drop(consumer);
            handle.join().unwrap();
        });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    #[test]
    fn pushes_back_when_full_and_says_when_closed() {
        let (mut producer, mut consumer) = ring::<u8>(3);
        assert_eq!(producer.capacity(), 4);
        assert_eq!(producer.push_slice(&[1, 2, 3, 4, 5]), 4);
        assert_eq!(producer.push(5), Err(PushError::Full(5)));
        assert_eq!(consumer.pop(), Some(1));
        assert_eq!(producer.push(5), Ok(()));
        producer.close();
        assert_eq!(producer.push(6), Err(PushError::Closed(6)));
        assert_eq!(producer.push_slice(&[6]), 0);
        assert!(!consumer.is_finished());
        let mut out = [0; 8];
        assert_eq!(consumer.pop_slice(&mut out), 4);
        assert_eq!(out[..4], [2, 3, 4, 5]);
        assert!(consumer.is_finished());
    }

    #[test]
    fn two_threads_lose_and_reorder_nothing() {
        const COUNT: u64 = 200_000;
        let (mut producer, mut consumer) = ring::<u64>(256);
        let sender = std::thread::spawn(move || {
            let batch: Vec<u64> = (0..COUNT).collect();
            let mut sent = 0;
            while sent < batch.len() {
                let end = batch.len().min(sent + 7);
                match producer.push_slice(&batch[sent..end]) {
                    0 => std::thread::yield_now(),
                    count => sent += count,
                }
            }
        });
        let mut expected = 0;
        while !consumer.is_finished() {
            match consumer.pop() {
                Some(value) => {
                    assert_eq!(value, expected);
                    expected += 1;
                }
                None => std::thread::yield_now(),
            }
        }
        assert_eq!(expected, COUNT);
        sender.join().unwrap();
    }

    proptest! {
        #[test]
        fn fuzz_behaves_as_a_bounded_queue(capacity in 1_usize..20, steps in prop::collection::vec((0_usize..12, 0_usize..12), 0..200)) {
            let (mut producer, mut consumer) = ring::<u32>(capacity);
            let mut model = VecDeque::new();
            let mut next = 0;
            for (puts, takes) in steps {
                let batch: Vec<u32> = (next..next + puts as u32).collect();
                let free = producer.capacity() - model.len();
                prop_assert_eq!(producer.free(), free);
                let put = producer.push_slice(&batch);
                prop_assert_eq!(put, puts.min(free));
                model.extend(&batch[..put]);
                next += put as u32;
                prop_assert_eq!(consumer.len(), model.len());
                let mut out = vec![0; takes];
                let taken = consumer.pop_slice(&mut out);
                let expected: Vec<u32> = model.drain(..takes.min(model.len())).collect();
                prop_assert_eq!(&out[..taken], &expected[..]);
                prop_assert_eq!(consumer.is_empty(), model.is_empty());
            }
        }
    }
}
