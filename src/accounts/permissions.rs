//! `permissions.toml`, read once: who may do what, what a role finds, and which fields it sees.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

/// The list as it stands in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// Roles and their Chinese names.
    pub roles: BTreeMap<String, String>,
    /// Actions and the roles that may do them.
    pub actions: BTreeMap<String, BTreeSet<String>>,
    /// Kinds of imports and the roles that may bring them in.
    pub imports: BTreeMap<String, BTreeSet<String>>,
    /// Fields and the roles that see them unmasked.
    pub fields: BTreeMap<String, BTreeSet<String>>,
    /// What a role finds, by room.
    pub sight: BTreeMap<String, BTreeMap<String, Sight>>,
}

/// How far a role sees in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sight {
    /// What its holder is bound to or assigned to.
    Bound,
    /// What is handled in the villages of its holder by the holder's unit or township.
    Village,
    /// What its unit is responsible for or helps with.
    Unit,
    /// Everything in the division that its unit serves.
    Place,
}

static PERMISSIONS: LazyLock<Permissions> = LazyLock::new(|| {
    let permissions: Permissions =
        toml::from_str(include_str!("../../permissions.toml")).expect("permissions.toml is part of the program");
    let named = permissions.actions.values().chain(permissions.imports.values());
    let named = named.chain(permissions.fields.values()).flatten();
    let seeing = permissions.sight.values().flat_map(BTreeMap::keys);
    for role in named.chain(seeing) {
        assert!(permissions.roles.contains_key(role), "permissions.toml: no role {role}");
    }
    permissions
});

/// The whole list.
pub fn permissions() -> &'static Permissions {
    &PERMISSIONS
}

impl Permissions {
    /// Whether any of the roles may do it. An action that the list lacks is nobody's.
    pub fn allow(&self, action: &str, roles: &[String]) -> bool {
        self.actions.get(action).is_some_and(|allowed| roles.iter().any(|role| allowed.contains(role)))
    }

    /// Whether any of the roles may import a kind of record.
    pub fn import(&self, kind: &str, roles: &[String]) -> bool {
        self.imports.get(kind).is_some_and(|allowed| roles.iter().any(|role| allowed.contains(role)))
    }

    /// Whether any of the roles sees the field.
    pub fn show(&self, field: &str, roles: &[String]) -> bool {
        self.fields.get(field).is_some_and(|allowed| roles.iter().any(|role| allowed.contains(role)))
    }

    /// Every way in which these roles see a room, without repetition.
    pub fn sights(&self, room: &str, roles: &[String]) -> BTreeSet<Sight> {
        self.sight
            .get(room)
            .map(|by_role| roles.iter().filter_map(|role| by_role.get(role).copied()).collect())
            .unwrap_or_default()
    }
}
