//! 一事一卡: everything about one petition on one page; each showing is recorded before it is shown.

use std::future::Future;
use std::pin::Pin;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use jiff::civil::Date;
use sqlx::{AnyConnection, FromRow};

use super::acts::{self, Hindered, facts};
use super::clocks::Running;
use super::files::{Section, attach, complain, with_files};
use super::forms::{self, ActForm, Choices, Offer};
use super::history::{History, party};
use super::rules::{
    BRANCHES, Category, Cause, Channel, Duty, Manner, Matter, Noun, Resolution, Settling, State as Step, Terms, Theme,
    masked, petitioners,
};
use super::threads::{self, Other};
use super::timeline::{self, Evidence, Line};
use super::veil::veiled;
use super::{cause, disputes, inquiries, reviews, sight, submissions, voice};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::files::Received;
use crate::plans;
use crate::web::{Access, App, Page, Path, Problems, Refusal, Rooms, Shell, day, html_with, see};

pub(super) fn rooms() -> Rooms {
    let acts: Vec<(&'static str, &'static str, &'static str)> = vec![
        ("/petitions/{id}/classification", "classification", "petitions.classify"),
        ("/petitions/{id}/recusal", "recusal", "petitions.recuse"),
        ("/petitions/{id}/forwarding", "forwarding", "petitions.assign"),
        ("/petitions/{id}/assignment", "assignment", "petitions.assign"),
        ("/petitions/{id}/taking-back", "taking-back", "petitions.assign"),
        ("/petitions/{id}/referral", "referral", "petitions.assign"),
        ("/petitions/{id}/deadlock", "deadlock", "petitions.accept"),
        ("/petitions/{id}/ruling", "ruling", "petitions.rule"),
        ("/petitions/{id}/acceptance", "acceptance", "petitions.accept"),
        ("/petitions/{id}/objection", "objection", "petitions.accept"),
        ("/petitions/{id}/extension", "extension", "petitions.extend"),
        ("/petitions/{id}/hearing", "hearing", "petitions.hear"),
        ("/petitions/{id}/service", "service", "petitions.serve"),
        ("/petitions/{id}/acknowledgment", "acknowledgment", "petitions.call_back"),
        ("/petitions/{id}/call-back", "call-back", "petitions.call_back"),
        ("/petitions/{id}/binding", "binding", "petitions.bind"),
        ("/petitions/{id}/unbinding", "unbinding", "petitions.bind"),
        ("/petitions/{id}/step", "step", "petitions.handle"),
        ("/petitions/{id}/settlement", "settlement", "petitions.handle"),
        ("/petitions/{id}/unreachability", "unreachability", "petitions.call_back"),
        ("/petitions/{id}/withdrawal", "withdrawal", "petitions.call_back"),
        ("/petitions/{id}/execution", "execution", "petitions.handle"),
        ("/petitions/{id}/reopening", "reopening", "petitions.close"),
        ("/petitions/{id}/closure", "closure", "petitions.close"),
    ];
    let rooms = Rooms::new().get("/petitions/{id}", Access::May("petitions.read"), card);
    acts.into_iter().fold(rooms, |rooms, (address, path, action)| match path {
        "step" => rooms.post_files(address, Access::May(action), acting(path)),
        _ => rooms.post(address, Access::May(action), acting(path)),
    })
}

/// A petition as its card shows it.
#[derive(Debug, FromRow)]
pub(super) struct Petition {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) state_number: String,
    pub(super) erased: i64,
    pub(super) registered_on: String,
    pub(super) channel: String,
    pub(super) title: String,
    pub(super) content: String,
    pub(super) theme: String,
    pub(super) place: String,
    pub(super) township: String,
    pub(super) place_detail: String,
    pub(super) people: i64,
    pub(super) anonymous: i64,
    pub(super) registered_by: Option<i64>,
    pub(super) received_by: Option<i64>,
    pub(super) lead: String,
    pub(super) category: String,
    pub(super) branch: Option<i64>,
    pub(super) state: String,
    pub(super) unit: Option<i64>,
    pub(super) unit_name: String,
    pub(super) receiver_name: String,
    pub(super) handler: Option<i64>,
    pub(super) handler_name: String,
    pub(super) version: i64,
}

/// The columns of [`Petition`], up to its id.
const SELECT: &str = "SELECT p.id, p.number, COALESCE(n.number, '') AS state_number,
                CASE WHEN x.petition IS NULL THEN 0 ELSE 1 END AS erased, p.registered_on, p.channel, p.title, p.content, p.theme, p.place_detail, p.people,
                p.anonymous, p.registered_by, p.received_by, p.lead, p.category, p.branch, p.state, p.version,
                COALESCE(v.name || ' ', '') || d.name AS place, COALESCE(t.name, '') AS township, p.unit, COALESCE(u.name, '') AS unit_name, COALESCE(r.name, '') AS receiver_name, p.handler,
                COALESCE(h.name, '') AS handler_name
           FROM petition p
           JOIN division d ON d.code = p.division
           LEFT JOIN division v ON v.code = d.parent AND d.kind = 'group'
           LEFT JOIN division t ON t.code = p.township AND t.code <> d.code
           LEFT JOIN unit u ON u.id = p.unit
           LEFT JOIN unit r ON r.id = p.received_by
           LEFT JOIN official h ON h.id = p.handler
           LEFT JOIN state_number n ON n.petition = p.id
           LEFT JOIN erasure x ON x.petition = p.id
          WHERE p.id = ";

/// A petition, for whoever has looked already whether the viewer may find it.
pub(super) async fn of(read: &mut AnyConnection, id: i64) -> Result<Petition, Refusal> {
    let mut sql = Sql::new(SELECT);
    sql.bind(id);
    sql.fetch_optional(read).await?.ok_or(Refusal::NotFound)
}

/// A petition that the viewer may find; anything else does not exist.
pub(super) async fn find(read: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<Petition, Refusal> {
    let mut sql = Sql::new(SELECT);
    sql.bind(id);
    sight::push(&mut sql, viewer);
    sql.fetch_optional(read).await?.ok_or(Refusal::NotFound)
}

impl Petition {
    pub(super) fn channel(&self) -> &'static str {
        Channel::from_word(&self.channel).map_or("", Channel::label)
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
    pub(super) fn branch(&self) -> &'static str {
        let branch = self.branch.unwrap_or_default();
        BRANCHES.iter().find(|(number, _)| *number == branch).map_or("", |(_, label)| *label)
    }
    pub(super) fn facts(&self) -> anyhow::Result<super::history::Facts> {
        let told = (self.anonymous, self.registered_by);
        facts((&self.state, &self.category), self.branch, told, (self.received_by, self.unit, self.handler))
    }
    /// Whether the viewer's office disposes of it: the petition office, or whoever received it in its place.
    pub(super) fn disposes(&self, viewer: &Viewer) -> bool {
        viewer.may("petitions.register") || self.received_by == Some(viewer.unit)
    }
    /// Whether the viewer sees a field of the petitioners: by role, or because the own unit took the petition in and
    /// has to answer them.
    pub(super) fn shows(&self, viewer: &Viewer, field: &str) -> bool {
        let own = self.received_by == Some(viewer.unit) && viewer.may("petitions.call_back");
        viewer.sees(field) || (own && field != "petitioner.identity")
    }
}

/// A person behind the petition, as far as the viewer may see.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) identity: String,
    pub(super) address: String,
}

#[derive(FromRow)]
struct PersonRow {
    id: i64,
    name: String,
    phone: Option<Vec<u8>>,
    identity: Option<Vec<u8>>,
    address: String,
}

/// The persons behind a petition. Names, phones and identity numbers are opened for those alone who see the field.
/// The second list holds the names that are to be hidden from this viewer wherever somebody wrote them down.
pub(super) async fn persons(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    petition: &Petition,
) -> Result<(Vec<Person>, Vec<String>), Refusal> {
    let rows: Vec<PersonRow> = sqlx::query_as(
        "SELECT id, name, phone, identity, address FROM petitioner WHERE petition = $1 ORDER BY position",
    )
    .bind(petition.id)
    .fetch_all(read)
    .await?;
    let sees_name = petition.shows(viewer, "petitioner.name");
    let opened = |sealed: Option<Vec<u8>>, column: &str, id: i64| match sealed {
        None => Ok(String::new()),
        Some(sealed) if petition.shows(viewer, &format!("petitioner.{column}")) => {
            app.keys.decrypt(&sealed, &format!("petitioner.{column}/{id}"))
        }
        Some(_) => Ok("●●●".to_owned()),
    };
    let hidden = if sees_name { Vec::new() } else { rows.iter().map(|row| row.name.clone()).collect() };
    let persons: anyhow::Result<Vec<Person>> = rows
        .into_iter()
        .map(|row| {
            Ok(Person {
                phone: opened(row.phone, "phone", row.id)?,
                identity: opened(row.identity, "identity", row.id)?,
                address: if sees_name || row.address.is_empty() { row.address } else { "●●●".to_owned() },
                name: if sees_name { row.name } else { masked(&row.name) },
            })
        })
        .collect();
    Ok((persons?, hidden))
}

#[derive(Template)]
#[template(path = "petitions/card.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows or hides its own part of the page")]
struct Card {
    shell: Shell,
    petition: Petition,
    petitioners: String,
    persons: Vec<Person>,
    leader: String,
    /// The binding runs.
    is_bound: bool,
    /// Of which duties this viewer's step may be evidence.
    duties: Vec<Duty>,
    /// The lengths of the law that the forms name.
    terms: Terms,
    bound_due: String,
    accepted: String,
    /// How often it was given to a unit to lead.
    hand_offs: usize,
    /// Who is to decide whose matter it is; empty where nothing waits.
    judge: String,
    five: Vec<Evidence>,
    lines: Vec<Line>,
    clocks: Vec<Running>,
    /// Those out of which a hearing is left.
    excluding: Vec<policy::Clock>,
    /// Authorities that have not answered an inquiry (代访), and for how many days.
    waiting: Vec<(String, i32)>,
    /// Before whom a proposal waits for its decision, and since when.
    submitted: Vec<(String, String)>,
    may_submit: bool,
    /// Unit and day of its last reading.
    read_by: Vec<(String, String)>,
    rating: &'static str,
    /// The rating was given on a device on which somebody of the staff was signed in.
    rated_by_staff: bool,
    resolution: &'static str,
    /// What it may be closed as.
    resolutions: Vec<Resolution>,
    /// What was supported or agreed is still to be carried out.
    to_execute: bool,
    is_settled: bool,
    is_withdrawn: bool,
    /// Name and address lead to nobody, and the answer has not got there since.
    is_unreachable: bool,
    reviews: Vec<reviews::Row>,
    may_ask_review: bool,
    /// The re-review ended it: the same facts are accepted no more.
    ended: bool,
    has_opinion: bool,
    /// What is held to be at its root; empty where nobody said.
    cause: &'static str,
    /// Whose it is to say that.
    may_say_cause: bool,
    /// The number of the national system is this viewer's to enter.
    may_number: bool,
    may_link: bool,
    /// The others of its thread, and until it is sorted what may belong to it.
    thread: Vec<Other>,
    candidates: Vec<Other>,
    may_issue: bool,
    has_notice: bool,
    has_extension: bool,
    is_forwarded: bool,
    /// Plan items that were cancelled before it was opened again: the number, and the item where the viewer finds it.
    cancelled_items: Vec<(String, Option<i64>)>,
    /// It is sent on, and the petitioner has not been told in writing.
    forwarding_unserved: bool,
    /// It waits for the answer of a review, and so its closing does.
    under_review: bool,
    files: Section,
    /// The files of the form that came back.
    received: Received,
    offers: Vec<Offer>,
    choices: Choices,
    form: ActForm,
    sent: &'static str,
    problems: Problems,
    today: Date,
}

impl Card {
    /// Whether a form is the one that came back.
    fn came_back(&self, offer: &Offer) -> bool {
        self.sent == offer.path
            && match offer.fields {
                "help" => self.form.part == "help",
                "assignment" => self.form.part != "help",
                "service" => self.form.paper == offer.paper,
                _ => true,
            }
    }

    /// What was typed into a form that is not offered any more: it has no field to stand in.
    fn unplaced(&self) -> &str {
        if self.offers.iter().any(|offer| self.came_back(offer)) { "" } else { &self.form.content }
    }

    /// The first receiver answers for it until a unit has accepted.
    fn first_receiver(&self) -> &str {
        if self.petition.state == "assigned" { &self.petition.receiver_name } else { "" }
    }

    /// Whether a hearing is left out of a clock.
    fn is_excluding(&self, running: &Running) -> bool {
        running.stopped_on.is_none() && self.excluding.contains(&running.clock)
    }

    /// Whether a step may be recorded, and so an accompaniment (陪访), which is one.
    fn may_accompany(&self) -> bool {
        self.offers.iter().any(|offer| offer.path == "step")
    }

    /// The organ to which the law sends it.
    fn organ(&self) -> &'static str {
        match (Category::from_word(&self.petition.category), self.petition.branch) {
            (Some(Category::Report), _) => "县纪委监委",
            (_, Some(1)) => "县委政法委",
            (_, Some(2)) => "县劳动人事争议仲裁院",
            (_, Some(3)) => "县委组织部",
            _ => "",
        }
    }
}

async fn card(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let nothing = (ActForm::default(), "", Problems::default());
    show(&app, &viewer, id, StatusCode::OK, nothing, Received::default()).await
}

/// Shows the card, with a form that came back where there is one.
pub(super) async fn show(
    app: &App,
    viewer: &Viewer,
    id: i64,
    status: StatusCode,
    (form, sent, problems): (ActForm, &'static str, Problems),
    received: Received,
) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let mut petition = find(&mut read, viewer, id).await?;
    let (persons, hidden) = persons(&mut read, app, viewer, &petition).await?;
    let history = History::of(&mut read, id, true).await?;
    let matter: Matter = history.matter(&petition.facts()?, app)?;
    let offers = forms::offers(&matter, viewer, today);
    let choices = Choices::of(&mut read, &matter, &offers, id).await?;
    let judge = match history.dispute() {
        Some(_) => disputes::judge(&mut read, id).await?,
        None => String::new(),
    };
    let reviews = reviews::of(&mut read, id, &history).await?;
    let may_ask_review =
        viewer.may("petitions.ask_review") && reviews::may_register(app, &reviews, (&matter, &history))?;
    let linked = history.last("threaded").is_some();
    let thread = if linked { threads::members(&mut read, viewer, id).await? } else { Vec::new() };
    // Whoever sorts it looks whether it is new; later on, the page of its thread tells.
    let sorting = matter.category == Category::Unsorted && viewer.may("petitions.link");
    let candidates = if sorting { threads::candidates(&mut read, app, viewer, id).await? } else { Vec::new() };
    let reopened = history.last("reopened").is_some() && matter.state != Step::Closed;
    let cancelled_items =
        if reopened { plans::cancelled_before_reopening(&mut read, viewer, id).await? } else { Vec::new() };
    let cause = cause::of(&mut read, id).await?;
    let submitted = submissions::waiting(&mut read, id).await?;
    let files = Section::of(&mut read, app, viewer, &petition, &hidden).await?;
    drop(read);
    let mut write = app.db.write().await?;
    chain::record_reading(&mut write, app, viewer.actor(), "petition.read", Subject("petition", id)).await?;
    write.commit().await?;

    let veil = |text: &str| veiled(text, &hidden);
    petition.title = veil(&petition.title);
    petition.content = veil(&petition.content);
    petition.place_detail = veil(&petition.place_detail);
    let lead = if petition.shows(viewer, "petitioner.name") || petition.lead.is_empty() {
        petition.lead.clone()
    } else {
        masked(&petition.lead)
    };
    let registered: Date = petition.registered_on.parse()?;
    let day_of = |text: &str| text.parse().map_or(String::new(), |date| day(date, today));
    let binding = history.last("bound");
    let page = Card {
        shell: Shell::new(viewer, "petitions"),
        petitioners: petitioners(&lead, petition.people),
        persons,
        leader: binding.map_or(String::new(), |binding| binding.official_name.clone()),
        is_bound: matter.leader.is_some(),
        duties: matter.duties(party(viewer)),
        terms: Terms::on(&app.policy, today)?,
        bound_due: binding.map_or(String::new(), |binding| day_of(&binding.content)),
        accepted: matter.lead.and_then(|lead| lead.accepted_on).map_or(String::new(), |on| day(on, today)),
        hand_offs: history.hand_offs(),
        judge,
        five: if history.last("bound").is_some() { timeline::five(&history, today, veil)? } else { Vec::new() },
        lines: timeline::lines(&history, (registered, petition.channel()), today, veil)?,
        clocks: history.clocks(app)?,
        excluding: matter.excludes.iter().map(|excluding| excluding.clock).collect(),
        waiting: history
            .waiting()
            .map(|sent| Ok((sent.word.clone(), inquiries::waited(sent.day.parse()?, today))))
            .collect::<anyhow::Result<_>>()?,
        submitted: submitted.into_iter().map(|one| (one.organ, day_of(&one.sent_on))).collect(),
        may_submit: viewer.may("petitions.submit"),
        read_by: history.read_by()?.into_iter().map(|(unit, on)| (unit, day(on, today))).collect(),
        rated_by_staff: history.last("rated").is_some_and(|event| event.official.is_some()),
        rating: history.last("rated").map_or("", |event| voice::rating_label(event.number)),
        resolution: history.last("closed").and_then(|e| Resolution::from_word(&e.word)).map_or("", Resolution::label),
        resolutions: matter.resolutions(),
        to_execute: matter.to_execute,
        is_settled: history.last("settled").is_some(),
        is_unreachable: matter.unreachable.is_some() && matter.opinion.is_none_or(|one| one.served_on.is_none()),
        is_withdrawn: matter.withdrawn.is_some(),
        ended: reviews::ended(&reviews, &history)?,
        reviews,
        may_ask_review,
        has_opinion: history.outcome().is_some(),
        cause: cause.map_or("", Cause::label),
        may_say_cause: viewer.may("petitions.classify") && petition.disposes(viewer),
        may_number: viewer.may("petitions.register"),
        may_link: viewer.may("petitions.link"),
        thread,
        candidates,
        may_issue: forms::may(&matter, viewer, Noun::Opinion, today),
        has_extension: matter.extended_on.is_some(),
        is_forwarded: matter.forwarded_on.is_some(),
        cancelled_items,
        forwarding_unserved: matter.forwarded_on.is_some() && !matter.forwarding_served && !matter.anonymous,
        under_review: matter.is_under_review(),
        has_notice: matter.lead.is_some_and(|lead| lead.accepted_on.is_some()),
        files,
        received,
        offers,
        choices,
        form,
        sent,
        problems,
        petition,
        today,
    };
    html_with(status, &page)
}

/// What a handler of an act answers.
type Answer = Pin<Box<dyn Future<Output = Page> + Send>>;

/// The handler of the act at the last part of an address.
fn acting(
    path: &'static str,
) -> impl Fn(State<App>, Viewer, Path<i64>, Request) -> Answer + Clone + Send + Sync + 'static {
    move |State(app), viewer, Path(id), request| Box::pin(perform(app, viewer, id, path, request))
}

async fn perform(app: App, viewer: Viewer, id: i64, path: &'static str, request: Request) -> Page {
    let (form, received) = with_files(&app, &viewer, id, request).await?;
    match attempt(&app, &viewer, id, path, (&form, &received)).await? {
        // Whoever recused himself or the own unit finds it no more.
        Ok(()) if path == "recusal" => see("/petitions"),
        Ok(()) => see(&format!("/petitions/{id}")),
        Err((status, problems)) => show(&app, &viewer, id, status, (form, path, problems), received).await,
    }
}

/// What the form says that comes back because somebody was faster.
pub(super) const STALE: &str = "这件事刚刚有了变动（别人办了一步，或者您已经提交过），这一次没有提交。请核对后再提交";

/// Carries the form's act out, or says what is wrong with it. A form made before somebody else's step comes back like
/// one that a rule is against: whoever wrote a page of text does not lose it to a colleague's line.
pub(super) async fn attempt(
    app: &App,
    viewer: &Viewer,
    id: i64,
    path: &str,
    (form, received): (&ActForm, &Received),
) -> Result<Result<(), (StatusCode, Problems)>, Refusal> {
    let mut problems = Problems::default();
    let mut read = app.db.read().await?;
    find(&mut read, viewer, id).await?;
    complain(received, &mut problems);
    let act = form.act(&mut read, path, &mut problems).await?;
    let Some(act) = act.filter(|_| problems.is_empty()) else {
        return Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, problems)));
    };
    drop(read);
    let version = form.version.parse().map_err(|_| Refusal::Stale)?;
    let mut write = app.db.write().await?;
    match acts::act(&mut write, app, viewer, id, version, &act).await {
        Ok(()) => {
            attach(&mut write, app, viewer, id, path, &received.waiting).await?;
            write.commit().await?;
            Ok(Ok(()))
        }
        Err(Hindered::Edge(Refusal::Stale)) => {
            problems.add("", STALE);
            Ok(Err((StatusCode::CONFLICT, problems)))
        }
        Err(Hindered::Edge(refusal)) => Err(refusal),
        Err(Hindered::Rule(refused)) => {
            problems.add("", refused.to_string());
            Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, problems)))
        }
    }
}
