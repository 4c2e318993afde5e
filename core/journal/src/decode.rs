//! Reading records: any bytes in, a checked input or a reason out.

use omni_ring::crc32c_from;
use omni_types::{
    AccountId, AmendOrder, Bar, Body, BookDelta, CancelOrder, ClientOrderId, Display, Fault, Input, InstrumentId,
    MassCancel, Minimum, NewOrder, OrderType, Peg, Price, Qty, Quote, Scope, SelfTrade, SessionId, SetTimer, Side,
    SpecialOrder, Terms, Time, TimeInForce, TimerId, TopOfBook, TradeTick, Trigger,
};

use crate::code::Coded;
use crate::definition;
use crate::record::{DecodeError, FAR, HEAD, NOBODY, Record, VERSION, kind};

/// The head of a record as numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) words: usize,
    pub(crate) kind: u8,
    version: u8,
    far: bool,
    pub(crate) seq: u64,
    time: Time,
    back: u32,
    session: SessionId,
    codes: u16,
}

/// Reads the head of the record at the start of `words` and checks its check sum.
#[inline(always)]
pub(crate) fn check(words: &[u64], salt: u32) -> Result<Head, DecodeError> {
    let Some(&[first, seq, time, last]) = words.first_chunk::<HEAD>() else {
        return Err(DecodeError::Length { claimed: HEAD * 8, available: words.len() * 8 });
    };
    let (first, last) = (u64::from_le(first), u64::from_le(last));
    let claimed = usize::from((first >> 32) as u16);
    let length = claimed / 8;
    if length < HEAD || !claimed.is_multiple_of(8) || length > words.len() {
        return Err(DecodeError::Length { claimed, available: words.len() * 8 });
    }
    if crc32c_from(salt, (first & !u64::from(u32::MAX)).to_le(), &words[1..length]) != first as u32 {
        return Err(DecodeError::Checksum);
    }
    Ok(Head {
        words: length,
        kind: (first >> 48) as u8,
        version: (first >> 56) as u8 & 0x0F,
        far: first & FAR != 0,
        seq: u64::from_le(seq),
        time: Time(u64::from_le(time) as i64),
        back: last as u32,
        session: SessionId((last >> 32) as u16),
        codes: (last >> 48) as u16,
    })
    .and_then(|head| if first >> 61 == 0 { Ok(head) } else { Err(field("reserved bits", first >> 61)) })
}

/// Reads the record at the start of `words`, written to a segment with this salt, and returns it and its length in
/// words. Takes any contents and never panics.
///
/// # Errors
/// [`DecodeError`].
#[inline]
pub fn decode(words: &[u64], salt: u32) -> Result<(Record, usize), DecodeError> {
    let head = check(words, salt)?;
    if head.version != VERSION {
        return Err(DecodeError::Version { found: head.version });
    }
    let far = usize::from(head.far);
    let Some(payload) = words.get(HEAD..head.words - far) else {
        return Err(DecodeError::Size { kind: head.kind, words: 0 });
    };
    let cause = cause(&head, words)?;
    if head.kind >= kind::ROLLED {
        return decode_mark(&head, payload).map(|mark| (mark, head.words));
    }
    let body = decode_body(&head, payload)?;
    Ok((Record::Input(Input { seq: head.seq, time: head.time, cause, body }), head.words))
}

#[inline(always)]
fn cause(head: &Head, words: &[u64]) -> Result<u64, DecodeError> {
    match (head.far, head.back) {
        (false, 0) => Ok(0),
        (false, back) => match head.seq.checked_sub(back.into()) {
            Some(cause) if cause > 0 => Ok(cause),
            _ => Err(field("cause distance", back.into())),
        },
        (true, 0) => {
            let cause = u64::from_le(words[head.words - 1]);
            let near = head.seq.checked_sub(cause).is_some_and(|back| (1..=u64::from(u32::MAX)).contains(&back));
            if cause == 0 || near { Err(field("far cause", cause)) } else { Ok(cause) }
        }
        (true, back) => Err(field("cause distance", back.into())),
    }
}

fn decode_mark(head: &Head, payload: &[u64]) -> Result<Record, DecodeError> {
    head.nobody()?;
    head.no_codes()?;
    let [] = head.payload(payload)?;
    Ok(if head.kind == kind::CLOSED { Record::Closed(head.seq) } else { Record::Rolled(head.seq) })
}

pub(crate) const fn field(field: &'static str, value: u64) -> DecodeError {
    DecodeError::Field { field, value }
}

/// Reads a number of 32 bits from a word whose upper half is unused.
#[inline(always)]
pub(crate) fn low(word: u64, name: &'static str) -> Result<u32, DecodeError> {
    u32::try_from(word).map_err(|_| field(name, word))
}

impl Head {
    /// Returns the payload where it has exactly the length of its kind.
    #[inline(always)]
    pub(crate) fn payload<const N: usize>(&self, payload: &[u64]) -> Result<[u64; N], DecodeError> {
        match <&[u64; N]>::try_from(payload) {
            Ok(words) => Ok(words.map(u64::from_le)),
            Err(_) => Err(DecodeError::Size { kind: self.kind, words: payload.len() }),
        }
    }

    pub(crate) fn codes(&self) -> u16 {
        self.codes
    }

    #[inline(always)]
    pub(crate) fn nobody(&self) -> Result<(), DecodeError> {
        if self.session == NOBODY { Ok(()) } else { Err(field("session", self.session.0.into())) }
    }

    #[inline(always)]
    pub(crate) fn no_codes(&self) -> Result<(), DecodeError> {
        if self.codes == 0 { Ok(()) } else { Err(field("codes", self.codes.into())) }
    }
}

#[inline(always)]
fn decode_body(head: &Head, payload: &[u64]) -> Result<Body, DecodeError> {
    match head.kind {
        kind::NEW => new_order(head, head.payload(payload)?).map(Body::New),
        kind::SPECIAL => special(head, payload).map(Body::Special),
        kind::CANCEL => {
            head.no_codes()?;
            let [id] = head.payload(payload)?;
            Ok(Body::Cancel(CancelOrder { session: head.session, client_order_id: ClientOrderId(id) }))
        }
        kind::AMEND => {
            head.no_codes()?;
            let [id, price, quantity] = head.payload(payload)?;
            Ok(Body::Amend(AmendOrder {
                session: head.session,
                client_order_id: ClientOrderId(id),
                price: Price(price as i64),
                quantity: Qty(quantity),
            }))
        }
        kind::BOOK..=kind::CLOCK => {
            head.nobody()?;
            decode_market(head, payload)
        }
        _ => decode_control(head, payload),
    }
}

#[inline(always)]
fn new_order(head: &Head, [slots, id, price, quantity]: [u64; 4]) -> Result<NewOrder, DecodeError> {
    let codes = head.codes;
    Ok(NewOrder {
        session: head.session,
        client_order_id: ClientOrderId(id),
        account: AccountId(slots as u32),
        instrument: InstrumentId((slots >> 32) as u32),
        side: Side::from_code(codes & 1, "side")?,
        order_type: OrderType::from_code(codes >> 1 & 1, "order type")?,
        time_in_force: TimeInForce::from_code(codes >> 2 & 3 | (codes >> 7) << 2, "time in force")?,
        post_only: bool::from_code(codes >> 4 & 1, "order flags")?,
        self_trade: SelfTrade::from_code(codes >> 5 & 3, "self-trade prevention")?,
        price: Price(price as i64),
        quantity: Qty(quantity),
    })
}

fn special(head: &Head, payload: &[u64]) -> Result<SpecialOrder, DecodeError> {
    let [a, b, c, d, codes, price, size, expire] = head.payload(payload)?;
    let order = new_order(head, [a, b, c, d])?;
    let codes = u16::try_from(codes).map_err(|_| field("terms", codes))?;
    let terms = Terms {
        trigger: Trigger::from_code(codes & 3, "trigger")?,
        peg: Peg::from_code(codes >> 2 & 3, "peg")?,
        display: Display::from_code(codes >> 4 & 3, "display")?,
        minimum: Minimum::from_code(codes >> 6 & 3, "minimum")?,
        to_limit: bool::from_code(codes >> 8, "terms")?,
        price: Price(price as i64),
        size: Qty(size),
        expire: Time(expire as i64),
    };
    Ok(SpecialOrder { order, terms })
}

fn decode_market(head: &Head, payload: &[u64]) -> Result<Body, DecodeError> {
    let codes = head.codes;
    match head.kind {
        kind::BOOK => {
            let [instrument, reference, price, quantity] = head.payload(payload)?;
            Ok(Body::Book(BookDelta {
                instrument: InstrumentId(low(instrument, "instrument")?),
                action: Coded::from_code(codes & 0xF, "book action")?,
                side: Side::from_code(codes >> 4 & 1, "side")?,
                last: bool::from_code(codes >> 5, "book flags")?,
                reference,
                price: Price(price as i64),
                quantity: Qty(quantity),
            }))
        }
        kind::QUOTE => quote(head, payload).map(Body::Quote),
        kind::TRADE => {
            let [instrument, time, price, quantity] = head.payload(payload)?;
            Ok(Body::Trade(TradeTick {
                time: Time(time as i64),
                instrument: InstrumentId(low(instrument, "instrument")?),
                price: Price(price as i64),
                quantity: Qty(quantity),
                aggressor: Coded::from_code(codes, "aggressor")?,
            }))
        }
        kind::BAR => {
            head.no_codes()?;
            bar(head, payload).map(Body::Bar)
        }
        _ => {
            head.no_codes()?;
            let [] = head.payload(payload)?;
            Ok(Body::Clock)
        }
    }
}

fn quote(head: &Head, payload: &[u64]) -> Result<Quote, DecodeError> {
    let [instrument, time, bid, bid_quantity, ask, ask_quantity] = head.payload(payload)?;
    let level = |there: bool, price: u64, quantity: u64| match (there, price | quantity) {
        (true, _) => Ok(Some((Price(price as i64), Qty(quantity)))),
        (false, 0) => Ok(None),
        (false, value) => Err(field("price of an empty side", value)),
    };
    Ok(Quote {
        time: Time(time as i64),
        instrument: InstrumentId(low(instrument, "instrument")?),
        top: TopOfBook {
            bid: level(head.codes & 1 != 0, bid, bid_quantity)?,
            ask: level(bool::from_code(head.codes >> 1, "quote flags")?, ask, ask_quantity)?,
        },
    })
}

fn bar(head: &Head, payload: &[u64]) -> Result<Bar, DecodeError> {
    let [instrument, time, interval, open, high, low_price, close, volume] = head.payload(payload)?;
    Ok(Bar {
        time: Time(time as i64),
        instrument: InstrumentId(low(instrument, "instrument")?),
        interval_ns: interval as i64,
        open: Price(open as i64),
        high: Price(high as i64),
        low: Price(low_price as i64),
        close: Price(close as i64),
        volume: Qty(volume),
    })
}

fn decode_control(head: &Head, payload: &[u64]) -> Result<Body, DecodeError> {
    if !matches!(head.kind, kind::NEW..=kind::RECOVER | kind::LIST_TERMS..=kind::ADJUST) {
        return Err(DecodeError::Kind { found: head.kind });
    }
    let session = head.session;
    if !matches!(head.kind, kind::MASS_CANCEL | kind::SET_TIMER | kind::SESSION | kind::STOP | kind::START) {
        head.nobody()?;
        return definition::decode(head, payload);
    }
    match head.kind {
        kind::MASS_CANCEL => {
            let [instrument] = head.payload(payload)?;
            let instrument = InstrumentId(low(instrument, "instrument")?);
            let scope = match (head.codes, instrument) {
                (0, InstrumentId(0)) => Scope::Session,
                (1, instrument) => Scope::Instrument(instrument),
                (2 | 3, instrument) => Scope::Side(instrument, Side::from_code(head.codes - 2, "scope")?),
                (4, InstrumentId(0)) => Scope::Account,
                (0 | 4, other) => return Err(field("instrument of a whole session or account", other.0.into())),
                (other, _) => return Err(field("scope", other.into())),
            };
            Ok(Body::MassCancel(MassCancel { session, scope }))
        }
        kind::SESSION => {
            let [account] = head.payload(payload)?;
            let external = bool::from_code(head.codes, "session kind")?;
            Ok(Body::Session { session, account: AccountId(low(account, "account")?), external })
        }
        kind::STOP => {
            let [] = head.payload(payload)?;
            Ok(Body::Stop { session, fault: Fault::from_code(head.codes, "fault")? })
        }
        _ => {
            head.no_codes()?;
            decode_session(head, payload)
        }
    }
}

fn decode_session(head: &Head, payload: &[u64]) -> Result<Body, DecodeError> {
    let session = head.session;
    match head.kind {
        kind::SET_TIMER => {
            let [timer, at] = head.payload(payload)?;
            Ok(Body::SetTimer(SetTimer { session, timer: TimerId(low(timer, "timer")?), at: Time(at as i64) }))
        }
        _ => {
            let [] = head.payload(payload)?;
            Ok(Body::Start { session })
        }
    }
}
