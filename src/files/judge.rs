//! From what was sent to what is kept: kind by content, the content without what is not needed, name, thumbnail.

use super::rules::{FILE_BYTES, Kind, Unfit, sniff, tidy_name};
use super::{papers, pictures, sound};

/// A file that may be kept.
#[derive(Debug)]
pub(super) struct Fit {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
    /// Of a picture.
    pub(super) thumbnail: Option<Vec<u8>>,
}

/// Judges one file. It may take a second: call it where waiting holds nobody up.
pub(super) fn judge(name: &str, bytes: Vec<u8>) -> Result<Fit, Unfit> {
    if bytes.len() > FILE_BYTES {
        return Err(Unfit::TooLarge);
    }
    let kind = sniff(&bytes)?;
    let (kind, bytes, thumbnail) = match kind {
        Kind::Jpeg | Kind::Png | Kind::Webp => {
            let (clean, thumbnail) = pictures::judge(kind, &bytes)?;
            (kind, clean, Some(thumbnail))
        }
        Kind::Pdf => papers::pdf(&bytes).map(|()| (kind, bytes, None))?,
        Kind::Docx | Kind::Xlsx => (papers::office(&bytes)?, bytes, None),
        Kind::Doc => papers::old_word(&bytes).map(|()| (kind, bytes, None))?,
        Kind::Mp3 | Kind::M4a | Kind::Amr | Kind::Wav => (kind, sound::judge(kind, &bytes)?, None),
    };
    Ok(Fit { name: tidy_name(name, kind), kind, bytes, thumbnail })
}

/// Judges what was judged: what is kept of a file is one that may be kept, whole, or nothing would open it again.
pub fn judged_twice(bytes: &[u8]) {
    if let Ok(fit) = judge("附件", bytes.to_vec()) {
        let again = judge(&fit.name, fit.bytes.clone()).expect("what is kept is fit");
        assert!(again.kind == fit.kind && again.bytes == fit.bytes, "{:?} came out as another", fit.kind);
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
