//! Sessions: who may send orders for which account.

use omni_types::{AccountId, ClientOrderId};

/// A session's standing at the gate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Session {
    /// The account that it trades; `None` before it is registered.
    pub account: Option<AccountId>,
    /// Whether it was stopped, by a fault or an operator.
    pub stopped: bool,
    /// Whether it stands for another member of the market, whom our kill switch doesn't stop.
    pub external: bool,
    /// The highest client order id that it used, 0 before the first; the next must be above.
    pub last: ClientOrderId,
}

impl Session {
    /// Takes note of a client order id.
    #[inline]
    pub(crate) fn consume(&mut self, id: ClientOrderId) {
        self.last = self.last.max(id);
    }
}
