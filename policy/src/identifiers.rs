//! Numbers that carry a check: the citizen number (GB 11643) and the unified social credit code
//! (GB 32100), and the full-width digits that people type into both.

use jiff::civil::Date;

/// ASCII in place of full-width digits, letters and spaces (４３０２２３ becomes 430223), ends trimmed.
pub fn half_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    };
    text.chars().map(narrow).collect::<String>().trim().to_owned()
}

/// Why a citizen number is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCitizenNumber {
    /// Not 17 digits and a digit or X.
    #[error("公民身份号码应为18位：17位数字和1位数字或X")]
    Form,
    /// The birth date is no day of the calendar.
    #[error("公民身份号码中的出生日期不存在")]
    Birth,
    /// The check character does not fit the others.
    #[error("公民身份号码校验不符，请核对每一位")]
    Check,
}

/// A citizen number (公民身份号码) whose check fits, with a capital X.
///
/// The address part is not looked at: it can be a code that has been retired since.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CitizenNumber(String);

impl CitizenNumber {
    /// Reads 18 characters, full-width ones and a small x included.
    pub fn parse(text: &str) -> Result<Self, BadCitizenNumber> {
        const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let number = half_width(text).to_ascii_uppercase();
        let Some((digits, [check])) = number.as_bytes().split_first_chunk::<17>() else {
            return Err(BadCitizenNumber::Form);
        };
        if !digits.iter().all(u8::is_ascii_digit) || !(check.is_ascii_digit() || *check == b'X') {
            return Err(BadCitizenNumber::Form);
        }
        let sum: u32 = digits.iter().zip(WEIGHTS).map(|(&digit, weight)| u32::from(digit - b'0') * weight).sum();
        if b"10X98765432"[sum as usize % 11] != *check {
            return Err(BadCitizenNumber::Check);
        }
        let read = Self(number);
        if read.birth().is_none() { Err(BadCitizenNumber::Birth) } else { Ok(read) }
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The day of birth; there always is one.
    pub fn birth(&self) -> Option<Date> {
        let part = |from, to| self.0.get(from..to)?.parse::<i16>().ok();
        let small = |from, to| part(from, to).and_then(|n| i8::try_from(n).ok());
        Date::new(part(6, 10)?, small(10, 12)?, small(12, 14)?).ok()
    }

    /// Whether the number is that of a man: the 17th digit is odd.
    pub fn is_male(&self) -> bool {
        self.0.as_bytes().get(16).is_some_and(|digit| digit % 2 == 1)
    }

    /// With the birth date covered, for the page: 110105********002X.
    pub fn masked(&self) -> String {
        let (head, tail) = (self.0.get(..6).unwrap_or(""), self.0.get(14..).unwrap_or(""));
        format!("{head}********{tail}")
    }
}

/// What a check of a unified social credit code (统一社会信用代码) says.
///
/// Some genuine codes fail the check, so `Doubtful` warns the person and never blocks the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditCode {
    /// Form and check fit.
    Fits,
    /// The form fits, the check does not: warn.
    Doubtful,
    /// Not 18 characters of the code's alphabet: surely a slip.
    Malformed,
}

impl CreditCode {
    /// Checks a code, full-width and small letters included.
    pub fn check(text: &str) -> Self {
        const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
        let code = half_width(text).to_ascii_uppercase();
        let place = |byte: &u8| ALPHABET.iter().position(|known| known == byte);
        let Some(values) = code.as_bytes().iter().map(place).collect::<Option<Vec<usize>>>() else {
            return Self::Malformed;
        };
        let Some((body, [check])) = values.split_first_chunk::<17>() else {
            return Self::Malformed;
        };
        // The weights are the powers of 3, modulo 31.
        let weighted = body.iter().fold((0, 1), |(sum, weight), value| (sum + value * weight, weight * 3 % 31));
        if (31 - weighted.0 % 31) % 31 == *check { Self::Fits } else { Self::Doubtful }
    }

    /// What to tell the person; nothing if the code fits.
    pub fn warning(self) -> Option<&'static str> {
        match self {
            Self::Fits => None,
            Self::Doubtful => Some("统一社会信用代码校验不符，请核对；个别有效代码也会不符，可以保存"),
            Self::Malformed => Some("统一社会信用代码应为18位数字或大写字母（不含I、O、S、V、Z）"),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_citizen_number_carries_birth_and_sex() {
        // The example of GB 11643 itself.
        let number = CitizenNumber::parse("11010519491231002x").unwrap();
        assert_eq!(number.as_str(), "11010519491231002X");
        assert_eq!(number.birth(), Some(date(1949, 12, 31)));
        assert!(!number.is_male());
        assert_eq!(number.masked(), "110105********002X");
    }

    #[test]
    fn full_width_digits_are_the_same_number() {
        let wide = CitizenNumber::parse("　１１０１０５１９４９１２３１００２Ｘ ").unwrap();
        assert_eq!(wide.as_str(), "11010519491231002X");
    }

    #[test]
    fn a_slip_is_told_apart() {
        assert_eq!(CitizenNumber::parse("110105194912310021"), Err(BadCitizenNumber::Check));
        assert_eq!(CitizenNumber::parse("1101051949123100"), Err(BadCitizenNumber::Form));
        assert_eq!(CitizenNumber::parse("11010519491231002XX"), Err(BadCitizenNumber::Form));
        assert_eq!(CitizenNumber::parse("1101051949123100２甲"), Err(BadCitizenNumber::Form));
        // 30 February, with the check that would fit it.
        assert_eq!(CitizenNumber::parse("110105194902300020"), Err(BadCitizenNumber::Birth));
    }

    #[test]
    fn a_credit_code_warns_and_does_not_block() {
        assert_eq!(CreditCode::check("91350100M000100Y43"), CreditCode::Fits);
        assert_eq!(CreditCode::check("９１３５０１００m000100y43"), CreditCode::Fits);
        assert_eq!(CreditCode::check("91350100M000100Y44"), CreditCode::Doubtful);
        assert_eq!(CreditCode::check("91350100M000100I43"), CreditCode::Malformed);
        assert_eq!(CreditCode::check("91350100M000100Y4"), CreditCode::Malformed);
        assert!(CreditCode::Fits.warning().is_none() && CreditCode::Doubtful.warning().is_some());
    }
}
