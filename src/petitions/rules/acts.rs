//! The acts on a petition: what can be done, in which words, and why it may not be.

use jiff::civil::Date;
use serde::Serialize;

use super::{Agreement, Category, State, Unreviewable};
use crate::entries::rules::WrongDay;

use crate::words::words;

words! {
    /// The three outcomes of a written opinion (art. 32).
    Outcome {
        /// 予以支持.
        Supported = "supported", "予以支持";
        /// 解释说明: reasonable, but without a basis in law.
        Explained = "explained", "解释说明";
        /// 不予支持.
        NotSupported = "not_supported", "不予支持";
    }
}

words! {
    /// A paper for the petitioner.
    Paper {
        /// 受理告知书 (art. 23).
        Notice = "notice", "受理告知书";
        /// 延期告知书 (art. 34).
        Extension = "extension", "延期告知书";
        /// 处理意见书 (art. 32).
        Opinion = "opinion", "处理意见书";
        /// 转送告知书, 不予受理告知书 of what goes to another organ (arts. 22, 30, 31).
        Forwarding = "forwarding", "转送（不予受理）告知书";
    }
}

words! {
    /// How a paper reached the petitioner.
    Manner {
        /// 当面.
        InPerson = "in_person", "当面送达";
        /// 邮寄.
        Post = "post", "邮寄送达";
        /// 网上.
        Online = "online", "网上送达";
        /// 留置.
        Left = "left", "留置送达";
    }
}

words! {
    /// Part of a unit in handling a petition.
    Part {
        /// 主办: accepts and answers.
        Lead = "lead", "主办";
        /// 协办: helps.
        Help = "help", "协办";
    }
}

words! {
    /// What a petition came to. 息访 is not among them: that somebody stopped coming answers nothing.
    Resolution {
        /// 已化解: settled, by the petitioner's own word.
        Resolved = "resolved", "已化解";
        /// 已答复: answered; review and re-review stay open.
        Answered = "answered", "已答复";
        /// 信访人撤回: the petitioner's own withdrawal, by signature or code.
        Withdrawn = "withdrawn", "信访人撤回";
    }
}

words! {
    /// The five duties of a leader to whom a petition is bound (五包). They bind the leader, never the citizen.
    Duty {
        /// 包调查.
        Investigated = "investigated", "包调查";
        /// 包处理: decided and carried out.
        Handled = "handled", "包处理";
        /// 包稳控: explained and answered.
        Explained = "explained", "包稳控";
        /// 包息访: the written answer was served and accepted or reviewed.
        Settled = "settled", "包息访";
        /// 包转化: called back after closing, and the matter stays settled.
        CalledBack = "called_back", "包转化";
    }
}

words! {
    /// Of which level a superior authority is (陪访).
    Level {
        /// 市.
        City = "city", "市里";
        /// 省.
        Province = "province", "省里";
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    /// The official; nobody: the petitioner.
    pub official: Option<i64>,
    /// The unit acted for; nobody: the petitioner.
    pub unit: Option<i64>,
}

impl Party {
    /// The petitioner, by the code on the receipt.
    pub const PETITIONER: Self = Self { official: None, unit: None };
}

/// What is done. Texts are tidied and measured by the forms before they come here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// 分类.
    Classify {
        /// One of the three categories.
        category: Category,
        /// Branch of art. 31, for claims.
        branch: Option<i64>,
    },
    /// 登记回避: exactly one of the two.
    Recuse {
        /// A unit that may not see the petition.
        unit: Option<i64>,
        /// A person who may not see it.
        official: Option<i64>,
    },
    /// 转送 to the organ that the law names.
    Forward {
        /// Its name.
        organ: String,
        /// The letter to it.
        letter: String,
    },
    /// 交办.
    Assign {
        /// To whom.
        unit: i64,
        /// Lead or help.
        part: Part,
        /// What is asked.
        instruction: String,
    },
    /// 受理.
    Accept {
        /// What the notice tells: who handles it and how.
        path: String,
    },
    /// 提出异议: not ours, with reasons; within five working days of dispatch, before acceptance (art. 23).
    Object {
        /// Why not.
        reason: String,
    },
    /// 同意退回: the sender takes the petition back after an objection.
    TakeBack,
    /// 不同意异议: the sender does not agree, and asks the common superior.
    Refer {
        /// Why it is that unit's.
        reason: String,
    },
    /// 报请定主办: lead and helpers do not agree on who leads.
    Deadlock {
        /// What each holds.
        reason: String,
    },
    /// 裁定: the common superior names the unit that leads.
    Rule {
        /// Which unit.
        unit: i64,
        /// Why.
        reason: String,
    },
    /// 延期, by the head of the unit.
    Extend {
        /// Up to thirty.
        days: i64,
        /// Told to the petitioner.
        reason: String,
    },
    /// 听证: days that are left out of the clocks that the law or the county's document lets stand still.
    Hear {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// Told to the petitioner.
        reason: String,
    },
    /// 出具处理意见书.
    Issue {
        /// One of three.
        outcome: Outcome,
        /// What was asked for.
        request: String,
        /// What was found.
        facts: String,
        /// The law or policy it rests on.
        basis: String,
        /// The opinion.
        reply: String,
    },
    /// 送达.
    Serve {
        /// Which paper.
        paper: Paper,
        /// When it arrived.
        on: Date,
        /// How.
        manner: Manner,
        /// Who signed; empty where nobody did.
        signed_by: String,
    },
    /// The petitioner's own word that the answer was received.
    Acknowledge,
    /// 回访.
    CallBack {
        /// When.
        on: Date,
        /// Whether somebody answered.
        reached: bool,
        /// What was said.
        content: String,
    },
    /// 调解、和解 (art. 33).
    Settle {
        /// What both signed.
        agreement: Agreement,
    },
    /// 信访人撤回.
    Withdraw {
        /// In the petitioner's words.
        reason: String,
    },
    /// 联系不上: name or address do not lead to the petitioner, so that nobody can be told (art. 23).
    Unreach {
        /// Which ways were tried, and when.
        reason: String,
    },
    /// 执行情况: what was supported or agreed is carried out (art. 32).
    Execute {
        /// What was carried out.
        content: String,
        /// Nothing is left to do.
        done: bool,
    },
    /// 重新办理: the answer is set aside.
    Reopen {
        /// Why.
        reason: String,
        /// The review that ordered it.
        review: Option<i64>,
    },
    /// 包案.
    Bind {
        /// To which leader.
        leader: i64,
        /// The binding's own deadline.
        due_on: Date,
    },
    /// End of a binding.
    Unbind,
    /// 记一次办理.
    Step {
        /// When.
        on: Date,
        /// Which of the five duties it is evidence of.
        duty: Option<Duty>,
        /// What was done.
        content: String,
    },
    /// 办结销号.
    Close {
        /// What it came to.
        resolution: Resolution,
    },
}

/// What can be done, without what it would say: for asking which forms a card offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// 分类.
    Classification,
    /// 回避.
    Recusal,
    /// 转送.
    Forwarding,
    /// 交办, as lead.
    Assignment,
    /// 增加协办单位.
    Help,
    /// 受理.
    Acceptance,
    /// 异议.
    Objection,
    /// 同意退回.
    TakingBack,
    /// 不同意异议.
    Referral,
    /// 报请定主办.
    Deadlock,
    /// 裁定.
    Ruling,
    /// 延期.
    Extension,
    /// 听证.
    Hearing,
    /// 处理意见书.
    Opinion,
    /// 送达.
    Service(Paper),
    /// 信访人签收.
    Acknowledgment,
    /// 回访.
    CallBack,
    /// 调解、和解.
    Settlement,
    /// 信访人撤回.
    Withdrawal,
    /// 联系不上.
    Unreachability,
    /// 执行情况.
    Execution,
    /// 重新办理.
    Reopening,
    /// 包案.
    Binding,
    /// 结束包案.
    Unbinding,
    /// 记一次办理.
    Step,
    /// 办结.
    Closure,
}

impl Act {
    /// Its noun.
    pub fn noun(&self) -> Noun {
        match self {
            Self::Classify { .. } => Noun::Classification,
            Self::Recuse { .. } => Noun::Recusal,
            Self::Forward { .. } => Noun::Forwarding,
            Self::Assign { part: Part::Lead, .. } => Noun::Assignment,
            Self::Assign { part: Part::Help, .. } => Noun::Help,
            Self::Accept { .. } => Noun::Acceptance,
            Self::Object { .. } => Noun::Objection,
            Self::TakeBack => Noun::TakingBack,
            Self::Refer { .. } => Noun::Referral,
            Self::Deadlock { .. } => Noun::Deadlock,
            Self::Rule { .. } => Noun::Ruling,
            Self::Extend { .. } => Noun::Extension,
            Self::Hear { .. } => Noun::Hearing,
            Self::Issue { .. } => Noun::Opinion,
            Self::Serve { paper, .. } => Noun::Service(*paper),
            Self::Acknowledge => Noun::Acknowledgment,
            Self::CallBack { .. } => Noun::CallBack,
            Self::Settle { .. } => Noun::Settlement,
            Self::Withdraw { .. } => Noun::Withdrawal,
            Self::Unreach { .. } => Noun::Unreachability,
            Self::Execute { .. } => Noun::Execution,
            Self::Reopen { .. } => Noun::Reopening,
            Self::Bind { .. } => Noun::Binding,
            Self::Unbind => Noun::Unbinding,
            Self::Step { .. } => Noun::Step,
            Self::Close { .. } => Noun::Closure,
        }
    }

    /// The action under which the chain keeps it.
    pub fn record(&self) -> &'static str {
        match self {
            Self::Classify { .. } => "petition.classified",
            Self::Recuse { .. } => "petition.recused",
            Self::Forward { .. } => "petition.forwarded",
            Self::Assign { .. } => "petition.assigned",
            Self::Accept { .. } => "petition.accepted",
            Self::Object { .. } => "petition.objected",
            Self::TakeBack => "petition.taken_back",
            Self::Refer { .. } => "petition.referred",
            Self::Deadlock { .. } => "petition.deadlocked",
            Self::Rule { .. } => "petition.ruled",
            Self::Extend { .. } => "petition.extended",
            Self::Hear { .. } => "petition.heard",
            Self::Issue { .. } => "petition.opinion_issued",
            Self::Serve { .. } => "petition.served",
            Self::Acknowledge => "petition.acknowledged",
            Self::CallBack { .. } => "petition.called_back",
            Self::Settle { .. } => "petition.settled",
            Self::Withdraw { .. } => "petition.withdrawn",
            Self::Unreach { .. } => "petition.unreachable",
            Self::Execute { .. } => "petition.executed",
            Self::Reopen { .. } => "petition.reopened",
            Self::Bind { .. } => "petition.bound",
            Self::Unbind => "petition.unbound",
            Self::Step { .. } => "petition.step",
            Self::Close { .. } => "petition.closed",
        }
    }
}

/// Why something may not be done; the text is for the person who tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Acts after the end.
    #[error("这件事{0}，不能再办这一步")]
    Over(State),
    /// Not at this stage.
    #[error("现在的状态是“{0}”，还不能办这一步")]
    NotYet(State),
    /// At a later stage already.
    #[error("这一步已经办过了")]
    Done,
    /// A claim without its branch, or a branch without a claim.
    #[error("申诉求决类请选择第三十一条的具体情形，其他类别不选")]
    BranchMissing,
    /// Assignment or forwarding of what is not sorted.
    #[error("请先分类：类别决定交给谁、有没有 60 日的办理期限")]
    Unsorted,
    /// What the law sends elsewhere was to be assigned.
    #[error("{0}应当转送，不能交办（《信访工作条例》第三十、三十一条）")]
    ForwardInstead(&'static str),
    /// What is ours was to be forwarded.
    #[error("这一类事项由责任单位办理，请交办")]
    AssignInstead,
    /// The organ named is complained of.
    #[error("不得转给被检举、控告的单位（《信访工作条例》第三十条）")]
    ToTheAccused,
    /// A unit that whom it complains of heads, or that belongs to a unit complained of.
    #[error("被反映的人是该单位负责人，或者该单位隶属于被反映的单位，不能交给它办（《信访工作条例》第三十条）")]
    AnswersToTheAccused,
    /// The party or unit is to be kept from it.
    #[error("该单位或人员应当回避（《信访工作条例》第二十八、三十条）")]
    Recused,
    /// Registered already.
    #[error("已经登记过这项回避")]
    AlreadyRecused,
    /// Neither or both.
    #[error("请选择一个单位，或者填写一位干部")]
    OneRecusal,
    /// The unit takes part already.
    #[error("这个单位已经在办")]
    TakesPart,
    /// Not the lead unit.
    #[error("只有主办单位可以办这一步")]
    NotTheLead,
    /// Taking back without an objection.
    #[error("责任单位没有提出异议，不能退回")]
    NoObjection,
    /// The objection came too late.
    #[error("提出异议的期限（5 个工作日）已过（《信访工作条例》第二十三条）")]
    ObjectionLate,
    /// An objection without an assignment to object to, or a second one.
    #[error("异议已经提出，等信访部门决定")]
    ObjectionRaised,
    /// A second dispute, or a step that waits for the ruling.
    #[error("由谁主办正在报请共同上级裁定，裁定以后再办这一步")]
    Disputed,
    /// Nothing to decide.
    #[error("现在没有等待裁定的争议")]
    NoDispute,
    /// By another than the common superior.
    #[error("只有两个单位的共同上级可以裁定")]
    NotTheJudge,
    /// Nobody above both who could decide.
    #[error("在职务的上下级里找不到这些单位的共同上级，不能报请裁定：请先在职务底册里补全上级职务")]
    NoCommonSuperior,
    /// A deadlock with nobody.
    #[error("没有协办单位，谈不上主办、协办意见不一致")]
    NoHelper,
    /// The superior named it.
    #[error("上级已经指定你单位办理，不能再提出异议")]
    Designated,
    /// No clock to extend.
    #[error("这件事没有正在走的办理期限，不能延期")]
    NothingToExtend,
    /// Once only.
    #[error("只能延期一次")]
    ExtendedOnce,
    /// Too many or too few days.
    #[error("延长 1 至 {0} 日（{1}）")]
    ExtensionDays(u16, String),
    /// Past the due day.
    #[error("办理期限已过，不能再延期")]
    ExtensionLate,
    /// The handler consents to the own extension.
    #[error("承办人不能批准自己办理的事项延期")]
    OwnExtension,
    /// No running clock leaves out hearings.
    #[error(
        "现在没有因听证可以停下的期限：法规只规定复核的听证时间不计入（《信访工作条例》第三十六条）；别的听证请记一次办理"
    )]
    NothingSuspended,
    /// Ends before it begins.
    #[error("听证的止日不能早于起日")]
    HearingDays,
    /// A slip of the pen.
    #[error("一次最多登记 {0} 日的听证，更长的请分次登记")]
    HearingLong(i32),
    /// On the first day of the clock or before.
    #[error("听证应在期限开始（{0}）以后")]
    HearingEarly(Date),
    /// The term is over, or was over before the hearing.
    #[error("期限已过，或者在听证以前就到期，不能再停")]
    HearingLate,
    /// No paper of that kind.
    #[error("还没有可以送达的{0}")]
    NoPaper(Paper),
    /// Nobody to serve it on.
    #[error("匿名事项无法送达（《信访工作条例》第二十三条）")]
    Anonymous,
    /// A day in the future, or before the paper.
    #[error("日期不能晚于今天，也不能早于{0}")]
    ImpossibleDay(Date),
    /// A step that is still to come, or too long ago.
    #[error(transparent)]
    Day(#[from] WrongDay),
    /// Handed over without a signature.
    #[error("当面送达请填写签收人")]
    NoSignature,
    /// By the handler, or by the handler's unit.
    #[error("回访、签收登记应由承办人和承办单位以外的人来做")]
    OwnCallBack,
    /// The answer has not reached the petitioner.
    #[error("处理意见书还没有送达，还不能办结")]
    Unserved,
    /// A review of it runs.
    #[error("信访人申请的复查、复核还没有办完，意见书送达以后再办结")]
    UnderReview,
    /// Called back about an answer that nobody has received.
    #[error("处理意见书还没有送达，送达以后再回访")]
    CallBackEarly,
    /// One of the five duties by another than the leader whose duties they are.
    #[error("五包是包案领导本人的责任，只能由本人记")]
    NotTheLeader,
    /// 包转化 before the closing.
    #[error("包转化是办结以后的回访，办结以后再记")]
    NotClosed,
    /// Supervision disposes of what its own unit received and of nothing else.
    #[error("只能处理本单位收到的事项，别的由信访部门处理")]
    NotReceived,
    /// No second key.
    #[error("还不能办结：需要信访人确认，或者处理意见书已送达并有承办人以外的人回访到本人")]
    OneKey,
    /// Whoever registered it closes it on the own word.
    #[error("您登记了这件事，看得到查询码：办结还需要处理意见书已送达，并有承办人和您以外的人回访到本人")]
    RegistrarKey,
    /// The same person handled and closes.
    #[error("承办人和处理意见书的起草人不能办结自己办的事项")]
    OwnClosure,
    /// Resolved without the petitioner's word.
    #[error("没有信访人本人的意见，不能写“已化解”，只能写“已答复”")]
    NotHeard,
    /// An agreement without the consent of both.
    #[error("调解、和解要双方自愿，并由双方在协议上签字（《信访工作条例》第三十三条）")]
    NotBoth,
    /// To be carried out before it was agreed.
    #[error("履行期限不能早于签订协议的日期")]
    DueBeforeAgreed,
    /// Withdrawn to those who handle it.
    #[error("撤回由信访人凭查询码办，或者由承办人和承办单位以外的人登记书面撤回")]
    OwnWithdrawal,
    /// Closed as something else than withdrawn.
    #[error("信访人已经撤回，结果只能写“信访人撤回”")]
    Withdrawn,
    /// Closed as withdrawn by nobody.
    #[error("信访人没有撤回。不再来访不是撤回，也不是化解")]
    NotWithdrawn,
    /// Written off as unreachable by those who owe the notice.
    #[error("联系不上由承办人和承办单位以外的人核实登记")]
    OwnUnreachability,
    /// The answer got there.
    #[error("答复已经送到信访人手里，不能登记联系不上")]
    Reached,
    /// Nothing was supported or agreed, or it is done.
    #[error("没有待执行的处理意见或者协议")]
    NothingToExecute,
    /// Nothing that can be set aside.
    #[error("只有书面答复以后办结的可以重新办理；撤回的另外登记，协议没有履行的报执行情况")]
    NothingToReopen,
    /// By the handler.
    #[error("重新办理由承办人和承办单位以外的人决定")]
    OwnReopening,
    /// Bound already.
    #[error("已经包案；换领导请先结束现在的包案")]
    BoundAlready,
    /// Not bound.
    #[error("现在没有包案")]
    NotBound,
    /// The leader has as many bound cases as the county allows: how many, and how many are allowed.
    #[error("这位领导现在包案 {0} 件，已到规定的 {1} 件，不能再包")]
    LeaderFull(i64, i64),
    /// A deadline that is over.
    #[error("包案期限应在今天以后")]
    BindingDay,
    /// Rating outside 1 to 5.
    #[error("请选择 1 至 5 分")]
    Score,
    /// Nothing to rate yet.
    #[error("答复以后才能评价")]
    NothingToRate,
    /// Rated already.
    #[error("您已经评价过了")]
    RatedAlready,
    /// A rule of 复查 and 复核.
    #[error(transparent)]
    Review(#[from] Unreviewable),
    /// No such unit, or not a leader.
    #[error("没有这个单位，或者所选的人不是包案领导")]
    Unknown,
    /// Its personal data are erased, and nothing new is written.
    #[error("这件事保管期满，个人信息已依法删除，不再记录新的内容")]
    Erased,
    /// Nobody would be left to dispose of it.
    #[error("登记以后就没有单位能接收这件事：请系统管理员先在别的单位设一名信访干部或者督查干部，再登记回避")]
    NobodyLeft,
    /// Text too short or too long.
    #[error("{0}")]
    Text(&'static str),
}
