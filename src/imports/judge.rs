//! Judging rows against what the county has and against the rows above them. Pure: what is known is handed in.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::kinds::Kind;
use super::people::replaced;
use super::terms::{self, Term, retired};
use crate::petitions::{Bringing, Brings};

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// New.
    Add,
    /// Known by its code, with something else beside it.
    Change,
    /// Stands in the county just so.
    Same,
    /// Why not.
    Refuse(String),
}

/// What the county has, by code: of each kind only what the rows of an import may refer to.
#[derive(Debug, Default)]
pub struct Known {
    /// Places, also those that are used no more.
    pub divisions: HashMap<String, Place>,
    /// Units: the cells of an export.
    pub units: HashMap<String, Vec<String>>,
    /// Posts: the cells of an export.
    pub posts: HashMap<String, Vec<String>>,
    /// Names of officials by number.
    pub officials: HashMap<String, String>,
    /// Names of officials as the rows of this file gave them so far.
    pub named: HashMap<String, String>,
    /// When posts are and were held, by number of the official and code of the post.
    pub held: HashMap<(String, String), Vec<Term>>,
    /// The same of villages assigned, by their code.
    pub assigned: HashMap<(String, String), Vec<Term>>,
    /// Allowances in fen, by number of the official and first day.
    pub allowances: HashMap<(String, String), i64>,
    /// The county's own values and their sources, by key and first day.
    pub values: HashMap<(String, String), (String, String)>,
    /// When responsibilities are and were listed, by number and kind of unit.
    pub listed: HashMap<(String, String), Vec<Term>>,
    /// What such a row says beside its days: name, part and source, by number, kind and first day.
    pub responsibilities: HashMap<(String, String, String), [String; 3]>,
    /// Days of the county's own calendar: rest or work, holiday, source.
    pub days: HashMap<String, [String; 3]>,
    /// Whose account a login is.
    pub logins: HashMap<String, String>,
    /// Households: head, division, people, phone, the day from which there is none.
    pub households: HashMap<String, [String; 5]>,
    /// What petitions are judged against.
    pub petitions: Option<Box<Bringing>>,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// village, group …
    pub kind: String,
    /// The first day on which it is used no more; empty where there is none.
    pub until: String,
}

/// A row that was understood: its cells in the order of the kind's columns.
pub type Cells = Vec<Option<String>>;

pub(super) fn cell(cells: &Cells, at: usize) -> &str {
    cells.get(at).and_then(Option::as_deref).unwrap_or_default()
}

/// Gives a cell the text that is to be kept.
pub(super) fn set(cells: &mut Cells, at: usize, text: String) {
    if cells.len() <= at {
        cells.resize(at + 1, None);
    }
    cells[at] = Some(text);
}

/// A unit's kind as people write it, as the database has it.
pub fn unit_kind(word: &str) -> Option<&'static str> {
    match word {
        "county" | "县级" | "县领导" => Some("county"),
        "department" | "部门" | "县直单位" => Some("department"),
        "township" | "乡镇" | "街道" => Some("township"),
        "village" | "村" | "社区" => Some("village"),
        _ => None,
    }
}

/// What a place is, from its code (see `divisions::import`).
pub fn place_kind(code: &str) -> Option<&'static str> {
    crate::divisions::kind_of(code).or_else(|| (code.len() == 14 && digits(code)).then_some("group"))
}

fn digits(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn name(text: &str, most: usize) -> Result<(), String> {
    match text.chars().count() {
        0 => Err("名称是空的".to_owned()),
        n if n > most => Err(format!("名称超过 {most} 个字")),
        _ => Ok(()),
    }
}

impl Known {
    /// Judges a row and, where it is good, knows it from then on; its cells are then what is to be kept, with the days
    /// that the sheet left open. `today` bounds days; `opens_accounts` says whether whoever imports may open accounts.
    pub fn judge(
        &mut self,
        kind: Kind,
        cells: &mut Cells,
        seen: &mut HashSet<String>,
        today: Date,
        opens_accounts: bool,
    ) -> Verdict {
        if kind == Kind::WorkingDays
            && let Ok(day) = terms::day("日期", cell(cells, 0))
        {
            set(cells, 0, day.to_string());
        }
        if kind == Kind::Responsibilities
            && let Some(word) = unit_kind(cell(cells, 1))
        {
            set(cells, 1, word.to_owned());
        }
        let key = self.key(kind, cells, today);
        let judged = match kind {
            Kind::Petitions => self.petition(cells, today),
            _ if cell(cells, 0).is_empty() => Err(format!("{}是空的", kind.columns()[0].name)),
            _ if crate::sheet::lost_digits(cell(cells, 0)) => {
                Err("数字超过 15 位，Excel 已丢失末几位，请把该列设为文本后重填".to_owned())
            }
            _ if seen.contains(&key) => Err("与文件里前面的行重复".to_owned()),
            Kind::Divisions | Kind::Groups => self.division(kind, cells, today),
            Kind::Units => self.unit(cells, today),
            Kind::Posts => self.post(cells),
            Kind::Officials => self.official(cells, today, opens_accounts),
            Kind::Assignments => self.assignment(cells, today),
            Kind::Allowances => self.allowance(cells),
            Kind::Households => self.household(cells, today),
            Kind::Values => self.value(cells),
            Kind::Responsibilities => self.responsibility(cells, today),
            Kind::WorkingDays => self.working_day(cells, today),
        };
        match judged {
            Ok(verdict) => {
                seen.insert(key);
                verdict
            }
            Err(reason) => Verdict::Refuse(reason),
        }
    }

    /// By what a row is known in its file: a day in whatever spelling, and where it is left open, the one that is meant.
    fn key(&self, kind: Kind, cells: &Cells, today: Date) -> String {
        let day = |at: usize| {
            let text = cell(cells, at);
            terms::day("", text).map_or_else(|_| text.to_owned(), |day| day.to_string())
        };
        let begun = |terms: &HashMap<(String, String), Vec<Term>>, of: usize, at: usize| {
            let newest =
                terms.get(&(cell(cells, 0).to_owned(), cell(cells, of).to_owned())).and_then(|terms| terms.last());
            let meant = || newest.map_or(today, |term| term.0).to_string();
            [cell(cells, of).to_owned(), if cell(cells, at).is_empty() { meant() } else { day(at) }].join("\u{0}")
        };
        let rest = match kind {
            Kind::Officials => begun(&self.held, 2, 3),
            Kind::Assignments => begun(&self.assigned, 1, 2),
            Kind::Allowances | Kind::Values => day(1),
            Kind::Responsibilities => [cell(cells, 1).to_owned(), day(4)].join("\u{0}"),
            _ => String::new(),
        };
        [cell(cells, 0), &rest].join("\u{0}")
    }

    /// Whether a place is there and not retired.
    pub(super) fn in_use(&self, code: &str, today: Date) -> bool {
        self.divisions.get(code).is_some_and(|place| place.until.is_empty() || *place.until > *today.to_string())
    }

    fn division(&mut self, kind: Kind, cells: &mut Cells, today: Date) -> Result<Verdict, String> {
        let (code, called) = (cell(cells, 0).to_owned(), cell(cells, 1).to_owned());
        let code = code.as_str();
        let is = place_kind(code).filter(|is| (*is == "group") == (kind == Kind::Groups));
        let is = is.ok_or_else(|| match kind {
            Kind::Groups => format!("小组代码 {code} 应是 14 位数字：村代码加两位组号"),
            _ => format!("代码 {code} 不是 6、9 或 12 位数字"),
        })?;
        name(&called, 40)?;
        let parent = parent_of(code);
        let given = if kind == Kind::Divisions { cell(cells, 2) } else { "" };
        if is != "county" && !given.is_empty() && given != parent {
            return Err(format!("上级代码 {given} 与代码 {code} 不符"));
        }
        if is != "county" && !self.divisions.contains_key(parent) {
            return Err(format!("没有上级 {parent}"));
        }
        if is == "county"
            && self.divisions.values().any(|place| place.kind == "county")
            && !self.divisions.contains_key(code)
        {
            return Err("一个数据库只有一个县".to_owned());
        }
        let old = self.divisions.get(code);
        let last = kind.columns().len() - 1;
        let until = retired(old.map(|old| old.until.as_str()), cells, last, today)?;
        if old.is_none() && is != "county" && !self.in_use(parent, today) {
            return Err(format!("上级 {parent} 已停用"));
        }
        let place = Place { name: called.clone(), kind: is.to_owned(), until: until.clone() };
        let verdict = match self.divisions.insert(code.to_owned(), place) {
            None => Verdict::Add,
            Some(old) if old.name == called && old.until == until => Verdict::Same,
            Some(_) => Verdict::Change,
        };
        set(cells, last, until);
        Ok(verdict)
    }

    fn unit(&mut self, cells: &Cells, today: Date) -> Result<Verdict, String> {
        name(cell(cells, 1), 60)?;
        let kind = unit_kind(cell(cells, 2))
            .ok_or_else(|| format!("类别“{}”应是 县级、部门、乡镇、村 之一", cell(cells, 2)))?;
        let (division, superior) = (cell(cells, 3), cell(cells, 4));
        if !self.divisions.contains_key(division) {
            return Err(format!("没有区划 {division}"));
        }
        if !superior.is_empty() && !self.units.contains_key(superior) {
            return Err(format!("没有上级单位 {superior}"));
        }
        if rises_to(&self.units, superior, cell(cells, 0)) {
            return Err(circle(Kind::Units, cells));
        }
        let mut row: Vec<String> = (0..5).map(|at| cell(cells, at).to_owned()).collect();
        kind.clone_into(&mut row[2]);
        let old = self.units.get(cell(cells, 0));
        keep(&mut row, old, cells);
        row.push(retired(old.map(|old| old[5].as_str()), cells, 5, today)?);
        if old.is_none_or(|old| old[3] != division) && !self.in_use(division, today) {
            return Err(format!("区划 {division} 已停用"));
        }
        Ok(replaced(&mut self.units, cell(cells, 0), row))
    }

    fn post(&mut self, cells: &Cells) -> Result<Verdict, String> {
        let (code, unit, superior) = (cell(cells, 0), cell(cells, 1), cell(cells, 4));
        name(cell(cells, 2), 40)?;
        if !self.units.contains_key(unit) {
            return Err(format!("没有单位 {unit}"));
        }
        let old = self.posts.get(code).cloned();
        if old.as_ref().is_some_and(|old| old[1] != unit) {
            return Err("职务不能改到别的单位，请另立职务代码".to_owned());
        }
        if !superior.is_empty() && !self.posts.contains_key(superior) {
            return Err(format!("没有上级职务 {superior}"));
        }
        if rises_to(&self.posts, superior, code) {
            return Err(circle(Kind::Posts, cells));
        }
        let mut row: Vec<String> = (0..5).map(|at| cell(cells, at).to_owned()).collect();
        if row[3].is_empty() {
            row[3] = old.as_ref().map_or_else(|| row[2].clone(), |old| old[3].clone());
        }
        keep(&mut row, old.as_ref(), cells);
        Ok(replaced(&mut self.posts, code, row))
    }

    fn petition(&mut self, cells: &Cells, today: Date) -> Result<Verdict, String> {
        let bringing = self.petitions.as_mut().ok_or("信访事项请在网页上导入")?;
        Ok(match bringing.judge(cells, today)? {
            Brings::New => Verdict::Add,
            Brings::StateNumber => Verdict::Change,
            Brings::Nothing => Verdict::Same,
        })
    }

    fn household(&mut self, cells: &Cells, today: Date) -> Result<Verdict, String> {
        let (number, head, division, people) = (cell(cells, 0), cell(cells, 1), cell(cells, 2), cell(cells, 3));
        if number.len() > 32 {
            return Err("户号超过 32 位".to_owned());
        }
        if head.is_empty() {
            return Err("户主是空的".to_owned());
        }
        name(head, 30)?;
        let place = self.divisions.get(division).map(|place| place.kind.as_str());
        match place {
            None => return Err(format!("没有区划 {division}")),
            Some("village" | "community" | "group") => {}
            Some(_) => return Err(format!("{division} 不是村、社区或小组")),
        }
        let count: i64 = people.parse().map_err(|_| format!("人口“{people}”不是数字"))?;
        if !(0..=99).contains(&count) {
            return Err("人口应在 0 到 99 之间".to_owned());
        }
        let phone = cell(cells, 4).replace('-', "");
        if !phone.is_empty() && !crate::petitions::rules::is_phone(&phone) {
            return Err("手机号应是 11 位，座机请带区号".to_owned());
        }
        let old = self.households.get(number).cloned();
        // A sheet without phones, or with an empty one, takes nobody's phone away.
        let phone = if phone.is_empty() { old.as_ref().map_or_else(String::new, |old| old[3].clone()) } else { phone };
        let until = retired(old.as_ref().map(|old| old[4].as_str()), cells, 5, today)?;
        if old.as_ref().is_none_or(|old| old[1] != division) && !self.in_use(division, today) {
            return Err(format!("区划 {division} 已停用"));
        }
        let row = [head.to_owned(), division.to_owned(), count.to_string(), phone, until];
        let verdict = match &old {
            None => Verdict::Add,
            Some(old) if old[1][..12.min(old[1].len())] != row[1][..12.min(row[1].len())] => {
                return Err("这个户号在别的村，迁村请先由户册办理".to_owned());
            }
            Some(old) if *old == row => Verdict::Same,
            Some(_) => Verdict::Change,
        };
        self.households.insert(number.to_owned(), row);
        Ok(verdict)
    }
}

/// Whether `from` or what is above it is `code`: two posts would cancel each other's items.
fn rises_to(known: &HashMap<String, Vec<String>>, from: &str, code: &str) -> bool {
    let mut at = from;
    for _ in 0..=known.len() {
        if at == code {
            return true;
        }
        let Some(row) = known.get(at) else { return false };
        at = &row[4];
    }
    false
}

/// Why a unit or post cannot stand below one that stands below it.
pub(super) fn circle(kind: Kind, cells: &Cells) -> String {
    let (superior, what) = (cell(cells, 4), if kind == Kind::Units { "单位" } else { "职务" });
    if superior == cell(cells, 0) {
        return format!("上级{what}不能是自己");
    }
    format!("上级{what} {superior} 在这个{what}之下，上下级成了一圈")
}

/// What an optional column that the sheet lacks said before stays.
fn keep(row: &mut [String], old: Option<&Vec<String>>, cells: &Cells) {
    if let (Some(old), None) = (old, cells.get(4).cloned().flatten()) {
        row[4].clone_from(&old[4]);
    }
}

/// The code of what a place lies in; empty for the county.
pub fn parent_of(code: &str) -> &str {
    match code.len() {
        14 => &code[..12],
        12 => &code[..9],
        9 => &code[..6],
        _ => "",
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
