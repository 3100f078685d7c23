//! 成因: what is held to be at the root of a matter. The county's account names inaction and wrongful action of officials
//! as the root of disputes.

use crate::words::words;

/// In the address of the ledger: no cause is recorded.
pub const UNRECORDED: &str = "none";

words! {
    /// What the petition office holds to be at the root.
    Cause {
        /// 不作为: what was owed was not done.
        Inaction = "inaction", "不作为";
        /// 乱作为: what was done was against the rules.
        Wrongful = "wrongful", "乱作为";
        /// Rules that are missing, unclear or at odds.
        Policy = "policy", "政策缺失或者不明确";
        /// What was left over from earlier years.
        Legacy = "legacy", "历史遗留";
        /// Between citizens, or with an enterprise.
        Private = "private", "民间、劳资、企业纠纷";
        /// Rules or procedure were not understood.
        Misunderstood = "misunderstood", "对政策、程序不了解";
        /// Anything else.
        Other = "other", "其他";
    }
}
