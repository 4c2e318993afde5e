//! The running hash that proves two runs equal.

use core::fmt::{self, Write};

use crate::{
    Adjusted, Bar, Body, BookDelta, Event, ExecutionReport, Indicative, Input, NewOrder, Price, Qty, Quote, Terms,
    TopOfBook, TradeTick,
};

/// A running 128-bit hash over words.
///
/// Two lanes of multiply-and-fold (as wyhash and rapidhash do) with different constants; an event of many words is first
/// brought to two by NH (the universal hash inside UMAC, RFC 4418), whose products don't wait for each other. It tells
/// runs apart; it is not a cryptographic seal, which the journal's own check sums and a signature over them are for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Digest {
    a: u64,
    b: u64,
}

const SEED_A: u64 = 0x9E37_79B9_7F4A_7C15;
const SEED_B: u64 = 0xD6E8_FEB8_6659_FD93;

/// How many pairs of words [`Digest::block`] takes at most.
const PAIRS: usize = 8;

/// A key for each word of a block (SplitMix64 from [`SEED_A`]).
const KEYS: [[u64; 2]; PAIRS] = {
    let mut keys = [[0; 2]; PAIRS];
    let (mut at, mut state) = (0, SEED_A);
    while at < PAIRS * 2 {
        state = state.wrapping_add(SEED_A);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        keys[at / 2][at % 2] = z ^ (z >> 31);
        at += 1;
    }
    keys
};

#[inline]
const fn fold(x: u64, y: u64) -> u64 {
    let wide = (x as u128) * (y as u128);
    (wide as u64) ^ ((wide >> 64) as u64)
}

impl Default for Digest {
    fn default() -> Self {
        Self { a: SEED_A, b: SEED_B }
    }
}

impl Digest {
    /// Takes in two words.
    #[inline(always)]
    pub fn pair(&mut self, x: u64, y: u64) {
        self.a = fold(self.a ^ x, y ^ SEED_B) ^ y;
        self.b = fold(self.b ^ y, x ^ SEED_A).rotate_left(29) ^ x;
    }

    /// Takes in a block of words whose first pair says what it is.
    #[inline]
    fn block<const N: usize>(&mut self, words: [[u64; 2]; N]) {
        const { assert!(N <= PAIRS) };
        let mut sum = 0_u128;
        for ([x, y], [k, l]) in words.into_iter().zip(KEYS) {
            sum = sum.wrapping_add(u128::from(x.wrapping_add(k)) * u128::from(y.wrapping_add(l)));
        }
        self.pair(sum as u64, (sum >> 64) as u64);
    }

    /// Takes in bytes, and how many they were.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(16) {
            let mut block = [0_u8; 16];
            block[..chunk.len()].copy_from_slice(chunk);
            let wide = u128::from_le_bytes(block);
            self.pair(wide as u64, (wide >> 64) as u64);
        }
        self.pair(bytes.len() as u64, 0);
    }

    /// Takes in a text as [`Self::bytes`] would, without building it.
    fn text(&mut self, text: fmt::Arguments<'_>) {
        let mut blocks = Blocks { digest: self, block: [0; 16], length: 0 };
        // Hashing can't fail, and what is written here never says that it did.
        let _ = blocks.write_fmt(text);
        blocks.finish();
    }

    /// Takes in an input.
    #[inline]
    pub fn input(&mut self, input: &Input) {
        self.pair(input.seq, input.time.0 as u64);
        match &input.body {
            Body::New(order) => self.order(input.cause, order),
            Body::Special(special) => {
                self.order(input.cause, &special.order);
                self.terms(&special.terms);
            }
            Body::Cancel(cancel) => {
                self.pair(17 | u64::from(cancel.session.0) << 32, input.cause);
                self.pair(cancel.client_order_id.0, 0);
            }
            Body::Amend(amend) => {
                self.pair(18 | u64::from(amend.session.0) << 32, input.cause);
                self.pair(amend.client_order_id.0, 0);
                self.pair(amend.price.0 as u64, amend.quantity.0);
            }
            Body::Book(delta) => self.delta(delta),
            Body::Quote(quote) => self.quote(quote),
            Body::Trade(trade) => self.trade(trade),
            Body::Bar(bar) => self.bar(bar),
            Body::Clock => self.pair(19, 0),
            rare => {
                self.pair(20, input.cause);
                self.text(format_args!("{rare:?}"));
            }
        }
    }

    #[inline]
    fn order(&mut self, cause: u64, o: &NewOrder) {
        let codes = (o.side as u64) << 8
            | (o.order_type as u64) << 12
            | (o.time_in_force as u64) << 16
            | u64::from(o.post_only) << 24
            | (o.self_trade as u64) << 25
            | u64::from(o.session.0) << 32;
        let owner = u64::from(o.account.0) << 32 | u64::from(o.instrument.0);
        self.block([[16 | codes, cause], [owner, o.client_order_id.0], [o.price.0 as u64, o.quantity.0]]);
    }

    /// Takes in an order's special terms.
    pub fn terms(&mut self, t: &Terms) {
        let codes = u64::from_le_bytes([
            t.trigger as u8,
            t.peg as u8,
            t.display as u8,
            t.minimum as u8,
            u8::from(t.to_limit),
            0,
            0,
            0,
        ]);
        self.pair(22 | codes << 8, t.price.0 as u64);
        self.pair(t.size.0, t.expire.0 as u64);
    }

    fn delta(&mut self, d: &BookDelta) {
        let codes = 21 | (d.action as u64) << 8 | (d.side as u64) << 16 | u64::from(d.last) << 24;
        self.pair(codes | u64::from(d.instrument.0) << 32, d.reference);
        self.pair(d.price.0 as u64, d.quantity.0);
    }

    /// Takes in an event.
    #[inline(always)]
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Report(report) => self.report(report),
            Event::Trade(t) => self.trade(t),
            Event::Quote(q) => self.quote(q),
            Event::Book(b) => self.pair(3 | u64::from(b.instrument.0) << 32, b.time.0 as u64),
            Event::Bar(bar) => self.bar(bar),
            Event::Timer(t) => {
                self.pair(5 | u64::from(t.session.0) << 8 | u64::from(t.timer.0) << 32, t.time.0 as u64);
            }
            Event::Indicative(i) => self.indicative(i),
            Event::Status(s) => {
                self.pair(6 | (s.state as u64) << 8 | u64::from(s.instrument.0) << 32, s.time.0 as u64);
            }
            Event::Adjusted(adjusted) => self.adjusted(adjusted),
        }
    }

    #[cold]
    fn adjusted(&mut self, a: &Adjusted) {
        self.pair(7 | u64::from(a.instrument.0) << 32, a.time.0 as u64);
        self.pair(u64::from(a.reference.is_some()), a.reference.unwrap_or_default().0 as u64);
        self.text(format_args!("{:?}", a.action));
    }

    #[inline(always)]
    fn report(&mut self, r: &ExecutionReport) {
        let codes = u64::from_le_bytes([
            r.side as u8,
            r.order_type as u8,
            r.time_in_force as u8,
            r.exec_type as u8,
            r.status as u8,
            r.reason as u8,
            r.liquidity as u8,
            0,
        ]);
        let owner = u64::from(r.account.0) << 32 | u64::from(r.instrument.0);
        let order = [
            // No other event's first word has its lowest bits so.
            [codes << 8, r.time.0 as u64],
            [owner, u64::from(r.session.0)],
            [r.client_order_id.0, r.order_id.0],
            [r.price.0 as u64, r.quantity.0],
            [r.leaves.0, r.filled.0],
        ];
        if r.last_quantity.0 == 0 {
            return self.block(order);
        }
        let [a, b, c, d, e] = order;
        let fill = [[r.trade_id.0, r.last_price.0 as u64], [r.last_quantity.0, r.fee.0 as u64]];
        self.block([a, b, c, d, e, fill[0], fill[1], [(r.fee.0 >> 64) as u64, 0]]);
    }

    fn trade(&mut self, t: &TradeTick) {
        self.pair(1 | side_code(t.aggressor) << 8 | u64::from(t.instrument.0) << 32, t.time.0 as u64);
        self.pair(t.price.0 as u64, t.quantity.0);
    }

    fn quote(&mut self, q: &Quote) {
        self.pair(2 | u64::from(q.instrument.0) << 32, q.time.0 as u64);
        self.top(&q.top);
    }

    fn bar(&mut self, bar: &Bar) {
        self.pair(4 | u64::from(bar.instrument.0) << 32, bar.time.0 as u64);
        self.pair(bar.open.0 as u64, bar.high.0 as u64);
        self.pair(bar.low.0 as u64, bar.close.0 as u64);
        self.pair(bar.volume.0, bar.interval_ns as u64);
    }

    #[cold]
    fn indicative(&mut self, i: &Indicative) {
        let side = side_code(i.imbalance.map(|(side, _)| side));
        self.pair(
            7 | side << 8 | u64::from(i.price.is_some()) << 16 | u64::from(i.instrument.0) << 32,
            i.time.0 as u64,
        );
        self.pair(i.price.map_or(0, |price| price.0 as u64), i.quantity.0);
        self.pair(i.imbalance.map_or(0, |(_, quantity)| quantity.0), 0);
    }

    fn top(&mut self, top: &TopOfBook) {
        let words = |side: Option<(Price, Qty)>| side.map_or((0, 0), |(p, q)| (p.0 as u64, q.0));
        let (bid, ask) = (words(top.bid), words(top.ask));
        self.pair(bid.0, bid.1);
        self.pair(ask.0, ask.1);
        self.pair(u64::from(top.bid.is_some()), u64::from(top.ask.is_some()));
    }

    /// Returns the hash as 32 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        format!("{:016x}{:016x}", self.a, self.b)
    }

    /// Returns the two words of the hash.
    #[must_use]
    pub const fn words(&self) -> [u64; 2] {
        [self.a, self.b]
    }

    /// Builds the hash again from its two words.
    #[must_use]
    pub const fn from_words([a, b]: [u64; 2]) -> Self {
        Self { a, b }
    }
}

/// Gathers a text into blocks of sixteen bytes.
struct Blocks<'a> {
    digest: &'a mut Digest,
    block: [u8; 16],
    length: usize,
}

impl Blocks<'_> {
    fn flush(&mut self) {
        let wide = u128::from_le_bytes(self.block);
        self.digest.pair(wide as u64, (wide >> 64) as u64);
        self.block = [0; 16];
    }

    fn finish(mut self) {
        if !self.length.is_multiple_of(16) {
            self.flush();
        }
        self.digest.pair(self.length as u64, 0);
    }
}

impl Write for Blocks<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            self.block[self.length % 16] = byte;
            self.length += 1;
            if self.length.is_multiple_of(16) {
                self.flush();
            }
        }
        Ok(())
    }
}

const fn side_code(side: Option<crate::Side>) -> u64 {
    match side {
        None => 0,
        Some(side) => 1 + side as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_and_the_order_count() {
        let hash = |pairs: &[(u64, u64)]| {
            let mut digest = Digest::default();
            pairs.iter().for_each(|&(x, y)| digest.pair(x, y));
            digest
        };
        let base = hash(&[(1, 2), (3, 4)]);
        assert_ne!(base, hash(&[(3, 4), (1, 2)]));
        assert_ne!(base, hash(&[(2, 1), (3, 4)]));
        for bit in 0..64 {
            assert_ne!(base, hash(&[(1 ^ 1 << bit, 2), (3, 4)]), "bit {bit}");
            assert_ne!(base, hash(&[(1, 2 ^ 1 << bit), (3, 4)]), "bit {bit}");
        }
        assert_eq!(Digest::from_words(base.words()), base);
    }

    #[test]
    fn every_bit_and_the_order_of_a_block_count() {
        let hash = |block: [[u64; 2]; PAIRS]| {
            let mut digest = Digest::default();
            digest.block(block);
            digest
        };
        let words: [[u64; 2]; PAIRS] = core::array::from_fn(|at| [at as u64, 100 + at as u64]);
        let base = hash(words);
        for bit in 0..PAIRS * 128 {
            let mut changed = words;
            changed[bit / 128][bit / 64 % 2] ^= 1 << (bit % 64);
            assert_ne!(base, hash(changed), "bit {bit}");
        }
        for at in 1..PAIRS {
            let mut changed = words;
            changed.swap(at - 1, at);
            assert_ne!(base, hash(changed), "pair {at}");
            changed = words;
            changed[at].swap(0, 1);
            assert_ne!(base, hash(changed), "words of pair {at}");
        }
    }

    #[test]
    fn a_text_hashes_as_its_bytes() {
        for length in [0, 1, 15, 16, 17, 40] {
            let text = "x".repeat(length);
            let (mut built, mut streamed) = (Digest::default(), Digest::default());
            built.bytes(format!("<{text:?}>").as_bytes());
            streamed.text(format_args!("<{text:?}>"));
            assert_eq!(built, streamed, "{length}");
        }
    }

    #[test]
    fn bytes_count_their_length() {
        let hash = |bytes: &[u8]| {
            let mut digest = Digest::default();
            digest.bytes(bytes);
            digest.hex()
        };
        assert_ne!(hash(b"a"), hash(b"a\0"));
        assert_eq!(hash(b"a").len(), 32);
    }
}
