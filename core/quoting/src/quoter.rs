//! One instrument's state, and what to quote there.

use omni_port::{Desk, Ticket, WorkingOrder};
use omni_types::{
    Action, Adjusted, Event, ExecType, ExecutionReport, Instrument, InstrumentId, MarketStatus, Price, Qty, Quote,
    Refusal, Side, Time, TradeTick, TradingState,
};

use crate::estimate::{Pace, TradeFlow, UsualSpread, Variance};
use crate::tick::quote_ticks;
use crate::touch::{Best, Own, Touch};
use crate::working::{Stage, Working};
use crate::{MakerParams, QuotingError};

/// Refusals in a row after which the wait before trying again grows no more; it doubles until then.
const STRIKES_MOST: u32 = 6;

/// What to have working on a side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Target {
    ticks: i64,
    /// The furthest price allowed: others' best and as far inside as is improved on it.
    edge_ticks: i64,
    quantity: u64,
}

/// What an instrument restricts quotes to.
#[derive(Clone, Copy, Debug)]
struct Listing {
    id: InstrumentId,
    tick: i64,
    lot: u64,
    /// Lowest and highest price, in ticks.
    bounds: (i64, i64),
}

/// One instrument: what is known of its market, and the two orders there.
#[derive(Clone, Debug)]
pub(crate) struct Quoter {
    listing: Listing,
    touch: Touch,
    variance: Variance,
    flow: TradeFlow,
    pace: Pace,
    usual: UsualSpread,
    own: [Working; 2],
    open: bool,
    first: Option<Time>,
    /// When others last did something here.
    last: Time,
    retry_at: Time,
    strikes: u32,
    /// Whether the delivery has a report that explains a change of the top by the maker's own doing.
    own_change: bool,
    /// Whether it waits to be looked at.
    dirty: bool,
}

impl Quoter {
    /// Builds the state of an instrument not seen yet.
    ///
    /// # Errors
    /// [`QuotingError`] where the settings don't fit the instrument.
    pub(crate) fn new(instrument: &Instrument, params: &MakerParams) -> Result<Self, QuotingError> {
        let spec = &instrument.spec;
        let symbol = spec.symbol;
        if params.size < spec.lot.0 {
            return Err(QuotingError::BelowLot { symbol, lot: spec.lot });
        }
        if params.size_max > spec.quantity_max.0 {
            return Err(QuotingError::AboveInstrument { symbol, name: "size_max", most: spec.quantity_max });
        }
        if params.position_max > instrument.position_max.0 {
            return Err(QuotingError::AboveInstrument { symbol, name: "position_max", most: instrument.position_max });
        }
        let tick = spec.tick;
        let low = spec.price_min.0.div_euclid(tick) + i64::from(spec.price_min.0.rem_euclid(tick) != 0);
        let bounds = (low, spec.price_max.0.div_euclid(tick));
        Ok(Self {
            listing: Listing { id: instrument.id, tick, lot: spec.lot.0, bounds },
            touch: Touch::default(),
            variance: Variance::default(),
            flow: TradeFlow::default(),
            pace: Pace::new(params.horizon_s),
            usual: UsualSpread::default(),
            own: [Working::default(); 2],
            open: true,
            first: None,
            last: Time(i64::MIN),
            retry_at: Time(i64::MIN),
            strikes: 0,
            own_change: false,
            dirty: false,
        })
    }

    /// Notes that it is to be looked at; returns whether that is new.
    pub(crate) fn mark(&mut self) -> bool {
        !core::mem::replace(&mut self.dirty, true)
    }

    /// Takes in a market event.
    #[inline]
    pub(crate) fn on_market(&mut self, event: &Event, params: &MakerParams) {
        match event {
            Event::Quote(quote) => self.on_quote(quote, params),
            Event::Trade(trade) => self.on_trade(trade, params),
            Event::Status(status) => self.on_status(status),
            Event::Adjusted(adjusted) => self.on_adjusted(adjusted, params),
            Event::Report(_) | Event::Book(_) | Event::Bar(_) | Event::Timer(_) | Event::Indicative(_) => {}
        }
    }

    /// Learns the market anew after a split: what it knew was at other prices. Its orders have ended by their reports.
    #[cold]
    fn on_adjusted(&mut self, adjusted: &Adjusted, params: &MakerParams) {
        if matches!(adjusted.action, Action::Split(_)) {
            self.touch = Touch::default();
            self.variance = Variance::default();
            self.flow = TradeFlow::default();
            self.pace = Pace::new(params.horizon_s);
            self.usual = UsualSpread::default();
            (self.first, self.last) = (None, Time(i64::MIN));
        }
    }

    #[inline]
    fn on_quote(&mut self, quote: &Quote, params: &MakerParams) {
        let own = Own { orders: &self.own, tick: self.listing.tick };
        self.touch.update(&quote.top, own, quote.time, params.fade_memory_s);
        if !self.own_change {
            self.seen(quote.time);
        }
        if let Some((bid, ask)) = self.touch.both() {
            let mid = 0.5 * (bid.ticks as f64 + ask.ticks as f64);
            self.variance.update(quote.time, mid, params.volatility_memory_s);
            let half = 0.5 * (ask.ticks as f64 - bid.ticks as f64);
            self.usual.update(quote.time, half, params.volatility_memory_s);
        }
    }

    #[inline]
    fn on_trade(&mut self, trade: &TradeTick, params: &MakerParams) {
        self.seen(trade.time);
        self.pace.update(trade.time, params.trade_memory);
        if let Some(side) = trade.aggressor {
            self.touch.traded(side.opposite(), trade.price, trade.quantity, self.listing.tick);
            let signed = side.sign() as f64 * trade.quantity.0 as f64;
            self.flow.update(trade.time, signed, params.flow_memory_s);
        }
    }

    fn seen(&mut self, now: Time) {
        self.first.get_or_insert(now);
        self.last = now;
    }

    fn on_status(&mut self, status: &MarketStatus) {
        self.open = status.state == TradingState::Open;
        self.variance.interrupt();
    }

    /// Takes in what became of an own order; returns whether that is a reason to look again at once.
    #[inline]
    pub(crate) fn on_report(&mut self, report: &ExecutionReport, params: &MakerParams) -> bool {
        self.own_change |= !report.is_fill();
        let own = self.own.iter_mut().find(|own| !own.is_free() && own.id() == report.client_order_id);
        if let Some(own) = own {
            own.on_report(report, self.listing.tick);
        }
        let refused = matches!(report.exec_type, ExecType::Rejected | ExecType::CancelRejected);
        if refused && !matches!(report.reason, Refusal::WouldTrade | Refusal::UnknownOrder) {
            self.refused(report.time, params);
            return true;
        }
        if !refused && report.status.is_open() {
            self.strikes = 0;
        }
        // After a refused post-only price the next market event tells where the market is; asking again now would loop.
        !refused
    }

    #[cold]
    fn refused(&mut self, now: Time, params: &MakerParams) {
        let wait_s = params.retry_s * f64::from(1_u32 << self.strikes);
        self.retry_at = now.plus(nanos(wait_s));
        self.strikes = (self.strikes + 1).min(STRIKES_MOST);
    }

    /// Forgets what may have changed unseen before a recovery: the market's state, and its own orders.
    pub(crate) fn forget(&mut self) {
        self.touch = Touch::default();
        self.own = [Working::default(); 2];
        self.open = true;
        self.variance.interrupt();
    }

    /// Takes over an order that was open at a recovery; false if its side has one already.
    pub(crate) fn adopt(&mut self, order: &WorkingOrder) -> bool {
        let own = &mut self.own[order.side.index()];
        let free = own.is_free();
        if free {
            own.adopt(order, order.price.0.div_euclid(self.listing.tick));
        }
        free
    }

    /// Returns when its quotes are to be pulled if nothing happens, where it has any.
    pub(crate) fn stale_at(&self, stale_ns: i64) -> Option<Time> {
        let quotes = self.own.iter().any(|own| !matches!(own.stage(), Stage::Free | Stage::Cancelling));
        quotes.then_some(self.last.plus(stale_ns))
    }

    /// Brings what is working to what is wanted.
    pub(crate) fn settle(&mut self, params: &MakerParams, desk: &mut Desk) {
        self.dirty = false;
        self.own_change = false;
        let wanted = self.wanted(params, desk);
        // The side that the market moves towards gets out of the way first.
        let rises = wanted[1].is_some_and(|ask| ask.ticks > self.own[1].ticks());
        let order = if rises { [Side::Sell, Side::Buy] } else { Side::BOTH };
        for side in order {
            let target = wanted[side.index()].and_then(|target| self.passive(side, target, desk));
            self.steer(side, target, params, desk);
        }
    }

    /// Returns whether it may quote at all.
    fn is_quotable(&self, params: &MakerParams, now: Time) -> bool {
        let since = |time: Time| now.0.saturating_sub(time.0);
        self.open
            && now >= self.retry_at
            && self.first.is_some_and(|first| since(first) >= nanos(params.warmup_s))
            && since(self.last) < nanos(params.stale_s)
    }

    fn wanted(&self, params: &MakerParams, desk: &Desk) -> [Option<Target>; 2] {
        let now = desk.time();
        let Some((bid, ask)) = self.touch.both().filter(|_| self.is_quotable(params, now)) else { return [None; 2] };
        let (fair, market_half) = fair_value(bid, ask, params);
        let flow = self.flow.balance(now, params.flow_memory_s, params.size as f64);
        let position = desk.holding(self.listing.id).quantity;
        let half = self.half_spread(params);
        // A spread that pays only while it is unusually wide is one that others have fled from.
        let pays = half <= params.width_most * self.usual.mean();
        let inventory = (position as f64 / params.position_max as f64).clamp(-1.0, 1.0);
        let center = fair + params.flow_weight * market_half * flow - params.skew * half * inventory;
        Side::BOTH.map(|side| {
            let ticks = quote_ticks(side, center - side.sign() as f64 * half)?;
            let best = if side == Side::Buy { bid } else { ask };
            let edge_ticks = edge(side, best, params);
            let ticks = less_eager(side, ticks, edge_ticks);
            // Far behind the others an order waits only for the price to run through it.
            let shown = side.sign() * (best.ticks - ticks) <= params.behind_ticks as i64;
            let quantity = if pays || side.sign() * position < 0 { self.quantity(side, position, params) } else { 0 };
            (shown && quantity > 0).then_some(Target { ticks, edge_ticks, quantity })
        })
    }

    /// Returns half the distance between own bid and ask, in ticks, before rounding outwards.
    fn half_spread(&self, params: &MakerParams) -> f64 {
        let (least, most) = (0.5 * params.spread_min_ticks as f64, 0.5 * params.spread_max_ticks as f64);
        (params.spread_volatility * self.variance.deviation(self.pace.wait_s())).clamp(least, most)
    }

    /// Returns how much to show: more where it reduces the position, never past the limits, whole lots.
    fn quantity(&self, side: Side, position: i64, params: &MakerParams) -> u64 {
        let towards = i128::from(side.sign()) * i128::from(position);
        let reduces = u64::try_from(-towards).unwrap_or(0);
        let room = u64::try_from(i128::from(params.position_max) - towards).unwrap_or(0);
        let quantity = reduces.clamp(params.size, params.size_max).min(room);
        quantity - quantity % self.listing.lot
    }

    /// Keeps a price off the other side, own orders included, and within the instrument's range.
    fn passive(&self, side: Side, target: Target, desk: &Desk) -> Option<Target> {
        let top = desk.top(self.listing.id);
        let across = if side == Side::Buy { top.ask } else { top.bid };
        let across = across.map(|(price, _)| price.0.div_euclid(self.listing.tick));
        let own = self.own[side.opposite().index()].reach();
        let (low, high) = self.listing.bounds;
        let ticks = across
            .into_iter()
            .chain(own.into_iter().flatten())
            .fold(target.ticks, |ticks, other| less_eager(side, ticks, other.saturating_sub(side.sign())));
        (low..=high).contains(&ticks).then_some(Target { ticks, ..target })
    }

    /// Sends what one side needs, if anything.
    fn steer(&mut self, side: Side, target: Option<Target>, params: &MakerParams, desk: &mut Desk) {
        let own = &mut self.own[side.index()];
        match (own.stage(), target) {
            (Stage::Free, Some(target)) => {
                let price = Price(target.ticks * self.listing.tick);
                let ticket = Ticket::limit(self.listing.id, side, Qty(target.quantity), price);
                let id = desk.submit(Ticket { post_only: true, ..ticket });
                own.sent(id, target.ticks, target.quantity);
            }
            (Stage::Live, Some(target)) => {
                if let Some(change) = change(side, own, target, params) {
                    let price = Price(change.ticks * self.listing.tick);
                    desk.amend(own.id(), price, Qty(own.filled() + change.quantity));
                    own.amending(change.ticks);
                }
            }
            (Stage::Live | Stage::Amending, None) => {
                desk.cancel(own.id());
                own.cancelling();
            }
            _ => {}
        }
    }
}

/// Returns the furthest price allowed beside others' best.
///
/// A level that is about to go is no cover: whoever is left there last trades against who knows better.
fn edge(side: Side, best: Best, params: &MakerParams) -> i64 {
    let covered = best.quantity as f64 >= params.cover * params.size as f64 && best.holds(params.fade);
    let improve = params.improve_ticks as i64 - i64::from(!covered);
    best.ticks.saturating_add(side.sign() * improve)
}

/// Returns what the book says the instrument is worth, and half the market's spread, in ticks.
///
/// The micro-price leans from the mid towards the thinner side: where the bid shows more, the ask is likelier to go.
fn fair_value(bid: Best, ask: Best, params: &MakerParams) -> (f64, f64) {
    let (b, a) = (bid.ticks as f64, ask.ticks as f64);
    let (bid_size, ask_size) = (bid.quantity as f64, ask.quantity as f64);
    let (mid, half) = (0.5 * (a + b), 0.5 * (a - b));
    let micro = mid + half * (bid_size - ask_size) / (bid_size + ask_size);
    (mid + params.micro_weight * (micro - mid), half)
}

/// Returns what to amend an order to, or `None` where it is near enough to its target.
fn change(side: Side, own: &Working, target: Target, params: &MakerParams) -> Option<Target> {
    let exposed = less_eager(side, own.ticks(), target.edge_ticks) != own.ticks();
    let moved = exposed || own.ticks().abs_diff(target.ticks) >= params.requote_ticks;
    let thin = (own.leaves() as f64) < params.refill * target.quantity as f64;
    if moved || thin {
        return Some(target);
    }
    // Less at the same price keeps its place in the queue.
    (own.leaves() > target.quantity).then_some(Target { ticks: own.ticks(), ..target })
}

/// Returns the price that is further from trading.
fn less_eager(side: Side, one: i64, other: i64) -> i64 {
    if side == Side::Buy { one.min(other) } else { one.max(other) }
}

/// Converts a checked setting in seconds, which is a day times a small factor at most.
pub(crate) fn nanos(seconds: f64) -> i64 {
    (seconds * Time::SECOND as f64) as i64
}
