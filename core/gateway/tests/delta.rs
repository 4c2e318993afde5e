//! A snapshot and every delta after it, applied as the reference says, give the newest view.

#![allow(clippy::unwrap_used, reason = "the helpers of a test are test code too")]

use std::sync::Arc;

use omni_gateway::{
    BarsView, Counters, DepthView, EquityPoint, FillView, FillsView, Image, LevelView, OrderView, RunView, Series, View,
};
use omni_types::testing::property;
use omni_types::{
    AccountId, Bar, ClientOrderId, InstrumentId, Liquidity, Money, OrderId, OrderType, Price, Qty, Refusal, SessionId,
    Side, Time, TimeInForce, TradeId, TradingState,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn fill(index: u64) -> FillView {
    FillView {
        index,
        seq: index * 3,
        time: Time(index as i64),
        session: SessionId(1),
        account: AccountId(1),
        instrument: InstrumentId(0),
        side: Side::Buy,
        price: Price(100),
        quantity: Qty(1),
        trade_id: TradeId(index),
        liquidity: Liquidity::Maker,
        fee: Money(7),
    }
}

fn bar(instrument: u32, index: u64) -> Bar {
    Bar {
        time: Time(index as i64),
        instrument: InstrumentId(instrument),
        interval_ns: 60,
        open: Price(1),
        high: Price(3),
        low: Price(1),
        close: Price(2),
        volume: Qty(index),
    }
}

fn order(id: u64) -> OrderView {
    OrderView {
        session: SessionId(1),
        account: AccountId(1),
        client_order_id: ClientOrderId(id),
        order_id: OrderId(id),
        instrument: InstrumentId(0),
        side: Side::Sell,
        order_type: OrderType::Market,
        time_in_force: TimeInForce::Ioc,
        price: None,
        quantity: Qty(5),
        leaves: Qty(5),
        time: Time(0),
    }
}

/// What happens between two views.
#[derive(Clone, Debug)]
struct Step {
    fills: u64,
    /// How many fills of before are handed over again.
    again: u64,
    /// Fills that the engine never hands over: a gap.
    lost: u64,
    points: u64,
    orders: Vec<u64>,
    watched: Vec<(u32, u64)>,
    inputs: u64,
    reads: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let fills =
        (prop_oneof![0..5_u64, 900..1_200_u64], 0..4_u64, prop_oneof![4 => Just(0_u64), 1 => 1..9_u64], 0..4_u64);
    let orders = prop::collection::vec(0..4_u64, 0..3);
    let watched = prop::collection::btree_map(0..4_u32, 0..4_u64, 0..4).prop_map(|map| map.into_iter().collect());
    (fills, orders, watched, 0..2_u64, any::<bool>()).prop_map(
        |((fills, again, lost, points), orders, watched, inputs, reads)| Step {
            fills,
            again,
            lost,
            points,
            orders,
            watched,
            inputs,
            reads,
        },
    )
}

#[derive(Default)]
struct Day {
    fills: u64,
    points: u64,
    bars: u64,
    inputs: u64,
}

impl Day {
    fn view(&mut self, step: &Step) -> View {
        let first = if step.lost > 0 { self.fills + step.lost } else { self.fills.saturating_sub(step.again) };
        self.fills = self.fills.max(first) + step.fills;
        let points = self.points..self.points + step.points;
        self.points = points.end;
        self.bars += 1;
        self.inputs += step.inputs;
        let point = |index: u64| EquityPoint { time: Time(index as i64), equity: vec![(AccountId(1), Money(5))] };
        View {
            run: Arc::new(RunView::default()),
            orders: step.orders.iter().map(|id| order(*id)).collect(),
            fills: Series { first, items: (first..self.fills).map(fill).collect() },
            refusals: vec![(Refusal::KillSwitch, self.inputs)],
            equity: Series { first: points.start, items: points.map(point).collect() },
            bars: step.watched.iter().map(|(id, back)| self.bars_of(*id, *back)).collect(),
            watched_fills: step.watched.iter().map(|(id, back)| self.fills_of(*id, *back)).collect(),
            depth: step.watched.iter().map(|(id, _)| depth(*id, self.inputs)).collect(),
            counters: Counters { inputs: self.inputs, ..Counters::default() },
            ..View::default()
        }
    }

    fn bars_of(&self, instrument: u32, back: u64) -> BarsView {
        let first = self.bars.saturating_sub(back);
        let bars = Series { first, items: (first..self.bars).map(|index| bar(instrument, index)).collect() };
        BarsView { instrument: InstrumentId(instrument), interval_ns: 60, bars }
    }

    fn fills_of(&self, instrument: u32, back: u64) -> FillsView {
        let first = self.bars.saturating_sub(2 * back);
        let fills = Series { first, items: (first..self.bars).map(fill).collect() };
        FillsView { instrument: InstrumentId(instrument), fills }
    }
}

fn depth(instrument: u32, inputs: u64) -> DepthView {
    let level = LevelView { price: Price(5), quantity: Qty(inputs), orders: 1, own: Qty(0) };
    DepthView {
        instrument: InstrumentId(instrument),
        time: Time(0),
        state: TradingState::Open,
        last_price: None,
        bids: vec![level],
        asks: Vec::new(),
    }
}

/// The rules of `docs/reference/control-protocol.md`, written down a second time.
fn apply(view: &mut Map<String, Value>, changed: &Map<String, Value>) {
    for (name, change) in changed {
        match name.as_str() {
            "fills" | "equity" => grow(&mut view[name], change),
            "bars" | "watched_fills" => {
                for (instrument, change) in change.as_object().unwrap() {
                    let lists = view[name].as_object_mut().unwrap();
                    if change.is_null() {
                        lists.remove(instrument);
                    } else {
                        let list = lists.entry(instrument).or_insert(json!({"first": 0, "items": []}));
                        if let Some(interval) = change.get("interval_ns") {
                            list["interval_ns"] = interval.clone();
                        }
                        grow(list, change);
                    }
                }
            }
            _ => {
                view.insert(name.clone(), change.clone());
            }
        }
    }
}

fn grow(list: &mut Value, change: &Value) {
    let (first, from) = (change["first"].as_u64().unwrap(), change["from"].as_u64().unwrap());
    let held = list["first"].as_u64().unwrap();
    let items = list["items"].as_array_mut().unwrap();
    if from == first {
        items.clear();
    } else {
        items.truncate((from - held) as usize);
        items.drain(..(first - held) as usize);
    }
    items.extend(change["items"].as_array().unwrap().iter().cloned());
    list["first"] = json!(first);
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn whole(image: &Image) -> Value {
    let mut text = String::new();
    image.write_view(&mut text);
    read(&text)
}

proptest! {
    #![proptest_config(property(48))]

    #[test]
    fn fuzz_deltas_lead_to_the_newest_view(steps in prop::collection::vec(step(), 1..14)) {
        let (mut day, mut image) = (Day::default(), Image::default());
        let mut client: Option<(u64, Value)> = None;
        for step in &steps {
            image.update(&day.view(step));
            if !step.reads {
                continue;
            }
            let mut text = String::new();
            match &mut client {
                None => {
                    image.write_snapshot(&mut text);
                    let message = read(&text);
                    prop_assert_eq!(&message["number"], &json!(image.number()));
                    client = Some((image.number(), message["view"].clone()));
                }
                Some((number, view)) => {
                    let before = view.clone();
                    if image.write_delta(*number, &mut text) {
                        apply(view.as_object_mut().unwrap(), read(&text)["changed"].as_object().unwrap());
                    } else {
                        prop_assert_eq!(text, "");
                        prop_assert_eq!(&before, view);
                    }
                    *number = image.number();
                }
            }
            if let Some((_, view)) = &client {
                prop_assert_eq!(view, &whole(&image));
            }
        }
    }
}

#[test]
fn a_delta_names_only_what_changed() {
    let mut image = Image::default();
    let view = View { counters: Counters { inputs: 1, ..Counters::default() }, ..View::default() };
    image.update(&view);
    let mut text = String::new();
    image.update(&view);
    assert!(!image.write_delta(1, &mut text), "nothing changed: {text}");
    image.update(&View { fills: Series { first: 0, items: vec![fill(0)] }, ..view });
    assert!(image.write_delta(1, &mut text));
    let delta = read(&text);
    assert_eq!(delta["changed"].as_object().unwrap().keys().collect::<Vec<_>>(), ["fills"]);
    assert_eq!(delta["changed"]["fills"]["from"], json!(0));
}
