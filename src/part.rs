//! So many of so many, as figures show it, in whole numbers.

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Numerator.
    pub done: i64,
    /// Denominator.
    pub of: i64,
}

impl Part {
    /// Per mille, rounded half up; nothing of nothing is not a rate.
    pub fn per_mille(self) -> Option<i64> {
        (self.of > 0).then(|| (self.done * 2_000 + self.of) / (self.of * 2))
    }

    /// 93.1%, or a dash.
    pub fn percent(self) -> String {
        self.per_mille().map_or("—".to_owned(), |rate| format!("{}.{}%", rate / 10, rate % 10))
    }

    /// The class of a tile: the darker, the more of it is done.
    pub fn shade(self) -> &'static str {
        match self.per_mille() {
            None | Some(0) => "",
            Some(..250) => "a",
            Some(250..500) => "b",
            Some(500..800) => "c",
            Some(_) => "d",
        }
    }

    /// Width of a bar of a hundred.
    pub fn width(self) -> i64 {
        self.per_mille().map_or(0, |rate| (rate / 10).min(100))
    }
}

/// A number as people read it: 182,340.
pub fn grouped(number: &i64) -> String {
    let digits = number.abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if *number < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_rounded_half_up_and_nothing_of_nothing_is_none() {
        // The county's own figures of 2010, as PRODUCT F1 quotes them.
        assert_eq!(Part { done: 520, of: 548 }.percent(), "94.9%");
        assert_eq!(Part { done: 6396, of: 6879 }.percent(), "93.0%");
        assert_eq!(Part { done: 187, of: 206 }.percent(), "90.8%");
        assert_eq!(Part { done: 0, of: 0 }.percent(), "—");
        assert_eq!(Part { done: 1, of: 2000 }.percent(), "0.1%");
        assert_eq!(Part { done: 1, of: 2001 }.percent(), "0.0%");
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(grouped(&182_340), "182,340");
        assert_eq!(grouped(&340), "340");
        assert_eq!(grouped(&-1_000), "-1,000");
    }

    #[test]
    fn a_tile_darkens_at_a_quarter_a_half_and_four_fifths() {
        let shade = |done| Part { done, of: 1_000 }.shade();
        assert_eq!([0, 1, 249, 250, 499, 500, 799, 800].map(shade), ["", "a", "a", "b", "b", "c", "c", "d"]);
    }
}
