//! The maker's settings, and their table.

use crate::QuotingError;

/// The maker's settings. Quantities are in quantity units of each instrument, prices in its ticks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MakerParams {
    /// How much to show on each side, in quantity units; rounded down to lots.
    pub size: u64,
    /// Most to show on the side that reduces a position, and the largest order, in quantity units.
    pub size_max: u64,
    /// Largest position, long or short, in quantity units; open orders included.
    pub position_max: u64,
    /// Narrowest distance between own bid and ask, in ticks.
    pub spread_min_ticks: u64,
    /// Widest distance between own bid and ask before rounding and skew, in ticks.
    pub spread_max_ticks: u64,
    /// How far inside the best price of others to quote at most, in ticks; 0 joins them, and steps back when alone.
    pub improve_ticks: u64,
    /// How much others must show at their best price, in own `size`; under it the maker stays a tick further back.
    pub cover: f64,
    /// How much of the most that others lately showed at their best price must be left, 0 to 1; under it as under `cover`.
    pub fade: f64,
    /// Memory of the most that others showed, in seconds.
    pub fade_memory_s: f64,
    /// How far behind the best price of others to quote at most, in ticks; what would stand further back isn't shown.
    pub behind_ticks: u64,
    /// Half spread, in standard deviations of the mid over the time between trades.
    pub spread_volatility: f64,
    /// Own half spread, in usual half spreads of the market, above which nothing but a position's reduction is shown.
    pub width_most: f64,
    /// The time between trades before any is seen, in seconds.
    pub horizon_s: f64,
    /// Memory of the time between trades, in trades.
    pub trade_memory: f64,
    /// Memory of the volatility, in seconds.
    pub volatility_memory_s: f64,
    /// Weight of the micro-price in fair value, 0 to 1; the rest is the mid.
    pub micro_weight: f64,
    /// How far wholly one-sided flow moves fair value, in half spreads of the market.
    pub flow_weight: f64,
    /// Memory of the trade flow, in seconds.
    pub flow_memory_s: f64,
    /// How far a full position moves both quotes against it, in own half spreads.
    pub skew: f64,
    /// Smallest move that is worth an amend, in ticks.
    pub requote_ticks: u64,
    /// Part of the wanted size below which what is left is filled up, 0 to 1.
    pub refill: f64,
    /// Age of an instrument's last market event at which its quotes are pulled, in seconds.
    pub stale_s: f64,
    /// How long to watch an instrument before quoting it, in seconds.
    pub warmup_s: f64,
    /// How long to wait after a refusal before trying again, in seconds.
    pub retry_s: f64,
}

/// A setting's place in [`MakerParams`].
#[derive(Clone, Copy, Debug)]
enum Field {
    Whole(fn(&mut MakerParams) -> &mut u64),
    Real(fn(&mut MakerParams) -> &mut f64),
}

/// One setting: what it is called and means.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its value where it is left out.
    pub default: f64,
    /// The least it may be.
    pub least: f64,
    /// The most it may be.
    pub most: f64,
    /// Whether it must be a whole number.
    pub whole: bool,
    /// Its unit; "1" for a plain number.
    pub unit: &'static str,
    /// What it does, for people.
    pub description: &'static str,
    field: Field,
}

/// Largest quantity that a float holds exactly.
const QUANTITY_MOST: f64 = (1_u64 << 53) as f64;
const DAY_S: f64 = 86_400.0;

const fn row(
    name: &'static str,
    (default, least, most): (f64, f64, f64),
    unit: &'static str,
    description: &'static str,
    field: Field,
) -> Parameter {
    let whole = matches!(field, Field::Whole(_));
    Parameter { name, default, least, most, whole, unit, description, field }
}

macro_rules! table {
    ($($kind:ident $name:ident, $range:expr, $unit:literal, $description:literal;)*) => {
        const PARAMETERS: &[Parameter] = &[
            $(row(stringify!($name), $range, $unit, $description, Field::$kind(|params| &mut params.$name)),)*
        ];
    };
}

table! {
    Whole size, (100.0, 1.0, QUANTITY_MOST), "quantity units", "how much to show on each side";
    Whole size_max, (200.0, 1.0, QUANTITY_MOST), "quantity units",
        "most to show on the side that reduces a position, and the largest order";
    Whole position_max, (1_000.0, 1.0, QUANTITY_MOST), "quantity units", "largest position, open orders included";
    Whole spread_min_ticks, (2.0, 1.0, 1e9), "ticks", "narrowest distance between own bid and ask";
    Whole spread_max_ticks, (200.0, 1.0, 1e9), "ticks", "widest distance between own bid and ask, before skew";
    Whole improve_ticks, (0.0, 0.0, 1e9), "ticks",
        "how far inside others' best price to quote at most; 0 joins them and steps back when alone";
    Real cover, (2.0, 0.0, 1e6), "sizes",
        "how much others must show at their best price; under it the maker stays a tick further back";
    Real fade, (0.6, 0.0, 1.0), "1",
        "how much of the most that others lately showed at their best price must be left; under it as under cover";
    Real fade_memory_s, (10.0, 1e-3, DAY_S), "s", "memory of the most that others showed";
    Whole behind_ticks, (4.0, 1.0, 1e9), "ticks",
        "how far behind others' best price to quote at most; what would stand further back isn't shown";
    Real spread_volatility, (3.0, 0.0, 100.0), "deviations",
        "half spread, in deviations of the mid over the time between trades";
    Real width_most, (2.0, 0.0, 1e6), "usual half spreads",
        "own half spread, beside what is usual in the market, above which only what reduces a position is shown";
    Real horizon_s, (60.0, 1e-6, DAY_S), "s", "time between trades before any is seen";
    Real trade_memory, (50.0, 0.1, 1e6), "trades", "memory of the time between trades";
    Real volatility_memory_s, (300.0, 1e-3, DAY_S), "s", "memory of the volatility";
    Real micro_weight, (1.0, 0.0, 1.0), "1", "weight of the micro-price in fair value; the rest is the mid";
    Real flow_weight, (1.0, -10.0, 10.0), "half spreads",
        "how far wholly one-sided trade flow moves fair value, in half spreads of the market";
    Real flow_memory_s, (60.0, 1e-3, DAY_S), "s", "memory of the trade flow";
    Real skew, (2.0, 0.0, 100.0), "half spreads", "how far a full position moves both quotes against it";
    Whole requote_ticks, (2.0, 1.0, 1e9), "ticks", "smallest move that is worth an amend";
    Real refill, (0.5, 0.0, 1.0), "1", "part of the wanted size below which what is left is filled up";
    Real stale_s, (60.0, 1e-6, DAY_S), "s", "age of the last market event at which quotes are pulled";
    Real warmup_s, (10.0, 0.0, DAY_S), "s", "how long to watch an instrument before quoting it";
    Real retry_s, (1.0, 0.0, DAY_S), "s", "how long to wait after a refusal before trying again";
}

/// Returns the maker's settings, in the order of their description.
#[must_use]
pub const fn parameters() -> &'static [Parameter] {
    PARAMETERS
}

impl Default for MakerParams {
    fn default() -> Self {
        let mut params = Self {
            size: 0,
            size_max: 0,
            position_max: 0,
            spread_min_ticks: 0,
            spread_max_ticks: 0,
            improve_ticks: 0,
            cover: 0.0,
            fade: 0.0,
            fade_memory_s: 0.0,
            behind_ticks: 0,
            spread_volatility: 0.0,
            width_most: 0.0,
            horizon_s: 0.0,
            trade_memory: 0.0,
            volatility_memory_s: 0.0,
            micro_weight: 0.0,
            flow_weight: 0.0,
            flow_memory_s: 0.0,
            skew: 0.0,
            requote_ticks: 0,
            refill: 0.0,
            stale_s: 0.0,
            warmup_s: 0.0,
            retry_s: 0.0,
        };
        PARAMETERS.iter().for_each(|parameter| parameter.write(&mut params, parameter.default));
        params
    }
}

impl Parameter {
    /// Returns the setting's value.
    #[must_use]
    pub fn value(&self, params: &MakerParams) -> f64 {
        let mut params = *params;
        match self.field {
            Field::Whole(field) => *field(&mut params) as f64,
            Field::Real(field) => *field(&mut params),
        }
    }

    fn write(&self, params: &mut MakerParams, value: f64) {
        match self.field {
            Field::Whole(field) => *field(params) = value as u64,
            Field::Real(field) => *field(params) = value,
        }
    }

    fn check(&self, found: f64) -> Result<(), QuotingError> {
        let Self { name, least, most, .. } = *self;
        if !(least..=most).contains(&found) {
            return Err(QuotingError::OutOfRange { name, found, least, most });
        }
        let broken = self.whole && found.fract() != 0.0;
        if broken { Err(QuotingError::NotWhole { name, found }) } else { Ok(()) }
    }
}

impl MakerParams {
    /// Builds settings from names and values; what isn't named has its default.
    ///
    /// # Errors
    /// [`QuotingError`] for an unknown or repeated name, a value out of range or not whole, or as [`Self::check`].
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, f64)>) -> Result<Self, QuotingError> {
        let mut params = Self::default();
        let mut given = [false; PARAMETERS.len()];
        for (name, value) in pairs {
            let at = PARAMETERS.iter().position(|parameter| parameter.name == name).ok_or_else(|| unknown(name))?;
            let parameter = &PARAMETERS[at];
            if core::mem::replace(&mut given[at], true) {
                return Err(QuotingError::RepeatedParameter(parameter.name));
            }
            parameter.check(value)?;
            parameter.write(&mut params, value);
        }
        params.check()?;
        Ok(params)
    }

    /// Checks every setting against its range and the others.
    ///
    /// # Errors
    /// [`QuotingError::OutOfRange`]; [`QuotingError::Order`] where a smallest is above its largest.
    pub fn check(&self) -> Result<(), QuotingError> {
        PARAMETERS.iter().try_for_each(|parameter| parameter.check(parameter.value(self)))?;
        let ordered = [
            ("size", self.size, "size_max", self.size_max),
            ("size", self.size, "position_max", self.position_max),
            ("spread_min_ticks", self.spread_min_ticks, "spread_max_ticks", self.spread_max_ticks),
        ];
        match ordered.into_iter().find(|(_, low, _, high)| low > high) {
            Some((low, _, high, _)) => Err(QuotingError::Order { low, high }),
            None => Ok(()),
        }
    }
}

fn unknown(name: &str) -> QuotingError {
    let near = PARAMETERS.iter().map(|parameter| (distance(name, parameter.name), parameter.name)).min();
    let nearest = near.filter(|&(edits, known)| edits <= 1 + known.len() / 4).map(|(_, known)| known);
    QuotingError::UnknownParameter { name: name.to_owned(), nearest }
}

/// Returns how many letters must be put in, left out or changed to make one word the other (Levenshtein 1965).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = core::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_table_and_valid() {
        let params = MakerParams::default();
        assert_eq!(params.check(), Ok(()));
        assert!(parameters().iter().all(|p| p.value(&params).to_bits() == p.default.to_bits()));
        assert!(parameters().iter().all(|p| !p.unit.is_empty() && !p.description.is_empty()));
        assert_eq!(MakerParams::from_pairs([]), Ok(params));
    }

    #[test]
    fn pairs_set_what_they_name() {
        let params = MakerParams::from_pairs([("size", 50.0), ("skew", 2.5)]).unwrap();
        assert_eq!(params, MakerParams { size: 50, skew: 2.5, ..MakerParams::default() });
    }

    #[test]
    fn each_name_reaches_its_own_field() {
        for parameter in parameters() {
            let value = if parameter.whole { parameter.default + 1.0 } else { 0.75 };
            let params = MakerParams::from_pairs([(parameter.name, value)]).unwrap();
            let changed: Vec<_> =
                parameters().iter().filter(|p| p.value(&params) != p.default).map(|p| p.name).collect();
            assert_eq!(changed, [parameter.name]);
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_told_what_was_meant() {
        let error = |pairs: &[(&str, f64)]| MakerParams::from_pairs(pairs.iter().copied()).unwrap_err().to_string();
        assert_eq!(error(&[("skw", 1.0)]), "the maker has no parameter 'skw'; did you mean 'skew'?");
        assert!(error(&[("colour", 1.0)]).contains("it has size, size_max"));
        assert_eq!(error(&[("skew", 1.0), ("skew", 2.0)]), "the maker's skew is given twice; give it once");
        assert_eq!(error(&[("size", 1.5)]), "expected a whole number for the maker's size, found 1.5");
        assert_eq!(error(&[("refill", 2.0)]), "expected the maker's refill from 0 to 1, found 2");
        assert!(error(&[("stale_s", f64::NAN)]).ends_with("found NaN"));
        assert_eq!(error(&[("size", 500.0)]), "the maker's size is above its size_max; lower it or raise size_max");
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!([distance("", "abc"), distance("kitten", "sitting"), distance("skew", "skew")], [3, 3, 0]);
    }
}
