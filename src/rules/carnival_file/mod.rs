//! Parser of the carnival file: TOML that organisers write, parsed into a validated [`Carnival`].
//!
//! [`parse`] is the only constructor of a `Carnival`. It reports all mistakes at once, each with its line and a remedy,
//! because the files are written by community workers and not by developers. Parsing therefore never stops at the first
//! mistake: values are read one by one from the spanned TOML table, a value that fails becomes a `Reported`, and checks
//! that depend on it are skipped.
//!
//! One module per kind of entry (`carnival_table`, `routes`, `points`, `activities`, `booths`, `gifts`, `design`), read
//! in this order, so that references are resolved to entries read earlier. `mistake` lists what can be wrong.

mod activities;
mod booths;
mod carnival_table;
mod check_in_conditions;
mod design;
mod diagnostics;
pub mod edit;
mod field;
mod gift_requirement;
mod gifts;
mod mistake;
mod points;
mod registry;
mod routes;
mod stamp_positions;
mod suggestion;
mod table;
pub mod undone_changes;
pub mod version_line;

use toml::de::DeTable;

pub(crate) use self::mistake::{ArtworkProblem, Entry, EntryKind, ExpectedType, FoundValue, MistakeKind};
pub use self::mistake::{MAX_BYTES, MAX_MISTAKES, Mistake};

use self::diagnostics::{Diagnostics, Parsed, collect_all};
use self::gift_requirement::GiftContext;
use self::mistake::SourcePosition;
use self::registry::IdRegistry;
use self::table::Table;
use super::carnival::Carnival;

/// Parses a carnival file.
///
/// # Errors
///
/// Every mistake in the file (up to [`MAX_MISTAKES`]), sorted by line; never empty. Text that is not TOML or is longer
/// than [`MAX_BYTES`] yields exactly one mistake.
///
/// # Examples
///
/// ```
/// use carnival::messages;
/// use carnival::rules::{carnival_file, lang::Lang};
///
/// let mistakes = carnival_file::parse("[carnival]\nnmae = \"Spring\"").unwrap_err();
/// assert_eq!(mistakes[0].line(), 1);
/// let report = messages::messages(Lang::En).mistake_report(&mistakes, "spring.toml");
/// assert!(report.contains("spring.toml:2: [carnival]: \"nmae\" is not a known key"));
/// ```
pub fn parse(text: &str) -> Result<Carnival, Vec<Mistake>> {
    let diagnostics = Diagnostics::new(text);
    let read = toml(text, &diagnostics).and_then(|root| carnival(&root, &diagnostics));
    let mut mistakes = diagnostics.into_mistakes();
    match read {
        Ok(carnival) if mistakes.is_empty() => Ok(carnival),
        _ => {
            mistakes.sort_by_key(Mistake::line);
            Err(mistakes)
        }
    }
}

fn toml<'t>(text: &'t str, diagnostics: &Diagnostics) -> Parsed<DeTable<'t>> {
    let report = |line, kind| {
        let position = SourcePosition { entry: Entry::File, line };
        diagnostics.report(Mistake::of_entry(position, kind))
    };
    if text.len() > MAX_BYTES {
        return Err(report(1, MistakeKind::FileTooBig { bytes: text.len() }));
    }
    DeTable::parse(text).map(toml::Spanned::into_inner).map_err(|error| {
        let offset = error.span().map_or(text.len(), |span| span.start);
        report(diagnostics.line(offset), syntax_mistake(text, offset, error.message()))
    })
}

/// A full-width mark at the place of a parser's error, or else the parser's message.
fn syntax_mistake(text: &str, offset: usize, message: &str) -> MistakeKind {
    let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
    let line = before.rsplit('\n').next().unwrap_or_default();
    // The parser points at the mark itself or, if the key consists of such marks, past it.
    let suspects = [after.chars().next(), line.trim_start().chars().next()];
    let full_width = suspects.into_iter().flatten().find_map(|found| Some((found, half_width(found)?)));
    match full_width {
        Some((found, instead)) => MistakeKind::FullWidth { found, instead },
        None => MistakeKind::Syntax { message: message.to_owned() },
    }
}

/// The ASCII mark that TOML requires instead of a full-width one from a Chinese keyboard.
fn half_width(mark: char) -> Option<char> {
    match mark {
        '“' | '”' | '＂' => Some('"'),
        '＝' => Some('='),
        '，' | '、' => Some(','),
        '【' | '［' => Some('['),
        '】' | '］' => Some(']'),
        '｛' => Some('{'),
        '｝' => Some('}'),
        '＃' => Some('#'),
        _ => None,
    }
}

/// Reads everything before it returns the first failure, so that all mistakes are reported.
fn carnival(root: &DeTable<'_>, diagnostics: &Diagnostics) -> Parsed<Carnival> {
    let mut root = Table::root(diagnostics, root);
    let (carnival_days, head) = carnival_table::read(&mut root);
    let mut route_ids = IdRegistry::default();
    let routes = routes::read(&mut root, &mut route_ids, carnival_days);
    let mut point_ids = IdRegistry::default();
    let points = points::read(&mut root, &mut point_ids, &route_ids, &routes);
    points::report_routes_with_too_few(&root, &routes, &points, &point_ids);
    stamp_positions::report_misplaced_stamps(&root, &routes, &points);
    let activities = activities::read(&mut root, &route_ids, &point_ids, &routes, carnival_days);
    let mut booth_ids = IdRegistry::default();
    let booths = booths::read(&mut root, &mut booth_ids, &route_ids);
    let context = GiftContext {
        carnival_days,
        routes: &routes,
        points: &points,
        all_points_parsed: point_ids.is_complete(),
        route_ids: &route_ids,
        booth_ids,
    };
    let gifts = gifts::read(&mut root, context);
    let day_marks = design::day_marks(&mut root, carnival_days);
    root.finish();
    Ok(Carnival {
        routes: collect_all(routes.into_iter().map(|draft| draft.route))?,
        points: collect_all(points.into_iter().map(|draft| draft.point))?,
        activities: activities?,
        gifts: gifts?,
        booths: booths?,
        day_marks: day_marks?,
        ..head?
    })
}
