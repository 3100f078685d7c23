//! Requests: handed in, and looked up by their ids.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::answers::{Format, Names, Wrong, day, instant, list, refused, wrong};
use super::token;
use crate::accounts::county_petition_office;
use crate::chain::Actor;
use crate::petitions::rules::{Channel, Theme};
use crate::petitions::{PetitionForm, PublicView, public_view, register};
use crate::web::{Access, App, ClientAddress, Form, Path, Problems, Query, Refusal, Rooms, forms, limits};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/open311/v2/requests.json", Access::Public, some)
        .get("/open311/v2/requests.xml", Access::Public, some)
        .post("/open311/v2/requests.json", Access::Public, hand_in)
        .post("/open311/v2/requests.xml", Access::Public, hand_in)
        .get("/open311/v2/requests/{name}", Access::Public, single)
        .get("/open311/v2/tokens/{name}", Access::Public, token)
}

const NAMES: Names = ("service_requests", "request");

/// How many requests are looked up at a time; the specification asks for the first thousand at most.
const MOST: usize = 50;

/// A request as others may see it: its stages, and nothing of what was said or by whom.
#[derive(Serialize)]
struct Request {
    service_request_id: String,
    /// open or closed.
    status: &'static str,
    status_notes: String,
    service_code: &'static str,
    service_name: &'static str,
    agency_responsible: String,
    service_notice: &'static str,
    requested_datetime: String,
    updated_datetime: String,
    expected_datetime: Option<String>,
}

impl Request {
    fn of(id: &str, view: PublicView) -> anyhow::Result<Self> {
        Ok(Self {
            service_request_id: id.to_owned(),
            status: if view.is_over { "closed" } else { "open" },
            status_notes: view.state.to_owned(),
            service_code: view.theme.word(),
            service_name: view.theme.label(),
            agency_responsible: view.unit,
            service_notice: "",
            requested_datetime: instant(Timestamp::from_millisecond(view.registered_at)?),
            updated_datetime: view.steps.first().map_or_else(String::new, |step| day(step.on, false)),
            expected_datetime: view.deadline.and_then(|deadline| deadline.due).map(|due| day(due, true)),
        })
    }
}

/// The stages of the petition of an id; an id that we did not make is of none.
pub(super) async fn view(app: &App, id: &str) -> Result<PublicView, Refusal> {
    let petition = token::petition(&app.keys, id).ok_or(Refusal::NotFound)?;
    let mut read = app.db.read().await?;
    public_view(&mut read, app, petition).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    service_request_id: String,
}

/// The requests of the ids given. Without ids none: what others handed in is not published.
async fn some(
    State(app): State<App>,
    format: Format,
    ClientAddress(address): ClientAddress,
    Query(asked): Query<Asked>,
) -> Response {
    let ids: Vec<&str> = asked.service_request_id.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.len() > MOST {
        return wrong(format, &[Wrong::new(StatusCode::BAD_REQUEST, format!("一次最多查 {MOST} 个编号"))]);
    }
    let mut found = Vec::new();
    for id in ids {
        match look(&app, address, id).await {
            Ok(request) => found.push(request),
            Err(Refusal::NotFound) => {}
            Err(refusal) => return refused(format, refusal),
        }
    }
    list(format, StatusCode::OK, NAMES, &found)
}

async fn look(app: &App, address: std::net::IpAddr, id: &str) -> Result<Request, Refusal> {
    limits::check(&app.limits.code, address)?;
    Ok(Request::of(id, view(app, id).await?)?)
}

async fn single(
    State(app): State<App>,
    format: Format,
    ClientAddress(address): ClientAddress,
    Path(name): Path<String>,
) -> Response {
    match look(&app, address, id_of(&name)).await {
        Ok(request) => list(format, StatusCode::OK, NAMES, &[request]),
        Err(refusal) => refused(format, refusal),
    }
}

/// The id in the last part of an address, without its ending.
fn id_of(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(id, _)| id)
}

#[derive(Serialize)]
struct Tokened {
    service_request_id: String,
    token: String,
}

/// The id is given at once and is its own token.
async fn token(State(app): State<App>, format: Format, Path(name): Path<String>) -> Response {
    let id = id_of(&name);
    match token::petition(&app.keys, id) {
        Some(_) => {
            let tokened = Tokened { service_request_id: id.to_owned(), token: id.to_owned() };
            list(format, StatusCode::OK, NAMES, &[tokened])
        }
        None => refused(format, Refusal::NotFound),
    }
}

/// A request as it is sent. Where it is may be said in words or by a division's code; there is no map here, so that
/// coordinates alone say too little.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    service_code: String,
    description: String,
    address_string: String,
    address_id: String,
    first_name: String,
    last_name: String,
    phone: String,
}

impl Sent {
    /// A Chinese name has the family name first and no space.
    fn form(&self) -> PetitionForm {
        let family_first = !self.last_name.is_ascii();
        let name = if family_first {
            format!("{}{}", self.last_name.trim(), self.first_name.trim())
        } else {
            format!("{} {}", self.first_name.trim(), self.last_name.trim())
        };
        PetitionForm {
            key: forms::new_key(),
            content: self.description.clone(),
            theme: self.service_code.clone(),
            place: self.address_string.clone(),
            place_code: self.address_id.clone(),
            people: "1".to_owned(),
            name: vec![name],
            phone: vec![self.phone.clone()],
            ..PetitionForm::default()
        }
    }
}

#[derive(Serialize)]
struct Made {
    service_request_id: String,
    service_notice: String,
    account_id: Option<String>,
}

async fn hand_in(
    State(app): State<App>,
    format: Format,
    ClientAddress(address): ClientAddress,
    sent: Result<Form<Sent>, Refusal>,
) -> Response {
    let made = async {
        limits::check(&app.limits.intake, address)?;
        take(&app, &sent?.0).await
    };
    match made.await {
        Ok(Ok(made)) => list(format, StatusCode::CREATED, NAMES, &[made]),
        Ok(Err(errors)) => wrong(format, &errors),
        Err(refusal) => refused(format, refusal),
    }
}

async fn take(app: &App, sent: &Sent) -> Result<Result<Made, Vec<Wrong>>, Refusal> {
    let bad = |text: String| Wrong::new(StatusCode::BAD_REQUEST, text);
    if Theme::from_word(sent.service_code.trim()).is_none() {
        return Ok(Err(vec![bad("service_code：没有这项服务".to_owned())]));
    }
    let form = sent.form();
    let (mut problems, mut offered) = (Problems::default(), Vec::new());
    let mut read = app.db.read().await?;
    let Some(new) = form.judge(&mut read, app, Some(Channel::Web), &mut problems, &mut offered).await? else {
        return Ok(Err(problems.all().map(|text| bad(text.to_owned())).collect()));
    };
    let office = county_petition_office(&mut read, &[], &app.today().to_string()).await?;
    drop(read);
    let registered = register(app, Actor::NOBODY, office, &new, &form.key).await?;
    Ok(Ok(Made {
        service_request_id: token::of(&app.keys, registered.id),
        service_notice: format!(
            "{} 已登记。查询码 {}，请记下：在群众来访服务页查进度、补充、确认、评价都用它，只显示这一次。",
            registered.number, registered.code
        ),
        account_id: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_name_has_the_family_name_first() {
        let name = |first: &str, last: &str| {
            let sent = Sent { first_name: first.to_owned(), last_name: last.to_owned(), ..Sent::default() };
            sent.form().name.remove(0)
        };
        assert_eq!(name("新华", "罗"), "罗新华");
        assert_eq!(name("Mark", "Rose"), "Mark Rose");
        assert_eq!(name("", "").trim(), "");
        assert_eq!(name("罗新华", "").trim(), "罗新华");
    }
}
