//! 更正: what was wrong in an approved settlement is mended in a later month of the same unit, which names it, carries
//! the amount and is approved with it. The approved settlement itself is never changed.

use axum::extract::State;
use policy::Month;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::objections;
use super::rules::{self, Correcting};
use super::run::{Returned, overtaken, page};
use super::runs::{self, Run};
use super::words::{month_words, signed, tone};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Form, Page, Path, Rooms, forms, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().post("/pay/runs/{id}/corrections", Access::May("pay.settle"), correct)
}

/// A correction as pages and the sheet show it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Correction {
    pub(super) official: i64,
    pub(super) number: String,
    pub(super) name: String,
    pub(super) fen: i64,
    pub(super) reason: String,
    pub(super) recorded_on: String,
    pub(super) recorded_by: i64,
    pub(super) recorded_by_name: String,
    /// The run that it mends.
    pub(super) mends: i64,
    mended_month: String,
    /// The run that carries it, as it stands now.
    pub(super) carried_by: Option<i64>,
    carried_month: String,
    carried_known_on: Option<String>,
}

impl Correction {
    pub(super) fn mended(&self) -> String {
        self.mended_month.parse::<Month>().map_or(String::new(), month_words)
    }
    pub(super) fn carried(&self) -> String {
        self.carried_month.parse::<Month>().map_or(String::new(), month_words)
    }
    /// Whether the run that carries it is more than a draft: it was put up or submitted.
    pub(super) fn is_known(&self) -> bool {
        self.carried_known_on.is_some()
    }
    pub(super) fn amount(&self) -> String {
        signed(self.fen)
    }
    pub(super) fn tone(&self) -> &'static str {
        tone(self.fen)
    }
}

const SELECT: &str = "SELECT c.official, o.number, o.name, c.fen, c.reason, c.recorded_on, c.recorded_by,
        w.name AS recorded_by_name,
        c.mends, m.month AS mended_month, q.id AS carried_by, c.month AS carried_month,
        COALESCE(q.submitted_on, (SELECT n.put_up_on FROM pay_notice n WHERE n.run = q.id)) AS carried_known_on
   FROM pay_correction c
   JOIN official o ON o.id = c.official
   JOIN official w ON w.id = c.recorded_by
   JOIN pay_run m ON m.id = c.mends
   LEFT JOIN pay_run q ON q.unit = c.unit AND q.month = c.month AND q.replaced_by IS NULL";

impl Run {
    /// What its month carries, approved with it.
    pub(super) async fn corrections(&self, read: &mut AnyConnection) -> Result<Vec<Correction>, sqlx::Error> {
        let sql = format!("{SELECT} WHERE c.unit = $1 AND c.month = $2 ORDER BY c.id");
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(self.scope.unit)
            .bind(self.month.to_string())
            .fetch_all(read)
            .await
    }

    /// What later months mend in it.
    pub(super) async fn mended_by(&self, read: &mut AnyConnection) -> Result<Vec<Correction>, sqlx::Error> {
        let sql = format!("{SELECT} WHERE c.mends = $1 ORDER BY c.id");
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(self.id).fetch_all(read).await
    }

    /// The approved runs of earlier months of its unit, the latest first.
    pub(super) async fn mendable(&self, read: &mut AnyConnection) -> anyhow::Result<Vec<(i64, String)>> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT r.id, r.month FROM pay_run r JOIN pay_approval a ON a.run = r.id AND a.position = 2
              WHERE r.unit = $1 AND r.month < $2 ORDER BY r.month DESC LIMIT 24",
        )
        .bind(self.scope.unit)
        .bind(self.month.to_string())
        .fetch_all(read)
        .await?;
        rows.into_iter().map(|(id, month)| Ok((id, month_words(month.parse()?)))).collect()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CorrectionForm {
    key: String,
    version: i64,
    mends: String,
    number: String,
    amount: String,
    reason: String,
}

async fn correct(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(form): Form<CorrectionForm>,
) -> Page {
    let mut write = app.db.write().await?;
    let run = runs::find(&mut write, &viewer, id).await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &run.path()).await? {
        return see(&earlier);
    }
    let mended = run.mendable(&mut write).await?.into_iter().find(|(id, _)| id.to_string() == form.mends);
    let mended = mended.map_or(0, |(id, _)| id);
    // Two corrections of one run at once would each be judged by what the other did not see.
    sqlx::query("UPDATE pay_run SET version = version WHERE id = $1").bind(mended).execute(&mut *write).await?;
    let number = forms::half_width(form.number.trim());
    let official: Option<(i64, Option<i64>)> = sqlx::query_as(
        "SELECT o.id, CAST(SUM(s.share_fen) AS BIGINT) FROM pay_share s JOIN official o ON o.id = s.official
          WHERE s.run = $1 AND o.number = $2 GROUP BY o.id",
    )
    .bind(mended)
    .bind(number.clone())
    .fetch_optional(&mut *write)
    .await?;
    let (staked, paid): (i64, i64) = sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(stake_fen), 0) AS BIGINT), CAST(COALESCE(SUM(share_fen), 0) AS BIGINT)
           FROM pay_share WHERE run = $1",
    )
    .bind(mended)
    .fetch_one(&mut *write)
    .await?;
    let earlier: Vec<(i64, i64)> = sqlx::query_as("SELECT official, fen FROM pay_correction WHERE mends = $1")
        .bind(mended)
        .fetch_all(&mut *write)
        .await?;
    let whose = official.as_ref().map_or(0, |(id, _)| *id);
    let before: i64 = earlier.iter().map(|(_, fen)| fen).sum();
    let own: i64 = earlier.iter().filter(|(of, _)| *of == whose).map(|(_, fen)| fen).sum();
    let reason = forms::tidy(&form.reason);
    let judged = rules::correct(&Correcting {
        open: run.standing(&app, &[], &[]).is_draft(),
        mends_approved: mended != 0,
        share_fen: official.map(|(_, fen)| fen.unwrap_or(0) + own),
        left_fen: staked - paid - before,
        amount: &forms::half_width(form.amount.trim()),
        reason: &reason,
    });
    let fen = match judged {
        Ok(fen) => fen,
        Err(why) => {
            drop(write);
            let typed = vec![form.mends, form.number, form.amount, form.reason];
            let returned = Returned { form: "correction".to_owned(), problem: why.to_string(), typed };
            return page(&app, &viewer, id, returned).await;
        }
    };
    if let Err(why) = run.raise(&mut write, form.version).await {
        drop(write);
        let typed = vec![form.mends, form.number, form.amount, form.reason];
        return overtaken(&app, &viewer, id, why, ("correction".to_owned(), typed)).await;
    }
    let correction = app.id();
    sqlx::query(
        "INSERT INTO pay_correction (id, unit, month, mends, official, fen, reason, recorded_on, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(correction)
    .bind(run.scope.unit)
    .bind(run.month.to_string())
    .bind(mended)
    .bind(whose)
    .bind(fen)
    .bind(reason.clone())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    objections::mend(&mut write, mended, whose, correction).await?;
    let content = json!({ "mends": mended, "official": number, "fen": fen, "reason": reason });
    chain::record(&mut write, &app, viewer.actor(), "pay_correction.recorded", Subject("pay_run", id), &content)
        .await?;
    write.commit().await?;
    see(&run.path())
}
