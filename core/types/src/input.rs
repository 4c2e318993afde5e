//! What goes into the engine.

use std::sync::Arc;

use crate::{
    AccountId, AccountLimits, Adjust, AmendOrder, Bar, BookDelta, CancelOrder, Currency, Decimal, Instrument,
    InstrumentId, Money, NewOrder, Price, Quote, SessionId, Side, SpecialOrder, Symbol, Terms, TickTable, Time,
    TimerId, TradeTick, TradingState,
};

/// One step of the engine's totally ordered stream of inputs.
#[derive(Clone, PartialEq, Debug)]
pub struct Input {
    /// Position in the stream: 1, 2, 3…
    pub seq: u64,
    /// Engine time, never before the input before it.
    pub time: Time,
    /// The sequence number of the input whose delivery made a strategy send this; 0 for what comes from outside. Where
    /// an operator spoke while a strategy's answer was awaited, the session of that strategy.
    pub cause: u64,
    /// What it says.
    pub body: Body,
}

/// What an input says.
#[derive(Clone, PartialEq, Debug)]
pub enum Body {
    /// A new order.
    New(NewOrder),
    /// A cancel.
    Cancel(CancelOrder),
    /// An amend.
    Amend(AmendOrder),
    /// Cancels many orders at once.
    MassCancel(MassCancel),
    /// A strategy asks to be woken.
    SetTimer(SetTimer),
    /// A recorded change of a venue's book.
    Book(BookDelta),
    /// A recorded quote.
    Quote(Quote),
    /// A recorded trade.
    Trade(TradeTick),
    /// A recorded bar.
    Bar(Bar),
    /// Time passes.
    Clock,
    /// Lists an instrument into the next slot, which its id must name.
    List(Box<Instrument>),
    /// Opens an account, or replaces its limits.
    Account(Box<AccountSpec>),
    /// Lets a session trade for an account.
    Session {
        /// The session.
        session: SessionId,
        /// The account that it trades.
        account: AccountId,
        /// Whether it stands for another member of the market (generated flow, an exchange's client): its orders
        /// pass the gate like all others, but our kill switch doesn't end them.
        external: bool,
    },
    /// Sets an instrument's trading state.
    Status {
        /// The instrument.
        instrument: InstrumentId,
        /// The new state.
        state: TradingState,
    },
    /// Puts an instrument on or off an account's restricted list.
    Restrict {
        /// The account.
        account: AccountId,
        /// The instrument.
        instrument: InstrumentId,
        /// On or off.
        on: bool,
    },
    /// Sets an instrument's reference price until the market gives a better one.
    Reference {
        /// The instrument.
        instrument: InstrumentId,
        /// The price.
        price: Price,
    },
    /// Sets a rate between currencies.
    Rate(Rate),
    /// The kill switch goes on: every order is cancelled, new ones are refused. Stays on through restarts.
    Kill {
        /// Who or why, for people.
        reason: Box<str>,
    },
    /// A person ends the kill switch.
    Resume {
        /// Who or why, for people; never empty.
        reason: Box<str>,
    },
    /// Stops a session: its orders are cancelled and new ones refused.
    Stop {
        /// The session.
        session: SessionId,
        /// Why.
        fault: Fault,
    },
    /// Lets a stopped session send orders again.
    Start {
        /// The session.
        session: SessionId,
    },
    /// A new order with special terms.
    Special(SpecialOrder),
    /// The node goes on after its process had ended: strategies were made anew, and what they had on the way is lost.
    Recover,
    /// Gives an instrument ticks by price, from now on and instead of those before. Open orders stay as they are.
    Ticks {
        /// The instrument.
        instrument: InstrumentId,
        /// The table; the venue shares it rather than copy its rows.
        table: Arc<TickTable>,
    },
    /// Applies a corporate action.
    Adjust(Box<Adjust>),
}

impl Body {
    /// Returns the new order that an input asks for, and its special terms.
    #[inline]
    #[must_use]
    pub const fn new_order(&self) -> Option<(&NewOrder, &Terms)> {
        match self {
            Self::New(order) => Some((order, &Terms::NONE)),
            Self::Special(SpecialOrder { order, terms }) => Some((order, terms)),
            _ => None,
        }
    }
}

/// Why a session was stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Fault {
    /// A person asked.
    Operator = 0,
    /// The strategy raised.
    Raised = 1,
    /// The strategy did not come back in time.
    Hung = 2,
    /// The process ended while the strategy was called; only a compiled one can do that.
    Crashed = 3,
}

impl Fault {
    /// Returns whether the strategy never answered the delivery that caused this.
    #[must_use]
    pub const fn is_unanswered(self) -> bool {
        matches!(self, Self::Hung | Self::Crashed)
    }
}

/// Cancels every open order in scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MassCancel {
    /// Who asks.
    pub session: SessionId,
    /// Which orders.
    pub scope: Scope,
}

/// Which orders a mass cancel takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// All of the asking session.
    Session,
    /// The asking session's on one instrument.
    Instrument(InstrumentId),
    /// The asking session's of one side of an instrument.
    Side(InstrumentId, Side),
    /// All of the asking session's account, whoever sent them.
    Account,
}

/// Wakes a strategy at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SetTimer {
    /// The strategy's session.
    pub session: SessionId,
    /// The strategy's number of the timer; setting it again moves it.
    pub timer: TimerId,
    /// When.
    pub at: Time,
}

/// One unit of `from` in units of `to`, as `numerator / 10^12`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// The currency converted.
    pub from: Currency,
    /// The currency it becomes.
    pub to: Currency,
    /// The rate in 10^-12.
    pub numerator: u64,
}

impl Rate {
    /// Builds a rate from a decimal; `None` where it has more than twelve places, or lies outside 64 bits.
    #[must_use]
    pub fn new(from: Currency, to: Currency, rate: Decimal) -> Option<Self> {
        let numerator = rate.scaled(-12)?;
        Some(Self { from, to, numerator: u64::try_from(numerator).ok()? })
    }
}

/// An account to open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountSpec {
    /// Slot in the engine.
    pub account: AccountId,
    /// Name for people.
    pub name: Symbol,
    /// Currency of its limits, cash and equity.
    pub currency: Currency,
    /// Opening cash.
    pub cash: Money,
    /// Limits.
    pub limits: AccountLimits,
    /// Fee of a fill that added liquidity, in millionths of notional; negative is a rebate.
    pub maker_fee_ppm: i32,
    /// Fee of a fill that removed liquidity, in millionths of notional.
    pub taker_fee_ppm: i32,
    /// Fee per quantity unit filled, in the account's currency.
    pub unit_fee: Money,
}
