//! Reads a spreadsheet: a long one in two halves, each by a thread of its own.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::columns::Columns;
use super::rows::Rows;
use super::{Bad, CannotSettleCsv};

/// Bytes from which on a file is read in halves.
const LONG: u64 = 1 << 16;

/// Reads and checks the whole file and names the columns that are none of ours; `again` is the path if the
/// file can be opened a second time.
pub(super) fn read(file: File, again: Option<&Path>) -> Result<(Rows, Vec<String>), Bad> {
    // Where the file cannot be halved it can still be read through.
    let second = again.and_then(|path| second_half(path).ok().flatten());
    let left = second.as_ref().map_or(u64::MAX, |half| half.begin);
    let mut reader = reader(FirstHalf { file, left, quoted: false });
    let mut header = ByteRecord::new();
    if !next(&mut reader, &mut header)? {
        return Err(CannotSettleCsv::Header("文件是空的".to_owned()).into());
    }
    let mut ignored = Vec::new();
    let columns = &Columns::read(&header, &mut ignored)?;
    std::thread::scope(|scope| {
        let second = second.map(|half| scope.spawn(move || rows(&mut self::reader(half.file), columns)));
        let mut read = rows(&mut reader, columns)?;
        if let Some(second) = second.filter(|_| !reader.get_ref().quoted) {
            let second = second.join().expect("reading rows does not panic");
            read.append(second.map_err(|bad| bad.after(read.len()))?)?;
        }
        Ok((read, ignored))
    })
}

fn rows(reader: &mut Reader<impl Read>, columns: &Columns) -> Result<Rows, Bad> {
    let mut rows = Rows::default();
    let mut record = ByteRecord::new();
    while next(reader, &mut record)? {
        rows.take(columns, &record)?;
    }
    Ok(rows)
}

fn reader<R: Read>(file: R) -> Reader<R> {
    ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(1 << 16).from_reader(file)
}

fn next(reader: &mut Reader<impl Read>, record: &mut ByteRecord) -> Result<bool, CannotSettleCsv> {
    // With flexible rows of bytes, reading is all that can fail.
    reader.read_byte_record(record).map_err(|error| CannotSettleCsv::Read(error.into()))
}

/// The file from the first line end on that follows its middle. It begins with the line end, an empty line that
/// is no row, because at the very beginning of a file a byte order mark would be left out.
struct SecondHalf {
    file: File,
    begin: u64,
}

fn second_half(path: &Path) -> io::Result<Option<SecondHalf>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length < LONG {
        return Ok(None);
    }
    let middle = length / 2;
    file.seek(SeekFrom::Start(middle))?;
    let mut from_middle = BufReader::new(file);
    let line = from_middle.skip_until(b'\n')? as u64;
    if from_middle.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let mut file = from_middle.into_inner();
    let begin = middle + line - 1;
    file.seek(SeekFrom::Start(begin))?;
    Ok(Some(SecondHalf { file, begin }))
}

/// The first half of a file. If there is a quote in it, the line end where it is cut may stand within a field:
/// then it goes on to the end of the file, and what was read of the second half does not count.
struct FirstHalf {
    file: File,
    left: u64,
    quoted: bool,
}

impl Read for FirstHalf {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.quoted {
            return self.file.read(into);
        }
        let most = usize::try_from(self.left).map_or(into.len(), |left| left.min(into.len()));
        let read = self.file.read(&mut into[..most])?;
        self.left -= read as u64;
        self.quoted = into[..read].contains(&b'"');
        Ok(read)
    }
}
