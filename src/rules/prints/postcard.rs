//! The content of a postcard: one slot per point of a route, the postmarks, and whether the route is complete.

use jiff::civil::{Date, DateTime};

use crate::rules::carnival::design::{CardPosition, MarkSymbol};
use crate::rules::carnival::{Carnival, Point, Route};
use crate::rules::check_ins::passport::{Passport, PassportProgress, Stamp, completed_at};

/// Maximum rotation of a postmark to either side, in degrees.
const MAX_ROTATION_DEG: u64 = 13;

/// Radius of a postmark in millimetres, if there is enough room.
pub const RADIUS_MM: f64 = 10.5;

/// Area for stamps without declared positions, in millimetres: left, top, width, height. The name is above it, the
/// greeting below.
const STAMP_AREA_MM: (f64, f64, f64, f64) = (7.0, 24.0, 134.0, 54.0);

/// The postcard of one route for one passport.
#[derive(Clone, Debug)]
pub struct Postcard<'a> {
    /// The route.
    pub route: &'a Route,
    /// Position of the route in the file, counted from 1: the week of the carnival if each route has one week.
    pub week: usize,
    /// One slot per point, in the order of the file.
    pub slots: Vec<PostcardSlot<'a>>,
    /// Radius of the postmarks, in millimetres.
    pub radius_mm: f64,
    /// Number of stamps of the route.
    pub stamped: u16,
    /// Number of stamps that the route requires of this passport.
    pub needed: u16,
    /// The day on which the route was first complete.
    pub complete_on: Option<Date>,
}

/// The slot of a point's stamp.
#[derive(Clone, Debug)]
pub struct PostcardSlot<'a> {
    /// The point.
    pub point: &'a Point,
    /// Centre of the slot.
    pub at: CardPosition,
    /// The postmark, if the point is stamped.
    pub postmark: Option<Postmark<'a>>,
}

/// A stamp on the card.
#[derive(Clone, Copy, Debug)]
pub struct Postmark<'a> {
    /// Local time of the stamp.
    pub at: DateTime,
    /// Rotation in degrees, clockwise, as if stamped by hand. Always the same for a passport and point.
    pub rotation: i16,
    /// An umbrella for a rain stamp, or the mark of the day, if it has one.
    pub mark: Option<&'a MarkSymbol>,
}

impl<'a> Postcard<'a> {
    /// The postcard of a route; without a passport, an empty one.
    #[must_use]
    pub fn of(carnival: &'a Carnival, route: &'a Route, passport: Option<&Passport>) -> Postcard<'a> {
        let points: Vec<&Point> = carnival.points_of(&route.id).collect();
        let (grid, radius_mm) = layout(&points);
        let stamp_of = |point: &Point| passport.and_then(|passport| passport.stamp(point.number));
        let slots = points.iter().zip(&grid).map(|(point, at)| PostcardSlot {
            point,
            at: *at,
            postmark: passport.zip(stamp_of(point)).map(|(passport, stamp)| postmark(carnival, passport, stamp)),
        });
        let week = carnival.routes.iter().position(|one| one.id == route.id).map_or(1, |at| at + 1);
        let stamps = passport.map_or(&[][..], |passport| &passport.stamps);
        let progress = PassportProgress::of(carnival, stamps);
        let on_route = progress.routes().iter().find(|progress| progress.route.id == route.id);
        let completed = passport.and_then(|passport| completed_at(carnival, route, passport));
        Postcard {
            route,
            week,
            radius_mm,
            slots: slots.collect(),
            stamped: on_route.map_or(0, |progress| progress.stamped),
            needed: on_route.map_or(u16::MAX, |progress| progress.needed),
            complete_on: completed.map(|at| carnival.local(at).date()),
        }
    }
}

fn postmark<'a>(carnival: &'a Carnival, passport: &Passport, stamp: &Stamp) -> Postmark<'a> {
    let at = carnival.local(stamp.at);
    let seed = passport.number.to_string() + "/" + &stamp.point.to_string();
    let of_day = carnival.day_mark(stamp.named_day().unwrap_or(at.date())).map(|mark| &mark.mark);
    let mark = if stamp.rain { Some(&MarkSymbol::Umbrella) } else { of_day };
    Postmark { at, rotation: rotation(&seed), mark }
}

/// A rotation derived from the seed by FNV-1a (RFC 9923), so that each rendering yields the same one.
fn rotation(seed: &str) -> i16 {
    let hash = seed
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let turn = (hash >> 16) % (2 * MAX_ROTATION_DEG + 1);
    i16::try_from(turn).unwrap_or_default() - i16::try_from(MAX_ROTATION_DEG).unwrap_or_default()
}

/// Positions and radius of the stamps: as declared in the carnival file, or in rows.
fn layout(points: &[&Point]) -> (Vec<CardPosition>, f64) {
    let positions: Vec<CardPosition> = points.iter().filter_map(|point| point.card_position).collect();
    if positions.len() < points.len() {
        return rows(points.len());
    }
    let pairs = positions
        .iter()
        .enumerate()
        .flat_map(|(nth, one)| positions[..nth].iter().map(|other| one.distance_mm(*other)));
    let nearest = pairs.fold(2.0 * RADIUS_MM, f64::min);
    (positions, nearest / 2.0)
}

/// Positions in staggered rows, with the largest possible radius.
fn rows(count: usize) -> (Vec<CardPosition>, f64) {
    let (left, top, width, height) = STAMP_AREA_MM;
    let radius = |rows: usize| {
        let columns = count.div_ceil(rows);
        let (high, wide) = (height / number(rows), width / (number(columns) + if rows > 1 { 0.5 } else { 0.0 }));
        (high.min(wide) / 2.0 * 0.94).min(RADIUS_MM)
    };
    let best = (1..=count.max(1)).fold(1, |best, rows| if radius(rows) > radius(best) + 1e-9 { rows } else { best });
    let columns = count.div_ceil(best).max(1);
    let set_in = if best > 1 { 0.5 } else { 0.0 };
    let step = (width / (number(columns) + set_in), height / number(best));
    let place = |nth: usize| {
        let (row, column) = (nth / columns, nth % columns);
        let in_row = columns.min(count - row * columns);
        let shift = match (count % columns, row % 2) {
            // Full rows alternate; if the last row is shorter, every row is centred.
            (0, turn) => set_in * number(turn),
            _ => (number(columns) + set_in - number(in_row)) / 2.0,
        };
        CardPosition { x_mm: left + step.0 * (number(column) + 0.5 + shift), y_mm: top + step.1 * (number(row) + 0.5) }
    };
    ((0..count).map(place).collect(), radius(best))
}

fn number(count: usize) -> f64 {
    f64::from(u16::try_from(count).unwrap_or(u16::MAX))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
