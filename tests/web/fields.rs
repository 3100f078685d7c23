//! G12: `[fields]` of permissions.toml holds: each field with each role of the cast, shown or masked.

use youzhi::accounts::permissions;

use crate::county::County;
use crate::entries::village;
use crate::pay::Scene;

const IDENTITY: &str = "430223199001011234";

/// Opens pages as everybody of the cast and compares with the list. Whoever may not open a page sees no field on it;
/// at least one role has to see the field, or nothing was shown to anybody.
async fn holds(county: &County, field: &str, page: &str, value: &str) {
    let listed = &permissions().fields[field];
    let (mut shown, mut opened) = (0, 0);
    for account in &youzhi::demo::ACCOUNTS {
        let answer = county.signed_in(account.login).await.get(page).await;
        let status = answer.status.as_u16();
        assert!(matches!(status, 200 | 403 | 404), "{}: {status}", account.login);
        let expected = status == 200 && account.roles().iter().any(|role| listed.contains(role));
        assert_eq!(answer.text.contains(value), expected, "{field} for {} ({status})", account.login);
        shown += u32::from(expected);
        opened += u32::from(status == 200);
    }
    assert!(shown > 0, "{field} is shown to nobody");
    assert!(opened > shown || field == "pay.amount", "{field} is masked for nobody who opens {page}");
}

#[tokio::test]
async fn names_phones_and_identity_numbers_of_petitioners() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let fields = [
        ("channel", "visit"),
        ("content", "住房墙体开裂，要求鉴定"),
        ("place", "阳升观村"),
        ("people", "1"),
        ("name", "罗新华"),
        ("phone", "13812345678"),
        ("identity", IDENTITY),
    ];
    let receipt = officer.fill("/petitions/new", "/petitions", &fields).await;
    let card = crate::petitions::card_of(&receipt);
    // Handled by the land bureau and bound to the leader, so that every role of the list finds it.
    county
        .execute(
            "UPDATE petition SET state = 'assigned', category = 'claim', branch = 6,
                    unit = (SELECT id FROM unit WHERE code = 'ZRZY');
             INSERT INTO assignment (id, petition, unit, part, dispatched_on, dispatched_by, instruction)
             SELECT 1, p.id, u.id, 'lead', '2026-11-02', o.id, '' FROM petition p, unit u, official o
              WHERE u.code = 'ZRZY' AND o.number = 'xinfang';
             INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by)
             SELECT 1, p.id, o.id, '2026-Q4', '2026-12-31', '2026-11-02', o.id FROM petition p, official o
              WHERE o.number = 'lingdao'",
        )
        .await;
    for (field, value) in
        [("petitioner.name", "罗新华"), ("petitioner.phone", "13812345678"), ("petitioner.identity", IDENTITY)]
    {
        holds(&county, field, &card, value).await;
    }
    holds(&county, "petitioner.name", "/petitions?tab=all", "罗新华").await;
}

#[tokio::test]
async fn phones_of_households() {
    let county = County::new().await;
    village(&county).await;
    let sealed = county.app.keys.encrypt("13812345678", &youzhi::households::phone_place(101));
    let mut write = county.app.db.write().await.unwrap();
    sqlx::query("UPDATE household SET phone = $1 WHERE id = 101").bind(sealed).execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
    holds(&county, "household.phone", "/households/101", "13812345678").await;
}

#[tokio::test]
async fn amounts_of_pay() {
    let scene = Scene::new().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    scene.run("UPDATE appointment SET held_to = NULL").await;
    holds(&scene.county, "pay.amount", &run, "4,800.00").await;
}

#[test]
fn every_field_of_the_list_has_its_test() {
    let text = include_str!("fields.rs");
    for field in permissions().fields.keys() {
        assert!(text.contains(&format!("\"{field}\"")), "{field}");
    }
}
