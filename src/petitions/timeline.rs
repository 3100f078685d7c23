//! 经过 and 五包 of a card: the rows of a petition's history as an official reads them.

use jiff::civil::Date;

use super::history::{Event, History};
use super::rules::{Duty, Heard, Level, Manner, Outcome, Paper, Quarrel, Resolution, Rung, Settling, Stage, Verdict};
use super::voice::rating_label;
use crate::web::day;

/// A line of 经过.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) day: String,
    pub(super) text: String,
    pub(super) note: String,
    pub(super) key: bool,
}

/// The lines of a history, newest first, down to the registration. `veil` hides the petitioners' names from those who
/// may not see them.
pub(super) fn lines(
    history: &History,
    registered: (Date, &str),
    today: Date,
    veil: impl Fn(&str) -> String,
) -> anyhow::Result<Vec<Line>> {
    let (on, channel) = registered;
    let mut lines =
        vec![Line { day: day(on, today), text: format!("登记（{channel}）"), note: String::new(), key: true }];
    for event in &history.0 {
        if let Some((mut text, mut note, key)) = told(event, today) {
            if let Some(along) = history.accompanied(event) {
                let level = Level::from_word(&along.other).map_or("", Level::label);
                let cleared = if along.number == 1 { "疑虑已消除" } else { "疑虑没有消除" };
                text = format!("陪访（{level} {}）：{text}。{cleared}", along.word);
                note = format!("同去：{} · {note}", along.content);
            }
            lines.push(Line { day: day(event.day.parse()?, today), text: veil(&text), note: veil(&note), key });
        }
    }
    lines.reverse();
    Ok(lines)
}

/// Text, note and whether it is a turning point; nothing for what the card shows elsewhere.
fn told(event: &Event, today: Date) -> Option<(String, String, bool)> {
    let (who, content) = (event.official_name.as_str(), event.content.as_str());
    let by = |text: &str| match (who, text) {
        ("", text) => text.to_owned(),
        (who, "") => who.to_owned(),
        (who, text) => format!("{text} · {who}"),
    };
    Some(match event.kind.as_str() {
        "assigned" => {
            let part = if event.word == "lead" { "交办" } else { "请协办" };
            let back = if event.other.is_empty() { "" } else { "（已收回）" };
            (format!("{part}{}{back}", event.unit_name), by(content), event.word == "lead")
        }
        "brought" => ("从表格导入：以上经过以原卷为准".to_owned(), who.to_owned(), false),
        "objected" => ("责任单位提出异议".to_owned(), by(content), false),
        "disputed" => {
            let ended = if event.other.is_empty() { "，等待裁定" } else { "" };
            let text = match Quarrel::from_word(&event.word)? {
                Quarrel::Objection => "不同意异议，报请共同上级裁定",
                Quarrel::Deadlock => "主办、协办意见不一致，报请共同上级定主办",
            };
            (format!("{text}{ended}"), by(content), false)
        }
        "ruled" => (format!("裁定由{}主办", event.unit_name), by(content), true),
        "forwarded" => (format!("转送{}", event.word), by(content), true),
        "accepted" => ("受理".to_owned(), by(content), true),
        "served" => {
            let paper = Paper::from_word(&event.word)?;
            let manner = Manner::from_word(&event.other)?;
            let signed = if content.is_empty() { String::new() } else { format!("{content} 签收") };
            let later = event.recorded_later().map_or(String::new(), |on| format!("（{}补登）", day(on, today)));
            (format!("{manner}{paper}{later}"), by(&signed), false)
        }
        "step" => {
            let duty = Duty::from_word(&event.word).map_or(String::new(), |duty| format!("〔{duty}〕"));
            (format!("{duty}{content}"), who.to_owned(), false)
        }
        "submitted" => {
            let what = if event.number == 1 { "紧急报告" } else { "报请决定：" };
            (format!("{what}{}（{}）", event.word, event.other), by(content), true)
        }
        "submission_decided" => (format!("{}批示、决定", event.word), by(content), true),
        "inquired" => (format!("请示{}（{}）", event.word, event.other), by(content), true),
        "inquiry_answered" => (format!("{}答复请示", event.word), by(content), false),
        "inquiry_told" => ("把请示的答复告知信访人".to_owned(), by(content), false),
        "extended" => (format!("延期 {} 日", event.number), by(content), false),
        "suspended" => (format!("听证：{} 不计入{}期限", event.span(today), event.clock()), by(content), false),
        "urged" => {
            let rung = Rung::from_word(&event.word)?;
            (format!("{rung}：{} {}", event.unit_name, event.content), who.to_owned(), false)
        }
        "moved" => (format!("{}期限重算：{}", event.clock(), event.moved()), String::new(), false),
        "opinion" => {
            let outcome = Outcome::from_word(&event.word)?;
            (format!("出具处理意见书：{outcome}"), who.to_owned(), true)
        }
        "acknowledged" if event.official.is_none() => ("信访人凭查询码确认".to_owned(), String::new(), false),
        "acknowledged" => ("信访人签收确认".to_owned(), by("登记"), false),
        "called_back" => {
            let reached = if event.number == 1 { "回访" } else { "回访，未联系上" };
            (reached.to_owned(), by(content), false)
        }
        "closed" => (format!("销号：{}", Resolution::from_word(&event.word)?), who.to_owned(), true),
        "rated" if event.official.is_some() => {
            (format!("信访人评价：{}（在工作人员设备上）", rating_label(event.number)), by(content), false)
        }
        "rated" => (format!("信访人评价：{}", rating_label(event.number)), content.to_owned(), false),
        "supplemented" => ("信访人补充".to_owned(), content.to_owned(), false),
        "settled" => {
            let settling = Settling::from_word(&event.word)?;
            let due = event.other.parse().map_or(String::new(), |due| day(due, today));
            (format!("达成{settling}协议，{due} 前履行"), by(content), true)
        }
        "unreachable" => ("登记联系不上信访人".to_owned(), by(content), true),
        "withdrawn" if event.official.is_none() => ("信访人凭查询码撤回".to_owned(), content.to_owned(), true),
        "withdrawn" => ("信访人书面撤回".to_owned(), by(content), true),
        "executed" => {
            let done = if event.number == 1 { "执行完毕" } else { "执行情况" };
            (done.to_owned(), by(content), event.number == 1)
        }
        "review" => (format!("申请{}，由{}办", Stage::from_word(&event.word)?, event.other), by(content), true),
        "reviewed" => {
            let stage = Stage::from_word(content)?;
            (format!("{stage}意见：{}", Verdict::from_word(&event.word)?), who.to_owned(), true)
        }
        "review_served" => {
            let later = event.recorded_later().map_or(String::new(), |on| format!("（{}补登）", day(on, today)));
            let signed = if content.is_empty() { String::new() } else { format!("{content} 签收") };
            let manner = Manner::from_word(&event.other)?;
            (format!("{manner}{}意见书{later}", Stage::from_word(&event.word)?), by(&signed), false)
        }
        "reopened" => {
            let issued = event.other.parse().map_or(String::new(), |on| day(on, today));
            let outcome = Outcome::from_word(&event.word)?;
            (format!("重新办理：{issued}的答复（{outcome}）作废"), by(content), true)
        }
        "sampled" => (format!("抽样回访：{}", Heard::from_word(&event.word)?), by(content), false),
        "was_answered" => {
            let outcome = Outcome::from_word(&event.word)?;
            (format!("出具处理意见书：{outcome}（已作废）"), who.to_owned(), false)
        }
        "was_closed" => (format!("销号：{}（已作废）", Resolution::from_word(&event.word)?), who.to_owned(), false),
        "explained" => ("来访人以同一事实再次提出，已说明不再受理".to_owned(), by(content), false),
        "bound" => {
            let due = event.content.parse().map_or(String::new(), |due| day(due, today));
            let ended = if event.other.is_empty() { "" } else { "（已结束）" };
            (format!("包案：{who}{ended}"), format!("期限 {due}"), true)
        }
        _ => return None,
    })
}

/// One of the five duties with its evidence.
#[derive(Debug)]
pub(super) struct Evidence {
    pub(super) duty: Duty,
    /// What the newest evidence says.
    pub(super) text: String,
    /// The days of all of it.
    pub(super) days: String,
}

impl Evidence {
    pub(super) fn is_done(&self) -> bool {
        !self.days.is_empty()
    }
}

/// The five duties of the bound leader, each with what was recorded for it.
pub(super) fn five(history: &History, today: Date, veil: impl Fn(&str) -> String) -> anyhow::Result<Vec<Evidence>> {
    Duty::ALL
        .iter()
        .map(|duty| {
            let evidence: Vec<&Event> = history.all("step").filter(|event| event.word == duty.word()).collect();
            let mut days = Vec::new();
            for event in evidence.iter().rev().take(3).rev() {
                days.push(day(event.day.parse()?, today));
            }
            let text = match &evidence[..] {
                [] => String::new(),
                [.., last] => short(&veil(&last.content)),
            };
            let days = if evidence.len() > 3 {
                format!("{} 次，最近 {}", evidence.len(), days.join("、"))
            } else {
                days.join("、")
            };
            Ok(Evidence { duty: *duty, text, days })
        })
        .collect()
}

/// The first eighteen characters.
fn short(text: &str) -> String {
    if text.chars().count() <= 18 { text.to_owned() } else { text.chars().take(17).chain(['…']).collect() }
}
