//! Whatever comes in: equal inputs give equal hashes, a changed one another, an error changes nothing, the gate and the
//! venue agree, and a snapshot goes on as if nothing was.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;

use omni_engine::Engine;
use omni_port::{Selection, Venue};
use omni_types::testing::property;
use omni_types::{AccountId, Action, Body, Event, Input, InstrumentId, Side, Time, TradingState};
use proptest::prelude::*;
use support::{Feed, Market, Step, step, steps};

fn run(steps: &[Step]) -> Feed {
    let mut feed = Feed::new();
    for (later, cause, body) in steps {
        // What the engine refuses isn't an input.
        let _ = feed.send_at(feed.now + later, *cause, body.clone());
    }
    feed
}

fn snapshot(engine: &Market) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.encode(&mut bytes).unwrap();
    bytes
}

/// What the gate has reserved must be what is open at the venue, order by order.
fn gate_equals_venue(engine: &Market) {
    let mut open: BTreeMap<(AccountId, InstrumentId), [u64; 2]> = BTreeMap::new();
    let mut count: BTreeMap<AccountId, u32> = BTreeMap::new();
    engine.venue().for_each_order(Selection::default(), &mut |order| {
        open.entry((order.account, order.instrument)).or_default()[order.side.index()] += order.leaves.0;
        *count.entry(order.account).or_default() += 1;
    });
    for account in engine.gate().accounts() {
        assert_eq!(account.open_orders, count.get(&account.account).copied().unwrap_or(0));
        for position in engine.gate().positions(account.account) {
            let sides = open.remove(&(account.account, position.instrument)).unwrap_or_default();
            assert_eq!([position.open_buy.0, position.open_sell.0], sides, "{:?}", position);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

proptest! {
    #![proptest_config(property(256))]

    #[test]
    fn fuzz_equal_inputs_give_equal_hashes_and_others_another(
        steps in steps(150),
        at in any::<prop::sample::Index>(),
        other in step(),
    ) {
        let (one, two) = (run(&steps), run(&steps));
        prop_assert_eq!(one.engine.state_digest(), two.engine.state_digest());
        prop_assert_eq!(&one.events, &two.events);
        let mut changed = steps.clone();
        if !changed.is_empty() {
            *at.get_mut(&mut changed) = other;
        }
        let three = run(&changed);
        let equal = one.taken == three.taken;
        prop_assert_eq!(one.engine.digest() == three.engine.digest(), equal);
        prop_assert_eq!(one.engine.state_digest() == three.engine.state_digest(), equal);
    }

    #[test]
    fn fuzz_a_batch_is_its_inputs_one_by_one(steps in steps(200), size in 1..60_usize) {
        let one = run(&steps);
        let (mut engine, mut events) = (support::empty_market(), Vec::new());
        for batch in one.taken.chunks(size) {
            prop_assert_eq!(engine.apply_batch(batch, &mut |event: &Event| events.push(*event)), Ok(()));
        }
        prop_assert_eq!(engine.state_digest(), one.engine.state_digest());
        prop_assert!(events.ends_with(&one.events));
    }

    #[test]
    fn fuzz_an_error_changes_nothing(steps in steps(200), wrong in prop::collection::vec((any::<i64>(), any::<u64>()), 1..5)) {
        let mut feed = Feed::new();
        for (later, cause, body) in steps {
            let (before, bytes) = (feed.engine.state_digest(), snapshot(&feed.engine));
            feed.events.clear();
            if feed.send_at(feed.now + later, cause, body.clone()).is_err() {
                prop_assert_eq!(feed.engine.state_digest(), before, "{:?}", body);
                prop_assert!(snapshot(&feed.engine) == bytes, "{:?}", body);
                prop_assert!(feed.events.is_empty());
            }
            for &(time, seq) in &wrong {
                let input = Input { seq, time: Time(time), cause: 0, body: body.clone() };
                if seq != feed.engine.seq() + 1 || time < feed.engine.time().0 {
                    let before = feed.engine.state_digest();
                    let taken = feed.engine.apply(&input, &mut |_: &Event| ());
                    prop_assert!(taken.is_err());
                    prop_assert_eq!(feed.engine.state_digest(), before);
                }
            }
        }
    }

    #[test]
    fn fuzz_the_gate_holds_what_is_open(steps in steps(250)) {
        let mut feed = Feed::new();
        for (later, cause, body) in steps {
            let _ = feed.send_at(feed.now + later, cause, body.clone());
            gate_equals_venue(&feed.engine);
            for id in 0..2 {
                let venue = feed.engine.venue();
                let open = venue.state(InstrumentId(id)) == TradingState::Open;
                prop_assert!(!open || !venue.top(InstrumentId(id)).is_crossed());
            }
        }
        // What a split leaves of a unit is paid out, which the gate's own tests follow.
        let split = |input: &Input| matches!(&input.body, Body::Adjust(adjust) if matches!(adjust.action, Action::Split(_)));
        if feed.taken.iter().any(split) {
            return Ok(());
        }
        let held: i64 = feed.engine.gate().accounts().flat_map(|a| feed.engine.gate().positions(a.account)).map(|p| p.quantity).sum();
        prop_assert_eq!(held, 0, "what one has bought another has sold");
    }

    #[test]
    fn fuzz_a_snapshot_goes_on_as_if_nothing_was(before in steps(150), after in steps(100)) {
        let mut feed = run(&before);
        let bytes = snapshot(&feed.engine);
        let mut twin = Feed { engine: Engine::decode(&bytes).unwrap(), taken: Vec::new(), events: Vec::new(), now: feed.now };
        prop_assert_eq!(twin.engine.state_digest(), feed.engine.state_digest());
        feed.events.clear();
        for (later, cause, body) in after {
            let found = twin.send_at(twin.now + later, cause, body.clone());
            prop_assert_eq!(found, feed.send_at(feed.now + later, cause, body));
            prop_assert_eq!(twin.engine.next_deadline(), feed.engine.next_deadline());
        }
        prop_assert_eq!(twin.engine.state_digest(), feed.engine.state_digest());
        prop_assert_eq!(twin.events, feed.events);
        prop_assert!(snapshot(&twin.engine) == snapshot(&feed.engine));
    }

    #[test]
    fn fuzz_corrupt_snapshots_are_refused_or_go_on(
        before in steps(100),
        after in steps(60),
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..3),
        cut in prop::option::weighted(0.2, any::<usize>()),
    ) {
        let mut bytes = snapshot(&run(&before).engine);
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut % bytes.len());
        }
        if let Ok(engine) = Market::decode(&bytes) {
            prop_assert_eq!(cut, None);
            let now = engine.time().0;
            let mut feed = Feed { engine, taken: Vec::new(), events: Vec::new(), now };
            for (later, cause, body) in after {
                let _ = feed.send_at(feed.now.saturating_add(later), cause, body);
            }
        }
    }
}

#[test]
fn sides_are_indexed_as_the_gate_does() {
    assert_eq!([Side::Buy.index(), Side::Sell.index()], [0, 1]);
}
