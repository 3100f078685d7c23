//! The cancellation rates as an Excel file.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::rates::name;
use crate::plans::rates::{By, Counts, Line};

/// What the columns of figures are headed by.
const FIGURES: [&str; 12] =
    ["定稿", "撤销", "顺延", "应完成", "已销号", "按时", "迟", "没有销号", "销号率", "按时率", "追加", "追加已销号"];

/// How the rates are reckoned, as the page and the sheet say it.
pub(super) const MEANING: &str = "定稿＝经上级定稿编号的项，定稿后不再变。应完成＝定稿－撤销－顺延。销号率＝已销号且没有撤回的÷应完成；按时率＝完成日期不晚于期限的÷应完成；百分数用整数算，四舍五入到小数点后一位。追加的是定稿以后列入的，单列，不进前面各数。一项算在它所在预安的月份。";

fn row(page: &mut Worksheet, at: u32, names: [&str; 2], counts: &Counts) -> Result<(), XlsxError> {
    for (column, text) in (0_u16..).zip(names) {
        page.write_string(at, column, text)?;
    }
    let before = [
        counts.planned,
        counts.withdrawn,
        counts.deferred,
        counts.due(),
        counts.cancelled,
        counts.on_time,
        counts.late(),
        counts.open(),
    ];
    for (column, number) in (2_u16..).zip(before) {
        page.write_number(at, column, u32::try_from(number).unwrap_or_default())?;
    }
    let right = Format::new().set_align(FormatAlign::Right);
    page.write_string_with_format(at, 10, counts.rate().percent(), &right)?;
    page.write_string_with_format(at, 11, counts.on_time_rate().percent(), &right)?;
    for (column, number) in (12_u16..).zip([counts.added, counts.added_cancelled]) {
        page.write_number(at, column, u32::try_from(number).unwrap_or_default())?;
    }
    Ok(())
}

/// Writes the rows, the sum of them, and how they are reckoned.
pub(super) fn write(by: By, lines: &[Line], total: &Counts, heading: &str) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.set_name("销号率")?;
    let bold = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    page.set_column_width(0, 24)?;
    page.set_column_width(1, 24)?;
    page.write_string_with_format(0, 0, by.label(), &bold)?;
    page.write_string_with_format(0, 1, if matches!(by, By::Post | By::Person) { "单位" } else { "" }, &bold)?;
    for (column, text) in (2_u16..).zip(FIGURES) {
        page.write_string_with_format(0, column, text, &bold)?;
    }
    page.set_freeze_panes(1, 1)?;
    page.set_repeat_rows(0, 0)?;
    page.set_header(format!("&L{heading}&R第 &P 页，共 &N 页"));
    page.set_landscape();
    page.set_paper_size(9);
    let mut at = 1;
    for line in lines {
        row(page, at, [&name(by, line), &line.beside], &line.counts)?;
        at += 1;
    }
    row(page, at, ["合计", ""], total)?;
    page.write_string(at + 2, 0, heading)?;
    page.write_string(at + 3, 0, MEANING)?;
    book.save_to_buffer()
}
