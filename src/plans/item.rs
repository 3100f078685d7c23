//! The page of one item: what was promised, what became of it, and the acts that are open to the viewer.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use sqlx::{AnyConnection, FromRow};

use super::acts::Typed;
use super::beside::{self, Beside};
use super::cancelling::{self, Keyed};
use super::delegations;
use super::items::{self, Listed, who};
use super::rules::Condition;
use super::{below, details, regrouped, sight};
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{Access, App, Page, Path, Problems, Rooms, Shell, html_with};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/items/{id}", Access::May("plans.list"), show)
}

/// One line of an item's history.
#[derive(Debug, FromRow)]
struct Past {
    happened_on: String,
    kind: String,
    content: String,
    done_on: String,
    name: String,
}

impl Past {
    fn what(&self) -> &'static str {
        match self.kind.as_str() {
            "revised" => "修改，原为",
            "sent_back" => "退改",
            "merged" => "合并到别的项",
            "absorbed" => "并入",
            "split" => "拆分",
            "part" => "由拆分而来",
            "frozen" => "定稿",
            "added" => "追加",
            "accounted" => "述职",
            "proposed" => "提请销号",
            "returned" => "退回述职",
            "cancelled" => "销号",
            "keyed" => "销号，第一人",
            "confirmed" => "销号，第二人确认",
            "reversed" => "撤回销号",
            "withdrawn" => "撤销",
            _ => "顺延",
        }
    }
    fn is_key(&self) -> bool {
        self.kind == "cancelled"
    }
}

const HISTORY: &str =
    "SELECT h.happened_on, h.kind, h.content, h.done_on,
            o.name || COALESCE((SELECT '（受' || g.name || '委托）' FROM cancel_delegation d JOIN official g ON g.id = d.given_by
               WHERE d.id = CASE h.kind WHEN 'cancelled' THEN (SELECT c.delegation FROM cancellation c WHERE c.id = h.place)
                                        WHEN 'returned' THEN (SELECT r.delegation FROM plan_return r WHERE r.account = h.place)
                                        WHEN 'keyed' THEN (SELECT k.delegation FROM cancellation_key k WHERE k.account = h.place)
                            END), '') AS name FROM (
       SELECT revised_on AS happened_on, version AS place, 1 AS part, 'revised' AS kind, was AS content,
              '' AS done_on, revised_by AS official FROM plan_revision WHERE item = $1
       UNION ALL SELECT returned_on, version, 0, 'sent_back', reason, '', returned_by FROM proposal_return WHERE item = $1
       UNION ALL SELECT COALESCE(i.frozen_on, p.frozen_on), 1000000, 0,
              CASE WHEN i.added = 1 THEN 'added' ELSE 'frozen' END, i.number, '', COALESCE(i.frozen_by, p.frozen_by)
              FROM plan_item i JOIN plan p ON p.id = i.plan
             WHERE i.id = $1 AND i.number IS NOT NULL AND COALESCE(i.frozen_on, p.frozen_on) IS NOT NULL
       UNION ALL SELECT merged_on, 999998, 0, 'merged', reason, '', merged_by FROM plan_merge WHERE item = $1
       UNION ALL SELECT m.merged_on, 999998, 0, 'absorbed',
              x.goal || '（' || xo.name || '，分值 ' || CAST(x.weight AS TEXT) || '）', '', m.merged_by
              FROM plan_merge m JOIN plan_item x ON x.id = m.item JOIN official xo ON xo.id = x.owner
             WHERE m.into_item = $1
       UNION ALL SELECT MIN(split_on), 999999, 0, 'split', MIN(reason), '', MIN(split_by) FROM plan_split
             WHERE whole = $1 HAVING COUNT(*) > 0
       UNION ALL SELECT split_on, 0, 0, 'part', reason, '', split_by FROM plan_split WHERE part = $1
       UNION ALL SELECT given_on, id, 0, CASE WHEN proposed = 1 THEN 'proposed' ELSE 'accounted' END, content, done_on,
              given_by FROM plan_account WHERE item = $1
       UNION ALL SELECT r.returned_on, a.id, 1, 'returned', r.reason, '', r.returned_by
              FROM plan_return r JOIN plan_account a ON a.id = r.account WHERE a.item = $1
       UNION ALL SELECT cancelled_on, id, 0, 'cancelled', '', done_on, cancelled_by FROM cancellation WHERE item = $1
       UNION ALL SELECT keyed_on, account, 2, 'keyed', why, '', keyed_by FROM cancellation_key WHERE item = $1
       UNION ALL SELECT confirmed_on, account, 3, 'confirmed', '', '', confirmed_by FROM cancellation_key
              WHERE item = $1 AND confirmed_on IS NOT NULL
       UNION ALL SELECT v.reversed_on, c.id, 1, 'reversed', v.reason, '', v.reversed_by
              FROM cancellation_reversal v JOIN cancellation c ON c.id = v.cancellation WHERE c.item = $1
       UNION ALL SELECT consented_on, 9000000000000000000, 0, kind, reason, COALESCE(deferred_to, ''), consented_by
              FROM plan_relief WHERE item = $1
     ) h JOIN official o ON o.id = h.official
     ORDER BY h.happened_on, h.place, h.part LIMIT 500";

#[derive(Template)]
#[template(path = "plans/item.html")]
struct ItemPage {
    shell: Shell,
    listed: Listed,
    past: Vec<Past>,
    typed: Typed,
    problems: Problems,
    /// Why nothing was done though nothing is wrong with the form; else empty.
    told: &'static str,
    /// What was typed and has no form on the page any more.
    unsent: Vec<String>,
    proposed_by: String,
    details: details::Shown,
    /// The item that it serves, where the viewer finds it.
    upper: Option<details::Other>,
    below: below::Below,
    regrouped: regrouped::Shown,
    next: Option<(i64, String)>,
    judges: bool,
    /// The first of two keys is turned.
    keyed: Option<Keyed>,
    beside: Beside,
    may_account: bool,
    may_revise: bool,
    /// The petition that it is bound to, where the viewer finds it.
    linked: Option<i64>,
    today: Date,
    /// The viewer, as the owner of items.
    viewer: i64,
}

/// Shows an item again with what was typed and why it was not done.
pub(super) async fn again(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    listed: Listed,
    typed: Typed,
    problems: Problems,
) -> Page {
    page(read, app, viewer, listed, typed, problems, "").await
}

/// Shows an item again with the rule that forbids the act.
pub(super) async fn refused(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    listed: Listed,
    typed: Typed,
    why: &impl std::fmt::Display,
) -> Page {
    let mut problems = Problems::default();
    problems.add("", why.to_string());
    page(read, app, viewer, listed, typed, problems, "").await
}

const DONE: &str = "这一步已经办过了，没有重复办理。";

/// Shows an item anew to somebody whose page is older than it, with what was typed. `done`: what was asked for has
/// come about already, by a first click or by somebody else.
pub(super) async fn overtaken(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    listed: Listed,
    typed: Typed,
    done: bool,
) -> Page {
    let told = if done {
        "这一步已经办过了，没有重复办理。"
    } else {
        "别人刚刚办了一步，请核对后再提交。"
    };
    page(read, app, viewer, listed, typed, Problems::default(), told).await
}

async fn upper(
    read: &mut AnyConnection,
    viewer: &Viewer,
    listed: &Listed,
) -> Result<Option<details::Other>, sqlx::Error> {
    let Some(serves) = listed.serves else { return Ok(None) };
    let mut sql = Sql::new(details::OTHERS);
    sql.push("i.id = ").bind(serves);
    sight::push_item(&mut sql, viewer);
    sql.fetch_optional(read).await
}

async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let listed = items::find(&mut read, &viewer, id).await?;
    page(&mut read, &app, &viewer, listed, Typed::default(), Problems::default(), "").await
}

async fn page(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    listed: Listed,
    mut typed: Typed,
    problems: Problems,
    told: &'static str,
) -> Page {
    let mut past: Vec<Past> = sqlx::query_as(HISTORY).bind(listed.id).fetch_all(&mut *read).await?;
    if listed.veiled {
        // Only the number that the freezing gave tells nothing of the petition.
        for one in past.iter_mut().filter(|one| !matches!(one.kind.as_str(), "frozen" | "added")) {
            one.content.clear();
        }
    }
    for one in &mut past {
        one.content = listed.told(&one.content);
    }
    let (proposed_by,): (String,) =
        sqlx::query_as("SELECT o.name FROM plan_item i JOIN official o ON o.id = i.proposed_by WHERE i.id = $1")
            .bind(listed.id)
            .fetch_one(&mut *read)
            .await?;
    let next: Option<(i64, String)> =
        sqlx::query_as("SELECT id, COALESCE(number, '待编号') FROM plan_item WHERE continues = $1")
            .bind(listed.id)
            .fetch_optional(&mut *read)
            .await?;
    let me = who(viewer);
    let today = app.today();
    let details = details::shown(read, viewer, listed.id, today).await?;
    let upper = upper(read, viewer, &listed).await?;
    let regrouped = regrouped::shown(read, viewer, listed.id).await?;
    let below = below::of(read, viewer, listed.id).await?;
    if typed.done_on.is_empty() {
        typed.done_on = today.to_string();
    }
    let status = match (told.is_empty(), problems.is_empty()) {
        (false, _) => StatusCode::CONFLICT,
        (true, true) => StatusCode::OK,
        (true, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let judges = viewer.may("plans.cancel")
        && (listed.item.is_judged_by(me)
            || (matches!(listed.item.condition, Condition::Accounted { .. })
                && listed.item.is_judged_by(delegations::acting(viewer, &listed))));
    let keyed = cancelling::key_of(read, &listed).await?;
    let beside = beside::of_item(read, listed.id).await?;
    let may_account = viewer.may("plans.account") && listed.item.account(me, today, today).is_ok();
    let asks_why = judges
        && (listed.item.relieve_open()
            || matches!(
                listed.item.condition,
                Condition::Draft | Condition::Accounted { .. } | Condition::Cancelled { .. }
            ));
    let unsent = [(&typed.content, may_account), (&typed.reason, asks_why)];
    let unsent = unsent.into_iter().filter(|(text, shown)| told != DONE && !shown && !text.trim().is_empty());
    let page = ItemPage {
        shell: Shell::new(viewer, "plans"),
        told,
        keyed,
        beside,
        unsent: unsent.map(|(text, _)| text.clone()).collect(),
        judges,
        may_account,
        may_revise: viewer.may("plans.propose")
            && listed.is_plain()
            && listed.item.revise(me, listed.item.due_on).is_ok(),
        linked: listed.petition.filter(|_| !listed.veiled),
        listed,
        past,
        typed,
        problems,
        proposed_by,
        details,
        upper,
        below,
        regrouped,
        next,
        today,
        viewer: viewer.official,
    };
    html_with(status, &page)
}
