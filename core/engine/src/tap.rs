//! Every event passes here on its way out: the gate, the bars and the hash see it before anyone else.

use omni_port::Sink;
use omni_risk::{Fill, Gate, Source};
use omni_types::{AccountId, Digest, Event, ExecType, ExecutionReport, Money, Price, Qty};

use crate::bars::Bars;

/// What the gate holds for an order while its amend is at the venue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Held {
    /// Old leaves and growth together.
    pub(crate) held: Qty,
    /// What the amend added.
    pub(crate) growth: Qty,
}

/// The engine's own sink in front of the caller's.
pub(crate) struct Tap<'a, S> {
    pub(crate) gate: &'a mut Gate,
    pub(crate) bars: &'a mut Bars,
    pub(crate) digest: &'a mut Digest,
    pub(crate) drawn: &'a mut Vec<AccountId>,
    /// Set while an amend that passed the gate is at the venue.
    pub(crate) amend: Option<Held>,
    pub(crate) out: &'a mut S,
}

impl<S: Sink> Tap<'_, S> {
    /// Lets an event out that the gate has nothing to do with.
    #[inline]
    pub(crate) fn pass(&mut self, event: &Event) {
        self.digest.event(event);
        self.out.event(event);
    }

    /// Settles a report at the gate; returns the fee of a fill.
    #[inline]
    fn settle(&mut self, report: &ExecutionReport) -> Money {
        let open = Qty(report.quantity.0 - report.filled.0);
        let Some(slot) = self.gate.slot(report.account, report.instrument) else { return Money::ZERO };
        match report.exec_type {
            ExecType::New | ExecType::Triggered => {}
            ExecType::Trade => {
                let fill = Fill {
                    slot,
                    side: report.side,
                    price: report.last_price,
                    quantity: report.last_quantity,
                    liquidity: report.liquidity,
                };
                let settled = self.gate.on_fill(&fill);
                if settled.drawdown {
                    self.drawn.push(report.account);
                }
                if report.leaves == Qty::ZERO {
                    self.gate.on_done(slot, report.side, Qty::ZERO);
                }
                return settled.fee;
            }
            ExecType::Cancelled | ExecType::Expired | ExecType::Rejected => {
                self.gate.on_done(slot, report.side, open);
            }
            ExecType::Replaced => {
                if let Some(Held { held, .. }) = self.amend.take() {
                    self.gate.on_replaced(slot, report.side, Qty(held.0 - open.0));
                }
            }
            ExecType::Restated => self.gate.on_replaced(slot, report.side, report.last_quantity),
            ExecType::CancelRejected => {
                if let Some(Held { growth, .. }) = self.amend.take() {
                    self.gate.on_replaced(slot, report.side, growth);
                }
            }
        }
        Money::ZERO
    }

    /// A price out of the instrument's range is no reference; recorded data may hold one.
    #[inline]
    fn mark(&mut self, instrument: omni_types::InstrumentId, price: Price, source: Source) {
        let _outside = self.gate.mark(instrument, price, source);
    }
}

impl<S: Sink> Sink for Tap<'_, S> {
    #[inline]
    fn event(&mut self, event: &Event) {
        match event {
            Event::Report(report) => {
                let fee = self.settle(report);
                if report.is_fill() {
                    return self.pass(&Event::Report(ExecutionReport { fee, ..*report }));
                }
            }
            Event::Trade(trade) => {
                self.mark(trade.instrument, trade.price, Source::Trade);
                self.bars.trade(trade);
            }
            Event::Quote(quote) => {
                if let Some(twice) = quote.top.mid_twice() {
                    self.mark(quote.instrument, Price(twice.div_euclid(2)), Source::Quote);
                }
            }
            Event::Bar(bar) => self.mark(bar.instrument, bar.close, Source::Trade),
            Event::Book(_) | Event::Timer(_) | Event::Status(_) | Event::Indicative(_) | Event::Adjusted(_) => {}
        }
        self.pass(event);
    }
}
