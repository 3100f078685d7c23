//! From what was gathered to the shares of a run: pure, beside the arithmetic of `policy::pay`.

use std::collections::BTreeMap;

use policy::pay::{Amounts, Group, Part, Settler, apportion, stake};
use policy::score::{Fate, Item, Score, score};
use policy::values::{PayClass, PolicyError};
use policy::{Month, Period, PlanCycle, Policy};

use super::inputs::{Inputs, Person};
use super::kept::{Kept, KeptFate, KeptItem, KeptPart, KeptPolicy, Share};
use super::rules::{Scope, Stay, counts_with, stays};
use crate::plans::PayItem;

/// What the month's unit has decided beyond the plan, by class.
#[derive(Debug, Default)]
pub struct Decided {
    /// 评议排序: the place of each official.
    pub rankings: BTreeMap<String, BTreeMap<i64, u32>>,
    /// The reason for which the least spread was waived.
    pub waivers: BTreeMap<String, String>,
}

/// Why a run cannot be settled at all.
#[derive(Debug, thiserror::Error)]
pub enum CannotReckon {
    /// The county's values are missing or wrong.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// Somebody's stake cannot be reckoned.
    #[error("{}", .0.join("；"))]
    Stakes(Vec<String>),
    /// Nobody belongs to the groups that this run settles.
    #[error("这个单位当月没有由本次结算成组的人员")]
    Nobody,
    /// The arithmetic refuses its input.
    #[error("{0}：{1}")]
    Group(String, policy::pay::CannotSettle),
}

/// The values that hold for a month, as a run keeps them.
pub fn policy_of(policy: &Policy, month: Month) -> Result<KeptPolicy, PolicyError> {
    let on = month.first_day();
    let amounts = Amounts::on(policy, on)?;
    let mut sources = Vec::new();
    for key in ["pay.leaders.quarter_fen", "pay.unit_heads.month_fen", "pay.others.share_bp", "pay.min_spread_fen"] {
        sources.push(policy.row(key, on)?.1.source.to_string());
    }
    Ok(KeptPolicy {
        month,
        version: amounts.version,
        leaders_quarter_fen: amounts.leaders_quarter_fen,
        unit_heads_month_fen: amounts.unit_heads_month_fen,
        others_share_bp: amounts.others_share_bp,
        late_credit_bp: amounts.late_credit_bp,
        min_spread_fen: amounts.min_spread_fen,
        without_superior_returned: policy.number("pay.without_superior.returned", on)? == 1,
        cut_off: PlanCycle::of(policy, Period::Month(month))?.cancel_by,
        classes: policy.pay_classes(on)?.to_vec(),
        sources,
    })
}

/// Settles every group of a run. Shares come in the county's order of classes, in each by what is received.
pub fn reckon(
    policy: &Policy,
    kept: &KeptPolicy,
    scope: Scope,
    inputs: &Inputs,
    decided: &Decided,
) -> Result<Vec<Share>, CannotReckon> {
    let mut groups: BTreeMap<String, Vec<Share>> = BTreeMap::new();
    let mut problems = Vec::new();
    for person in &inputs.people {
        match shares_of(policy, kept, scope, inputs, person) {
            Ok(shares) => shares.into_iter().for_each(|share| {
                groups.entry(share.class.clone()).or_default().push(share);
            }),
            Err(CannotReckon::Stakes(whose)) => problems.extend(whose),
            Err(other) => return Err(other),
        }
    }
    if !problems.is_empty() {
        return Err(CannotReckon::Stakes(problems));
    }
    let mut settled = Vec::new();
    let mut settler = Settler::new();
    for class in &kept.classes {
        if let Some(mut members) = groups.remove(&class.name) {
            settle_group(&mut settler, kept, &class.name, &mut members, decided)?;
            settled.append(&mut members);
        }
    }
    if settled.is_empty() { Err(CannotReckon::Nobody) } else { Ok(settled) }
}

/// What one person brings into the groups of this run: stake and score, one a class.
fn shares_of(
    policy: &Policy,
    kept: &KeptPolicy,
    scope: Scope,
    inputs: &Inputs,
    person: &Person,
) -> Result<Vec<Share>, CannotReckon> {
    let stays = stays(policy, kept.month, &person.held)?;
    let mut classes: Vec<&PayClass> = Vec::new();
    for (unit, class) in stays.iter().filter_map(|stay| stay.place) {
        if scope.settles(unit, class) && !classes.contains(&class) {
            classes.push(class);
        }
    }
    if classes.is_empty() {
        return Ok(Vec::new());
    }
    let parts = parts(kept, scope, inputs, person, &stays)
        .map_err(|why| CannotReckon::Stakes(vec![format!("{}（{}）：{why}", person.name, person.number)]))?;
    let without_superior = person.held.iter().all(|held| !held.has_superior);
    let shares = classes.into_iter().map(|class| {
        let mut parts = parts.clone();
        for part in &mut parts {
            part.here = part.here && part.class == class.name;
        }
        let items: Vec<KeptItem> = person
            .items
            .iter()
            .filter(|item| {
                counts_with(&stays, &person.held, item.unit, item.appointment, item.due_on)
                    .is_some_and(|(at, counted)| counted == class && scope.settles(at, counted))
            })
            .map(|item| keep(kept, item))
            .collect();
        let counted: Vec<Item> = items.iter().map(|item| item.scored(kept.cut_off)).collect();
        let excused = without_superior && kept.without_superior_returned;
        let outcome = score(&counted, person.submitted || excused, &kept.crediting());
        Share {
            official: person.official,
            name: person.name.clone(),
            class: class.name.clone(),
            stake_fen: parts.iter().filter(|part| part.here).map(|part| part.fen).sum(),
            score_bp: outcome.basis_points(),
            rank: None,
            share_fen: None,
            state: (if outcome == Score::NotScored { "returned" } else { "undecided" }).to_owned(),
            kept: Kept {
                number: person.number.clone(),
                allowance_fen: person.allowance_fen,
                parts,
                submitted: person.submitted,
                without_superior,
                items,
                members: 0,
                weight: "0".to_owned(),
                waived: None,
                arithmetic: None,
            },
        }
    });
    Ok(shares.collect())
}

/// The month's days with what each carries of the stake.
fn parts(
    kept: &KeptPolicy,
    scope: Scope,
    inputs: &Inputs,
    person: &Person,
    stays: &[Stay<'_>],
) -> Result<Vec<KeptPart>, policy::pay::CannotStake> {
    let amounts = kept.amounts();
    let month_fen = |stay: &Stay<'_>| match stay.place {
        Some((_, class)) => stake(&amounts, class.stake, kept.month, person.allowance_fen),
        None => Ok(0),
    };
    let month_fens: Vec<i64> = stays.iter().map(month_fen).collect::<Result<_, _>>()?;
    let divided: Vec<Part> =
        stays.iter().zip(&month_fens).map(|(stay, fen)| Part { days: stay.days, stake_fen: *fen }).collect();
    let fens = apportion(&divided)?;
    let parts = stays.iter().zip(month_fens).zip(fens).map(|((stay, month_fen), fen)| KeptPart {
        unit: stay.place.and_then(|(unit, _)| inputs.units.get(&unit).cloned()).unwrap_or_default(),
        class: stay.place.map(|(_, class)| class.name.clone()).unwrap_or_default(),
        row: stay.place.map(|(_, class)| class.stake),
        days: stay.days,
        month_fen,
        fen,
        here: stay.place.is_some_and(|(unit, class)| scope.settles(unit, class)),
    });
    Ok(parts.collect())
}

fn keep(policy: &KeptPolicy, item: &PayItem) -> KeptItem {
    let (fate, completed, cancelled_on) = match item.fate {
        Fate::Open => (KeptFate::Open, None, None),
        Fate::Cancelled { completed, on } => (KeptFate::Cancelled, Some(completed), Some(on)),
        Fate::Withdrawn => (KeptFate::Withdrawn, None, None),
        Fate::Deferred => (KeptFate::Deferred, None, None),
    };
    let mut kept = KeptItem {
        id: item.item,
        number: item.number.clone(),
        goal: item.goal.clone(),
        weight: u32::try_from(item.weight).unwrap_or(0),
        due_on: item.due_on,
        added: item.added,
        fate,
        completed,
        cancelled_on,
        unlocked: item.unlocked,
        credit: None,
    };
    kept.credit = kept.scored(policy.cut_off).credit(&policy.crediting());
    kept
}

fn settle_group(
    settler: &mut Settler,
    policy: &KeptPolicy,
    class: &str,
    members: &mut [Share],
    decided: &Decided,
) -> Result<(), CannotReckon> {
    for share in members.iter_mut().filter(|share| share.score_bp.is_none()) {
        share.share_fen = Some(share.stake_fen);
    }
    let mut in_group: Vec<&mut Share> = members.iter_mut().filter(|share| share.score_bp.is_some()).collect();
    if in_group.is_empty() {
        return Ok(());
    }
    let stakes: Vec<i64> = in_group.iter().map(|share| share.stake_fen).collect();
    let scores: Vec<u16> = in_group.iter().filter_map(|share| share.score_bp).collect();
    let ranks = ranks(decided.rankings.get(class), &in_group);
    let reason = decided.waivers.get(class);
    let group = Group { stakes: &stakes, scores: &scores, ranks: &ranks, waived: reason.is_some() };
    let numbers: Vec<String> = in_group.iter().map(|share| share.kept.number.clone()).collect();
    let mut fens = vec![0; in_group.len()];
    let outcome = settler
        .settle(&group, policy.min_spread_fen, |i| numbers[i].as_bytes(), &mut fens)
        .map_err(|why| CannotReckon::Group(class.to_owned(), why))?;
    for (i, share) in in_group.iter_mut().enumerate() {
        outcome.state.id().clone_into(&mut share.state);
        share.rank = ranks.get(i).copied();
        share.kept.members = outcome.members;
        share.kept.weight = outcome.weight.to_string();
        share.kept.waived = reason.cloned();
        share.kept.arithmetic = outcome.explain(&group, &fens, i);
        share.share_fen = share.kept.arithmetic.as_ref().map(|sum| sum.share_fen);
    }
    members.sort_by(|a, b| {
        let by_share = b.share_fen.cmp(&a.share_fen);
        by_share.then_with(|| b.score_bp.cmp(&a.score_bp)).then_with(|| a.kept.number.cmp(&b.kept.number))
    });
    Ok(())
}

/// The ranking in the order of the members, if it is of exactly these: one made for others decides nothing.
fn ranks(ranking: Option<&BTreeMap<i64, u32>>, scored: &[&mut Share]) -> Vec<u32> {
    let Some(ranking) = ranking.filter(|ranking| ranking.len() == scored.len()) else { return Vec::new() };
    let ranks: Option<Vec<u32>> = scored.iter().map(|share| ranking.get(&share.official).copied()).collect();
    ranks.unwrap_or_default()
}
