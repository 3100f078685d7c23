//! Where the bytes lie: a folder beside the database, or a bucket of an S3-compatible store. An object is named by the
//! SM3 of its stored bytes, so that the same bytes are kept once and whoever reads one can tell that it is the one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ClientConfigKey, ListResult, ObjectStore, ObjectStoreExt, RetryConfig};
use tokio::sync::Semaphore;

use crate::secrets::{hex, sm3};

/// What stays free on the disk for the database.
const SPARE: u64 = 1 << 30;

/// What files on their way in may take of the memory altogether, in KiB.
const IN_MEMORY: usize = 256 << 10;

/// The store of a running program.
pub struct Store {
    place: Place,
    /// Room for files on their way in, in KiB.
    pub(super) room: Arc<Semaphore>,
    /// One file is judged at a time: a picture of [`super::rules::PIXELS`] takes half a gigabyte while it is decoded.
    pub(super) bench: Semaphore,
}

enum Place {
    Folder(PathBuf),
    Bucket { client: Arc<dyn ObjectStore>, prefix: Key, address: String },
}

impl Store {
    /// Opens what the setting `files` names: a folder, or `s3://bucket/prefix`, whose region, endpoint and keys come
    /// from the environment variables that every S3 program reads (`AWS_…`).
    pub fn open(address: &str) -> anyhow::Result<Self> {
        let Some(bucket) = address.strip_prefix("s3://") else { return Ok(Self::in_folder(address)) };
        let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
        ensure!(!bucket.is_empty(), "设置 files 里缺少桶名：应写成 s3://桶名/前缀");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::ConnectTimeout), "3 seconds")
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), "60 seconds")
            .with_retry(RetryConfig {
                max_retries: 2,
                retry_timeout: Duration::from_secs(5),
                ..RetryConfig::default()
            })
            .build()
            .context("设置 files 里的 S3 存储用不了：请检查环境变量 AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY、AWS_REGION、AWS_ENDPOINT_URL")?;
        Ok(Self::at(Place::Bucket { client: Arc::new(client), prefix: Key::from(prefix), address: address.to_owned() }))
    }

    /// A folder, which is made with the first file.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self::at(Place::Folder(folder.into()))
    }

    fn at(place: Place) -> Self {
        Self { place, room: Arc::new(Semaphore::new(IN_MEMORY)), bench: Semaphore::new(1) }
    }

    /// The folder, where it is one.
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Folder(folder) => Some(folder),
            Place::Bucket { .. } => None,
        }
    }

    /// Where it is, for the operator's screen.
    pub fn shown(&self) -> String {
        match &self.place {
            Place::Folder(folder) => folder.display().to_string(),
            Place::Bucket { address, .. } => address.clone(),
        }
    }

    /// The client; nothing where nothing was ever kept.
    fn client(&self) -> anyhow::Result<Option<Arc<dyn ObjectStore>>> {
        match &self.place {
            Place::Bucket { client, .. } => Ok(Some(client.clone())),
            Place::Folder(folder) if folder.is_dir() => {
                Ok(Some(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))))
            }
            Place::Folder(_) => Ok(None),
        }
    }

    fn key(&self, object: &str) -> anyhow::Result<Key> {
        ensure!(is_name(object), "{object} 不是附件的存储名");
        let key = Key::from_iter([&object[..2], object]);
        Ok(match &self.place {
            Place::Folder(_) => key,
            Place::Bucket { prefix, .. } => prefix.parts().chain(key.parts()).collect(),
        })
    }

    /// Whether there is room for more than the database needs. A bucket has what its owner gives it.
    pub fn has_room(&self) -> bool {
        let Place::Folder(folder) = &self.place else { return true };
        let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or_else(|| Path::new("."));
        nix::sys::statvfs::statvfs(there).is_ok_and(|disk| disk.blocks_available() * disk.fragment_size() > SPARE)
    }

    /// Puts bytes under their name; they are on the disk when it returns.
    pub async fn put(&self, object: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
        if let Place::Folder(folder) = &self.place {
            std::fs::create_dir_all(folder).with_context(|| format!("建不了附件目录 {}", folder.display()))?;
        }
        let client = self.client()?.context("附件目录不在了")?;
        client.put(&self.key(object)?, bytes.into()).await?;
        Ok(())
    }

    /// The bytes of a name, as far as they are there and are those that the name says.
    pub async fn get(&self, object: &str) -> anyhow::Result<Kept> {
        let Some(client) = self.client()? else { return Ok(Kept::Missing) };
        let bytes = match client.get(&self.key(object)?).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Ok(Kept::Missing),
            Err(error) => return Err(error.into()),
        };
        Ok(if hex(&sm3(&[&bytes])) == object { Kept::Whole(bytes.into()) } else { Kept::Changed })
    }

    /// Takes an object away; one that is not there is gone already.
    pub async fn delete(&self, object: &str) -> anyhow::Result<()> {
        let Some(client) = self.client()? else { return Ok(()) };
        match client.delete(&self.key(object)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The names of all that lies there.
    pub async fn names(&self) -> anyhow::Result<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        let Some(client) = self.client()? else { return Ok(names) };
        let prefix = match &self.place {
            Place::Folder(_) => None,
            Place::Bucket { prefix, .. } => Some(prefix),
        };
        let ListResult { common_prefixes, .. } = client.list_with_delimiter(prefix).await?;
        for folder in common_prefixes {
            let inside = client.list_with_delimiter(Some(&folder)).await?;
            let found = inside.objects.iter().filter_map(|object| object.location.filename().map(str::to_owned));
            names.extend(found.filter(|name| is_name(name)));
        }
        Ok(names)
    }
}

/// What the store has of a name.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// Its bytes.
    Whole(Vec<u8>),
    /// Nothing.
    Missing,
    /// Other bytes than its name says.
    Changed,
}

fn is_name(object: &str) -> bool {
    object.len() == 64 && object.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
