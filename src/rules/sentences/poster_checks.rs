//! Messages about a poster, for the person who scans it, and the opening hours printed on it.

use jiff::Timestamp;

use super::format::{day, hours, quoted, reason};
use crate::rules::carnival::point_status::next_open_hours;
use crate::rules::carnival::{Carnival, Point};
use crate::rules::lang::Lang;
use crate::rules::prints::poster_state::PosterState;

impl PosterState {
    /// Whether the poster is the current one, what to do, and when the point opens.
    #[must_use]
    pub fn message(self, carnival: &Carnival, point: &Point, now: Timestamp, lang: Lang) -> String {
        let (number, name) = (point.number, quoted(&point.name));
        let which = lang.pick(format!("{number}号点位{name}"), format!("Point {number}, {name}"));
        match self {
            PosterState::UpToDate => {
                let opens = opens(carnival, point, now, lang);
                lang.pick(format!("{which}：海报没错。{opens}"), format!("{which}: right. {opens}"))
            }
            PosterState::Replaced => lang.pick(
                format!("{which}：这是换下来的旧海报，请取下，挂上新的。"),
                format!("{which}: this poster was replaced. Take it down and hang the new one."),
            ),
            PosterState::DisplayOnly => lang.pick(
                format!("{which}：这里只认平板上的码，海报没有用，请取下。"),
                format!("{which}: only the code on the tablet counts here. Take this poster down."),
            ),
        }
    }
}

impl Point {
    /// The opening hours for the poster: usual hours and exceptions.
    #[must_use]
    pub fn hours_text(&self) -> String {
        let lang = Lang::Zh;
        let usual = format!("开放时间：{}", hours(&self.hours.usual, lang));
        let differs = self.hours.exceptions.iter().map(|(on, spans)| match spans.as_slice() {
            [] => format!("{}不开放", day(*on, lang)),
            spans => format!("{}{}", day(*on, lang), hours(spans, lang)),
        });
        let differs: Vec<String> = differs.collect();
        if differs.is_empty() { usual } else { format!("{usual}（{}）", differs.join("，")) }
    }
}

fn opens(carnival: &Carnival, point: &Point, now: Timestamp, lang: Lang) -> String {
    if let Some(why) = &point.closed {
        let why = reason(why);
        return lang.pick(format!("点位已关闭：{why}。"), format!("The point is closed: {why}."));
    }
    match next_open_hours(carnival, point, now) {
        None => lang.pick("这个点位之后不再开放。", "It does not open again.").to_owned(),
        Some((on, spans)) if on == carnival.local(now).date() => {
            let spans = hours(spans, lang);
            lang.pick(format!("今天{spans}开放。"), format!("Open today {spans}."))
        }
        Some((on, spans)) => {
            let (on, spans) = (day(on, lang), hours(spans, lang));
            lang.pick(format!("{on}{spans}开放。"), format!("Opens on {on}, {spans}."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::lang::Lang::{En, Zh};
    use crate::rules::samples::{at, carnival};

    #[test]
    fn a_poster_message_includes_the_hours() {
        let mut carnival = carnival();
        let message = |carnival: &Carnival, state: PosterState, now, lang| {
            state.message(carnival, &carnival.points[0], at(now), lang)
        };
        let right = |carnival: &Carnival, now, lang| message(carnival, PosterState::UpToDate, now, lang);
        assert_eq!(right(&carnival, "2023-04-14T08:00", Zh), "1号点位“第1站”：海报没错。今天09:00–18:00开放。");
        assert_eq!(right(&carnival, "2023-04-14T08:00", En), "Point 1, “第1站”: right. Open today 09:00–18:00.");
        assert_eq!(right(&carnival, "2023-04-12T08:00", Zh), "1号点位“第1站”：海报没错。4月13日09:00–18:00开放。");
        assert_eq!(
            right(&carnival, "2023-04-12T08:00", En),
            "Point 1, “第1站”: right. Opens on 13 April, 09:00–18:00."
        );
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
}
