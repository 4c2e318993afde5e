//! Fills the view that people see from the engine's state.

use std::sync::Arc;
use std::time::Instant;

use omni_engine::Engine;
use omni_gateway::{
    AccountState, AccountView, BarsView, ClockView, Counters, DepthView, EquityPoint, FillView, Hub, KillView,
    LevelView, OrderView, PositionView, RunState, RunView, View,
};
use omni_port::{Depth, Selection, Venue};
use omni_risk::Source;
use omni_types::{Bar, Instrument, InstrumentId, Money, OrderType, Price, Qty, Refusal, Side, Time};

use crate::host::HostState;
use crate::record::{EquityRow, Recorder};
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
    /// Rows that the other side has already.
    fills: usize,
    equity: usize,
    points: u64,
    /// Since when, and from which input on, the rate is counted; and the rate.
    rate: Option<(Instant, u64, u64)>,
}

impl Screen {
    pub(crate) fn new(run: RunView, start: Time, end: Option<Time>) -> Self {
        Self { run: Arc::new(run), start, end, ..Self::default() }
    }

    /// Fills a view and hands it over; returns whether it was taken.
    pub(crate) fn show<V: Venue>(&mut self, hub: &Hub, engine: &Engine<V>, watch: &Watch) -> bool {
        if self.instruments.len() != engine.instruments().len() {
            self.instruments = engine.instruments().into();
        }
        let mut view = hub.take_buffer();
        view.run = Arc::clone(&self.run);
        view.instruments = Arc::clone(&self.instruments);
        view.clock = self.clock(engine, watch);
        view.kill = kill(watch);
        view.counters = counters(&watch.recorder);
        view.refusals.extend(refusals(&watch.recorder));
        view.latency.extend([&watch.input_latency, &watch.strategy_latency].into_iter().filter_map(|m| m.view()));
        accounts(&mut view, engine, watch);
        orders(&mut view, engine, watch);
        let (fills, equity) = self.series(&mut view, &watch.recorder);
        for instrument in hub.watched().into_iter().flatten() {
            if instrument.index() < self.instruments.len() {
                view.bars.push(bars(instrument, &watch.recorder.bars));
                let depth = depth(engine, &view.orders, instrument);
                view.depth.push(depth);
            }
        }
        let points = self.points + view.equity.items.len() as u64;
        let taken = hub.publish(view);
        if taken {
            (self.fills, self.equity, self.points) = (fills, equity, points);
        }
        taken
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
    fn series(&self, view: &mut View, recorder: &Recorder) -> (usize, usize) {
        view.fills.restart(self.fills as u64);
        let new = (self.fills as u64..).zip(&recorder.fills[self.fills..]);
        view.fills.items.extend(new.map(|(index, row)| FillView {
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
        }));
        view.equity.restart(self.points);
        let samples = recorder.equity[self.equity..].chunk_by(|a, b| a.time == b.time);
        view.equity.items.extend(samples.map(|rows| EquityPoint {
            time: rows[0].time,
            equity: rows.iter().map(|row: &EquityRow| (row.account, row.equity)).collect(),
        }));
        (recorder.fills.len(), recorder.equity.len())
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
    Refusal::ALL.into_iter().zip(recorder.refusals).filter(|(_, count)| *count > 0)
}

fn accounts<V: Venue>(view: &mut View, engine: &Engine<V>, watch: &Watch) {
    for ((strategy, state), &deepest) in watch.strategies.iter().zip(&watch.states).zip(&watch.deepest) {
        let Some(account) = engine.gate().account_now(strategy.account) else { continue };
        let (state, fault) = match state {
            HostState::Running => (AccountState::Running, None),
            HostState::Stopped => (AccountState::Stopped, None),
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

fn orders<V: Venue>(view: &mut View, engine: &Engine<V>, watch: &Watch) {
    let orders = &mut view.orders;
    engine.venue().for_each_order(Selection::default(), &mut |order| {
        let Some(row) = watch.recorder.order(order.session, order.client_order_id) else { return };
        orders.push(OrderView {
            session: order.session,
            account: order.account,
            client_order_id: order.client_order_id,
            order_id: order.order_id,
            instrument: order.instrument,
            side: order.side,
            order_type: row.order_type,
            time_in_force: row.time_in_force,
            price: (row.order_type == OrderType::Limit).then_some(order.price),
            quantity: Qty(order.leaves.0 + order.filled.0),
            leaves: order.leaves,
            time: row.time,
        });
    });
}

fn bars(instrument: InstrumentId, all: &[Bar]) -> BarsView {
    let mut view = BarsView { instrument, interval_ns: 0, bars: omni_gateway::Series::default() };
    view.bars.items.extend(all.iter().filter(|bar| bar.instrument == instrument));
    view.interval_ns = view.bars.items.first().map_or(0, |bar| bar.interval_ns);
    view
}

fn depth<V: Venue>(engine: &Engine<V>, own: &[OrderView], instrument: InstrumentId) -> DepthView {
    let side = |side: Side| {
        let level = |depth: Depth| LevelView {
            price: depth.price,
            quantity: depth.quantity,
            orders: depth.orders,
            own: own_at(own, instrument, side, depth.price),
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

fn own_at(own: &[OrderView], instrument: InstrumentId, side: Side, price: Price) -> Qty {
    let here = |order: &&OrderView| order.instrument == instrument && order.side == side && order.price == Some(price);
    Qty(own.iter().filter(here).map(|order| order.leaves.0).sum())
}
