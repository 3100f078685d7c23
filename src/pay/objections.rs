//! 异议 (E7): somebody in a settlement says what is wrong with the own result; personnel answers with reasons. What is
//! accepted before approval is settled anew, after it mended by a correction of a later month. `objecting` and `answering` are
//! the acts.

use sqlx::{AnyConnection, FromRow};

use super::course::{Objections, Term};
use super::sight;
use super::words::month_words;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::App;

/// What somebody said against a settlement, and what was answered.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Objection {
    pub(super) id: i64,
    pub(super) run: i64,
    pub(super) official: i64,
    pub(super) name: String,
    pub(super) number: String,
    pub(super) unit_name: String,
    month: String,
    pub(super) content: String,
    pub(super) raised_on: String,
    in_time: i64,
    answer_days: i64,
    accepted: Option<i64>,
    pub(super) answer: String,
    pub(super) answered_on: String,
    pub(super) answered_by: String,
    pub(super) carried_by: Option<i64>,
    correction: Option<i64>,
    corrected_in: String,
    approved: i64,
}

impl Objection {
    pub(super) fn month(&self) -> String {
        self.month.parse().map_or_else(|_| self.month.clone(), month_words)
    }
    pub(super) fn is_late(&self) -> bool {
        self.in_time == 0
    }
    pub(super) fn is_answered(&self) -> bool {
        self.accepted.is_some()
    }
    pub(super) fn is_accepted(&self) -> bool {
        self.accepted == Some(1)
    }
    /// Whether its settlement is locked: what is accepted is then mended by a correction.
    pub(super) fn is_approved(&self) -> bool {
        self.approved == 1
    }
    /// The last day for the answer.
    fn due(&self, app: &App) -> Term {
        let since = self.raised_on.parse().unwrap_or(jiff::civil::Date::MAX);
        Term::of(&app.calendar, since, u16::try_from(self.answer_days).unwrap_or(0))
    }
    /// How far it is, in a word and the colour of its tag.
    pub(super) fn state(&self) -> (&'static str, &'static str) {
        match self.accepted {
            None => ("待答复", "wait"),
            Some(1) => ("成立", "ok"),
            Some(_) => ("不成立", ""),
        }
    }
    /// What came of one that was accepted.
    pub(super) fn outcome(&self) -> String {
        match self.accepted {
            Some(1) if self.correction.is_some() => {
                format!("随 {} 更正", self.corrected_in.parse().map_or_else(|_| String::new(), month_words))
            }
            Some(1) if self.carried_by.is_some() => "已经重新结算".to_owned(),
            Some(1) if self.is_approved() => "待在以后月份更正".to_owned(),
            Some(1) => "待重新结算".to_owned(),
            _ => String::new(),
        }
    }
}

/// An objection with the clock of its answer.
pub(super) struct Clocked {
    pub(super) of: Objection,
    pub(super) due: String,
    pub(super) is_over: bool,
}

/// With its clock as it stands today.
pub(super) fn clocked(app: &App, of: Objection) -> Clocked {
    let due = of.due(app);
    Clocked { due: due.words(), is_over: !of.is_answered() && due.is_over(app.today()), of }
}

/// An objection, to be followed by which.
pub(super) const SELECT: &str =
    "SELECT b.id, b.run, b.official, o.number, o.name, u.name AS unit_name, r.month, b.content,
        b.raised_on, b.in_time, b.answer_days, b.accepted, b.answer, COALESCE(b.answered_on, '') AS answered_on,
        COALESCE(w.name, '') AS answered_by, b.carried_by, b.correction, COALESCE(k.month, '') AS corrected_in,
        CAST(CASE WHEN EXISTS (SELECT 1 FROM pay_approval a WHERE a.run = r.id AND a.position = 2) THEN 1 ELSE 0 END
             AS BIGINT) AS approved
   FROM pay_objection b
   JOIN pay_run r ON r.id = b.run
   JOIN unit u ON u.id = r.unit
   JOIN official o ON o.id = b.official
   LEFT JOIN official w ON w.id = b.answered_by
   LEFT JOIN pay_correction k ON k.id = b.correction
  WHERE ";

/// What was objected to a run, in numbers.
pub(super) async fn counts(read: &mut AnyConnection, run: i64) -> anyhow::Result<Objections> {
    let (unanswered, in_time, accepted): (i64, i64, i64) = sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(CASE WHEN accepted IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN accepted IS NULL AND in_time = 1 THEN 1 ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN accepted = 1 AND carried_by IS NULL AND correction IS NULL
                                       THEN 1 ELSE 0 END), 0) AS BIGINT)
           FROM pay_objection WHERE run = $1",
    )
    .bind(run)
    .fetch_one(read)
    .await?;
    Ok(Objections {
        unanswered: usize::try_from(unanswered)?,
        in_time: usize::try_from(in_time)?,
        accepted: usize::try_from(accepted)?,
    })
}

/// What was objected to a run, for whoever may see it.
pub(super) async fn of_run(read: &mut AnyConnection, run: i64) -> Result<Vec<Objection>, sqlx::Error> {
    let mut sql = Sql::new(SELECT);
    sql.push("b.run = ").bind(run);
    sql.push(" ORDER BY b.id").limit(500);
    sql.fetch_all(read).await
}

/// What was accepted against a run that another took the place of: it carries them out.
pub(super) async fn carry(write: &mut AnyConnection, earlier: i64, by: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE pay_objection SET carried_by = $2
          WHERE run = $1 AND accepted = 1 AND carried_by IS NULL AND correction IS NULL",
    )
    .bind(earlier)
    .bind(by)
    .execute(write)
    .await?;
    Ok(())
}

/// What was accepted of somebody against a locked run: a correction mends it.
pub(super) async fn mend(
    write: &mut AnyConnection,
    run: i64,
    official: i64,
    correction: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE pay_objection SET correction = $3
          WHERE run = $1 AND official = $2 AND accepted = 1 AND carried_by IS NULL AND correction IS NULL",
    )
    .bind(run)
    .bind(official)
    .bind(correction)
    .execute(write)
    .await?;
    Ok(())
}

/// Something of this room that waits for the viewer.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Where it is done.
    pub path: String,
    /// What it is.
    pub title: String,
    /// Since when, and until when.
    pub detail: String,
    /// What is to be done.
    pub task: &'static str,
    /// Whether its time is over.
    pub late: bool,
}

/// What waits for the viewer: objections to answer, the oldest first, then settlements to sign.
pub async fn waiting_for(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<Vec<Waiting>> {
    let mut waiting = Vec::new();
    if viewer.may("pay.answer") {
        let mut sql = Sql::new(SELECT);
        sql.push("b.answered_on IS NULL AND b.official <> ").bind(viewer.official);
        sight::push(&mut sql, viewer);
        sql.push(" ORDER BY b.raised_on, b.id").limit(20);
        let rows: Vec<Objection> = sql.fetch_all(&mut *read).await?;
        waiting.extend(rows.into_iter().map(|of| clocked(app, of)).map(|one| Waiting {
            path: format!("/pay/objections/{}", one.of.id),
            title: format!("{}对 {}绩酬的异议", one.of.name, one.of.month()),
            detail: format!("{} · {} 提出，答复期限 {}", one.of.unit_name, one.of.raised_on, one.due),
            task: if one.is_over { "答复已逾期" } else { "待答复" },
            late: one.is_over,
        }));
    }
    if viewer.may("pay.approve") {
        let mut sql = Sql::new(
            "SELECT r.id, u.name, r.month, r.submitted_on FROM pay_run r JOIN unit u ON u.id = r.unit
              WHERE r.submitted_on IS NOT NULL AND r.replaced_by IS NULL
                AND NOT EXISTS (SELECT 1 FROM pay_approval a WHERE a.run = r.id AND (a.position = 2 OR a.approved_by = ",
        );
        sql.bind(viewer.official).push(")) AND r.settled_by <> ").bind(viewer.official);
        sql.push(" AND r.submitted_by <> ").bind(viewer.official);
        sql.push(" AND NOT EXISTS (SELECT 1 FROM pay_share s WHERE s.run = r.id AND s.official = ");
        sql.bind(viewer.official).push(")");
        sight::push(&mut sql, viewer);
        sql.push(" ORDER BY r.submitted_on, r.id").limit(20);
        let rows: Vec<(i64, String, String, String)> = sql.fetch_all(read).await?;
        for (id, unit, month, since) in rows {
            waiting.push(Waiting {
                path: format!("/pay/runs/{id}"),
                title: format!("{unit} {}绩酬", month_words(month.parse()?)),
                detail: format!("{since} 提交会签，等您核准"),
                task: "待核准",
                late: false,
            });
        }
    }
    Ok(waiting)
}
