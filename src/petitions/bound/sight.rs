//! Who finds a row of the quarter's list. Recusal is part of every look-up: whoever is to be kept from a petition finds
//! neither its proposal nor its binding, as chief, as leader or as officer.

use sqlx::AnyConnection;

use crate::accounts::{Sight, Viewer, chief_of, permissions};
use crate::db::Sql;
use crate::petitions::sight::push_recusal;
use crate::web::App;

/// What of the lists a viewer finds.
#[derive(Clone, Debug)]
pub(super) struct Eyes {
    /// The division that a petition office or supervision serves: all its rows.
    office: Option<String>,
    /// The list that the viewer approves.
    pub(super) chief: Option<String>,
}

impl Eyes {
    /// As the roles and the post of the viewer give them.
    pub(super) async fn of(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<Self> {
        let office = permissions().sights("petitions", &viewer.roles).contains(&Sight::Place);
        let mut chief = None;
        if viewer.may("bindings.decide") {
            chief = chief_of(read, app, viewer).await?;
        }
        Ok(Self { office: office.then(|| viewer.place.clone()), chief })
    }

    /// Whether rows of many places may be found.
    pub(super) fn is_county_office(&self) -> bool {
        self.office.as_ref().is_some_and(|place| place.len() <= 6)
    }

    /// Whether the viewer is the chief of a list.
    pub(super) fn leads(&self, place: &str) -> bool {
        self.chief.as_ref().is_some_and(|chief| chief == place || (place.is_empty() && chief.len() == 6))
    }

    /// Adds to a query over `petition p` and a table `b` with a place that the viewer may find the row; `own` is the
    /// condition, up to the official's id, under which it is the viewer's own.
    pub(super) fn push(&self, sql: &mut Sql, viewer: &Viewer, own: Option<&'static str>) {
        sql.push(" AND (1 = 0");
        match &self.office {
            Some(place) if place.len() <= 6 => {
                sql.push(" OR 1 = 1");
            }
            Some(place) => {
                sql.push(" OR b.place = ").bind(place.clone());
            }
            None => {}
        }
        if let Some(chief) = &self.chief {
            sql.push(" OR b.place = ").bind(chief.clone());
            if chief.len() == 6 {
                sql.push(" OR b.place = ''");
            }
        }
        if let Some(own) = own {
            sql.push(" OR ").push(own).bind(viewer.official);
            sql.push(" OR EXISTS (SELECT 1 FROM binding_handover y WHERE y.binding = b.id AND y.taken_on IS NULL");
            sql.push(" AND y.dropped_on IS NULL AND y.successor = ").bind(viewer.official).push(")");
        }
        sql.push(")");
        push_recusal(sql, viewer, "p.id");
    }
}
