//! Prices in 32nds, as bonds are quoted: `101-16+` is 101 and 16.5 thirty-seconds, 101.515625.

use omni_types::Decimal;

/// A 64th, what the `+` stands for.
const SIXTY_FOURTH: Decimal = Decimal::new(15_625, -6);
/// Two of them.
const THIRTY_SECOND: Decimal = Decimal::new(3_125, -5);

/// Returns whether prices in this unit are written in 32nds.
pub(crate) fn is_quoted(unit: Decimal) -> bool {
    let unit = unit.normalised();
    unit == SIXTY_FOURTH || unit == THIRTY_SECOND
}

/// Reads such a price; `None` where the text is no such price.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = rest.split_once('-')?;
    let (thirty_seconds, half) = part.strip_suffix('+').map_or((part, 0), |part| (part, 1));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(thirty_seconds) || thirty_seconds.len() != 2 {
        return None;
    }
    let thirty_seconds: i64 = thirty_seconds.parse().ok().filter(|&n| n < 32)?;
    let count = whole.parse::<i64>().ok()?.checked_mul(64)?.checked_add(2 * thirty_seconds + half)?;
    let mantissa = count.checked_mul(SIXTY_FOURTH.mantissa)?;
    Some(Decimal::new(if negative { -mantissa } else { mantissa }, SIXTY_FOURTH.exponent).normalised())
}

/// Writes a count of a unit for which [`is_quoted`] holds.
pub(crate) fn show(count: i64, unit: Decimal) -> String {
    let each = if unit.normalised() == SIXTY_FOURTH { 1 } else { 2 };
    let sign = if count < 0 { "-" } else { "" };
    let count = u128::from(count.unsigned_abs()) * each;
    let half = if count % 2 == 1 { "+" } else { "" };
    format!("{sign}{}-{:02}{half}", count / 64, count % 64 / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for (text, count) in [("101-16+", 6_497), ("101-00", 6_464), ("0-31+", 63), ("-0-00+", -1), ("99-08", 6_352)] {
            assert_eq!(parse(text).map(|price| price.count_of(SIXTY_FOURTH)), Some(Ok(count)), "{text}");
            assert_eq!(show(count, SIXTY_FOURTH), text);
        }
        assert_eq!(parse("101-16+").map(|price| price.to_string()), Some("101.515625".to_owned()));
        assert_eq!(show(3_233, THIRTY_SECOND), "101-01");
        assert!(is_quoted(Decimal::new(156_250, -7)) && !is_quoted(Decimal::new(25, -2)));
    }

    #[test]
    fn refuses_what_is_no_such_price() {
        for bad in ["", "101", "101-", "101-1", "101-32", "101-165", "-16", "1.5-16", "101-16++", "--1-16", "x-16"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
        assert_eq!(parse("9223372036854775807-16"), None);
    }
}
