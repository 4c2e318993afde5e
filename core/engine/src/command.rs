//! Commands on orders: through the gate to the venue.

use omni_port::{OrderView, Selection, Sink, Venue};
use omni_risk::Amend;
use omni_types::{
    AmendOrder, CancelOrder, Event, ExecType, ExecutionReport, MassCancel, NewOrder, OrdStatus, Qty, Refusal, Scope,
    SpecialOrder, Time,
};

use crate::Engine;
use crate::tap::{Held, Tap};

impl<V: Venue> Engine<V> {
    #[inline]
    pub(crate) fn new_order<S: Sink>(&mut self, order: &NewOrder, sink: &mut S) {
        self.through_gate(order, sink, |venue, time, tap| venue.submit(order, time, tap));
    }

    pub(crate) fn special_order<S: Sink>(&mut self, special: &SpecialOrder, sink: &mut S) {
        self.through_gate(&special.order, sink, |venue, time, tap| venue.submit_special(special, time, tap));
    }

    /// Submits an order that passes the gate.
    #[inline(always)]
    fn through_gate<S: Sink>(
        &mut self,
        order: &NewOrder,
        sink: &mut S,
        submit: impl FnOnce(&mut V, Time, &mut Tap<'_, S>),
    ) {
        let checked = self.gate.check(order, self.time);
        let (venue, time, mut tap) = self.parts(sink);
        match checked {
            Ok(_) => submit(venue, time, &mut tap),
            // The gate refused and holds nothing, so the report goes past it.
            Err(reason) => tap.pass(&Event::Report(ExecutionReport::rejected(order, reason, time))),
        }
    }

    #[inline]
    pub(crate) fn cancel<S: Sink>(&mut self, cancel: &CancelOrder, sink: &mut S) {
        self.gate.on_cancel(cancel.session, self.time);
        let (venue, time, mut tap) = self.parts(sink);
        venue.cancel(cancel, time, &mut tap);
    }

    pub(crate) fn amend<S: Sink>(&mut self, amend: &AmendOrder, sink: &mut S) {
        let open = self.venue.order(amend.session, amend.client_order_id);
        let checked = open.map(|order| (order, self.check_amend(&order, amend)));
        let (venue, time, mut tap) = self.parts(sink);
        match checked {
            Some((order, Err(reason))) => tap.pass(&Event::Report(amend_refused(&order, reason, time))),
            Some((_, Ok(held))) => {
                tap.amend = Some(held);
                venue.amend(amend, time, &mut tap);
            }
            None => venue.amend(amend, time, &mut tap),
        }
    }

    fn check_amend(&mut self, order: &OrderView, amend: &AmendOrder) -> Result<Held, Refusal> {
        let slot = self.gate.slot(order.account, order.instrument).ok_or(Refusal::UnknownOrder)?;
        let asked = Amend {
            session: amend.session,
            slot,
            side: order.side,
            price: amend.price,
            quantity: amend.quantity,
            filled: order.filled,
            held: order.leaves,
        };
        let growth = self.gate.check_amend(&asked, self.time)?;
        Ok(Held { held: Qty(order.leaves.0 + growth.0), growth })
    }

    pub(crate) fn mass_cancel<S: Sink>(&mut self, cancel: &MassCancel, sink: &mut S) {
        self.gate.on_cancel(cancel.session, self.time);
        let own = Selection { session: Some(cancel.session), ..Selection::default() };
        let selection = match cancel.scope {
            Scope::Session => own,
            Scope::Instrument(instrument) => Selection { instrument: Some(instrument), ..own },
            Scope::Side(instrument, side) => Selection { instrument: Some(instrument), side: Some(side), ..own },
            Scope::Account => {
                let account = self.gate.session(cancel.session).and_then(|session| session.account);
                match account {
                    Some(_) => Selection { account, ..Selection::default() },
                    None => own,
                }
            }
        };
        self.cancel_all(selection, Refusal::None, sink);
    }
}

/// Builds the report that an amend was refused at the gate.
const fn amend_refused(order: &OrderView, reason: Refusal, time: Time) -> ExecutionReport {
    ExecutionReport {
        order_id: order.order_id,
        account: order.account,
        instrument: order.instrument,
        side: order.side,
        exec_type: ExecType::CancelRejected,
        status: if order.filled.0 == 0 { OrdStatus::New } else { OrdStatus::PartiallyFilled },
        reason,
        price: order.price,
        quantity: Qty(order.leaves.0 + order.filled.0),
        leaves: order.leaves,
        filled: order.filled,
        ..ExecutionReport::unknown_order(order.session, order.client_order_id, time)
    }
}
