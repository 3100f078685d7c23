//! The first accounts of a new county: somebody has to be able to add the others, and somebody else to give them roles.

use anyhow::ensure;
use serde_json::json;
use sqlx::AnyConnection;

use super::{passwords, plain_login};
use crate::chain::{self, Actor, Subject};
use crate::divisions::initials;
use crate::marks;
use crate::secrets::{code_text, random};
use crate::web::App;

/// One of the two who begin.
#[derive(Clone, Debug)]
pub struct Officer {
    login: String,
    name: String,
}

impl Officer {
    /// The first system officer and the first security officer, in this order.
    ///
    /// They are two people: accounts are the one's part and roles the other's, so neither could begin alone.
    pub fn two(system: (&str, &str), security: (&str, &str)) -> anyhow::Result<[Self; 2]> {
        let officers = [Self::new(system)?, Self::new(security)?];
        ensure!(officers[0].login != officers[1].login, "系统管理员和安全保密员要用两个账号，由两个人担任");
        ensure!(officers[0].name != officers[1].name, "系统管理员和安全保密员不能是同一个人");
        Ok(officers)
    }

    fn new((login, name): (&str, &str)) -> anyhow::Result<Self> {
        let (login, name) = (login.trim().to_lowercase(), name.trim().to_owned());
        ensure!(plain_login(&login), "账号“{login}”不行：用 3 到 32 个小写字母或数字");
        ensure!(!name.is_empty(), "姓名不能空着");
        Ok(Self { login, name })
    }
}

/// Makes the first system officer and the first security officer of a county whose divisions are there, in one write.
/// Gives their passwords in this order; they are kept nowhere.
pub async fn initial(app: &App, officers: &[Officer; 2]) -> anyhow::Result<[String; 2]> {
    let posts = [("SYS-1", "系统管理员", "system_officer"), ("SYS-2", "安全保密员", "security_officer")];
    let passwords = [code_text(&random()), code_text(&random())];
    let hashes = [passwords::hash(&passwords[0]).await?, passwords::hash(&passwords[1]).await?];
    let today = app.today().to_string();
    let unit = app.id();
    let mut write = app.db.write().await?;
    marks::claim(&mut write, marks::COUNTY, &app.keys).await?;
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
    for (((post, title, role), Officer { login, name }), hash) in posts.into_iter().zip(officers).zip(hashes) {
        let official = app.id();
        let appointment = appoint(&mut write, app, unit, (post, title), official, (login, name), &today).await?;
        sqlx::query("INSERT INTO role_grant (appointment, role) VALUES ($1, $2)")
            .bind(appointment)
            .bind(role)
            .execute(&mut *write)
            .await?;
        let account = app.id();
        sqlx::query("INSERT INTO account (id, official, login, password_hash) VALUES ($1, $2, $3, $4)")
            .bind(account)
            .bind(official)
            .bind(login.clone())
            .bind(hash)
            .execute(&mut *write)
            .await?;
        chain::record(&mut write, app, Actor::NOBODY, "account.made", Subject("account", account), login).await?;
        let content = json!({ "appointment": appointment, "roles": role });
        let subject = Subject("official", official);
        chain::record(&mut write, app, Actor::NOBODY, "roles.granted", subject, &content).await?;
    }
    write.commit().await?;
    Ok(passwords)
}

async fn appoint(
    write: &mut AnyConnection,
    app: &App,
    unit: i64,
    (code, title): (&'static str, &'static str),
    official: i64,
    (number, name): (&str, &str),
    today: &str,
) -> anyhow::Result<i64> {
    let (post, appointment) = (app.id(), app.id());
    sqlx::query("INSERT INTO post (id, unit, code, title, listed_as) VALUES ($1, $2, $3, $4, '科员')")
        .bind(post)
        .bind(unit)
        .bind(code)
        .bind(title)
        .execute(&mut *write)
        .await?;
    sqlx::query("INSERT INTO official (id, number, name, initials) VALUES ($1, $2, $3, $4)")
        .bind(official)
        .bind(number.to_owned())
        .bind(name.to_owned())
        .bind(initials(name))
        .execute(&mut *write)
        .await?;
    sqlx::query("INSERT INTO appointment (id, official, post, held_from) VALUES ($1, $2, $3, $4)")
        .bind(appointment)
        .bind(official)
        .bind(post)
        .bind(today.to_owned())
        .execute(write)
        .await?;
    Ok(appointment)
}
