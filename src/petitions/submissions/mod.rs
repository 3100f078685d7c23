//! 报请和报告 (arts. 22, 25): what is serious or urgent goes up, in writing and with a proposal. The petition office asks
//! the Party committee and government of its level to decide; every unit that handles a matter reports what is urgent.
//! What was decided is written down beside it. Neither stops a clock.

mod page;
mod rules;

pub(super) use page::{rooms, waiting};
