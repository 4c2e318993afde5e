//! What a reader sees: accounts and positions.

use omni_types::{AccountId, InstrumentId, Money, Qty, Side};

use crate::Gate;
use crate::account::{AccountView, NO_SLOT};

/// A position of an account, netted; money in the account's currency, valued at the last fill or sweep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Signed quantity, in quantity units.
    pub quantity: i64,
    /// What the open position cost, by average cost; negative for a short one.
    pub cost: Money,
    /// What it is worth; negative for a short one.
    pub market: Money,
    /// Profit of what was closed, by average cost, before fees.
    pub realised: Money,
    /// Quantity of open buys.
    pub open_buy: Qty,
    /// Quantity of open sells.
    pub open_sell: Qty,
    /// Worst-case value with the open orders.
    pub exposure: Money,
    /// Whether the instrument is on the account's restricted list.
    pub restricted: bool,
}

impl Position {
    /// Returns the profit of what is open.
    #[must_use]
    pub fn unrealised(&self) -> Money {
        Money(self.market.0.saturating_sub(self.cost.0))
    }

    /// Returns the average cost of one quantity unit, rounded towards zero; `None` when flat.
    #[must_use]
    pub fn average_cost(&self) -> Option<Money> {
        self.cost.0.checked_div(self.quantity.into()).map(Money)
    }
}

impl Gate {
    /// Returns an account. Costs a pass over its positions.
    #[must_use]
    pub fn account(&self, account: AccountId) -> Option<AccountView> {
        let open = self.opened(account)?;
        let ledger = &self.ledgers[account.index()];
        let unrealised = self.positions(account).fold(0_i128, |sum, p| sum.saturating_add(p.unrealised().0));
        Some(AccountView {
            account,
            name: self.names[account.index()]?,
            currency: self.currencies.name(open.currency),
            limits: open.limits(ledger),
            cash: Money(ledger.cash),
            equity: Money(ledger.equity()),
            realised: Money(ledger.realised),
            unrealised: Money(unrealised),
            fees: Money(ledger.fees),
            peak: Money(ledger.peak),
            drawdown: Money(ledger.peak.saturating_sub(ledger.equity())),
            gross_exposure: Money(open.gross as i128),
            open_orders: open.open_orders,
            drawdown_stopped: open.drawn,
        })
    }

    /// Returns an account with its positions valued at the newest reference prices, where [`Self::account`] has those of
    /// the last fill or sweep. Costs two passes over its positions.
    #[must_use]
    pub fn account_now(&self, account: AccountId) -> Option<AccountView> {
        let view = self.account(account)?;
        let gained = self.gained(account);
        let equity = view.equity.0.saturating_add(gained);
        let unrealised = Money(view.unrealised.0.saturating_add(gained));
        let drawdown = Money(view.peak.0.max(equity).saturating_sub(equity));
        Some(AccountView { equity: Money(equity), unrealised, drawdown, ..view })
    }

    /// Returns the open accounts, in order of id.
    pub fn accounts(&self) -> impl Iterator<Item = AccountView> {
        (0..self.accounts.len() as u32).filter_map(|id| self.account(AccountId(id)))
    }

    /// Returns a position; `None` where the pair has no slot, so never traded.
    #[must_use]
    pub fn position(&self, account: AccountId, instrument: InstrumentId) -> Option<Position> {
        self.pool.find(account, instrument).map(|slot| self.position_at(slot))
    }

    /// Returns an account's positions, closed ones included, in the order in which the account first used them.
    pub fn positions(&self, account: AccountId) -> impl Iterator<Item = Position> {
        self.slots(account).map(|slot| self.position_at(slot))
    }

    /// Returns the same valued at the newest reference prices, as [`Self::account_now`] is.
    pub fn positions_now(&self, account: AccountId) -> impl Iterator<Item = Position> {
        let currency = self.opened(account).map_or(0, |own| own.currency);
        self.slots(account).map(move |slot| {
            let position = self.position_at(slot);
            let market = self.market_now(currency, &self.pool.slots[slot as usize]);
            Position { market: market.map_or(position.market, Money), ..position }
        })
    }

    fn slots(&self, account: AccountId) -> impl Iterator<Item = u32> {
        let listed = |slot: u32| (slot != NO_SLOT).then_some(slot);
        let first = self.ledgers.get(account.index()).and_then(|ledger| listed(ledger.first));
        core::iter::successors(first, move |&slot| listed(self.pool.holdings[slot as usize].next))
    }

    fn position_at(&self, slot: u32) -> Position {
        let holding = &self.pool.holdings[slot as usize];
        let slot = &self.pool.slots[slot as usize];
        Position {
            instrument: slot.instrument,
            quantity: slot.position,
            cost: Money(holding.cost),
            market: Money(holding.market),
            realised: Money(holding.realised),
            open_buy: Qty(slot.open[Side::Buy.index()]),
            open_sell: Qty(slot.open[Side::Sell.index()]),
            exposure: Money(slot.exposure as i128),
            restricted: slot.restricted,
        }
    }
}
