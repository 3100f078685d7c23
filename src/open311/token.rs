//! The id of a request for other programs: the petition and a proof that only we can make, kept nowhere.

use crate::secrets::{Keys, Purpose, hex, same};

/// The id that a program is given: thirty-six hexadecimal digits, eighty bits of them the proof.
pub(super) fn of(keys: &Keys, petition: i64) -> String {
    format!("{petition:016x}{}", hex(&proof(keys, petition)))
}

/// The petition of an id; nothing where we did not make it.
pub(super) fn petition(keys: &Keys, id: &str) -> Option<i64> {
    let (petition, given) = id.split_at_checked(16)?;
    let petition = i64::from_str_radix(petition, 16).ok()?;
    same(hex(&proof(keys, petition)).as_bytes(), given.as_bytes()).then_some(petition)
}

fn proof(keys: &Keys, petition: i64) -> Vec<u8> {
    let mut proof = keys.keyed(Purpose::Open311, &petition.to_string());
    proof.truncate(10);
    proof
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_opens_its_own_petition_and_no_other() {
        let keys = Keys::from_bytes(&[5; 48]);
        let id = of(&keys, 42);
        assert_eq!((id.len(), petition(&keys, &id)), (36, Some(42)));
        let forged = format!("{:016x}{}", 43, &id[16..]);
        let foreign = of(&Keys::from_bytes(&[6; 48]), 42);
        for wrong in ["", "1", "攸信〔2026〕0001号攸信", &id[..35], &forged, &foreign, &id.to_uppercase()] {
            assert_eq!(petition(&keys, wrong), None, "{wrong}");
        }
    }
}
