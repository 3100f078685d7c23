//! The course of a settlement (E7): settled, checked by another, put up as a notice, objected to and answered, handed
//! over, signed by two, locked. Which act may follow which; pure.

use jiff::civil::Date;
use policy::Calendar;

use super::rules::LAW;

/// Until when something runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Its last day, which still belongs to it.
    Until(Date),
    /// It reaches into a year whose working days are not published: it is not over before they are.
    Unknown(i16),
}

impl Term {
    /// So many working days after a day, which is not counted (民法典 art. 201).
    pub fn of(calendar: &Calendar, since: Date, working_days: u16) -> Self {
        match calendar.add_working_days(since, working_days) {
            Ok(last) => Self::Until(last),
            Err(unpublished) => Self::Unknown(unpublished.year),
        }
    }

    /// Whether its last day has passed.
    pub fn is_over(self, today: Date) -> bool {
        matches!(self, Self::Until(last) if last < today)
    }

    /// The later of two; what is not known yet is later than every day.
    #[must_use]
    pub fn later(self, other: Self) -> Self {
        match (self, other) {
            (Self::Until(one), Self::Until(two)) => Self::Until(one.max(two)),
            (Self::Unknown(year), _) | (_, Self::Unknown(year)) => Self::Unknown(year),
        }
    }

    /// The last day in words.
    pub fn words(self) -> String {
        match self {
            Self::Until(last) => format!("{} 年 {} 月 {} 日", last.year(), last.month(), last.day()),
            Self::Unknown(year) => format!("待定（{year} 年的放假安排还没有公布）"),
        }
    }

    /// The last day as papers have it.
    pub fn on_paper(self) -> String {
        match self {
            Self::Until(last) => crate::paper::date(last),
            Self::Unknown(_) => self.words(),
        }
    }
}

/// What was objected, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Objections {
    /// Not answered yet, whenever they were raised.
    pub unanswered: usize,
    /// Those of them that were raised in time.
    pub in_time: usize,
    /// Accepted, and neither settled anew nor corrected since.
    pub accepted: usize,
}

/// What an act needs to know of a run.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Today.
    pub today: Date,
    /// The day on which it was settled.
    pub settled_on: Date,
    /// The last day on which a cancellation counts for its month.
    pub cut_off: Date,
    /// Groups that are undecided or infeasible.
    pub open_groups: usize,
    /// Whether an authorising document covers the whole month.
    pub authorised: bool,
    /// Whether it was handed over before notices were part of the course: it goes on without one.
    pub unnoticed: bool,
    /// Whether another has checked it.
    pub checked: bool,
    /// Until when its notice and the time for objections run, once it was put up.
    pub notice: Option<Term>,
    /// What was objected.
    pub objections: Objections,
    /// Whether it was submitted.
    pub submitted: bool,
    /// Signatures, 0 to 2.
    pub approvals: usize,
    /// Whether a later run of the unit and month took its place.
    pub replaced: bool,
}

impl Standing {
    /// Locked for ever: two have signed.
    pub fn approved(&self) -> bool {
        self.approvals >= 2
    }

    /// 试算: cancellations may still come.
    pub fn is_trial(&self) -> bool {
        self.settled_on <= self.cut_off
    }

    /// Whether the notice is up today.
    pub fn is_up(&self) -> bool {
        !self.replaced && self.notice.is_some_and(|term| !term.is_over(self.today))
    }

    /// Whether what it carries besides the shares may still change: before others have checked it.
    pub fn is_draft(&self) -> bool {
        !self.replaced && !self.checked && self.notice.is_none() && !self.submitted
    }

    /// How far it is, in a word and the colour of its tag.
    pub fn words(&self) -> (&'static str, &'static str) {
        match () {
            () if self.replaced => ("已被取代", ""),
            () if self.approved() => ("已核准", "ok"),
            () if self.objections.accepted > 0 => ("待重新结算", "wait"),
            () if self.approvals == 1 => ("会签中 1/2", "on"),
            () if self.submitted => ("会签中 0/2", "on"),
            () if self.is_up() => ("公示中", "on"),
            () if self.objections.in_time > 0 => ("待答复异议", "wait"),
            () if self.notice.is_some() => ("公示期满", "wait"),
            () if self.open_groups > 0 => ("待决", "wait"),
            () if self.is_trial() => ("试算", ""),
            () if self.checked => ("待公示", "wait"),
            () => ("待核对", "wait"),
        }
    }

    /// Whether `who` may say that it was gone through: another than who settled, and nobody who receives from it.
    pub fn check(&self, who: Signatory) -> Result<(), CannotCheck> {
        match () {
            () if self.replaced => Err(CannotCheck::Replaced),
            () if self.checked || self.notice.is_some() || self.submitted => Err(CannotCheck::Already),
            () if self.is_trial() => Err(CannotCheck::Trial(self.cut_off)),
            () if self.open_groups > 0 => Err(CannotCheck::Open(self.open_groups)),
            () if who.settled => Err(CannotCheck::SettledIt),
            () if who.receives => Err(CannotCheck::ReceivesFromIt),
            () => Ok(()),
        }
    }

    /// Whether its notice may be put up.
    pub fn put_up(&self) -> Result<(), CannotPutUp> {
        match () {
            () if self.replaced => Err(CannotPutUp::Replaced),
            () if self.notice.is_some() || self.submitted => Err(CannotPutUp::Already),
            () if !self.authorised => Err(CannotPutUp::NoDocument),
            () if !self.checked => Err(CannotPutUp::NotChecked),
            () => Ok(()),
        }
    }

    /// Whether somebody in it may object. Until it is known what was paid, and after: a mistake is a mistake on any day.
    pub fn object(&self, waiting: bool) -> Result<(), CannotObject> {
        match () {
            () if self.replaced => Err(CannotObject::Replaced),
            () if self.notice.is_none() && !self.submitted => Err(CannotObject::NotUp),
            () if waiting => Err(CannotObject::Waiting),
            () => Ok(()),
        }
    }

    /// Whether it may be settled again in another's place. Nothing that was said against it gets lost on the way.
    pub fn settle_anew(&self) -> Result<(), CannotSettleAnew> {
        settle_anew(self.approved(), self.objections.unanswered)
    }

    /// Whether it may go to the signatories.
    pub fn submit(&self) -> Result<(), CannotSubmit> {
        match () {
            () if self.replaced => Err(CannotSubmit::Replaced),
            () if self.submitted => Err(CannotSubmit::Already),
            () if !self.authorised => Err(CannotSubmit::NoDocument),
            () if self.is_trial() => Err(CannotSubmit::Trial(self.cut_off)),
            () if self.open_groups > 0 => Err(CannotSubmit::Open(self.open_groups)),
            () => self.cleared().map_err(CannotSubmit::NotCleared),
        }
    }

    /// Whether `who` may sign it.
    ///
    /// Two different officials sign, and neither is the one who settled or submitted it. Nor does anybody sign who
    /// receives from it, in whatever class: 公务员法 art. 76 keeps an official from business that touches his own
    /// interest, and the shares of one run come out of pools whose settlement he would be confirming.
    pub fn approve(&self, who: Signatory) -> Result<(), CannotApprove> {
        match () {
            () if self.replaced => return Err(CannotApprove::Replaced),
            () if self.approved() => return Err(CannotApprove::Locked),
            () if !self.submitted => return Err(CannotApprove::NotSubmitted),
            () if !self.authorised => return Err(CannotApprove::NoDocument),
            () => self.cleared().map_err(CannotApprove::NotCleared)?,
        }
        match () {
            () if who.settled => Err(CannotApprove::SettledIt),
            () if who.receives => Err(CannotApprove::ReceivesFromIt),
            () if who.signed => Err(CannotApprove::SignedBefore),
            () => Ok(()),
        }
    }

    /// Whether it was checked and put up, its time is over, and nothing said against it in time is open.
    fn cleared(&self) -> Result<(), NotCleared> {
        if self.objections.accepted > 0 {
            return Err(NotCleared::Accepted(self.objections.accepted));
        }
        match self.notice {
            _ if self.unnoticed => Ok(()),
            _ if !self.checked => Err(NotCleared::NotChecked),
            None => Err(NotCleared::NoNotice),
            Some(term) if !term.is_over(self.today) => Err(NotCleared::StillUp(term)),
            Some(_) if self.objections.in_time > 0 => Err(NotCleared::Unanswered(self.objections.in_time)),
            Some(_) => Ok(()),
        }
    }
}

/// What somebody had to do with a run before checking or signing it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signatory {
    /// Settled or submitted it, or wrote a correction that it carries.
    pub settled: bool,
    /// Has a share in it.
    pub receives: bool,
    /// Signed it.
    pub signed: bool,
}

/// Why a run is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotCheck {
    /// A later one took its place.
    #[error("这次结算已被重新结算取代")]
    Replaced,
    /// It was.
    #[error("已经核对")]
    Already,
    /// Cancellations may still come.
    #[error("销号截止日 {0} 之前的结算只是试算：截止之后重新结算，再核对")]
    Trial(Date),
    /// Groups wait for a ranking or a waiver.
    #[error("还有 {0} 个组待评议或差额不可行，处理后重新结算，再核对")]
    Open(usize),
    /// Two pairs of eyes.
    #[error("结算的人不能核对自己的结算，由另一人核对")]
    SettledIt,
    /// 公务员法 art. 76.
    #[error("本次结算里有您本人的份额，请回避（《公务员法》第七十六条），由另一人核对")]
    ReceivesFromIt,
}

/// Why no notice is put up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotPutUp {
    /// A later one took its place.
    #[error("这次结算已被重新结算取代")]
    Replaced,
    /// It was.
    #[error("已经公示")]
    Already,
    /// Nothing allows it.
    #[error("没有覆盖当月的授权文件，不能公示。{LAW}")]
    NoDocument,
    /// Another has not gone through it.
    #[error("还没有核对：由结算以外的人核对之后公示")]
    NotChecked,
}

/// Why an objection is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotObject {
    /// A later one took its place.
    #[error("这次结算已被重新结算取代，请到重新公示的那一次提出")]
    Replaced,
    /// Nobody could know it yet.
    #[error("结果还没有公示")]
    NotUp,
    /// The last one is not answered.
    #[error("您的异议还没有答复，答复之后可以再提")]
    Waiting,
    /// Nothing is said.
    #[error("请写明哪里不对、依据是什么，5 至 1000 字")]
    Content,
}

/// Why an objection is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotAnswer {
    /// Somebody did.
    #[error("这件异议已经答复")]
    Answered,
    /// 公务员法 art. 76.
    #[error("这是您本人的异议，请回避（《公务员法》第七十六条），由另一人答复")]
    Own,
    /// Neither accepted nor not.
    #[error("请选择异议成立还是不成立")]
    Verdict,
    /// No reasons.
    #[error("请写明答复的理由，5 至 1000 字")]
    Reasons,
}

/// An objection as the answer is judged by it.
#[derive(Clone, Copy, Debug)]
pub struct Answering<'a> {
    /// Whether it was answered.
    pub answered: bool,
    /// Whether it is that of who answers.
    pub own: bool,
    /// accepted or rejected, as typed.
    pub verdict: &'a str,
    /// The reasons.
    pub reasons: &'a str,
}

/// Whether the objection is accepted.
pub fn answer(of: &Answering<'_>) -> Result<bool, CannotAnswer> {
    let verdict = match of.verdict {
        "accepted" => Some(true),
        "rejected" => Some(false),
        _ => None,
    };
    match verdict {
        _ if of.answered => Err(CannotAnswer::Answered),
        _ if of.own => Err(CannotAnswer::Own),
        None => Err(CannotAnswer::Verdict),
        Some(_) if !is_said(of.reasons) => Err(CannotAnswer::Reasons),
        Some(accepted) => Ok(accepted),
    }
}

/// Whether an objection or an answer says something.
pub fn is_said(text: &str) -> bool {
    (5..=1_000).contains(&text.chars().count())
}

/// Whether a run that is locked or not, with so many objections unanswered, may be settled again in another's place.
pub fn settle_anew(locked: bool, unanswered: usize) -> Result<(), CannotSettleAnew> {
    match unanswered {
        _ if locked => Err(CannotSettleAnew::Locked),
        0 => Ok(()),
        unanswered => Err(CannotSettleAnew::Unanswered(unanswered)),
    }
}

/// Why a run is not settled anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSettleAnew {
    /// Two have signed.
    #[error("两人已经核准，不再重新结算；有错误的，在以后月份作更正，写明更正的是哪一次")]
    Locked,
    /// Somebody waits for an answer to this very run.
    #[error("还有 {0} 件异议没有答复：先答复，再重新结算")]
    Unanswered(usize),
}

/// What still stands before the signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCleared {
    /// It has to be settled anew.
    #[error("{0} 件异议成立：改正有误的登记后重新结算，有变动的人重新公示")]
    Accepted(usize),
    /// Another has not gone through it.
    #[error("还没有核对：由结算以外的人核对之后公示")]
    NotChecked,
    /// It was not put up.
    #[error("还没有公示")]
    NoNotice,
    /// It is up.
    #[error("还在公示和提异议的期限内，末日 {}", .0.words())]
    StillUp(Term),
    /// Objections in time.
    #[error("公示期内提出的 {0} 件异议还没有答复")]
    Unanswered(usize),
}

/// Why a run is not submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSubmit {
    /// A later one took its place.
    #[error("这次结算已被重新结算取代")]
    Replaced,
    /// It was.
    #[error("已经提交会签")]
    Already,
    /// Nothing allows it.
    #[error("没有覆盖当月的授权文件，不能提交。{LAW}")]
    NoDocument,
    /// Cancellations may still come.
    #[error("销号截止日 {0} 之前的结算只是试算：截止之后重新结算，再提交")]
    Trial(Date),
    /// Groups wait for a ranking or a waiver.
    #[error("还有 {0} 个组待评议或差额不可行，处理后重新结算，再提交")]
    Open(usize),
    /// The course before it is not run.
    #[error(transparent)]
    NotCleared(NotCleared),
}

/// Why somebody does not sign a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotApprove {
    /// A later one took its place.
    #[error("这次结算已被重新结算取代")]
    Replaced,
    /// Two have signed.
    #[error("两人已经核准，不再改动")]
    Locked,
    /// Personnel has not submitted it.
    #[error("人事部门还没有提交会签")]
    NotSubmitted,
    /// Nothing allows it.
    #[error("没有覆盖当月的授权文件，不能核准。{LAW}")]
    NoDocument,
    /// The course before it is not run.
    #[error(transparent)]
    NotCleared(NotCleared),
    /// Two keys.
    #[error("结算或提交的人不能核准自己经手的结算")]
    SettledIt,
    /// 公务员法 art. 76.
    #[error("本次结算里有您本人的份额，请回避（《公务员法》第七十六条），由另一位有权核准的人核准")]
    ReceivesFromIt,
    /// The other key is somebody else's.
    #[error("您已经核准，还需另一人核准")]
    SignedBefore,
}

#[cfg(test)]
#[path = "course_tests.rs"]
mod tests;
