//! 规定值 (G3): the dated values in force, the county's own rows over those that the policy files mark as local; and the
//! working days (G4), with the arrangements that the county brought in.
//!
//! The rows are read when the program starts, again right after an import of them, and every half minute, for what
//! another process brought in ([`load`]). A row holds from its day, so what was computed for days before stays.

mod days;
mod in_force;
mod pages;

pub use days::{calendar, days};
pub use in_force::InForce;
pub use pages::rooms;

use jiff::civil::Date;
use policy::Policy;
use policy::values::{LocalRow, PolicyError, Value};
use sqlx::AnyConnection;

use crate::web::App;

/// A county's own row as it is kept: key, first day, value, source.
pub type Kept = (String, String, String, String);

/// Every row of the county's own, by key and day.
pub async fn rows(read: &mut AnyConnection) -> Result<Vec<Kept>, sqlx::Error> {
    sqlx::query_as("SELECT name, holds_from, value, source FROM policy_value ORDER BY name, holds_from")
        .fetch_all(read)
        .await
}

/// Reads the county's own rows and days and puts them in force. `true`: the working days are others than before.
pub async fn load(app: &App) -> anyhow::Result<bool> {
    let mut read = app.db.read().await?;
    let kept = rows(&mut read).await?;
    let calendar = calendar(&mut read).await?;
    drop(read);
    let own: Result<Vec<LocalRow>, PolicyError> = kept
        .iter()
        .map(|(key, from, value, source)| {
            let from: Date = from.parse().unwrap_or(Date::MAX);
            LocalRow::read(key, from, value, source)
        })
        .collect();
    let policy = own.and_then(|own| Policy::published().clone().with_local(own));
    let policy = policy.map_err(|why| anyhow::anyhow!("县里自定的规定值不能用：{why}"))?;
    app.policy.replace(policy);
    Ok(app.calendar.replace(calendar))
}

/// A value as people write it.
pub fn text(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Word(word) => word.clone(),
        Value::Duties(duties) => duties.iter().map(|duty| duty.name.as_str()).collect::<Vec<_>>().join("、"),
        Value::Classes(classes) => classes.iter().map(|class| class.name.as_str()).collect::<Vec<_>>().join("、"),
    }
}
