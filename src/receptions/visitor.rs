//! A person who comes to a reception day: the form, judged, and the row in the queue.

use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use super::days::Day;
use super::rules::{Origin, Refused, Sex};
use crate::accounts::Viewer;
use crate::petitions::rules::{Search, is_phone, search};
use crate::petitions::{self, PetitionForm};
use crate::secrets::{Purpose, code_normal};
use crate::web::{App, Problems, forms};

/// The form as it was typed: on the public page, at the desk, and while people speak.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct VisitorForm {
    /// Taken once.
    pub(super) key: String,
    /// Of the booking that is written over, where there is one.
    pub(super) version: String,
    /// Whom of the queue it is about.
    pub(super) booking: String,
    /// What an earlier day left unfinished.
    pub(super) carry: String,
    pub(super) name: String,
    pub(super) phone: String,
    /// Word of [`Sex`].
    pub(super) sex: String,
    pub(super) age: String,
    pub(super) address: String,
    pub(super) people: String,
    pub(super) matter: String,
    /// Number or code of an earlier petition.
    pub(super) reference: String,
    pub(super) against_unit: String,
    pub(super) against_official: String,
    /// Of the case that it becomes: where, and what about.
    pub(super) place: String,
    pub(super) place_code: String,
    pub(super) place_detail: String,
    pub(super) theme: String,
    /// What the leader answered.
    pub(super) answer: String,
    /// `1`: urgent.
    pub(super) urgent: String,
    /// Word of an outcome.
    pub(super) result: String,
}

/// Who fills the form in.
#[derive(Clone, Copy, Debug)]
pub(super) enum By<'a> {
    /// The person, ahead of the day.
    Citizen,
    /// An officer, ahead of the day.
    Desk(&'a Viewer),
    /// An officer, while the person is there: who gives no name is received all the same.
    Talk(&'a Viewer),
}

/// The person, judged.
#[derive(Debug, Serialize)]
pub(super) struct Visitor {
    pub(super) name: String,
    /// Digits only; may be empty. Kept encrypted, so the chain's content has it not.
    #[serde(skip)]
    pub(super) phone: String,
    pub(super) sex: Option<Sex>,
    pub(super) age: Option<i64>,
    pub(super) address: String,
    pub(super) people: i64,
    pub(super) matter: String,
    pub(super) reference: String,
    pub(super) petition: Option<i64>,
    pub(super) against_unit: Option<i64>,
    pub(super) against_official: Option<i64>,
}

impl VisitorForm {
    /// An empty form with a fresh key.
    pub(super) fn fresh() -> Self {
        Self { key: forms::new_key(), people: "1".to_owned(), theme: "other".to_owned(), ..Self::default() }
    }

    /// The form of a petition with what this form has of it.
    pub(super) fn as_petition(&self) -> PetitionForm {
        PetitionForm {
            key: self.key.clone(),
            channel: "visit".to_owned(),
            content: self.matter.clone(),
            theme: self.theme.clone(),
            place: self.place.clone(),
            place_code: self.place_code.clone(),
            place_detail: self.place_detail.clone(),
            people: if self.people.trim().is_empty() { "1".to_owned() } else { self.people.clone() },
            name: vec![self.name.clone()],
            phone: vec![self.phone.clone()],
            address: vec![self.address.clone()],
            against_unit: self.against_unit.clone(),
            against_official: self.against_official.clone(),
            ..PetitionForm::default()
        }
    }

    /// Judges the form. What is wrong is added to `problems`.
    pub(super) async fn judge(
        &self,
        read: &mut AnyConnection,
        app: &App,
        day: &Day,
        by: By<'_>,
        problems: &mut Problems,
    ) -> anyhow::Result<Option<Visitor>> {
        let mut visitor = self.person(by, problems);
        self.refer(read, app, by, &mut visitor, problems).await?;
        self.against(read, day, by, &mut visitor, problems).await?;
        Ok(problems.is_empty().then_some(visitor))
    }

    fn person(&self, by: By<'_>, problems: &mut Problems) -> Visitor {
        let name = forms::tidy(&self.name);
        let talk = matches!(by, By::Talk(_));
        problems.require(talk || !name.is_empty(), "name", "请填写姓名，接访时按名字叫号");
        problems.require(name.chars().count() <= 30, "name", "姓名请控制在 30 字以内");
        let phone: String = forms::half_width(&self.phone).chars().filter(|c| *c != ' ' && *c != '-').collect();
        problems.require(phone.is_empty() || is_phone(&phone), "phone", "手机号应是 11 位，座机请带区号");
        let age = forms::half_width(self.age.trim());
        let years: Option<i64> = age.parse().ok().filter(|age| (1..=130).contains(age));
        problems.require(age.is_empty() || years.is_some(), "age", "年龄请填 1 至 130 的整数");
        let people = forms::half_width(self.people.trim());
        let people: i64 = if people.is_empty() { 1 } else { people.parse().unwrap_or(0) };
        problems.require((1..=100_000).contains(&people), "people", "请填写来几个人");
        let matter = forms::tidy(&self.matter);
        problems.require(matter.chars().count() >= 2, "matter", "请简单写一句是什么事");
        let most = if talk { 10_000 } else { 500 };
        if matter.chars().count() > most {
            problems.add("matter", format!("请控制在 {most} 字以内"));
        }
        let address = forms::tidy(&self.address);
        problems.require(address.chars().count() <= 100, "address", "单位或住址请控制在 100 字以内");
        Visitor {
            name,
            phone,
            sex: Sex::from_word(&self.sex),
            age: years,
            address,
            people,
            matter,
            reference: String::new(),
            petition: None,
            against_unit: None,
            against_official: None,
        }
    }

    /// The earlier petition: by its code, which proves whose it is, or by its number. A citizen is never told whether
    /// a number exists.
    async fn refer(
        &self,
        read: &mut AnyConnection,
        app: &App,
        by: By<'_>,
        visitor: &mut Visitor,
        problems: &mut Problems,
    ) -> anyhow::Result<()> {
        let typed = forms::half_width(&forms::tidy(&self.reference));
        if typed.is_empty() {
            return Ok(());
        }
        if code_normal(&typed).is_some() {
            visitor.petition = petitions::by_code(read, app, &typed).await?;
            problems.require(visitor.petition.is_some(), "reference", "没有查到这个查询码，请对照回执看看有没有抄错");
            return Ok(());
        }
        let Search::Numbers(_) = search(&typed, app.today().year()) else {
            problems.add("reference", "请填信访件的编号（如 2026-187），或者回执上的 16 位查询码");
            return Ok(());
        };
        match by {
            By::Citizen => visitor.reference = typed.chars().take(40).collect(),
            By::Desk(viewer) | By::Talk(viewer) => {
                let found = petitions::find_numbers(read, app, viewer, &typed).await?;
                visitor.petition = found.first().map(|one| one.id);
                problems.require(visitor.petition.is_some(), "reference", "没有找到这个编号的信访件");
            }
        }
        Ok(())
    }

    async fn against(
        &self,
        read: &mut AnyConnection,
        day: &Day,
        by: By<'_>,
        visitor: &mut Visitor,
        problems: &mut Problems,
    ) -> anyhow::Result<()> {
        let ahead = !matches!(by, By::Talk(_));
        let typed = self.against_unit.trim();
        if !typed.is_empty() {
            let id: i64 = typed.parse().unwrap_or_default();
            visitor.against_unit = petitions::units(&mut *read).await?.into_iter().find(|u| u.id == id).map(|u| u.id);
            problems.require(visitor.against_unit.is_some(), "against_unit", "没有找到所反映的单位");
            if ahead && visitor.against_unit == Some(day.unit) {
                problems.add("against_unit", Refused::AgainstReceiver.to_string());
            }
        }
        let typed = forms::tidy(&self.against_official);
        if typed.is_empty() {
            return Ok(());
        }
        problems.require(typed.chars().count() <= 60, "against_official", "请控制在 60 字以内");
        let found = if matches!(by, By::Citizen) {
            // As on the page of intake: a public form must not tell which officials exist.
            petitions::meant(read, &typed).await?
        } else {
            let found: Vec<(i64,)> = sqlx::query_as("SELECT id FROM official WHERE number = $1 OR name = $1 LIMIT 2")
                .bind(typed.clone())
                .fetch_all(read)
                .await?;
            match &found[..] {
                [_] => {}
                [] => problems.add("against_official", "没有找到这位干部；可以只在事由里写明"),
                _ => problems.add("against_official", "有几位干部同名，请填干部编号"),
            }
            found.into_iter().map(|(id,)| id).collect()
        };
        // A booking names one; whom else the words may mean stands in the matter.
        visitor.against_official = found.first().copied();
        // Who receives is published, so that saying this tells nothing.
        if ahead && (day.leader.is_some_and(|leader| found.contains(&leader)) || typed == day.leader_name) {
            problems.add("against_official", Refused::AgainstLeader.to_string());
        }
        if matches!(by, By::Citizen) {
            visitor.matter = format!("{}\n所反映的干部：{typed}", visitor.matter);
        }
        Ok(())
    }
}

/// Puts a person into the queue of a day, under an id and a number that are new.
pub(super) async fn insert(
    write: &mut AnyConnection,
    app: &App,
    (id, day, queue, held_on): (i64, i64, i64, &str),
    (origin, by, continues): (Origin, Option<i64>, Option<i64>),
    visitor: &Visitor,
    code_key: Vec<u8>,
) -> Result<(), sqlx::Error> {
    let (phone, phone_key) = sealed(app, id, visitor);
    sqlx::query(
        "INSERT INTO reception_booking (id, day, queue, origin, booked_for, code_key, name, sex, age, phone, phone_key,
                address, people, matter, reference, petition, against_unit, against_official, continues, booked_at,
                booked_by, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, 1)",
    )
    .bind(id)
    .bind(day)
    .bind(queue)
    .bind(origin.word())
    .bind(held_on.to_owned())
    .bind(code_key)
    .bind(visitor.name.clone())
    .bind(visitor.sex.map_or("", Sex::word))
    .bind(visitor.age)
    .bind(phone)
    .bind(phone_key)
    .bind(visitor.address.clone())
    .bind(visitor.people)
    .bind(visitor.matter.clone())
    .bind(visitor.reference.clone())
    .bind(visitor.petition)
    .bind(visitor.against_unit)
    .bind(visitor.against_official)
    .bind(continues)
    .bind(app.now().as_millisecond())
    .bind(by)
    .execute(write)
    .await?;
    Ok(())
}

/// The phone as it is kept for a row: encrypted, and as a key to look it up by.
pub(super) fn sealed(app: &App, id: i64, visitor: &Visitor) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    if visitor.phone.is_empty() {
        return (None, None);
    }
    let place = format!("reception_booking.phone/{id}");
    (Some(app.keys.encrypt(&visitor.phone, &place)), Some(app.keys.keyed(Purpose::Phone, &visitor.phone)))
}
