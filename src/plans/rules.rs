//! What may be done with a plan item, by whom and when. Pure: values in, values out.

use jiff::civil::Date;
use policy::{Month, Period, Quarter};

/// Who acts, as far as the rules ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    /// The official.
    pub official: i64,
    /// The post acted in.
    pub post: i64,
    /// Acts for the supervision office, which checks and never cancels.
    pub supervision: bool,
}

/// A plan item as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Whose promise it is.
    pub owner: i64,
    /// The post whose holder arranges, freezes and cancels it; nothing where the owner's post has none above it.
    pub superior: Option<i64>,
    /// The month of its plan.
    pub month: Month,
    /// The quarter whose plan it was proposed for, where it is a leader's item of a quarter.
    pub quarter: Option<Quarter>,
    /// The day on which it is due; lies in that month.
    pub due_on: Date,
    /// What has become of it.
    pub condition: Condition,
}

/// What has become of a plan item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// 待定稿: proposed or arranged, not yet frozen.
    Draft,
    /// 退改: a draft that the superior sent back; it is frozen only after it was mended.
    SentBack {
        /// What is to be mended.
        reason: String,
        /// Since when.
        on: Date,
    },
    /// 已合并 or 已拆分 before freezing: others stand in its place.
    Regrouped {
        /// The proposal that it was merged into; nothing: it was split into parts.
        into: Option<i64>,
        /// The day.
        on: Date,
    },
    /// 办理中: frozen, nothing accounted.
    Open,
    /// 已述职: waits for the superior.
    Accounted {
        /// The account that waits.
        account: i64,
        /// The day of completion according to it.
        done_on: Date,
        /// Since when it waits.
        since: Date,
        /// Who gave it.
        given_by: i64,
        /// Made by the closing of its case.
        proposed: bool,
    },
    /// 退回: the account was not accepted.
    Returned {
        /// Why.
        reason: String,
        /// Since when.
        on: Date,
    },
    /// 已销号.
    Cancelled {
        /// The cancellation.
        cancellation: i64,
        /// The day of completion as accepted.
        done_on: Date,
        /// The day of the cancellation.
        on: Date,
    },
    /// 销号已撤回: the number and the first day are kept, and a new account is due.
    Reversed {
        /// Why.
        reason: String,
        /// The day of the reversal.
        on: Date,
        /// The day of the cancellation that was reversed.
        first: Date,
    },
    /// 撤销 with the superior's consent.
    Withdrawn {
        /// Why.
        reason: String,
    },
    /// 顺延 with the superior's consent.
    Deferred {
        /// Its new due date, in a later month.
        to: Date,
        /// Why.
        reason: String,
    },
}

/// What is on record of an item: of each kind of act the latest.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// It has a number.
    pub frozen: bool,
    /// The draft as it stands was sent back: why and when.
    pub sent_back: Option<(String, Date)>,
    /// Merged into another proposal or, with none, split; and when.
    pub regrouped: Option<(Option<i64>, Date)>,
    /// The latest account: id, day of completion, day given, by whom, made by the closing of a case.
    pub account: Option<(i64, Date, Date, i64, bool)>,
    /// Why and when that account was returned.
    pub returned: Option<(String, Date)>,
    /// The latest cancellation: id, its account, day of completion, day.
    pub cancellation: Option<(i64, i64, Date, Date)>,
    /// Why and when that cancellation was reversed.
    pub reversal: Option<(String, Date)>,
    /// Consent to withdrawal or, with a day, to deferral; and why.
    pub relief: Option<(Option<Date>, String)>,
}

impl Condition {
    /// What the record comes to.
    pub fn of(facts: Facts) -> Self {
        if let Some((to, reason)) = facts.relief {
            return match to {
                Some(to) => Self::Deferred { to, reason },
                None => Self::Withdrawn { reason },
            };
        }
        if let Some((into, on)) = facts.regrouped {
            return Self::Regrouped { into, on };
        }
        if !facts.frozen {
            return facts.sent_back.map_or(Self::Draft, |(reason, on)| Self::SentBack { reason, on });
        }
        let accepted = facts.cancellation.map(|(_, account, _, _)| account);
        if let (Some((cancellation, _, done_on, on)), None) = (facts.cancellation, &facts.reversal) {
            return Self::Cancelled { cancellation, done_on, on };
        }
        match (facts.account, facts.returned) {
            (Some((account, done_on, since, given_by, proposed)), None) if accepted < Some(account) => {
                Self::Accounted { account, done_on, since, given_by, proposed }
            }
            (Some((account, ..)), Some((reason, on))) if accepted < Some(account) => Self::Returned { reason, on },
            _ => match (facts.cancellation, facts.reversal) {
                (Some((_, _, _, first)), Some((reason, on))) => Self::Reversed { reason, on, first },
                _ => Self::Open,
            },
        }
    }

    /// The word on pages.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Draft => "待定稿",
            Self::SentBack { .. } => "退改",
            Self::Regrouped { into: Some(_), .. } => "已合并",
            Self::Regrouped { into: None, .. } => "已拆分",
            Self::Open => "未述职",
            Self::Accounted { .. } => "已述职",
            Self::Returned { .. } => "述职退回",
            Self::Cancelled { .. } => "已销号",
            Self::Reversed { .. } => "销号已撤回",
            Self::Withdrawn { .. } => "撤销",
            Self::Deferred { .. } => "顺延",
        }
    }

    /// The word in the address of a filtered ledger.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::SentBack { .. } => "sent_back",
            Self::Regrouped { .. } => "regrouped",
            Self::Open => "open",
            Self::Accounted { .. } => "accounted",
            Self::Returned { .. } => "returned",
            Self::Cancelled { .. } => "cancelled",
            Self::Reversed { .. } => "reversed",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Deferred { .. } => "deferred",
        }
    }

    /// Whether it is still in the hands of its owner: frozen, and neither waiting, cancelled nor relieved.
    pub fn in_hand(&self) -> bool {
        matches!(self, Self::Open | Self::Returned { .. } | Self::Reversed { .. })
    }

    /// Whether it is not frozen.
    pub fn is_draft(&self) -> bool {
        matches!(self, Self::Draft | Self::SentBack { .. })
    }
}

/// Why an item cannot be proposed, arranged or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotPropose {
    /// Only a superior adds to what is frozen.
    #[error("本月预安已经定稿，只能由上级追加")]
    Frozen,
    /// Nobody could freeze it.
    #[error("这个职务没有登记上级，预安项无人定稿和销号，请先由人事登记上级职务")]
    NoSuperior,
    /// Others stand in its place.
    #[error("这一项已经合并或者拆分，请改代替它的那一项")]
    Regrouped,
    /// Neither the owner nor the superior.
    #[error("只有责任人和他的上级可以安排这一项")]
    Stranger,
    /// The month is over.
    #[error("这个月已经过去，不能再预安")]
    Past,
    /// A post that plans by the month alone.
    #[error("这个职务不报季度预安，季度预安由规定值“plan.quarter.posts”列明的职务报")]
    NotQuarterly,
    /// A due date outside of the plan's month.
    #[error("完成期限应在预安的当月之内，季度预安在当季之内")]
    DueElsewhere,
}

/// Why an account cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotAccount {
    /// Only the owner accounts.
    #[error("述职由责任人本人办")]
    NotOwner,
    /// Not frozen.
    #[error("还没有定稿，不能述职")]
    NotFrozen,
    /// One waits already.
    #[error("已经述职，正等上级销号")]
    Waiting,
    /// Nothing is left to account for.
    #[error("这一项已经销号、撤销或者顺延，不用再述职")]
    Over,
    /// A day that has not come.
    #[error("完成日期不能在今天之后")]
    Future,
    /// A day long before the plan.
    #[error("完成日期不能早于预安上报的那个月")]
    TooEarly,
}

/// Why somebody cannot judge an item: cancel, return, reverse, relieve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotJudge {
    /// The doer never cancels.
    #[error("自己的预安项不能由自己销号、退回、撤销或者顺延")]
    Owner,
    /// The supervision office checks and never cancels.
    #[error("督查只检查、抽查，不销号")]
    Supervision,
    /// Only the holder of the post above.
    #[error("只有责任人的上级可以办这一步")]
    NotSuperior,
    /// Whoever gave the account does not accept it.
    #[error("这次述职是您提出的，要由责任人另行述职后再销号")]
    GaveAccount,
    /// Nothing to judge.
    #[error("责任人还没有述职")]
    NoAccount,
    /// Not frozen.
    #[error("还没有定稿")]
    NotFrozen,
    /// Cancelled already.
    #[error("这一项已经销号")]
    Cancelled,
    /// Not cancelled.
    #[error("这一项没有销号，不能撤回")]
    NotCancelled,
    /// Withdrawn or deferred.
    #[error("这一项已经撤销或者顺延")]
    Relieved,
    /// 顺延 to the same or an earlier month.
    #[error("顺延应到以后的月份")]
    SameMonth,
    /// 顺延 to a day that is past.
    #[error("顺延到的那一天已经过去")]
    Passed,
    /// The month is settled from what stood on that day.
    #[error("{0} 销号截止，这个月的结算已定，不能再撤销或者顺延")]
    CutOff(Date),
    /// The first key is turned.
    #[error("第一人已经销号，等上一级第二人确认")]
    Keyed,
    /// One person turns both keys.
    #[error("第一人已经由您销号，要由另一人确认")]
    SamePerson,
    /// The second key is that of somebody else.
    #[error("第二人确认由上级的上级办")]
    NotAbove,
    /// The second key is turned, or the account was returned.
    #[error("这一项别人已经办过，不用再确认")]
    Confirmed,
    /// 顺延 of somebody whose plan nobody could freeze any more.
    #[error("责任人现在没有由上级定稿的职务，不能顺延，可以撤销")]
    NoPost,
}

/// What a superior sends back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// A proposal, to be mended.
    Proposal,
    /// The account of that id.
    Account(i64),
}

/// An account as it is accepted by a cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The account.
    pub account: i64,
    /// The day of completion as accounted; whoever doubts it returns the account.
    pub done_on: Date,
}

/// How an item is about to enter a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// A draft for the freezing to come.
    Draft,
    /// 追加: the superior adds it to what is frozen; it gets its number at once and is shown apart.
    Added,
}

/// Whether `who` may put an item of `owner` into the plan of `month`.
pub fn propose(
    who: Who,
    owner: i64,
    superior: Option<i64>,
    month: Month,
    due_on: Date,
    frozen: bool,
    today: Date,
) -> Result<Entrance, CannotPropose> {
    let superior = superior.ok_or(CannotPropose::NoSuperior)?;
    let arranges = superior == who.post && owner != who.official;
    match () {
        () if owner != who.official && !arranges => Err(CannotPropose::Stranger),
        () if month.last_day() < today => Err(CannotPropose::Past),
        () if Month::of(due_on) != month => Err(CannotPropose::DueElsewhere),
        () if !frozen => Ok(Entrance::Draft),
        () if arranges => Ok(Entrance::Added),
        () => Err(CannotPropose::Frozen),
    }
}

/// Days by which something done on a day was late; 0 on the due date and before.
pub fn days_late(done_on: Date, due_on: Date) -> i32 {
    (done_on - due_on).get_days().max(0)
}

impl Item {
    /// What it was promised for: its quarter, or its month.
    pub fn period(&self) -> Period {
        self.quarter.map_or(Period::Month(self.month), Period::Quarter)
    }

    /// Changing the wording, the weight or the day: by owner or superior, before freezing only.
    pub fn revise(&self, who: Who, due_on: Date) -> Result<(), CannotPropose> {
        let superior = self.superior == Some(who.post) && !who.supervision;
        match () {
            () if self.owner != who.official && !superior => Err(CannotPropose::Stranger),
            () if matches!(self.condition, Condition::Regrouped { .. }) => Err(CannotPropose::Regrouped),
            () if !self.condition.is_draft() => Err(CannotPropose::Frozen),
            () if !self.period().contains(due_on) => Err(CannotPropose::DueElsewhere),
            () => Ok(()),
        }
    }

    /// Whether a freezing by `who` takes this item in: a draft of somebody below, not sent back.
    pub fn freezes(&self, who: Who) -> bool {
        self.condition == Condition::Draft && self.judge(who).is_ok()
    }

    /// 述职: the owner says that it was done on `done_on`. An account that a closing made gives way to the owner's own.
    pub fn account(&self, who: Who, done_on: Date, today: Date) -> Result<(), CannotAccount> {
        match &self.condition {
            _ if self.owner != who.official => Err(CannotAccount::NotOwner),
            Condition::Draft | Condition::SentBack { .. } | Condition::Regrouped { .. } => {
                Err(CannotAccount::NotFrozen)
            }
            Condition::Accounted { proposed: false, .. } => Err(CannotAccount::Waiting),
            Condition::Cancelled { .. } | Condition::Withdrawn { .. } | Condition::Deferred { .. } => {
                Err(CannotAccount::Over)
            }
            _ if done_on > today => Err(CannotAccount::Future),
            _ if done_on < self.month.plus(-1).first_day() => Err(CannotAccount::TooEarly),
            _ => Ok(()),
        }
    }

    /// Who may judge the item at all: the holder of the post above the owner's, never the owner, never supervision.
    fn judge(&self, who: Who) -> Result<(), CannotJudge> {
        match () {
            () if self.owner == who.official => Err(CannotJudge::Owner),
            () if who.supervision => Err(CannotJudge::Supervision),
            () if self.superior != Some(who.post) => Err(CannotJudge::NotSuperior),
            () => Ok(()),
        }
    }

    /// Whether `who` is the one who judges it.
    pub fn is_judged_by(&self, who: Who) -> bool {
        self.judge(who).is_ok()
    }

    /// 销号: accepts the account that waits.
    pub fn cancel(&self, who: Who) -> Result<Accepted, CannotJudge> {
        self.judge(who)?;
        match self.condition {
            Condition::Accounted { given_by, .. } if given_by == who.official => Err(CannotJudge::GaveAccount),
            Condition::Accounted { account, done_on, .. } => Ok(Accepted { account, done_on }),
            Condition::Cancelled { .. } => Err(CannotJudge::Cancelled),
            Condition::Withdrawn { .. } | Condition::Deferred { .. } => Err(CannotJudge::Relieved),
            Condition::Draft | Condition::SentBack { .. } | Condition::Regrouped { .. } => Err(CannotJudge::NotFrozen),
            Condition::Open | Condition::Returned { .. } | Condition::Reversed { .. } => Err(CannotJudge::NoAccount),
        }
    }

    /// 退回: sends a proposal back to be mended, or does not accept the account.
    pub fn send_back(&self, who: Who) -> Result<Back, CannotJudge> {
        self.judge(who)?;
        match self.condition {
            Condition::Draft => Ok(Back::Proposal),
            Condition::Accounted { account, .. } => Ok(Back::Account(account)),
            Condition::Cancelled { .. } => Err(CannotJudge::Cancelled),
            Condition::Withdrawn { .. } | Condition::Deferred { .. } => Err(CannotJudge::Relieved),
            Condition::Regrouped { .. } => Err(CannotJudge::NotFrozen),
            _ => Err(CannotJudge::NoAccount),
        }
    }

    /// 撤回销号: the cancellation that is to be reversed.
    pub fn reverse(&self, who: Who) -> Result<i64, CannotJudge> {
        self.judge(who)?;
        match self.condition {
            Condition::Cancelled { cancellation, .. } => Ok(cancellation),
            _ => Err(CannotJudge::NotCancelled),
        }
    }

    /// Whether it can still be withdrawn or deferred, by whoever judges it.
    pub fn relieve_open(&self) -> bool {
        self.condition.in_hand() || matches!(self.condition, Condition::Accounted { .. })
    }

    /// 撤销, or 顺延 to a day of a later month that is not past: as long as the month can still be cancelled in.
    pub fn relieve(&self, who: Who, to: Option<Date>, cancel_by: Date, today: Date) -> Result<(), CannotJudge> {
        self.judge(who)?;
        match self.condition {
            Condition::Draft | Condition::SentBack { .. } | Condition::Regrouped { .. } => Err(CannotJudge::NotFrozen),
            Condition::Cancelled { .. } => Err(CannotJudge::Cancelled),
            Condition::Withdrawn { .. } | Condition::Deferred { .. } => Err(CannotJudge::Relieved),
            _ if today > cancel_by => Err(CannotJudge::CutOff(cancel_by)),
            _ if to.is_some_and(|to| Month::of(to) <= self.month) => Err(CannotJudge::SameMonth),
            _ if to.is_some_and(|to| to < today) => Err(CannotJudge::Passed),
            _ => Ok(()),
        }
    }
}

/// An item's number as it is written: 攸预〔2026〕11-0418号.
pub fn number(month: Month, serial: i64) -> String {
    format!("攸预〔{}〕{:02}-{serial:04}号", month.year(), month.number())
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
