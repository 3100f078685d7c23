//! The notice as it is read: inside the unit, on paper for the notice board, and for everybody where the county's values
//! say so.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use sqlx::AnyConnection;

use super::documents;
use super::kept::Share;
use super::notice::{self, Listed, Notice};
use super::runs::{self, Run};
use super::words::{month_on_paper, month_words, score, signed, yuan};
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::paper::{Block, Paper, date};
use crate::public::Frame;
use crate::web::{Access, App, Page, Path, Refusal, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/pay/notices/{run}", Access::May("pay.notices"), show)
        .get("/pay/notices/{run}/notice.docx", Access::May("pay.notices"), word)
        .get("/pay-notices", Access::Public, list)
        .get("/pay-notices/{run}", Access::Public, show_everybody)
}

/// The notice of a run as a paper.
async fn paper(app: &App, read: &mut AnyConnection, run: &Run, notice: &Notice) -> Result<Paper, Refusal> {
    let shares = run.shares(read).await?;
    let month = month_on_paper(run.month);
    let document = match &run.document {
        Some(bound) => Some(bound.clone()),
        None => documents::covering(read, run.month).await?.into_iter().next(),
    };
    let basis = document.map(|document| format!("依据{}《{}》，", document.number, document.title));
    let to_object = notice.latest();
    let last = super::course::Term::of(&app.calendar, to_object, notice.objection_days);
    let mut paper = Paper::new(format!("{}\n{month}绩酬结果公示", run.unit_name), notice.put_up_on).text(format!(
        "{}{month}绩酬已经结算，并由结算以外的人核对。现予公示，公示期{}个工作日：{}公示，当日不计，至{}止。",
        basis.unwrap_or_default(),
        notice.working_days,
        date(notice.latest()),
        notice.up(app).on_paper(),
    ));
    for new in [true, false] {
        if notice.is_mixed() {
            let heading = if new {
                "一、结果有变动、重新公示的"
            } else {
                "二、此前已经公示、没有变动的"
            };
            paper = paper.heading(heading);
        } else if !new {
            break;
        }
        for class in &run.policy.classes {
            let of = |share: &&Share| share.class == class.name && notice.is_new(share.official) == new;
            let members: Vec<&Share> = shares.iter().filter(of).collect();
            if !members.is_empty() {
                let (columns, rows) = table(run, notice, &members);
                paper = paper.subheading(class.name.as_str()).table(&columns, rows);
            }
        }
    }
    let mut text = format!(
        "本人对结果有异议的，在{}前（含当日）登录“我的绩酬”提出，或者到人事部门书面提出，写明理由。\
         人事部门自收到之日起{}个工作日内书面答复；异议和答复只有本人、人事部门、签批的领导和审计人员能看到。",
        last.on_paper(),
        notice.answer_days
    );
    if !notice.amounts {
        text.push_str("\n金额不公示，各人的金额和每一分的由来在本人的“我的绩酬”里。");
    }
    if notice.is_mixed() {
        text.push_str("\n没有变动的，提异议的期限按上一次公示起算。");
    }
    paper = paper.text(format!("{text}\n公示人：{}。", notice.put_up_by));
    paper.signed_by.clone_from(&run.unit_name);
    Ok(paper)
}

type Columns = Vec<(&'static str, usize)>;

/// The results of a class: with amounts only where the notice shows them.
fn table(run: &Run, notice: &Notice, shares: &[&Share]) -> (Columns, Vec<Vec<String>>) {
    let mut columns = vec![("姓名", 4), ("预安", 2), ("销号", 2), ("得分", 3)];
    if notice.amounts {
        columns.extend([("扣入", 3), ("应发", 3), ("奖惩", 3)]);
    }
    let rows = shares.iter().map(|share| {
        let counting = share.kept.items.iter().filter(|item| item.counts());
        let cancelled = counting.clone().filter(|item| item.is_cancelled(run.policy.cut_off)).count();
        let mut row = vec![
            share.name.clone(),
            counting.count().to_string(),
            cancelled.to_string(),
            share.score_bp.map_or("不计分".to_owned(), score),
        ];
        if notice.amounts {
            let paid = share.share_fen.unwrap_or(0);
            row.extend([yuan(share.stake_fen), yuan(paid), signed(paid - share.stake_fen)]);
        }
        row
    });
    (columns, rows.collect())
}

#[derive(Template)]
#[template(path = "pay/notice.html")]
struct NoticePage {
    shell: Shell,
    run: Run,
    month: String,
    paper: Paper,
    is_up: bool,
    /// Has a share in it: may object.
    own: bool,
    /// Finds the run itself.
    finds_run: bool,
    public: bool,
}

async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let run = notice::find(&mut read, &app, &viewer, id).await?;
    let Some(notice) = &run.notice else { return Err(Refusal::NotFound) };
    let finds_run = viewer.may("pay.list") && runs::find(&mut read, &viewer, id).await.is_ok();
    let paper = paper(&app, &mut read, &run, notice).await?;
    drop(read);
    html(&NoticePage {
        shell: Shell::new(&viewer, if finds_run { "pay" } else { "my-pay" }),
        month: month_words(run.month),
        is_up: run.replaced_by.is_none() && !notice.up(&app).is_over(app.today()),
        own: run.replaced_by.is_none() && viewer.may("pay.own") && notice.since.contains_key(&viewer.official),
        public: notice.public,
        finds_run,
        paper,
        run,
    })
}

async fn word(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let run = notice::find(&mut read, &app, &viewer, id).await?;
    let Some(notice) = &run.notice else { return Err(Refusal::NotFound) };
    let paper = paper(&app, &mut read, &run, notice).await?;
    drop(read);
    Ok(paper.download(&format!("绩酬公示-{}-{}", run.unit_name, run.month))?)
}

#[derive(Template)]
#[template(path = "pay/public_notices.html")]
struct PublicList {
    frame: Frame,
    rows: Vec<Listed>,
}

/// The notices that are up for everybody, or the one of a run.
async fn public(app: &App, run: Option<i64>) -> Result<Vec<Listed>, sqlx::Error> {
    let mut sql = notice::listed(app);
    sql.push(" AND p.public = 1");
    if let Some(run) = run {
        sql.push(" AND p.run = ").bind(run);
    }
    sql.push(" ORDER BY p.put_up_on DESC, p.run DESC").limit(300);
    let mut read = app.db.read().await?;
    let mut rows: Vec<Listed> = sql.fetch_all(&mut read).await?;
    rows.retain(|row| row.is_up(app));
    Ok(rows)
}

async fn list(State(app): State<App>, frame: Frame) -> Page {
    let rows = public(&app, None).await?;
    frame.show(&app, StatusCode::OK, &PublicList { frame, rows })
}

#[derive(Template)]
#[template(path = "pay/public_notice.html")]
struct PublicPage {
    frame: Frame,
    paper: Paper,
}

async fn show_everybody(State(app): State<App>, frame: Frame, Path(id): Path<i64>) -> Page {
    if public(&app, Some(id)).await?.is_empty() {
        return Err(Refusal::NotFound);
    }
    let mut read = app.db.read().await?;
    let mut sql = Sql::new(runs::SELECT);
    sql.bind(id);
    let run = runs::with_the_rest(&mut read, sql).await?;
    let Some(notice) = &run.notice else { return Err(Refusal::NotFound) };
    let paper = paper(&app, &mut read, &run, notice).await?;
    drop(read);
    frame.show(&app, StatusCode::OK, &PublicPage { frame, paper })
}
