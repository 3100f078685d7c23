//! Recordings: walked through from frame to frame or from box to box, and kept without what a phone writes beside them.

use super::pictures::{chunk, enclosed, riff};
use super::rules::{Kind, Unfit};

/// The recording without notes.
pub(super) fn judge(kind: Kind, bytes: &[u8]) -> Result<Vec<u8>, Unfit> {
    match kind {
        Kind::M4a => m4a(bytes),
        Kind::Amr => amr(bytes).ok_or(Unfit::Broken),
        Kind::Wav => wav(bytes).ok_or(Unfit::Broken),
        _ => mp3(bytes).ok_or(Unfit::Broken),
    }
}

/// An MP3 without its tags, which hold pictures, texts and sometimes a place.
fn mp3(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut sound = bytes;
    while sound.starts_with(b"ID3") {
        let size = sound.get(6..10)?;
        if size.iter().any(|byte| *byte > 0x7f) {
            return None;
        }
        let size = size.iter().fold(0_usize, |size, byte| size << 7 | usize::from(*byte));
        let footer = if sound[5] & 0x10 == 0 { 0 } else { 10 };
        sound = sound.get(10 + size + footer..)?;
    }
    // Some recorders fill up with zeros behind the tag.
    let silence = sound.iter().position(|byte| *byte != 0)?;
    sound = &sound[silence..];
    if let Some(rest) = sound.len().checked_sub(128)
        && sound[rest..].starts_with(b"TAG")
    {
        sound = &sound[..rest];
    }
    // The first frame is whole, and what follows it are frames too.
    let mut at = frame(sound)?;
    if at > sound.len() {
        return None;
    }
    for _ in 0..2 {
        if at >= sound.len() {
            break;
        }
        at += frame(&sound[at..])?;
    }
    Some(sound.to_vec())
}

/// The length of the MPEG frame of layer 3 that begins here.
fn frame(bytes: &[u8]) -> Option<usize> {
    const OF_1: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const OF_2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let [first, second, third, _] = *bytes.first_chunk::<4>()?;
    if first != 0xff || second & 0xe6 != 0xe2 {
        return None;
    }
    let (rates, kilobits, each) = match second >> 3 & 3 {
        3 => ([44_100, 48_000, 32_000], OF_1, 144_000),
        2 => ([22_050, 24_000, 16_000], OF_2, 72_000),
        0 => ([11_025, 12_000, 8_000], OF_2, 72_000),
        _ => return None,
    };
    let rate = rates.get(usize::from(third >> 2 & 3))?;
    let kilobits = kilobits.get(usize::from(third >> 4)).filter(|kilobits| **kilobits > 0)?;
    Some(each * kilobits / rate + usize::from(third >> 1 & 1))
}

/// Speech of an older phone: every frame says how long it is. It ends with its last whole frame.
fn amr(bytes: &[u8]) -> Option<Vec<u8>> {
    const NARROW: [usize; 16] = [12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0];
    const WIDE: [usize; 16] = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0];
    let (mut rest, sizes) = match bytes.strip_prefix(b"#!AMR\n") {
        Some(rest) => (rest, NARROW),
        None => (bytes.strip_prefix(b"#!AMR-WB\n")?, WIDE),
    };
    let begin = bytes.len() - rest.len();
    while let Some((head, after)) = rest.split_first() {
        if head & 0x83 != 0 {
            return None;
        }
        match after.get(sizes[usize::from(head >> 3 & 15)]..) {
            Some(next) => rest = next,
            // A recording that was broken off ends within a frame.
            None => break,
        }
    }
    let end = bytes.len() - rest.len();
    (end > begin).then(|| bytes[..end].to_vec())
}

/// Sound without compression: its format and its samples.
fn wav(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut seen = [false; 2];
    for (kind, body) in riff(bytes)? {
        seen[0] |= kind == b"fmt ";
        seen[1] |= kind == b"data";
        if [b"fmt ", b"fact", b"data"].contains(&kind.try_into().ok()?) {
            chunk(&mut out, kind, body);
        }
    }
    if seen == [true, true] { enclosed(b"WAVE", &out) } else { None }
}

/// An MP4 container: boxes from the first byte to the last, sound in it and no picture that moves. A place noted in it
/// is made into free room.
fn m4a(bytes: &[u8]) -> Result<Vec<u8>, Unfit> {
    let mut out = bytes.to_vec();
    let (mut at, mut is_sound) = (0, false);
    while at < bytes.len() {
        let (head, kind, end) = boxed(bytes, at).ok_or(Unfit::Broken)?;
        if kind.iter().any(|byte| !(byte.is_ascii_alphanumeric() || *byte == b' ')) {
            return Err(Unfit::Broken);
        }
        if kind == b"moov" {
            let movie = bytes.get(at + head..end).ok_or(Unfit::Broken)?;
            for (place, _) in movie.windows(4).enumerate().filter(|(_, word)| *word == b"hdlr") {
                match movie.get(place + 12..place + 16) {
                    Some(b"soun") => is_sound = true,
                    Some(b"vide") => return Err(Unfit::Video),
                    _ => {}
                }
            }
        }
        if matches!(kind, b"moov" | b"udta" | b"meta") {
            forget_places(&mut out[at + head..end]);
        }
        at = end;
    }
    if is_sound { Ok(out) } else { Err(Unfit::Broken) }
}

/// Length of the head, kind and end of the box that begins at a place.
fn boxed(bytes: &[u8], at: usize) -> Option<(usize, &[u8], usize)> {
    let head = bytes.get(at..at + 8)?;
    let length = u32::from_be_bytes(head[..4].try_into().ok()?);
    let (start, length) = match length {
        0 => (8, bytes.len() - at),
        1 => (16, usize::try_from(u64::from_be_bytes(bytes.get(at + 8..at + 16)?.try_into().ok()?)).ok()?),
        length => (8, usize::try_from(length).ok()?),
    };
    let end = at.checked_add(length)?;
    (length >= start && end <= bytes.len()).then(|| (start, &bytes[at + 4..at + 8], end))
}

/// Boxes of places, whatever box they lie in: `©xyz` of Apple and Android, `loci` of 3GP.
fn forget_places(movie: &mut [u8]) {
    for kind in [b"\xa9xyz", b"loci"] {
        let mut from = 0;
        while let Some(found) = movie[from..].windows(4).position(|word| word == kind) {
            let place = from + found;
            from = place + 4;
            let length = place.checked_sub(4).and_then(|at| movie[at..place].try_into().ok()).map(u32::from_be_bytes);
            let end = length.and_then(|length| (place - 4).checked_add(usize::try_from(length).ok()?));
            if let Some(end) = end.filter(|end| *end >= from && *end <= movie.len()) {
                movie[place..from].copy_from_slice(b"free");
                movie[from..end].fill(0);
            }
        }
    }
}
