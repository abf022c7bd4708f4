//! What edits of points and routes change for people, in Chinese; and the texts to pass on to a chat group.

use jiff::civil::{Date, Time};

use super::format::{all_of, day, days, hours, route_words};
use crate::messages::format::{clock, quoted, reason};
use crate::messages::point_edits::{PointAction, PointEditText, RouteMoveText};

pub(crate) fn point_edit(edit: &PointEditText<'_>) -> String {
    let mut says = vec![match edit.action {
        PointAction::Closed { reason: why, .. } => {
            format!("{}{}关闭：{}。", quoted(edit.point), when(edit), reason(why))
        }
        PointAction::Opened { .. } => format!("{}重新开放。", quoted(edit.point)),
    }];
    match edit.action {
        PointAction::Closed { relief, .. } => closed(&mut says, edit, relief),
        PointAction::Opened { was_counting, later_days, .. } => opened(&mut says, edit, was_counting, later_days),
    }
    says.concat()
}

fn closed(says: &mut Vec<String>, edit: &PointEditText<'_>, relief: bool) {
    let (route, after) = (route_words(edit.route), edit.impact.needed.1);
    let before = was(edit.impact.needed);
    match (edit.day, edit.since) {
        (None, Some(since)) => {
            says.push(format!(
                "从{}起，所有人集齐{route}要 {after} 个章{before}，以后也不再提高。",
                moment(since, edit.today)
            ));
        }
        (Some(_), Some(since)) if relief => {
            says.push(format!(
                "{}在{route}盖过章的人，不论先后（到现在 {} 人），从{}起免这一站：集齐要 {after} 个章{before}，免了不再收回。",
                when(edit),
                edit.walked,
                moment(since, edit.today)
            ));
        }
        (_, None) if relief => says.push("剩下的开放时间不到15分钟，没有人受影响。".to_owned()),
        _ => says.push(format!("这一站不免，集齐{route}仍要 {after} 个章。")),
    }
    if edit.since.is_some() && !edit.in_force {
        says.push("在这以前重新开放，就什么也不变。".to_owned());
    }
    if edit.impact.is_at_half && edit.since.is_some() {
        says.push("注意：最多免到一半。关的站多了，请另外找一天补办。".to_owned());
    }
    gifts(says, edit);
    if edit.stamped > 0 {
        says.push(format!("{} 人已经有这一站的章，照样算数。", edit.stamped));
    }
    if edit.day.is_some() && relief {
        let at_the_door = match edit.action {
            PointAction::Closed { keep_away: true, .. } => "扫这一站的码不盖章。",
            _ => "已经到门口的人，扫这一站的码，盖雨天章。",
        };
        says.push(at_the_door.to_owned());
    }
}

fn opened(says: &mut Vec<String>, edit: &PointEditText<'_>, was_counting: bool, later_days: &[Date]) {
    if !later_days.is_empty() {
        let days: Vec<String> = later_days.iter().map(|later| day(*later)).collect();
        says.push(format!("原定{}的关闭也一起取消了。", all_of(&days)));
    }
    if edit.in_force {
        says.push(format!("已经免的照样免：集齐{}要 {} 个章。", route_words(edit.route), edit.impact.needed.1));
    } else if was_counting {
        says.push("没有关满15分钟，谁的要求都没有变。".to_owned());
    }
}

fn gifts(says: &mut Vec<String>, edit: &PointEditText<'_>) {
    let changed = edit.gifts.iter().filter(|(_, before, after)| before != after);
    let changed: Vec<String> =
        changed.map(|(name, before, after)| format!("{}要 {after} 个章（原来 {before} 个）", quoted(name))).collect();
    if !changed.is_empty() {
        says.push(format!("礼物也跟着变：{}。", changed.join("，")));
    }
    if edit.held > 0 {
        says.push(format!("已留好的 {} 份礼物照样能领。", edit.held));
    }
}

/// For residents, in a chat group.
pub(crate) fn point_announcement(edit: &PointEditText<'_>) -> String {
    let (point, route) = (quoted(edit.point), route_words(edit.route));
    match edit.action {
        PointAction::Opened { hours: [], .. } => format!("{point}重新开放。欢迎来打卡！"),
        PointAction::Opened { hours: spans, .. } => {
            format!("{point}重新开放，今天{}。欢迎来打卡！", hours(spans))
        }
        PointAction::Closed { reason: why, .. } if edit.day.is_none() => {
            format!("{point}不再开放：{}。集齐{route}改为 {} 个章，已盖的章都算数。", reason(why), edit.impact.needed.1)
        }
        PointAction::Closed { reason: why, relief, keep_away } => {
            let relieved = if relief && edit.since.is_some() {
                format!("{}在{route}盖过章的，不论先后，都免这一站。", when(edit))
            } else {
                "请先去别的点位，或改天再来。".to_owned()
            };
            let at_the_door = match (keep_away, relief) {
                (true, _) => "请不要过去，注意安全。",
                (false, true) => "已经到门口的，扫海报盖雨天章。",
                (false, false) => "",
            };
            format!("{}{point}暂停打卡：{}。{relieved}{at_the_door}已盖的章都算数。", when(edit), reason(why))
        }
    }
}

pub(crate) fn route_move(moved: &RouteMoveText<'_>) -> String {
    let mut says = vec![format!("{}改到{}。", route_words(moved.route), all_days(moved))];
    if moved.stops_today {
        says.push("今天马上不能再打卡。".to_owned());
    }
    if moved.walked > 0 {
        says.push(format!("{} 人已经在这条路线盖过章，章都算数。", moved.walked));
    }
    if moved.kept_exceptions > 0 {
        says.push(format!("原来日子里的 {} 处特别安排都留着，改回来就恢复。", moved.kept_exceptions));
    }
    says.concat()
}

/// For residents, in a chat group.
pub(crate) fn route_announcement(moved: &RouteMoveText<'_>) -> String {
    format!("{}改到{}打卡。已盖的章都算数。", route_words(moved.route), all_days(moved))
}

fn all_days(moved: &RouteMoveText<'_>) -> String {
    let extra = moved.extra_days.iter().filter(|extra| !moved.days.contains(**extra)).map(|extra| day(*extra));
    let all: Vec<String> = [days(moved.days)].into_iter().chain(extra).collect();
    all_of(&all)
}

fn when(edit: &PointEditText<'_>) -> String {
    match edit.day {
        Some(on) if on == edit.today => "今天".to_owned(),
        Some(on) => day(on),
        None => "长期".to_owned(),
    }
}

fn was((before, after): (u16, u16)) -> String {
    if before == after { String::new() } else { format!("（原来 {before} 个）") }
}

fn moment((date, time): (Date, Time), today: Date) -> String {
    if date == today { clock(time) } else { format!("{} {}", day(date), clock(time)) }
}
