//! The statutory clocks of a petition as rows; the arithmetic is `policy::clock`.

use jiff::civil::Date;
use policy::{Clock, Deadline, Run, Suspension};
use sqlx::AnyConnection;

use crate::rows::{Rows, row, write_together};
use crate::web::App;

/// Starts a clock on a day and keeps the day on which it is due.
pub async fn start(
    write: &mut AnyConnection,
    app: &App,
    petition: i64,
    clock: Clock,
    from: Date,
) -> anyhow::Result<Deadline> {
    let (deadline, row) = row(app, petition, clock, from)?;
    write_together([row], write).await?;
    Ok(deadline)
}

/// The row of a clock that starts on a day, and what it comes to.
pub(super) fn row(app: &App, petition: i64, clock: Clock, from: Date) -> anyhow::Result<(Deadline, Rows)> {
    let deadline = policy::deadline(&app.policy, &app.calendar, &Run::new(clock, from))?;
    let mut rows = Rows::new("clock", "id, petition, kind, runs_from, due_on, provisional");
    row!(rows; app.id(), petition, clock.id(), from, deadline.due, deadline.provisional);
    Ok((deadline, rows))
}

/// Stops a clock of a petition: its duty was met or fell away. A clock that does not run is left alone.
pub async fn stop(write: &mut AnyConnection, petition: i64, clock: Clock, on: Date) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE clock SET stopped_on = $3 WHERE petition = $1 AND kind = $2 AND stopped_on IS NULL")
        .bind(petition)
        .bind(clock.id())
        .bind(on.to_string())
        .execute(write)
        .await?;
    Ok(())
}

/// Lets the newest clock of a kind go on as if it had not been stopped.
pub async fn resume(write: &mut AnyConnection, petition: i64, clock: Clock) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE clock SET stopped_on = NULL
          WHERE id = (SELECT MAX(k.id) FROM clock k WHERE k.petition = $1 AND k.kind = $2)",
    )
    .bind(petition)
    .bind(clock.id())
    .execute(write)
    .await?;
    Ok(())
}

/// Prolongs a running clock by days and moves the day on which it is due.
pub async fn extend(
    write: &mut AnyConnection,
    app: &App,
    petition: i64,
    clock: Clock,
    days: i64,
) -> anyhow::Result<()> {
    let id = running(write, petition, clock).await?;
    sqlx::query("UPDATE clock SET extension = $2 WHERE id = $1").bind(id).bind(days).execute(&mut *write).await?;
    set(write, app, id).await
}

/// Leaves days out of a running clock and moves the day on which it is due; `reason` is told to the petitioner.
pub(super) async fn suspend(
    write: &mut AnyConnection,
    app: &App,
    petition: i64,
    (clock, span): (Clock, Suspension),
    (reason, by): (&str, Option<i64>),
) -> anyhow::Result<()> {
    let id = running(write, petition, clock).await?;
    sqlx::query(
        "INSERT INTO suspension (id, petition, clock, held_from, held_to, reason, recorded_at, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(app.id())
    .bind(petition)
    .bind(id)
    .bind(span.from().to_string())
    .bind(span.to().to_string())
    .bind(reason.to_owned())
    .bind(app.now().as_millisecond())
    .bind(by)
    .execute(&mut *write)
    .await?;
    set(write, app, id).await
}

async fn running(write: &mut AnyConnection, petition: i64, clock: Clock) -> Result<i64, sqlx::Error> {
    let (id,): (i64,) = sqlx::query_as("SELECT id FROM clock WHERE petition = $1 AND kind = $2 AND stopped_on IS NULL")
        .bind(petition)
        .bind(clock.id())
        .fetch_one(write)
        .await?;
    Ok(id)
}

/// Computes a clock from its row and the days left out of it, and keeps the day on which it is due.
async fn set(write: &mut AnyConnection, app: &App, id: i64) -> anyhow::Result<()> {
    let (kind, runs_from, extension): (String, String, i64) =
        sqlx::query_as("SELECT kind, runs_from, extension FROM clock WHERE id = $1")
            .bind(id)
            .fetch_one(&mut *write)
            .await?;
    let spans = spans(write, id).await?;
    let deadline = computed(app, (&kind, &runs_from, extension), &spans)?;
    sqlx::query("UPDATE clock SET due_on = $2, provisional = $3 WHERE id = $1")
        .bind(id)
        .bind(deadline.due.map(|due| due.to_string()))
        .bind(i64::from(deadline.provisional))
        .execute(write)
        .await?;
    Ok(())
}

/// The days that are left out of a clock.
pub(super) async fn spans(read: &mut AnyConnection, clock: i64) -> anyhow::Result<Vec<Suspension>> {
    let spans: Vec<(String, String)> = sqlx::query_as("SELECT held_from, held_to FROM suspension WHERE clock = $1")
        .bind(clock)
        .fetch_all(read)
        .await?;
    spans.iter().map(|(from, to)| span(from, to)).collect()
}

/// Two days as rows have them.
pub(super) fn span(from: &str, to: &str) -> anyhow::Result<Suspension> {
    Ok(Suspension::new(from.parse()?, to.parse()?)?)
}

/// When a clock is due whose kind, first day and extension are as its row has them.
pub(super) fn computed(
    app: &App,
    (kind, runs_from, extension): (&str, &str, i64),
    suspended: &[Suspension],
) -> anyhow::Result<Deadline> {
    let (clock, from) = (kind.parse()?, runs_from.parse()?);
    let run = Run { clock, from, suspended, extended_by: u16::try_from(extension)? };
    Ok(policy::deadline(&app.policy, &app.calendar, &run)?)
}

/// A clock of a petition with its arithmetic.
#[derive(Debug)]
pub struct Running {
    /// Which clock.
    pub clock: Clock,
    /// The day on which it began.
    pub from: Date,
    /// What it comes to.
    pub deadline: Deadline,
    /// The day on which it stopped.
    pub stopped_on: Option<Date>,
    /// The day on which that was written down, where it was written down later.
    pub recorded_on: Option<Date>,
    /// Each time that it was computed anew because working days became known or changed.
    pub moves: Vec<String>,
}

impl Running {
    /// Whether it is somebody's right, which lapses, and nobody's duty.
    fn is_right(&self) -> bool {
        matches!(self.clock, Clock::Objection | Clock::ReviewRequest | Clock::ReReviewRequest)
    }

    /// How the page shows where it stands on a day.
    pub fn standing(&self, today: &Date) -> Standing {
        let mut standing = match self.deadline.due {
            Some(due) if self.is_right() => Standing::of_right(due, self.deadline.provisional, self.stopped_on, *today),
            due => Standing::of(due, self.deadline.provisional, self.stopped_on, *today),
        };
        if let Some(recorded) = self.recorded_on {
            standing.text = format!("{}（{}补登）", standing.text, crate::web::day(recorded, *today));
        }
        standing
    }
}

/// Where a deadline stands, in words and in the class of the stylesheet.
#[derive(Debug, PartialEq, Eq)]
pub struct Standing {
    /// 逾期 2 天, 今天, 12 月 14 日 …
    pub text: String,
    /// late, soon or nothing.
    pub class: &'static str,
}

impl Standing {
    /// Late after the due day, soon within three days before it. What stopped is neither. A day that may still move
    /// says so, however near it is.
    pub fn of(due: Option<Date>, provisional: bool, stopped_on: Option<Date>, today: Date) -> Self {
        let (text, class) = match (due, stopped_on) {
            (None, None) => ("待公布放假安排".to_owned(), ""),
            (None, Some(stopped)) => {
                return Self { text: format!("{} 完成", crate::web::day(stopped, today)), class: "" };
            }
            (Some(due), Some(stopped)) => match (stopped - due).get_days() {
                late @ 1.. => (format!("{} 完成，迟 {late} 天", crate::web::day(stopped, today)), "late"),
                _ => return Self { text: format!("{} 完成", crate::web::day(stopped, today)), class: "" },
            },
            (Some(due), None) => match (due - today).get_days() {
                late @ ..0 => (format!("逾期 {} 天", -late), "late"),
                0 => ("今天".to_owned(), "soon"),
                1 => ("明天".to_owned(), "soon"),
                left @ 2..=3 => (format!("还有 {left} 天"), "soon"),
                _ => (crate::web::day(due, today), ""),
            },
        };
        let text = if provisional && due.is_some() { format!("{text}（暂定）") } else { text };
        Self { text, class }
    }
}

impl Standing {
    /// The same of a right to object or to ask for a review: it ends, or it has lapsed, and nobody is late.
    fn of_right(due: Date, provisional: bool, stopped_on: Option<Date>, today: Date) -> Self {
        let text = match stopped_on {
            Some(stopped) if stopped <= due => format!("{} 结束", crate::web::day(stopped, today)),
            Some(_) => format!("{} 期满", crate::web::day(due, today)),
            None if due < today => format!("{} 期满", crate::web::day(due, today)),
            None => return Self { class: "", ..Self::of(Some(due), provisional, None, today) },
        };
        Self { text, class: "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_right_lapses_and_is_never_late() {
        let due = date(2026, 12, 14);
        let on = |stopped, today| Standing::of_right(due, false, stopped, today);
        assert_eq!(on(None, date(2026, 12, 14)), Standing { text: "今天".to_owned(), class: "" });
        assert_eq!(on(None, date(2026, 12, 15)).text, "12 月 14 日 期满");
        assert_eq!(on(Some(date(2026, 12, 20)), date(2026, 12, 21)).text, "12 月 14 日 期满");
        assert_eq!(on(Some(due), date(2026, 12, 21)), Standing { text: "12 月 14 日 结束".to_owned(), class: "" });
    }

    #[test]
    fn the_due_day_is_not_late_and_the_next_is() {
        let due = Some(date(2026, 12, 14));
        let on = |day| Standing::of(due, false, None, date(2026, 12, day));
        assert_eq!(on(14), Standing { text: "今天".to_owned(), class: "soon" });
        assert_eq!(on(15), Standing { text: "逾期 1 天".to_owned(), class: "late" });
        assert_eq!(on(11).class, "soon");
        assert_eq!(on(10), Standing { text: "12 月 14 日".to_owned(), class: "" });
        let stopped = |day| Standing::of(due, false, Some(date(2026, 12, day)), date(2026, 12, 20));
        assert_eq!(stopped(14).class, "");
        assert_eq!(stopped(15).text, "12 月 15 日 完成，迟 1 天");
    }

    #[test]
    fn a_day_that_may_still_move_says_so_however_near_it_is_and_what_stopped_is_done() {
        let due = Some(date(2027, 1, 4));
        let on = |today| Standing::of(due, true, None, today).text;
        assert_eq!(on(date(2027, 1, 5)), "逾期 1 天（暂定）");
        assert_eq!(on(date(2027, 1, 4)), "今天（暂定）");
        assert_eq!(on(date(2027, 1, 2)), "还有 2 天（暂定）");
        assert_eq!(on(date(2026, 12, 1)), "2027 年 1 月 4 日（暂定）");
        let stopped = Some(date(2027, 1, 2));
        assert_eq!(Standing::of(None, true, stopped, date(2027, 1, 3)).text, "1 月 2 日 完成");
        assert_eq!(Standing::of(None, true, None, date(2027, 1, 3)).text, "待公布放假安排");
        assert_eq!(
            Standing::of(due, true, Some(date(2027, 1, 5)), date(2027, 1, 5)).text,
            "1 月 5 日 完成，迟 1 天（暂定）"
        );
    }
}
