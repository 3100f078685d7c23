//! Import and export (G7): the ground comes in from spreadsheets and goes out again.
//!
//! Every row is judged before the first is written. Refused rows go back as a file with their reasons; of the others
//! all are taken, or none, as whoever imports chose. A code that is known already is changed, not doubled: the same
//! file a second time changes nothing.

mod days;
mod judge;
mod kinds;
mod known;
mod order;
mod pages;
mod people;
mod store;
mod terms;
mod typed;

pub use kinds::Kind;
pub use pages::rooms;
pub(crate) use terms::fen;
pub(crate) use typed::{ValueRow, take_values};

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::json;
use sqlx::AnyConnection;

use self::judge::Verdict;
use crate::chain::{self, Actor, Subject};
use crate::secrets::{hex, sm3};
use crate::sheet::{self, Format, Sheet};
use crate::web::{App, Refusal, forms};
use crate::{petitions, values};

/// The heading of the column that says why a row was refused.
const REASON: &str = "退回原因";

/// How long refused rows are kept.
const DAY_MS: i64 = 24 * 3_600_000;

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

/// What became of a file.
#[derive(Debug)]
pub enum Imported {
    /// It was judged, and taken as it deserved.
    Done(Outcome),
    /// The form was sent before: the path of what the first one made.
    Earlier(String),
    /// There was nothing to judge.
    Unusable(Unusable),
}

/// Judges a file and takes what is good, with its record in the chain; `key` is that of the form, where there is one.
///
/// Judging, encrypting and writing the refused rows come before the write begins: a large file makes nobody wait for
/// more than its own rows.
pub async fn import(
    app: &App,
    actor: Actor,
    kind: Kind,
    file: Arc<File>,
    manner: Manner,
    key: Option<&str>,
) -> Result<Imported, Refusal> {
    let mut read = app.db.read().await?;
    let mut judged = match judge_file(&mut read, app, actor, kind, file.clone(), manner).await? {
        Ok(judged) => judged,
        Err(unusable) => return Ok(Imported::Unusable(unusable)),
    };
    drop(read);
    for again in [false, true] {
        let mut write = app.db.write().await?;
        if let Some(key) = key {
            // A second click waits here for the first, and is shown what that one made.
            let path = format!("/imports/{}", judged.outcome.id);
            if let Some(earlier) = forms::take_key(&mut write, app, key, &path).await? {
                return Ok(Imported::Earlier(earlier));
            }
        }
        take_turn(&mut write).await?;
        if again || taken(&mut write).await? != judged.since {
            // Somebody else's came in between: judged anew while the others wait, it cannot be overtaken again.
            let id = judged.outcome.id;
            judged = match judge_file(&mut write, app, actor, kind, file.clone(), manner).await? {
                Ok(judged) => judged,
                Err(unusable) => return Ok(Imported::Unusable(unusable)),
            };
            judged.outcome.id = id;
        }
        match take(&mut write, app, actor, kind, &file, &mut judged).await {
            // What was judged new is there by now, from somebody else's form.
            Err(error) if is_double(&error) => continue,
            done => done?,
        }
        write.commit().await?;
        if matches!(kind, Kind::Values | Kind::WorkingDays)
            && judged.outcome.taken
            && values::load(app).await?
            && let Err(error) = petitions::recount(app).await
        {
            // What was committed stays; the day's own pass computes what is left.
            tracing::warn!(error = format!("{error:#}"), "computing the clocks anew");
        }
        return Ok(Imported::Done(judged.outcome));
    }
    Err(Refusal::Stale)
}

fn is_double(error: &anyhow::Error) -> bool {
    let database = error.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
    database.is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// A file that was judged, ready to be taken.
struct Judged {
    good: store::Good,
    known: judge::Known,
    households: Option<store::Households>,
    /// How many imports had been taken when it was judged.
    since: i64,
    outcome: Outcome,
}

/// Imports are taken one after the other: on PostgreSQL the row's lock makes the next wait until this one is committed,
/// so that it sees what this one brought.
async fn take_turn(write: &mut AnyConnection) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO database_mark (name, value) VALUES ('imports', '')
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .execute(write)
    .await?;
    Ok(())
}

/// How many imports were taken so far.
async fn taken(connection: &mut AnyConnection) -> Result<i64, sqlx::Error> {
    let (taken,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM import_run WHERE taken = 1").fetch_one(connection).await?;
    Ok(taken)
}

async fn judge_file(
    read: &mut AnyConnection,
    app: &App,
    actor: Actor,
    kind: Kind,
    file: Arc<File>,
    manner: Manner,
) -> anyhow::Result<Result<Judged, Unusable>> {
    let places = match kind.places(&file.sheet) {
        Ok(places) => places,
        Err(missing) => return Ok(Err(Unusable::Columns(missing))),
    };
    if file.sheet.rows.is_empty() {
        return Ok(Err(Unusable::NoRows));
    }
    let since = taken(&mut *read).await?;
    let cells: Vec<judge::Cells> = match kind {
        Kind::Petitions => file.sheet.rows.iter().map(|(_, row)| kind.cells(&places, row)).collect(),
        _ => Vec::new(),
    };
    let (known, rows) = known::known(read, app, actor, kind, &cells).await?;
    let app = app.clone();
    let judging = move || {
        let mut known = known;
        let (good, refused) = judge_all(&app, kind, &file.sheet, &places, &mut known, manner);
        let households =
            if kind == Kind::Households { Some(store::households(&app, &good, &known, &rows)?) } else { None };
        let count = |wanted: &Verdict| good.iter().filter(|(_, verdict)| verdict == wanted).count();
        let (added, changed, same) = (count(&Verdict::Add), count(&Verdict::Change), count(&Verdict::Same));
        let taken = refused.is_empty() || manner.good_rows;
        let (format, refused_rows) = (file.sheet.format, refused.len());
        let back = if refused.is_empty() {
            None
        } else {
            let columns: Vec<&str> = file.sheet.columns.iter().map(String::as_str).chain([REASON]).collect();
            Some((format, sheet::write(format, &columns, refused)?))
        };
        let numeric = file.sheet.numeric.clone();
        let outcome = Outcome { id: app.id(), added, changed, same, refused: refused_rows, taken, back, numeric };
        Ok(Ok(Judged { good, known, households, since, outcome }))
    };
    tokio::task::spawn_blocking(judging).await?
}

/// The good rows with what becomes of them, and the refused ones with their reasons.
fn judge_all(
    app: &App,
    kind: Kind,
    sheet: &Sheet,
    places: &[Option<usize>],
    known: &mut judge::Known,
    manner: Manner,
) -> (store::Good, Vec<Vec<String>>) {
    let mut seen = HashSet::new();
    let (mut good, mut refused) = (Vec::new(), Vec::new());
    let rows: Vec<judge::Cells> = sheet.rows.iter().map(|(_, row)| kind.cells(places, row)).collect();
    let order = order::superiors_first(kind, &rows);
    let mut rows: Vec<Option<judge::Cells>> = rows.into_iter().map(Some).collect();
    for (at, circular) in order {
        let mut cells = rows[at].take().unwrap_or_default();
        let verdict = if circular {
            Verdict::Refuse(judge::circle(kind, &cells))
        } else {
            known.judge(kind, &mut cells, &mut seen, app.today(), manner.opens_accounts)
        };
        match verdict {
            Verdict::Refuse(reason) => refused.push((at, reason)),
            verdict => good.push((cells, verdict)),
        }
    }
    // Back they go as they stood in the file.
    refused.sort_unstable_by_key(|(at, _)| *at);
    let refused = refused.into_iter().map(|(at, reason)| sheet.rows[at].1.iter().cloned().chain([reason]).collect());
    (good, refused.collect())
}

async fn take(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    kind: Kind,
    file: &File,
    judged: &mut Judged,
) -> anyhow::Result<()> {
    if let (true, Some(petitions)) = (judged.outcome.taken, &mut judged.known.petitions) {
        petitions.write(write, actor, judged.outcome.id).await?;
    } else if judged.outcome.taken {
        store::take(write, app, actor, kind, (&judged.good, &judged.known, &mut judged.households)).await?;
    }
    keep(write, app, actor, kind, file, &judged.outcome).await
}

/// Removes refused rows the day after: they hold personal data.
pub async fn sweep(app: &App) -> anyhow::Result<()> {
    let mut write = app.db.write().await?;
    sqlx::query("DELETE FROM import_refusal WHERE run IN (SELECT id FROM import_run WHERE run_at < $1)")
        .bind(app.now().as_millisecond() - DAY_MS)
        .execute(&mut *write)
        .await?;
    write.commit().await?;
    Ok(())
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
    sqlx::query("DELETE FROM import_refusal WHERE run IN (SELECT id FROM import_run WHERE kind = $1)")
        .bind(kind.word())
        .execute(&mut *write)
        .await?;
    // The command line puts them beside the file; only a person fetches them from here.
    if let (Some((format, content)), Some(_)) = (&outcome.back, actor.official) {
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
    let (columns, rows) = known::export(&mut write, kind).await?;
    let subject = Subject("export", app.id());
    chain::record(&mut write, app, actor, "export.made", subject, &json!({ "kind": kind.word(), "rows": rows.len() }))
        .await?;
    write.commit().await?;
    sheet::write(format, &columns, rows)
}
