//! The report of a quarter-end meeting as a paper. Pure.

use jiff::civil::Date;

use super::meeting::Case;
use crate::paper::{Paper, ordinal};
use crate::rewards::Reward;
use crate::web::day;

/// The whole report in its order.
pub(super) fn paper(quarter: &str, cases: &[Case], rewards: &[Reward], today: Date) -> Paper {
    let on = |text: &str| text.parse().map_or(String::new(), |on| day(on, today));
    let closed = cases.iter().filter(|case| !case.binding.closed_on.is_empty()).count();
    let late = cases.iter().filter(|case| case.binding.standing(&today).class == "late").count();
    let count = cases.len();
    let mut paper = Paper::new(format!("{quarter}包案点评会"), today)
        .text(format!("本季度包案 {count} 件：已办结 {closed} 件，超过包案期限 {late} 件。截至 {today}。"));
    for (place, case) in (1..).zip(cases) {
        let Case { binding, five, account, comment } = case;
        paper = paper.heading(format!("{}、{}　{}", ordinal(place), binding.number, binding.title)).text(format!(
            "包案领导：{}。{}，期限 {}，{}。{}。",
            binding.leader_name,
            binding.list(),
            on(&binding.due_on),
            binding.standing(&today).text,
            binding.state(),
        ));
        for met in five {
            let line = |(day, content, writer): &(String, String, String)| {
                format!("{day}，{writer}：{}", content.trim_end_matches('。'))
            };
            let lines: Vec<String> = met.lines.iter().map(line).collect();
            let text = if lines.is_empty() { "没有记录".to_owned() } else { lines.join("；") };
            paper = paper.text(format!("{}：{text}。", met.duty));
        }
        let given = account.as_ref().filter(|account| !account.given_on.is_empty());
        let text = given.map_or("没有述职", |account| account.content.as_str());
        paper = paper.text(format!("述职：{text}"));
        let text =
            comment.as_ref().map_or("还没有点评".to_owned(), |one| format!("{}（{}）", one.content, one.by_name));
        paper = paper.text(format!("点评：{text}"));
    }
    paper = paper.heading(format!("{}、奖惩决定", ordinal(cases.len() + 1)));
    if rewards.is_empty() {
        paper = paper.text("本季度没有奖惩决定。");
    }
    for one in rewards {
        paper = paper.text(one.sentence());
    }
    paper
}
