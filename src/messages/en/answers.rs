//! Sentences in answers, in English.

use super::format::day;
use crate::messages::answers::AnswerTexts;
use crate::rules::staff::roles::Role;

#[rustfmt::skip]
pub(super) const ANSWERS: AnswerTexts = AnswerTexts {
    posters_hang: |hang, of| format!("{hang} of {of} posters hang"),
    published: |version| format!("Version {version} is published."),
    unchanged: |version| format!("Nothing has changed; version {version} stays published."),
    route_takes: |published, route, asks, of| format!("{published} The route {route} now takes {asks} stamps of {of} points."),
    between_sentences: " ",
    dry_run: "A dry run: nothing has changed. With the change:",
    dry_run_unchanged: "A dry run: nothing would change.",
    notice_until: |on| format!("The notice is shown until {}.", day(on)),
    notice_removed: "The notice is removed.",
    old_poster_hangs: |point| format!("The old poster of “{point}” still hangs; take it down."),
    stamp_was_undone: "the stamp was undone",
    waits_for_organiser: "Please wait until an organiser accepts you, and leave this page open.",
    left_duty: "You are off duty. Thank you! To come on duty again, please open your invitation on this device.",
    duty_ended: |name, left| match left {
        0 => format!("The shift of {name} is ended. This device can no longer use the invitation; you can allow it again in the list."),
        1 => format!("The shift of {name} is ended. This device can no longer use the invitation; you can allow it again in the list. The invitation still admits 1 new device, after you accept it; close it if it is no longer needed."),
        _ => format!("The shift of {name} is ended. This device can no longer use the invitation; you can allow it again in the list. The invitation still admits {left} new devices, after you accept each; close it if it is no longer needed."),
    },
    invitation_ended: |sessions| match sessions {
        0 => "The invitation is ended.".to_owned(),
        _ => format!("The invitation is ended; shifts ended with it: {sessions}."),
    },
    role: |role| match role {
        Role::Volunteer => "volunteer",
        Role::Organiser => "organiser",
        Role::Viewer => "viewer",
        Role::Reporter => "reporter",
        Role::Display => "tablet",
    },
    personal_data: "This is everything that the carnival stores about you. Your openid, your phone number and your location are not stored.",
    erased: "Erased: the passport, the held gifts, the cards on the phone. What stays: counts that identify no person, and a keyed mark for each gift that was handed over, so that none is handed over twice.",
    rehearsal_login: "A rehearsal: WeChat was not contacted; the login code is the name of the person who plays a resident.",
};
