//! Plans drawn on the server: bars over days (甘特图), and the days of a month (月历). In whole units of the drawing and
//! without a clock, so that the same plan gives the same picture. The table beneath says the same in words.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::Month;

/// An item as a drawing needs it.
#[derive(Clone, Debug)]
pub struct Promise {
    /// Its page.
    pub id: i64,
    /// 12-0418, or nothing.
    pub number: String,
    /// What will be true when it is done.
    pub goal: String,
    /// The owner.
    pub owner: String,
    /// From which day it runs.
    pub from: Date,
    /// Until when.
    pub due: Date,
    /// When it was done, as accounted or accepted.
    pub done: Option<Date>,
    /// A class of the stylesheet.
    pub class: &'static str,
    /// One character beside the bar, so that colour alone says nothing.
    pub mark: &'static str,
    /// What has become of it.
    pub state: &'static str,
}

impl Promise {
    /// A sentence for who hears the picture.
    pub fn said(&self) -> String {
        let done = self.done.map_or(String::new(), |day| format!("，{day} 完成"));
        format!("{} {}，{}，{} 到期{done}，{}", self.number, self.goal, self.owner, self.due, self.state)
    }
}

/// The beginning of a text, as far as there is room: a character typed with one key takes half of another's.
fn short(text: &str, halves: usize) -> String {
    let wide = |c: char| if c.is_ascii() { 1 } else { 2 };
    if text.chars().map(wide).sum::<usize>() <= halves {
        return text.to_owned();
    }
    let mut room = halves - 2;
    let fits = |c: &char| {
        let takes = wide(*c) <= room;
        room = room.saturating_sub(wide(*c));
        takes
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Width of the names on the left.
pub const LABEL: i64 = 232;
/// Height of a row, and of the head above the rows.
pub const ROW: i64 = 26;
/// Height of the head above the rows.
pub const HEAD: i64 = 34;
/// Room on the right for the mark of what is due on the last day.
const EDGE: i64 = 24;

/// A row of bars.
#[derive(Debug, PartialEq, Eq)]
pub struct Bar {
    /// The item's page.
    pub id: i64,
    /// Number, goal and owner, shortened.
    pub label: String,
    /// The whole of it in words.
    pub said: String,
    /// Upper edge of the row.
    pub y: i64,
    /// Left edge of the bar.
    pub x: i64,
    /// Its width.
    pub width: i64,
    /// Middle of the day on which it was done, if that lies in the drawing.
    pub done: Option<i64>,
    /// A class of the stylesheet.
    pub class: &'static str,
    /// One character behind the bar.
    pub mark: &'static str,
}

/// Bars over days.
#[derive(Debug)]
pub struct Gantt {
    /// Of the whole drawing.
    pub width: i64,
    /// Of the whole drawing.
    pub height: i64,
    /// Width of a day.
    pub day: i64,
    /// Left edges of the days that nobody works on.
    pub rest: Vec<i64>,
    /// Middles of the days that are named, with their names.
    pub ticks: Vec<(i64, String)>,
    /// Middle of today.
    pub today: Option<i64>,
    /// A row an item.
    pub bars: Vec<Bar>,
}

impl Gantt {
    /// Draws items over the days from `first` to `last`. `rests` says which days are days of rest.
    pub fn of(promises: &[Promise], (first, last): (Date, Date), today: Date, rests: impl Fn(Date) -> bool) -> Self {
        let days = i64::from((last - first).get_days()) + 1;
        let day = if days > 40 { 9 } else { 24 };
        let left = |of: Date| LABEL + i64::from((of.clamp(first, last) - first).get_days()) * day;
        let (mut rest, mut ticks) = (Vec::new(), Vec::new());
        for number in 0..days {
            let of = first.saturating_add(number.days());
            if rests(of) {
                rest.push(left(of));
            }
            // A quarter names its Mondays.
            let named = if days > 40 { of.weekday().to_monday_one_offset() == 1 } else { true };
            if named {
                let name = if days > 40 { format!("{}-{}", of.month(), of.day()) } else { of.day().to_string() };
                ticks.push((left(of) + day / 2, name));
            }
        }
        let bars = promises.iter().zip(0..).map(|(promise, row)| {
            let (x, end) = (left(promise.from), left(promise.due) + day);
            Bar {
                id: promise.id,
                label: short(&format!("{} {} {}", promise.number, promise.owner, promise.goal), 36),
                said: promise.said(),
                y: HEAD + row * ROW,
                x,
                width: (end - x).max(day),
                done: promise.done.filter(|on| (first..=last).contains(on)).map(|on| left(on) + day / 2),
                class: promise.class,
                mark: promise.mark,
            }
        });
        let bars: Vec<Bar> = bars.collect();
        Self {
            width: LABEL + days * day + EDGE,
            height: HEAD + i64::try_from(bars.len()).unwrap_or_default() * ROW + 6,
            day,
            rest,
            ticks,
            today: (first..=last).contains(&today).then(|| left(today) + day / 2),
            bars,
        }
    }
}

/// Width of a day of the month's sheet.
pub const CELL: i64 = 132;
/// Its height.
pub const CELL_HEIGHT: i64 = 96;
/// Height of the names of the days of the week.
pub const WEEK_HEAD: i64 = 26;
/// Lines in a day.
const LINES: usize = 3;

/// A line of a day: the item's page, text, class, and the whole of it in words.
pub type DayLine = (i64, String, &'static str, String);

/// A day of the month's sheet.
#[derive(Debug)]
pub struct Cell {
    /// Left edge.
    pub x: i64,
    /// Upper edge.
    pub y: i64,
    /// The day of the month.
    pub number: i8,
    /// Nobody works on it.
    pub rest: bool,
    /// It is today.
    pub today: bool,
    /// What is due: items with their upper edges.
    pub lines: Vec<(i64, DayLine)>,
    /// How many more are due than there is room for.
    pub more: usize,
    /// How many were done on this day.
    pub done: usize,
}

/// The days of a month, Monday first.
#[derive(Debug)]
pub struct Sheet {
    /// Of which month.
    pub month: Month,
    /// Its days.
    pub cells: Vec<Cell>,
    /// Of the whole drawing.
    pub height: i64,
}

impl Sheet {
    /// Draws what is due, and what was done, on the days of a month.
    pub fn of(promises: &[Promise], month: Month, today: Date, rests: impl Fn(Date) -> bool) -> Self {
        let first = month.first_day();
        let before = i64::from(first.weekday().to_monday_zero_offset());
        let mut cells = Vec::new();
        for number in 0..i64::from(first.days_in_month()) {
            let day = first.saturating_add(number.days());
            let place = before + number;
            let (x, y) = (place % 7 * CELL, WEEK_HEAD + place / 7 * CELL_HEIGHT);
            let due: Vec<&Promise> = promises.iter().filter(|promise| promise.due == day).collect();
            let shown = if due.len() > LINES { LINES - 1 } else { due.len() };
            let lines = due.iter().take(shown).zip(0_i64..).map(|(promise, line)| {
                let text = short(&format!("{}{} {}", promise.mark, promise.owner, promise.goal), 19);
                (y + 40 + line * 20, (promise.id, text, promise.class, promise.said()))
            });
            cells.push(Cell {
                x,
                y,
                number: day.day(),
                rest: rests(day),
                today: day == today,
                lines: lines.collect(),
                more: due.len() - shown,
                done: promises.iter().filter(|promise| promise.done == Some(day)).count(),
            });
        }
        let weeks = (before + i64::from(first.days_in_month()) + 6) / 7;
        Self { month, cells, height: WEEK_HEAD + weeks * CELL_HEIGHT }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn promise(due: Date, done: Option<Date>) -> Promise {
        Promise {
            id: 1,
            number: "11-0001".to_owned(),
            goal: "渠道清淤验收并公示到村组张榜公布".to_owned(),
            owner: "周敏".to_owned(),
            from: date(2026, 11, 1),
            due,
            done,
            class: "open",
            mark: "办",
            state: "未述职",
        }
    }

    fn weekend(day: Date) -> bool {
        day.weekday().to_monday_one_offset() > 5
    }

    #[test]
    fn a_bar_reaches_to_the_end_of_its_due_day_and_never_leaves_the_drawing() {
        let span = (date(2026, 11, 1), date(2026, 11, 30));
        let promises = [
            promise(date(2026, 11, 1), None),
            promise(date(2026, 11, 30), Some(date(2026, 11, 20))),
            Promise { from: date(2026, 10, 1), ..promise(date(2026, 12, 24), Some(date(2026, 12, 3))) },
        ];
        let drawn = Gantt::of(&promises, span, date(2026, 11, 10), weekend);
        let places: Vec<_> = drawn.bars.iter().map(|bar| (bar.x - LABEL, bar.width, bar.done)).collect();
        assert_eq!(places, [(0, 24, None), (0, 720, Some(LABEL + 19 * 24 + 12)), (0, 720, None)]);
        assert!(drawn.bars.iter().all(|bar| bar.x + bar.width < drawn.width && bar.y + ROW <= drawn.height));
        assert_eq!(drawn.today, Some(LABEL + 9 * 24 + 12));
        assert_eq!((drawn.rest.len(), drawn.ticks.len()), (9, 30));
        assert_eq!(drawn.bars[0].label, "11-0001 周敏 渠道清淤验收并公示到…");
    }

    #[test]
    fn a_quarter_names_its_mondays_and_a_day_outside_is_no_today() {
        let span = (date(2026, 10, 1), date(2026, 12, 31));
        let drawn = Gantt::of(&[], span, date(2027, 1, 1), weekend);
        assert_eq!((drawn.ticks.len(), drawn.ticks[0].1.as_str(), drawn.today), (13, "10-5", None));
        assert_eq!(drawn.width, LABEL + 92 * 9 + 24);
    }

    #[test]
    fn a_month_stands_under_its_days_of_the_week_and_a_full_day_says_how_many_more() {
        let due = date(2026, 11, 30);
        let promises: Vec<Promise> = (0..5).map(|_| promise(due, Some(date(2026, 11, 2)))).collect();
        let sheet = Sheet::of(&promises, Month::of(due), date(2026, 11, 2), weekend);
        // 1 November 2026 is a Sunday: six places are left free, and the 30th begins a sixth week.
        assert_eq!((sheet.cells[0].x, sheet.cells[0].rest), (6 * CELL, true));
        assert_eq!((sheet.cells[1].x, sheet.cells[1].y, sheet.cells[1].done), (0, WEEK_HEAD + CELL_HEIGHT, 5));
        assert!(sheet.cells[1].today && !sheet.cells[2].today);
        let last = &sheet.cells[29];
        assert_eq!((last.lines.len(), last.more, sheet.height), (2, 3, WEEK_HEAD + 6 * CELL_HEIGHT));
    }
}
