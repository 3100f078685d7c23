//! Judging rows against what the county has and against the rows above them. Pure: what is known is handed in.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::kinds::Kind;

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
    /// Places: name and kind.
    pub divisions: HashMap<String, (String, String)>,
    /// Units: the cells of an export.
    pub units: HashMap<String, Vec<String>>,
    /// Posts: the cells of an export.
    pub posts: HashMap<String, Vec<String>>,
    /// Names of officials by number.
    pub officials: HashMap<String, String>,
    /// Posts held, by number of the official and code of the post.
    pub held: HashSet<(String, String)>,
    /// Whose account a login is.
    pub logins: HashMap<String, String>,
    /// Households: head, division, people, phone.
    pub households: HashMap<String, [String; 4]>,
}

/// A row that was understood: its cells in the order of the kind's columns.
pub type Cells = Vec<Option<String>>;

fn cell(cells: &Cells, at: usize) -> &str {
    cells.get(at).and_then(Option::as_deref).unwrap_or_default()
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

fn name(text: &str, most: usize) -> Result<(), String> {
    match text.chars().count() {
        0 => Err("名称是空的".to_owned()),
        n if n > most => Err(format!("名称超过 {most} 个字")),
        _ => Ok(()),
    }
}

impl Known {
    /// Judges a row and, where it is good, knows it from then on. `today` bounds days; `opens_accounts` says whether
    /// whoever imports may open accounts.
    pub fn judge(
        &mut self,
        kind: Kind,
        cells: &Cells,
        seen: &mut HashSet<String>,
        today: Date,
        opens_accounts: bool,
    ) -> Verdict {
        let key = match kind {
            Kind::Officials => format!("{}\u{0}{}", cell(cells, 0), cell(cells, 2)),
            _ => cell(cells, 0).to_owned(),
        };
        let judged = match kind {
            _ if cell(cells, 0).is_empty() => Err(format!("{}是空的", kind.columns()[0].name)),
            _ if crate::sheet::lost_digits(cell(cells, 0)) => {
                Err("数字超过 15 位，Excel 已丢失末几位，请把该列设为文本后重填".to_owned())
            }
            _ if seen.contains(&key) => Err("与文件里前面的行重复".to_owned()),
            Kind::Divisions | Kind::Groups => self.division(kind, cells),
            Kind::Units => self.unit(cells),
            Kind::Posts => self.post(cells),
            Kind::Officials => self.official(cells, today, opens_accounts),
            Kind::Households => self.household(cells),
        };
        match judged {
            Ok(verdict) => {
                seen.insert(key);
                verdict
            }
            Err(reason) => Verdict::Refuse(reason),
        }
    }

    fn division(&mut self, kind: Kind, cells: &Cells) -> Result<Verdict, String> {
        let (code, called) = (cell(cells, 0), cell(cells, 1));
        let is = place_kind(code).filter(|is| (*is == "group") == (kind == Kind::Groups));
        let is = is.ok_or_else(|| match kind {
            Kind::Groups => format!("小组代码 {code} 应是 14 位数字：村代码加两位组号"),
            _ => format!("代码 {code} 不是 6、9 或 12 位数字"),
        })?;
        name(called, 40)?;
        let parent = parent_of(code);
        let given = cell(cells, 2);
        if kind == Kind::Divisions && is != "county" && !given.is_empty() && given != parent {
            return Err(format!("上级代码 {given} 与代码 {code} 不符"));
        }
        if is != "county" && !self.divisions.contains_key(parent) {
            return Err(format!("没有上级 {parent}"));
        }
        if is == "county"
            && self.divisions.values().any(|(_, kind)| kind == "county")
            && !self.divisions.contains_key(code)
        {
            return Err("一个数据库只有一个县".to_owned());
        }
        Ok(match self.divisions.insert(code.to_owned(), (called.to_owned(), is.to_owned())) {
            None => Verdict::Add,
            Some((old, _)) if old == called => Verdict::Same,
            Some(_) => Verdict::Change,
        })
    }

    fn unit(&mut self, cells: &Cells) -> Result<Verdict, String> {
        name(cell(cells, 1), 60)?;
        let kind = unit_kind(cell(cells, 2))
            .ok_or_else(|| format!("类别“{}”应是 县级、部门、乡镇、村 之一", cell(cells, 2)))?;
        let (division, superior) = (cell(cells, 3), cell(cells, 4));
        if !self.divisions.contains_key(division) {
            return Err(format!("没有区划 {division}"));
        }
        if superior == cell(cells, 0) || (!superior.is_empty() && !self.units.contains_key(superior)) {
            return Err(format!("没有上级单位 {superior}"));
        }
        let mut row: Vec<String> = (0..5).map(|at| cell(cells, at).to_owned()).collect();
        kind.clone_into(&mut row[2]);
        let old = self.units.get(cell(cells, 0)).cloned();
        keep(&mut row, old.as_ref(), cells);
        Ok(compare(old, row, cell(cells, 0), &mut self.units))
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
        if superior == code {
            return Err("上级职务不能是自己".to_owned());
        }
        if !superior.is_empty() && !self.posts.contains_key(superior) {
            return Err(format!("没有上级职务 {superior}"));
        }
        if self.rises_to(superior, code) {
            return Err(format!("上级职务 {superior} 在这个职务之下"));
        }
        let mut row: Vec<String> = (0..5).map(|at| cell(cells, at).to_owned()).collect();
        if row[3].is_empty() {
            row[3] = old.as_ref().map_or_else(|| row[2].clone(), |old| old[3].clone());
        }
        keep(&mut row, old.as_ref(), cells);
        Ok(compare(old, row, code, &mut self.posts))
    }

    /// Whether somebody above `from` is `code`: two posts would cancel each other's items.
    fn rises_to(&self, from: &str, code: &str) -> bool {
        let mut at = from;
        for _ in 0..self.posts.len() {
            let Some(post) = self.posts.get(at) else { return false };
            if post[4] == code {
                return true;
            }
            at = &post[4];
        }
        false
    }

    fn official(&mut self, cells: &Cells, today: Date, opens_accounts: bool) -> Result<Verdict, String> {
        let (number, called, post, login) = (cell(cells, 0), cell(cells, 1), cell(cells, 2), login(cells));
        name(called, 30)?;
        if !self.posts.contains_key(post) {
            return Err(format!("没有职务 {post}"));
        }
        let from = held_from(cells, today)?;
        if from > today {
            return Err("任职日期在今天以后".to_owned());
        }
        if !login.is_empty() {
            let plain =
                login.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte));
            match self.logins.get(&login) {
                Some(owner) if owner == number => {}
                Some(_) => return Err(format!("账号 {login} 已经是别人的")),
                None if !opens_accounts => return Err("开通账号由系统管理员办理，请去掉账号一列".to_owned()),
                None if !plain || !(3..=32).contains(&login.len()) => {
                    return Err("账号用 3 到 32 个小写字母或数字".to_owned());
                }
                None if self.logins.values().any(|owner| owner == number) => {
                    return Err("这位干部已有账号".to_owned());
                }
                None => {}
            }
        }
        let new_login = !login.is_empty() && self.logins.insert(login, number.to_owned()).is_none();
        let new_post = self.held.insert((number.to_owned(), post.to_owned()));
        let old = self.officials.insert(number.to_owned(), called.to_owned());
        Ok(match old {
            None => Verdict::Add,
            Some(old) if old == called && !new_post && !new_login => Verdict::Same,
            Some(_) => Verdict::Change,
        })
    }

    fn household(&mut self, cells: &Cells) -> Result<Verdict, String> {
        let (number, head, division, people) = (cell(cells, 0), cell(cells, 1), cell(cells, 2), cell(cells, 3));
        if number.len() > 32 {
            return Err("户号超过 32 位".to_owned());
        }
        if head.is_empty() {
            return Err("户主是空的".to_owned());
        }
        name(head, 30)?;
        let place = self.divisions.get(division).map(|(_, kind)| kind.as_str());
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
        let row = [head.to_owned(), division.to_owned(), count.to_string(), phone];
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

/// What an optional column that the sheet lacks said before stays.
fn keep(row: &mut [String], old: Option<&Vec<String>>, cells: &Cells) {
    if let (Some(old), None) = (old, cells.get(4).cloned().flatten()) {
        row[4].clone_from(&old[4]);
    }
}

fn compare(
    old: Option<Vec<String>>,
    row: Vec<String>,
    code: &str,
    known: &mut HashMap<String, Vec<String>>,
) -> Verdict {
    let verdict = match old {
        None => Verdict::Add,
        Some(old) if old == row => Verdict::Same,
        Some(_) => Verdict::Change,
    };
    known.insert(code.to_owned(), row);
    verdict
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

/// The login as it is kept.
pub fn login(cells: &Cells) -> String {
    cell(cells, 4).to_lowercase()
}

/// The first day in the post: today where the sheet does not say. 2025-3-1, 2025/03/01, 2025.3.1 and 20250301 are days.
pub fn held_from(cells: &Cells, today: Date) -> Result<Date, String> {
    let text = cell(cells, 3);
    if text.is_empty() {
        return Ok(today);
    }
    let wrong = || format!("任职日期“{text}”不是日期，应写成 2025-03-01");
    let plain = text.replace(['年', '月', '/', '.'], "-").replace('日', "");
    let parts: Vec<&str> = match plain.len() {
        8 if digits(&plain) => vec![&plain[..4], &plain[4..6], &plain[6..]],
        _ => plain.split('-').collect(),
    };
    let [year, month, day] = parts[..] else { return Err(wrong()) };
    let day = (year.parse().ok(), month.parse().ok(), day.parse().ok());
    let (Some(year), Some(month), Some(day)) = day else { return Err(wrong()) };
    Date::new(year, month, day).map_err(|_| wrong())
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
