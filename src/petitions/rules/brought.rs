//! What a sheet says of a matter that was handled elsewhere: its cells in one spelling, and its course told again to
//! the same state machine, so that its clocks run from the days of the sheet.

use jiff::civil::{Date, DateTime};
use policy::Clock;

use super::acts::{Act, Manner, Outcome, Paper, Part, Party, Refused, Resolution};
use super::{Category, Channel, Matter, State, Term, Theme, Tick, is_phone, state_number};
use crate::petitions::columns::{Cell, Column};
use crate::sheet;

/// A cell in the one spelling in which it is kept, compared and exported; or why it cannot be read. Places and units
/// are the caller's to look up.
pub fn spelled(column: Column, text: &str) -> Result<String, String> {
    let wrong = |what: &str| Err(format!("{}“{text}”{what}", column.label()));
    let one_of = |labels: &mut dyn Iterator<Item = &'static str>| {
        let labels: Vec<&str> = labels.collect();
        match labels.iter().find(|label| **label == text) {
            Some(label) => Ok((*label).to_owned()),
            None => wrong(&format!("应是 {} 之一", labels.join("、"))),
        }
    };
    let length = text.chars().count();
    match column {
        Column::Received => Ok(received(text)?.strftime("%Y-%m-%d %H:%M").to_string()),
        Column::Lead => match text {
            "" | "匿名" => Ok("匿名".to_owned()),
            _ if length > 30 => wrong("超过 30 个字"),
            _ => Ok(text.to_owned()),
        },
        Column::Channel => match channel(text) {
            Some(channel) => Ok(channel.to_string()),
            None => wrong("应是 来访、来信、来电、传真、网上 之一"),
        },
        Column::Theme if text.is_empty() => Ok(Theme::Other.to_string()),
        Column::Theme => one_of(&mut Theme::ALL.iter().map(|theme| theme.label())),
        Column::Category if text.is_empty() => Ok(Category::Unsorted.to_string()),
        Column::Category => one_of(&mut Category::ALL.iter().map(|category| category.label())),
        _ if text.is_empty() => Ok(String::new()),
        Column::StateNumber => match state_number(text) {
            Some(number) => Ok(number),
            None => wrong("应由字母、数字组成，6 到 40 位"),
        },
        Column::Phone => {
            let digits: String = text.chars().filter(|c| *c != '-').collect();
            if is_phone(&digits) { Ok(digits) } else { wrong("不是电话：手机号 11 位，座机请带区号") }
        }
        Column::Others => {
            let names = text.split(['、', '，', ',', '；', ';', '\n']).map(str::trim).filter(|name| !name.is_empty());
            let names: Vec<&str> = names.collect();
            match names.len() {
                ..=4 => Ok(names.join("、")),
                _ => Err("代表连同信访人不超过 5 人（《信访工作条例》第二十条）".to_owned()),
            }
        }
        Column::People => match text.parse::<u32>() {
            Ok(people @ 1..=100_000) => Ok(people.to_string()),
            _ => wrong("应是 1 到 100000 的数字"),
        },
        Column::Title if length > 60 => Err("事项超过 60 个字".to_owned()),
        Column::Content if !(5..=10_000).contains(&length) => Err("内容应有 5 到 10000 个字".to_owned()),
        Column::Branch => match text.chars().next().and_then(|first| first.to_digit(10)) {
            Some(branch @ 1..=6) => Ok(branch.to_string()),
            _ => wrong("应是 1 到 6：《信访工作条例》第三十一条的哪一项"),
        },
        Column::Outcome => one_of(&mut Outcome::ALL.iter().map(|outcome| outcome.label())),
        Column::Manner => one_of(&mut Manner::ALL.iter().map(|manner| manner.label())),
        Column::Resolution => one_of(&mut Resolution::ALL.iter().map(|resolution| resolution.label())),
        Column::Organ if length > 60 => Err("转送机关超过 60 个字".to_owned()),
        _ if column.cell() == Cell::Day => sheet::day(column.label(), text).map(|day| day.to_string()),
        _ => Ok(text.to_owned()),
    }
}

/// The five forms as offices write them.
fn channel(text: &str) -> Option<Channel> {
    let by_label = Channel::ALL.iter().find(|channel| channel.label() == text).copied();
    by_label.or(match text {
        "走访" => Some(Channel::Visit),
        "书信" | "信件" => Some(Channel::Letter),
        "电话" | "12345" => Some(Channel::Call),
        "网络" | "网上信访" | "信息网络" | "网信" => Some(Channel::Web),
        _ => None,
    })
}

/// A day with the time where it is told: 2026-03-02 9:30, 2026年3月2日9时, 2026-03-02.
pub fn received(text: &str) -> Result<DateTime, String> {
    let wrong = || format!("收到时间“{text}”应写成 2026-03-02 09:30，不知道钟点的只写日期");
    let (day, time) = match text.split_once([' ', 'T', '日']) {
        Some((day, time)) => (day, time.trim()),
        None => (text, ""),
    };
    let day = sheet::day("收到时间", day).map_err(|_| wrong())?;
    let mut parts = time.split([':', '：', '时', '点', '分']).filter(|part| !part.is_empty());
    let mut number = || parts.next().map_or(Some(0), |part| part.trim().parse::<i8>().ok());
    let (hour, minute) = (number().ok_or_else(wrong)?, number().ok_or_else(wrong)?);
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) {
        return Err(wrong());
    }
    Ok(day.at(hour, minute, 0, 0))
}

/// What a sheet says of the course of a matter.
#[derive(Clone, Debug)]
pub struct Told {
    /// When it came in.
    pub received: Date,
    /// Nobody gave a name.
    pub anonymous: bool,
    /// Its category.
    pub category: Category,
    /// Branch of art. 31.
    pub branch: Option<i64>,
    /// The unit that brings it in, and disposes of it where nobody has.
    pub receiver: i64,
    /// Units to be kept from it.
    pub against: Vec<i64>,
    /// The unit to which it was given.
    pub unit: Option<i64>,
    /// When.
    pub dispatched: Option<Date>,
    /// 受理.
    pub accepted: Option<Date>,
    /// The notice arrived.
    pub notified: Option<Date>,
    /// The opinion was issued.
    pub answered: Option<Date>,
    /// What it said.
    pub outcome: Option<Outcome>,
    /// The opinion arrived.
    pub served: Option<Date>,
    /// How the papers arrived.
    pub manner: Option<Manner>,
    /// 办结.
    pub closed: Option<Date>,
    /// What it came to.
    pub resolution: Option<Resolution>,
    /// Where it was forwarded to; empty where it was not.
    pub organ: String,
    /// When.
    pub forwarded: Option<Date>,
}

/// A clock as it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Which.
    pub clock: Clock,
    /// The day on which it began.
    pub from: Date,
    /// The day on which it stopped; nothing: it runs.
    pub stopped: Option<Date>,
}

/// How far a matter has come, and its clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// How far.
    pub state: State,
    /// Responsible now.
    pub unit: Option<i64>,
    /// In the order in which they began.
    pub clocks: Vec<Ran>,
}

/// Somebody of the office and somebody of the unit: who it was, a sheet does not say.
const OFFICE: i64 = -1;
const HANDLER: i64 = -2;

impl Told {
    /// Its course by the rules that hold for every other matter; only the end is taken as the sheet tells it, since
    /// call-backs of old are not in it.
    pub fn course(&self, extension: Term, today: Date) -> Result<Course, String> {
        self.is_whole()?;
        self.is_in_order(today)?;
        let office = Party { official: Some(OFFICE), unit: Some(self.receiver) };
        let handler = Party { official: Some(HANDLER), unit: self.unit };
        let mut walk = Walk {
            matter: self.registered(extension),
            ran: vec![Ran { clock: Clock::Registration, from: self.received, stopped: None }],
        };
        if self.category == Category::Unsorted {
            if self.branch.is_some() {
                return Err("写了情形，请写类别".to_owned());
            }
        } else {
            walk.step("类别", self.received, office, &Act::Classify { category: self.category, branch: self.branch })?;
        }
        if let Some(on) = self.forwarded {
            walk.step("转送日期", on, office, &Act::Forward { organ: String::new(), letter: String::new() })?;
        }
        if let (Some(on), Some(unit)) = (self.dispatched, self.unit) {
            walk.step("交办日期", on, office, &Act::Assign { unit, part: Part::Lead, instruction: String::new() })?;
        }
        if let Some(on) = self.accepted {
            walk.step("受理日期", on, handler, &Act::Accept { path: String::new() })?;
        }
        if let Some(on) = self.answered {
            let (outcome, words) = (self.outcome.unwrap_or(Outcome::Explained), String::new);
            let act = Act::Issue { outcome, request: words(), facts: words(), basis: words(), reply: words() };
            walk.step("答复日期", on, handler, &act)?;
        }
        for (name, paper, on) in
            [("告知日期", Paper::Notice, self.notified), ("答复送达日期", Paper::Opinion, self.served)]
        {
            if let Some(on) = on {
                // Who signed is not in the sheet.
                let act = Act::Serve { paper, on, manner: Manner::Post, signed_by: String::new() };
                walk.step(name, on, handler, &act)?;
            }
        }
        if let Some(on) = self.closed {
            if !self.anonymous && self.served.is_none() {
                return Err(format!("办结日期：{}", Refused::Unserved));
            }
            walk.matter.state = State::Closed;
            walk.tick(&[Tick::Stop(Clock::Notice, on), Tick::Stop(Clock::Handling, on)]);
        }
        walk.ran.sort_by_key(|ran| ran.from);
        Ok(Course { state: walk.matter.state, unit: walk.matter.unit, clocks: walk.ran })
    }

    /// What belongs together is there together.
    fn is_whole(&self) -> Result<(), String> {
        let need = |holds: bool, why: &str| if holds { Ok(()) } else { Err(why.to_owned()) };
        need(self.dispatched.is_none() || self.unit.is_some(), "写了交办日期，请写责任单位")?;
        let own = self.unit.is_none() || self.unit == Some(self.receiver);
        need(self.dispatched.is_some() || own, "写了责任单位，请写交办日期")?;
        need(self.accepted.is_none() || self.dispatched.is_some(), "写了受理日期，请写交办日期")?;
        need(self.notified.is_none() || self.accepted.is_some(), "写了告知日期，请写受理日期")?;
        need(self.answered.is_none() || self.accepted.is_some(), "写了答复日期，请写受理日期")?;
        need(self.answered.is_some() == self.outcome.is_some(), "答复日期和答复结果要一起写")?;
        need(self.served.is_none() || self.answered.is_some(), "写了答复送达日期，请写答复日期")?;
        let papers = self.notified.is_some() || self.served.is_some();
        need(!papers || self.manner.is_some(), "写了告知或送达日期，请写送达方式")?;
        need(self.closed.is_none() || self.answered.is_some(), "写了办结日期，请写答复日期")?;
        need(self.closed.is_some() == self.resolution.is_some(), "办结日期和办结结果要一起写")?;
        need(self.forwarded.is_some() != self.organ.is_empty(), "转送机关和转送日期要一起写")
    }

    /// No step comes before the one that it needs, and none is still to come.
    fn is_in_order(&self, today: Date) -> Result<(), String> {
        let steps = [
            ("收到时间", Some(self.received)),
            ("转送日期", self.forwarded),
            ("交办日期", self.dispatched),
            ("受理日期", self.accepted),
            ("答复日期", self.answered),
            ("答复送达日期", self.served),
            ("办结日期", self.closed),
        ];
        let mut before = steps[0];
        for (name, on) in steps.into_iter().chain([("告知日期", self.notified)]) {
            let Some(day) = on else { continue };
            if day > today {
                return Err(format!("{name} {day} 还没有到"));
            }
            // The notice comes after the acceptance and before the end; where the answer stands does not matter.
            let (earlier, last) = if name == "告知日期" { ("受理日期", self.accepted) } else { before };
            if last.is_some_and(|last| day < last) {
                return Err(format!("{name} {day} 早于{earlier}"));
            }
            if name == "告知日期" && self.closed.is_some_and(|closed| day > closed) {
                return Err(format!("{name} {day} 晚于办结日期"));
            }
            before = (name, on);
        }
        Ok(())
    }

    fn registered(&self, extension: Term) -> Matter {
        Matter {
            state: State::Registered,
            category: Category::Unsorted,
            branch: None,
            anonymous: self.anonymous,
            registered_by: Some(OFFICE),
            receiver: Some(self.receiver),
            unit: Some(self.receiver),
            handler: None,
            lead: None,
            helpers: Vec::new(),
            dispute: None,
            designated: Vec::new(),
            recused_units: self.against.clone(),
            recused_officials: Vec::new(),
            running: vec![Clock::Registration],
            handling_due: None,
            extension,
            extended_on: None,
            excludes: Vec::new(),
            notice_served: false,
            extension_served: false,
            unreachable: None,
            forwarded_on: None,
            forwarding_served: false,
            opinion: None,
            acknowledged: None,
            call_backs: Vec::new(),
            closed_on: None,
            leader: None,
            withdrawn: None,
            to_execute: false,
            opined: false,
        }
    }
}

/// A matter on its way through the days of a sheet.
struct Walk {
    matter: Matter,
    ran: Vec<Ran>,
}

impl Walk {
    fn step(&mut self, name: &str, on: Date, by: Party, act: &Act) -> Result<(), String> {
        let (next, ticks) = self.matter.after(by, act, on).map_err(|refused| format!("{name}：{refused}"))?;
        self.matter = next;
        self.tick(&ticks);
        Ok(())
    }

    fn tick(&mut self, ticks: &[Tick]) {
        for tick in ticks {
            match *tick {
                Tick::Start(clock, from) => self.ran.push(Ran { clock, from, stopped: None }),
                Tick::Stop(clock, on) => {
                    let running = self.ran.iter_mut().filter(|ran| ran.clock == clock && ran.stopped.is_none());
                    running.for_each(|ran| ran.stopped = Some(on));
                }
                // A sheet tells of none of these.
                Tick::Extend(..) | Tick::Suspend(..) | Tick::Resume(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn told() -> Told {
        Told {
            received: date(2026, 3, 2),
            anonymous: false,
            category: Category::Claim,
            branch: Some(6),
            receiver: 1,
            against: Vec::new(),
            unit: Some(2),
            dispatched: Some(date(2026, 3, 5)),
            accepted: Some(date(2026, 3, 9)),
            notified: Some(date(2026, 3, 10)),
            answered: Some(date(2026, 4, 20)),
            outcome: Some(Outcome::Supported),
            served: Some(date(2026, 4, 22)),
            manner: Some(Manner::InPerson),
            closed: Some(date(2026, 5, 6)),
            resolution: Some(Resolution::Resolved),
            organ: String::new(),
            forwarded: None,
        }
    }

    fn course(told: &Told) -> Result<Course, String> {
        told.course(Term { days: 30, article: String::new() }, date(2026, 11, 2))
    }

    #[test]
    fn its_clocks_run_from_the_days_of_the_sheet() {
        let course = course(&told()).unwrap();
        let ran = |clock, from, stopped| Ran { clock, from, stopped };
        assert_eq!(course.state, State::Closed);
        assert_eq!(course.unit, Some(2));
        assert_eq!(
            course.clocks,
            [
                ran(Clock::Registration, date(2026, 3, 2), Some(date(2026, 3, 5))),
                ran(Clock::Notice, date(2026, 3, 5), Some(date(2026, 3, 10))),
                ran(Clock::Objection, date(2026, 3, 5), Some(date(2026, 3, 9))),
                ran(Clock::Handling, date(2026, 3, 9), Some(date(2026, 4, 22))),
                ran(Clock::ReviewRequest, date(2026, 4, 22), None),
            ]
        );
        let open = Told { answered: None, outcome: None, served: None, closed: None, resolution: None, ..told() };
        let open = super::tests::course(&open).unwrap();
        assert_eq!(open.state, State::Accepted);
        assert_eq!(open.clocks[3], ran(Clock::Handling, date(2026, 3, 9), None));
    }

    #[test]
    fn what_the_law_does_not_let_happen_does_not_come_in() {
        type Change = fn(&mut Told);
        let cases: [(&str, Change); 12] = [
            ("写了责任单位，请写交办日期", |told| {
                *told = Told { dispatched: None, accepted: None, notified: None, ..told.clone() };
                *told = Told {
                    answered: None,
                    outcome: None,
                    served: None,
                    closed: None,
                    resolution: None,
                    ..told.clone()
                };
            }),
            ("受理日期 2026-03-04 早于交办日期", |told| told.accepted = Some(date(2026, 3, 4))),
            ("告知日期 2026-03-08 早于受理日期", |told| told.notified = Some(date(2026, 3, 8))),
            ("告知日期 2026-05-07 晚于办结日期", |told| told.notified = Some(date(2026, 5, 7))),
            ("办结日期 2026-11-03 还没有到", |told| told.closed = Some(date(2026, 11, 3))),
            ("答复日期和答复结果要一起写", |told| told.outcome = None),
            ("办结日期和办结结果要一起写", |told| told.resolution = None),
            ("写了告知或送达日期，请写送达方式", |told| told.manner = None),
            ("办结日期：处理意见书还没有送达", |told| told.served = None),
            ("类别：申诉求决类请选择", |told| told.branch = None),
            ("交办日期：检举控告应当转送", |told| (told.category, told.branch) = (Category::Report, None)),
            ("交办日期：该单位或人员应当回避", |told| told.against = vec![2]),
        ];
        for (why, change) in cases {
            let mut told = told();
            change(&mut told);
            let refused = course(&told).unwrap_err();
            assert!(refused.starts_with(why), "{refused} / {why}");
        }
    }

    #[test]
    fn cells_come_into_one_spelling() {
        let spelled = |column, text| spelled(column, text);
        for text in ["2026-03-02 09:30", "2026年3月2日9时30分", "2026/3/2 9:30", "20260302 9：30"] {
            assert_eq!(spelled(Column::Received, text).as_deref(), Ok("2026-03-02 09:30"), "{text}");
        }
        assert_eq!(spelled(Column::Received, "2026-03-02").as_deref(), Ok("2026-03-02 00:00"));
        assert!(spelled(Column::Received, "三月二日").is_err());
        assert!(spelled(Column::Received, "2026-03-02 24:00").is_err());
        assert_eq!(spelled(Column::Lead, "").as_deref(), Ok("匿名"));
        assert_eq!(spelled(Column::Channel, "走访").as_deref(), Ok("来访"));
        assert!(spelled(Column::Channel, "转入").is_err());
        assert_eq!(spelled(Column::Others, "易春兰，陈新；").as_deref(), Ok("易春兰、陈新"));
        assert!(spelled(Column::Others, "甲、乙、丙、丁、戊").is_err());
        assert_eq!(spelled(Column::Branch, "6. 不属于以上情形").as_deref(), Ok("6"));
        assert!(spelled(Column::Branch, "7").is_err());
        assert_eq!(spelled(Column::Category, "").as_deref(), Ok("待分类"));
        assert_eq!(spelled(Column::Closed, "2026.3.2").as_deref(), Ok("2026-03-02"));
        assert_eq!(spelled(Column::Closed, "").as_deref(), Ok(""));
    }
}
