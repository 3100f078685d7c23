//! Accounts (G2): signing in, sessions, and who the viewer of a page is.

mod admin;
mod chiefs;
mod devices;
mod grants;
mod holders;
mod initial;
mod may;
mod pages;
pub mod passwords;
mod permissions;
mod rules;
mod sessions;
mod units;

pub use chiefs::{Leader, chief_of, chiefs_of, leaders_of};
pub use holders::{Holder, holders_beside};
pub use initial::{Officer, initial};
pub use may::push_may;
pub use pages::rooms;
pub use permissions::{Permissions, Sight, permissions};
pub use sessions::{session_cookie, sweep, viewer_of};
pub use units::county_petition_office;

use crate::chain::Actor;
pub use rules::list_place;
use rules::plain_login;

/// A signed-in official in the post that he or she acts in.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The account.
    pub account: i64,
    /// The official.
    pub official: i64,
    /// The official's name.
    pub name: String,
    /// The appointment acted in.
    pub appointment: i64,
    /// The post that the appointment is to.
    pub post: i64,
    /// The post's title.
    pub post_title: String,
    /// The unit of the post.
    pub unit: i64,
    /// The unit's name.
    pub unit_name: String,
    /// The division that the unit serves: 6, 9 or 12 digits.
    pub place: String,
    /// Roles held in this post.
    pub roles: Vec<String>,
    /// The day on which the viewer looks: what is held until then is held no more.
    pub day: jiff::civil::Date,
}

impl Viewer {
    /// Whether the post held includes an action of `permissions.toml`.
    pub fn may(&self, action: &str) -> bool {
        permissions().allow(action, &self.roles)
    }

    /// Whether this viewer may import a kind of record.
    pub fn may_import(&self, kind: &str) -> bool {
        self.may("imports.run") && permissions().import(kind, &self.roles)
    }

    /// Whether this viewer sees a field unmasked.
    pub fn sees(&self, field: &str) -> bool {
        permissions().show(field, &self.roles)
    }

    /// Whether the viewer has a role.
    pub fn is(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }

    /// The viewer as the chain records it.
    pub fn actor(&self) -> Actor {
        Actor { official: Some(self.official), appointment: Some(self.appointment) }
    }
}
