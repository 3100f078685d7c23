//! The structure: the migrations, and the triggers by which the database itself refuses to change the chain and puts
//! every record in the queue of what is to be linked.

use anyhow::Context;
use sqlx::{AnyConnection, AssertSqlSafe, Executor};

use super::Engine;

/// Tables in which the database itself refuses to change or delete a row.
const APPEND_ONLY: [&str; 2] = ["chain_record", "chain_link"];

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// How the structure of a database differs from the one that this program knows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Structure {
    /// Nothing of ours is in it: a new database, or that of another program.
    pub empty: bool,
    /// Migrations that it lacks or that ran with another text.
    pub lacks: Vec<i64>,
    /// Migrations that a newer program ran.
    pub unknown: Vec<i64>,
    /// Triggers of the chain that were removed or switched off.
    pub triggers: Vec<String>,
}

impl Structure {
    /// What is wrong with it, for the operator.
    pub fn faults(&self) -> Vec<String> {
        let list = |numbers: &[i64]| numbers.iter().map(i64::to_string).collect::<Vec<_>>().join("、");
        if self.empty {
            return vec!["还没有建县：请先运行 youzhi init".to_owned()];
        }
        let mut faults = Vec::new();
        if !self.lacks.is_empty() {
            faults.push(format!("结构落后，缺第 {} 步（下次 serve 时更新）", list(&self.lacks)));
        }
        if !self.unknown.is_empty() {
            faults.push(format!("结构比本程序新，多第 {} 步", list(&self.unknown)));
        }
        if !self.triggers.is_empty() {
            faults.push(format!("存证表的触发器不见了：{}", self.triggers.join("、")));
        }
        faults
    }
}

#[derive(Clone)]
struct Trigger {
    name: String,
    table: &'static str,
    sql: String,
}

fn triggers(engine: Engine) -> Vec<Trigger> {
    let of_table = |table: &'static str| match engine {
        Engine::Sqlite => {
            // INSERT OR REPLACE deletes a row without firing the trigger of DELETE: the row must not be there before.
            let known = match table {
                "chain_link" => "seq = NEW.seq OR record = NEW.record OR hash = NEW.hash",
                _ => "id = NEW.id",
            };
            let known = format!("WHEN EXISTS (SELECT 1 FROM {table} WHERE {known})");
            let refusals = [("UPDATE", "change", ""), ("DELETE", "delete", ""), ("INSERT", "replace", &known)];
            let refused = |(event, word, when): (&str, &str, &str)| {
                let name = format!("{table}_no_{word}");
                let sql = format!(
                    "CREATE TRIGGER {name} BEFORE {event} ON {table} {when}
                     BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                );
                Trigger { name, table, sql }
            };
            refusals.map(refused).to_vec()
        }
        Engine::Postgres => {
            let name = format!("{table}_append_only");
            let sql = format!(
                "CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
                 FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            );
            vec![Trigger { name, table, sql }]
        }
    };
    let queued = Trigger {
        name: "chain_record_queued".to_owned(),
        table: "chain_record",
        sql: match engine {
            Engine::Sqlite => {
                "CREATE TRIGGER chain_record_queued AFTER INSERT ON chain_record
                 BEGIN INSERT INTO chain_pending (record) VALUES (NEW.id); END"
            }
            Engine::Postgres => {
                "CREATE TRIGGER chain_record_queued AFTER INSERT ON chain_record
                 FOR EACH ROW EXECUTE FUNCTION queue_record()"
            }
        }
        .to_owned(),
    };
    APPEND_ONLY.into_iter().flat_map(of_table).chain([queued]).collect()
}

async fn missing_triggers(connection: &mut AnyConnection, engine: Engine) -> Result<Vec<Trigger>, sqlx::Error> {
    let present: Vec<(String,)> = sqlx::query_as(match engine {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        Engine::Postgres => {
            "SELECT CAST(t.tgname AS TEXT) FROM pg_trigger t
               JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = current_schema() AND t.tgenabled <> 'D'"
        }
    })
    .fetch_all(connection)
    .await?;
    let mut all = triggers(engine);
    all.retain(|trigger| present.iter().all(|(name,)| *name != trigger.name));
    Ok(all)
}

/// The migrations that ran, with the sums of their texts.
async fn applied(connection: &mut AnyConnection, engine: Engine) -> Result<Vec<(i64, Vec<u8>)>, sqlx::Error> {
    let (there,): (i64,) = sqlx::query_as(match engine {
        Engine::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
        Engine::Postgres => {
            "SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relname = '_sqlx_migrations' AND n.nspname = current_schema()"
        }
    })
    .fetch_one(&mut *connection)
    .await?;
    if there == 0 {
        return Ok(Vec::new());
    }
    sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version").fetch_all(connection).await
}

/// Compares and changes nothing.
pub(super) async fn compare(connection: &mut AnyConnection, engine: Engine) -> Result<Structure, sqlx::Error> {
    let ran = applied(connection, engine).await?;
    let sum = |version: i64| ran.iter().find(|(of, _)| *of == version).map(|(_, sum)| &sum[..]);
    let lacks: Vec<i64> = MIGRATIONS
        .iter()
        .filter(|known| sum(known.version) != Some(&known.checksum[..]))
        .map(|known| known.version)
        .collect();
    let known = |version: i64| MIGRATIONS.iter().any(|known| known.version == version);
    let unknown = ran.iter().map(|(version, _)| *version).filter(|version| !known(*version)).collect();
    let triggers = missing_triggers(connection, engine).await?.into_iter().map(|trigger| trigger.name).collect();
    Ok(Structure { empty: ran.is_empty(), lacks, unknown, triggers })
}

/// Runs the migrations that are lacking and sees to the triggers. One that somebody took away is put back, and said.
pub(super) async fn update(connection: &mut AnyConnection, engine: Engine) -> anyhow::Result<()> {
    let fresh = applied(connection, engine).await?.is_empty();
    MIGRATIONS.run_direct(None, connection, false).await.context("更新数据库结构")?;
    if missing_triggers(connection, engine).await?.is_empty() {
        return Ok(());
    }
    // Of processes that start together the later one waits here and finds nothing missing.
    connection.execute(if engine == Engine::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" }).await?;
    if engine == Engine::Postgres {
        connection.execute("LOCK TABLE chain_record, chain_link IN SHARE ROW EXCLUSIVE MODE").await?;
        connection
            .execute(
                "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
                 CREATE OR REPLACE FUNCTION queue_record() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN INSERT INTO chain_pending (record) VALUES (NEW.id); RETURN NULL; END $$",
            )
            .await?;
    }
    for Trigger { name, table, sql } in missing_triggers(connection, engine).await? {
        if !fresh {
            tracing::warn!(trigger = name, "a trigger of the chain was missing and is put back");
        }
        // One that was switched off is still there by name.
        if engine == Engine::Postgres {
            connection.execute(AssertSqlSafe(format!("DROP TRIGGER IF EXISTS {name} ON {table}"))).await?;
        }
        connection.execute(AssertSqlSafe(sql)).await?;
    }
    connection.execute("COMMIT").await?;
    Ok(())
}
