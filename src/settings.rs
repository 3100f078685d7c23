//! Settings: a small TOML file and environment variables of the same names. An unknown key stops the program.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

/// What an operator may set. Every key has a default that suits one county on one machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `sqlite:PATH` or `postgres://…`; by default a file in the data folder.
    pub database: Option<String>,
    /// The folder of the database and of the key file.
    pub data: PathBuf,
    /// Where attachments lie: a folder, or `s3://bucket/prefix` with its keys in the variables `AWS_…`; by default the
    /// folder `files` in the data folder.
    pub files: Option<String>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The key file, which must not lie in a backup of the data.
    pub keys: Option<PathBuf>,
    /// PEM files for TLS; both or neither.
    pub certificate: Option<PathBuf>,
    /// The private key of the certificate.
    pub certificate_key: Option<PathBuf>,
    /// The one reverse proxy in front, which terminates TLS.
    pub proxy: Option<IpAddr>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database: None,
            data: PathBuf::from("data"),
            files: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8430)),
            keys: None,
            certificate: None,
            certificate_key: None,
            proxy: None,
        }
    }
}

const PREFIX: &str = "YOUZHI_";

impl Settings {
    /// Reads `file`, or `youzhi.toml` where there is one, and then the environment, which wins.
    pub fn read(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> anyhow::Result<Self> {
        let path = file.unwrap_or_else(|| Path::new("youzhi.toml"));
        let mut table: toml::Table = match std::fs::read_to_string(path) {
            Ok(text) => text.parse().with_context(|| format!("{} 不是有效的 TOML", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && file.is_none() => toml::Table::new(),
            Err(error) => return Err(error).with_context(|| format!("读不了 {}", path.display())),
        };
        for (name, value) in environment {
            // YOUZHI_TEST_… belongs to the test suite.
            let name = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
            if let Some(key) = name.filter(|key| !key.starts_with("TEST_")) {
                let value = value.into_string().ok().with_context(|| format!("环境变量 {PREFIX}{key} 不是 UTF-8"))?;
                table.insert(key.to_lowercase(), toml::Value::String(value));
            }
        }
        let settings: Self = table.try_into().context("设置有误（youzhi.toml 或环境变量 YOUZHI_…）")?;
        if settings.certificate.is_some() != settings.certificate_key.is_some() {
            bail!("certificate 与 certificate_key 要么都设，要么都不设");
        }
        Ok(settings)
    }

    /// The database's address.
    pub fn database_address(&self) -> String {
        self.database.clone().unwrap_or_else(|| format!("sqlite:{}", self.data.join("youzhi.sqlite").display()))
    }

    /// Where attachments lie.
    pub fn files_address(&self) -> String {
        self.files.clone().unwrap_or_else(|| self.data.join("files").display().to_string())
    }

    /// The database's address without its password, for the operator's screen.
    pub fn database_shown(&self) -> String {
        let address = self.database_address();
        let split = address.split_once("://").and_then(|(scheme, rest)| {
            let (user, place) = rest.split_once('@')?;
            Some(format!("{scheme}://{}:…@{place}", user.split_once(':')?.0))
        });
        split.unwrap_or(address)
    }

    /// Whether what goes over the network is encrypted, by us or by the proxy in front.
    pub fn encrypted(&self) -> bool {
        self.certificate.is_some() || self.proxy.is_some()
    }

    /// Refuses to be heard by other machines in the clear: passwords and personal files would pass.
    pub fn ensure_confidential(&self) -> anyhow::Result<()> {
        ensure!(
            self.encrypted() || self.listen.ip().is_loopback(),
            "监听 {} 时别的机器也连得上，口令和个人信息会明文传输：请设置 certificate 和 certificate_key，\
             或者设置前置代理 proxy，或者只监听 127.0.0.1",
            self.listen
        );
        Ok(())
    }

    /// Where the keys lie.
    pub fn key_file(&self) -> PathBuf {
        self.keys.clone().unwrap_or_else(|| self.data.join("youzhi.keys"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> anyhow::Result<Settings> {
        Settings::read(None, pairs.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let error = format!("{:#}", read(&[("YOUZHI_LISTN", "127.0.0.1:1")]).unwrap_err());
        assert!(error.contains("listn"), "{error}");
    }

    #[test]
    fn the_environment_sets_the_address() {
        let settings = read(&[("YOUZHI_LISTEN", "127.0.0.1:9"), ("HOME", "/")]).unwrap();
        assert_eq!(settings.listen.port(), 9);
        assert_eq!(settings.database_address(), "sqlite:data/youzhi.sqlite");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_unicode_stops_nobody_unless_it_is_ours() {
        use std::os::unix::ffi::OsStringExt;
        let odd = || OsString::from_vec(vec![b'a', 0xff]);
        assert!(Settings::read(None, [(odd(), odd()), ("OTHER".into(), odd())]).is_ok());
        let error = Settings::read(None, [("YOUZHI_DATA".into(), odd())]).unwrap_err().to_string();
        assert!(error.contains("YOUZHI_DATA"), "{error}");
    }

    #[test]
    fn other_machines_are_served_encrypted_only() {
        assert!(read(&[("YOUZHI_LISTEN", "0.0.0.0:1")]).unwrap().ensure_confidential().is_err());
        assert!(read(&[("YOUZHI_LISTEN", "[::1]:1")]).unwrap().ensure_confidential().is_ok());
        let behind = read(&[("YOUZHI_LISTEN", "10.0.0.2:1"), ("YOUZHI_PROXY", "10.0.0.1")]).unwrap();
        assert!(behind.ensure_confidential().is_ok());
    }

    #[test]
    fn the_password_of_a_server_is_not_shown() {
        let settings = read(&[("YOUZHI_DATABASE", "postgres://youzhi:secret@db:5432/county")]).unwrap();
        assert_eq!(settings.database_shown(), "postgres://youzhi:…@db:5432/county");
    }

    #[test]
    fn a_certificate_needs_its_key() {
        assert!(read(&[("YOUZHI_CERTIFICATE", "a.pem")]).is_err());
    }
}
