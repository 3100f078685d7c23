//! 绩酬方案 (E5): the values of performance pay as they hold, held and will hold, each with its source, under the document
//! that allows them; and the county's own dated values, set under such a document by personnel.
//!
//! The values are rows of the county's own (`imports`, `values`), nothing else: this room only says which document sets
//! them and from which month.

mod pages;
pub(super) mod rules;

pub(super) use pages::{Fields, rooms, tidied};
