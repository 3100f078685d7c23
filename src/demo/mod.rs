//! The demo county: real places, invented people, deterministic from a seed.

mod bound;
mod course;
mod cycles;
mod files;
mod goals;
mod history;
mod matters;
mod names;
mod pay;
mod people;
mod petitions;
mod places;
mod plan_details;
mod plans;
pub mod published;
mod random;
mod receptions;
mod sayings;
mod schemes;
mod statements;
mod units;
mod unusual;
mod visits;

use anyhow::{Context, ensure};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::Day;
use sqlx::AnyConnection;

use self::history::History;
use self::people::People;
pub use self::petitions::codes;
use self::places::{Household, Village};
use self::visits::Draft;

use crate::accounts::passwords;
use crate::divisions::{self, initials};
use crate::marks;
use crate::web::App;

/// The one password of the demo's accounts.
pub const PASSWORD: &str = "youxian-2026";

/// The login of the county's secretary, who approves bound cases.
pub const SECRETARY: &str = "shuji";

/// The county's places, as they came with the source.
const DIVISIONS: &str = include_str!("../../county/divisions-430223.csv");

/// An account of the demo.
pub struct DemoAccount {
    /// What to type.
    pub login: &'static str,
    /// Who it is.
    pub name: &'static str,
    unit: DemoUnit,
    title: &'static str,
    listed_as: &'static str,
    role: &'static str,
    /// Login of whoever cancels the plan items of this post.
    superior: Option<&'static str>,
}

/// Code, name, kind, division.
type DemoUnit = (&'static str, &'static str, &'static str, &'static str);

const COUNTY: DemoUnit = ("XLD", "县领导", "county", "430223");
const OFFICE: DemoUnit = ("XFJ", "县信访局", "department", "430223");
const LAND: DemoUnit = ("ZRZY", "县自然资源局", "department", "430223");
const TOWN: DemoUnit = ("LTA", "莲塘坳镇", "township", "430223125");
const SUPERVISION: DemoUnit = ("DCS", "县委督查室", "department", "430223");
const PERSONNEL: DemoUnit = ("RSJ", "县人力资源和社会保障局", "department", "430223");
const FINANCE: DemoUnit = ("CZJ", "县财政局", "department", "430223");

const fn account(
    login: &'static str,
    name: &'static str,
    unit: DemoUnit,
    (title, listed_as, role): (&'static str, &'static str, &'static str),
    superior: Option<&'static str>,
) -> DemoAccount {
    DemoAccount { login, name, unit, title, listed_as, role, superior }
}

/// At least one account a role; two who sign what the leaders and heads of units receive from, and one who records what
/// was decided on it, since whoever receives does neither. Superiors stand before those whose items they cancel.
pub const ACCOUNTS: [DemoAccount; 17] = [
    account("lingdao", "谢国华", COUNTY, ("副县长", "副县长", "leader"), None),
    account("fenguan", "陈新民", LAND, ("局长", "局长", "superior"), Some("lingdao")),
    account("chengban", "周敏", LAND, ("科员", "科员", "handler"), Some("fenguan")),
    account("juzhang", "曾凡荣", OFFICE, ("局长", "局长", "superior"), Some("lingdao")),
    account("xinfang", "肖文", OFFICE, ("接访科科长", "科员", "petition_officer"), Some("juzhang")),
    account("xinfang2", "贺小兰", OFFICE, ("督办科科员", "科员", "petition_officer"), Some("juzhang")),
    account("zhenzhang", "文立新", TOWN, ("镇长", "乡镇长", "superior"), Some("lingdao")),
    account("xiangzhen", "谭小雨", TOWN, ("办点干部", "科员", "township_official"), Some("zhenzhang")),
    account("cun", "丁一", TOWN, ("阳升观村党支部书记", "科员", "village_official"), Some("zhenzhang")),
    account("ducha", "刘建平", SUPERVISION, ("督查员", "科员", "supervision"), None),
    account("renshi", "易春兰", PERSONNEL, ("工资科科长", "科员", "personnel"), None),
    account("caizheng", "文国强", FINANCE, ("科员", "科员", "finance"), None),
    account("caizheng2", "袁志华", FINANCE, ("国库股股长", "科员", "finance"), None),
    account("pingyi", "贺建军", COUNTY, ("县委组织部副部长", "科员", "superior"), None),
    account("xitong", "罗致远", OFFICE, ("系统管理员", "科员", "system_officer"), Some("juzhang")),
    account("anquan", "夏志明", OFFICE, ("安全保密员", "科员", "security_officer"), Some("juzhang")),
    account("shenji", "王丽", SUPERVISION, ("安全审计员", "科员", "audit_officer"), None),
];

impl DemoAccount {
    /// The roles that the account's post carries.
    pub fn roles(&self) -> Vec<String> {
        vec![self.role.to_owned()]
    }

    /// Who it is, as the list of accounts prints it.
    pub fn describe(&self) -> String {
        let role = &crate::accounts::permissions().roles[self.role];
        format!("{role}：{} {}{}", self.name, self.unit.1, self.title)
    }
}

/// From which the county is made up. The same seed, day and number of households give the same county; only ids,
/// salts and ciphertexts differ.
const SEED: u64 = 430_223;

/// 阳升观村, which 丁一 and 谭小雨 of the cast are assigned to.
const VILLAGE: &str = "430223125209";

/// The county while it is being made up.
struct World<'a> {
    app: &'a App,
    seed: u64,
    today: Date,
    villages: Vec<Village>,
    households: Vec<Household>,
    people: People,
    history: History,
    entries: Vec<Draft>,
    cases: Vec<plans::Case>,
}

impl World<'_> {
    /// [`working_day`] of this county.
    fn working_day(&self, day: Date, last: Date) -> Date {
        working_day(self.app, day, last)
    }

    /// Whether somebody of the petition office keeps the program and not the window.
    fn is_officer(&self, official: usize) -> bool {
        [self.people.cast("xitong"), self.people.cast("anquan")].contains(&official)
    }
}

/// The first working day from `day`, or the last before it where that would be after `last`.
fn working_day(app: &App, day: Date, last: Date) -> Date {
    let works = |day: Date| match app.calendar.day(day) {
        Day::Working => true,
        Day::Rest { .. } => false,
        Day::Unpublished => day.weekday().to_monday_one_offset() < 6,
    };
    let ahead = (0..12).map(|n| day.saturating_add(n.days())).find(|day| works(*day));
    let back = || (0..12).map(|n| last.min(day).saturating_sub(n.days())).find(|day| works(*day));
    ahead.filter(|day| *day <= last).or_else(back).unwrap_or(day)
}

/// Fills an empty database with the demo county: a year of life up to today around the cast.
///
/// It is not one transaction; the mark `seed` is its last row, and a database without it was not finished.
pub async fn fill(app: &App, households: u32) -> anyhow::Result<()> {
    cast(app).await?;
    let (villages, households) = places::settle(app, SEED, usize::try_from(households)?).await?;
    let people = people::appoint(app, SEED, &villages).await?;
    let mut world = World {
        app,
        seed: SEED,
        today: app.today(),
        villages,
        households,
        people,
        history: History::default(),
        entries: Vec::new(),
        cases: Vec::new(),
    };
    petitions::tell(&mut world).await?;
    visits::visit(&mut world);
    visits::store(&mut world).await?;
    plans::plan(&mut world).await?;
    plan_details::add(&mut world).await?;
    cycles::tell(&mut world).await?;
    statements::give(&mut world).await?;
    authorise(&world).await?;
    pay::tell(&mut world).await?;
    let guests = receptions::tell(&mut world)?;
    bound::list(&mut world).await?;
    unusual::tell(&mut world).await?;
    std::mem::take(&mut world.history).store(app).await?;
    receptions::store(&world, guests).await?;
    files::supplement(app, SEED).await?;
    schemes::tell(&world).await?;
    crate::duties::keep(app).await?;
    crate::petitions::urge(app).await?;
    pair_all(app).await?;
    finish(app, SEED).await
}

/// Writes down the words that petitions are found by.
async fn pair_all(app: &App) -> anyhow::Result<()> {
    let mut write = app.db.write().await?;
    sqlx::query("INSERT INTO petition_unpaired (petition) SELECT id FROM petition").execute(&mut *write).await?;
    write.commit().await?;
    while crate::petitions::pair(app).await? {}
    Ok(())
}

/// Marks a demo database as finished.
async fn finish(app: &App, seed: u64) -> anyhow::Result<()> {
    let mut write = app.db.write().await?;
    sqlx::query("INSERT INTO database_mark (name, value) VALUES ('seed', $1)")
        .bind(seed.to_string())
        .execute(&mut *write)
        .await?;
    write.commit().await?;
    app.db.analyze().await
}

/// The document that allows performance pay; its number says that it is invented.
async fn authorise(world: &World<'_>) -> anyhow::Result<()> {
    let by = world.people.officials[world.people.cast("renshi")].id;
    let mut write = world.app.db.write().await?;
    sqlx::query(
        "INSERT INTO authorising_document (id, number, title, issuer, holds_from, recorded_by)
         VALUES ($1, '攸演〔2024〕1号', '攸县预安销号绩酬挂钩办法（演示文件）', '攸县县委办公室、攸县人民政府办公室',
                 '2024-01-01', $2)",
    )
    .bind(world.app.id())
    .bind(by)
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok(())
}

/// Refuses a demo whose making was interrupted.
pub async fn ensure_finished(app: &App) -> anyhow::Result<()> {
    let mut read = app.db.read().await?;
    let seed: Option<(String,)> =
        sqlx::query_as("SELECT value FROM database_mark WHERE name = 'seed'").fetch_optional(&mut *read).await?;
    ensure!(seed.is_some(), "上次建演示库没有做完：请删除数据目录里的数据库文件，再运行一次 demo");
    Ok(())
}

/// The county's places and one official a role with an account, and nothing that happened: where tests begin.
pub async fn cast(app: &App) -> anyhow::Result<()> {
    let password = passwords::hash(PASSWORD).await?;
    let mut write = app.db.write().await?;
    marks::claim(&mut write, marks::DEMO, &app.keys).await?;
    divisions::import(&mut write, DIVISIONS, "2019-01-01").await.context("county/divisions-430223.csv")?;
    for account in &ACCOUNTS {
        add_account(&mut write, app, account, &password).await?;
    }
    write.commit().await?;
    Ok(())
}

async fn add_account(
    write: &mut AnyConnection,
    app: &App,
    account: &DemoAccount,
    password: &str,
) -> anyhow::Result<()> {
    let (code, name, kind, division) = account.unit;
    sqlx::query(
        "INSERT INTO unit (id, code, name, kind, division, valid_from) VALUES ($1, $2, $3, $4, $5, '2019-01-01')
         ON CONFLICT (code) DO NOTHING",
    )
    .bind(app.id())
    .bind(code)
    .bind(name)
    .bind(kind)
    .bind(division)
    .execute(&mut *write)
    .await?;
    let (unit,): (i64,) =
        sqlx::query_as("SELECT id FROM unit WHERE code = $1").bind(code).fetch_one(&mut *write).await?;
    let (post, official, appointment) = (app.id(), app.id(), app.id());
    let superior: Option<(i64,)> = sqlx::query_as("SELECT id FROM post WHERE code = $1")
        .bind(account.superior.map(|login| format!("DEMO-{login}")))
        .fetch_optional(&mut *write)
        .await?;
    sqlx::query("INSERT INTO post (id, unit, code, title, listed_as, superior) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(post)
        .bind(unit)
        .bind(format!("DEMO-{}", account.login))
        .bind(account.title)
        .bind(account.listed_as)
        .bind(superior.map(|(id,)| id))
        .execute(&mut *write)
        .await?;
    sqlx::query("INSERT INTO official (id, number, name, initials) VALUES ($1, $2, $3, $4)")
        .bind(official)
        .bind(account.login)
        .bind(account.name)
        .bind(initials(account.name))
        .execute(&mut *write)
        .await?;
    sqlx::query("INSERT INTO appointment (id, official, post, held_from) VALUES ($1, $2, $3, '2024-01-01')")
        .bind(appointment)
        .bind(official)
        .bind(post)
        .execute(&mut *write)
        .await?;
    sqlx::query("INSERT INTO role_grant (appointment, role) VALUES ($1, $2)")
        .bind(appointment)
        .bind(account.role)
        .execute(&mut *write)
        .await?;
    sqlx::query("INSERT INTO account (id, official, login, password_hash) VALUES ($1, $2, $3, $4)")
        .bind(app.id())
        .bind(official)
        .bind(account.login)
        .bind(password)
        .execute(&mut *write)
        .await?;
    Ok(())
}
