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
    "GET /divisions/search",
    "GET /sign-in",
    "GET /track",
    "GET /verify",
    "POST /intake",
    "POST /sign-in",
    "POST /track",
    "POST /track/acknowledgment",
    "POST /track/rating",
    "POST /track/supplements",
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
