//! The checks: one predicate each, in one order, for deciding and for explaining alike.

use core::ops::ControlFlow;

use omni_types::{ClientOrderId, Refusal, Side};

use crate::account::Account;
use crate::bucket::cost;
use crate::exact::{EXPOSURE_MAX, convert, notional};
use crate::listing::Listing;
use crate::pool::Slot;
use crate::session::Session;

/// What a check's value and limit count.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Unit {
    /// 1 for yes, 0 for no.
    Flag,
    /// A plain number.
    Count,
    /// Price units of the instrument.
    Price,
    /// Quantity units of the instrument.
    Quantity,
    /// 10^-20 of the account's currency.
    Money,
    /// 10^-12 of the account's currency per unit of the instrument's.
    Rate,
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident, $text:literal, $unit:ident, $refusal:ident;)*) => {
        /// A check of the gate; they are made in the order listed here, and the first that fails is the refusal.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Check {$($(#[$doc])* $name,)*}

        impl Check {
            /// All checks, in their order.
            pub const ALL: [Self; [$(Self::$name),*].len()] = [$(Self::$name),*];

            /// Returns the check's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns what its value and limit count.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)* }
            }

            /// Returns the reason given when it fails.
            #[must_use]
            pub const fn refusal(self) -> Refusal {
                match self { $(Self::$name => Refusal::$refusal,)* }
            }
        }
    };
}

checks! {
    /// The account is open.
    Account, "account open", Flag, UnknownAccount;
    /// The session is registered for this account.
    Session, "session of this account", Flag, UnknownSession;
    /// The instrument is listed.
    Instrument, "instrument listed", Flag, UnknownInstrument;
    /// The kill switch is off.
    KillSwitch, "kill switch", Flag, KillSwitch;
    /// The session isn't stopped.
    Stopped, "session stopped", Flag, Stopped;
    /// The client order id is above the session's last (the limit).
    ClientOrderId, "client order id", Count, DuplicateClientOrderId;
    /// Messages in the rate window, this one included.
    MessageRate, "message rate", Count, MessageRate;
    /// Open orders of the account, this one included.
    OpenOrders, "open orders", Count, OpenOrders;
    /// The instrument isn't on the account's restricted list.
    Restricted, "restricted list", Flag, Restricted;
    /// The quantity is above zero and within the instrument's maximum; lots are the venue's to check.
    InstrumentQuantity, "instrument's quantity range", Quantity, InvalidQuantity;
    /// A limit price is within the instrument's range (the limit shown is the bound nearer to it); ticks are the venue's.
    InstrumentPrice, "instrument's price range", Price, InvalidPrice;
    /// The quantity is within the account's limit.
    OrderQuantity, "order quantity", Quantity, OrderQuantity;
    /// There is a rate from the instrument's currency to the account's.
    Rate, "exchange rate", Rate, NoRate;
    /// There is a reference price. A limit order of an account whose collar is `u32::MAX` wide needs none.
    Reference, "reference price", Price, NoReferencePrice;
    /// How far the limit price is from the reference on the side that hurts: above for a buy, below for a sell.
    Collar, "price collar", Price, PriceCollar;
    /// Price x quantity; a market order's price is the reference.
    Notional, "order notional", Money, OrderNotional;
    /// The position towards the order's side if it and every open order of that side were filled.
    Position, "position limit", Quantity, PositionLimit;
    /// The account's gross exposure with this order; passes also where the order can't make the position larger.
    Gross, "gross exposure", Money, GrossExposure;
    /// The drawdown stop isn't latched.
    Drawdown, "drawdown stop", Flag, Drawdown;
    /// The pool has a slot for this account and instrument.
    Room, "risk slot", Flag, RiskCapacity;
}

/// What a check saw; `None` where it couldn't be measured, for want of a price, a rate or an earlier check's object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Measure {
    pub value: Option<i128>,
    pub limit: Option<i128>,
    pub passed: bool,
}

/// A check with its value and limit at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CheckResult {
    /// Which check.
    pub check: Check,
    /// What it measured, in [`Check::unit`]s; `None` where it couldn't be measured.
    pub value: Option<i128>,
    /// What it was held against; `None` where there is nothing to hold it against.
    pub limit: Option<i128>,
    /// Whether it lets the order through; a check that couldn't be measured doesn't, unless it didn't apply.
    pub passed: bool,
}

/// What an order or amend asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intent {
    pub side: Side,
    /// The limit, in price units; `None` for a market order.
    pub limit: Option<i64>,
    /// The total quantity.
    pub quantity: u64,
    /// What it adds to the open quantity.
    pub growth: u64,
    /// The id of a new order; `None` for an amend, whose order has one already.
    pub id: Option<ClientOrderId>,
}

/// Everything that the checks read.
pub(crate) struct Case<'a> {
    pub intent: Intent,
    pub killed: bool,
    pub session: &'a Session,
    pub account: &'a Account,
    pub listing: &'a Listing,
    pub slot: &'a Slot,
    pub room: bool,
    /// Rate to the account's currency, 0 where there is none.
    pub rate: u64,
    /// Parts in the account's bucket now.
    pub tokens: u128,
    /// What the order would make of its slot, where that can be measured.
    pub exposure: Option<Exposure>,
}

/// A flag that must be off.
#[inline(always)]
fn off(flag: bool) -> Measure {
    Measure { value: Some(i128::from(flag)), limit: Some(0), passed: !flag }
}

/// A flag that must be on.
#[inline(always)]
pub(crate) fn on(flag: bool) -> Measure {
    Measure { value: Some(i128::from(flag)), limit: Some(1), passed: flag }
}

impl Case<'_> {
    /// Shows every check that needs the account, session and instrument to `see`, in order, until it breaks.
    #[inline(always)]
    pub fn visit<B>(&self, mut see: impl FnMut(Check, Measure) -> ControlFlow<B>) -> ControlFlow<B> {
        see(Check::KillSwitch, off(self.killed))?;
        see(Check::Stopped, off(self.session.stopped))?;
        see(Check::ClientOrderId, self.client_order_id())?;
        see(Check::MessageRate, self.message_rate())?;
        see(Check::OpenOrders, self.open_orders())?;
        see(Check::Restricted, off(self.slot.restricted))?;
        see(Check::InstrumentQuantity, self.instrument_quantity())?;
        see(Check::InstrumentPrice, self.instrument_price())?;
        see(Check::OrderQuantity, self.order_quantity())?;
        see(Check::Rate, self.rate())?;
        see(Check::Reference, self.reference())?;
        see(Check::Collar, self.collar())?;
        see(Check::Notional, self.order_notional())?;
        see(Check::Position, self.position())?;
        see(Check::Gross, self.gross())?;
        see(Check::Drawdown, off(self.account.drawn))?;
        see(Check::Room, on(self.room))
    }

    #[inline(always)]
    fn client_order_id(&self) -> Measure {
        let last = self.session.last;
        Measure {
            value: self.intent.id.map(|id| id.0.into()),
            limit: Some(last.0.into()),
            passed: self.intent.id.is_none_or(|id| id > last),
        }
    }

    #[inline(always)]
    fn message_rate(&self) -> Measure {
        let throttle = &self.account.message_rate;
        // Saturating, so that nothing of it has to be computed where only the verdict is asked for.
        let left = self.tokens.checked_div(cost(throttle)).unwrap_or(0) as i128;
        Measure {
            value: Some(i128::from(throttle.count).saturating_sub(left).saturating_add(1)),
            limit: Some(throttle.count.into()),
            passed: self.tokens >= cost(throttle),
        }
    }

    #[inline(always)]
    fn open_orders(&self) -> Measure {
        let after = u64::from(self.account.open_orders) + u64::from(self.intent.id.is_some());
        let most = self.account.open_orders_max.into();
        Measure {
            value: Some(after.into()),
            limit: Some(i128::from(most)),
            passed: after <= most || self.intent.id.is_none(),
        }
    }

    #[inline(always)]
    fn instrument_quantity(&self) -> Measure {
        let quantity = self.intent.quantity;
        Measure {
            value: Some(quantity.into()),
            limit: Some(self.listing.quantity_max.into()),
            passed: quantity > 0 && quantity <= self.listing.quantity_max,
        }
    }

    #[inline(always)]
    fn instrument_price(&self) -> Measure {
        let bound =
            |price: i64| if price < self.listing.price_min { self.listing.price_min } else { self.listing.price_max };
        Measure {
            value: self.intent.limit.map(i128::from),
            limit: self.intent.limit.map(|price| bound(price).into()),
            passed: self.intent.limit.is_none_or(|price| self.listing.accepts(price)),
        }
    }

    #[inline(always)]
    fn order_quantity(&self) -> Measure {
        let most = self.account.order_quantity_max;
        Measure {
            value: Some(self.intent.quantity.into()),
            limit: Some(most.into()),
            passed: self.intent.quantity <= most,
        }
    }

    #[inline(always)]
    fn rate(&self) -> Measure {
        Measure { value: (self.rate > 0).then_some(self.rate.into()), limit: None, passed: self.rate > 0 }
    }

    #[inline(always)]
    fn reference(&self) -> Measure {
        let reference = self.listing.reference();
        let passed = reference.is_some() || (self.uncollared() && self.intent.limit.is_some());
        Measure { value: reference.map(i128::from), limit: None, passed }
    }

    #[inline(always)]
    fn collar(&self) -> Measure {
        let (Some(limit), Some(reference)) = (self.intent.limit, self.listing.reference()) else {
            let passed = self.intent.limit.is_none() || self.uncollared();
            return Measure { value: None, limit: None, passed };
        };
        let through = (i128::from(limit) - i128::from(reference)) * i128::from(self.intent.side.sign());
        let width = u128::from(reference.unsigned_abs()) * u128::from(self.account.collar_bps);
        let passed = through <= 0 || through.unsigned_abs() * 10_000 <= width || self.uncollared();
        Measure { value: Some(through), limit: Some((width / 10_000) as i128), passed }
    }

    /// Returns whether the collar is so wide that it needs no reference price.
    #[inline(always)]
    fn uncollared(&self) -> bool {
        self.account.collar_bps == u32::MAX
    }

    #[inline(always)]
    fn order_notional(&self) -> Measure {
        let most = self.account.order_notional_max;
        let price = self.intent.limit.or(self.listing.reference());
        let (Some(price), true) = (price, self.rate > 0) else {
            return Measure { value: None, limit: Some(most), passed: false };
        };
        let worth = convert(notional(self.listing.value, price, self.intent.quantity), self.rate) as i128;
        Measure { value: Some(worth), limit: Some(most), passed: worth <= most }
    }

    #[inline(always)]
    fn position(&self) -> Measure {
        let after = self.slot.reach(self.intent.side, self.intent.growth);
        let most = self.account.position_max.min(self.listing.position_max) as i64;
        Measure {
            value: Some(after.into()),
            limit: Some(most.into()),
            passed: after <= most || self.intent.growth == 0,
        }
    }

    #[inline(always)]
    fn gross(&self) -> Measure {
        let limit = Some(self.account.gross_exposure_max);
        let Some(Exposure { worth, grows, .. }) = self.exposure else {
            return Measure { value: None, limit, passed: false };
        };
        let after = (self.account.gross - self.slot.exposure + worth) as i128;
        let fits = worth <= EXPOSURE_MAX && Some(after) <= limit;
        Measure { value: Some(after), limit, passed: fits || !grows }
    }
}

/// What an order would make of its slot.
#[derive(Clone, Copy)]
pub(crate) struct Exposure {
    /// The price at which it is valued: the reference, or the order's own where there is none.
    pub price: i64,
    /// The worst-case value, in the account's currency.
    pub worth: u128,
    /// Whether the largest possible position becomes larger.
    pub grows: bool,
}

impl Exposure {
    /// Values the slot with the order; `None` for want of a price or a rate.
    #[inline(always)]
    pub fn new(intent: &Intent, slot: &Slot, listing: &Listing, rate: u64) -> Option<Self> {
        let price = listing.reference().or(intent.limit).filter(|_| rate > 0)?;
        let worst = slot.worst(intent.side, intent.growth);
        let worth = convert(notional(listing.value, price, worst), rate);
        Some(Self { price, worth, grows: worst > slot.worst(intent.side, 0) })
    }
}
