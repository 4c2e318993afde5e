//! Fills, marks and the drawdown stop: positions and money.

use omni_types::{AccountId, Liquidity, Money, Price, Qty, Side};

use crate::Gate;
use crate::account::{Account, Ledger, NO_SLOT};
use crate::exact::{EXPOSURE_MAX, LIMIT_MAX, add, convert, millionths, notional, share, signed};
use crate::listing::{Listing, Source};
use crate::order::revalue;
use crate::pool::{Holding, Slot, SlotId};

/// A fill of an order that passed the gate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fill {
    /// The order's slot.
    pub slot: SlotId,
    /// The order's side.
    pub side: Side,
    /// The fill's price, in price units.
    pub price: Price,
    /// The fill's quantity, in quantity units.
    pub quantity: Qty,
    /// Maker or taker; what isn't known pays the taker's fee.
    pub liquidity: Liquidity,
}

/// What a fill did to its account, in the account's currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settled {
    /// Profit of the part that closed a position, by average cost, before the fee.
    pub realised: Money,
    /// The fee; negative for a rebate.
    pub fee: Money,
    /// Whether this fill latched the account's drawdown stop, so that its orders must be cancelled.
    pub drawdown: bool,
}

impl Gate {
    /// Settles a fill: releases its open quantity, moves position, cost, cash and fees, and watches the drawdown.
    ///
    /// The fee is `notional x ppm / 10^6`, rounded here, once, half to even at 10^-20, plus the unit fee times the
    /// quantity. A foreign notional is first converted at the rate of this moment, rounded likewise. The cost of a part of
    /// a position is its share of the whole cost, rounded towards zero; what was rounded off stays with the rest.
    pub fn on_fill(&mut self, fill: &Fill) -> Settled {
        let slot = &mut self.pool.slots[fill.slot.index()];
        let holding = &mut self.pool.holdings[fill.slot.index()];
        let listing = &mut self.listings[slot.instrument.index()];
        let account = &mut self.accounts[slot.account.index()];
        let ledger = &mut self.ledgers[slot.account.index()];
        if listing.reference().is_none() {
            listing.mark(fill.price, Source::Trade);
        }
        let rate = self.currencies.rate(listing.currency, account.currency);
        let amounts = Amounts::new(fill, listing, slot.position, rate);
        let realised = holding.settle(fill, slot.position, &amounts);
        let fee = ledger.settle(fill, amounts.flow, realised);
        debug_assert!(slot.open[fill.side.index()] >= fill.quantity.0, "Invariant: what is filled was reserved");
        slot.open[fill.side.index()] -= fill.quantity.0;
        slot.position += fill.quantity.signed() * fill.side.sign();
        value(account, ledger, (slot, holding), (listing, rate));
        Settled { realised: Money(realised), fee: Money(fee), drawdown: account.watch(ledger) }
    }

    /// Values the positions of every account that can draw down at their reference prices, and returns the accounts
    /// whose drawdown stop this latched, in order of id.
    ///
    /// An account whose drawdown limit is the widest there is (another member of a simulated market) is valued at its
    /// own fills only. Costs a pass over the accounts and over the slots of those that are valued.
    pub fn sweep(&mut self) -> &[AccountId] {
        self.drawn.clear();
        for (id, (account, ledger)) in self.accounts.iter_mut().zip(&mut self.ledgers).enumerate() {
            if !account.open || ledger.drawdown_max >= LIMIT_MAX {
                continue;
            }
            let mut next = ledger.first;
            while next != NO_SLOT {
                let (slot, holding) = (&mut self.pool.slots[next as usize], &mut self.pool.holdings[next as usize]);
                next = holding.next;
                if slot.position != 0 || slot.open != [0; 2] {
                    let listing = &self.listings[slot.instrument.index()];
                    let rate = self.currencies.rate(listing.currency, account.currency);
                    value(account, ledger, (slot, holding), (listing, rate));
                }
            }
            if account.watch(ledger) {
                self.drawn.push(AccountId(id as u32));
            }
        }
        &self.drawn
    }
}

impl Gate {
    /// Returns what an account's positions have gained since they were last valued, at the newest reference prices.
    pub(crate) fn gained(&self, account: AccountId) -> i128 {
        let Some(own) = self.accounts.get(account.index()) else { return 0 };
        let mut next = self.ledgers[account.index()].first;
        let mut gained = 0_i128;
        while next != NO_SLOT {
            let (slot, holding) = (&self.pool.slots[next as usize], &self.pool.holdings[next as usize]);
            next = holding.next;
            if let Some(market) = self.market_now(own.currency, slot) {
                gained = add(gained, market - holding.market);
            }
        }
        gained
    }

    /// Returns what a position is worth at the newest reference price; `None` where it is flat or has no price.
    pub(crate) fn market_now(&self, currency: u16, slot: &Slot) -> Option<i128> {
        let listing = &self.listings[slot.instrument.index()];
        let price = listing.reference().filter(|_| slot.position != 0)?;
        let rate = self.currencies.rate(listing.currency, currency);
        let market = worth(listing, price, slot.position.unsigned_abs(), rate);
        Some(signed(market, (slot.position < 0) != (price < 0)))
    }
}

/// Returns a quantity's value at a price, without its sign.
#[inline]
fn worth(listing: &Listing, price: i64, quantity: u64, rate: u64) -> u128 {
    convert(notional(listing.value, price, quantity), rate).min(EXPOSURE_MAX)
}

/// Gives a slot its exposure and market value at the reference price, and its account the differences.
#[inline]
pub(crate) fn value(
    account: &mut Account,
    ledger: &mut Ledger,
    (slot, holding): (&mut Slot, &mut Holding),
    (listing, rate): (&Listing, u64),
) {
    slot.valued = listing.reference().unwrap_or(slot.valued);
    let worth = |quantity: u64| worth(listing, slot.valued, quantity, rate);
    let market = worth(slot.position.unsigned_abs());
    let exposure = match slot.worst(Side::Buy, 0) {
        worst if worst == slot.position.unsigned_abs() => market,
        worst => worth(worst),
    };
    let market = signed(market, (slot.position < 0) != (slot.valued < 0));
    ledger.market += market - holding.market;
    holding.market = market;
    revalue(account, slot, exposure);
}

/// The money of a fill in the account's currency: positive is paid, negative received.
struct Amounts {
    /// All of the fill.
    flow: i128,
    /// The part that closes what was there.
    closing: i128,
    /// The quantity of that part.
    closed: u64,
}

impl Amounts {
    #[inline]
    fn new(fill: &Fill, listing: &Listing, position: i64, rate: u64) -> Self {
        let negative = (fill.side == Side::Sell) != (fill.price.0 < 0);
        let worth = |quantity: u64| signed(convert(notional(listing.value, fill.price.0, quantity), rate), negative);
        let flow = worth(fill.quantity.0);
        let closes = position != 0 && (position > 0) == (fill.side == Side::Sell);
        let closed = if closes { fill.quantity.0.min(position.unsigned_abs()) } else { 0 };
        let closing = match closed {
            0 => 0,
            all if all == fill.quantity.0 => flow,
            _ => flow - worth(fill.quantity.0 - closed),
        };
        Self { flow, closing, closed }
    }
}

impl Holding {
    /// Moves cost and realised profit for a fill on a position of `position`; returns the fill's profit.
    #[inline]
    fn settle(&mut self, fill: &Fill, position: i64, amounts: &Amounts) -> i128 {
        debug_assert!(fill.quantity.0 > 0, "Invariant: a fill has a quantity");
        let mut realised = 0;
        if amounts.closed > 0 {
            let cost = share(self.cost.unsigned_abs(), amounts.closed, position.unsigned_abs());
            let cost = if self.cost < 0 { -(cost as i128) } else { cost as i128 };
            realised = add(-amounts.closing, -cost);
            self.cost -= cost;
        }
        self.cost = add(self.cost, amounts.flow - amounts.closing);
        self.realised = add(self.realised, realised);
        realised
    }
}

impl Ledger {
    /// Moves cash, fees and realised profit for a fill; returns the fee.
    #[inline]
    fn settle(&mut self, fill: &Fill, flow: i128, realised: i128) -> i128 {
        let ppm = match fill.liquidity {
            Liquidity::Maker | Liquidity::Auction => self.maker_fee_ppm,
            Liquidity::Taker | Liquidity::None => self.taker_fee_ppm,
        };
        let units = self.unit_fee.unsigned_abs().saturating_mul(fill.quantity.0.into());
        let fee =
            signed(millionths(flow.unsigned_abs(), ppm.unsigned_abs()), ppm < 0) + signed(units, self.unit_fee < 0);
        self.cash = add(add(self.cash, -flow), -fee);
        self.fees = add(self.fees, fee);
        self.realised = add(self.realised, realised);
        fee
    }
}
