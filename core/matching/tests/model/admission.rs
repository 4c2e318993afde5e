//! What the naive exchange refuses.

use omni_types::{
    InstrumentId, NewOrder, OrderType, Peg, Qty, Refusal, Side, Terms, TimeInForce, TradingState, Trigger,
};

use super::{Model, Resting};

impl Model {
    pub(super) fn refuses(&self, order: &NewOrder, terms: &Terms) -> Option<Refusal> {
        let Some((instrument, state)) = self.instruments.get(order.instrument.index()) else {
            return Some(Refusal::UnknownInstrument);
        };
        let (open, call) = (*state == TradingState::Open, state.is_call());
        let special = call || *terms != Terms::NONE || order.time_in_force as u8 > TimeInForce::Fok as u8;
        let in_time = match order.time_in_force {
            TimeInForce::AtOpen => *state == TradingState::PreOpen,
            TimeInForce::Ioc | TimeInForce::Fok => open,
            _ => open || call,
        };
        if !in_time || call && (order.post_only || terms.to_limit) {
            return Some(Refusal::MarketClosed);
        }
        let sized = terms.size == Qty::ZERO || instrument.accepts_quantity(terms.size);
        if !instrument.accepts_quantity(order.quantity) || !sized {
            return Some(Refusal::InvalidQuantity);
        }
        let limit = order.order_type == OrderType::Limit;
        if limit && !instrument.accepts_price(order.price) {
            return Some(Refusal::InvalidPrice);
        }
        let rests = limit && order.time_in_force.rests();
        if !terms.fit(order) || order.post_only && !rests {
            return Some(Refusal::UnsupportedOrder);
        }
        let priced = match (terms.trigger, terms.peg) {
            (Trigger::Stop, _) => instrument.accepts_price(terms.price),
            (Trigger::None, Peg::None) => true,
            _ => terms.price.0 % instrument.spec.tick == 0 && terms.price.0.unsigned_abs() < 1 << 62,
        };
        if !priced {
            return Some(Refusal::InvalidPrice);
        }
        if terms.trigger == Trigger::Trailing && self.lasts[order.instrument.index()].is_none() {
            return Some(Refusal::NoReferencePrice);
        }
        if order.time_in_force == TimeInForce::Gtd && terms.expire <= self.time {
            return Some(Refusal::TimeOver);
        }
        if self.find(order.session, order.client_order_id).is_some() {
            return Some(Refusal::DuplicateClientOrderId);
        }
        if order.post_only && self.crosses(order) {
            return Some(Refusal::WouldTrade);
        }
        let count = |held: usize| self.slots[held].iter().flatten().count();
        let specials = self.slots.iter().flatten().flatten().filter(|resting| resting.is_special()).count();
        let full = count(1) == self.capacity.orders || specials == self.capacity.orders;
        if special && full || (special || rests) && count(0) == self.capacity.orders {
            return Some(Refusal::OrderCapacity);
        }
        self.refuses_level(special || rests)
    }

    pub(super) fn refuses_amend(&self, old: &Resting, order: &NewOrder, keeps: bool) -> Option<Refusal> {
        let (instrument, state) = self.instruments[order.instrument.index()];
        if state != TradingState::Open && !state.is_call() {
            return Some(Refusal::MarketClosed);
        }
        if !old.is_limit() {
            return Some(Refusal::UnsupportedOrder);
        }
        if !instrument.accepts_quantity(order.quantity) {
            return Some(Refusal::InvalidQuantity);
        }
        if !instrument.accepts_price(order.price) {
            return Some(Refusal::InvalidPrice);
        }
        if order.quantity.0 <= old.filled {
            return Some(Refusal::BelowFilled);
        }
        if !keeps && state == TradingState::Open && order.post_only && self.crosses(order) {
            return Some(Refusal::WouldTrade);
        }
        self.refuses_level(!keeps)
    }

    pub(super) fn refuses_level(&self, needed: bool) -> Option<Refusal> {
        let mut levels: Vec<(InstrumentId, Side, i64)> =
            self.slots[0].iter().flatten().map(|r| (r.order.instrument, r.side(), r.price)).collect();
        levels.sort_unstable();
        levels.dedup();
        (needed && levels.len() == self.capacity.levels).then_some(Refusal::LevelCapacity)
    }
}
