//! What the law and the county's documents say, as pure functions and dated values.
//!
//! Nothing here reads a clock, a file or a network: the day in question is an argument, the values are
//! compiled in from `values/`, and the same inputs always give the same outputs. Read in this order:
//! [`working_days`] and [`values`] are the ground, [`clock`], [`reception`] and [`period`] give days,
//! [`score`] and [`pay`] give money, [`identifiers`] and [`money`] read and write what stands on paper.

pub mod clock;
pub mod identifiers;
mod local;
pub mod money;
pub mod pay;
pub mod period;
pub mod post_duties;
pub mod reception;
pub mod score;
pub mod values;
pub mod working_days;

pub use clock::{Clock, Deadline, Run, Step, Suspension, deadline, excludes};
pub use period::{Month, Period, PlanCycle, Quarter};
pub use reception::{Reception, reception_day};
pub use values::Policy;
pub use working_days::{Calendar, Day};
