//! What a petition is and may become. Pure: values in, values out.

use crate::words::words;

mod acts;
mod brought;
mod causes;
mod disputes;
mod erasure;
mod hearings;
mod matter;
mod outcomes;
#[cfg(test)]
mod paths;
mod reopening;
mod review;
mod sample;
mod search;
mod state_number;
mod steps;
mod terms;
mod urging;

pub use disputes::{Dispute, Quarrel};
mod threads;

pub use acts::{Act, Duty, Level, Manner, Noun, Outcome, Paper, Part, Party, Refused, Resolution};
pub use brought::{Course, Ran, Told, spelled};
pub use causes::{Cause, UNRECORDED};
pub use erasure::{Unerasable, erasable_from, may_erase};
pub use hearings::Excluding;
pub use matter::{Call, Confirmation, Issued, Lead, Matter, Tick, goes_elsewhere};
pub use outcomes::{Agreement, Settling};
pub use review::{Review, Stage, Unreviewable, Verdict, next_stage};
pub use sample::{Heard, NotSampled, draw};
pub use search::{Mark, Met, Search, search};
pub use state_number::state_number;
pub use terms::{Term, Terms};
pub use threads::{Common, Place, likeness, pair_words, pairs, recent};
pub use urging::{Ladder, Rung};

words! {
    /// The five forms of art. 17.
    Channel {
        /// 走访.
        Visit = "visit", "来访";
        /// 书信.
        Letter = "letter", "来信";
        /// 电话.
        Call = "call", "来电";
        /// 传真.
        Fax = "fax", "传真";
        /// 信息网络.
        Web = "web", "网上";
    }
}

words! {
    /// The three categories of arts. 29 to 31.
    Category {
        /// Not sorted yet.
        Unsorted = "unsorted", "待分类";
        /// Art. 29.
        Suggestion = "suggestion", "建议意见";
        /// Art. 30: to the organ of discipline; never to the unit complained of.
        Report = "report", "检举控告";
        /// Art. 31.
        Claim = "claim", "申诉求决";
    }
}

words! {
    /// How far a petition has come.
    State {
        /// Has its number; the petition office has 15 days to dispose of it (art. 22).
        Registered = "registered", "待交办";
        /// Given to a unit, which has not accepted yet.
        Assigned = "assigned", "待受理";
        /// 受理: being handled.
        Accepted = "accepted", "办理中";
        /// The written opinion is out.
        Answered = "answered", "已答复";
        /// 办结销号.
        Closed = "closed", "已办结";
        /// Went to the organ that the law names (arts. 22, 30, 31); no clock of ours runs.
        Forwarded = "forwarded", "已转送";
    }
}

words! {
    /// Themes of the county's own account, and the rest.
    Theme {
        /// 涉矿.
        Mining = "mining", "涉矿";
        /// 涉企.
        Enterprise = "enterprise", "涉企";
        /// 涉军.
        Servicemen = "servicemen", "涉军";
        /// 土地.
        Land = "land", "土地";
        /// 住房.
        Housing = "housing", "住房";
        /// 社保.
        Welfare = "welfare", "社保民政";
        /// 道路水利.
        Works = "works", "道路水利";
        /// 环境.
        Environment = "environment", "环境";
        /// 村务.
        Village = "village", "村务";
        /// 干部作风: inaction or wrongful action, which the account names as the root.
        Conduct = "conduct", "干部作风";
        /// 其他.
        Other = "other", "其他";
    }
}

/// The six branches of art. 31; only the sixth carries the sixty days.
pub const BRANCHES: [(i64, &str); 6] = [
    (1, "应当通过诉讼、复议，检察机关、公安机关法律程序处理（涉法涉诉）"),
    (2, "应当通过仲裁解决"),
    (3, "可以通过党员申诉、申请复审等解决"),
    (4, "可以通过行政复议、裁决、确认、许可、处罚等行政程序解决"),
    (5, "申请查处违法行为、履行保护人身权或者财产权等职责"),
    (6, "不属于以上情形：听取陈述、调查核实，出具处理意见书"),
];

/// A petition's number as it is written: 攸信〔2026〕0001号.
pub fn number(year: i16, serial: i64) -> String {
    format!("攸信〔{year}〕{serial:04}号")
}

/// Title from the first words of what was told, where the writer gave none.
pub fn title_of(content: &str) -> String {
    let line =
        content.split(['\n', '。', '！', '？', '；']).map(str::trim).find(|part| !part.is_empty()).unwrap_or_default();
    if line.chars().count() <= 30 { line.to_owned() } else { line.chars().take(29).chain(['…']).collect() }
}

/// A name as others see it: 罗某; two-character surnames stay whole (欧阳某).
pub fn masked(name: &str) -> String {
    const DOUBLE: [&str; 12] =
        ["欧阳", "上官", "司马", "诸葛", "夏侯", "东方", "皇甫", "尉迟", "令狐", "慕容", "司徒", "端木"];
    if name.is_empty() {
        return "匿名".to_owned();
    }
    let surname: String = match DOUBLE.iter().find(|double| name.starts_with(**double) && name.chars().count() > 2) {
        Some(double) => (*double).to_owned(),
        None => name.chars().take(1).collect(),
    };
    format!("{surname}某")
}

/// The petitioners as one phrase: 罗新华等 3 人.
pub fn petitioners(lead: &str, people: i64) -> String {
    let lead = if lead.is_empty() { "匿名" } else { lead };
    if people > 1 { format!("{lead}等 {people} 人") } else { lead.to_owned() }
}

/// A mobile or fixed number of China: 11 digits from 1, or an area code and 7 or 8 digits.
pub fn is_phone(text: &str) -> bool {
    let digits: String = text.chars().filter(|c| *c != '-' && *c != ' ').collect();
    let all = digits.bytes().all(|byte| byte.is_ascii_digit());
    all && ((digits.len() == 11 && digits.starts_with('1'))
        || (digits.starts_with('0') && (10..=12).contains(&digits.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_places_and_grow_beyond() {
        assert_eq!(number(2026, 1), "攸信〔2026〕0001号");
        assert_eq!(number(2026, 12_345), "攸信〔2026〕12345号");
    }

    #[test]
    fn a_two_character_surname_stays_whole() {
        assert_eq!(masked("罗新华"), "罗某");
        assert_eq!(masked("欧阳晖"), "欧阳某");
        assert_eq!(masked("欧阳"), "欧某");
        assert_eq!(masked(""), "匿名");
    }

    #[test]
    fn a_title_is_the_first_sentence_cut_at_thirty() {
        assert_eq!(title_of("路灯不亮。已经三个月"), "路灯不亮");
        assert_eq!(title_of(&"长".repeat(31)).chars().count(), 30);
        assert_eq!(title_of(&"长".repeat(30)), "长".repeat(30));
    }

    #[test]
    fn the_branches_are_those_of_article_31_and_only_the_sixth_is_the_residual_one() {
        let label = |number: usize| BRANCHES[number - 1].1;
        assert!(BRANCHES.iter().zip(1..).all(|((number, _), place)| *number == place));
        for (number, words) in [
            (1, &["诉讼", "检察", "公安", "涉法涉诉"][..]),
            (2, &["仲裁"][..]),
            (3, &["党员申诉"][..]),
            (4, &["行政复议", "许可", "处罚"][..]),
            (5, &["查处", "职责"][..]),
            (6, &["处理意见书"][..]),
        ] {
            assert!(words.iter().all(|word| label(number).contains(word)), "{}", label(number));
        }
        assert!(!label(1).contains("以外"), "litigation is the first branch itself");
    }

    #[test]
    fn phones_both_sides() {
        assert!(is_phone("13812345678"));
        assert!(is_phone("0731-24223344"));
        assert!(!is_phone("1381234567"));
        assert!(!is_phone("一三八"));
    }
}
