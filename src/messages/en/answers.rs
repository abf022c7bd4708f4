//! Sentences in answers, in English.

use crate::messages::answers::AnswerTexts;

#[rustfmt::skip]
pub(super) const ANSWERS: AnswerTexts = AnswerTexts {
    posters_hang: |hang, of| format!("{hang} of {of} posters hang"),
    published: |version| format!("Version {version} is published."),
    unchanged: |version| format!("Nothing has changed; version {version} stays published."),
    route_takes: |published, route, asks, of| format!("{published} The route {route} now takes {asks} stamps of {of} points."),
    old_poster_hangs: |point| format!("The old poster of “{point}” still hangs; take it down."),
    stamp_was_undone: "the stamp was undone",
    personal_data: "This is everything that the carnival stores about you. Your openid, your phone number and your location are not stored.",
    erased: "Erased: the passport, the held gifts, the cards on the phone. What stays: counts that identify no person, and a keyed mark for each gift that was handed over, so that none is handed over twice.",
    rehearsal_login: "A rehearsal: WeChat was not contacted; the login code is the name of the person who plays a resident.",
};
