//! What a generated day is made from.

use core::fmt;

use omni_types::{AccountId, InstrumentId, SessionId, Time};

use super::universe::INSTRUMENTS_MAX;

/// How many members of each kind there are. Each has one session and one account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Members {
    /// Market makers: quote both sides near the touch, at least 12.
    pub makers: u16,
    /// Value investors: rest deeper in the book and take what is mispriced, at least 1.
    pub investors: u16,
    /// Institutions: split large orders into many small ones, at least 4.
    pub institutions: u16,
    /// Retail and other small takers, some of whom follow the trend, at least 1.
    pub takers: u16,
}

impl Members {
    /// Returns how many there are of all kinds.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.makers as usize + self.investors as usize + self.institutions as usize + self.takers as usize
    }
}

/// What kind of member sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Quotes both sides.
    Maker,
    /// Rests deep, takes what is mispriced.
    Investor,
    /// Splits large orders.
    Institution,
    /// Takes small amounts.
    Taker,
}

/// A session and its account, to be opened before the day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Member {
    /// The session that sends.
    pub session: SessionId,
    /// The account that it trades.
    pub account: AccountId,
    /// What it does.
    pub role: Role,
}

/// The settings of a generated day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlowConfig {
    /// Where all randomness comes from.
    pub seed: u64,
    /// When trading starts; the first command comes a little later.
    pub start: Time,
    /// When trading ends; no command comes at or after it.
    pub end: Time,
    /// About how many commands the day has, over all instruments.
    pub commands: u64,
    /// The slot of the first listing; the others follow.
    pub first_instrument: InstrumentId,
    /// The first member's session; the others follow.
    pub first_session: SessionId,
    /// The first member's account; the others follow.
    pub first_account: AccountId,
    /// How many members there are.
    pub members: Members,
    /// Most live orders of the flow per instrument, 32 to 4,096; at this many it cancels instead of adding.
    pub live_orders: u16,
}

impl FlowConfig {
    /// Returns the settings of the ordinary day: 4 M commands for 100 instruments (40,000 each) from 500 members.
    #[must_use]
    pub const fn day(seed: u64, start: Time, end: Time, instruments: usize) -> Self {
        Self {
            seed,
            start,
            end,
            commands: 40_000 * instruments as u64,
            first_instrument: InstrumentId(0),
            first_session: SessionId(1),
            first_account: AccountId(1),
            members: Members { makers: 120, investors: 120, institutions: 100, takers: 160 },
            live_orders: 256,
        }
    }

    /// Returns the members, in the order of their sessions.
    pub fn members(&self) -> impl Iterator<Item = Member> {
        let Members { makers, investors, institutions, takers } = self.members;
        let kinds = [
            (Role::Maker, makers),
            (Role::Investor, investors),
            (Role::Institution, institutions),
            (Role::Taker, takers),
        ];
        let (session, account) = (self.first_session.0, self.first_account.0);
        kinds.into_iter().flat_map(|(role, count)| (0..count).map(move |_| role)).enumerate().map(move |(n, role)| {
            Member {
                session: SessionId(session.saturating_add(n as u16)),
                account: AccountId(account.saturating_add(n as u32)),
                role,
            }
        })
    }

    /// Checks the settings against the number of listings.
    pub(crate) fn check(&self, listings: usize) -> Result<(), FlowError> {
        let m = &self.members;
        let few = [("makers", m.makers, 12), ("investors", m.investors, 1), ("institutions", m.institutions, 4)];
        let few = few.into_iter().chain([("takers", m.takers, 1)]).find(|&(_, count, least)| count < least);
        if let Some((kind, count, least)) = few {
            return Err(FlowError::TooFewMembers { kind, count, least });
        }
        let last_session = usize::from(self.first_session.0) + m.total() - 1;
        let last_account = self.first_account.index() + m.total() - 1;
        let last_instrument = self.first_instrument.index() + listings;
        match () {
            () if self.end.0.saturating_sub(self.start.0) < Time::SECOND => Err(FlowError::TooShort),
            () if listings == 0 || listings > INSTRUMENTS_MAX => Err(FlowError::Listings(listings)),
            () if !(32..=4096).contains(&self.live_orders) => Err(FlowError::LiveOrders(self.live_orders)),
            () if last_session > usize::from(u16::MAX) => Err(FlowError::IdsRunOut("session")),
            () if last_account > u32::MAX as usize => Err(FlowError::IdsRunOut("account")),
            () if last_instrument > u32::MAX as usize => Err(FlowError::IdsRunOut("instrument")),
            () => Ok(()),
        }
    }
}

/// Says why a day can't be generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlowError {
    /// The end is less than a second after the start.
    TooShort,
    /// No listing, or more than [`INSTRUMENTS_MAX`].
    Listings(usize),
    /// The capacity for live orders is out of range.
    LiveOrders(u16),
    /// A kind of member has too few for its work.
    TooFewMembers {
        /// The setting.
        kind: &'static str,
        /// Its value.
        count: u16,
        /// The least it may be.
        least: u16,
    },
    /// Slots counted from the first one pass the end of their numbers.
    IdsRunOut(&'static str),
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => f.write_str("a generated day needs an end at least a second after its start"),
            Self::Listings(count) => write!(f, "expected 1 to {INSTRUMENTS_MAX} instruments, found {count}"),
            Self::LiveOrders(count) => write!(f, "expected live_orders of 32 to 4096, found {count}"),
            Self::TooFewMembers { kind, count, least } => write!(f, "expected at least {least} {kind}, found {count}"),
            Self::IdsRunOut(kind) => write!(f, "too few {kind} numbers above the first; lower first_{kind}"),
        }
    }
}

impl std::error::Error for FlowError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> FlowConfig {
        FlowConfig::day(1, Time(0), Time(3_600 * Time::SECOND), 10)
    }

    #[test]
    fn members_have_sessions_and_accounts_in_a_row() {
        let members: Vec<_> = day().members().collect();
        assert_eq!(members.len(), 500);
        assert_eq!(members[0], Member { session: SessionId(1), account: AccountId(1), role: Role::Maker });
        assert_eq!(members[499], Member { session: SessionId(500), account: AccountId(500), role: Role::Taker });
    }

    #[test]
    fn refuses_what_cannot_be_a_day() {
        assert_eq!(day().check(10), Ok(()));
        assert_eq!(day().check(0), Err(FlowError::Listings(0)));
        assert_eq!(FlowConfig { end: Time(1), ..day() }.check(1), Err(FlowError::TooShort));
        assert_eq!(FlowConfig { live_orders: 8, ..day() }.check(1), Err(FlowError::LiveOrders(8)));
        let late = FlowConfig { first_session: SessionId(65_500), ..day() };
        assert_eq!(late.check(1), Err(FlowError::IdsRunOut("session")));
        let few = FlowConfig { members: Members { makers: 1, ..day().members }, ..day() };
        assert_eq!(few.check(1).unwrap_err().to_string(), "expected at least 12 makers, found 1");
    }
}
