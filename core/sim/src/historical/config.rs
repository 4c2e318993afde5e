//! What a simulation is set to.

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

/// The whole distance between bid and ask that bars are taken to have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spread {
    /// In price units.
    Units(u64),
    /// In basis points of the bar's open.
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
}
