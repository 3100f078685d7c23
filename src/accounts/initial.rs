//! The first account of a new county: somebody has to be able to add the others.

use super::passwords;
use crate::chain::{self, Actor, Subject};
use crate::divisions::initials;
use crate::secrets::{code_text, random};
use crate::web::App;

/// Makes the first system officer of a county whose divisions are there, and gives the password, which is kept nowhere.
pub async fn initial(app: &App, login: &str, name: &str) -> anyhow::Result<String> {
    let password = code_text(&random());
    let hash = passwords::hash(&password).await?;
    let today = app.today().to_string();
    let login = login.trim().to_lowercase();
    let (unit, post, official, appointment, account) = (app.id(), app.id(), app.id(), app.id(), app.id());
    let mut write = app.db.write().await?;
    sqlx::query("INSERT INTO database_mark (name, value) VALUES ('kind', 'county')").execute(&mut *write).await?;
    let (county, county_name): (String, String) =
        sqlx::query_as("SELECT code, name FROM division WHERE kind = 'county'")
            .fetch_optional(&mut *write)
            .await?
            .ok_or_else(|| anyhow::anyhow!("区划文件里没有县（6 位代码）"))?;
    sqlx::query(
        "INSERT INTO unit (id, code, name, kind, division, valid_from) VALUES ($1, 'SYS', $2, 'department', $3, $4)",
    )
    .bind(unit)
    .bind(format!("{county_name}系统管理"))
    .bind(county)
    .bind(today.clone())
    .execute(&mut *write)
    .await?;
    sqlx::query("INSERT INTO post (id, unit, code, title, listed_as) VALUES ($1, $2, 'SYS-1', '系统管理员', '科员')")
        .bind(post)
        .bind(unit)
        .execute(&mut *write)
        .await?;
    sqlx::query("INSERT INTO official (id, number, name, initials) VALUES ($1, $2, $3, $4)")
        .bind(official)
        .bind(login.clone())
        .bind(name)
        .bind(initials(name))
        .execute(&mut *write)
        .await?;
    sqlx::query("INSERT INTO appointment (id, official, post, held_from) VALUES ($1, $2, $3, $4)")
        .bind(appointment)
        .bind(official)
        .bind(post)
        .bind(today)
        .execute(&mut *write)
        .await?;
    sqlx::query("INSERT INTO role_grant (appointment, role) VALUES ($1, 'system_officer')")
        .bind(appointment)
        .execute(&mut *write)
        .await?;
    sqlx::query("INSERT INTO account (id, official, login, password_hash) VALUES ($1, $2, $3, $4)")
        .bind(account)
        .bind(official)
        .bind(login.clone())
        .bind(hash)
        .execute(&mut *write)
        .await?;
    chain::record(&mut write, app, Actor::NOBODY, "account.made", Subject("account", account), &login).await?;
    write.commit().await?;
    Ok(password)
}
