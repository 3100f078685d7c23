//! Settings: a small TOML file and environment variables of the same names. An unknown key stops the program.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;

/// What an operator may set. Every key has a default that suits one county on one machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `sqlite:PATH` or `postgres://…`; by default a file in the data folder.
    pub database: Option<String>,
    /// The folder of the database and of the key file.
    pub data: PathBuf,
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
    pub fn read(file: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>) -> anyhow::Result<Self> {
        let path = file.unwrap_or_else(|| Path::new("youzhi.toml"));
        let mut table: toml::Table = match std::fs::read_to_string(path) {
            Ok(text) => text.parse().with_context(|| format!("{} 不是有效的 TOML", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && file.is_none() => toml::Table::new(),
            Err(error) => return Err(error).with_context(|| format!("读不了 {}", path.display())),
        };
        for (name, value) in environment {
            // YOUZHI_TEST_… belongs to the test suite.
            if let Some(key) = name.strip_prefix(PREFIX).filter(|key| !key.starts_with("TEST_")) {
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

    /// Where the keys lie.
    pub fn key_file(&self) -> PathBuf {
        self.keys.clone().unwrap_or_else(|| self.data.join("youzhi.keys"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> anyhow::Result<Settings> {
        Settings::read(None, pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
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

    #[test]
    fn a_certificate_needs_its_key() {
        assert!(read(&[("YOUZHI_CERTIFICATE", "a.pem")]).is_err());
    }
}
