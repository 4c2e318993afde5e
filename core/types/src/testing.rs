//! What the tests of every crate share; behind the feature `testing`.

use proptest::test_runner::Config;

/// Returns how a property is tried: `cases` times, or as often as `PROPTEST_CASES` says. A failure is told by its
/// smallest input, which becomes a test of its own, and not kept in a file.
#[must_use]
pub fn property(cases: u32) -> Config {
    let told = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { told.cases } else { cases };
    Config { cases, failure_persistence: None, ..told }
}
