//! A snapshot of the simulator and the inputs after it give the run that was never stopped; a corrupt one is refused.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

#[path = "support/desk.rs"]
mod desk;
#[path = "support/market.rs"]
mod market;

use desk::config;
use market::{Run, Step, steps};
use omni_engine::Engine;
use omni_port::Venue;
use omni_sim::historical::{BarRules, Capacity, Config, Data, Historical, Priority, Reach, Spread, TradeRules};
use omni_types::testing::property;
use omni_types::{SnapshotError, SnapshotReader, SnapshotWriter};
use proptest::prelude::*;

fn settings() -> impl Strategy<Value = Config> {
    let reach = prop_oneof![Just(Reach::Executions), Just(Reach::Through), Just(Reach::Touch)];
    let spread = prop_oneof![(0..5_u64).prop_map(Spread::Units), (0..300_u32).prop_map(Spread::BasisPoints)];
    let share = prop::option::of(0..1_000_001_u32);
    let priority = prop_oneof![Just(Priority::WorstFirst), Just(Priority::Arrival)];
    let queue = prop::option::of(0..30_u64);
    (reach, spread, share, any::<bool>(), priority, 1..40_usize, queue).prop_map(
        |(reach, spread, volume_share_ppm, touch_fills, priority, orders, queue)| Config {
            capacity: Capacity { instruments: 4, recorded_orders: 40, recorded_levels: 30, orders },
            reach,
            bars: BarRules { spread, touch_fills, volume_share_ppm, priority, ..BarRules::default() },
            trades: TradeRules { spread, queue, volume_share_ppm: volume_share_ppm.unwrap_or(700_000) },
            ..config(Data::Orders)
        },
    )
}

proptest! {
    #![proptest_config(property(256))]

    /// At any cut, over recorded orders, quotes, bars and trades together: the same state after every later input.
    #[test]
    fn fuzz_a_snapshot_and_the_tail_equal_the_undisturbed_run(
        settings in settings(),
        steps in steps(300),
        cut in any::<prop::sample::Index>(),
    ) {
        let cut = cut.index(steps.len());
        let mut run = Run::new(settings);
        run.play(&steps[..cut]);
        let bytes = run.snapshot();
        let mut twin = Run::again(Engine::decode(&bytes).unwrap());
        prop_assert_eq!(twin.engine.state_digest(), run.engine.state_digest());
        prop_assert_eq!(twin.engine.venue().rules(), run.engine.venue().rules());
        prop_assert!(twin.snapshot() == bytes);
        (run.events, run.states) = (Vec::new(), Vec::new());
        run.play(&steps[cut..]);
        twin.play(&steps[cut..]);
        prop_assert_eq!(&twin.states, &run.states);
        prop_assert_eq!(&twin.events, &run.events);
        prop_assert_eq!(twin.engine.venue().statistics(), run.engine.venue().statistics());
        prop_assert!(twin.snapshot() == run.snapshot());
    }

    /// Whatever byte is changed: an error that says where, or a simulator that goes on.
    #[test]
    fn fuzz_corrupt_snapshots_are_refused_or_go_on(
        before in steps(150),
        after in steps(80),
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..3),
    ) {
        let run = ran(&before);
        let mut bytes = venue(&run);
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        refused_or_goes_on(&run, &bytes, &after)?;
    }

    /// Whatever number is changed, to one of any size: no memory is asked for that isn't there.
    #[test]
    fn fuzz_large_numbers_do_not_end_the_process(
        before in steps(100),
        after in steps(40),
        at in any::<prop::sample::Index>(),
        bits in 20..64_u32,
    ) {
        let run = ran(&before);
        let mut words = words(&venue(&run));
        *at.get_mut(&mut words) = 1 << bits;
        let mut bytes = Vec::new();
        let mut writer = SnapshotWriter::new(&mut bytes);
        words.into_iter().for_each(|word| writer.word(word));
        refused_or_goes_on(&run, &bytes, &after)?;
    }

    #[test]
    fn fuzz_a_cut_snapshot_is_refused(before in steps(100), at in any::<prop::sample::Index>()) {
        let run = ran(&before);
        let bytes = venue(&run);
        let error = Historical::decode(&bytes[..at.index(bytes.len())]).unwrap_err();
        prop_assert!(error.to_string().starts_with("snapshot is corrupt at byte "), "{}", error);
    }
}

/// Settings that leave little room.
fn tight() -> Config {
    Config {
        capacity: Capacity { instruments: 4, recorded_orders: 40, recorded_levels: 30, orders: 30 },
        ..config(Data::Orders)
    }
}

fn ran(steps: &[Step]) -> Run {
    let mut run = Run::new(tight());
    run.play(steps);
    run
}

fn venue(run: &Run) -> Vec<u8> {
    let mut bytes = Vec::new();
    run.engine.venue().encode(&mut bytes).unwrap();
    bytes
}

/// The simulator's snapshot is numbers and nothing else.
fn words(bytes: &[u8]) -> Vec<u64> {
    let mut reader = SnapshotReader::new(bytes);
    core::iter::from_fn(|| reader.word().ok()).collect()
}

fn blob(bytes: &[u8]) -> Vec<u8> {
    let mut blob = Vec::new();
    SnapshotWriter::new(&mut blob).blob(bytes);
    blob
}

/// Reads the run back with the simulator's part of its snapshot replaced; if that passes, the run goes on.
fn refused_or_goes_on(run: &Run, changed: &[u8], after: &[Step]) -> Result<(), TestCaseError> {
    let mut bytes = run.snapshot();
    assert!(bytes.ends_with(&blob(&venue(run))));
    bytes.truncate(bytes.len() - blob(&venue(run)).len());
    bytes.extend(blob(changed));
    match Engine::<Historical>::decode(&bytes) {
        Err(error) => prop_assert!(matches!(error, SnapshotError::Corrupt { .. }), "{}", error),
        Ok(engine) => {
            let mut run = Run::again(engine);
            prop_assert!(run.snapshot() == bytes);
            run.play(after);
        }
    }
    Ok(())
}
