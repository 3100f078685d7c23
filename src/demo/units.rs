//! The county's units and posts: what there is, before anybody holds it.

/// A department that the cast does not have: code, name, title of its head, deputies, staff.
pub(super) type Department = (&'static str, &'static str, &'static str, usize, usize);

pub(super) const DEPARTMENTS: [Department; 23] = [
    ("XWB", "县委办公室", "主任", 3, 8),
    ("ZFB", "县政府办公室", "主任", 3, 8),
    ("JWJ", "县纪委监委", "书记", 2, 8),
    ("ZFW", "县委政法委", "书记", 2, 6),
    ("FGJ", "县发展和改革局", "局长", 2, 7),
    ("JYJ", "县教育局", "局长", 2, 8),
    ("KGJ", "县科技和工业信息化局", "局长", 2, 7),
    ("GAJ", "县公安局", "局长", 3, 9),
    ("MZJ", "县民政局", "局长", 2, 8),
    ("SFJ", "县司法局", "局长", 2, 7),
    ("HBJ", "县生态环境局", "局长", 2, 7),
    ("ZJJ", "县住房和城乡建设局", "局长", 3, 8),
    ("CGJ", "县城市管理和综合执法局", "局长", 2, 7),
    ("JTJ", "县交通运输局", "局长", 2, 7),
    ("SLJ", "县水利局", "局长", 2, 7),
    ("NYJ", "县农业农村局", "局长", 3, 9),
    ("LYJ", "县林业局", "局长", 2, 7),
    ("WLJ", "县文化旅游广电体育局", "局长", 2, 6),
    ("WJJ", "县卫生健康局", "局长", 2, 8),
    ("TYJ", "县退役军人事务局", "局长", 2, 6),
    ("YJJ", "县应急管理局", "局长", 2, 7),
    ("SCJ", "县市场监督管理局", "局长", 2, 8),
    ("YBJ", "县医疗保障局", "局长", 2, 6),
];

/// What is missing around the cast's own units: code, title of a head where there is none, deputies, staff.
pub(super) const CAST_UNITS: [(&str, Option<&str>, usize, usize); 5] = [
    ("XFJ", None, 2, 4),
    ("ZRZY", None, 3, 7),
    ("DCS", Some("主任"), 1, 3),
    ("RSJ", Some("局长"), 2, 7),
    ("CZJ", Some("局长"), 2, 7),
];

/// The county's leaders beside 谢国华: title and the post as the pay classes list it. The first has no superior.
pub(super) const LEADERS: [(&str, &str); 13] = [
    ("县委书记", "县委书记"),
    ("县委副书记、县长", "县长"),
    ("县委副书记", "县委副书记"),
    ("县委常委、常务副县长", "副县长"),
    ("县委常委、组织部部长", "县委常委"),
    ("县委常委、政法委书记", "县委常委"),
    ("副县长", "副县长"),
    ("副县长", "副县长"),
    ("副县长", "副县长"),
    ("县人大常委会主任", "县人大常委会主任"),
    ("县人大常委会副主任", "县人大常委会副主任"),
    ("县政协主席", "县政协主席"),
    ("县政协副主席", "县政协副主席"),
];

/// Code of a township's or a park's unit, which is at hand and easily told apart.
pub(super) fn town_code(division: &str) -> String {
    if division == "430223125" { "LTA".to_owned() } else { format!("XZ{}", &division[6..]) }
}

/// What somebody in a post does beside his own work; roles of `permissions.toml`.
pub(super) fn role_of(unit: &str, rank: super::people::Rank, kind: &str) -> &'static str {
    use super::people::Rank;
    match (rank, kind, unit) {
        (Rank::Leader, ..) => "leader",
        (Rank::Chief | Rank::Deputy, ..) => "superior",
        (Rank::Staff, "township", _) => "township_official",
        (Rank::Staff, _, "XFJ") => "petition_officer",
        (Rank::Staff, _, "DCS") => "supervision",
        (Rank::Staff, _, "RSJ") => "personnel",
        (Rank::Staff, _, "CZJ") => "finance",
        (Rank::Staff, ..) => "handler",
    }
}
