//! The value of some updates ago.

/// A ring that returns the value of `period` updates ago.
#[derive(Clone, Debug)]
pub(crate) struct Lag {
    slots: Box<[f64]>,
    at: usize,
    filled: bool,
}

impl Lag {
    /// Reserves a ring of `period` values, which must not be zero.
    pub(crate) fn new(period: usize) -> Self {
        debug_assert!(period > 0, "Invariant: a ring holds at least one value");
        Self { slots: vec![0.0; period].into_boxed_slice(), at: 0, filled: false }
    }

    /// Takes the next value and returns the one of `period` updates ago, if there was one.
    #[inline]
    pub(crate) fn push(&mut self, value: f64) -> Option<f64> {
        let slot = self.slots.get_mut(self.at)?;
        let old = core::mem::replace(slot, value);
        let result = self.filled.then_some(old);
        self.at += 1;
        if self.at == self.slots.len() {
            self.at = 0;
            self.filled = true;
        }
        result
    }

    /// Forgets every value.
    pub(crate) fn reset(&mut self) {
        self.at = 0;
        self.filled = false;
    }
}
