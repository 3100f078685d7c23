//! 复查 and 复核 (arts. 35, 36): when they can be asked for, who may work on them, and what ends there.

use jiff::civil::Date;
use policy::Clock;

use super::State;
use super::acts::{Manner, Party};
use super::matter::Matter;
use crate::words::words;

words! {
    /// The two stages.
    Stage {
        /// 复查, by the unit above the one that answered.
        Review = "review", "复查";
        /// 复核, by the unit above that one; the last.
        ReReview = "re-review", "复核";
    }
}

words! {
    /// What a review comes to.
    Verdict {
        /// 维持.
        Upheld = "upheld", "维持";
        /// 变更.
        Changed = "changed", "变更";
        /// 撤销.
        Revoked = "revoked", "撤销";
        /// 责令重新处理: the matter is handled anew.
        Redo = "redo", "责令重新处理";
    }
}

impl Stage {
    /// The right to ask for it, which lapses.
    pub fn request(self) -> Clock {
        match self {
            Self::Review => Clock::ReviewRequest,
            Self::ReReview => Clock::ReReviewRequest,
        }
    }

    /// The duty to answer.
    pub fn answer(self) -> Clock {
        match self {
            Self::Review => Clock::Review,
            Self::ReReview => Clock::ReReview,
        }
    }
}

/// A review as the rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Review {
    /// Which stage.
    pub stage: Stage,
    /// Who reviews; nothing: an organ above the county, for which the petition office writes down what it decided.
    pub unit: Option<i64>,
    /// Asked for on.
    pub asked_on: Date,
    /// The opinion, and its day.
    pub issued: Option<(Verdict, Date)>,
    /// It reached the petitioner on.
    pub served_on: Option<Date>,
}

/// Why it may not be done; the text is for the person who tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreviewable {
    /// Another branch's answer has another remedy.
    #[error("只有《信访工作条例》第三十一条第六项的处理意见可以复查、复核")]
    OtherRemedy,
    /// Nothing to review has reached the petitioner.
    #[error("书面意见还没有送达，送达以后才能申请")]
    Unserved,
    /// The right has lapsed.
    #[error("申请期限到 {0} 为止，已经过了（《信访工作条例》第三十五、三十六条）")]
    Late(Date),
    /// One is under way.
    #[error("已经申请过，正在办理")]
    UnderWay,
    /// 终结.
    #[error("复核意见已经送达，这件事已经终结：同一事实和理由不再受理（《信访工作条例》第三十六条）")]
    Ended,
    /// A day in the future, or before what is reviewed.
    #[error("日期不能晚于今天，也不能早于{0}")]
    ImpossibleDay(Date),
    /// By whoever handled the matter.
    #[error("办过这件事的单位和人员不能办它的复查、复核")]
    HandledBefore,
    /// By another unit.
    #[error("只有负责复查、复核的单位可以办这一步；由县以上机关办的，由信访部门登记")]
    NotTheReviewer,
    /// The opinion is out already.
    #[error("意见已经出具")]
    Issued,
    /// No opinion yet.
    #[error("还没有可以送达的意见")]
    NoOpinion,
    /// Served already.
    #[error("意见已经送达")]
    Served,
    /// Handed over without a signature.
    #[error("当面送达请填写签收人")]
    NoSignature,
    /// Text missing or too long.
    #[error("{0}")]
    Text(&'static str),
}

/// Which stage can be asked for on a day, of the reviews of the answer that stands; `last` is the last day of the right
/// to ask, where it is known.
pub fn next_stage(
    matter: &Matter,
    reviews: &[Review],
    last: Option<Date>,
    (on, today): (Date, Date),
) -> Result<Stage, Unreviewable> {
    // An agreement of both is carried out, not reviewed.
    let settled = matter.opinion.is_some() && !matter.opined;
    if !matter.has_handling_clock() || matter.withdrawn.is_some() || settled {
        return Err(Unreviewable::OtherRemedy);
    }
    let (stage, since) = match reviews.last() {
        None => {
            let answered = matches!(matter.state, State::Answered | State::Closed);
            let served = matter.opinion.filter(|_| answered).and_then(|opinion| opinion.served_on);
            (Stage::Review, served.ok_or(Unreviewable::Unserved)?)
        }
        Some(Review { served_on: None, .. }) => return Err(Unreviewable::UnderWay),
        Some(Review { stage: Stage::ReReview, .. }) => return Err(Unreviewable::Ended),
        Some(Review { served_on: Some(served), .. }) => (Stage::ReReview, *served),
    };
    if on > today || on < since {
        return Err(Unreviewable::ImpossibleDay(since));
    }
    match last {
        Some(last) if on > last => Err(Unreviewable::Late(last)),
        _ => Ok(stage),
    }
}

impl Review {
    /// Whether nothing more follows it: the same facts are not accepted again (art. 36). A matter that is to be handled
    /// anew goes on.
    pub fn ends(&self) -> bool {
        let redo = self.issued.is_some_and(|(verdict, _)| verdict == Verdict::Redo);
        self.stage == Stage::ReReview && self.served_on.is_some() && !redo
    }

    /// Whether the party may work on it. `worked` are those who had a hand in the matter before; `disposes` says that
    /// the party's unit is the one that took it in, or any petition office.
    pub fn open_to(&self, by: Party, worked: &[i64], disposes: bool) -> Result<(), Unreviewable> {
        let mine = match self.unit {
            Some(unit) => by.unit == Some(unit),
            None => disposes,
        };
        if !mine {
            return Err(Unreviewable::NotTheReviewer);
        }
        match by.official {
            Some(official) if !worked.contains(&official) => Ok(()),
            _ => Err(Unreviewable::HandledBefore),
        }
    }

    /// Whether the opinion can be written now.
    pub fn decide(&self) -> Result<(), Unreviewable> {
        if self.issued.is_none() { Ok(()) } else { Err(Unreviewable::Issued) }
    }

    /// Whether it reached the petitioner on that day.
    pub fn serve(&self, on: Date, manner: Manner, signed_by: &str, today: Date) -> Result<Verdict, Unreviewable> {
        let (verdict, issued) = self.issued.ok_or(Unreviewable::NoOpinion)?;
        if self.served_on.is_some() {
            return Err(Unreviewable::Served);
        }
        if on > today || on < issued {
            return Err(Unreviewable::ImpossibleDay(issued));
        }
        if manner == Manner::InPerson && signed_by.is_empty() {
            return Err(Unreviewable::NoSignature);
        }
        Ok(verdict)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::Category;
    use super::super::matter::Issued;
    use super::super::paths::fresh;
    use super::*;

    const SERVED: Date = date(2026, 11, 20);

    fn answered() -> Matter {
        let mut matter = fresh(false);
        (matter.category, matter.branch, matter.state) = (Category::Claim, Some(6), State::Answered);
        matter.opinion = Some(Issued { on: SERVED, by: 10, served_on: Some(SERVED) });
        matter.opined = true;
        matter
    }

    fn review(stage: Stage, served_on: Option<Date>) -> Review {
        let issued = served_on.map(|on| (Verdict::Upheld, on));
        Review { stage, unit: Some(5), asked_on: SERVED, issued, served_on }
    }

    #[test]
    fn a_review_is_asked_for_within_the_days_of_the_law_and_not_a_day_later() {
        let last = date(2026, 12, 21);
        let ask = |on| next_stage(&answered(), &[], Some(last), (on, date(2027, 3, 1)));
        assert_eq!(ask(last), Ok(Stage::Review));
        assert_eq!(ask(date(2026, 12, 22)), Err(Unreviewable::Late(last)));
        assert_eq!(ask(date(2026, 11, 19)), Err(Unreviewable::ImpossibleDay(SERVED)));
        let mut other = answered();
        other.branch = Some(5);
        assert_eq!(next_stage(&other, &[], None, (SERVED, SERVED)), Err(Unreviewable::OtherRemedy));
        let settled = Matter { opined: false, ..answered() };
        assert_eq!(next_stage(&settled, &[], None, (SERVED, SERVED)), Err(Unreviewable::OtherRemedy));
        let mut unserved = answered();
        unserved.opinion = Some(Issued { on: SERVED, by: 10, served_on: None });
        assert_eq!(next_stage(&unserved, &[], None, (SERVED, SERVED)), Err(Unreviewable::Unserved));
    }

    #[test]
    fn the_second_follows_the_first_and_nothing_follows_the_second() {
        let on = (date(2026, 12, 30), date(2026, 12, 30));
        let next = |reviews: &[Review]| next_stage(&answered(), reviews, None, on);
        let first = review(Stage::Review, Some(date(2026, 12, 15)));
        assert_eq!(next(&[review(Stage::Review, None)]), Err(Unreviewable::UnderWay));
        assert_eq!(next(&[first]), Ok(Stage::ReReview));
        let second = review(Stage::ReReview, Some(date(2026, 12, 28)));
        assert_eq!(next(&[first, second]), Err(Unreviewable::Ended));
        assert!(!first.ends() && second.ends());
        let redo = Review { issued: Some((Verdict::Redo, SERVED)), ..second };
        assert!(!redo.ends(), "what is to be handled anew goes on");
    }

    #[test]
    fn nobody_reviews_what_he_handled_nor_for_another_unit() {
        let by = |official, unit| Party { official: Some(official), unit: Some(unit) };
        let own = review(Stage::Review, None);
        assert_eq!(own.open_to(by(50, 5), &[10, 11], false), Ok(()));
        assert_eq!(own.open_to(by(11, 5), &[10, 11], true), Err(Unreviewable::HandledBefore));
        assert_eq!(own.open_to(by(90, 9), &[10], true), Err(Unreviewable::NotTheReviewer));
        let above = Review { unit: None, ..own };
        assert_eq!(above.open_to(by(90, 9), &[10], true), Ok(()));
        assert_eq!(above.open_to(by(50, 5), &[10], false), Err(Unreviewable::NotTheReviewer));
        assert_eq!(own.serve(SERVED, Manner::Post, "", SERVED), Err(Unreviewable::NoOpinion));
        let decided = Review { issued: Some((Verdict::Upheld, SERVED)), ..own };
        assert_eq!(decided.decide(), Err(Unreviewable::Issued));
        assert_eq!(decided.serve(SERVED, Manner::InPerson, "", SERVED), Err(Unreviewable::NoSignature));
        assert_eq!(decided.serve(SERVED, Manner::Post, "", SERVED), Ok(Verdict::Upheld));
    }
}
