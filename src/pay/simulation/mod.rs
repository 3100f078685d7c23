//! 试算 (E6): a past month as another scheme would have settled it, beside what was: who gains, who loses, which groups
//! nobody could have settled, before anybody publishes the scheme. Nothing of it is kept but the record that somebody
//! looked.
//!
//! `rules` puts the two sides beside each other (pure), `beside` reckons them, `pages` and `sheet` show them.

mod beside;
mod pages;
mod rules;
mod sheet;

pub(super) use pages::rooms;
