//! The planner's word on every filter of the ledger: an index serves it, and serves its order.

use super::*;
use crate::db::{Database, Engine};
use crate::ids::Ids;
use crate::petitions::words::LookUp;
use crate::secrets::{Keys, random_hex};
use crate::web::limits::Limits;
use crate::web::{Parts, TimeSource};

/// Thirty thousand petitions, one in fifty of them still open, each open one with a clock.
const MANY: &str = "
INSERT INTO petition (id, number, registered_on, registered_at, channel, title, content, theme, division, township,
                      place_detail, people, anonymous, lead, category, state, unit, version)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
SELECT i, '攸信〔2026〕' || i || '号', '2026-01-01', 0, 'visit', '事项', '内容',
       CASE i % 5 WHEN 0 THEN 'land' WHEN 1 THEN 'mining' WHEN 2 THEN 'works' WHEN 3 THEN 'housing' ELSE 'village' END,
       '430223125', CASE i % 3 WHEN 0 THEN '430223125' WHEN 1 THEN '430223123' ELSE '430223102' END, '', 1, 0,
       CASE i % 1000 WHEN 7 THEN '罗新华' ELSE '陈' || (i % 997) END,
       CASE i % 7 WHEN 0 THEN 'suggestion' WHEN 1 THEN 'report' ELSE 'claim' END,
       CASE WHEN i % 50 = 0 THEN 'accepted' WHEN i % 501 = 0 THEN 'answered' ELSE 'closed' END,
       (SELECT u.id FROM unit u ORDER BY u.code LIMIT 1 OFFSET 0) + 0 * i, 1
  FROM n;
UPDATE petition SET unit = (SELECT id FROM unit WHERE code = 'XFJ') WHERE id % 4 = 1;
UPDATE petition SET unit = (SELECT id FROM unit WHERE code = 'ZRZY') WHERE id % 4 = 2;
UPDATE petition SET unit = (SELECT id FROM unit WHERE code = 'LTA') WHERE id % 4 = 3;
INSERT INTO petitioner (id, petition, position, name, address) SELECT id, id, 1, lead, '' FROM petition;
INSERT INTO petition_pair (pair, petition) SELECT '路灯', id FROM petition;
INSERT INTO petition_pair (pair, petition) SELECT '不亮', id FROM petition WHERE id % 2 = 0;
INSERT INTO clock (id, petition, kind, runs_from, due_on, provisional)
SELECT id, id, 'handling', '2026-09-01', CASE WHEN id % 100 = 0 THEN '2026-11-04' ELSE '2026-10-30' END, 0
  FROM petition WHERE state = 'accepted';
INSERT INTO clock (id, petition, kind, runs_from, due_on, provisional)
SELECT id, id, 'review-request', '2026-01-01', '2026-02-01', 0 FROM petition WHERE state = 'closed';
INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by, ended_on)
SELECT p.id, p.id, f.id, '2026-Q4', CASE WHEN p.id % 100 = 0 THEN '2026-11-20' ELSE '2026-12-20' END, '2026-10-08', f.id,
       CASE WHEN p.state = 'closed' THEN '2026-10-30' END
  FROM petition p CROSS JOIN (SELECT MIN(id) AS id FROM official) f WHERE p.id % 10 = 0;
";

async fn county(name: &str) -> (App, Viewer, Viewer) {
    let address = match std::env::var("YOUZHI_TEST_DATABASE") {
        Ok(admin) => {
            use sqlx::{AssertSqlSafe, Connection, Executor};
            let mut connection = sqlx::PgConnection::connect(&admin).await.unwrap();
            connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
            format!("{}/{name}", admin.rsplit_once('/').unwrap().0)
        }
        Err(_) => format!("sqlite:{}", std::env::temp_dir().join(format!("{name}.sqlite")).display()),
    };
    let db = Database::open(&address, true).await.unwrap();
    let time = TimeSource::at("2026-11-02T01:00:00Z".parse().unwrap());
    let ids = Ids::lease(&db, time.now()).await.unwrap();
    let app = App::new(Parts {
        db,
        ids,
        keys: Keys::from_bytes(&[5; 48]),
        time,
        limits: Limits::wide(),
        policy: policy::Policy::published().clone().into(),
        calendar: policy::Calendar::published().clone().into(),
        files: crate::files::Store::in_folder(std::env::temp_dir().join(format!("{name}-files"))),
        secure_cookies: false,
        proxy: None,
    });
    crate::demo::cast(&app).await.unwrap();
    let mut write = app.db.write().await.unwrap();
    sqlx::raw_sql(MANY).execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
    app.db.analyze().await.unwrap();
    let mut read = app.db.read().await.unwrap();
    let (unit,): (i64,) =
        sqlx::query_as("SELECT id FROM unit WHERE code = 'ZRZY'").fetch_one(&mut *read).await.unwrap();
    drop(read);
    let day = app.today();
    let viewer = |role: &str| Viewer {
        account: 1,
        official: 1,
        name: "某".to_owned(),
        appointment: 1,
        post: 1,
        post_title: String::new(),
        unit,
        unit_name: String::new(),
        place: "430223".to_owned(),
        roles: vec![role.to_owned()],
        day,
    };
    (app, viewer("petition_officer"), viewer("handler"))
}

/// What the planner says about the page of a filter.
async fn plan(app: &App, viewer: &Viewer, filter: &Filter) -> String {
    let mut read = app.db.read().await.unwrap();
    let mut sql = Sql::new(match app.db.engine() {
        Engine::Sqlite => "EXPLAIN QUERY PLAN ",
        Engine::Postgres => "EXPLAIN ",
    });
    select(&mut sql, app, (viewer, false), filter, Door::Within, 50);
    explained(app, &mut read, sql).await
}

/// What it says about a look-up.
async fn plan_of(app: &App, viewer: &Viewer, filter: &Filter, look_up: LookUp<'_>) -> String {
    let mut read = app.db.read().await.unwrap();
    let mut sql = Sql::new(match app.db.engine() {
        Engine::Sqlite => "EXPLAIN QUERY PLAN ",
        Engine::Postgres => "EXPLAIN ",
    });
    look_up.push(&mut sql, app, (viewer, false), filter, 50);
    explained(app, &mut read, sql).await
}

async fn explained(app: &App, read: &mut AnyConnection, sql: Sql) -> String {
    let lines: Vec<String> = match app.db.engine() {
        Engine::Sqlite => {
            let rows: Vec<(i64, i64, i64, String)> = sql.fetch_all(read).await.unwrap();
            rows.into_iter().map(|(.., line)| line).collect()
        }
        Engine::Postgres => {
            let rows: Vec<(String,)> = sql.fetch_all(read).await.unwrap();
            rows.into_iter().map(|(line,)| line).collect()
        }
    };
    lines.join("\n")
}

/// Neither a walk over the whole of a long table nor a sort before the limit.
fn served(plan: &str) -> bool {
    let whole = plan.lines().any(|line| {
        let line = line.trim();
        line == "SCAN p"
            || line == "SCAN c"
            || line.contains("Seq Scan on leader_binding c")
            || line.contains("Seq Scan on petition p")
            || line.contains("Seq Scan on clock c")
    });
    let sorted = plan.contains("TEMP B-TREE FOR ORDER BY")
        || plan.contains("Sort Key: p.id")
        || plan.contains("Sort Key: c.due_on");
    !whole && !sorted
}

#[tokio::test]
async fn the_newest_fifty_by_any_filter_are_read_off_an_index_in_their_order() {
    let name = format!("youzhi_test_{}", random_hex::<8>());
    let (app, officer, handler) = county(&name).await;
    let unit = handler.unit.to_string();
    let of = |set: fn(&mut Filter)| {
        let mut filter = Filter { tab: "all".to_owned(), ..Filter::default() };
        set(&mut filter);
        filter
    };
    let filters = [
        of(|_| {}),
        of(|filter| filter.after = "20000".to_owned()),
        of(|filter| filter.tab = "open".to_owned()),
        of(|filter| filter.tab = "closed".to_owned()),
        of(|filter| filter.tab = "late".to_owned()),
        of(|filter| (filter.tab, filter.after) = ("late".to_owned(), "2026-10-30.1000".to_owned())),
        of(|filter| filter.tab = "soon".to_owned()),
        of(|filter| filter.tab = "bound".to_owned()),
        of(|filter| (filter.tab, filter.after) = ("bound".to_owned(), "2026-11-20.1000".to_owned())),
        of(|filter| filter.township = "430223125".to_owned()),
        of(|filter| filter.category = "report".to_owned()),
        of(|filter| filter.theme = "land".to_owned()),
        of(|filter| filter.state = "closed".to_owned()),
        Filter { unit, ..of(|_| {}) },
    ];
    for filter in filters {
        let plan = plan(&app, &officer, &filter).await;
        assert!(served(&plan), "{filter:?}\n{plan}");
    }
    // Of these there are so few that their order may be made afterwards.
    let few = [
        of(|filter| filter.tab = "call".to_owned()),
        of(|filter| filter.q = "13812345678".to_owned()),
        of(|filter| filter.q = "187".to_owned()),
    ];
    for filter in few {
        let q = format!("{filter:?}");
        let plan = plan(&app, &officer, &filter).await;
        assert!(
            !plan.lines().any(|line| line.trim() == "SCAN p" || line.contains("Seq Scan on petition p")),
            "{q}\n{plan}"
        );
        assert!(!plan.contains("SCAN q") && !plan.contains("Seq Scan on petitioner"), "{q}\n{plan}");
    }
    // A unit that sees its own alone reads them off its own index.
    let own = plan(&app, &handler, &of(|_| {})).await;
    assert!(served(&own) && own.contains("petition_unit"), "{own}");
    app.db.close().await;
    remove(&name).await;
}

#[tokio::test]
async fn a_petition_with_two_late_clocks_is_counted_once_however_many_clocks_there_are() {
    let name = format!("youzhi_test_{}", random_hex::<8>());
    let (app, officer, _) = county(&name).await;
    let late = TABS.iter().position(|(word, _)| *word == "late").unwrap();
    let mut read = app.db.read().await.unwrap();
    assert_eq!(counts(&mut read, &app, &officer).await.unwrap()[late], 300);
    drop(read);
    let mut write = app.db.write().await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO clock (id, petition, kind, runs_from, due_on, provisional)
         SELECT id + 30000, petition, 'notice', runs_from, due_on, 0 FROM clock WHERE kind = 'handling'",
    )
    .execute(&mut *write)
    .await
    .unwrap();
    write.commit().await.unwrap();
    let mut read = app.db.read().await.unwrap();
    assert_eq!(counts(&mut read, &app, &officer).await.unwrap()[late], 300);
    drop(read);
    app.db.close().await;
    remove(&name).await;
}

#[tokio::test]
async fn names_and_words_are_read_off_their_indexes_the_newest_first() {
    let name = format!("youzhi_test_{}", random_hex::<8>());
    let (app, officer, _) = county(&name).await;
    let filter = Filter { tab: "all".to_owned(), q: "罗新华".to_owned(), ..Filter::default() };
    let found = plan_of(&app, &officer, &filter, LookUp::Names).await;
    assert!(!found.contains("Seq Scan on petition p") && !found.contains("SCAN p\n"), "{found}");
    assert!(!found.contains("Seq Scan on petitioner"), "{found}");
    let others = ["路灯".to_owned()];
    let found = plan_of(&app, &officer, &filter, LookUp::Pairs("不亮", &others)).await;
    assert!(!found.contains("SCAN n") && !found.contains("Seq Scan on petition_pair"), "{found}");
    assert!(!found.contains("TEMP B-TREE") && !found.contains("Seq Scan on petition p"), "{found}");
    assert!(!found.contains("Sort Key"), "{found}");
    app.db.close().await;
    remove(&name).await;
}

/// Removes the test's database.
async fn remove(name: &str) {
    if let Ok(admin) = std::env::var("YOUZHI_TEST_DATABASE") {
        use sqlx::{AssertSqlSafe, Connection, Executor};
        let mut connection = sqlx::PgConnection::connect(&admin).await.unwrap();
        connection.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await.unwrap();
    }
    for ending in ["sqlite", "sqlite-wal", "sqlite-shm"] {
        let _ = std::fs::remove_file(std::env::temp_dir().join(format!("{name}.{ending}")));
    }
}

#[test]
fn years_are_read_alone_or_from_one_to_another() {
    let days = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
    assert_eq!(days_of("2010"), days("2010-01-01", "2010-12-31"));
    assert_eq!(days_of("2010-02"), days("2010-02-01", "2010-02-28"));
    assert_eq!(days_of(" 2009-2010 "), days("2009-01-01", "2010-12-31"));
    for none in ["", "late", "2009-", "-2010", "09-2010", "2009-2010-2011", "2010-13"] {
        assert_eq!(days_of(none), None, "{none}");
    }
}
