//! Backup and restore (G10). A backup holds no keys: without the key file its phones and identities stay closed.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use sqlx::{AnyConnection, Connection};

use crate::db::Database;
use crate::files::{self, Kept, Store};
use crate::marks;
use crate::settings::Settings;

/// Copies the database to a new file while others go on writing; the copy is of one moment. Attachments are copied to
/// a folder beside it, unless they lie in a bucket; says what became of them.
pub async fn backup(settings: &Settings, file: &Path) -> anyhow::Result<String> {
    ensure!(!file.exists(), "{} 已存在，不覆盖", file.display());
    let db = Database::open_to_look(&settings.database_address()).await?;
    // Written beside the target and renamed, so that a backup that exists is a whole one.
    let partial = file.with_extension("partial");
    let path = partial.to_str().context("备份文件名不是 UTF-8")?;
    let copied = match db.copy_to(path).await {
        // What the copy holds is a part of what the database holds now.
        Ok(()) => copy_files(&db, &Store::open(&settings.files_address())?, &files_of(file)).await,
        Err(error) => Err(error),
    };
    db.close().await;
    let copied = match copied {
        Ok(copied) => copied,
        Err(error) => {
            let _ = std::fs::remove_file(&partial);
            return Err(error);
        }
    };
    std::fs::File::open(&partial)?.sync_all()?;
    std::fs::rename(&partial, file)?;
    sync_folder_of(file)?;
    Ok(copied)
}

/// The folder beside a backup that holds its attachments.
fn files_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".files");
    PathBuf::from(name)
}

/// Copies the attachments that the database holds. Each is named by its hash and never changes: what an earlier backup
/// at the same place has is not copied again.
async fn copy_files(db: &Database, store: &Store, target: &Path) -> anyhow::Result<String> {
    let held = files::held(&mut *db.read().await?).await?;
    if held.is_empty() {
        return Ok("没有附件".to_owned());
    }
    if store.folder().is_none() {
        return Ok(format!("附件 {} 个在 {}，不在这份备份里：请另外备份", held.len(), store.shown()));
    }
    let copies = Store::in_folder(target);
    let there = copies.names().await?;
    // What was destroyed since an earlier backup at the same place is not kept there either.
    for object in there.iter().filter(|object| held.binary_search(object).is_err()) {
        copies.delete(object).await?;
    }
    let mut missing = 0;
    for object in held.iter().filter(|object| !there.contains(*object)) {
        match store.get(object).await? {
            Kept::Whole(bytes) => copies.put(object, bytes).await?,
            Kept::Missing | Kept::Changed => missing += 1,
        }
    }
    let lacks = if missing == 0 {
        String::new()
    } else {
        format!("；{missing} 个不见了或者已损坏，请运行 youzhi doctor")
    };
    Ok(format!("附件 {} 个已备份到 {}{lacks}", held.len() - missing, target.display()))
}

/// Puts the attachments of a backup into the store that the settings name.
async fn restore_files(settings: &Settings, source: &Path) -> anyhow::Result<String> {
    let store = Store::open(&settings.files_address())?;
    if !source.is_dir() {
        return Ok(format!("备份没有带附件（{} 不存在）；附件应在 {}", source.display(), store.shown()));
    }
    let copies = Store::in_folder(source);
    let there = store.names().await?;
    let mut put = 0;
    for object in copies.names().await?.difference(&there) {
        let Kept::Whole(bytes) = copies.get(object).await? else { bail!("备份里的附件 {object} 已损坏") };
        store.put(object, bytes).await?;
        put += 1;
    }
    Ok(format!("附件 {put} 个已恢复到 {}", store.shown()))
}

/// Puts a backup where the settings say that the database is. Refuses where there is one already, and a backup that
/// is not whole. Says what became of its attachments.
pub async fn restore(settings: &Settings, file: &Path) -> anyhow::Result<String> {
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
    let begins = source.read_exact(&mut head).is_ok();
    ensure!(begins && head == *b"SQLite format 3\0", "{} 不是备份文件", file.display());
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let partial = target.with_extension("partial");
    std::fs::copy(file, &partial)?;
    if let Err(error) = ensure_whole(&partial).await {
        let _ = std::fs::remove_file(&partial);
        return Err(error.context(format!("{} 不是完好的备份，没有恢复", file.display())));
    }
    std::fs::File::open(&partial)?.sync_all()?;
    // The attachments first: a database that is in place has them.
    let restored = restore_files(settings, &files_of(file)).await?;
    std::fs::rename(&partial, target)?;
    sync_folder_of(target)?;
    Ok(restored)
}

/// Reads a copy from end to end. Nobody writes it meanwhile, so SQLite needs no file beside it.
async fn ensure_whole(copy: &Path) -> anyhow::Result<()> {
    sqlx::any::install_default_drivers();
    let address = format!("sqlite:{}?mode=ro&immutable=true", copy.display());
    let mut connection = AnyConnection::connect(&address).await?;
    let said: Vec<(String,)> = sqlx::query_as("PRAGMA integrity_check(3)").fetch_all(&mut connection).await?;
    let faults: Vec<&str> = said.iter().map(|(line,)| line.as_str()).filter(|line| *line != "ok").collect();
    ensure!(faults.is_empty(), "数据已损坏：{}", faults.join("；"));
    let kind = marks::kind(&mut connection).await.context("不是本程序的数据库")?;
    ensure!(kind.is_some(), "里面没有建县");
    connection.close().await?;
    Ok(())
}

/// Brings the names in a file's folder to the disk: without it a new file may be gone after a power cut.
pub(crate) fn sync_folder_of(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}
