//! The chiefs of county and townships (党政主要领导), who decide on bound cases, and the leaders of their level.

use sqlx::{AnyConnection, FromRow};

use super::Viewer;
use super::rules::{chief_place, list_place};
use crate::web::App;

/// The place whose chief the viewer is in the post acted in: six digits the county, nine a township.
pub async fn chief_of(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<Option<String>> {
    let (kind, division, listed_as): (String, String, String) = sqlx::query_as(
        "SELECT u.kind, u.division, o.listed_as FROM post o JOIN unit u ON u.id = o.unit WHERE o.id = $1",
    )
    .bind(viewer.post)
    .fetch_one(read)
    .await?;
    let chiefs = (
        app.policy.word("binding.county.chiefs", viewer.day)?,
        app.policy.word("binding.township.chiefs", viewer.day)?,
    );
    Ok(chief_place(&kind, &division, &listed_as, chiefs))
}

/// The posts of the chiefs of a place, as a page names them: 县委书记、县长.
pub fn chiefs_of(app: &App, place: &str) -> anyhow::Result<String> {
    let key = if place.len() > 6 { "binding.township.chiefs" } else { "binding.county.chiefs" };
    Ok(app.policy.word(key, app.today())?.to_owned())
}

/// Somebody who holds the role of a leader.
#[derive(Clone, Debug, FromRow)]
pub struct Leader {
    /// The official.
    pub id: i64,
    /// By name.
    pub name: String,
    /// The post.
    pub title: String,
    /// The unit's name.
    pub unit: String,
    kind: String,
    division: String,
}

impl Leader {
    /// The level on which the leader stands: six digits the county's, nine a township's.
    pub fn place(&self) -> String {
        list_place(&self.kind, &self.division)
    }
}

/// The leaders of a place on a day.
pub async fn leaders_of(read: &mut AnyConnection, place: &str, on: &str) -> Result<Vec<Leader>, sqlx::Error> {
    let all: Vec<Leader> = sqlx::query_as(
        "SELECT f.id, f.name, o.title, u.name AS unit, u.kind, u.division
           FROM role_grant g JOIN appointment a ON a.id = g.appointment
           JOIN post o ON o.id = a.post JOIN unit u ON u.id = o.unit JOIN official f ON f.id = a.official
          WHERE g.role = 'leader' AND a.held_from <= $1 AND (a.held_to IS NULL OR a.held_to > $1)
          ORDER BY u.code, o.code, f.id LIMIT 500",
    )
    .bind(on)
    .fetch_all(read)
    .await?;
    Ok(all.into_iter().filter(|leader| leader.place() == place).collect())
}
