//! G2: every route with every role of the cast and with none. What a test has to remember is in the lists below, and
//! those may only shrink.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

#[path = "county/mod.rs"]
#[expect(dead_code, reason = "this walk needs a part of what tests of pages need")]
mod county;

use std::collections::BTreeSet;

use axum::http::Request;
use county::{County, Person};
use youzhi::accounts::permissions;
use youzhi::web::{Access, Route};

/// Everything that somebody without an account may send or open.
const PUBLIC: &[&str] = &[
    "GET /",
    "GET /assets/{version}/{name}",
    "GET /bookings",
    "GET /divisions/search",
    "GET /open311/discovery.json",
    "GET /open311/discovery.xml",
    "GET /open311/v2/openapi.json",
    "GET /open311/v2/requests.json",
    "GET /open311/v2/requests.xml",
    "GET /open311/v2/requests/{name}",
    "GET /open311/v2/servicerequestupdates.json",
    "GET /open311/v2/servicerequestupdates.xml",
    "GET /open311/v2/services.json",
    "GET /open311/v2/services.xml",
    "GET /open311/v2/services/{name}",
    "GET /open311/v2/tokens/{name}",
    "GET /pay-notices",
    "GET /pay-notices/{run}",
    "GET /receptions",
    "GET /receptions/calendar.ics",
    "GET /receptions/{id}/booking",
    "GET /sign-in",
    "GET /track",
    "GET /verify",
    "POST /bookings",
    "POST /bookings/cancellation",
    "POST /intake",
    "POST /open311/v2/requests.json",
    "POST /open311/v2/requests.xml",
    "POST /open311/v2/servicerequestupdates.json",
    "POST /open311/v2/servicerequestupdates.xml",
    "POST /receptions/{id}/booking",
    "POST /sign-in",
    "POST /track",
    "POST /track/acknowledgment",
    "POST /track/rating",
    "POST /track/review",
    "POST /track/supplements",
    "POST /track/withdrawal",
];

/// Actions that no route asks for because a page decides by them what it shows.
const DECIDED_ON_PAGES: &[&str] = &[];

fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// A path with something in place of its parameters; nothing of that id exists.
fn path_of(route: &Route) -> String {
    let mut path = String::new();
    for (index, part) in route.path.split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        path.push_str(if part.starts_with('{') { "1" } else { part });
    }
    path
}

async fn ask(person: &Person<'_>, route: &Route) -> county::Answer {
    match route.method {
        "GET" => person.send(Request::get(path_of(route))).await,
        _ => person.post(&path_of(route), &[]).await,
    }
}

#[tokio::test]
async fn every_route_is_open_to_the_roles_that_the_list_names_and_to_nobody_else() {
    let county = County::new().await;
    let routes = youzhi::rooms().routes().to_vec();
    let mut wrong = Vec::new();
    for account in &youzhi::demo::ACCOUNTS {
        let person = county.signed_in(account.login).await;
        // Signing out last: the session ends with it.
        let (last, others): (Vec<&Route>, Vec<&Route>) = routes.iter().partition(|route| route.path == "/sign-out");
        for route in others.into_iter().chain(last) {
            let answer = ask(&person, route).await;
            let allowed = match route.access {
                Access::Public | Access::SignedIn => true,
                Access::May(action) => permissions().allow(action, &account.roles()),
            };
            let status = answer.status.as_u16();
            if (status == 403) == allowed || status >= 500 {
                wrong.push(format!("{}: {} gives {status}", account.login, name(route)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn nobody_without_an_account_gets_past_the_public_routes() {
    let county = County::new().await;
    let villager = county.villager();
    let rooms = youzhi::rooms();
    let public: BTreeSet<String> =
        rooms.routes().iter().filter(|route| route.access == Access::Public).map(name).collect();
    assert_eq!(public, PUBLIC.iter().map(|name| (*name).to_owned()).collect(), "the list of public routes");
    for route in rooms.routes() {
        let answer = ask(&villager, route).await;
        assert!(answer.status.as_u16() < 500, "{}: {}", name(route), answer.status);
        if route.access != Access::Public {
            assert_eq!(answer.status.as_u16(), 303, "{}", name(route));
            assert!(answer.location().starts_with("/sign-in"), "{} leads to {}", name(route), answer.location());
        }
    }
}

#[test]
fn every_action_of_the_list_is_asked_for_and_every_action_asked_for_is_in_the_list() {
    let rooms = youzhi::rooms();
    let asked: BTreeSet<&str> = rooms
        .routes()
        .iter()
        .filter_map(|route| match route.access {
            Access::May(action) => Some(action),
            _ => None,
        })
        .chain(DECIDED_ON_PAGES.iter().copied())
        .collect();
    let listed: BTreeSet<&str> = permissions().actions.keys().map(String::as_str).collect();
    let unlisted: Vec<_> = asked.difference(&listed).collect();
    let idle: Vec<_> = listed.difference(&asked).collect();
    assert!(unlisted.is_empty(), "not in permissions.toml: {unlisted:?}");
    assert!(idle.is_empty(), "nothing asks for: {idle:?}");
}

#[test]
fn every_role_of_the_list_has_somebody_in_the_cast() {
    let held: BTreeSet<String> = youzhi::demo::ACCOUNTS.iter().flat_map(youzhi::demo::DemoAccount::roles).collect();
    for role in permissions().roles.keys() {
        assert!(held.contains(role), "nobody is {role}");
    }
}

/// One of each kind of record, all of which exist: a petition from which everybody is to be kept, a household with a
/// visit in a township of its own, a plan item and a settlement of a unit of its own.
const ELSEWHERE: &str = "
    INSERT INTO division (code, parent, name, initials, kind, valid_from) VALUES
        ('430223199', '430223', '远乡', 'yx', 'township', '2019-01-01'),
        ('430223199201', '430223199', '远村', 'yc', 'village', '2019-01-01');
    INSERT INTO unit (id, code, name, kind, division, valid_from)
        VALUES (7, 'YX', '远乡', 'township', '430223199', '2019-01-01');
    INSERT INTO post (id, unit, code, title, listed_as) VALUES (7, 7, 'YX-1', '乡长', '乡镇长');
    INSERT INTO official (id, number, name, initials) VALUES (7, 'YX1', '远人', 'yr');
    INSERT INTO appointment (id, official, post, held_from) VALUES (7, 7, 7, '2019-01-01');
    INSERT INTO household (id, division, village, number, head, people, valid_from)
        VALUES (7, '430223199201', '430223199201', 'Y1', '远户', 1, '2019-01-01');
    INSERT INTO entry (id, kind, happened_on, recorded_at, recorded_by, appointment, division, household, result, content)
        VALUES (7, 'visit', '2026-10-01', 0, 7, 7, '430223199201', 7, 'met', '远话');
    INSERT INTO petition (id, number, registered_on, registered_at, channel, title, content, theme, division, township,
                          place_detail, people, anonymous, lead, category, state, unit, version)
        VALUES (7, 'N7', '2026-10-01', 0, 'visit', '远事', '远事', 'other', '430223199201', '430223199', '', 1, 0,
                '远人', 'claim', 'assigned', 7, 1);
    INSERT INTO review (id, petition, stage, round, number, unit, organ, reason, asked_on, version)
        VALUES (7, 7, 'review', 0, 'R7', 7, '远乡', '远因', '2026-10-20', 1);
    INSERT INTO call_back_draw (id, period, seed, share_bp, population, drawn_on, drawn_by)
        VALUES (7, '2026-10', 's', 1000, 1, '2026-11-01', 7);
    INSERT INTO call_back_sample (id, draw, petition) VALUES (7, 7, 7);
    INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by)
        VALUES (7, 7, 7, '2026-Q4', '2026-12-20', '2026-10-01', 7);
    INSERT INTO binding_proposal (id, petition, place, quarter, criteria, reason, leader, due_on, proposed_on, proposed_by)
        VALUES (7, 7, '430223', '2026-Q4', 'joint', '远由', 7, '2026-12-20', '2026-10-01', 7);
    INSERT INTO inquiry (id, petition, number, organ, question, content, sent_on, sent_by)
        VALUES (7, 7, '远文', '远机关', '远问', '远文', '2026-10-01', 7);
    INSERT INTO submission (id, petition, number, ground, organ, subject, content, unit, sent_on, sent_by)
        VALUES (7, 7, '远报', 'urgent', '远机关', '远情', '远文', 7, '2026-10-01', 7);
    INSERT INTO leader_reward (id, official, place, quarter, kind, reason, document, decided_on, decided_by)
        VALUES (7, 7, '430223199', '2026-Q4', 'reward', '远由', '远文', '2026-10-01', 7);
    INSERT INTO recusal (id, petition, official, reason, recorded_at) SELECT id, 7, id, 'declared', 0 FROM official;
    INSERT INTO file_object (object, wanted_at)
        VALUES ('0000000000000000000000000000000000000000000000000000000000000000', 0);
    INSERT INTO file (id, petition, object, content_hash, name, kind, bytes, part, from_petitioner, added_at)
        SELECT 7, 7, object, object, '远.pdf', 'pdf', 1, 'card', 0, 0 FROM file_object;
    INSERT INTO plan (id, unit, month) VALUES (7, 7, '2026-11');
    INSERT INTO plan_item (id, plan, goal, standard, owner, appointment, due_on, weight, source, petition, added,
                           proposed_by, version)
        VALUES (7, 7, '远项', '远项', 7, 7, '2026-11-20', 1, 'own', 7, 0, 7, 1);
    INSERT INTO plan_unlock (id, unit, month, reason, until_on, asked_on, asked_by)
        VALUES (7, 7, '2026-11', '远由', '2026-12-31', '2026-11-01', 7);
    INSERT INTO plan_check (id, unit, month, seed, share_bp, fixed_on, fixed_by)
        VALUES (7, 7, '2026-11', '远种', 500, '2026-11-01', 7);
    INSERT INTO plan_account (id, item, done_on, content, proposed, given_on, given_by)
        VALUES (7, 7, '2026-11-02', '远述', 0, '2026-11-02', 7);
    INSERT INTO cancellation_key (account, item, why, keyed_on, keyed_by) VALUES (7, 7, '远由', '2026-11-02', 7);
    INSERT INTO cancel_delegation (id, post, given_by, delegate, reason, given_on, until_on)
        VALUES (7, 7, 7, 7, '远由', '2026-11-01', '2026-11-30');
    INSERT INTO pay_run (id, unit, month, attempt, policy, settled_at, settled_by, version)
        VALUES (7, 7, '2026-10', 1, '{}', 0, 7, 1);
    INSERT INTO pay_notice (run, put_up_on, put_up_by, working_days, objection_days, answer_days, amounts, public)
        VALUES (7, '2026-11-02', 7, 5, 5, 5, 0, 0);
    INSERT INTO pay_notice_line (run, official, since) VALUES (7, 7, '2026-11-02');
    INSERT INTO pay_objection (id, run, official, content, raised_on, in_time, answer_days)
        VALUES (7, 7, 7, '远议', '2026-11-02', 1, 5);
    INSERT INTO reception_day (id, unit, kind, month, held_on, provisional, leader, changed_at, version)
        VALUES (7, 7, 'township', '2026-11', '2026-11-10', 0, 7, 0, 1);
    INSERT INTO reception_booking (id, day, queue, origin, booked_for, code_key, name, sex, address, people, matter,
                                   reference, booked_at, version)
        VALUES (7, 7, 1, 'web', '2026-11-10', 'aa', '远人', '', '', 1, '远事', '', 0, 1);
    INSERT INTO key_period (id, name, from_on, to_on, made_on, made_by)
        VALUES (7, '国庆', '2026-12-01', '2026-12-02', '2026-11-01', 7)";

/// Where such a record stands in a path, and the roles whose place or duty it is to find it all the same.
const REACHED: &[(&str, &[&str])] = &[
    ("/petitions/{id}", &[]),
    ("/reviews/{id}", &[]),
    ("/call-backs/{id}", &[]),
    ("/bindings/{id}", &[]),
    ("/bindings/proposals/{id}", &[]),
    ("/bindings/candidates/{id}", &[]),
    ("/rewards/{id}", &["personnel"]),
    ("/plans/items/{id}", &[]),
    ("/statements/{official}", &["supervision"]),
    ("/plans/{id}/", &["supervision", "personnel"]),
    ("/plans/checks/{id}", &["supervision", "personnel"]),
    ("/plans/delegations/{id}", &[]),
    ("/plans/keys/{account}", &[]),
    // Whoever grants finds what is asked for.
    ("/plans/unlocks/{id}", &["leader"]),
    ("/households/{id}", &["superior"]),
    ("/entries/{id}", &["leader", "superior", "petition_officer"]),
    ("/duties/villages/{code}", &["leader", "superior", "supervision"]),
    ("/pay/runs/{id}", &["personnel", "finance", "audit_officer"]),
    ("/pay/mine/{run}", &[]),
    ("/pay/notices/{run}", &["personnel", "finance", "audit_officer"]),
    ("/pay/objections/{id}", &["personnel", "audit_officer"]),
    ("/reception-days/{id}", &["petition_officer", "supervision"]),
    ("/reception-units/{id}", &["petition_officer"]),
    ("/key-periods/{id}/units/{unit}", &["petition_officer"]),
];

/// Those whose unit is a township: the same role reaches less there than in the county.
const TOWN: [&str; 3] = ["zhenzhang", "xiangzhen", "cun"];

#[tokio::test]
async fn what_lies_outside_ones_scope_is_not_found_at_any_address() {
    let county = County::new().await;
    county.execute(ELSEWHERE).await;
    let routes = youzhi::rooms().routes().to_vec();
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for account in &youzhi::demo::ACCOUNTS {
        let person = county.signed_in(account.login).await;
        for route in &routes {
            let Some((_, reaching)) = REACHED.iter().find(|(part, _)| route.path.starts_with(part)) else { continue };
            let Access::May(action) = route.access else { continue };
            let reaches =
                !TOWN.contains(&account.login) && account.roles().iter().any(|role| reaching.contains(&role.as_str()));
            if reaches || !permissions().allow(action, &account.roles()) {
                continue;
            }
            let path = route.path.replace("{code}", "430223199201").replace("{period}", "2026-10");
            let path: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "7" } else { part }).collect();
            let path = path.join("/");
            let answer = match route.method {
                "GET" => person.get(&path).await,
                _ => person.post(&path, &[("version", "1"), ("reason", "试一试"), ("seen", "1")]).await,
            };
            asked += 1;
            if answer.status.as_u16() != 404 || answer.text.contains('远') {
                wrong.push(format!("{}: {} {path} gives {}", account.login, route.method, answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 100, "only {asked} addresses were asked");
}

#[tokio::test]
async fn those_whose_place_it_is_find_it_so_that_the_walk_proves_something() {
    let county = County::new().await;
    county.execute(ELSEWHERE).await;
    county.execute("DELETE FROM recusal").await;
    for (login, path) in [
        ("xinfang", "/petitions/7"),
        ("ducha", "/plans/items/7"),
        ("fenguan", "/households/7"),
        ("xinfang", "/reviews/7"),
        ("xinfang", "/entries/7"),
        ("ducha", "/duties/villages/430223199201"),
    ] {
        let page = county.signed_in(login).await.get(path).await;
        assert_eq!(page.status.as_u16(), 200, "{login} {path}: {}", page.words());
    }
}
