//! Look-ahead: what the next commands will touch.

use omni_book::mix;
use omni_port::Stage;
use omni_types::{Body, ClientOrderId, NewOrder, OrderType, SessionId};

use crate::Exchange;

/// With fewer orders than this ever at once, books and index stay in the processor's cache, and looking ahead costs
/// more than it brings.
const FEW: u32 = 1 << 13;

impl Exchange {
    /// Asks for the memory that a command will touch.
    #[inline]
    pub(crate) fn look_ahead(&self, body: &Body, stage: Stage) {
        if self.books.slots() < FEW {
            return;
        }
        match body {
            Body::New(order) => self.new_ahead(order, stage),
            Body::Cancel(cancel) => self.open_ahead(cancel.session, cancel.client_order_id, stage),
            Body::Amend(amend) => self.open_ahead(amend.session, amend.client_order_id, stage),
            _ => {}
        }
    }

    #[inline]
    fn new_ahead(&self, order: &NewOrder, stage: Stage) {
        match stage {
            Stage::Index => {
                self.index.prefetch(hash(order.session, order.client_order_id));
                self.books.prefetch_book(order.instrument);
            }
            Stage::Order => self.books.prefetch_best(order.instrument),
            Stage::Level if order.order_type == OrderType::Limit => {
                self.books.prefetch_level(order.instrument, order.side, order.price);
            }
            Stage::Level => self.front_ahead(order),
        }
    }

    /// Asks for the level that a market order meets first.
    #[inline]
    fn front_ahead(&self, order: &NewOrder) {
        if self.listing(order.instrument).is_some()
            && let Some(best) = self.books.best(order.instrument, order.side.opposite())
        {
            self.books.prefetch_order(self.books.front(best));
        }
    }

    #[inline]
    fn open_ahead(&self, session: SessionId, client_order_id: ClientOrderId, stage: Stage) {
        let likely = || self.index.likely(hash(session, client_order_id));
        match stage {
            Stage::Index => self.index.prefetch(hash(session, client_order_id)),
            Stage::Order => likely().into_iter().for_each(|slot| self.books.prefetch_order(slot)),
            Stage::Level => likely().into_iter().for_each(|slot| self.books.prefetch_around(slot)),
        }
    }
}

#[inline]
const fn hash(session: SessionId, client_order_id: ClientOrderId) -> u64 {
    mix(client_order_id.0, session.0 as u64)
}
