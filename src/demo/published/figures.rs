//! `county/published.toml`: what the county's account says of itself, each figure with the sentence that says it.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::part::Part;

/// The file as it stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The document that the sentences are quoted from.
    pub document: String,
    /// In the order of the file.
    #[serde(rename = "figure")]
    pub figures: Vec<Figure>,
}

/// How a printed percentage follows from its counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// To whole percents, half up.
    Rounded,
    /// The whole percents that were reached.
    Reached,
}

/// One published figure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// By which code and document name it.
    pub id: String,
    /// What is counted.
    pub what: String,
    /// The sentence that says so, as printed there.
    pub sentence: String,
    /// Of which time, in words.
    pub window: String,
    /// Of which level, in words.
    pub level: String,
    /// All of them.
    pub of: i64,
    /// How many of them were done; nothing where the account counts one number alone.
    pub done: Option<i64>,
    /// 项, 件 …
    pub unit: String,
    /// The percentage as printed there: 95%.
    pub printed: Option<String>,
    /// How that follows.
    pub reading: Option<Reading>,
    /// The percentage that follows, to one place, half up: 94.9%.
    pub exact: Option<String>,
    /// The address of the page that counts it.
    pub page: Option<String>,
    /// What has to be built before it is counted.
    pub waits_for: Option<String>,
}

impl Figure {
    /// So many of so many, where the account gives both.
    pub fn part(&self) -> Option<Part> {
        Some(Part { done: self.done?, of: self.of })
    }

    /// Its row in `docs/published-figures.md`.
    pub fn row(&self) -> String {
        let or = |value: Option<&str>| value.unwrap_or("—").to_owned();
        format!(
            "| `{}` | {} | {} | {} | {} | {} | {} | {} |",
            self.id,
            self.what,
            self.window,
            self.level,
            self.of,
            or(self.done.map(|done| done.to_string()).as_deref()),
            or(self.printed.as_deref()),
            or(self.exact.as_deref()),
        )
    }
}

impl Reading {
    /// The percentage that is printed under this reading.
    pub fn printed(self, part: Part) -> Option<String> {
        let percents = match self {
            Self::Rounded => (part.done * 200 + part.of).checked_div(part.of * 2)?,
            Self::Reached => (part.done * 100).checked_div(part.of)?,
        };
        Some(format!("{percents}%"))
    }
}

static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../county/published.toml"))
        .expect("county/published.toml is part of the program")
});

/// The whole file.
pub fn published() -> &'static Published {
    &PUBLISHED
}

/// One figure by its id, which the file is known to have.
pub fn figure(id: &str) -> &'static Figure {
    PUBLISHED.figures.iter().find(|figure| figure.id == id).expect("a figure of county/published.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_percentage_follows_from_its_counts() {
        let mut with_percentage = 0;
        for figure in &published().figures {
            assert!(figure.sentence.contains(&figure.of.to_string()), "{}", figure.id);
            assert_ne!(figure.page.is_some(), figure.waits_for.is_some(), "{}", figure.id);
            let Some(part) = figure.part() else {
                assert!(figure.printed.is_none() && figure.exact.is_none(), "{}", figure.id);
                continue;
            };
            assert_eq!(figure.exact.as_deref(), Some(part.percent().as_str()), "{}", figure.id);
            let printed = figure.reading.and_then(|reading| reading.printed(part));
            assert_eq!(figure.printed, printed, "{}", figure.id);
            for said in [part.done.to_string(), figure.printed.clone().unwrap_or_default()] {
                assert!(figure.sentence.contains(&said), "{} does not say {said}", figure.id);
            }
            with_percentage += 1;
        }
        assert_eq!(with_percentage, 3);
        assert_eq!(["plans.county", "plans.units", "bound"].map(|id| figure(id).of), [548, 6_879, 206]);
    }
}
