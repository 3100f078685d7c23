//! Writing one's own words, handing in, and commenting: each one act in one write.

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

use super::find::{self, Written};
use super::page::{self, Found, Sent};
use super::{rules, told};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, forms, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().post("/statements/{official}/{period}/words", Access::May("statements.write"), write).post(
        "/statements/{official}/{period}/comment",
        Access::May("statements.comment"),
        comment,
    )
}

/// What the forms send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    /// The version that the page showed.
    version: String,
    content: String,
    /// 1: handed in; anything else: a draft.
    hand_in: String,
}

async fn write(
    State(app): State<App>,
    viewer: Viewer,
    Path((official, period)): Path<(i64, String)>,
    Form(typed): Form<Typed>,
) -> Page {
    if official != viewer.official {
        return Err(Refusal::NotFound);
    }
    let path = format!("/statements/{official}/{period}");
    let (today, content, hands_in) = (app.today(), forms::tidy(&typed.content), typed.hand_in == "1");
    let mut write = app.db.write().await?;
    let Found { person, period, .. } = page::find(&mut write, &app, &viewer, (official, &period)).await?;
    sqlx::query(
        "INSERT INTO statement (id, official, period, appointment) VALUES ($1, $2, $3, $4)
         ON CONFLICT (official, period) DO UPDATE SET appointment = $4",
    )
    .bind(app.id())
    .bind(official)
    .bind(find::window(period).to_string())
    .bind(person.appointment)
    .execute(&mut *write)
    .await?;
    // Whoever else writes of the same account waits from here on.
    let written = find::written(&mut write, &viewer, official, period).await?;
    let mut sent = Sent { words: Some(typed.content.clone()), ..Sent::default() };
    if typed.version.trim() != written.version().to_string() {
        if is_written(&written, &content, hands_in) {
            return see(&path);
        }
        sent.overtaken = true;
        return page::page(&mut write, &app, &viewer, Found { person, period, written }, sent).await;
    }
    if let Err(why) = rules::write(period, &written.state(), &content, hands_in, today) {
        sent.problems.add("content", why.to_string());
        return page::page(&mut write, &app, &viewer, Found { person, period, written }, sent).await;
    }
    let id = written.id.ok_or(Refusal::NotFound)?;
    let counts = told::told(&mut write, &viewer, official, period).await?.counts;
    sqlx::query(
        "INSERT INTO statement_words (statement, version, content, written_on, written_by, handed_in_on, due,
                                      cancelled, on_time)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(written.version() + 1)
    .bind(content.clone())
    .bind(today.to_string())
    .bind(official)
    .bind(hands_in.then(|| today.to_string()))
    .bind(hands_in.then_some(counts.due()))
    .bind(hands_in.then_some(counts.cancelled))
    .bind(hands_in.then_some(counts.on_time))
    .execute(&mut *write)
    .await?;
    let told = json!({
        "cancelled": counts.cancelled,
        "content": content,
        "due": counts.due(),
        "on_time": counts.on_time,
        "period": find::window(period).to_string(),
        "version": written.version() + 1,
    });
    let action = if hands_in { "statement.handed_in" } else { "statement.written" };
    chain::record(&mut write, &app, viewer.actor(), action, Subject("statement", id), &told).await?;
    write.commit().await?;
    see(&path)
}

/// Whether a second click of the same form finds what the first has written.
fn is_written(written: &Written, content: &str, hands_in: bool) -> bool {
    written.words.last().is_some_and(|words| words.content == content && words.handed_in_on.is_empty() != hands_in)
}

async fn comment(
    State(app): State<App>,
    viewer: Viewer,
    Path((official, period)): Path<(i64, String)>,
    Form(typed): Form<Typed>,
) -> Page {
    let path = format!("/statements/{official}/{period}");
    let content = forms::tidy(&typed.content);
    let mut write = app.db.write().await?;
    let Found { person, period, .. } = page::find(&mut write, &app, &viewer, (official, &period)).await?;
    sqlx::query("UPDATE statement SET period = period WHERE official = $1 AND period = $2")
        .bind(official)
        .bind(find::window(period).to_string())
        .execute(&mut *write)
        .await?;
    let written = find::written(&mut write, &viewer, official, period).await?;
    let said = written.comment.as_ref().is_some_and(|comment| comment.content == content);
    if said {
        return see(&path);
    }
    let mut sent = Sent { comment: typed.content.clone(), ..Sent::default() };
    let rule = rules::comment(find::reader(&viewer, &person), &written.state(), &content);
    if let Err(why) = rule {
        sent.problems = Problems::default();
        sent.problems.add("comment", why.to_string());
        return page::page(&mut write, &app, &viewer, Found { person, period, written }, sent).await;
    }
    // What is commented is what was read.
    let read = written.handed_in().map_or(0, |words| words.version);
    if typed.version.trim() != read.to_string() {
        sent.overtaken = true;
        return page::page(&mut write, &app, &viewer, Found { person, period, written }, sent).await;
    }
    let id = written.id.ok_or(Refusal::NotFound)?;
    sqlx::query(
        "INSERT INTO statement_comment (statement, version, content, commented_on, commented_by)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(read)
    .bind(content.clone())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let told = json!({ "content": content, "version": read });
    chain::record(&mut write, &app, viewer.actor(), "statement.commented", Subject("statement", id), &told).await?;
    write.commit().await?;
    see(&path)
}
