//! A session that was ended must not hand out another gift.

use super::*;
use crate::rules::samples::{at, carnival, on_duty, the};

const BEGUN: &str = "2023-04-14T09:00";
const UNTIL: &str = "2023-04-14T21:00";

fn session(place: Option<&str>) -> StaffSession {
    StaffSession { begun: at(BEGUN), until: at(UNTIL), ..on_duty(Role::Volunteer, place.map(the)) }
}

fn invitation() -> Invitation {
    Invitation {
        id: the("1NV1TE0000000000"),
        role: Role::Volunteer,
        place: None,
        uses: 3,
        until: at(UNTIL),
        made_at: at(BEGUN),
    }
}

#[test]
fn an_invitation_is_valid_until_its_last_millisecond() {
    assert_eq!(invitation().check_acceptable(at(UNTIL)), Ok(()));
    assert_eq!(invitation().check_acceptable(at("2023-04-14T21:00:00.001")), Err(AccessRefusal::InvitationOver.into()));
}

#[test]
fn a_session_is_active_until_its_last_millisecond() {
    let check_active = |now| session(None).check_active(None, at(now));
    assert_eq!(check_active(BEGUN), Ok(()));
    assert_eq!(check_active(UNTIL), Ok(()));
    assert_eq!(check_active("2023-04-14T21:00:00.001"), Err(AccessRefusal::TokenExpired.into()));
}

#[test]
fn an_ended_session_is_inactive_at_once() {
    for now in [BEGUN, "2023-04-14T12:00", "2023-04-14T22:00"] {
        assert_eq!(
            session(None).check_active(Some(at("2023-04-14T12:00")), at(now)),
            Err(AccessRefusal::SessionEnded.into()),
            "{now}"
        );
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
