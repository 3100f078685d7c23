//! Official papers in the layout of GB/T 9704-2012 (党政机关公文格式): what a paper says, and that paper as a Word file.
//!
//! A room says what its paper says ([`Paper`]); its page shows the same blocks, and [`Paper::word`] gives the file. The
//! fonts that the standard names are named in the file and come with no program: a machine without them shows its own.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use docx_rs::{
    AlignmentType, DocGrid, DocGridType, Document, Docx, FieldCharType, Footer, InstrPAGE, InstrText, LineSpacing,
    LineSpacingType, PageMargin, PageSize, Paragraph, Run, RunFonts, SpecialIndentType, Table, TableCell,
    TableLayoutType, TableRow, WidthType,
};
use jiff::civil::Date;

use crate::web::forms::url_encode;

/// 3号仿宋: the text.
const TEXT: Face = Face("仿宋_GB2312", 32);
/// 2号小标宋: the title.
const TITLE: Face = Face("方正小标宋简体", 44);
/// 3号黑体: 一、
const FIRST: Face = Face("黑体", 32);
/// 3号楷体: （一）
const SECOND: Face = Face("楷体_GB2312", 32);
/// 4号宋体: the page number.
const PAGE: Face = Face("宋体", 28);
/// 小4号: what stands in a table, and the heads of its columns.
const CELL: Face = Face("仿宋_GB2312", 24);
const HEAD: Face = Face("黑体", 24);

/// Lengths in twentieths of a point, as Word has them: A4 with 37 mm above, 35 below, 28 at the binding edge and 26 on
/// the other side, which leaves 156 by 225 mm for 22 lines of 28 characters.
const SHEET: (u32, u32) = (11_906, 16_838);
const MARGINS: [i32; 4] = [2_098, 1_984, 1_588, 1_474];
/// 225 mm in 22 lines.
const LINE: i32 = 579;
/// 156 mm in 28 characters, in 1/4096 of a point against those of the text (16 points).
const CHARACTER: isize = -849;
/// Two characters.
const INDENT: i32 = 632;
/// The width of the text.
const WIDTH: usize = 8_844;

/// A font and its size in half points.
#[derive(Clone, Copy)]
struct Face(&'static str, usize);

impl Face {
    fn fonts(self) -> RunFonts {
        // The hint keeps quotation marks and dashes from the fonts of Latin text.
        RunFonts::new().ascii(self.0).hi_ansi(self.0).east_asia(self.0).cs(self.0).hint("eastAsia")
    }

    fn run(self) -> Run {
        Run::new().size(self.1).fonts(self.fonts())
    }
}

/// What follows the title, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// 一、 as written.
    Heading(String),
    /// （一） as written.
    Subheading(String),
    /// Text; each of its lines is a paragraph.
    Text(String),
    /// A table.
    Table {
        /// The heads of the columns, with their shares of the width.
        columns: Vec<(String, usize)>,
        /// The rows, each of as many cells.
        rows: Vec<Vec<String>>,
    },
}

/// An official paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// The title; each of its lines is one of the paper's.
    pub title: String,
    /// 发文字号 or the number of the matter, with 〔〕; may be empty.
    pub number: String,
    /// 主送, without the colon; may be empty.
    pub recipient: String,
    /// The text.
    pub blocks: Vec<Block>,
    /// 署名: who signs; empty where nobody does.
    pub signed_by: String,
    /// 成文日期.
    pub on: Date,
}

impl Paper {
    /// A paper with its title and date and nothing else yet.
    pub fn new(title: impl Into<String>, on: Date) -> Self {
        let (number, recipient, signed_by) = (String::new(), String::new(), String::new());
        Self { title: title.into(), number, recipient, blocks: Vec::new(), signed_by, on }
    }

    /// Adds a heading of the first level.
    #[must_use]
    pub fn heading(mut self, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Heading(text.into()));
        self
    }

    /// Adds a heading of the second level.
    #[must_use]
    pub fn subheading(mut self, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Subheading(text.into()));
        self
    }

    /// Adds paragraphs, one a line of the text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Text(text.into()));
        self
    }

    /// Adds a table.
    #[must_use]
    pub fn table(mut self, columns: &[(&str, usize)], rows: Vec<Vec<String>>) -> Self {
        let columns = columns.iter().map(|(head, share)| ((*head).to_owned(), *share)).collect();
        self.blocks.push(Block::Table { columns, rows });
        self
    }

    /// The paper with each of its texts passed through `change`.
    #[must_use]
    pub fn each(mut self, change: impl Fn(&str) -> String) -> Self {
        for text in [&mut self.title, &mut self.number, &mut self.recipient, &mut self.signed_by] {
            *text = change(text);
        }
        for block in &mut self.blocks {
            match block {
                Block::Heading(text) | Block::Subheading(text) | Block::Text(text) => *text = change(text),
                Block::Table { rows, .. } => rows.iter_mut().flatten().for_each(|cell| *cell = change(cell)),
            }
        }
        self
    }

    /// 2026年11月20日: the date as a paper has it, without noughts before.
    pub fn date(&self) -> String {
        date(self.on)
    }

    /// The paper as a Word file.
    pub fn word(&self) -> anyhow::Result<Vec<u8>> {
        let [top, bottom, left, right] = MARGINS;
        let margin = PageMargin { top, bottom, left, right, header: 851, footer: 1_304, gutter: 0 };
        let grid = DocGrid::new()
            .grid_type(DocGridType::LinesAndChars)
            .line_pitch(LINE.unsigned_abs() as usize)
            .char_space(CHARACTER);
        let sheet = PageSize::new().size(SHEET.0, SHEET.1);
        let mut document = Document::new().page_size(sheet).page_margin(margin).doc_grid(grid);
        for line in self.title.lines() {
            document = document.add_paragraph(paragraph(TITLE, line).align(AlignmentType::Center));
        }
        if !self.number.is_empty() {
            document = document.add_paragraph(paragraph(TEXT, &self.number).align(AlignmentType::Center));
        }
        document = document.add_paragraph(paragraph(TEXT, ""));
        if !self.recipient.is_empty() {
            document = document.add_paragraph(paragraph(TEXT, &format!("{}：", self.recipient)));
        }
        for block in &self.blocks {
            document = match block {
                Block::Heading(text) => document.add_paragraph(indented(FIRST, text).keep_next(true).outline_lvl(0)),
                Block::Subheading(text) => {
                    document.add_paragraph(indented(SECOND, text).keep_next(true).outline_lvl(1))
                }
                Block::Text(text) => {
                    text.lines().filter(|line| !line.trim().is_empty()).fold(document, |document, line| {
                        document.add_paragraph(indented(TEXT, line.trim()).align(AlignmentType::Both))
                    })
                }
                Block::Table { columns, rows } => document.add_table(table(columns, rows)),
            };
        }
        for signing in self.signature() {
            document = document.add_paragraph(signing);
        }
        let docx = Docx::new()
            .default_size(TEXT.1)
            .default_fonts(TEXT.fonts())
            .document(document)
            .footer(page_number(AlignmentType::Right))
            .even_footer(page_number(AlignmentType::Left));
        let mut file = std::io::Cursor::new(Vec::new());
        docx.build().pack(&mut file)?;
        Ok(file.into_inner())
    }

    /// The file as an answer to a request, under a name in the language of its reader.
    pub fn download(&self, name: &str) -> anyhow::Result<Response> {
        let disposition = format!("attachment; filename=\"paper.docx\"; filename*=UTF-8''{}.docx", url_encode(name));
        let headers = [
            (
                header::CONTENT_TYPE,
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document".to_owned(),
            ),
            (header::CONTENT_DISPOSITION, disposition),
        ];
        Ok((headers, self.word()?).into_response())
    }

    /// 署名 and 成文日期: the date ends four characters before the edge, and whoever signs stands in the middle above
    /// it, where the seal goes. Whose name is too long for that stands against the edge, with the date in the middle
    /// below.
    fn signature(&self) -> Vec<Paragraph> {
        if self.signed_by.is_empty() {
            return Vec::new();
        }
        let date = self.date();
        let (name, day) = (width(&self.signed_by), width(&date));
        let (under_name, under_day) = match 4 * CHARACTER_WIDTH + (day - name) / 2 {
            indent @ 0.. => (indent, 4 * CHARACTER_WIDTH),
            _ => (0, (name - day) / 2),
        };
        let right = |text: &str, end: i32| {
            paragraph(TEXT, text).align(AlignmentType::Right).indent(None, None, Some(end), None)
        };
        vec![
            paragraph(TEXT, "").keep_next(true),
            right(&self.signed_by, under_name).keep_next(true),
            right(&date, under_day),
        ]
    }
}

/// A character of the text on its grid.
const CHARACTER_WIDTH: i32 = INDENT / 2;

/// How wide a line of text is: what is typed with one key takes half a character.
fn width(text: &str) -> i32 {
    text.chars().map(|c| if c.is_ascii() { CHARACTER_WIDTH / 2 } else { CHARACTER_WIDTH }).sum()
}

/// 2026年11月20日.
pub fn date(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// 一、 to 十、 and on, as headings count.
pub fn ordinal(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = (number / 10 % 10, DIGITS[number % 10]);
    match tens {
        0 => ones.to_owned(),
        1 => format!("十{ones}"),
        _ => format!("{}十{ones}", DIGITS[tens]),
    }
}

fn paragraph(face: Face, text: &str) -> Paragraph {
    let spacing = LineSpacing::new().line_rule(LineSpacingType::Exact).line(LINE);
    let paragraph = Paragraph::new().line_spacing(spacing);
    if text.is_empty() { paragraph } else { paragraph.add_run(face.run().add_text(text)) }
}

fn indented(face: Face, text: &str) -> Paragraph {
    paragraph(face, text).indent(None, Some(SpecialIndentType::FirstLine(INDENT)), None, None)
}

/// “— 1 —”, one character from the outer edge.
fn page_number(side: AlignmentType) -> Footer {
    let number = PAGE
        .run()
        .add_text("— ")
        .add_field_char(FieldCharType::Begin, false)
        .add_instr_text(InstrText::PAGE(InstrPAGE::new()))
        .add_field_char(FieldCharType::Separate, false)
        .add_text("1")
        .add_field_char(FieldCharType::End, false)
        .add_text(" —");
    let (start, end) = if matches!(side, AlignmentType::Left) { (280, 0) } else { (0, 280) };
    Footer::new().add_paragraph(Paragraph::new().align(side).indent(Some(start), None, Some(end), None).add_run(number))
}

fn table(columns: &[(String, usize)], rows: &[Vec<String>]) -> Table {
    let whole: usize = columns.iter().map(|(_, share)| *share).sum::<usize>().max(1);
    let widths: Vec<usize> = columns.iter().map(|(_, share)| WIDTH * share / whole).collect();
    let row = |face: Face, cells: &mut dyn Iterator<Item = &str>, side: AlignmentType| {
        let cells = cells.zip(&widths).map(|(text, width)| {
            let cell = TableCell::new().width(*width, WidthType::Dxa);
            let lines: Vec<&str> = if text.is_empty() { vec![""] } else { text.lines().collect() };
            lines.into_iter().fold(cell, |cell, line| {
                let text = Paragraph::new().align(side).snap_to_grid(false).add_run(face.run().add_text(line));
                cell.add_paragraph(text)
            })
        });
        TableRow::new(cells.collect()).cant_split()
    };
    let mut lines = vec![row(HEAD, &mut columns.iter().map(|(head, _)| head.as_str()), AlignmentType::Center)];
    lines.extend(rows.iter().map(|cells| row(CELL, &mut cells.iter().map(String::as_str), AlignmentType::Left)));
    Table::new(lines).set_grid(widths.clone()).width(WIDTH, WidthType::Dxa).layout(TableLayoutType::Fixed)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use jiff::civil::date as day;

    use super::*;

    fn part(file: &[u8], name: &str) -> String {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    fn paper() -> Paper {
        let mut paper = Paper::new("攸县信访局\n关于<补偿>的函", day(2026, 1, 5))
            .heading("一、请求")
            .text("第一段\n\n第二段“引号”")
            .subheading("（一）依据")
            .table(&[("项目", 1), ("意见", 3)], vec![vec!["鉴定".to_owned(), "予以支持\n三十日内".to_owned()]]);
        paper.number = "攸信〔2026〕0001号".to_owned();
        paper.recipient = "罗新华".to_owned();
        paper.signed_by = "攸县信访局".to_owned();
        paper
    }

    #[test]
    fn the_sheet_is_that_of_the_standard() {
        let file = paper().word().unwrap();
        let document = part(&file, "word/document.xml");
        for setting in [
            r#"<w:pgSz w:w="11906" w:h="16838""#,
            r#"w:top="2098""#,
            r#"w:bottom="1984""#,
            r#"w:left="1588""#,
            r#"w:right="1474""#,
            r#"<w:docGrid w:type="linesAndChars" w:linePitch="579" w:charSpace="-849""#,
            r#"w:line="579""#,
        ] {
            assert!(document.contains(setting), "{setting} in {document}");
        }
        // In millimetres the margins are 37, 35, 28 and 26, and 22 lines and 28 characters fill what is left.
        assert_eq!(MARGINS.map(|twips| (twips * 254 + 7_200) / 14_400), [37, 35, 28, 26]);
        let high = i32::try_from(SHEET.1).unwrap() - MARGINS[0] - MARGINS[1];
        assert_eq!((high / LINE, (i32::try_from(WIDTH).unwrap() + 4) / CHARACTER_WIDTH), (22, 28));
    }

    #[test]
    fn every_run_names_the_font_of_its_part() {
        let file = paper().word().unwrap();
        let document = part(&file, "word/document.xml");
        let runs: Vec<&str> = document.split("<w:r>").skip(1).collect();
        assert!(!runs.is_empty() && runs.iter().all(|run| run.contains("w:eastAsia=")), "{document}");
        let font = |text: &str| {
            let run = runs.iter().find(|run| run.contains(text)).unwrap();
            let font = run.split_once("w:eastAsia=\"").unwrap().1.split('"').next().unwrap().to_owned();
            (font, run.split_once("<w:sz w:val=\"").unwrap().1.split('"').next().unwrap().to_owned())
        };
        assert_eq!(font("关于&lt;补偿&gt;的函"), ("方正小标宋简体".to_owned(), "44".to_owned()));
        assert_eq!(font("一、请求"), ("黑体".to_owned(), "32".to_owned()));
        assert_eq!(font("（一）依据"), ("楷体_GB2312".to_owned(), "32".to_owned()));
        assert_eq!(font("第二段“引号”"), ("仿宋_GB2312".to_owned(), "32".to_owned()));
        assert_eq!(font("攸信〔2026〕0001号"), ("仿宋_GB2312".to_owned(), "32".to_owned()));
        assert!(document.contains("罗新华：") && document.contains("2026年1月5日"));
    }

    #[test]
    fn odd_pages_are_numbered_on_the_right_and_even_ones_on_the_left() {
        let file = paper().word().unwrap();
        let sides: Vec<bool> = ["word/footer1.xml", "word/footer2.xml"]
            .map(|name| {
                let footer = part(&file, name);
                assert!(footer.contains("— ") && footer.contains("PAGE") && footer.contains(r#"<w:sz w:val="28""#));
                footer.contains(r#"<w:jc w:val="right""#)
            })
            .to_vec();
        assert_eq!(sides, [true, false]);
        assert!(part(&file, "word/settings.xml").contains("evenAndOddHeaders"));
    }

    #[test]
    fn a_long_name_signs_at_the_edge_with_its_date_in_the_middle_below() {
        let ends = |name: &str| {
            let paper = Paper { signed_by: name.to_owned(), ..paper() };
            let document = part(&paper.word().unwrap(), "word/document.xml");
            let end = |text: &str| {
                let before = document.rsplit_once(text).unwrap().0.rsplit_once("<w:p ").unwrap().1.to_owned();
                before.split_once("w:right=\"").unwrap().1.split('"').next().unwrap().parse::<i32>().unwrap()
            };
            (end(name), end("2026年1月5日"))
        };
        // Five characters above a date of six.
        assert_eq!(ends("攸县信访局"), (4 * 316 + 158, 4 * 316));
        assert_eq!(ends("攸县人力资源和社会保障局劳动监察大队"), (0, (18 - 6) * 158));
    }

    #[test]
    fn dates_and_ordinals_are_written_as_on_paper() {
        assert_eq!(date(day(2026, 1, 5)), "2026年1月5日");
        assert_eq!([1, 9, 10, 11, 20, 35].map(ordinal), ["一", "九", "十", "十一", "二十", "三十五"]);
    }
}
