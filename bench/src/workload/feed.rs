//! The feed that results from the workload, as ITCH 5.0.

use omni_types::Side;

/// Writes messages after their lengths.
pub(crate) struct Feed<'a> {
    pub(crate) bytes: Option<&'a mut Vec<u8>>,
    matches: u64,
}

impl<'a> Feed<'a> {
    pub(crate) const fn new(bytes: Option<&'a mut Vec<u8>>) -> Self {
        Self { bytes, matches: 0 }
    }

    fn message<const N: usize>(&mut self, kind: u8, instrument: u16, time: u64, body: [&[u8]; N]) {
        let Some(bytes) = self.bytes.as_deref_mut() else { return };
        let length = 11 + body.iter().map(|part| part.len()).sum::<usize>();
        bytes.extend((length as u16).to_be_bytes());
        bytes.push(kind);
        bytes.extend((instrument + 1).to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(&time.to_be_bytes()[2..]);
        body.iter().for_each(|part| bytes.extend(*part));
    }

    /// Lists an instrument: its symbol and round lot, and nothing of the rest.
    pub(crate) fn directory(&mut self, instrument: u16, time: u64) {
        let lot = 100_u32.to_be_bytes();
        self.message(b'R', instrument, time, [&symbol(instrument), b"  ", &lot, &[b' '; 14]]);
    }

    pub(crate) fn add(&mut self, instrument: u16, time: u64, id: u64, side: Side, (quantity, price): (u32, i32)) {
        let letter = if side == Side::Buy { b"B" } else { b"S" };
        let quantity = quantity.to_be_bytes();
        let price = (price * 100).to_be_bytes();
        self.message(b'A', instrument, time, [&id.to_be_bytes(), letter, &quantity, &symbol(instrument), &price]);
    }

    pub(crate) fn delete(&mut self, instrument: u16, time: u64, id: u64) {
        self.message(b'D', instrument, time, [&id.to_be_bytes()]);
    }

    pub(crate) fn execute(&mut self, instrument: u16, time: u64, id: u64, quantity: u32) {
        self.matches += 1;
        let number = self.matches.to_be_bytes();
        self.message(b'E', instrument, time, [&id.to_be_bytes(), &quantity.to_be_bytes(), &number]);
    }
}

fn symbol(instrument: u16) -> [u8; 8] {
    let mut symbol = *b"S0000000";
    let mut rest = instrument;
    for digit in symbol[1..].iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    symbol
}
