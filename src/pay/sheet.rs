//! 绩酬发放表: an approved run as a spreadsheet with typed cells, one row a person, totals by unit and of all, and the sums in
//! capitals. The same run gives the same bytes on any day.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use jiff::civil::Date;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use serde_json::json;

use super::corrections::Correction;
use super::kept::Share;
use super::payroll::{self, PayRow, Sums, sums};
use super::rewarding::Paid;
use super::runs::{self, Run};
use super::words::month_words;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::forms::url_encode;
use crate::web::{Access, App, Page, Path, Refusal, Rooms};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/pay/runs/{id}/sheet.xlsx", Access::May("pay.export"), export)
}

async fn export(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let run = runs::find(&mut read, &viewer, id).await?;
    let shares = run.shares(&mut read).await?;
    let corrections = run.corrections(&mut read).await?;
    let paid = run.paid(&mut read, &shares, &corrections).await?;
    drop(read);
    // What two have not signed does not exist as a sheet, nor what no document allows any more.
    let standing = run.standing(&app, &shares, &[]);
    let Some(approved_on) = run.approved_on().filter(|_| standing.authorised) else { return Err(Refusal::NotFound) };
    let bytes = sheet(&run, approved_on, &shares, &corrections, &paid)?;
    let mut write = app.db.write().await?;
    let content = json!({ "file": "sheet", "people": paid.len() });
    chain::record(&mut write, &app, viewer.actor(), "pay_run.exported", Subject("pay_run", id), &content).await?;
    write.commit().await?;
    let name = url_encode(&format!("绩酬发放表-{}-{}.xlsx", run.unit_name, run.month));
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"pay.xlsx\"; filename*=UTF-8''{name}")),
    ];
    Ok((headers, bytes).into_response())
}

/// A cell's number: spreadsheets know no other than these, and two decimals of any pay come through exactly.
#[expect(clippy::disallowed_types, clippy::cast_precision_loss, reason = "the format of the file has no integers")]
pub(super) fn hundredths(number: i64) -> f64 {
    number as f64 / 100.0
}

/// The columns with their widths: a Chinese character takes two.
const COLUMNS: [(&str, u8); 13] = [
    ("序号", 6),
    ("单位", 24),
    ("类别", 18),
    ("编号", 12),
    ("姓名", 12),
    ("扣入", 12),
    ("得分", 9),
    ("应发", 12),
    ("奖励", 11),
    ("惩处", 11),
    ("更正", 11),
    ("实发", 13),
    ("签字", 12),
];
const LAST: u16 = 12;
/// The row of the heads of columns.
const HEAD: u32 = 2;

struct Faces {
    title: Format,
    head: Format,
    cell: Format,
    money: Format,
    total: Format,
}

impl Faces {
    fn new() -> Self {
        let cell = Format::new().set_border(FormatBorder::Thin);
        Self {
            title: Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center),
            head: cell.clone().set_bold().set_align(FormatAlign::Center),
            money: cell.clone().set_num_format("#,##0.00;[Red]-#,##0.00"),
            total: cell.clone().set_bold().set_num_format("#,##0.00;[Red]-#,##0.00"),
            cell,
        }
    }
}

fn sheet(
    run: &Run,
    approved_on: Date,
    shares: &[Share],
    corrections: &[Correction],
    paid: &BTreeMap<i64, Paid>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The day of the second key, not the one of the export: the file says nothing else of when it was made.
    let made = ExcelDateTime::from_ymd(
        approved_on.year().unsigned_abs(),
        approved_on.month().unsigned_abs(),
        approved_on.day().unsigned_abs(),
    )?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let page = book.add_worksheet();
    page.set_name("绩酬发放表")?;
    page.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(HEAD, HEAD)?;
    page.set_freeze_panes(HEAD + 1, 5)?;
    let faces = Faces::new();
    page.merge_range(0, 0, 0, LAST, &format!("{} {}绩酬发放表", run.unit_name, month_words(run.month)), &faces.title)?;
    let document = run.document.as_ref().map(|document| format!("{}《{}》", document.number, document.title));
    page.write(1, 0, format!("依据：{}　金额单位：元", document.unwrap_or_default()))?;
    for (column, (text, width)) in (0..).zip(COLUMNS) {
        page.set_column_width(column, width)?;
        page.write_with_format(HEAD, column, text, &faces.head)?;
    }
    let units = payroll::rows(run, shares, corrections, paid);
    let mut row = HEAD + 1;
    let mut serial = 0_u32;
    for unit in &units {
        for person in unit {
            serial += 1;
            write_person(page, &faces, row, serial, person)?;
            row += 1;
        }
        if units.len() > 1 {
            write_sums(page, &faces, row, &format!("小计：{}", unit[0].unit), sums(unit))?;
            row += 1;
        }
    }
    let whole = sums(units.iter().flatten());
    write_sums(page, &faces, row, &format!("合计：{} 人", whole.people), whole)?;
    page.write(row + 1, 0, format!("应发合计（大写）：{}", policy::money::capitals(whole.share)))?;
    page.write(row + 2, 0, format!("实发合计（大写）：{}", policy::money::capitals(whole.to_pay)))?;
    row += 3;
    let forfeited = whole.stake - whole.share;
    if forfeited > 0 {
        page.write(row, 0, format!("收回（大写）：{}，记入单位收回账", policy::money::capitals(forfeited)))?;
        row += 1;
    }
    row = write_notes(page, &faces, row, corrections, paid)?;
    let signed: Vec<String> =
        run.approvals.iter().map(|approval| format!("{} {}", approval.name, approval.approved_on)).collect();
    let checked = run.check.as_ref().map(|check| format!("　核对：{}", check.name)).unwrap_or_default();
    let (settled, submitted) = (&run.settled_by_name, &run.submitted_by_name);
    page.write(row + 1, 0, format!("结算：{settled}{checked}　提交：{submitted}　核准：{}", signed.join("；")))?;
    book.save_to_buffer()
}

fn write_person(page: &mut Worksheet, faces: &Faces, row: u32, serial: u32, person: &PayRow) -> Result<(), XlsxError> {
    page.write_with_format(row, 0, serial, &faces.cell)?;
    page.write_with_format(row, 1, person.unit.as_str(), &faces.cell)?;
    page.write_with_format(row, 2, person.classes.join("、"), &faces.cell)?;
    page.write_with_format(row, 3, person.number.as_str(), &faces.cell)?;
    page.write_with_format(row, 4, person.name.as_str(), &faces.cell)?;
    page.write_with_format(row, 5, hundredths(person.stake), &faces.money)?;
    match person.scores.as_slice() {
        [Some(bp)] => page.write_with_format(row, 6, hundredths(i64::from(*bp)), &faces.money)?,
        scores => {
            let words: Vec<String> =
                scores.iter().map(|bp| bp.map_or("不计分".to_owned(), super::words::score)).collect();
            page.write_with_format(row, 6, words.join("、"), &faces.cell)?
        }
    };
    let amounts = [person.share, person.rewards, person.penalties, person.corrections, person.to_pay];
    for (column, fen) in (7..).zip(amounts) {
        page.write_with_format(row, column, hundredths(fen), &faces.money)?;
    }
    page.write_with_format(row, LAST, "", &faces.cell)?;
    Ok(())
}

fn write_sums(page: &mut Worksheet, faces: &Faces, row: u32, name: &str, sums: Sums) -> Result<(), XlsxError> {
    page.merge_range(row, 0, row, 4, name, &faces.head)?;
    page.write_with_format(row, 5, hundredths(sums.stake), &faces.total)?;
    page.write_with_format(row, 6, "", &faces.cell)?;
    let amounts = [sums.share, sums.rewards, sums.penalties, sums.corrections, sums.to_pay];
    for (column, fen) in (7..).zip(amounts) {
        page.write_with_format(row, column, hundredths(fen), &faces.total)?;
    }
    page.write_with_format(row, LAST, "", &faces.cell)?;
    Ok(())
}

/// What stands behind the columns of rewards, penalties and corrections; gives the next free row.
fn write_notes(
    page: &mut Worksheet,
    faces: &Faces,
    mut row: u32,
    corrections: &[Correction],
    paid: &BTreeMap<i64, Paid>,
) -> Result<u32, XlsxError> {
    let mut note = |row: u32, name: &str, fen: i64, text: &str| -> Result<(), XlsxError> {
        page.write_with_format(row, 0, "", &faces.cell)?;
        page.write_with_format(row, 1, name, &faces.cell)?;
        page.write_with_format(row, 2, hundredths(fen), &faces.money)?;
        page.merge_range(row, 3, row, LAST, text, &faces.cell)?;
        Ok(())
    };
    for taken in paid.values().flat_map(|of| &of.rewards) {
        let of = &taken.of;
        let left = taken.left().map(|left| format!("；未扣足 {left}")).unwrap_or_default();
        let text = format!(
            "{}：{}（{}；{} {} 决定，{} {} 签署{left}）",
            of.kind(),
            of.reason,
            of.document,
            of.decider,
            of.decided_on,
            of.signer,
            of.signed_on
        );
        note(row, &of.official_name, taken.fen, &text)?;
        row += 1;
    }
    for one in corrections {
        note(row, &one.name, one.fen, &format!("更正 {}：{}", one.mended(), one.reason))?;
        row += 1;
    }
    Ok(row)
}
