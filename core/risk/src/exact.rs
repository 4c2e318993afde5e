//! Exact 128-bit arithmetic: the places where money is multiplied, divided and rounded.
//!
//! Amounts are magnitudes (`u128`), signs are the caller's. Nothing here can overflow or panic: what is too large stops
//! at [`AMOUNT_MAX`], which is above every limit an account may have, so it is refused wherever it is compared.

/// Most money a single amount is computed to; above every limit.
pub(crate) const AMOUNT_MAX: u128 = 1 << 121;
/// Most money a limit, or an opening balance, may be.
pub(crate) const LIMIT_MAX: i128 = 1 << 120;
/// Most money one position, open orders included, may be worth; 2^16 of them add up without overflow.
pub(crate) const EXPOSURE_MAX: u128 = 1 << 110;
/// A rate of one.
pub(crate) const RATE_ONE: u64 = 1_000_000_000_000;

/// Returns `value` x |`price`| x `quantity`.
#[inline(always)]
pub(crate) fn notional(value: u128, price: i64, quantity: u64) -> u128 {
    let units = u128::from(price.unsigned_abs()) * u128::from(quantity);
    // Nearly always: one multiplication instead of a checked 128-bit one.
    if (units | value) >> 64 == 0 {
        return (u128::from(units as u64) * u128::from(value as u64)).min(AMOUNT_MAX);
    }
    units.checked_mul(value).map_or(AMOUNT_MAX, |amount| amount.min(AMOUNT_MAX))
}

/// Returns an amount in another currency, at `numerator` / 10^12, rounded half to even.
#[inline(always)]
pub(crate) fn convert(amount: u128, numerator: u64) -> u128 {
    if numerator == RATE_ONE { amount } else { scale::<244_140_625, 12>(amount, numerator) }
}

/// Returns `ppm` millionths of an amount, rounded half to even.
#[inline]
pub(crate) fn millionths(amount: u128, ppm: u32) -> u128 {
    if ppm == 0 { 0 } else { scale::<15_625, 6>(amount, u64::from(ppm)) }
}

/// Returns `amount` x `part` / `whole`, rounded towards zero; `part` is at most `whole`.
#[inline]
pub(crate) fn share(amount: u128, part: u64, whole: u64) -> u128 {
    debug_assert!(part <= whole && whole > 0, "Invariant: a share is at most the whole");
    if part == whole {
        return amount;
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    let each = amount / whole;
    let rest = amount - each * whole;
    each * part + rest * part / whole
}

/// Returns `amount` x `factor` / (`ODD` x 2^`SHIFT`), rounded half to even, [`AMOUNT_MAX`] at most.
#[inline(never)]
fn scale<const ODD: u64, const SHIFT: u32>(amount: u128, factor: u64) -> u128 {
    let (whole, rest) = div_rem::<ODD, SHIFT>(amount);
    let (more, remainder) = div_rem::<ODD, SHIFT>(rest * u128::from(factor));
    let Some(sum) = whole.checked_mul(u128::from(factor)).and_then(|product| product.checked_add(more)) else {
        return AMOUNT_MAX;
    };
    let divisor = u128::from(ODD) << SHIFT;
    let up = remainder * 2 > divisor || (remainder * 2 == divisor && sum % 2 == 1);
    sum.min(AMOUNT_MAX) + u128::from(up && sum < AMOUNT_MAX)
}

/// Divides by `ODD` x 2^`SHIFT` limb by limb: `ODD` is below 2^32 and known when compiled, so no division instruction is
/// needed, where the general 128-bit division is a call.
fn div_rem<const ODD: u64, const SHIFT: u32>(amount: u128) -> (u128, u128) {
    let high = amount >> SHIFT;
    let (mut quotient, mut rest) = (0_u128, 0_u64);
    for shift in [96, 64, 32, 0] {
        let part = rest << 32 | u64::from((high >> shift) as u32);
        quotient = quotient << 32 | u128::from(part / ODD);
        rest = part % ODD;
    }
    (quotient, u128::from(rest) << SHIFT | (amount & ((1 << SHIFT) - 1)))
}

/// Adds, and stops at either end of the range, both of which can be negated.
#[inline]
pub(crate) fn add(sum: i128, more: i128) -> i128 {
    sum.saturating_add(more).max(-i128::MAX)
}

/// Returns a magnitude with a sign.
#[inline]
pub(crate) fn signed(amount: u128, negative: bool) -> i128 {
    let amount = amount.min(AMOUNT_MAX) as i128;
    if negative { -amount } else { amount }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounds_half_to_even() {
        assert_eq!([1, 2, 3, 5].map(|n| millionths(n, 500_000)), [0, 1, 2, 2]);
        assert_eq!([1, 3, 5, 7].map(|n| convert(n, RATE_ONE / 2)), [0, 2, 2, 4]);
    }

    #[test]
    fn too_large_stops_above_every_limit() {
        assert_eq!(notional(u128::MAX, i64::MIN, u64::MAX), AMOUNT_MAX);
        assert_eq!(convert(AMOUNT_MAX, u64::MAX), AMOUNT_MAX);
        assert_eq!(convert(u128::MAX, 1), u128::MAX / u128::from(RATE_ONE));
        assert!(AMOUNT_MAX as i128 > LIMIT_MAX);
    }

    proptest! {
        #[test]
        fn fuzz_division_by_limbs_is_division(amount: u128, small in 0_u128..1 << 40) {
            for n in [amount, small] {
                prop_assert_eq!(div_rem::<15_625, 6>(n), (n / 1_000_000, n % 1_000_000));
                let d = u128::from(RATE_ONE);
                prop_assert_eq!(div_rem::<244_140_625, 12>(n), (n / d, n % d));
            }
        }

        #[test]
        fn fuzz_shares_add_up_to_at_most_one_less(amount in 0..AMOUNT_MAX, whole in 1..1_u64 << 62, cut in 0..1_u64 << 62) {
            let part = cut % (whole + 1);
            let both = share(amount, part, whole) + share(amount, whole - part, whole);
            prop_assert!(both == amount || both + 1 == amount);
        }
    }
}
