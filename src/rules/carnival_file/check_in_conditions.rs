//! The check-in conditions of a point: its location, its geofence and the kinds of code it accepts.

use super::diagnostics::{Parsed, collect_all};
use super::field::Field;
use super::mistake::{ExpectedType, MistakeKind};
use super::table::Table;
use crate::rules::carnival::{CodeKinds, Geofence, Location};

/// Reads the point's location.
pub(super) fn location(table: &mut Table<'_>) -> Parsed<Option<Location>> {
    let Some(field) = table.optional("location = { latitude = 30.67, longitude = 104.12 }") else {
        return Ok(None);
    };
    let mut table = Table::of(&field)?;
    let latitude = table.required("latitude");
    let longitude = table.required("longitude");
    table.finish();
    let (latitude, longitude) = (latitude?, longitude?);
    let (north, east) = (latitude.number(), longitude.number());
    let (north, east) = (north?, east?);
    if north.abs() > 90.0 && north.abs() <= 180.0 && east.abs() <= 90.0 {
        return Err(field.report(MistakeKind::Swapped));
    }
    let north = latitude.check_range(north, -90..=90);
    let east = longitude.check_range(east, -180..=180);
    Ok(Some(Location { latitude: north?, longitude: east? }))
}

/// Reads the geofence; `located` says whether the point has a location to measure from.
pub(super) fn geofence(table: &mut Table<'_>, located: bool) -> Parsed<Option<Geofence>> {
    let Some(field) = table.optional("geofence = { radius_m = 300, required = false }") else {
        return Ok(None);
    };
    let mut inner = Table::of(&field)?;
    let radius_m = inner.read("radius_m", |field| field.integer(20..=20_000));
    let required = inner.read_or_default("required", Field::boolean);
    inner.finish();
    if !located {
        return Err(field.report(MistakeKind::GeofenceWithoutLocation));
    }
    Ok(Some(Geofence { radius_m: radius_m?, required: required? }))
}

/// The two kinds of code, one per keyword.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    Printed,
    Display,
}

/// Reads the kinds of code that the point accepts.
pub(super) fn codes(table: &mut Table<'_>) -> Parsed<CodeKinds> {
    let Some(field) = table.optional(r#"codes = ["printed"]"#) else {
        return Ok(CodeKinds { printed: true, display: false });
    };
    let items = field.items(ExpectedType::List)?;
    if items.is_empty() {
        return Err(field.report(MistakeKind::NoCodes));
    }
    let mut kinds = CodeKinds { printed: false, display: false };
    let taken = collect_all(items.iter().map(|item| {
        let kind = match item.choice(&[("printed", Code::Printed), ("display", Code::Display)])? {
            Code::Printed => &mut kinds.printed,
            Code::Display => &mut kinds.display,
        };
        if std::mem::replace(kind, true) {
            return Err(item.report(MistakeKind::DoubledItem { found: item.text()?.to_owned() }));
        }
        Ok(())
    }));
    taken.map(|_| kinds)
}
