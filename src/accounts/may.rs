//! Who may do something, as a condition of SQL.

use super::permissions;
use crate::db::Sql;

/// Adds that whoever holds the appointment in a column has a role with an action, or no role at all: those whose roles
/// have other tasks, such as the three officers, are left out, and those who were not given one yet are not.
pub fn push_may(sql: &mut Sql, appointment: &'static str, action: &str) {
    sql.push(" AND (NOT EXISTS (SELECT 1 FROM role_grant mg WHERE mg.appointment = ").push(appointment);
    sql.push(") OR EXISTS (SELECT 1 FROM role_grant mg WHERE mg.appointment = ").push(appointment);
    sql.push(" AND mg.role IN (''");
    for role in permissions().actions.get(action).into_iter().flatten() {
        sql.push(", ").bind(role.clone());
    }
    sql.push(")))");
}
