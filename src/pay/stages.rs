//! How far a settlement has come, as its page shows it: the check, the notice, objections, and what is added to shares.

use sqlx::AnyConnection;

use super::course::{Objections, Signatory, Standing};
use super::objections::{self, Clocked, clocked};
use super::rewarding::{Paid, Taken};
use super::run::why_not;
use super::runs::Run;
use super::sight;
use super::words::day;
use crate::accounts::Viewer;
use crate::web::App;

/// A notice in a line.
pub(super) struct NoticeLine {
    pub(super) put_up_on: String,
    pub(super) put_up_by: String,
    pub(super) working_days: u16,
    /// The first and the last day.
    pub(super) since: String,
    pub(super) until: String,
    pub(super) is_up: bool,
    /// How many of its results are shown anew, where others were shown before.
    pub(super) anew: Option<usize>,
}

/// What a run has behind it and before it, for one viewer.
pub(super) struct Stages {
    /// Nothing: not the viewer's; empty: may; else why not.
    pub(super) check: Option<String>,
    pub(super) put_up: Option<String>,
    /// Why it is not settled anew, if it is the viewer's and cannot be.
    pub(super) settle_anew: String,
    pub(super) notice: Option<NoticeLine>,
    pub(super) counts: Objections,
    /// Nothing: the viewer does not see what was said.
    pub(super) objections: Option<Vec<Clocked>>,
    pub(super) rewards: Vec<Taken>,
}

impl Stages {
    /// Whether a penalty could not reach all that was decided.
    pub(super) fn has_left(&self) -> bool {
        self.rewards.iter().any(|taken| taken.left_fen > 0)
    }

    pub(super) async fn of(
        read: &mut AnyConnection,
        (app, viewer): (&App, &Viewer),
        run: &Run,
        (standing, who): (&Standing, Signatory),
        paid: impl Iterator<Item = &Paid>,
    ) -> anyhow::Result<Self> {
        let before = !standing.replaced && !standing.submitted && standing.notice.is_none();
        let objections = if sight::sees_objections(viewer, who.receives) {
            Some(objections::of_run(read, run.id).await?.into_iter().map(|one| clocked(app, one)).collect())
        } else {
            None
        };
        let settles = viewer.may("pay.settle");
        Ok(Self {
            check: (viewer.may("pay.check") && before && !standing.checked).then(|| why_not(&standing.check(who))),
            put_up: (settles && before && standing.checked).then(|| why_not(&standing.put_up())),
            settle_anew: if settles && !standing.replaced && !standing.approved() {
                why_not(&standing.settle_anew())
            } else {
                String::new()
            },
            notice: run.notice.as_ref().map(|notice| NoticeLine {
                put_up_on: notice.put_up_on.to_string(),
                put_up_by: notice.put_up_by.clone(),
                working_days: notice.working_days,
                since: day(notice.latest()),
                until: notice.up(app).words(),
                is_up: standing.is_up(),
                anew: notice
                    .is_mixed()
                    .then(|| notice.since.keys().filter(|official| notice.is_new(**official)).count()),
            }),
            counts: run.objections,
            objections,
            rewards: paid.flat_map(|of| of.rewards.clone()).collect(),
        })
    }
}
