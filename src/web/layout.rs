//! What stands around a page: the rail of a signed-in official, or the plain head of a public page.

use crate::accounts::Viewer;

/// A place in the rail.
#[derive(Debug)]
pub struct Place {
    /// As pages name it.
    pub key: &'static str,
    /// As people read it.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// The action that it takes.
    action: &'static str,
    /// The heading that it stands under; empty at the top.
    pub group: &'static str,
}

const fn at(
    group: &'static str,
    key: &'static str,
    label: &'static str,
    href: &'static str,
    action: &'static str,
) -> Place {
    Place { key, label, href, action, group }
}

/// In the order of the rail.
const PLACES: &[Place] = &[
    at("", "overview", "总览", "/overview", "reports.overview"),
    at("", "my-month", "我的本月", "/my-month", "reports.my_month"),
    at("", "work", "待办", "/work", "reports.my_month"),
    at("", "entries", "记一笔", "/entries/new", "entries.write"),
    at("民 声", "petitions", "信访", "/petitions", "petitions.list"),
    at("民 声", "urging", "催办督办", "/petitions/urging", "petitions.urge"),
    at("民 声", "receptions", "接访", "/reception-days", "receptions.list"),
    at("民 声", "reviews", "复查复核", "/reviews", "petitions.review"),
    at("民 声", "call-backs", "回访抽查", "/call-backs", "petitions.call_back"),
    at("民 声", "bindings", "包案", "/bindings", "bindings.list"),
    at("民 声", "inquiries", "代访请示", "/inquiries", "inquiries.list"),
    at("民 声", "notes", "民情", "/notes", "notes.list"),
    at("干 部", "duties", "六个一", "/duties", "duties.list"),
    at("干 部", "plans", "预安销号", "/plans", "plans.list"),
    at("干 部", "statements", "述职报告", "/statements", "statements.read"),
    at("干 部", "pay", "绩酬", "/pay/runs", "pay.list"),
    at("干 部", "my-pay", "我的绩酬", "/pay/mine", "pay.own"),
    at("干 部", "rewards", "奖惩决定", "/rewards", "rewards.list"),
    at("底 册", "households", "户册", "/households", "households.list"),
    at("底 册", "divisions", "区划", "/divisions", "divisions.list"),
    at("底 册", "officials", "干部", "/officials", "officials.list"),
    at("底 册", "values", "规定值", "/values", "values.list"),
    at("底 册", "imports", "导入导出", "/imports", "imports.run"),
    at("三 员", "accounts", "账号与角色", "/accounts", "accounts.list"),
    at("三 员", "erasures", "删除个人信息", "/erasures", "petitions.erase"),
    at("三 员", "chain", "存证", "/chain", "chain.list"),
];

/// The frame of a page for a signed-in official.
#[derive(Debug)]
pub struct Shell {
    /// The official's name.
    pub name: String,
    /// Unit and post, as the foot of the rail shows them.
    pub unit: String,
    /// The places that this viewer may go to.
    pub places: Vec<&'static Place>,
    /// The place of this page.
    pub current: &'static str,
    /// Of our own files.
    pub assets: &'static str,
}

impl Shell {
    /// The frame for a viewer who is at `current`.
    pub fn new(viewer: &Viewer, current: &'static str) -> Self {
        Self {
            name: viewer.name.clone(),
            unit: viewer.unit_name.clone(),
            places: PLACES.iter().filter(|place| viewer.may(place.action)).collect(),
            current,
            assets: &super::assets::VERSION,
        }
    }

    /// Whether this viewer may go to a place, by its key.
    pub fn has(&self, key: &str) -> bool {
        self.places.iter().any(|place| place.key == key)
    }

    /// The heading to show before a place, where a new group begins.
    pub fn heading(&self, index: &usize) -> &'static str {
        let group = self.places[*index].group;
        if *index > 0 && self.places[index - 1].group == group { "" } else { group }
    }
}

/// Where a signed-in official starts: the first place of the rail.
pub fn home(viewer: &Viewer) -> &'static str {
    PLACES.iter().find(|place| viewer.may(place.action)).map_or("/account", |place| place.href)
}
