//! What changes while the carnival runs: gifts left, open points, stamp counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::current_carnival::CurrentCarnival;
use crate::actions::app::{App, Result};
use crate::rules::carnival::Point;
use crate::rules::check_ins::check_in;
use crate::rules::ids::{GiftNumber, PointNumber};
use crate::rules::statistics::tally::Tally;
use crate::store::GiftState;

/// Availability at one moment.
#[derive(Clone, Debug)]
pub struct Availability {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// The moment.
    pub now: Timestamp,
    /// One entry per gift of the carnival, in its order.
    pub gifts: Vec<GiftState>,
    /// One entry per point of the carnival, in its order: whether check-in is possible now.
    pub open: Vec<bool>,
    /// One entry per point of the carnival, in its order: whether its code gives a rain stamp now.
    pub rain_stamp: Vec<bool>,
    /// Stamps so far, by point.
    pub stamps: BTreeMap<PointNumber, u64>,
    /// Passports with at least one stamp.
    pub passports: u64,
}

/// Reads the availability. Reads counters only, so the cost does not depend on the number of residents.
///
/// # Errors
/// Only when the store fails.
pub async fn availability(app: &App) -> Result<Availability> {
    app.ensure_store_current()?;
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
    let rain = |point: &Point| {
        !check_in::is_open(&current.carnival, point, now)
            && current.carnival.relief.gives_rain_stamps(point.number, now)
    };
    let rain_stamp = current.carnival.points.iter().map(rain).collect();
    Ok(Availability { current, now, gifts, open, rain_stamp, stamps, passports })
}
