//! A roster, pasted as lines: the name, the booth or point, and the shift of each volunteer.

use jiff::Timestamp;

use super::invitation::RosterEntry;
use super::invitation_terms::{InvitationTerms, default_until};
use super::planned_shift::PlannedShift;
use super::roles::{Role, Station};
use super::roster_mistake::{RosterFault, RosterMistake};
use super::staff_name::StaffName;
use crate::rules::carnival::Carnival;
use crate::rules::refusals::{Refusal, StaffRefusal};
use crate::rules::visible_text::is_hidden;

/// How many lines a roster may have.
pub const MAX_LINES: usize = 200;

/// Signs between the parts of a line. Without any of them, spaces are.
const SEPARATORS: [char; 7] = ['\t', ',', '，', ';', '；', '|', '、'];

/// Reads a roster into one invitation's terms a line; empty lines are left out.
///
/// # Errors
/// A refusal with every line that cannot be used, or for no lines, or for too many.
pub fn parse(text: &str, carnival: &Carnival, now: Timestamp) -> Result<Vec<InvitationTerms>, Refusal> {
    // Editors on Windows begin a text with a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    let lines: Vec<(usize, &str)> = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).collect();
    if lines.is_empty() || lines.len() > MAX_LINES {
        return Err(StaffRefusal::RosterLength { lines: lines.len(), most: MAX_LINES }.into());
    }
    let (mut terms, mut mistakes) = (Vec::new(), Vec::new());
    let people = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    for (nth, (number, line)) in (1..).zip(&lines) {
        match read_line(line, carnival, now) {
            Ok((place, name, shift, until)) => terms.push(InvitationTerms {
                role: Role::Volunteer,
                place: Some(place),
                uses: 1,
                until,
                fixed_until: false,
                approval: false,
                roster: Some(RosterEntry { name, shift, line: nth, lines: people }),
            }),
            Err((text, wrong)) => {
                // It is quoted in a sentence, whose direction it must not change.
                let text = text.chars().filter(|c| !is_hidden(*c)).take(40).collect();
                mistakes.push(RosterMistake { line: *number, text, wrong });
            }
        }
    }
    if mistakes.is_empty() { Ok(terms) } else { Err(StaffRefusal::RosterMistakes { lines: mistakes }.into()) }
}

type Line = (Station, StaffName, Option<PlannedShift>, Timestamp);

fn read_line(line: &str, carnival: &Carnival, now: Timestamp) -> Result<Line, (String, RosterFault)> {
    let parts = split(line);
    let [name, place, shift] = &parts;
    if name.is_empty() || place.is_empty() {
        return Err((line.trim().to_owned(), RosterFault::PartsMissing));
    }
    let fault = |text: &str, fault| (text.to_owned(), fault);
    let name = StaffName::read(name).map_err(|_| fault(name, RosterFault::Name))?;
    let station = station(place, carnival).map_err(|wrong| fault(place, wrong))?;
    if shift.is_empty() {
        return Ok((station, name, None, default_until(Role::Volunteer, carnival, now)));
    }
    let planned = PlannedShift::parse(shift, carnival).ok_or_else(|| fault(shift, RosterFault::Shift))?;
    let until = planned.valid_until(carnival).ok_or_else(|| fault(shift, RosterFault::Shift))?;
    if until <= now { Err(fault(shift, RosterFault::ShiftOver)) } else { Ok((station, name, Some(planned), until)) }
}

/// Name, place and the rest.
fn split(line: &str) -> [String; 3] {
    let mut parts: Vec<&str> = line.split(SEPARATORS).map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.len() == 1 {
        parts = line.split_whitespace().collect();
    }
    let mut parts = parts.into_iter();
    let (name, place) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    [name.to_owned(), place.to_owned(), parts.collect::<Vec<_>>().join(" ")]
}

/// A booth or a point, by its id or its name.
fn station(text: &str, carnival: &Carnival) -> Result<Station, RosterFault> {
    if let Ok(written) = text.parse::<Station>() {
        let known = match &written {
            Station::Booth(id) => carnival.booth(id).is_some(),
            Station::Point(id) => carnival.point_by_id(id).is_some(),
        };
        return if known { Ok(written) } else { Err(RosterFault::PlaceUnknown) };
    }
    let booths = carnival.booths.iter().map(|booth| (booth.id.as_str(), &booth.name, Station::Booth(booth.id.clone())));
    let points = carnival.points.iter().map(|point| (point.id.as_str(), &point.name, Station::Point(point.id.clone())));
    let all: Vec<_> = booths.chain(points).collect();
    let by_id: Vec<_> = all.iter().filter(|(id, _, _)| *id == text).collect();
    let by_name: Vec<_> = all.iter().filter(|(_, name, _)| *name == text).collect();
    match (&by_id[..], &by_name[..]) {
        ([(_, _, station)], _) | ([], [(_, _, station)]) => Ok(station.clone()),
        ([], []) => Err(RosterFault::PlaceUnknown),
        _ => Err(RosterFault::PlaceAmbiguous),
    }
}

#[cfg(test)]
mod tests;
