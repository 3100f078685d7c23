//! `youzhi doctor`: looks, says what is wrong, and changes nothing.

use std::process::ExitCode;

use anyhow::{Context, bail, ensure};

use crate::chain::verify;
use crate::db::Database;
use crate::files::{self, Store};
use crate::marks;
use crate::secrets::Keys;
use crate::settings::Settings;

pub(super) async fn examine(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut healthy = true;
    let mut say = |name: &str, outcome: anyhow::Result<String>| match outcome {
        Ok(text) => println!("正常  {name}：{text}"),
        Err(error) => {
            healthy = false;
            println!("异常  {name}：{error:#}");
        }
    };
    let set = format!("数据库 {}，监听 {}", settings.database_shown(), settings.listen);
    say("设置", settings.ensure_confidential().map(|()| set));
    say("密钥", key_file(settings));
    let mut calendar = policy::Calendar::published().clone();
    match Database::open_to_look(&settings.database_address()).await {
        Ok(db) => {
            say("数据库", structure(&db).await);
            say("密钥核对", keys_fit(settings, &db).await);
            let chain = verify::walk(&db).await.and_then(|report| match report.broken {
                None => Ok(format!("{} 条完整，待链接 {} 条", report.links, report.unsealed)),
                Some(broken) => bail!("在第 {} 号链接处断裂：{}", broken.seq, broken.why),
            });
            say("存证链", chain);
            if let Ok(mut read) = db.read().await {
                calendar = crate::values::calendar(&mut read).await.unwrap_or(calendar);
            }
            say("附件", files(settings, &db).await);
            db.close().await;
        }
        Err(error) => say("数据库", Err(error)),
    }
    let year = crate::web::date_of(crate::web::TimeSource::Machine.now()).year();
    say(
        "工作日历",
        if calendar.is_published(year) {
            Ok(format!("{year} 年已公布"))
        } else {
            Err(anyhow::anyhow!("{year} 年的放假安排尚未导入，期限按暂定显示"))
        },
    );
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn structure(db: &Database) -> anyhow::Result<String> {
    let faults = db.structure().await?.faults();
    ensure!(faults.is_empty(), "{}", faults.join("；"));
    let kind = marks::kind(&mut *db.read().await?).await?;
    match kind.as_deref() {
        Some(marks::DEMO) => Ok(format!("{:?}，结构已是最新，演示库", db.engine())),
        Some(_) => Ok(format!("{:?}，结构已是最新", db.engine())),
        None => bail!("还没有建县：请先运行 youzhi init"),
    }
}

async fn keys_fit(settings: &Settings, db: &Database) -> anyhow::Result<String> {
    let keys = Keys::read(&settings.key_file())?;
    marks::ensure_keys(&mut *db.read().await?, &keys).await?;
    Ok("密钥文件是建库时的那一份".to_owned())
}

async fn files(settings: &Settings, db: &Database) -> anyhow::Result<String> {
    let store = Store::open(&settings.files_address())?;
    let (missing, held, others) = files::missing(db, &store).await?;
    ensure!(
        missing.is_empty(),
        "{} 里缺 {} 个（共 {held} 个），如 {}：请从备份的 .files 目录放回去",
        store.shown(),
        missing.len(),
        missing[0]
    );
    ensure!(store.has_room(), "{} 所在的磁盘快满了，已经不收附件", store.shown());
    let others = if others == 0 {
        String::new()
    } else {
        format!("，另有 {others} 个没有登记（正在收，或者库是从备份恢复的）")
    };
    Ok(format!("{}，{held} 个都在{others}", store.shown()))
}

fn key_file(settings: &Settings) -> anyhow::Result<String> {
    let path = settings.key_file();
    let data = std::fs::metadata(&path).with_context(|| format!("没有 {}", path.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        ensure!(data.permissions().mode().trailing_zeros() >= 6, "{} 别人也能读，请 chmod 600", path.display());
    }
    Ok(format!("{}，{} 字节，仅所有者可读", path.display(), data.len()))
}
