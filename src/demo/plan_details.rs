//! What plan items say beside their promises: the townships' list of responsibilities, helpers, meetings, items that
//! serve one above, and a proposal that was merged. All invented.

use std::collections::HashMap;

use jiff::ToSpan;
use policy::Month;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::World;
use super::history::moment;
use super::random::Random;
use crate::chain::Subject;

/// The townships' list: number, what is to be done, part, and a word of the goals that fall under it.
const LIST: [(&str, &str, &str, &str); 19] = [
    ("B01", "联系服务群众，入户走访，收集办理群众诉求", "basic", "走访"),
    ("B02", "受理办理职责范围内的信访事项，开展矛盾纠纷排查调处", "basic", "纠纷"),
    ("B03", "农田水利设施管护，组织冬修水利", "basic", "渠道"),
    ("B04", "组织发放惠农补贴并公示", "basic", "补贴"),
    ("B05", "村级集体资产、资金、合同监督管理", "basic", "合同"),
    ("B06", "村务公开、村级财务管理指导", "basic", "村务"),
    ("B07", "农村人居环境整治、生活垃圾收运", "basic", "垃圾"),
    ("B08", "独居老人、残疾人等困难群众关爱服务", "basic", "老人"),
    ("B09", "粮油生产、耕地利用组织", "basic", "油菜"),
    ("B10", "农村公路、通组路日常管护", "basic", "通组路"),
    ("B11", "河道巡查，河长制落实", "basic", "河道"),
    ("B12", "便民服务窗口运行", "basic", "窗口"),
    ("P01", "森林防火宣传、巡查和初期处置", "shared", "防火"),
    ("P02", "地质灾害隐患点巡查、群测群防", "shared", "地质灾害"),
    ("P03", "城乡居民医疗保险参保动员", "shared", "医保"),
    ("P04", "农村危房改造对象核查、组织实施", "shared", "危房"),
    ("P05", "安全生产日常检查、隐患报告", "shared", "安全生产"),
    ("P06", "退役军人优待证等证照代办", "shared", "退役军人"),
    ("S01", "安全生产行政处罚", "taken_back", ""),
];

const SOURCE: &str = "《乡镇（街道）履职事项清单》（演示文件）";

const MEETINGS: [&str; 4] = ["县政府常务会议", "县委农村工作领导小组会议", "县安委会全体会议", "县长办公会议"];

/// What belongs together: an item serves one above that has a word of the same line.
const THEMES: [&[&str]; 9] = [
    &["粮食生产", "油菜", "渠道", "种粮补贴", "农业"],
    &["防火", "地灾", "地质灾害"],
    &["安全生产", "隐患"],
    &["信访", "纠纷", "化解"],
    &["民生实事", "危房", "饮水", "通组路", "老人", "残疾人"],
    &["集体经济", "集体合同", "油茶", "柑橘", "财务"],
    &["学校", "防溺水"],
    &["重点项目", "重点工程", "用地", "项目资金"],
    &["走访", "调研"],
];

/// Whether two goals are about the same thing.
fn belong(one: &str, other: &str) -> bool {
    let has = |theme: &[&str], goal: &str| theme.iter().any(|word| goal.contains(word));
    THEMES.iter().any(|theme| has(theme, one) && has(theme, other))
}

#[derive(FromRow)]
struct Item {
    id: i64,
    owner: i64,
    month: String,
    kind: String,
    source: String,
    petition: Option<i64>,
    target: Option<i64>,
    number: Option<String>,
    goal: String,
    weight: i64,
}

/// Adds the details to what [`super::plans`] has made up of last month, this one and the next.
pub(super) async fn add(world: &mut World<'_>) -> anyhow::Result<()> {
    let this_month = Month::of(world.today);
    let mut random = Random::of(world.seed, "plan details");
    let mut write = world.app.db.write().await?;
    list(&mut write, world, this_month).await?;
    let items: Vec<Item> = sqlx::query_as(
        "SELECT i.id, i.owner, p.month, u.kind, i.source, i.petition, i.target, i.number, i.goal, i.weight
           FROM plan_item i JOIN plan p ON p.id = i.plan JOIN unit u ON u.id = p.unit
          WHERE p.month >= $1 ORDER BY i.id",
    )
    .bind(this_month.plus(-1).to_string())
    .fetch_all(&mut *write)
    .await?;
    serve(&mut write, world, &items, &mut random).await?;
    for item in items.iter().filter(|item| item.petition.is_none()) {
        if item.kind == "department" && item.source == "arranged" && random.chance(300) {
            let meeting = format!("{}{}", this_month_of(&item.month), random.pick(&MEETINGS));
            sqlx::query("UPDATE plan_item SET meeting = $2 WHERE id = $1")
                .bind(item.id)
                .bind(meeting)
                .execute(&mut *write)
                .await?;
        }
        if random.chance(60) {
            let unit = random.below(world.people.units.len());
            let unit = world.people.units[unit].id;
            helper(&mut write, world, item.id, Some(unit), None).await?;
        }
    }
    merge(&mut write, world, &items).await?;
    write.commit().await?;
    Ok(())
}

/// 11月 of 2026-11.
fn this_month_of(month: &str) -> String {
    month.parse::<Month>().map(|month| format!("{}月", month.number())).unwrap_or_default()
}

/// Brings in the townships' list, and puts the townships' items under its lines by a word of their goals.
async fn list(write: &mut AnyConnection, world: &World<'_>, this_month: Month) -> anyhow::Result<()> {
    let town =
        "plan IN (SELECT p.id FROM plan p JOIN unit u ON u.id = p.unit WHERE u.kind = 'township' AND p.month >= ";
    let first = this_month.plus(-1);
    for (code, name, part, word) in LIST {
        let id = world.app.id();
        sqlx::query(
            "INSERT INTO responsibility (id, unit_kind, code, name, part, source, holds_from)
             VALUES ($1, 'township', $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(code)
        .bind(name)
        .bind(part)
        .bind(SOURCE)
        .bind(first.first_day().to_string())
        .execute(&mut *write)
        .await?;
        if word.is_empty() {
            continue;
        }
        let mut sql = crate::db::Sql::new("UPDATE plan_item SET responsibility = ");
        sql.bind(id).push(" WHERE responsibility IS NULL AND ").push(town).bind(first.to_string());
        sql.push(") AND (goal LIKE ").bind(format!("%{word}%"));
        if code == "B02" {
            sql.push(" OR petition IS NOT NULL");
        }
        sql.push(") RETURNING id");
        let _: Vec<(i64,)> = sql.fetch_all(&mut *write).await?;
    }
    let mut sql = crate::db::Sql::new("UPDATE plan_item SET unlisted = 1 WHERE responsibility IS NULL AND ");
    sql.push(town).bind(first.to_string()).push(") RETURNING id");
    let _: Vec<(i64,)> = sql.fetch_all(write).await?;
    Ok(())
}

/// Lets some frozen items serve one of the superior's of the same month.
async fn serve(
    write: &mut AnyConnection,
    world: &World<'_>,
    items: &[Item],
    random: &mut Random,
) -> anyhow::Result<()> {
    let officials = &world.people.officials;
    let above: HashMap<i64, i64> =
        officials.iter().filter_map(|official| Some((official.id, officials[official.superior?].id))).collect();
    let frozen = || items.iter().filter(|item| item.number.is_some());
    for item in frozen() {
        let Some(superior) = above.get(&item.owner) else { continue };
        let theirs: Vec<&Item> = frozen()
            .filter(|other| other.owner == *superior && other.month == item.month && other.petition.is_none())
            .filter(|other| belong(&other.goal, &item.goal))
            .collect();
        if theirs.is_empty() || !random.chance(800) {
            continue;
        }
        let served = random.pick(&theirs).id;
        sqlx::query("UPDATE plan_item SET serves = $2 WHERE id = $1")
            .bind(item.id)
            .bind(served)
            .execute(&mut *write)
            .await?;
    }
    Ok(())
}

async fn helper(
    write: &mut AnyConnection,
    world: &World<'_>,
    item: i64,
    unit: Option<i64>,
    official: Option<i64>,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO plan_helper (id, item, unit, official) VALUES ($1, $2, $3, $4)")
        .bind(world.app.id())
        .bind(item)
        .bind(unit)
        .bind(official)
        .execute(write)
        .await?;
    Ok(())
}

/// Two proposals of 莲塘坳镇 for next month, by two officials below 文立新, of which one stands for the other.
async fn merge(write: &mut AnyConnection, world: &mut World<'_>, items: &[Item]) -> anyhow::Result<()> {
    let chief = world.people.cast("zhenzhang");
    let below: Vec<i64> = world
        .people
        .officials
        .iter()
        .filter(|official| official.superior == Some(chief))
        .map(|official| official.id)
        .collect();
    let draft = |item: &&Item| {
        item.number.is_none() && item.petition.is_none() && item.target.is_none() && below.contains(&item.owner)
    };
    let drafts: Vec<&Item> = items.iter().filter(draft).collect();
    let pairs = drafts.iter().flat_map(|one| drafts.iter().map(move |other| (*one, *other)));
    let alike = |(one, other): &(&Item, &Item)| {
        one.id < other.id && one.owner != other.owner && one.month == other.month && belong(&one.goal, &other.goal)
    };
    let Some((standing, merged)) = pairs.into_iter().find(alike) else { return Ok(()) };
    let by = world.people.officials[chief].clone();
    let day = world.today.saturating_sub(1.day());
    let reason = "两件事是同一类，合在一起办。";
    sqlx::query("INSERT INTO plan_merge (item, into_item, reason, merged_on, merged_by) VALUES ($1, $2, $3, $4, $5)")
        .bind(merged.id)
        .bind(standing.id)
        .bind(reason)
        .bind(day.to_string())
        .bind(by.id)
        .execute(&mut *write)
        .await?;
    sqlx::query("UPDATE plan_item SET version = version + 1 WHERE id IN ($1, $2)")
        .bind(merged.id)
        .bind(standing.id)
        .execute(&mut *write)
        .await?;
    helper(write, world, standing.id, None, Some(merged.owner)).await?;
    let told = json!({ "into": standing.id, "goal": merged.goal, "weight": merged.weight, "reason": reason });
    let at = moment(day, 15 * 60);
    world.history.add(at, Some(&by), "plan_item.merged", Subject("plan_item", merged.id), &told);
    Ok(())
}
