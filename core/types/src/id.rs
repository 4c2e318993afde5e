//! Identifiers: small integers inside the engine.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
        #[repr(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// Returns the identifier as an index into a flat table.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )*};
}

ids! {
    /// An instrument's slot in the engine; a symbol and venue (`AAPL.XNAS`) outside.
    InstrumentId(u32);
    /// An account's slot in the engine.
    AccountId(u32);
    /// Who sends commands: a strategy, a client's connection, the generated flow, the operator.
    SessionId(u16);
    /// The sender's number of an order: unique and strictly increasing within a session, as OUCH 5.0's `UserRefNum`.
    ClientOrderId(u64);
    /// The venue's number of an order; never repeats within a run.
    OrderId(u64);
    /// The venue's number of a match; both sides carry it; never repeats within a run.
    TradeId(u64);
    /// A strategy's own number of a timer.
    TimerId(u32);
}
