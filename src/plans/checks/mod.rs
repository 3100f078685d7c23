//! 抽查 (E3): supervision fixes a seed for a unit's month, draws by it among what was cancelled, and writes beside each
//! drawn item what it saw. A failed check proposes the reversal to the superior; supervision itself reverses nothing.

mod acts;
mod page;
mod rules;

pub(crate) use rules::draw as draw_by;
use sqlx::{AnyConnection, FromRow};

use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{Refusal, Rooms};

pub(super) fn rooms() -> Rooms {
    Rooms::new().with(page::rooms()).with(acts::rooms())
}

/// A drawing, made or to be made.
#[derive(Clone, Debug, FromRow)]
struct Draw {
    id: i64,
    unit: i64,
    unit_name: String,
    month: String,
    seed: String,
    share_bp: i64,
    fixed_on: String,
    fixed_by: String,
    /// The numbers that were drawn from, with blanks between.
    population: String,
    /// '': not drawn yet.
    drawn_on: String,
    /// How many were drawn, were checked and failed.
    size: i64,
    checked: i64,
    failed: i64,
}

impl Draw {
    /// The numbers that were drawn from.
    fn numbers(&self) -> Vec<&str> {
        self.population.split_whitespace().collect()
    }

    /// Ten-thousandths as people read them: 5%, 2.5%.
    fn share(&self) -> String {
        match (self.share_bp / 100, self.share_bp % 100) {
            (whole, 0) => format!("{whole}%"),
            (whole, rest) => format!("{whole}.{rest:02}%"),
        }
    }
}

/// Begins a look-up of the drawings of units whose plans the viewer finds.
fn seen(viewer: &Viewer) -> Sql {
    let mut sql = Sql::new(
        "SELECT k.id, k.unit, u.name AS unit_name, k.month, k.seed, k.share_bp, k.fixed_on, o.name AS fixed_by,
                k.population, COALESCE(k.drawn_on, '') AS drawn_on,
                (SELECT COUNT(*) FROM plan_check_sample s WHERE s.draw = k.id) AS size,
                (SELECT COUNT(*) FROM plan_check_sample s WHERE s.draw = k.id AND s.passed IS NOT NULL) AS checked,
                (SELECT COUNT(*) FROM plan_check_sample s WHERE s.draw = k.id AND s.passed = 0) AS failed
           FROM plan_check k JOIN unit u ON u.id = k.unit JOIN official o ON o.id = k.fixed_by WHERE 1 = 1",
    );
    sight::push_unit(&mut sql, viewer, "k.unit");
    sql
}

async fn find(read: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<Draw, Refusal> {
    let mut sql = seen(viewer);
    sql.push(" AND k.id = ").bind(id);
    sql.fetch_optional(read).await?.ok_or(Refusal::NotFound)
}
