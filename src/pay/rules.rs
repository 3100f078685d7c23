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

/// What a correction is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Correcting<'a> {
    /// Whether the settlement that is to carry it is still a draft that nobody has checked.
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
    /// It goes into a settlement that was checked, put up, submitted or replaced.
    #[error("这次结算已经核对、公示、提交会签或被取代，不能再加更正")]
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

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
