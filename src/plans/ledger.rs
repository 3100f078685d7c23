//! 销号台账: the items that have a number, across units and months: the records behind every figure of plans, narrowed,
//! in an order of one's own, and as an Excel file.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::items::Listed;
use super::month::{Unit, units};
use super::narrowed::{self, ADDED, FROM, LEVELS, Narrowed, SOURCES, STATES, label};
use super::rates::{self, Counts};
use super::rules::Condition;
use super::window::Window;
use super::{ledger_sheet, sight};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::divisions;
use crate::part;
use crate::web::{Access, App, Form, Page, Query, Rooms, Shell, html, minute, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/plans/items", Access::May("plans.list"), show)
        .post("/plans/items/order", Access::May("plans.list"), keep_order)
        .get("/plans/items/export.xlsx", Access::May("plans.export"), export)
}

const PAGE: usize = 50;

/// A sheet of more rows is asked for by months.
const MOST: usize = 50_000;

/// In which order: word, label.
const ORDERS: [(&str, &str); 4] =
    [("number", "按编号"), ("number_desc", "编号大的在前"), ("due", "期限早的在前"), ("due_desc", "期限晚的在前")];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// A word of [`ORDERS`]; nothing: as the viewer has kept it.
    order: String,
    /// Keyset: id of the last row.
    after: String,
}

/// A word of [`ORDERS`], whatever was asked for.
fn order_of(word: &str) -> &'static str {
    ORDERS.iter().find(|(one, _)| *one == word).map_or("number", |(word, _)| word)
}

/// The order that the viewer has kept.
async fn kept_order(read: &mut AnyConnection, viewer: &Viewer) -> Result<&'static str, sqlx::Error> {
    let kept: Option<(String,)> = sqlx::query_as("SELECT sorted_by FROM plan_ledger_order WHERE official = $1")
        .bind(viewer.official)
        .fetch_optional(read)
        .await?;
    Ok(kept.map_or("number", |(word,)| order_of(&word)))
}

/// Ids of the items after one, in an order, at most so many.
async fn ids(
    read: &mut AnyConnection,
    viewer: &Viewer,
    (narrowed, window): (&Narrowed, Window),
    order: &str,
    (after, most): (Option<i64>, usize),
) -> anyhow::Result<Vec<i64>> {
    let mut sql = Sql::new("SELECT i.id");
    sql.push(FROM);
    narrowed.push(&mut sql, viewer, window);
    if let Some(after) = after {
        sql.push(match order {
            "number_desc" => " AND (p.month, i.number) < (SELECT q.month, j.number",
            "due" => " AND (i.due_on, i.id) > (SELECT j.due_on, j.id",
            "due_desc" => " AND (i.due_on, i.id) < (SELECT j.due_on, j.id",
            _ => " AND (p.month, i.number) > (SELECT q.month, j.number",
        });
        sql.push(" FROM plan_item j JOIN plan q ON q.id = j.plan WHERE j.id = ").bind(after).push(")");
    }
    sql.push(match order {
        "number_desc" => " ORDER BY p.month DESC, i.number DESC",
        "due" => " ORDER BY i.due_on, i.id",
        "due_desc" => " ORDER BY i.due_on DESC, i.id DESC",
        _ => " ORDER BY p.month, i.number",
    });
    sql.limit(i64::try_from(most)?);
    let rows: Vec<(i64,)> = sql.fetch_all(read).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The owners of items in a unit's plans of some months.
async fn owners(
    read: &mut AnyConnection,
    viewer: &Viewer,
    unit: &str,
    window: Window,
) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let Ok(unit) = unit.parse::<i64>() else { return Ok(Vec::new()) };
    let mut sql = Sql::new(
        "SELECT DISTINCT o.id, o.name FROM plan p
           JOIN plan_item i ON i.plan = p.id AND i.number IS NOT NULL
           JOIN official o ON o.id = i.owner WHERE p.unit = ",
    );
    sql.bind(unit).push(" AND p.month >= ").bind(window.first().to_string());
    sql.push(" AND p.month <= ").bind(window.last().to_string());
    sight::push_unit(&mut sql, viewer, "p.unit");
    sql.push(" ORDER BY o.name, o.id LIMIT 500");
    sql.fetch_all(read).await
}

#[derive(Template)]
#[template(path = "plans/ledger.html")]
struct LedgerPage {
    shell: Shell,
    window: Window,
    windows: Vec<Window>,
    narrowed: Narrowed,
    /// What narrows it that has no field of its own: a place, a post, a person, with the words of the address.
    beside: Vec<(&'static str, String)>,
    units: Vec<Unit>,
    owners: Vec<(i64, String)>,
    order: &'static str,
    kept: &'static str,
    counts: Counts,
    rows: Vec<Listed>,
    next: Option<String>,
    may_export: bool,
    today: Date,
    as_of: String,
}

impl LedgerPage {
    fn total(&self) -> i64 {
        self.counts.planned + self.counts.added
    }

    /// The same list without one word.
    fn without(&self, word: &str) -> String {
        format!("/plans/items?{}", self.narrowed.with(word, "").query())
    }

    /// What has no field of its own in the form.
    fn hidden(&self) -> Vec<(&'static str, &str)> {
        let beside = |word: &str| self.beside.iter().any(|(one, _)| *one == word);
        self.narrowed.words().into_iter().filter(|(word, _)| beside(word)).collect()
    }

    fn is_ordered(&self, order: &str) -> bool {
        self.order == order
    }

    fn order_label(&self) -> &'static str {
        label(&ORDERS, self.order)
    }

    fn is(&self, word: &str, value: &str) -> bool {
        self.narrowed.words().iter().any(|(one, of)| *one == word && *of == value)
    }
}

/// What narrows a list beside its fields, in words.
async fn beside(
    read: &mut AnyConnection,
    narrowed: &Narrowed,
    owners: &[(i64, String)],
    today: Date,
) -> Result<Vec<(&'static str, String)>, sqlx::Error> {
    let mut found = Vec::new();
    let on = today.to_string();
    for (word, code) in [("place", &narrowed.place), ("township", &narrowed.township)] {
        if code.is_empty() {
            continue;
        }
        let name = match divisions::place(&mut *read, code, &on).await? {
            Some(_) if word == "township" && code.len() <= 6 => "县本级".to_owned(),
            Some(place) => place.full_name(),
            None => code.clone(),
        };
        found.push((word, name));
    }
    if let Ok(post) = narrowed.post.parse::<i64>() {
        let title: Option<(String,)> =
            sqlx::query_as("SELECT title FROM post WHERE id = $1").bind(post).fetch_optional(&mut *read).await?;
        found.extend(title.map(|(title,)| ("post", title)));
    }
    if let Ok(owner) = narrowed.owner.parse::<i64>()
        && owners.iter().all(|(id, _)| *id != owner)
    {
        let name: Option<(String,)> =
            sqlx::query_as("SELECT name FROM official WHERE id = $1").bind(owner).fetch_optional(&mut *read).await?;
        found.extend(name.map(|(name,)| ("owner", name)));
    }
    if narrowed.mine == "1" {
        found.push(("mine", "我的".to_owned()));
    }
    Ok(found)
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Query(narrowed): Query<Narrowed>,
    Query(Asked { order, after }): Query<Asked>,
) -> Page {
    let today = app.today();
    let window = narrowed.window(today);
    let mut read = app.db.read().await?;
    let kept = kept_order(&mut read, &viewer).await?;
    let order = if order.is_empty() { kept } else { order_of(&order) };
    let which = (&narrowed, window);
    let mut found = ids(&mut read, &viewer, which, order, (after.parse().ok(), PAGE + 1)).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let rows = narrowed::listed(&mut read, &viewer, &found).await?;
    let counts = rates::total(&mut read, &viewer, &narrowed, window).await?;
    let units = units(&mut read, &viewer).await?;
    let owners = owners(&mut read, &viewer, &narrowed.unit, window).await?;
    let beside = beside(&mut read, &narrowed, &owners, today).await?;
    drop(read);
    let narrowed = narrowed.with("period", &window.to_string());
    html(&LedgerPage {
        shell: Shell::new(&viewer, "plans"),
        next: found
            .last()
            .filter(|_| more)
            .map(|last| format!("/plans/items?{}&order={order}&after={last}", narrowed.query())),
        windows: windows(window, today),
        window,
        narrowed,
        beside,
        units,
        owners,
        order,
        kept,
        counts,
        rows,
        may_export: viewer.may("plans.export"),
        today,
        as_of: minute(app.now()),
    })
}

/// The windows to choose from, with the one that is shown.
pub fn windows(shown: Window, today: Date) -> Vec<Window> {
    let mut windows = Window::choices(today);
    if !windows.contains(&shown) {
        windows.insert(0, shown);
    }
    windows
}

/// An order to keep, and the address of the list as it stood.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Kept {
    query: String,
    order: String,
}

/// Keeps the order in which the viewer's ledger stands.
async fn keep_order(State(app): State<App>, viewer: Viewer, Form(kept): Form<Kept>) -> Page {
    let order = order_of(&kept.order);
    let narrowed = format!("/?{}", kept.query).parse::<Uri>().ok();
    let narrowed = narrowed.and_then(|uri| axum::extract::Query::<Narrowed>::try_from_uri(&uri).ok());
    let query = narrowed.map_or(String::new(), |narrowed| narrowed.query());
    let mut write = app.db.write().await?;
    sqlx::query(
        "INSERT INTO plan_ledger_order (official, sorted_by) VALUES ($1, $2)
         ON CONFLICT (official) DO UPDATE SET sorted_by = $2",
    )
    .bind(viewer.official)
    .bind(order)
    .execute(&mut *write)
    .await?;
    let subject = Subject("official", viewer.official);
    let told = json!({ "order": order });
    chain::record(&mut write, &app, viewer.actor(), "plan_ledger.ordered", subject, &told).await?;
    write.commit().await?;
    see(&format!("/plans/items?{query}"))
}

/// The list as an Excel file.
async fn export(
    State(app): State<App>,
    viewer: Viewer,
    Query(narrowed): Query<Narrowed>,
    Query(asked): Query<Asked>,
) -> Page {
    let window = narrowed.window(app.today());
    let mut read = app.db.read().await?;
    let order = if asked.order.is_empty() { kept_order(&mut read, &viewer).await? } else { order_of(&asked.order) };
    let which = (&narrowed, window);
    let found = ids(&mut read, &viewer, which, order, (None, MOST)).await?;
    let rows = narrowed::listed(&mut read, &viewer, &found).await?;
    drop(read);
    taken(&app, &viewer, "items", &narrowed, rows.len()).await?;
    let as_of = minute(app.now());
    let name = format!("plans-{window}.xlsx");
    let file = tokio::task::spawn_blocking(move || ledger_sheet::write(&rows, &window.name(), &as_of)).await?;
    Ok(ledger_sheet::answer(file?, &name))
}

/// Records that figures or items of plans left the house.
pub async fn taken(
    app: &App,
    viewer: &Viewer,
    what: &'static str,
    narrowed: &Narrowed,
    rows: usize,
) -> anyhow::Result<()> {
    let told = json!({ "what": what, "filter": narrowed.query(), "rows": rows });
    let mut write = app.db.write().await?;
    let subject = Subject("official", viewer.official);
    chain::record(&mut write, app, viewer.actor(), "plans.exported", subject, &told).await?;
    write.commit().await?;
    Ok(())
}
