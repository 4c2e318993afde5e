//! Snapshot, restore and hash of the whole state.
//!
//! What follows from the rest (the index, the accounts' lists and sums over their slots) isn't written, but built again.

use omni_types::{
    AccountId, AccountLimits, AccountSpec, ClientOrderId, Digest, InstrumentId, Money, Qty, Rate, Symbol, Throttle,
};

use crate::account::{Account, Ledger};
use crate::bucket::Bucket;
use crate::exact::EXPOSURE_MAX;
use crate::listing::{Listing, Source as Reference};
use crate::word::{Hash, Sink, Source};
use crate::{Capacity, DecodeError, Gate, Session};

/// "OMNIRISK", and the version of the layout below.
const MAGIC: u64 = u64::from_le_bytes(*b"OMNIRISK");
const VERSION: u64 = 1;
/// Positions stay within this on every listed instrument.
const POSITION_END: u64 = (1 << 62) + 1;

impl Gate {
    /// Takes the whole state into a running hash; two gates of equal hash answer every call alike.
    pub fn digest(&self, digest: &mut Digest) {
        let mut hash = Hash { digest, waiting: None };
        self.write(&mut hash);
        hash.finish();
    }

    /// Appends a snapshot of the whole state.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        self.write(bytes);
    }

    /// Builds a gate again from a snapshot.
    ///
    /// # Errors
    /// [`DecodeError`] at the first byte that isn't what [`Gate::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut source = Source::new(bytes);
        if source.word()? != MAGIC {
            return Err(source.error("the mark of a risk gate's snapshot"));
        }
        if source.word()? != VERSION {
            return Err(source.error("version 1"));
        }
        let capacity = read_capacity(&mut source)?;
        let mut gate = Self::new(capacity)
            .map_err(|_| source.error("capacities that the gate can number and the machine hold"))?;
        gate.killed = source.flag()?;
        gate.read_currencies(&mut source)?;
        gate.read_listings(&mut source)?;
        gate.read_accounts(&mut source)?;
        gate.read_sessions(&mut source)?;
        gate.read_slots(&mut source)?;
        source.end().map(|()| gate)
    }

    fn write(&self, sink: &mut impl Sink) {
        sink.word(MAGIC);
        sink.word(VERSION);
        let Capacity { instruments, accounts, sessions, slots, slots_expected, currencies } = self.capacity;
        for most in [instruments, accounts, sessions, slots, slots_expected, currencies] {
            sink.word(most.into());
        }
        sink.word(self.killed.into());
        self.write_currencies(sink);
        sink.word(self.listings.len() as u64);
        self.listings.iter().for_each(|listing| write_listing(listing, sink));
        sink.word(self.accounts.len() as u64);
        for ((account, ledger), name) in self.accounts.iter().zip(&self.ledgers).zip(&self.names) {
            sink.word(name.is_some().into());
            name.iter().for_each(|name| write_account(name, account, ledger, sink));
        }
        sink.word(self.sessions.len() as u64);
        for session in &self.sessions {
            sink.word(session.account.map_or(0, |account| u64::from(account.0) + 1));
            sink.word(session.stopped.into());
            sink.word(session.external.into());
            sink.word(session.last.0);
        }
        self.write_slots(sink);
    }

    fn write_currencies(&self, sink: &mut impl Sink) {
        sink.word(self.currencies.names().len() as u64);
        self.currencies.names().iter().for_each(|name| sink.text(name));
        sink.word(self.currencies.rates().count() as u64);
        for rate in self.currencies.rates() {
            sink.text(&rate.from);
            sink.text(&rate.to);
            sink.word(rate.numerator);
        }
    }

    fn read_currencies(&mut self, source: &mut Source<'_>) -> Result<(), DecodeError> {
        for _ in 0..source.word()? {
            let name = source.text()?;
            self.currencies.number(name).map_err(|_| source.error("a currency within the capacity"))?;
        }
        for _ in 0..source.word()? {
            let rate = Rate { from: source.text()?, to: source.text()?, numerator: source.word()? };
            self.currencies.set(&rate).map_err(|_| source.error("a rate above zero"))?;
        }
        Ok(())
    }

    fn read_listings(&mut self, source: &mut Source<'_>) -> Result<(), DecodeError> {
        let currencies = self.currencies.names().len() as u64;
        let most = u64::from(self.capacity.instruments) + 1;
        for _ in 0..source.below(most, "instruments within the capacity")? {
            let listing = read_listing(source, currencies)?;
            self.listings.push(listing);
        }
        Ok(())
    }

    fn read_accounts(&mut self, source: &mut Source<'_>) -> Result<(), DecodeError> {
        let currencies = self.currencies.names().len() as u64;
        let most = u64::from(self.capacity.accounts) + 1;
        for id in 0..source.below(most, "accounts within the capacity")? {
            if source.flag()? {
                self.read_account(AccountId(id as u32), source, currencies)?;
            }
        }
        Ok(())
    }

    fn read_account(&mut self, account: AccountId, source: &mut Source<'_>, end: u64) -> Result<(), DecodeError> {
        let currency = source.below(end, "a known currency")? as u16;
        let spec = AccountSpec {
            account,
            name: source.text()?,
            currency: self.currencies.name(currency),
            cash: Money::ZERO,
            limits: read_limits(source)?,
            maker_fee_ppm: source.half()?.cast_signed(),
            taker_fee_ppm: source.half()?.cast_signed(),
            unit_fee: Money(source.money()?),
        };
        self.open(&spec).map_err(|_| source.error("limits and fees in range"))?;
        let account = &mut self.accounts[spec.account.index()];
        let full = account.bucket.parts;
        account.bucket = Bucket { parts: source.wide()?, time: source.signed()? };
        if account.bucket.parts > full {
            return Err(source.error("a bucket no fuller than full"));
        }
        account.open_orders = source.half()?;
        account.drawn = source.flag()?;
        let ledger = &mut self.ledgers[spec.account.index()];
        ledger.cash = source.money()?;
        ledger.realised = source.money()?;
        ledger.fees = source.money()?;
        ledger.peak = source.money()?;
        Ok(())
    }

    fn read_sessions(&mut self, source: &mut Source<'_>) -> Result<(), DecodeError> {
        let most = u64::from(self.capacity.sessions) + 1;
        for _ in 0..source.below(most, "sessions within the capacity")? {
            let account = source.half()?.checked_sub(1).map(AccountId);
            if account.is_some_and(|account| self.opened(account).is_none()) {
                return Err(source.error("an open account"));
            }
            let (stopped, external) = (source.flag()?, source.flag()?);
            let session = Session { account, stopped, external, last: ClientOrderId(source.word()?) };
            self.sessions.push(session);
        }
        Ok(())
    }

    fn write_slots(&self, sink: &mut impl Sink) {
        sink.word(self.pool.slots.len() as u64);
        for (slot, holding) in self.pool.slots.iter().zip(&self.pool.holdings) {
            sink.word(u64::from(slot.account.0) << 32 | u64::from(slot.instrument.0));
            sink.word(slot.restricted.into());
            sink.signed(slot.position);
            sink.word(slot.open[0]);
            sink.word(slot.open[1]);
            sink.signed(slot.valued);
            sink.wide(slot.exposure);
            sink.money(holding.cost);
            sink.money(holding.realised);
            sink.money(holding.market);
        }
    }

    fn read_slots(&mut self, source: &mut Source<'_>) -> Result<(), DecodeError> {
        let most = u64::from(self.capacity.slots) + 1;
        for _ in 0..source.below(most, "slots within the capacity")? {
            let pair = source.word()?;
            let (account, instrument) = (AccountId((pair >> 32) as u32), InstrumentId(pair as u32));
            let known = self.opened(account).is_some() && instrument.index() < self.listings.len();
            if !known || self.pool.find(account, instrument).is_some() {
                return Err(source.error("an open account and a listed instrument, each pair once"));
            }
            let number = self.take_slot(account, instrument);
            self.read_slot(number, source)?;
        }
        Ok(())
    }

    fn read_slot(&mut self, number: u32, source: &mut Source<'_>) -> Result<(), DecodeError> {
        let slot = &mut self.pool.slots[number as usize];
        let holding = &mut self.pool.holdings[number as usize];
        slot.restricted = source.flag()?;
        slot.position = source.signed()?;
        slot.open = [source.word()?, source.word()?];
        slot.valued = source.signed()?;
        slot.exposure = source.wide()?;
        holding.cost = source.money()?;
        holding.realised = source.money()?;
        holding.market = source.money()?;
        let worst = [slot.position.unsigned_abs(), slot.open[0] / 2, slot.open[1] / 2];
        let worth = slot.exposure.max(holding.market.unsigned_abs());
        if worst.into_iter().any(|quantity| quantity >= POSITION_END) || worth > EXPOSURE_MAX {
            return Err(source.error("a position that the engine's numbers carry"));
        }
        self.accounts[slot.account.index()].gross += slot.exposure;
        self.ledgers[slot.account.index()].market += holding.market;
        Ok(())
    }
}

fn read_capacity(source: &mut Source<'_>) -> Result<Capacity, DecodeError> {
    Ok(Capacity {
        instruments: source.half()?,
        accounts: source.half()?,
        sessions: source.half()?,
        slots: source.half()?,
        slots_expected: source.half()?,
        currencies: source.half()?,
    })
}

fn write_listing(listing: &Listing, sink: &mut impl Sink) {
    sink.wide(listing.value);
    sink.word(listing.position_max);
    sink.word(listing.quantity_max);
    sink.signed(listing.price_min);
    sink.signed(listing.price_max);
    sink.signed(listing.reference);
    sink.word(listing.currency.into());
    sink.word(listing.source.map_or(0, |source| source as u64));
}

fn read_listing(source: &mut Source<'_>, currencies: u64) -> Result<Listing, DecodeError> {
    let mut listing = Listing {
        value: source.wide()?,
        position_max: source.word()?,
        quantity_max: source.word()?,
        price_min: source.signed()?,
        price_max: source.signed()?,
        reference: source.signed()?,
        currency: source.below(currencies, "a known currency")? as u16,
        source: None,
    };
    listing.source = match source.below(4, "a source of reference prices")? {
        0 => None,
        1 => Some(Reference::Operator),
        2 => Some(Reference::Quote),
        _ => Some(Reference::Trade),
    };
    if listing.in_range() { Ok(listing) } else { Err(source.error("an instrument that the engine's numbers carry")) }
}

fn write_account(name: &Symbol, account: &Account, ledger: &Ledger, sink: &mut impl Sink) {
    sink.word(account.currency.into());
    sink.text(name);
    write_limits(&account.limits(ledger), sink);
    sink.word(ledger.maker_fee_ppm.cast_unsigned().into());
    sink.word(ledger.taker_fee_ppm.cast_unsigned().into());
    sink.money(ledger.unit_fee);
    sink.wide(account.bucket.parts);
    sink.signed(account.bucket.time);
    sink.word(account.open_orders.into());
    sink.word(account.drawn.into());
    for money in [ledger.cash, ledger.realised, ledger.fees, ledger.peak] {
        sink.money(money);
    }
}

fn write_limits(limits: &AccountLimits, sink: &mut impl Sink) {
    sink.word(limits.order_quantity_max.0);
    sink.money(limits.order_notional_max.0);
    sink.word(limits.collar_bps.into());
    sink.word(limits.position_max.0);
    sink.money(limits.gross_exposure_max.0);
    sink.word(limits.open_orders_max.into());
    sink.word(limits.message_rate.count.into());
    sink.signed(limits.message_rate.window_ns);
    sink.money(limits.drawdown_max.0);
}

fn read_limits(source: &mut Source<'_>) -> Result<AccountLimits, DecodeError> {
    Ok(AccountLimits {
        order_quantity_max: Qty(source.word()?),
        order_notional_max: Money(source.money()?),
        collar_bps: source.half()?,
        position_max: Qty(source.word()?),
        gross_exposure_max: Money(source.money()?),
        open_orders_max: source.half()?,
        message_rate: Throttle { count: source.half()?, window_ns: source.signed()? },
        drawdown_max: Money(source.money()?),
    })
}
