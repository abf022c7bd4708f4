//! The letters of pictures and print: a Chinese face that comes with the program, and the machine's own faces for characters that it lacks.
//!
//! The bundled face covers GB 2312, Latin and punctuation, so that nearly every picture is the same, byte for byte, on every machine. Nothing is ever left out or drawn as a box: a
//! family or a character that nobody has is an error that names it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use resvg::usvg::fontdb::{Database, ID, Source};
use resvg::usvg::{FontFamily, FontResolver};
use ttf_parser::Face;
use unicode_properties::UnicodeEmoji;

/// Noto Sans CJK SC, a subset of 7,787 characters; its licence lies beside it, `scripts/font` makes it.
static BUNDLED_BYTES: &[u8] = include_bytes!("font/NotoSansSC-subset.otf");

/// The family that pictures are written in. `sans-serif` means the same.
pub const FAMILY: &str = "Noto Sans CJK SC";

static BUNDLED_FACE: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::parse(BUNDLED_BYTES, 0).ok());

/// The bundled face alone.
static BUNDLED_FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut bundled_fonts = Database::new();
    bundled_fonts.load_font_source(bundled_source());
    bundled_fonts.set_sans_serif_family(FAMILY);
    Arc::new(bundled_fonts)
});

/// The machine's faces; looked at only once a character needs them.
static SYSTEM_FONTS: LazyLock<Database> = LazyLock::new(|| {
    let mut system = Database::new();
    system.load_system_fonts();
    system
});

/// Which of the machine's faces has a character that ours lacks, as far as it was asked.
static SYSTEM_FACES: LazyLock<Mutex<HashMap<char, Option<ID>>>> = LazyLock::new(Mutex::default);

/// How many answers are remembered of [`SYSTEM_FACES`], so that strangers cannot fill the memory with questions.
const MAX_CACHED_CHARACTERS: usize = 4_096;

fn bundled_source() -> Source {
    Source::Binary(Arc::new(BUNDLED_BYTES))
}

/// The faces that a picture begins with.
pub(super) fn bundled_fonts() -> Arc<Database> {
    Arc::clone(&BUNDLED_FONTS)
}

/// What a text needs and nobody has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// No face has this character.
    #[error("no font has the character {0:?}")]
    MissingCharacter(char),
    /// There is no such family.
    #[error("there is no font family {0}; only \"{FAMILY}\" and sans-serif are there")]
    UnknownFamily(String),
}

/// The first character of a text that cannot be drawn: emoji, and whatever neither our face nor one of the machine's has.
#[must_use]
pub fn first_undrawable(text: &str) -> Option<char> {
    text.chars().find(|found| !can_draw(*found))
}

/// Whether a character can be drawn.
#[must_use]
pub fn can_draw(character: char) -> bool {
    // A line break is no character that one sees; any other control is.
    character == '\n' || in_bundled_face(character) || (!character.is_emoji_char() && system_face(character).is_some())
}

fn in_bundled_face(character: char) -> bool {
    BUNDLED_FACE.as_ref().is_some_and(|face| face.glyph_index(character).is_some())
}

/// How wide a text is, in parts of its font size.
#[must_use]
pub fn width(text: &str) -> f32 {
    text.chars().map(advance).sum()
}

fn advance(character: char) -> f32 {
    let bundled = BUNDLED_FACE.as_ref().and_then(|face| {
        let glyph = face.glyph_index(character)?;
        Some(f32::from(face.glyph_hor_advance(glyph)?) / f32::from(face.units_per_em()))
    });
    // Characters of other faces are Chinese ones, nearly always: as wide as high.
    bundled.unwrap_or(1.0)
}

/// The machine's face for a character; the first by name, so that it is the same at every start.
fn system_face(character: char) -> Option<ID> {
    let mut cache = SYSTEM_FACES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(cached) = cache.get(&character) {
        return *cached;
    }
    let mut candidates: Vec<_> = SYSTEM_FONTS.faces().filter(|face| has(face.id, character)).collect();
    candidates.sort_by(|one, other| (&one.post_script_name, one.index).cmp(&(&other.post_script_name, other.index)));
    let found = candidates
        .iter()
        .find(|face| face.post_script_name.contains("CJKsc"))
        .or(candidates.first())
        .map(|face| face.id);
    if cache.len() < MAX_CACHED_CHARACTERS {
        cache.insert(character, found);
    }
    found
}

fn has(face: ID, character: char) -> bool {
    let glyph = SYSTEM_FONTS.with_face_data(face, |data, index| {
        Face::parse(data, index).ok().and_then(|face| face.glyph_index(character)).is_some_and(|glyph| glyph.0 != 0)
    });
    glyph.unwrap_or(false)
}

/// Gathers what a picture's texts need and nobody has.
#[derive(Debug, Default)]
pub(super) struct StrictFontResolver(Mutex<Option<FontError>>);

impl StrictFontResolver {
    fn record(&self, missing: FontError) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(missing);
    }

    /// The first that was missed.
    pub(super) fn error(&self) -> Option<FontError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Finds faces, and notes what nobody has: by itself the library would leave the text out in silence.
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
                    self.record(FontError::UnknownFamily(names.join(", ")));
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
                    self.record(FontError::MissingCharacter(character));
                }
                id
            }),
        }
    }
}

/// A face of this name that was loaded and not tried yet. The machine's own whole face has the name of our subset.
fn untried_face(faces: &Database, name: &str, used: &[ID]) -> Option<ID> {
    faces.faces().find(|face| face.post_script_name == name && !used.contains(&face.id)).map(|face| face.id)
}

/// Loads a file of faces, and gives the one that was meant.
fn load_face(faces: &mut Database, source: &Source, index: u32) -> Option<ID> {
    let ids = faces.load_font_source(source.clone());
    ids.into_iter().find(|id| faces.face(*id).is_some_and(|face| face.index == index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_face_has_what_carnivals_are_written_in() {
        let text = "2023成华友邻荟·社区嘉年华“玩”美社区，第1站：09:30–18:00！（茶）《书》￥5 ①②✓ Élan №7";
        assert_eq!(text.chars().find(|c| !in_bundled_face(*c)), None);
    }

    #[test]
    fn an_emoji_is_never_drawn_and_a_line_break_always() {
        for text in ["好😀", "👨‍👩‍👧", "\u{7}"] {
            assert!(first_undrawable(text).is_some(), "{text}");
        }
        assert_eq!(first_undrawable("一行\n又一行"), None);
    }

    #[test]
    fn the_machines_face_of_the_same_name_is_not_taken_for_ours() {
        let (bundled_fonts, mut both) = (bundled_fonts(), Database::clone(&bundled_fonts()));
        let id = bundled_fonts.faces().map(|face| face.id).collect::<Vec<_>>();
        let name = "NotoSansCJKsc-Regular";
        assert_eq!(untried_face(&bundled_fonts, name, &[]), id.first().copied());
        assert_eq!(untried_face(&bundled_fonts, name, &id), None);
        let second = both.load_font_source(bundled_source());
        assert_eq!(untried_face(&both, name, &id), second.first().copied());
    }

    #[test]
    fn widths_are_parts_of_the_font_size() {
        assert!((width("社区") - 2.0).abs() < 1e-3);
        assert!(width("ii") < 0.7);
    }
}
