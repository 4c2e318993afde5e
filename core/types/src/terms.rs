//! What an order may ask for beyond its price, quantity and time in force.

use crate::{NewOrder, OrderType, Price, Qty, Time, TimeInForce};

/// What an order waits for before it enters the market.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum Trigger {
    /// Nothing.
    #[default]
    None = 0,
    /// A trade at its stop price or beyond (FIX OrdType 3 and 4, StopPx): at or above for a buy, at or below for a sell.
    Stop = 1,
    /// A trade that lies its distance away from the best trade since it came (FIX PegPriceType 8, trailing stop).
    Trailing = 2,
}

impl Trigger {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::None, Self::Stop, Self::Trailing];
}

/// What an order's price follows (FIX tag 1094, PegPriceType); orders that follow are never displayed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum Peg {
    /// Nothing.
    #[default]
    None = 0,
    /// The best displayed price of its own side (5).
    Primary = 1,
    /// The best displayed price of the other side (4).
    Market = 2,
    /// The middle of both, on a half unit rounded away from the other side (2).
    Midpoint = 3,
}

impl Peg {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::None, Self::Primary, Self::Market, Self::Midpoint];
}

/// How much of an order others see (FIX tags 1138, DisplayQty, and 1084, DisplayMethod).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum Display {
    /// All of it.
    #[default]
    All = 0,
    /// An iceberg: [`Terms::size`] at a time; each new part goes behind all others at its price.
    Part = 1,
    /// Nothing; displayed orders at its price go first.
    Hidden = 2,
}

impl Display {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::All, Self::Part, Self::Hidden];
}

/// How much must trade at once (FIX tag 110, MinQty, and ExecInst G); an order with such a wish is never displayed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum Minimum {
    /// Any quantity.
    #[default]
    None = 0,
    /// At least [`Terms::size`], or what is left where that is less.
    Part = 1,
    /// All of it.
    All = 2,
}

impl Minimum {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::None, Self::Part, Self::All];
}

/// What an order asks for beyond its price, quantity and time in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// What it waits for.
    pub trigger: Trigger,
    /// What its price follows; a limit order's limit bounds it.
    pub peg: Peg,
    /// How much of it is shown.
    pub display: Display,
    /// How much must trade at once.
    pub minimum: Minimum,
    /// Whether a market order's rest stays as a limit order at the price where it traded (FIX OrdType K).
    pub to_limit: bool,
    /// The stop price; the trailing stop's distance; the peg's offset, positive towards the other side.
    pub price: Price,
    /// What is shown at a time, or the least that trades at once.
    pub size: Qty,
    /// When a good-till-date order ends (FIX tag 126, ExpireTime).
    pub expire: Time,
}

impl Terms {
    /// Nothing special.
    pub const NONE: Self = Self {
        trigger: Trigger::None,
        peg: Peg::None,
        display: Display::All,
        minimum: Minimum::None,
        to_limit: false,
        price: Price(0),
        size: Qty::ZERO,
        expire: Time(0),
    };

    /// Returns whether the terms go together, and with the order.
    ///
    /// Prices and times are the venue's to check.
    #[must_use]
    pub fn fit(&self, order: &NewOrder) -> bool {
        let rests = order.time_in_force.rests();
        let limit = order.order_type == OrderType::Limit;
        let auction = matches!(order.time_in_force, TimeInForce::AtOpen | TimeInForce::AtClose);
        let plain = *self == Self { expire: self.expire, ..Self::default() };
        let sized = self.size > Qty::ZERO && self.size <= order.quantity;
        let needs_size = self.display == Display::Part || self.minimum == Minimum::Part;
        let triggered = self.trigger != Trigger::None;
        let pegged = self.peg != Peg::None;
        let priced = triggered || pegged;
        (plain || !auction && !order.post_only)
            && (self.expire != Time(0)) == (order.time_in_force == TimeInForce::Gtd)
            && sized == needs_size
            && (needs_size || self.size == Qty::ZERO)
            && (priced || self.price == Price(0))
            && !(triggered && (pegged || self.to_limit))
            && !(pegged && (self.minimum != Minimum::None || self.display == Display::Part || !rests))
            && !(self.display != Display::All && (self.minimum != Minimum::None || !rests || !(limit || pegged)))
            && !(self.minimum != Minimum::None && (order.time_in_force == TimeInForce::Fok || rests && !limit))
            && !(self.to_limit && (limit || pegged || !rests || self.display != Display::All))
            && !(self.trigger == Trigger::Trailing && self.price.0 <= 0)
    }
}

/// A new order with special terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpecialOrder {
    /// The order.
    pub order: NewOrder,
    /// What else it asks for.
    pub terms: Terms,
}
