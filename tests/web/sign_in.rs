//! G2: failures behind one address and at two, what a proxy says, the cookies, and writing nothing more.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use youzhi::demo::PASSWORD;
use youzhi::ids::Ids;
use youzhi::secrets::Keys;
use youzhi::web::limits::Limits;
use youzhi::web::{App, Parts, into_router};

use crate::county::{Answer, County};

/// Somebody at an address, with the cookies that this browser has.
struct Browser<'a> {
    county: &'a County,
    address: IpAddr,
    forwarded: Vec<&'static str>,
    cookies: Option<String>,
}

impl<'a> Browser<'a> {
    fn at(county: &'a County, address: &str) -> Self {
        Self { county, address: address.parse().unwrap(), forwarded: Vec::new(), cookies: None }
    }

    async fn signs_in(&self, login: &str, password: &str) -> Answer {
        let mut person = self.county.villager();
        person.cookie.clone_from(&self.cookies);
        let mut request = Request::post("/sign-in")
            .extension(ConnectInfo(SocketAddr::new(self.address, 50_000)))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        for line in &self.forwarded {
            request = request.header("x-forwarded-for", *line);
        }
        person.send_body(request, Body::from(format!("login={login}&password={password}"))).await
    }

    /// Keeps what an answer leaves of a device, and nothing of the session.
    fn keep_device(&mut self, answer: &Answer) {
        self.cookies = Some(cookie(answer, "youzhi_device").split(';').next().unwrap().to_owned());
    }
}

/// A cookie that an answer sets, with its attributes.
fn cookie(answer: &Answer, name: &str) -> String {
    let set = answer.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    set.into_iter().find(|set| set.starts_with(name)).unwrap_or_else(|| panic!("no cookie {name}")).to_owned()
}

/// The same county, served behind a proxy that terminates TLS.
async fn behind_proxy(county: &mut County, proxy: &str) {
    let app = App::new(Parts {
        db: county.app.db.clone(),
        ids: Ids::lease(&county.app.db, county.app.now()).await.unwrap(),
        keys: Keys::from_bytes(&[5; 48]),
        time: county.app.time.clone(),
        limits: Limits::wide(),
        policy: county.app.policy.clone().into(),
        calendar: policy::Calendar::published().clone().into(),
        files: youzhi::files::Store::in_folder(std::env::temp_dir().join("youzhi-test-no-files")),
        secure_cookies: true,
        proxy: Some(proxy.parse().unwrap()),
    });
    county.router = into_router(youzhi::rooms(), app);
}

#[tokio::test]
async fn a_stranger_at_another_address_delays_himself_alone() {
    let county = County::new().await;
    let (stranger, owner) = (Browser::at(&county, "203.0.113.7"), Browser::at(&county, "203.0.113.8"));
    for _ in 0..4 {
        stranger.signs_in("xinfang", "wrong").await.says("账号或口令不对");
    }
    stranger.signs_in("xinfang", PASSWORD).await.is(422).says("请等");
    owner.signs_in("xinfang", PASSWORD).await.is(303);
}

#[tokio::test]
async fn a_stranger_behind_the_same_address_locks_nobody_out_of_his_own_device() {
    let county = County::with_limits(Limits::new()).await;
    let (mut owner, stranger) = (Browser::at(&county, "203.0.113.7"), Browser::at(&county, "203.0.113.7"));
    let first = owner.signs_in("xinfang", PASSWORD).await;
    first.is(303);
    owner.keep_device(&first);
    // Beyond the free failures of the login and beyond what the address may try in a minute.
    for _ in 0..6 {
        stranger.signs_in("xinfang", "wrong").await.is(422);
    }
    for _ in 0..20 {
        stranger.signs_in("nobody", "wrong").await;
    }
    stranger.signs_in("xinfang", PASSWORD).await.is(429);
    owner.signs_in("xinfang", PASSWORD).await.is(303);
}

#[tokio::test]
async fn a_device_delays_itself_and_is_one_only_for_the_login_that_signed_in() {
    let county = County::new().await;
    let mut device = Browser::at(&county, "203.0.113.7");
    let first = device.signs_in("xinfang", PASSWORD).await;
    device.keep_device(&first);
    for _ in 0..4 {
        device.signs_in("xinfang", "wrong").await.says("账号或口令不对");
    }
    device.signs_in("xinfang", PASSWORD).await.is(422).says("请等");
    // The same machine without its cookie, and another login with it, are strangers at the address.
    Browser::at(&county, "203.0.113.7").signs_in("xinfang", PASSWORD).await.is(303);
    device.signs_in("chengban", "wrong").await.is(422);
    assert_eq!(county.count("SELECT COUNT(*) FROM sign_in_failure WHERE source = '203.0.113.7'").await, 1);
    // A cookie that somebody made up counts for nothing.
    let mut forged = Browser::at(&county, "203.0.113.9");
    forged.cookies = device.cookies.as_ref().map(|cookie| format!("{}0", &cookie[..cookie.len() - 1]));
    let forged_differs = forged.cookies != device.cookies;
    forged.signs_in("xinfang", "wrong").await.is(422);
    let counted = county.count("SELECT COUNT(*) FROM sign_in_failure WHERE source = '203.0.113.9'").await;
    assert_eq!(counted, i64::from(forged_differs));
}

#[tokio::test]
async fn one_subscriber_of_ipv6_is_one_source() {
    let county = County::new().await;
    for last in 1..=4 {
        Browser::at(&county, &format!("2001:db8::{last}")).signs_in("xinfang", "wrong").await.is(422);
    }
    Browser::at(&county, "2001:db8::9").signs_in("xinfang", PASSWORD).await.is(422).says("请等");
    Browser::at(&county, "2001:db8:0:1::9").signs_in("xinfang", PASSWORD).await.is(303);
}

#[tokio::test]
async fn the_proxys_own_word_counts_however_many_lines_the_client_sends() {
    let mut county = County::new().await;
    behind_proxy(&mut county, "10.0.0.1").await;
    for claimed in ["9.9.9.1", "9.9.9.2", "9.9.9.3", "9.9.9.4"] {
        let mut client = Browser::at(&county, "10.0.0.1");
        client.forwarded = vec![claimed, "203.0.113.7"];
        client.signs_in("xinfang", "wrong").await.is(422);
    }
    assert_eq!(county.count("SELECT failures FROM sign_in_failure WHERE source = '203.0.113.7'").await, 4);
    // Who does not come by the proxy is believed nothing.
    let mut direct = Browser::at(&county, "198.51.100.1");
    direct.forwarded = vec!["203.0.113.8"];
    direct.signs_in("xinfang", "wrong").await.is(422);
    assert_eq!(county.count("SELECT failures FROM sign_in_failure WHERE source = '198.51.100.1'").await, 1);
}

#[tokio::test]
async fn cookies_are_kept_from_scripts_other_sites_and_plain_connections() {
    let mut county = County::new().await;
    let plain = Browser::at(&county, "127.0.0.1").signs_in("xinfang", PASSWORD).await;
    for (name, site) in [("youzhi_session=", "; SameSite=Lax"), ("youzhi_device_", "; SameSite=Strict")] {
        let set = cookie(&plain, name);
        assert!(set.contains("; HttpOnly") && set.contains(site) && !set.contains("Secure"), "{set}");
    }
    assert!(!plain.headers.contains_key("strict-transport-security"));
    behind_proxy(&mut county, "10.0.0.1").await;
    let encrypted = Browser::at(&county, "10.0.0.1").signs_in("xinfang", PASSWORD).await;
    for name in ["youzhi_session=", "youzhi_device_"] {
        assert!(cookie(&encrypted, name).ends_with("; Secure"), "{}", cookie(&encrypted, name));
    }
    assert!(encrypted.headers["strict-transport-security"].to_str().unwrap().starts_with("max-age="));
}

#[tokio::test]
async fn signing_in_again_ends_the_session_that_the_browser_had() {
    let county = County::new().await;
    let before = county.signed_in("xinfang").await;
    let again = before.post("/sign-in", &[("login", "xinfang"), ("password", PASSWORD)]).await;
    again.is(303);
    let token = cookie(&again, "youzhi_session=");
    assert_ne!(Some(token.split(';').next().unwrap()), before.cookie.as_deref());
    before.get("/account").await.is(303);
    let mut after = county.villager();
    after.cookie = Some(token.split(';').next().unwrap().to_owned());
    after.get("/account").await.is(200);
}

#[tokio::test]
async fn a_process_that_lost_its_node_writes_no_more_and_goes_on_showing() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    county.execute("UPDATE node_lease SET holder = 'another process'").await;
    county.app.ids.renew(&county.app.db, county.app.now()).await.unwrap_err();
    county.villager().post("/sign-in", &[("login", "xinfang"), ("password", PASSWORD)]).await.is(500).says("故障编号");
    // That the session was used cannot be noted down; the page is shown all the same.
    county.app.time.set(county.app.now() + jiff::SignedDuration::from_mins(2));
    officer.get("/petitions").await.is(200);
}
