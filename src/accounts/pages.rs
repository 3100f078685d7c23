//! Signing in and out, and the page of one's own account.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::devices::Device;
use super::{Viewer, passwords, sessions};
use crate::chain::{self, Actor, Subject};
use crate::secrets::Purpose;
use crate::web::{
    Access, App, ClientAddress, Form, Page, Problems, Query, Refusal, Rooms, Shell, html, html_with, layout, limits,
    see,
};

/// `/sign-in`, `/sign-out`, `/account`, and the accounts of others.
pub fn rooms() -> Rooms {
    Rooms::new()
        .get("/sign-in", Access::Public, sign_in_form)
        .post("/sign-in", Access::Public, sign_in)
        .post("/sign-out", Access::SignedIn, sign_out)
        .get("/account", Access::SignedIn, account)
        .post("/account/password", Access::SignedIn, change_password)
        .post("/account/appointment", Access::SignedIn, change_appointment)
        .with(super::admin::rooms())
        .with(super::grants::rooms())
}

#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
struct SignInPage {
    login: String,
    back: String,
    problem: Option<String>,
}

#[derive(Default, Deserialize)]
struct Back {
    #[serde(default)]
    back: String,
}

async fn sign_in_form(viewer: Option<Viewer>, Query(query): Query<Back>) -> Page {
    if let Some(viewer) = viewer {
        return see(layout::home(&viewer));
    }
    html(&SignInPage { login: String::new(), back: query.back, problem: None })
}

#[derive(Deserialize)]
struct SignInForm {
    login: String,
    password: String,
    #[serde(default)]
    back: String,
}

/// After so many failures of one login from one source each further one doubles the wait.
const FREE_FAILURES: i64 = 4;
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// How long somebody who failed so often has to wait before the next try counts.
fn wait_after(failures: i64) -> SignedDuration {
    if failures < FREE_FAILURES {
        return SignedDuration::ZERO;
    }
    let doubled =
        1_i64.checked_shl(u32::try_from(failures - FREE_FAILURES).unwrap_or(u32::MAX).min(40)).unwrap_or(i64::MAX);
    SignedDuration::from_secs(doubled.saturating_mul(2)).min(LONGEST_WAIT)
}

async fn sign_in(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Page {
    let login = form.login.trim().to_lowercase();
    let device = Device::of(&app, &headers, &login);
    let source = if let Some(device) = &device {
        limits::check_own(&app.limits.own, &device.source())?;
        device.source()
    } else {
        limits::check(&app.limits.sign_in, address)?;
        limits::subscriber(address).to_string()
    };
    let key = app.keys.keyed(Purpose::Login, &login);
    let now = app.now();

    let mut read = app.db.read().await?;
    let failed: Option<(i64, i64)> =
        sqlx::query_as("SELECT failures, last_at FROM sign_in_failure WHERE login_hash = $1 AND source = $2")
            .bind(key.clone())
            .bind(source.clone())
            .fetch_optional(&mut *read)
            .await?;
    let known: Option<(i64, String, String)> =
        sqlx::query_as("SELECT id, password_hash, COALESCE(disabled_on, '') FROM account WHERE login = $1")
            .bind(login.clone())
            .fetch_optional(&mut *read)
            .await?;
    drop(read);

    let refuse = |problem: String| {
        html_with(
            StatusCode::UNPROCESSABLE_ENTITY,
            &SignInPage { login: form.login.clone(), back: form.back.clone(), problem: Some(problem) },
        )
    };
    let (failures, last_at) = failed.unwrap_or((0, 0));
    let waited = SignedDuration::from_millis(now.as_millisecond() - last_at);
    if let left @ 1.. = (wait_after(failures) - waited).as_secs() {
        return refuse(format!("口令连续错误，请等 {left} 秒再试。"));
    }
    let fits = passwords::verify(&form.password, known.as_ref().map(|(_, hash, _)| hash.clone())).await?;
    let account = known.filter(|(_, _, disabled)| fits && disabled.is_empty()).map(|(id, _, _)| id);

    let mut write = app.db.write().await?;
    let Some(account) = account else {
        sqlx::query(
            "INSERT INTO sign_in_failure (login_hash, source, failures, last_at) VALUES ($1, $2, 1, $3)
             ON CONFLICT (login_hash, source) DO UPDATE SET failures = sign_in_failure.failures + 1, last_at = $3",
        )
        .bind(key)
        .bind(source)
        .bind(now.as_millisecond())
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        return refuse("账号或口令不对。".to_owned());
    };
    let appointments = appointments(&mut write, &app, account).await?;
    let Some(first) = appointments.first() else {
        return refuse("您目前没有在任的岗位，请联系系统管理员。".to_owned());
    };
    sqlx::query("DELETE FROM sign_in_failure WHERE login_hash = $1 AND source = $2")
        .bind(key)
        .bind(source)
        .execute(&mut *write)
        .await?;
    let before = sessions::session_cookie(&headers);
    let token = sessions::begin(&mut write, &app, account, first.id, before).await?;
    let actor = Actor { official: Some(first.official), appointment: Some(first.id) };
    chain::record_reading(&mut write, &app, actor, "session.began", Subject("account", account)).await?;
    write.commit().await?;

    // Only a path of our own: `//host` would lead away.
    let back = if form.back.starts_with('/')
        && !form.back.starts_with("//")
        && !form.back.contains('\\')
        && !form.back.chars().any(char::is_control)
    {
        form.back.clone()
    } else {
        "/account".to_owned()
    };
    let back = if back == "/" || back == "/account" { home_of(&app, &token).await? } else { back };
    let device = device.unwrap_or_else(Device::new).set_cookie(&app, &login);
    let cookies = [sessions::set_cookie(&app, Some(&token)), device].map(|cookie| (header::SET_COOKIE, cookie));
    Ok((AppendHeaders(cookies), see(&back)?).into_response())
}

async fn home_of(app: &App, token: &str) -> anyhow::Result<String> {
    let viewer = sessions::viewer_of(app, token).await?;
    Ok(viewer.map_or("/account", |viewer| layout::home(&viewer)).to_owned())
}

async fn sign_out(State(app): State<App>, viewer: Viewer, headers: HeaderMap) -> Page {
    let mut write = app.db.write().await?;
    if let Some(token) = sessions::session_cookie(&headers) {
        sessions::end(&mut write, &token).await?;
    }
    chain::record_reading(&mut write, &app, viewer.actor(), "session.ended", Subject("account", viewer.account))
        .await?;
    write.commit().await?;
    Ok(([(header::SET_COOKIE, sessions::set_cookie(&app, None))], see("/sign-in")?).into_response())
}

/// An appointment that its holder may act in.
#[derive(sqlx::FromRow)]
struct Appointment {
    id: i64,
    official: i64,
    title: String,
    unit_name: String,
}

/// Appointments in force that carry a role, the latest first.
async fn appointments(
    connection: &mut sqlx::AnyConnection,
    app: &App,
    account: i64,
) -> Result<Vec<Appointment>, sqlx::Error> {
    sqlx::query_as(
        "SELECT ap.id, ap.official, p.title, u.name AS unit_name
           FROM account a
           JOIN appointment ap ON ap.official = a.official AND ap.held_from <= $2
                AND (ap.held_to IS NULL OR ap.held_to > $2)
           JOIN post p ON p.id = ap.post
           JOIN unit u ON u.id = p.unit
          WHERE a.id = $1
          ORDER BY (SELECT COUNT(*) FROM role_grant g WHERE g.appointment = ap.id) DESC, ap.held_from DESC, ap.id",
    )
    .bind(account)
    .bind(app.today().to_string())
    .fetch_all(connection)
    .await
}

#[derive(Template)]
#[template(path = "accounts/account.html")]
struct AccountPage {
    shell: Shell,
    viewer: Viewer,
    roles: Vec<String>,
    appointments: Vec<Appointment>,
    problems: Problems,
    done: bool,
}

async fn account_page(app: &App, viewer: Viewer, problems: Problems, done: bool) -> Page {
    let mut read = app.db.read().await?;
    let appointments = appointments(&mut read, app, viewer.account).await?;
    let names = &super::permissions().roles;
    let roles = viewer.roles.iter().filter_map(|role| names.get(role).cloned()).collect();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::new(&viewer, "account");
    html_with(status, &AccountPage { shell, viewer, roles, appointments, problems, done })
}

#[derive(Default, Deserialize)]
struct Done {
    done: Option<String>,
}

async fn account(State(app): State<App>, viewer: Viewer, Query(query): Query<Done>) -> Page {
    account_page(&app, viewer, Problems::default(), query.done.is_some()).await
}

#[derive(Deserialize)]
struct PasswordForm {
    present: String,
    new: String,
    again: String,
}

async fn change_password(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    Form(form): Form<PasswordForm>,
) -> Page {
    limits::check_own(&app.limits.own, &format!("account {}", viewer.account))?;
    let mut read = app.db.read().await?;
    let (login, hash): (String, String) = sqlx::query_as("SELECT login, password_hash FROM account WHERE id = $1")
        .bind(viewer.account)
        .fetch_one(&mut *read)
        .await?;
    drop(read);
    let mut problems = Problems::default();
    if !passwords::verify(&form.present, Some(hash)).await? {
        problems.add("present", "现在的口令不对");
    }
    if let Err(weak) = passwords::judge(&form.new, &login) {
        problems.add("new", weak.to_string());
    }
    problems.require(form.new == form.again, "again", "两次输入的新口令不一样");
    if !problems.is_empty() {
        return account_page(&app, viewer, problems, false).await;
    }
    let hash = passwords::hash(&form.new).await?;
    let mut write = app.db.write().await?;
    sqlx::query("UPDATE account SET password_hash = $1 WHERE id = $2")
        .bind(hash)
        .bind(viewer.account)
        .execute(&mut *write)
        .await?;
    let token = sessions::session_cookie(&headers).unwrap_or_default();
    sessions::end_others(&mut write, viewer.account, &token).await?;
    let (subject, content) = (Subject("account", viewer.account), json!({ "login": login }));
    chain::record(&mut write, &app, viewer.actor(), "password.changed", subject, &content).await?;
    write.commit().await?;
    see("/account?done=1")
}

#[derive(Deserialize)]
struct AppointmentForm {
    appointment: i64,
}

/// Acts in another of one's own posts from now on; the session is begun anew, since its rights change.
async fn change_appointment(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    Form(form): Form<AppointmentForm>,
) -> Page {
    let mut write = app.db.write().await?;
    let own = appointments(&mut write, &app, viewer.account).await?;
    let chosen = own.iter().find(|own| own.id == form.appointment).ok_or(Refusal::NotFound)?;
    let before = sessions::session_cookie(&headers);
    let token = sessions::begin(&mut write, &app, viewer.account, chosen.id, before).await?;
    let actor = Actor { official: Some(viewer.official), appointment: Some(chosen.id) };
    chain::record_reading(&mut write, &app, actor, "session.began", Subject("account", viewer.account)).await?;
    write.commit().await?;
    Ok(([(header::SET_COOKIE, sessions::set_cookie(&app, Some(&token)))], see("/account")?).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_failure_begins_to_wait_and_a_quarter_of_an_hour_is_the_most() {
        assert_eq!(wait_after(3), SignedDuration::ZERO);
        assert_eq!(wait_after(4), SignedDuration::from_secs(2));
        assert_eq!(wait_after(5), SignedDuration::from_secs(4));
        assert_eq!(wait_after(1_000), SignedDuration::from_mins(15));
    }
}
