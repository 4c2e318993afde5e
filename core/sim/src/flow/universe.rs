//! The instruments of a generated day.

use omni_types::{AssetClass, ContractTerms, Currency, Decimal, InstrumentSpec, Mic, Price, Qty, Symbol, TextError};

use super::random::Random;

/// Most instruments that a universe has: as many as there are made-up symbols.
pub const INSTRUMENTS_MAX: usize = 1 << 18;

/// An instrument of the generated day, and how it behaves.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Listing {
    /// What to list.
    pub spec: InstrumentSpec,
    /// The price the day starts from, in price units; a reference for collars before the first trade.
    pub opening: Price,
    /// Its share of the day's commands; all shares add up to 1.
    pub activity: f64,
    /// Standard deviation of an average minute's return, in ticks.
    pub volatility: f64,
}

/// Makes `count` listings from a seed, the most active first: made-up symbols of the venue `XOMN`, prices of 8 to 480
/// dollars in cents, activity falling as Zipf's law.
///
/// # Errors
/// [`TextError`] never for the texts made here; it is passed on rather than hidden.
pub fn universe(seed: u64, count: usize) -> Result<Vec<Listing>, TextError> {
    let count = count.min(INSTRUMENTS_MAX);
    let mut random = Random::new(seed, 1);
    let total: f64 = (0..count).map(zipf).sum();
    let offset = random.below(SYMBOLS);
    (0..count)
        .map(|rank| {
            let dollars = (60.0 * libm::exp(0.8 * random.normal())).clamp(8.0, 480.0);
            let opening = Price(libm::round(100.0 * dollars) as i64);
            // 7 basis points a minute is about 1.4% a day; a tick and a half keeps a cheap share's minutes from being all zero.
            let volatility = (opening.0 as f64 * 7e-4 * libm::exp(0.3 * random.normal())).max(1.5);
            Ok(Listing { spec: spec(rank + offset)?, opening, activity: zipf(rank) / total, volatility })
        })
        .collect()
}

/// The weight of the instrument at a rank. The shift keeps the first from being most of the market.
fn zipf(rank: usize) -> f64 {
    libm::pow(rank as f64 + 4.0, -0.9)
}

const CONSONANTS: &[u8; 16] = b"BDHJKLMNQRSTVWXY";
const VOWELS: &[u8; 5] = b"AEIOU";
/// Consonant and vowel, three times: six letters, which no listed American share has.
const SYMBOLS: usize = 16 * 5 * 16 * 5 * 16 * 5;

fn symbol(number: usize) -> Result<Symbol, TextError> {
    // A factor without common divisor scatters neighbours over the alphabet and keeps all distinct.
    let mut rest = (number % SYMBOLS) * 196_613 % SYMBOLS;
    let mut text = String::with_capacity(6);
    for place in 0..6 {
        let letters: &[u8] = if place % 2 == 0 { CONSONANTS } else { VOWELS };
        text.push(char::from(letters[rest % letters.len()]));
        rest /= letters.len();
    }
    Symbol::new(&text)
}

fn spec(number: usize) -> Result<InstrumentSpec, TextError> {
    Ok(InstrumentSpec {
        symbol: symbol(number)?,
        venue: Mic::new("XOMN")?,
        asset_class: AssetClass::Equity,
        currency: Currency::new("USD")?,
        price_unit: Decimal::new(1, -2),
        quantity_unit: Decimal::ONE,
        multiplier: Decimal::ONE,
        tick: 1,
        lot: Qty(1),
        price_min: Price(1),
        price_max: Price(1_000_000),
        quantity_max: Qty(1_000_000),
        terms: ContractTerms::NONE,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use omni_types::{Instrument, InstrumentId};

    use super::*;

    #[test]
    fn every_listing_is_accepted_and_distinct() {
        let listings = universe(3, 50_000).unwrap();
        let symbols: BTreeSet<_> = listings.iter().map(|l| l.spec.symbol).collect();
        assert_eq!(symbols.len(), 50_000);
        for (slot, listing) in listings.iter().enumerate() {
            let instrument = Instrument::new(InstrumentId(slot as u32), listing.spec).unwrap();
            assert!(instrument.accepts_price(listing.opening));
            assert!((800..=48_000).contains(&listing.opening.0) && listing.volatility >= 1.5, "{listing:?}");
        }
    }

    #[test]
    fn activity_falls_and_adds_up_to_one() {
        let listings = universe(3, 100).unwrap();
        assert!((listings.iter().map(|l| l.activity).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(listings.windows(2).all(|pair| pair[0].activity > pair[1].activity));
        assert!(listings[0].activity > 10.0 * listings[99].activity);
    }

    #[test]
    fn seeds_make_different_universes() {
        assert_eq!(universe(1, 10).unwrap(), universe(1, 10).unwrap());
        assert_ne!(universe(1, 10).unwrap(), universe(2, 10).unwrap());
    }
}
