//! Recorded bars.

use core::cmp::Reverse;

use omni_book::{Order, Slot};
use omni_port::Sink;
use omni_types::{Bar, Event, Liquidity, Price, Refusal, Side, Time, TimeInForce, TradingState};

use super::market::{Market, better, reaches};
use super::report::{Fill, at_market, post_only, time_in_force};
use super::statistics::count;
use super::{BarRules, Data, Historical, Priority};

/// An order of ours that takes part in a phase of a bar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    slot: Slot,
    /// Smaller goes first.
    rank: (Reverse<i64>, u64),
    /// What it would fill at; `None` for an order that only the open could have filled, and hasn't.
    fill: Option<(Price, Liquidity)>,
}

/// The parts of a bar, in the order in which they fill.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// Its first price: market orders, and limits that it has passed.
    Open,
    /// All of its range: the limits that it trades through.
    Range,
}

/// A bar at work.
struct Run<'a> {
    bar: &'a Bar,
    /// Orders that arrived later don't take part.
    cutoff: Time,
    /// What our orders may still get of the volume.
    left: u64,
}

impl Historical {
    pub(super) fn bar<S: Sink>(&mut self, bar: &Bar, sink: &mut S) -> Result<(), Refusal> {
        self.takes_bar(bar)?;
        let market = &self.markets[bar.instrument.index()];
        self.statistics.recorded += 1;
        if market.data == Data::Bars {
            if market.listing.state == TradingState::Open && self.own.any(bar.instrument) {
                self.run_bar(&market.clone(), bar, sink);
            }
            self.markets[bar.instrument.index()].closed = Some((bar.close, bar.time));
        }
        sink.event(&Event::Bar(*bar));
        Ok(())
    }

    fn run_bar<S: Sink>(&mut self, market: &Market, bar: &Bar, sink: &mut S) {
        let rules = self.config.bars;
        let left = rules.volume_share_ppm.map_or(u64::MAX, |ppm| share(bar.volume.0, ppm));
        let mut run = Run { bar, cutoff: cutoff(market, bar, &rules), left };
        for phase in [Phase::Open, Phase::Range] {
            let mut candidates = core::mem::take(&mut self.candidates);
            self.gather(market, phase, &run, &mut candidates);
            candidates.sort_unstable_by_key(|candidate| candidate.rank);
            for candidate in candidates.drain(..) {
                self.try_fill(&candidate, &mut run, sink);
            }
            self.candidates = candidates;
        }
    }

    /// Lists the orders that a phase fills or ends.
    fn gather(&self, market: &Market, phase: Phase, run: &Run<'_>, candidates: &mut Vec<Candidate>) {
        for side in Side::BOTH {
            for level in self.own.books.levels(run.bar.instrument, side) {
                for (slot, order) in self.own.books.queue(level) {
                    let standing = self.own.standing(slot);
                    let fill = price(market, &self.config.bars, phase, (order, level.price), run.bar);
                    let only_now = phase == Phase::Open && !time_in_force(order).rests();
                    if standing.arrived <= run.cutoff && (fill.is_some() || only_now) {
                        let rank = (self.rank(side, fill, run.bar), standing.stamp);
                        candidates.push(Candidate { slot, rank, fill });
                    }
                }
            }
        }
    }

    /// Ranks a fill by how it stands against the close, the worst first.
    fn rank(&self, side: Side, fill: Option<(Price, Liquidity)>, bar: &Bar) -> Reverse<i64> {
        let loss = fill.map_or(0, |(price, _)| side.sign() * (price.0 - bar.close.0));
        Reverse(if self.config.bars.priority == Priority::WorstFirst { loss } else { 0 })
    }

    fn try_fill<S: Sink>(&mut self, candidate: &Candidate, run: &mut Run<'_>, sink: &mut S) {
        let (slot, time) = (candidate.slot, run.bar.time);
        let order = *self.own.books.order(slot);
        let mut quantity = order.leaves.0.min(run.left);
        if time_in_force(&order) == TimeInForce::Fok && quantity < order.leaves.0 {
            quantity = 0;
        }
        if let Some((price, liquidity)) = candidate.fill.filter(|_| quantity > 0) {
            run.left -= quantity;
            count(&mut self.statistics.filled_on_bars, quantity);
            self.fill(slot, Fill { price, quantity, liquidity }, time, sink);
            if quantity == order.leaves.0 {
                return;
            }
        }
        if !time_in_force(&order).rests() {
            self.end(slot, Refusal::NoLiquidity, time, sink);
        }
    }
}

/// Returns until when an order must have come: the bar's open, which isn't before the last bar's end, and the grace.
fn cutoff(market: &Market, bar: &Bar, rules: &BarRules) -> Time {
    let interval = bar.interval_ns.max(0);
    let open = Time(bar.time.0.saturating_sub(interval));
    let open = market.closed.map_or(open, |(_, end)| open.max(end));
    open.plus(rules.grace_ns.clamp(0, interval / 2))
}

/// Returns so many millionths of a volume, rounded down.
pub(super) fn share(volume: u64, ppm: u32) -> u64 {
    let wide = u128::from(volume) * u128::from(ppm) / 1_000_000;
    u64::try_from(wide).unwrap_or(u64::MAX)
}

/// Returns what an order at a place of our ladder fills at in a phase.
fn price(
    market: &Market,
    rules: &BarRules,
    phase: Phase,
    (order, at): (&Order, Price),
    bar: &Bar,
) -> Option<(Price, Liquidity)> {
    let side = order.side();
    let passed = |price| if rules.touch_fills { reaches(side, at, price) } else { better(side, at, price) };
    match (phase, side) {
        (Phase::Open, _) if at_market(side, at) => {
            Some((market.across(side, bar.open, rules.spread), Liquidity::Taker))
        }
        (Phase::Open, _) if !passed(bar.open) => None,
        (Phase::Open, _) if post_only(order) => Some((at, Liquidity::Maker)),
        (Phase::Open, _) => {
            let across = market.across(side, bar.open, rules.spread);
            Some((if reaches(side, at, across) { across } else { at }, Liquidity::Taker))
        }
        (Phase::Range, _) if at_market(side, at) => None,
        (Phase::Range, Side::Buy) => passed(bar.low).then_some((at, Liquidity::Maker)),
        (Phase::Range, Side::Sell) => passed(bar.high).then_some((at, Liquidity::Maker)),
    }
}
