//! A session that was ended must not hand out another gift, and the hours of a person must be what they worked.

use super::*;
use crate::rules::samples::{at, carnival, on_duty, the};

const BEGUN: &str = "2023-04-14T09:00";
const UNTIL: &str = "2023-04-14T21:00";
const NOON: &str = "2023-04-14T12:00";

fn session(place: Option<&str>) -> StaffSession {
    StaffSession { begun: at(BEGUN), until: at(UNTIL), ..on_duty(Role::Volunteer, place.map(the)) }
}

#[test]
fn a_session_is_active_until_its_last_millisecond() {
    let check_active = |now| session(None).check_active(at(now));
    assert_eq!(check_active(BEGUN), Ok(()));
    assert_eq!(check_active(UNTIL), Ok(()));
    assert_eq!(check_active("2023-04-14T21:00:00.001"), Err(AccessRefusal::TokenExpired.into()));
}

#[test]
fn an_ended_session_is_inactive_at_once_and_says_who_ended_it() {
    for (by, refusal) in [
        (EndedBy::Organiser, AccessRefusal::SessionEnded),
        (EndedBy::Leaving, AccessRefusal::SessionLeft),
        (EndedBy::NextPerson, AccessRefusal::SessionLeft),
    ] {
        let ended = session(None).ended(by, at(NOON));
        for now in [BEGUN, NOON, "2023-04-14T22:00"] {
            assert_eq!(ended.check_active(at(now)), Err(refusal.clone().into()), "{now}");
        }
        assert_eq!(ended.ended(EndedBy::Organiser, at(UNTIL)), ended, "the first end counts");
    }
}

#[test]
fn a_volunteer_of_a_point_serves_only_that_point() {
    let serve = |place, point: &str| session(place).check_may_serve(&the(point), &carnival());
    assert_eq!(serve(Some("point/space-1"), "space-1"), Ok(()));
    assert_eq!(
        serve(Some("point/space-1"), "space-2"),
        Err(AccessRefusal::NotYourPoint { yours: "第1站".to_owned() }.into())
    );
    assert_eq!(serve(Some("booth/east"), "space-2"), Ok(()));
    assert_eq!(serve(None, "space-2"), Ok(()));
}

#[test]
fn hours_last_from_the_first_act_to_the_last() {
    let worked = |session: &StaffSession, seen: Option<&str>, now: &str| {
        let hours = session.hours(seen.map(at), at(now));
        assert_eq!(hours.from, at(BEGUN));
        hours.to
    };
    let running = session(None);
    assert_eq!(worked(&running, Some("2023-04-14T11:00"), NOON), None, "still on duty");
    let left = running.ended(EndedBy::Leaving, at(NOON));
    assert_eq!(worked(&left, Some("2023-04-14T11:00"), UNTIL), Some(at(NOON)), "leaving is an act");
    let ended = running.ended(EndedBy::Organiser, at("2023-04-14T20:00"));
    assert_eq!(worked(&ended, Some(NOON), UNTIL), Some(at(NOON)), "an organiser noticed later");
    assert_eq!(worked(&ended, None, UNTIL), Some(at(BEGUN)));
    assert_eq!(worked(&running, Some(NOON), "2023-04-15T08:00"), Some(at(NOON)), "forgot to leave");
}

#[test]
fn an_organiser_corrects_hours() {
    let write = |from, to| CorrectedHours { from: at(from), to: at(to), by: the("陈社工"), at: at(UNTIL) };
    let corrected = session(None).corrected(write("2023-04-14T08:30", "2023-04-14T12:30"));
    let hours = corrected.map(|session| session.hours(None, at(NOON)));
    assert_eq!(hours, Ok(DutyHours { from: at("2023-04-14T08:30"), to: Some(at("2023-04-14T12:30")) }));
    for (from, to) in [(NOON, BEGUN), ("2023-04-13T09:00", NOON), (BEGUN, "2023-04-14T21:01")] {
        assert_eq!(session(None).corrected(write(from, to)), Err(StaffRefusal::HoursOdd.into()), "{from} {to}");
    }
}

#[test]
fn the_last_organiser_stays() {
    let organiser = |id: &str, until: &str| StaffSession {
        id: the(id),
        begun: at(BEGUN),
        until: at(until),
        ..on_duty(Role::Organiser, None)
    };
    let (chen, zhou) = (organiser("CHEN000000000000", UNTIL), organiser("ZH0V000000000000", UNTIL));
    let gone = organiser("G0NE000000000000", BEGUN);
    let all = [chen.clone(), zhou.clone(), gone, session(None)];
    let remaining = |caller: &StaffSession, ends: &[&StaffSession]| {
        let ends = |session: &StaffSession| ends.iter().any(|ended| ended.id == session.id);
        remaining_organiser(all.iter(), &caller.id, ends, at(NOON)).map(|session| session.id.clone())
    };
    assert_eq!(remaining(&chen, &[&zhou]), Some(chen.id.clone()));
    assert_eq!(remaining(&chen, &[&chen]), Some(zhou.id.clone()));
    assert_eq!(remaining(&chen, &[&chen, &zhou]), None, "neither the expired one nor a volunteer stays");
}
