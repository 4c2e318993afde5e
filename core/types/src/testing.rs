//! What the tests of every crate share; behind the feature `testing`.

use core::ops::Range;

use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};
use proptest::test_runner::Config;

use crate::{
    AccountId, AccountLimits, AccountSpec, AssetClass, ContractTerms, Currency, Decimal, Display, Instrument,
    InstrumentId, InstrumentSpec, Mic, Minimum, Money, NewOrder, Peg, Price, Qty, SpecialOrder, Symbol, Terms, Time,
    TimeInForce, Trigger,
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

/// Generates terms that mostly go together, one or two wishes at a time: stops at `prices`, distances and offsets within
/// `offsets`, sizes below `size`.
pub fn terms(
    prices: impl Strategy<Value = Price> + 'static,
    offsets: Range<i64>,
    size: u64,
) -> impl Strategy<Value = Terms> {
    let prices = prices.boxed();
    let sizes = move || (0..size).prop_map(Qty);
    let distance = 1..offsets.end.max(2);
    let offset = prop_oneof![20 => offsets, 1 => any::<i64>()].prop_map(Price);
    let stop = |price| Terms { trigger: Trigger::Stop, price, ..Terms::NONE };
    let trail = |price| Terms { trigger: Trigger::Trailing, price, ..Terms::NONE };
    let peg = prop::sample::select(vec![Peg::Primary, Peg::Market, Peg::Midpoint]);
    let iceberg = |size| Terms { display: Display::Part, size, ..Terms::NONE };
    prop_oneof![
        2 => prices.clone().prop_map(stop),
        2 => distance.prop_map(Price).prop_map(trail),
        1 => prices.clone().prop_map(trail),
        3 => (peg, offset).prop_map(|(peg, price)| Terms { peg, price, ..Terms::NONE }),
        3 => sizes().prop_map(iceberg),
        2 => Just(Terms { display: Display::Hidden, ..Terms::NONE }),
        2 => sizes().prop_map(|size| Terms { minimum: Minimum::Part, size, ..Terms::NONE }),
        2 => Just(Terms { minimum: Minimum::All, ..Terms::NONE }),
        1 => Just(Terms { to_limit: true, ..Terms::NONE }),
        1 => (prices, sizes()).prop_map(move |(price, size)| Terms { price, trigger: Trigger::Stop, ..iceberg(size) }),
        1 => Just(Terms::NONE),
    ]
}

/// Generates orders with such terms. Most have a time in force that goes with them, and an end where they need one: at
/// a time below `end`.
pub fn specials(
    orders: impl Strategy<Value = NewOrder>,
    terms: impl Strategy<Value = Terms>,
    end: i64,
) -> impl Strategy<Value = SpecialOrder> {
    use TimeInForce::{AtClose, AtOpen, Day, Fok, Gtc, Gtd, Ioc};
    let force = prop::sample::select(vec![Day, Day, Gtc, Gtc, Gtd, Gtd, Ioc, Fok, AtOpen, AtClose]);
    (orders, terms, force, -2..end, prop::bool::weighted(0.9)).prop_map(
        |(order, terms, time_in_force, expire, fits)| {
            let auction = matches!(time_in_force, AtOpen | AtClose);
            let expire = Time(if fits == (time_in_force == Gtd) { expire.max(1) } else { 0 });
            let terms = Terms { expire, ..if fits && auction { Terms::NONE } else { terms } };
            SpecialOrder { order: NewOrder { time_in_force, post_only: order.post_only && !fits, ..order }, terms }
        },
    )
}

/// Numbers that look random and are the same for the same seed, on every machine (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// Begins the numbers of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let word = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ word >> 31
    }

    /// Returns a number below `end`; 0 where that is 0.
    pub const fn below(&mut self, end: u64) -> u64 {
        let number = self.number();
        if end == 0 { 0 } else { number % end }
    }

    /// Returns true once in `times`, on average.
    pub const fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// Returns the number that an environment variable gives, or the usual one.
///
/// # Panics
/// Where the variable holds something else.
#[must_use]
pub fn number(variable: &str, usual: u64) -> u64 {
    let read =
        |text: String| text.parse().unwrap_or_else(|_| panic!("expected a number in {variable}, found {text:?}"));
    std::env::var(variable).map_or(usual, read)
}
