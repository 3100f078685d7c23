//! The paper of the document that allows performance pay, and a scheme to come under another: both say that they are
//! invented.

use jiff::civil::Date;
use policy::Month;

use super::World;
use crate::chain::Actor;
use crate::files::{self, Files, Holder, HolderKind};
use crate::imports::{ValueRow, take_values};
use crate::paper::Paper;
use crate::values;
use crate::web::App;

/// What the scheme to come sets: the key of a value, and the value.
const TO_COME: [(&str, &str); 3] =
    [("pay.min_spread_fen", "40000"), ("pay.late_credit_bp", "6000"), ("pay.notice.working_days", "7")];

/// Attaches the paper of the only document, and sets a scheme from the month after next.
pub(super) async fn tell(world: &World<'_>) -> anyhow::Result<()> {
    let app = world.app;
    let mut read = app.db.read().await?;
    let (document, title): (i64, String) =
        sqlx::query_as("SELECT id, title FROM authorising_document").fetch_one(&mut *read).await?;
    drop(read);
    let held = Paper::new(title, "2023-12-20".parse()?).text(
        "本文件是演示用的，内容是编的。\n县级领导、乡镇党政主要领导每季度扣入2000元，县直单位负责人每月扣入600元，其他干部按当月津补贴的40%扣入，按预安销号情况逐月兑现；同一单位同一类人员奖惩最高与最低相差不少于300元。",
    );
    attach(app, document, "绩酬挂钩办法（演示）.docx", &held).await?;

    let from = Month::of(world.today).plus(2).first_day();
    let number = format!("攸演〔{}〕7号", world.today.year());
    let title = "攸县预安销号绩酬挂钩办法（修订，演示文件）";
    let id = record(world, (&number, title), from).await?;
    let paper = Paper::new(title, world.today).text(format!(
        "本文件是演示用的，内容是编的。\n自{}起：同一单位同一类人员奖惩最高与最低相差不少于400元；逾期完成而已销号的项按60%计分；结果公示7个工作日。",
        crate::paper::date(from)
    ));
    attach(app, id, "绩酬挂钩办法修订（演示）.docx", &paper).await?;
    values::load(app).await?;
    Ok(())
}

/// The document and the values that it sets.
async fn record(world: &World<'_>, (number, title): (&str, &str), from: Date) -> anyhow::Result<i64> {
    let app = world.app;
    let by = world.people.officials[world.people.cast("renshi")].id;
    let id = app.id();
    let mut write = app.db.write().await?;
    sqlx::query(
        "INSERT INTO authorising_document (id, number, title, issuer, holds_from, recorded_by)
         VALUES ($1, $2, $3, '攸县县委办公室、攸县人民政府办公室', $4, $5)",
    )
    .bind(id)
    .bind(number.to_owned())
    .bind(title)
    .bind(from.to_string())
    .bind(by)
    .execute(&mut *write)
    .await?;
    let source = format!("《{title}》{number}");
    let rows: Vec<ValueRow> =
        TO_COME.map(|(key, value)| [key.to_owned(), from.to_string(), value.to_owned(), source.clone()]).to_vec();
    let taken = take_values(&mut write, app, Actor::NOBODY, &rows).await?;
    taken.map_err(|why| anyhow::anyhow!("演示方案的规定值没有收下：{why}"))?;
    sqlx::query(
        "INSERT INTO pay_scheme (id, document, holds_from, recorded_on, recorded_by) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(app.id())
    .bind(id)
    .bind(from.to_string())
    .bind(world.today.to_string())
    .bind(by)
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok(id)
}

async fn attach(app: &App, document: i64, name: &str, paper: &Paper) -> anyhow::Result<()> {
    let refused = |what: &dyn std::fmt::Debug| anyhow::anyhow!("附件没有收下：{what:?}");
    let sent = vec![(name.to_owned(), paper.word()?)];
    let received = files::receive(app, Files::from(sent), None).await.map_err(|refusal| refused(&refusal))?;
    anyhow::ensure!(received.refused.is_empty(), refused(&received.refused));
    let mut write = app.db.write().await?;
    let holder = Holder(HolderKind::AuthorisingDocument, document);
    let given = files::give(&mut write, app, Actor::NOBODY, holder, &received.waiting).await;
    given.map_err(|refusal| refused(&refusal))?;
    write.commit().await?;
    Ok(())
}
