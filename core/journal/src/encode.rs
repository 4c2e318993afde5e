//! Writing records.

use omni_ring::crc32c_from;
use omni_types::{
    Bar, Body, BookDelta, Input, NewOrder, Price, Qty, Quote, Scope, SessionId, SpecialOrder, Terms, Time, TradeTick,
};

use crate::code::Coded;
use crate::definition;
use crate::record::{EncodeError, FAR, HEAD, NOBODY, TEXT_MAX, VERSION, kind};

/// Where a record goes, and what is the same in every kind.
pub(crate) struct Frame<'a> {
    out: &'a mut [u64],
    salt: u32,
    seq: u64,
    time: Time,
    cause: u64,
}

impl Frame<'_> {
    /// Writes head and payload, and returns the length in words.
    #[inline(always)]
    pub(crate) fn write<const N: usize>(
        self,
        kind: u8,
        session: SessionId,
        codes: u16,
        payload: [u64; N],
    ) -> Result<usize, EncodeError> {
        let (back, far) = self.distance();
        let words = HEAD + N + usize::from(far);
        let Some(out) = self.out.get_mut(..words) else { return Err(EncodeError::Room) };
        for (slot, word) in out[HEAD..].iter_mut().zip(payload) {
            *slot = word.to_le();
        }
        self.finish(kind, session, codes, back, words)
    }

    /// Writes head and text, and returns the length in words.
    fn write_text(self, kind: u8, text: &str) -> Result<usize, EncodeError> {
        if text.len() > TEXT_MAX {
            return Err(EncodeError::Text { bytes: text.len() });
        }
        let (back, far) = self.distance();
        let words = HEAD + 1 + text.len().div_ceil(8) + usize::from(far);
        let Some(out) = self.out.get_mut(..words) else { return Err(EncodeError::Room) };
        out[HEAD] = (text.len() as u64).to_le();
        for (slot, chunk) in out[HEAD + 1..].iter_mut().zip(text.as_bytes().chunks(8)) {
            *slot = definition::word_of(chunk).to_le();
        }
        self.finish(kind, SessionId(0), 0, back, words)
    }

    /// Writes head, one word and so many more, and returns the length in words.
    fn write_rows(
        self,
        kind: u8,
        first: u64,
        count: usize,
        rows: impl Iterator<Item = u64>,
    ) -> Result<usize, EncodeError> {
        let (back, far) = self.distance();
        let words = HEAD + 1 + count + usize::from(far);
        let Some(out) = self.out.get_mut(..words) else { return Err(EncodeError::Room) };
        out[HEAD] = first.to_le();
        for (slot, word) in out[HEAD + 1..].iter_mut().zip(rows) {
            *slot = word.to_le();
        }
        self.finish(kind, NOBODY, 0, back, words)
    }

    /// Returns how far back the cause is, and whether it is too far for the head.
    #[inline(always)]
    fn distance(&self) -> (u32, bool) {
        if self.cause == 0 {
            return (0, false);
        }
        match self.seq.checked_sub(self.cause).and_then(|back| u32::try_from(back).ok()) {
            Some(back) if back > 0 => (back, false),
            _ => (0, true),
        }
    }

    #[inline(always)]
    fn finish(self, kind: u8, session: SessionId, codes: u16, back: u32, words: usize) -> Result<usize, EncodeError> {
        let far = self.cause != 0 && back == 0;
        let out = &mut self.out[..words];
        if far {
            out[words - 1] = self.cause.to_le();
        }
        let head =
            (words as u64 * 8) << 32 | u64::from(kind) << 48 | u64::from(VERSION) << 56 | if far { FAR } else { 0 };
        out[1] = self.seq.to_le();
        out[2] = (self.time.0 as u64).to_le();
        out[3] = (u64::from(back) | u64::from(session.0) << 32 | u64::from(codes) << 48).to_le();
        out[0] = (head | u64::from(crc32c_from(self.salt, head.to_le(), &out[1..]))).to_le();
        Ok(words)
    }
}

/// Writes an input as a record of a segment with this salt to the start of `out`, and returns its length in words.
///
/// # Errors
/// [`EncodeError`], with `out` unspecified.
#[inline]
pub fn encode(input: &Input, salt: u32, out: &mut [u64]) -> Result<usize, EncodeError> {
    let frame = Frame { out, salt, seq: input.seq, time: input.time, cause: input.cause };
    match &input.body {
        Body::New(o) => frame.write(kind::NEW, o.session, order_codes(o), order_words(o)),
        Body::Cancel(c) => frame.write(kind::CANCEL, c.session, 0, [c.client_order_id.0]),
        Body::Amend(a) => frame.write(kind::AMEND, a.session, 0, [a.client_order_id.0, a.price.0 as u64, a.quantity.0]),
        Body::MassCancel(m) => {
            let (code, instrument) = scope(m.scope);
            frame.write(kind::MASS_CANCEL, m.session, code, [instrument])
        }
        Body::SetTimer(t) => frame.write(kind::SET_TIMER, t.session, 0, [t.timer.0.into(), t.at.0 as u64]),
        Body::Book(d) => frame.write(kind::BOOK, NOBODY, book_codes(d), book_words(d)),
        Body::Quote(q) => quote(frame, q),
        Body::Trade(t) => frame.write(kind::TRADE, NOBODY, t.aggressor.code(), trade_words(t)),
        Body::Bar(b) => frame.write(kind::BAR, NOBODY, 0, bar_words(b)),
        Body::Clock => frame.write(kind::CLOCK, NOBODY, 0, []),
        Body::List(instrument) => definition::encode_instrument(frame, instrument),
        Body::Account(account) => definition::encode_account(frame, account),
        Body::Session { session, account, external } => {
            frame.write(kind::SESSION, *session, external.code(), [account.0.into()])
        }
        Body::Status { instrument, state } => frame.write(kind::STATUS, NOBODY, state.code(), [instrument.0.into()]),
        Body::Restrict { account, instrument, on } => {
            frame.write(kind::RESTRICT, NOBODY, on.code(), [pair(account.0, instrument.0)])
        }
        Body::Reference { instrument, price } => {
            frame.write(kind::REFERENCE, NOBODY, 0, [instrument.0.into(), price.0 as u64])
        }
        Body::Rate(r) => {
            let payload = [definition::currency_word(r.from), definition::currency_word(r.to), r.numerator];
            frame.write(kind::RATE, NOBODY, 0, payload)
        }
        Body::Kill { reason } => frame.write_text(kind::KILL, reason),
        Body::Resume { reason } => frame.write_text(kind::RESUME, reason),
        Body::Stop { session, fault } => frame.write(kind::STOP, *session, fault.code(), []),
        Body::Start { session } => frame.write(kind::START, *session, 0, []),
        Body::Special(special) => {
            let SpecialOrder { order, terms } = special;
            frame.write(kind::SPECIAL, order.session, order_codes(order), special_words(order, terms))
        }
        Body::Recover => frame.write(kind::RECOVER, NOBODY, 0, []),
        Body::Adjust(adjust) => definition::encode_adjust(frame, adjust),
        Body::Ticks { instrument, table } => {
            let rows = table.rows().iter().flat_map(|row| [row.from.0 as u64, row.tick as u64]);
            frame.write_rows(kind::TICKS, instrument.0.into(), table.rows().len() * 2, rows)
        }
    }
}

/// Puts two small numbers into one word, the first below.
#[inline(always)]
pub(crate) fn pair(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

fn scope(scope: Scope) -> (u16, u64) {
    match scope {
        Scope::Session => (0, 0),
        Scope::Instrument(instrument) => (1, instrument.0.into()),
        Scope::Side(instrument, side) => (2 + side.code(), instrument.0.into()),
        Scope::Account => (4, 0),
    }
}

#[inline(always)]
fn order_codes(o: &NewOrder) -> u16 {
    o.side.code()
        | o.order_type.code() << 1
        | (o.time_in_force.code() & 3) << 2
        | o.post_only.code() << 4
        | o.self_trade.code() << 5
        | (o.time_in_force.code() >> 2) << 7
}

#[inline(always)]
fn order_words(o: &NewOrder) -> [u64; 4] {
    [pair(o.account.0, o.instrument.0), o.client_order_id.0, o.price.0 as u64, o.quantity.0]
}

fn special_words(o: &NewOrder, t: &Terms) -> [u64; 8] {
    let codes =
        t.trigger.code() | t.peg.code() << 2 | t.display.code() << 4 | t.minimum.code() << 6 | t.to_limit.code() << 8;
    let [a, b, c, d] = order_words(o);
    [a, b, c, d, codes.into(), t.price.0 as u64, t.size.0, t.expire.0 as u64]
}

#[inline(always)]
fn book_codes(d: &BookDelta) -> u16 {
    d.action.code() | d.side.code() << 4 | d.last.code() << 5
}

#[inline(always)]
fn book_words(d: &BookDelta) -> [u64; 4] {
    [d.instrument.0.into(), d.reference, d.price.0 as u64, d.quantity.0]
}

fn quote(frame: Frame<'_>, q: &Quote) -> Result<usize, EncodeError> {
    let level = |side: Option<(Price, Qty)>| side.map_or([0, 0], |(price, quantity)| [price.0 as u64, quantity.0]);
    let ([bid, bid_quantity], [ask, ask_quantity]) = (level(q.top.bid), level(q.top.ask));
    let payload = [q.instrument.0.into(), q.time.0 as u64, bid, bid_quantity, ask, ask_quantity];
    frame.write(kind::QUOTE, NOBODY, q.top.bid.is_some().code() | q.top.ask.is_some().code() << 1, payload)
}

fn trade_words(t: &TradeTick) -> [u64; 4] {
    [t.instrument.0.into(), t.time.0 as u64, t.price.0 as u64, t.quantity.0]
}

fn bar_words(b: &Bar) -> [u64; 8] {
    let [open, high, low, close] = [b.open, b.high, b.low, b.close].map(|price| price.0 as u64);
    [b.instrument.0.into(), b.time.0 as u64, b.interval_ns as u64, open, high, low, close, b.volume.0]
}

/// Writes the mark that ends a segment: `kind` says whether the journal goes on.
pub(crate) fn encode_mark(kind: u8, seq: u64, salt: u32, out: &mut [u64]) -> Result<usize, EncodeError> {
    Frame { out, salt, seq, time: Time(0), cause: 0 }.write(kind, NOBODY, 0, [])
}
