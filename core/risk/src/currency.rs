//! Currencies and the rates between them.

use omni_types::{Currency, Rate};

use crate::GateError;
use crate::exact::RATE_ONE;

/// The currencies in use and the rate of each pair; a pair without a rate has none, never a default.
#[derive(Clone, Debug)]
pub(crate) struct Currencies {
    most: u32,
    names: Vec<Currency>,
    /// Row `from`, column `to`, rows of `most`; 0 where no rate is known.
    rates: Vec<u64>,
}

impl Currencies {
    pub fn new(most: u32) -> Self {
        Self { most, names: Vec::with_capacity(most as usize), rates: vec![0; (most * most) as usize] }
    }

    /// Returns the currency's number, giving it one when it is new.
    pub fn number(&mut self, name: Currency) -> Result<u16, GateError> {
        if let Some(known) = self.names.iter().position(|other| *other == name) {
            return Ok(known as u16);
        }
        let next = self.names.len() as u32;
        if next >= self.most {
            return Err(GateError::Capacity { what: "currencies", most: self.most });
        }
        self.names.push(name);
        self.rates[(next * self.most + next) as usize] = RATE_ONE;
        Ok(next as u16)
    }

    /// Sets a rate.
    pub fn set(&mut self, rate: &Rate) -> Result<(), GateError> {
        if rate.numerator == 0 || (rate.from == rate.to && rate.numerator != RATE_ONE) {
            return Err(GateError::Rate { from: rate.from, to: rate.to });
        }
        let known = self.names.len();
        let from = self.number(rate.from)?;
        // Where only one of two new currencies fits, neither comes in.
        let to = self.number(rate.to).inspect_err(|_| self.names.truncate(known))?;
        let place = self.place(from, to);
        self.rates[place] = rate.numerator;
        Ok(())
    }

    /// Returns the rate in 10^-12, 0 where none is known.
    #[inline]
    pub fn rate(&self, from: u16, to: u16) -> u64 {
        if from == to { RATE_ONE } else { self.rates[self.place(from, to)] }
    }

    pub fn name(&self, number: u16) -> Currency {
        self.names[usize::from(number)]
    }

    pub fn names(&self) -> &[Currency] {
        &self.names
    }

    /// Returns every known rate between two different currencies, in order.
    pub fn rates(&self) -> impl Iterator<Item = Rate> {
        let count = self.names.len() as u16;
        let pairs = (0..count).flat_map(move |from| (0..count).map(move |to| (from, to)));
        pairs.filter(|(from, to)| from != to).filter_map(|(from, to)| {
            let numerator = self.rate(from, to);
            (numerator > 0).then(|| Rate { from: self.name(from), to: self.name(to), numerator })
        })
    }

    #[inline]
    fn place(&self, from: u16, to: u16) -> usize {
        usize::from(from) * self.most as usize + usize::from(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(from: &str, to: &str, numerator: u64) -> Rate {
        Rate { from: Currency::new(from).unwrap(), to: Currency::new(to).unwrap(), numerator }
    }

    #[test]
    fn a_rate_goes_one_way_only() {
        let mut currencies = Currencies::new(2);
        currencies.set(&rate("EUR", "USD", 1_100_000_000_000)).unwrap();
        assert_eq!(currencies.rate(0, 1), 1_100_000_000_000);
        assert_eq!(currencies.rate(1, 0), 0);
        assert_eq!(currencies.rate(1, 1), RATE_ONE);
    }

    #[test]
    fn refuses_nonsense_and_what_does_not_fit() {
        let mut currencies = Currencies::new(2);
        assert!(matches!(currencies.set(&rate("EUR", "USD", 0)), Err(GateError::Rate { .. })));
        assert!(matches!(currencies.set(&rate("EUR", "EUR", 7)), Err(GateError::Rate { .. })));
        currencies.set(&rate("EUR", "USD", 1)).unwrap();
        assert!(matches!(currencies.set(&rate("JPY", "USD", 1)), Err(GateError::Capacity { most: 2, .. })));
        let mut currencies = Currencies::new(1);
        assert!(matches!(currencies.set(&rate("JPY", "USD", 1)), Err(GateError::Capacity { most: 1, .. })));
        assert_eq!(currencies.names(), []);
    }
}
