//! Measured latencies of a run.

use std::time::Duration;

use hdrhistogram::Histogram;
use omni_gateway::LatencyView;

/// Longest latency told apart: a minute.
const LONGEST_NS: u64 = 60_000_000_000;

/// A latency by its percentiles, three significant digits.
#[derive(Clone, Debug)]
pub struct LatencyMeter {
    name: &'static str,
    histogram: Option<Histogram<u64>>,
}

impl LatencyMeter {
    /// Reserves a meter.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, histogram: Histogram::new_with_bounds(1, LONGEST_NS, 3).ok() }
    }

    /// Takes a sample.
    pub fn record(&mut self, took: Duration) {
        if let Some(histogram) = &mut self.histogram {
            histogram.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(LONGEST_NS));
        }
    }

    /// Returns the percentiles, once there are samples.
    #[must_use]
    pub fn view(&self) -> Option<LatencyView> {
        let histogram = self.histogram.as_ref().filter(|histogram| !histogram.is_empty())?;
        let at = |percentile| histogram.value_at_quantile(percentile);
        Some(LatencyView {
            name: self.name,
            count: histogram.len(),
            p50_ns: at(0.5),
            p90_ns: at(0.9),
            p99_ns: at(0.99),
            p999_ns: at(0.999),
            max_ns: histogram.max(),
        })
    }
}
