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

    /// Takes in the waiting rows of the same table.
    pub(crate) fn append(&mut self, other: Self) {
        assert_eq!((self.table, self.columns), (other.table, other.columns), "rows of one table");
        self.cells.extend(other.cells);
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
        let mut cells = cells.drain(..);
        while cells.len() > 0 {
            let rows = full.min(cells.len() / self.width);
            let mut statement = Statement::default();
            statement.insert(self, cells.by_ref().take(rows * self.width))?;
            statement.execute(write).await?;
        }
        Ok(())
    }
}

/// Writes the few waiting rows of several tables as one message: waiting for each would take longer than putting its
/// row in its place, and a number's row is held meanwhile. SQLite puts them in this order; PostgreSQL looks at what they
/// refer to when all are in.
pub(crate) async fn write_together<const N: usize>(
    mut tables: [Rows; N],
    write: &mut AnyConnection,
) -> anyhow::Result<()> {
    let mut statement = Statement::default();
    for rows in &mut tables {
        let cells = std::mem::take(&mut rows.cells);
        if !cells.is_empty() {
            statement.insert(rows, cells.into_iter())?;
        }
    }
    if !statement.inserts.is_empty() {
        statement.execute(write).await?;
    }
    Ok(())
}

/// Inserts put together, with their values.
#[derive(Default)]
struct Statement {
    inserts: Vec<String>,
    arguments: AnyArguments,
}

impl Statement {
    fn insert(&mut self, rows: &Rows, cells: impl Iterator<Item = Cell>) -> anyhow::Result<()> {
        use std::fmt::Write;
        let mut text = format!("INSERT INTO {} ({}) VALUES ", rows.table, rows.columns);
        for (place, cell) in cells.enumerate() {
            let arguments = &mut self.arguments;
            match cell {
                Cell::Int(value) => add(arguments, value)?,
                Cell::Text(value) => add(arguments, value)?,
                Cell::Word(value) => add(arguments, value.to_owned())?,
                Cell::Bytes(value) => add(arguments, value)?,
            }
            let lead = match place {
                0 => "(",
                _ if place % rows.width == 0 => "),(",
                _ => ",",
            };
            let _ = write!(text, "{lead}${}", arguments.len());
        }
        text.push(')');
        self.inserts.push(text);
        Ok(())
    }

    /// The inserts as one message. What PostgreSQL prepares is one command, so all but the last stand before it.
    fn text(&self, backend: &str) -> String {
        if backend == "SQLite" {
            return self.inserts.join("; ");
        }
        let Some((last, before)) = self.inserts.split_last() else { return String::new() };
        let parts: Vec<String> = (1..).zip(before).map(|(place, insert)| format!("w{place} AS ({insert})")).collect();
        let lead = if parts.is_empty() { String::new() } else { format!("WITH {} ", parts.join(", ")) };
        lead + last
    }

    async fn execute(self, write: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let text = self.text(write.backend_name());
        sqlx::query_with(AssertSqlSafe(text), self.arguments).execute(write).await?;
        Ok(())
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
    fn a_statement_has_a_placeholder_a_value_and_goes_on_counting_in_the_next_table() {
        let mut statement = Statement::default();
        let cells = |n: i64| (0..n).map(Cell::from);
        statement.insert(&Rows::new("t", "a, b"), cells(4)).unwrap();
        statement.insert(&Rows::new("u", "c"), cells(1)).unwrap();
        let (first, second) = ("INSERT INTO t (a, b) VALUES ($1,$2),($3,$4)", "INSERT INTO u (c) VALUES ($5)");
        assert_eq!(statement.text("SQLite"), format!("{first}; {second}"));
        assert_eq!(statement.text("PostgreSQL"), format!("WITH w1 AS ({first}) {second}"));
    }

    #[test]
    fn a_row_counts_once_it_is_whole() {
        let mut rows = Rows::new("t", "a, b");
        row!(rows; 1_i64, "x");
        row!(rows; None::<i64>, String::new());
        assert_eq!(rows.len(), 2);
    }
}
