//! Runs a generated day on the real exchange and keeps what its statistics need.

use std::collections::BTreeMap;

use omni_book::Capacity;
use omni_matching::{Exchange, MarketData};
use omni_port::Venue;
use omni_sim::flow::{Flow, FlowCommand, FlowConfig, FlowView, Listing, universe};
use omni_types::{
    Body, Event, ExecType, ExecutionReport, Instrument, InstrumentId, Liquidity, OrderType, Refusal, Side, Time,
    TimeInForce, TopOfBook,
};

/// 09:30 in New York on 2 June 2025, as UTC.
pub const START: Time = Time(1_748_871_000 * Time::SECOND);
/// 16:00 on the same day.
pub const END: Time = Time(START.0 + 23_400 * Time::SECOND);
const MINUTE: i64 = 60 * Time::SECOND;

/// The exchange as the flow sees it.
pub struct View<'a>(pub &'a Exchange);

impl FlowView for View<'_> {
    fn top(&self, instrument: InstrumentId) -> TopOfBook {
        self.0.top(instrument)
    }
}

/// What happened on one instrument.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// Mid at the end of each minute, in price units.
    pub mids: Vec<f64>,
    /// 1 or -1 for each order that traded on arrival.
    pub signs: Vec<f64>,
}

/// What happened in a day.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// By instrument.
    pub tapes: Vec<Tape>,
    /// New orders of each minute.
    pub orders_per_minute: Vec<f64>,
    /// Orders of each minute that traded on arrival.
    pub trades_per_minute: Vec<f64>,
    /// All commands.
    pub commands: u64,
    /// Orders that may rest.
    pub limits: u64,
    /// Orders that trade at once or not at all.
    pub takes: u64,
    /// Cancels sent.
    pub cancels: u64,
    /// Amends sent.
    pub amends: u64,
    /// Resting orders cancelled.
    pub cancelled: u64,
    /// Resting orders filled whole.
    pub filled: u64,
    /// Matches.
    pub trades: u64,
    /// Commands refused and orders cut short, by reason.
    pub refusals: BTreeMap<Refusal, u64>,
    /// How often each spread in ticks was seen at a minute's end; 0 stands for a missing side.
    pub spreads: BTreeMap<i64, u64>,
    /// Bid quantity at each distance from the best in ticks, summed over minutes' ends.
    pub depth: [u64; 16],
    /// Live orders at the end, by the flow and by the exchange.
    pub live: (usize, usize),
}

/// An exchange with the listings, and the flow of a day on them.
pub fn open(config: FlowConfig, listings: &[Listing]) -> (Exchange, Flow) {
    let orders = listings.len() * usize::from(config.live_orders);
    let mut exchange =
        Exchange::new(Capacity { instruments: listings.len(), orders, levels: orders }, MarketData::Published);
    for (slot, listing) in listings.iter().enumerate() {
        let instrument = Instrument::new(InstrumentId(slot as u32), listing.spec).expect("a listing is valid");
        exchange.list(&instrument).expect("there is room");
    }
    (exchange, Flow::new(config, listings).expect("the settings make a day"))
}

/// Applies a command.
pub fn apply(exchange: &mut Exchange, command: &FlowCommand, sink: &mut impl FnMut(&Event)) {
    match &command.body {
        Body::New(order) => exchange.submit(order, command.time, sink),
        Body::Cancel(cancel) => exchange.cancel(cancel, command.time, sink),
        Body::Amend(amend) => exchange.amend(amend, command.time, sink),
        other => panic!("the flow sends orders only, found {other:?}"),
    }
}

/// Runs the whole day.
pub fn run(config: FlowConfig, instruments: usize) -> Day {
    let listings = universe(config.seed, instruments).expect("made-up symbols are valid");
    let (mut exchange, mut flow) = open(config, &listings);
    let mut day = Day { tapes: vec![Tape::default(); instruments], ..Day::default() };
    let mut reports: Vec<ExecutionReport> = Vec::new();
    let mut minute = 0;
    while let Some(command) = flow.next(&View(&exchange)) {
        while command.time.0 >= START.0 + (minute + 1) * MINUTE {
            day.close_minute(&exchange);
            minute += 1;
        }
        day.count(&command.body, minute as usize);
        let mut trade: Option<(usize, Side)> = None;
        apply(&mut exchange, &command, &mut |event| match event {
            Event::Report(report) => reports.push(*report),
            Event::Trade(tick) => {
                trade = tick.aggressor.map(|side| (tick.instrument.index(), side));
                day.trades += 1;
            }
            _ => {}
        });
        if let Some((at, side)) = trade {
            day.tapes[at].signs.push(side.sign() as f64);
            add(&mut day.trades_per_minute, minute as usize);
        }
        for report in reports.drain(..) {
            day.report(&report);
            flow.on_report(&report);
        }
    }
    day.close_minute(&exchange);
    let mut resting = 0;
    exchange.for_each_order(omni_port::Selection::default(), &mut |_| resting += 1);
    day.live = (flow.live_orders(), resting);
    day
}

fn add(counts: &mut Vec<f64>, minute: usize) {
    counts.resize(counts.len().max(minute + 1), 0.0);
    counts[minute] += 1.0;
}

impl Day {
    fn count(&mut self, body: &Body, minute: usize) {
        self.commands += 1;
        match body {
            Body::New(order) => {
                add(&mut self.orders_per_minute, minute);
                let rests = order.order_type == OrderType::Limit
                    && matches!(order.time_in_force, TimeInForce::Day | TimeInForce::Gtc);
                *(if rests { &mut self.limits } else { &mut self.takes }) += 1;
            }
            Body::Cancel(_) => self.cancels += 1,
            _ => self.amends += 1,
        }
    }

    fn report(&mut self, report: &ExecutionReport) {
        match report.exec_type {
            ExecType::Cancelled if report.reason == Refusal::None => self.cancelled += 1,
            ExecType::Trade if report.leaves.0 == 0 && report.liquidity == Liquidity::Maker => self.filled += 1,
            _ => {}
        }
        if report.reason != Refusal::None {
            *self.refusals.entry(report.reason).or_default() += 1;
        }
    }

    fn close_minute(&mut self, exchange: &Exchange) {
        for (slot, tape) in (0_u32..).zip(&mut self.tapes) {
            let top = exchange.top(InstrumentId(slot));
            let spread = top.bid.zip(top.ask).map_or(0, |(bid, ask)| ask.0.0 - bid.0.0);
            *self.spreads.entry(spread).or_default() += 1;
            if let Some(twice) = top.mid_twice() {
                tape.mids.push(twice as f64 / 2.0);
            }
            let Some((bid, _)) = top.bid else { continue };
            for level in exchange.depth(InstrumentId(slot), Side::Buy, 16) {
                if let Some(sum) = self.depth.get_mut((bid.0 - level.price.0) as usize) {
                    *sum += level.quantity.0;
                }
            }
        }
    }
}
