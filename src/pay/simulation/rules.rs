//! A month as it was settled beside the same month under another scheme: who gains, who loses, which groups come to
//! what. Pure.

use std::collections::BTreeMap;

use crate::pay::kept::Share;

/// What one person has from the groups of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// The classes, in their order.
    pub classes: Vec<String>,
    /// The scores, one a class; nothing: not scored.
    pub scores: Vec<Option<u16>>,
    /// 扣入.
    pub stake_fen: i64,
    /// 应发; nothing while some group is not decided.
    pub share_fen: Option<i64>,
}

impl Side {
    /// 奖惩.
    pub fn delta_fen(&self) -> Option<i64> {
        self.share_fen.map(|share| share - self.stake_fen)
    }
}

/// What the other scheme means for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The reward is greater, or the penalty smaller.
    Gains,
    /// The other way round.
    Loses,
    /// To the fen the same.
    Same,
    /// Not decided on one of the sides.
    Open,
    /// Settled here under the other scheme only, or no more.
    Moves,
}

impl Effect {
    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gains => "变好",
            Self::Loses => "变差",
            Self::Same => "不变",
            Self::Open => "待定",
            Self::Moves => "换组",
        }
    }
}

/// A person on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// 干部编号.
    pub number: String,
    /// The name.
    pub name: String,
    /// As it was; nothing: was not settled by this run.
    pub before: Option<Side>,
    /// Under the other scheme; nothing: would not be settled by this run.
    pub after: Option<Side>,
}

impl Person {
    /// By how much the reward or penalty changes.
    pub fn change_fen(&self) -> Option<i64> {
        Some(self.after.as_ref()?.delta_fen()? - self.before.as_ref()?.delta_fen()?)
    }
    /// What it means.
    pub fn effect(&self) -> Effect {
        match (&self.before, &self.after, self.change_fen()) {
            (None, ..) | (_, None, _) => Effect::Moves,
            (_, _, None) => Effect::Open,
            (_, _, Some(1..)) => Effect::Gains,
            (_, _, Some(0)) => Effect::Same,
            (_, _, Some(_)) => Effect::Loses,
        }
    }
}

/// What a group came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Those with a score.
    pub members: usize,
    /// Those without, whose stake goes back.
    pub returned: usize,
    /// What those with a score put in.
    pub pool_fen: i64,
    /// What they get; nothing while the group is not decided.
    pub paid_fen: Option<i64>,
    /// The greatest less the least reward or penalty.
    pub spread_fen: Option<i64>,
    /// settled, returned, forfeited, undecided, infeasible.
    pub state: String,
}

impl Group {
    /// What it waits for or came to, as pages say it.
    pub fn state_words(&self) -> &'static str {
        match self.state.as_str() {
            "settled" => "已结算",
            "returned" => "不计分",
            "forfeited" => "收回",
            "undecided" => "待评议",
            _ => "差额不可行",
        }
    }
    /// Whether it waits for a ranking or a waiver.
    pub fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "undecided" | "infeasible")
    }
    /// Whether what goes out is what was put in, to the fen: of a settled group of two and more nothing is left or
    /// added, of another never more goes out than came in.
    fn conserves(&self) -> bool {
        match (self.paid_fen, self.state.as_str()) {
            (Some(paid), "settled") if self.members >= 2 => paid == self.pool_fen,
            (Some(paid), _) => (0..=self.pool_fen).contains(&paid),
            (None, _) => true,
        }
    }
}

/// Both sides of one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The class.
    pub class: String,
    /// As it was.
    pub before: Option<Group>,
    /// Under the other scheme.
    pub after: Option<Group>,
}

/// A month beside itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// By class: those of the other scheme first, then those that it lacks.
    pub groups: Vec<Pair>,
    /// Whoever loses most first, those who move last.
    pub people: Vec<Person>,
    /// Whether every pool on both sides is conserved.
    pub conserved: bool,
}

impl Comparison {
    /// How many people it means this for.
    pub fn count(&self, effect: Effect) -> usize {
        self.people.iter().filter(|person| person.effect() == effect).count()
    }
    /// Groups that nobody has decided, as it was and under the other scheme.
    pub fn open(&self) -> (usize, usize) {
        let open = |side: fn(&Pair) -> &Option<Group>| {
            self.groups.iter().filter(|pair| side(pair).as_ref().is_some_and(Group::is_open)).count()
        };
        (open(|pair| &pair.before), open(|pair| &pair.after))
    }
    /// What is staked, paid out and forfeited in fen, as it was and under the other scheme; of groups that nobody has
    /// decided nothing is paid out and nothing forfeited. Stakes that go back count as paid out.
    pub fn sums(&self) -> [Sums; 2] {
        let sums = |side: fn(&Person) -> &Option<Side>| {
            let sides = self.people.iter().filter_map(|person| side(person).as_ref());
            sides.fold(Sums::default(), |sums, side| Sums {
                staked: sums.staked + side.stake_fen,
                paid: sums.paid + side.share_fen.unwrap_or(0),
                open: sums.open + if side.share_fen.is_none() { side.stake_fen } else { 0 },
            })
        };
        [sums(|person| &person.before), sums(|person| &person.after)]
    }
}

/// The sums of one side, in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// 扣入.
    pub staked: i64,
    /// 应发.
    pub paid: i64,
    /// Staked by people whose share is not decided.
    pub open: i64,
}

impl Sums {
    /// 收回.
    pub fn forfeited(&self) -> i64 {
        self.staked - self.paid - self.open
    }
}

/// Puts two settlements of one month beside each other. Each comes in its county's order of classes.
pub fn compare(before: &[Share], after: &[Share]) -> Comparison {
    let mut classes: Vec<&str> = Vec::new();
    for share in after.iter().chain(before) {
        if !classes.contains(&share.class.as_str()) {
            classes.push(&share.class);
        }
    }
    let pair = |class: &str| Pair { class: class.to_owned(), before: group(before, class), after: group(after, class) };
    let groups: Vec<Pair> = classes.into_iter().map(pair).collect();
    let mut people: BTreeMap<i64, Person> = BTreeMap::new();
    let (was, would) = (sides(before), sides(after));
    for share in before.iter().chain(after) {
        people.entry(share.official).or_insert_with(|| Person {
            number: share.kept.number.clone(),
            name: share.name.clone(),
            before: was.get(&share.official).cloned(),
            after: would.get(&share.official).cloned(),
        });
    }
    let mut people: Vec<Person> = people.into_values().collect();
    people.sort_by(|a, b| {
        let key = |person: &Person| {
            let change = person.change_fen();
            (person.effect() == Effect::Moves, change.is_none(), change.unwrap_or(0))
        };
        key(a).cmp(&key(b)).then_with(|| a.number.cmp(&b.number))
    });
    let kept = |group: &Option<Group>| group.as_ref().is_none_or(Group::conserves);
    let conserved = groups.iter().all(|pair| kept(&pair.before) && kept(&pair.after));
    Comparison { groups, people, conserved }
}

fn sides(shares: &[Share]) -> BTreeMap<i64, Side> {
    let mut sides: BTreeMap<i64, Side> = BTreeMap::new();
    for share in shares {
        let side = sides.entry(share.official).or_insert_with(|| Side { share_fen: Some(0), ..Side::default() });
        side.classes.push(share.class.clone());
        side.scores.push(share.score_bp);
        side.stake_fen += share.stake_fen;
        side.share_fen = side.share_fen.zip(share.share_fen).map(|(sum, fen)| sum + fen);
    }
    sides
}

fn group(shares: &[Share], class: &str) -> Option<Group> {
    let members: Vec<&Share> = shares.iter().filter(|share| share.class == class).collect();
    if members.is_empty() {
        return None;
    }
    let scored: Vec<&&Share> = members.iter().filter(|share| share.score_bp.is_some()).collect();
    let paid: Option<Vec<i64>> = scored.iter().map(|share| share.share_fen).collect();
    let deltas: Option<Vec<i64>> = scored.iter().map(|share| Some(share.share_fen? - share.stake_fen)).collect();
    let spread = deltas.and_then(|deltas| Some(deltas.iter().max()? - deltas.iter().min()?));
    Some(Group {
        members: scored.len(),
        returned: members.len() - scored.len(),
        pool_fen: scored.iter().map(|share| share.stake_fen).sum(),
        paid_fen: paid.map(|paid| paid.iter().sum()),
        spread_fen: spread,
        state: scored.first().map_or("returned", |share| share.state.as_str()).to_owned(),
    })
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
