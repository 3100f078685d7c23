//! 绩酬试算表: the two sides with typed cells, groups on one sheet and people on the other.

use rust_xlsxwriter::{Format, FormatBorder, Workbook, Worksheet, XlsxError};

use super::pages::{Outcome, scores};
use super::rules::{Group, Side};
use crate::pay::sheet::hundredths;
use crate::pay::words::month_words;

const GROUP_HEADS: [&str; 14] = [
    "单位",
    "类别",
    "原状态",
    "原人数",
    "原退回",
    "原绩酬池",
    "原实发",
    "原差额",
    "试算状态",
    "试算人数",
    "试算退回",
    "试算绩酬池",
    "试算实发",
    "试算差额",
];
const PEOPLE_HEADS: [&str; 15] = [
    "单位",
    "编号",
    "姓名",
    "原类别",
    "原得分",
    "原扣入",
    "原应发",
    "原奖惩",
    "试算类别",
    "试算得分",
    "试算扣入",
    "试算应发",
    "试算奖惩",
    "奖惩变化",
    "变好变差",
];

/// The cells of a sheet.
struct Cells {
    head: Format,
    plain: Format,
    money: Format,
}

impl Cells {
    fn new() -> Self {
        let border = || Format::new().set_border(FormatBorder::Thin);
        Self { head: border().set_bold(), plain: border(), money: border().set_num_format("#,##0.00;[Red]-#,##0.00") }
    }

    /// A heading of four lines: what this is, and which values differ.
    fn head(&self, page: &mut Worksheet, outcome: &Outcome, heads: &[&str]) -> Result<u32, XlsxError> {
        page.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        let title = format!("{} 绩酬试算（只作比较，不是结算，不能据以发放）", month_words(outcome.month));
        page.write(0, 0, title)?;
        let mut row = 1;
        for (what, before, after) in &outcome.changes {
            page.write(row, 0, format!("{what}：{before} → {after}"))?;
            row += 1;
        }
        for (unit, why) in &outcome.failed {
            page.write(row, 0, format!("没有算出：{unit}：{why}"))?;
            row += 1;
        }
        page.set_repeat_rows(row, row)?;
        for (column, text) in (0..).zip(heads) {
            page.write_with_format(row, column, *text, &self.head)?;
        }
        Ok(row + 1)
    }

    fn text(&self, page: &mut Worksheet, row: u32, column: u16, text: &str) -> Result<(), XlsxError> {
        page.write_with_format(row, column, text, &self.plain).map(|_| ())
    }

    fn count(&self, page: &mut Worksheet, row: u32, column: u16, count: usize) -> Result<(), XlsxError> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        page.write_with_format(row, column, count, &self.plain).map(|_| ())
    }

    fn fen(&self, page: &mut Worksheet, row: u32, column: u16, fen: Option<i64>) -> Result<(), XlsxError> {
        match fen {
            Some(fen) => page.write_with_format(row, column, hundredths(fen), &self.money).map(|_| ()),
            None => self.text(page, row, column, "待定"),
        }
    }

    fn group(&self, page: &mut Worksheet, row: u32, column: u16, group: Option<&Group>) -> Result<(), XlsxError> {
        let Some(group) = group else {
            return (0..6).try_for_each(|at| self.text(page, row, column + at, "—"));
        };
        self.text(page, row, column, group.state_words())?;
        self.count(page, row, column + 1, group.members)?;
        self.count(page, row, column + 2, group.returned)?;
        self.fen(page, row, column + 3, Some(group.pool_fen))?;
        self.fen(page, row, column + 4, group.paid_fen)?;
        self.fen(page, row, column + 5, group.spread_fen)
    }

    fn side(&self, page: &mut Worksheet, row: u32, column: u16, side: Option<&Side>) -> Result<(), XlsxError> {
        let Some(side) = side else {
            return (0..5).try_for_each(|at| self.text(page, row, column + at, "—"));
        };
        self.text(page, row, column, &side.classes.join("、"))?;
        self.text(page, row, column + 1, &scores(side))?;
        self.fen(page, row, column + 2, Some(side.stake_fen))?;
        self.fen(page, row, column + 3, side.share_fen)?;
        self.fen(page, row, column + 4, side.delta_fen())
    }
}

/// The spreadsheet of what came out.
pub(super) fn sheet(outcome: &Outcome) -> Result<Vec<u8>, XlsxError> {
    let cells = Cells::new();
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.set_name("各组")?;
    page.set_column_width(0, 20)?.set_column_width(1, 20)?;
    let mut row = cells.head(page, outcome, &GROUP_HEADS)?;
    for unit in &outcome.units {
        for pair in &unit.found.groups {
            cells.text(page, row, 0, &unit.name)?;
            cells.text(page, row, 1, &pair.class)?;
            cells.group(page, row, 2, pair.before.as_ref())?;
            cells.group(page, row, 8, pair.after.as_ref())?;
            row += 1;
        }
    }
    let page = book.add_worksheet();
    page.set_name("各人")?;
    page.set_column_width(0, 20)?.set_column_width(3, 18)?.set_column_width(8, 18)?;
    let mut row = cells.head(page, outcome, &PEOPLE_HEADS)?;
    for unit in &outcome.units {
        for person in &unit.found.people {
            cells.text(page, row, 0, &unit.name)?;
            cells.text(page, row, 1, &person.number)?;
            cells.text(page, row, 2, &person.name)?;
            cells.side(page, row, 3, person.before.as_ref())?;
            cells.side(page, row, 8, person.after.as_ref())?;
            cells.fen(page, row, 13, person.change_fen())?;
            cells.text(page, row, 14, person.effect().word())?;
            row += 1;
        }
    }
    book.save_to_buffer()
}
