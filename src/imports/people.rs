//! Judging what is said of officials - posts held, villages assigned, allowances - and of the county's own values and
//! lists. Pure.

use std::collections::HashMap;

use jiff::civil::Date;
use policy::Policy;
use policy::values::LocalRow;

use super::judge::{Cells, Known, Verdict, cell, name, set, unit_kind};
use super::terms::{self, Given, Names};

impl Known {
    pub(super) fn official(&mut self, cells: &mut Cells, today: Date, opens: bool) -> Result<Verdict, String> {
        let (number, called, post) = (cell(cells, 0).to_owned(), cell(cells, 1).to_owned(), cell(cells, 2).to_owned());
        name(&called, 30)?;
        if !self.posts.contains_key(&post) {
            return Err(format!("没有职务 {post}"));
        }
        if let Some(other) = self.named.get(&number).filter(|other| **other != called) {
            return Err(format!("干部编号 {number} 在文件前面写的是{other}"));
        }
        let login = cell(cells, 4).to_lowercase();
        self.may_have(&login, &number, opens)?;
        let names = Names { from: "任职日期", to: "离任日期" };
        let (from, to) = (Given::read(names.from, cells, 3)?.day(), Given::read(names.to, cells, 5)?);
        let held = self.held.entry((number.clone(), post)).or_default();
        let (verdict, (from, to)) = terms::put(held, from, to, today, names)?;
        let new_login = !login.is_empty() && self.logins.insert(login.clone(), number.clone()).is_none();
        set(cells, 3, from.to_string());
        set(cells, 4, login);
        set(cells, 5, to.map(|to| to.to_string()).unwrap_or_default());
        self.named.insert(number.clone(), called.clone());
        let old = self.officials.insert(number, called.clone());
        Ok(match old {
            None => Verdict::Add,
            Some(old) if old == called && verdict == Verdict::Same && !new_login => Verdict::Same,
            Some(_) => Verdict::Change,
        })
    }

    /// Whether an official can have an account of that login.
    fn may_have(&self, login: &str, number: &str, opens_accounts: bool) -> Result<(), String> {
        let plain =
            login.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte));
        match self.logins.get(login) {
            _ if login.is_empty() => Ok(()),
            Some(owner) if owner == number => Ok(()),
            Some(_) => Err(format!("账号 {login} 已经是别人的")),
            None if !opens_accounts => Err("开通账号由系统管理员办理，请去掉账号一列".to_owned()),
            None if !plain || !(3..=32).contains(&login.len()) => Err("账号用 3 到 32 个小写字母或数字".to_owned()),
            None if self.logins.values().any(|owner| owner == number) => Err("这位干部已有账号".to_owned()),
            None => Ok(()),
        }
    }

    pub(super) fn assignment(&mut self, cells: &mut Cells, today: Date) -> Result<Verdict, String> {
        let (number, village) = (cell(cells, 0).to_owned(), cell(cells, 1).to_owned());
        if !self.officials.contains_key(&number) {
            return Err(format!("没有干部 {number}"));
        }
        match self.divisions.get(&village) {
            None => return Err(format!("没有村 {village}")),
            Some(place) if !matches!(place.kind.as_str(), "village" | "community") => {
                return Err(format!("{village} 不是村或社区"));
            }
            Some(_) => {}
        }
        let names = Names { from: "起始日期", to: "结束日期" };
        let (from, to) = (Given::read(names.from, cells, 2)?.day(), Given::read(names.to, cells, 3)?);
        let key = (number, village.clone());
        let known = self.assigned.get(&key).map_or(0, Vec::len);
        if known == 0 && !self.in_use(&village, today) {
            return Err(format!("区划 {village} 已停用"));
        }
        let (verdict, (from, to)) = terms::put(self.assigned.entry(key).or_default(), from, to, today, names)?;
        set(cells, 2, from.to_string());
        set(cells, 3, to.map(|to| to.to_string()).unwrap_or_default());
        Ok(verdict)
    }

    pub(super) fn allowance(&mut self, cells: &mut Cells) -> Result<Verdict, String> {
        let number = cell(cells, 0).to_owned();
        let Some(known) = self.officials.get(&number) else { return Err(format!("没有干部 {number}")) };
        let called = cell(cells, 3);
        if !called.is_empty() && called != known {
            return Err(format!("干部编号 {number} 是{known}，不是{called}"));
        }
        let from = terms::day("生效日期", cell(cells, 1))?.to_string();
        let text = cell(cells, 2);
        let fen = terms::fen(text).ok_or_else(|| format!("津补贴“{text}”应是金额，元，最多两位小数"))?;
        set(cells, 1, from.clone());
        set(cells, 2, fen.to_string());
        Ok(compare(self.allowances.insert((number, from), fen), &fen))
    }

    pub(super) fn value(&mut self, cells: &mut Cells) -> Result<Verdict, String> {
        let key = cell(cells, 0).to_owned();
        let from = terms::day("生效日期", cell(cells, 1))?;
        let own = LocalRow::read(&key, from, cell(cells, 2), cell(cells, 3)).map_err(|why| why.to_string())?;
        Policy::published().clone().with_local([own]).map_err(|why| why.to_string())?;
        let said = (cell(cells, 2).trim().to_owned(), cell(cells, 3).trim().to_owned());
        set(cells, 1, from.to_string());
        let old = self.values.insert((key, from.to_string()), said.clone());
        Ok(compare(old, &said))
    }
}

/// A part of a list of responsibilities as people write it, as the database has it.
fn part_of(word: &str) -> Option<&'static str> {
    match word {
        "basic" | "基本" | "基本履职事项" => Some("basic"),
        "shared" | "配合" | "配合履职事项" => Some("shared"),
        "taken_back" | "收回" | "上级收回事项" | "收回事项" => Some("taken_back"),
        _ => None,
    }
}

impl Known {
    pub(super) fn responsibility(&mut self, cells: &mut Cells, today: Date) -> Result<Verdict, String> {
        let code = cell(cells, 0).to_owned();
        if code.chars().count() > 20 {
            return Err("编号超过 20 个字".to_owned());
        }
        let kind = unit_kind(cell(cells, 1))
            .ok_or_else(|| format!("单位类别“{}”应是 县级、部门、乡镇、村 之一", cell(cells, 1)))?;
        name(cell(cells, 2), 100)?;
        let part =
            part_of(cell(cells, 3)).ok_or_else(|| format!("清单“{}”应是 基本、配合、收回 之一", cell(cells, 3)))?;
        let source = cell(cells, 6).trim().to_owned();
        if source.is_empty() {
            return Err("没有写明出处".to_owned());
        }
        let names = Names { from: "起用日期", to: "止用日期" };
        let from = terms::day(names.from, cell(cells, 4))?;
        let to = Given::read(names.to, cells, 5)?;
        let listed = self.listed.entry((code.clone(), kind.to_owned())).or_default();
        // A list is brought in before it holds.
        let (verdict, (from, to)) = terms::put(listed, Some(from), to, today.max(from), names)?;
        let said = [cell(cells, 2).to_owned(), part.to_owned(), source];
        set(cells, 3, part.to_owned());
        set(cells, 4, from.to_string());
        set(cells, 5, to.map(|to| to.to_string()).unwrap_or_default());
        let rest =
            compare(self.responsibilities.insert((code, kind.to_owned(), from.to_string()), said.clone()), &said);
        Ok(if verdict == Verdict::Same { rest } else { verdict })
    }
}

pub(super) fn compare<T: PartialEq>(old: Option<T>, new: &T) -> Verdict {
    match old {
        None => Verdict::Add,
        Some(old) if old == *new => Verdict::Same,
        Some(_) => Verdict::Change,
    }
}

/// Puts a row of cells in place of the one of its code.
pub(super) fn replaced(known: &mut HashMap<String, Vec<String>>, code: &str, row: Vec<String>) -> Verdict {
    let old = known.insert(code.to_owned(), row);
    compare(old, &known[code])
}
