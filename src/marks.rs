//! What a database says of itself: whose it is, and which keys belong to it.

use anyhow::{Context, ensure};
use sqlx::AnyConnection;

use crate::secrets::Keys;

/// The demo's passwords are public: `demo` alone serves it.
pub const DEMO: &str = "demo";
/// A county of its own.
pub const COUNTY: &str = "county";

/// One mark, where the database has it.
pub async fn mark(read: &mut AnyConnection, name: &str) -> Result<Option<String>, sqlx::Error> {
    let mark: Option<(String,)> =
        sqlx::query_as("SELECT value FROM database_mark WHERE name = $1").bind(name).fetch_optional(read).await?;
    Ok(mark.map(|(value,)| value))
}

/// What the database is: [`DEMO`], [`COUNTY`], or nothing while it is empty.
pub async fn kind(read: &mut AnyConnection) -> Result<Option<String>, sqlx::Error> {
    mark(read, "kind").await
}

/// Says for good what an empty database is, and by which keys it is read.
pub async fn claim(write: &mut AnyConnection, kind: &'static str, keys: &Keys) -> Result<(), sqlx::Error> {
    for (name, value) in [("kind", kind.to_owned()), ("key_check", keys.check())] {
        sqlx::query("INSERT INTO database_mark (name, value) VALUES ($1, $2)")
            .bind(name)
            .bind(value)
            .execute(&mut *write)
            .await?;
    }
    Ok(())
}

/// Refuses keys that are not those of the database: with others its phones, identities and codes stay closed, and
/// what is written from then on could not be read beside the rest.
pub async fn ensure_keys(read: &mut AnyConnection, keys: &Keys) -> anyhow::Result<()> {
    let check = mark(read, "key_check").await?.context("数据库没有登记密钥的核对值")?;
    ensure!(keys.fit(&check), "密钥文件不是这个数据库的：请换回建库时的密钥文件，否则电话、证件号和查询码都打不开");
    Ok(())
}
