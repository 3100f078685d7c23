//! Who belongs to which group, who may sign, and when: what this room decides around the arithmetic of `policy::pay`.
//! Pure: values in, values out.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::values::{GroupBounds, PayClass, PolicyError};
use policy::{Month, Policy, pay};

/// A post that somebody held on days of the month.
#[derive(Clone, Debug)]
pub struct Held {
    /// The appointment.
    pub appointment: i64,
    /// The unit of the post.
    pub unit: i64,
    /// The post as the classes list it.
    pub listed_as: String,
    /// Whether a post stands above it.
    pub has_superior: bool,
    /// The first day.
    pub from: Date,
    /// The first day on which it is no longer held.
    pub to: Option<Date>,
}

impl Held {
    fn on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// Days of the month that somebody spent in one unit and class, or out of service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay<'a> {
    /// The unit and the class; nothing for days out of service.
    pub place: Option<(i64, &'a PayClass)>,
    /// The first of the days.
    pub from: Date,
    /// How many.
    pub days: u8,
}

/// Where somebody belonged, day by day, over the whole month.
///
/// On a day with several posts the class is the first in the county's order that names one of them, and the unit is
/// that of the post that names it, of several the one held longest. Nobody stands in two groups on one day.
pub fn stays<'a>(policy: &'a Policy, month: Month, held: &[Held]) -> Result<Vec<Stay<'a>>, PolicyError> {
    let mut stays: Vec<Stay<'a>> = Vec::new();
    let mut day = month.first_day();
    while day <= month.last_day() {
        let of_day: Vec<&Held> = held.iter().filter(|held| held.on(day)).collect();
        let place = if of_day.is_empty() {
            None
        } else {
            let posts: Vec<&str> = of_day.iter().map(|held| held.listed_as.as_str()).collect();
            let class = pay::class_of(policy, month.first_day(), &posts)?;
            let names = |held: &&&Held| class.posts.is_empty() || class.posts.contains(&held.listed_as);
            let post = of_day.iter().filter(names).min_by_key(|held| (held.from, held.appointment));
            post.map(|post| (post.unit, class))
        };
        match stays.last_mut() {
            Some(last) if last.place == place => last.days += 1,
            _ => stays.push(Stay { place, from: day, days: 1 }),
        }
        day += 1.day();
    }
    Ok(stays)
}

/// Which groups one run settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The unit that the run is named after.
    pub unit: i64,
    /// Whether it is the county's own unit, whose run settles the classes that form one group over the whole county.
    pub county: bool,
}

impl Scope {
    /// Whether the run settles a class of a unit.
    pub fn settles(self, unit: i64, class: &PayClass) -> bool {
        match class.group {
            GroupBounds::Unit => unit == self.unit,
            GroupBounds::County => self.county,
        }
    }
}

/// The class in whose group an item counts.
///
/// It counts with the unit that approved it (PAY 2). Where its owner held two classes there, the appointment that it
/// is owed in tells; where its owner stood in no group of that unit, it counts where he stood on its due day, else
/// where he stood last.
pub fn counts_with<'a>(
    stays: &[Stay<'a>],
    held: &[Held],
    unit: i64,
    appointment: i64,
    due_on: Date,
) -> Option<(i64, &'a PayClass)> {
    let on = |day: Date| {
        let stay = stays.iter().rfind(|stay| stay.from <= day);
        stay.and_then(|stay| stay.place)
    };
    let there: Vec<_> = stays.iter().filter_map(|stay| stay.place).filter(|(at, _)| *at == unit).collect();
    if there.is_empty() {
        return on(due_on).or_else(|| stays.iter().rev().find_map(|stay| stay.place));
    }
    let month_begins = stays.first()?.from;
    let owed_in = held.iter().find(|held| held.appointment == appointment);
    let first = owed_in.map(|held| held.from.max(month_begins)).and_then(on).filter(|(at, _)| *at == unit);
    first.or_else(|| there.first().copied())
}

/// A ranking as it was typed: a place for each member.
pub fn ranking(typed: &[String]) -> Result<Vec<u32>, NotARanking> {
    let members = typed.len();
    let places: Vec<u32> = typed
        .iter()
        .map(|text| text.trim().parse().ok().filter(|place| (1..=members).contains(&(*place as usize))))
        .collect::<Option<_>>()
        .ok_or(NotARanking(members))?;
    let mut sorted = places.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() == members { Ok(places) } else { Err(NotARanking(members)) }
}

/// A ranking leaves nobody out and has no ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("名次须是 1 至 {0}，每人一个，不能并列，不能缺")]
pub struct NotARanking(pub usize);

/// What an act needs to know of a run.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The day on which it was settled.
    pub settled_on: Date,
    /// The last day on which a cancellation counts for its month.
    pub cut_off: Date,
    /// Groups that are undecided or infeasible.
    pub open_groups: usize,
    /// Whether an authorising document covers the whole month.
    pub authorised: bool,
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

    /// How far it is, in a word and the colour of its tag.
    pub fn words(&self) -> (&'static str, &'static str) {
        match () {
            () if self.replaced => ("已被取代", ""),
            () if self.approved() => ("已核准", "ok"),
            () if self.approvals == 1 => ("会签中 1/2", "on"),
            () if self.submitted => ("会签中 0/2", "on"),
            () if self.open_groups > 0 => ("待决", "wait"),
            () if self.is_trial() => ("试算", ""),
            () => ("待提交", "wait"),
        }
    }

    /// Whether it may go to the signatories.
    pub fn submit(&self) -> Result<(), CannotSubmit> {
        match () {
            () if self.replaced => Err(CannotSubmit::Replaced),
            () if self.submitted => Err(CannotSubmit::Already),
            () if !self.authorised => Err(CannotSubmit::NoDocument),
            () if self.is_trial() => Err(CannotSubmit::Trial(self.cut_off)),
            () if self.open_groups > 0 => Err(CannotSubmit::Open(self.open_groups)),
            () => Ok(()),
        }
    }

    /// Whether `who` may sign it.
    ///
    /// Two different officials sign, and neither is the one who settled or submitted it. Nor does anybody sign who
    /// receives from it, in whatever class: 公务员法 art. 76 keeps an official from business that touches his own
    /// interest, and the shares of one run come out of pools whose settlement he would be confirming.
    pub fn approve(&self, who: Signatory) -> Result<(), CannotApprove> {
        match () {
            () if self.replaced => Err(CannotApprove::Replaced),
            () if self.approved() => Err(CannotApprove::Locked),
            () if !self.submitted => Err(CannotApprove::NotSubmitted),
            () if !self.authorised => Err(CannotApprove::NoDocument),
            () if who.settled => Err(CannotApprove::SettledIt),
            () if who.receives => Err(CannotApprove::ReceivesFromIt),
            () if who.signed => Err(CannotApprove::SignedBefore),
            () => Ok(()),
        }
    }
}

/// What somebody had to do with a run before signing it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signatory {
    /// Settled or submitted it, or wrote a correction that it carries.
    pub settled: bool,
    /// Has a share in it.
    pub receives: bool,
    /// Signed it.
    pub signed: bool,
}

/// What a correction is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Correcting<'a> {
    /// Whether the settlement that is to carry it still waits for its submission.
    pub open: bool,
    /// Whether the run that it names is an approved one of an earlier month of the same unit.
    pub mends_approved: bool,
    /// What the official has from that run so far, earlier corrections included; nothing: has no share in it.
    pub share_fen: Option<i64>,
    /// What of that run's pools is not paid out so far.
    pub left_fen: i64,
    /// The amount in yuan as typed.
    pub amount: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// The fen that a correction pays; negative: takes back.
///
/// No fen comes from nowhere: a run never pays out more than was put into it, and nobody is left with less than
/// nothing of it. What is taken back and not paid to another is forfeited.
pub fn correct(of: &Correcting<'_>) -> Result<i64, CannotCorrect> {
    if !of.open {
        return Err(CannotCorrect::Closed);
    }
    if !of.mends_approved {
        return Err(CannotCorrect::NotApproved);
    }
    let share = of.share_fen.ok_or(CannotCorrect::NoShare)?;
    let fen = fen(of.amount).filter(|fen| *fen != 0).ok_or(CannotCorrect::Amount)?;
    match () {
        () if share + fen < 0 => Err(CannotCorrect::BelowNothing(share)),
        () if fen > of.left_fen => Err(CannotCorrect::MoreThanPutIn(of.left_fen)),
        () if !(5..=500).contains(&of.reason.chars().count()) => Err(CannotCorrect::Reason),
        () => Ok(fen),
    }
}

/// Yuan as typed, with at most two decimals: 1,234.5, -12.50, −12.50.
pub(super) fn fen(typed: &str) -> Option<i64> {
    let (sign, digits) = match typed.strip_prefix(['-', '−']) {
        Some(rest) => (-1, rest),
        None => (1, typed.strip_prefix('+').unwrap_or(typed)),
    };
    let digits = digits.replace(',', "");
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 2 || !plain(whole) || !plain(part) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    Some(sign * (whole * 100 + part))
}

/// Why a settlement is not corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotCorrect {
    /// It goes into a settlement that was submitted or replaced.
    #[error("这次结算已经提交会签或被取代，不能再加更正")]
    Closed,
    /// It names nothing that could be mended.
    #[error("请选择要更正的那一次：本单位以前月份、两人已经核准的结算")]
    NotApproved,
    /// The official is not in it.
    #[error("那一次结算里没有这个编号的干部")]
    NoShare,
    /// No amount.
    #[error("请填写金额，单位元，至多两位小数：补发填正数，收回填负数")]
    Amount,
    /// More than the official had of it.
    #[error("收回的多于他从那一次得到的 {}", policy::money::yuan(*.0))]
    BelowNothing(i64),
    /// More than was put in.
    #[error("那一次的扣入还剩 {} 没有发出，补发不能多于它：先把多发的收回", policy::money::yuan(*.0))]
    MoreThanPutIn(i64),
    /// No reason.
    #[error("请写明更正的理由，5 至 500 字")]
    Reason,
}

/// What asks for a document: without it nothing goes out.
pub const LAW: &str = "《公务员法》第七十九条、第八十条、第八十四条：工资津贴补贴按国家规定执行，任何机关不得违反国家规定自行更改；《公职人员政务处分法》第三十五条：违规发放津贴补贴的要受处分";

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
#[path = "rules_tests.rs"]
mod tests;
