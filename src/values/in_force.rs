//! The values that hold now. New ones come after the old ones, which stay where they are: whoever began with a set of
//! values keeps it to the end, and nobody waits for a lock to look up a deadline.

use std::ops::Deref;
use std::sync::OnceLock;

/// What holds by law and by the county's documents: values, working days. Reads as the newest of them.
#[derive(Debug)]
pub struct InForce<T> {
    holds: T,
    newer: OnceLock<Box<Self>>,
}

impl<T> From<T> for InForce<T> {
    fn from(holds: T) -> Self {
        Self { holds, newer: OnceLock::new() }
    }
}

impl<T: PartialEq> InForce<T> {
    fn newest(&self) -> &Self {
        let mut at = self;
        while let Some(newer) = at.newer.get() {
            at = newer;
        }
        at
    }

    /// Puts them in force; `false`: they hold already.
    pub fn replace(&self, holds: T) -> bool {
        let mut next = Box::new(Self::from(holds));
        loop {
            let newest = self.newest();
            if newest.holds == next.holds {
                return false;
            }
            match newest.newer.set(next) {
                Ok(()) => return true,
                // Somebody was faster: after those, then.
                Err(back) => next = back,
            }
        }
    }
}

impl<T: PartialEq> Deref for InForce<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.newest().holds
    }
}

#[cfg(test)]
mod tests {
    use policy::Policy;
    use policy::values::LocalRow;

    use super::*;

    #[test]
    fn who_began_with_a_set_of_values_keeps_it() {
        let day = "2026-12-01".parse().unwrap();
        let own = LocalRow::read("reception.county.day", day, "20", "《通知》").unwrap();
        let values = InForce::from(Policy::published().clone());
        let before: &Policy = &values;
        values.replace(Policy::published().clone().with_local([own]).unwrap());
        assert_eq!(before.number("reception.county.day", day), Ok(15));
        assert_eq!(values.number("reception.county.day", day), Ok(20));
        values.replace(Policy::published().clone());
        assert_eq!(values.number("reception.county.day", day), Ok(15));
    }
}
