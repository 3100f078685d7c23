//! Ids made by the program: sorted by time, unique over every process of one database, never asked of the database.
//!
//! 41 bits of milliseconds since 2020, 10 bits of node (leased in the database), 12 bits of sequence.

use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context;
use jiff::Timestamp;

use crate::db::Database;

/// 2020-01-01T00:00:00Z in milliseconds. 41 bits last until 2089.
const EPOCH: i64 = 1_577_836_800_000;

/// How long a lease holds without being renewed; a process renews its own every third of that.
const LEASE_MS: i64 = 90_000;

/// Makes ids. One a process.
#[derive(Debug)]
pub struct Ids {
    node: i64,
    holder: String,
    last: AtomicI64, // milliseconds << 12 | sequence
}

impl Ids {
    /// Leases a node nobody holds at `now`.
    pub async fn lease(db: &Database, now: Timestamp) -> anyhow::Result<Self> {
        let holder = crate::secrets::random_hex::<16>();
        let at = now.as_millisecond();
        let mut write = db.write().await?;
        let free: Option<(i64,)> = sqlx::query_as(
            "SELECT MIN(n.node) FROM
                    (SELECT 0 AS node UNION ALL SELECT node + 1 FROM node_lease) n
              WHERE n.node NOT IN (SELECT node FROM node_lease WHERE lapses_at >= $1)",
        )
        .bind(at)
        .fetch_optional(&mut *write)
        .await?;
        let node = free.map_or(0, |(node,)| node);
        anyhow::ensure!(node < 1024, "1024 个编号节点都已占用");
        // Two processes that start together ask for the same row: the later one finds it held and starts again.
        let taken = sqlx::query(
            "INSERT INTO node_lease (node, holder, lapses_at) VALUES ($1, $2, $3)
             ON CONFLICT (node) DO UPDATE SET holder = $2, lapses_at = $3 WHERE node_lease.lapses_at < $4",
        )
        .bind(node)
        .bind(holder.clone())
        .bind(at + LEASE_MS)
        .bind(at)
        .execute(&mut *write)
        .await?;
        anyhow::ensure!(taken.rows_affected() == 1, "另一进程刚刚占用了编号节点，请重试");
        write.commit().await.context("登记编号节点")?;
        Ok(Self { node, holder, last: AtomicI64::new(0) })
    }

    /// A second source on the same node that may begin in the past, to fill an empty database with what has been.
    /// Its ids rise as long as instants are asked for in order; a table must take all of its past from one source.
    #[must_use]
    pub fn past(&self) -> Self {
        Self { node: self.node, holder: self.holder.clone(), last: AtomicI64::new(0) }
    }

    /// Keeps the lease. Where another process holds the node this one would make the same ids: it writes no more.
    pub async fn renew(&self, db: &Database, now: Timestamp) -> anyhow::Result<()> {
        let mut write = db.write().await?;
        let kept = sqlx::query("UPDATE node_lease SET lapses_at = $3 WHERE node = $1 AND holder = $2")
            .bind(self.node)
            .bind(self.holder.clone())
            .bind(now.as_millisecond() + LEASE_MS)
            .execute(&mut *write)
            .await?;
        if kept.rows_affected() == 0 {
            db.fence();
            anyhow::bail!("编号节点已被另一进程占用：本进程不再写入，请重新启动");
        }
        write.commit().await?;
        Ok(())
    }

    /// Gives the node back.
    pub async fn release(&self, db: &Database) -> anyhow::Result<()> {
        let mut write = db.write().await?;
        sqlx::query("DELETE FROM node_lease WHERE node = $1 AND holder = $2")
            .bind(self.node)
            .bind(self.holder.clone())
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(())
    }

    /// The next id. Of one process each is greater than the one before, also when the clock is put back.
    pub fn next(&self, now: Timestamp) -> i64 {
        let floor = (now.as_millisecond() - EPOCH).max(0) << 12;
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            let next = floor.max(last + 1);
            match self.last.compare_exchange_weak(last, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return (next >> 12) << 22 | self.node << 12 | (next & 0xfff),
                Err(seen) => last = seen,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_is_put_back() {
        let ids = Ids { node: 3, holder: String::new(), last: AtomicI64::new(0) };
        let noon = Timestamp::from_second(1_795_000_000).unwrap();
        let mut before = 0;
        for at in [noon, noon, noon - jiff::SignedDuration::from_hours(1), noon] {
            for _ in 0..5_000 {
                let id = ids.next(at);
                assert!(id > before, "{id} after {before}");
                assert_eq!(id >> 12 & 0x3ff, 3);
                before = id;
            }
        }
    }

    #[test]
    fn ids_of_the_past_lie_before_those_of_today() {
        let ids = Ids { node: 3, holder: String::new(), last: AtomicI64::new(0) };
        let noon = Timestamp::from_second(1_795_000_000).unwrap();
        let today = ids.next(noon);
        let past = ids.past();
        let first = past.next(noon - jiff::SignedDuration::from_hours(24));
        let second = past.next(noon - jiff::SignedDuration::from_hours(24));
        assert!(first < second && second < today);
    }
}
