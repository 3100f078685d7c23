//! Acts of an invented past: the demo county writes them linked, thousands at a time.

use super::links::Record;
use super::{Actor, Subject};
use crate::secrets::{random, sm3};

/// An act with the instant at which it is said to have happened. Only a database that is marked as a demo has these.
#[derive(Clone, Debug)]
pub struct Past {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Who acted.
    pub actor: Actor,
    /// petition.registered …
    pub action: &'static str,
    /// What it was done to.
    pub subject: Subject,
    /// Canonical JSON, as [`super::record`] would write it.
    pub content: String,
}

/// What a linked act adds to its own fields.
#[derive(Debug)]
pub struct Sealed {
    /// Of `chain_content`.
    pub salt: [u8; 16],
    /// Of `chain_record`.
    pub commitment: [u8; 32],
    /// Of `chain_link`.
    pub hash: [u8; 32],
}

impl Past {
    /// Commits to the content and links the act, as the record `id`, to the hash before (empty for the first).
    pub fn seal(&self, id: i64, before: &[u8]) -> Sealed {
        let salt: [u8; 16] = random();
        let commitment = sm3(&[&salt, self.content.as_bytes()]);
        let record = Record {
            id,
            at: self.at,
            official: self.actor.official,
            appointment: self.actor.appointment,
            action: self.action.to_owned(),
            subject_kind: self.subject.0.to_owned(),
            subject: self.subject.1,
            commitment: commitment.to_vec(),
        };
        Sealed { salt, commitment, hash: record.link(before) }
    }
}
