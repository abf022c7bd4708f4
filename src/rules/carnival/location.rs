//! Coordinates, and distances between them.

use serde::{Deserialize, Serialize};

/// Coordinates on a Chinese map (GCJ-02), in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Degrees north of the equator.
    pub latitude: f64,
    /// Degrees east of Greenwich.
    pub longitude: f64,
}

/// Mean radius of the earth, in metres (IUGG).
const EARTH_M: f64 = 6_371_008.8;

/// The great-circle distance, in metres (haversine).
#[must_use]
pub fn metres_between(a: Location, b: Location) -> f64 {
    let (north, east) = ((b.latitude - a.latitude).to_radians(), (b.longitude - a.longitude).to_radians());
    let h = (north / 2.0).sin().powi(2)
        + a.latitude.to_radians().cos() * b.latitude.to_radians().cos() * (east / 2.0).sin().powi(2);
    2.0 * EARTH_M * h.sqrt().min(1.0).asin()
}

/// A distance rounded to whole metres.
#[must_use]
pub fn rounded_metres(metres: f64) -> u32 {
    // Half the circumference of the earth is 20,015 km, so the number always fits.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 20,015,115")]
    let whole = metres.round() as u32;
    whole
}
