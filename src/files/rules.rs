//! What is kept as an attachment: which kinds, how large, under which name. A kind is told by content alone; what the
//! sender calls it decides nothing.

use crate::words::words;

/// The largest file: a photograph of a good phone, or ten minutes of speech.
pub const FILE_BYTES: usize = 10 << 20;
/// What one form carries altogether.
pub const FORM_BYTES: usize = 30 << 20;
/// How many files one form carries.
pub const FORM_FILES: usize = 9;
/// How many files one petition has.
pub const PETITION_FILES: i64 = 100;
/// The most pixels of a picture: those of a phone's largest ordinary photograph. Decoding takes four bytes for each.
pub const PIXELS: u64 = 52_000_000;
/// The longest side of a picture.
pub const SIDE: u32 = 16_384;
/// The longest name, ending included.
pub const NAME: usize = 80;
/// What the parts of a Word or Excel file may come to when they are unpacked.
pub const UNPACKED: u64 = 120 << 20;

/// What the form says before anything is chosen.
pub const ACCEPTED: &str = "图片（JPG、PNG、WebP）、PDF、Word（.docx、.doc）、Excel（.xlsx）、录音（MP3、M4A、AMR、WAV）；\
     每个不超过 10 MB，一次最多 9 个、共 30 MB。照片里的拍摄地点会自动去掉。";

/// The same for a browser's dialogue, which is a help and no check.
pub const ACCEPT: &str = ".jpg,.jpeg,.png,.webp,.pdf,.docx,.doc,.xlsx,.mp3,.m4a,.amr,.wav,image/jpeg,image/png,audio/*";

words! {
    /// What a file is.
    Kind {
        /// A JPEG picture.
        Jpeg = "jpeg", "图片";
        /// A PNG picture.
        Png = "png", "图片";
        /// A WebP picture.
        Webp = "webp", "图片";
        /// A PDF.
        Pdf = "pdf", "PDF";
        /// Word since 2007.
        Docx = "docx", "Word";
        /// Word before that.
        Doc = "doc", "Word";
        /// Excel since 2007.
        Xlsx = "xlsx", "Excel";
        /// MP3 sound.
        Mp3 = "mp3", "录音";
        /// Sound of a phone in an MP4 container.
        M4a = "m4a", "录音";
        /// Speech of an older phone.
        Amr = "amr", "录音";
        /// Sound without compression.
        Wav = "wav", "录音";
    }
}

impl Kind {
    /// The endings under which it goes, the usual one first.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
            Self::Pdf => &["pdf"],
            Self::Docx => &["docx"],
            Self::Doc => &["doc"],
            Self::Xlsx => &["xlsx"],
            Self::Mp3 => &["mp3"],
            Self::M4a => &["m4a"],
            Self::Amr => &["amr"],
            Self::Wav => &["wav"],
        }
    }

    /// As what it is served.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Doc => "application/msword",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Mp3 => "audio/mpeg",
            Self::M4a => "audio/mp4",
            Self::Amr => "audio/amr",
            Self::Wav => "audio/wav",
        }
    }

    /// Whether a browser shows it by itself, as a picture.
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp)
    }
}

words! {
    /// With what a file came.
    Part {
        /// When the petition was registered.
        Registration = "registration", "登记时";
        /// With a supplement of the petitioner.
        Supplement = "supplement", "补充时";
        /// With a step of whoever handles it.
        Step = "step", "办理时";
        /// With the written answer.
        Opinion = "opinion", "随意见书";
        /// On the card, for itself.
        Card = "card", "另附";
        /// With a document that allows performance pay.
        Document = "document", "授权文件";
    }
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// No byte.
    #[error("是空的")]
    Empty,
    /// Above [`FILE_BYTES`].
    #[error("超过 10 MB，请压缩或者分开再传")]
    TooLarge,
    /// The form is above [`FORM_BYTES`].
    #[error("这次的附件一共超过 30 MB，请分几次传")]
    FormTooLarge,
    /// The form has more than [`FORM_FILES`].
    #[error("一次最多 9 个附件，请分几次传")]
    TooMany,
    /// Nothing that is known.
    #[error("不是可以收的文件：请交图片、PDF、Word、Excel 或者录音，改文件名没有用")]
    Unknown,
    /// A drawing that can carry script.
    #[error("是 SVG 矢量图，里面可以带程序，不收；请另存为 PNG 或 JPG")]
    Svg,
    /// A page.
    #[error("是网页或标记文本，里面可以带程序，不收；请打印成 PDF")]
    Markup,
    /// A program.
    #[error("是程序，不收")]
    Program,
    /// An archive that is no document.
    #[error("是压缩包，不收；请把里面的文件一个一个传")]
    Archive,
    /// Apple's kind of picture.
    #[error("是 HEIC 图片，很多电脑打不开；请在手机“设置→相机→格式”里选“兼容性最佳”重拍，或者截图后再传")]
    Heic,
    /// Moving pictures.
    #[error("是视频，不收；请截图，或者只传录音")]
    Video,
    /// It begins as what it claims to be and does not go on so.
    #[error("不完整或者已损坏，打不开")]
    Broken,
    /// Above [`PIXELS`] or [`SIDE`].
    #[error("图片太大（超过 5200 万像素），请缩小后再传")]
    TooManyPixels,
    /// It unpacks to more than [`UNPACKED`].
    #[error("解开以后过大，不收")]
    Bomb,
    /// It carries macros.
    #[error("带有宏或者控件（里面的程序），不收；请另存为不带宏的文件，或者 PDF")]
    Macro,
    /// It takes a template or a script from elsewhere.
    #[error("里面带有会自动运行或者自动联网的内容，不收；请打印成 PDF 再传")]
    Active,
    /// Only with its password.
    #[error("加了密码，办理的人打不开；请去掉密码再传")]
    Locked,
    /// Too many at once.
    #[error("没有收下：现在传附件的人太多，请过几分钟再传；文字可以先提交")]
    Busy,
    /// Too much from one address.
    #[error("没有收下：这个网络近来传的附件太多，请过一会儿再传；文字可以先提交")]
    TooOften,
    /// The disk is nearly full, or the store does not answer.
    #[error("没有收下：附件现在存不下，请过些时候再传；文字可以先提交")]
    NoRoom,
    /// What was received with an earlier form is there no more.
    #[error("先前收到的附件已经过期，请重新选")]
    Expired,
}

/// The kind that the first bytes tell. A Word or Excel file is an archive: which of them tell its parts.
pub fn sniff(bytes: &[u8]) -> Result<Kind, Unfit> {
    let at = |place: usize, word: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(word));
    Ok(match bytes {
        [] => return Err(Unfit::Empty),
        [0xff, 0xd8, 0xff, ..] => Kind::Jpeg,
        _ if at(0, b"\x89PNG\r\n\x1a\n") => Kind::Png,
        _ if at(0, b"RIFF") && at(8, b"WEBP") => Kind::Webp,
        _ if at(0, b"RIFF") && at(8, b"WAVE") => Kind::Wav,
        _ if at(0, b"RIFF") && at(8, b"AVI ") => return Err(Unfit::Video),
        _ if at(0, b"%PDF-") => Kind::Pdf,
        _ if at(0, b"PK\x03\x04") => Kind::Docx,
        _ if at(0, b"PK") || at(0, b"Rar!") || at(0, b"7z\xbc\xaf\x27\x1c") || at(0, b"\x1f\x8b") => {
            return Err(Unfit::Archive);
        }
        _ if at(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => Kind::Doc,
        _ if at(0, b"#!AMR\n") || at(0, b"#!AMR-WB\n") => Kind::Amr,
        _ if at(4, b"ftyp") => match bytes.get(8..12).unwrap_or_default() {
            b"heic" | b"heix" | b"heim" | b"hevc" | b"hevx" | b"mif1" | b"msf1" | b"avif" | b"avis" => {
                return Err(Unfit::Heic);
            }
            _ => Kind::M4a,
        },
        _ if at(0, b"ID3") => Kind::Mp3,
        [0xff, second, ..] if second & 0xe6 == 0xe2 => Kind::Mp3,
        _ if at(0, b"MZ") || at(0, b"\x7fELF") || at(0, b"#!") => return Err(Unfit::Program),
        _ => return Err(text_like(bytes)),
    })
}

/// What begins like markup, behind whatever stands before it.
fn text_like(bytes: &[u8]) -> Unfit {
    let head: Vec<u8> = bytes.iter().take(4_096).map(u8::to_ascii_lowercase).filter(|byte| *byte != 0).collect();
    let has = |word: &[u8]| head.windows(word.len()).any(|part| part == word);
    let begins = head.iter().find(|byte| !byte.is_ascii_whitespace() && byte.is_ascii());
    if has(b"<svg") {
        Unfit::Svg
    } else if begins == Some(&b'<') || has(b"<html") || has(b"<script") || has(b"<!doctype") {
        Unfit::Markup
    } else {
        Unfit::Unknown
    }
}

/// Whether a character can turn a name round or hide in it.
fn deceives(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

/// A name as it is kept: the last part of a path, nothing that controls or turns the text, short enough for a line,
/// and always with an ending of its kind.
pub fn tidy_name(sent: &str, kind: Kind) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|c| !c.is_control() && !deceives(*c))
        .map(|c| if "<>:\"|?*".contains(c) { '_' } else { c })
        .collect();
    let clean = clean.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, ending) = match clean.rsplit_once('.') {
        Some((stem, ending)) if kind.endings().contains(&ending.to_ascii_lowercase().as_str()) => {
            (stem, ending.to_ascii_lowercase())
        }
        _ => (clean, kind.endings()[0].to_owned()),
    };
    let stem: String = stem.chars().take(NAME - 1 - ending.len()).collect();
    let stem = if stem.trim().is_empty() { "附件" } else { stem.trim() };
    format!("{stem}.{ending}")
}

/// How long a file is, for people.
pub fn size(bytes: i64) -> String {
    match bytes {
        ..1_024 => format!("{bytes} 字节"),
        1_024..1_048_576 => format!("{} KB", (bytes + 512) / 1_024),
        _ => {
            let tenths = (bytes * 10 + 524_288) / 1_048_576;
            format!("{}.{} MB", tenths / 10, tenths % 10)
        }
    }
}

/// Why a file cannot be withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwithdrawable {
    /// Neither whoever added it nor the petition office.
    #[error("只有添加它的人或者信访部门可以撤回")]
    NotYours,
    /// It is withdrawn.
    #[error("已经撤回了")]
    Already,
    /// No reason was given.
    #[error("请写明撤回的理由，2 到 200 字")]
    NoReason,
}

/// Whether an official may withdraw a file: whoever added it, or the office that disposes of the matter.
pub fn may_withdraw(
    (official, disposes): (i64, bool),
    added_by: Option<i64>,
    withdrawn: bool,
    reason: &str,
) -> Result<(), Unwithdrawable> {
    if withdrawn {
        Err(Unwithdrawable::Already)
    } else if added_by != Some(official) && !disposes {
        Err(Unwithdrawable::NotYours)
    } else if !(2..=200).contains(&reason.chars().count()) {
        Err(Unwithdrawable::NoReason)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_keeps_its_words_and_loses_what_deceives() {
        assert_eq!(tidy_name("墙体裂缝.JPG", Kind::Jpeg), "墙体裂缝.jpg");
        assert_eq!(tidy_name("C:\\照片\\..\\墙.png", Kind::Png), "墙.png");
        assert_eq!(tidy_name("../../etc/passwd", Kind::Pdf), "passwd.pdf");
        assert_eq!(tidy_name("合同.exe", Kind::Jpeg), "合同.exe.jpg");
        // What would read “附件exe.jpg” backwards.
        assert_eq!(tidy_name("附件\u{202e}gpj.exe", Kind::Pdf), "附件gpj.exe.pdf");
        assert_eq!(tidy_name("\u{0}\r\n...", Kind::Amr), "附件.amr");
        assert_eq!(tidy_name("a\"b<c>.wav", Kind::Wav), "a_b_c_.wav");
        let long = tidy_name(&"长".repeat(300), Kind::Docx);
        assert_eq!(long.chars().count(), NAME);
        assert!(long.ends_with("长.docx"));
    }

    #[test]
    fn a_length_reads_as_people_say_it() {
        assert_eq!(size(900), "900 字节");
        assert_eq!(size(20_480), "20 KB");
        assert_eq!(size(3_460_300), "3.3 MB");
    }

    #[test]
    fn whoever_added_it_or_the_office_withdraws_it_once_and_with_a_reason() {
        assert_eq!(may_withdraw((1, false), Some(1), false, "传错了"), Ok(()));
        assert_eq!(may_withdraw((2, true), None, false, "传错了"), Ok(()));
        assert_eq!(may_withdraw((2, false), Some(1), false, "传错了"), Err(Unwithdrawable::NotYours));
        assert_eq!(may_withdraw((1, false), Some(1), true, "传错了"), Err(Unwithdrawable::Already));
        assert_eq!(may_withdraw((1, false), Some(1), false, "错"), Err(Unwithdrawable::NoReason));
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_folder_or_its_line(sent in "\\PC{0,300}|[./\\\\\u{0}-\u{20}\u{202a}-\u{202e}]{0,60}") {
            let name = tidy_name(&sent, Kind::Pdf);
            prop_assert!(name.rsplit('.').next() == Some("pdf") && name.chars().count() <= NAME && name.chars().count() > 4);
            let odd = name.contains(['/', '\\', '"', '\n', '\r', '\0', '\u{202e}']);
            prop_assert!(!odd, "odd");
            prop_assert_eq!(tidy_name(&name, Kind::Pdf), name);
        }
    }
}
