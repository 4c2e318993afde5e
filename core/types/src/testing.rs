//! What the tests of every crate share; behind the feature `testing`.

use proptest::test_runner::Config;

use crate::{
    AccountId, AccountLimits, AccountSpec, AssetClass, ContractTerms, Currency, Decimal, Instrument, InstrumentId,
    InstrumentSpec, Mic, Money, Price, Qty, Symbol,
};

/// Returns a share in cents: `ABC.XOMN`, from 0.01 to 10,000.00, orders of a million at most. A test that is about
/// something else says so: `InstrumentSpec { tick: 5, ..share() }`.
///
/// # Panics
/// Never: its texts are short enough.
#[must_use]
pub fn share() -> InstrumentSpec {
    InstrumentSpec {
        symbol: Symbol::new("ABC").expect("a symbol"),
        venue: Mic::new("XOMN").expect("four letters"),
        asset_class: AssetClass::Equity,
        currency: Currency::new("USD").expect("three letters"),
        price_unit: Decimal::new(1, -2),
        quantity_unit: Decimal::ONE,
        multiplier: Decimal::ONE,
        tick: 1,
        lot: Qty(1),
        price_min: Price(1),
        price_max: Price(1_000_000),
        quantity_max: Qty(1_000_000),
        terms: ContractTerms::NONE,
    }
}

/// Lists a spec under a number.
///
/// # Panics
/// Where [`Instrument::new`] refuses it.
#[must_use]
pub fn listed(id: u32, spec: InstrumentSpec) -> Instrument {
    Instrument::new(InstrumentId(id), spec).expect("a spec whose numbers fit")
}

/// Returns an account in dollars with a million in cash, limits that hold nothing back and no fees. A test that is about
/// these says so, as with [`share`].
///
/// # Panics
/// Never: its texts are short enough.
#[must_use]
pub fn account(id: u32) -> AccountSpec {
    AccountSpec {
        account: AccountId(id),
        name: Symbol::new(&format!("account-{id}")).expect("a name"),
        currency: Currency::new("USD").expect("three letters"),
        cash: Money(1_000_000 * Money::ONE),
        limits: AccountLimits::WIDE,
        maker_fee_ppm: 0,
        taker_fee_ppm: 0,
        unit_fee: Money::ZERO,
    }
}

/// Returns how a property is tried: `cases` times, or as often as `PROPTEST_CASES` says. A failure is told by its
/// smallest input, which becomes a test of its own, and not kept in a file.
#[must_use]
pub fn property(cases: u32) -> Config {
    let told = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { told.cases } else { cases };
    Config { cases, failure_persistence: None, ..told }
}
