//! The register as an Excel file: the same filter, the same scope, days as days and numbers as numbers.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError};

use super::register::{Filter, Line, lines};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Page, Query, Refusal, Rooms};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/reception-days/register.xlsx", Access::May("receptions.export"), export)
}

/// A file of more rows is no longer looked through by anybody; the last row says that it was cut.
const MOST: usize = 20_000;

/// Rows of one look-up.
const PAGE: usize = 1_000;

/// Headings and widths in characters.
const COLUMNS: [(&str, u16); 15] = [
    ("日期", 12),
    ("接访单位", 20),
    ("地点", 18),
    ("序号", 6),
    ("姓名", 10),
    ("性别", 6),
    ("年龄", 6),
    ("联系方式", 14),
    ("单位或住址", 24),
    ("人数", 6),
    ("反映事项", 42),
    ("接访领导及职务", 20),
    ("处理意见", 36),
    ("后续", 22),
    ("备注", 14),
];

/// The row of the first line: below title and headings.
const FIRST: u32 = 2;

async fn export(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let mut filter = Filter { before: String::new(), ..filter };
    let mut workbook = Workbook::new();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(anyhow::Error::from)?;
    head(sheet, &app.today().to_string()).map_err(anyhow::Error::from)?;
    let mut written = 0_usize;
    loop {
        let mut read = app.db.read().await?;
        let (lines, more) = lines(&mut read, &app, &viewer, &filter, PAGE.min(MOST - written)).await?;
        drop(read);
        for one in &lines {
            line(sheet, FIRST + u32::try_from(written)?, one, &day).map_err(anyhow::Error::from)?;
            written += 1;
        }
        match lines.last().filter(|_| more) {
            Some(last) if written < MOST => filter.before = last.id.to_string(),
            Some(_) => {
                let cut = format!("只导出前 {MOST} 条，请缩小条件分次导出");
                sheet.write_string(FIRST + u32::try_from(written)?, 0, cut).map_err(anyhow::Error::from)?;
                break;
            }
            None => break,
        }
    }
    // What leaves the house leaves a record, before it leaves; without what was searched for, which may be a name.
    let searched = !filter.q.trim().is_empty();
    let filter = Filter { q: String::new(), ..filter }.address();
    let taken = serde_json::json!({ "filter": filter, "searched": searched, "rows": written });
    let mut write = app.db.write().await?;
    let subject = Subject("official", viewer.official);
    chain::record(&mut write, &app, viewer.actor(), "receptions.exported", subject, &taken).await?;
    write.commit().await?;
    let bytes = tokio::task::spawn_blocking(move || workbook.save_to_buffer())
        .await
        .map_err(anyhow::Error::from)?
        .map_err(anyhow::Error::from)?;
    let name = format!("attachment; filename=\"receptions-{}.xlsx\"", app.today());
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok::<_, Refusal>((headers, bytes).into_response())
}

fn head(sheet: &mut Worksheet, as_of: &str) -> Result<(), XlsxError> {
    sheet.set_name("接访登记簿")?;
    let bold = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    sheet.set_freeze_panes(FIRST, 1)?;
    sheet.set_repeat_rows(FIRST - 1, FIRST - 1)?;
    sheet.set_landscape();
    sheet.set_paper_size(9);
    for (column, (_, width)) in (0_u16..).zip(COLUMNS) {
        sheet.set_column_width(column, width)?;
    }
    sheet.write_string(0, 0, format!("接访登记簿（截至 {as_of}）"))?;
    for (column, (heading, _)) in (0_u16..).zip(COLUMNS) {
        sheet.write_string_with_format(FIRST - 1, column, heading, &bold)?;
    }
    Ok(())
}

fn line(sheet: &mut Worksheet, at: u32, line: &Line, day: &Format) -> Result<(), XlsxError> {
    let receiver = format!("{} {}", line.leader_name, line.post);
    let opinion =
        if line.answer.is_empty() { line.result().to_owned() } else { format!("{}：{}", line.result(), line.answer) };
    let texts = [
        (1, line.unit.as_str()),
        (2, line.place.as_str()),
        (4, line.who()),
        (5, line.sex()),
        (7, line.contact.as_str()),
        (8, line.address.as_str()),
        (10, line.matter.as_str()),
        (11, receiver.trim_end()),
        (12, opinion.as_str()),
        (13, line.number.as_str()),
    ];
    // Constant memory writes a row's cells in any order, but rows in theirs.
    for (column, text) in texts {
        sheet.write_string(at, column, text)?;
    }
    sheet.write_string(at, 14, line.remarks())?;
    for (column, number) in [(3, Some(line.queue)), (6, line.age), (9, Some(line.people))] {
        if let Some(number) = number {
            sheet.write_number(at, column, u32::try_from(number).unwrap_or(u32::MAX))?;
        }
    }
    if let Ok(on) = line.held_on.parse::<Date>() {
        let date = ExcelDateTime::from_ymd(
            u16::try_from(on.year()).unwrap_or(1900),
            u8::try_from(on.month()).unwrap_or(1),
            u8::try_from(on.day()).unwrap_or(1),
        )?;
        sheet.write_datetime_with_format(at, 0, date, day)?;
    }
    Ok(())
}
