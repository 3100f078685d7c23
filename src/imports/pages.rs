//! Uploading a spreadsheet, what came of it, the refused rows, and the exports.

use std::sync::Arc;

use askama::Template;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::handler::Handler;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use jiff::Timestamp;
use sqlx::FromRow;

use super::{File, Imported, Kind, Manner};
use crate::accounts::Viewer;
use crate::sheet::{self, Format};
use crate::web::{Access, App, Page, Path, Problems, Refusal, Rooms, Shell, forms, html, html_with, see};

/// The largest file: the households of a large county as CSV have about fifteen million bytes.
const LARGEST: usize = 32 << 20;

const ACCESS: Access = Access::May("imports.run");

/// `/imports`, `/imports/{id}`, `/imports/{id}/refused`, `/imports/templates/{kind}`, `/exports/{kind}`.
pub fn rooms() -> Rooms {
    Rooms::new()
        .get("/imports", ACCESS, form)
        .post("/imports", ACCESS, post.layer(DefaultBodyLimit::max(LARGEST)))
        .get("/imports/{id}", ACCESS, show)
        .get("/imports/{id}/refused", ACCESS, refused)
        .get("/imports/templates/{kind}", ACCESS, template)
        .get("/exports/{kind}", ACCESS, export)
}

#[derive(FromRow)]
struct Run {
    id: i64,
    kind: String,
    file_name: String,
    added: i64,
    changed: i64,
    same: i64,
    refused: i64,
    taken: i64,
    numeric_columns: String,
    run_at: i64,
    name: String,
    /// 1 where the refused rows can be fetched by this viewer.
    kept: i64,
}

impl Run {
    fn kind(&self) -> &'static str {
        Kind::from_word(&self.kind).map_or("", Kind::label)
    }
    fn at(&self) -> String {
        let minute = |at: Timestamp| at.to_zoned(jiff::tz::Offset::constant(8).to_time_zone());
        Timestamp::from_millisecond(self.run_at)
            .map(|at| minute(at).strftime("%Y-%m-%d %H:%M").to_string())
            .unwrap_or_default()
    }
    fn says(&self) -> String {
        if self.taken == 0 {
            return format!("{} 行不合要求，一行也没有导入", self.refused);
        }
        let changed = self.added + self.changed;
        let rest = if self.refused > 0 { format!("，退回 {} 行", self.refused) } else { String::new() };
        if changed == 0 {
            return format!("没有变化：{} 行与现有的相同{rest}", self.same);
        }
        format!("新增 {} 行，更改 {} 行，相同 {} 行{rest}", self.added, self.changed, self.same)
    }
}

macro_rules! runs {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.kind, r.file_name, r.added, r.changed, r.same, r.refused, r.taken, r.numeric_columns,
                    r.run_at, COALESCE(o.name, '命令行') AS name,
                    CAST(CASE WHEN f.run IS NOT NULL AND r.run_by = $1 THEN 1 ELSE 0 END AS BIGINT) AS kept
               FROM import_run r
               LEFT JOIN official o ON o.id = r.run_by
               LEFT JOIN import_refusal f ON f.run = r.id ",
            $rest
        )
    };
}

#[derive(Template)]
#[template(path = "imports/form.html")]
struct FormPage {
    shell: Shell,
    key: String,
    kind: String,
    good_rows: bool,
    problems: Problems,
    runs: Vec<Run>,
    viewer: Viewer,
}

impl FormPage {
    fn may_import(&self, kind: &Kind) -> bool {
        self.viewer.may_import(kind.word())
    }
    fn may_export(&self, kind: &Kind) -> bool {
        may_export(&self.viewer, *kind)
    }
}

async fn form(State(app): State<App>, viewer: Viewer) -> Page {
    let usual = ["households", "officials", "petitions"].into_iter().find(|kind| viewer.may_import(kind));
    let usual = usual.unwrap_or_default();
    page(&app, &viewer, Upload { kind: usual.to_owned(), ..Upload::default() }, Problems::default()).await
}

async fn page(app: &App, viewer: &Viewer, upload: Upload, problems: Problems) -> Page {
    let mut read = app.db.read().await?;
    let (petitions, ground) = kinds_of(viewer);
    let runs = sqlx::query_as(runs!(
        "WHERE CASE WHEN r.kind = 'petitions' THEN $2 ELSE $3 END = 1 ORDER BY r.id DESC LIMIT 20"
    ))
    .bind(viewer.official)
    .bind(petitions)
    .bind(ground)
    .fetch_all(&mut *read)
    .await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let key = if upload.key.is_empty() { forms::new_key() } else { upload.key };
    let shell = Shell::new(viewer, "imports");
    html_with(
        status,
        &FormPage {
            shell,
            key,
            kind: upload.kind,
            good_rows: upload.good_rows,
            problems,
            runs,
            viewer: viewer.clone(),
        },
    )
}

/// Whether the viewer hears of imports of petitions, and of those of the ground.
fn kinds_of(viewer: &Viewer) -> (i64, i64) {
    (i64::from(viewer.may_import("petitions")), i64::from(viewer.may("officials.list")))
}

/// The form as it was sent.
#[derive(Default)]
struct Upload {
    key: String,
    kind: String,
    good_rows: bool,
    name: String,
    bytes: Vec<u8>,
}

impl Upload {
    async fn read(mut parts: Multipart) -> Result<Self, Refusal> {
        let malformed = |error: axum::extract::multipart::MultipartError| Refusal::Malformed(error.body_text());
        let mut upload = Self::default();
        while let Some(part) = parts.next_field().await.map_err(malformed)? {
            match part.name().unwrap_or_default() {
                "key" => upload.key = part.text().await.map_err(malformed)?,
                "kind" => upload.kind = part.text().await.map_err(malformed)?,
                "rows" => upload.good_rows = part.text().await.map_err(malformed)? == "good",
                "file" => {
                    upload.name = part.file_name().map(forms::tidy).unwrap_or_default().chars().take(120).collect();
                    upload.bytes = part.bytes().await.map_err(malformed)?.to_vec();
                }
                _ => {}
            }
        }
        Ok(upload)
    }
}

async fn post(State(app): State<App>, viewer: Viewer, parts: Result<Multipart, MultipartRejection>) -> Page {
    let parts = parts.map_err(|rejection| Refusal::Malformed(rejection.body_text()))?;
    let mut upload = Upload::read(parts).await?;
    let mut problems = Problems::default();
    let kind = Kind::from_word(&upload.kind);
    problems.require(kind.is_some(), "kind", "请选择导入什么");
    problems.require(!upload.bytes.is_empty(), "file", "请选择一个文件");
    let (Some(kind), true) = (kind, problems.is_empty()) else { return page(&app, &viewer, upload, problems).await };
    if !viewer.may_import(kind.word()) {
        return Err(Refusal::Forbidden);
    }
    let manner = Manner { good_rows: upload.good_rows, opens_accounts: viewer.may("accounts.change") };
    let (name, bytes) = (upload.name.clone(), std::mem::take(&mut upload.bytes));
    let file = match tokio::task::spawn_blocking(move || File::read(name, &bytes)).await? {
        Ok(file) => file,
        Err(unusable) => {
            problems.add("file", unusable.to_string());
            return page(&app, &viewer, upload, problems).await;
        }
    };
    match super::import(&app, viewer.actor(), kind, Arc::new(file), manner, Some(&upload.key)).await? {
        Imported::Done(outcome) => see(&format!("/imports/{}", outcome.id)),
        Imported::Earlier(earlier) => see(&earlier),
        Imported::Unusable(unusable) => {
            problems.add("file", unusable.to_string());
            page(&app, &viewer, upload, problems).await
        }
    }
}

#[derive(Template)]
#[template(path = "imports/show.html")]
struct ShowPage {
    shell: Shell,
    run: Run,
}

async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let (petitions, ground) = kinds_of(&viewer);
    let run: Option<Run> =
        sqlx::query_as(runs!("WHERE r.id = $2 AND CASE WHEN r.kind = 'petitions' THEN $3 ELSE $4 END = 1"))
            .bind(viewer.official)
            .bind(id)
            .bind(petitions)
            .bind(ground)
            .fetch_optional(&mut *read)
            .await?;
    html(&ShowPage { shell: Shell::new(&viewer, "imports"), run: run.ok_or(Refusal::NotFound)? })
}

/// The refused rows, for whoever sent them.
async fn refused(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let kept: Option<(String, Vec<u8>)> = sqlx::query_as(
        "SELECT f.format, f.content FROM import_refusal f JOIN import_run r ON r.id = f.run
          WHERE r.id = $1 AND r.run_by = $2",
    )
    .bind(id)
    .bind(viewer.official)
    .fetch_optional(&mut *read)
    .await?;
    let (format, content) = kept.ok_or(Refusal::NotFound)?;
    let format = if format == "csv" { Format::Csv } else { Format::Xlsx };
    Ok(download(format, "退回", content))
}

async fn template(Path(kind): Path<String>) -> Page {
    let kind = Kind::from_word(&kind).ok_or(Refusal::NotFound)?;
    let columns: Vec<&str> = kind.columns().iter().map(|column| column.name).collect();
    Ok(download(Format::Xlsx, kind.label(), sheet::write(Format::Xlsx, &columns, [])?))
}

/// The register of households goes out to those who may read it and to whoever brings it in, allowances to the latter
/// alone.
fn may_export(viewer: &Viewer, kind: Kind) -> bool {
    match kind {
        Kind::Households => viewer.may("households.list") || viewer.may_import(kind.word()),
        Kind::Allowances => viewer.may_import(kind.word()),
        // Of petitions the ledger itself is the export, with its scope.
        Kind::Petitions => viewer.may("petitions.export"),
        _ => viewer.may("officials.list"),
    }
}

async fn export(State(app): State<App>, viewer: Viewer, Path(kind): Path<String>) -> Page {
    let kind = Kind::from_word(&kind).ok_or(Refusal::NotFound)?;
    if !may_export(&viewer, kind) {
        return Err(Refusal::Forbidden);
    }
    if kind == Kind::Petitions {
        return see("/petitions/export.xlsx?tab=all&columns=all");
    }
    let content = super::export(&app, viewer.actor(), kind, Format::Xlsx).await?;
    Ok(download(Format::Xlsx, kind.label(), content))
}

fn download(format: Format, name: &str, content: Vec<u8>) -> axum::response::Response {
    let name = forms::url_encode(&format!("{name}.{}", format.extension()));
    let disposition = format!("attachment; filename*=UTF-8''{name}");
    ([(header::CONTENT_TYPE, format.content_type().to_owned()), (header::CONTENT_DISPOSITION, disposition)], content)
        .into_response()
}
