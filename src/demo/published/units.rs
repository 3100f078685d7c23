//! The units and posts of the year 2010: what there is, before anybody holds it.

/// The county's leaders: title, the post as the pay classes list it, and the place in this list of whoever is above.
pub(super) const LEADERS: [(&str, &str, Option<usize>); 20] = [
    ("县委书记", "县委书记", None),
    ("县委副书记、县长", "县长", Some(0)),
    ("县委副书记", "县委副书记", Some(0)),
    ("县委常委、常务副县长", "副县长", Some(1)),
    ("县委常委、纪委书记", "县委常委", Some(0)),
    ("县委常委、组织部部长", "县委常委", Some(2)),
    ("县委常委、宣传部部长", "县委常委", Some(2)),
    ("县委常委、政法委书记", "县委常委", Some(2)),
    ("县委常委、统战部部长", "县委常委", Some(2)),
    ("县委常委、县委办公室主任", "县委常委", Some(0)),
    ("副县长", "副县长", Some(1)),
    ("副县长", "副县长", Some(1)),
    ("副县长", "副县长", Some(1)),
    ("副县长", "副县长", Some(1)),
    ("副县长", "副县长", Some(1)),
    ("县人大常委会主任", "县人大常委会主任", Some(0)),
    ("县人大常委会副主任", "县人大常委会副主任", Some(15)),
    ("县人大常委会副主任", "县人大常委会副主任", Some(15)),
    ("县政协主席", "县政协主席", Some(0)),
    ("县政协副主席", "县政协副主席", Some(18)),
];

/// A department: code, name, title of its head, the leader above.
pub(super) type Department = (&'static str, &'static str, &'static str, usize);

pub(super) const DEPARTMENTS: [Department; 30] = [
    ("XWB", "县委办公室", "副主任", 9),
    ("ZFB", "县政府办公室", "主任", 3),
    ("DCS", "县委督查室", "主任", 9),
    ("XFJ", "县信访局", "局长", 7),
    ("ZZB", "县委组织部", "副部长", 5),
    ("XCB", "县委宣传部", "副部长", 6),
    ("ZFW", "县委政法委", "副书记", 7),
    ("JCJ", "县监察局", "局长", 4),
    ("FGJ", "县发展和改革局", "局长", 3),
    ("JJJ", "县经济局", "局长", 10),
    ("CZJ", "县财政局", "局长", 3),
    ("RSJ", "县人力资源和社会保障局", "局长", 3),
    ("GTJ", "县国土资源局", "局长", 10),
    ("JSJ", "县建设局", "局长", 10),
    ("HBJ", "县环境保护局", "局长", 10),
    ("MTJ", "县煤炭局", "局长", 11),
    ("AJJ", "县安全生产监督管理局", "局长", 11),
    ("JTJ", "县交通运输局", "局长", 11),
    ("NYJ", "县农业局", "局长", 12),
    ("SLJ", "县水利局", "局长", 12),
    ("LYJ", "县林业局", "局长", 12),
    ("YMJ", "县移民局", "局长", 12),
    ("JYJ", "县教育局", "局长", 13),
    ("WSJ", "县卫生局", "局长", 13),
    ("JSW", "县人口和计划生育局", "局长", 13),
    ("WGX", "县文化广电新闻出版局", "局长", 6),
    ("MZJ", "县民政局", "局长", 14),
    ("SFJ", "县司法局", "局长", 7),
    ("GAJ", "县公安局", "政委", 7),
    ("SWJ", "县商务局", "局长", 14),
];

/// Posts of a department below its head.
pub(super) const DEPARTMENT_STAFF: [&str; 3] = ["办公室主任", "业务股股长", "科员"];

/// Posts of a township below its deputies.
pub(super) const TOWNSHIP_STAFF: [&str; 4] = ["综治专干", "民政专干", "国土专干", "农业技术员"];

/// The leaders to whom townships answer, in turn.
pub(super) const TOWNSHIP_LEADERS: [usize; 6] = [2, 5, 7, 10, 11, 12];

/// Who has an account: login, unit, place in the unit.
pub(super) const ACCOUNTS: [(&str, &str, usize); 17] = [
    ("shuji", "XLD", 0),
    ("xianzhang", "XLD", 1),
    ("lingdao", "XLD", 10),
    ("juzhang", "XFJ", 0),
    ("xinfang", "XFJ", 3),
    ("xinfang2", "XFJ", 4),
    ("fenguan", "GTJ", 0),
    ("chengban", "GTJ", 3),
    ("dangwei", "XZ125", 0),
    ("zhenzhang", "XZ125", 1),
    ("xiangzhen", "XZ125", 5),
    ("ducha", "DCS", 3),
    ("renshi", "RSJ", 3),
    ("caizheng", "CZJ", 3),
    ("xitong", "XFJ", 5),
    ("anquan", "DCS", 4),
    ("shenji", "DCS", 5),
];

/// Roles of `permissions.toml` that the staff of a unit holds, by place in the unit.
pub(super) fn staff_role(unit: &str, place: usize) -> &'static str {
    match (unit, place) {
        ("XFJ", 5) => "system_officer",
        ("DCS", 4) => "security_officer",
        ("DCS", 5) => "audit_officer",
        ("XFJ", _) => "petition_officer",
        ("DCS", _) => "supervision",
        ("RSJ", 3) => "personnel",
        ("CZJ", 3) => "finance",
        _ => "handler",
    }
}
