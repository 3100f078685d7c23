//! Following a matter with the code on the receipt, and what the petitioner says with it.
//!
//! The code stays in request bodies: each form of the page carries it and each act looks it up again. There is no
//! session, so nothing is left behind on a village's shared machine once the page is closed.

use askama::Template;
use axum::extract::{FromRequestParts, OptionalFromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use jiff::civil::Date;
use serde::Deserialize;

use super::frame::Frame;
use super::rules::{ReceptionDay, promise, receptions};
use crate::accounts::Viewer;
use crate::chain::{self, Actor, Seal, Subject};
use crate::files::{self, File, Part, Received, Sent};
use crate::petitions::{self, Hindered, PublicDeadline, PublicView};
use crate::secrets::{hex, sm3};
use crate::web::{Access, App, ClientAddress, Form, Page, Refusal, Rooms, forms, limits};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/track", Access::Public, ask)
        .post("/track", Access::Public, show)
        .post_files("/track/supplements", Access::Public, supplement)
        .post("/track/acknowledgment", Access::Public, acknowledge)
        .post("/track/rating", Access::Public, rate)
        .post("/track/withdrawal", Access::Public, withdraw)
        .post("/track/review", Access::Public, ask_review)
}

#[derive(Template)]
#[template(path = "public/ask.html")]
struct AskPage {
    frame: Frame,
    code: String,
    unknown: bool,
}

async fn ask(State(app): State<App>, frame: Frame) -> Page {
    frame.show(&app, StatusCode::OK, &AskPage { frame, code: String::new(), unknown: false })
}

/// What a form of these pages carries.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Said {
    code: String,
    /// Asked for by the switch in the head.
    size: String,
    /// Taken once.
    key: String,
    content: String,
    score: String,
}

#[derive(Template)]
#[template(path = "public/follow.html")]
struct FollowPage {
    frame: Frame,
    said: Said,
    view: PublicView,
    /// What the petitioner handed in.
    files: Vec<File>,
    /// The files of the form that came back.
    received: Received,
    receptions: Vec<ReceptionDay>,
    seal: Option<Seal>,
    today: Date,
    /// What was just done.
    done: Option<&'static str>,
    /// Why it was not done.
    problem: Option<String>,
    /// The form that it was not done with: its text comes back.
    from: Option<Saying>,
    /// One for each form.
    keys: [String; 5],
    /// The five levels of 好差评, the best first.
    ratings: [(i64, &'static str); 5],
}

impl FollowPage {
    fn promise(&self, deadline: &PublicDeadline) -> String {
        let due = deadline.due.map(|due| (due, self.on(&due)));
        promise(deadline.name.parse().ok(), due, self.today)
    }

    /// A day as people say it.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass what they hold by reference")]
    fn on(&self, date: &Date) -> String {
        crate::web::day(*date, self.today)
    }

    /// The text that comes back into a form.
    fn text_of(&self, saying: Saying) -> &str {
        if self.from == Some(saying) { &self.said.content } else { "" }
    }
}

/// What a petitioner can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Saying {
    Supplement,
    Acknowledgment,
    Rating,
    Withdrawal,
    Review,
}

/// What became of it.
#[derive(Default)]
enum Outcome {
    Done(&'static str),
    Refused(String),
    #[default]
    Nothing,
}

/// The petition of the code. What is unknown, foreign or no code at all gets the same answer after the same work.
async fn opened(app: &App, frame: Frame, said: &Said) -> Result<i64, Page> {
    let found = async {
        let mut read = app.db.read().await?;
        Ok::<_, Refusal>(petitions::by_code(&mut read, app, &said.code).await?)
    };
    match found.await {
        Ok(Some(petition)) => Ok(petition),
        Ok(None) => {
            let page = AskPage { frame, code: said.code.clone(), unknown: true };
            Err(frame.show(app, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(refusal) => Err(Err(refusal)),
    }
}

async fn follow(
    app: &App,
    frame: Frame,
    said: Said,
    petition: i64,
    from: Saying,
    (outcome, received): (Outcome, Received),
) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let view = petitions::public_view(&mut read, app, petition).await?;
    let seal = chain::hash_of_last(&mut read, Subject("petition", petition)).await?;
    let mut files = files::of(&mut read, petition).await?;
    files.retain(File::is_petitioners);
    drop(read);
    let receptions = receptions(&app.policy, &app.calendar, today)?;
    let (done, problem) = match outcome {
        Outcome::Done(text) => (Some(text), None),
        Outcome::Refused(text) => (None, Some(text)),
        Outcome::Nothing => (None, None),
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let from = problem.is_some().then_some(from);
    let keys = std::array::from_fn(|_| forms::new_key());
    let ratings = [5, 4, 3, 2, 1].map(|score| (score, petitions::rating_label(score)));
    let page =
        FollowPage { frame, said, view, files, received, receptions, seal, today, done, problem, from, keys, ratings };
    frame.show(app, status, &page)
}

async fn show(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    frame: Frame,
    Form(said): Form<Said>,
) -> Page {
    limits::check(&app.limits.code, address)?;
    let frame = frame.choosing(&said.size);
    match opened(&app, frame, &said).await {
        Ok(petition) => follow(&app, frame, said, petition, Saying::Supplement, Default::default()).await,
        Err(answer) => answer,
    }
}

async fn supplement(State(app): State<App>, device: Device, frame: Frame, request: Request) -> Page {
    limits::check(&app.limits.code, device.address)?;
    let Sent { form: mut said, files } = files::read::<Said>(request, &app).await?;
    let petition = match opened(&app, frame, &said).await {
        Ok(petition) => petition,
        Err(answer) => return answer,
    };
    let mut received = files::receive(&app, files, Some(device.address)).await?;
    if !received.refused.is_empty() {
        let refused = Outcome::Refused(received.refused.join("；"));
        return follow(&app, frame, said, petition, Saying::Supplement, (refused, received)).await;
    }
    if said.content.trim().is_empty() && !received.waiting.is_empty() {
        said.content = format!("补交附件 {} 个。", received.waiting.len());
    }
    let outcome = carry_out(&app, &said, petition, (device.actor, Saying::Supplement), &received).await?;
    if matches!(outcome, Outcome::Done(_)) {
        received = Received::default();
    }
    follow(&app, frame, said, petition, Saying::Supplement, (outcome, received)).await
}

async fn acknowledge(State(app): State<App>, device: Device, frame: Frame, Form(said): Form<Said>) -> Page {
    say(&app, device, frame, said, Saying::Acknowledgment).await
}

async fn rate(State(app): State<App>, device: Device, frame: Frame, Form(said): Form<Said>) -> Page {
    say(&app, device, frame, said, Saying::Rating).await
}

async fn withdraw(State(app): State<App>, device: Device, frame: Frame, Form(said): Form<Said>) -> Page {
    say(&app, device, frame, said, Saying::Withdrawal).await
}

async fn ask_review(State(app): State<App>, device: Device, frame: Frame, Form(said): Form<Said>) -> Page {
    say(&app, device, frame, said, Saying::Review).await
}

/// Carries out what the petitioner says, once for each form, and shows the page again with what was done.
async fn say(app: &App, device: Device, frame: Frame, said: Said, saying: Saying) -> Page {
    limits::check(&app.limits.code, device.address)?;
    let petition = match opened(app, frame, &said).await {
        Ok(petition) => petition,
        Err(answer) => return answer,
    };
    let received = Received::default();
    let outcome = carry_out(app, &said, petition, (device.actor, saying), &received).await?;
    follow(app, frame, said, petition, saying, (outcome, received)).await
}

/// Where the code was typed. Where somebody of the staff is signed in, what is said is marked with that official.
struct Device {
    address: std::net::IpAddr,
    actor: Actor,
}

impl FromRequestParts<App> for Device {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, app).await?;
        let viewer = <Viewer as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?;
        Ok(Self { address, actor: viewer.map_or(Actor::NOBODY, |viewer| viewer.actor()) })
    }
}

async fn carry_out(
    app: &App,
    said: &Said,
    petition: i64,
    (actor, saying): (Actor, Saying),
    received: &Received,
) -> Result<Outcome, Refusal> {
    // The key remembers what it was taken for: the second click finds the same, a changed text does not.
    let hashes: String = received.waiting.iter().map(|file| file.content_hash.as_str()).collect();
    let words = hex(&sm3(&[said.content.as_bytes(), b"/", said.score.as_bytes(), hashes.as_bytes()])[..8]);
    let taken_for = format!("/track/{petition}/{saying:?}/{words}");
    let done = match saying {
        Saying::Supplement => "补充的情况已经收到，办理单位马上就能看到。",
        Saying::Acknowledgment => "已经记下：您确认收到了答复。",
        Saying::Rating => "谢谢，您的评价已经记下。",
        Saying::Withdrawal => "已经记下：您撤回了这件事。",
        Saying::Review => "申请已经收到，由上一级机关在 30 日内书面答复您。",
    };
    let mut write = app.db.write().await?;
    if let Some(earlier) = forms::take_key(&mut write, app, &said.key, &taken_for).await? {
        return Ok(if earlier == taken_for {
            Outcome::Done(done)
        } else {
            Outcome::Refused("上一次提交的已经收到，这次改动的内容还没有。确实要再交，请再点一次。".to_owned())
        });
    }
    if !files::has_room_for(&mut write, petition, received.waiting.len()).await? {
        return Ok(Outcome::Refused("这件事的附件已满 100 个，不能再加".to_owned()));
    }
    let said = match saying {
        Saying::Supplement => petitions::supplement(&mut write, app, petition, actor, &said.content).await,
        Saying::Acknowledgment => petitions::acknowledge(&mut write, app, petition, actor).await,
        Saying::Rating => {
            let score = said.score.parse().unwrap_or(0);
            petitions::rate(&mut write, app, petition, actor, score, &said.content).await
        }
        Saying::Review => petitions::ask_review(&mut write, app, petition, actor, &said.content).await,
        Saying::Withdrawal => petitions::withdraw(&mut write, app, petition, actor, &said.content).await,
    };
    match said {
        Ok(()) => {
            let whose = (Part::Supplement, true);
            files::claim(&mut write, app, actor, petition, whose, &received.waiting).await?;
            write.commit().await?;
            Ok(Outcome::Done(done))
        }
        // The write is left uncommitted: the key is free again.
        Err(Hindered::Rule(refused)) => Ok(Outcome::Refused(refused.to_string())),
        Err(Hindered::Edge(refusal)) => Err(refusal),
    }
}
