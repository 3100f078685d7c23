//! Petitions that a sheet brings in (G7): rows judged against what is there and against the law, then written with a
//! number of ours, clocks from their own days and a record each. What is there already is never changed by a sheet;
//! only a number of the national system that was missing is added.

use std::collections::{HashMap, HashSet};

use anyhow::Context;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use sqlx::{AnyConnection, FromRow};

use super::columns::Column;
use super::full::{self, Full};
use super::rules::{Category, Channel, Course, Manner, Outcome, Ran, Resolution, Term, Theme, Told, spelled, title_of};
use super::store_brought;
use crate::accounts::Viewer;
use crate::chain::Actor;
use crate::db::Sql;
use crate::secrets::Purpose;
use crate::web::App;

/// What a good row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brings {
    /// A matter that is not here yet.
    New,
    /// The national number of one that is.
    StateNumber,
    /// Nothing: it stands here just so.
    Nothing,
}

/// The columns that are read, in their order; a row's cells stand in it.
pub fn columns() -> impl Iterator<Item = Column> {
    Column::ALL.iter().copied().filter(|column| column.comes_in())
}

/// A row in one spelling: of every column that the sheet has, what it says.
type Said = HashMap<Column, String>;

/// A matter that is ready to be written.
pub(super) struct Ready {
    pub(super) said: Said,
    pub(super) at: DateTime,
    pub(super) told: Told,
    pub(super) course: Course,
    /// Due day and whether it is provisional, clock by clock.
    pub(super) due: Vec<(Ran, Option<Date>, bool)>,
    pub(super) key: Vec<u8>,
}

impl Ready {
    pub(super) fn says(&self, column: Column) -> String {
        self.said.get(&column).cloned().unwrap_or_default()
    }
}

/// What the rows of one sheet are judged against, and what they bring.
pub struct Bringing {
    app: App,
    viewer: Viewer,
    /// Codes of places; and codes by name, from the township down, without blanks, those of today first.
    places: HashSet<String>,
    named: HashMap<String, Vec<(String, bool)>>,
    /// Units by code and by name.
    units: HashMap<String, (i64, String)>,
    /// Names that more than one unit has: a sheet, which names units, does not tell them apart.
    twice: HashSet<String>,
    known: Vec<Full>,
    /// Which of the known a number, a national number or a row is.
    by_number: HashMap<String, usize>,
    by_row: HashMap<Vec<u8>, Option<usize>>,
    /// National numbers that are taken, by whom, as far as this viewer finds it.
    taken: HashMap<String, Option<usize>>,
    /// Numbers and rows that stood above.
    above: HashSet<String>,
    pub(super) ready: Vec<Ready>,
    /// National numbers to be added.
    pub(super) numbers: Vec<(i64, String)>,
}

impl std::fmt::Debug for Bringing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bringing").field("ready", &self.ready.len()).finish_non_exhaustive()
    }
}

#[derive(FromRow)]
struct Division {
    code: String,
    name: String,
    parent: String,
    used: i64,
}

impl Bringing {
    /// Reads what the rows refer to, as far as whoever brings them finds it.
    pub async fn of(
        read: &mut AnyConnection,
        app: &App,
        actor: Actor,
        rows: &[Vec<Option<String>>],
    ) -> anyhow::Result<Self> {
        let viewer = viewer(read, app, actor).await?;
        let divisions: Vec<Division> = sqlx::query_as(
            "SELECT code, name, COALESCE(parent, '') AS parent,
                    CAST(CASE WHEN valid_to IS NULL OR valid_to > $1 THEN 1 ELSE 0 END AS BIGINT) AS used FROM division",
        )
        .bind(app.today().to_string())
        .fetch_all(&mut *read)
        .await?;
        let units: Vec<(i64, String, String)> =
            sqlx::query_as("SELECT id, code, name FROM unit ORDER BY CASE WHEN valid_to IS NULL THEN 1 ELSE 0 END, id")
                .fetch_all(&mut *read)
                .await?;
        let twice: Vec<(String,)> =
            sqlx::query_as("SELECT name FROM unit WHERE valid_to IS NULL GROUP BY name HAVING COUNT(*) > 1")
                .fetch_all(&mut *read)
                .await?;
        let mut this = Self {
            app: app.clone(),
            viewer,
            places: divisions.iter().map(|place| place.code.clone()).collect(),
            named: names(&divisions),
            units: units
                .into_iter()
                .flat_map(|(id, code, name)| [(code, (id, name.clone())), (name.clone(), (id, name))])
                .collect(),
            twice: twice.into_iter().map(|(name,)| name).collect(),
            known: Vec::new(),
            by_number: HashMap::new(),
            by_row: HashMap::new(),
            taken: HashMap::new(),
            above: HashSet::new(),
            ready: Vec::new(),
            numbers: Vec::new(),
        };
        let said: Vec<Said> = rows.iter().filter_map(|row| this.said(row).ok()).collect();
        this.look_up(read, &said).await?;
        Ok(this)
    }

    /// Which petitions the rows mean: by number, by national number, by having been brought in before.
    async fn look_up(&mut self, read: &mut AnyConnection, said: &[Said]) -> anyhow::Result<()> {
        let (mut ids, mut holders, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for part in said.chunks(200) {
            let of =
                |column: Column| part.iter().filter_map(move |said| said.get(&column)).filter(|text| !text.is_empty());
            let mut sql = Sql::new("SELECT id, number FROM petition WHERE number IN (''");
            of(Column::Number).for_each(|number| {
                sql.push(", ").bind(number.clone());
            });
            sql.push(")");
            ids.extend(sql.fetch_all::<(i64, String)>(&mut *read).await?.into_iter().map(|(id, _)| id));
            let mut sql = Sql::new("SELECT petition, number FROM state_number WHERE number IN (''");
            of(Column::StateNumber).for_each(|number| {
                sql.push(", ").bind(number.clone());
            });
            sql.push(")");
            holders.extend(sql.fetch_all::<(i64, String)>(&mut *read).await?);
            let keys: Vec<Vec<u8>> = part.iter().map(|said| self.key(said)).collect();
            let mut sql = Sql::new("SELECT petition, row_key FROM petition_origin WHERE row_key IN (");
            for (index, key) in keys.into_iter().enumerate() {
                sql.push(if index == 0 { "" } else { ", " }).bind(key);
            }
            sql.push(")");
            rows.extend(sql.fetch_all::<(i64, Vec<u8>)>(&mut *read).await?);
        }
        ids.extend(holders.iter().map(|(id, _)| *id));
        ids.extend(rows.iter().map(|(id, _)| *id));
        ids.sort_unstable();
        ids.dedup();
        for part in ids.chunks(full::PAGE) {
            self.known.extend(full::of(read, &self.app, &self.viewer, part).await?);
        }
        let places: HashMap<i64, usize> = self.known.iter().enumerate().map(|(at, full)| (full.id, at)).collect();
        self.by_number = self.known.iter().enumerate().map(|(at, full)| (full.number.clone(), at)).collect();
        self.taken = holders.into_iter().map(|(id, number)| (number, places.get(&id).copied())).collect();
        self.by_row = rows.into_iter().map(|(id, key)| (key, places.get(&id).copied())).collect();
        Ok(())
    }

    /// Judges a row; what is good is remembered and written later.
    pub fn judge(&mut self, cells: &[Option<String>], today: Date) -> Result<Brings, String> {
        let said = self.said(cells)?;
        let key = self.key(&said);
        let text = |column: Column| said.get(&column).map_or("", String::as_str);
        let (number, state_number) = (text(Column::Number), text(Column::StateNumber));
        let marks = [number, state_number].into_iter().filter(|mark| !mark.is_empty()).map(str::to_owned);
        let marks: Vec<String> = marks.chain([crate::secrets::hex(&key)]).collect();
        if marks.iter().any(|mark| self.above.contains(mark)) {
            return Err("与文件里前面的行重复".to_owned());
        }
        let known = if number.is_empty() {
            match self.taken.get(state_number) {
                Some(None) => return Err("这个国家编号已经登在别的事项上".to_owned()),
                Some(Some(at)) => Some(*at),
                None => match self.by_row.get(&key) {
                    // Brought in before, and since then kept from whoever brings it again.
                    Some(None) => return Ok(Brings::Nothing),
                    found => found.copied().flatten(),
                },
            }
        } else {
            let found = self.by_number.get(number).copied();
            Some(found.ok_or_else(|| format!("没有编号 {number}；新的事项请把编号留空，导入时编号"))?)
        };
        let brings = match known {
            Some(at) => self.again(at, &said)?,
            None => {
                let ready = self.new_matter(said, key, today)?;
                self.ready.push(ready);
                Brings::New
            }
        };
        self.above.extend(marks);
        Ok(brings)
    }

    /// A row of a matter that is here.
    fn again(&mut self, at: usize, said: &Said) -> Result<Brings, String> {
        let known = &self.known[at];
        let follows = [Column::Number, Column::StateNumber, Column::Township, Column::Place];
        let differs = |column: &Column| {
            let says = said.get(column).filter(|says| !says.is_empty());
            !follows.contains(column) && says.is_some_and(|says| *says != known.text(*column))
        };
        let other: Vec<&str> = columns().filter(differs).map(Column::label).collect();
        if !other.is_empty() {
            let other = other.join("、");
            return Err(format!(
                "{} 已在系统里，这几列与系统里的不同：{other}；请在卡片上办理，表格不更改已有的事项",
                known.number
            ));
        }
        let number = said.get(&Column::StateNumber).cloned().unwrap_or_default();
        if number.is_empty() || number == known.state_number {
            return Ok(Brings::Nothing);
        }
        if self.taken.contains_key(&number) {
            return Err("这个国家编号已经登在别的事项上".to_owned());
        }
        if !known.state_number.is_empty() {
            return Err(format!("{} 的国家编号是 {}，要更正请在卡片上更正", known.number, known.state_number));
        }
        self.numbers.push((known.id, number));
        Ok(Brings::StateNumber)
    }

    fn new_matter(&self, mut said: Said, key: Vec<u8>, today: Date) -> Result<Ready, String> {
        for column in [Column::Channel, Column::Received, Column::Content, Column::Division] {
            if said.get(&column).is_none_or(String::is_empty) {
                let name = if column == Column::Division { Column::Place } else { column };
                return Err(format!("{}是空的", name.label()));
            }
        }
        if said.get(&Column::Title).is_none_or(String::is_empty) {
            said.insert(Column::Title, title_of(&said[&Column::Content]));
        }
        if !said[&Column::Division].starts_with(&self.viewer.place) {
            return Err("地点不在您所在单位的范围内".to_owned());
        }
        let text = |column: Column| said.get(&column).map_or("", String::as_str);
        let anonymous = matches!(text(Column::Lead), "" | "匿名");
        let others = text(Column::Others).split('、').filter(|name| !name.is_empty()).count();
        if anonymous && [Column::Phone, Column::Address, Column::Others].iter().any(|column| !text(*column).is_empty())
        {
            return Err("匿名的事项不应有电话、住址和代表".to_owned());
        }
        let named = i64::try_from(others).unwrap_or(i64::MAX) + 1;
        let people = match text(Column::People) {
            "" => named,
            people => people.parse().unwrap_or(0),
        };
        if people < named {
            return Err("人数比代表还少".to_owned());
        }
        said.insert(Column::People, people.to_string());
        let text = |column: Column| said.get(&column).map_or("", String::as_str);
        let day = |column: Column| text(column).parse::<Date>().ok();
        let at: DateTime = text(Column::Received).parse().map_err(|_| "收到时间读不出来".to_owned())?;
        let unit = |name: &str| self.units.get(name).map(|(id, _)| *id);
        let against: Vec<i64> = text(Column::Against).split('、').filter_map(unit).collect();
        if against.contains(&self.viewer.unit) {
            return Err("反映的是本单位，请由县委督查室等其他单位登记".to_owned());
        }
        let told = Told {
            received: at.date(),
            anonymous,
            category: labelled(Category::ALL, Category::label, text(Column::Category)).unwrap_or(Category::Unsorted),
            branch: text(Column::Branch).parse().ok(),
            receiver: self.viewer.unit,
            against,
            unit: unit(text(Column::Unit)),
            dispatched: day(Column::Dispatched),
            accepted: day(Column::Accepted),
            notified: day(Column::Notified),
            answered: day(Column::Answered),
            outcome: labelled(Outcome::ALL, Outcome::label, text(Column::Outcome)),
            served: day(Column::Served),
            manner: labelled(Manner::ALL, Manner::label, text(Column::Manner)),
            closed: day(Column::Closed),
            resolution: labelled(Resolution::ALL, Resolution::label, text(Column::Resolution)),
            organ: text(Column::Organ).to_owned(),
            forwarded: day(Column::Forwarded),
        };
        let no_law = |_| format!("收到时间 {} 早于《信访条例》施行，没有期限可算", told.received);
        let extension = Term::of_extension(&self.app.policy, told.received).map_err(no_law)?;
        let course = told.course(extension, today)?;
        let mut due = Vec::new();
        for ran in &course.clocks {
            let run = policy::Run::new(ran.clock, ran.from);
            let deadline =
                policy::deadline(&self.app.policy, &self.app.calendar, &run).map_err(|why| why.to_string())?;
            due.push((*ran, deadline.due, deadline.provisional));
        }
        Ok(Ready { said, at, told, course, due, key })
    }

    /// The cells of a row in one spelling, places and units looked up.
    fn said(&self, cells: &[Option<String>]) -> Result<Said, String> {
        let mut said = Said::new();
        for (column, cell) in columns().zip(cells) {
            let Some(text) = cell else { continue };
            said.insert(column, spelled(column, text)?);
        }
        let text = |said: &Said, column: Column| said.get(&column).cloned().unwrap_or_default();
        let unit = |name: &str| match self.units.get(name) {
            Some((_, name)) if self.twice.contains(name) => {
                Err(format!("有几个单位都叫“{name}”，表格里分不清，请在窗口登记"))
            }
            Some((_, name)) => Ok(name.clone()),
            None => Err(format!("没有单位“{name}”")),
        };
        if !text(&said, Column::Unit).is_empty() {
            said.insert(Column::Unit, unit(&text(&said, Column::Unit))?);
        }
        let against = text(&said, Column::Against);
        let against = against.split(['、', '，', ',']).map(str::trim).filter(|name| !name.is_empty());
        let mut against: Vec<String> = against.map(unit).collect::<Result<_, _>>()?;
        if !against.is_empty() {
            against.sort();
            said.insert(Column::Against, against.join("、"));
        }
        let code = crate::sheet::code(&text(&said, Column::Division));
        if code.is_empty() {
            let (township, place) = (text(&said, Column::Township), text(&said, Column::Place));
            if !township.is_empty() || !place.is_empty() {
                said.insert(Column::Division, self.place(&township, &place)?);
            }
        } else if self.places.contains(&code) {
            said.insert(Column::Division, code);
        } else {
            return Err(format!("没有区划代码 {code}"));
        }
        Ok(said)
    }

    /// The code of a place by its name.
    fn place(&self, township: &str, place: &str) -> Result<String, String> {
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        let (township, place) = (bare(township), bare(place));
        let whole = format!("{township}{place}");
        // The township may stand in both.
        let names = [whole.as_str(), if place.starts_with(&township) { &place } else { &whole }];
        let found = names.iter().find_map(|name| self.named.get(*name));
        let Some(found) = found else {
            return Err(format!("没有找到地点“{whole}”，请写乡镇和村，或者写区划代码"));
        };
        let in_use: Vec<&String> = found.iter().filter(|(_, used)| *used).map(|(code, _)| code).collect();
        let all: Vec<&String> = found.iter().map(|(code, _)| code).collect();
        match (&in_use[..], &all[..]) {
            ([one], _) | ([], [one]) => Ok((*one).clone()),
            _ => Err(format!("叫“{whole}”的地方有几处，请写区划代码")),
        }
    }

    /// What tells a row from every other, kept as a keyed hash: it names people.
    fn key(&self, said: &Said) -> Vec<u8> {
        let columns = [Column::Channel, Column::Received, Column::Lead, Column::Division, Column::Content];
        let said: Vec<&str> = columns.iter().map(|column| said.get(column).map_or("", String::as_str)).collect();
        self.app.keys.keyed(Purpose::SheetRow, &said.join("\u{0}"))
    }

    /// Writes what the good rows bring, in the order in which the matters came in.
    pub async fn write(&mut self, write: &mut AnyConnection, actor: Actor, run: i64) -> anyhow::Result<()> {
        self.ready.sort_by_key(|ready| ready.at);
        store_brought::write(write, &self.app, actor, run, &self.ready, &self.numbers, &|name| {
            self.units.get(name).map(|(id, _)| *id)
        })
        .await
    }
}

/// The value of a label.
fn labelled<T: Copy>(all: &[T], label: fn(T) -> &'static str, text: &str) -> Option<T> {
    all.iter().copied().find(|one| label(*one) == text)
}

/// Places by every name that says which they are: their own, with what they lie in, and with what that lies in.
fn names(divisions: &[Division]) -> HashMap<String, Vec<(String, bool)>> {
    let by_code: HashMap<&str, &Division> = divisions.iter().map(|place| (place.code.as_str(), place)).collect();
    let mut named: HashMap<String, Vec<(String, bool)>> = HashMap::new();
    for place in divisions {
        let (mut name, mut above) = (place.name.clone(), place.parent.as_str());
        loop {
            named.entry(name.clone()).or_default().push((place.code.clone(), place.used == 1));
            match by_code.get(above) {
                // Nobody writes the county before a village.
                Some(higher) if higher.code.len() > 6 => {
                    name = format!("{}{name}", higher.name);
                    above = &higher.parent;
                }
                _ => break,
            }
        }
    }
    named
}

/// Whoever brings the sheet, as the ledger sees him or her.
async fn viewer(read: &mut AnyConnection, app: &App, actor: Actor) -> anyhow::Result<Viewer> {
    let official = actor.official.context("信访事项请在网页上导入：导入的人要写进存证")?;
    let appointment = actor.appointment.context("whoever acts holds a post")?;
    let (post, unit, place): (i64, i64, String) = sqlx::query_as(
        "SELECT p.id, u.id, u.division FROM appointment a JOIN post p ON p.id = a.post JOIN unit u ON u.id = p.unit
          WHERE a.id = $1",
    )
    .bind(appointment)
    .fetch_one(&mut *read)
    .await?;
    let roles: Vec<(String,)> =
        sqlx::query_as("SELECT role FROM role_grant WHERE appointment = $1").bind(appointment).fetch_all(read).await?;
    Ok(Viewer {
        account: 0,
        official,
        name: String::new(),
        appointment,
        post,
        post_title: String::new(),
        unit,
        unit_name: String::new(),
        place,
        roles: roles.into_iter().map(|(role,)| role).collect(),
        day: app.today(),
    })
}

/// The channel and theme of a ready matter as words of the database.
pub(super) fn words(ready: &Ready) -> (&'static str, &'static str) {
    let channel = labelled(Channel::ALL, Channel::label, &ready.says(Column::Channel)).unwrap_or(Channel::Visit);
    let theme = labelled(Theme::ALL, Theme::label, &ready.says(Column::Theme)).unwrap_or(Theme::Other);
    (channel.word(), theme.word())
}

/// The instant of a time in China, in milliseconds.
pub(super) fn instant(at: DateTime) -> i64 {
    Offset::constant(8).to_timestamp(at).map_or(0, jiff::Timestamp::as_millisecond)
}
