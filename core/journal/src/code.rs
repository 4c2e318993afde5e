//! The journal's own codes of the vocabulary's enumerations: they stay when the enumerations grow.

use omni_types::{
    AssetClass, BookAction, Display, Exercise, Fault, Minimum, OptionRight, OrderType, Peg, SelfTrade, Side,
    TimeInForce, TradingState, Trigger,
};

use crate::record::DecodeError;

/// An enumeration that the journal writes as a small number.
pub(crate) trait Coded: Sized {
    /// Returns the number.
    fn code(self) -> u16;

    /// Returns the value of a number read from the field named `field`.
    fn from_code(code: u16, field: &'static str) -> Result<Self, DecodeError>;
}

macro_rules! codes {
    ($($name:ident { $($variant:ident = $code:literal,)* })*) => {$(
        impl Coded for $name {
            #[inline(always)]
            fn code(self) -> u16 {
                match self { $(Self::$variant => $code,)* }
            }

            #[inline(always)]
            fn from_code(code: u16, field: &'static str) -> Result<Self, DecodeError> {
                match code {
                    $($code => Ok(Self::$variant),)*
                    _ => Err(DecodeError::Field { field, value: u64::from(code) }),
                }
            }
        }
    )*};
}

codes! {
    Side { Buy = 0, Sell = 1, }
    OrderType { Market = 0, Limit = 1, }
    TimeInForce { Day = 0, Gtc = 1, Ioc = 2, Fok = 3, Gtd = 4, AtOpen = 5, AtClose = 6, }
    Trigger { None = 0, Stop = 1, Trailing = 2, }
    Peg { None = 0, Primary = 1, Market = 2, Midpoint = 3, }
    Display { All = 0, Part = 1, Hidden = 2, }
    Minimum { None = 0, Part = 1, All = 2, }
    SelfTrade { CancelNewest = 0, CancelOldest = 1, CancelBoth = 2, Decrement = 3, }
    BookAction { Add = 0, Modify = 1, Reduce = 2, Delete = 3, Execute = 4, Clear = 5, Trade = 6, }
    TradingState { Open = 0, Halted = 1, Closed = 2, PreOpen = 3, Paused = 4, Closing = 5, }
    Fault { Operator = 0, Raised = 1, Hung = 2, Crashed = 3, }
    AssetClass { Equity = 0, Future = 1, Option = 2, Fx = 3, Bond = 4, Crypto = 5, }
    OptionRight { Put = 0, Call = 1, }
    Exercise { European = 0, American = 1, Bermudan = 2, }
}

impl Coded for bool {
    #[inline(always)]
    fn code(self) -> u16 {
        u16::from(self)
    }

    #[inline(always)]
    fn from_code(code: u16, field: &'static str) -> Result<Self, DecodeError> {
        match code {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::Field { field, value: u64::from(code) }),
        }
    }
}

impl Coded for Option<Side> {
    fn code(self) -> u16 {
        self.map_or(0, |side| 1 + side.code())
    }

    fn from_code(code: u16, field: &'static str) -> Result<Self, DecodeError> {
        code.checked_sub(1).map(|side| Side::from_code(side, field)).transpose()
    }
}
