//! The papers of a petition (arts. 22, 23, 32, 34): each is said once, shown as a page that prints, and taken as a Word
//! file in the official layout.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::{Clock, Run};
use sqlx::{AnyConnection, FromRow};

use super::card::{Petition, find, persons};
use super::history::History;
use super::reviews;
use super::rules::{Category, Channel, Matter, Outcome, Settling, Terms, goes_elsewhere, petitioners};
use super::veil::veiled;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::paper::{self, Block, Paper};
use crate::web::{Access, App, Page, Path, Refusal, Rooms, Shell, html_with};

pub(super) fn rooms() -> Rooms {
    let read = || Access::May("petitions.read");
    Rooms::new()
        .get("/petitions/{id}/opinion.docx", read(), opinion_file)
        .get("/petitions/{id}/notice", read(), notice)
        .get("/petitions/{id}/notice.docx", read(), notice_file)
        .get("/petitions/{id}/extension", read(), extension)
        .get("/petitions/{id}/extension.docx", read(), extension_file)
        .get("/petitions/{id}/forwarding", read(), letter)
        .get("/petitions/{id}/forwarding.docx", read(), letter_file)
        .get("/petitions/{id}/settlement", read(), settlement)
        .get("/petitions/{id}/settlement.docx", read(), settlement_file)
}

/// Which paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// 处理意见书, or the answer of another branch.
    Opinion,
    /// 受理告知书, or 不予受理告知书 of what was forwarded.
    Notice,
    /// 延期告知书.
    Extension,
    /// 转送函.
    Letter,
    /// 调解协议书, 和解协议书.
    Settlement,
}

impl Written {
    /// The last part of its address.
    fn path(self) -> &'static str {
        match self {
            Self::Opinion => "opinion",
            Self::Notice => "notice",
            Self::Extension => "extension",
            Self::Letter => "forwarding",
            Self::Settlement => "settlement",
        }
    }
}

/// How a paper is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// To be read and printed.
    OnPage,
    /// As a file.
    Word,
}

#[derive(Template)]
#[template(path = "petitions/paper.html")]
struct PaperPage {
    shell: Shell,
    petition: Petition,
    name: String,
    path: &'static str,
    paper: Paper,
}

async fn opinion_file(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, Written::Opinion, Form::Word).await
}

async fn notice(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, Written::Notice, Form::OnPage).await
}

async fn notice_file(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, Written::Notice, Form::Word).await
}

async fn extension(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, Written::Extension, Form::OnPage).await
}

async fn extension_file(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, Written::Extension, Form::Word).await
}

async fn letter(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, Written::Letter, Form::OnPage).await
}

async fn letter_file(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, Written::Letter, Form::Word).await
}

async fn settlement(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, Written::Settlement, Form::OnPage).await
}

async fn settlement_file(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, Written::Settlement, Form::Word).await
}

/// A paper that was made; what was not made is not found. It tells as much as the card: its reading is recorded.
pub(super) async fn show(app: &App, viewer: &Viewer, id: i64, written: Written, form: Form) -> Page {
    let mut read = app.db.read().await?;
    let petition = find(&mut read, viewer, id).await?;
    let (persons, hidden) = persons(&mut read, app, viewer, &petition).await?;
    let history = History::of(&mut read, id, false).await?;
    let lead = persons.first().map_or("", |person| person.name.as_str());
    let of = Of {
        matter: history.matter(&petition.facts()?, app)?,
        addressee: petitioners(lead, petition.people),
        app,
        petition: &petition,
        history: &history,
    };
    let paper = match written {
        Written::Opinion => of.opinion(&mut read).await?,
        Written::Notice => of.notice(&mut read).await?,
        Written::Extension => of.extension()?,
        Written::Letter => of.letter(&mut read).await?,
        Written::Settlement => of.settlement(&mut read).await?,
    };
    drop(read);
    let paper = paper.ok_or(Refusal::NotFound)?.each(|text| veiled(text, &hidden));
    record(app, viewer, id).await?;
    let name = paper.title.lines().last().unwrap_or_default().to_owned();
    if form == Form::Word {
        return Ok(paper.download(&format!("{name} {}", petition.number))?);
    }
    let shell = Shell::new(viewer, "petitions");
    html_with(StatusCode::OK, &PaperPage { shell, name, path: written.path(), petition, paper })
}

/// The reading of a paper, recorded like the card's.
pub(super) async fn record(app: &App, viewer: &Viewer, id: i64) -> Result<(), Refusal> {
    let mut write = app.db.write().await?;
    chain::record_reading(&mut write, app, viewer.actor(), "petition.read", Subject("petition", id)).await?;
    Ok(write.commit().await?)
}

/// What a paper is made of.
struct Of<'a> {
    app: &'a App,
    petition: &'a Petition,
    history: &'a History,
    matter: Matter,
    addressee: String,
}

#[derive(FromRow)]
struct Opinion {
    outcome: String,
    request: String,
    facts: String,
    basis: String,
    reply: String,
    issued_on: String,
}

#[derive(FromRow)]
struct Settlement {
    manner: String,
    parties: String,
    facts: String,
    terms: String,
    performance: String,
    due_on: String,
    agreed_on: String,
}

impl Of<'_> {
    /// A paper to the petitioner under the name of a unit.
    fn to_petitioner(&self, unit: &str, name: &str, on: Date) -> Paper {
        let mut paper = Paper::new(format!("{unit}\n{name}"), on);
        paper.number.clone_from(&self.petition.number);
        paper.recipient.clone_from(&self.addressee);
        unit.clone_into(&mut paper.signed_by);
        paper
    }

    /// The unit that answers for it: the lead unit of now, else whoever has it.
    fn unit(&self) -> &str {
        self.history.lead().map_or(self.petition.unit_name.as_str(), |lead| lead.unit_name.as_str())
    }

    /// 您于2026年11月2日通过来访反映的“…”.
    fn told(&self) -> anyhow::Result<String> {
        let channel = Channel::from_word(&self.petition.channel).map_or("", Channel::label);
        let on = paper::date(self.petition.registered_on.parse()?);
        Ok(format!("您于{on}通过{channel}反映的“{}”", self.petition.title))
    }

    async fn receiver(&self, read: &mut AnyConnection) -> Result<Option<String>, sqlx::Error> {
        let name: Option<(String,)> = sqlx::query_as("SELECT name FROM unit WHERE id = $1")
            .bind(self.petition.received_by)
            .fetch_optional(read)
            .await?;
        Ok(name.map(|(name,)| name))
    }

    async fn opinion(&self, read: &mut AnyConnection) -> anyhow::Result<Option<Paper>> {
        let issued: Option<Opinion> =
            sqlx::query_as("SELECT outcome, request, facts, basis, reply, issued_on FROM opinion WHERE petition = $1")
                .bind(self.petition.id)
                .fetch_optional(&mut *read)
                .await?;
        let Some(opinion) = issued else { return Ok(None) };
        let on: Date = opinion.issued_on.parse()?;
        let outcome = Outcome::from_word(&opinion.outcome).map_or("", Outcome::label);
        // 处理意见书 of branch 6 alone has the remedy of arts. 35 and 36; the others are answers.
        let remedy = self.matter.has_handling_clock();
        let name = if remedy { "信访事项处理意见书" } else { "信访事项答复意见书" };
        let lead = self.history.lead();
        let sent = match (lead, self.receiver(read).await?) {
            (Some(lead), Some(receiver)) if lead.unit != self.petition.received_by => {
                format!("，{receiver}于{}交办本单位", paper::date(lead.day.parse()?))
            }
            _ => String::new(),
        };
        let accepted = match self.matter.lead.and_then(|lead| lead.accepted_on) {
            Some(on) => format!("，本单位于{}受理", paper::date(on)),
            None => String::new(),
        };
        let paper = self
            .to_petitioner(self.unit(), name, on)
            .text(format!("{}{sent}{accepted}。经调查核实，现答复如下。", self.told()?))
            .heading("一、信访请求")
            .text(opinion.request)
            .heading("二、查明的事实")
            .text(opinion.facts)
            .heading("三、依据")
            .text(opinion.basis)
            .heading(format!("四、处理意见：{outcome}"))
            .text(items(&opinion.reply));
        if !remedy {
            return Ok(Some(paper.text(
                "本答复不是《信访工作条例》第三十一条第六项的处理意见；对属于行政复议、诉讼范围的行为，\
                 可以依法另行请求救济。",
            )));
        }
        let terms = Terms::on(&self.app.policy, on)?;
        let organ = reviews::above(read, lead.and_then(|lead| lead.unit).or(self.petition.unit)).await?.1;
        Ok(Some(paper.text(format!(
            "如不服本处理意见，可以自收到本意见书之日起{}日内，向{organ}请求复查（{}）。",
            terms.review_request.days, terms.review_request.article
        ))))
    }

    async fn notice(&self, read: &mut AnyConnection) -> anyhow::Result<Option<Paper>> {
        if let Some(forwarded) = self.history.last("forwarded") {
            let on: Date = forwarded.day.parse()?;
            let unit = self.receiver(read).await?.unwrap_or_else(|| self.petition.unit_name.clone());
            let category = Category::from_word(&self.petition.category);
            let why = category.and_then(|category| goes_elsewhere(category, self.petition.branch)).unwrap_or_default();
            let report = category == Some(Category::Report);
            let (name, article, then) = if report {
                ("信访事项转送告知书", "第三十条", "由其依照职权处理")
            } else {
                ("信访事项不予受理告知书", "第三十一条", "本单位不予受理，请按照该机关的程序提出")
            };
            return Ok(Some(self.to_petitioner(&unit, name, on).text(format!(
                "{}，属于{why}。依照《信访工作条例》{article}，已于{}转送{}，{then}。",
                self.told()?,
                paper::date(on),
                forwarded.word
            ))));
        }
        let Some(accepted) = self.history.last("accepted") else { return Ok(None) };
        let on: Date = accepted.day.parse()?;
        let terms = Terms::on(&self.app.policy, on)?;
        let paper = self
            .to_petitioner(self.unit(), "信访事项受理告知书", on)
            .text(format!("{}，本单位已于{}受理（{}）。", self.told()?, paper::date(on), terms.notice.article))
            .text(accepted.content.clone());
        let handling = self.history.clocks(self.app)?.into_iter().rfind(|running| running.clock == Clock::Handling);
        let paper = match handling.and_then(|running| running.deadline.due) {
            None => paper,
            Some(due) => paper.text(format!(
                "本单位将在{}前办结，并出具处理意见书（{}）。情况复杂需要延长的，会书面告知您理由，延长不超过{}日。",
                paper::date(due),
                terms.handling.article,
                terms.extension.days
            )),
        };
        Ok(Some(paper.text("凭回执上的查询码，可以随时查询办理进度。")))
    }

    fn extension(&self) -> anyhow::Result<Option<Paper>> {
        let Some(extended) = self.history.last("extended") else { return Ok(None) };
        let on: Date = extended.day.parse()?;
        let handling = self.history.clocks(self.app)?.into_iter().rfind(|running| running.clock == Clock::Handling);
        let Some(handling) = handling else { return Ok(None) };
        let (policy, calendar) = (&self.app.policy, &self.app.calendar);
        let before = policy::deadline(policy, calendar, &Run::new(Clock::Handling, handling.from))?.due;
        let day = |due: Option<Date>| due.map_or("待放假安排公布后确定的日期".to_owned(), paper::date);
        let article = Terms::on(policy, handling.from)?.extension.article;
        let reason = extended.content.trim_end_matches('。');
        Ok(Some(
            self.to_petitioner(self.unit(), "信访事项延期告知书", on)
                .text(format!(
                    "{}，本单位于{}受理，应当在{}前办结。",
                    self.told()?,
                    paper::date(handling.from),
                    day(before)
                ))
                .text(format!(
                    "因{reason}，经本单位负责人批准，办理期限延长{}日，将在{}前办结并书面答复您（{article}）。",
                    extended.number,
                    day(handling.deadline.due)
                )),
        ))
    }

    async fn settlement(&self, read: &mut AnyConnection) -> anyhow::Result<Option<Paper>> {
        let agreed: Option<Settlement> = sqlx::query_as(
            "SELECT manner, parties, facts, terms, performance, due_on, agreed_on FROM settlement WHERE petition = $1",
        )
        .bind(self.petition.id)
        .fetch_optional(read)
        .await?;
        let Some(agreed) = agreed else { return Ok(None) };
        let manner = Settling::from_word(&agreed.manner).map_or("", Settling::label);
        let mut paper = Paper::new(format!("信访事项{manner}协议书"), agreed.agreed_on.parse()?)
            .heading("一、当事人")
            .text(agreed.parties)
            .heading("二、纠纷事实")
            .text(agreed.facts)
            .heading("三、协议内容")
            .text(items(&agreed.terms))
            .heading("四、履行方式和期限")
            .text(agreed.performance)
            .text(format!("履行期限：{}前。", paper::date(agreed.due_on.parse()?)))
            .text("本协议由双方自愿达成，自双方签字之日起生效（《信访工作条例》第三十三条）。")
            .text("当事人（签字）：")
            .text("当事人（签字）：");
        paper.number.clone_from(&self.petition.number);
        self.unit().clone_into(&mut paper.signed_by);
        Ok(Some(paper))
    }

    async fn letter(&self, read: &mut AnyConnection) -> anyhow::Result<Option<Paper>> {
        let Some(forwarded) = self.history.last("forwarded") else { return Ok(None) };
        let unit = self.receiver(read).await?.unwrap_or_else(|| self.petition.unit_name.clone());
        let channel = Channel::from_word(&self.petition.channel).map_or("", Channel::label);
        let registered = paper::date(self.petition.registered_on.parse()?);
        let mut paper = Paper::new(format!("{unit}\n信访事项转送函"), forwarded.day.parse()?)
            .text(forwarded.content.clone())
            .table(
                &[("项目", 2), ("内容", 9)],
                [
                    ("编号", self.petition.number.clone()),
                    ("信访人", self.addressee.clone()),
                    ("登记", format!("{registered}，{channel}")),
                    ("事项", self.petition.title.clone()),
                    ("反映内容", self.petition.content.clone()),
                ]
                .into_iter()
                .map(|(item, text)| vec![item.to_owned(), text])
                .collect(),
            );
        paper.number.clone_from(&self.petition.number);
        paper.recipient.clone_from(&forwarded.word);
        paper.signed_by = unit;
        Ok(Some(paper))
    }
}

/// An opinion item by item: each line is one, and gets its number where the writer gave none.
fn items(reply: &str) -> String {
    let lines: Vec<&str> = reply.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let numbered = lines.first().is_some_and(|line| {
        line.starts_with(['（', '(', '①', '一', '1', '１']) && line.chars().take(4).any(|c| "）)、.．①".contains(c))
    });
    if lines.len() < 2 || numbered {
        return lines.join("\n");
    }
    let items = lines.iter().zip(1..).map(|(line, number)| format!("（{}）{line}", paper::ordinal(number)));
    items.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::items;

    #[test]
    fn several_items_are_numbered_unless_the_writer_did() {
        assert_eq!(items("由矿方补偿。"), "由矿方补偿。");
        assert_eq!(items("由矿方补偿。\n\n道路由镇里修复。"), "（一）由矿方补偿。\n（二）道路由镇里修复。");
        assert_eq!(items("1. 补偿\n2. 修路"), "1. 补偿\n2. 修路");
        assert_eq!(items("一、补偿\n二、修路"), "一、补偿\n二、修路");
    }
}
