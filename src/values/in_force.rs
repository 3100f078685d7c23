//! The values that hold now. New ones come after the old ones, which stay where they are: whoever began with a set of
//! values keeps it to the end, and nobody waits for a lock to look up a deadline.

use std::ops::Deref;
use std::sync::OnceLock;

use policy::Policy;

/// Dated values of law and county; reads as the newest [`Policy`].
#[derive(Debug)]
pub struct InForce {
    policy: Policy,
    newer: OnceLock<Box<Self>>,
}

impl From<Policy> for InForce {
    fn from(policy: Policy) -> Self {
        Self { policy, newer: OnceLock::new() }
    }
}

impl InForce {
    fn newest(&self) -> &Self {
        let mut at = self;
        while let Some(newer) = at.newer.get() {
            at = newer;
        }
        at
    }

    /// Puts values in force, unless they hold already.
    pub fn replace(&self, policy: Policy) {
        let mut next = Box::new(Self::from(policy));
        loop {
            let newest = self.newest();
            if newest.policy == next.policy {
                return;
            }
            match newest.newer.set(next) {
                Ok(()) => return,
                // Somebody was faster: after those, then.
                Err(back) => next = back,
            }
        }
    }
}

impl Deref for InForce {
    type Target = Policy;
    fn deref(&self) -> &Policy {
        &self.newest().policy
    }
}

#[cfg(test)]
mod tests {
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
