//! The floor under the gate: the counters that an order touches and nothing else. No limits, no money, no reasons.

use omni_types::Side;

/// What an account has open and holds of an instrument.
#[derive(Clone, Copy, Default)]
struct Slot {
    position: i64,
    open: [u64; 2],
}

/// What an account has open in all.
#[derive(Clone, Copy, Default)]
struct Total {
    orders: u64,
    notional: u64,
    messages: u64,
}

/// Whose order it is, of what, and at which price.
#[derive(Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) account: u32,
    pub(crate) instrument: u32,
    pub(crate) side: Side,
    pub(crate) price: u32,
}

/// The counters of all accounts, dense.
pub(crate) struct Slots {
    instruments: usize,
    slots: Vec<Slot>,
    totals: Vec<Total>,
}

impl Slots {
    pub(crate) fn new(accounts: u32, instruments: usize) -> Self {
        let accounts = accounts as usize;
        let slots = vec![Slot::default(); accounts * instruments];
        Self { instruments, slots, totals: vec![Total::default(); accounts] }
    }

    /// Counts a message.
    #[inline]
    pub(crate) fn message(&mut self, account: u32) {
        self.totals[account as usize].messages += 1;
    }

    /// Counts an order that came.
    #[inline]
    pub(crate) fn open(&mut self, owner: Owner, quantity: u64) {
        let (slot, total) = self.of(owner);
        slot.open[owner.side.index()] += quantity;
        total.orders += 1;
        total.notional += quantity * u64::from(owner.price);
    }

    /// Counts a fill of an order that is open.
    #[inline]
    pub(crate) fn fill(&mut self, owner: Owner, quantity: u64) {
        let (slot, total) = self.of(owner);
        slot.open[owner.side.index()] -= quantity;
        slot.position += owner.side.sign() * quantity as i64;
        total.notional -= quantity * u64::from(owner.price);
    }

    /// Counts the end of an order, of which `quantity` was still open.
    #[inline]
    pub(crate) fn done(&mut self, owner: Owner, quantity: u64) {
        let (slot, total) = self.of(owner);
        slot.open[owner.side.index()] -= quantity;
        total.orders -= 1;
        total.notional -= quantity * u64::from(owner.price);
    }

    /// Returns how many orders are open, and the sum of all positions.
    pub(crate) fn sums(&self) -> (u64, i64) {
        let orders = self.totals.iter().map(|total| total.orders).sum();
        (orders, self.slots.iter().map(|slot| slot.position).sum())
    }

    #[inline]
    fn of(&mut self, owner: Owner) -> (&mut Slot, &mut Total) {
        let at = owner.account as usize * self.instruments + owner.instrument as usize;
        (&mut self.slots[at], &mut self.totals[owner.account as usize])
    }
}
