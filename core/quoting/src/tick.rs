//! The one place where prices in floats become ticks. Bids round down and asks up, so rounding never gives edge away.

use omni_types::Side;

/// Beyond this many ticks from zero a float no longer tells ticks apart.
const TICKS_MOST: f64 = (1_u64 << 53) as f64;

/// Returns the tick at which to quote `side` for a price wanted in ticks: down for a bid, up for an ask.
///
/// `None` for what is no price: not a number, or beyond 2^53 ticks.
#[inline]
pub(crate) fn quote_ticks(side: Side, wanted: f64) -> Option<i64> {
    let rounded = match side {
        Side::Buy => wanted.floor(),
        Side::Sell => wanted.ceil(),
    };
    (rounded.abs() <= TICKS_MOST).then_some(rounded as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bids_round_down_and_asks_up() {
        assert_eq!(quote_ticks(Side::Buy, 10.9), Some(10));
        assert_eq!(quote_ticks(Side::Sell, 10.1), Some(11));
        assert_eq!(quote_ticks(Side::Buy, -0.5), Some(-1));
        assert_eq!(quote_ticks(Side::Sell, -0.5), Some(0));
        assert_eq!(Side::BOTH.map(|side| quote_ticks(side, 7.0)), [Some(7); 2]);
    }

    #[test]
    fn what_is_no_price_gives_none() {
        for wanted in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e17] {
            assert_eq!(quote_ticks(Side::Buy, wanted), None, "{wanted}");
        }
    }
}
