//! One commit for many requests, on SQLite.
//!
//! There is one writing connection, the lane. A request that holds the lane works in a savepoint; when it is done and
//! others wait for the lane, it leaves its work in the transaction and waits; whoever finds nobody waiting commits for
//! all. A commit that fails fails for all of them: the connection is dropped, which rolls back, and everybody is told.
//!
//! A request's future may be dropped at any moment, for its client may go away. Three rules keep the lane whole:
//! a statement that was sent is carried out whether or not anybody hears the answer, so what was begun is noted
//! before it is sent; what has to be undone is undone in a task that nobody drops, and the lane goes along with it;
//! and who leaves the queue sees to it that somebody commits.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{AnyConnection, Connection, Executor};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::sqlite_connection;

/// How many requests may share one commit. A bound, so that a stream of writers cannot put a commit off for ever.
const GROUP: usize = 128;

/// The one writing connection of SQLite and the queue for it.
pub(super) struct GroupCommit {
    pub(super) address: String,
    /// What a dropped request leaves is undone here.
    runtime: Handle,
    /// Requests that wait for the lane. Whoever finds none commits for all, so each of them has to see to that too,
    /// however it leaves the queue.
    waiting: AtomicUsize,
    lane: Arc<Mutex<Lane>>,
}

/// Who holds the lane is the only one at work on the connection.
struct Lane {
    /// Nothing after a commit failed: the next writer connects anew.
    connection: Option<AnyConnection>,
    /// The files that the connection writes, as they were when its first transaction began.
    files: Option<Files>,
    /// A transaction has begun and is not yet committed.
    open: bool,
    /// What the request in the lane has begun, and what undoes it.
    begun: Begun,
    /// Those whose work is in the transaction and who wait for its commit.
    acknowledge: Vec<oneshot::Sender<Result<(), String>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    Nothing,
    /// `BEGIN` was sent and its answer not heard. Nobody else is in this transaction.
    Transaction,
    /// A savepoint on top of what others wait for.
    Savepoint,
}

impl Lane {
    /// Undoes what a dropped request had begun, and ends the group if that cannot be done. Not to be cancelled.
    async fn undo(&mut self) {
        let sql = match self.begun {
            Begun::Nothing => return,
            Begun::Transaction => "ROLLBACK",
            Begun::Savepoint => "ROLLBACK TO request; RELEASE request",
        };
        let undone = match &mut self.connection {
            Some(connection) => connection.execute(sql).await.map(drop),
            None => Ok(()),
        };
        match undone {
            Ok(()) => self.begun = Begun::Nothing,
            // A full disk makes SQLite roll the whole transaction back, other requests' savepoints included.
            Err(error) => self.fail(&error.to_string()).await,
        }
    }

    /// Commits for everybody who waits, and wakes them. Not to be cancelled.
    async fn settle(&mut self) {
        if !self.open {
            return;
        }
        let committed = match (&mut self.connection, &self.files) {
            (Some(connection), Some(files)) => match files.still_there() {
                Ok(()) => connection.execute("COMMIT").await.map(drop).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            },
            _ => Err("no connection".to_owned()),
        };
        match committed {
            Ok(()) => {
                self.open = false;
                self.begun = Begun::Nothing;
                for sender in self.acknowledge.drain(..) {
                    let _ = sender.send(Ok(()));
                }
            }
            Err(reason) => self.fail(&reason).await,
        }
    }

    /// Drops the connection, which rolls back, and tells everybody in the group that nothing of theirs was kept.
    async fn fail(&mut self, reason: &str) {
        let connection = self.forget();
        if let Some(connection) = connection {
            let _ = connection.close().await;
        }
        for sender in self.acknowledge.drain(..) {
            let _ = sender.send(Err(reason.to_owned()));
        }
    }

    fn forget(&mut self) -> Option<AnyConnection> {
        self.open = false;
        self.begun = Begun::Nothing;
        self.files = None;
        self.connection.take()
    }
}

/// The database's file and its write-ahead log, by device and inode.
///
/// SQLite goes on writing to a file that was moved away or deleted, and everything acknowledged since would be gone
/// at the next start. So a commit is preceded by a look at whether the names still lead to the files.
struct Files([(PathBuf, (u64, u64)); 2]);

impl Files {
    fn of(address: &str) -> std::io::Result<Self> {
        let path = address.strip_prefix("sqlite:").unwrap_or(address);
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let named = |path: String| -> std::io::Result<(PathBuf, (u64, u64))> {
            let path = PathBuf::from(path);
            let file = std::fs::metadata(&path)?;
            Ok((path, (file.dev(), file.ino())))
        };
        Ok(Self([named(path.to_owned())?, named(format!("{path}-wal"))?]))
    }

    fn still_there(&self) -> std::io::Result<()> {
        for (path, file) in &self.0 {
            let now = std::fs::metadata(path).map_err(|error| {
                std::io::Error::new(error.kind(), format!("{} was moved or deleted: {error}", path.display()))
            })?;
            if (now.dev(), now.ino()) != *file {
                return Err(std::io::Error::other(format!("{} is another file now", path.display())));
            }
        }
        Ok(())
    }
}

/// Counts a request in the queue; one that leaves it early may be the one who was to commit for the others.
struct Waiting<'a>(&'a Arc<GroupCommit>);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
        let group = self.0.clone();
        self.0.runtime.spawn(async move {
            let mut lane = group.lane.clone().lock_owned().await;
            if group.waiting.load(Ordering::SeqCst) == 0 {
                lane.undo().await;
                lane.settle().await;
            }
        });
    }
}

impl GroupCommit {
    /// Takes over a connection whose transactions nobody else begins.
    pub(super) fn new(address: String, connection: AnyConnection) -> Self {
        let lane = Lane {
            connection: Some(connection),
            files: None,
            open: false,
            begun: Begun::Nothing,
            acknowledge: Vec::new(),
        };
        Self { address, runtime: Handle::current(), waiting: AtomicUsize::new(0), lane: Arc::new(Mutex::new(lane)) }
    }

    /// Commits what waits and closes the connection.
    pub(super) async fn close(&self) {
        let mut lane = self.lane.lock().await;
        lane.settle().await;
        if let Some(connection) = lane.forget() {
            let _ = connection.close().await;
        }
    }

    /// Waits for the lane and begins.
    pub(super) async fn begin(group: &Arc<Self>) -> Result<Savepoint, sqlx::Error> {
        group.waiting.fetch_add(1, Ordering::SeqCst);
        let waiting = Waiting(group);
        let lane = group.lane.clone().lock_owned().await;
        group.waiting.fetch_sub(1, Ordering::SeqCst);
        std::mem::forget(waiting);
        // From here on a drop undoes and settles, also in the middle of these statements.
        let mut savepoint = Savepoint { group: group.clone(), lane: Some(lane) };
        let lane: &mut Lane = savepoint.lane.as_mut().expect("a savepoint holds its lane");
        if lane.begun != Begun::Nothing {
            // Left by a task that ended without undoing it: a runtime that shut down. The connection rolls back.
            drop(lane.forget());
            for sender in lane.acknowledge.drain(..) {
                let _ = sender.send(Err("the group was given up".to_owned()));
            }
        }
        if lane.connection.is_none() {
            lane.connection = Some(sqlite_connection(&group.address).await?);
        }
        let connection = lane.connection.as_mut().expect("connected above");
        if lane.open {
            lane.begun = Begun::Savepoint;
            connection.execute("SAVEPOINT request").await?;
        } else {
            lane.begun = Begun::Transaction;
            connection.execute("BEGIN IMMEDIATE; SAVEPOINT request").await?;
            lane.open = true;
            lane.begun = Begun::Savepoint;
            if lane.files.is_none() {
                lane.files = Some(Files::of(&group.address)?);
            }
        }
        Ok(savepoint)
    }
}

/// A request's part of the group's transaction.
pub struct Savepoint {
    group: Arc<GroupCommit>,
    lane: Option<OwnedMutexGuard<Lane>>,
}

impl Savepoint {
    /// The connection, while the request holds the lane.
    pub(super) fn connection(&self) -> Option<&AnyConnection> {
        self.lane.as_ref()?.connection.as_ref()
    }

    /// The same, to work with.
    pub(super) fn connection_mut(&mut self) -> Option<&mut AnyConnection> {
        self.lane.as_mut()?.connection.as_mut()
    }

    /// Returns once the commit that includes this request is on the disk. Not to be cancelled.
    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        let lane = self.lane.as_mut().expect("a savepoint holds its lane");
        let (sender, receiver) = oneshot::channel();
        if self.group.waiting.load(Ordering::SeqCst) == 0 || lane.acknowledge.len() + 1 >= GROUP {
            // The commit takes the savepoint in; it fails where SQLite has rolled everything back meanwhile.
            lane.acknowledge.push(sender);
            lane.settle().await;
        } else {
            let connection = lane.connection.as_mut().expect("a savepoint has a connection");
            // Fails where SQLite has rolled everything back meanwhile: then nobody of the group is acknowledged.
            connection.execute("RELEASE request").await?;
            lane.begun = Begun::Nothing;
            lane.acknowledge.push(sender);
        }
        self.lane = None;
        match receiver.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(reason)) => Err(sqlx::Error::Io(std::io::Error::other(reason))),
            Err(_) => Err(sqlx::Error::WorkerCrashed),
        }
    }
}

impl Drop for Savepoint {
    fn drop(&mut self) {
        // Still holding the lane: not committed, or dropped while committing for the group. The lane goes along, so
        // that nobody enters it before it is clean.
        let Some(mut lane) = self.lane.take() else { return };
        let group = self.group.clone();
        self.group.runtime.spawn(async move {
            lane.undo().await;
            if group.waiting.load(Ordering::SeqCst) == 0 {
                lane.settle().await;
            }
        });
    }
}
