//! The columns of a spreadsheet, found by the names in its header.

use csv::ByteRecord;

use super::CannotSettleCsv;

pub(super) const UNIT: &str = "unit";
pub(super) const CLASS: &str = "class";
pub(super) const OFFICIAL: &str = "official";
pub(super) const STAKE: &str = "stake_fen";
pub(super) const SCORE: &str = "score_bp";
pub(super) const RANK: &str = "rank";

/// Where each of our columns stands.
pub(super) struct Columns {
    pub width: usize,
    pub unit: usize,
    pub class: usize,
    pub official: usize,
    pub stake: usize,
    pub score: usize,
    pub rank: Option<usize>,
}

impl Columns {
    pub(super) fn read(header: &ByteRecord, ignored: &mut Vec<String>) -> Result<Self, CannotSettleCsv> {
        let bad = |why| Err(CannotSettleCsv::Header(why));
        let mut found: [Option<usize>; 6] = [None; 6];
        let known = [UNIT, CLASS, OFFICIAL, STAKE, SCORE, RANK];
        for (place, name) in header.iter().enumerate() {
            let Ok(name) = std::str::from_utf8(name) else {
                return bad("不是 UTF-8 编码，请另存为 UTF-8 的 CSV".to_owned());
            };
            let name = name.trim_start_matches('\u{feff}').trim();
            match known.iter().position(|known| *known == name) {
                Some(which) if found[which].is_some() => return bad(format!("“{name}”列重复")),
                Some(which) => found[which] = Some(place),
                None => {
                    // A slip in the name of a column must not silently leave it out.
                    if let Some(meant) = known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
                        return bad(format!("“{name}”应写成“{meant}”"));
                    }
                    ignored.push(name.to_owned());
                }
            }
        }
        let place = |which: usize| {
            let missing = || CannotSettleCsv::Header(format!("缺少“{}”列", known[which]));
            found[which].ok_or_else(missing)
        };
        Ok(Self {
            width: header.len(),
            unit: place(0)?,
            class: place(1)?,
            official: place(2)?,
            stake: place(3)?,
            score: place(4)?,
            rank: found[5],
        })
    }
}
