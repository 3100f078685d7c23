//! The reception days of this year and the next, a day that was worked, and people who have booked.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::{Month, Reception, reception_day};
use serde_json::json;

use super::World;
use super::history::{instant, moment};
use super::names;
use super::random::Random;
use crate::chain::Subject;
use crate::receptions;
use crate::rows::{Rows, row};
use crate::secrets::Purpose;
use crate::web::App;

/// What came of a talk: a word, and the answer; nothing: not reached.
type Came = Option<(&'static str, &'static str)>;

/// The last day of the county's leaders and of 莲塘坳镇: matter, and what came of it.
const CAME: [(&str, &str, Came); 10] = [
    ("XLD", "小区办证拖了四年，要求督促开发商。", Some(("settled", "由住建局牵头，月底前公布办证时间表。"))),
    ("XLD", "企业欠薪三个月，二十多人没有拿到工资。", Some(("settled", "人社局当天受理投诉，十五日内责令支付。"))),
    ("XLD", "煤矿关闭后的安置费对不上账。", Some(("continued", "请审计局先核对，下次接访日答复。"))),
    ("XLD", "退役后的养老保险没有接续上。", Some(("settled", "退役军人事务局陪同到社保窗口补办。"))),
    ("XLD", "河道采砂把自家菜地冲掉一半。", None),
    ("LTA", "村道塌方，校车过不去。", Some(("settled", "三天内清理，入冬前修好护坡。"))),
    ("LTA", "低保复核没有通过，想知道原因。", Some(("settled", "民政专干当面逐项说明，可以申请复核。"))),
    ("LTA", "两家宅基地的界线一直争。", Some(("continued", "请村里先量地，下次双方一起来。"))),
    ("LTA", "自来水一到傍晚就停。", Some(("settled", "水厂增压泵下周到货。"))),
    ("LTA", "种粮补贴少发了一季。", None),
];

/// Who has booked for the next days.
const BOOKED: [(&str, &str); 6] = [
    ("XLD", "征地补偿款还有一笔没有到账。"),
    ("XLD", "医院收费问了几次没有说清楚。"),
    ("XLD", "村办企业改制，老职工的身份怎么算。"),
    ("LTA", "路灯坏了大半，晚上不敢走。"),
    ("LTA", "想问高标准农田什么时候动工。"),
    ("LTA", "邻居的养猪场臭味太大。"),
];

/// Somebody in a queue.
pub(super) struct Guest {
    unit: &'static str,
    held_on: Date,
    queue: i64,
    matter: &'static str,
    came: Came,
    booked_at: i64,
    received_at: i64,
    name: String,
    phone: String,
    male: bool,
    age: i64,
    address: String,
    id: i64,
    reception: i64,
}

/// The day of a unit's rule that is nearest before today, or the next one from today on.
fn day_of(app: &App, unit: &str, ahead: bool) -> anyhow::Result<Option<Date>> {
    let today = app.today();
    let rule = if unit == "XLD" { Reception::County } else { Reception::Township };
    let mut days = Vec::new();
    for shift in -2..=2 {
        days.extend(reception_day(&app.policy, &app.calendar, rule, Month::of(today).plus(shift))?.due);
    }
    Ok(if ahead { days.into_iter().find(|day| *day > today) } else { days.into_iter().rfind(|day| *day < today) })
}

/// Makes the guests up and tells the chain of them.
pub(super) fn tell(world: &mut World<'_>) -> anyhow::Result<Vec<Guest>> {
    let mut random = Random::of(world.seed, "receptions");
    let mut guests: Vec<Guest> = Vec::new();
    let past = CAME.iter().map(|(unit, matter, came)| (*unit, *matter, *came, false));
    let ahead = BOOKED.iter().map(|(unit, matter)| (*unit, *matter, None, true));
    for (unit, matter, came, ahead) in past.chain(ahead) {
        let Some(held_on) = day_of(world.app, unit, ahead)? else { continue };
        let before = guests.iter().filter(|other| other.unit == unit && other.held_on == held_on).count();
        let queue = i64::try_from(before)? + 1;
        let latest = held_on.min(world.today).saturating_sub(1.day());
        let booked = latest.saturating_sub((8 - queue).days());
        let village = random.below(world.villages.len());
        guests.push(Guest {
            unit,
            held_on,
            queue,
            matter,
            came,
            booked_at: moment(booked, 9 * 60 + random.within(0, 480)),
            received_at: moment(held_on, 8 * 60 + 30 + queue * 22),
            name: names::person(&mut random, 250),
            phone: names::phone(&mut random),
            male: random.chance(500),
            age: random.within(28, 76),
            address: world.villages[village].name.clone(),
            id: 0,
            reception: 0,
        });
    }
    guests.sort_by_key(|guest| guest.booked_at);
    let (ids, receptions) = (world.app.ids.past(), world.app.ids.past());
    for guest in &mut guests {
        guest.id = ids.next(instant(guest.booked_at));
    }
    guests.sort_by_key(|guest| guest.received_at);
    let clerk = world.people.officials[world.people.cast("xinfang")].clone();
    for guest in &mut guests {
        let subject = Subject("reception_booking", guest.id);
        let content = json!({ "queue": guest.queue, "name": guest.name, "matter": guest.matter });
        world.history.add(guest.booked_at, None, "reception.booked", subject, &content);
        if let Some((result, answer)) = guest.came {
            guest.reception = receptions.next(instant(guest.received_at));
            let content = json!({ "result": result, "answer": answer });
            world.history.add(guest.received_at, Some(&clerk), "reception.recorded", subject, &content);
        }
    }
    Ok(guests)
}

/// Makes the calendar and writes the guests into it; what the calendar tells the chain comes after the invented past.
pub(super) async fn store(world: &World<'_>, guests: Vec<Guest>) -> anyhow::Result<()> {
    let app = world.app;
    let year = world.today.first_of_year();
    let last = Month::new(world.today.year() + 1, 12)?;
    let first = Month::of(year).plus(-1);
    let mut write = app.db.write().await?;
    receptions::reconcile(&mut write, app, first.first_day(), first, last).await?;
    let leader = world.people.officials[world.people.cast("lingdao")].id;
    let clerk = world.people.officials[world.people.cast("xinfang")].id;
    for ahead in [false, true] {
        let Some(day) = day_of(app, "XLD", ahead)? else { continue };
        sqlx::query(
            "UPDATE reception_day SET leader = $1, version = version + 1
              WHERE held_on = $2 AND unit = (SELECT id FROM unit WHERE code = 'XLD')",
        )
        .bind(leader)
        .bind(day.to_string())
        .execute(&mut *write)
        .await?;
    }
    let mut bookings = Rows::new(
        "reception_booking",
        "id, day, queue, origin, booked_for, code_key, name, sex, age, phone, phone_key, address, people, matter, \
         reference, booked_at, version",
    );
    let mut talks =
        Rows::new("reception", "id, booking, leader, post, result, answer, urgent, bound, received_at, recorded_by");
    for guest in guests {
        let (day, receiver): (i64, Option<i64>) = sqlx::query_as(
            "UPDATE reception_day SET queued = queued + 1 WHERE held_on = $1
                AND unit = (SELECT id FROM unit WHERE code = $2) RETURNING id, leader",
        )
        .bind(guest.held_on.to_string())
        .bind(guest.unit)
        .fetch_one(&mut *write)
        .await?;
        let sealed = app.keys.encrypt(&guest.phone, &format!("reception_booking.phone/{}", guest.id));
        row!(bookings;
            guest.id, day, guest.queue, "web", guest.held_on,
            app.keys.keyed(Purpose::Receipt, &format!("demo booking {}", guest.id)), guest.name,
            if guest.male { "male" } else { "female" }, guest.age, sealed, app.keys.keyed(Purpose::Phone, &guest.phone),
            guest.address, 1_i64, guest.matter, "", guest.booked_at, 1_i64,
        );
        if let (Some((result, answer)), Some(receiver)) = (guest.came, receiver) {
            let (post,): (String,) = sqlx::query_as(
                "SELECT MIN(o.title) FROM appointment a JOIN post o ON o.id = a.post WHERE a.official = $1",
            )
            .bind(receiver)
            .fetch_one(&mut *write)
            .await?;
            row!(talks;
                guest.reception, guest.id, receiver, post, result, answer, false, false, guest.received_at, clerk,
            );
        }
    }
    bookings.write(&mut write).await?;
    talks.write(&mut write).await?;
    for (unit, place, phone) in
        [("XLD", "县信访局一楼联合接访大厅", "0731-24220000"), ("LTA", "镇政府一楼群众来访室", "0731-24330000")]
    {
        sqlx::query(
            "INSERT INTO reception_site (unit, place, hours, phone, version)
             SELECT id, $2, '', $3, 1 FROM unit WHERE code = $1",
        )
        .bind(unit)
        .bind(place)
        .bind(phone)
        .execute(&mut *write)
        .await?;
    }
    period(world, &mut write).await?;
    write.commit().await?;
    Ok(())
}

/// A key period three weeks ahead: one township has its roster, with a gap on the last day.
async fn period(world: &World<'_>, write: &mut sqlx::AnyConnection) -> anyhow::Result<()> {
    let from = world.today.saturating_add(20.days());
    let (period, roster) = (world.app.id(), world.app.id());
    let clerk = world.people.officials[world.people.cast("xinfang")].id;
    let town = world.people.unit("LTA");
    sqlx::query("INSERT INTO key_period (id, name, from_on, to_on, made_on, made_by) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(period)
        .bind("重要节点安全稳定")
        .bind(from.to_string())
        .bind(from.saturating_add(6.days()).to_string())
        .bind(world.today.to_string())
        .bind(clerk)
        .execute(&mut *write)
        .await?;
    sqlx::query("INSERT INTO key_period_roster (id, period, unit, version) VALUES ($1, $2, $3, 1)")
        .bind(roster)
        .bind(period)
        .bind(world.people.units[town].id)
        .execute(&mut *write)
        .await?;
    let mut leaders = world.people.of(town, super::people::Rank::Chief);
    leaders.extend(world.people.of(town, super::people::Rank::Deputy));
    let mut duties = Rows::new("key_period_duty", "roster, duty_on, official");
    for (place, leader) in leaders.iter().cycle().take(6).enumerate() {
        let day = from.saturating_add(i64::try_from(place)?.days());
        row!(duties; roster, day, world.people.officials[*leader].id);
    }
    duties.write(write).await
}
