//! What the ledger and its export ask for: tab, filters and keyset as one query that an index serves.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::Clock;
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::clocks::Standing;
use super::rules::{
    Category, Cause, Channel, Mark, Met, Outcome, Resolution, State as Step, Theme, UNRECORDED, masked, petitioners,
};
use super::words::{self, Door, Hits};
use super::{sight, veil};
use crate::accounts::{Sight, Viewer, permissions};
use crate::db::Sql;
use crate::web::{App, forms};

/// The tabs of the ledger: word in the address, label.
pub(super) const TABS: [(&str, &str); 7] = [
    ("open", "在办"),
    ("soon", "三天内到期"),
    ("late", "逾期"),
    ("bound", "包案"),
    ("call", "待回访"),
    ("closed", "已办结"),
    ("all", "全部"),
];

/// How far a tab counts: one more, and it says "500+".
pub(super) const COUNTED: i64 = 500;

/// That a clock is owed to the petitioner. The condition is that of the index `clock_owed`, so that it serves.
macro_rules! owed {
    ($clock:literal) => {
        concat!(
            $clock,
            ".stopped_on IS NULL AND ",
            $clock,
            ".kind IN ('registration', 'notice', 'handling', 'review', 're-review')"
        )
    };
}
pub(super) use owed;

/// The ledger's address as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    pub(super) tab: String,
    pub(super) q: String,
    pub(super) township: String,
    pub(super) category: String,
    pub(super) theme: String,
    pub(super) unit: String,
    /// A state, `ended`: closed or forwarded, `execute`: what was supported or agreed is not carried out yet, or
    /// `submitted`: a proposal waits for those above.
    pub(super) state: String,
    /// The year of registration, or a month of it: 2026, 2026-11.
    pub(super) year: String,
    pub(super) channel: String,
    /// What is held to be at its root.
    pub(super) cause: String,
    /// The outcome of the written opinion.
    pub(super) outcome: String,
    /// What the closure says.
    pub(super) resolution: String,
    /// Of a clock that fell due before today: `handling.due`, `handling.met`, `handling.open`.
    pub(super) clock: String,
    /// `joint`, `repeat`, `ratable`, `rated`, `satisfied`, `rated_at_a_desk`.
    pub(super) is: String,
    /// 包案: a year in which it was bound, or several (2009-2010), or `late`: bound to a leader whose day is past.
    pub(super) bound: String,
    /// Columns of the sheet and the print as words with commas between; empty: the usual ones.
    pub(super) columns: String,
    /// Asks for the totals.
    pub(super) totals: String,
    /// Keyset: id of the last row, or its due day and id.
    pub(super) after: String,
    /// Number of rows before this page, for "第 51–100 条".
    pub(super) past: String,
}

impl Filter {
    /// The tab: the one asked for, or what is being handled. Whoever looks for something looks everywhere.
    pub(super) fn tab(&self) -> &'static str {
        let fallback = if self.q.trim().is_empty() { "open" } else { "all" };
        TABS.iter().find(|(word, _)| *word == self.tab).map_or(fallback, |(word, _)| word)
    }

    /// Whether the rows come by due day: that of a clock, or of the binding.
    pub(super) fn by_due(&self) -> bool {
        source(self.tab()).is_some()
    }

    /// Whether the day that counts is the binding's own.
    pub(super) fn by_binding(&self) -> bool {
        self.tab() == "bound"
    }

    /// What narrows the rows besides the tab: the name in the address, and what was typed. First the fields of the
    /// form, then what a figure leads by.
    fn fields(&self) -> [(&'static str, &String); 14] {
        [
            ("q", &self.q),
            ("township", &self.township),
            ("category", &self.category),
            ("theme", &self.theme),
            ("unit", &self.unit),
            ("state", &self.state),
            ("year", &self.year),
            ("bound", &self.bound),
            ("channel", &self.channel),
            ("cause", &self.cause),
            ("outcome", &self.outcome),
            ("resolution", &self.resolution),
            ("clock", &self.clock),
            ("is", &self.is),
        ]
    }

    /// Those of them that have no field in the form; it carries them along.
    pub(super) fn carried(&self) -> Vec<(&'static str, &String)> {
        self.fields()[8..].iter().filter(|(_, typed)| !typed.is_empty()).copied().collect()
    }

    /// Whether anything besides the tab narrows the rows.
    pub(super) fn is_narrowed(&self) -> bool {
        self.fields().iter().any(|(_, typed)| !typed.trim().is_empty())
    }

    /// The month of registration, where a figure led to one.
    pub(super) fn month(&self) -> Option<policy::Month> {
        self.year.trim().parse().ok()
    }

    /// The years of binding that a figure led to, where the form does not offer them.
    pub(super) fn years_bound(&self, offered: &[i16]) -> Option<&str> {
        let typed = self.bound.trim();
        let is_offered = typed == "late" || offered.iter().any(|year| year.to_string() == typed);
        (!is_offered && days_of(typed).is_some()).then_some(typed)
    }

    /// What narrows the rows and has no field of its own in the form: a figure led here.
    pub(super) fn led_by(&self) -> Vec<String> {
        let mut said = Vec::new();
        said.extend(Channel::from_word(&self.channel).map(|channel| channel.label().to_owned()));
        said.extend(Cause::from_word(&self.cause).map(|cause| format!("成因{cause}")));
        if self.cause == UNRECORDED {
            said.push("没有登记成因".to_owned());
        }
        said.extend(Outcome::from_word(&self.outcome).map(|outcome| format!("处理意见{outcome}")));
        said.extend(Resolution::from_word(&self.resolution).map(|resolution| format!("办结时{resolution}")));
        if let Some((clock, how)) = self.clock() {
            said.push(format!("{}期限{}", clock.name(), how.label()));
        }
        said.extend(Mark::from_word(&self.is).map(|mark| mark.label().to_owned()));
        said
    }

    fn clock(&self) -> Option<(Clock, Met)> {
        let (clock, how) = self.clock.split_once('.')?;
        Some((clock.parse().ok()?, Met::from_word(how)?))
    }

    /// The query string without the words searched for, which may be somebody's name or number, and without columns:
    /// as it may be kept.
    pub(super) fn without_words(&self) -> String {
        Self { q: String::new(), columns: String::new(), ..self.clone() }.address(self.tab(), None)
    }

    /// The query string of this filter with another tab or page.
    pub(super) fn address(&self, tab: &str, page: Option<(&str, usize)>) -> String {
        let mut parts = vec![format!("tab={tab}")];
        for (name, typed) in self.fields().into_iter().chain([("columns", &self.columns)]) {
            if !typed.trim().is_empty() {
                parts.push(format!("{name}={}", forms::url_encode(typed.trim())));
            }
        }
        if let Some((after, past)) = page {
            parts.push(format!("after={}&past={past}", forms::url_encode(after)));
        }
        parts.join("&")
    }
}

/// A row of the ledger.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) people: i64,
    pub(super) place: String,
    pub(super) township: String,
    pub(super) unit: String,
    category: String,
    theme: String,
    state: String,
    /// The owed clock that ends first: its due day (9999: not known yet), its kind, and whether it is provisional.
    clock: String,
    /// The due day of the binding that runs; empty where none does.
    pub(super) bound: String,
    /// What was supported or agreed is not carried out yet.
    pub(super) to_execute: i64,
    /// How many answers were set aside.
    pub(super) reopened: i64,
}

impl Row {
    /// The row as this viewer may see it.
    fn veiled(mut self, viewer: &Viewer) -> Self {
        if !viewer.sees("petitioner.name") && !self.lead.is_empty() {
            self.lead = masked(&self.lead);
        }
        self
    }
    pub(super) fn petitioners(&self) -> String {
        petitioners(&self.lead, self.people)
    }
    pub(super) fn category(&self) -> &'static str {
        Category::from_word(&self.category).map_or("", Category::label)
    }
    pub(super) fn theme(&self) -> &'static str {
        Theme::from_word(&self.theme).map_or("", Theme::label)
    }
    pub(super) fn state(&self) -> &'static str {
        Step::from_word(&self.state).map_or("", Step::label)
    }
    fn owed(&self) -> Option<(Clock, &str, bool)> {
        let mut parts = self.clock.split('/');
        let due = parts.next()?;
        Some((parts.next()?.parse().ok()?, due, parts.next()? == "1"))
    }
    pub(super) fn clock(&self) -> &'static str {
        self.owed().map_or("", |(clock, ..)| clock.name())
    }
    /// The day on which the clock that ends first is due.
    pub(super) fn due(&self) -> Option<Date> {
        self.owed().and_then(|(_, due, _)| due.parse().ok())
    }
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    pub(super) fn standing(&self, today: &Date) -> Standing {
        let provisional = self.owed().is_some_and(|(.., provisional)| provisional);
        Standing::of(self.due(), provisional, None, *today)
    }
    /// Where the binding stands.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    pub(super) fn binding(&self, today: &Date) -> Standing {
        Standing::of(self.bound.parse().ok(), false, None, *today)
    }
    /// The tag of the clock in the colour of its standing.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    pub(super) fn tag(&self, today: &Date) -> &'static str {
        match self.standing(today).class {
            "late" => "late",
            "soon" => "wait",
            _ => "on",
        }
    }
}

/// A page of rows, and the keyset of the next where there is one; `hits` where they were looked up already.
pub(super) async fn page(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    filter: &Filter,
    size: usize,
    hits: Option<&Hits>,
) -> anyhow::Result<(Vec<Row>, Option<String>)> {
    let helps = sight::helps(read, viewer).await?;
    let limit = i64::try_from(size)? + 1;
    let ids = match hits.and_then(|hits| hits.page(filter, limit)) {
        Some(ids) => Some(ids),
        None => words::ids(read, app, (viewer, helps), filter, limit).await?,
    };
    let door = ids.as_deref().map_or(Door::Within, Door::Ids);
    let mut sql = Sql::new("");
    select(&mut sql, app, (viewer, helps), filter, door, limit);
    let mut rows: Vec<Row> = sql.fetch_all(read).await?;
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|row| match row.due() {
        _ if filter.by_binding() => format!("{}.{}", row.bound, row.id),
        Some(due) if filter.by_due() => format!("{due}.{}", row.id),
        _ => row.id.to_string(),
    });
    let mut rows: Vec<Row> = rows.into_iter().map(|row| row.veiled(viewer)).collect();
    veil::veil(read, viewer, rows.iter_mut().map(|row| (row.id, &mut row.title)).collect()).await?;
    Ok((rows, next))
}

/// The whole statement of a page.
fn select(sql: &mut Sql, app: &App, viewer: (&Viewer, bool), filter: &Filter, door: Door<'_>, limit: i64) {
    sql.push(
        "SELECT p.id, p.number, p.title, p.lead, p.people, p.category, p.theme, p.state,
                COALESCE(v.name || ' ', '') || COALESCE(d.name, '') AS place, COALESCE(t.name, '') AS township,
                COALESCE(u.name, '') AS unit,
                COALESCE((SELECT MIN(COALESCE(k.due_on, '9999') || '/' || k.kind || '/' || k.provisional) FROM clock k
                           WHERE k.petition = p.id AND ",
    );
    sql.push(owed!("k")).push("), '') AS clock,");
    sql.push(" COALESCE((SELECT MIN(b.due_on) FROM leader_binding b WHERE b.petition = p.id AND b.ended_on IS NULL), '') AS bound");
    sql.push(", (SELECT COUNT(*) FROM execution g WHERE g.petition = p.id AND g.done_on IS NULL) AS to_execute");
    sql.push(", (SELECT COUNT(*) FROM reopening h WHERE h.petition = p.id) AS reopened");
    from(sql, app, viewer, filter, door);
    keyset(sql, filter);
    sql.push(order(filter)).limit(limit);
}

/// The order of a filter's rows.
pub(super) fn order(filter: &Filter) -> &'static str {
    if filter.by_due() { " ORDER BY c.due_on, c.petition" } else { " ORDER BY p.id DESC" }
}

/// FROM and WHERE of a filter, without its place in the order; what the search box looks for comes in by a door.
pub(super) fn from(sql: &mut Sql, app: &App, (viewer, helps): (&Viewer, bool), filter: &Filter, door: Door<'_>) {
    sql.push(source(filter.tab()).unwrap_or(" FROM petition p"));
    sql.push(
        " LEFT JOIN division d ON d.code = p.division
          LEFT JOIN division v ON v.code = d.parent AND d.kind = 'group'
          LEFT JOIN division t ON t.code = p.township AND t.code <> d.code
          LEFT JOIN unit u ON u.id = p.unit
         WHERE ",
    );
    tab(sql, filter.tab(), app.today());
    sight::push_as(sql, viewer, helps);
    narrow(sql, app, viewer, filter);
    door.push(sql, app, viewer, filter);
}

/// Where the rows of a tab come from that stands in the order of a due day: the clock or the binding `c`. CROSS JOIN:
/// its index leads, on either database.
fn source(tab: &str) -> Option<&'static str> {
    match tab {
        "soon" | "late" => Some(" FROM clock c CROSS JOIN petition p"),
        "bound" => Some(" FROM leader_binding c CROSS JOIN petition p"),
        _ => None,
    }
}

/// The condition of a tab.
fn tab(sql: &mut Sql, tab: &str, today: Date) {
    let earliest = |sql: &mut Sql| {
        // A petition with two owed clocks stands at the one that ends first.
        sql.push("c.petition = p.id AND ").push(owed!("c"));
        sql.push(" AND NOT EXISTS (SELECT 1 FROM clock e WHERE e.petition = c.petition AND ").push(owed!("e"));
        sql.push(" AND (e.due_on < c.due_on OR (e.due_on = c.due_on AND e.id < c.id)))");
    };
    match tab {
        "open" => {
            // The text is that of the index `petition_open`.
            sql.push("p.state NOT IN ('closed', 'forwarded')");
        }
        "soon" => {
            earliest(sql);
            sql.push(" AND c.due_on >= ").bind(today.to_string());
            sql.push(" AND c.due_on <= ").bind(today.saturating_add(3.days()).to_string());
        }
        "late" => {
            earliest(sql);
            sql.push(" AND c.due_on < ").bind(today.to_string());
        }
        "bound" => {
            sql.push("c.petition = p.id AND c.ended_on IS NULL");
            sql.push(" AND p.state NOT IN ('closed', 'forwarded')");
        }
        "call" => {
            sql.push("p.state = 'answered' AND p.anonymous = 0");
            sql.push(" AND (EXISTS (SELECT 1 FROM service s WHERE s.petition = p.id AND s.paper = 'opinion')");
            sql.push(" OR EXISTS (SELECT 1 FROM settlement m WHERE m.petition = p.id))");
            sql.push(" AND NOT EXISTS (SELECT 1 FROM acknowledgment k WHERE k.petition = p.id)");
            sql.push(" AND NOT EXISTS (SELECT 1 FROM call_back b WHERE b.petition = p.id AND b.reached = 1)");
        }
        "closed" => {
            sql.push("p.state = 'closed'");
        }
        _ => {
            sql.push("1 = 1");
        }
    }
}

fn narrow(sql: &mut Sql, app: &App, viewer: &Viewer, filter: &Filter) {
    let mut exact = |column: &'static str, typed: &str| {
        if !typed.trim().is_empty() {
            sql.push(" AND ").push(column).push(" = ").bind(typed.trim().to_owned());
        }
    };
    exact("p.township", &filter.township);
    exact("p.category", &filter.category);
    exact("p.theme", &filter.theme);
    exact("p.channel", &filter.channel);
    if filter.state == "execute" {
        sql.push(" AND p.id IN (SELECT x.petition FROM execution x WHERE x.done_on IS NULL)");
    } else if filter.state == "submitted" {
        sql.push(" AND p.id IN (SELECT x.petition FROM submission x");
        sql.push(" WHERE x.ground = 'decision' AND x.decided_on IS NULL)");
    } else if filter.state == "ended" {
        sql.push(" AND p.state IN ('closed', 'forwarded')");
    } else {
        exact("p.state", &filter.state);
    }
    if let Some((first, last)) = days_of(&filter.year) {
        sql.push(" AND p.registered_on >= ").bind(first).push(" AND p.registered_on <= ").bind(last);
    }
    if filter.cause == UNRECORDED {
        sql.push(" AND NOT EXISTS (SELECT 1 FROM petition_cause w WHERE w.petition = p.id)");
    } else if !filter.cause.trim().is_empty() {
        sql.push(" AND p.id IN (SELECT w.petition FROM petition_cause w WHERE w.cause = ");
        sql.bind(filter.cause.clone()).push(")");
    }
    if !filter.outcome.trim().is_empty() {
        sql.push(" AND p.id IN (SELECT w.petition FROM opinion w WHERE w.outcome = ")
            .bind(filter.outcome.clone())
            .push(")");
    }
    if !filter.resolution.trim().is_empty() {
        sql.push(" AND p.id IN (SELECT w.petition FROM closure w WHERE w.resolution = ");
        sql.bind(filter.resolution.clone()).push(")");
    }
    if let Some((clock, how)) = filter.clock() {
        sql.push(" AND EXISTS (SELECT 1 FROM clock z WHERE z.petition = p.id AND z.kind = ")
            .bind(clock.id().to_owned());
        sql.push(" AND z.due_on < ").bind(app.today().to_string());
        sql.push(match how {
            Met::Due => ")",
            Met::Met => " AND z.stopped_on <= z.due_on)",
            Met::Open => " AND z.stopped_on IS NULL)",
        });
    }
    match Mark::from_word(&filter.is) {
        None => {}
        Some(Mark::Joint) => {
            sql.push(" AND p.people > 1");
        }
        // Whoever finds a part of the petitions is not told of one elsewhere by what comes after it.
        Some(Mark::Repeat) if !permissions().sights("petitions", &viewer.roles).contains(&Sight::Place) => {
            sql.push(" AND 1 = 0");
        }
        Some(Mark::Repeat) => push_repeat(sql, viewer),
        Some(mark) => {
            sql.push(" AND p.state IN ('answered', 'closed') AND p.anonymous = 0");
            sql.push(match mark {
                Mark::Joint | Mark::Repeat | Mark::Ratable => "",
                Mark::Rated => " AND EXISTS (SELECT 1 FROM rating g WHERE g.petition = p.id AND g.recorded_by IS NULL)",
                Mark::Satisfied => {
                    " AND EXISTS (SELECT 1 FROM rating g WHERE g.petition = p.id AND g.recorded_by IS NULL AND g.score >= 3)"
                }
                Mark::RatedAtADesk => {
                    " AND EXISTS (SELECT 1 FROM rating g WHERE g.petition = p.id AND g.recorded_by IS NOT NULL)"
                }
            });
        }
    }
    if filter.bound == "late" {
        sql.push(" AND p.id IN (SELECT y.petition FROM leader_binding y WHERE y.ended_on IS NULL AND y.due_on < ");
        sql.bind(app.today().to_string()).push(")");
    } else if let Some((first, last)) = days_of(&filter.bound) {
        sql.push(" AND p.id IN (SELECT y.petition FROM leader_binding y WHERE y.bound_on >= ").bind(first);
        sql.push(" AND y.bound_on <= ").bind(last).push(")");
    }
    if !filter.unit.trim().is_empty() {
        sql.push(" AND p.unit = ").bind(filter.unit.trim().parse::<i64>().unwrap_or_default());
    }
}

/// Adds that a petition `p` was linked to an earlier one as the same matter, of which the viewer may know.
pub fn push_repeat(sql: &mut Sql, viewer: &Viewer) {
    sql.push(
        " AND EXISTS (SELECT 1 FROM thread_member m JOIN thread_member e ON e.thread = m.thread AND e.petition < m.petition
                       WHERE m.petition = p.id",
    );
    sight::push_recusal(sql, viewer, "e.petition");
    sql.push(")");
}

/// First and last day of a year, of a month of it, or of several years (2009-2010), as typed.
fn days_of(typed: &str) -> Option<(String, String)> {
    let typed = typed.trim();
    if let Ok(month) = typed.parse::<policy::Month>() {
        return Some((month.first_day().to_string(), month.last_day().to_string()));
    }
    let year = |text: &str| text.parse::<u16>().ok().filter(|year| (1_000..=9_999).contains(year));
    let (first, last) = typed.split_once('-').unwrap_or((typed, typed));
    let (first, last) = (year(first)?, year(last)?);
    Some((format!("{first}-01-01"), format!("{last}-12-31")))
}

/// Where the page begins.
pub(super) fn keyset(sql: &mut Sql, filter: &Filter) {
    if let Some((due, id)) = filter.after.split_once('.') {
        let (Ok(due), Ok(id)) = (due.parse::<Date>(), id.parse::<i64>()) else { return };
        if filter.by_due() {
            sql.push(" AND (c.due_on, c.petition) > (").bind(due.to_string()).push(", ").bind(id).push(")");
        }
    } else if let Ok(id) = filter.after.parse::<i64>()
        && !filter.by_due()
    {
        sql.push(" AND p.id < ").bind(id);
    }
}

/// How many rows each tab has, as far as [`COUNTED`] and one more.
pub(super) async fn counts(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> Result<Vec<i64>, sqlx::Error> {
    let helps = sight::helps(read, viewer).await?;
    let most = COUNTED + 1;
    let mut counts = counts_of(read, app, (viewer, helps), most).await?;
    // Some petitions stand there with two late clocks, and their clocks came to the limit before they did. At most two
    // are owed at once, so that twice as many clocks are enough.
    if counts.iter().any(|(petitions, clocks)| *clocks == most && petitions < clocks) {
        counts = counts_of(read, app, (viewer, helps), 2 * most).await?;
    }
    Ok(counts.into_iter().map(|(petitions, _)| petitions.min(most)).collect())
}

/// For each tab how many petitions are among its first rows, and how many rows those are.
async fn counts_of(
    read: &mut AnyConnection,
    app: &App,
    (viewer, helps): (&Viewer, bool),
    most: i64,
) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    let mut sql = Sql::new("");
    for (index, (word, _)) in TABS.iter().enumerate() {
        sql.push(if index == 0 { "SELECT " } else { " UNION ALL SELECT " });
        if *word == "late" {
            // Whichever of its clocks is late, the petition is: cheaper than asking for the first of them.
            sql.push("COUNT(DISTINCT counted.petition), COUNT(*) FROM (SELECT c.petition");
            sql.push(" FROM clock c CROSS JOIN petition p WHERE c.petition = p.id AND ").push(owed!("c"));
            sql.push(" AND c.due_on < ").bind(app.today().to_string());
            sight::push_as(&mut sql, viewer, helps);
            sql.push(" ORDER BY c.due_on, c.petition");
        } else {
            sql.push("COUNT(*), COUNT(*) FROM (SELECT 1 AS one");
            sql.push(source(word).unwrap_or(" FROM petition p")).push(" WHERE ");
            tab(&mut sql, word, app.today());
            sight::push_as(&mut sql, viewer, helps);
        }
        sql.limit(most).push(") AS counted");
    }
    sql.fetch_all(read).await
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
