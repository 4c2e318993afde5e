//! The maker in generated days on the real engine: it trades both sides, earns spread, stays within its limits.

use omni_quoting::MakerParams;
use support::{Day, Tally, eager};

mod support;

const SEEDS: [u64; 4] = [1, 2, 3, 4];
const INSTRUMENTS: usize = 60;

fn days() -> Vec<(u64, Tally)> {
    SEEDS.map(|seed| (seed, Day::new(seed, INSTRUMENTS, 260).run())).into()
}

#[test]
fn it_makes_a_market() {
    let params = MakerParams::default();
    let days = days();
    for (seed, tally) in &days {
        let [bought, sold] = tally.traded;
        println!(
            "seed {seed}: new {} amend {} cancel {} refused {} fills {} bought {bought} sold {sold} edge {:.2} after 10 s \
             {:.2} pnl {:.2} USD of {:.0} turnover, left {:?}",
            tally.placed,
            tally.amended,
            tally.cancelled,
            tally.refused,
            tally.fills,
            tally.edge,
            tally.markout,
            tally.pnl,
            tally.turnover,
            tally.left
        );
        assert!(tally.fills > 50 && bought.min(sold) > 1_000, "seed {seed}: trades both sides");
        assert_eq!(tally.as_taker, 0, "seed {seed}: post-only orders never take");
        assert_eq!(
            tally.refused + tally.too_late + tally.knowing,
            0,
            "seed {seed}: with no latency nothing is refused"
        );
        assert!(tally.leaves_most <= params.size_max, "seed {seed}: {} open on one side", tally.leaves_most);
        assert!(tally.position_most <= params.position_max, "seed {seed}: {} in reach", tally.position_most);
        let gross: i64 = tally.left.iter().map(|quantity| quantity.abs()).sum();
        let most = params.position_max as i64 * INSTRUMENTS as i64;
        assert!(5 * gross < most, "seed {seed}: ends near flat, not with {gross} of {most}");
        assert!(tally.edge > 0.0, "seed {seed}: is paid the spread when it trades");
        assert!(tally.pnl.abs() < 1e-3 * tally.turnover, "seed {seed}: {} is absurd", tally.pnl);
    }
    let sum = |of: fn(&Tally) -> f64| days.iter().map(|(_, tally)| of(tally)).sum::<f64>();
    let (edge, markout, turnover) = (sum(|t| t.edge), sum(|t| t.markout), sum(|t| t.turnover));
    println!("all: edge {edge:.2}, after 10 s {markout:.2}, pnl {:.2}, turnover {turnover:.0} USD", sum(|t| t.pnl));
    assert!(edge > 5e-5 * turnover, "half a basis point at least: {edge} of {turnover}");
    assert!(markout > 0.0, "some of it is still there after ten seconds: {markout} of {turnover}");
}

#[test]
fn the_same_day_twice_is_the_same() {
    let day = Day { params: eager(), ..Day::new(7, 4, 60) };
    let (one, other) = (day.run(), day.run());
    assert_eq!(one, other);
    assert!(one.fills > 0 && one.digest.is_some());
    assert_ne!(Day { seed: 8, ..day }.run().digest, one.digest);
}

#[test]
fn what_comes_too_late_was_under_way() {
    let tally = Day { latency_ns: 1_000_000, params: eager(), ..Day::new(21, 10, 60) }.run();
    println!("seed 21: {tally:?}");
    assert!(tally.too_late > 0, "a millisecond lets some changes cross a fill");
    assert_eq!(tally.knowing, 0, "no change of an order that the maker knows to be done");
}

#[test]
fn latency_breaks_no_limit() {
    for latency_ns in [10_000, 1_000_000, 200_000_000] {
        let params = MakerParams { position_max: 150, size_max: 150, ..eager() };
        let tally = Day { latency_ns, params, ..Day::new(3, 6, 60) }.run();
        println!("{latency_ns} ns: {tally:?}");
        assert!(tally.position_most <= 150 && tally.leaves_most <= params.size_max, "{latency_ns} ns: {tally:?}");
        assert!(tally.fills > 20 && tally.as_taker == 0, "{latency_ns} ns");
    }
}
