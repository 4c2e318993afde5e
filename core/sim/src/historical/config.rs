//! What a simulation is set to.

use omni_book::Capacity as BookCapacity;
use omni_types::{SnapshotError, SnapshotReader, SnapshotWriter};

/// What an instrument's fills are made from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum Data {
    /// Recorded orders, one by one (level 3).
    #[default]
    Orders = 0,
    /// Recorded best bids and offers, and trades (level 1).
    Quotes = 1,
    /// Recorded bars.
    Bars = 2,
    /// Recorded trades, without quotes.
    Trades = 3,
}

/// Which recorded opposite orders or quotes, beside executions, fill a resting order of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum Reach {
    /// None: only executions fill.
    Executions = 0,
    /// Those displayed at a price strictly through ours.
    #[default]
    Through = 1,
    /// Those displayed at our price or through it.
    Touch = 2,
}

/// The whole distance between bid and ask that data without quotes is taken to have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spread {
    /// In price units.
    Units(u64),
    /// In basis points of the bar's open, or of the last trade.
    BasisPoints(u32),
}

/// Which order of ours gets a bar's volume first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum Priority {
    /// The one whose fill stands worst against the bar's close; then by arrival.
    #[default]
    WorstFirst = 0,
    /// The one that arrived first.
    Arrival = 1,
}

/// How bars fill orders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BarRules {
    /// Half of it is paid by whoever takes the open; rounded up to the tick.
    pub spread: Spread,
    /// Whether a bar that only touches a limit fills it; else it must trade strictly through.
    pub touch_fills: bool,
    /// Most that all our orders get of a bar's volume, in millionths; `None` fills whatever the volume.
    pub volume_share_ppm: Option<u32>,
    /// How long after a bar's open an order may arrive and still take part, in nanoseconds: what a command's latency
    /// after the bar before costs. At most half of the bar's interval counts.
    pub grace_ns: i64,
    /// Who gets the volume first.
    pub priority: Priority,
}

impl Default for BarRules {
    /// No spread, strictly through, all of the volume, a second's grace, the worst case first.
    fn default() -> Self {
        Self {
            spread: Spread::Units(0),
            touch_fills: false,
            volume_share_ppm: Some(1_000_000),
            grace_ns: 1_000_000_000,
            priority: Priority::WorstFirst,
        }
    }
}

/// How trades without quotes fill orders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TradeRules {
    /// Half of it is paid by whoever takes from the last trade; rounded up to the tick.
    pub spread: Spread,
    /// What is ahead of a limit at its price when it comes; `None` fills it only where a trade goes through its price.
    pub queue: Option<u64>,
    /// Most that all our orders get of a trade's quantity, in millionths; never more than all of it.
    pub volume_share_ppm: u32,
}

impl Default for TradeRules {
    /// No spread, strictly through, all of a trade's quantity.
    fn default() -> Self {
        Self { spread: Spread::Units(0), queue: None, volume_share_ppm: 1_000_000 }
    }
}

/// How much the simulation holds; memory is reserved for it at start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capacity {
    /// Instruments.
    pub instruments: usize,
    /// Recorded orders resting at once over all instruments; 1 where no instrument has recorded orders.
    pub recorded_orders: usize,
    /// Recorded price levels in use at once over all instruments and sides.
    pub recorded_levels: usize,
    /// Our orders open at once.
    pub orders: usize,
}

impl Capacity {
    /// Returns what the recorded books hold.
    pub(super) fn recorded(&self) -> BookCapacity {
        let [instruments, orders, levels] =
            [self.instruments, self.recorded_orders, self.recorded_levels].map(|count| count.max(1));
        BookCapacity { instruments, orders, levels }
    }

    /// Returns what the book of our orders holds: one level more than orders, so that one can always move to a new
    /// price.
    pub(super) fn own(&self) -> BookCapacity {
        let orders = self.orders.max(1);
        BookCapacity { instruments: self.instruments.max(1), orders, levels: orders.saturating_add(1) }
    }
}

/// A simulation's settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// What it holds.
    pub capacity: Capacity,
    /// What instruments fill from, unless [`Historical::record`](super::Historical::record) says otherwise.
    pub data: Data,
    /// What fills resting orders beside executions; for recorded orders and quotes.
    pub reach: Reach,
    /// How bars fill.
    pub bars: BarRules,
    /// How trades without quotes fill.
    pub trades: TradeRules,
}

impl Config {
    pub(super) fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        let Capacity { instruments, recorded_orders, recorded_levels, orders } = self.capacity;
        let counts = [instruments, recorded_orders, recorded_levels, orders];
        counts.into_iter().for_each(|count| writer.word(count as u64));
        [self.data as u64, self.reach as u64].into_iter().for_each(|choice| writer.word(choice));
        self.bars.encode(writer);
        self.trades.encode(writer);
    }

    pub(super) fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let capacity = Capacity {
            instruments: reader.half()? as usize,
            recorded_orders: reader.half()? as usize,
            recorded_levels: reader.half()? as usize,
            orders: reader.half()? as usize,
        };
        let data = Data::decode(reader)?;
        let reach = match reader.below(3, "what reaches a resting order")? {
            0 => Reach::Executions,
            1 => Reach::Through,
            _ => Reach::Touch,
        };
        Ok(Self { capacity, data, reach, bars: BarRules::decode(reader)?, trades: TradeRules::decode(reader)? })
    }
}

impl Data {
    pub(super) fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        Ok(match reader.below(4, "what fills are made from")? {
            0 => Self::Orders,
            1 => Self::Quotes,
            2 => Self::Bars,
            _ => Self::Trades,
        })
    }
}

impl Spread {
    fn encode(self, writer: &mut SnapshotWriter<'_>) {
        let (kind, width) = match self {
            Self::Units(units) => (0, units),
            Self::BasisPoints(points) => (1, points.into()),
        };
        [kind, width].into_iter().for_each(|number| writer.word(number));
    }

    fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        Ok(if reader.flag()? { Self::BasisPoints(reader.half()?) } else { Self::Units(reader.word()?) })
    }
}

impl BarRules {
    fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        self.spread.encode(writer);
        writer.word(self.touch_fills.into());
        writer.word(self.volume_share_ppm.map_or(0, |ppm| u64::from(ppm) + 1));
        writer.signed(self.grace_ns);
        writer.word(self.priority as u64);
    }

    fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self {
            spread: Spread::decode(reader)?,
            touch_fills: reader.flag()?,
            volume_share_ppm: reader.below((1 << 32) + 1, "a share of 32 bits")?.checked_sub(1).map(|ppm| ppm as u32),
            grace_ns: reader.signed()?,
            priority: if reader.flag()? { Priority::Arrival } else { Priority::WorstFirst },
        })
    }
}

impl TradeRules {
    fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        self.spread.encode(writer);
        writer.word(self.queue.is_some().into());
        [self.queue.unwrap_or(0), self.volume_share_ppm.into()].into_iter().for_each(|number| writer.word(number));
    }

    fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let (spread, declared, queue) = (Spread::decode(reader)?, reader.flag()?, reader.word()?);
        if !declared && queue > 0 {
            return Err(reader.error("no queue where none is declared"));
        }
        Ok(Self { spread, queue: declared.then_some(queue), volume_share_ppm: reader.half()? })
    }
}
