//! What a petitioner can expect, in plain words, from the values that hold on the day. Pure.

use jiff::civil::Date;
use policy::values::PolicyError;
use policy::{Calendar, Clock, Month, Policy, Reception, reception_day};

/// One promise: within how many days, what, and where it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expectation {
    /// From when the days count: 转到以后.
    pub(super) after: &'static str,
    /// Calendar days.
    pub(super) days: u16,
    /// What the person gets or may do.
    pub(super) what: String,
    /// Law and article.
    pub(super) article: String,
}

/// The promises in the order in which a matter meets them.
pub(super) fn expectations(policy: &Policy, on: Date) -> Result<Vec<Expectation>, PolicyError> {
    let of = |after: &'static str, key: &str, what: String| {
        let article = policy.row(key, on)?.1.source.to_string();
        Ok(Expectation { after, days: policy.days(key, on)?, what, article })
    };
    let more = policy.days("clock.handling.extension_days", on)?;
    let re_review = policy.row("clock.re-review-request.days", on)?.1.source.article.clone();
    let mut review = of("收到答复后", "clock.review-request.days", "不服可以申请复查，再不服可以申请复核".to_owned())?;
    review.article = format!("{}、{re_review}", review.article);
    Ok(vec![
        of("提交后", "clock.registration.days", "转给有权处理的单位".to_owned())?,
        of("转到后", "clock.notice.days", "书面告诉您是否受理、谁来办".to_owned())?,
        of("受理后", "clock.handling.days", format!("书面答复；复杂的最多再延 {more} 日，并告诉您原因"))?,
        review,
    ])
}

/// What a running clock promises the petitioner: 还有 23 天，12 月 28 日前书面答复您. The due day comes with its words.
pub(super) fn promise(clock: Option<Clock>, due: Option<(Date, String)>, today: Date) -> String {
    let act = match clock {
        Some(Clock::Registration) => "转给有权处理的单位",
        Some(Clock::Notice) => "书面告诉您是否受理",
        Some(Clock::Handling) => "书面答复您",
        Some(Clock::Review) => "答复您的复查申请",
        Some(Clock::ReReview) => "答复您的复核申请",
        _ => "办完这一步",
    };
    let Some((due, day)) = due else { return format!("要等放假安排公布，才能确定哪天以前{act}") };
    match (due - today).get_days() {
        late @ ..0 => format!("应当在 {day}前{act}，已经晚了 {} 天", -late),
        0 => format!("今天是最后一天，今天应当{act}"),
        left => format!("还有 {left} 天，{day}前{act}"),
    }
}

/// A day on which leaders receive whoever comes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ReceptionDay {
    /// The day; it may still move where `provisional`.
    pub(super) on: Date,
    /// Who receives.
    pub(super) who: &'static str,
    /// The year's arrangement of holidays is not published.
    pub(super) provisional: bool,
}

/// The next reception day of townships and departments and that of the county, the nearer first; today counts.
pub(super) fn receptions(policy: &Policy, calendar: &Calendar, today: Date) -> Result<Vec<ReceptionDay>, PolicyError> {
    let mut days = Vec::new();
    for reception in Reception::ALL {
        for month in [Month::of(today), Month::of(today).plus(1)] {
            let deadline = reception_day(policy, calendar, reception, month)?;
            if let Some(on) = deadline.due.filter(|on| *on >= today) {
                days.push(ReceptionDay { on, who: reception.name(), provisional: deadline.provisional });
                break;
            }
        }
    }
    days.sort_by_key(|day| day.on);
    Ok(days)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn each_promise_has_the_days_and_the_article_of_its_time() {
        let now = expectations(Policy::published(), date(2026, 11, 2)).unwrap();
        let days: Vec<u16> = now.iter().map(|one| one.days).collect();
        assert_eq!(days, [15, 15, 60, 30]);
        assert_eq!(now[1].article, "《信访工作条例》第二十三条");
        assert_eq!(now[3].article, "《信访工作条例》第三十五条、第三十六条");
        let before = expectations(Policy::published(), date(2022, 4, 30)).unwrap();
        assert_eq!(before[2].article, "《信访条例》第三十三条");
    }

    #[test]
    fn a_promise_says_how_long_it_still_runs_or_how_late_it_is() {
        let on = |day| {
            let due = (date(2026, 12, 28), "12 月 28 日".to_owned());
            promise(Some(Clock::Handling), Some(due), date(2026, 12, day))
        };
        assert_eq!(on(5), "还有 23 天，12 月 28 日前书面答复您");
        assert_eq!(on(27), "还有 1 天，12 月 28 日前书面答复您");
        assert_eq!(on(28), "今天是最后一天，今天应当书面答复您");
        assert_eq!(on(29), "应当在 12 月 28 日前书面答复您，已经晚了 1 天");
    }

    #[test]
    fn the_next_reception_day_is_today_or_later() {
        let next = |day| {
            let days = receptions(Policy::published(), Calendar::published(), day).unwrap();
            days.into_iter().map(|one| one.on).collect::<Vec<_>>()
        };
        // The 15th of November 2026 is a Sunday: the county receives on the 16th.
        assert_eq!(next(date(2026, 11, 10)), [date(2026, 11, 10), date(2026, 11, 16)]);
        assert_eq!(next(date(2026, 11, 11)), [date(2026, 11, 16), date(2026, 12, 10)]);
        assert_eq!(next(date(2026, 11, 17)), [date(2026, 12, 10), date(2026, 12, 15)]);
    }
}
