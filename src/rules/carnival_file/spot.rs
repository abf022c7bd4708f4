//! Where a point is, how near one must be, and which codes it takes.

use super::field::Key;
use super::form::{Form, Wanted};
use super::link::Link;
use super::notes::{Read, gather};
use super::table::Table;
use crate::rules::carnival::{CodeKinds, Geofence, Location};

const LOCATION: Key = Key { name: "location", like: "location = { latitude = 30.67, longitude = 104.12 }" };
const LATITUDE: Key = Key { name: "latitude", like: LOCATION.like };
const LONGITUDE: Key = Key { name: "longitude", like: LOCATION.like };
const GEOFENCE: Key = Key { name: "geofence", like: "geofence = { radius_m = 300, required = false }" };
const RADIUS: Key = Key { name: "radius_m", like: GEOFENCE.like };
const REQUIRED: Key = Key { name: "required", like: GEOFENCE.like };
const CODES: Key = Key { name: "codes", like: r#"codes = ["printed"]"# };

/// Reads where the point is.
pub(super) fn location(table: &mut Table<'_>) -> Read<Option<Location>> {
    let Some(field) = table.optional(LOCATION) else {
        return Ok(None);
    };
    let mut table = Table::of(&field)?;
    let latitude = table.required(LATITUDE);
    let longitude = table.required(LONGITUDE);
    table.finish();
    let (latitude, longitude) = (latitude?, longitude?);
    let (north, east) = (latitude.number(), longitude.number());
    let (north, east) = (north?, east?);
    if north.abs() > 90.0 && north.abs() <= 180.0 && east.abs() <= 90.0 {
        return Err(field.tell(Form::Swapped));
    }
    let north = latitude.within(north, -90..=90);
    let east = longitude.within(east, -180..=180);
    Ok(Some(Location { latitude: north?, longitude: east? }))
}

/// Reads how near one must be; `located` says whether there is a place to measure from.
pub(super) fn geofence(table: &mut Table<'_>, located: bool) -> Read<Option<Geofence>> {
    let Some(field) = table.optional(GEOFENCE) else {
        return Ok(None);
    };
    let mut inner = Table::of(&field)?;
    let radius_m = inner.required(RADIUS).and_then(|field| field.whole(20..=20_000));
    let required = inner.optional(REQUIRED).map_or(Ok(false), |field| field.yes_or_no());
    inner.finish();
    if !located {
        return Err(field.tell(Link::GeofenceWithoutLocation));
    }
    Ok(Some(Geofence { radius_m: radius_m?, required: required? }))
}

/// The two kinds of code, by the word in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    Printed,
    Display,
}

/// Reads which kinds of code the point takes.
pub(super) fn codes(table: &mut Table<'_>) -> Read<CodeKinds> {
    let Some(field) = table.optional(CODES) else {
        return Ok(CodeKinds { printed: true, display: false });
    };
    let items = field.items(Wanted::List)?;
    if items.is_empty() {
        return Err(field.tell(Link::NoCodes));
    }
    let mut kinds = CodeKinds { printed: false, display: false };
    let taken = gather(items.iter().map(|item| {
        let kind = match item.choice(&[("printed", Code::Printed), ("display", Code::Display)])? {
            Code::Printed => &mut kinds.printed,
            Code::Display => &mut kinds.display,
        };
        if std::mem::replace(kind, true) {
            let (path, found) = (item.path(), item.text()?.to_owned());
            return Err(item.tell(Link::DoubledItem { path, found }));
        }
        Ok(())
    }));
    taken.map(|_| kinds)
}
