//! Checks, before anything is printed, that every name and artwork file of a carnival can be drawn.

use std::collections::BTreeSet;

use super::artwork::{ArtworkError, ArtworkSource};
use super::fonts::{self, FontError};
use super::raster::RasterError;
use super::svg_document::SvgError;
use crate::rules::carnival::Carnival;
use crate::rules::carnival::design::ArtworkPath;
use crate::rules::carnival_file::{ArtworkProblem, Mistake, MistakeKind};

/// The names and artwork files of `carnival` that cannot be drawn, as mistakes with their lines in `text`, ordered by
/// line.
///
/// Names and files that `before` also has are not checked again. They were checked when they came, and closing a point
/// for rain must not fail because a file went missing since.
#[must_use]
pub fn check(text: &str, carnival: &Carnival, before: Option<&Carnival>, source: &ArtworkSource) -> Vec<Mistake> {
    let known_names: BTreeSet<&str> = before.map(printed_names).unwrap_or_default().into_iter().collect();
    let known_files: BTreeSet<&ArtworkPath> = before.map(Carnival::artwork).unwrap_or_default().into_iter().collect();
    let letters: BTreeSet<char> = printed_names(carnival)
        .into_iter()
        .filter(|name| !known_names.contains(name))
        .filter_map(fonts::first_undrawable)
        .collect();
    let of_letter = |found: &char| {
        Mistake::for_print(line_of(text, |line| line.contains(*found)), MistakeKind::MissingGlyph { found: *found })
    };
    let of_file = |path: &ArtworkPath| {
        let because = artwork_problem(source.read(path).err()?);
        let line = line_of(text, |line| line.contains(path.as_str()));
        Some(Mistake::for_print(line, MistakeKind::UnusableArtwork { file: path.clone(), because }))
    };
    let files = carnival.artwork().into_iter().filter(|path| !known_files.contains(path)).filter_map(of_file);
    let mut mistakes: Vec<Mistake> = letters.iter().map(of_letter).chain(files).collect();
    mistakes.sort_by_key(Mistake::line);
    mistakes
}

/// All names printed on posters, postcards and cards.
fn printed_names(carnival: &Carnival) -> Vec<&str> {
    let routes = carnival.routes.iter().map(|route| route.name.as_str());
    let points = carnival.points.iter().map(|point| point.name.as_str());
    routes.chain(points).chain([carnival.name.as_str()]).collect()
}

/// Number of the first line that fits, counted from 1; comment lines are skipped. 1 if no line fits.
fn line_of(text: &str, fits: impl Fn(&str) -> bool) -> usize {
    let found = text.lines().position(|line| !line.trim_start().starts_with('#') && fits(line));
    found.map_or(1, |at| at + 1)
}

/// All characters of a carnival file that cannot be printed, wherever they occur: each once, with its first line.
#[must_use]
pub fn unprintable_characters(text: &str) -> Vec<(usize, char)> {
    let mut seen = BTreeSet::new();
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with('#'));
    let characters = lines.flat_map(|(at, line)| line.chars().map(move |one| (at, one)));
    characters.filter(|(_, one)| !matches!(one, '\t' | '\r') && !fonts::can_draw(*one) && seen.insert(*one)).collect()
}

fn artwork_problem(error: ArtworkError) -> ArtworkProblem {
    match error {
        ArtworkError::NotFound(_) => ArtworkProblem::NotFound,
        ArtworkError::Unreadable(cause) => ArtworkProblem::Unreadable { cause: cause.to_string() },
        ArtworkError::TooLarge(bytes) => ArtworkProblem::TooLarge { max_kb: bytes / 1024 },
        ArtworkError::ActiveContent(what) | ArtworkError::Svg(SvgError::BlockedImage(what)) => {
            ArtworkProblem::ActiveContent { what }
        }
        ArtworkError::Svg(SvgError::Font(FontError::UnknownFamily(family))) => ArtworkProblem::MissingFont { family },
        ArtworkError::Svg(SvgError::Font(FontError::MissingCharacter(found))) => ArtworkProblem::MissingGlyph { found },
        ArtworkError::Raster(RasterError::TooManyPixels { width, height, .. }) => {
            ArtworkProblem::TooManyPixels { width, height }
        }
        ArtworkError::NotUtf8 | ArtworkError::WrongExtension | ArtworkError::Svg(_) | ArtworkError::Raster(_) => {
            ArtworkProblem::NotAnImage
        }
    }
}
