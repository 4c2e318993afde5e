//! The maker: a strategy over many instruments.

use omni_port::{Desk, Feeds, Strategy, StrategyFault, Subscription};
use omni_types::{Event, ExecutionReport, Instrument, InstrumentId, Refusal, Time, TimerId};

use crate::quoter::{Quoter, nanos};
use crate::{MakerParams, QuotingError};

/// The one timer, at which stale quotes are looked for.
const STALE: TimerId = TimerId(0);
/// The search for stale quotes comes again no sooner than this part of their age.
const STALE_PARTS: i64 = 8;

/// The built-in market maker.
///
/// It quotes each instrument by itself: an event costs the same however many there are. Memory is reserved here.
#[derive(Clone, Debug)]
pub struct Maker {
    params: MakerParams,
    /// By instrument id; `None` for what isn't quoted.
    quoters: Vec<Option<Quoter>>,
    /// Instruments with something new in this delivery.
    dirty: Vec<InstrumentId>,
    /// When the timer is due, where it is set.
    due: Option<Time>,
    /// When the oldest quotes become stale, as far as it is known, while the timer isn't set.
    oldest: Option<Time>,
}

impl Maker {
    /// Builds a maker that quotes `quoted`, or all `listed` instruments where that is empty, as in a [`Subscription`].
    ///
    /// `listed` holds every listed instrument; the position is the id.
    ///
    /// # Errors
    /// [`QuotingError`] when a setting is out of range or doesn't fit an instrument, or one isn't listed.
    pub fn new(params: MakerParams, listed: &[Instrument], quoted: &[InstrumentId]) -> Result<Self, QuotingError> {
        params.check()?;
        if listed.is_empty() {
            return Err(QuotingError::NoInstruments);
        }
        let mut quoters: Vec<Option<Quoter>> = vec![None; listed.len()];
        for (slot, instrument) in quoters.iter_mut().zip(listed).filter(|_| quoted.is_empty()) {
            *slot = Some(Quoter::new(instrument, &params)?);
        }
        for &id in quoted {
            let instrument = listed.get(id.index()).ok_or(QuotingError::UnknownInstrument(id))?;
            let quoter = Quoter::new(instrument, &params)?;
            if quoters[id.index()].replace(quoter).is_some() {
                return Err(QuotingError::RepeatedInstrument(instrument.spec.symbol));
            }
        }
        let dirty = Vec::with_capacity(quoters.len());
        Ok(Self { params, quoters, dirty, due: None, oldest: None })
    }

    /// Returns the settings.
    #[must_use]
    pub const fn params(&self) -> &MakerParams {
        &self.params
    }

    /// Returns what it must be subscribed to: quotes and trades of its instruments, each event by itself.
    #[must_use]
    pub fn subscription(&self) -> Subscription {
        let ids = (0_u32..).map(InstrumentId).zip(&self.quoters);
        Subscription {
            instruments: ids.filter(|(_, quoter)| quoter.is_some()).map(|(id, _)| id).collect(),
            feeds: Feeds { quote: true, trade: true, ..Feeds::default() },
            batch_ns: 0,
        }
    }

    /// Takes in an event without answering it yet.
    #[inline]
    fn take(&mut self, event: &Event, desk: &Desk) -> Result<(), StrategyFault> {
        let params = &self.params;
        let instrument = match event {
            Event::Quote(quote) => quote.instrument,
            Event::Trade(trade) => trade.instrument,
            Event::Status(status) => status.instrument,
            Event::Adjusted(adjusted) => adjusted.instrument,
            Event::Report(report) if report.client_order_id.0 == 0 => return refused_timer(report),
            Event::Report(report) => match instrument_of(report, desk) {
                Some(instrument) => instrument,
                None => return Ok(()),
            },
            Event::Timer(timer) => {
                self.on_stale_timer(timer.time);
                return Ok(());
            }
            Event::Bar(_) | Event::Book(_) | Event::Indicative(_) => return Ok(()),
        };
        let Some(quoter) = self.quoters.get_mut(instrument.index()).and_then(Option::as_mut) else { return Ok(()) };
        let look = match event {
            Event::Report(report) => quoter.on_report(report, params),
            other => {
                quoter.on_market(other, params);
                true
            }
        };
        if look && quoter.mark() {
            self.dirty.push(instrument);
        }
        Ok(())
    }

    /// Marks the instruments whose quotes are stale, and finds the oldest of the others.
    #[cold]
    fn on_stale_timer(&mut self, now: Time) {
        let stale_ns = nanos(self.params.stale_s);
        self.due = None;
        for (id, quoter) in (0_u32..).map(InstrumentId).zip(&mut self.quoters) {
            let Some((quoter, at)) = quoter.as_mut().and_then(|q| q.stale_at(stale_ns).map(|at| (q, at))) else {
                continue;
            };
            if at > now {
                self.oldest = earlier(self.oldest, Some(at));
            } else if quoter.mark() {
                self.dirty.push(id);
            }
        }
    }

    /// Answers what came: looks once at each instrument with something new, and sees that the timer runs.
    #[inline]
    fn answer(&mut self, desk: &mut Desk) {
        let stale_ns = nanos(self.params.stale_s);
        for id in self.dirty.drain(..) {
            let Some(quoter) = &mut self.quoters[id.index()] else { continue };
            quoter.settle(&self.params, desk);
            if self.due.is_none() {
                self.oldest = earlier(self.oldest, quoter.stale_at(stale_ns));
            }
        }
        if let (None, Some(oldest)) = (self.due, self.oldest) {
            self.set_timer(oldest, stale_ns, desk);
        }
    }

    /// Sets the timer to when the oldest quotes become stale. Newer ones become stale later, so it needs no moving.
    #[cold]
    fn set_timer(&mut self, oldest: Time, stale_ns: i64, desk: &mut Desk) {
        let due = oldest.max(desk.time().plus((stale_ns / STALE_PARTS).max(1)));
        self.due = Some(due);
        self.oldest = None;
        desk.set_timer(STALE, due);
    }
}

/// Returns the instrument of a report.
///
/// A report on an order that the venue doesn't know names none. `None` where the maker, too, knows that the order is done:
/// its change crossed the last fill on the way, and the report of the fill has told all there is.
#[inline]
fn instrument_of(report: &ExecutionReport, desk: &Desk) -> Option<InstrumentId> {
    if report.reason != Refusal::UnknownOrder {
        return Some(report.instrument);
    }
    desk.order(report.client_order_id).map(|order| order.instrument)
}

fn earlier(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    one.into_iter().chain(other).min()
}

fn refused_timer(report: &ExecutionReport) -> Result<(), StrategyFault> {
    let reason = report.reason;
    Err(StrategyFault { message: format!("the maker can't watch for stale quotes without its timer: {reason}") })
}

impl Strategy for Maker {
    fn on_recover(&mut self, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.quoters.iter_mut().flatten().for_each(Quoter::forget);
        for order in desk.orders().copied().collect::<Vec<_>>() {
            let quoter = self.quoters.get_mut(order.instrument.index()).and_then(Option::as_mut);
            if !quoter.is_some_and(|quoter| quoter.adopt(&order)) {
                desk.cancel(order.client_order_id);
            }
        }
        // What the market is now isn't known yet, so this pulls them all.
        self.quoters.iter_mut().flatten().for_each(|quoter| quoter.settle(&self.params, desk));
        Ok(())
    }

    /// Takes in the whole delivery first, so that each instrument is looked at once and as it is at the end.
    fn on_events(&mut self, events: &[Event], desk: &mut Desk) -> Result<(), StrategyFault> {
        for event in events {
            desk.observe(event);
            self.take(event, desk)?;
        }
        self.answer(desk);
        Ok(())
    }

    fn on_event(&mut self, event: &Event, desk: &mut Desk) -> Result<(), StrategyFault> {
        self.take(event, desk)?;
        self.answer(desk);
        Ok(())
    }
}
