//! What was acknowledged and is not so, where that may happen: counted, not asserted.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::cli::program::People;
use crate::faults::check::agrees;
use crate::faults::ledger::{Ledger, Person};
use crate::faults::site::Place;

/// How much of how much.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// Answers that were written down.
    pub(super) of: u64,
    /// When each stamp had been acknowledged that is lost.
    pub(super) stamps: Vec<Timestamp>,
    /// Claims that are not as they were told.
    pub(super) claims: u64,
}

/// Asks the server for everything that was told.
pub(super) async fn lost(place: &Place, people: &People, ledger: &Ledger) -> Lost {
    let looks = ledger.people.iter().map(|person| look(place, people, person));
    let looks: Vec<Lost> = stream::iter(looks).buffer_unordered(8).collect().await;
    let mut all = Lost::default();
    for one in looks {
        all.of += one.of;
        all.claims += one.claims;
        all.stamps.extend(one.stamps);
    }
    all
}

async fn look(place: &Place, people: &People, person: &Person) -> Lost {
    let (_, passport) = people.get(&person.token, "/v1/me/passport").await;
    let (_, claims) = people.get(&person.token, "/v1/me/claims").await;
    let mut lost = Lost::default();
    for (point, at) in &person.stamps {
        lost.of += 1;
        let has = |stamps: &Vec<_>| {
            stamps.iter().any(|stamp: &serde_json::Value| stamp["point"] == **point && stamp["at"] == **at)
        };
        if !passport["stamps"].as_array().is_some_and(has) {
            lost.stamps.push(person.told[point]);
        }
    }
    for (gift, told) in &person.claims {
        lost.of += told.steps.len() as u64;
        let now = claims["claims"].as_array().and_then(|all| all.iter().find(|claim| claim["gift"] == **gift));
        lost.claims += u64::from(agrees(told, now, place.clock_steps).is_err());
    }
    lost
}
