//! Writes the engine's vocabulary as JSON.
//!
//! Numbers that pass 2^53 (times, order ids) go out as strings of digits, money as exact decimal text; prices and
//! quantities are plain counts.

use std::{
    fmt::{Display, Write},
    sync::Arc,
};

use omni_types::{
    AccountId, AssetClass, Bar, ClientOrderId, Currency, Decimal, Instrument, InstrumentId, Liquidity, Mic, Money,
    OrderId, OrderType, Price, Qty, Refusal, SessionId, Side, Symbol, Time, TimeInForce, TradeId, TradingState,
};

/// What can be written as JSON.
pub(crate) trait Json {
    /// Appends the value.
    fn json(&self, out: &mut String);
}

/// Appends `value` as it displays.
pub(crate) fn push(out: &mut String, value: impl Display) {
    // Writing to a String can't fail.
    let _ = write!(out, "{value}");
}

/// Appends `text` as a JSON string.
pub(crate) fn push_text(out: &mut String, text: &str) {
    out.push('"');
    if text.bytes().all(|b| b >= b' ' && b != b'"' && b != b'\\') {
        out.push_str(text);
        out.push('"');
        return;
    }
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => push(out, format_args!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Appends an array.
pub(crate) fn push_array<T: Json>(out: &mut String, items: impl IntoIterator<Item = T>) {
    out.push('[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        item.json(out);
    }
    out.push(']');
}

/// An object being written.
pub(crate) struct Object<'a> {
    out: &'a mut String,
    empty: bool,
}

impl<'a> Object<'a> {
    /// Opens an object.
    pub(crate) fn open(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, empty: true }
    }

    /// Writes a key and returns where its value goes.
    pub(crate) fn key(&mut self, key: &str) -> &mut String {
        self.separate();
        push_text(self.out, key);
        self.out.push(':');
        self.out
    }

    /// Writes an id as a key and returns where its value goes.
    pub(crate) fn id(&mut self, id: impl Display) -> &mut String {
        self.separate();
        push(self.out, format_args!("\"{id}\":"));
        self.out
    }

    /// Writes a field of ours, whose name has nothing to escape.
    pub(crate) fn field(&mut self, name: &'static str, value: &(impl Json + ?Sized)) {
        self.separate();
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
        value.json(self.out);
    }

    fn separate(&mut self) {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
    }

    /// Closes the object.
    pub(crate) fn close(self) {
        self.out.push('}');
    }
}

/// Writes a struct as an object of its fields, in their names.
macro_rules! object {
    ($name:ty { $($field:ident),* $(,)? }) => {
        impl $crate::json::Json for $name {
            fn json(&self, out: &mut String) {
                let mut object = $crate::json::Object::open(out);
                $(object.field(stringify!($field), &self.$field);)*
                object.close();
            }
        }
    };
}
pub(crate) use object;

/// Appends a whole number.
fn push_count(out: &mut String, count: impl itoa::Integer) {
    out.push_str(itoa::Buffer::new().format(count));
}

/// Appends a whole number that may pass 2^53, as a string of digits.
fn push_digits(out: &mut String, count: impl itoa::Integer) {
    out.push('"');
    push_count(out, count);
    out.push('"');
}

macro_rules! numbers {
    ($($name:ty: $push:ident(|$value:ident| $number:expr);)*) => {$(
        impl Json for $name {
            fn json(&self, out: &mut String) {
                let $value = self;
                $push(out, $number);
            }
        }
    )*};
}

numbers! {
    u32: push_count(|v| *v);
    u64: push_count(|v| *v);
    i64: push_count(|v| *v);
    bool: push(|v| v);
    InstrumentId: push_count(|v| v.0);
    AccountId: push_count(|v| v.0);
    SessionId: push_count(|v| v.0);
    Price: push_count(|v| v.0);
    Qty: push_count(|v| v.0);
    Time: push_digits(|v| v.0);
    OrderId: push_digits(|v| v.0);
    ClientOrderId: push_digits(|v| v.0);
    TradeId: push_digits(|v| v.0);
    Money: push(|v| format_args!("\"{v}\""));
    Decimal: push(|v| format_args!("\"{v}\""));
}

macro_rules! words {
    ($($name:ty: |$value:ident| $word:expr;)*) => {$(
        impl Json for $name {
            fn json(&self, out: &mut String) {
                let $value = self;
                push_text(out, $word);
            }
        }
    )*};
}

words! {
    str: |v| v;
    Arc<str>: |v| v;
    Symbol: |v| v.as_str();
    Mic: |v| v.as_str();
    Currency: |v| v.as_str();
    Refusal: |v| v.text();
    Side: |v| match v { Side::Buy => "buy", Side::Sell => "sell" };
    OrderType: |v| match v { OrderType::Market => "market", OrderType::Limit => "limit" };
    TimeInForce: |v| v.name();
    Liquidity: |v| if *v == Liquidity::None { "none" } else { v.name() };
    TradingState: |v| v.name();
    AssetClass: |v| match v {
        AssetClass::Equity => "equity",
        AssetClass::Future => "future",
        AssetClass::Option => "option",
        AssetClass::Fx => "fx",
        AssetClass::Bond => "bond",
        AssetClass::Crypto => "crypto",
    };
}

impl Json for f64 {
    fn json(&self, out: &mut String) {
        if self.is_finite() { push(out, self) } else { out.push_str("null") }
    }
}

impl<T: Json> Json for Option<T> {
    fn json(&self, out: &mut String) {
        match self {
            Some(value) => value.json(out),
            None => out.push_str("null"),
        }
    }
}

impl<T: Json> Json for [T] {
    fn json(&self, out: &mut String) {
        push_array(out, self);
    }
}

impl<T: Json> Json for Vec<T> {
    fn json(&self, out: &mut String) {
        push_array(out, self);
    }
}

impl<T: Json + ?Sized> Json for &T {
    fn json(&self, out: &mut String) {
        (*self).json(out);
    }
}

impl Json for Bar {
    fn json(&self, out: &mut String) {
        let mut object = Object::open(out);
        object.field("time_ns", &self.time);
        object.field("open", &self.open);
        object.field("high", &self.high);
        object.field("low", &self.low);
        object.field("close", &self.close);
        object.field("volume", &self.volume);
        object.close();
    }
}

impl Json for Instrument {
    fn json(&self, out: &mut String) {
        let mut object = Object::open(out);
        object.field("id", &self.id);
        object.field("symbol", &self.spec.symbol);
        object.field("venue", &self.spec.venue);
        object.field("asset_class", &self.spec.asset_class);
        object.field("currency", &self.spec.currency);
        object.field("price_unit", &self.spec.price_unit);
        object.field("quantity_unit", &self.spec.quantity_unit);
        object.field("multiplier", &self.spec.multiplier);
        object.field("tick", &self.spec.tick);
        object.field("lot", &self.spec.lot);
        object.close();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(value: &(impl Json + ?Sized)) -> String {
        let mut out = String::new();
        value.json(&mut out);
        out
    }

    #[test]
    fn numbers_past_2_to_53_are_digits_and_money_is_exact() {
        assert_eq!(text(&Time(i64::MAX)), "\"9223372036854775807\"");
        assert_eq!(text(&OrderId(u64::MAX)), "\"18446744073709551615\"");
        assert_eq!(text(&Money(-Money::ONE / 3)), "\"-0.33333333333333333333\"");
        assert_eq!(text(&Price(-5)), "-5");
        assert_eq!(text(&f64::NAN), "null");
        assert_eq!(text(&vec![Some(Qty(1)), None]), "[1,null]");
    }

    proptest! {
        #[test]
        fn fuzz_any_text_reads_back(original in any::<String>()) {
            let read: String = serde_json::from_str(&text(original.as_str())).unwrap();
            prop_assert_eq!(read, original);
        }

        #[test]
        fn fuzz_any_finite_float_reads_back(original in any::<f64>()) {
            prop_assume!(original.is_finite());
            let read: f64 = serde_json::from_str(&text(&original)).unwrap();
            // The reader may be one unit in the last place off; the writer is exact.
            prop_assert!((read - original).abs() <= original.abs() * 1e-15);
        }
    }
}
