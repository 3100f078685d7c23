//! Backup and restore (G10). A backup holds no keys: without the key file its phones and identities stay closed.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail, ensure};

use crate::db::Database;
use crate::settings::Settings;

/// Copies the database to a new file while others go on writing; the copy is of one moment.
pub async fn backup(settings: &Settings, file: &Path) -> anyhow::Result<()> {
    ensure!(!file.exists(), "{} 已存在，不覆盖", file.display());
    let db = Database::open(&settings.database_address(), false).await?;
    // Written beside the target and renamed, so that a backup that exists is a whole one.
    let partial = file.with_extension("partial");
    let path = partial.to_str().context("备份文件名不是 UTF-8")?;
    let copied = db.copy_to(path).await;
    db.close().await;
    if let Err(error) = copied {
        let _ = std::fs::remove_file(&partial);
        return Err(error);
    }
    std::fs::File::open(&partial)?.sync_all()?;
    std::fs::rename(&partial, file)?;
    Ok(())
}

/// Puts a backup where the settings say that the database is. Refuses where there is one already.
pub fn restore(settings: &Settings, file: &Path) -> anyhow::Result<()> {
    let address = settings.database_address();
    let Some(target) = address.strip_prefix("sqlite:") else {
        bail!("PostgreSQL 请用 pg_restore 恢复");
    };
    let target = Path::new(target);
    for suffix in ["", "-wal", "-shm"] {
        let taken = format!("{}{suffix}", target.display());
        ensure!(!Path::new(&taken).exists(), "{taken} 已存在：恢复不覆盖现有数据库，请先移走");
    }
    let mut source = std::fs::File::open(file).with_context(|| format!("读不了 {}", file.display()))?;
    let mut head = [0; 16];
    let whole = source.read_exact(&mut head).is_ok();
    ensure!(whole && head == *b"SQLite format 3\0", "{} 不是备份文件", file.display());
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let partial = target.with_extension("partial");
    std::fs::copy(file, &partial)?;
    std::fs::File::open(&partial)?.sync_all()?;
    std::fs::rename(&partial, target)?;
    Ok(())
}
