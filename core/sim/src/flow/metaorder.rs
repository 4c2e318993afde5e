//! Large orders that institutions split into many small ones.

use super::random::Random;

/// How many large orders of an instrument are worked at once.
pub(crate) const SLOTS: usize = 4;
/// How the next child order chooses its parent: some institutions hurry more than others.
const HURRY: [f64; SLOTS] = [0.55, 0.25, 0.12, 0.08];
/// Tail exponent of the number of children. Order signs then remember with exponent `TAIL - 1`.
const TAIL: f64 = 1.40;

/// A large order on its way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Metaorder {
    /// 1 buys, -1 sells.
    pub(crate) sign: f64,
    /// Children still to send.
    pub(crate) children: u32,
    /// Quantity of each child.
    pub(crate) child: u32,
    /// Which institution, counted from the first.
    pub(crate) institution: u16,
}

/// The large orders of one instrument (Lillo, Mike and Farmer 2005).
///
/// Parents with Pareto-many children of one sign, of which one is drawn at each step, give signs whose autocorrelation
/// falls as a power law, as found by Lillo and Farmer (2004) and Bouchaud et al. (2004).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metaorders {
    slots: [Metaorder; SLOTS],
    /// Most children of one parent, so that a quiet instrument isn't bought all day.
    children_max: f64,
}

impl Metaorders {
    pub(crate) fn new(children_max: f64, institutions: u16, random: &mut Random) -> Self {
        let mut orders = Self { slots: [Metaorder::default(); SLOTS], children_max };
        for slot in 0..SLOTS {
            orders.slots[slot] = orders.parent(institutions, slot, random);
            // The day finds its first parents somewhere on their way.
            let children = orders.slots[slot].children as usize;
            orders.slots[slot].children = 1 + random.below(children) as u32;
        }
        orders
    }

    fn parent(&self, institutions: u16, slot: usize, random: &mut Random) -> Metaorder {
        let children = random.pareto(TAIL).min(self.children_max) as u32;
        let child = 100 * [1, 1, 1, 2, 3][random.below(5)];
        // Institutions of different slots never meet, so that none trades with itself.
        let institution = random.below(usize::from(institutions) / SLOTS) * SLOTS + slot;
        Metaorder { sign: random.sign(), children: children.max(1), child, institution: institution as u16 }
    }

    /// Returns the sign that the next child is expected to have, -1 to 1.
    pub(crate) fn expected(&self) -> f64 {
        self.slots.iter().zip(HURRY).map(|(order, hurry)| order.sign * hurry).sum()
    }

    /// Sends the next child: returns its parent and counts it.
    pub(crate) fn child(&mut self, institutions: u16, random: &mut Random) -> Metaorder {
        let draw = random.unit();
        let mut reached = 0.0;
        let slot = HURRY.iter().position(|hurry| {
            reached += hurry;
            draw < reached
        });
        let slot = slot.unwrap_or(SLOTS - 1);
        let order = self.slots[slot];
        self.slots[slot].children -= 1;
        if self.slots[slot].children == 0 {
            self.slots[slot] = self.parent(institutions, slot, random);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_remember_as_a_power_law() {
        let stream = |seed: u64| -> Vec<f64> {
            let mut random = Random::new(seed, 0);
            let mut orders = Metaorders::new(1e4, 100, &mut random);
            (0..100_000).map(|_| orders.child(100, &mut random).sign).collect()
        };
        // One stream's few longest parents decide much of its memory, so many are averaged.
        let streams: Vec<Vec<f64>> = (0..20).map(stream).collect();
        let views: Vec<&[f64]> = streams.iter().map(Vec::as_slice).collect();
        let curve = crate::stylised::autocorrelation(&views, 200);
        let exponent = crate::stylised::power_law_exponent(&curve, 5, 200).unwrap();
        assert!((0.9..1.3).contains(&(exponent / (TAIL - 1.0))), "exponent {exponent}");
    }

    #[test]
    fn an_institution_stays_in_its_slot() {
        let mut random = Random::new(3, 0);
        let mut orders = Metaorders::new(5.0, 10, &mut random);
        assert!((0..1000).all(|_| orders.child(10, &mut random).institution < 8));
        assert!(orders.expected().abs() <= 1.0);
    }
}
