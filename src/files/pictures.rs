//! Pictures: taken apart and put together again from the parts that make the picture. What a phone writes beside it
//! (place, time, the device's number, a second picture, whatever follows the end) is not kept; the picture itself is
//! not touched, so that evidence stays what it was.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::rules::{Kind, PIXELS, SIDE, Unfit};

/// The longer side of a thumbnail.
const THUMBNAIL: u32 = 200;

/// The picture without what is not the picture, and a small one of it.
pub(super) fn judge(kind: Kind, bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Unfit> {
    let (format, clean) = match kind {
        Kind::Png => (ImageFormat::Png, png(bytes)),
        Kind::Webp => (ImageFormat::WebP, webp(bytes)),
        _ => (ImageFormat::Jpeg, jpeg(bytes)),
    };
    let clean = clean.ok_or(Unfit::Broken)?;
    let small = thumbnail(format, &clean)?;
    Ok((clean, small))
}

/// Decodes the whole picture, once its head says that there is room for it.
fn thumbnail(format: ImageFormat, bytes: &[u8]) -> Result<Vec<u8>, Unfit> {
    let broken = |_| Unfit::Broken;
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    if width > SIDE || height > SIDE || u64::from(width) * u64::from(height) > PIXELS {
        return Err(Unfit::TooManyPixels);
    }
    if width == 0 || height == 0 {
        return Err(Unfit::Broken);
    }
    let mut limits = Limits::no_limits();
    // A decoder holds the picture and its own copy of it.
    limits.max_alloc = Some(PIXELS * 10);
    decoder.set_limits(limits).map_err(|_| Unfit::TooManyPixels)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    let mut small = picture.thumbnail(THUMBNAIL, THUMBNAIL);
    small.apply_orientation(orientation);
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 70).encode_image(&small.to_rgb8()).map_err(broken)?;
    Ok(out)
}

/// Reads forward through bytes; beyond the end there is nothing.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|taken| taken[0])
    }
    fn u32_be(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    }
    fn u32_le(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    }
}

/// A JPEG without its notes: of the segments stay those that the decoder needs, the profile of its colours and which
/// way it is held. It ends at its end.
fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut read = Reader(bytes);
    if read.take(2)? != [0xff, 0xd8] {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut held = Orientation::NoTransforms;
    loop {
        if read.byte()? != 0xff {
            return None;
        }
        let mut marker = read.byte()?;
        while marker == 0xff {
            marker = read.byte()?;
        }
        match marker {
            0xd9 => break,
            0x00 | 0xd8 => return None,
            0x01 | 0xd0..=0xd7 => out.extend([0xff, marker]),
            _ => {
                let length = read.take(2)?;
                let body = read.take(usize::from(u16::from_be_bytes([length[0], length[1]])).checked_sub(2)?)?;
                let keep = match marker {
                    0xe0 => body.starts_with(b"JFIF\0"),
                    0xe2 => body.starts_with(b"ICC_PROFILE\0"),
                    0xee => body.starts_with(b"Adobe"),
                    0xe1..=0xef | 0xfe => false,
                    _ => true,
                };
                if let (0xe1, Some(exif)) = (marker, body.strip_prefix(b"Exif\0\0")) {
                    held = Orientation::from_exif_chunk(exif).unwrap_or(held);
                }
                if keep {
                    out.extend([0xff, marker]);
                    out.extend(length);
                    out.extend(body);
                }
                if marker == 0xda {
                    out.extend(read.take(scan(read.0)?)?);
                }
            }
        }
    }
    let mut whole = vec![0xff, 0xd8];
    if held != Orientation::NoTransforms {
        // An Exif segment with a single entry: 0x0112, which way it is held.
        whole.extend(b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
        whole.extend([held.to_exif(), 0, 0, 0, 0, 0, 0]);
    }
    whole.extend(out);
    whole.extend([0xff, 0xd9]);
    Some(whole)
}

/// How long the entropy-coded data of a scan are: up to the next marker that is neither a stuffed byte nor a restart.
fn scan(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match bytes.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return Some(at),
        }
    }
}

/// A PNG of the chunks that make the picture. It ends at its end.
fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    const KEPT: [&[u8]; 10] =
        [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"];
    let mut read = Reader(bytes);
    let mut out = read.take(8)?.to_vec();
    loop {
        let length = read.u32_be()?;
        let kind = read.take(4)?;
        let (body, check) = (read.take(length)?, read.take(4)?);
        if out.len() == 8 && kind != b"IHDR" {
            return None;
        }
        if KEPT.contains(&kind) {
            out.extend(u32::try_from(length).ok()?.to_be_bytes());
            for piece in [kind, body, check] {
                out.extend(piece);
            }
        } else if kind[0].is_ascii_uppercase() {
            return None;
        }
        if kind == b"IEND" {
            return Some(out);
        }
    }
}

/// A WebP of a single picture, without notes.
fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    for (kind, body) in riff(bytes)? {
        match kind {
            b"VP8X" => {
                // Neither Exif nor XMP; a picture that moves is none.
                let mut body = body.to_vec();
                if body.first()? & 0x02 != 0 {
                    return None;
                }
                body[0] &= !0x0c;
                chunk(&mut out, kind, &body);
            }
            b"VP8 " | b"VP8L" | b"ALPH" | b"ICCP" => chunk(&mut out, kind, body),
            b"ANIM" | b"ANMF" => return None,
            _ => {}
        }
    }
    enclosed(b"WEBP", &out)
}

/// The chunks of a RIFF file, each with its name.
pub(super) fn riff(bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut read = Reader(bytes);
    read.take(4)?;
    let length = read.u32_le()?;
    read.take(4)?;
    let mut read = Reader(read.0.get(..length.checked_sub(4)?.min(read.0.len()))?);
    let mut chunks = Vec::new();
    while read.0.len() >= 8 {
        let kind = read.take(4)?;
        let length = read.u32_le()?;
        chunks.push((kind, read.take(length)?));
        if length % 2 == 1 && !read.0.is_empty() {
            read.take(1)?;
        }
    }
    Some(chunks)
}

/// Adds a chunk of a RIFF file.
pub(super) fn chunk(out: &mut Vec<u8>, kind: &[u8], body: &[u8]) {
    out.extend(kind);
    out.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
}

/// A RIFF file of a form from its chunks.
pub(super) fn enclosed(form: &[u8], chunks: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(chunks.len() + 4).ok()?;
    Some([b"RIFF", &length.to_le_bytes()[..], form, chunks].concat())
}
