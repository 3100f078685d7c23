//! Viewing a case, its reading recorded and committed, against the same router answering a page of the same size
//! after committing one equal row.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use axum::response::{Html, IntoResponse};
use youzhi::settings::Settings;
use youzhi::web::{Access, App, Page, Rooms, into_router};

use crate::Size;
use crate::http::Client;
use crate::measure::{Table, counties, load, median};

/// Length of the page that the limit answers; set by its first request.
static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// Commits one row like that of a reading and answers a page of the asked length.
async fn plain(State(app): State<App>, axum::extract::RawQuery(length): axum::extract::RawQuery) -> Page {
    if let Some(length) = length.and_then(|length| length.parse().ok()) {
        LENGTH.store(length, Ordering::Relaxed);
    }
    let mut write = app.db.write().await?;
    sqlx::query(
        "INSERT INTO chain_record (id, at, official, appointment, action, subject_kind, subject, commitment)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(app.id())
    .bind(app.now().as_millisecond())
    .bind(1_i64)
    .bind(1_i64)
    .bind("petition.read")
    .bind("petition")
    .bind(1_i64)
    .bind(Vec::<u8>::new())
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok(Html("x".repeat(LENGTH.load(Ordering::Relaxed))).into_response())
}

/// The program with one route more, in a process of its own.
pub fn serve(folder: &str) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut settings = Settings::read(None, std::env::vars_os()).unwrap();
        settings.data = folder.into();
        let app = youzhi::serve::open(&settings, false).await.unwrap();
        let rooms = youzhi::rooms().with(Rooms::new().get("/bench/plain", Access::Public, plain));
        let router = into_router(rooms, app.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                youzhi::chain::seal(&app.db).await.unwrap();
            }
        });
        axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
    });
    ExitCode::SUCCESS
}

pub fn measure(size: &Size, table: &mut Table) {
    for (name, county) in counties() {
        let mut this = Command::new(std::env::current_exe().unwrap());
        this.arg("--serve").arg(&county.folder).env("YOUZHI_DATABASE", county.database());
        let mut server = this.env_remove("YOUZHI_TEST_DATABASE").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut officer = Client::new(line.trim().strip_prefix("http://").unwrap().parse().unwrap());
        officer.sign_in("xinfang", youzhi::demo::PASSWORD);
        let cases: Vec<(i64,)> = county.rows("SELECT id FROM petition ORDER BY id DESC LIMIT 200");
        let next = AtomicUsize::new(0);
        let card = |client: &mut Client| {
            let case = cases[next.fetch_add(1, Ordering::Relaxed) % cases.len()].0;
            let answer = client.get(&format!("/petitions/{case}")).unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text());
        };
        let length = officer.get(&format!("/petitions/{}", cases[0].0)).unwrap().body.len();
        let stranger = officer.another();
        officer.get(&format!("/bench/plain?{length}")).unwrap();
        let plain = |client: &mut Client| {
            assert_eq!(client.get("/bench/plain").unwrap().status, 200);
        };
        load(&officer, server.id(), 4, 1, card);
        for connections in [1, 8, 64] {
            let (mut ours, mut limits) = (Vec::new(), Vec::new());
            for _ in 0..3 {
                ours.push(load(&officer, server.id(), connections, size.seconds, card));
                limits.push(load(&stranger, server.id(), connections, size.seconds, plain));
            }
            let (ours, limit) = (median(ours), median(limits));
            table.ratio(
                &format!("case page, {name}, {connections} connections"),
                &ours.shown(),
                &limit.shown(),
                ours.per_second / limit.per_second,
                1.0 / 3.0,
            );
        }
        server.kill().unwrap();
        server.wait().unwrap();
    }
}
