//! Fonts for pictures and print: a bundled Chinese face, and the machine's fonts for characters that it lacks.
//!
//! The bundled face covers GB 2312, Latin and punctuation, so nearly every picture is the same, byte for byte, on every
//! machine. A missing character or font family is an error that names it; text is never dropped or drawn as a box.

use std::sync::{Arc, LazyLock, OnceLock};

use quick_cache::sync::Cache;
use resvg::usvg::fontdb::{Database, ID, Source};
use resvg::usvg::{FontFamily, FontResolver};
use ttf_parser::Face;
use unicode_properties::UnicodeEmoji;

/// Noto Sans CJK SC, a subset of 7,787 characters, made by `scripts/font`. Its licence is in the same folder.
static BUNDLED_BYTES: &[u8] = include_bytes!("font/NotoSansSC-subset.otf");

/// The font family of all pictures. `sans-serif` means the same.
pub const FAMILY: &str = "Noto Sans CJK SC";

static BUNDLED_FACE: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::parse(BUNDLED_BYTES, 0).ok());

/// Only the bundled face.
static BUNDLED_FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut bundled_fonts = Database::new();
    bundled_fonts.load_font_source(bundled_source());
    bundled_fonts.set_sans_serif_family(FAMILY);
    Arc::new(bundled_fonts)
});

/// The machine's fonts; loaded when the first character needs them.
static SYSTEM_FONTS: LazyLock<Database> = LazyLock::new(|| {
    let mut system = Database::new();
    system.load_system_fonts();
    system
});

/// The machine's face for characters that the bundled face lacks, bounded so that greetings with rare characters cannot
/// fill the memory.
static SYSTEM_FACES: LazyLock<Cache<char, Option<ID>>> = LazyLock::new(|| Cache::new(4_096));

fn bundled_source() -> Source {
    Source::Binary(Arc::new(BUNDLED_BYTES))
}

/// The fonts that every SVG is parsed with.
pub(super) fn bundled_fonts() -> Arc<Database> {
    Arc::clone(&BUNDLED_FONTS)
}

/// A character or font family that no font provides.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// No face has this character.
    #[error("no font has the character {0:?}")]
    MissingCharacter(char),
    /// There is no such font family.
    #[error("there is no font family {0}; only \"{FAMILY}\" and sans-serif are available")]
    UnknownFamily(String),
}

/// The first character of a text that cannot be drawn: an emoji, or one that neither the bundled face nor the machine's
/// fonts have.
#[must_use]
pub fn first_undrawable(text: &str) -> Option<char> {
    text.chars().find(|found| !can_draw(*found))
}

/// Whether a character can be drawn.
#[must_use]
pub fn can_draw(character: char) -> bool {
    // A line break is invisible, so it needs no glyph; any other control character is rejected.
    character == '\n' || in_bundled_face(character) || (!character.is_emoji_char() && system_face(character).is_some())
}

fn in_bundled_face(character: char) -> bool {
    BUNDLED_FACE.as_ref().is_some_and(|face| face.glyph_index(character).is_some())
}

/// Width of a text in em (multiples of its font size).
#[must_use]
pub fn width(text: &str) -> f32 {
    text.chars().map(advance).sum()
}

fn advance(character: char) -> f32 {
    let bundled = BUNDLED_FACE.as_ref().and_then(|face| {
        let glyph = face.glyph_index(character)?;
        Some(f32::from(face.glyph_hor_advance(glyph)?) / f32::from(face.units_per_em()))
    });
    // Characters of other faces are nearly always Chinese: one em wide.
    bundled.unwrap_or(1.0)
}

/// The machine's face for a character. Prefers a simplified Chinese face, then the first by name, so that the choice is
/// the same after every start.
fn system_face(character: char) -> Option<ID> {
    if let Some(cached) = SYSTEM_FACES.get(&character) {
        return cached;
    }
    let mut candidates: Vec<_> = SYSTEM_FONTS.faces().filter(|face| has(face.id, character)).collect();
    candidates.sort_by(|one, other| (&one.post_script_name, one.index).cmp(&(&other.post_script_name, other.index)));
    let found = candidates
        .iter()
        .find(|face| face.post_script_name.contains("CJKsc"))
        .or(candidates.first())
        .map(|face| face.id);
    SYSTEM_FACES.insert(character, found);
    found
}

fn has(face: ID, character: char) -> bool {
    let glyph = SYSTEM_FONTS.with_face_data(face, |data, index| {
        Face::parse(data, index).ok().and_then(|face| face.glyph_index(character)).is_some_and(|glyph| glyph.0 != 0)
    });
    glyph.unwrap_or(false)
}

/// Font resolver that records the first missing character or family.
#[derive(Debug, Default)]
pub(super) struct StrictFontResolver(OnceLock<FontError>);

impl StrictFontResolver {
    /// The first missing character or family.
    pub(super) fn error(&self) -> Option<FontError> {
        self.0.get().cloned()
    }

    /// The callbacks for `usvg`. Without them the library would drop the text silently.
    pub(super) fn resolver(&self) -> FontResolver<'_> {
        FontResolver {
            select_font: Box::new(|font, faces| {
                let known = font.families().iter().any(|family| match family {
                    FontFamily::SansSerif => true,
                    FontFamily::Named(name) => name == FAMILY,
                    _ => false,
                });
                if !known {
                    let names: Vec<_> = font.families().iter().map(ToString::to_string).collect();
                    self.0.get_or_init(|| FontError::UnknownFamily(names.join(", ")));
                }
                faces.faces().next().map(|face| face.id)
            }),
            select_fallback: Box::new(|character, used, faces| {
                let found = (!character.is_emoji_char()).then(|| system_face(character)).flatten();
                let face = found.and_then(|id| SYSTEM_FONTS.face(id));
                let id = face.and_then(|face| {
                    let loaded = untried_face(faces, &face.post_script_name, used);
                    loaded.or_else(|| load_face(Arc::make_mut(faces), &face.source, face.index))
                });
                if id.is_none() {
                    self.0.get_or_init(|| FontError::MissingCharacter(character));
                }
                id
            }),
        }
    }
}

/// A loaded face of this name that was not tried yet. A full Noto Sans CJK of the machine has the same name as the
/// bundled subset.
fn untried_face(faces: &Database, name: &str, used: &[ID]) -> Option<ID> {
    faces.faces().find(|face| face.post_script_name == name && !used.contains(&face.id)).map(|face| face.id)
}

/// Loads a font file and returns the face with this index.
fn load_face(faces: &mut Database, source: &Source, index: u32) -> Option<ID> {
    let ids = faces.load_font_source(source.clone());
    ids.into_iter().find(|id| faces.face(*id).is_some_and(|face| face.index == index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_face_covers_the_usual_texts() {
        let text = "2023成华友邻荟·社区嘉年华“玩”美社区，第1站：09:30–18:00！（茶）《书》￥5 ①②✓ Élan №7";
        assert_eq!(text.chars().find(|c| !in_bundled_face(*c)), None);
    }

    #[test]
    fn emoji_are_rejected_and_line_breaks_accepted() {
        for text in ["好😀", "👨‍👩‍👧", "\u{7}"] {
            assert!(first_undrawable(text).is_some(), "{text}");
        }
        assert_eq!(first_undrawable("一行\n又一行"), None);
    }

    #[test]
    fn a_system_face_with_the_bundled_name_is_distinguished() {
        let (bundled_fonts, mut both) = (bundled_fonts(), Database::clone(&bundled_fonts()));
        let id = bundled_fonts.faces().map(|face| face.id).collect::<Vec<_>>();
        let name = "NotoSansCJKsc-Regular";
        assert_eq!(untried_face(&bundled_fonts, name, &[]), id.first().copied());
        assert_eq!(untried_face(&bundled_fonts, name, &id), None);
        let second = both.load_font_source(bundled_source());
        assert_eq!(untried_face(&both, name, &id), second.first().copied());
    }

    #[test]
    fn widths_are_in_em() {
        assert!((width("社区") - 2.0).abs() < 1e-3);
        assert!(width("ii") < 0.7);
    }
}
