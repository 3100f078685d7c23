//! Forms that carry files. They are read by hand: what is too large is read past, so that the text that was typed
//! beside it comes back and the sender learns which file it was.

use std::fmt::Write;

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;

use super::rules::{FILE_BYTES, FORM_BYTES, FORM_FILES, Unfit};
use crate::web::{App, Form, Refusal, forms};

/// What a route that takes files reads at most, files that are too large included: somebody who chooses nine
/// photographs of twelve megabytes is told so and not cut off.
pub const READ: usize = 160 << 20;

/// The text of such a form, as of any other.
const TEXT: usize = 256 << 10;

/// A form with its files, not judged yet.
pub struct Sent<T> {
    /// The fields.
    pub form: T,
    /// The files.
    pub files: Files,
}

/// The files of a form.
#[derive(Default)]
pub struct Files {
    /// What the form holds of files that came with it before.
    pub(super) tickets: Vec<String>,
    pub(super) new: Vec<New>,
    /// Which were not even read, each with its name.
    pub(super) refused: Vec<(String, Unfit)>,
}

impl Files {
    fn has_too_many(&self) -> bool {
        self.refused.iter().any(|(_, unfit)| *unfit == Unfit::TooMany)
    }

    /// Whether none was sent.
    pub fn is_empty(&self) -> bool {
        self.tickets.is_empty() && self.new.is_empty() && self.refused.is_empty()
    }
}

impl From<Vec<(String, Vec<u8>)>> for Files {
    /// Files that did not come with a form, each with its name.
    fn from(files: Vec<(String, Vec<u8>)>) -> Self {
        let new = files.into_iter().map(|(name, bytes)| New { name, bytes, room: None }).collect();
        Self { new, ..Self::default() }
    }
}

/// One file on its way in, which holds its share of the memory.
pub(super) struct New {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
}

/// Reads a form with files, or one without that was sent as any other form.
pub async fn read<T: DeserializeOwned>(request: Request, app: &App) -> Result<Sent<T>, Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        let Form(form) = Form::<T>::from_request(request, app).await?;
        return Ok(Sent { form, files: Files::default() });
    }
    let mut parts =
        Multipart::from_request(request, app).await.map_err(|rejection| Refusal::Malformed(rejection.body_text()))?;
    let mut fields = String::new();
    let mut files = Files::default();
    let mut taken = 0;
    loop {
        let part = match parts.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(error) if too_long(&error) => {
                files.refused.push((String::new(), Unfit::FormTooLarge));
                break;
            }
            Err(error) => return Err(Refusal::Malformed(error.body_text())),
        };
        let name = part.name().unwrap_or_default().to_owned();
        if name == "files" {
            match file(part, app, &mut taken, files.new.len() + files.refused.len()).await {
                Ok(None) => {}
                Ok(Some(Ok(new))) => files.new.push(new),
                // Said once, however many there are.
                Ok(Some(Err((_, Unfit::TooMany)))) if files.has_too_many() => {}
                Ok(Some(Err(refused))) => files.refused.push(refused),
                Err(error) if too_long(&error) => {
                    files.refused.push((String::new(), Unfit::FormTooLarge));
                    break;
                }
                Err(error) => return Err(Refusal::Malformed(error.body_text())),
            }
            continue;
        }
        let text = text(part, TEXT - fields.len().min(TEXT)).await?;
        if name == "kept" {
            if files.tickets.len() < FORM_FILES {
                files.tickets.push(text);
            }
        } else {
            let _ = write!(fields, "{}={}&", forms::url_encode(&name), forms::url_encode(&text));
        }
    }
    let request = Request::post("/").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let Form(form) = Form::<T>::from_request(request.body(fields.into()).map_err(anyhow::Error::from)?, app).await?;
    Ok(Sent { form, files })
}

/// One part with text, of so many bytes at most.
async fn text(mut part: Field<'_>, most: usize) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|error| Refusal::Malformed(error.body_text()))? {
        if bytes.len() + piece.len() > most {
            return Err(Refusal::Malformed("表单里的文字太长。".to_owned()));
        }
        bytes.extend_from_slice(&piece);
    }
    // PostgreSQL keeps no NUL in text; nobody types one.
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    text.ok_or_else(|| Refusal::Malformed("表单里有不能用的字符。".to_owned()))
}

/// One part with a file: nothing where none was chosen, and what is against it where it is too much.
async fn file(
    mut part: Field<'_>,
    app: &App,
    taken: &mut usize,
    before: usize,
) -> Result<Option<Result<New, (String, Unfit)>>, MultipartError> {
    let name: String = part.file_name().unwrap_or_default().chars().take(300).collect();
    let mut new = New { name, bytes: Vec::new(), room: None };
    let mut unfit = (before >= FORM_FILES).then_some(Unfit::TooMany);
    let mut length = 0;
    while let Some(piece) = part.chunk().await? {
        length += piece.len();
        if unfit.is_none() {
            unfit = if length > FILE_BYTES {
                Some(Unfit::TooLarge)
            } else if *taken + length > FORM_BYTES {
                Some(Unfit::FormTooLarge)
            } else {
                new.grow(app, length).err()
            };
        }
        if unfit.is_none() {
            new.bytes.extend_from_slice(&piece);
        } else {
            new.bytes = Vec::new();
            new.room = None;
        }
    }
    if length == 0 && new.name.is_empty() {
        return Ok(None);
    }
    *taken += new.bytes.len();
    Ok(Some(match unfit {
        None => Ok(new),
        // Which of them is one too many says nothing.
        Some(Unfit::TooMany) => Err((String::new(), Unfit::TooMany)),
        Some(unfit) => Err((new.name, unfit)),
    }))
}

impl New {
    /// Takes room for so many bytes altogether.
    fn grow(&mut self, app: &App, length: usize) -> Result<(), Unfit> {
        let held = self.room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let needed = length.div_ceil(1_024).saturating_sub(held);
        let more = u32::try_from(needed).map_err(|_| Unfit::TooLarge)?;
        let more = app.files.room.clone().try_acquire_many_owned(more).map_err(|_| Unfit::Busy)?;
        match &mut self.room {
            Some(room) => room.merge(more),
            None => self.room = Some(more),
        }
        Ok(())
    }
}

fn too_long(error: &MultipartError) -> bool {
    error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE
}
