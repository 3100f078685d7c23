//! Import of the county's divisions: code, name, parent.

use anyhow::{Context, ensure};
use sqlx::AnyConnection;

use super::initials;

/// Reads `code,name,parent` (UTF-8, with a heading) and adds every place, valid from a day. Takes all or none.
///
/// What a place is follows from its code (GB/T 10114): townships have nine digits, 001–099 a street, 100–399 a town
/// or township, 400 and above a park; villages have twelve, communities from 001, villages from 200.
pub async fn import(write: &mut AnyConnection, csv: &str, valid_from: &str) -> anyhow::Result<usize> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv.as_bytes());
    let mut count = 0;
    for (index, row) in reader.records().enumerate() {
        let line = index + 2;
        let row = row.with_context(|| format!("第 {line} 行"))?;
        let [code, name, parent] = [0, 1, 2].map(|column| row.get(column).unwrap_or_default());
        let kind = kind_of(code).with_context(|| format!("第 {line} 行：代码 {code} 不是 6、9 或 12 位数字"))?;
        ensure!(!name.is_empty(), "第 {line} 行：没有名称");
        // The county is the root here: what lies above it is not ours to keep.
        let parent = (kind != "county").then(|| parent.to_owned());
        ensure!(
            parent.as_deref().is_none_or(|parent| code.starts_with(parent) && parent.len() < code.len()),
            "第 {line} 行：上级代码与 {code} 不符"
        );
        insert(write, code, parent, name, kind, valid_from).await.with_context(|| format!("第 {line} 行"))?;
        count += 1;
    }
    Ok(count)
}

pub(super) async fn insert(
    write: &mut AnyConnection,
    code: &str,
    parent: Option<String>,
    name: &str,
    kind: &str,
    valid_from: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO division (code, parent, name, initials, kind, valid_from) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(code.to_owned())
    .bind(parent)
    .bind(name.to_owned())
    .bind(initials(name))
    .bind(kind.to_owned())
    .bind(valid_from.to_owned())
    .execute(write)
    .await?;
    Ok(())
}

pub(crate) fn kind_of(code: &str) -> Option<&'static str> {
    if !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize| code.get(from..from + 3).and_then(|digits| digits.parse::<u32>().ok());
    match code.len() {
        6 => Some("county"),
        9 => number(6).map(|n| match n {
            0..100 => "street",
            100..400 => "township",
            _ => "park",
        }),
        12 => number(9).map(|n| if n < 200 { "community" } else { "village" }),
        _ => None,
    }
}
