//! The lengths of the law that forms and papers name, as they hold on a day.

use jiff::civil::Date;
use policy::Policy;
use policy::values::PolicyError;

/// A length, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Days, or working days.
    pub days: u16,
    /// 《信访工作条例》第三十四条.
    pub article: String,
}

/// The lengths that a petition's forms and papers name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// To dispose of what was registered.
    pub registration: Term,
    /// To tell the petitioner in writing.
    pub notice: Term,
    /// To object, in working days.
    pub objection: Term,
    /// To decide.
    pub handling: Term,
    /// The most by which that is prolonged.
    pub extension: Term,
    /// To ask for a review.
    pub review_request: Term,
    /// To ask for a re-review.
    pub re_review_request: Term,
}

impl Term {
    fn of(policy: &Policy, key: &str, on: Date) -> Result<Self, PolicyError> {
        Ok(Self { days: policy.days(key, on)?, article: policy.row(key, on)?.1.source.to_string() })
    }

    /// The most days by which handling may be prolonged where it began on a day.
    pub fn of_extension(policy: &Policy, on: Date) -> Result<Self, PolicyError> {
        Self::of(policy, "clock.handling.extension_days", on)
    }
}

impl Terms {
    /// As they hold on a day.
    pub fn on(policy: &Policy, on: Date) -> Result<Self, PolicyError> {
        let of = |key| Term::of(policy, key, on);
        Ok(Self {
            registration: of("clock.registration.days")?,
            notice: of("clock.notice.days")?,
            objection: of("clock.objection.working_days")?,
            handling: of("clock.handling.days")?,
            extension: Term::of_extension(policy, on)?,
            review_request: of("clock.review-request.days")?,
            re_review_request: of("clock.re-review-request.days")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_term_is_that_of_its_day() {
        let terms = |on| Terms::on(Policy::published(), on).unwrap();
        let now = terms(date(2026, 11, 2));
        assert_eq!((now.extension.days, now.extension.article.as_str()), (30, "《信访工作条例》第三十四条"));
        assert_eq!(terms(date(2022, 4, 30)).review_request.article, "《信访条例》第三十四条");
    }
}
