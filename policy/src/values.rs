//! The values of the law and of the county's documents, each with its day and its source.
//!
//! A value is never a constant in the code: a rule asks for the value *of the day in question*, so a
//! case of 2010 is computed by what held in 2010. `values/national.toml` is the law of the land,
//! `values/county.toml` the example county; a county's own rows override the keys marked `local`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::post_duties::PostDuty;

const NATIONAL: &str = include_str!("../values/national.toml");
const COUNTY: &str = include_str!("../values/county.toml");

/// Where a value is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The law or document, without its quotation marks: 信访工作条例.
    pub title: String,
    /// The article, or the passage of a document that has none: 第三十四条.
    pub article: String,
    /// The words themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "《{}》{}", self.title, self.article)
    }
}

/// What a row can say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A number of days, fen or basis points, as the key says.
    Number(i64),
    /// A word.
    Word(String),
    /// The classes of persons for performance pay.
    Classes(Vec<PayClass>),
    /// The recurring duties and the posts that owe them.
    Duties(Vec<PostDuty>),
}

/// A class of persons (类别) whose pay is settled together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayClass {
    /// What it is called.
    pub name: String,
    /// The posts that belong to it; empty for the last class, which is everybody else.
    pub posts: Vec<String>,
    /// Which row of the stakes holds.
    pub stake: StakeRow,
    /// Within which bounds its members form one group.
    pub group: GroupBounds,
}

/// A row of the table of stakes (PAY 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StakeRow {
    /// A fixed sum a quarter.
    Leaders,
    /// A fixed sum a month.
    UnitHeads,
    /// A share of the month's allowance.
    Others,
}

/// Within which bounds a class forms one group (PAY 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupBounds {
    /// One group in each unit.
    Unit,
    /// One group over the whole county.
    County,
}

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct Row {
    /// What holds.
    pub value: Value,
    /// Where that is written.
    pub source: Source,
}

/// A row as a file writes it: on one line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    value: Value,
    title: String,
    article: String,
    text: Option<String>,
}

impl From<Written> for Row {
    fn from(Written { value, title, article, text }: Written) -> Self {
        Self { value, source: Source { title, article, text } }
    }
}

/// A row of a county, to override a key marked local from `from` on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalRow {
    /// The key that it overrides.
    pub key: String,
    /// The first day on which it holds.
    pub from: Date,
    /// What holds, and where that is written.
    pub row: Row,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    meaning: String,
    local: bool,
    rows: BTreeMap<Date, Row>,
}

impl Entry {
    /// Reads what stands under a key: its meaning, whether it is local, and rows by day.
    fn read(mut table: toml::Table) -> Result<Self, String> {
        let Some(toml::Value::String(meaning)) = table.remove("meaning") else {
            return Err("meaning 应为一句话".to_owned());
        };
        let local = match table.remove("local") {
            None => false,
            Some(toml::Value::Boolean(local)) => local,
            Some(_) => return Err("local 应为 true 或 false".to_owned()),
        };
        let mut rows = BTreeMap::new();
        for (from, row) in table {
            let day: Date = from.parse().map_err(|_| format!("“{from}”应为生效日"))?;
            rows.insert(day, row.try_into().map_err(|e: toml::de::Error| e.to_string())?);
        }
        Ok(Self { meaning, local, rows })
    }
}

/// Why a value cannot be had or set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A file of values is not in the form that this module reads.
    #[error("规定值文件无法读取：{0}")]
    Unreadable(String),
    /// Two files set one key.
    #[error("规定值“{0}”重复")]
    Twice(String),
    /// Nothing is called so.
    #[error("没有名为“{0}”的规定值")]
    Unknown(String),
    /// The key exists, but no row held yet on the day.
    #[error("{on}尚无“{key}”的规定")]
    NotYet {
        /// The key.
        key: String,
        /// The day in question.
        on: Date,
    },
    /// The key is national law, which a county does not change.
    #[error("“{0}”是国家规定，县里不能另定")]
    NotLocal(String),
    /// A row of a county that does not say which document it follows.
    #[error("规定值“{0}”没有写明出处")]
    NoSource(String),
    /// A number where a word is wanted, a number out of bounds, and the like.
    #[error("规定值“{key}”应为{wanted}")]
    Kind {
        /// The key.
        key: String,
        /// What is wanted.
        wanted: &'static str,
    },
}

/// All values, each key with its rows by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    entries: BTreeMap<String, Entry>,
}

impl Policy {
    /// The values that are compiled in: the law of the land and the example county.
    pub fn published() -> &'static Self {
        static POLICY: LazyLock<Policy> =
            LazyLock::new(|| Policy::parse(&[NATIONAL, COUNTY]).expect("the embedded values are read by a test"));
        &POLICY
    }

    /// Reads files of values.
    pub fn parse(files: &[&str]) -> Result<Self, PolicyError> {
        let mut entries = BTreeMap::new();
        for file in files {
            let read: BTreeMap<String, toml::Table> =
                toml::from_str(file).map_err(|e| PolicyError::Unreadable(e.to_string()))?;
            for (key, table) in read {
                let unreadable = |why| PolicyError::Unreadable(format!("{key}：{why}"));
                let entry = Entry::read(table).map_err(unreadable)?;
                if entries.insert(key.clone(), entry).is_some() {
                    return Err(PolicyError::Twice(key));
                }
            }
        }
        Ok(Self { entries })
    }

    /// These values with a county's own rows.
    ///
    /// From the first day of a county's rows for a key, only they hold: a later row of the example
    /// county must not slip in behind them.
    pub fn with_local(mut self, rows: impl IntoIterator<Item = LocalRow>) -> Result<Self, PolicyError> {
        let mut local: BTreeMap<String, BTreeMap<Date, Row>> = BTreeMap::new();
        for own in rows {
            own.fits()?;
            let LocalRow { key, from, row } = own;
            let entry = self.entries.get(&key).ok_or_else(|| PolicyError::Unknown(key.clone()))?;
            if !entry.local {
                return Err(PolicyError::NotLocal(key));
            }
            let kind = |value: &Value| std::mem::discriminant(value);
            let known = entry.rows.values().next();
            if known.is_some_and(|known| kind(&known.value) != kind(&row.value)) {
                return Err(PolicyError::Kind { key, wanted: "与原值同类的值" });
            }
            local.entry(key).or_default().insert(from, row);
        }
        for (key, own) in local {
            let (Some(entry), Some(&first)) = (self.entries.get_mut(&key), own.keys().next()) else {
                continue;
            };
            entry.rows.retain(|&from, _| from < first);
            entry.rows.extend(own);
        }
        Ok(self)
    }

    /// The row of `key` that holds on `on`, with the day since when.
    pub fn row(&self, key: &str, on: Date) -> Result<(Date, &Row), PolicyError> {
        let entry = self.entries.get(key).ok_or_else(|| PolicyError::Unknown(key.to_owned()))?;
        let held = entry.rows.range(..=on).next_back();
        held.map(|(&from, row)| (from, row)).ok_or_else(|| PolicyError::NotYet { key: key.to_owned(), on })
    }

    /// The number that holds under `key` on `on`.
    pub fn number(&self, key: &str, on: Date) -> Result<i64, PolicyError> {
        match self.row(key, on)?.1.value {
            Value::Number(number) => Ok(number),
            _ => Err(PolicyError::Kind { key: key.to_owned(), wanted: "一个整数" }),
        }
    }

    /// The word that holds under `key` on `on`.
    pub fn word(&self, key: &str, on: Date) -> Result<&str, PolicyError> {
        match &self.row(key, on)?.1.value {
            Value::Word(word) => Ok(word),
            _ => Err(PolicyError::Kind { key: key.to_owned(), wanted: "一个词" }),
        }
    }

    /// A number of days, 0 to 3,650.
    pub fn days(&self, key: &str, on: Date) -> Result<u16, PolicyError> {
        let days = u16::try_from(self.number(key, on)?).ok().filter(|&days| days <= 3_650);
        days.ok_or_else(|| PolicyError::Kind { key: key.to_owned(), wanted: "0至3650之间的天数" })
    }

    /// A day of the month, 1 to 28, so that every month has it.
    pub fn day_of_month(&self, key: &str, on: Date) -> Result<i8, PolicyError> {
        let day = i8::try_from(self.number(key, on)?).ok().filter(|day| (1..=28).contains(day));
        day.ok_or_else(|| PolicyError::Kind { key: key.to_owned(), wanted: "1至28之间的日子" })
    }

    /// The classes of persons for performance pay on `on`; the last one is everybody else.
    pub fn pay_classes(&self, on: Date) -> Result<&[PayClass], PolicyError> {
        match &self.row("pay.classes", on)?.1.value {
            Value::Classes(classes) if classes.last().is_some_and(|last| last.posts.is_empty()) => Ok(classes),
            _ => {
                let wanted = "人员类别表，最后一类为其余人员";
                Err(PolicyError::Kind { key: "pay.classes".to_owned(), wanted })
            }
        }
    }

    /// Whether `key` exists, held or not.
    pub fn knows(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Every key with its meaning and whether a county may override it, for the page of values.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        self.entries.iter().map(|(key, e)| (key.as_str(), e.meaning.as_str(), e.local))
    }

    /// The rows of `key` by the day from which each holds.
    pub fn rows(&self, key: &str) -> impl Iterator<Item = (Date, &Row)> {
        self.entries.get(key).into_iter().flat_map(|e| e.rows.iter().map(|(&d, row)| (d, row)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn reception_on_the_20th(from: Date) -> LocalRow {
        let source = Source { title: "县委文件".into(), article: "二".into(), text: None };
        let row = Row { value: Value::Number(20), source };
        LocalRow { key: "reception.county.day".into(), from, row }
    }

    #[test]
    fn the_value_is_that_of_the_day() {
        let policy = Policy::published();
        let article = |on| policy.row("clock.handling.days", on).unwrap().1.source.article.clone();
        assert_eq!(article(date(2022, 4, 30)), "第三十三条");
        assert_eq!(article(date(2022, 5, 1)), "第三十四条");
        let early = policy.number("clock.handling.days", date(2005, 4, 30)).unwrap_err();
        assert_eq!(early.to_string(), "2005-04-30尚无“clock.handling.days”的规定");
    }

    #[test]
    fn every_row_has_a_meaning_and_a_source() {
        let policy = Policy::published();
        for (key, meaning, _) in policy.keys() {
            assert!(!meaning.is_empty(), "{key}");
            assert!(policy.rows(key).count() > 0 || key == "clock.handling.excluded", "{key}");
            for (_, row) in policy.rows(key) {
                assert!(!row.source.title.is_empty() && !row.source.article.is_empty(), "{key}");
            }
        }
        assert!(policy.pay_classes(date(2010, 1, 1)).unwrap().len() == 4);
    }

    #[test]
    fn a_county_overrides_what_is_local_from_its_own_day() {
        let own = [reception_on_the_20th(date(2012, 1, 1))];
        let policy = Policy::published().clone().with_local(own).unwrap();
        let day = |on| policy.day_of_month("reception.county.day", on).unwrap();
        assert_eq!((day(date(2011, 12, 31)), day(date(2012, 1, 1))), (15, 20));
    }

    #[test]
    fn a_later_row_of_the_example_county_does_not_override_a_countys_own() {
        let own = [reception_on_the_20th(date(2007, 1, 1))];
        let policy = Policy::published().clone().with_local(own).unwrap();
        assert_eq!(policy.number("reception.county.day", date(2026, 1, 1)), Ok(20));
    }

    #[test]
    fn national_law_is_not_overridden_and_the_error_names_it() {
        let mut own = reception_on_the_20th(date(2012, 1, 1));
        own.key = "clock.handling.days".into();
        let refused = Policy::published().clone().with_local([own.clone()]).unwrap_err();
        assert_eq!(refused, PolicyError::NotLocal("clock.handling.days".into()));
        own.key = "clock.nothing".into();
        let refused = Policy::published().clone().with_local([own.clone()]).unwrap_err();
        assert_eq!(refused, PolicyError::Unknown("clock.nothing".into()));
        own.key = "pay.classes".into();
        assert!(matches!(Policy::published().clone().with_local([own]), Err(PolicyError::Kind { .. })));
    }

    #[test]
    fn a_file_that_says_nothing_clear_is_refused() {
        for wrong in [
            "[a]\nlocal = true",
            "[a]\nmeaning = '甲'\nlocal = 1",
            "[a]\nmeaning = '甲'\n'2020' = { value = 1, title = '甲', article = '一' }",
            "[a]\nmeaning = '甲'\n'2020-01-01' = { value = 1, title = '甲' }",
            "[a]\nmeaning = '甲'\n'2020-01-01' = { value = 1.5, title = '甲', article = '一' }",
        ] {
            assert!(matches!(Policy::parse(&[wrong]), Err(PolicyError::Unreadable(_))), "{wrong}");
        }
        assert_eq!(Policy::parse(&["[a]\nmeaning = '甲'"; 2]), Err(PolicyError::Twice("a".into())));
    }

    #[test]
    fn a_local_row_is_read_from_toml() {
        let text = r#"key = "reception.county.day"
            from = "2012-01-01"
            row = { value = 20, title = "县委文件", article = "二" }"#;
        let row: LocalRow = toml::from_str(text).unwrap();
        assert_eq!(row.from, date(2012, 1, 1));
        assert_eq!(row.row.value, Value::Number(20));
    }
}
