//! Starting, serving and stopping: the listener, TLS, and the few things that run beside the requests.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context, anyhow};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use policy::{Calendar, Policy};

use crate::db::Database;
use crate::files::Store;
use crate::ids::Ids;
use crate::marks;
use crate::secrets::Keys;
use crate::settings::Settings;
use crate::web::limits::Limits;
use crate::web::{App, Parts, TimeSource, into_router};

/// How often committed records are linked: well within the second that a receipt promises.
const SEAL_EVERY: Duration = Duration::from_millis(300);

/// Opens the database and the keys and puts the program together.
///
/// Only where `create` is set may the database be empty and the key file be made: lost keys are a fault.
pub async fn open(settings: &Settings, create: bool) -> anyhow::Result<App> {
    if create {
        std::fs::create_dir_all(&settings.data)
            .with_context(|| format!("建不了数据目录 {}", settings.data.display()))?;
    }
    let address = settings.database_address();
    let no_county = || anyhow!("{} 里还没有建县：请先运行 youzhi init", settings.database_shown());
    if !create {
        // A mistyped name must not leave our tables in somebody else's database.
        let look = Database::open_to_look(&address).await?;
        let structure = look.structure().await;
        look.close().await;
        if structure?.empty {
            return Err(no_county());
        }
    }
    let db = Database::open(&address, create).await?;
    let mut read = db.read().await?;
    let path = settings.key_file();
    let keys = match marks::kind(&mut read).await? {
        Some(_) => {
            let keys = Keys::read(&path)?;
            marks::ensure_keys(&mut read, &keys).await?;
            keys
        }
        None if create => Keys::read_or_create(&path)?,
        None => return Err(no_county()),
    };
    drop(read);
    let time = TimeSource::Machine;
    let ids = Ids::lease(&db, time.now()).await?;
    let app = App::new(Parts {
        secure_cookies: settings.encrypted(),
        proxy: settings.proxy,
        db,
        ids,
        keys,
        time,
        limits: Limits::new(),
        policy: Policy::published().clone().into(),
        calendar: Calendar::published().clone().into(),
        files: Store::open(&settings.files_address())?,
    });
    crate::values::load(&app).await?;
    Ok(app)
}

/// Serves until the process is told to stop; requests under way are finished first.
///
/// `ready` is called with the address, `https://…` under TLS, once connections are accepted.
pub async fn serve(app: App, settings: &Settings, ready: impl FnOnce(&str)) -> anyhow::Result<()> {
    let tls = match (&settings.certificate, &settings.certificate_key) {
        (Some(certificate), Some(key)) => {
            let _ = rustls::crypto::ring::default_provider().install_default();
            Some(RustlsConfig::from_pem_file(certificate, key).await.context("读不了 TLS 证书或私钥")?)
        }
        _ => None,
    };
    let listener = TcpListener::bind(settings.listen).with_context(|| format!("不能在 {} 监听", settings.listen))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let router = into_router(crate::rooms(), app.clone());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let beside = [tokio::spawn(sealing(app.clone())), tokio::spawn(keeping(app.clone()))];
    let handle = Handle::new();
    tokio::spawn(stopping(handle.clone()));
    ready(&format!("{}://{address}", if tls.is_some() { "https" } else { "http" }));
    std::io::stdout().flush()?;
    match tls {
        Some(tls) => axum_server::from_tcp_rustls(listener, tls)?.handle(handle).serve(service).await?,
        None => axum_server::from_tcp(listener)?.handle(handle).serve(service).await?,
    }
    for task in beside {
        task.abort();
    }
    close(&app).await
}

/// Links what is left, gives the node back and closes the database.
pub async fn close(app: &App) -> anyhow::Result<()> {
    // Whoever took this process's place links what is left.
    if !app.db.is_fenced() {
        crate::chain::seal(&app.db).await?;
        app.ids.release(&app.db).await?;
    }
    app.db.close().await;
    Ok(())
}

async fn stopping(handle: Handle<SocketAddr>) {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .expect("a process can listen for its signals");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    handle.graceful_shutdown(Some(Duration::from_secs(10)));
}

/// Links committed records and indexes what new petitions tell: what a request leaves for the next moment.
async fn sealing(app: App) {
    let mut every = tokio::time::interval(SEAL_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(error) = crate::chain::seal(&app.db).await {
            // Another process may have sealed the same records; what is left is sealed at the next pass.
            tracing::warn!(error = format!("{error:#}"), "sealing the chain");
        }
        if let Err(error) = crate::petitions::pair(&app).await {
            // Another process may have done the same ones; the rest is done at the next pass.
            tracing::warn!(error = format!("{error:#}"), "indexing what petitions tell");
        }
    }
}

/// Keeps the lease, sweeps what has ended, and once a day counts anew what is kept of the duties and of the clocks.
async fn keeping(app: App) {
    let (mut counted, mut recounted) = (None, None);
    let mut every = tokio::time::interval(Duration::from_secs(30));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(error) = app.ids.renew(&app.db, app.now()).await {
            tracing::error!(error = format!("{error:#}"), "renewing the lease of ids");
        }
        if let Err(error) = crate::accounts::sweep(&app).await {
            tracing::warn!(error = format!("{error:#}"), "sweeping sessions");
        }
        if let Err(error) = crate::imports::sweep(&app).await {
            tracing::warn!(error = format!("{error:#}"), "sweeping refused rows");
        }
        match crate::values::load(&app).await {
            Ok(false) => {}
            Ok(true) => recounted = None,
            Err(error) => tracing::error!(error = format!("{error:#}"), "reading the county's own values"),
        }
        if let Err(error) = crate::files::sweep(&app).await {
            tracing::warn!(error = format!("{error:#}"), "sweeping files");
        }
        app.limits.sweep();
        let today = app.today();
        if recounted != Some(today) {
            match crate::petitions::recount(&app).await {
                Ok(_) => recounted = Some(today),
                Err(error) => tracing::warn!(error = format!("{error:#}"), "computing the clocks anew"),
            }
            // After that: nobody is told of a day that has moved.
            if let Err(error) = crate::petitions::urge(&app).await {
                tracing::warn!(error = format!("{error:#}"), "telling of clocks that run out");
                recounted = None;
            }
        }
        if counted != Some(today) {
            let kept = crate::receptions::keep(&app).await;
            if let Err(error) = &kept {
                tracing::warn!(error = format!("{error:#}"), "making the reception days");
            }
            match crate::duties::keep(&app).await {
                Ok(()) => counted = kept.is_ok().then_some(today),
                Err(error) => tracing::warn!(error = format!("{error:#}"), "counting the duties"),
            }
        }
    }
}
