//! One entry with what it counted for, and its withdrawal on the same day.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::record::{context, households_met, month_of, withdraw};
use super::rules::{CannotWithdraw, Counts, Done, Kind, VisitResult, judge_withdrawal, means};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::duties::{self, Coverage};
use crate::households::Scope;
use crate::petitions::rules::Duty;
use crate::petitions::{push_sight, veil};
use crate::web::{
    Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, date_of, day, forms, html, html_with, see,
};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/entries/{id}", Access::May("entries.list"), show).post(
        "/entries/{id}/withdrawal",
        Access::May("entries.write"),
        post_withdrawal,
    )
}

#[derive(FromRow)]
struct Entry {
    id: i64,
    kind: String,
    happened_on: String,
    recorded_at: i64,
    recorded_by: i64,
    writer: String,
    post: String,
    place: String,
    household: Option<i64>,
    head: String,
    village: String,
    village_name: String,
    result: String,
    petition: Option<i64>,
    duty: String,
    content: String,
    withdrawn_for: Option<String>,
}

impl Entry {
    fn kind(&self) -> &'static str {
        Kind::from_word(&self.kind).map_or("", Kind::label)
    }
    fn result(&self) -> &'static str {
        VisitResult::from_word(&self.result).map_or("", VisitResult::label)
    }
    fn duty(&self) -> &'static str {
        Duty::from_word(&self.duty).map_or("", Duty::label)
    }
    fn on(&self) -> Option<Date> {
        self.happened_on.parse().ok()
    }
    fn day(&self, today: &Date) -> String {
        self.on().map_or_else(|| self.happened_on.clone(), |on| day(on, *today))
    }
    /// 今年, or the year of a visit that was written down in the next.
    fn year(&self, today: &Date) -> String {
        match self.on() {
            Some(on) if on.year() != today.year() => format!("{} 年", on.year()),
            _ => "今年".to_owned(),
        }
    }
    fn written_on(&self) -> Option<Date> {
        jiff::Timestamp::from_millisecond(self.recorded_at).ok().map(date_of)
    }
    fn written_day(&self, today: &Date) -> String {
        self.written_on().map(|on| day(on, *today)).unwrap_or_default()
    }
}

/// An entry of the viewer's own, or one of the viewer's place by somebody else. What concerns a petition is found by
/// those who may find the petition.
async fn find(read: &mut AnyConnection, viewer: &Viewer, scope: &Scope, id: i64) -> Result<Entry, Refusal> {
    let mut sql = Sql::new(
        "SELECT e.id, e.kind, e.happened_on, e.recorded_at, e.recorded_by, o.name AS writer, t.title AS post,
                d.name AS place, e.household, COALESCE(h.head, '') AS head, COALESCE(h.village, '') AS village,
                COALESCE(v.name, '') AS village_name, COALESCE(e.result, '') AS result, e.petition,
                COALESCE(e.duty, '') AS duty, e.content, w.reason AS withdrawn_for
           FROM entry e
           JOIN official o ON o.id = e.recorded_by
           JOIN appointment a ON a.id = e.appointment
           JOIN post t ON t.id = a.post
           JOIN division d ON d.code = e.division
           LEFT JOIN household h ON h.id = e.household
           LEFT JOIN division v ON v.code = h.village
           LEFT JOIN entry_withdrawal w ON w.entry = e.id
          WHERE e.id = ",
    );
    sql.bind(id);
    sql.push(" AND (e.recorded_by = ").bind(viewer.official);
    if viewer.may("notes.list") {
        sql.push(" OR (1 = 1");
        scope.push(&mut sql, "e.division");
        sql.push(" AND (e.petition IS NULL OR EXISTS (SELECT 1 FROM petition p WHERE p.id = e.petition");
        push_sight(&mut sql, viewer);
        sql.push(")))");
    }
    sql.push(")");
    sql.fetch_optional(read).await?.ok_or(Refusal::NotFound)
}

/// A plan item that a visit brought forward.
#[derive(FromRow)]
struct Served {
    id: i64,
    number: String,
    goal: String,
    target: Option<i64>,
}

/// A case that an entry is a step on.
#[derive(FromRow)]
struct OnCase {
    id: i64,
    number: String,
}

/// What an entry counts for: decided again as it was when it was written, with what stood before it.
#[derive(Default)]
struct Counted {
    coverage: Option<Coverage>,
    /// The day on which another entry had met the duty before.
    met_before: Option<String>,
    note_until: Option<Date>,
    case: Option<OnCase>,
    items: Vec<Served>,
    met_this_month: i64,
}

impl Counted {
    fn is_nothing(&self) -> bool {
        self.coverage.is_none() && self.note_until.is_none() && self.case.is_none() && self.items.is_empty()
    }

    async fn of(read: &mut AnyConnection, viewer: &Viewer, entry: &Entry) -> anyhow::Result<Self> {
        let mut counted = Self::default();
        if entry.withdrawn_for.is_some() {
            return Ok(counted);
        }
        if let Some(petition) = entry.petition {
            let mut sql = Sql::new("SELECT p.id, p.number FROM petition p WHERE p.id = ");
            sql.bind(petition);
            push_sight(&mut sql, viewer);
            counted.case = sql.fetch_optional(read).await?;
        }
        let note: Option<(String,)> = sqlx::query_as("SELECT expires_on FROM note WHERE entry = $1")
            .bind(entry.id)
            .fetch_optional(&mut *read)
            .await?;
        counted.note_until = note.and_then(|(until,)| until.parse().ok());
        let (Some(kind), Some(on), Some(written_on)) = (Kind::from_word(&entry.kind), entry.on(), entry.written_on())
        else {
            return Ok(counted);
        };
        let done = Done {
            kind,
            on,
            household: entry.household,
            result: VisitResult::from_word(&entry.result),
            petition: entry.petition,
            content: &entry.content,
        };
        let stood = context(read, entry.recorded_by, &done, entry.id, written_on, counted.case.is_some()).await?;
        let meaning = means(&done, &stood);
        match (meaning.duty, entry.household) {
            (Counts::First(_, year), _) => {
                counted.coverage = duties::village_coverage(read, &entry.village, year).await?;
            }
            (Counts::Again, Some(household)) => {
                counted.met_before = duties::fulfilled(read, household, on.year()).await?.map(|(_, before)| before);
            }
            _ => {}
        }
        counted.items = served(read, &meaning.items).await?;
        if !counted.items.is_empty() {
            let (from, until) = month_of(on);
            counted.met_this_month = households_met(read, entry.recorded_by, from, until).await?;
        }
        Ok(counted)
    }
}

/// The plan items that a visit brought forward.
async fn served(read: &mut AnyConnection, items: &[i64]) -> Result<Vec<Served>, sqlx::Error> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql =
        Sql::new("SELECT i.id, COALESCE(i.number, '') AS number, i.goal, i.target FROM plan_item i WHERE i.id IN (");
    for (index, item) in items.iter().enumerate() {
        sql.push(if index == 0 { "" } else { ", " }).bind(*item);
    }
    sql.push(") ORDER BY i.id");
    sql.fetch_all(read).await
}

#[derive(Template)]
#[template(path = "entries/show.html")]
struct ShowPage {
    shell: Shell,
    entry: Entry,
    counted: Counted,
    own: bool,
    viewer: Viewer,
    /// Nothing: it can be withdrawn.
    withdrawal: Option<CannotWithdraw>,
    reason: String,
    problems: Problems,
    today: Date,
}

impl ShowPage {
    async fn new(read: &mut AnyConnection, app: &App, viewer: &Viewer, id: i64) -> Result<Self, Refusal> {
        let today = app.today();
        let scope = Scope::of(read, viewer, &today.to_string()).await?;
        let mut entry = find(read, viewer, &scope, id).await?;
        let counted = Counted::of(read, viewer, &entry).await?;
        let own = entry.recorded_by == viewer.official;
        if let (Some(petition), false) = (entry.petition, own) {
            veil(read, viewer, vec![(petition, &mut entry.content)]).await?;
        }
        let written_on = entry.written_on().unwrap_or(today);
        let judged = judge_withdrawal(written_on, today, entry.petition.is_some(), entry.withdrawn_for.is_some());
        Ok(Self {
            shell: Shell::new(viewer, "entries"),
            own,
            entry,
            counted,
            viewer: viewer.clone(),
            withdrawal: judged.err(),
            reason: String::new(),
            problems: Problems::default(),
            today,
        })
    }
}

async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let page = ShowPage::new(&mut read, &app, &viewer, id).await?;
    drop(read);
    // What somebody else wrote down at a household is a personal file.
    if !page.own {
        let mut write = app.db.write().await?;
        chain::record_reading(&mut write, &app, viewer.actor(), "entry.read", Subject("entry", id)).await?;
        write.commit().await?;
    }
    html(&page)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WithdrawalForm {
    reason: String,
}

async fn post_withdrawal(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(form): Form<WithdrawalForm>,
) -> Page {
    let mut read = app.db.read().await?;
    let mut page = ShowPage::new(&mut read, &app, &viewer, id).await?;
    drop(read);
    if !page.own {
        return Err(Refusal::NotFound);
    }
    let reason = forms::tidy(&form.reason);
    page.problems.require(!reason.is_empty(), "reason", "请写明为什么撤回");
    page.problems.require(reason.chars().count() <= 200, "reason", "理由请控制在 200 字以内");
    match page.withdrawal {
        Some(CannotWithdraw::Withdrawn) => return Err(Refusal::Stale),
        Some(cannot) => page.problems.add("", cannot.to_string()),
        None => {}
    }
    if !page.problems.is_empty() {
        page.reason = form.reason;
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let mut write = app.db.write().await?;
    withdraw(&mut write, &app, &viewer, id, &reason).await?;
    write.commit().await?;
    see(&format!("/entries/{id}"))
}
