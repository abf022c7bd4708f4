//! The carnival file: TOML that organisers write, read into a [`Carnival`] that is known to be sound.
//!
//! [`parse`] is the only maker of a `Carnival`. It tells all mistakes at once, each with its line and
//! what to write instead, because the writers are community workers and not developers. So nothing
//! here stops at the first wrong entry: each value is read by hand from the spanned TOML table, a
//! value that failed is a `Told` from then on, and checks that would need it are left out.
//!
//! One file per kind of entry (`head`, `routes`, `points`, `activities`, `booths`, `gifts`,
//! `day_marks`), read in that order, so that each finds what it refers to. One file per kind of mistake
//! (`form`, `plan`, `link`, `earn`, `look`), each with its sentences in both languages.

mod activities;
mod booths;
mod card;
mod day_marks;
mod earn;
pub mod edit;
mod entry;
mod field;
mod form;
mod gifts;
mod head;
mod ids;
mod limits;
mod link;
mod look;
mod mistake;
mod nearest;
mod needs;
mod notes;
mod plan;
mod points;
mod print;
mod routes;
mod spot;
mod stamps;
mod surroundings;
mod table;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use toml::de::DeTable;

pub use self::limits::{MAX_BYTES, MAX_MISTAKES};
pub use self::mistake::Mistake;
pub use self::print::{Unprintable, Unusable};

use self::entry::{Entry, Place};
use self::form::Form;
use self::ids::Ids;
use self::notes::{Notes, Read};
use self::surroundings::Surroundings;
use self::table::Table;
use super::carnival::Carnival;
use super::lang::Lang;

/// Reads a carnival file.
///
/// # Errors
///
/// Every mistake in the file (up to [`MAX_MISTAKES`]), in the order of its lines; never an empty
/// list. Text that is not TOML at all, or longer than [`MAX_BYTES`], is one mistake alone.
///
/// # Examples
///
/// ```
/// use carnival::rules::{carnival_file, lang::Lang};
///
/// let mistakes = carnival_file::parse("[carnival]\nnmae = \"Spring\"").unwrap_err();
/// assert_eq!(mistakes[0].line(), 1);
/// let said = carnival_file::report(&mistakes, "spring.toml", Lang::En);
/// assert!(said.contains("spring.toml:2: [carnival]: \"nmae\" is not a key"));
/// ```
pub fn parse(text: &str) -> Result<Carnival, Vec<Mistake>> {
    let notes = Notes::new(text);
    let read = toml(text, &notes).and_then(|root| carnival(&root, &notes));
    let mut mistakes = notes.into_mistakes();
    match read {
        Ok(carnival) if mistakes.is_empty() => Ok(carnival),
        _ => {
            mistakes.sort_by_key(Mistake::line);
            Err(mistakes)
        }
    }
}

/// All mistakes as a text for people: `FILE:LINE: sentence` by line, and how many there are.
#[must_use]
pub fn report(mistakes: &[Mistake], file: &str, lang: Lang) -> String {
    let mut sorted: Vec<&Mistake> = mistakes.iter().collect();
    sorted.sort_by_key(|mistake| mistake.line());
    let mut text = String::new();
    for mistake in sorted {
        // Writing into a `String` cannot fail.
        let _ = writeln!(text, "{file}:{}: {}", mistake.line(), mistake.say(lang));
    }
    text + &closing(mistakes.len(), lang)
}

fn closing(count: usize, lang: Lang) -> String {
    match (lang, count) {
        (Lang::Zh, 0) => "没有错误。\n".to_owned(),
        (Lang::En, 0) => "No mistakes.\n".to_owned(),
        (Lang::En, 1) => "1 mistake.\n".to_owned(),
        (Lang::Zh, MAX_MISTAKES..) => format!("至少 {count} 处错误。\n"),
        (Lang::En, MAX_MISTAKES..) => format!("{count} mistakes or more.\n"),
        (Lang::Zh, _) => format!("共 {count} 处错误。\n"),
        (Lang::En, _) => format!("{count} mistakes.\n"),
    }
}

fn toml<'t>(text: &'t str, notes: &Notes) -> Read<DeTable<'t>> {
    let whole_file = |line| Place { entry: Entry::File, line };
    if text.len() > MAX_BYTES {
        let bytes = text.len();
        return Err(notes.tell(&whole_file(1), Form::FileTooBig { bytes }));
    }
    DeTable::parse(text).map(toml::Spanned::into_inner).map_err(|error| {
        let offset = error.span().map_or(text.len(), |span| span.start);
        let mistake = Form::syntax(text, offset, error.message());
        notes.tell(&whole_file(notes.line(offset)), mistake)
    })
}

/// Everything is read before the first failure is looked at: that is what tells all mistakes.
fn carnival(root: &DeTable<'_>, notes: &Notes) -> Read<Carnival> {
    let mut root = Table::root(notes, root);
    let head = head::read(&mut root);
    let frame = head.days.ok();
    let mut route_ids = Ids::default();
    let routes = routes::read(&mut root, &mut route_ids, frame);
    let mut point_ids = Ids::default();
    let points = points::read(&mut root, &mut point_ids, &route_ids, &routes);
    points::every_route_has_one(&root, &routes, &points, &point_ids);
    points::no_route_asks_for_more(&root, &routes, &points, &point_ids);
    stamps::fit(&root, &routes, &points);
    let activities = activities::read(&mut root, &route_ids, &point_ids, &routes, frame);
    let mut booth_ids = Ids::default();
    let booths = booths::read(&mut root, &mut booth_ids, &route_ids);
    let surroundings = Surroundings {
        frame,
        routes: &routes,
        points: &points,
        points_known: point_ids.complete(),
        route_ids: &route_ids,
        booth_ids,
    };
    let gifts = gifts::read(&mut root, surroundings);
    let day_marks = day_marks::read(&mut root, frame);
    root.finish();
    Ok(Carnival {
        id: head.id?,
        name: head.name?,
        theme: head.theme?,
        place: head.place?,
        time_zone: head.time_zone?,
        days: head.days?,
        login: head.login?,
        notice: head.notice?,
        privacy: head.privacy?,
        routes: whole(routes, routes::Draft::whole)?,
        points: whole(points, points::Draft::whole)?,
        activities: activities.into_iter().collect::<Read<_>>()?,
        gifts: gifts.into_iter().collect::<Read<_>>()?,
        booths: booths.into_iter().collect::<Read<_>>()?,
        day_marks: day_marks.into_iter().collect::<Read<_>>()?,
    })
}

fn whole<D, T>(drafts: Vec<D>, each: impl Fn(D) -> Read<T>) -> Read<Vec<T>> {
    drafts.into_iter().map(each).collect()
}
