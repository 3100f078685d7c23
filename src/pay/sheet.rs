//! 绩酬发放表: an approved run as a spreadsheet with typed cells, totals, and the sum in capitals.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, XlsxError};
use serde_json::json;

use super::corrections::Correction;
use super::kept::Share;
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
    drop(read);
    // What two have not signed does not exist as a sheet, nor what no document allows any more.
    let standing = run.standing(&shares, &[]);
    if !standing.approved() || !standing.authorised {
        return Err(Refusal::NotFound);
    }
    let bytes = sheet(&run, &shares, &corrections)?;
    let mut write = app.db.write().await?;
    let content = json!({ "shares": shares.len() });
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

const HEADS: [&str; 11] = ["序号", "编号", "姓名", "类别", "预安", "销号", "得分", "扣入", "应发", "奖惩", "签字"];

fn sheet(run: &Run, shares: &[Share], corrections: &[Correction]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.set_name("绩酬发放表")?;
    page.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(2, 2)?;
    for (column, width) in (0..).zip([6, 12, 12, 20, 7, 7, 10, 13, 13, 13, 12]) {
        page.set_column_width(column, width)?;
    }
    let title = Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center);
    let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_align(FormatAlign::Center);
    let cell = Format::new().set_border(FormatBorder::Thin);
    let money = Format::new().set_border(FormatBorder::Thin).set_num_format("#,##0.00;[Red]-#,##0.00");
    let total = Format::new().set_border(FormatBorder::Thin).set_bold().set_num_format("#,##0.00");

    let heading = format!("{} {}绩酬发放表", run.unit_name, month_words(run.month));
    page.merge_range(0, 0, 0, 10, &heading, &title)?;
    let document = run.document.as_ref().map(|document| format!("{}《{}》", document.number, document.title));
    page.write(1, 0, format!("依据：{}　金额单位：元", document.unwrap_or_default()))?;
    for (column, text) in (0..).zip(HEADS) {
        page.write_with_format(2, column, text, &head)?;
    }
    let mut row = 3;
    let cut_off = run.policy.cut_off;
    for (serial, share) in (1_u32..).zip(shares) {
        let paid = share.share_fen.unwrap_or(0);
        let counting = share.kept.items.iter().filter(|item| item.counts());
        let planned = u32::try_from(counting.clone().count()).unwrap_or(u32::MAX);
        let cancelled = counting.filter(|item| item.is_cancelled(cut_off)).count();
        page.write_with_format(row, 0, serial, &cell)?;
        page.write_with_format(row, 1, share.kept.number.as_str(), &cell)?;
        page.write_with_format(row, 2, share.name.as_str(), &cell)?;
        page.write_with_format(row, 3, share.class.as_str(), &cell)?;
        page.write_with_format(row, 4, planned, &cell)?;
        page.write_with_format(row, 5, u32::try_from(cancelled).unwrap_or(u32::MAX), &cell)?;
        match share.score_bp {
            Some(bp) => page.write_with_format(row, 6, hundredths(i64::from(bp)), &money)?,
            None => page.write_with_format(row, 6, "不计分", &cell)?,
        };
        page.write_with_format(row, 7, hundredths(share.stake_fen), &money)?;
        page.write_with_format(row, 8, hundredths(paid), &money)?;
        page.write_with_format(row, 9, hundredths(paid - share.stake_fen), &money)?;
        page.write_with_format(row, 10, "", &cell)?;
        row += 1;
    }
    let staked: i64 = shares.iter().map(|share| share.stake_fen).sum();
    let paid: i64 = shares.iter().filter_map(|share| share.share_fen).sum();
    page.merge_range(row, 0, row, 6, "合计", &head)?;
    page.write_with_format(row, 7, hundredths(staked), &total)?;
    page.write_with_format(row, 8, hundredths(paid), &total)?;
    page.write_with_format(row, 9, hundredths(paid - staked), &total)?;
    page.write_with_format(row, 10, "", &cell)?;
    page.write(row + 1, 0, format!("应发合计（大写）：{}", policy::money::capitals(paid)))?;
    if staked > paid {
        page.write(row + 2, 0, format!("收回（大写）：{}，记入单位收回账", policy::money::capitals(staked - paid)))?;
    }
    if !corrections.is_empty() {
        row += 3;
        page.merge_range(row, 0, row, 10, "更正（随本月发放）", &head)?;
        for one in corrections {
            row += 1;
            page.write_with_format(row, 0, "", &cell)?;
            page.write_with_format(row, 1, one.number.as_str(), &cell)?;
            page.write_with_format(row, 2, one.name.as_str(), &cell)?;
            let text = format!("更正 {}：{}", one.mended(), one.reason);
            page.merge_range(row, 3, row, 7, &text, &cell)?;
            page.write_with_format(row, 8, hundredths(one.fen), &money)?;
            page.write_with_format(row, 9, "", &cell)?;
            page.write_with_format(row, 10, "", &cell)?;
        }
        row += 1;
        let corrected: i64 = corrections.iter().map(|one| one.fen).sum();
        page.merge_range(row, 0, row, 7, "实发合计（含更正）", &head)?;
        page.write_with_format(row, 8, hundredths(paid + corrected), &total)?;
        page.write(row + 1, 0, format!("实发合计（大写）：{}", policy::money::capitals(paid + corrected)))?;
    }
    let signed: Vec<String> =
        run.approvals.iter().map(|approval| format!("{} {}", approval.name, approval.approved_on)).collect();
    page.write(
        row + 3,
        0,
        format!("结算：{}　提交：{}　核准：{}", run.settled_by_name, run.submitted_by_name, signed.join("；")),
    )?;
    book.save_to_buffer()
}
