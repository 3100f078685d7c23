//! Accounts of others. The system officer makes, disables and resets them; the security officer grants roles. Neither
//! can do the other's part, and nobody changes an account of his or her own.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::grants::RolesForm;
use super::rules::{OFFICERS, plain_login};
use super::{Viewer, passwords, permissions};
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::divisions;
use crate::secrets::{code_text, random};
use crate::web::{Access, App, Form, Page, Path, Problems, Query, Refusal, Rooms, Shell, forms, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/accounts", Access::May("accounts.list"), ledger)
        .get("/accounts/{official}", Access::May("accounts.list"), show)
        .post("/accounts/{official}/opening", Access::May("accounts.change"), open)
        .post("/accounts/{official}/password", Access::May("accounts.reset"), reset)
        .post("/accounts/{official}/disabling", Access::May("accounts.change"), disable)
        .post("/accounts/{official}/enabling", Access::May("accounts.change"), enable)
}

const PAGE: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    q: String,
    after: String,
}

#[derive(FromRow)]
struct Row {
    official: i64,
    number: String,
    name: String,
    post: String,
    login: String,
    disabled_on: String,
    roles: i64,
}

#[derive(Template)]
#[template(path = "accounts/ledger.html")]
struct Ledger {
    shell: Shell,
    rows: Vec<Row>,
    q: String,
    next: Option<String>,
}

async fn ledger(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let q = filter.q.trim().to_owned();
    let today = app.today().to_string();
    let mut sql = Sql::new(
        "SELECT o.id AS official, o.number, o.name, COALESCE(a.login, '') AS login,
                COALESCE(a.disabled_on, '') AS disabled_on,
                COALESCE((SELECT MIN(u.name || ' ' || p.title) FROM appointment ap
                            JOIN post p ON p.id = ap.post JOIN unit u ON u.id = p.unit
                           WHERE ap.official = o.id AND (ap.held_to IS NULL OR ap.held_to > ",
    );
    sql.bind(today.clone());
    sql.push(
        ")), '') AS post,
                (SELECT COUNT(*) FROM appointment ap JOIN role_grant g ON g.appointment = ap.id
                  WHERE ap.official = o.id AND (ap.held_to IS NULL OR ap.held_to > ",
    );
    sql.bind(today);
    sql.push(")) AS roles FROM official o LEFT JOIN account a ON a.official = o.id WHERE o.number > ")
        .bind(filter.after);
    if !q.is_empty() {
        // A name or its beginning, a number, pinyin initials, a login.
        let end = divisions::end(&q);
        sql.push(" AND ((o.name >= ").bind(q.clone()).push(" AND o.name < ").bind(end);
        sql.push(") OR o.number = ").bind(q.clone()).push(" OR o.initials = ").bind(q.to_lowercase());
        sql.push(" OR a.login = ").bind(q.to_lowercase()).push(")");
    }
    sql.push(" ORDER BY o.number").limit(PAGE as i64 + 1);
    let mut read = app.db.read().await?;
    let mut rows: Vec<Row> = sql.fetch_all(&mut read).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| row.number.clone());
    html(&Ledger { shell: Shell::new(&viewer, "accounts"), rows, q, next })
}

#[derive(FromRow)]
pub(super) struct Account {
    official: i64,
    number: String,
    name: String,
    pub(super) account: Option<i64>,
    pub(super) login: String,
    disabled_on: String,
    /// An account with a password that somebody can type.
    pub(super) has_password: i64,
}

#[derive(FromRow)]
struct Held {
    appointment: i64,
    unit_name: String,
    title: String,
    held_from: String,
    role: String,
}

/// An appointment and, for each role of the list, whether it is granted.
struct Post {
    appointment: i64,
    name: String,
    held_from: String,
    roles: Vec<(&'static str, &'static str, bool)>,
}

#[derive(Template)]
#[template(path = "accounts/show.html")]
struct Show {
    shell: Shell,
    account: Account,
    posts: Vec<Post>,
    may_change: bool,
    may_reset: bool,
    /// One of the three officers: the security officer sets the password.
    officer: bool,
    may_grant: bool,
    own: bool,
    login: String,
    problems: Problems,
    password: Option<String>,
}

pub(super) async fn find(read: &mut AnyConnection, official: i64) -> Result<Account, Refusal> {
    sqlx::query_as(
        "SELECT o.id AS official, o.number, o.name, a.id AS account, COALESCE(a.login, '') AS login,
                COALESCE(a.disabled_on, '') AS disabled_on,
                CASE WHEN a.password_hash <> '' THEN 1 ELSE 0 END AS has_password
           FROM official o LEFT JOIN account a ON a.official = o.id WHERE o.id = $1",
    )
    .bind(official)
    .fetch_optional(read)
    .await?
    .ok_or(Refusal::NotFound)
}

/// What was typed into a form that comes back.
pub(super) enum Typed {
    Nothing,
    Login(String),
    Roles(RolesForm),
}

pub(super) async fn page(
    app: &App,
    viewer: &Viewer,
    official: i64,
    typed: Typed,
    problems: Problems,
    password: Option<String>,
) -> Page {
    let mut read = app.db.read().await?;
    let account = find(&mut read, official).await?;
    let held: Vec<Held> = sqlx::query_as(
        "SELECT ap.id AS appointment, u.name AS unit_name, p.title, ap.held_from, COALESCE(g.role, '') AS role
           FROM appointment ap JOIN post p ON p.id = ap.post JOIN unit u ON u.id = p.unit
           LEFT JOIN role_grant g ON g.appointment = ap.id
          WHERE ap.official = $1 AND (ap.held_to IS NULL OR ap.held_to > $2) ORDER BY ap.held_from DESC, ap.id",
    )
    .bind(official)
    .bind(app.today().to_string())
    .fetch_all(&mut *read)
    .await?;
    let mut posts: Vec<Post> = Vec::new();
    for row in held {
        if posts.last().is_none_or(|post| post.appointment != row.appointment) {
            posts.push(Post {
                appointment: row.appointment,
                name: format!("{} {}", row.unit_name, row.title),
                held_from: row.held_from.clone(),
                roles: permissions().roles.iter().map(|(key, name)| (key.as_str(), name.as_str(), false)).collect(),
            });
        }
        for role in posts.last_mut().map(|post| post.roles.iter_mut()).into_iter().flatten() {
            role.2 |= role.0 == row.role;
        }
    }
    let mut login = String::new();
    match typed {
        Typed::Nothing => {}
        Typed::Login(typed) => login = typed,
        Typed::Roles(form) => {
            for post in posts.iter_mut().filter(|post| post.appointment == form.appointment) {
                for role in &mut post.roles {
                    role.2 = form.role.iter().any(|ticked| ticked == role.0);
                }
            }
        }
    }
    let officer = keeps_the_house(&mut read, official).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html_with(
        status,
        &Show {
            shell: Shell::new(viewer, "accounts"),
            posts,
            may_change: viewer.may("accounts.change"),
            may_reset: viewer.is(resets(officer)),
            officer,
            may_grant: viewer.may("accounts.grant"),
            own: viewer.official == official,
            account,
            login,
            problems,
            password,
        },
    )
}

async fn show(State(app): State<App>, viewer: Viewer, Path(official): Path<i64>) -> Page {
    page(&app, &viewer, official, Typed::Nothing, Problems::default(), None).await
}

/// Nobody changes the account that he or she sits at.
pub(super) fn not_own(viewer: &Viewer, official: i64) -> Result<(), Refusal> {
    if viewer.official == official { Err(Refusal::Forbidden) } else { Ok(()) }
}

#[derive(Deserialize)]
struct OpeningForm {
    #[serde(default)]
    login: String,
}

async fn open(
    State(app): State<App>,
    viewer: Viewer,
    Path(official): Path<i64>,
    Form(form): Form<OpeningForm>,
) -> Page {
    not_own(&viewer, official)?;
    let login = forms::half_width(form.login.trim()).to_lowercase();
    let mut problems = Problems::default();
    problems.require(plain_login(&login), "login", "账号用 3 到 32 个小写字母或数字");
    let password = code_text(&random());
    let hash = passwords::hash(&password).await?;
    let mut write = app.db.write().await?;
    if find(&mut write, official).await?.account.is_some() {
        return Err(Refusal::Stale);
    }
    one_at_a_time(&mut write, official).await?;
    // Whoever opens an account reads its first password: an officer's is set by the security officer.
    let officer = keeps_the_house(&mut write, official).await?;
    let (hash, password) = if officer { (String::new(), None) } else { (hash, Some(password)) };
    if problems.is_empty() {
        let id = app.id();
        let made = sqlx::query(
            "INSERT INTO account (id, official, login, password_hash) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(official)
        .bind(login.clone())
        .bind(hash)
        .execute(&mut *write)
        .await?;
        if made.rows_affected() == 1 {
            let subject = Subject("account", id);
            chain::record(&mut write, &app, viewer.actor(), "account.made", subject, &login).await?;
            write.commit().await?;
            return page(&app, &viewer, official, Typed::Nothing, problems, password).await;
        }
        problems.add("login", "这个账号已经有人用了");
    }
    drop(write);
    page(&app, &viewer, official, Typed::Login(form.login), problems, None).await
}

/// Whether somebody holds one of the three officers' roles, by which accounts, roles and the chain are kept.
pub(super) async fn keeps_the_house(read: &mut AnyConnection, official: i64) -> Result<bool, sqlx::Error> {
    let (roles,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM appointment ap JOIN role_grant g ON g.appointment = ap.id
          WHERE ap.official = $1 AND g.role IN ($2, $3, $4)",
    )
    .bind(official)
    .bind(OFFICERS[0])
    .bind(OFFICERS[1])
    .bind(OFFICERS[2])
    .fetch_one(read)
    .await?;
    Ok(roles > 0)
}

/// Who sets the password of one of the three officers, and of everybody else.
fn resets(officer: bool) -> &'static str {
    if officer { "security_officer" } else { "system_officer" }
}

/// Two who change what an official may do come one after the other, and the second sees what the first did.
pub(super) async fn one_at_a_time(write: &mut AnyConnection, official: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE official SET name = name WHERE id = $1").bind(official).execute(write).await?;
    Ok(())
}

/// The system officer resets everybody's password but the three officers': with theirs he would hold all three parts.
/// Those the security officer resets, and no others.
async fn reset(State(app): State<App>, viewer: Viewer, Path(official): Path<i64>) -> Page {
    not_own(&viewer, official)?;
    let mut read = app.db.read().await?;
    find(&mut read, official).await?;
    let officer = keeps_the_house(&mut read, official).await?;
    drop(read);
    if !viewer.is(resets(officer)) {
        return Err(Refusal::Forbidden);
    }
    let password = code_text(&random());
    let hash = passwords::hash(&password).await?;
    let mut write = app.db.write().await?;
    one_at_a_time(&mut write, official).await?;
    if keeps_the_house(&mut write, official).await? != officer {
        return Err(Refusal::Stale);
    }
    let Account { account, login, .. } = find(&mut write, official).await?;
    let account = account.ok_or(Refusal::NotFound)?;
    sqlx::query("UPDATE account SET password_hash = $1 WHERE id = $2")
        .bind(hash)
        .bind(account)
        .execute(&mut *write)
        .await?;
    super::sessions::end_others(&mut write, account, "").await?;
    let (subject, content) = (Subject("account", account), json!({ "login": login }));
    chain::record(&mut write, &app, viewer.actor(), "password.reset", subject, &content).await?;
    write.commit().await?;
    page(&app, &viewer, official, Typed::Nothing, Problems::default(), Some(password)).await
}

async fn disable(State(app): State<App>, viewer: Viewer, Path(official): Path<i64>) -> Page {
    set_disabled(&app, &viewer, official, Some(app.today().to_string()), "account.disabled").await
}

async fn enable(State(app): State<App>, viewer: Viewer, Path(official): Path<i64>) -> Page {
    set_disabled(&app, &viewer, official, None, "account.enabled").await
}

async fn set_disabled(
    app: &App,
    viewer: &Viewer,
    official: i64,
    disabled_on: Option<String>,
    action: &'static str,
) -> Page {
    not_own(viewer, official)?;
    let mut write = app.db.write().await?;
    let Account { account, login, .. } = find(&mut write, official).await?;
    let account = account.ok_or(Refusal::NotFound)?;
    sqlx::query("UPDATE account SET disabled_on = $1 WHERE id = $2")
        .bind(disabled_on.clone())
        .bind(account)
        .execute(&mut *write)
        .await?;
    super::sessions::end_others(&mut write, account, "").await?;
    let content = json!({ "login": login, "disabled_on": disabled_on });
    chain::record(&mut write, app, viewer.actor(), action, Subject("account", account), &content).await?;
    write.commit().await?;
    see(&format!("/accounts/{official}"))
}
