//! SQL that is put together at run time.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AnyConnection, Arguments, AssertSqlSafe, Encode, Type};

/// SQL put together at run time from pieces that are ours, with every value bound.
///
/// ```
/// # use youzhi::db::Sql;
/// let mut sql = Sql::new("SELECT id FROM petition WHERE 1 = 1");
/// sql.push(" AND township = ").bind("430223102").push(" ORDER BY id DESC").limit(50);
/// assert_eq!(sql.text(), "SELECT id FROM petition WHERE 1 = 1 AND township = $1 ORDER BY id DESC LIMIT 50");
/// ```
pub struct Sql {
    text: String,
    arguments: AnyArguments,
}

impl Sql {
    /// Begins with a piece of SQL without values.
    pub fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), arguments: AnyArguments::default() }
    }

    /// Adds a piece of SQL. Only text of the program itself can be pushed: a person's words are bound.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds the next placeholder and its value.
    pub fn bind<T>(&mut self, value: T) -> &mut Self
    where
        T: for<'q> Encode<'q, Any> + Type<Any>,
    {
        self.arguments.add(value).expect("integers, text and bytes always encode");
        self.text.push('$');
        self.text.push_str(&self.arguments.len().to_string());
        self
    }

    /// Asks for at most so many rows. The number stands in the text: a plan made for any value of a bound limit
    /// is made for a tenth of the table, and reads it whole for the first fifty rows.
    pub fn limit(&mut self, rows: i64) -> &mut Self {
        self.text.push_str(" LIMIT ");
        self.text.push_str(&rows.to_string());
        self
    }

    /// The text as it stands.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every row.
    pub async fn fetch_all<T>(self, connection: &mut AnyConnection) -> Result<Vec<T>, sqlx::Error>
    where
        T: for<'r> sqlx::FromRow<'r, AnyRow> + Send + Unpin,
    {
        sqlx::query_as_with(AssertSqlSafe(self.text), self.arguments).fetch_all(connection).await
    }

    /// The first row, if any.
    pub async fn fetch_optional<T>(self, connection: &mut AnyConnection) -> Result<Option<T>, sqlx::Error>
    where
        T: for<'r> sqlx::FromRow<'r, AnyRow> + Send + Unpin,
    {
        sqlx::query_as_with(AssertSqlSafe(self.text), self.arguments).fetch_optional(connection).await
    }

    /// Carries the statement out and says how many rows it touched.
    pub async fn execute(self, connection: &mut AnyConnection) -> Result<u64, sqlx::Error> {
        let done = sqlx::query_with(AssertSqlSafe(self.text), self.arguments).execute(connection).await?;
        Ok(done.rows_affected())
    }
}
