//! What changes while the carnival runs: gifts left, points open, stamps given so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::app::{App, Result};
use super::current_carnival::CurrentCarnival;
use crate::rules::check_in;
use crate::rules::ids::{GiftNumber, PointNumber};
use crate::rules::tally::Tally;
use crate::store::GiftState;

/// What is available at a moment.
#[derive(Clone, Debug)]
pub struct Availability {
    /// The carnival.
    pub current: Arc<CurrentCarnival>,
    /// The moment.
    pub now: Timestamp,
    /// Beside the carnival's gifts.
    pub gifts: Vec<GiftState>,
    /// Beside the carnival's points: whether one can check in now.
    pub open: Vec<bool>,
    /// Stamps given so far, by point.
    pub stamps: BTreeMap<PointNumber, u64>,
    /// Passports that have a stamp.
    pub passports: u64,
}

/// Reads what is available: counters only, whatever the number of residents.
///
/// # Errors
/// Only when the store fails.
pub async fn availability(app: &App) -> Result<Availability> {
    let (current, now) = (app.current(), app.now());
    let numbers: Vec<GiftNumber> = current.carnival.gifts.iter().map(|gift| gift.number).collect();
    let gifts = app.store.gift_states(&numbers, now).await?;
    let (mut stamps, mut passports) = (BTreeMap::new(), 0);
    let mut names: Vec<Tally> = current.carnival.points.iter().map(|point| Tally::AllStamps(point.number)).collect();
    names.push(Tally::AllPassports);
    for (tally, count) in app.store.tallies_of(&names).await? {
        match tally {
            Tally::AllStamps(point) => drop(stamps.insert(point, count)),
            Tally::AllPassports => passports = count,
            _ => {}
        }
    }
    let open = current.carnival.points.iter().map(|point| check_in::is_open(&current.carnival, point, now)).collect();
    Ok(Availability { current, now, gifts, open, stamps, passports })
}
