//! What can be imported, and the columns of each kind. Pure.

use crate::sheet::Sheet;
use crate::words::words;

words! {
    /// A kind of record that a spreadsheet may bring.
    Kind {
        /// Townships and villages, 6, 9 or 12 digits.
        Divisions = "divisions", "区划（县、乡镇、村）";
        /// Villager groups, 14 digits.
        Groups = "groups", "村民小组";
        /// Units.
        Units = "units", "单位";
        /// Posts.
        Posts = "posts", "职务";
        /// Officials with the post that they hold.
        Officials = "officials", "干部及任职";
        /// Which village an official is assigned to.
        Assignments = "assignments", "办点";
        /// The monthly allowance of an official.
        Allowances = "allowances", "津补贴";
        /// Households.
        Households = "households", "户册";
        /// The county's own dated values.
        Values = "values", "本县规定值";
        /// 履职事项清单 of a kind of unit.
        Responsibilities = "responsibilities", "履职事项清单";
        /// The arrangement of a year's days of rest.
        WorkingDays = "working_days", "放假安排";
        /// Petitions with what was done about them.
        Petitions = "petitions", "信访事项";
    }
}

/// A column of a kind.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// Other headings that are understood.
    aliases: &'static [&'static str],
    /// Without it the file is refused.
    pub required: bool,
    /// A code, number or phone: ordinary width, no blanks.
    pub code: bool,
}

const fn text(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, aliases, required: true, code: false }
}
const fn code(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, aliases, required: true, code: true }
}
#[expect(clippy::needless_pass_by_value, reason = "a list of columns reads as one expression")]
const fn optional(column: Column) -> Column {
    Column { required: false, ..column }
}

/// The first day on which a place, unit or household is there no more.
const RETIRED: Column = Column { name: "止用日期", aliases: &["valid_to"], required: false, code: true };

const DIVISIONS: &[Column] = &[
    code("代码", &["区划代码", "code"]),
    text("名称", &["区划名称", "name"]),
    optional(code("上级代码", &["parent"])),
    RETIRED,
];
const GROUPS: &[Column] = &[code("代码", &["小组代码", "code"]), text("名称", &["小组名称", "name"]), RETIRED];
const UNITS: &[Column] = &[
    code("单位代码", &["代码", "code"]),
    text("单位名称", &["名称", "name"]),
    text("类别", &["单位类别", "kind"]),
    code("区划代码", &["division"]),
    optional(code("上级单位代码", &["superior"])),
    RETIRED,
];
const POSTS: &[Column] = &[
    code("职务代码", &["代码", "code"]),
    code("单位代码", &["unit"]),
    text("职务", &["职务名称", "title"]),
    optional(text("绩酬职务", &["listed_as"])),
    optional(code("上级职务代码", &["superior"])),
];
const OFFICIALS: &[Column] = &[
    code("干部编号", &["编号", "number"]),
    text("姓名", &["name"]),
    code("职务代码", &["post"]),
    optional(code("任职日期", &["held_from"])),
    optional(code("账号", &["login"])),
    optional(code("离任日期", &["held_to"])),
];
const ASSIGNMENTS: &[Column] = &[
    code("干部编号", &["编号", "number"]),
    code("村代码", &["区划代码", "village"]),
    optional(code("起始日期", &["held_from"])),
    optional(code("结束日期", &["held_to"])),
];
const ALLOWANCES: &[Column] = &[
    code("干部编号", &["编号", "number"]),
    code("生效日期", &["holds_from"]),
    code("津补贴", &["津补贴（元）", "津补贴(元)", "yuan"]),
    optional(text("姓名", &["name"])),
];
const VALUES: &[Column] = &[
    code("名称", &["键", "key"]),
    code("生效日期", &["holds_from"]),
    text("值", &["value"]),
    text("出处", &["文件", "source"]),
];
const RESPONSIBILITIES: &[Column] = &[
    code("编号", &["序号", "事项编号", "code"]),
    text("单位类别", &["类别", "kind"]),
    text("事项", &["履职事项", "事项名称", "name"]),
    text("清单", &["清单类别", "part"]),
    code("起用日期", &["施行日期", "holds_from"]),
    optional(code("止用日期", &["holds_to"])),
    text("出处", &["文件", "source"]),
];
const WORKING_DAYS: &[Column] = &[
    code("日期", &["date"]),
    text("休或班", &["类别", "kind"]),
    text("节日", &["holiday"]),
    text("出处", &["文件", "source"]),
];
const HOUSEHOLDS: &[Column] = &[
    code("户号", &["number"]),
    text("户主", &["户主姓名", "head"]),
    code("区划代码", &["小组代码", "division"]),
    code("人口", &["人数", "people"]),
    optional(code("电话", &["手机", "手机号", "phone"])),
    RETIRED,
];

/// As the ledger exports them (`petitions::columns`); a place is a code or a name.
const PETITIONS: &[Column] = &[
    optional(text("编号", &["number"])),
    optional(text("国家编号", &["国家信访系统编号", "国家信访信息系统编号", "信访件编号"])),
    text("信访方式", &["来访方式", "渠道", "信访形式"]),
    text("收到时间", &["登记日期", "登记时间", "收到日期", "来访时间"]),
    optional(text("信访人", &["姓名", "信访人姓名"])),
    optional(code("电话", &["手机", "手机号", "联系电话"])),
    optional(text("住址", &["地址"])),
    optional(text("其他代表", &["代表"])),
    optional(code("人数", &["涉及人数"])),
    optional(text("乡镇", &["乡镇街道"])),
    optional(text("地点", &["发生地", "问题属地"])),
    optional(code("区划代码", &["division"])),
    optional(text("具体位置", &["详细地址"])),
    optional(text("事项", &["标题", "概况"])),
    text("内容", &["信访内容", "主要诉求"]),
    optional(text("主题", &["内容分类"])),
    optional(text("类别", &["信访目的"])),
    optional(text("情形", &["第三十一条"])),
    optional(text("回避单位", &["被反映单位"])),
    optional(text("责任单位", &["办理单位", "主办单位"])),
    optional(text("交办日期", &["转办日期", "转送交办日期"])),
    optional(text("受理日期", &["受理时间"])),
    optional(text("告知日期", &["受理告知日期"])),
    optional(text("答复日期", &["出具意见日期"])),
    optional(text("答复结果", &["处理意见"])),
    optional(text("答复送达日期", &["送达日期"])),
    optional(text("送达方式", &["manner"])),
    optional(text("办结日期", &["办结时间"])),
    optional(text("办结结果", &["resolution"])),
    optional(text("转送机关", &["organ"])),
    optional(text("转送日期", &["forwarded"])),
];

impl Kind {
    /// Its columns, in the order of an export.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Divisions => DIVISIONS,
            Self::Groups => GROUPS,
            Self::Units => UNITS,
            Self::Posts => POSTS,
            Self::Officials => OFFICIALS,
            Self::Assignments => ASSIGNMENTS,
            Self::Allowances => ALLOWANCES,
            Self::Households => HOUSEHOLDS,
            Self::Values => VALUES,
            Self::Responsibilities => RESPONSIBILITIES,
            Self::WorkingDays => WORKING_DAYS,
            Self::Petitions => PETITIONS,
        }
    }

    /// Where each column of the kind stands in a sheet; an error names the columns that are missing.
    pub fn places(self, sheet: &Sheet) -> Result<Vec<Option<usize>>, String> {
        let columns = self.columns();
        let place = |column: &Column| {
            let named = |name: &&String| {
                let name = crate::web::forms::half_width(name).to_lowercase();
                name == column.name || column.aliases.contains(&name.as_str())
            };
            // The column's own name goes before another by which it is known.
            let own = sheet.columns.iter().position(|name| name == column.name);
            own.or_else(|| sheet.columns.iter().position(|name| named(&name)))
        };
        let places: Vec<Option<usize>> = columns.iter().map(place).collect();
        let missing: Vec<&str> = columns
            .iter()
            .zip(&places)
            .filter(|(column, place)| column.required && place.is_none())
            .map(|(column, _)| column.name)
            .collect();
        if missing.is_empty() { Ok(places) } else { Err(format!("缺少这些列：{}", missing.join("、"))) }
    }

    /// A row's cells in the order of the columns; an optional column that the sheet lacks is `None`.
    pub fn cells(self, places: &[Option<usize>], row: &[String]) -> Vec<Option<String>> {
        let cell = |(column, place): (&Column, &Option<usize>)| {
            let cell = row.get((*place)?)?;
            Some(if column.code { crate::sheet::code(cell) } else { cell.clone() })
        };
        self.columns().iter().zip(places).map(cell).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(text: &str) -> Sheet {
        crate::sheet::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn columns_stand_in_any_order_and_go_by_several_names() {
        let sheet = sheet("小组代码,备注,人数,户主姓名,户号\n４３０２２３１２５２０９０１,甲, ３ ,欧阳晖,００１２\n");
        let places = Kind::Households.places(&sheet).unwrap();
        let cells = Kind::Households.cells(&places, &sheet.rows[0].1);
        let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
        assert_eq!(cells, [Some("0012"), Some("欧阳晖"), Some("43022312520901"), Some("3"), None, None]);
    }

    #[test]
    fn petitions_come_in_by_the_columns_by_which_they_go_out() {
        let ours: Vec<&str> = Kind::Petitions.columns().iter().map(|column| column.name).collect();
        let theirs: Vec<&str> = crate::petitions::sheet_columns().collect();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn missing_columns_are_named() {
        let error = Kind::Units.places(&sheet("名称,代码\n甲,乙\n")).unwrap_err();
        assert_eq!(error, "缺少这些列：类别、区划代码");
    }
}
