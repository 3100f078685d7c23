//! The statutory clocks of a petition (信访事项): when each is due, and the arithmetic behind it.
//!
//! The count: the day on which a clock starts is not counted (民法典 201); the last day that falls on a
//! rest day moves to the next working day (203; before 2021 民法通则 154). A term that the law gives in
//! 日 is counted in calendar days, one that it gives in 工作日 in working days. Time that the law leaves
//! out (听证 in the re-review) is skipped while counting.

mod count;

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use self::count::{BadSuspension, Suspension};
use self::count::{Stopped, count_days, count_working_days, merge};
use crate::values::{Policy, PolicyError};
use crate::working_days::{Calendar, Day};

/// One of the eight clocks of the 信访工作条例.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// 登记: the petition office registers and routes (article 22).
    Registration,
    /// 告知: the unit tells the petitioner in writing (article 23).
    Notice,
    /// 异议: the unit objects to what was passed to it (article 23), in working days.
    Objection,
    /// 办理: the matter is decided (article 34).
    Handling,
    /// 申请复查: the petitioner asks for a review (article 35).
    ReviewRequest,
    /// 复查: the review is answered (article 35).
    Review,
    /// 申请复核: the petitioner asks for a re-review (article 36).
    ReReviewRequest,
    /// 复核: the re-review is answered (article 36), hearings not counted.
    ReReview,
}

impl Clock {
    /// All clocks, in the order in which a petition meets them.
    pub const ALL: [Self; 8] = [
        Self::Registration,
        Self::Notice,
        Self::Objection,
        Self::Handling,
        Self::ReviewRequest,
        Self::Review,
        Self::ReReviewRequest,
        Self::ReReview,
    ];

    /// The name in code, files and commands: `re-review-request`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Notice => "notice",
            Self::Objection => "objection",
            Self::Handling => "handling",
            Self::ReviewRequest => "review-request",
            Self::Review => "review",
            Self::ReReviewRequest => "re-review-request",
            Self::ReReview => "re-review",
        }
    }

    /// The name on the page: 申请复核.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registration => "登记",
            Self::Notice => "告知",
            Self::Objection => "异议",
            Self::Handling => "办理",
            Self::ReviewRequest => "申请复查",
            Self::Review => "复查",
            Self::ReReviewRequest => "申请复核",
            Self::ReReview => "复核",
        }
    }

    /// What happens on the day on which it starts.
    pub fn start(self) -> &'static str {
        match self {
            Self::Registration => "收到信访事项",
            Self::Notice => "收到信访事项或者转送、交办",
            Self::Objection => "收到转送、交办",
            Self::Handling => "受理",
            Self::ReviewRequest => "信访人收到处理意见",
            Self::Review => "收到复查请求",
            Self::ReReviewRequest => "信访人收到复查意见",
            Self::ReReview => "收到复核请求",
        }
    }

    fn key(self, what: &str) -> String {
        format!("clock.{}.{what}", self.id())
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// The name is none of the eight clocks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("没有名为“{0}”的期限，可用：{names}", names = Clock::ALL.map(Clock::id).join("、"))]
pub struct UnknownClock(String);

impl FromStr for Clock {
    type Err = UnknownClock;

    /// Reads the name in code or the name on the page.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = |clock: &Self| clock.id() == text || clock.name() == text;
        Self::ALL.into_iter().find(named).ok_or_else(|| UnknownClock(text.to_owned()))
    }
}

/// A clock as it runs in one case.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// Which clock.
    pub clock: Clock,
    /// The day on which it starts; it is not counted, and the law of this day gives the length.
    pub from: Date,
    /// Days that are not counted, in any order, overlapping or not.
    pub suspended: &'a [Suspension],
    /// Days by which the unit's head prolonged it; 0 for none.
    pub extended_by: u16,
}

impl Run<'_> {
    /// A clock that starts on `from`, neither suspended nor prolonged.
    pub fn new(clock: Clock, from: Date) -> Self {
        Self { clock, from, suspended: &[], extended_by: 0 }
    }
}

/// One line of the arithmetic, as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is done, in words and figures.
    pub text: String,
    /// The day that results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Where the rule is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// When something is due, why, and how certainly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The last day; none when it lies in working days of a year that is not published.
    pub due: Option<Date>,
    /// The last day before it moved off a rest day.
    pub unmoved: Option<Date>,
    /// The law and article: 《信访工作条例》第三十四条.
    pub article: String,
    /// Whether `due` can still move because the year's arrangement is not published.
    pub provisional: bool,
    /// Why `due` is missing or provisional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The arithmetic.
    pub steps: Vec<Step>,
}

/// Why a clock cannot run as asked; the text is shown to the officer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotRun {
    /// The law leaves out no time for this clock.
    #[error(
        "{name}期限（{article}）没有可以不计入的时间，不能扣除；法规只规定复核的听证时间不计入（《信访工作条例》第三十六条）"
    )]
    NotSuspendable {
        /// The clock's name.
        name: &'static str,
        /// Where its length is written.
        article: String,
    },
    /// The law lets nobody prolong this clock.
    #[error("{name}期限（{article}）不能延长；只有办理期限可以延长")]
    NotExtendable {
        /// The clock's name.
        name: &'static str,
        /// Where its length is written.
        article: String,
    },
    /// More days than the law allows.
    #[error("延长{asked}日超过上限{most}日（{article}）")]
    ExtendedTooFar {
        /// The days asked for.
        asked: u16,
        /// The most that the law allows.
        most: u16,
        /// Where that is written.
        article: String,
    },
    /// The last day lies beyond the year 9999.
    #[error("期限超出可以表示的日期")]
    OutOfRange,
    /// No rule held on the day of the start.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

/// When `run` is due.
///
/// A later start, a longer suspension or a longer extension never makes it due earlier; a missing due
/// day counts as later than every day. A run whose last day lies in an unpublished year is provisional
/// in calendar days (the unmoved day is given) and has no due day in working days.
pub fn deadline(policy: &Policy, calendar: &Calendar, run: &Run) -> Result<Deadline, CannotRun> {
    let Run { clock, from, suspended, extended_by } = *run;
    let in_working_days = policy.knows(&clock.key("working_days"));
    let unit = if in_working_days { "个工作日" } else { "日" };
    let key = clock.key(if in_working_days { "working_days" } else { "days" });
    let length = policy.days(&key, from)?;
    let source = &policy.row(&key, from)?.1.source;
    let article = source.to_string();
    let start_rule = policy.row("time.start_day", from)?.1.source.to_string();

    let mut steps =
        vec![Step {
            text: format!("{from}{}，当日不计入", clock.start()), date: Some(from), source: Some(start_rule)
        }];
    let term = match &source.text {
        Some(words) => format!("期限{length}{unit}：{words}"),
        None => format!("期限{length}{unit}"),
    };
    steps.push(Step { text: term, date: None, source: Some(article.clone()) });
    if extended_by > 0 {
        steps.push(extension(policy, run, &article)?);
    }
    let skipped = merge(suspended);
    if !skipped.is_empty() && !excludes(policy, clock, from) {
        return Err(CannotRun::NotSuspendable { name: clock.name(), article });
    }

    let total = length.saturating_add(extended_by);
    let counted = if in_working_days {
        count_working_days(calendar, from, total, &skipped)
    } else {
        count_days(from, total, &skipped)
    };
    let counted = match counted {
        Ok(counted) => counted,
        Err(Stopped::OutOfRange) => return Err(CannotRun::OutOfRange),
        Err(Stopped::Unpublished { why, after }) => {
            let text = format!("数到第{after}个工作日为止：{why}，暂不能确定到期日");
            steps.push(Step { text, date: None, source: None });
            let why = Some(why);
            return Ok(Deadline { due: None, unmoved: None, article, provisional: true, why, steps });
        }
    };
    for (part, days) in &counted.skipped {
        let key = clock.key("excluded");
        let (what, source) = (policy.word(&key, from)?, &policy.row(&key, from)?.1.source);
        let text = format!("{}至{}{what}，{days}{unit}不计入", part.from(), part.to());
        steps.push(Step { text, date: None, source: Some(source.to_string()) });
    }
    let untouched = |span: &&Suspension| !counted.skipped.iter().any(|(part, _)| part.to() == span.to());
    for span in skipped.iter().filter(untouched) {
        let what = policy.word(&clock.key("excluded"), from)?;
        let text = format!("{}至{}{what}不在期限之内，不影响到期日", span.from(), span.to());
        steps.push(Step { text, date: None, source: None });
    }
    let last = counted.last;
    let text = format!("自{from}的次日起数满{total}{unit}，为{last}");
    steps.push(Step { text, date: Some(last), source: None });
    let rest_rule = policy.row("time.rest_day", last)?.1.source.to_string();
    Ok(off_rest_days(calendar, last, article, rest_rule, steps))
}

/// Whether the time of a hearing is left out of a clock that starts on `from`: by law, or by a county's own value.
pub fn excludes(policy: &Policy, clock: Clock, from: Date) -> bool {
    policy.row(&clock.key("excluded"), from).is_ok()
}

/// Moves `last` to the next working day if it is a rest day, and says so in `steps`.
pub(crate) fn off_rest_days(
    calendar: &Calendar,
    last: Date,
    article: String,
    rest_rule: String,
    mut steps: Vec<Step>,
) -> Deadline {
    let (due, why) = match (calendar.day(last), calendar.working_day_from(last)) {
        (Day::Rest { name }, Ok(moved)) => {
            let text = format!("{last}是休息日（{name}），顺延至{moved}");
            steps.push(Step { text, date: Some(moved), source: Some(rest_rule) });
            (moved, None)
        }
        (_, Ok(_)) => (last, None),
        (_, Err(unpublished)) => {
            let text = format!("{unpublished}，{last}是否顺延待定");
            steps.push(Step { text, date: Some(last), source: Some(rest_rule) });
            (last, Some(unpublished.to_string()))
        }
    };
    let provisional = why.is_some();
    Deadline { due: Some(due), unmoved: Some(last), article, provisional, why, steps }
}

fn extension(policy: &Policy, run: &Run, article: &str) -> Result<Step, CannotRun> {
    let Run { clock, from, extended_by: asked, .. } = *run;
    let key = clock.key("extension_days");
    if !policy.knows(&key) {
        return Err(CannotRun::NotExtendable { name: clock.name(), article: article.to_owned() });
    }
    let most = policy.days(&key, from)?;
    let source = policy.row(&key, from)?.1.source.to_string();
    if asked > most {
        return Err(CannotRun::ExtendedTooFar { asked, most, article: source });
    }
    let text = format!("情况复杂，经负责人批准延长{asked}日（最多{most}日）");
    Ok(Step { text, date: None, source: Some(source) })
}
