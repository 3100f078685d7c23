//! A scheme of performance pay: which values it has on a day, what somebody typed to change them, and when a document
//! may set them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use policy::values::{GroupBounds, LocalRow, PayClass, PolicyError, StakeRow, Value};
use policy::{Month, Policy};

use crate::pay::rules::fen;
use crate::pay::words::{score, yuan};

/// The key of the classes.
pub const CLASSES: &str = "pay.classes";

/// How many rows of classes a form has beyond those in force.
const MORE_CLASSES: usize = 2;

/// How many classes a county may have.
const MOST_CLASSES: usize = 20;

/// What the form of a scheme holds, by the names of its fields: a key for a number, `class.3.posts` for the classes.
pub type Typed = BTreeMap<String, String>;

/// In which words people know the values.
const LABELS: &[(&str, &str)] = &[
    ("pay.leaders.quarter_fen", "按季定额：每季度扣入"),
    ("pay.unit_heads.month_fen", "按月定额：每月扣入"),
    ("pay.others.share_bp", "津补贴比例：扣入占当月津补贴"),
    ("pay.late_credit_bp", "逾期完成而已销号的项，计分"),
    ("pay.min_spread_fen", "奖惩最高与最低的最小差额"),
    ("pay.without_superior.returned", "没有上级的人没有计入的项时，不计分、扣入退回"),
    ("pay.notice.working_days", "结果公示"),
    ("pay.objection.working_days", "提出异议，自公示之日起"),
    ("pay.objection_answer.working_days", "答复异议，自收到之日起"),
    (CLASSES, "人员类别"),
];

/// In what a value is counted, and so how people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Fen, written as yuan.
    Yuan,
    /// Basis points, written as a percentage.
    Percent,
    /// 1 or 0.
    YesNo,
    /// A count of working days.
    WorkingDays,
    /// Another whole number, or a word.
    Plain,
    /// The classes, which have rows of their own.
    Classes,
}

impl Unit {
    /// The unit of a key, which its end tells.
    pub fn of(key: &str) -> Self {
        match key {
            CLASSES => Self::Classes,
            _ if key.ends_with("_fen") => Self::Yuan,
            _ if key.ends_with("_bp") => Self::Percent,
            _ if key.ends_with(".returned") => Self::YesNo,
            _ if key.ends_with("working_days") => Self::WorkingDays,
            _ => Self::Plain,
        }
    }
}

/// A value of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// In what it is counted.
    pub unit: Unit,
    /// As pages show it, with its unit.
    pub value: String,
    /// Since when it holds.
    pub from: Date,
    /// Where it is written.
    pub source: String,
}

impl Setting {
    /// Whether a form has one field for it.
    pub fn is_single(&self) -> bool {
        self.unit != Unit::Classes
    }
    /// Whether it is answered by yes or no.
    pub fn is_yes_no(&self) -> bool {
        self.unit == Unit::YesNo
    }
}

/// The keys of pay in the order of pages, the classes first.
fn keys(policy: &Policy) -> Vec<(String, String)> {
    let known = |key: &str| LABELS.iter().position(|(of, _)| *of == key);
    let mut keys: Vec<(String, String)> = policy
        .keys()
        .filter(|(key, _, local)| *local && key.starts_with("pay."))
        .map(|(key, meaning, _)| (key.to_owned(), known(key).map_or(meaning.to_owned(), |at| LABELS[at].1.to_owned())))
        .collect();
    keys.sort_by_key(|(key, _)| (key != CLASSES, known(key).unwrap_or(LABELS.len())));
    keys
}

/// The values of pay that hold on a day.
pub fn settings(policy: &Policy, on: Date) -> Vec<Setting> {
    let held = |(key, label): (String, String)| {
        let (from, row) = policy.row(&key, on).ok()?;
        let unit = Unit::of(&key);
        let value = shown(unit, &row.value);
        Some(Setting { key, label, unit, value, from, source: row.source.to_string() })
    };
    keys(policy).into_iter().filter_map(held).collect()
}

/// A value with its unit.
fn shown(unit: Unit, value: &Value) -> String {
    match (unit, value) {
        (Unit::Yuan, Value::Number(fen)) => format!("{} 元", yuan(*fen)),
        (Unit::Percent, Value::Number(bp)) => format!("{}%", score(u16::try_from(*bp).unwrap_or(0))),
        (Unit::YesNo, Value::Number(number)) => (if *number == 1 { "是" } else { "否" }).to_owned(),
        (Unit::WorkingDays, Value::Number(days)) => format!("{days} 个工作日"),
        (_, value) => crate::values::text(value),
    }
}

/// The days on which some value of pay changes, the earliest first: each begins a scheme.
pub fn days(policy: &Policy) -> Vec<Date> {
    let all: BTreeSet<Date> =
        keys(policy).iter().flat_map(|(key, _)| policy.rows(key).map(|(from, _)| from).collect::<Vec<_>>()).collect();
    all.into_iter().collect()
}

/// How the stake of a class is named: the word in a form, and on a page.
pub const STAKES: [(StakeRow, &str, &str); 3] = [
    (StakeRow::Leaders, "leaders", "按季定额"),
    (StakeRow::UnitHeads, "unit_heads", "按月定额"),
    (StakeRow::Others, "others", "津补贴比例"),
];

/// Within which bounds a class forms one group: the word in a form, and on a page.
pub const GROUPS: [(GroupBounds, &str, &str); 2] =
    [(GroupBounds::Unit, "unit", "每个单位一组"), (GroupBounds::County, "county", "全县一组")];

fn word_of<T: PartialEq>(list: &[(T, &'static str, &'static str)], value: &T) -> (&'static str, &'static str) {
    list.iter().find(|(of, ..)| of == value).map_or(("", ""), |(_, word, label)| (word, label))
}

/// A row of the form's classes, or of a page's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassRow {
    /// What it is called.
    pub name: String,
    /// Its posts, with 、 between them; empty: everybody else.
    pub posts: String,
    /// How its stake is named, as the form says it.
    pub stake: String,
    /// Within which bounds it forms one group, as the form says it.
    pub group: String,
}

impl ClassRow {
    fn of(class: &PayClass) -> Self {
        Self {
            name: class.name.clone(),
            posts: class.posts.join("、"),
            stake: word_of(&STAKES, &class.stake).0.to_owned(),
            group: word_of(&GROUPS, &class.group).0.to_owned(),
        }
    }
    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.posts.is_empty()
    }
    /// How its stake is named, as pages say it.
    pub fn stake_words(&self) -> &'static str {
        STAKES.iter().find(|(_, word, _)| *word == self.stake).map_or("", |(.., label)| label)
    }
    /// Within which bounds it forms one group, as pages say it.
    pub fn group_words(&self) -> &'static str {
        GROUPS.iter().find(|(_, word, _)| *word == self.group).map_or("", |(.., label)| label)
    }
    fn read(&self) -> Option<PayClass> {
        let (stake, ..) = STAKES.into_iter().find(|(_, word, _)| *word == self.stake)?;
        let (group, ..) = GROUPS.into_iter().find(|(_, word, _)| *word == self.group)?;
        Some(PayClass { name: self.name.clone(), posts: posts(&self.posts), stake, group })
    }
}

fn posts(text: &str) -> Vec<String> {
    let parts = text.split(['、', '，', ',', ';', '；', '\n']);
    parts.map(str::trim).filter(|post| !post.is_empty()).map(str::to_owned).collect()
}

/// The classes that hold on a day, as rows.
pub fn class_rows(policy: &Policy, on: Date) -> Vec<ClassRow> {
    policy.pay_classes(on).unwrap_or_default().iter().map(ClassRow::of).collect()
}

/// The rows of the form: those that were typed, else those in force, and room for more.
pub fn form_rows(policy: &Policy, on: Date, typed: &Typed) -> Vec<ClassRow> {
    let mut rows = typed_rows(typed);
    rows.retain(|row| !row.is_empty());
    if rows.is_empty() {
        rows = class_rows(policy, on);
    }
    // Before everybody else, which stays last.
    let before_last = rows.len().saturating_sub(1);
    rows.splice(before_last..before_last, (0..MORE_CLASSES).map(|_| ClassRow::default()));
    rows
}

fn typed_rows(typed: &Typed) -> Vec<ClassRow> {
    let field = |at: usize, name: &str| {
        typed.get(&format!("class.{at}.{name}")).map(|text| text.trim().to_owned()).unwrap_or_default()
    };
    let row = |at| ClassRow {
        name: field(at, "name"),
        posts: field(at, "posts"),
        stake: field(at, "stake"),
        group: field(at, "group"),
    };
    (0..MOST_CLASSES).take_while(|at| typed.contains_key(&format!("class.{at}.name"))).map(row).collect()
}

/// What is wrong with what was typed, by the key of the value.
pub type Wrong = BTreeMap<String, String>;

/// A value that is to be another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its key.
    pub key: String,
    /// The new value as a file of values writes it.
    pub text: String,
}

impl Change {
    /// As a row of the county's own.
    fn row(&self, from: Date, source: &str) -> Result<LocalRow, PolicyError> {
        LocalRow::read(&self.key, from, &self.text, source)
    }
}

/// What was typed that says something else than what holds on a day: an empty field leaves the value as it is.
pub fn changes(policy: &Policy, on: Date, typed: &Typed) -> Result<Vec<Change>, Wrong> {
    let (mut found, mut wrong) = (Vec::new(), Wrong::new());
    for (key, label) in keys(policy) {
        let text = match typed.get(&key).map(|text| text.trim().to_owned()) {
            _ if key == CLASSES => match classes(typed) {
                None => continue,
                Some(Ok(text)) => text,
                Some(Err(why)) => {
                    wrong.insert(key, why);
                    continue;
                }
            },
            None => continue,
            Some(text) if text.is_empty() => continue,
            Some(text) => text,
        };
        let word = policy.row(&key, on).is_ok_and(|(_, row)| matches!(row.value, Value::Word(_)));
        let written = if word { Some(quoted(&text)) } else { number(Unit::of(&key), &text) };
        match written {
            Some(text) => found.push(Change { key, text }),
            None => {
                wrong.insert(key, format!("“{label}”应是数字，至多两位小数"));
            }
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut changed = Vec::new();
    for change in found {
        let row = change.row(on, "试算").and_then(|row| {
            let value = row.row.value.clone();
            policy.clone().with_local([row]).map(|_| value)
        });
        match row {
            Ok(value) if policy.row(&change.key, on).is_ok_and(|(_, row)| row.value == value) => {}
            Ok(_) => changed.push(change),
            Err(PolicyError::Kind { key, wanted }) => {
                let label = LABELS.iter().find(|(of, _)| *of == key).map_or(&*key, |(_, label)| label);
                wrong.insert(change.key, format!("“{label}”应为{wanted}"));
            }
            Err(why) => {
                wrong.insert(change.key, why.to_string());
            }
        }
    }
    if wrong.is_empty() { Ok(changed) } else { Err(wrong) }
}

/// What was typed as a file of values writes it.
fn number(unit: Unit, text: &str) -> Option<String> {
    match unit {
        Unit::Yuan | Unit::Percent => {
            fen(text.trim_end_matches(['元', '%'])).filter(|n| *n >= 0).map(|n| n.to_string())
        }
        Unit::YesNo | Unit::WorkingDays => text.parse::<u16>().ok().map(|number| number.to_string()),
        Unit::Plain | Unit::Classes => Some(text.to_owned()),
    }
}

/// A word between quotation marks; what JSON escapes TOML reads.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// The classes that were typed, as a file of values writes them; nothing where they stay as they are.
fn classes(typed: &Typed) -> Option<Result<String, String>> {
    if !typed.contains_key("classes") {
        return None;
    }
    let rows: Vec<ClassRow> = typed_rows(typed).into_iter().filter(|row| !row.is_empty()).collect();
    Some(judge_classes(&rows))
}

fn judge_classes(rows: &[ClassRow]) -> Result<String, String> {
    let (mut names, mut held) = (BTreeSet::new(), BTreeSet::new());
    let mut parts = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let class = row.read().ok_or_else(|| format!("第 {} 类：请选择扣入办法和成组范围", at + 1))?;
        if !(1..=20).contains(&class.name.chars().count()) {
            return Err(format!("第 {} 类：名称须是 1 至 20 个字", at + 1));
        }
        if !names.insert(class.name.clone()) {
            return Err(format!("有两类都叫“{}”", class.name));
        }
        for post in &class.posts {
            if post.chars().count() > 20 {
                return Err(format!("职务“{post}”超过 20 个字：各职务之间用顿号隔开"));
            }
            if !held.insert(post.clone()) {
                return Err(format!("职务“{post}”写在两处"));
            }
        }
        let posts: Vec<String> = class.posts.iter().map(|post| quoted(post)).collect();
        parts.push(format!(
            "{{ name = {}, posts = [{}], stake = \"{}\", group = \"{}\" }}",
            quoted(&class.name),
            posts.join(", "),
            row.stake,
            row.group
        ));
    }
    let open = rows.iter().filter(|row| posts(&row.posts).is_empty()).count();
    if open != 1 || rows.last().is_none_or(|row| !posts(&row.posts).is_empty()) {
        return Err("职务空着的一类是其余干部：有而且只有一类，排在最后".to_owned());
    }
    Ok(format!("[{}]", parts.join(", ")))
}

/// The values as if a scheme had held in a month already, with what was changed in it.
pub fn as_if(policy: &Policy, month: Month, scheme: Option<Date>, changes: &[Change]) -> Result<Policy, PolicyError> {
    let from = month.first_day();
    let mut rows: BTreeMap<String, LocalRow> = BTreeMap::new();
    if let Some(day) = scheme {
        for (key, _) in keys(policy) {
            let row = policy.row(&key, day)?.1.clone();
            rows.insert(key.clone(), LocalRow { key, from, row });
        }
    }
    for change in changes {
        rows.insert(change.key.clone(), change.row(from, "试算")?);
    }
    policy.clone().with_local(rows.into_values())
}

/// A document as this room judges it: its days as ISO text, the last one empty while none is known.
#[derive(Clone, Copy, Debug)]
pub struct Authority<'a> {
    /// The first day.
    pub holds_from: &'a str,
    /// The last day.
    pub holds_to: &'a str,
}

impl Authority<'_> {
    /// Whether it holds on every day of a month.
    pub fn covers(&self, month: Month) -> bool {
        // ISO days compare as text.
        self.holds_from <= &*month.first_day().to_string()
            && (self.holds_to.is_empty() || self.holds_to >= &*month.last_day().to_string())
    }
}

/// Whether a document may set other values from a month on. `submitted` is the last month of which some settlement was
/// submitted: what two sign is settled by the rule that they read, and all units of a month by one rule.
pub fn set(
    document: Option<Authority<'_>>,
    month: Month,
    submitted: Option<Month>,
    changes: &[Change],
) -> Result<(), CannotSet> {
    let document = document.ok_or(CannotSet::NoDocument)?;
    match submitted {
        _ if !document.covers(month) => Err(CannotSet::NotCovered),
        Some(last) if month <= last => Err(CannotSet::Submitted(last)),
        _ if changes.is_empty() => Err(CannotSet::Nothing),
        _ => Ok(()),
    }
}

/// Why no scheme is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSet {
    /// Nothing allows it.
    #[error("请选择依据的授权文件；还没有登记的，先登记")]
    NoDocument,
    /// The document does not hold yet, or no more.
    #[error("这份文件没有覆盖这个月：方案起始的整个月都要在文件的施行期内")]
    NotCovered,
    /// A settlement of that month was submitted, or is signed.
    #[error("{0} 已有提交会签的结算，新方案只能自以后的月份起")]
    Submitted(Month),
    /// Everything stays as it is.
    #[error("没有改动：不改的不填，至少改一项")]
    Nothing,
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
