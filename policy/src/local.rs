//! A county's own rows as people write them, and what each key takes.

use jiff::civil::Date;
use serde::Deserialize;

use crate::values::{LocalRow, PolicyError, Row, Source, Value};

/// A value alone, to be read as a file of values writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alone {
    value: Value,
}

impl LocalRow {
    /// Reads a row: the value as a file of values writes it, the source as 《文件》 and the place in it.
    pub fn read(key: &str, from: Date, value: &str, source: &str) -> Result<Self, PolicyError> {
        let wrong = |wanted| PolicyError::Kind { key: key.to_owned(), wanted };
        let value = match value.trim().parse() {
            Ok(number) => Value::Number(number),
            Err(_) => {
                let read: Result<Alone, _> = toml::from_str(&format!("value = {}", value.trim()));
                read.map_err(|_| wrong("整数，或照规定值文件写的值"))?.value
            }
        };
        let source = source.trim();
        let (title, article) = match source.strip_prefix('《').and_then(|rest| rest.split_once('》')) {
            Some((title, article)) => (title.trim(), article.trim()),
            None => (source, ""),
        };
        if title.is_empty() {
            return Err(PolicyError::NoSource(key.to_owned()));
        }
        let source = Source { title: title.to_owned(), article: article.to_owned(), text: None };
        Ok(Self { key: key.to_owned(), from, row: Row { value, source } })
    }

    /// Whether the value is one that its key can have; the unit of a number stands at the end of its key.
    pub(crate) fn fits(&self) -> Result<(), PolicyError> {
        let key = self.key.as_str();
        let wrong = |wanted| Err(PolicyError::Kind { key: key.to_owned(), wanted });
        if key.ends_with(".excluded") && self.row.value != Value::Word("听证".to_owned()) {
            return wrong("\"听证\"，连引号一起写");
        }
        let number = match &self.row.value {
            Value::Number(number) => *number,
            Value::Classes(classes) => {
                let last = classes.iter().rposition(|class| class.posts.is_empty());
                let first = classes.iter().position(|class| class.posts.is_empty());
                let stands = last.is_some() && first == last && last == classes.len().checked_sub(1);
                return if stands { Ok(()) } else { wrong("人员类别表，只有最后一类为其余人员") };
            }
            Value::Duties(duties) => {
                let stands = crate::post_duties::stands(duties);
                return if stands {
                    Ok(())
                } else {
                    wrong("职务职责表：编号不重复，单位类别写 county 等四种")
                };
            }
            Value::Word(_) => return Ok(()),
        };
        if key.ends_with("days") {
            return if (0..=3_650).contains(&number) { Ok(()) } else { wrong("0至3650之间的天数") };
        }
        if key.ends_with("day") {
            return if (1..=28).contains(&number) { Ok(()) } else { wrong("1至28之间的日子") };
        }
        if key.ends_with("count") {
            return if (1..=1_000).contains(&number) { Ok(()) } else { wrong("1至1000之间的个数") };
        }
        if key.ends_with("years") {
            return if (1..=100).contains(&number) { Ok(()) } else { wrong("1至100之间的年数") };
        }
        if key.ends_with("_bp") {
            return if (0..=10_000).contains(&number) { Ok(()) } else { wrong("0至10000之间的万分比") };
        }
        if key.starts_with("binding.") {
            return if (1..=1_000).contains(&number) { Ok(()) } else { wrong("1至1000之间的数") };
        }
        if key == "pay.notice.amounts" || key == "pay.notice.public" {
            return if (0..=1).contains(&number) { Ok(()) } else { wrong("1或0") };
        }
        if key == "pay.min_spread_fen" && number % 2 != 0 {
            return wrong("偶数分");
        }
        // A hundred million yuan: more is a slip of the pen.
        if key.ends_with("_fen") && !(0..=10_000_000_000).contains(&number) {
            return wrong("0以上的金额，分");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::Policy;

    fn row(key: &str, value: &str) -> Result<LocalRow, PolicyError> {
        LocalRow::read(key, date(2026, 12, 1), value, "《县委办公室通知》第二条")
    }

    #[test]
    fn a_row_is_read_as_people_write_it() {
        let row = row("plan.propose_by.day", " 20 ").unwrap();
        assert_eq!(row.row.value, Value::Number(20));
        assert_eq!(row.row.source.to_string(), "《县委办公室通知》第二条");
        let plain = LocalRow::read("plan.propose_by.day", date(2026, 12, 1), "20", "县长办公会纪要").unwrap();
        assert_eq!(plain.row.source.to_string(), "《县长办公会纪要》");
        let none = LocalRow::read("plan.propose_by.day", date(2026, 12, 1), "20", " ");
        assert_eq!(none.unwrap_err().to_string(), "规定值“plan.propose_by.day”没有写明出处");
    }

    #[test]
    fn a_value_that_its_key_cannot_have_is_refused() {
        let taken = |key, value| row(key, value).and_then(|row| Policy::published().clone().with_local([row]));
        for (key, value) in [
            ("plan.propose_by.day", "31"),
            ("plan.propose_by.day", "二十"),
            ("plan.propose_by.day", "20\nmore = 1"),
            ("plan.propose_by.day", "\"20\""),
            ("pay.notice.working_days", "-1"),
            ("pay.notice.amounts", "2"),
            ("pay.notice.public", "-1"),
            ("pay.others.share_bp", "10001"),
            ("pay.min_spread_fen", "30001"),
            ("clock.handling.excluded", "5"),
            ("clock.handling.excluded", "\"鉴定\""),
            ("reception.capacity.count", "0"),
            ("binding.leader.petitions", "0"),
            ("pay.unit_heads.month_fen", "-5"),
            ("pay.classes", "[{ name = '干部', posts = ['科员'], stake = 'others', group = 'unit' }]"),
        ] {
            assert!(matches!(taken(key, value), Err(PolicyError::Kind { .. })), "{key} = {value}");
        }
        assert!(matches!(taken("clock.handling.days", "30"), Err(PolicyError::NotLocal(_))));
        let classes = "[{ name = '全体', posts = [], stake = 'others', group = 'unit' }]";
        for (key, value) in [
            ("plan.propose_by.day", "20"),
            ("pay.min_spread_fen", "30002"),
            ("pay.classes", classes),
            ("clock.handling.excluded", "\"听证\""),
        ] {
            assert!(taken(key, value).is_ok(), "{key} = {value}");
        }
    }
}
