//! Orders with special terms, and all orders outside of continuous trading: admission and entry.

use omni_book::Order;
use omni_port::{Listing, Sink};
use omni_types::{
    Display, Event, ExecType, ExecutionReport, Minimum, OrderId, OrderType, Peg, Price, Qty, Refusal, Side,
    SpecialOrder, Terms, Time, TimeInForce, TradingState, Trigger,
};

use crate::Exchange;
use crate::exchange::{NEVER, line, refusal};
use crate::expiry::Expiry;
use crate::held::Shelf;
use crate::report::SPECIAL;
use crate::special::Special;
use crate::spot::no_worse;
use crate::taker::Taker;

impl Exchange {
    /// Takes a new order with special terms, or any new order outside of continuous trading.
    #[cold]
    pub(crate) fn arrive<S: Sink>(&mut self, special: &SpecialOrder, time: Time, sink: &mut S) {
        let SpecialOrder { order, terms } = *special;
        if let Err(reason) = self.admit_special(special, time) {
            return sink.event(&Event::Report(ExecutionReport::rejected(&order, reason, time)));
        }
        self.order_id += 1;
        let id = OrderId(self.order_id);
        sink.event(&Event::Report(ExecutionReport::accepted(&order, id, time)));
        if order.time_in_force == TimeInForce::Gtd {
            let (session, client_order_id) = (order.session, order.client_order_id);
            self.note_expiry(Expiry { time: terms.expire, id, session, client_order_id });
        }
        let taker = Taker::new(order, id, order.quantity, Qty::ZERO);
        self.enter(taker, terms, time, sink);
        self.settle(order.instrument, time, sink);
        self.publish(order.instrument, time, sink);
    }

    /// Checks everything that can refuse such an order.
    fn admit_special(&self, special: &SpecialOrder, time: Time) -> Result<(), Refusal> {
        let SpecialOrder { order, terms } = special;
        let listing = self.listing(order.instrument).ok_or(Refusal::UnknownInstrument)?;
        admits(listing.state, special)?;
        if !listing.accepts_quantity(order.quantity) || terms.size != Qty::ZERO && !listing.accepts_quantity(terms.size)
        {
            return Err(Refusal::InvalidQuantity);
        }
        if order.order_type == OrderType::Limit && !listing.accepts_price(order.price) {
            return Err(Refusal::InvalidPrice);
        }
        if !terms.fit(order)
            || order.post_only && !(order.order_type == OrderType::Limit && order.time_in_force.rests())
        {
            return Err(Refusal::UnsupportedOrder);
        }
        self.admit_terms(listing, special)?;
        if order.time_in_force == TimeInForce::Gtd && terms.expire <= time {
            return Err(Refusal::TimeOver);
        }
        if self.find(order.session, order.client_order_id).is_some() {
            return Err(Refusal::DuplicateClientOrderId);
        }
        if order.post_only && self.would_trade(order.instrument, order.side, order.price) {
            return Err(Refusal::WouldTrade);
        }
        if !self.held.has_room(order.instrument) || !self.specials.has_room() {
            return Err(Refusal::OrderCapacity);
        }
        self.books.has_room(order.instrument, order.side).map_err(refusal)
    }

    fn admit_terms(&self, listing: &Listing, special: &SpecialOrder) -> Result<(), Refusal> {
        let SpecialOrder { order, terms } = special;
        match terms.trigger {
            Trigger::Stop if !listing.accepts_price(terms.price) => return Err(Refusal::InvalidPrice),
            Trigger::Trailing if !listing.accepts_distance(terms.price) => return Err(Refusal::InvalidPrice),
            Trigger::Trailing if self.lasts[order.instrument.index()] == NEVER => {
                return Err(Refusal::NoReferencePrice);
            }
            _ => {}
        }
        if terms.peg != Peg::None && !listing.accepts_distance(terms.price) {
            Err(Refusal::InvalidPrice)
        } else {
            Ok(())
        }
    }

    /// Lets an accepted order do what its terms and the instrument's trading state say.
    pub(crate) fn enter<S: Sink>(&mut self, taker: Taker, terms: Terms, time: Time, sink: &mut S) {
        let order = &taker.order;
        let (call, side) = (self.listings[order.instrument.index()].state.is_call(), order.side);
        let early = self.listings[order.instrument.index()].state != TradingState::Closing;
        if order.time_in_force == TimeInForce::AtClose && early {
            return self.hold_or_end((Shelf::Closing, Price(0)), &taker, terms, time, sink);
        }
        if terms.trigger != Trigger::None {
            let last = self.lasts[order.instrument.index()];
            let stop = stop_price(side, &terms, last);
            if call || !is_reached(side, stop, last) {
                return self.hold_or_end((Shelf::Stop, stop), &taker, terms, time, sink);
            }
            let report = ExecutionReport { exec_type: ExecType::Triggered, ..taker.report(time) };
            sink.event(&Event::Report(report));
        }
        let terms = started(terms);
        if call { self.gather(&taker, terms, time, sink) } else { self.go(taker, terms, time, sink) }
    }

    /// Puts an order into an auction.
    fn gather<S: Sink>(&mut self, taker: &Taker, terms: Terms, time: Time, sink: &mut S) {
        let shelf = match (terms.peg, taker.order.order_type) {
            (Peg::None, OrderType::Market) => Some((Shelf::Call, Price(0))),
            (Peg::None, OrderType::Limit) if is_unseen(&terms) => Some((Shelf::Dark, taker.order.price)),
            (Peg::None, OrderType::Limit) => None,
            _ => Some((Shelf::Parked, Price(0))),
        };
        match shelf {
            Some(at) => self.hold_or_end(at, taker, terms, time, sink),
            None => self.rest_or_end(taker, terms, time, sink),
        }
    }

    /// Lets an order that waits for nothing trade, and rests or ends what is left.
    pub(crate) fn go<S: Sink>(&mut self, mut taker: Taker, terms: Terms, time: Time, sink: &mut S) {
        if terms.peg != Peg::None {
            return self.follow(taker, terms, time, sink);
        }
        if terms.to_limit && !self.limit_to_best(&mut taker, time, sink) {
            return taker.end(Refusal::NoLiquidity, time, sink);
        }
        let fok = taker.order.time_in_force == TimeInForce::Fok;
        let wanted = if fok { taker.leaves } else { least(&terms, taker.leaves) };
        let (limit, rests) = (taker.order.order_type == OrderType::Limit, taker.order.time_in_force.rests());
        let end = if wanted == Qty::ZERO || self.can_trade(&taker, wanted) {
            self.take_unseen(&mut taker, time, sink)
        } else if limit && rests {
            None
        } else {
            Some(Refusal::NoLiquidity)
        };
        if taker.leaves == Qty::ZERO {
            return;
        }
        match end {
            None if limit && rests && is_unseen(&terms) => {
                self.hold_or_end((Shelf::Dark, taker.order.price), &taker, terms, time, sink);
            }
            None if limit && rests => self.rest_or_end(&taker, terms, time, sink),
            reason => taker.end(reason.unwrap_or(Refusal::NoLiquidity), time, sink),
        }
    }

    /// Gives a market-to-limit order the best price of the other side as its limit; false where there is none.
    fn limit_to_best<S: Sink>(&mut self, taker: &mut Taker, time: Time, sink: &mut S) -> bool {
        let Some(best) = self.seen(taker.order.instrument, taker.order.side.opposite()) else { return false };
        (taker.order.order_type, taker.order.price, taker.limit) = (OrderType::Limit, best, Some(best));
        sink.event(&Event::Report(ExecutionReport { exec_type: ExecType::Restated, ..taker.report(time) }));
        true
    }

    /// Lets a pegged order trade at the price that it follows now, and puts what is left there.
    pub(crate) fn follow<S: Sink>(&mut self, mut taker: Taker, terms: Terms, time: Time, sink: &mut S) {
        let (instrument, side) = (taker.order.instrument, taker.order.side);
        let Some(price) = self.peg_price(instrument, side, &terms, taker.limit) else {
            return self.hold_or_end((Shelf::Parked, Price(0)), &taker, terms, time, sink);
        };
        taker.limit = Some(price);
        let end = self.take_unseen(&mut taker, time, sink);
        if taker.leaves == Qty::ZERO {
            return;
        }
        match end {
            Some(reason) => taker.end(reason, time, sink),
            None => self.hold_or_end((Shelf::Dark, price), &taker, terms, time, sink),
        }
    }

    /// Puts an order on a shelf, at a price there.
    pub(crate) fn hold_or_end<S: Sink>(
        &mut self,
        at: (Shelf, Price),
        taker: &Taker,
        terms: Terms,
        time: Time,
        sink: &mut S,
    ) {
        let order = self.remembered(taker, Special::new(&taker.order, terms), taker.leaves);
        if let Err(full) = self.held.rest(at.0, taker.order.side, at.1, order) {
            self.forget(order.more);
            taker.end(refusal(full), time, sink);
        }
    }

    fn rest_or_end<S: Sink>(&mut self, taker: &Taker, terms: Terms, time: Time, sink: &mut S) {
        let mut special = Special::new(&taker.order, terms);
        let shown = if terms.display == Display::Part { taker.leaves.min(terms.size) } else { taker.leaves };
        special.reserve = Qty(taker.leaves.0 - shown.0);
        let order = self.remembered(taker, special, shown);
        if let Err(reason) = self.rest_order(order, taker.order.side, taker.order.price) {
            self.forget(order.more);
            taker.end(reason, time, sink);
        }
    }

    /// Builds the line of an order in a book, its terms kept beside it where it has any.
    fn remembered(&mut self, taker: &Taker, special: Special, shown: Qty) -> Order {
        let mut order = line(taker, shown);
        if special.is_needed() {
            order.flags |= SPECIAL;
            order.more = self.specials.take(special);
        }
        order
    }
}

/// Returns whether a trading state takes such an order.
fn admits(state: TradingState, special: &SpecialOrder) -> Result<(), Refusal> {
    let SpecialOrder { order, terms } = special;
    let open = state == TradingState::Open;
    let taken = match order.time_in_force {
        TimeInForce::AtOpen => state == TradingState::PreOpen,
        TimeInForce::Ioc | TimeInForce::Fok => open,
        _ => open || state.is_call(),
    };
    let continuous = order.post_only || terms.to_limit;
    if taken && (open || !continuous) { Ok(()) } else { Err(Refusal::MarketClosed) }
}

/// Returns the terms of an order that has started: it waits for nothing more.
pub(crate) fn started(terms: Terms) -> Terms {
    match terms.trigger {
        Trigger::None => terms,
        _ => Terms { trigger: Trigger::None, price: Price(0), ..terms },
    }
}

/// Returns whether an order is kept out of sight.
pub(crate) fn is_unseen(terms: &Terms) -> bool {
    terms.display == Display::Hidden || terms.minimum != Minimum::None
}

/// Returns the least that must trade at once of what is left.
pub(crate) fn least(terms: &Terms, leaves: Qty) -> Qty {
    match terms.minimum {
        Minimum::None => Qty::ZERO,
        Minimum::Part => terms.size.min(leaves),
        Minimum::All => leaves,
    }
}

/// Returns the stop price of an order that waits; a trailing one's from the last trade.
pub(crate) const fn stop_price(side: Side, terms: &Terms, last: Price) -> Price {
    match terms.trigger {
        Trigger::Trailing => Price(last.0.saturating_add(side.sign() * terms.price.0)),
        _ => terms.price,
    }
}

/// Returns whether a trade reaches a stop.
pub(crate) const fn is_reached(side: Side, stop: Price, last: Price) -> bool {
    last.0 != NEVER.0 && no_worse(side.opposite(), stop, last)
}
