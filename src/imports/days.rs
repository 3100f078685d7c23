//! Judging the days of a year's arrangement (放假安排). Pure.

use jiff::civil::Date;

use super::judge::{Cells, Known, Verdict, cell, name, set};
use super::{people, terms};

impl Known {
    /// A day on which people rest, or work though it is a weekend, with the notice that says so.
    pub(super) fn working_day(&mut self, cells: &mut Cells, today: Date) -> Result<Verdict, String> {
        let day = terms::day("日期", cell(cells, 0))?;
        if day.year() < today.year() {
            return Err("过去年份的安排不能再改：那时的期限已经照它算过".to_owned());
        }
        let kind = match cell(cells, 1) {
            "休" | "放假" | "rest" => "rest",
            "班" | "上班" | "work" => "work",
            other => return Err(format!("“{other}”应是 休 或 班")),
        };
        let holiday = cell(cells, 2).to_owned();
        name(&holiday, 10)?;
        if holiday.contains([',', '\n', '\r']) {
            return Err("节日里不能有逗号".to_owned());
        }
        let source = cell(cells, 3).trim().to_owned();
        if source.is_empty() {
            return Err("没有写明出处".to_owned());
        }
        set(cells, 1, kind.to_owned());
        set(cells, 3, source.clone());
        let said = [kind.to_owned(), holiday, source];
        Ok(people::compare(self.days.insert(day.to_string(), said.clone()), &said))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::civil::date;

    use super::*;
    use crate::imports::Kind;

    #[test]
    fn a_day_is_known_by_its_date_however_it_is_written() {
        let (mut known, mut seen) = (Known::default(), HashSet::new());
        let mut judge = |row: [&str; 4], seen: &mut HashSet<String>| {
            let mut cells: Cells = row.iter().map(|cell| Some((*cell).to_owned())).collect();
            let verdict = known.judge(Kind::WorkingDays, &mut cells, seen, date(2026, 11, 20), false);
            (verdict, cells[0].clone().unwrap(), cells[1].clone().unwrap())
        };
        let row = ["2027/1/1", "休", "元旦", "《通知》"];
        assert_eq!(judge(row, &mut seen), (Verdict::Add, "2027-01-01".to_owned(), "rest".to_owned()));
        let again = judge(["2027年1月1日", "休", "元旦", "《通知》"], &mut seen).0;
        assert!(matches!(again, Verdict::Refuse(why) if why.contains("重复")));
        assert_eq!(judge(row, &mut HashSet::new()).0, Verdict::Same);
        assert_eq!(judge(["2027-01-01", "班", "元旦", "《通知》"], &mut HashSet::new()).0, Verdict::Change);
        for (row, part) in [
            (["2025-12-31", "休", "元旦", "《通知》"], "过去年份"),
            (["元旦", "休", "元旦", "《通知》"], "不是日期"),
            (["2027-01-02", "半天", "元旦", "《通知》"], "休 或 班"),
            (["2027-01-02", "休", "元旦", " "], "出处"),
        ] {
            let verdict = judge(row, &mut HashSet::new()).0;
            assert!(matches!(&verdict, Verdict::Refuse(why) if why.contains(part)), "{row:?}: {verdict:?}");
        }
    }
}
