//! 回访抽样: which closed petitions are called back, and by whom.

use jiff::civil::Date;

use super::acts::Party;
use super::matter::Matter;
use crate::secrets::sm3;
use crate::words::words;

words! {
    /// What a call about a drawn petition came to.
    Heard {
        /// The petitioner says that it is done.
        Settled = "settled", "本人说已经解决";
        /// The petitioner says that it is not.
        Unsettled = "unsettled", "本人说没有解决";
        /// Nobody answered.
        Missed = "missed", "没有联系上";
    }
}

/// Why a call may not be recorded, or a draw not be made; the text is for the person who tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSampled {
    /// The period is not over.
    #[error("这个月还没有过完，过完再抽")]
    NotOver,
    /// Once each.
    #[error("这个月已经抽过，不能重抽")]
    Drawn,
    /// No month.
    #[error("请选择月份")]
    NoMonth,
    /// By the unit that handled it.
    #[error("抽中的事项由承办单位以外的人回访")]
    OwnUnit,
    /// Somebody was reached already.
    #[error("已经回访到本人")]
    Reached,
    /// A day in the future, or before the draw.
    #[error("日期不能晚于今天，也不能早于{0}")]
    ImpossibleDay(Date),
    /// Text missing or too long.
    #[error("请写明信访人怎么说，2 至 1000 字")]
    Text,
}

/// Those drawn of a population, in the order of their ids: the first by a hash of seed and number, as many as the share
/// of ten thousand rounds up to. The same seed and population draw the same.
pub fn draw(seed: &str, population: &[i64], share_bp: i64) -> Vec<i64> {
    let share = usize::try_from(share_bp.clamp(0, 10_000)).unwrap_or_default();
    let size = (population.len() * share).div_ceil(10_000);
    let mut lots: Vec<([u8; 32], i64)> =
        population.iter().map(|id| (sm3(&[seed.as_bytes(), b"/", id.to_string().as_bytes()]), *id)).collect();
    lots.sort_unstable();
    let mut drawn: Vec<i64> = lots.into_iter().take(size).map(|(_, id)| id).collect();
    drawn.sort_unstable();
    drawn
}

impl Matter {
    /// Whether a party may call about it once it was drawn: neither the handler nor anybody of the handler's unit.
    pub fn may_sample(&self, by: Party, drawn: Date, on: Date, today: Date) -> Result<(), NotSampled> {
        if self.handled_by(by) {
            return Err(NotSampled::OwnUnit);
        }
        if on > today || on < drawn { Err(NotSampled::ImpossibleDay(drawn)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_is_the_same_for_the_same_seed_and_of_the_size_that_the_value_says() {
        let population: Vec<i64> = (1..=95).collect();
        let drawn = draw("seed", &population, 1_000);
        assert_eq!(drawn.len(), 10, "a tenth of 95, rounded up");
        assert_eq!(drawn, draw("seed", &population, 1_000));
        let mut turned = population.clone();
        turned.reverse();
        assert_eq!(drawn, draw("seed", &turned, 1_000), "whatever the order");
        assert_ne!(drawn, draw("another", &population, 1_000));
        assert_eq!(draw("seed", &[7], 1), [7], "one of few is still one");
        assert_eq!((draw("seed", &population, 0).len(), draw("seed", &population, 10_000).len()), (0, 95));
        assert!(draw("seed", &[], 1_000).is_empty());
    }

    #[test]
    fn every_petition_is_drawn_about_as_often_as_any_other() {
        let population: Vec<i64> = (1..=20).collect();
        let mut times = [0; 20];
        for seed in 0..400 {
            for id in draw(&seed.to_string(), &population, 2_500) {
                times[usize::try_from(id).unwrap() - 1] += 1;
            }
        }
        assert!(times.iter().all(|times| (60..=140).contains(times)), "{times:?}");
    }
}
