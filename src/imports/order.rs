//! In which order the rows of a file are judged: what lies above comes before what lies below it. Pure.

use std::collections::HashMap;

use super::judge::{Cells, cell};
use super::kinds::Kind;

/// Where units and posts name what is above them.
const SUPERIOR: usize = 4;

/// The rows in the order of judging, each with whether the superiors that the file gives lead from it back to itself.
pub(super) fn superiors_first(kind: Kind, rows: &[Cells]) -> Vec<(usize, bool)> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut circular = vec![false; rows.len()];
    match kind {
        // A village may stand before its township.
        Kind::Divisions => order.sort_by_key(|at| cell(&rows[*at], 0).len()),
        Kind::Units | Kind::Posts => {
            let depths = depths(rows, &mut circular);
            order.sort_by_key(|at| depths[*at]);
        }
        _ => {}
    }
    order.into_iter().map(|at| (at, circular[at])).collect()
}

/// How many of the file's rows stand above each.
fn depths(rows: &[Cells], circular: &mut [bool]) -> Vec<usize> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        places.entry(cell(row, 0)).or_insert(at);
    }
    let mut depths: Vec<Option<usize>> = vec![None; rows.len()];
    // The walk on which a row was passed: passed again on the same walk, it stands above itself.
    let mut passed = vec![usize::MAX; rows.len()];
    for start in 0..rows.len() {
        let (mut path, mut next, mut above) = (Vec::new(), Some(start), 0);
        while let Some(at) = next {
            if let Some(depth) = depths[at] {
                above = depth + 1;
                break;
            }
            if passed[at] == start {
                let begin = path.iter().position(|passed| *passed == at).unwrap_or_default();
                path[begin..].iter().for_each(|at| circular[*at] = true);
                break;
            }
            passed[at] = start;
            path.push(at);
            next = places.get(cell(&rows[at], SUPERIOR)).copied();
        }
        for at in path.into_iter().rev() {
            depths[at] = Some(above);
            above += 1;
        }
    }
    depths.into_iter().map(Option::unwrap_or_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(rows: &[(&str, &str)]) -> Vec<(usize, bool)> {
        let row = |(code, above): &(&str, &str)| {
            ["", "", "", "", ""]
                .iter()
                .enumerate()
                .map(|(at, _)| match at {
                    0 => Some((*code).to_owned()),
                    SUPERIOR => Some((*above).to_owned()),
                    _ => Some(String::new()),
                })
                .collect()
        };
        superiors_first(Kind::Posts, &rows.iter().map(row).collect::<Vec<Cells>>())
    }

    #[test]
    fn whoever_is_above_comes_first_and_the_rest_stays_in_place() {
        let rows = [("C", "B"), ("B", "A"), ("D", "elsewhere"), ("A", ""), ("C", "A")];
        assert_eq!(order(&rows), [(2, false), (3, false), (1, false), (4, false), (0, false)]);
    }

    #[test]
    fn a_circle_is_seen_and_what_hangs_below_it_is_none() {
        let rows = [("D", "B"), ("A", "B"), ("B", "C"), ("C", "A"), ("E", "E")];
        let circular: Vec<usize> =
            order(&rows).into_iter().filter(|(_, circular)| *circular).map(|(at, _)| at).collect();
        assert_eq!(circular, [1, 4, 3, 2]);
    }
}
