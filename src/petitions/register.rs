//! Registration: number, receipt, clocks, chain, in one write. The window's pages are in `window`, the public ones in
//! `public`.

use policy::Clock;
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use super::rules::{self, Channel, Theme};
use crate::chain::{self, Actor, Subject};
use crate::divisions::{self, Place, Typed};
use crate::files::{self, Part, Waiting};
use crate::rows::{Rows, row, write_together};
use crate::secrets::{Purpose, code_normal, code_text};
use crate::web::{App, Problems, Refusal, forms};

/// A petition as it comes in, judged by [`PetitionForm::judge`].
#[derive(Debug, Serialize)]
pub struct NewPetition {
    /// visit, letter, call, fax or web.
    #[serde(skip)]
    pub channel: Channel,
    /// In a few words.
    pub title: String,
    /// As told.
    pub content: String,
    /// What it is about.
    #[serde(skip)]
    pub theme: Theme,
    /// Code of the place where it happened.
    pub division: String,
    /// House, road, field.
    pub place_detail: String,
    /// How many people stand behind it.
    pub people: i64,
    /// Number in the national system; empty where it has none.
    pub state_number: String,
    /// The persons by name, at most five; none: anonymous.
    pub petitioners: Vec<NewPetitioner>,
    /// Unit complained of.
    pub against_unit: Option<i64>,
    /// Officials complained of: several where one name may mean several.
    pub against_officials: Vec<i64>,
}

/// A person behind a petition.
#[derive(Debug, Serialize)]
pub struct NewPetitioner {
    /// The name.
    pub name: String,
    /// Digits only; may be empty. Kept encrypted, so the chain's content has it neither.
    #[serde(skip)]
    pub phone: String,
    /// Eighteen characters; may be empty. Kept encrypted, so the chain's content has it neither.
    #[serde(skip)]
    pub identity: String,
    /// May be empty.
    pub address: String,
}

/// What registration gives back.
#[derive(Debug, PartialEq, Eq)]
pub struct Registered {
    /// The petition.
    pub id: i64,
    /// 攸信〔2026〕0001号.
    pub number: String,
    /// The code on the receipt. It is kept as a keyed hash and shown this once.
    pub code: String,
    /// The form had been sent before: this is what it made then.
    pub again: bool,
}

/// The code that belongs to a form's key: 80 bits that only we can make from it. Posting the form twice shows the
/// same receipt, though the code itself is kept nowhere.
pub(crate) fn code_for(app: &App, key: &str) -> String {
    let mac = app.keys.keyed(Purpose::ReceiptCode, key);
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&mac[..10]);
    code_text(&bytes)
}

/// A receipt code as it is kept and looked up. What is no code at all gives a key that no receipt has, so that
/// looking it up costs the same as any other.
pub(crate) fn code_key(app: &App, typed: &str) -> Vec<u8> {
    app.keys.keyed(Purpose::Receipt, &code_normal(typed).unwrap_or_default())
}

/// The petition of a receipt code as it was typed; nothing where there is none, for whatever reason.
pub async fn by_code(read: &mut AnyConnection, app: &App, typed: &str) -> Result<Option<i64>, sqlx::Error> {
    let found: Option<(i64,)> = sqlx::query_as("SELECT petition FROM receipt WHERE code_key = $1")
        .bind(code_key(app, typed))
        .fetch_optional(read)
        .await?;
    Ok(found.map(|(petition,)| petition))
}

/// The path that a petition's key remembers.
const PATH: &str = "/petitions/";

/// Registers a petition: gives it the next number of the year, starts its clocks, makes its receipt.
///
/// A key that was taken for something else than a petition is stale.
pub async fn register(
    app: &App,
    actor: Actor,
    first_unit: Option<i64>,
    new: &NewPetition,
    key: &str,
) -> Result<Registered, Refusal> {
    register_with(app, actor, first_unit, (new, &[]), key).await
}

/// The same with the files that came along, all of them the petitioner's.
pub async fn register_with(
    app: &App,
    actor: Actor,
    first_unit: Option<i64>,
    (new, files): (&NewPetition, &[Waiting]),
    key: &str,
) -> Result<Registered, Refusal> {
    let id = app.id();
    let mut write = app.db.write().await?;
    if let Some(earlier) = forms::take_key(&mut write, app, key, &format!("{PATH}{id}")).await? {
        let id: i64 = earlier.strip_prefix(PATH).and_then(|id| id.parse().ok()).ok_or(Refusal::Stale)?;
        let number: Option<(String,)> =
            sqlx::query_as("SELECT number FROM petition WHERE id = $1").bind(id).fetch_optional(&mut *write).await?;
        let (number,) = number.ok_or(Refusal::Stale)?;
        return Ok(Registered { id, number, code: code_for(app, key), again: true });
    }
    let registered = enter(&mut write, app, actor, first_unit, (id, new), key).await?;
    files::claim(&mut write, app, actor, id, (Part::Registration, true), files).await?;
    write.commit().await?;
    Ok(registered)
}

/// The same within a write that goes on, under an id that is new. The caller has taken the key, and commits.
pub async fn enter(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    first_unit: Option<i64>,
    (id, new): (i64, &NewPetition),
    key: &str,
) -> anyhow::Result<Registered> {
    let code = code_for(app, key);
    let today = app.today();
    let year = today.year();
    let (serial,): (i64,) = sqlx::query_as(
        "INSERT INTO number_series (series, year, last) VALUES ('攸信', $1, 1)
         ON CONFLICT (series, year) DO UPDATE SET last = number_series.last + 1 RETURNING last",
    )
    .bind(i64::from(year))
    .fetch_one(&mut *write)
    .await?;
    let number = rules::number(year, serial);
    let [petition, petitioners, recusals] = rows(app, actor, first_unit, new, id, &number);
    let mut receipt = Rows::new("receipt", "petition, code_key");
    row!(receipt; id, code_key(app, &code));
    let mut state_number = Rows::new("state_number", "petition, number, recorded_at, recorded_by");
    if let (false, Some(official)) = (new.state_number.is_empty(), actor.official) {
        row!(state_number; id, new.state_number.clone(), app.now().as_millisecond(), official);
    }
    let mut unpaired = Rows::new("petition_unpaired", "petition");
    row!(unpaired; id);
    let (_, clock) = super::clocks::row(app, id, Clock::Registration, today)?;
    let ([record, content], _) = chain::rows(app, actor, "petition.registered", Subject("petition", id), new)?;
    write_together([petition, petitioners, recusals, receipt, state_number, unpaired, clock, record, content], write)
        .await?;
    Ok(Registered { id, number, code, again: false })
}

/// The petition, the persons behind it, and whoever it is to be kept from.
fn rows(app: &App, actor: Actor, first_unit: Option<i64>, new: &NewPetition, id: i64, number: &str) -> [Rows; 3] {
    let lead = new.petitioners.first().map(|person| person.name.clone()).unwrap_or_default();
    let mut petition = Rows::new(
        "petition",
        "id, number, registered_on, registered_at, registered_by, channel, title, content, theme, division, township,
         place_detail, people, anonymous, lead, category, state, unit, received_by, version",
    );
    row!(petition;
        id, number.to_owned(), app.today(), app.now().as_millisecond(), actor.official, new.channel.word(),
        new.title.clone(), new.content.clone(), new.theme.word(), new.division.clone(),
        divisions::township_of(&new.division).to_owned(), new.place_detail.clone(), new.people,
        new.petitioners.is_empty(), lead, "unsorted", "registered", first_unit, first_unit, 1_i64,
    );
    let mut petitioners = Rows::new("petitioner", "id, petition, position, name, phone, phone_key, identity, address");
    for (position, person) in (1_i64..).zip(&new.petitioners) {
        let person_id = app.id();
        let sealed = |column: &str, text: &str| {
            (!text.is_empty()).then(|| app.keys.encrypt(text, &format!("petitioner.{column}/{person_id}")))
        };
        row!(petitioners;
            person_id, id, position, person.name.clone(), sealed("phone", &person.phone),
            (!person.phone.is_empty()).then(|| app.keys.keyed(Purpose::Phone, &person.phone)),
            sealed("identity", &person.identity), person.address.clone(),
        );
    }
    let mut recusals = Rows::new("recusal", "id, petition, unit, official, reason, recorded_at, recorded_by");
    let units = new.against_unit.map(|unit| (Some(unit), None));
    for (unit, official) in units.into_iter().chain(new.against_officials.iter().map(|one| (None, Some(*one)))) {
        row!(recusals; app.id(), id, unit, official, "complained_of", app.now().as_millisecond(), actor.official);
    }
    [petition, petitioners, recusals]
}

/// The form of a petition as it was typed, at the window and on the public page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PetitionForm {
    /// Taken once.
    pub key: String,
    /// Word of [`Channel`]; the public page has none.
    pub channel: String,
    /// May be empty: the first sentence serves.
    pub title: String,
    /// As told.
    pub content: String,
    /// Word of [`Theme`].
    pub theme: String,
    /// The place as typed.
    pub place: String,
    /// Its code, where it was picked.
    pub place_code: String,
    /// House, road, field.
    pub place_detail: String,
    /// How many people.
    pub people: String,
    /// Names, one a representative.
    pub name: Vec<String>,
    /// Phones, in the order of the names.
    pub phone: Vec<String>,
    /// Identity numbers, in the order of the names.
    pub identity: Vec<String>,
    /// Addresses, in the order of the names.
    pub address: Vec<String>,
    /// Number in the national system, from the window alone; may be empty.
    pub state_number: String,
    /// Unit complained of, by id.
    pub against_unit: String,
    /// Official complained of, by number or by name.
    pub against_official: String,
    /// "1": the clerk says that it is not the ended matter which was proposed.
    pub different: String,
}

impl PetitionForm {
    /// The form again as it was typed, where its key was taken for something else: sending it once more will do.
    #[must_use]
    pub fn with_new_key(self, problems: &mut Problems) -> Self {
        problems.add("", "这张表单的编号已经用在别处，这次没有登记。请核对后再提交一次。");
        Self { key: forms::new_key(), ..self }
    }

    /// An empty form with a fresh key.
    pub fn fresh() -> Self {
        Self { key: forms::new_key(), people: "1".to_owned(), channel: "visit".to_owned(), ..Self::default() }
    }

    /// The five persons that a form has room for, as typed.
    pub fn persons(&self) -> [NewPetitioner; 5] {
        let of = |list: &[String], index: usize| list.get(index).cloned().unwrap_or_default();
        std::array::from_fn(|index| NewPetitioner {
            name: of(&self.name, index),
            phone: of(&self.phone, index),
            identity: of(&self.identity, index),
            address: of(&self.address, index),
        })
    }

    /// Judges the form. What is wrong is added to `problems`; several places of the typed name are offered.
    ///
    /// `channel` is given where the petitioner fills the form in without an officer: on the public page.
    pub async fn judge(
        &self,
        read: &mut AnyConnection,
        app: &App,
        channel: Option<Channel>,
        problems: &mut Problems,
        offered: &mut Vec<Place>,
    ) -> anyhow::Result<Option<NewPetition>> {
        let by_petitioner = channel.is_some();
        let mut content = forms::tidy(&self.content);
        let length = content.chars().count();
        problems.require(length >= 5, "content", "请说清楚是什么事，至少 5 个字");
        problems.require(length <= 10_000, "content", "内容请控制在 10000 字以内");
        let title = match forms::tidy(&self.title) {
            title if title.is_empty() => rules::title_of(&content),
            title => title,
        };
        problems.require(title.chars().count() <= 60, "title", "标题请控制在 60 字以内");
        let channel = channel.or_else(|| Channel::from_word(&self.channel));
        problems.require(channel.is_some(), "channel", "请选择来访方式");
        let theme = Theme::from_word(&self.theme).unwrap_or(Theme::Other);

        let today = app.today().to_string();
        let picked = match self.place_code.trim() {
            "" => None,
            code => divisions::place(read, code, &today).await?,
        };
        let place = match picked {
            Some(place) => Some(place),
            None if self.place.trim().is_empty() => {
                problems.add("place", "请填写发生在哪个乡镇、村");
                None
            }
            None => match divisions::typed(read, &self.place, "", &today).await? {
                Typed::One(place) => Some(place),
                Typed::Several(places) => {
                    problems.add("place", "这样写的有几个地方，请选一个");
                    offered.extend(places);
                    None
                }
                Typed::Nothing => {
                    problems.add("place", "没有找到这个地方，请填乡镇或村的名称，也可以填拼音首字母");
                    None
                }
            },
        };

        let place_detail = forms::tidy(&self.place_detail);
        problems.require(place_detail.chars().count() <= 200, "place", "具体位置请控制在 200 字以内");
        let petitioners = self.petitioners(problems);
        let people: i64 = forms::half_width(self.people.trim()).parse().unwrap_or(0);
        problems.require((1..=100_000).contains(&people), "people", "请填写人数");
        if people < i64::try_from(petitioners.len()).unwrap_or(i64::MAX) {
            problems.add("people", "人数比所填的代表还少");
        }

        let state_number = match self.state_number.trim() {
            "" => String::new(),
            _ if by_petitioner => String::new(),
            typed => {
                let number = rules::state_number(typed);
                problems.require(number.is_some(), "state_number", super::state_number::NO_NUMBER);
                let number = number.unwrap_or_default();
                let taken: Option<(i64,)> = sqlx::query_as("SELECT petition FROM state_number WHERE number = $1")
                    .bind(number.clone())
                    .fetch_optional(&mut *read)
                    .await?;
                problems.require(taken.is_none(), "state_number", "这个国家编号已经登过，请先按它在台账里查找");
                number
            }
        };
        let against_unit = match self.against_unit.trim() {
            "" => None,
            id => {
                let unit: Option<(i64,)> = sqlx::query_as("SELECT id FROM unit WHERE id = $1")
                    .bind(id.parse::<i64>().unwrap_or_default())
                    .fetch_optional(&mut *read)
                    .await?;
                problems.require(unit.is_some(), "against_unit", "没有找到所反映的单位");
                unit.map(|(id,)| id)
            }
        };
        let against_officials = match &*forms::tidy(&self.against_official) {
            "" => Vec::new(),
            // A public form must not tell which officials exist: the name stands in the text as well, and the petition
            // office records the recusal of whom the name alone does not find.
            typed if by_petitioner => {
                problems.require(typed.chars().count() <= 100, "against_official", "请控制在 100 字以内");
                content = format!("{content}\n\n所反映的干部：{typed}");
                meant(read, typed).await?
            }
            typed => {
                let found: Vec<(i64,)> =
                    sqlx::query_as("SELECT id FROM official WHERE number = $1 OR name = $1 LIMIT 2")
                        .bind(typed.to_owned())
                        .fetch_all(&mut *read)
                        .await?;
                match &found[..] {
                    [_] => {}
                    [] => {
                        problems.add("against_official", "没有找到这位干部；可以只在内容里写明，由信访部门登记回避");
                    }
                    _ => problems.add("against_official", "有几位干部同名，请填干部编号，或只在内容里写明"),
                }
                found.into_iter().map(|(id,)| id).collect()
            }
        };
        let (Some(place), Some(channel), true) = (place, channel, problems.is_empty()) else { return Ok(None) };
        Ok(Some(NewPetition {
            channel,
            title,
            content,
            theme,
            division: place.code,
            place_detail,
            people,
            state_number,
            petitioners,
            against_unit,
            against_officials,
        }))
    }

    fn petitioners(&self, problems: &mut Problems) -> Vec<NewPetitioner> {
        let mut persons = Vec::new();
        problems.require(
            self.name.len().max(self.phone.len()) <= 5,
            "name",
            "推选的代表不超过 5 人（《信访工作条例》第二十条）",
        );
        for typed in self.persons() {
            let name = forms::tidy(&typed.name);
            let phone: String = forms::half_width(&typed.phone).chars().filter(|c| *c != ' ' && *c != '-').collect();
            let identity = forms::half_width(typed.identity.trim()).to_uppercase();
            let address = forms::tidy(&typed.address);
            if name.is_empty() && phone.is_empty() && identity.is_empty() && address.is_empty() {
                continue;
            }
            problems.require(!name.is_empty(), "name", "填了联系方式的，请一并填写姓名");
            problems.require(name.chars().count() <= 30, "name", "姓名请控制在 30 字以内");
            problems.require(address.chars().count() <= 200, "name", "住址请控制在 200 字以内");
            problems.require(phone.is_empty() || rules::is_phone(&phone), "phone", "手机号应是 11 位，座机请带区号");
            problems.require(
                identity.is_empty() || (identity.len() == 18 && identity.is_ascii()),
                "identity",
                "身份证号应是 18 位",
            );
            persons.push(NewPetitioner { name, phone, identity, address });
        }
        persons
    }
}

/// Officials whom somebody may mean who does not know their numbers: of that number or name, or of a name within what
/// was typed (县自然资源局周敏). Where it may be one of several it is all of them: who is kept from a matter without need
/// has a colleague, what the person complained of has read cannot be taken back (art. 30).
pub async fn meant(read: &mut AnyConnection, typed: &str) -> Result<Vec<i64>, sqlx::Error> {
    let found: Vec<(i64,)> = sqlx::query_as(
        "SELECT id FROM official WHERE number = $1 OR (length(name) > 1 AND $1 LIKE '%' || name || '%') ORDER BY id LIMIT 20",
    )
    .bind(typed.to_owned())
    .fetch_all(read)
    .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// A unit as a choice in a form.
#[derive(Debug, sqlx::FromRow)]
pub struct UnitChoice {
    /// The unit.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// Every unit that petitions can be about or go to.
pub async fn units(read: &mut AnyConnection) -> Result<Vec<UnitChoice>, sqlx::Error> {
    sqlx::query_as("SELECT id, name FROM unit WHERE kind <> 'village' AND valid_to IS NULL ORDER BY kind, code")
        .fetch_all(read)
        .await
}
