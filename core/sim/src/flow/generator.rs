//! The flow: asked for the next command, told what became of the others.

use omni_types::{Body, ExecutionReport, InstrumentId, Liquidity, Side, Time, TimeInForce, TopOfBook};

use super::config::{FlowConfig, FlowError};
use super::decision::{Intent, Scene};
use super::market::{Market, Touch, Traffic};
use super::order::Clerk;
use super::pool::Pool;
use super::random::Random;
use super::tempo::{Lottery, Tempo};
use super::universe::Listing;
use super::value::Diffusion;

/// Orders that fill each book at the start of the day.
const OPENING_ORDERS: usize = 24;

/// What the flow sees of the market.
pub trait FlowView {
    /// Returns the best bid and ask of an instrument now.
    fn top(&self, instrument: InstrumentId) -> TopOfBook;
}

/// A command of the generated flow.
#[derive(Clone, PartialEq, Debug)]
pub struct FlowCommand {
    /// When it is sent; never before the one before it.
    pub time: Time,
    /// A new order, a cancel or an amend.
    pub body: Body,
}

/// The generated order flow of one day.
#[derive(Clone, Debug)]
pub struct Flow {
    config: FlowConfig,
    random: Random,
    /// What auctions draw from.
    auctions: Random,
    tempo: Tempo,
    lottery: Lottery,
    markets: Vec<Market>,
    pool: Pool,
    clerk: Clerk,
    whole: Diffusion,
    whole_value: f64,
    opening_left: usize,
    /// The instrument that the next command is for.
    next_at: usize,
}

impl Flow {
    /// Builds the day's flow on the listings, which the engine lists from `config.first_instrument` on.
    ///
    /// Reserves all it will ever use: about 40 bytes per order of `live_orders` and 0.7 KB more per instrument.
    ///
    /// # Errors
    /// [`FlowError`] when the settings don't make a day.
    pub fn new(config: FlowConfig, listings: &[Listing]) -> Result<Self, FlowError> {
        config.check(listings.len())?;
        let mut random = Random::new(config.seed, 2);
        let minutes = (config.end.0 - config.start.0) as f64 / (60.0 * Time::SECOND as f64);
        let activity: f64 = listings.iter().map(|l| l.activity).sum();
        let traffic = |listing: &Listing| {
            let commands = config.commands as f64 * listing.activity / activity;
            let institutions = config.members.institutions;
            Traffic { commands, per_minute: commands / minutes, institutions, capacity: config.live_orders }
        };
        let markets = listings.iter().map(|l| Market::new(l, traffic(l), &mut random)).collect();
        let opening_left = listings.len() * OPENING_ORDERS;
        let mut tempo = Tempo::new(config.start, config.end, config.commands, opening_left as u64);
        tempo.next_in_opening();
        Ok(Self {
            config,
            whole: Diffusion::new(1.0, &mut random),
            random,
            auctions: Random::new(config.seed, 3),
            tempo,
            lottery: Lottery::new(listings),
            markets,
            pool: Pool::new(listings.len(), config.live_orders),
            clerk: Clerk::new(config),
            whole_value: 0.0,
            opening_left,
            next_at: 0,
        })
    }

    /// Returns the settings.
    #[must_use]
    pub const fn config(&self) -> &FlowConfig {
        &self.config
    }

    /// Returns how many orders of the flow are live, as far as it knows.
    #[must_use]
    pub fn live_orders(&self) -> usize {
        (0..self.markets.len()).map(|at| self.pool.total(at)).sum()
    }

    /// Returns how much memory is reserved, in bytes.
    #[must_use]
    pub fn reserved_bytes(&self) -> usize {
        size_of::<Self>()
            + self.markets.len() * size_of::<Market>()
            + self.tempo.reserved_bytes()
            + self.lottery.reserved_bytes()
            + self.pool.reserved_bytes()
            + self.clerk.reserved_bytes()
    }

    /// Returns when the next command comes, or `None` once the day is over.
    #[must_use]
    pub fn next_time(&self) -> Option<Time> {
        self.tempo.time()
    }

    /// Decides the next command by the market as it is at [`Flow::next_time`], or returns `None` once the day is over.
    pub fn next(&mut self, market: &impl FlowView) -> Option<FlowCommand> {
        let time = self.tempo.time()?;
        let at = self.next_at;
        self.advance(at, time);
        let top = market.top(InstrumentId(self.config.first_instrument.0 + at as u32));
        let touch = Touch::new(&top, self.markets[at].tick);
        let (intent, pressing) = self.decide(at, touch);
        let tick = self.markets[at].tick;
        let body = self.clerk.write(at, tick, intent, &mut self.pool, &mut self.random);
        self.schedule(at, pressing);
        Some(FlowCommand { time, body })
    }

    /// Returns whether the orders are still coming that fill the books at the start.
    #[must_use]
    pub const fn is_opening(&self) -> bool {
        self.opening_left > 0
    }

    /// Writes an order of a fund for an auction, by a random source of its own: the day is the same with and without.
    pub fn auction_order(&mut self, instrument: usize, time_in_force: TimeInForce) -> Body {
        self.clerk.at_auction(instrument, time_in_force, &mut self.auctions)
    }

    /// Takes in what became of an order; reports of other sessions are ignored.
    pub fn on_report(&mut self, report: &ExecutionReport) {
        let Some(member) = self.clerk.member(report.session) else { return };
        let Some(at) = report.instrument.index().checked_sub(self.config.first_instrument.index()) else { return };
        if at >= self.markets.len() {
            return;
        }
        if report.is_fill() && report.liquidity == Liquidity::Maker {
            let aggressor = report.side.opposite().sign() as f64;
            self.markets[at].learn(aggressor, (report.last_quantity.0 as f64 / 100.0).min(1.0));
        }
        let id = report.client_order_id.0;
        let slot = self.clerk.slot(id);
        let order = self.pool.get(at, slot);
        if order.id != id || order.member != member {
            return;
        }
        if !report.status.is_open() {
            self.pool.remove(at, slot);
        } else if report.is_fill() {
            self.pool.fill(at, slot, report.filled.0 as u32);
        }
    }

    /// Moves the instrument's worth, and the whole market's, on to `time`.
    fn advance(&mut self, at: usize, time: Time) {
        let now_ns = time.0 - self.config.start.0;
        let passed = self.tempo.passed();
        self.whole_value += self.whole.advance(now_ns, passed, &mut self.random);
        self.markets[at].advance(now_ns, passed, self.whole_value, &mut self.random);
    }

    fn decide(&mut self, at: usize, touch: Touch) -> (Intent, bool) {
        if let Some((bid, ask)) = touch.prices() {
            let trend = &mut self.markets[at].trend;
            *trend += 0.02 * (0.5 * (bid + ask) as f64 - *trend);
        }
        let institutions = self.config.members.institutions;
        let opening = (self.opening_left > 0).then(|| Side::BOTH[self.opening_left / self.markets.len() % 2]);
        let (market, pool, random) = (&mut self.markets[at], &self.pool, &mut self.random);
        let half = market.half_now();
        let quotes = Side::BOTH.map(|side| market.quote(side, half));
        let mut scene = Scene { at, market, pool, random, touch, institutions, half, quotes };
        if let Some(side) = opening {
            return (scene.add(side), false);
        }
        let pressing = scene.is_pressing();
        (scene.choose(), pressing)
    }

    /// Sets when the next command comes and for which instrument: the same while something presses there.
    fn schedule(&mut self, at: usize, pressing: bool) {
        if self.opening_left > 1 {
            self.opening_left -= 1;
            self.next_at = self.opening_left % self.markets.len();
            return self.tempo.next_in_opening();
        }
        self.opening_left = 0;
        let calm = 0.45 / self.markets[at].own.scale.clamp(0.5, 3.0);
        let stays = if pressing { 0.92 } else { 1.0 - calm };
        if self.random.chance(stays) {
            self.tempo.next_in_cluster(&mut self.random);
        } else {
            self.tempo.next_cluster(&mut self.random);
            self.next_at = self.lottery.draw(&mut self.random);
        }
    }
}
