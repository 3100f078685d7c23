//! Attachments on a card: what is there, adding, opening, withdrawing.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use sqlx::AnyConnection;

use super::card::{self, Petition};
use super::forms::ActForm;
use super::veil::veiled;
use super::voice::is_erased;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::files::{self, File, Part, Received, Sent, Waiting};
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, forms, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .post_files("/petitions/{id}/files", Access::May("petitions.attach"), add)
        .get("/petitions/{id}/files/{file}", Access::May("petitions.read"), open)
        .post("/petitions/{id}/files/{file}/withdrawal", Access::May("petitions.attach"), withdraw)
}

/// How many thumbnails a card shows: each is a few thousand bytes of the page.
const THUMBNAILS: usize = 24;

/// 附件 of a card.
pub(super) struct Section {
    pub(super) rows: Vec<Row>,
    /// Whether this viewer opens them: a picture hides no name.
    pub(super) opens: bool,
    pub(super) may_add: bool,
    /// Of the form that adds.
    pub(super) key: String,
}

/// One file of it.
pub(super) struct Row {
    pub(super) file: File,
    /// As this viewer reads it.
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) thumbnail: Option<String>,
    pub(super) may_withdraw: bool,
}

impl Section {
    pub(super) async fn of(
        read: &mut AnyConnection,
        app: &App,
        viewer: &Viewer,
        petition: &Petition,
        hidden: &[String],
    ) -> Result<Self, Refusal> {
        let found = files::of(read, petition.id).await?;
        let may_add = viewer.may("petitions.attach") && petition.erased == 0;
        let opens = petition.shows(viewer, "petitioner.name");
        let disposes = petition.disposes(viewer);
        let mut shown = 0;
        let rows = found.into_iter().map(|file| {
            let open = opens && !file.is_withdrawn();
            let thumbnail = (open && shown < THUMBNAILS).then(|| file.thumbnail(app)).flatten();
            shown += usize::from(thumbnail.is_some());
            Row {
                name: veiled(&file.name, hidden),
                reason: veiled(&file.withdrawn_for, hidden),
                thumbnail,
                may_withdraw: may_add && !file.is_withdrawn() && (disposes || file.added_by == Some(viewer.official)),
                file,
            }
        });
        Ok(Self { rows: rows.collect(), opens, may_add, key: forms::new_key() })
    }
}

/// What is wrong with the files of a form.
pub(super) fn complain(received: &Received, problems: &mut Problems) {
    for text in &received.refused {
        problems.add("files", text.clone());
    }
}

/// An act's form with its files, which are taken in from those alone who find the petition.
pub(super) async fn with_files(
    app: &App,
    viewer: &Viewer,
    id: i64,
    request: Request,
) -> Result<(ActForm, Received), Refusal> {
    let Sent { form, files } = files::read::<ActForm>(request, app).await?;
    if !files.is_empty() {
        card::find(&mut *app.db.read().await?, viewer, id).await?;
    }
    Ok((form, files::receive(app, files, None).await?))
}

/// Puts the files of an act's form beside what it did.
pub(super) async fn attach(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    id: i64,
    path: &str,
    files: &[Waiting],
) -> Result<(), Refusal> {
    let part = if path == "opinion" { Part::Opinion } else { Part::Step };
    files::claim(write, app, viewer.actor(), id, (part, false), files).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Adding {
    key: String,
    /// "petitioner" where the petitioner gave them.
    part: String,
}

async fn add(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, request: Request) -> Page {
    let mut read = app.db.read().await?;
    card::find(&mut read, &viewer, id).await?;
    drop(read);
    let Sent { form, files } = files::read::<Adding>(request, &app).await?;
    let mut problems = Problems::default();
    problems.require(!files.is_empty(), "files", "请选择要添加的文件");
    let received = files::receive(&app, files, None).await?;
    complain(&received, &mut problems);
    if problems.is_empty() {
        match put(&app, &viewer, id, &form, &received).await? {
            Ok(()) => return see(&format!("/petitions/{id}#files")),
            Err(why) => problems.add("files", why),
        }
    }
    let form = ActForm { part: form.part, ..ActForm::default() };
    card::show(&app, &viewer, id, StatusCode::UNPROCESSABLE_ENTITY, (form, "files", problems), received).await
}

async fn put(
    app: &App,
    viewer: &Viewer,
    id: i64,
    form: &Adding,
    received: &Received,
) -> Result<Result<(), &'static str>, Refusal> {
    let mut write = app.db.write().await?;
    if forms::take_key(&mut write, app, &form.key, &format!("/petitions/{id}#files")).await?.is_some() {
        return Ok(Ok(()));
    }
    // The row is held, so that no erasure comes between the look and the files.
    sqlx::query("UPDATE petition SET version = version WHERE id = $1").bind(id).execute(&mut *write).await?;
    card::find(&mut write, viewer, id).await?;
    if is_erased(&mut write, id).await? {
        return Ok(Err("个人信息已依法删除，不能再添加附件"));
    }
    if !files::has_room_for(&mut write, id, received.waiting.len()).await? {
        return Ok(Err(FULL));
    }
    let whose = (Part::Card, form.part == "petitioner");
    files::claim(&mut write, app, viewer.actor(), id, whose, &received.waiting).await?;
    write.commit().await?;
    Ok(Ok(()))
}

/// Of a petition with as many files as one has.
const FULL: &str = "这件事的附件已满 100 个，不能再加";

/// Opens a file. Its reading is one of the petition too, so that the petitioner learns of it.
async fn open(State(app): State<App>, viewer: Viewer, Path((id, file)): Path<(i64, i64)>) -> Page {
    let mut read = app.db.read().await?;
    let petition = card::find(&mut read, &viewer, id).await?;
    if !petition.shows(&viewer, "petitioner.name") {
        return Err(Refusal::NotFound);
    }
    let found = files::find(&mut read, id, file).await?;
    drop(read);
    let mut write = app.db.write().await?;
    for (action, subject) in [("petition.read", Subject("petition", id)), ("file.read", Subject("file", file))] {
        chain::record_reading(&mut write, &app, viewer.actor(), action, subject).await?;
    }
    write.commit().await?;
    files::open(&app, found).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Withdrawal {
    reason: String,
}

async fn withdraw(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, file)): Path<(i64, i64)>,
    Form(form): Form<Withdrawal>,
) -> Page {
    let mut write = app.db.write().await?;
    let petition = card::find(&mut write, &viewer, id).await?;
    let by = (viewer.actor(), petition.disposes(&viewer));
    match files::withdraw(&mut write, &app, by, (id, file), &forms::tidy(&form.reason)).await? {
        Ok(()) => {
            write.commit().await?;
            see(&format!("/petitions/{id}#files"))
        }
        Err(why) => {
            drop(write);
            let mut problems = Problems::default();
            problems.add("reason", format!("附件没有撤回：{why}"));
            let form = ActForm { content: form.reason, part: file.to_string(), ..ActForm::default() };
            let back = (form, "withdrawal", problems);
            card::show(&app, &viewer, id, StatusCode::UNPROCESSABLE_ENTITY, back, Received::default()).await
        }
    }
}
