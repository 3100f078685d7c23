//! The index of words: pairs of neighbouring characters of what petitions tell, written beside the requests.

use sqlx::{AnyConnection, FromRow};

use super::rules::pair_words;
use super::veil;
use crate::db::Sql;
use crate::rows::{Rows, row};
use crate::web::App;

/// Petitions of one pass: so few that those who wait for an answer meanwhile do not notice.
const BATCH: i64 = 50;

#[derive(FromRow)]
struct Told {
    id: i64,
    title: String,
    content: String,
    place_detail: String,
}

impl Told {
    /// Its pairs, without the names of its petitioners.
    fn pairs(&self, names: &[String]) -> Vec<String> {
        let text = format!("{}，{}，{}", self.title, self.content, self.place_detail);
        pair_words(&veil::without(&text, names))
    }
}

/// Writes the pairs of petitions that wait for it; true where more may wait.
pub async fn pair(app: &App) -> anyhow::Result<bool> {
    let mut read = app.db.read().await?;
    let mut sql = Sql::new(
        "SELECT p.id, p.title, p.content, p.place_detail FROM petition_unpaired w JOIN petition p ON p.id = w.petition
          ORDER BY w.petition",
    );
    sql.limit(BATCH);
    let told: Vec<Told> = sql.fetch_all(&mut read).await?;
    if told.is_empty() {
        return Ok(false);
    }
    let names = names(&mut read, &told).await?;
    drop(read);
    let mut rows = Rows::new("petition_pair", "pair, petition");
    let mut done = Sql::new("DELETE FROM petition_unpaired WHERE petition IN (0");
    for one in &told {
        let hidden: Vec<String> = names.iter().filter(|(of, _)| *of == one.id).map(|(_, name)| name.clone()).collect();
        for pair in one.pairs(&hidden) {
            row!(rows; pair, one.id);
        }
        done.push(", ").bind(one.id);
    }
    done.push(")");
    let mut write = app.db.write().await?;
    // What another process has done by now, or what was erased meanwhile, is not done again.
    if done.execute(&mut write).await? < told.len() as u64 {
        return Ok(true);
    }
    rows.write(&mut write).await?;
    write.commit().await?;
    Ok(i64::try_from(told.len())? == BATCH)
}

async fn names(read: &mut AnyConnection, told: &[Told]) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let mut sql = Sql::new("SELECT petition, name FROM petitioner WHERE petition IN (0");
    for one in told {
        sql.push(", ").bind(one.id);
    }
    sql.push(")");
    sql.fetch_all(read).await
}

/// Removes the pairs of a petition whose text is about to be erased.
pub(super) async fn unpair(write: &mut AnyConnection, petition: i64) -> anyhow::Result<()> {
    let told: Option<Told> = sqlx::query_as("SELECT id, title, content, place_detail FROM petition WHERE id = $1")
        .bind(petition)
        .fetch_optional(&mut *write)
        .await?;
    if let Some(told) = told {
        let names: Vec<String> =
            names(write, std::slice::from_ref(&told)).await?.into_iter().map(|(_, name)| name).collect();
        for part in told.pairs(&names).chunks(400) {
            let mut sql = Sql::new("DELETE FROM petition_pair WHERE petition = ");
            sql.bind(petition).push(" AND pair IN (''");
            for pair in part {
                sql.push(", ").bind(pair.clone());
            }
            sql.push(")");
            sql.execute(write).await?;
        }
    }
    sqlx::query("DELETE FROM petition_unpaired WHERE petition = $1").bind(petition).execute(write).await?;
    Ok(())
}
