//! The report of a quarter-end meeting as headings and paragraphs, for whatever paper it is put on. Pure.

use jiff::civil::Date;

use super::meeting::Case;
use crate::rewards::Reward;
use crate::web::day;

/// A part of a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
}

/// The whole report in its order.
pub(super) fn parts(quarter: &str, cases: &[Case], rewards: &[Reward], today: Date) -> Vec<Part> {
    let on = |text: &str| text.parse().map_or(String::new(), |on| day(on, today));
    let closed = cases.iter().filter(|case| !case.binding.closed_on.is_empty()).count();
    let late = cases.iter().filter(|case| case.binding.standing(&today).class == "late").count();
    let mut parts = vec![
        Part::Heading(format!("{quarter}包案点评会")),
        Part::Paragraph(format!(
            "本季度包案 {} 件：已办结 {closed} 件，超过包案期限 {late} 件。截至 {today}。",
            cases.len()
        )),
    ];
    for (place, case) in (1..).zip(cases) {
        let Case { binding, five, account, comment } = case;
        parts.push(Part::Heading(format!("{place}. {}　{}", binding.number, binding.title)));
        parts.push(Part::Paragraph(format!(
            "包案领导：{}。{}，期限 {}，{}。{}。",
            binding.leader_name,
            binding.list(),
            on(&binding.due_on),
            binding.standing(&today).text,
            binding.state(),
        )));
        for met in five {
            let line = |(day, content, writer): &(String, String, String)| {
                format!("{day}，{writer}：{}", content.trim_end_matches('。'))
            };
            let lines: Vec<String> = met.lines.iter().map(line).collect();
            let text = if lines.is_empty() { "没有记录".to_owned() } else { lines.join("；") };
            parts.push(Part::Paragraph(format!("{}：{text}。", met.duty)));
        }
        let given = account.as_ref().filter(|account| !account.given_on.is_empty());
        let text = given.map_or("没有述职", |account| account.content.as_str());
        parts.push(Part::Paragraph(format!("述职：{text}")));
        let text =
            comment.as_ref().map_or("还没有点评".to_owned(), |one| format!("{}（{}）", one.content, one.by_name));
        parts.push(Part::Paragraph(format!("点评：{text}")));
    }
    parts.push(Part::Heading("奖惩决定".to_owned()));
    if rewards.is_empty() {
        parts.push(Part::Paragraph("本季度没有奖惩决定。".to_owned()));
    }
    for one in rewards {
        parts.push(Part::Paragraph(one.sentence()));
    }
    parts
}
