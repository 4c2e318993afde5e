//! Corporate actions: positions, money and reference prices.

use omni_types::{AccountId, Action, Adjust, InstrumentId, Money, Price, Qty, Ratio};

use crate::account::Ledger;
use crate::exact::{AMOUNT_MAX, add, convert, notional, signed};
use crate::fill::value;
use crate::listing::Listing;
use crate::pool::{Holding, Slot};
use crate::{Gate, GateError};

/// What a position gets of an action, in the account's currency.
#[derive(Clone, Copy, Default)]
struct Paid {
    cash: i128,
    /// The part of the cost that goes with it.
    cost: i128,
}

impl Gate {
    /// Says whether an action can be applied; nothing changes.
    ///
    /// # Errors
    /// [`GateError`] for an unknown instrument, a split that would take a position beyond what the instrument's numbers
    /// carry, or a dividend that isn't above zero or is above the instrument's highest price.
    pub fn check_adjust(&self, adjust: &Adjust) -> Result<(), GateError> {
        let unknown = GateError::UnknownInstrument(adjust.instrument);
        let listing = self.listings.get(adjust.instrument.index()).ok_or(unknown)?;
        match adjust.action {
            Action::Split(ratio) => self.check_split(adjust.instrument, listing, ratio),
            Action::Dividend { cash } => listing.check_dividend(cash),
            Action::Rename(_) => Ok(()),
        }
    }

    fn check_split(&self, instrument: InstrumentId, listing: &Listing, ratio: Ratio) -> Result<(), GateError> {
        let mut held = self.pool.slots.iter().filter(|slot| slot.instrument == instrument);
        let fits = |slot: &Slot| ratio.quantity(Qty(slot.position.unsigned_abs())).0.0 <= listing.position_max;
        if held.all(fits) {
            return Ok(());
        }
        let expected = "every position within what the instrument's units and prices carry";
        Err(GateError::OutOfRange { field: "a position after the split", expected })
    }

    /// Applies an action that [`Self::check_adjust`] lets pass to an instrument without open orders, and returns the
    /// accounts whose drawdown stop it latched, in the order of their slots.
    ///
    /// - A split scales every position. What isn't a whole unit is paid out at the reference price until then, rounded
    ///   towards zero at 10^-20; its cost is its share of the position's, rounded likewise, and the difference is
    ///   realised. The reference price is scaled, to the nearest price unit.
    /// - A dividend is paid to who is long and by who is short, and is realised. The reference price falls by as much,
    ///   rounded down to a price unit, so that equity stays what it was until the market gives a price.
    ///
    /// Foreign amounts are converted at the rate of this moment, rounded half to even. Costs a pass over all slots.
    pub fn adjust(&mut self, adjust: &Adjust) -> &[AccountId] {
        let Self { listings, pool, accounts, ledgers, currencies, drawn, .. } = self;
        drawn.clear();
        let Some(listing) = listings.get_mut(adjust.instrument.index()) else { return drawn };
        let before = listing.reference();
        listing.adjust(&adjust.action);
        for (slot, holding) in pool.slots.iter_mut().zip(&mut pool.holdings) {
            if slot.instrument != adjust.instrument {
                continue;
            }
            let (account, ledger) = (&mut accounts[slot.account.index()], &mut ledgers[slot.account.index()]);
            let rate = currencies.rate(listing.currency, account.currency);
            let paid = match adjust.action {
                Action::Split(ratio) => {
                    let price = before.unwrap_or(slot.valued);
                    slot.valued = ratio.price(Price(slot.valued)).0;
                    let worth = |units| signed(convert(fraction(listing, price, units, ratio), rate), price < 0);
                    split(ratio, slot, holding, worth)
                }
                Action::Dividend { cash } => dividend(slot, convert(of_position(cash, slot), rate)),
                Action::Rename(_) => continue,
            };
            settle(ledger, holding, paid);
            value(account, ledger, (slot, holding), (listing, rate));
            if account.watch(ledger) {
                drawn.push(slot.account);
            }
        }
        drawn
    }
}

impl Listing {
    fn check_dividend(&self, cash: Money) -> Result<(), GateError> {
        let highest = self.price_min.unsigned_abs().max(self.price_max.unsigned_abs());
        let most = notional(self.value, i64::try_from(highest).unwrap_or(i64::MAX), 1);
        if cash.0 > 0 && cash.0.unsigned_abs() <= most {
            return Ok(());
        }
        let expected = "above zero, and at most the instrument's highest price";
        Err(GateError::OutOfRange { field: "a dividend", expected })
    }

    fn adjust(&mut self, action: &Action) {
        if self.source.is_some() {
            let adjusted = action.price(Price(self.reference), self.value);
            self.reference = adjusted.0.clamp(self.price_min, self.price_max);
        }
    }
}

/// Returns what `units` of `1 / old` of a new unit were worth at a price before the split: each is `1 / new` of an old one.
fn fraction(listing: &Listing, price: i64, units: u32, ratio: Ratio) -> u128 {
    portion(notional(listing.value, price, 1), units.into(), ratio.new_units().into())
}

/// Returns `amount` x `part` / `whole`, rounded towards zero, [`AMOUNT_MAX`] at most.
fn portion(amount: u128, part: u128, whole: u128) -> u128 {
    let (each, rest) = (amount / whole, amount % whole);
    let parts = each.checked_mul(part).zip(rest.checked_mul(part).map(|product| product / whole));
    parts.and_then(|(most, more)| most.checked_add(more)).map_or(AMOUNT_MAX, |sum| sum.min(AMOUNT_MAX))
}

/// Scales a position, and returns what its fraction is paid and has cost.
fn split(ratio: Ratio, slot: &mut Slot, holding: &Holding, worth: impl Fn(u32) -> i128) -> Paid {
    let (held, sign) = (slot.position.unsigned_abs(), slot.position.signum());
    let (whole, rest) = ratio.quantity(Qty(held));
    slot.position = whole.signed() * sign;
    if rest == 0 {
        return Paid::default();
    }
    let all = u128::from(held) * u128::from(ratio.new_units());
    let cost = portion(holding.cost.unsigned_abs(), rest.into(), all);
    Paid { cash: worth(rest) * i128::from(sign), cost: signed(cost, holding.cost < 0) }
}

/// Returns a dividend on a position without its sign, in the instrument's currency.
fn of_position(cash: Money, slot: &Slot) -> u128 {
    let amount = cash.0.unsigned_abs().checked_mul(slot.position.unsigned_abs().into());
    amount.map_or(AMOUNT_MAX, |amount| amount.min(AMOUNT_MAX))
}

fn dividend(slot: &Slot, amount: u128) -> Paid {
    Paid { cash: signed(amount, slot.position < 0), cost: 0 }
}

/// Pays what an action gives, and realises what it gives over its cost.
fn settle(ledger: &mut Ledger, holding: &mut Holding, paid: Paid) {
    let realised = add(paid.cash, -paid.cost);
    holding.cost -= paid.cost;
    holding.realised = add(holding.realised, realised);
    ledger.realised = add(ledger.realised, realised);
    ledger.cash = add(ledger.cash, paid.cash);
}
