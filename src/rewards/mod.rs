//! 奖惩决定 (C8): reward or penalty of a leader at a quarter's end, as a decision with two keys. It names no petition, so
//! that pay may read what is signed ([`signed`]) without knowing any.

mod pages;
mod rules;

use policy::Quarter;
use sqlx::{AnyConnection, FromRow};

pub use pages::rooms;
pub use rules::Kind;

use crate::accounts::{Sight, Viewer, chief_of, permissions};
use crate::db::Sql;
use crate::web::App;

/// A decision.
#[derive(Clone, Debug, FromRow)]
pub struct Reward {
    /// Its id.
    pub id: i64,
    /// The leader.
    pub official: i64,
    /// The leader's name.
    pub official_name: String,
    /// Whose chief decided: six digits the county, nine a township.
    pub place: String,
    /// reward or penalty.
    pub kind: String,
    /// In fen; nothing: without an amount.
    pub fen: Option<i64>,
    /// Why.
    pub reason: String,
    /// Number of the document that it rests on.
    pub document: String,
    /// The day of the first key.
    pub decided_on: String,
    /// Who decided.
    pub decided_by: i64,
    /// The decider's name.
    pub decider: String,
    /// The day of the second key; '': not signed yet, without effect.
    pub signed_on: String,
    /// Who signed second; ''.
    pub signer: String,
}

impl Reward {
    /// 奖励 or 惩处.
    pub fn kind(&self) -> &'static str {
        Kind::from_word(&self.kind).map_or("", Kind::label)
    }

    /// The amount in yuan; 不涉及金额 where there is none.
    pub fn amount(&self) -> String {
        self.fen.map_or_else(|| "不涉及金额".to_owned(), |fen| format!("{} 元", policy::money::yuan(fen)))
    }

    /// The decision as a paper says it.
    pub fn sentence(&self) -> String {
        let keys = if self.signed_on.is_empty() {
            format!("{} {} 决定，等第二人签署，还没有生效", self.decided_on, self.decider)
        } else {
            format!("{} {} 决定，{} {} 签署", self.decided_on, self.decider, self.signed_on, self.signer)
        };
        let Self { official_name, reason, document, .. } = self;
        format!("{official_name}：{}，{}。{reason}（{document}；{keys}）", self.kind(), self.amount())
    }
}

const REWARD: &str = "SELECT r.id, r.official, f.name AS official_name, r.place, r.kind, r.fen, r.reason, r.document,
        r.decided_on, r.decided_by, d.name AS decider, COALESCE(r.signed_on, '') AS signed_on,
        COALESCE(s.name, '') AS signer
   FROM leader_reward r JOIN official f ON f.id = r.official JOIN official d ON d.id = r.decided_by
   LEFT JOIN official s ON s.id = r.signed_by WHERE ";

/// Adds which decisions a viewer finds: everybody the own, a chief those of the level, personnel and supervision those
/// of their place.
async fn push_sight(sql: &mut Sql, read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<()> {
    sql.push(" AND (r.official = ").bind(viewer.official);
    if let Some(chief) = chief_of(read, app, viewer).await? {
        sql.push(" OR r.place = ").bind(chief);
    }
    if permissions().sights("rewards", &viewer.roles).contains(&Sight::Place) {
        if viewer.place.len() <= 6 {
            sql.push(" OR 1 = 1");
        } else {
            sql.push(" OR r.place = ").bind(viewer.place.clone());
        }
    }
    sql.push(")");
    Ok(())
}

/// The decisions of a quarter that the viewer finds, the newest first.
pub async fn of_quarter(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    quarter: Quarter,
) -> anyhow::Result<Vec<Reward>> {
    let mut sql = Sql::new(REWARD);
    sql.push("r.quarter = ").bind(quarter.to_string());
    push_sight(&mut sql, read, app, viewer).await?;
    sql.push(" ORDER BY r.id DESC LIMIT 300");
    Ok(sql.fetch_all(read).await?)
}

/// What was signed by both keys for an official and a quarter, for whoever reckons pay: only this has effect.
pub async fn signed(read: &mut AnyConnection, official: i64, quarter: Quarter) -> Result<Vec<Reward>, sqlx::Error> {
    let mut sql = Sql::new(REWARD);
    sql.push("r.signed_on IS NOT NULL AND r.official = ").bind(official);
    sql.push(" AND r.quarter = ").bind(quarter.to_string());
    sql.push(" ORDER BY r.id");
    sql.fetch_all(read).await
}

/// What was signed by both keys with an amount for some officials, of any quarter up to one, in the order of deciding.
pub async fn signed_until(
    read: &mut AnyConnection,
    officials: &[i64],
    quarter: Quarter,
) -> Result<Vec<Reward>, sqlx::Error> {
    let mut found = Vec::new();
    for some in officials.chunks(500) {
        let mut sql = Sql::new(REWARD);
        sql.push("r.signed_on IS NOT NULL AND r.fen IS NOT NULL AND r.quarter <= ").bind(quarter.to_string());
        sql.push(" AND r.official IN (");
        for (place, official) in some.iter().enumerate() {
            sql.push(if place > 0 { ", " } else { "" }).bind(*official);
        }
        sql.push(") ORDER BY r.id");
        found.extend(sql.fetch_all::<Reward>(&mut *read).await?);
    }
    Ok(found)
}

/// Decisions by their ids, in the order of deciding.
pub async fn by_ids(read: &mut AnyConnection, ids: &[i64]) -> Result<Vec<Reward>, sqlx::Error> {
    let mut found = Vec::new();
    for some in ids.chunks(500) {
        let mut sql = Sql::new(REWARD);
        sql.push("r.id IN (");
        for (place, id) in some.iter().enumerate() {
            sql.push(if place > 0 { ", " } else { "" }).bind(*id);
        }
        sql.push(") ORDER BY r.id");
        found.extend(sql.fetch_all::<Reward>(&mut *read).await?);
    }
    Ok(found)
}
