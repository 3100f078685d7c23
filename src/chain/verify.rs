//! Walking the chain from its first link (`youzhi verify`).

use sqlx::FromRow;

use super::links::Record;
use crate::db::Database;
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
    /// Contents that were destroyed on purpose; their commitments stand.
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
    'pages: loop {
        let page: Vec<Link> = sqlx::query_as(
            "SELECT l.seq, l.hash, r.id, r.at, r.official, r.appointment, r.action, r.subject_kind, r.subject,
                    r.commitment, c.salt, c.content
               FROM chain_link l
               JOIN chain_record r ON r.id = l.record
               LEFT JOIN chain_content c ON c.record = r.id
              WHERE l.seq > $1 ORDER BY l.seq LIMIT $2",
        )
        .bind(report.links)
        .bind(PAGE)
        .fetch_all(&mut *read)
        .await?;
        if page.is_empty() {
            break;
        }
        for link in page {
            if let Some(why) = fault(&link, report.links + 1, &before) {
                report.broken = Some(Broken { seq: report.links + 1, why });
                break 'pages;
            }
            if !link.record.commitment.is_empty() && link.content.is_none() {
                report.without_content += 1;
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

/// Looks one hash up, as a citizen reads it from a page: its place in the chain and the instant of its record.
pub async fn find(db: &Database, hash: &str) -> anyhow::Result<Option<(i64, i64)>> {
    let digits = hash.trim().strip_prefix("sm3:").unwrap_or(hash.trim()).to_ascii_lowercase();
    let bytes: Option<Vec<u8>> = (digits.len() == 64)
        .then(|| (0..32).map(|at| u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok()).collect())
        .flatten();
    let Some(bytes) = bytes else { return Ok(None) };
    let mut read = db.read().await?;
    Ok(sqlx::query_as("SELECT l.seq, r.at FROM chain_link l JOIN chain_record r ON r.id = l.record WHERE l.hash = $1")
        .bind(bytes)
        .fetch_optional(&mut *read)
        .await?)
}
