//! What a command of the naive exchange sets off.

use omni_types::{ExecType, InstrumentId, Minimum, Peg, Price, Side, TradingState, Trigger};

use super::{At, Model, Place, Resting, reaches};

impl Model {
    /// What a command sets off, until nothing does.
    pub(super) fn settle(&mut self, instrument: InstrumentId) {
        if self.instruments[instrument.index()].1 != TradingState::Open {
            self.run = None;
            return;
        }
        while {
            self.fire(instrument);
            self.start_next(instrument) || self.move_pegs(instrument) || self.try_minimum(instrument)
        } {}
    }

    fn fire(&mut self, instrument: InstrumentId) {
        let Some((first, last)) = self.run.take() else { return };
        self.trail(instrument, first);
        for side in Side::BOTH {
            for at in self.queue(instrument, side, Place::Stop) {
                let stop = self.get(at).price;
                if fires(side, stop, first) || fires(side, stop, last) {
                    let order = self.take(at);
                    self.rest(order, Place::Fired, 0);
                }
            }
        }
        self.trail(instrument, last);
    }

    fn trail(&mut self, instrument: InstrumentId, price: i64) {
        for side in Side::BOTH {
            for at in self.queue(instrument, side, Place::Stop) {
                let order = self.get(at);
                let stop = price + side.sign() * order.terms.price.0;
                if order.terms.trigger == Trigger::Trailing && side.sign() * stop < side.sign() * order.price {
                    let order = self.take(at);
                    self.rest(order, Place::Stop, stop);
                }
            }
        }
    }

    fn start_next(&mut self, instrument: InstrumentId) -> bool {
        let fired = Side::BOTH.into_iter().find_map(|side| self.queue(instrument, side, Place::Fired).first().copied());
        let Some(at) = fired else { return false };
        let mut order = self.take(at);
        self.report(self.state(&order, ExecType::Triggered));
        (order.terms.trigger, order.terms.price) = (Trigger::None, Price(0));
        self.go(order);
        true
    }

    fn move_pegs(&mut self, instrument: InstrumentId) -> bool {
        let mut moving = Vec::new();
        for side in Side::BOTH {
            for place in [Place::Dark, Place::Parked] {
                let astray = self.queue(instrument, side, place).into_iter().filter(|&at| self.is_astray(at));
                moving.extend(astray.map(|at| (at, self.get(at).id)));
            }
        }
        for &(at, id) in &moving {
            let there = self.slots[usize::from(at.0)][at.1].is_some_and(|order| order.id == id);
            if there && self.is_astray(at) {
                let order = self.take(at);
                self.follow(order);
            }
        }
        !moving.is_empty()
    }

    fn is_astray(&self, at: At) -> bool {
        let order = self.get(at);
        order.terms.peg != Peg::None
            && match order.place {
                Place::Dark => self.target(&order) != Some(order.price),
                Place::Parked => self.target(&order).is_some(),
                _ => false,
            }
    }

    fn try_minimum(&mut self, instrument: InstrumentId) -> bool {
        for side in Side::BOTH {
            for at in self.queue(instrument, side, Place::Dark) {
                let order = self.get(at);
                if order.terms.minimum != Minimum::None && self.can_trade(&order, order.least(order.leaves)) {
                    self.take(at);
                    self.go(order);
                    return true;
                }
            }
        }
        false
    }

    pub(super) fn target(&self, pegged: &Resting) -> Option<i64> {
        let (side, instrument) = (pegged.side(), pegged.order.instrument);
        let (own, other) = (self.best(instrument, side), self.best(instrument, side.opposite()));
        let base = match pegged.terms.peg {
            Peg::Primary => own?,
            Peg::Market => other?,
            _ if side == Side::Buy => (own? + other?).div_euclid(2),
            _ => -(-own? - other?).div_euclid(2),
        };
        let price = base + side.sign() * pegged.terms.price.0;
        let limit = pegged.is_limit().then_some(pegged.order.price.0);
        let price = limit.filter(|&limit| !reaches(side, limit, price)).unwrap_or(price);
        let spec = &self.instruments[instrument.index()].0.spec;
        (spec.price_min.0..=spec.price_max.0).contains(&price).then_some(price)
    }
}

pub(super) fn fires(side: Side, stop: i64, price: i64) -> bool {
    if side == Side::Buy { price >= stop } else { price <= stop }
}
