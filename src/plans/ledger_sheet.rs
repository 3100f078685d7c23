//! The ledger of plans as an Excel file.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatBorder, Workbook, XlsxError};

use super::items::Listed;
use super::rules::Condition;
use crate::sheet;

/// Heading and width.
const COLUMNS: [(&str, u16); 13] = [
    ("编号", 24),
    ("做到什么", 44),
    ("以什么为准", 36),
    ("单位", 20),
    ("责任人", 10),
    ("职务", 14),
    ("来源", 18),
    ("定稿或追加", 11),
    ("分值", 6),
    ("期限", 12),
    ("状态", 12),
    ("完成日期", 12),
    ("销号日期", 12),
];

fn excel(day: Date) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(day.year().unsigned_abs(), day.month().unsigned_abs(), day.day().unsigned_abs())
}

/// Writes the items, a row each.
pub(super) fn write(rows: &[Listed], period: &str, as_of: &str) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.set_name("销号台账")?;
    let bold = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    let day = Format::new().set_num_format("yyyy-mm-dd");
    page.set_freeze_panes(1, 1)?;
    page.set_repeat_rows(0, 0)?;
    page.set_header(format!("&L{period}销号台账（截至 {as_of}）&R第 &P 页，共 &N 页"));
    page.set_landscape();
    page.set_paper_size(9);
    for (at, (heading, width)) in (0_u16..).zip(COLUMNS) {
        page.set_column_width(at, width)?;
        page.write_string_with_format(0, at, heading, &bold)?;
    }
    for (line, listed) in (1_u32..).zip(rows) {
        let standard = if listed.veiled { String::new() } else { listed.told(&listed.standard) };
        let texts = [
            listed.title().to_owned(),
            listed.shown_goal(),
            standard,
            listed.unit_name.clone(),
            listed.owner_name.clone(),
            listed.post_title.clone(),
            listed.source(),
            (if listed.added { "追加" } else { "定稿" }).to_owned(),
        ];
        for (at, text) in (0_u16..).zip(&texts) {
            page.write_string(line, at, text)?;
        }
        page.write_number(line, 8, u32::try_from(listed.weight).unwrap_or_default())?;
        page.write_datetime_with_format(line, 9, excel(listed.item.due_on)?, &day)?;
        page.write_string(line, 10, listed.item.condition.label())?;
        if let Condition::Cancelled { done_on, on, .. } = listed.item.condition {
            page.write_datetime_with_format(line, 11, excel(done_on)?, &day)?;
            page.write_datetime_with_format(line, 12, excel(on)?, &day)?;
        }
    }
    let (last, columns) = (u32::try_from(rows.len()).unwrap_or(u32::MAX), u16::try_from(COLUMNS.len()).unwrap_or(1));
    page.autofilter(0, 0, last, columns - 1)?;
    book.save_to_buffer()
}

/// A workbook as an answer to a request.
pub fn answer(file: Vec<u8>, name: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, sheet::Format::Xlsx.content_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, file).into_response()
}
