//! `youzhi due`: when a statutory clock or a reception day falls, with the article and the arithmetic.

use std::fmt::Write as _;
use std::io::Write;

use anyhow::{Context, bail};
use clap::Args;
use jiff::civil::{Date, Weekday};
use policy::{Calendar, Clock, Deadline, Month, Policy, Reception, Run, Suspension, deadline, reception_day};
use serde::Serialize;

/// 计算期限：到期日、依据和推算过程
///
/// Everything is read as text and checked in `run`, so that what is wrong is said in Chinese.
#[derive(Debug, Default, Args)]
#[command(
    about = "计算期限：到期日、依据和推算过程",
    long_about = "计算信访事项的法定期限或者接访日，列出依据的条文和推算过程。\n\n\
        起算日不计入；最后一日是休息日的，顺延到下一个工作日。\n\
        工作日安排尚未公布的年份，只给暂定日期，并说明原因。",
    after_help = "例：youzhi due --clock handling --from 2026-09-01 --extend 30\n    \
        youzhi due --clock re-review --from 2026-03-02 --suspend 2026-03-10..2026-03-12\n    \
        youzhi due --reception 10 --month 2026-11"
)]
pub struct DueArgs {
    /// 期限：registration 登记、notice 告知、objection 异议、handling 办理、review-request 申请复查、
    /// review 复查、re-review-request 申请复核、re-review 复核
    #[arg(long, value_name = "期限")]
    pub clock: Option<String>,
    /// 起算日，当日不计入，例如 2026-09-01
    #[arg(long, value_name = "日期")]
    pub from: Option<String>,
    /// 不计入的时间，首尾两日都算，可以多次给出；法规只规定复核的听证时间不计入，其他期限不能用
    #[arg(long, value_name = "起日..止日")]
    pub suspend: Vec<String>,
    /// 经负责人批准延长的天数，只用于办理，最多30
    #[arg(long, value_name = "天数", allow_hyphen_values = true)]
    pub extend: Option<String>,
    /// 接访日：10 乡镇和县直部门，15 县委书记、县长
    #[arg(long, value_name = "10或15")]
    pub reception: Option<String>,
    /// 接访的月份，例如 2026-11
    #[arg(long, value_name = "年-月")]
    pub month: Option<String>,
    /// 输出 JSON
    #[arg(long)]
    pub json: bool,
}

/// What is printed: what was asked, and the answer.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<Clock>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reception: Option<Reception>,
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<Month>,
    #[serde(flatten)]
    deadline: Deadline,
}

/// Answers `args` on `out`, from the published values and calendar.
pub fn run(args: &DueArgs, out: &mut impl Write) -> anyhow::Result<()> {
    let answer = answer(args, Policy::published(), Calendar::published())?;
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &answer)?;
        writeln!(out)?;
    } else {
        out.write_all(in_words(&answer).as_bytes())?;
    }
    Ok(())
}

fn answer(args: &DueArgs, policy: &Policy, calendar: &Calendar) -> anyhow::Result<Answer> {
    match (&args.clock, &args.reception) {
        (Some(clock), None) => clock_answer(args, clock, policy, calendar),
        (None, Some(day)) => reception_answer(args, day, policy, calendar),
        (Some(_), Some(_)) => bail!("--clock 和 --reception 只能用一个"),
        (None, None) => bail!("请用 --clock 指定期限，或者用 --reception 指定接访日；youzhi due --help 有例子"),
    }
}

fn clock_answer(args: &DueArgs, clock: &str, policy: &Policy, calendar: &Calendar) -> anyhow::Result<Answer> {
    if args.month.is_some() {
        bail!("--month 只和 --reception 一起用");
    }
    let clock: Clock = clock.parse()?;
    let from = args.from.as_deref().context("请用 --from 给出起算日，例如 --from 2026-09-01")?;
    let from = read_date(from).with_context(|| format!("--from 的“{from}”不是日期，应写成 2026-09-01"))?;
    let suspended: Vec<Suspension> =
        args.suspend.iter().map(|span| span.parse()).collect::<Result<_, _>>().context("--suspend 有误")?;
    let extended_by = match args.extend.as_deref() {
        None => 0,
        Some(days) => days.parse().ok().with_context(|| format!("--extend 的“{days}”不是天数，应为0至30的整数"))?,
    };
    let deadline = deadline(policy, calendar, &Run { clock, from, suspended: &suspended, extended_by })?;
    Ok(Answer { clock: Some(clock), reception: None, name: clock.name(), from: Some(from), month: None, deadline })
}

fn reception_answer(args: &DueArgs, day: &str, policy: &Policy, calendar: &Calendar) -> anyhow::Result<Answer> {
    if args.from.is_some() || !args.suspend.is_empty() || args.extend.is_some() {
        bail!("--from、--suspend、--extend 只和 --clock 一起用");
    }
    let month = args.month.as_deref().context("请用 --month 给出月份，例如 --month 2026-11")?;
    let month: Month = month.parse().context("--month 有误")?;
    let mut known = Vec::new();
    for reception in Reception::ALL {
        let nominal = reception.nominal_day(policy, month)?;
        if day == nominal.to_string() {
            let deadline = reception_day(policy, calendar, reception, month)?;
            return Ok(Answer {
                clock: None,
                reception: Some(reception),
                name: reception.name(),
                from: None,
                month: Some(month),
                deadline,
            });
        }
        known.push(format!("{nominal}（{}）", reception.name()));
    }
    bail!("没有每月“{day}”日的接访日，可用：{}", known.join("、"))
}

/// A date as 2026-09-01; times and other forms are refused rather than cut.
fn read_date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok())?
}

fn in_words(answer: &Answer) -> String {
    let Answer { name, deadline, .. } = answer;
    let mut text = String::new();
    let mut line = |words: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{words}");
    };
    match deadline.due {
        Some(due) if deadline.provisional => line(format_args!("{name}：{due}（{}，暂定）", weekday(due))),
        Some(due) => line(format_args!("{name}：{due}（{}）", weekday(due))),
        None => line(format_args!("{name}：到期日不能确定")),
    }
    if let Some(why) = &deadline.why {
        line(format_args!("原因：{why}"));
    }
    line(format_args!("依据：{}", deadline.article));
    line(format_args!("推算："));
    for (step, n) in deadline.steps.iter().zip(1..) {
        match &step.source {
            Some(source) => line(format_args!("  {n}. {}（{source}）", step.text)),
            None => line(format_args!("  {n}. {}", step.text)),
        }
    }
    text
}

fn weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "星期一",
        Weekday::Tuesday => "星期二",
        Weekday::Wednesday => "星期三",
        Weekday::Thursday => "星期四",
        Weekday::Friday => "星期五",
        Weekday::Saturday => "星期六",
        Weekday::Sunday => "星期日",
    }
}
