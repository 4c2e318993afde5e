//! The gate: what it holds, how it is set up, and the operator's acts.

use omni_types::{AccountId, AccountSpec, Instrument, InstrumentId, Money, Price, Rate, SessionId, Symbol};

use crate::account::{Account, Ledger, NO_SLOT, in_range};
use crate::capacity::reserved;
use crate::currency::Currencies;
use crate::listing::{Listing, Source};
use crate::pool::{Pool, SlotId};
use crate::{Capacity, GateError, Session};

/// The pre-trade gate: every order's limits, and every account's positions and money.
///
/// It reserves its memory when built and allocates nothing after. An order costs the same however many accounts,
/// instruments and open orders there are.
#[derive(Clone, Debug)]
pub struct Gate {
    pub(crate) capacity: Capacity,
    pub(crate) killed: bool,
    pub(crate) sessions: Vec<Session>,
    /// By account id, as are ledgers and names.
    pub(crate) accounts: Vec<Account>,
    pub(crate) ledgers: Vec<Ledger>,
    pub(crate) names: Vec<Option<Symbol>>,
    pub(crate) listings: Vec<Listing>,
    pub(crate) pool: Pool,
    pub(crate) currencies: Currencies,
    /// What the last sweep found.
    pub(crate) drawn: Vec<AccountId>,
}

impl Gate {
    /// Reserves the memory of an empty gate.
    ///
    /// # Errors
    /// [`GateError::Capacity`] where more is asked for than the gate can number, [`GateError::Memory`] than there is.
    pub fn new(capacity: Capacity) -> Result<Self, GateError> {
        let Capacity { instruments, accounts, sessions, slots, slots_expected, currencies } = capacity.checked()?;
        Ok(Self {
            capacity,
            killed: false,
            sessions: reserved(sessions, "sessions")?,
            accounts: reserved(accounts, "accounts")?,
            ledgers: reserved(accounts, "accounts")?,
            names: reserved(accounts, "accounts")?,
            listings: reserved(instruments, "instruments")?,
            pool: Pool::new(slots, slots_expected)?,
            currencies: Currencies::new(currencies),
            drawn: reserved(accounts, "accounts")?,
        })
    }

    /// Lists an instrument into the next slot, which its id must name.
    ///
    /// # Errors
    /// [`GateError`] when the id isn't the next one, or there is no room for it or its currency.
    pub fn list(&mut self, instrument: &Instrument) -> Result<(), GateError> {
        let next = self.listings.len() as u32;
        if instrument.id.0 != next {
            return Err(GateError::InstrumentOrder { found: instrument.id, expected: next });
        }
        if next >= self.capacity.instruments {
            return Err(GateError::Capacity { what: "instruments", most: self.capacity.instruments });
        }
        let currency = self.currencies.number(instrument.spec.currency)?;
        self.listings.push(Listing::new(instrument, currency));
        Ok(())
    }

    /// Opens an account, or replaces an open one's name, limits and fees; its money, positions and orders stay, and
    /// `cash` is not read again.
    ///
    /// # Errors
    /// [`GateError`] when a limit is out of range, the currency of an open account differs, or there is no room.
    pub fn open(&mut self, spec: &AccountSpec) -> Result<(), GateError> {
        in_range(spec)?;
        if spec.account.0 >= self.capacity.accounts {
            return Err(GateError::Capacity { what: "accounts", most: self.capacity.accounts });
        }
        if let Some(open) = self.opened(spec.account) {
            let currency = self.currencies.name(open.currency);
            if currency != spec.currency {
                return Err(GateError::CurrencyChange { account: spec.account, currency });
            }
        } else {
            let currency = self.currencies.number(spec.currency)?;
            self.prepare(spec.account, currency, spec.cash);
        }
        self.accounts[spec.account.index()].limit(&spec.limits);
        self.ledgers[spec.account.index()].limit(spec);
        self.names[spec.account.index()] = Some(spec.name);
        Ok(())
    }

    /// Makes place for an account, and opens it without limits yet.
    pub(crate) fn prepare(&mut self, account: AccountId, currency: u16, cash: Money) {
        let count = self.accounts.len().max(account.index() + 1);
        self.accounts.resize(count, Account::CLOSED);
        self.ledgers.resize(count, Ledger::EMPTY);
        self.names.resize(count, None);
        self.accounts[account.index()] = Account { open: true, currency, ..Account::CLOSED };
        self.ledgers[account.index()] = Ledger { cash: cash.0, peak: cash.0, ..Ledger::EMPTY };
    }

    /// Lets a session trade for an account, instead of the one before; its last client order id and its stop stay. An
    /// external session stands for another member of the market: all checks hold for it but the kill switch.
    ///
    /// # Errors
    /// [`GateError`] when the account isn't open or the session's id lies beyond the capacity.
    pub fn bind(&mut self, session: SessionId, account: AccountId, external: bool) -> Result<(), GateError> {
        self.opened(account).ok_or(GateError::UnknownAccount(account))?;
        if u32::from(session.0) >= self.capacity.sessions {
            return Err(GateError::Capacity { what: "sessions", most: self.capacity.sessions });
        }
        if self.sessions.len() <= session.index() {
            self.sessions.resize(session.index() + 1, Session::default());
        }
        let bound = &mut self.sessions[session.index()];
        bound.account = Some(account);
        bound.external = external;
        Ok(())
    }

    /// Sets a rate between currencies; positions take it over at their next fill or sweep.
    ///
    /// # Errors
    /// [`GateError`] for a rate of zero, one other than one within a currency, or no room for the currency.
    pub fn rate(&mut self, rate: &Rate) -> Result<(), GateError> {
        self.currencies.set(rate)
    }

    /// Puts an instrument on or off an account's restricted list.
    ///
    /// # Errors
    /// [`GateError`] when either is unknown, or the pool has no slot left for the pair.
    pub fn restrict(&mut self, account: AccountId, instrument: InstrumentId, on: bool) -> Result<(), GateError> {
        self.opened(account).ok_or(GateError::UnknownAccount(account))?;
        if instrument.index() >= self.listings.len() {
            return Err(GateError::UnknownInstrument(instrument));
        }
        let found = self.pool.find(account, instrument);
        if found.is_none() && !self.pool.has_room() {
            return Err(GateError::Capacity { what: "risk slots", most: self.capacity.slots });
        }
        let slot = found.unwrap_or_else(|| self.take_slot(account, instrument));
        self.pool.slots[slot as usize].restricted = on;
        Ok(())
    }

    /// Sets an instrument's reference price, unless a better [`Source`] has spoken; positions take it over at their
    /// next fill or sweep, the checks at once.
    ///
    /// # Errors
    /// [`GateError`] when the instrument is unknown or the price outside its range; nothing changes then.
    #[inline]
    pub fn mark(&mut self, instrument: InstrumentId, price: Price, source: Source) -> Result<(), GateError> {
        let listing = self.listings.get_mut(instrument.index()).ok_or(GateError::UnknownInstrument(instrument))?;
        if !listing.accepts(price.0) {
            let expected = "a price within the instrument's range";
            return Err(GateError::OutOfRange { field: "reference price", expected });
        }
        listing.mark(price, source);
        Ok(())
    }

    /// Returns an instrument's reference price and where it came from.
    #[must_use]
    pub fn reference(&self, instrument: InstrumentId) -> Option<(Price, Source)> {
        let listing = self.listings.get(instrument.index())?;
        Some((Price(listing.reference()?), listing.source?))
    }

    /// Stops a session: its new orders and amends are refused. Its cancels are not.
    ///
    /// # Errors
    /// [`GateError::UnknownSession`] when it trades no account.
    pub fn stop(&mut self, session: SessionId) -> Result<(), GateError> {
        self.bound(session)?.stopped = true;
        Ok(())
    }

    /// Lets a session send orders again, and resets its account's drawdown stop: the peak starts again at today's equity.
    ///
    /// # Errors
    /// [`GateError::UnknownSession`] when it trades no account.
    pub fn start(&mut self, session: SessionId) -> Result<(), GateError> {
        let bound = self.bound(session)?;
        bound.stopped = false;
        if let Some(account) = bound.account {
            let ledger = &mut self.ledgers[account.index()];
            ledger.peak = ledger.equity();
            self.accounts[account.index()].drawn = false;
        }
        Ok(())
    }

    /// Turns the kill switch on: every new order and amend is refused but external members'. Cancels are not.
    pub fn kill(&mut self) {
        self.killed = true;
    }

    /// Turns the kill switch off.
    pub fn resume(&mut self) {
        self.killed = false;
    }

    /// Returns whether the kill switch is on.
    #[must_use]
    pub const fn is_killed(&self) -> bool {
        self.killed
    }

    /// Returns a session's standing, where it was ever registered.
    #[must_use]
    pub fn session(&self, session: SessionId) -> Option<Session> {
        self.sessions.get(session.index()).filter(|session| session.account.is_some()).copied()
    }

    /// Returns the slot of a pair that has traded, or tried to, or is restricted.
    #[must_use]
    pub fn slot(&self, account: AccountId, instrument: InstrumentId) -> Option<SlotId> {
        self.pool.find(account, instrument).map(SlotId)
    }

    #[inline]
    pub(crate) fn opened(&self, account: AccountId) -> Option<&Account> {
        self.accounts.get(account.index()).filter(|account| account.open)
    }

    fn bound(&mut self, session: SessionId) -> Result<&mut Session, GateError> {
        let found = self.sessions.get_mut(session.index()).filter(|session| session.account.is_some());
        found.ok_or(GateError::UnknownSession(session))
    }

    /// Takes a slot for a pair without one, and links it to the end of the account's list.
    pub(crate) fn take_slot(&mut self, account: AccountId, instrument: InstrumentId) -> u32 {
        let slot = self.pool.take(account, instrument);
        let ledger = &mut self.ledgers[account.index()];
        match ledger.last {
            NO_SLOT => ledger.first = slot,
            last => self.pool.holdings[last as usize].next = slot,
        }
        ledger.last = slot;
        slot
    }
}
