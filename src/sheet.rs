//! Spreadsheets in and out: CSV in the encodings that offices use, and Excel. Cells are text; a number keeps the
//! digits that it has, and codes lose their full width.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use jiff::civil::Date;
use rust_xlsxwriter::{Format as CellFormat, Workbook};

/// No register of ours has so many columns.
const MOST_COLUMNS: usize = 200;

/// Rows that one file may bring: more than the households of a large county.
const MOST_ROWS: usize = 400_000;

/// Digits that Excel keeps of a number; what lies beyond became zeros.
const EXCEL_DIGITS: usize = 15;

/// What a file is written as, and is answered in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text with commas.
    Csv,
    /// Excel.
    Xlsx,
}

impl Format {
    /// By the end of a file's name.
    pub fn of_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// The end of a file's name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// As a response says it.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// A table of text with its heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it was read from.
    pub format: Format,
    /// The heading.
    pub columns: Vec<String>,
    /// Rows with the line they stand on, as the file counts it; each as wide as the heading.
    pub rows: Vec<(usize, Vec<String>)>,
    /// Columns in which Excel keeps numbers: leading zeros are gone before we see them.
    pub numeric: Vec<String>,
}

/// Why a file cannot be read; the text is for the person who sent it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Nothing in it.
    #[error("文件是空的")]
    Empty,
    /// The format before 2007.
    #[error("这是旧版 Excel（.xls）文件，请另存为 .xlsx 或 CSV")]
    OldExcel,
    /// Not a workbook.
    #[error("打不开这个 Excel 文件：{0}")]
    Workbook(String),
    /// Neither UTF-8 nor GB18030.
    #[error("文字编码既不是 UTF-8 也不是 GBK，请另存为 UTF-8 的 CSV")]
    Encoding,
    /// Not a table.
    #[error("第 {line} 行读不出来：{why}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// As the reader says it.
        why: String,
    },
    /// Too long.
    #[error("行数超过 {MOST_ROWS} 行，请分成几个文件")]
    TooLong,
    /// Too wide.
    #[error("列数超过 {MOST_COLUMNS} 列")]
    TooWide,
    /// Two columns of one name.
    #[error("表头里有两列都叫“{0}”")]
    Twice(String),
}

/// Reads a file, whatever it is: Excel by its first bytes, otherwise text.
pub fn read(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    let (format, lines, numeric) = if bytes.starts_with(b"PK\x03\x04") {
        let (lines, numeric) = workbook(bytes)?;
        (Format::Xlsx, lines, numeric)
    } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(Unreadable::OldExcel);
    } else {
        (Format::Csv, text_lines(&text(bytes)?)?, Vec::new())
    };
    let mut lines = lines.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
    let (_, mut columns) = lines.next().ok_or(Unreadable::Empty)?;
    while columns.last().is_some_and(String::is_empty) {
        columns.pop();
    }
    for (index, column) in columns.iter().enumerate() {
        if !column.is_empty() && columns[..index].contains(column) {
            return Err(Unreadable::Twice(column.clone()));
        }
    }
    let mut rows = Vec::new();
    for (line, mut cells) in lines {
        if rows.len() == MOST_ROWS {
            return Err(Unreadable::TooLong);
        }
        cells.resize(columns.len(), String::new());
        rows.push((line, cells));
    }
    let numeric = numeric.into_iter().filter_map(|at| columns.get(at).cloned()).collect();
    Ok(Sheet { format, columns, rows, numeric })
}

/// UTF-8, UTF-16 with its mark, or GB18030, which holds GBK and GB2312.
fn text(bytes: &[u8]) -> Result<String, Unreadable> {
    let encoding = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => encoding_rs::UTF_8,
        None => encoding_rs::GB18030,
    };
    let (text, _, broken) = encoding.decode(bytes);
    if broken || text.contains('\0') { Err(Unreadable::Encoding) } else { Ok(text.into_owned()) }
}

type Lines = Vec<(usize, Vec<String>)>;

fn text_lines(text: &str) -> Result<Lines, Unreadable> {
    let heading = text.lines().next().unwrap_or_default();
    // Excel saves "Unicode text" with tabs, and some offices have semicolons.
    let delimiter = [b',', b'\t', b';'].into_iter().find(|mark| heading.contains(char::from(*mark))).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Unreadable::Line {
            line: error.position().map_or(0, csv::Position::line),
            why: error.to_string(),
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        lines.push((usize::try_from(line).unwrap_or_default(), record.iter().map(|cell| told(tidy(cell))).collect()));
    }
    Ok(lines)
}

/// The first sheet of a workbook, and which of its columns hold numbers.
fn workbook(bytes: &[u8]) -> Result<(Lines, Vec<usize>), Unreadable> {
    let unreadable = |error: calamine::XlsxError| Unreadable::Workbook(error.to_string());
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let first = book.sheet_names().first().cloned().ok_or(Unreadable::Empty)?;
    let mut cells = book.worksheet_cells_reader(&first).map_err(unreadable)?;
    let mut numeric = [false; MOST_COLUMNS];
    let mut lines: Lines = Vec::new();
    // Cell by cell: a stray cell in the last corner of a sheet must not ask for the whole rectangle before it.
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        let (text, number) = cell_text(&Data::from(cell.get_value().clone()));
        if text.is_empty() {
            continue;
        }
        let column = column as usize;
        if column >= MOST_COLUMNS {
            return Err(Unreadable::TooWide);
        }
        if lines.last().is_none_or(|(line, _)| *line != row as usize + 1) {
            if lines.len() > MOST_ROWS {
                return Err(Unreadable::TooLong);
            }
            lines.push((row as usize + 1, Vec::new()));
        }
        let texts = lines.last_mut().map(|(_, texts)| texts).ok_or(Unreadable::Empty)?;
        if texts.len() <= column {
            texts.resize(column + 1, String::new());
        }
        texts[column] = text;
        numeric[column] |= number;
    }
    let numeric = numeric.iter().enumerate().filter(|(_, is)| **is).map(|(at, _)| at).collect();
    Ok((lines, numeric))
}

/// A cell as people see it, and whether Excel keeps a number behind it.
fn cell_text(cell: &Data) -> (String, bool) {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => (tidy(text), false),
        Data::Int(number) => (number.to_string(), true),
        // Shown without exponent, and without ".0" where it is whole.
        Data::Float(number) => (number.to_string(), true),
        Data::Bool(yes) => ((if *yes { "是" } else { "否" }).to_owned(), false),
        Data::DateTime(date) => {
            let (year, month, day, hour, minute, ..) = date.to_ymd_hms_milli();
            let time = if (hour, minute) == (0, 0) { String::new() } else { format!("T{hour:02}:{minute:02}") };
            (format!("{year:04}-{month:02}-{day:02}{time}"), false)
        }
        Data::Error(error) => (error.to_string(), false),
        Data::Empty => (String::new(), false),
    }
}

/// What a program of spreadsheets takes for the beginning of a formula.
const BEGINS_FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell of CSV that is text where it is opened, whoever wrote it; a number stays a number. Text is marked as Excel
/// marks it, and [`told`] takes the mark away.
fn inert(cell: String) -> String {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = cell.strip_prefix(['+', '-']).is_some_and(digits);
    if cell.starts_with(BEGINS_FORMULA) && !number { format!("'{cell}") } else { cell }
}

/// A cell without the mark of [`inert`].
fn told(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(BEGINS_FORMULA) => rest.to_owned(),
        _ => cell,
    }
}

fn tidy(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{3000}' || c == '\u{feff}').to_owned()
}

/// A code, a number or a phone: ordinary width, and no blank inside. Excel's mark of text before it goes too.
pub fn code(text: &str) -> String {
    let narrow = crate::web::forms::half_width(text);
    let narrow = narrow.trim().trim_start_matches('\'');
    narrow.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether Excel can have lost digits of a code that it kept as a number.
pub fn lost_digits(code: &str) -> bool {
    code.len() > EXCEL_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit()) && code.ends_with('0')
}

/// 2025-3-1, 2025/03/01, 2025.3.1, 2025年3月1日 and 20250301 are days.
pub fn day(name: &str, text: &str) -> Result<Date, String> {
    let wrong = || format!("{name}“{text}”不是日期，应写成 2025-03-01");
    // A cell of Excel may hold a time beside the day.
    let text = text.split([' ', 'T']).next().unwrap_or_default();
    let plain = text.replace(['年', '月', '/', '.'], "-").replace('日', "");
    let parts: Vec<&str> = match plain.len() {
        8 if plain.bytes().all(|byte| byte.is_ascii_digit()) => vec![&plain[..4], &plain[4..6], &plain[6..]],
        _ => plain.split('-').collect(),
    };
    let [year, month, day] = parts[..] else { return Err(wrong()) };
    let day = (year.parse().ok(), month.parse().ok(), day.parse().ok());
    let (Some(year), Some(month), Some(day)) = day else { return Err(wrong()) };
    Date::new(year, month, day).map_err(|_| wrong())
}

/// Writes a table: CSV with the mark by which Excel knows UTF-8, or a workbook whose cells are all text.
pub fn write<R>(format: Format, columns: &[&str], rows: R) -> anyhow::Result<Vec<u8>>
where
    R: IntoIterator<Item = Vec<String>>,
{
    match format {
        Format::Csv => {
            let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
            writer.write_record(columns)?;
            for row in rows {
                writer.write_record(row.into_iter().map(inert))?;
            }
            Ok(writer.into_inner()?)
        }
        Format::Xlsx => {
            let mut book = Workbook::new();
            let sheet = book.add_worksheet();
            let (heading, text) = (CellFormat::new().set_bold(), CellFormat::new().set_num_format("@"));
            for (at, column) in (0_u16..).zip(columns) {
                sheet.set_column_width(at, 18)?;
                sheet.write_string_with_format(0, at, *column, &heading)?;
            }
            sheet.set_freeze_panes(1, 0)?;
            for (line, row) in (1_u32..).zip(rows) {
                for (at, cell) in (0_u16..).zip(row) {
                    sheet.write_string_with_format(line, at, cell, &text)?;
                }
            }
            Ok(book.save_to_buffer()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(sheet: &Sheet) -> Vec<&[String]> {
        sheet.rows.iter().map(|(_, row)| &row[..]).collect()
    }

    #[test]
    fn utf8_with_and_without_its_mark_and_gbk_read_the_same() {
        let text = "户号,户主\n0012,欧阳晖\n";
        let plain = read(text.as_bytes()).unwrap();
        let marked = read(format!("\u{feff}{text}").as_bytes()).unwrap();
        let (gbk, _, _) = encoding_rs::GBK.encode(text);
        assert_ne!(&gbk[..], text.as_bytes());
        let gbk = read(&gbk).unwrap();
        assert_eq!(plain, marked);
        assert_eq!(plain, gbk);
        assert_eq!(plain.columns, ["户号", "户主"]);
        assert_eq!(cells(&plain), [["0012", "欧阳晖"]]);
        assert_eq!(plain.rows[0].0, 2);
    }

    #[test]
    fn rare_characters_of_gb18030_survive() {
        let (bytes, _, broken) = encoding_rs::GB18030.encode("姓名\n𠮷䶮\n");
        assert!(!broken);
        assert_eq!(cells(&read(&bytes).unwrap()), [["𠮷䶮"]]);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(read(b"\xff\xff\xff\x00"), Err(Unreadable::Encoding));
        assert_eq!(read(b""), Err(Unreadable::Empty));
        assert_eq!(read(&[0xd0, 0xcf, 0x11, 0xe0, 1]), Err(Unreadable::OldExcel));
        assert!(matches!(read(b"PK\x03\x04rest"), Err(Unreadable::Workbook(_))));
        assert_eq!(read("甲,甲\n1,2\n".as_bytes()), Err(Unreadable::Twice("甲".to_owned())));
    }

    #[test]
    fn blank_lines_are_skipped_and_short_ones_filled() {
        let sheet = read("甲,乙\n\n,\n1\n".as_bytes()).unwrap();
        assert_eq!(cells(&sheet), [["1", ""]]);
        assert_eq!(sheet.rows[0].0, 4);
    }

    #[test]
    fn tabs_of_unicode_text_are_understood() {
        assert_eq!(cells(&read("甲\t乙\n一,二\t三\n".as_bytes()).unwrap()), [["一,二", "三"]]);
    }

    #[test]
    fn a_workbook_keeps_leading_zeros_and_comes_back_as_it_was() {
        let rows = vec![vec!["0012".to_owned(), "易春兰".to_owned()]];
        let bytes = write(Format::Xlsx, &["户号", "户主"], rows.clone()).unwrap();
        let sheet = read(&bytes).unwrap();
        assert_eq!((sheet.format, sheet.columns.len()), (Format::Xlsx, 2));
        assert_eq!(cells(&sheet), [&rows[0][..]]);
        assert!(sheet.numeric.is_empty());
    }

    #[test]
    fn numbers_of_a_workbook_have_no_point_and_are_pointed_out() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "代码").unwrap();
        sheet.write_number(1, 0, 430_223).unwrap();
        sheet.write_number(2, 0, 12).unwrap();
        let sheet = read(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(sheet.rows[1].1, ["12"]);
        assert_eq!(sheet.numeric, ["代码"]);
    }

    #[test]
    fn codes_lose_full_width_and_blanks_and_nothing_else() {
        assert_eq!(code("　００１２ ３４Ａ"), "001234A");
        assert_eq!(code("'0012"), "0012");
        assert!(lost_digits("4302231234567890"));
        assert!(!lost_digits("430223125209010"));
        assert!(!lost_digits("4302231252090112"));
    }

    #[test]
    fn no_cell_of_csv_begins_a_formula_and_all_come_back_as_they_were() {
        let row =
            ["=HYPERLINK(\"x\")", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "-12.5", "+8613812345678", "'quoted", "罗"];
        let row = row.map(str::to_owned).to_vec();
        let bytes = write(Format::Csv, &["1", "2", "3", "4", "5", "6", "7", "8"], vec![row.clone()]).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let line = text.lines().nth(1).unwrap();
        assert!(
            line.starts_with("\"'=HYPERLINK") && line.contains(",'-2+3,'@SUM(1),-12.5,+8613812345678,'quoted,"),
            "{line}"
        );
        assert_eq!(cells(&read(&bytes).unwrap()), [&row[..]]);
    }

    #[test]
    fn csv_is_written_with_the_mark_that_excel_needs() {
        let bytes = write(Format::Csv, &["甲"], vec![vec!["一,二".to_owned()]]).unwrap();
        assert!(bytes.starts_with("\u{feff}".as_bytes()));
        assert_eq!(cells(&read(&bytes).unwrap()), [["一,二"]]);
    }
}
