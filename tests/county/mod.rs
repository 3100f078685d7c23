//! A county for one test: a database under a fresh name, a clock that stands still, and people who sign in.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use jiff::Timestamp;
use jiff::civil::Date;
use tower::ServiceExt;
use youzhi::db::Database;
use youzhi::ids::Ids;
use youzhi::secrets::Keys;
use youzhi::web::limits::Limits;
use youzhi::web::{App, Parts, TimeSource, into_router};

/// A county with its cast (`demo::cast`), at nine in the morning of Monday 2 November 2026.
pub struct County {
    /// The program.
    pub app: App,
    /// Its front door.
    pub router: Router,
    /// The address of its database.
    pub address: String,
    /// The folder of its attachments, which the first one makes.
    pub files: std::path::PathBuf,
    place: Place,
}

enum Place {
    File(std::path::PathBuf),
    Server { admin: String, name: String },
}

impl County {
    /// A fresh county with real limits.
    pub async fn new() -> Self {
        Self::with_limits(Limits::wide()).await
    }

    /// A fresh county whose limits are those given.
    pub async fn with_limits(limits: Limits) -> Self {
        let county = Self::without_cast(limits).await;
        youzhi::demo::cast(&county.app).await.unwrap();
        county
    }

    /// A database with its schema and nothing in it.
    pub async fn empty() -> Self {
        Self::without_cast(Limits::wide()).await
    }

    async fn without_cast(limits: Limits) -> Self {
        let fresh = youzhi::secrets::random_hex::<8>();
        let files = std::env::temp_dir().join(format!("youzhi-test-files-{fresh}"));
        let (address, place) = match std::env::var("YOUZHI_TEST_DATABASE") {
            Ok(admin) => {
                let name = format!("youzhi_test_{fresh}");
                create_database(&admin, &format!("CREATE DATABASE {name}")).await;
                let base = admin.rsplit_once('/').expect("…/database").0.to_owned();
                (format!("{base}/{name}"), Place::Server { admin, name })
            }
            Err(_) => {
                let folder = std::env::temp_dir().join(format!("youzhi-test-{fresh}"));
                std::fs::create_dir_all(&folder).unwrap();
                (format!("sqlite:{}", folder.join("county.sqlite").display()), Place::File(folder))
            }
        };
        let db = Database::open(&address, true).await.unwrap();
        let time = TimeSource::at(instant("2026-11-02", 9));
        let ids = Ids::lease(&db, time.now()).await.unwrap();
        let app = App::new(Parts {
            db,
            ids,
            keys: Keys::from_bytes(&[5; 48]),
            time,
            limits,
            policy: policy::Policy::published().clone().into(),
            calendar: policy::Calendar::published().clone().into(),
            files: youzhi::files::Store::in_folder(&files),
            secure_cookies: false,
            proxy: None,
        });
        let router = into_router(youzhi::rooms(), app.clone());
        Self { app, router, address, files, place }
    }

    /// Lets the clock stand at nine in the morning of a day.
    pub fn on(&self, day: &str) {
        self.app.time.set(instant(day, 9));
    }

    /// The folder of a SQLite county; nothing on a server.
    pub fn folder(&self) -> Option<&std::path::Path> {
        match &self.place {
            Place::File(folder) => Some(folder),
            Place::Server { .. } => None,
        }
    }

    /// Today, as the county has it.
    pub fn today(&self) -> Date {
        self.app.today()
    }

    /// Somebody without an account.
    pub fn villager(&self) -> Person<'_> {
        Person { county: self, cookie: None }
    }

    /// Somebody of the cast, signed in.
    pub async fn signed_in(&self, login: &str) -> Person<'_> {
        let mut person = self.villager();
        let page = person.post("/sign-in", &[("login", login), ("password", youzhi::demo::PASSWORD)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{login} signs in: {}", page.text);
        let cookie = page.headers[header::SET_COOKIE].to_str().unwrap();
        person.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        person
    }

    /// One number from the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut read = self.app.db.read().await.unwrap();
        let (count,): (i64,) = sqlx::query_as(sql).fetch_one(&mut *read).await.unwrap();
        count
    }

    /// Carries a statement out, past the front door: to set a scene that has no form.
    pub async fn execute(&self, sql: &'static str) {
        let mut write = self.app.db.write().await.unwrap();
        sqlx::raw_sql(sql).execute(&mut *write).await.unwrap();
        write.commit().await.unwrap();
    }
}

impl Drop for County {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.files);
        match &self.place {
            Place::File(folder) => {
                let _ = std::fs::remove_dir_all(folder);
            }
            Place::Server { admin, name } => {
                let (admin, sql) = (admin.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
                // The test's own runtime may be ending: another drops the database.
                let _ = std::thread::spawn(move || {
                    tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .unwrap()
                        .block_on(create_database(&admin, &sql));
                })
                .join();
            }
        }
    }
}

async fn create_database(admin: &str, sql: &str) {
    use sqlx::{AssertSqlSafe, Connection, Executor};
    let mut connection = sqlx::PgConnection::connect(admin).await.unwrap();
    connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
}

/// An instant in China.
pub fn instant(day: &str, hour: i8) -> Timestamp {
    let day: Date = day.parse().unwrap();
    jiff::tz::Offset::constant(8).to_timestamp(day.at(hour, 0, 0, 0)).unwrap()
}

/// Somebody at a browser.
#[derive(Clone)]
pub struct Person<'a> {
    county: &'a County,
    /// The session cookie.
    pub cookie: Option<String>,
}

impl Person<'_> {
    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path)).await
    }

    /// Sends a form as a browser does.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send_body(request, Body::from(body.join("&"))).await
    }

    /// Opens a form's page, fills in fields and sends it to `action` with the hidden fields of that page.
    pub async fn fill(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let form = self.get(page).await;
        assert_eq!(form.status, StatusCode::OK, "{page}: {}", form.text);
        let hidden = form.hidden(action);
        let mut all: Vec<(&str, &str)> = fields.to_vec();
        for (name, value) in &hidden {
            if !fields.iter().any(|(given, _)| given == name) {
                all.push((name, value));
            }
        }
        self.post(action, &all).await
    }

    /// Sends a form with files as a browser does.
    pub async fn post_files(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (field, value) in fields {
            let head = format!("--mark\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        for (name, bytes) in files {
            let head = format!(
                "--mark\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
                 Content-Type: image/png\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--mark--\r\n");
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=mark")
            .header("sec-fetch-site", "same-origin");
        self.send_body(request, Body::from(body)).await
    }

    /// Sends a request without a body.
    pub async fn send(&self, request: axum::http::request::Builder) -> Answer {
        self.send_body(request, Body::empty()).await
    }

    /// Sends a request.
    pub async fn send_body(&self, mut request: axum::http::request::Builder, body: Body) -> Answer {
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let response = self.county.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text, bytes }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as bytes.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Where it leads.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The text with everything between `<` and `>` taken out.
    pub fn words(&self) -> String {
        let mut words = String::new();
        let mut inside = false;
        for c in self.text.chars() {
            match c {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    words.push(' ');
                }
                c if !inside => words.push(c),
                _ => {}
            }
        }
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Asserts that a text is on the page.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.text.contains(text) || self.words().contains(text), "no “{text}” in: {}", self.words());
        self
    }

    /// Asserts that a text is not on the page.
    #[track_caller]
    pub fn keeps_from(&self, text: &str) -> &Self {
        assert!(!self.text.contains(text), "“{text}” in: {}", self.words());
        self
    }

    /// Asserts the status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.words());
        self
    }

    /// The hidden fields of the form that is sent to `action`.
    pub fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let start = self.text.find(&format!("action=\"{action}\"")).unwrap_or_else(|| {
            panic!("no form to {action} in: {}", self.words());
        });
        let form = self.text[start..].split("</form>").next().unwrap();
        form.split("<input ")
            .filter(|input| input.contains("type=\"hidden\""))
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default())))
            .collect()
    }

    /// The first text between two others.
    pub fn between(&self, before: &str, after: &str) -> String {
        let rest = self.text.split_once(before).unwrap_or_else(|| panic!("no “{before}” in: {}", self.words())).1;
        rest.split_once(after).unwrap().0.to_owned()
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!("{name}=\""))?.1;
    Some(rest.split_once('"')?.0.to_owned())
}

fn encode(text: &str) -> String {
    youzhi::web::forms::url_encode(text)
}
