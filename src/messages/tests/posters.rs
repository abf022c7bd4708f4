//! Messages about posters.

use crate::messages::messages;
use crate::rules::carnival::Carnival;
use crate::rules::lang::Lang::{En, Zh};
use crate::rules::prints::poster_state::{NextOpening, PosterState};
use crate::rules::samples::{at, carnival};

#[test]
fn a_poster_message_includes_the_hours() {
    let mut carnival = carnival();
    let message = |carnival: &Carnival, state: PosterState, now, lang| {
        let point = &carnival.points[0];
        messages(lang).poster_state(state, point, NextOpening::of(carnival, point, at(now)))
    };
    let right = |carnival: &Carnival, now, lang| message(carnival, PosterState::UpToDate, now, lang);
    assert_eq!(right(&carnival, "2023-04-14T08:00", Zh), "1号点位“第1站”：海报没错。今天09:00–18:00开放。");
    assert_eq!(right(&carnival, "2023-04-14T08:00", En), "Point 1, “第1站”: right. Open today 09:00–18:00.");
    assert_eq!(right(&carnival, "2023-04-12T08:00", Zh), "1号点位“第1站”：海报没错。4月13日09:00–18:00开放。");
    assert_eq!(right(&carnival, "2023-04-12T08:00", En), "Point 1, “第1站”: right. Opens on 13 April, 09:00–18:00.");
    assert_eq!(right(&carnival, "2023-04-22T08:00", En), "Point 1, “第1站”: right. It does not open again.");
    carnival.points[0].closed = Some("因雨关闭。".to_owned());
    assert_eq!(right(&carnival, "2023-04-14T08:00", Zh), "1号点位“第1站”：海报没错。点位已关闭：因雨关闭。");
    assert_eq!(
        message(&carnival, PosterState::Replaced, "2023-04-14T08:00", Zh),
        "1号点位“第1站”：这是换下来的旧海报，请取下，挂上新的。"
    );
    assert_eq!(
        message(&carnival, PosterState::DisplayOnly, "2023-04-14T08:00", En),
        "Point 1, “第1站”: only the code on the tablet counts here. Take this poster down."
    );
}
