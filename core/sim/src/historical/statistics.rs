//! What a simulation counts.

use omni_types::{Qty, SnapshotError, SnapshotReader, SnapshotWriter};

use super::snapshot::read_number;

/// Counts over a simulation's life; quantities in quantity units over all instruments.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Statistics {
    /// Recorded changes, quotes, trades and bars taken.
    pub recorded: u64,
    /// Recorded executions of resting orders, and recorded trades of instruments filled from quotes or trades.
    pub executions: u64,
    /// Their quantity.
    pub executed: Qty,
    /// What of it was given to resting orders of ours.
    pub given: Qty,
    /// What our orders took from display, or of the last trade where there is none.
    pub taken: Qty,
    /// What our orders got of bars.
    pub filled_on_bars: Qty,
    /// Recorded changes that name an order which doesn't rest; an execution of one fills nothing.
    pub unknown_references: u64,
    /// Recorded adds of an order that already rests; the resting one stays.
    pub duplicate_references: u64,
    /// Recorded reductions or executions of more than is left; the order leaves.
    pub excess: u64,
    /// Times the recorded book was crossed or locked when looked at.
    pub crossed: u64,
}

impl Statistics {
    pub(super) fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        let Self { recorded, executions, unknown_references, duplicate_references, excess, crossed, .. } = *self;
        let counts = [recorded, executions, unknown_references, duplicate_references, excess, crossed];
        counts.into_iter().for_each(|count| writer.word(count));
        let quantities = [self.executed, self.given, self.taken, self.filled_on_bars];
        quantities.into_iter().for_each(|quantity| writer.word(quantity.0));
    }

    pub(super) fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self {
            recorded: read_number(reader)?,
            executions: read_number(reader)?,
            unknown_references: read_number(reader)?,
            duplicate_references: read_number(reader)?,
            excess: read_number(reader)?,
            crossed: read_number(reader)?,
            executed: Qty(reader.word()?),
            given: Qty(reader.word()?),
            taken: Qty(reader.word()?),
            filled_on_bars: Qty(reader.word()?),
        })
    }
}

/// Adds to a count that garbage may not overflow.
pub(super) fn count(total: &mut Qty, quantity: u64) {
    total.0 = total.0.saturating_add(quantity);
}
