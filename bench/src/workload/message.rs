//! Messages of the common workload.

use omni_types::{
    AccountId, CancelOrder, ClientOrderId, InstrumentId, NewOrder, OrderType, Price, Qty, SelfTrade, SessionId, Side,
    TimeInForce,
};

/// What a message asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Operation {
    /// A limit order that doesn't cross.
    Add = 0,
    /// A cancel of an open order.
    Cancel = 1,
    /// A market order.
    Market = 2,
}

/// One message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message {
    /// What it asks for.
    pub operation: Operation,
    /// Side of the order, for a cancel of the order cancelled.
    pub side: Side,
    /// The instrument.
    pub instrument: u16,
    /// The limit; 0 for a market order.
    pub price: i32,
    /// How much; for a cancel what was open.
    pub quantity: u32,
    /// The order's number.
    pub id: u64,
}

impl Message {
    /// Returns the message as the 24 bytes of the common format.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[0] = self.operation as u8;
        bytes[1] = self.side as u8;
        bytes[2..4].copy_from_slice(&self.instrument.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.price.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.quantity.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.id.to_le_bytes());
        bytes
    }

    /// Returns the new order that an add or market message asks for.
    #[must_use]
    pub const fn order(&self, session: SessionId, account: AccountId) -> NewOrder {
        let market = matches!(self.operation, Operation::Market);
        NewOrder {
            session,
            client_order_id: ClientOrderId(self.id),
            account,
            instrument: InstrumentId(self.instrument as u32),
            side: self.side,
            order_type: if market { OrderType::Market } else { OrderType::Limit },
            time_in_force: TimeInForce::Day,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            price: Price(self.price as i64),
            quantity: Qty(self.quantity as u64),
        }
    }

    /// Returns the cancel that a cancel message asks for.
    #[must_use]
    pub const fn cancel(&self, session: SessionId) -> CancelOrder {
        CancelOrder { session, client_order_id: ClientOrderId(self.id) }
    }
}
