//! 待办: everything that waits for whoever signed in, the longest waiting first, with the days that it has waited.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use sqlx::AnyConnection;

use crate::accounts::Viewer;
use crate::petitions;
use crate::plans::{self, Todo};
use crate::statements;
use crate::web::{Access, App, Page, Rooms, Shell, html, minute};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/work", Access::May("reports.my_month"), page)
}

/// Lines of it on other pages.
pub(super) const FEW: usize = 5;

/// What waits for the viewer.
pub(super) async fn waiting(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<Vec<Todo>> {
    let mut found = plans::todo(read, app, viewer).await?;
    found.extend(statements::todo(read, app, viewer).await?);
    for one in petitions::to_rule(read, viewer).await? {
        found.push(Todo {
            act: "裁定",
            what: one.title.clone(),
            beside: format!("{} {}", one.number, one.kind()),
            href: format!("/petitions/{}", one.id),
            since: one.raised_on.parse()?,
        });
    }
    found.sort_by(|a, b| (a.since, &a.href).cmp(&(b.since, &b.href)));
    Ok(found)
}

#[derive(Template)]
#[template(path = "reports/work.html")]
struct WorkPage {
    shell: Shell,
    todos: Vec<Todo>,
    stagnant: Option<i64>,
    today: Date,
    as_of: String,
}

async fn page(State(app): State<App>, viewer: Viewer) -> Page {
    let mut read = app.db.read().await?;
    let todos = waiting(&mut read, &app, &viewer).await?;
    let stagnant = plans::stagnant(&mut read, &app, &viewer).await?;
    drop(read);
    let (today, as_of) = (app.today(), minute(app.now()));
    html(&WorkPage { shell: Shell::new(&viewer, "work"), todos, stagnant, today, as_of })
}
