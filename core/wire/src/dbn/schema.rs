//! Schemas and symbologies, by their codes in the header.

use core::fmt;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident: $int:ty { $($code:literal $variant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr($int)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`.")] $variant = $code,)*
        }

        impl $name {
            /// Returns the value with this code, if there is one.
            #[must_use]
            pub const fn from_code(code: $int) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// Returns the vendor's name of it.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.text())
            }
        }
    };
}

codes! {
    /// What kind of records a file holds.
    Schema: u16 {
        0 Mbo "mbo",
        1 Mbp1 "mbp-1",
        2 Mbp10 "mbp-10",
        3 Tbbo "tbbo",
        4 Trades "trades",
        5 Ohlcv1S "ohlcv-1s",
        6 Ohlcv1M "ohlcv-1m",
        7 Ohlcv1H "ohlcv-1h",
        8 Ohlcv1D "ohlcv-1d",
        9 Definition "definition",
        10 Statistics "statistics",
        11 Status "status",
        12 Imbalance "imbalance",
        13 OhlcvEod "ohlcv-eod",
        14 Cmbp1 "cmbp-1",
        15 Cbbo1S "cbbo-1s",
        16 Cbbo1M "cbbo-1m",
        17 Tcbbo "tcbbo",
        18 Bbo1S "bbo-1s",
        19 Bbo1M "bbo-1m",
    }
}

codes! {
    /// How symbols are written.
    Symbology: u8 {
        0 InstrumentId "instrument_id",
        1 RawSymbol "raw_symbol",
        2 Smart "smart",
        3 Continuous "continuous",
        4 Parent "parent",
        5 NasdaqSymbol "nasdaq_symbol",
        6 CmsSymbol "cms_symbol",
        7 Isin "isin",
        8 UsCode "us_code",
        9 BbgCompId "bbg_comp_id",
        10 BbgCompTicker "bbg_comp_ticker",
        11 Figi "figi",
        12 FigiTicker "figi_ticker",
    }
}
