//! The ledger as an Excel file: the same filter, the same scope, the columns that were chosen. Rows are read page by
//! page while a thread beside writes them to a file without a name, which then goes out as it lies: however many rows
//! there are, few are in memory.

use std::fs::File;
use std::io::Seek;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use jiff::civil::{Date, DateTime};
use rust_xlsxwriter::{ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError};
use tokio::sync::mpsc::{Receiver, channel};
use tokio_util::io::ReaderStream;

use super::columns::{Cell, Column, chosen};
use super::filter::{Filter, page};
use super::full::{self, Full};
use super::ledger::as_of;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Page, Query, Refusal, Rooms};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions/export.xlsx", Access::May("petitions.export"), export)
}

/// A sheet of Excel has 1,048,576 rows; the last row says that it was cut.
const MOST: usize = 1_000_000;

/// Pages that may wait for the writer.
const WAITING: usize = 2;

/// The row of the first petition: below the headings.
const FIRST: u32 = 1;

async fn export(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let columns = chosen(&filter.columns);
    let mut filter = Filter { after: String::new(), past: String::new(), ..filter };
    let (pages, waiting) = channel::<Vec<Full>>(WAITING);
    let (asked, as_of) = (columns.clone(), as_of(&app));
    let writer = tokio::task::spawn_blocking(move || write(&asked, &as_of, waiting));
    let mut read_so_far = 0_usize;
    loop {
        let mut read = app.db.read().await?;
        let (rows, next) = page(&mut read, &app, &viewer, &filter, full::PAGE.min(MOST - read_so_far), None).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let full = full::of(&mut read, &app, &viewer, &ids).await?;
        drop(read);
        read_so_far += rows.len();
        // A writer that has gone says why when it is asked for its file.
        if pages.send(full).await.is_err() {
            break;
        }
        match next {
            Some(after) if read_so_far < MOST => filter.after = after,
            _ => break,
        }
    }
    drop(pages);
    let (file, rows) = writer.await?.map_err(anyhow::Error::from)?;
    // What leaves the house leaves a record, before it leaves.
    let mut write = app.db.write().await?;
    // The record stays for ever, so not what was searched for: it may be a name or a phone number.
    let searched = !filter.q.trim().is_empty();
    let filter = filter.without_words();
    let columns: Vec<&str> = columns.into_iter().map(Column::word).collect();
    let taken = serde_json::json!({ "columns": columns, "filter": filter, "rows": rows, "searched": searched });
    let subject = Subject("official", viewer.official);
    chain::record(&mut write, &app, viewer.actor(), "petitions.exported", subject, &taken).await?;
    write.commit().await?;
    let length = file.metadata()?.len();
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"petitions-{}.xlsx\"", app.today())),
        (header::CONTENT_LENGTH, length.to_string()),
    ];
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    Ok::<_, Refusal>((headers, body).into_response())
}

/// Writes pages as they come, to a file that nobody can find and that is gone when it is closed; and how many rows.
fn write(columns: &[Column], as_of: &str, mut pages: Receiver<Vec<Full>>) -> Result<(File, u32), XlsxError> {
    let mut workbook = Workbook::new();
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    let formats = Formats {
        day: Format::new().set_num_format("yyyy-mm-dd"),
        minute: Format::new().set_num_format("yyyy-mm-dd hh:mm"),
    };
    head(&mut sheet, columns, as_of)?;
    let mut at = FIRST;
    while let Some(page) = pages.blocking_recv() {
        for full in page {
            line(&mut sheet, at, columns, &full, &formats)?;
            at += 1;
        }
    }
    let last = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.autofilter(FIRST - 1, 0, at.saturating_sub(1), last)?;
    if (at - FIRST) as usize >= MOST {
        sheet.write_string(at, 0, format!("只导出前 {MOST} 条，请缩小条件分次导出"))?;
    }
    workbook.push_worksheet(sheet);
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&mut file)?;
    file.rewind()?;
    Ok((file, at - FIRST))
}

struct Formats {
    day: Format,
    minute: Format,
}

fn head(sheet: &mut Worksheet, columns: &[Column], as_of: &str) -> Result<(), XlsxError> {
    sheet.set_name("信访台账")?;
    let bold = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    sheet.set_freeze_panes(FIRST, 1)?;
    sheet.set_repeat_rows(FIRST - 1, FIRST - 1)?;
    sheet.set_header(format!("&L信访台账（截至 {as_of}）&R第 &P 页，共 &N 页"));
    sheet.set_landscape();
    sheet.set_paper_size(9);
    for (at, column) in (0_u16..).zip(columns) {
        sheet.set_column_width(at, column.width())?;
        sheet.write_string_with_format(FIRST - 1, at, column.label(), &bold)?;
    }
    Ok(())
}

fn line(sheet: &mut Worksheet, row: u32, columns: &[Column], full: &Full, formats: &Formats) -> Result<(), XlsxError> {
    for (at, column) in (0_u16..).zip(columns) {
        let text = full.text(*column);
        match column.cell() {
            _ if text.is_empty() => {}
            Cell::Text => {
                sheet.write_string(row, at, text)?;
            }
            Cell::Count => {
                sheet.write_number(row, at, text.parse::<u32>().unwrap_or(u32::MAX))?;
            }
            Cell::Day => {
                if let Ok(day) = text.parse::<Date>() {
                    sheet.write_datetime_with_format(row, at, excel(day)?, &formats.day)?;
                }
            }
            Cell::Minute => {
                if let Ok(time) = text.parse::<DateTime>() {
                    let (hour, minute) = (time.hour().unsigned_abs(), time.minute().unsigned_abs());
                    let time = excel(time.date())?.and_hms(u16::from(hour), minute, 0)?;
                    sheet.write_datetime_with_format(row, at, time, &formats.minute)?;
                }
            }
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
