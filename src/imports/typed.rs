//! Values of the county's own that were typed on a form: judged and taken as the rows of a file are.

use std::collections::HashSet;

use sqlx::AnyConnection;

use super::judge::{Cells, Verdict};
use super::{Kind, known, store, take_turn};
use crate::chain::Actor;
use crate::web::App;

/// A value as a row of a file has it: key, first day, value, source.
pub type ValueRow = [String; 4];

/// Takes values in the write that they belong to, each with its record in the chain: all of them, or none with the
/// reason of the first that is refused. Once it is committed the caller puts them in force (`values::load`).
pub async fn take_values(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    rows: &[ValueRow],
) -> anyhow::Result<Result<(), String>> {
    take_turn(write).await?;
    let (mut known, _) = known::known(write, app, actor, Kind::Values, &[]).await?;
    let mut seen = HashSet::new();
    let mut good: store::Good = Vec::new();
    for row in rows {
        let mut cells: Cells = row.iter().cloned().map(Some).collect();
        match known.judge(Kind::Values, &mut cells, &mut seen, app.today(), false) {
            Verdict::Refuse(reason) => return Ok(Err(reason)),
            verdict => good.push((cells, verdict)),
        }
    }
    store::take(write, app, actor, Kind::Values, (&good, &known, &mut None)).await?;
    Ok(Ok(()))
}
