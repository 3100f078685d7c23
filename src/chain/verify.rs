//! Walking the chain from its first link (`youzhi verify`).

use std::collections::BTreeSet;

use sqlx::{AnyConnection, FromRow};

use super::destroy::Destroyed;
use super::links::Record;
use crate::db::{Database, Sql};
use crate::secrets::{hex, sm3};

/// How many links are read at a time.
const PAGE: i64 = 5_000;

/// What a walk found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Links that hold, from the first.
    pub links: i64,
    /// The hash of the last link that holds.
    pub head: String,
    /// Committed records that are not linked yet.
    pub unsealed: i64,
    /// Contents that were destroyed, as a record says; their commitments stand.
    pub without_content: i64,
    /// The first place where the chain does not hold, and why.
    pub broken: Option<Broken>,
}

/// The first broken place.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    /// The sequence number of the link.
    pub seq: i64,
    /// Why it does not hold, in Chinese.
    pub why: String,
}

#[derive(FromRow)]
struct Link {
    seq: i64,
    hash: Vec<u8>,
    #[sqlx(flatten)]
    record: Record,
    salt: Option<Vec<u8>>,
    content: Option<String>,
}

/// Walks every link and re-computes every hash and every commitment whose content still exists.
pub async fn walk(db: &Database) -> anyhow::Result<Report> {
    let mut read = db.read().await?;
    let mut report = Report::default();
    let mut before: Vec<u8> = Vec::new();
    // What is gone, by its place.
    let mut gone: Vec<(i64, i64)> = Vec::new();
    'pages: loop {
        let mut sql = Sql::new(
            "SELECT l.seq, l.hash, r.id, r.at, r.official, r.appointment, r.action, r.subject_kind, r.subject,
                    r.commitment, c.salt, c.content
               FROM chain_link l
               JOIN chain_record r ON r.id = l.record
               LEFT JOIN chain_content c ON c.record = r.id
              WHERE l.seq > ",
        );
        sql.bind(report.links).push(" ORDER BY l.seq").limit(PAGE);
        let page: Vec<Link> = sql.fetch_all(&mut read).await?;
        if page.is_empty() {
            break;
        }
        for link in page {
            if let Some(why) = fault(&link, report.links + 1, &before) {
                report.broken = Some(Broken { seq: report.links + 1, why });
                break 'pages;
            }
            if !link.record.commitment.is_empty() && link.content.is_none() {
                gone.push((link.seq, link.record.id));
            }
            report.links = link.seq;
            before = link.hash;
        }
    }
    if report.links > 0 {
        report.head = format!("sm3:{}", hex(&before));
    }
    let (unsealed,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM chain_pending").fetch_one(&mut *read).await?;
    report.unsealed = unsealed;
    report.without_content = i64::try_from(gone.len())?;
    // What was destroyed is asked last: a destruction that came during the walk has its record by now.
    let destroyed = if gone.is_empty() { BTreeSet::new() } else { destructions(&mut read, 0).await? };
    if report.broken.is_none()
        && let Some((seq, record)) = gone.iter().find(|(_, record)| !destroyed.contains(record))
    {
        let why = format!("第 {seq} 号链接的内容不见了，也没有依法删除的记录（记录 {record}）");
        report.broken = Some(Broken { seq: *seq, why });
    }
    if report.broken.is_none() {
        // A record that is neither linked nor waiting, or a link whose record is gone, was tampered with too.
        let (stray,): (i64,) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM chain_record) - (SELECT COUNT(*) FROM chain_link)
                  - (SELECT COUNT(*) FROM chain_pending)",
        )
        .fetch_one(&mut *read)
        .await?;
        if stray != 0 {
            report.broken =
                Some(Broken { seq: report.links + 1, why: format!("记录数与链接数相差 {stray} 条") });
        }
    }
    Ok(report)
}

fn fault(link: &Link, expected: i64, before: &[u8]) -> Option<String> {
    if link.seq != expected {
        return Some(format!("缺第 {expected} 号链接（下一条是第 {} 号）", link.seq));
    }
    if link.record.link(before)[..] != link.hash[..] {
        return Some(format!("第 {expected} 号链接与记录 {} 不符", link.record.id));
    }
    if let (Some(salt), Some(content)) = (&link.salt, &link.content)
        && sm3(&[salt, content.as_bytes()])[..] != link.record.commitment[..]
    {
        return Some(format!("第 {expected} 号链接的内容与承诺不符（记录 {}）", link.record.id));
    }
    None
}

/// The records that a destruction names.
fn named(content: &str) -> Vec<i64> {
    serde_json::from_str(content).map(|Destroyed { records, .. }| records).unwrap_or_default()
}

/// What destructions name that were recorded after a record. The action stands in the text, not beside it: only so is
/// it read off the index of destructions alone, however long the chain.
async fn destructions(read: &mut AnyConnection, after: i64) -> Result<BTreeSet<i64>, sqlx::Error> {
    let contents: Vec<(String,)> = sqlx::query_as(
        "SELECT c.content FROM chain_record r JOIN chain_content c ON c.record = r.id
          WHERE r.action = 'content.destroyed' AND r.id > $1",
    )
    .bind(after)
    .fetch_all(read)
    .await?;
    Ok(contents.iter().flat_map(|(content,)| named(content)).collect())
}

/// What still exists of the records of an action, after one of them and in their order, a page at a time: the record,
/// the id of its subject, and its content. For rooms that keep beside the database what a record commits to.
pub async fn recorded(
    read: &mut AnyConnection,
    action: &'static str,
    after: i64,
) -> Result<Vec<(i64, i64, String)>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT r.id, r.subject, c.content FROM chain_record r JOIN chain_content c ON c.record = r.id WHERE r.action = ",
    );
    sql.bind(action.to_owned()).push(" AND r.id > ").bind(after).push(" ORDER BY r.id").limit(PAGE);
    sql.fetch_all(read).await
}

/// A link that somebody asked for by its hash.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Its place in the chain.
    pub seq: i64,
    /// The instant of its record.
    pub at: i64,
    /// Why the link does not hold, in Chinese, where it does not.
    pub fault: Option<String>,
}

/// Looks one hash up, as a citizen reads it from a page, and computes that link anew: from its record, the link before
/// it and, where the content still exists, from that.
pub async fn find(db: &Database, hash: &str) -> anyhow::Result<Option<Found>> {
    let digits = hash.trim().strip_prefix("sm3:").unwrap_or(hash.trim()).to_ascii_lowercase();
    let bytes: Option<Vec<u8>> = (digits.len() == 64)
        .then(|| (0..32).map(|at| u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok()).collect())
        .flatten();
    let Some(bytes) = bytes else { return Ok(None) };
    let mut read = db.read().await?;
    let link: Option<Link> = sqlx::query_as(
        "SELECT l.seq, l.hash, r.id, r.at, r.official, r.appointment, r.action, r.subject_kind, r.subject,
                r.commitment, c.salt, c.content
           FROM chain_link l
           JOIN chain_record r ON r.id = l.record
           LEFT JOIN chain_content c ON c.record = r.id
          WHERE l.hash = $1",
    )
    .bind(bytes)
    .fetch_optional(&mut *read)
    .await?;
    let Some(link) = link else { return Ok(None) };
    let before: Option<(Vec<u8>,)> = sqlx::query_as("SELECT hash FROM chain_link WHERE seq = $1")
        .bind(link.seq - 1)
        .fetch_optional(&mut *read)
        .await?;
    let fault = match before {
        None if link.seq > 1 => Some(format!("缺第 {} 号链接", link.seq - 1)),
        before => fault(&link, link.seq, &before.map(|(hash,)| hash).unwrap_or_default()),
    };
    let fault = match fault {
        None if !link.record.commitment.is_empty() && link.content.is_none() => {
            let lawful = destructions(&mut read, link.record.id).await?.contains(&link.record.id);
            (!lawful).then(|| format!("第 {} 号链接的内容不见了，也没有依法删除的记录", link.seq))
        }
        fault => fault,
    };
    Ok(Some(Found { seq: link.seq, at: link.record.at, fault }))
}
