//! The commands: names in English, help in Chinese.

mod doctor;
mod words;

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::accounts::Officer;
use crate::chain::verify;
use crate::due::{self, DueArgs};
use crate::files::Store;
use crate::marks;
use crate::pay::settle_csv::settle_csv;
use crate::serve::{close, open, serve};
use crate::settings::Settings;
use crate::{backup, demo, imports};

#[derive(Parser)]
#[command(name = "youzhi", version, about = "攸治：县里说到做到的那本账", disable_help_subcommand = true)]
struct Cli {
    /// 设置文件（默认 youzhi.toml，可以没有）
    #[arg(long, global = true, value_name = "FILE", display_order = 900)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Due(DueArgs),
    /// 绩酬
    #[command(subcommand)]
    Pay(PayCommand),
    #[command(flatten)]
    County(CountyCommand),
}

/// Commands that need settings and, most of them, a database.
#[derive(Subcommand)]
enum CountyCommand {
    /// 演示：建一个示范县的数据库（已有就直接用），打印网址和账号，然后提供服务
    Demo(DemoArgs),
    /// 正式提供服务（拒绝演示库）
    Serve,
    /// 建立空的正式库：区划、第一个系统管理员和第一个安全保密员
    Init(InitArgs),
    /// 导入底册（Excel 或 CSV）：先逐行核对；有不合要求的行时退出码为 1
    Import {
        /// divisions 区划、groups 小组、units 单位、posts 职务、officials 干部、assignments 办点、allowances 津补贴、households 户册、values 本县规定值、responsibilities 履职事项清单、working_days 放假安排
        #[arg(value_parser = import_kind)]
        kind: imports::Kind,
        /// .xlsx，或 UTF-8、GBK 的 .csv
        file: PathBuf,
        /// 有不合要求的行时，也先导入合格的行
        #[arg(long)]
        good_rows: bool,
    },
    /// 导出底册，导出的表可以再导入
    Export {
        /// 同 import
        #[arg(value_parser = import_kind)]
        kind: imports::Kind,
        /// 以 .xlsx 或 .csv 结尾；已有的文件不覆盖
        file: PathBuf,
    },
    /// 校验存证链和附件；有断裂或者不符时退出码为 1
    Verify {
        /// 只查这一个存证值（sm3:…）在不在链上
        #[arg(long, value_name = "SM3")]
        link: Option<String>,
    },
    /// 备份数据库到一个文件，附件到同名的 .files 目录（服务不用停）；密钥文件请另行保管
    Backup {
        /// 备份到哪里；已有的文件不覆盖
        file: PathBuf,
    },
    /// 从备份恢复；数据库已存在时拒绝
    Restore {
        /// 备份文件
        file: PathBuf,
    },
    /// 检查：设置、数据库、密钥、存证链、附件、工作日历
    Doctor,
}

#[derive(Subcommand)]
enum PayCommand {
    /// 按规则结算一张 CSV 表（不用数据库），结果写到标准输出
    Settle {
        /// 列：unit,class,official,stake_fen,score_bp[,rank]
        file: PathBuf,
    },
}

#[derive(clap::Args)]
struct DemoArgs {
    /// 数据目录（默认按设置，没有设置时是 data）
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 监听地址，演示只听本机（默认按设置，没有设置时是 127.0.0.1:8430）
    #[arg(long, value_name = "ADDR", value_parser = listen_address)]
    listen: Option<std::net::SocketAddr>,
    /// 户数（默认 20000）
    #[arg(long, value_name = "N", default_value_t = 20_000, hide_default_value = true)]
    households: u32,
    /// 只建库，不提供服务
    #[arg(long)]
    fill_only: bool,
    /// 2010 年公布数的演示：20 个乡镇，数据目录默认是其中的 published
    #[arg(long, conflicts_with = "households")]
    published: bool,
}

#[derive(clap::Args)]
struct InitArgs {
    /// 区划文件（Excel 或 CSV）：代码、名称
    #[arg(long, value_name = "FILE")]
    divisions: PathBuf,
    /// 第一个系统管理员的账号
    #[arg(long, value_name = "LOGIN")]
    login: String,
    /// 系统管理员的姓名
    #[arg(long, value_name = "NAME")]
    name: String,
    /// 第一个安全保密员的账号：角色由他授予，不能和系统管理员是同一个人
    #[arg(long, value_name = "LOGIN")]
    security_login: String,
    /// 安全保密员的姓名
    #[arg(long, value_name = "NAME")]
    security_name: String,
}

/// Runs the command of the process's arguments.
pub fn run() -> ExitCode {
    let cli = match words::in_chinese(Cli::command()).try_get_matches() {
        Ok(matches) => Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()),
        Err(error) => return words::refuse(&error),
    };
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn,youzhi=info".into()),
        )
        .with_writer(std::io::stderr)
        // A log on a full disk: complaining about it on the same stream would end the request in a panic.
        .log_internal_errors(false)
        .init();
    match run_command(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_command(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Due(args) => due::run(&args, &mut std::io::stdout().lock())?,
        Command::Pay(PayCommand::Settle { file }) => {
            let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
            let summary = settle_csv(&file, &mut out)?;
            out.flush()?;
            if !summary.ignored.is_empty() {
                eprintln!("没有用到的列：{}", summary.ignored.join("、"));
            }
        }
        Command::County(command) => {
            let settings = Settings::read(cli.config.as_deref(), std::env::vars_os())?;
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            return runtime.block_on(run_county(command, settings));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn run_county(command: CountyCommand, mut settings: Settings) -> anyhow::Result<ExitCode> {
    match command {
        CountyCommand::Demo(args) => {
            settings.data = match args.data {
                Some(data) => data,
                None if args.published => settings.data.join("published"),
                None => settings.data,
            };
            settings.listen = args.listen.unwrap_or(settings.listen);
            run_demo(&settings, args.households, (args.published, args.fill_only)).await?;
        }
        CountyCommand::Serve => {
            settings.ensure_confidential()?;
            let app = open(&settings, false).await?;
            if kind(&app).await?.as_deref() == Some(marks::DEMO) {
                close(&app).await?;
                bail!("这是演示库，里面的账号口令是公开的：不能用于正式服务");
            }
            serve(app, &settings, |address| println!("{address}")).await?;
        }
        CountyCommand::Init(args) => init(&settings, &args).await?,
        CountyCommand::Import { kind, file, good_rows } => return import(&settings, kind, &file, good_rows).await,
        CountyCommand::Export { kind, file } => export(&settings, kind, &file).await?,
        CountyCommand::Verify { link } => return verify_chain(&settings, link).await,
        CountyCommand::Backup { file } => {
            let files = backup::backup(&settings, &file).await?;
            println!("已备份到 {}", file.display());
            println!("{files}");
        }
        CountyCommand::Restore { file } => {
            let files = backup::restore(&settings, &file).await?;
            println!("已恢复到 {}", settings.database_address());
            println!("{files}");
        }
        CountyCommand::Doctor => return doctor::examine(&settings).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn kind(app: &crate::web::App) -> anyhow::Result<Option<String>> {
    let mut read = app.db.read().await?;
    Ok(marks::kind(&mut read).await?)
}

async fn run_demo(settings: &Settings, households: u32, (published, fill_only): (bool, bool)) -> anyhow::Result<()> {
    ensure!(settings.listen.ip().is_loopback(), "演示库的口令是公开的，只能监听本机地址（127.0.0.1）");
    let app = open(settings, true).await?;
    match kind(&app).await?.as_deref() {
        Some(marks::DEMO) => {
            if demo::published::is_published(&app).await? != published {
                close(&app).await?;
                let other = if published { "示范县" } else { "2010 年公布数" };
                bail!("{} 是{other}的演示库：请用 --data 另选数据目录", settings.database_shown());
            }
            demo::ensure_finished(&app).await?;
        }
        Some(_) => bail!("{} 是正式库，不能用来演示", settings.database_shown()),
        None if published => demo::published::fill(&app).await?,
        None => demo::fill(&app, households).await?,
    }
    if fill_only {
        return close(&app).await;
    }
    if published {
        let accounts = demo::published::accounts(&app).await?;
        return serve(app, settings, |address| show_published(address, &accounts)).await;
    }
    let codes = demo::codes(&app).await?;
    serve(app, settings, |address| {
        println!("攸治演示县已就绪：{address}\n");
        println!("群众：打开上面的网址，不用登录。工作人员：{address}/sign-in\n");
        for account in demo::ACCOUNTS {
            println!("  {:<10} {}", account.login, account.describe());
        }
        println!("  {:<10} 包案领导：县委书记（批准包案、季末点评）", demo::SECRETARY);
        println!("\n密码 {}", demo::PASSWORD);
        if !codes.is_empty() {
            println!("\n群众手里的查询码：");
        }
        for (number, code, title) in &codes {
            println!("  {code}  {number} {title}");
        }
    })
    .await
}

fn show_published(address: &str, accounts: &[(String, String)]) {
    println!("攸治 2010 年公布数演示已就绪：{address}\n");
    println!("人名、事项都是虚构的，件数是县里公布的。工作人员：{address}/sign-in\n");
    for (login, who) in accounts {
        println!("  {login:<10} {who}");
    }
    println!("\n密码 {}", demo::PASSWORD);
    println!("\n今天仍是真实的日期，2010 年要按期间选。用 ducha 登录以后打开：");
    for (path, what) in demo::published::PAGES {
        println!("  {address}{path}  {what}");
    }
}

async fn init(settings: &Settings, args: &InitArgs) -> anyhow::Result<()> {
    let officers = Officer::two((&args.login, &args.name), (&args.security_login, &args.security_name))?;
    let bytes = std::fs::read(&args.divisions).with_context(|| format!("读不了 {}", args.divisions.display()))?;
    let file = imports::File::read(file_name(&args.divisions), &bytes)?;
    let app = open(settings, true).await?;
    if kind(&app).await?.is_some() {
        close(&app).await?;
        bail!("数据库里已有内容，init 只用于空库");
    }
    let outcome = taken(&app, imports::Kind::Divisions, file, false).await?;
    if !outcome.taken {
        close(&app).await?;
        let back = put_back(&args.divisions, &outcome)?;
        bail!("没有建库：区划有 {} 行不合要求，原因在最后一列：{}", outcome.refused, back.display());
    }
    let made = crate::accounts::initial(&app, &officers).await;
    close(&app).await?;
    let [first, second] = made?;
    println!("已建库。口令只显示这一次，请分别当面交给本人，登录后更换：");
    println!("  系统管理员 {}（{}）：{first}", args.login, args.name);
    println!("  安全保密员 {}（{}）：{second}", args.security_login, args.security_name);
    println!("密钥文件 {}：请另行保管，不要与数据库备份放在一起", settings.key_file().display());
    Ok(())
}

fn listen_address(word: &str) -> Result<std::net::SocketAddr, String> {
    word.parse().map_err(|_| "应写成 127.0.0.1:8430 的样子".to_owned())
}

fn import_kind(word: &str) -> Result<imports::Kind, String> {
    // Petitions come in and go out on pages: what a person may find is part of it.
    let here = |kind: &imports::Kind| *kind != imports::Kind::Petitions;
    imports::Kind::from_word(word).filter(here).ok_or_else(|| {
        let kinds = imports::Kind::ALL.iter().filter(|kind| here(kind));
        let kinds: Vec<String> = kinds.map(|kind| format!("{} {kind}", kind.word())).collect();
        format!("可以是 {}", kinds.join("、"))
    })
}

/// Imports a file as the program itself. The refused rows are put beside it as NAME-退回.
async fn import(
    settings: &Settings,
    kind: imports::Kind,
    file: &std::path::Path,
    good_rows: bool,
) -> anyhow::Result<ExitCode> {
    let bytes = std::fs::read(file).with_context(|| format!("读不了 {}", file.display()))?;
    let given = imports::File::read(file_name(file), &bytes)?;
    let app = open(settings, false).await?;
    let outcome = taken(&app, kind, given, good_rows).await;
    close(&app).await?;
    let outcome = outcome?;
    if !outcome.numeric.is_empty() {
        println!("Excel 把这些列存成了数字，开头的 0 可能已经丢失：{}", outcome.numeric.join("、"));
    }
    if outcome.taken {
        println!("新增 {} 行，更改 {} 行，相同 {} 行", outcome.added, outcome.changed, outcome.same);
        if outcome.added + outcome.changed == 0 {
            println!("没有变化");
        }
    } else {
        println!("一行也没有导入（加 --good-rows 可以先导入合格的行）");
    }
    if outcome.back.is_none() {
        return Ok(ExitCode::SUCCESS);
    }
    let back = put_back(file, &outcome)?;
    println!("退回 {} 行，原因在最后一列：{}", outcome.refused, back.display());
    Ok(ExitCode::FAILURE)
}

fn file_name(file: &std::path::Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Judges and takes a file as the program itself.
async fn taken(
    app: &crate::web::App,
    kind: imports::Kind,
    file: imports::File,
    good_rows: bool,
) -> anyhow::Result<imports::Outcome> {
    let manner = imports::Manner { good_rows, opens_accounts: true };
    let actor = crate::chain::Actor::NOBODY;
    match imports::import(app, actor, kind, std::sync::Arc::new(file), manner, None).await {
        Ok(imports::Imported::Done(outcome)) => Ok(outcome),
        Ok(imports::Imported::Unusable(unusable)) => bail!("没有导入：{unusable}"),
        Ok(imports::Imported::Earlier(_)) => bail!("没有导入"),
        Err(crate::web::Refusal::Fault(error)) => Err(error),
        Err(refusal) => bail!("没有导入：{refusal:?}"),
    }
}

/// Puts the refused rows beside the file that they came in.
fn put_back(file: &std::path::Path, outcome: &imports::Outcome) -> anyhow::Result<PathBuf> {
    let Some((format, content)) = &outcome.back else { return Ok(file.to_owned()) };
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let back = file.with_file_name(format!("{stem}-退回.{}", format.extension()));
    std::fs::write(&back, content).with_context(|| format!("写不了 {}", back.display()))?;
    Ok(back)
}

async fn export(settings: &Settings, kind: imports::Kind, file: &std::path::Path) -> anyhow::Result<()> {
    let format = crate::sheet::Format::of_name(&file.to_string_lossy()).context("文件名请以 .xlsx 或 .csv 结尾")?;
    ensure!(!file.exists(), "{} 已经存在，不覆盖", file.display());
    let app = open(settings, false).await?;
    let content = imports::export(&app, crate::chain::Actor::NOBODY, kind, format).await?;
    close(&app).await?;
    std::fs::write(file, content).with_context(|| format!("写不了 {}", file.display()))?;
    println!("已导出到 {}", file.display());
    Ok(())
}

async fn verify_chain(settings: &Settings, link: Option<String>) -> anyhow::Result<ExitCode> {
    let db = crate::db::Database::open_to_look(&settings.database_address()).await?;
    if let Some(link) = link {
        let Some(found) = verify::find(&db, &link).await? else {
            println!("链上没有这个存证值");
            return Ok(ExitCode::FAILURE);
        };
        if let Some(fault) = found.fault {
            println!("在链上，但对不上：{fault}");
            return Ok(ExitCode::FAILURE);
        }
        let day = crate::web::date_of(jiff::Timestamp::from_millisecond(found.at)?);
        println!("在链上：第 {} 号链接，{day} 写入，重算相符", found.seq);
        return Ok(ExitCode::SUCCESS);
    }
    let report = verify::walk(&db).await?;
    println!("链接 {} 条，末端 {}", report.links, report.head);
    println!("待链接 {} 条；内容已依法删除 {} 条（承诺值仍在）", report.unsealed, report.without_content);
    let files = crate::files::verify(&db, &Store::open(&settings.files_address())?).await?;
    println!("附件 {} 个与存证相符", files.whole);
    for fault in &files.faults {
        println!("{fault}");
    }
    match report.broken {
        None if files.faults.is_empty() => {
            println!("存证链完整");
            Ok(ExitCode::SUCCESS)
        }
        None => {
            println!("存证链完整，但有 {} 个附件不符", files.faults.len());
            Ok(ExitCode::FAILURE)
        }
        Some(broken) => {
            println!("在第 {} 号链接处断裂：{}", broken.seq, broken.why);
            Ok(ExitCode::FAILURE)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::words::in_chinese(super::Cli::command()).debug_assert();
    }
}
