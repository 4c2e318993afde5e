//! Orders at the gate: check, reserve, release.

use core::ops::ControlFlow;

use omni_types::{AccountId, InstrumentId, NewOrder, OrderType, Price, Qty, Refusal, SessionId, Side, Time};

use crate::Gate;
use crate::account::Account;
use crate::check::{Case, Check, CheckResult, Exposure, Intent, Measure, on};
use crate::exact::{EXPOSURE_MAX, convert, notional};
use crate::pool::{Slot, SlotId};

/// An order that passed; its whole quantity is reserved in `slot`.
///
/// Whoever gets it owes the gate one [`Gate::on_fill`] per fill and one [`Gate::on_done`] at the order's end.
#[must_use = "an order that passed holds a reserve until on_done"]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pass {
    /// The (account, instrument) slot; the order keeps it.
    pub slot: SlotId,
}

/// An amend of an open order, with what its keeper knows of the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amend {
    /// The sender.
    pub session: SessionId,
    /// The order's slot.
    pub slot: SlotId,
    /// The order's side.
    pub side: Side,
    /// The new limit, in price units.
    pub price: Price,
    /// The new total quantity, filled part included.
    pub quantity: Qty,
    /// Filled so far.
    pub filled: Qty,
    /// What the gate holds reserved for the order now: its leaves, and the growth of amends not yet answered.
    pub held: Qty,
}

impl From<&NewOrder> for Intent {
    #[inline(always)]
    fn from(order: &NewOrder) -> Self {
        Self {
            side: order.side,
            limit: (order.order_type == OrderType::Limit).then_some(order.price.0),
            quantity: order.quantity.0,
            growth: order.quantity.0,
            id: Some(order.client_order_id),
        }
    }
}

/// A pair as a case needs it: found by index, or not there yet.
#[derive(Clone, Copy)]
struct Pair {
    account: AccountId,
    instrument: InstrumentId,
    slot: Option<u32>,
}

impl Gate {
    /// Checks a new order and, where it passes, reserves its quantity.
    ///
    /// Once the session is known to trade the account, the client order id is used up and the message counted, whatever
    /// the verdict; nothing else changes on a refusal.
    ///
    /// # Errors
    /// The [`Refusal`] of the first [`Check`] that fails.
    pub fn check(&mut self, order: &NewOrder, time: Time) -> Result<Pass, Refusal> {
        let tokens = self.tokens(order.session, order.account, time)?;
        let verdict = self.judge(order, tokens);
        self.sessions[order.session.index()].consume(order.client_order_id);
        self.count(order.account, tokens, time);
        let (found, exposure) = verdict?;
        let slot = found.unwrap_or_else(|| self.take_slot(order.account, order.instrument));
        self.reserve(slot, order.side, order.quantity.0, &exposure);
        self.accounts[order.account.index()].open_orders += 1;
        Ok(Pass { slot: SlotId(slot) })
    }

    /// Checks an amend by the same checks, the growth of the order taken as what it adds, and where it passes reserves
    /// that growth and returns it; a smaller or equal order reserves nothing.
    ///
    /// The caller answers with [`Gate::on_replaced`] once the venue has.
    ///
    /// # Errors
    /// [`Refusal::UnknownSession`] where the slot isn't of the session's account, [`Refusal::BelowFilled`] where the
    /// quantity isn't above what is filled, or the [`Refusal`] of the first [`Check`] that fails.
    pub fn check_amend(&mut self, amend: &Amend, time: Time) -> Result<Qty, Refusal> {
        let Slot { account, instrument, .. } = self.pool.slots[amend.slot.index()];
        let tokens = self.tokens(amend.session, account, time)?;
        let growth = amend.quantity.0.saturating_sub(amend.filled.0).saturating_sub(amend.held.0);
        let intent =
            Intent { side: amend.side, limit: Some(amend.price.0), quantity: amend.quantity.0, growth, id: None };
        let pair = Pair { account, instrument, slot: Some(amend.slot.0) };
        let verdict = match amend.quantity > amend.filled {
            true => self.case(amend.session, pair, intent, tokens).and_then(|case| decide(&case)),
            false => Err(Refusal::BelowFilled),
        };
        self.count(account, tokens, time);
        self.reserve(amend.slot.0, amend.side, growth, &verdict?);
        Ok(Qty(growth))
    }

    /// Counts a cancel towards the message rate; it is never refused here.
    pub fn on_cancel(&mut self, session: SessionId, time: Time) {
        let Some(account) = self.session(session).and_then(|session| session.account) else {
            return;
        };
        if let Some(tokens) = self.opened(account).map(|open| open.bucket.level(&open.message_rate, time)) {
            self.count(account, tokens, time);
        }
    }

    /// Returns every check with its value and limit for this order at this moment, in order, changing nothing.
    ///
    /// The first that didn't pass is the refusal [`Gate::check`] would give.
    #[must_use]
    pub fn explain(&self, order: &NewOrder, time: Time) -> [CheckResult; Check::ALL.len()] {
        let mut results = Check::ALL.map(|check| CheckResult { check, value: None, limit: None, passed: false });
        let mut note = |check: Check, Measure { value, limit, passed }: Measure| {
            results[check as usize] = CheckResult { check, value, limit, passed };
            ControlFlow::<()>::Continue(())
        };
        let bound = self.session(order.session).is_some_and(|session| session.account == Some(order.account));
        let _ = note(Check::Account, on(self.opened(order.account).is_some()));
        let _ = note(Check::Session, on(bound));
        let _ = note(Check::Instrument, on(order.instrument.index() < self.listings.len()));
        if let Ok(tokens) = self.tokens(order.session, order.account, time)
            && let Ok(case) = self.case(order.session, self.pair(order), order.into(), tokens)
        {
            let _ = case.visit(note);
        }
        results
    }

    /// Returns the parts in the account's bucket, once account and session belong together.
    #[inline(always)]
    fn tokens(&self, session: SessionId, account: AccountId, time: Time) -> Result<u128, Refusal> {
        let open = self.opened(account).ok_or(Refusal::UnknownAccount)?;
        match self.sessions.get(session.index()) {
            Some(session) if session.account == Some(account) => Ok(open.bucket.level(&open.message_rate, time)),
            _ => Err(Refusal::UnknownSession),
        }
    }

    #[inline(always)]
    fn pair(&self, order: &NewOrder) -> Pair {
        let NewOrder { account, instrument, .. } = *order;
        Pair { account, instrument, slot: self.pool.find(account, instrument) }
    }

    #[inline(always)]
    fn case(&self, session: SessionId, pair: Pair, intent: Intent, tokens: u128) -> Result<Case<'_>, Refusal> {
        /// What a pair that has never traded looks like; the checks don't read its ids.
        static FRESH: Slot = Slot::new(AccountId(0), InstrumentId(0));
        let account = self.opened(pair.account).ok_or(Refusal::UnknownAccount)?;
        let listing = self.listings.get(pair.instrument.index()).ok_or(Refusal::UnknownInstrument)?;
        let slot = pair.slot.map_or(&FRESH, |slot| &self.pool.slots[slot as usize]);
        let rate = self.currencies.rate(listing.currency, account.currency);
        Ok(Case {
            intent,
            killed: self.killed && !self.sessions[session.index()].external,
            session: &self.sessions[session.index()],
            account,
            listing,
            slot,
            room: pair.slot.is_some() || self.pool.has_room(),
            rate,
            tokens,
            exposure: Exposure::new(&intent, slot, listing, rate),
        })
    }

    /// Returns the slot found and the exposure to reserve, or the refusal.
    #[inline(always)]
    fn judge(&self, order: &NewOrder, tokens: u128) -> Result<(Option<u32>, Exposure), Refusal> {
        let pair = self.pair(order);
        let case = self.case(order.session, pair, order.into(), tokens)?;
        decide(&case).map(|exposure| (pair.slot, exposure))
    }

    #[inline]
    fn count(&mut self, account: AccountId, tokens: u128, time: Time) {
        let account = &mut self.accounts[account.index()];
        account.bucket.take(tokens, &account.message_rate, time);
    }

    #[inline]
    fn reserve(&mut self, slot: u32, side: Side, growth: u64, exposure: &Exposure) {
        let slot = &mut self.pool.slots[slot as usize];
        slot.open[side.index()] += growth;
        slot.valued = exposure.price;
        revalue(&mut self.accounts[slot.account.index()], slot, exposure.worth);
    }

    /// Releases what an answered amend no longer holds: the shrink where it was done, the growth where it was refused.
    pub fn on_replaced(&mut self, slot: SlotId, side: Side, released: Qty) {
        self.release(slot, side, released.0, 0);
    }

    /// Releases the rest of an order at its end: filled (nothing left), cancelled, expired, or refused by the venue.
    pub fn on_done(&mut self, slot: SlotId, side: Side, leaves: Qty) {
        self.release(slot, side, leaves.0, 1);
    }

    #[inline(always)]
    fn release(&mut self, slot: SlotId, side: Side, quantity: u64, orders: u32) {
        let slot = &mut self.pool.slots[slot.index()];
        debug_assert!(slot.open[side.index()] >= quantity, "Invariant: what is released was reserved");
        slot.open[side.index()] -= quantity;
        let account = &mut self.accounts[slot.account.index()];
        account.open_orders -= orders;
        if quantity > 0 {
            let listing = &self.listings[slot.instrument.index()];
            let rate = self.currencies.rate(listing.currency, account.currency);
            slot.valued = listing.reference().unwrap_or(slot.valued);
            let exposure = convert(notional(listing.value, slot.valued, slot.worst(side, 0)), rate);
            revalue(account, slot, exposure);
        }
    }
}

/// Runs the checks; returns the exposure to reserve.
#[inline(always)]
fn decide(case: &Case<'_>) -> Result<Exposure, Refusal> {
    let verdict = case.visit(|check, measure| match measure.passed {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(check.refusal()),
    });
    match verdict {
        ControlFlow::Break(refusal) => Err(refusal),
        // Whatever can't be measured hasn't passed the check of gross exposure.
        ControlFlow::Continue(()) => case.exposure.ok_or(Refusal::NoReferencePrice),
    }
}

/// Gives a slot a new exposure and its account the difference.
#[inline]
pub(crate) fn revalue(account: &mut Account, slot: &mut Slot, exposure: u128) {
    let exposure = exposure.min(EXPOSURE_MAX);
    account.gross = account.gross - slot.exposure + exposure;
    slot.exposure = exposure;
}
