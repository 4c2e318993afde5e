//! Fills the view that people see from the engine's state.

use std::sync::Arc;
use std::time::Instant;

use omni_engine::Engine;
use omni_gateway::{
    AccountState, AccountView, Archive, Archived, BARS_MAX, BarsView, ClockView, Counters, DepthView, EquityPoint,
    FillView, FillsView, Hub, KillView, LevelView, OrderView, PositionView, RunState, RunView, Series, View,
    WATCHED_FILLS_MAX, WATCHED_MAX,
};
use omni_port::{Depth, Venue};
use omni_risk::Source;
use omni_types::{Instrument, InstrumentId, Money, OrderType, Price, Qty, Refusal, Side, Time};

use crate::host::HostState;
use crate::instrument_log::{InstrumentLog, OfInstrument};
use crate::record::{EquityRow, FillRow, OrderRow, Recorder};
use crate::watch::Watch;

/// Levels of each side that people see.
const LEVELS: usize = 20;

/// What is remembered from one view to the next.
#[derive(Default)]
pub(crate) struct Screen {
    run: Arc<RunView>,
    start: Time,
    end: Option<Time>,
    instruments: Arc<[Instrument]>,
    /// How many corporate actions the instruments have been through; one may have another symbol since.
    adjusted: usize,
    sent: Sent,
    /// Our orders in the instruments that are shown, by instrument.
    own: Vec<OwnOrder>,
    /// Since when, and from which input on, the rate is counted; and the rate.
    rate: Option<(Instant, u64, u64)>,
}

/// The instruments that somebody looks at.
type Watched = [Option<InstrumentId>; WATCHED_MAX];

/// What the other side has already.
#[derive(Clone, Copy, Default)]
struct Sent {
    /// Rows.
    fills: usize,
    equity: usize,
    points: u64,
    /// Of each watched instrument how much.
    watched: [Option<SentOf>; WATCHED_MAX],
}

/// What the other side has of a watched instrument.
#[derive(Clone, Copy)]
struct SentOf {
    instrument: InstrumentId,
    bars: u64,
    fills: u64,
}

impl Sent {
    /// Returns what the other side has of an instrument: nothing of one that it didn't look at last time.
    fn of(&self, instrument: InstrumentId) -> SentOf {
        let known = self.watched.iter().flatten().find(|known| known.instrument == instrument);
        known.copied().unwrap_or(SentOf { instrument, bars: 0, fills: 0 })
    }
}

/// What a level's quantity has of ours.
#[derive(Clone, Copy)]
struct OwnOrder {
    instrument: InstrumentId,
    side: Side,
    price: Price,
    leaves: Qty,
}

impl Screen {
    pub(crate) fn new(run: RunView, start: Time, end: Option<Time>) -> Self {
        Self { run: Arc::new(run), start, end, ..Self::default() }
    }

    /// Fills a view and hands it over; returns whether it was taken.
    pub(crate) fn show<V: Venue>(&mut self, hub: &Hub, engine: &Engine<V>, watch: &Watch) -> bool {
        let mut view = hub.take_buffer();
        let sent = self.fill(&mut view, &hub.watched(), engine, watch);
        let taken = hub.publish(view);
        if taken {
            self.sent = sent;
        }
        taken
    }

    /// Fills a view; returns what the other side has once it took it.
    ///
    /// Costs a step for each of the strategies' positions and working orders, for each row that is new, and for each
    /// level and new bar of the watched instruments. What else is listed, rests in the market or was shown before
    /// costs nothing.
    fn fill<V: Venue>(&mut self, view: &mut View, watched: &Watched, engine: &Engine<V>, watch: &Watch) -> Sent {
        let adjusted = watch.recorder.adjustments.len();
        if self.instruments.len() != engine.instruments().len() || self.adjusted != adjusted {
            self.instruments = engine.instruments().into();
            self.adjusted = adjusted;
        }
        view.run = Arc::clone(&self.run);
        view.instruments = Arc::clone(&self.instruments);
        view.clock = self.clock(engine, watch);
        view.kill = kill(watch);
        view.counters = counters(&watch.recorder);
        view.refusals.extend(refusals(&watch.recorder));
        view.latency.extend([&watch.input_latency, &watch.strategy_latency].into_iter().filter_map(|m| m.view()));
        accounts(view, engine, watch);
        view.orders.extend(watch.recorder.working().map(order));
        let mut sent = self.series(view, &watch.recorder);
        self.note_own(&view.orders, |instrument| watched.contains(&Some(instrument)));
        for (slot, instrument) in watched.iter().enumerate() {
            let Some(instrument) = instrument.filter(|instrument| instrument.index() < self.instruments.len()) else {
                continue;
            };
            let Archived { bars, fills, depth } = self.watched(engine, &watch.recorder, self.sent.of(instrument));
            let sent_of = SentOf { instrument, bars: bars.bars.end(), fills: fills.fills.end() };
            view.bars.push(bars);
            view.watched_fills.push(fills);
            view.depth.push(depth);
            sent.watched[slot] = Some(sent_of);
        }
        sent
    }

    /// Fills an archive with what people may still look at once the engine has ended: what they watch now, then what
    /// our strategies traded, then the rest, as long as there is room.
    pub(crate) fn archive<V: Venue>(
        &mut self,
        mut archive: Archive,
        watched: &Watched,
        engine: &Engine<V>,
        watch: &Watch,
    ) -> Archive {
        let orders: Vec<_> = watch.recorder.working().map(order).collect();
        self.note_own(&orders, |_| true);
        let traded = |id: &InstrumentId| watch.recorder.fills.count(*id) > 0;
        let mut instruments: Vec<_> = engine.instruments().iter().map(|instrument| instrument.id).collect();
        instruments.sort_by_key(|id| (!watched.contains(&Some(*id)), !traded(id), *id));
        for instrument in instruments {
            let nothing = SentOf { instrument, bars: 0, fills: 0 };
            if !archive.keep(self.watched(engine, &watch.recorder, nothing)) {
                break;
            }
        }
        archive
    }

    /// Returns what is shown of a watched instrument beyond what the other side has.
    fn watched<V: Venue>(&self, engine: &Engine<V>, recorder: &Recorder, sent: SentOf) -> Archived {
        let instrument = sent.instrument;
        let bars = newest(&recorder.bars, instrument, sent.bars, BARS_MAX, |_, bar| *bar);
        let interval_ns = recorder.bars.newest(instrument).next().map_or(0, |(_, bar)| bar.interval_ns);
        let fills = newest(&recorder.fills, instrument, sent.fills, WATCHED_FILLS_MAX, fill);
        Archived {
            bars: BarsView { instrument, interval_ns, bars },
            fills: FillsView { instrument, fills },
            depth: self.depth(engine, instrument),
        }
    }

    fn note_own(&mut self, orders: &[OrderView], shown: impl Fn(InstrumentId) -> bool) {
        self.own.clear();
        self.own.extend(orders.iter().filter(|order| shown(order.instrument)).filter_map(|order| {
            let OrderView { instrument, side, price, leaves, .. } = *order;
            price.map(|price| OwnOrder { instrument, side, price, leaves })
        }));
        self.own.sort_unstable_by_key(|own| own.instrument);
    }

    fn clock<V: Venue>(&mut self, engine: &Engine<V>, watch: &Watch) -> ClockView {
        let (time, seq) = (engine.time(), engine.seq());
        let now = Instant::now();
        let (since, from, rate) = *self.rate.get_or_insert((now, seq, 0));
        let elapsed = now.duration_since(since).as_secs_f64();
        let inputs_per_s = if elapsed >= 1.0 { ((seq - from) as f64 / elapsed) as u64 } else { rate };
        if elapsed >= 1.0 {
            self.rate = Some((now, seq, inputs_per_s));
        }
        let span = |end: Time| (end.0 - self.start.0).max(1) as f64;
        ClockView {
            time,
            start: self.start,
            end: self.end,
            seq,
            inputs_per_s,
            speed: watch.pace.multiple(),
            progress: self.end.map(|end| ((time.0 - self.start.0) as f64 / span(end)).clamp(0.0, 1.0)),
            state: if watch.state == RunState::Running && watch.kill.is_some() {
                RunState::Killed
            } else {
                watch.state
            },
        }
    }

    /// Puts in the rows that the other side hasn't; returns how many rows it has then.
    fn series(&self, view: &mut View, recorder: &Recorder) -> Sent {
        let Sent { fills, equity, points, .. } = self.sent;
        view.fills.restart(fills as u64);
        let new = (fills as u64..).zip(&recorder.fills.all()[fills..]);
        view.fills.items.extend(new.map(|(index, row)| fill(index, row)));
        view.equity.restart(points);
        let samples = recorder.equity[equity..].chunk_by(|a, b| a.time == b.time);
        view.equity.items.extend(samples.map(|rows| EquityPoint {
            time: rows[0].time,
            equity: rows.iter().map(|row: &EquityRow| (row.account, row.equity)).collect(),
        }));
        let points = points + view.equity.items.len() as u64;
        Sent { fills: recorder.fills.all().len(), equity: recorder.equity.len(), points, ..Sent::default() }
    }

    fn depth<V: Venue>(&self, engine: &Engine<V>, instrument: InstrumentId) -> DepthView {
        let side = |side: Side| {
            let level = |depth: Depth| LevelView {
                price: depth.price,
                quantity: depth.quantity,
                orders: depth.orders,
                own: self.own_at(instrument, side, depth.price),
            };
            engine.venue().depth(instrument, side, LEVELS).map(level).collect()
        };
        let traded = engine.gate().reference(instrument).filter(|(_, source)| *source == Source::Trade);
        DepthView {
            instrument,
            time: engine.time(),
            state: engine.venue().state(instrument),
            last_price: traded.map(|(price, _)| price),
            bids: side(Side::Buy),
            asks: side(Side::Sell),
        }
    }

    fn own_at(&self, instrument: InstrumentId, side: Side, price: Price) -> Qty {
        let first = self.own.partition_point(|own| own.instrument < instrument);
        let ours = self.own[first..].iter().take_while(|own| own.instrument == instrument);
        Qty(ours.filter(|own| own.side == side && own.price == price).map(|own| own.leaves.0).sum())
    }
}

fn kill(watch: &Watch) -> KillView {
    let on = watch.kill.as_ref();
    KillView { on: on.is_some(), reason: on.map(|kill| Arc::clone(&kill.reason)), since: on.map(|kill| kill.since) }
}

fn counters(recorder: &Recorder) -> Counters {
    let counts = recorder.counts;
    Counters {
        inputs: counts.inputs,
        orders: counts.orders,
        fills: counts.fills,
        cancels: counts.cancels,
        trades: counts.trades,
        too_late: counts.too_late,
    }
}

fn refusals(recorder: &Recorder) -> impl Iterator<Item = (Refusal, u64)> {
    Refusal::ALL.into_iter().zip(recorder.refusals.iter().copied()).filter(|(_, count)| *count > 0)
}

fn accounts<V: Venue>(view: &mut View, engine: &Engine<V>, watch: &Watch) {
    for ((strategy, state), &deepest) in watch.strategies.iter().zip(&watch.states).zip(&watch.deepest) {
        let Some(account) = engine.gate().account_now(strategy.account) else { continue };
        let counts = watch.recorder.session(strategy.session).unwrap_or_default();
        let (state, fault) = match state {
            HostState::Running => (AccountState::Running, None),
            HostState::Stopped => (AccountState::Stopped, None),
            HostState::LeftOut => (AccountState::Stopped, Some(HostState::LEFT_OUT.into())),
            HostState::Faulted(_, message) => (AccountState::Faulted, Some(message.as_str().into())),
        };
        view.accounts.push(AccountView {
            account: strategy.account,
            session: Some(strategy.session),
            name: account.name,
            strategy: Some(Arc::clone(&strategy.name)),
            currency: account.currency,
            cash: account.cash,
            equity: account.equity,
            realised: account.realised,
            unrealised: account.unrealised,
            fees: account.fees,
            peak: account.peak,
            drawdown: account.drawdown,
            drawdown_max: deepest.max(account.drawdown),
            gross_exposure: account.gross_exposure,
            open_orders: account.open_orders,
            orders: counts.orders,
            fills: counts.fills,
            refusals: counts.refusals,
            limits: account.limits,
            state,
            fault,
        });
        for position in engine.gate().positions_now(strategy.account) {
            if position.quantity == 0 && position.realised == Money::ZERO {
                continue;
            }
            let instrument = &engine.instruments()[position.instrument.index()];
            let average = |cost: Money| cost.0 as f64 / instrument.value as f64;
            view.positions.push(PositionView {
                account: strategy.account,
                instrument: position.instrument,
                quantity: position.quantity,
                average_price: position.average_cost().map(average),
                mark: engine.gate().reference(position.instrument).map(|(price, _)| price),
                unrealised: position.unrealised(),
                realised: position.realised,
            });
        }
    }
}

fn order(row: &OrderRow) -> OrderView {
    OrderView {
        session: row.session,
        account: row.account,
        client_order_id: row.client_order_id,
        order_id: row.order_id,
        instrument: row.instrument,
        side: row.side,
        order_type: row.order_type,
        time_in_force: row.time_in_force,
        price: (row.order_type == OrderType::Limit).then_some(row.price),
        quantity: row.quantity,
        leaves: Qty(row.quantity.0 - row.filled.0),
        time: row.time,
    }
}

fn fill(index: u64, row: &FillRow) -> FillView {
    FillView {
        index,
        seq: row.seq,
        time: row.time,
        session: row.session,
        account: row.account,
        instrument: row.instrument,
        side: row.side,
        price: row.price,
        quantity: row.quantity,
        trade_id: row.trade_id,
        liquidity: row.liquidity,
        fee: row.fee,
    }
}

/// Returns an instrument's rows after the first `known`, or the newest `most` of them where nobody would keep more.
fn newest<T: OfInstrument, U>(
    log: &InstrumentLog<T>,
    instrument: InstrumentId,
    known: u64,
    most: usize,
    show: impl Fn(u64, &T) -> U,
) -> Series<U> {
    let count = log.count(instrument);
    let new = ((count - known) as usize).min(most);
    let mut items: Vec<_> = log.newest(instrument).take(new).map(|(index, row)| show(index, row)).collect();
    items.reverse();
    Series { first: count - new as u64, items }
}

#[cfg(test)]
mod tests;
