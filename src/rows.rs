//! Writing many rows: several to a statement, a few thousand to a commit.

use sqlx::any::AnyArguments;
use sqlx::{Any, AnyConnection, Arguments, AssertSqlSafe, Encode, Type};

use crate::db::Database;

/// Values in one statement. SQLite looks a placeholder up by its name, one after the other, so longer statements
/// are slower a row and not faster; PostgreSQL would take 65,535.
const VALUES: usize = 480;

/// Rows to a commit: enough that the disk is not what is waited for, few enough that a server's log stays small.
const COMMIT: usize = 20_000;

/// A value of a row. What may be missing says of which type it is: PostgreSQL asks for it.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Int(Option<i64>),
    Text(Option<String>),
    Word(&'static str),
    Bytes(Option<Vec<u8>>),
}

impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}
impl From<Option<i64>> for Cell {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}
impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}
impl From<String> for Cell {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}
impl From<&'static str> for Cell {
    fn from(value: &'static str) -> Self {
        Self::Word(value)
    }
}
impl From<Option<String>> for Cell {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}
impl From<jiff::civil::Date> for Cell {
    fn from(day: jiff::civil::Date) -> Self {
        Self::Text(Some(day.to_string()))
    }
}
impl From<Option<jiff::civil::Date>> for Cell {
    fn from(day: Option<jiff::civil::Date>) -> Self {
        Self::Text(day.map(|day| day.to_string()))
    }
}
impl From<Vec<u8>> for Cell {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(Some(value))
    }
}
impl From<Option<Vec<u8>>> for Cell {
    fn from(value: Option<Vec<u8>>) -> Self {
        Self::Bytes(value)
    }
}

/// Rows on their way into one table.
#[derive(Debug)]
pub(crate) struct Rows {
    table: &'static str,
    columns: &'static str,
    width: usize,
    cells: Vec<Cell>,
}

/// Adds a row: `row!(rows; id, day, text)`.
macro_rules! row {
    ($rows:expr; $($value:expr),+ $(,)?) => { $rows.push([$($crate::rows::Cell::from($value)),+]) };
}
pub(crate) use row;

impl Rows {
    /// No row yet, for a table and its columns as SQL lists them.
    pub(crate) fn new(table: &'static str, columns: &'static str) -> Self {
        Self { table, columns, width: columns.split(',').count(), cells: Vec::new() }
    }

    /// Adds a row; a row of another width than the columns is a mistake of the program.
    pub(crate) fn push<const N: usize>(&mut self, row: [Cell; N]) {
        assert_eq!(N, self.width, "{}: {N} values for ({})", self.table, self.columns);
        self.cells.extend(row);
    }

    /// How many rows wait.
    pub(crate) fn len(&self) -> usize {
        self.cells.len() / self.width
    }

    /// Writes every waiting row, and keeps what was committed even if a later part fails.
    pub(crate) async fn store(&mut self, db: &Database) -> anyhow::Result<()> {
        while !self.cells.is_empty() {
            let mut write = db.write().await?;
            let take = (COMMIT * self.width).min(self.cells.len());
            let batch: Vec<Cell> = self.cells.drain(..take).collect();
            self.insert(&mut write, batch).await?;
            write.commit().await?;
        }
        Ok(())
    }

    /// Writes every waiting row in a write that is under way.
    pub(crate) async fn write(&mut self, write: &mut AnyConnection) -> anyhow::Result<()> {
        let cells = std::mem::take(&mut self.cells);
        self.insert(write, cells).await
    }

    async fn insert(&self, write: &mut AnyConnection, mut cells: Vec<Cell>) -> anyhow::Result<()> {
        let full = (VALUES / self.width).max(1);
        let text = self.statement(full);
        let mut cells = cells.drain(..);
        while cells.len() > 0 {
            let rows = full.min(cells.len() / self.width);
            let mut arguments = AnyArguments::default();
            for cell in cells.by_ref().take(rows * self.width) {
                match cell {
                    Cell::Int(value) => add(&mut arguments, value)?,
                    Cell::Text(value) => add(&mut arguments, value)?,
                    Cell::Word(value) => add(&mut arguments, value.to_owned())?,
                    Cell::Bytes(value) => add(&mut arguments, value)?,
                }
            }
            let text = if rows == full { text.clone() } else { self.statement(rows) };
            sqlx::query_with(AssertSqlSafe(text), arguments).execute(&mut *write).await?;
        }
        Ok(())
    }

    fn statement(&self, rows: usize) -> String {
        use std::fmt::Write;
        let mut text = format!("INSERT INTO {} ({}) VALUES ", self.table, self.columns);
        for place in 0..rows * self.width {
            let begins = place % self.width == 0;
            let lead = if !begins {
                ","
            } else if place == 0 {
                "("
            } else {
                "),("
            };
            let _ = write!(text, "{lead}${}", place + 1);
        }
        text.push(')');
        text
    }
}

fn add<T>(arguments: &mut AnyArguments, value: T) -> anyhow::Result<()>
where
    T: for<'q> Encode<'q, Any> + Type<Any>,
{
    arguments.add(value).map_err(|error| anyhow::anyhow!(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_a_placeholder_a_value() {
        let rows = Rows::new("t", "a, b");
        assert_eq!(rows.statement(2), "INSERT INTO t (a, b) VALUES ($1,$2),($3,$4)");
    }

    #[test]
    fn a_row_counts_once_it_is_whole() {
        let mut rows = Rows::new("t", "a, b");
        row!(rows; 1_i64, "x");
        row!(rows; None::<i64>, String::new());
        assert_eq!(rows.len(), 2);
    }
}
