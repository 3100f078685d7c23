//! The petitioner's side: what the code on the receipt shows, and what the petitioner says with it.

use jiff::civil::Date;
use policy::Clock;
use sqlx::{AnyConnection, FromRow};

use super::acts::{self, Hindered};
use super::clocks::{Running, Standing};
use super::history::{Event, History};
use super::reviews;
use super::rules::{Act, Manner, Outcome, Paper, Party, Refused, Resolution, Stage, State, Theme, Verdict};
use crate::chain::{self, Actor, Subject};
use crate::web::{App, Refusal, day, forms};

/// The petitioner confirms that the answer was received: one of the two keys to a closure. `actor` is nobody, or the
/// official on whose device the code was typed.
pub async fn acknowledge(write: &mut AnyConnection, app: &App, petition: i64, actor: Actor) -> Result<(), Hindered> {
    let party = party_of(write, actor).await?;
    acts::act_as(write, app, actor, party, petition, &Act::Acknowledge).await
}

/// Nobody, or the official on whose device the code was typed, with the unit of the post acted in: what is said there
/// counts as said before that official.
async fn party_of(read: &mut AnyConnection, actor: Actor) -> Result<Party, sqlx::Error> {
    let unit: Option<(i64,)> =
        sqlx::query_as("SELECT o.unit FROM appointment a JOIN post o ON o.id = a.post WHERE a.id = $1")
            .bind(actor.appointment)
            .fetch_optional(read)
            .await?;
    Ok(Party { official: actor.official, unit: unit.map(|(unit,)| unit) })
}

/// The petitioner takes the petition back: in the own words, and only by the own code.
pub async fn withdraw(
    write: &mut AnyConnection,
    app: &App,
    petition: i64,
    actor: Actor,
    reason: &str,
) -> Result<(), Hindered> {
    let reason = forms::tidy(reason);
    if !(2..=500).contains(&reason.chars().count()) {
        return Err(Refused::Text("请写明撤回的原因，2 至 500 字").into());
    }
    let party = party_of(write, actor).await?;
    acts::act_as(write, app, actor, party, petition, &Act::Withdraw { reason }).await
}

/// The petitioner asks for 复查, or after it for 复核.
pub async fn ask_review(
    write: &mut AnyConnection,
    app: &App,
    petition: i64,
    actor: Actor,
    reason: &str,
) -> Result<(), Hindered> {
    let reason = forms::tidy(reason);
    reviews::ask(write, app, (actor, None), petition, (&reason, ""), app.today()).await?;
    Ok(())
}

/// The petitioner adds to what was told. It changes no state, so no open form goes stale by it.
pub async fn supplement(
    write: &mut AnyConnection,
    app: &App,
    petition: i64,
    actor: Actor,
    content: &str,
) -> Result<(), Hindered> {
    let content = forms::tidy(content);
    if !(2..=5_000).contains(&content.chars().count()) {
        return Err(Refused::Text("请写 2 至 5000 字").into());
    }
    let state = state_of(write, petition).await?;
    if matches!(state, State::Closed | State::Forwarded) {
        return Err(Refused::Over(state).into());
    }
    sqlx::query("INSERT INTO supplement (id, petition, content, added_at) VALUES ($1, $2, $3, $4)")
        .bind(app.id())
        .bind(petition)
        .bind(&content)
        .bind(app.now().as_millisecond())
        .execute(&mut *write)
        .await?;
    chain::record(write, app, actor, "petition.supplemented", Subject("petition", petition), &content).await?;
    Ok(())
}

/// The petitioner rates how it was handled, once: 1 (very dissatisfied) to 5 (very satisfied).
pub async fn rate(
    write: &mut AnyConnection,
    app: &App,
    petition: i64,
    actor: Actor,
    score: i64,
    content: &str,
) -> Result<(), Hindered> {
    let content = forms::tidy(content);
    if !(1..=5).contains(&score) {
        return Err(Refused::Score.into());
    }
    if content.chars().count() > 1_000 {
        return Err(Refused::Text("请控制在 1000 字以内").into());
    }
    // The row is held, so that no erasure comes between the look and the words.
    sqlx::query("UPDATE petition SET version = version WHERE id = $1").bind(petition).execute(&mut *write).await?;
    if !matches!(state_of(write, petition).await?, State::Answered | State::Closed) {
        return Err(Refused::NothingToRate.into());
    }
    if is_erased(write, petition).await? {
        return Err(Refused::Erased.into());
    }
    let rated = sqlx::query(
        "INSERT INTO rating (petition, score, content, rated_on, recorded_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (petition) DO NOTHING",
    )
    .bind(petition)
    .bind(score)
    .bind(&content)
    .bind(app.today().to_string())
    .bind(actor.official)
    .execute(&mut *write)
    .await?;
    if rated.rows_affected() == 0 {
        return Err(Refused::RatedAlready.into());
    }
    let said = serde_json::json!({ "score": score, "content": content });
    chain::record(write, app, actor, "petition.rated", Subject("petition", petition), &said).await?;
    Ok(())
}

async fn state_of(write: &mut AnyConnection, petition: i64) -> Result<State, Refusal> {
    let state: Option<(String,)> =
        sqlx::query_as("SELECT state FROM petition WHERE id = $1").bind(petition).fetch_optional(write).await?;
    let (state,) = state.ok_or(Refusal::NotFound)?;
    State::from_word(&state).ok_or(Refusal::NotFound)
}

/// Whether its personal data were erased: nothing is written about it any more.
pub(super) async fn is_erased(read: &mut AnyConnection, petition: i64) -> Result<bool, sqlx::Error> {
    let found: Option<(i64,)> =
        sqlx::query_as("SELECT petition FROM erasure WHERE petition = $1").bind(petition).fetch_optional(read).await?;
    Ok(found.is_some())
}

/// Words of a rating.
pub fn rating_label(score: i64) -> &'static str {
    match score {
        5 => "非常满意",
        4 => "满意",
        3 => "基本满意",
        2 => "不满意",
        _ => "非常不满意",
    }
}

/// What the petitioner sees of the own petition: no names of officials, nothing of other persons.
#[derive(Debug)]
pub struct PublicView {
    /// 攸信〔2026〕0001号.
    pub number: String,
    /// In a few words.
    pub title: String,
    /// What it is about.
    pub theme: Theme,
    /// When it was registered, in milliseconds.
    pub registered_at: i64,
    /// 办理中 …
    pub state: &'static str,
    /// Whether it was closed or forwarded.
    pub is_over: bool,
    /// The unit responsible now; empty where none is.
    pub unit: String,
    /// What happened, newest first.
    pub steps: Vec<PublicStep>,
    /// The duty that runs towards the petitioner, where one does.
    pub deadline: Option<PublicDeadline>,
    /// What comes next, as a sentence.
    pub next: String,
    /// Units that have read the file, and when last.
    pub read_by: Vec<(String, Date)>,
    /// Outcome and text of the written answer, once there is one.
    pub answer: Option<(&'static str, String)>,
    /// Whether confirming makes sense now.
    pub may_acknowledge: bool,
    /// Whether something can be added.
    pub may_supplement: bool,
    /// What can be asked for now (复查 or 复核), of whom, and until when where that is known.
    pub review: Option<(&'static str, String, Option<Date>)>,
    /// The opinions of reviews: stage and verdict, and the text.
    pub reviewed: Vec<(String, String)>,
    /// The re-review ended it: the same facts are accepted no more.
    pub ended: bool,
    /// Whether it can be taken back.
    pub may_withdraw: bool,
    /// Whether it can be rated.
    pub may_rate: bool,
}

/// One step in plain words.
#[derive(Debug, PartialEq, Eq)]
pub struct PublicStep {
    /// When.
    pub on: Date,
    /// What.
    pub text: String,
    /// Whether it is a turning point.
    pub key: bool,
    /// Whether words that somebody wrote stand in it.
    pub quotes: bool,
}

/// A deadline towards the petitioner.
#[derive(Debug)]
pub struct PublicDeadline {
    /// 办理, 告知 …
    pub name: &'static str,
    /// The last day; nothing where the working days of that year are not published.
    pub due: Option<Date>,
    /// It may still move: the working days of that year are not published.
    pub provisional: bool,
    /// Where it stands today.
    pub standing: Standing,
    /// Law and article.
    pub article: String,
}

#[derive(FromRow)]
struct Row {
    number: String,
    title: String,
    theme: String,
    registered_on: String,
    registered_at: i64,
    anonymous: i64,
    state: String,
    unit: String,
    category: String,
    branch: Option<i64>,
    registered_by: Option<i64>,
    received_by: Option<i64>,
    unit_id: Option<i64>,
    handler: Option<i64>,
}

/// What the petitioner sees. The caller has checked the code.
pub async fn public_view(read: &mut AnyConnection, app: &App, petition: i64) -> Result<PublicView, Refusal> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT p.number, p.title, p.theme, p.registered_on, p.registered_at, p.anonymous, p.state, p.category, p.branch,
                p.registered_by, p.received_by, p.unit AS unit_id, p.handler, COALESCE(u.name, '') AS unit
           FROM petition p LEFT JOIN unit u ON u.id = p.unit WHERE p.id = $1",
    )
    .bind(petition)
    .fetch_optional(&mut *read)
    .await?;
    let row = row.ok_or(Refusal::NotFound)?;
    let state = State::from_word(&row.state).ok_or(Refusal::NotFound)?;
    let history = History::of(read, petition, true).await?;
    let clocks = history.clocks(app)?;
    let today = app.today();
    let told_of = (row.anonymous, row.registered_by);
    let units = (row.received_by, row.unit_id, row.handler);
    let facts = acts::facts((&row.state, &row.category), row.branch, told_of, units)?;
    let matter = history.matter(&facts, app)?;

    let registered_on: Date = row.registered_on.parse().map_err(anyhow::Error::from)?;
    let mut steps =
        vec![PublicStep {
            on: registered_on, text: format!("已登记，编号 {}", row.number), key: true, quotes: false
        }];
    for event in &history.0 {
        steps.extend(told(event, &history, today)?);
    }
    steps.reverse();

    let answered = history.last("opinion").is_some();
    let ratable = matches!(state, State::Answered | State::Closed) && history.last("rated").is_none();
    let may_rate = ratable && !is_erased(read, petition).await?;
    let answer = if answered {
        let (reply,): (String,) = sqlx::query_as("SELECT reply FROM opinion WHERE petition = $1")
            .bind(petition)
            .fetch_one(&mut *read)
            .await?;
        Some((history.outcome().map_or("", Outcome::label), reply))
    } else {
        history.last("settled").map(|settled| ("调解和解协议", settled.content.clone()))
    };
    let reviews = reviews::of(read, petition, &history).await?;
    let open = reviews::open(read, app, petition, (&matter, &history), today).await.ok();
    Ok(PublicView {
        review: open.map(|open| (open.stage.label(), open.organ, open.last)),
        ended: reviews::ended(&reviews, &history)?,
        reviewed: reviews
            .iter()
            .filter(|row| !row.issued_on.is_empty())
            .map(|row| (format!("{}意见：{}", row.stage(), row.verdict()), row.reply.clone()))
            .collect(),
        next: next(state, &row, &history, &clocks, today),
        deadline: owed(&clocks).map(|running| PublicDeadline {
            name: running.clock.name(),
            due: running.deadline.due,
            provisional: running.deadline.provisional,
            standing: running.standing(&today),
            article: running.deadline.article.clone(),
        }),
        read_by: history.read_by()?,
        answer,
        may_acknowledge: state == State::Answered && answer_given(&history) && history.last("acknowledged").is_none(),
        may_withdraw: matches!(state, State::Registered | State::Assigned | State::Accepted),
        may_supplement: !matches!(state, State::Closed | State::Forwarded),
        may_rate,
        number: row.number,
        title: row.title,
        theme: Theme::from_word(&row.theme).unwrap_or(Theme::Other),
        registered_at: row.registered_at,
        state: state.label(),
        is_over: matches!(state, State::Closed | State::Forwarded),
        unit: row.unit,
        steps,
    })
}

/// Whether there is an answer to confirm: an opinion, or an agreement.
fn answer_given(history: &History) -> bool {
    history.last("opinion").or_else(|| history.last("settled")).is_some()
}

/// The running clock that somebody owes to the petitioner, the earliest first.
fn owed(clocks: &[Running]) -> Option<&Running> {
    let owing = [Clock::Registration, Clock::Notice, Clock::Handling, Clock::Review, Clock::ReReview];
    clocks
        .iter()
        .filter(|running| running.stopped_on.is_none() && owing.contains(&running.clock))
        .min_by_key(|running| running.deadline.due.unwrap_or(Date::MAX))
}

/// An act in the petitioner's words; nothing where it is not for the petitioner.
fn told(event: &Event, history: &History, today: Date) -> anyhow::Result<Option<PublicStep>> {
    let unit = &event.unit_name;
    let (text, key) = match event.kind.as_str() {
        "assigned" if event.word == "help" => (format!("{unit}协助办理"), false),
        "assigned" => (format!("分给{unit}办理"), true),
        "objected" => ("责任单位提出不属于本单位职责，信访部门正在核定".to_owned(), false),
        "disputed" => ("由哪个单位主办有不同意见，已报上级裁定".to_owned(), false),
        "ruled" => (format!("上级指定{unit}主办"), true),
        "forwarded" => (format!("已转送{}，由其依法处理", event.word), true),
        "accepted" => ("已受理".to_owned(), true),
        "served" => {
            let paper = Paper::from_word(&event.word).map_or("", Paper::label);
            let manner = Manner::from_word(&event.other).map_or("", Manner::label);
            let later = event.recorded_later().map_or(String::new(), |on| format!("，{}补登", day(on, today)));
            (format!("{paper}已送达（{manner}{later}）"), false)
        }
        "step" => match history.accompanied(event) {
            Some(along) => (format!("工作人员陪同代表到{}当面询问", along.word), false),
            None => ("办理有了新的进展".to_owned(), false),
        },
        "submitted" if event.number == 0 => {
            (format!("情况重大，已报请{}研究决定；等候期间，期限照算", event.word), true)
        }
        "submission_decided" if event.number == 0 => (format!("{}已经作出决定", event.word), true),
        "inquired" => (format!("政策问题已书面请示{}；等候答复期间，办理期限照算", event.word), false),
        "inquiry_answered" => (format!("{}已经答复请示", event.word), false),
        "inquiry_told" => (format!("{}的答复：{}", event.word, event.content), true),
        "extended" => (format!("办理期限延长 {} 日：{}", event.number, event.content), false),
        "suspended" => {
            (format!("举行听证，{} 不计入{}期限：{}", event.span(today), event.clock(), event.content), false)
        }
        "moved" => (format!("{}期限重新计算：{}", event.clock(), event.moved()), false),
        "opinion" => {
            let outcome = history.outcome().map_or("", Outcome::label);
            (format!("已出具处理意见书：{outcome}"), true)
        }
        "acknowledged" => ("您已确认收到答复".to_owned(), false),
        "called_back" if event.number == 1 => ("已回访".to_owned(), false),
        "called_back" => ("回访没有联系上您".to_owned(), false),
        "closed" => {
            let resolution = Resolution::from_word(&event.word).map_or("", Resolution::label);
            (format!("办结销号：{resolution}"), true)
        }
        "settled" => ("双方达成协议".to_owned(), true),
        "review" => {
            let stage = Stage::from_word(&event.word).map_or("", Stage::label);
            (format!("您申请了{stage}，由{}办理", event.other), true)
        }
        "reviewed" => {
            let stage = Stage::from_word(&event.content).map_or("", Stage::label);
            (format!("{stage}意见：{}", Verdict::from_word(&event.word).map_or("", Verdict::label)), true)
        }
        "review_served" => {
            let stage = Stage::from_word(&event.word).map_or("", Stage::label);
            let later = event.recorded_later().map_or(String::new(), |on| format!("（{}补登）", day(on, today)));
            (format!("{stage}意见书已送达{later}"), false)
        }
        "was_answered" => ("已出具处理意见书（后来作废）".to_owned(), false),
        "was_closed" => ("办结销号（后来重新办理）".to_owned(), false),
        "reopened" => ("原来的答复作废，重新办理".to_owned(), true),
        "explained" => ("您再次来访，工作人员说明了为什么不再受理".to_owned(), false),
        "unreachable" => {
            ("按登记的姓名、住址联系不上您，书面告知没有送达；请用“补充情况”写下联系方式".to_owned(), true)
        }
        "withdrawn" => ("您撤回了这件事".to_owned(), true),
        "executed" if event.number == 1 => ("办理单位报告：已经执行完毕".to_owned(), true),
        "executed" => (format!("办理单位报告执行情况：{}", event.content), false),
        "rated" => (format!("您的评价：{}", rating_label(event.number)), false),
        "supplemented" => ("您补充了情况".to_owned(), false),
        "bound" => {
            let due: Date = event.content.parse()?;
            let ended = if event.other.is_empty() { "" } else { "（已结束）" };
            (format!("由领导包案，限 {} 前办理{ended}", day(due, today)), true)
        }
        _ => return Ok(None),
    };
    let quotes = matches!(event.kind.as_str(), "inquiry_told" | "extended" | "suspended" | "executed");
    Ok(Some(PublicStep { on: event.day.parse()?, text, key, quotes }))
}

/// What the petitioner can expect next.
fn next(state: State, row: &Row, history: &History, clocks: &[Running], today: Date) -> String {
    let due = |clock: Clock| {
        let running = clocks.iter().rev().find(|running| running.clock == clock);
        running.and_then(|running| running.deadline.due).map(|due| day(due, today))
    };
    let by = |clock: Clock| due(clock).map_or_else(String::new, |due| format!("在 {due} 前"));
    let review = || match due(Clock::ReviewRequest) {
        Some(last) if clocks.iter().any(|c| c.clock == Clock::ReviewRequest && c.deadline.due >= Some(today)) => {
            format!("不服处理意见的，可以在 {last} 前向上一级机关申请复查。")
        }
        _ => String::new(),
    };
    match state {
        State::Registered => {
            let receiver = if row.unit.is_empty() { "县信访局" } else { &row.unit };
            format!("{receiver}会{}转送或者交办，去向在这里可以看到。", by(Clock::Registration))
        }
        State::Assigned if row.anonymous == 1 => format!("{}会决定是否受理；匿名事项没有书面告知。", row.unit),
        State::Assigned => format!("{}会{}书面告知您是否受理、怎样办理。", row.unit, by(Clock::Notice)),
        State::Accepted => match due(Clock::Handling) {
            Some(due) => format!("{}会在 {due} 前出具处理意见书，书面答复您。", row.unit),
            None => format!("{}会研究办理并答复您。", row.unit),
        },
        State::Answered if history.last("withdrawn").is_some() => {
            "您已经撤回，等另一位工作人员销号。以后要再反映，可以另外登记。".to_owned()
        }
        State::Answered
            if history.last("acknowledged").is_some()
                || history.last("settled").is_some()
                || history.all("served").any(|event| event.word == Paper::Opinion.word()) =>
        {
            format!("请确认是否收到答复，也可以评价。{}", review())
        }
        State::Answered if row.anonymous == 1 => "已经答复，答复内容在下面；匿名事项没有书面送达。".to_owned(),
        State::Answered if history.last("unreachable").is_some() => {
            "已经答复，答复内容在下面；联系不上您，没有书面送达。".to_owned()
        }
        State::Answered => "处理意见书正在送达。".to_owned(),
        State::Closed => format!("这件事已经办结。有新的情况，可以另外登记。{}", review()),
        State::Forwarded => {
            let organ = history.last("forwarded").map_or("有权机关", |event| event.word.as_str());
            format!("请按{organ}的程序办理，它会直接答复您。")
        }
    }
}
