//! Import and export (G7): the ground comes in from spreadsheets and goes out again.
//!
//! Every row is judged before the first is written. Refused rows go back as a file with their reasons; of the others
//! all are taken, or none, as whoever imports chose. A code that is known already is changed, not doubled: the same
//! file a second time changes nothing.

mod judge;
mod kinds;
mod pages;
mod store;

pub use kinds::Kind;
pub use pages::rooms;

use std::collections::HashSet;

use serde_json::json;
use sqlx::AnyConnection;

use self::judge::{Cells, Verdict};
use crate::chain::{self, Actor, Subject};
use crate::secrets::{hex, sm3};
use crate::sheet::{self, Format, Sheet};
use crate::web::App;

/// The heading of the column that says why a row was refused.
const REASON: &str = "退回原因";

/// A file that was read. Reading comes before the write begins: nobody waits for somebody else's spreadsheet.
#[derive(Debug)]
pub struct File {
    name: String,
    hash: [u8; 32],
    sheet: Sheet,
}

impl File {
    /// Reads the bytes of a file; its name and SM3 are for the record.
    pub fn read(name: String, bytes: &[u8]) -> Result<Self, Unusable> {
        Ok(Self { name, hash: sm3(&[bytes]), sheet: sheet::read(bytes)? })
    }
}

/// How an import is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Take the good rows though others are refused.
    pub good_rows: bool,
    /// Accounts may be opened for officials.
    pub opens_accounts: bool,
}

/// What an import came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Of `import_run`.
    pub id: i64,
    /// Rows that are new.
    pub added: usize,
    /// Rows that say something else than the county had.
    pub changed: usize,
    /// Rows that stood there just so.
    pub same: usize,
    /// Rows that were refused.
    pub refused: usize,
    /// Whether the good rows were taken.
    pub taken: bool,
    /// The refused rows as a file.
    pub back: Option<(Format, Vec<u8>)>,
    /// Columns in which Excel kept numbers that may have begun with zeros.
    pub numeric: Vec<String>,
}

/// Why there was nothing to judge.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// No table.
    #[error(transparent)]
    Unreadable(#[from] sheet::Unreadable),
    /// Columns are missing.
    #[error("{0}")]
    Columns(String),
    /// A heading and nothing below.
    #[error("表头下面没有内容")]
    NoRows,
}

/// Judges a file and takes what is good in `write`, with its record in the chain. Commit, or nothing of it happened.
pub async fn import(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    kind: Kind,
    file: &File,
    manner: Manner,
) -> anyhow::Result<Result<Outcome, Unusable>> {
    let sheet = &file.sheet;
    let places = match kind.places(sheet) {
        Ok(places) => places,
        Err(missing) => return Ok(Err(Unusable::Columns(missing))),
    };
    if sheet.rows.is_empty() {
        return Ok(Err(Unusable::NoRows));
    }
    let mut known = store::known(write, app, kind).await?;
    let mut seen = HashSet::new();
    let mut good: Vec<(Cells, Verdict)> = Vec::new();
    let mut refused: Vec<Vec<String>> = Vec::new();
    // A village may stand before its township: what lies above is judged first, each where it stands in the file.
    let mut order: Vec<usize> = (0..sheet.rows.len()).collect();
    if kind == Kind::Divisions {
        let code = places[0].unwrap_or_default();
        order.sort_by_key(|at| sheet.rows[*at].1[code].len());
    }
    for at in order {
        let row = &sheet.rows[at].1;
        let cells = kind.cells(&places, row);
        match known.judge(kind, &cells, &mut seen, app.today(), manner.opens_accounts) {
            Verdict::Refuse(reason) => refused.push(row.iter().cloned().chain([reason]).collect()),
            verdict => good.push((cells, verdict)),
        }
    }
    let count = |wanted: &Verdict| good.iter().filter(|(_, verdict)| verdict == wanted).count();
    let (added, changed, same) = (count(&Verdict::Add), count(&Verdict::Change), count(&Verdict::Same));
    let taken = refused.is_empty() || manner.good_rows;
    if taken {
        store::take(write, app, kind, &good, &known).await?;
    }
    let back = if refused.is_empty() {
        None
    } else {
        let columns: Vec<&str> = sheet.columns.iter().map(String::as_str).chain([REASON]).collect();
        Some((sheet.format, sheet::write(sheet.format, &columns, refused.iter().cloned())?))
    };
    let outcome = Outcome {
        id: app.id(),
        added,
        changed,
        same,
        refused: refused.len(),
        taken,
        back,
        numeric: sheet.numeric.clone(),
    };
    keep(write, app, actor, kind, file, &outcome).await?;
    Ok(Ok(outcome))
}

async fn keep(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    kind: Kind,
    file: &File,
    outcome: &Outcome,
) -> anyhow::Result<()> {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO import_run (id, kind, file_name, file_hash, added, changed, same, refused, taken, numeric_columns,
                                 run_at, run_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(outcome.id)
    .bind(kind.word())
    .bind(file.name.clone())
    .bind(file.hash.to_vec())
    .bind(count(outcome.added))
    .bind(count(outcome.changed))
    .bind(count(outcome.same))
    .bind(count(outcome.refused))
    .bind(i64::from(outcome.taken))
    .bind(outcome.numeric.join("、"))
    .bind(app.now().as_millisecond())
    .bind(actor.official)
    .execute(&mut *write)
    .await?;
    let a_day_ago = app.now().as_millisecond() - 24 * 3_600_000;
    sqlx::query("DELETE FROM import_refusal WHERE run IN (SELECT id FROM import_run WHERE kind = $1 OR run_at < $2)")
        .bind(kind.word())
        .bind(a_day_ago)
        .execute(&mut *write)
        .await?;
    if let Some((format, content)) = &outcome.back {
        sqlx::query("INSERT INTO import_refusal (run, format, content) VALUES ($1, $2, $3)")
            .bind(outcome.id)
            .bind(format.extension())
            .bind(content.clone())
            .execute(&mut *write)
            .await?;
    }
    let content = json!({
        "added": outcome.added, "changed": outcome.changed, "file": file.name, "hash": format!("sm3:{}", hex(&file.hash)),
        "kind": kind.word(), "refused": outcome.refused, "same": outcome.same, "taken": outcome.taken,
    });
    chain::record(write, app, actor, "import.run", Subject("import", outcome.id), &content).await?;
    Ok(())
}

/// Every record of a kind as a file that an import reads, with the record that it was taken out.
pub async fn export(app: &App, actor: Actor, kind: Kind, format: Format) -> anyhow::Result<Vec<u8>> {
    let mut write = app.db.write().await?;
    let (columns, rows) = store::export(&mut write, kind).await?;
    let subject = Subject("export", app.id());
    chain::record(&mut write, app, actor, "export.made", subject, &json!({ "kind": kind.word(), "rows": rows.len() }))
        .await?;
    write.commit().await?;
    sheet::write(format, &columns, rows)
}
