//! Columns drawn on the server: a column a month, its lower part what is done of it. In whole units of the drawing, so
//! that the same figures give the same picture.

use super::figures::Part;

/// One column.
#[derive(Debug)]
pub struct Column {
    /// Beneath it.
    pub label: String,
    /// Its height, and how much of it is done.
    pub part: Part,
}

/// Where a column stands in a drawing of [`WIDTH`] by [`HEIGHT`].
#[derive(Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Beneath it.
    pub label: String,
    /// The figures.
    pub part: Part,
    /// The left edge of the column.
    pub x: i64,
    /// Its upper edge, and that of the part that is done.
    pub y: i64,
    /// Height of the whole.
    pub height: i64,
    /// Upper edge of what is done.
    pub done_y: i64,
    /// Height of what is done.
    pub done_height: i64,
}

/// A drawing of columns.
#[derive(Debug)]
pub struct Columns {
    /// From left to right.
    pub drawn: Vec<Drawn>,
    /// Lines across, with the number that each stands for.
    pub lines: Vec<(i64, i64)>,
}

/// Width of the drawing, the numbers on its left included.
pub const WIDTH: i64 = 640;
/// Its height, with the labels beneath.
pub const HEIGHT: i64 = 180;
/// The left edge of the columns, and their foot.
const LEFT: i64 = 44;
const FOOT: i64 = 152;
const TOP: i64 = 14;
/// Width of a column; a place is at least as wide and half as much again.
pub const COLUMN: i64 = 28;

impl Columns {
    /// Draws columns to the scale of the highest.
    pub fn of(columns: impl Iterator<Item = Column>) -> Self {
        let columns: Vec<Column> = columns.collect();
        let top = scale(columns.iter().map(|column| column.part.of).max().unwrap_or(0));
        let high = |count: i64| (count * (FOOT - TOP) + top / 2) / top;
        let step = (WIDTH - LEFT) / 12;
        let drawn = columns.into_iter().zip(0..).map(|(Column { label, part }, index)| {
            let (height, done_height) = (high(part.of), high(part.done));
            let x = LEFT + index * step + (step - COLUMN) / 2;
            Drawn { label, part, x, y: FOOT - height, height, done_y: FOOT - done_height, done_height }
        });
        Self { drawn: drawn.collect(), lines: [0, top / 2, top].map(|count| (FOOT - high(count), count)).into() }
    }

    /// A sentence for who does not see it.
    pub fn said(&self) -> String {
        let months: Vec<String> = self.drawn.iter().map(|one| format!("{} {} 件", one.label, one.part.of)).collect();
        months.join("，")
    }
}

/// The next round number at or above a count: 2, 10, 20, 50, 100, 200 …; even, so that its half is whole.
fn scale(count: i64) -> i64 {
    let mut power = 10;
    loop {
        for round in [power / 5, power, 2 * power, 4 * power] {
            if round >= count.max(1) && round % 2 == 0 {
                return round;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_the_next_round_number() {
        assert_eq!(
            [0, 2, 3, 10, 11, 20, 21, 40, 41, 100, 101].map(scale),
            [2, 2, 10, 10, 20, 20, 40, 40, 100, 100, 200]
        );
    }

    #[test]
    fn a_column_is_as_high_as_its_share_of_the_scale_and_never_leaves_the_drawing() {
        let parts = [Part { done: 5, of: 10 }, Part { done: 0, of: 0 }, Part { done: 20, of: 20 }];
        let columns = Columns::of(parts.into_iter().map(|part| Column { label: String::new(), part }));
        let heights: Vec<(i64, i64)> = columns.drawn.iter().map(|one| (one.height, one.done_height)).collect();
        assert_eq!(heights, [(69, 35), (0, 0), (138, 138)]);
        assert!(columns.drawn.iter().all(|one| one.y >= TOP && one.y + one.height == FOOT && one.x + COLUMN <= WIDTH));
        assert_eq!(columns.lines, [(152, 0), (83, 10), (14, 20)]);
    }
}
