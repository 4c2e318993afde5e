//! Turns what shall be done into a command, and keeps the flow's own record of it.

use omni_types::{
    AccountId, AmendOrder, Body, CancelOrder, ClientOrderId, InstrumentId, NewOrder, OrderType, Price, Qty, SelfTrade,
    SessionId, Side, TimeInForce,
};

use super::config::{FlowConfig, Role};
use super::decision::Intent;
use super::pool::Pool;
use super::random::Random;

/// Makers of one instrument.
const MAKERS: usize = 12;
/// Part of taking limit orders that want all or nothing.
const WHOLE: f64 = 0.05;

/// Writes commands: chooses the member, numbers the order.
#[derive(Clone, Debug)]
pub(crate) struct Clerk {
    config: FlowConfig,
    /// Bits of a client order id that name the order's slot; the number above them counts the member's orders.
    slot_bits: u32,
    counters: Vec<u64>,
}

impl Clerk {
    pub(crate) fn new(config: FlowConfig) -> Self {
        let slot_bits = u32::from(config.live_orders).next_power_of_two().trailing_zeros();
        Self { config, slot_bits, counters: vec![0; config.members.total()] }
    }

    pub(crate) fn reserved_bytes(&self) -> usize {
        size_of_val(self.counters.as_slice())
    }

    /// Returns the slot that a client order id names.
    #[inline]
    pub(crate) fn slot(&self, id: u64) -> u16 {
        (id & ((1 << self.slot_bits) - 1)) as u16
    }

    /// Returns which member a session is, counted from the first, if it is one of the flow's.
    #[inline]
    pub(crate) fn member(&self, session: SessionId) -> Option<u16> {
        let member = session.0.checked_sub(self.config.first_session.0)?;
        (usize::from(member) < self.counters.len()).then_some(member)
    }

    fn session(&self, member: u16) -> SessionId {
        SessionId(self.config.first_session.0 + member)
    }

    /// Writes the command of an intent for the instrument at `at`, and records it.
    pub(crate) fn write(&mut self, at: usize, tick: i64, intent: Intent, pool: &mut Pool, random: &mut Random) -> Body {
        match intent {
            Intent::Add { side, price, role } => self.add(at, (side, price, tick), role, pool, random),
            Intent::Take { side, quantity, limit, role, member } => {
                let limit = limit.map(|ticks| Price(ticks * tick));
                self.take(at, (side, quantity, limit), (role, member), random)
            }
            Intent::Cancel { slot } => {
                let order = pool.get(at, slot);
                pool.remove(at, slot);
                let session = self.session(order.member);
                Body::Cancel(CancelOrder { session, client_order_id: ClientOrderId(order.id) })
            }
            Intent::Move { slot, price } => {
                let quantity = pool.get(at, slot).quantity;
                self.amend(at, slot, (price, tick), quantity, pool)
            }
            Intent::Shrink { slot } => {
                let order = pool.get(at, slot);
                let quantity = order.filled + (order.quantity - order.filled).div_ceil(2);
                self.amend(at, slot, (order.price, tick), quantity, pool)
            }
        }
    }

    fn amend(&self, at: usize, slot: u16, (price, tick): (i64, i64), quantity: u32, pool: &mut Pool) -> Body {
        pool.amend(at, slot, price, quantity);
        let order = pool.get(at, slot);
        Body::Amend(AmendOrder {
            session: self.session(order.member),
            client_order_id: ClientOrderId(order.id),
            price: Price(price * tick),
            quantity: Qty(u64::from(quantity)),
        })
    }

    fn add(
        &mut self,
        at: usize,
        (side, price, tick): (Side, i64, i64),
        role: Role,
        pool: &mut Pool,
        random: &mut Random,
    ) -> Body {
        let slot = pool.free(at).unwrap_or_default();
        let member = self.choose(at, role, random);
        let quantity = resting_quantity(role, random);
        let mut order = self.blank(at, member, slot, side);
        order.price = Price(price * tick);
        order.quantity = Qty(u64::from(quantity));
        order.post_only = role == Role::Maker;
        order.time_in_force = if role == Role::Investor { TimeInForce::Gtc } else { TimeInForce::Day };
        pool.insert(at, slot, Pool::order(order.client_order_id.0, member, side, price, quantity));
        Body::New(order)
    }

    fn take(
        &mut self,
        at: usize,
        (side, quantity, limit): (Side, u32, Option<Price>),
        who: (Role, u16),
        random: &mut Random,
    ) -> Body {
        let member = match who {
            (Role::Institution, institution) => self.first(Role::Institution) + institution,
            (role, _) => self.choose(at, role, random),
        };
        let mut order = self.blank(at, member, 0, side);
        order.quantity = Qty(u64::from(quantity));
        order.order_type = if limit.is_some() { OrderType::Limit } else { OrderType::Market };
        order.price = limit.unwrap_or_default();
        let whole = limit.is_some() && random.chance(WHOLE);
        order.time_in_force = if whole { TimeInForce::Fok } else { TimeInForce::Ioc };
        Body::New(order)
    }

    /// Writes a market order for an auction.
    pub(crate) fn at_auction(&mut self, at: usize, time_in_force: TimeInForce, random: &mut Random) -> Body {
        let member = self.choose(at, Role::Institution, random);
        let side = Side::BOTH[random.below(2)];
        let order = self.blank(at, member, 0, side);
        let quantity = Qty(u64::from(resting_quantity(Role::Institution, random)));
        Body::New(NewOrder { order_type: OrderType::Market, time_in_force, quantity, ..order })
    }

    fn blank(&mut self, at: usize, member: u16, slot: u16, side: Side) -> NewOrder {
        let counter = &mut self.counters[usize::from(member)];
        *counter += 1;
        NewOrder {
            session: SessionId(self.config.first_session.0 + member),
            client_order_id: ClientOrderId(*counter << self.slot_bits | u64::from(slot)),
            account: AccountId(self.config.first_account.0 + u32::from(member)),
            instrument: InstrumentId(self.config.first_instrument.0 + at as u32),
            side,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Day,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            price: Price(0),
            quantity: Qty::ZERO,
        }
    }

    fn first(&self, role: Role) -> u16 {
        let members = &self.config.members;
        match role {
            Role::Maker => 0,
            Role::Investor => members.makers,
            Role::Institution => members.makers + members.investors,
            Role::Taker => members.makers + members.investors + members.institutions,
        }
    }

    fn choose(&self, at: usize, role: Role, random: &mut Random) -> u16 {
        let members = &self.config.members;
        let place = match role {
            Role::Maker => (at * 7 + random.below(MAKERS)) % usize::from(members.makers),
            Role::Investor => random.below(usize::from(members.investors)),
            Role::Institution => random.below(usize::from(members.institutions)),
            Role::Taker => random.below(usize::from(members.takers)),
        };
        self.first(role) + place as u16
    }
}

/// Draws a resting order's size: mostly few round lots; investors have some odd ones.
fn resting_quantity(role: Role, random: &mut Random) -> u32 {
    const LOTS: [u32; 16] = [1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 5, 5, 8, 10];
    if role == Role::Investor && random.chance(0.15) {
        return 1 + random.below(99) as u32;
    }
    100 * LOTS[random.below(LOTS.len())]
}
