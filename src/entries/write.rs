//! 记一笔: the form and its post.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::AnyConnection;

use super::cases::{self, Case};
use super::record::{NewEntry, record, usual_place};
use super::rules::{Kind, VisitResult, earliest, judge_day};
use crate::accounts::Viewer;
use crate::divisions;
use crate::duties::{self, Coverage};
use crate::households::{self, Found, Scope, Typed};
use crate::petitions::Hindered;
use crate::web::{Access, App, Form, Page, Problems, Query, Rooms, Shell, forms, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/entries/new", Access::May("entries.write"), form).post(
        "/entries",
        Access::May("entries.write"),
        post,
    )
}

/// The form as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct EntryForm {
    key: String,
    kind: String,
    on: String,
    /// As typed; a number that was picked from those offered.
    household: String,
    /// Its id, where it was picked.
    household_id: String,
    result: String,
    place: String,
    place_code: String,
    case: String,
    content: String,
}

/// What the form may begin with: from a list of households, or from a case.
#[derive(Default, Deserialize)]
struct Start {
    #[serde(default)]
    kind: String,
    household: Option<i64>,
    #[serde(default)]
    case: String,
}

#[derive(Template)]
#[template(path = "entries/write.html")]
struct WritePage {
    shell: Shell,
    form: EntryForm,
    problems: Problems,
    offered: Vec<Found>,
    places: Vec<divisions::Place>,
    cases: Vec<Case>,
    may_concern: bool,
    place: String,
    visited: Option<Standing>,
    earliest: Date,
    today: Date,
}

/// How far this year's visits have come where the writer goes.
struct Standing {
    place: String,
    visited: i64,
    households: i64,
}

impl WritePage {
    async fn new(read: &mut AnyConnection, app: &App, viewer: &Viewer, form: EntryForm) -> anyhow::Result<Self> {
        let today = app.today();
        let scope = Scope::of(read, viewer, &today.to_string()).await?;
        let place = divisions::place(read, usual_place(&scope, viewer), &today.to_string()).await?;
        let visited = if viewer.may("duties.list") && !scope.is_county() {
            let villages = duties::coverage_of(read, &scope, today.year()).await?;
            Some(Standing::of(&scope, &villages)).filter(|standing| standing.households > 0)
        } else {
            None
        };
        let cases = cases::open(read, viewer).await?;
        Ok(Self {
            shell: Shell::new(viewer, "entries"),
            // Who has no case is not asked for one; what was typed comes back.
            may_concern: viewer.may("petitions.list") || !cases.is_empty() || !form.case.trim().is_empty(),
            form,
            problems: Problems::default(),
            offered: Vec::new(),
            places: Vec::new(),
            cases,
            place: place.map(|place| place.full_name()).unwrap_or_default(),
            visited,
            earliest: earliest(today),
            today,
        })
    }

    /// The kinds of this writer: steps on cases only where there are cases.
    fn kinds(&self) -> impl Iterator<Item = &'static Kind> {
        let steps = self.may_concern;
        Kind::ALL.iter().filter(move |kind| steps || **kind != Kind::CaseStep)
    }
}

impl Standing {
    fn of(scope: &Scope, villages: &[Coverage]) -> Self {
        Self {
            place: match villages {
                [one] => one.name.clone(),
                _ if scope.codes().len() > 1 => format!("您负责的 {} 个村", villages.len()),
                [first, ..] => first.township_name.clone(),
                [] => String::new(),
            },
            visited: villages.iter().map(|one| one.visited).sum(),
            households: villages.iter().map(|one| one.households).sum(),
        }
    }
}

async fn form(State(app): State<App>, viewer: Viewer, Query(start): Query<Start>) -> Page {
    let mut read = app.db.read().await?;
    let today = app.today();
    let mut form = EntryForm {
        key: forms::new_key(),
        kind: Kind::from_word(&start.kind).unwrap_or(Kind::Visit).word().to_owned(),
        on: today.to_string(),
        case: start.case,
        ..EntryForm::default()
    };
    if let Some(id) = start.household {
        let scope = Scope::of(&mut read, &viewer, &today.to_string()).await?;
        if let Some(household) = households::find(&mut read, &scope, id, today).await? {
            form.household = household.head;
            form.household_id = household.id.to_string();
        }
    }
    html(&WritePage::new(&mut read, &app, &viewer, form).await?)
}

async fn post(State(app): State<App>, viewer: Viewer, Form(form): Form<EntryForm>) -> Page {
    let mut read = app.db.read().await?;
    let mut page = WritePage::new(&mut read, &app, &viewer, form).await?;
    let Some(new) = judge(&mut read, &app, &viewer, &mut page).await? else {
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    drop(read);
    let mut write = app.db.write().await?;
    match record(&mut write, &app, &viewer, &new).await {
        Ok(recorded) => {
            write.commit().await?;
            see(&recorded.path())
        }
        Err(Hindered::Edge(refusal)) => Err(refusal),
        Err(Hindered::Rule(refused)) => {
            page.problems.add("case", refused.to_string());
            html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Judges the form; what is wrong and what can be chosen goes to the page.
async fn judge(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    page: &mut WritePage,
) -> anyhow::Result<Option<NewEntry>> {
    let today = app.today();
    let scope = Scope::of(read, viewer, &today.to_string()).await?;
    let form = page.form.clone();
    let problems = &mut page.problems;

    let kind = Kind::from_word(&form.kind);
    problems.require(kind.is_some(), "kind", "请选择做的是什么");
    let kind = kind.unwrap_or(Kind::Visit);

    let on = if let Ok(on) = forms::half_width(form.on.trim()).parse::<Date>() {
        if let Err(wrong) = judge_day(on, today) {
            problems.add("on", wrong.to_string());
        }
        on
    } else {
        problems.add("on", "日期请写成 2026-11-02 这样");
        today
    };

    let content = forms::tidy(&form.content);
    problems.require(content.chars().count() <= 5_000, "content", "内容请控制在 5000 字以内");
    if kind != Kind::Visit {
        problems.require(!content.is_empty(), "content", "请写一句做了什么");
    }

    let (mut household, mut result) = (None, None);
    if kind == Kind::Visit {
        household = judge_household(read, &scope, today, &form, problems, &mut page.offered).await?;
        result = VisitResult::from_word(&form.result);
        problems.require(result.is_some(), "result", "请选择见到了没有");
    }

    let mut place = None;
    if matches!(kind, Kind::Meeting | Kind::Errand) && !(form.place.trim().is_empty() && form.place_code.is_empty()) {
        place = judge_place(read, &scope, today, &form, problems, &mut page.places).await?;
    }

    let mut petition = None;
    if !form.case.trim().is_empty() {
        petition = cases::typed(read, viewer, &form.case, today.year()).await?.map(|case| case.id);
        problems.require(petition.is_some(), "case", "没有找到这件在办的信访事项，请核对编号");
    }
    if kind == Kind::CaseStep && form.case.trim().is_empty() {
        problems.add("case", "请填写办的是哪一件");
    }

    Ok(problems.is_empty().then_some(NewEntry { key: form.key, kind, on, place, household, result, petition, content }))
}

async fn judge_household(
    read: &mut AnyConnection,
    scope: &Scope,
    today: Date,
    form: &EntryForm,
    problems: &mut Problems,
    offered: &mut Vec<Found>,
) -> anyhow::Result<Option<i64>> {
    if let Ok(id) = form.household_id.parse::<i64>()
        && let Some(household) = households::find(read, scope, id, today).await?
    {
        return Ok(Some(household.id));
    }
    if form.household.trim().is_empty() {
        problems.add("household", "请填写去了哪一户");
        return Ok(None);
    }
    match households::typed(read, scope, &form.household, today).await? {
        Typed::One(found) => return Ok(Some(found.id)),
        Typed::Several(found) => {
            problems.add("household", "有几户都对得上，请选一户");
            offered.extend(found);
        }
        Typed::TooShort => problems.add("household", "户主姓名请至少填两个字，户号至少三位"),
        Typed::Nothing => problems.add("household", "在您负责的范围内没有找到这一户"),
    }
    Ok(None)
}

async fn judge_place(
    read: &mut AnyConnection,
    scope: &Scope,
    today: Date,
    form: &EntryForm,
    problems: &mut Problems,
    places: &mut Vec<divisions::Place>,
) -> anyhow::Result<Option<String>> {
    let on = today.to_string();
    if let Some(picked) = divisions::place(read, form.place_code.trim(), &on).await? {
        problems.require(scope.holds(&picked.code), "place", "这个地方不在您负责的范围内");
        return Ok(Some(picked.code));
    }
    // The first code narrows enough: what it lets through is judged by the scope itself.
    let within = if scope.codes().len() == 1 { scope.codes()[0].as_str() } else { "" };
    match divisions::typed(read, &form.place, within, &on).await? {
        divisions::Typed::One(found) if scope.holds(&found.code) => return Ok(Some(found.code)),
        divisions::Typed::Several(found) => {
            places.extend(found.into_iter().filter(|place| scope.holds(&place.code)));
            match &places[..] {
                [] => problems.add("place", "在您负责的范围内没有找到这个地方"),
                [_] => return Ok(places.pop().map(|place| place.code)),
                _ => problems.add("place", "有几个地方都叫这个名字，请选一个"),
            }
        }
        _ => problems.add("place", "在您负责的范围内没有找到这个地方"),
    }
    Ok(None)
}
