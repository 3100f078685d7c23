//! Files as phones make them, as attackers make them, and as chance makes them.

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, ImageReader, Rgb, RgbImage};
use proptest::prelude::*;

use super::*;
use crate::files::rules::Unfit;

/// A small picture with an edge, broader than high.
fn picture() -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(
        24,
        16,
        |x, _| if x < 12 { Rgb([250, 10, 10]) } else { Rgb([10, 10, 250]) },
    ))
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    picture().write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A JPEG as a phone makes it: held sideways, with its place, a comment, and a second picture behind the end.
fn photograph() -> Vec<u8> {
    let mut plain = Vec::new();
    JpegEncoder::new_with_quality(&mut plain, 80).encode_image(&picture()).unwrap();
    let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0GPSLatitude 27N";
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, body].concat()
    };
    [&plain[..2], &segment(0xe1, exif), &segment(0xfe, b"GPSLongitude"), &plain[2..], b"GPSbehind<?php"].concat()
}

fn has(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|part| part == word)
}

fn unfit(bytes: &[u8]) -> Unfit {
    judge("墙.jpg", bytes.to_vec()).unwrap_err()
}

#[test]
fn a_photograph_loses_its_place_and_stays_upright() {
    let fit = judge("IMG_20261102.jpeg", photograph()).unwrap();
    assert_eq!((fit.kind, fit.name.as_str()), (Kind::Jpeg, "IMG_20261102.jpeg"));
    assert!(!has(&fit.bytes, b"GPS") && !has(&fit.bytes, b"<?php"));
    assert!(fit.bytes.ends_with(&[0xff, 0xd9]));
    // The picture itself is what it was, and the thumbnail is turned as it was held.
    let decode =
        |bytes: &[u8]| ImageReader::with_format(std::io::Cursor::new(bytes), ImageFormat::Jpeg).decode().unwrap();
    assert_eq!(decode(&fit.bytes).to_rgb8(), decode(&photograph()).to_rgb8());
    let small = decode(&fit.thumbnail.unwrap());
    assert!(small.height() > small.width());
    // What was cleaned once is clean.
    assert_eq!(judge("a.jpg", fit.bytes.clone()).unwrap().bytes, fit.bytes);
}

#[test]
fn a_png_and_a_webp_keep_their_picture_alone() {
    let png = encoded(ImageFormat::Png);
    let text = b"\0\0\0\x0ctEXtplace\0GPS 27";
    let noted = [&png[..33], &text[..], &[0, 0, 0, 0], &png[33..], b"PK\x03\x04 behind"].concat();
    let fit = judge("截图.png", noted).unwrap();
    assert_eq!(fit.bytes, png);
    let webp = encoded(ImageFormat::WebP);
    let fit = judge("a", [&webp[..], b"EXIF\x04\0\0\0GPS!"].concat()).unwrap();
    assert_eq!((fit.kind, fit.name.as_str()), (Kind::Webp, "a.webp"));
    assert!(!has(&fit.bytes, b"GPS") && fit.thumbnail.is_some());
}

#[test]
fn what_only_calls_itself_a_picture_is_named_for_what_it_is() {
    assert_eq!(unfit(b""), Unfit::Empty);
    assert_eq!(unfit(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), Unfit::Svg);
    assert_eq!(unfit(b"\xef\xbb\xbf<?xml version='1.0'?><svg/>"), Unfit::Svg);
    assert_eq!(unfit(b"  <!DOCTYPE html><script>alert(1)</script>"), Unfit::Markup);
    assert_eq!(
        unfit("\u{feff}<html>".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice()),
        Unfit::Markup
    );
    assert_eq!(unfit(b"MZ\x90\0"), Unfit::Program);
    assert_eq!(unfit(b"#!/bin/sh\n"), Unfit::Program);
    assert_eq!(unfit(b"Rar!\x1a\x07\x01\0"), Unfit::Archive);
    assert_eq!(unfit(b"\0\0\0\x18ftypheic\0\0\0\0"), Unfit::Heic);
    assert_eq!(unfit(b"GIF89a\x01\0\x01\0"), Unfit::Unknown);
    assert_eq!(unfit("路灯不亮".as_bytes()), Unfit::Unknown);
    assert_eq!(unfit(&vec![0xff; FILE_BYTES + 1]), Unfit::TooLarge);
}

#[test]
fn a_picture_that_breaks_off_or_claims_to_be_huge_is_refused_before_it_is_decoded() {
    let jpeg = photograph();
    for length in [3, 20, 200, jpeg.len() / 2] {
        assert_eq!(unfit(&jpeg[..length]), Unfit::Broken, "{length} of {}", jpeg.len());
    }
    let mut png = encoded(ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
    let check = crc(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&check);
    assert_eq!(unfit(&png), Unfit::TooManyPixels);
    assert_eq!(unfit(&png[..png.len() - 4]), Unfit::Broken);
}

/// CRC-32 as PNG has it.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// Three frames of MPEG 1, layer 3, 128 kbit/s at 44.1 kHz.
fn mp3() -> Vec<u8> {
    let mut frame = vec![0; 417];
    frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
    frame.repeat(3)
}

/// An MP4 container of boxes.
fn boxed(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len() + 8).unwrap().to_be_bytes(), kind, body].concat()
}

fn m4a(handler: &[u8]) -> Vec<u8> {
    let handler = boxed(b"hdlr", &[&[0; 8], handler, &[0; 12]].concat());
    let place = boxed(b"udta", &boxed(b"\xa9xyz", b"\0\x12\x15\xc7+27.0+113.3/"));
    [boxed(b"ftyp", b"M4A \0\0\0\0"), boxed(b"moov", &[handler, place].concat()), boxed(b"mdat", &[1; 40])].concat()
}

#[test]
fn recordings_are_walked_through_and_lose_what_was_noted_beside_them() {
    let tagged = [&b"ID3\x03\0\0\0\0\0\x0bGPS 27.0 N "[..], &mp3(), &[&b"TAG GPS"[..], &[0; 121]].concat()].concat();
    let fit = judge("录音.mp3", tagged).unwrap();
    assert_eq!((fit.kind, fit.bytes), (Kind::Mp3, mp3()));
    let fit = judge("录音.m4a", m4a(b"soun")).unwrap();
    assert!(!has(&fit.bytes, b"+27.0") && fit.bytes.len() == m4a(b"soun").len());
    assert_eq!(judge("a.m4a", m4a(b"vide")).unwrap_err(), Unfit::Video);
    assert_eq!(judge("a.m4a", [&m4a(b"soun")[..], b"<script>"].concat()).unwrap_err(), Unfit::Broken);
    let amr = [&b"#!AMR\n"[..], &[&[0x3c][..], &[7; 31]].concat().repeat(4)].concat();
    assert_eq!(judge("话.amr", amr.clone()).unwrap().bytes, amr);
    assert_eq!(judge("话.amr", [&amr[..], b"<script>"].concat()).unwrap().bytes, amr);
    assert_eq!(judge("话.amr", [&amr[..], b"script"].concat()).unwrap_err(), Unfit::Broken);
    let chunk = |kind: &[u8], body: &[u8]| [kind, &u32::try_from(body.len()).unwrap().to_le_bytes(), body].concat();
    let chunks = [chunk(b"fmt ", &[1; 16]), chunk(b"LIST", b"GPS!"), chunk(b"data", &[9; 20])].concat();
    let wav = [&b"RIFF"[..], &u32::try_from(chunks.len() + 4).unwrap().to_le_bytes(), b"WAVE", &chunks].concat();
    let fit = judge("a.wav", wav).unwrap();
    assert!(fit.kind == Kind::Wav && !has(&fit.bytes, b"GPS"));
    assert_eq!(unfit(b"\xff\xfb\x90\x00 and then nothing of the kind, for as long as you like"), Unfit::Broken);
}

/// Beginnings that lead into each of the parsers.
fn beginnings() -> Vec<Vec<u8>> {
    let riff = |form: &[u8]| [b"RIFF\x40\0\0\0", form, b"VP8X\x0a\0\0\0"].concat();
    vec![
        photograph(),
        encoded(ImageFormat::Png),
        encoded(ImageFormat::WebP),
        riff(b"WEBP"),
        riff(b"WAVE"),
        mp3(),
        b"ID3\x04\0\x10\0\0\0\x05".to_vec(),
        m4a(b"soun"),
        b"#!AMR-WB\n\x44".to_vec(),
        b"%PDF-1.4\nstartxref\n%%EOF".to_vec(),
        b"PK\x03\x04\x14\0\0\0\x08\0".to_vec(),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(),
        Vec::new(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Whatever chance makes of a file: no panic, and what is taken is taken again, unchanged, as the same kind.
    #[test]
    fn no_file_breaks_the_bench(
        which in 0..13_usize,
        cut in 0..2_000_usize,
        changes in prop::collection::vec((0..2_000_usize, any::<u8>()), 0..6),
        more in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut bytes = beginnings().swap_remove(which);
        bytes.truncate(cut);
        for (place, byte) in changes {
            if let Some(there) = bytes.get_mut(place) {
                *there = byte;
            }
        }
        bytes.extend(more);
        if let Ok(fit) = judge("档.bin", bytes) {
            let again = judge(&fit.name, fit.bytes.clone()).unwrap();
            prop_assert_eq!((again.kind, &again.bytes, &again.name), (fit.kind, &fit.bytes, &fit.name));
        }
    }
}
