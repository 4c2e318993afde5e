//! Puts engines together from stated capacities, and the inputs that a run begins with.

use omni_book::Capacity as BookCapacity;
use omni_engine::{Capacity as EngineCapacity, Engine};
use omni_matching::{Exchange, MarketData};
use omni_port::Venue;
use omni_risk::{Capacity as GateCapacity, Gate, GateError};
use omni_sim::flow::{FlowConfig, Listing, Member};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, Body, Currency, Instrument, InstrumentError, InstrumentId, Money, SessionId,
    Symbol, TextError,
};

/// Cash of a member of the generated market: more than its orders can use.
const MEMBER_CASH: Money = Money(1_000_000_000 * Money::ONE);
/// The first session and account of the generated market's members; strategies lie below.
pub const FIRST_MEMBER: u16 = 100;
/// Most currencies.
const CURRENCIES: u32 = 64;

/// What a node reserves at start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capacities {
    /// Instruments.
    pub instruments: usize,
    /// Open orders.
    pub orders: usize,
    /// Price levels.
    pub levels: usize,
    /// Accounts.
    pub accounts: u32,
    /// Pairs of account and instrument.
    pub risk_slots: u32,
    /// Timers.
    pub timers: usize,
    /// Length of bars built from trades, in nanoseconds; 0 builds none.
    pub bar_ns: i64,
}

impl Capacities {
    /// Returns what the books reserve.
    #[must_use]
    pub const fn book(&self) -> BookCapacity {
        BookCapacity { instruments: self.instruments, orders: self.orders, levels: self.levels }
    }

    /// Puts an engine around a venue.
    ///
    /// # Errors
    /// [`GateError`] when a capacity is beyond what the gate can number.
    pub fn engine<V: Venue>(&self, venue: V) -> Result<Engine<V>, GateError> {
        let gate = Gate::new(GateCapacity {
            instruments: self.instruments as u32,
            accounts: self.accounts,
            sessions: self.accounts.min(1 << 16),
            slots: self.risk_slots,
            slots_expected: self.risk_slots.min(1 << 12),
            currencies: CURRENCIES,
        })?;
        let (instruments, timers, bar_ns) = (self.instruments, self.timers, self.bar_ns);
        Ok(Engine::new(venue, gate, EngineCapacity { instruments, timers, bar_ns }))
    }

    /// Puts an engine around the embedded exchange.
    ///
    /// # Errors
    /// As [`Self::engine`].
    pub fn exchange(&self) -> Result<Engine<Exchange>, GateError> {
        self.engine(Exchange::new(self.book(), MarketData::Published))
    }
}

/// Lists the generated market's instruments with their opening prices as references.
///
/// # Errors
/// [`InstrumentError`] for a listing that can't be.
pub fn list(listings: &[Listing]) -> Result<Vec<Instrument>, InstrumentError> {
    (0_u32..).zip(listings).map(|(id, listing)| Instrument::new(InstrumentId(id), listing.spec)).collect()
}

/// Returns the inputs that list `instruments`.
pub fn listings(instruments: &[Instrument]) -> impl Iterator<Item = Body> + '_ {
    instruments.iter().map(|instrument| Body::List(Box::new(*instrument)))
}

/// Returns the inputs that give the generated market its references and open its members' accounts.
pub fn members<'a>(flow: &'a FlowConfig, listings: &'a [Listing]) -> impl Iterator<Item = Body> + 'a {
    let first = flow.first_instrument.0;
    let reference = move |(at, listing): (u32, &Listing)| Body::Reference {
        instrument: InstrumentId(first + at),
        price: listing.opening,
    };
    let references = (0_u32..).zip(listings).map(reference);
    let currency = listings.first().map(|listing| listing.spec.currency);
    let open = move |member| currency.and_then(|currency| account(member, currency).ok());
    references.chain(flow.members().filter_map(open).flatten())
}

fn account(member: Member, currency: Currency) -> Result<[Body; 2], TextError> {
    let name = Symbol::new(&format!("member-{}", member.account))?;
    let spec = AccountSpec {
        account: member.account,
        name,
        currency,
        cash: MEMBER_CASH,
        limits: AccountLimits::WIDE,
        maker_fee_ppm: 0,
        taker_fee_ppm: 0,
        unit_fee: Money::ZERO,
    };
    Ok([Body::Account(Box::new(spec)), bind(member.session, member.account, true)])
}

/// Returns the input that lets a session trade for an account.
#[must_use]
pub const fn bind(session: SessionId, account: AccountId, external: bool) -> Body {
    Body::Session { session, account, external }
}
