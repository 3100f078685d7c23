//! The ledger as an Excel file: the same filter, the same scope, read page by page and written row by row.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError};

use super::filter::{Filter, Row, page};
use super::ledger::as_of;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Page, Query, Refusal, Rooms};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions/export.xlsx", Access::May("petitions.export"), export)
}

/// A file of more rows is no longer looked through by anybody; the last row says that it was cut.
const MOST: usize = 20_000;

/// Rows of one look-up.
const PAGE: usize = 1_000;

/// Headings and widths in characters.
const COLUMNS: [(&str, u16); 13] = [
    ("编号", 22),
    ("登记日期", 12),
    ("事项", 42),
    ("类别", 10),
    ("主题", 10),
    ("信访人", 12),
    ("人数", 6),
    ("乡镇", 12),
    ("地点", 16),
    ("责任单位", 22),
    ("状态", 10),
    ("期限", 12),
    ("包案期限", 12),
];

async fn export(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let mut filter = Filter { after: String::new(), past: String::new(), ..filter };
    let mut workbook = Workbook::new();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(anyhow::Error::from)?;
    head(sheet, &as_of(&app)).map_err(anyhow::Error::from)?;
    let mut written = 0_usize;
    loop {
        let mut read = app.db.read().await?;
        let (rows, next) = page(&mut read, &app, &viewer, &filter, PAGE.min(MOST - written)).await?;
        drop(read);
        for row in &rows {
            line(sheet, FIRST + u32::try_from(written)?, row, &day).map_err(anyhow::Error::from)?;
            written += 1;
        }
        match next {
            Some(after) if written < MOST => filter.after = after,
            Some(_) => {
                let cut = format!("只导出前 {MOST} 条，请缩小条件分次导出");
                sheet.write_string(FIRST + u32::try_from(written)?, 0, cut).map_err(anyhow::Error::from)?;
                break;
            }
            None => break,
        }
    }
    // What leaves the house leaves a record, before it leaves.
    let mut write = app.db.write().await?;
    // The record stays for ever, so not what was searched for: it may be a name or a phone number.
    let searched = !filter.q.trim().is_empty();
    let tab = filter.tab();
    let filter = Filter { q: String::new(), ..filter }.address(tab, None);
    let taken = serde_json::json!({ "filter": filter, "searched": searched, "rows": written });
    let subject = Subject("official", viewer.official);
    chain::record(&mut write, &app, viewer.actor(), "petitions.exported", subject, &taken).await?;
    write.commit().await?;
    let bytes = tokio::task::spawn_blocking(move || workbook.save_to_buffer())
        .await
        .map_err(anyhow::Error::from)?
        .map_err(anyhow::Error::from)?;
    let name = format!("attachment; filename=\"petitions-{}.xlsx\"", app.today());
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok::<_, Refusal>((headers, bytes).into_response())
}

/// The row of the first petition: below title and headings.
const FIRST: u32 = 2;

fn head(sheet: &mut Worksheet, as_of: &str) -> Result<(), XlsxError> {
    sheet.set_name("信访台账")?;
    let bold = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    sheet.set_freeze_panes(FIRST, 1)?;
    sheet.set_repeat_rows(FIRST - 1, FIRST - 1)?;
    sheet.set_landscape();
    sheet.set_paper_size(9);
    for (column, (_, width)) in (0_u16..).zip(COLUMNS) {
        sheet.set_column_width(column, width)?;
    }
    sheet.write_string(0, 0, format!("信访台账（截至 {as_of}）"))?;
    for (column, (heading, _)) in (0_u16..).zip(COLUMNS) {
        sheet.write_string_with_format(FIRST - 1, column, heading, &bold)?;
    }
    Ok(())
}

fn line(sheet: &mut Worksheet, at: u32, row: &Row, day: &Format) -> Result<(), XlsxError> {
    let texts = [
        (0, row.number.as_str()),
        (2, row.title.as_str()),
        (3, row.category()),
        (4, row.theme()),
        (5, if row.lead.is_empty() { "匿名" } else { row.lead.as_str() }),
        (7, row.township.as_str()),
        (8, row.place.as_str()),
        (9, row.unit.as_str()),
        (10, row.state()),
    ];
    let registered = row.registered_on.parse().ok();
    // Constant memory writes a row's cells in any order, but rows in theirs.
    for (column, text) in texts {
        sheet.write_string(at, column, text)?;
    }
    sheet.write_number(at, 6, u32::try_from(row.people).unwrap_or(u32::MAX))?;
    for (column, date) in [(1, registered), (11, row.due()), (12, row.bound.parse().ok())] {
        if let Some(date) = date {
            sheet.write_datetime_with_format(at, column, excel(date)?, day)?;
        }
    }
    Ok(())
}

fn excel(date: Date) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(
        u16::try_from(date.year()).unwrap_or(1900),
        u8::try_from(date.month()).unwrap_or(1),
        u8::try_from(date.day()).unwrap_or(1),
    )
}
