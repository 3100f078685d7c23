//! Open311: another program hands in, looks up and supplements, in JSON and XML, and learns nothing of others.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use axum::http::{Request, header};

use crate::county::County;

const NEW: &str = "/open311/v2/requests.json";

async fn handed_in(county: &County) -> serde_json::Value {
    let fields = [
        ("service_code", "works"),
        ("description", "渠道塌了一段，三十亩田没有水"),
        ("address_string", "阳升观村"),
        ("last_name", "罗"),
        ("first_name", "新华"),
        ("phone", "13812345678"),
    ];
    let answer = county.villager().post(NEW, &fields).await;
    answer.is(201);
    let made: Vec<serde_json::Value> = serde_json::from_str(&answer.text).unwrap();
    made[0].clone()
}

#[tokio::test]
async fn what_is_handed_in_becomes_a_petition_that_its_id_and_its_code_follow() {
    let county = County::new().await;
    let made = handed_in(&county).await;
    let notice = made["service_notice"].as_str().unwrap();
    let code = notice.split("查询码 ").nth(1).unwrap().split('，').next().unwrap();
    let villager = county.villager();
    villager.fill("/track", "/track", &[("code", code)]).await.is(200).says("攸信〔2026〕0001号").says("渠道塌了一段");
    let officer = county.signed_in("xinfang").await;
    officer.get("/petitions?tab=all").await.says("渠道塌了一段").says("罗新华").says("阳升观村").says("道路水利");

    let id = made["service_request_id"].as_str().unwrap();
    for address in [format!("/open311/v2/requests/{id}.json"), format!("{NEW}?service_request_id=x,{id}")] {
        let answer = villager.get(&address).await;
        answer.is(200).keeps_from("罗新华").keeps_from("渠道").keeps_from("138").keeps_from("阳升观");
        let found: Vec<serde_json::Value> = serde_json::from_str(&answer.text).unwrap();
        assert_eq!((found.len(), &found[0]["status"], &found[0]["service_code"]), (1, &"open".into(), &"works".into()));
        assert_eq!(found[0]["requested_datetime"], "2026-11-02T09:00:00+08:00");
        assert_eq!(found[0]["expected_datetime"], "2026-11-17T23:59:59+08:00");
    }
    let xml = villager.get(&format!("/open311/v2/requests/{id}.xml")).await;
    xml.is(200);
    assert!(xml.text.contains("<service_requests><request><service_request_id>"), "{}", xml.text);
    let token = villager.get(&format!("/open311/v2/tokens/{id}.json")).await;
    assert!(token.text.contains(&format!("\"token\":\"{id}\"")), "{}", token.text);
}

#[tokio::test]
async fn an_update_is_a_supplement_taken_once_and_stages_tell_what_happened_alone() {
    let county = County::new().await;
    let made = handed_in(&county).await;
    let id = made["service_request_id"].as_str().unwrap();
    let villager = county.villager();
    let update = |words: &'static str| [("service_request_id", id), ("update_id", "a-1"), ("description", words)];
    for _ in 0..2 {
        villager.post("/open311/v2/servicerequestupdates.json", &update("水泵也坏了")).await.is(201);
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM supplement").await, 1);
    let empty = [("service_request_id", id), ("description", "")];
    villager.post("/open311/v2/servicerequestupdates.json", &empty).await.is(400);
    let stages = villager.get(&format!("/open311/v2/servicerequestupdates.json?service_request_id={id}")).await;
    stages.is(200).says("已登记").keeps_from("水泵");
    county.execute("UPDATE petition SET state = 'closed'").await;
    villager.post("/open311/v2/servicerequestupdates.xml", &update("又坏了")).await.is(201);
    let other = [("service_request_id", id), ("update_id", "a-2"), ("description", "又坏了")];
    let late = villager.post("/open311/v2/servicerequestupdates.xml", &other).await;
    late.is(400);
    assert!(late.text.starts_with("<?xml") && late.text.contains("<errors><error><code>400"), "{}", late.text);
}

#[tokio::test]
async fn what_the_petitioner_is_told_of_an_inquiry_is_no_stage() {
    let county = County::new().await;
    let made = handed_in(&county).await;
    let id = made["service_request_id"].as_str().unwrap();
    county
        .execute(
            "INSERT INTO inquiry (id, petition, number, organ, question, content, sent_on, sent_by, answered_on, answer,
                                  told_on, told)
             SELECT 1, p.id, '攸信请〔2026〕1号', '省水利厅', '渠道', '渠道', '2026-11-02', o.id, '2026-11-02', '按标准',
                    '2026-11-02', '罗新华家的渠道由省里出钱修' FROM petition p, official o WHERE o.number = 'xinfang'",
        )
        .await;
    let stages =
        county.villager().get(&format!("/open311/v2/servicerequestupdates.json?service_request_id={id}")).await;
    stages.is(200).says("已登记").keeps_from("省里出钱").keeps_from("罗新华");
}

#[tokio::test]
async fn nobody_learns_by_it_what_others_handed_in() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    crate::petitions::registered(&officer, "住房墙体因采矿开裂").await;
    let petition = county.count("SELECT id FROM petition").await;
    let villager = county.villager();
    assert_eq!(villager.get(NEW).await.is(200).text, "[]");
    assert_eq!(villager.get("/open311/v2/servicerequestupdates.json").await.is(200).text, "[]");
    let made = handed_in(&county).await;
    let id = made["service_request_id"].as_str().unwrap();
    // The proof of one is none of another, and a number is no id.
    let forged = format!("{petition:016x}{}", &id[16..]);
    for wrong in [forged.as_str(), "1", "%E6%94%B8", &petition.to_string()] {
        villager.get(&format!("/open311/v2/requests/{wrong}.json")).await.is(404);
        villager.get(&format!("/open311/v2/tokens/{wrong}.xml")).await.is(404);
        let update = [("service_request_id", wrong), ("description", "补充")];
        villager.post("/open311/v2/servicerequestupdates.json", &update).await.is(404);
        let stages = format!("/open311/v2/servicerequestupdates.json?service_request_id={wrong}");
        villager.get(&stages).await.is(404);
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM supplement").await, 0);
}

#[tokio::test]
async fn what_cannot_be_taken_says_why_in_the_shape_that_was_asked_for() {
    let county = County::new().await;
    let villager = county.villager();
    let answer = villager.post(NEW, &[("service_code", "nonsense"), ("description", "渠道塌了")]).await;
    answer.is(400).says("没有这项服务");
    let answer = villager.post("/open311/v2/requests.xml", &[("service_code", "works")]).await;
    answer.is(400);
    let body = answer.text;
    assert!(body.contains("<errors><error>") && body.contains("至少 5 个字") && body.contains("乡镇"), "{body}");
    let answer = villager.send(Request::post(NEW).header(header::CONTENT_TYPE, "text/plain")).await;
    answer.is(400);
    assert!(answer.text.starts_with("[{\"code\":400"), "{}", answer.text);
    let many = vec!["a"; 51].join(",");
    villager.get(&format!("{NEW}?service_request_id={many}")).await.is(400).says("最多查 50 个");
    villager.get("/open311/v2/services/works.json").await.is(404).says("没有附加问题");
    villager.get("/open311/v2/services.xml").await.is(200).says("涉矿");
    villager.get("/open311/discovery.json").await.is(200).says("GeoReport_v2");
}

#[tokio::test]
async fn every_route_is_described_and_every_description_has_its_route() {
    let county = County::new().await;
    let description = county.villager().get("/open311/v2/openapi.json").await;
    let description: serde_json::Value = serde_json::from_str(&description.is(200).text).unwrap();
    let mut described: Vec<String> = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        // One route answers both shapes of a single thing.
        let path = path.replace("{code}.json", "{name}").replace("{code}.xml", "{name}");
        let path = path.replace("{id}.json", "{name}").replace("{id}.xml", "{name}");
        described.extend(methods.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
    }
    described.sort();
    described.dedup();
    let rooms = youzhi::rooms();
    let routes = rooms.routes().iter().filter(|route| route.path.starts_with("/open311"));
    let mut routes: Vec<String> = routes.map(|route| format!("{} {}", route.method, route.path)).collect();
    routes.retain(|route| !route.ends_with("openapi.json"));
    routes.sort();
    assert_eq!(routes, described);
}

/// Schemathesis, from PyPI; nothing where it cannot be installed.
fn schemathesis() -> Option<std::path::PathBuf> {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemathesis");
    let program = folder.join("bin/st");
    let quietly = |command: &mut Command| {
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let there = program.exists()
        || (quietly(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            && quietly(Command::new(folder.join("bin/pip")).args(["install", "schemathesis==4.*"])));
    if !there {
        println!("skipped: schemathesis cannot be installed from PyPI into {}", folder.display());
    }
    there.then_some(program)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_sent_is_answered_as_described_and_is_never_a_fault() {
    let Some(program) = schemathesis() else { return };
    let county = County::new().await;
    let made = handed_in(&county).await;
    let id = made["service_request_id"].as_str().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let service = county.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    // Undeclared methods and paths are not found rather than not allowed: what is not there tells nothing.
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                  response_schema_conformance";
    let mut command = Command::new(program);
    command.args(["run", &format!("{address}/open311/v2/openapi.json"), "--url", &address, "--checks", checks]);
    command.args(["--max-examples", "40", "--seed", "1", "--no-color", "--output-truncate", "false"]);
    let folder = std::env::temp_dir().join(format!("youzhi-test-{}", youzhi::secrets::random_hex::<8>()));
    std::fs::create_dir_all(&folder).unwrap();
    let settings = format!("[parameters]\n\"path.id\" = \"{id}\"\n\"query.service_request_id\" = \"{id}\"\n");
    std::fs::write(folder.join("schemathesis.toml"), settings).unwrap();
    command.current_dir(&folder);
    let answered = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    server.abort();
    std::fs::remove_dir_all(&folder).unwrap();
    let said = String::from_utf8_lossy(&answered.stdout);
    assert!(answered.status.success() && said.contains("Tested: 18"), "{said}");
}
