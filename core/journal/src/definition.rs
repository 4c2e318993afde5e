//! Records of definitions: instruments, accounts, rates and texts.

use std::sync::Arc;

use omni_types::{
    AccountId, AccountLimits, AccountSpec, Action, Adjust, AssetClass, Body, ContractTerms, Currency, Decimal,
    Instrument, InstrumentId, InstrumentSpec, Money, Price, Qty, Rate, Ratio, Text, Throttle, TickRow, TickTable,
};

use crate::code::Coded;
use crate::contract;
use crate::decode::{Head, field, low};
use crate::encode::{Frame, pair};
use crate::record::{DecodeError, EncodeError, NOBODY, TEXT_MAX, kind};

/// Words of a listing's payload before its terms.
const LISTING: usize = 17;

/// Packs up to eight bytes into a word, the first lowest.
pub(crate) fn word_of(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

fn words_of<const BYTES: usize, const WORDS: usize>(text: &Text<BYTES>) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    for (word, chunk) in words.iter_mut().zip(text.as_str().as_bytes().chunks(8)) {
        *word = word_of(chunk);
    }
    words
}

/// Reads a text that fills `words` up with zeros.
fn text<const BYTES: usize>(words: &[u64], name: &'static str) -> Result<Text<BYTES>, DecodeError> {
    let mut bytes = [0_u8; 24];
    for (chunk, word) in bytes.chunks_mut(8).zip(words) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
    let length = bytes.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    let bad = || field(name, words[0]);
    core::str::from_utf8(&bytes[..length]).ok().and_then(|text| Text::new(text).ok()).ok_or_else(bad)
}

pub(crate) fn currency_word(currency: Currency) -> u64 {
    words_of::<8, 1>(&currency)[0]
}

fn currency(word: u64) -> Result<Currency, DecodeError> {
    text(&[word], "currency")
}

fn money_words(money: i128) -> [u64; 2] {
    [money as u64, (money >> 64) as u64]
}

fn money(low: u64, high: u64) -> i128 {
    (u128::from(low) | u128::from(high) << 64) as i128
}

/// Returns the bits of small signed numbers, each in a byte, the first lowest.
fn exponents(values: [i8; 3]) -> u64 {
    values.iter().rev().fold(0, |word, value| word << 8 | u64::from(*value as u8))
}

pub(crate) fn encode_instrument(frame: Frame<'_>, instrument: &Instrument) -> Result<usize, EncodeError> {
    // What the decoder would refuse must not be written.
    if Instrument::new(instrument.id, instrument.spec) != Ok(*instrument) {
        return Err(EncodeError::Instrument);
    }
    let s = &instrument.spec;
    let units = [s.price_unit, s.quantity_unit, s.multiplier];
    let [symbol_a, symbol_b, symbol_c] = words_of(&s.symbol);
    let [venue] = words_of::<4, 1>(&s.venue);
    let [price, quantity, multiplier] = units.map(|unit| unit.mantissa as u64);
    let [value_low, value_high] = money_words(instrument.value);
    let listing = [
        u64::from(instrument.id.0) | venue << 32,
        symbol_a,
        symbol_b,
        symbol_c,
        currency_word(s.currency),
        price,
        quantity,
        multiplier,
        exponents(units.map(|unit| unit.exponent)),
        s.tick as u64,
        s.lot.0,
        s.price_min.0 as u64,
        s.price_max.0 as u64,
        s.quantity_max.0,
        value_low,
        value_high,
        instrument.position_max.0,
    ];
    if s.terms.is_none() {
        return frame.write(kind::LIST, NOBODY, s.asset_class.code(), listing);
    }
    let mut payload = [0; LISTING + contract::WORDS];
    let (first, rest) = payload.split_at_mut(LISTING);
    first.copy_from_slice(&listing);
    rest.copy_from_slice(&contract::words(&s.terms));
    frame.write(kind::LIST_TERMS, NOBODY, s.asset_class.code() | contract::codes(&s.terms), payload)
}

/// Reads a listing without terms.
fn plain_instrument(head: &Head, payload: &[u64]) -> Result<Instrument, DecodeError> {
    let class = Coded::from_code(head.codes(), "asset class")?;
    instrument(&head.payload(payload)?, class, ContractTerms::NONE)
}

/// Reads a listing with terms.
fn instrument_on_terms(head: &Head, payload: &[u64]) -> Result<Instrument, DecodeError> {
    let words: [u64; LISTING + contract::WORDS] = head.payload(payload)?;
    let (listing, rest) = words.split_at(LISTING);
    let (Ok(listing), Ok(rest)) = (listing.try_into(), rest.try_into()) else {
        return Err(DecodeError::Size { kind: kind::LIST_TERMS, words: payload.len() });
    };
    let class = Coded::from_code(head.codes() & contract::CLASS, "asset class")?;
    instrument(&listing, class, contract::read(head.codes(), rest)?)
}

fn instrument(
    words: &[u64; LISTING],
    asset_class: AssetClass,
    terms: ContractTerms,
) -> Result<Instrument, DecodeError> {
    if words[8] >> 24 != 0 {
        return Err(field("exponents", words[8]));
    }
    let unit = |at: usize| Decimal::new(words[5 + at] as i64, (words[8] >> (8 * at)) as i8);
    let spec = InstrumentSpec {
        symbol: text(&words[1..4], "symbol")?,
        venue: text(&[words[0] >> 32], "venue")?,
        asset_class,
        currency: currency(words[4])?,
        price_unit: unit(0),
        quantity_unit: unit(1),
        multiplier: unit(2),
        tick: words[9] as i64,
        lot: Qty(words[10]),
        price_min: Price(words[11] as i64),
        price_max: Price(words[12] as i64),
        quantity_max: Qty(words[13]),
        terms,
    };
    let id = InstrumentId(words[0] as u32);
    let written = Instrument { id, spec, value: money(words[14], words[15]), position_max: Qty(words[16]) };
    // The engine's numbers can't overflow on what `Instrument::new` accepts; nothing else may come in this way.
    match Instrument::new(id, spec) {
        Ok(checked) if checked == written => Ok(written),
        _ => Err(field("derived numbers of instrument", id.0.into())),
    }
}

pub(crate) fn encode_account(frame: Frame<'_>, a: &AccountSpec) -> Result<usize, EncodeError> {
    let l = &a.limits;
    let [name_a, name_b, name_c] = words_of(&a.name);
    let [cash, notional, gross, drawdown, fee] =
        [a.cash, l.order_notional_max, l.gross_exposure_max, l.drawdown_max, a.unit_fee].map(|m| money_words(m.0));
    let payload = [
        a.account.0.into(),
        name_a,
        name_b,
        name_c,
        currency_word(a.currency),
        cash[0],
        cash[1],
        l.order_quantity_max.0,
        notional[0],
        notional[1],
        pair(l.collar_bps, l.open_orders_max),
        l.position_max.0,
        gross[0],
        gross[1],
        l.message_rate.count.into(),
        l.message_rate.window_ns as u64,
        drawdown[0],
        drawdown[1],
        pair(a.maker_fee_ppm as u32, a.taker_fee_ppm as u32),
        fee[0],
        fee[1],
    ];
    frame.write(kind::ACCOUNT, NOBODY, 0, payload)
}

fn account(head: &Head, payload: &[u64]) -> Result<AccountSpec, DecodeError> {
    let words: [u64; 21] = head.payload(payload)?;
    let amount = |at: usize| Money(money(words[at], words[at + 1]));
    Ok(AccountSpec {
        account: AccountId(low(words[0], "account")?),
        name: text(&words[1..4], "account name")?,
        currency: currency(words[4])?,
        cash: amount(5),
        limits: AccountLimits {
            order_quantity_max: Qty(words[7]),
            order_notional_max: amount(8),
            collar_bps: words[10] as u32,
            position_max: Qty(words[11]),
            gross_exposure_max: amount(12),
            open_orders_max: (words[10] >> 32) as u32,
            message_rate: Throttle { count: low(words[14], "message count")?, window_ns: words[15] as i64 },
            drawdown_max: amount(16),
        },
        maker_fee_ppm: words[18] as i32,
        taker_fee_ppm: (words[18] >> 32) as i32,
        unit_fee: amount(19),
    })
}

fn rate(head: &Head, payload: &[u64]) -> Result<Rate, DecodeError> {
    let [from, to, numerator] = head.payload(payload)?;
    Ok(Rate { from: currency(from)?, to: currency(to)?, numerator })
}

/// Reads a length in bytes and a text filled up with zeros.
fn reason(payload: &[u64]) -> Result<Box<str>, DecodeError> {
    let Some((&length, words)) = payload.split_first() else { return Err(field("text length", 0)) };
    let length = u64::from_le(length);
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    if length > TEXT_MAX as u64 || (length as usize).div_ceil(8) != words.len() {
        return Err(field("text length", length));
    }
    let (text, filling) = bytes.split_at(length as usize);
    match core::str::from_utf8(text) {
        Ok(text) if filling.iter().all(|&b| b == 0) => Ok(text.into()),
        _ => Err(field("text", words.first().map_or(0, |&word| u64::from_le(word)))),
    }
}

const SPLIT: u16 = 0;
const DIVIDEND: u16 = 1;
const RENAME: u16 = 2;

pub(crate) fn encode_adjust(frame: Frame<'_>, adjust: &Adjust) -> Result<usize, EncodeError> {
    let (code, [a, b, c]) = match &adjust.action {
        Action::Split(ratio) => (SPLIT, [pair(ratio.new_units(), ratio.old_units()), 0, 0]),
        Action::Dividend { cash } => {
            let [low, high] = money_words(cash.0);
            (DIVIDEND, [low, high, 0])
        }
        Action::Rename(symbol) => (RENAME, words_of(symbol)),
    };
    frame.write(kind::ADJUST, NOBODY, code, [adjust.instrument.0.into(), a, b, c])
}

fn adjust(head: &Head, payload: &[u64]) -> Result<Adjust, DecodeError> {
    let [instrument, a, b, c] = head.payload(payload)?;
    let action = match (head.codes(), b, c) {
        (SPLIT, 0, 0) => Ratio::new(a as u32, (a >> 32) as u32).map(Action::Split).ok_or(field("split ratio", a))?,
        (DIVIDEND, high, 0) => Action::Dividend { cash: Money(money(a, high)) },
        (RENAME, ..) => Action::Rename(text(&[a, b, c], "symbol")?),
        (SPLIT | DIVIDEND, ..) => return Err(field("unused words of a corporate action", b | c)),
        (other, ..) => return Err(field("corporate action", other.into())),
    };
    Ok(Adjust { instrument: InstrumentId(low(instrument, "instrument")?), action })
}

/// Reads an instrument's number and the rows of its tick table.
fn ticks(payload: &[u64]) -> Result<Body, DecodeError> {
    let wrong = || DecodeError::Size { kind: kind::TICKS, words: payload.len() };
    let (&instrument, words) = payload.split_first().ok_or_else(wrong)?;
    let (pairs, []) = words.as_chunks::<2>() else { return Err(wrong()) };
    let row = |pair: &[u64; 2]| {
        let [from, tick] = pair.map(|word| u64::from_le(word) as i64);
        TickRow { from: Price(from), tick }
    };
    let rows: Vec<TickRow> = pairs.iter().map(row).collect();
    let table = TickTable::new(&rows).map_err(|_| field("rows of a tick table", rows.len() as u64))?;
    let instrument = InstrumentId(low(u64::from_le(instrument), "instrument")?);
    Ok(Body::Ticks { instrument, table: Arc::new(table) })
}

/// Reads the payload of a definition, a rate or a text.
pub(crate) fn decode(head: &Head, payload: &[u64]) -> Result<Body, DecodeError> {
    match head.kind {
        kind::LIST => plain_instrument(head, payload).map(|listed| Body::List(Box::new(listed))),
        kind::LIST_TERMS => instrument_on_terms(head, payload).map(|listed| Body::List(Box::new(listed))),
        kind::ADJUST => adjust(head, payload).map(|adjust| Body::Adjust(Box::new(adjust))),
        kind::STATUS => {
            let [instrument] = head.payload(payload)?;
            let state = Coded::from_code(head.codes(), "trading state")?;
            Ok(Body::Status { instrument: InstrumentId(low(instrument, "instrument")?), state })
        }
        kind::RESTRICT => {
            let [slots] = head.payload(payload)?;
            let (account, instrument) = (AccountId(slots as u32), InstrumentId((slots >> 32) as u32));
            Ok(Body::Restrict { account, instrument, on: Coded::from_code(head.codes(), "restriction")? })
        }
        _ => {
            head.no_codes()?;
            decode_plain(head, payload)
        }
    }
}

fn decode_plain(head: &Head, payload: &[u64]) -> Result<Body, DecodeError> {
    match head.kind {
        kind::ACCOUNT => account(head, payload).map(|opened| Body::Account(Box::new(opened))),
        kind::REFERENCE => {
            let [instrument, price] = head.payload(payload)?;
            let instrument = InstrumentId(low(instrument, "instrument")?);
            Ok(Body::Reference { instrument, price: Price(price as i64) })
        }
        kind::RATE => rate(head, payload).map(Body::Rate),
        kind::KILL => reason(payload).map(|reason| Body::Kill { reason }),
        kind::RESUME => reason(payload).map(|reason| Body::Resume { reason }),
        kind::RECOVER => {
            let [] = head.payload(payload)?;
            Ok(Body::Recover)
        }
        kind::TICKS => ticks(payload),
        found => Err(DecodeError::Kind { found }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use omni_types::{Mic, Symbol};

    #[test]
    fn names_are_read_as_they_were_written() {
        let symbol = Symbol::new("ABCDEFGHIJKLMNOPQRSTUVWX").unwrap();
        let words: [u64; 3] = words_of(&symbol);
        assert_eq!(text::<24>(&words, "symbol"), Ok(symbol));
        let venue: [u64; 1] = words_of(&Mic::new("XNAS").unwrap());
        assert_eq!(text::<4>(&venue, "venue").map(|mic| mic.to_string()), Ok("XNAS".to_owned()));
        for bad in [[0; 3], [1, 0, 0], [0, 65, 0], [65, 65, 0]] {
            assert!(text::<24>(&bad, "symbol").is_err(), "{bad:?}");
        }
    }

    #[test]
    fn numbers_survive_their_words() {
        for value in [0, 1, -1, i128::MAX, i128::MIN, 1 << 64, -(1 << 64)] {
            let [low, high] = money_words(value);
            assert_eq!(money(low, high), value);
        }
        assert_eq!(exponents([-1, 2, -3]), 0xFD_02_FF);
    }
}
