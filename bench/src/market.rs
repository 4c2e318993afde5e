//! The market that the workload trades in: its instruments, its accounts with limits, and what its reports must say.

use omni_book::Capacity;
use omni_matching::{Exchange, MarketData};
use omni_port::{Sink, Venue};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, AssetClass, Body, ContractTerms, Currency, Decimal, Digest, Event,
    Instrument, InstrumentId, InstrumentSpec, Liquidity, Mic, Money, Price, Qty, SessionId, Symbol, Throttle, Time,
};

use crate::figure::Failure;
use crate::workload::{Message, Operation, Workload};

/// Accounts that rest orders; as many again only take, so that nobody meets himself.
const MAKERS: u32 = 500;
/// All accounts.
pub(crate) const ACCOUNTS: u32 = 2 * MAKERS;
/// Where every instrument of the workload opens, in cents.
pub(crate) const OPENING: Price = Price(10_000);

/// Returns an instrument of the workload: a share in cents.
pub(crate) fn instrument(id: u32) -> Result<Instrument, Failure> {
    let spec = InstrumentSpec {
        symbol: Symbol::new(&format!("S{id:07}")).map_err(Failure::of)?,
        venue: Mic::new("XOMN").map_err(Failure::of)?,
        asset_class: AssetClass::Equity,
        currency: Currency::new("USD").map_err(Failure::of)?,
        price_unit: Decimal::new(1, -2),
        quantity_unit: Decimal::ONE,
        multiplier: Decimal::ONE,
        tick: 1,
        lot: Qty(1),
        price_min: Price(1),
        price_max: Price(1_000_000),
        quantity_max: Qty(1_000_000),
        terms: ContractTerms::NONE,
    };
    Instrument::new(InstrumentId(id), spec).map_err(Failure::of)
}

/// Returns an account with every limit set to what a firm might set, none of which the workload reaches.
pub(crate) fn account(id: u32) -> Result<AccountSpec, Failure> {
    let dollars = |whole: i128| Money(whole * Money::ONE);
    Ok(AccountSpec {
        account: AccountId(id),
        name: Symbol::new(&format!("account-{id}")).map_err(Failure::of)?,
        currency: Currency::new("USD").map_err(Failure::of)?,
        cash: dollars(1_000_000_000),
        limits: AccountLimits {
            order_quantity_max: Qty(10_000),
            order_notional_max: dollars(5_000_000),
            collar_bps: 2_000,
            position_max: Qty(5_000_000),
            gross_exposure_max: dollars(1_000_000_000),
            open_orders_max: 10_000,
            message_rate: Throttle { count: 100_000, window_ns: Time::SECOND },
            drawdown_max: dollars(200_000_000),
        },
        maker_fee_ppm: -1,
        taker_fee_ppm: 3,
        unit_fee: Money::ZERO,
    })
}

/// Returns the account that sends a message; a cancel comes from who sent the order.
#[inline]
pub(crate) const fn sender(message: &Message) -> (SessionId, AccountId) {
    let number = (message.id % MAKERS as u64) as u32;
    let id = if matches!(message.operation, Operation::Market) { MAKERS + number } else { number };
    (SessionId(id as u16), AccountId(id))
}

/// Returns the command that a message is.
#[inline]
pub(crate) fn body(message: &Message) -> Body {
    let (session, account) = sender(message);
    match message.operation {
        Operation::Cancel => Body::Cancel(message.cancel(session)),
        _ => Body::New(message.order(session, account)),
    }
}

/// Returns what the books need for a workload.
pub(crate) const fn capacity(workload: &Workload) -> Capacity {
    let orders = workload.live * 2;
    Capacity { instruments: workload.instruments, orders, levels: orders }
}

/// Returns the exchange, nothing listed.
pub(crate) fn exchange(workload: &Workload) -> Exchange {
    Exchange::new(capacity(workload), MarketData::Off)
}

/// Returns the exchange with the workload's instruments listed.
pub(crate) fn open_exchange(workload: &Workload) -> Result<Exchange, Failure> {
    let mut exchange = exchange(workload);
    for id in 0..workload.instruments as u32 {
        exchange.list(&instrument(id)?).map_err(Failure::of)?;
    }
    Ok(exchange)
}

/// Returns the inputs that list `instruments` and open `accounts`, a session for each.
pub(crate) fn set_up(instruments: u32, accounts: u32) -> Result<Vec<Body>, Failure> {
    let mut bodies = Vec::new();
    for id in 0..instruments {
        bodies.push(Body::List(Box::new(instrument(id)?)));
        bodies.push(Body::Reference { instrument: InstrumentId(id), price: OPENING });
    }
    for id in 0..accounts {
        bodies.push(Body::Account(Box::new(account(id)?)));
        bodies.push(Body::Session { session: SessionId(id as u16), account: AccountId(id), external: false });
    }
    Ok(bodies)
}

/// Takes every report, hashes it and adds up the trades.
#[derive(Default)]
pub(crate) struct Drain {
    pub(crate) digest: Digest,
    trades: u64,
    volume: u64,
}

impl Sink for Drain {
    #[inline(always)]
    fn event(&mut self, event: &Event) {
        self.digest.event(event);
        if let Event::Report(report) = event
            && report.liquidity == Liquidity::Maker
        {
            self.trades += 1;
            self.volume += report.last_quantity.0;
        }
    }
}

/// Refuses to measure an engine that didn't trade what every engine must.
pub(crate) fn verify(workload: &Workload, trades: u64, volume: u64) -> Result<(), Failure> {
    let must = (workload.trades, workload.volume);
    if (trades, volume) == must {
        return Ok(());
    }
    Err(Failure(format!(
        "{}: traded {trades} times, {volume} in all; must be {} and {}",
        workload.name, must.0, must.1
    )))
}

impl Drain {
    /// Returns the trades and the quantity in all.
    pub(crate) const fn traded(&self) -> (u64, u64) {
        (self.trades, self.volume)
    }

    pub(crate) fn verify(&self, workload: &Workload) -> Result<(), Failure> {
        verify(workload, self.trades, self.volume)
    }
}
