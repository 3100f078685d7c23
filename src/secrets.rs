//! Keys, keyed look-ups, encryption at rest, and random text.
//!
//! The keys lie in a file of their own, outside the database and outside every backup: whoever holds a copy of the
//! data cannot read a phone number or an identity number with it, nor try receipt codes against it.

use std::path::Path;

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};
use anyhow::Context;
use hmac::{Hmac, Mac};
use sm3::{Digest, Sm3};
use subtle::ConstantTimeEq;

type Sm4Gcm = aes_gcm::AesGcm<sm4::Sm4, U12>;

/// SM3 of the pieces, one after the other.
pub fn sm3(pieces: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sm3::new();
    for piece in pieces {
        digest.update(piece);
    }
    digest.finalize().into()
}

/// `N` random bytes from the operating system.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// `N` random bytes as hexadecimal text.
pub fn random_hex<const N: usize>() -> String {
    hex(&random::<N>())
}

/// Lower-case hexadecimal text of bytes.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a keyed look-up is for; the same text gives another value for another purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A phone number, to find a person by.
    Phone,
    /// The code on a receipt.
    Receipt,
    /// The making of that code from a form's key.
    ReceiptCode,
    /// A login that was tried.
    Login,
    /// The key of a form that was sent.
    FormKey,
    /// A device on which somebody signed in.
    Device,
    /// The proof in the id of a request that another program handed in.
    Open311,
    /// A row of a sheet that brought a petition in.
    SheetRow,
    /// Which keys these are.
    KeyCheck,
    /// What a form holds of a file that came with it.
    FileTicket,
    /// The nonce of a file.
    FileNonce,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Phone => b"phone",
            Self::Open311 => b"open311",
            Self::Receipt => b"receipt",
            Self::ReceiptCode => b"receipt-code",
            Self::Login => b"login",
            Self::FormKey => b"form-key",
            Self::Device => b"device",
            Self::SheetRow => b"sheet-row",
            Self::KeyCheck => b"key-check",
            Self::FileTicket => b"file-ticket",
            Self::FileNonce => b"file-nonce",
        }
    }
}

/// The county's keys.
pub struct Keys {
    lookup: [u8; 32],
    cipher: Sm4Gcm,
    check: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Keys from 48 bytes: 32 to look up with, 16 to encrypt with.
    pub fn from_bytes(bytes: &[u8; 48]) -> Self {
        let mut lookup = [0; 32];
        lookup.copy_from_slice(&bytes[..32]);
        let cipher = Sm4Gcm::new_from_slice(&bytes[32..]).expect("SM4 keys are 16 bytes long");
        // Covers both keys, and tells neither.
        let check = hex(&keyed(&lookup, Purpose::KeyCheck, &bytes[32..]));
        Self { lookup, cipher, check }
    }

    /// Reads the key file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => anyhow::anyhow!(
                "没有密钥文件 {}：请把另行保管的那一份放回去。没有它，库里的电话、证件号和查询码都打不开",
                path.display()
            ),
            _ => anyhow::Error::new(error).context(format!("读不了密钥文件 {}", path.display())),
        })?;
        let bytes = from_hex(text.trim())
            .and_then(|bytes| <[u8; 48]>::try_from(bytes).ok())
            .with_context(|| format!("密钥文件 {} 应是 96 个十六进制字符", path.display()))?;
        Ok(Self::from_bytes(&bytes))
    }

    /// Makes the key file of a new county, which only its owner can read; one that is there already is taken.
    pub fn read_or_create(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            write_private(path, &random_hex::<48>()).with_context(|| format!("写不了密钥文件 {}", path.display()))?;
        }
        Self::read(path)
    }

    /// Tells which keys these are, and nothing else about them.
    pub fn check(&self) -> String {
        self.check.clone()
    }

    /// Whether a check that was noted down is that of these keys.
    pub fn fit(&self, check: &str) -> bool {
        same(self.check.as_bytes(), check.as_bytes())
    }

    /// HMAC-SM3 of a text for one purpose: equal texts give equal values, and nobody without the key can try texts.
    pub fn keyed(&self, purpose: Purpose, text: &str) -> Vec<u8> {
        keyed(&self.lookup, purpose, text.as_bytes())
    }

    /// Encrypts a text; `place` (table, column and id) is bound to it, so that it cannot be moved to another row.
    pub fn encrypt(&self, text: &str, place: &str) -> Vec<u8> {
        let nonce: [u8; 12] = random();
        let sealed = self
            .cipher
            .encrypt(&Nonce::<Sm4Gcm>::from(nonce), Payload { msg: text.as_bytes(), aad: place.as_bytes() })
            .expect("a text of a form is far below the limit of GCM");
        [&nonce[..], &sealed].concat()
    }

    /// Decrypts what [`Keys::encrypt`] made for the same place.
    pub fn decrypt(&self, sealed: &[u8], place: &str) -> anyhow::Result<String> {
        let (nonce, body) = sealed.split_first_chunk::<12>().context("密文太短")?;
        let text = self
            .cipher
            .decrypt(&Nonce::<Sm4Gcm>::from(*nonce), Payload { msg: body, aad: place.as_bytes() })
            .map_err(|_| anyhow::anyhow!("密文与密钥或位置不符（{place}）"))?;
        Ok(String::from_utf8(text)?)
    }

    /// Encrypts a file. The nonce comes from the content and the keys, so that the same file gives the same bytes and is
    /// kept once, and nobody without the keys can try whether a file that he has is there.
    pub fn seal(&self, bytes: &[u8]) -> Vec<u8> {
        let mac = self.keyed(Purpose::FileNonce, &hex(&sm3(&[bytes])));
        let mut nonce = [0; 12];
        nonce.copy_from_slice(&mac[..12]);
        let sealed = self
            .cipher
            .encrypt(&Nonce::<Sm4Gcm>::from(nonce), Payload { msg: bytes, aad: b"file" })
            .expect("a file is far below the limit of GCM");
        [&nonce[..], &sealed].concat()
    }

    /// Decrypts what [`Keys::seal`] made.
    pub fn open(&self, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        let (nonce, body) = sealed.split_first_chunk::<12>().context("密文太短")?;
        self.cipher
            .decrypt(&Nonce::<Sm4Gcm>::from(*nonce), Payload { msg: body, aad: b"file" })
            .map_err(|_| anyhow::anyhow!("附件与密钥不符"))
    }
}

fn keyed(key: &[u8; 32], purpose: Purpose, text: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sm3> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes any key length");
    mac.update(purpose.label());
    mac.update(&[0]);
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// Compares in a time that does not tell where they differ: for what somebody may try to guess.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    (digits.len().is_multiple_of(2)).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    crate::backup::sync_folder_of(path)
}

/// Crockford's alphabet: no letter that is taken for a digit.
const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Ten bytes as sixteen characters in groups of four: 80 bits that a person can read out.
pub fn code_text(bytes: &[u8; 10]) -> String {
    let mut text = String::with_capacity(19);
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in bytes {
        buffer = buffer << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            if !text.is_empty() && (text.len() + 1).is_multiple_of(5) {
                text.push('-');
            }
            text.push(char::from(BASE32[(buffer >> bits & 31) as usize]));
        }
        buffer &= (1 << bits) - 1;
    }
    text
}

/// A code as it was typed, brought to the one way in which it is looked up: 16 characters without groups,
/// full-width and lower-case forms accepted, `O` read as `0` and `I`, `L` as `1`.
pub fn code_normal(typed: &str) -> Option<String> {
    let mut code = String::with_capacity(16);
    for c in typed.chars() {
        let c = match c {
            '！'..='～' => char::from_u32(u32::from(c) - 0xfee0)?,
            c => c,
        };
        match c.to_ascii_uppercase() {
            '-' | ' ' | '\u{3000}' => {}
            'O' => code.push('0'),
            'I' | 'L' => code.push('1'),
            c if c.is_ascii() && BASE32.contains(&(c as u8)) => code.push(c),
            _ => return None,
        }
    }
    (code.len() == 16).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sm3_gives_the_value_of_the_standard() {
        // GB/T 32905-2016, appendix A.1.
        assert_eq!(hex(&sm3(&[b"abc"])), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }

    #[test]
    fn an_encrypted_phone_opens_at_its_own_place_only() {
        let keys = Keys::from_bytes(&[7; 48]);
        let sealed = keys.encrypt("13800000000", "petitioner.phone/1");
        assert_eq!(keys.decrypt(&sealed, "petitioner.phone/1").unwrap(), "13800000000");
        assert!(keys.decrypt(&sealed, "petitioner.phone/2").is_err());
        assert_ne!(sealed, keys.encrypt("13800000000", "petitioner.phone/1"), "a fresh nonce each time");
    }

    #[test]
    fn the_same_file_is_the_same_bytes_under_the_same_keys_alone() {
        let keys = Keys::from_bytes(&[7; 48]);
        let sealed = keys.seal(b"%PDF-");
        assert_eq!(sealed, keys.seal(b"%PDF-"));
        assert_eq!(keys.open(&sealed).unwrap(), b"%PDF-");
        let other = Keys::from_bytes(&[8; 48]);
        assert_ne!(sealed, other.seal(b"%PDF-"));
        assert!(other.open(&sealed).is_err());
        let text = keys.encrypt("13800000000", "petitioner.phone/1");
        assert!(keys.open(&text).is_err(), "a field is no file");
    }

    #[test]
    fn a_code_survives_being_read_out() {
        let code = code_text(&[0xff; 10]);
        assert_eq!(code, "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(code_normal(" zzzz zzzz-ＺＺＺＺ zzzz ").unwrap(), "ZZZZZZZZZZZZZZZZ");
        assert_eq!(code_normal("OIl0-0000-0000-0000").unwrap(), "0110000000000000");
        assert_eq!(code_normal("ZZZZ"), None);
    }

    #[test]
    fn a_check_tells_every_byte_of_the_keys() {
        let keys = Keys::from_bytes(&[7; 48]);
        assert!(keys.fit(&Keys::from_bytes(&[7; 48]).check()));
        for place in [0, 31, 32, 47] {
            let mut other = [7; 48];
            other[place] = 8;
            assert!(!keys.fit(&Keys::from_bytes(&other).check()), "byte {place}");
        }
    }

    #[test]
    fn the_same_text_for_another_purpose_is_another_value() {
        let keys = Keys::from_bytes(&[7; 48]);
        assert_ne!(keys.keyed(Purpose::Phone, "1"), keys.keyed(Purpose::Receipt, "1"));
    }
}
