//! Parser of the carnival file: TOML that organisers write, parsed into a validated [`Carnival`].
//!
//! [`parse`] is the only constructor of a `Carnival`. It reports all mistakes at once, each with its line and a remedy,
//! because the files are written by community workers and not by developers. Parsing therefore never stops at the first
//! mistake: values are read one by one from the spanned TOML table, a value that fails becomes a `Reported`, and checks
//! that depend on it are skipped.
//!
//! One module per kind of entry (`carnival_table`, `routes`, `points`, `activities`, `booths`, `gifts`, `day_marks`),
//! read in this order, so that references are resolved to entries read earlier. One module per kind of mistake
//! (`format_errors`, `schedule_errors`, `reference_errors`, `gift_errors`, `design_errors`, `print_errors`), each with
//! its messages in both languages.

mod activities;
mod booths;
mod carnival_table;
mod check_in_conditions;
mod day_marks;
mod design;
mod design_errors;
mod diagnostics;
pub mod edit;
mod entry;
mod field;
mod format_errors;
mod gift_context;
mod gift_errors;
mod gift_requirement;
mod gifts;
mod limits;
mod mistake;
mod points;
mod print_errors;
mod reference_errors;
mod registry;
mod routes;
mod schedule_errors;
mod stamp_positions;
mod suggestion;
mod table;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use toml::de::DeTable;

pub use self::limits::{MAX_BYTES, MAX_MISTAKES};
pub use self::mistake::Mistake;
pub use self::print_errors::{ArtworkProblem, PrintError};

use self::diagnostics::{Diagnostics, Parsed};
use self::entry::{Entry, SourcePosition};
use self::format_errors::FormatError;
use self::gift_context::GiftContext;
use self::registry::IdRegistry;
use self::table::Table;
use super::carnival::Carnival;
use super::lang::Lang;

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
/// use carnival::rules::{carnival_file, lang::Lang};
///
/// let mistakes = carnival_file::parse("[carnival]\nnmae = \"Spring\"").unwrap_err();
/// assert_eq!(mistakes[0].line(), 1);
/// let report = carnival_file::format_report(&mistakes, "spring.toml", Lang::En);
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

/// Formats mistakes for people: one `FILE:LINE: message` per line, sorted, and a final count.
#[must_use]
pub fn format_report(mistakes: &[Mistake], file: &str, lang: Lang) -> String {
    let mut sorted: Vec<&Mistake> = mistakes.iter().collect();
    sorted.sort_by_key(|mistake| mistake.line());
    let mut text = String::new();
    for mistake in sorted {
        // Writing into a `String` cannot fail.
        let _ = writeln!(text, "{file}:{}: {}", mistake.line(), mistake.message(lang));
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

fn toml<'t>(text: &'t str, diagnostics: &Diagnostics) -> Parsed<DeTable<'t>> {
    let whole_file = |line| SourcePosition { entry: Entry::File, line };
    if text.len() > MAX_BYTES {
        let bytes = text.len();
        return Err(diagnostics.report(&whole_file(1), FormatError::FileTooBig { bytes }));
    }
    DeTable::parse(text).map(toml::Spanned::into_inner).map_err(|error| {
        let offset = error.span().map_or(text.len(), |span| span.start);
        let mistake = FormatError::syntax(text, offset, error.message());
        diagnostics.report(&whole_file(diagnostics.line(offset)), mistake)
    })
}

/// Reads everything before it returns the first failure, so that all mistakes are reported.
fn carnival(root: &DeTable<'_>, diagnostics: &Diagnostics) -> Parsed<Carnival> {
    let mut root = Table::root(diagnostics, root);
    let head = carnival_table::read(&mut root);
    let carnival_days = head.days.ok();
    let mut route_ids = IdRegistry::default();
    let routes = routes::read(&mut root, &mut route_ids, carnival_days);
    let mut point_ids = IdRegistry::default();
    let points = points::read(&mut root, &mut point_ids, &route_ids, &routes);
    points::report_routes_without_points(&root, &routes, &points, &point_ids);
    points::report_excessive_complete_with(&root, &routes, &points, &point_ids);
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
    let day_marks = day_marks::read(&mut root, carnival_days);
    root.finish();
    Ok(Carnival {
        id: head.id?,
        name: head.name?,
        theme: head.theme?,
        town: head.town?,
        time_zone: head.time_zone?,
        days: head.days?,
        login: head.login?,
        notice: head.notice?,
        privacy: head.privacy?,
        routes: complete_all(routes, routes::Draft::into_complete)?,
        points: complete_all(points, points::Draft::into_complete)?,
        activities: activities.into_iter().collect::<Parsed<_>>()?,
        gifts: gifts.into_iter().collect::<Parsed<_>>()?,
        booths: booths.into_iter().collect::<Parsed<_>>()?,
        day_marks: day_marks.into_iter().collect::<Parsed<_>>()?,
    })
}

fn complete_all<D, T>(drafts: Vec<D>, each: impl Fn(D) -> Parsed<T>) -> Parsed<Vec<T>> {
    drafts.into_iter().map(each).collect()
}
