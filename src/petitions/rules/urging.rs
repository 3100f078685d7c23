//! 催办、督办: who is told that a clock runs out, or has run out, and when.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::Policy;
use policy::values::PolicyError;

use crate::words::words;

words! {
    /// How far up the line of posts it has gone.
    Rung {
        /// Before it is due: whoever handles it.
        Warn = "warn", "到期提醒";
        /// The head of the unit.
        Unit = "unit", "催办";
        /// The superior of the head.
        Superior = "superior", "督办";
        /// One higher still.
        Above = "above", "再报上级";
    }
}

impl Rung {
    /// Its place in the line of posts that begins with the head of the unit.
    pub fn place(self) -> usize {
        match self {
            Self::Warn | Self::Unit => 0,
            Self::Superior => 1,
            Self::Above => 2,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Warn => "urging.warn.days",
            Self::Unit => "urging.unit.days",
            Self::Superior => "urging.superior.days",
            Self::Above => "urging.above.days",
        }
    }
}

/// How many days before the due day, or after it, each rung comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder([(Rung, i64); 4]);

impl Ladder {
    /// As it holds on a day.
    pub fn on(policy: &Policy, day: Date) -> Result<Self, PolicyError> {
        let mut rungs = [Rung::Warn, Rung::Unit, Rung::Superior, Rung::Above].map(|rung| (rung, 0));
        for (rung, days) in &mut rungs {
            *days = policy.days(rung.key(), day)?.into();
        }
        Ok(Self(rungs))
    }

    /// The last due day of which anything is to be said today.
    pub fn last_due(&self, today: Date) -> Date {
        today.saturating_add(self.0[0].1.days())
    }

    /// The rungs reached today by a clock that is due on a day. Nobody is warned of what is over.
    pub fn reached(&self, due: Date, today: Date) -> Vec<Rung> {
        let reached = |(rung, days): &(Rung, i64)| match rung {
            Rung::Warn => today <= due && due <= today.saturating_add(days.days()),
            _ => due < today && due.saturating_add(days.days()) <= today,
        };
        self.0.iter().filter(|rung| reached(rung)).map(|(rung, _)| *rung).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn each_rung_is_reached_on_its_day_and_not_before() {
        let ladder = Ladder::on(Policy::published(), date(2026, 11, 2)).unwrap();
        let due = date(2026, 11, 17);
        let on = |day| ladder.reached(due, date(2026, 11, day));
        assert_eq!(on(13), []);
        assert_eq!(on(14), [Rung::Warn]);
        assert_eq!(on(17), [Rung::Warn], "on the day itself it is not late");
        assert_eq!(on(18), [Rung::Unit]);
        assert_eq!(on(21), [Rung::Unit]);
        assert_eq!(on(22), [Rung::Unit, Rung::Superior]);
        assert_eq!(on(26), [Rung::Unit, Rung::Superior]);
        assert_eq!(on(27), [Rung::Unit, Rung::Superior, Rung::Above]);
        assert_eq!(ladder.last_due(date(2026, 11, 14)), due);
    }
}
