//! Amounts of money as people read them: with thousands, and in Chinese capitals (大写).

/// Fen as yuan with two decimals and thousands: `1,234.56`, `-0.05`.
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    let digits = (fen / 100).to_string();
    let mut whole = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            whole.push(',');
        }
        whole.push(digit);
    }
    format!("{sign}{whole}.{:02}", fen % 100)
}

/// Fen in the capitals that cheques and pay lists use: 壹仟贰佰叁拾肆元伍角陆分, 拾元 as 壹拾元整.
///
/// By the rules for filling in negotiable instruments (正确填写票据和结算凭证的基本规定): 整 after yuan
/// and after jiao, never after fen; one 零 for any run of zeros between figures, and for a missing jiao
/// before fen; a negative amount begins with 负.
pub fn capitals(fen: i64) -> String {
    let sign = if fen < 0 { "负" } else { "" };
    let fen = fen.unsigned_abs();
    let (yuan, jiao, odd) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut text = String::from(sign);
    if yuan > 0 {
        text.push_str(&whole_capitals(yuan));
        text.push('元');
    }
    match (jiao, odd) {
        (0, 0) if yuan == 0 => text.push_str("零元整"),
        (0, 0) => text.push('整'),
        (0, odd) => {
            if yuan > 0 {
                text.push('零');
            }
            text.push(digit(odd));
            text.push('分');
        }
        (jiao, odd) => {
            text.push(digit(jiao));
            text.push('角');
            if odd > 0 {
                text.push(digit(odd));
                text.push('分');
            } else {
                text.push('整');
            }
        }
    }
    text
}

/// A whole number above 0, by groups of four figures: 亿亿 holds the greatest that fits.
fn whole_capitals(number: u64) -> String {
    const GROUPS: [&str; 5] = ["", "万", "亿", "万亿", "亿亿"];
    let mut text = String::new();
    let mut zero = false;
    for (group, name) in GROUPS.iter().enumerate().rev() {
        let four = number / 10_000_u64.pow(u32::try_from(group).unwrap_or(0)) % 10_000;
        if four == 0 {
            zero = !text.is_empty();
            continue;
        }
        for (place, unit) in [(1_000, "仟"), (100, "佰"), (10, "拾"), (1, "")] {
            match four / place % 10 {
                0 => zero = zero || !text.is_empty(),
                figure => {
                    if zero {
                        text.push('零');
                        zero = false;
                    }
                    text.push(digit(figure));
                    text.push_str(unit);
                }
            }
        }
        text.push_str(name);
        zero = false;
    }
    text
}

fn digit(figure: u64) -> char {
    ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'][usize::try_from(figure % 10).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_with_thousands_and_two_decimals() {
        for (fen, text) in [
            (0, "0.00"),
            (5, "0.05"),
            (-5, "-0.05"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (123_456, "1,234.56"),
            (-123_456_789, "-1,234,567.89"),
            (i64::MIN, "-92,233,720,368,547,758.08"),
        ] {
            assert_eq!(yuan(fen), text);
        }
    }

    #[test]
    fn capitals_as_on_a_cheque() {
        for (fen, text) in [
            (0, "零元整"),
            (1, "壹分"),
            (10, "壹角整"),
            (105, "壹元零伍分"),
            (150, "壹元伍角整"),
            (1_000, "壹拾元整"),
            (123_456, "壹仟贰佰叁拾肆元伍角陆分"),
            (140_950, "壹仟肆佰零玖元伍角整"),
            (600_714, "陆仟零柒元壹角肆分"),
            (10_000_000, "壹拾万元整"),
            (10_000_100, "壹拾万零壹元整"),
            (10_700_053, "壹拾万柒仟元伍角叁分"),
            (1_000_000_000_000, "壹佰亿元整"),
            (10_000_000_100, "壹亿零壹元整"),
            (100_010_000_000, "壹拾亿零壹拾万元整"),
            (-80_000, "负捌佰元整"),
        ] {
            assert_eq!(capitals(fen), text, "{fen}");
        }
    }
}
