//! The printed design of a carnival: colours, patterns, marks, artwork paths, and stamp positions on postcards.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::rules::ids::ParseError;

/// The path of an artwork file, relative to the folder of the carnival file: `artwork/stamps/space-1.svg`. Cannot refer
/// to a file outside the folder `artwork`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtworkPath {
    path: Box<str>,
    kind: ArtworkKind,
}

/// The image format of an artwork file, by its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArtworkKind {
    /// `.svg`.
    Svg,
    /// `.png`.
    Png,
    /// `.jpg` or `.jpeg`.
    Jpeg,
}

impl ArtworkPath {
    /// Maximum length of a path, in characters.
    pub const MAX_CHARS: usize = 200;

    /// The path as written in the carnival file, with `/` as separator.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// The image format.
    #[must_use]
    pub fn kind(&self) -> ArtworkKind {
        self.kind
    }
}

impl FromStr for ArtworkPath {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let inside = text.strip_prefix("artwork/").is_some_and(|rest| rest.split('/').all(is_file_name));
        let short = text.chars().count() <= ArtworkPath::MAX_CHARS;
        let kind = kind_of(text).filter(|_| inside && short);
        let wrong = || ParseError::new(text, "an artwork path such as artwork/play.svg");
        kind.map(|kind| ArtworkPath { path: text.into(), kind }).ok_or_else(wrong)
    }
}

impl fmt::Display for ArtworkPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

/// Whether the name is portable: not empty, no leading or trailing dot or space (which excludes hidden files and `..`),
/// and only letters, digits, `-`, `_`, `.` and spaces.
fn is_file_name(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    !name.is_empty() && !name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']) && name.chars().all(fits)
}

fn kind_of(path: &str) -> Option<ArtworkKind> {
    let (_, ending) = path.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "svg" => Some(ArtworkKind::Svg),
        "png" => Some(ArtworkKind::Png),
        "jpg" | "jpeg" => Some(ArtworkKind::Jpeg),
        _ => None,
    }
}

/// An sRGB colour, written `#a63d2f`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Colour {
    /// Red channel, 0 to 255.
    pub red: u8,
    /// Green channel, 0 to 255.
    pub green: u8,
    /// Blue channel, 0 to 255.
    pub blue: u8,
}

impl Colour {
    /// The paper colour, `#fdf8ee`.
    pub const PAPER: Colour = rgb(0xfd_f8ee);

    /// Minimum contrast of an ink to the paper, for large print (WCAG 2, 1.4.3).
    pub const MIN_CONTRAST: f64 = 3.0;

    /// Minimum contrast to the paper for small print (WCAG 2, 1.4.3).
    const GOOD_CONTRAST: f64 = 4.5;

    /// Default inks of routes: cinnabar, indigo, pine, plum, teal and tea.
    const INKS: [Colour; 6] =
        [rgb(0xa6_3d2f), rgb(0x2c_4a7c), rgb(0x2f_6b4f), rgb(0x7a_3b69), rgb(0x1f_6673), rgb(0x8a_5a1c)];

    /// The default ink of a route, by its index in the file.
    #[must_use]
    pub fn default_for_route(index: usize) -> Colour {
        Colour::INKS[index % Colour::INKS.len()]
    }

    /// The contrast ratio of two colours as defined by WCAG 2: from 1 (none) to 21 (black on white).
    ///
    /// # Examples
    ///
    /// ```
    /// use carnival::rules::carnival::design::Colour;
    ///
    /// let [black, white] = ["#000000", "#ffffff"].map(|text| text.parse::<Colour>().unwrap());
    /// assert!((black.contrast(white) - 21.0).abs() < 0.001);
    /// ```
    #[must_use]
    pub fn contrast(self, other: Colour) -> f64 {
        let (one, other) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(other) / one.min(other)
    }

    /// Relative luminance: 0 for black, 1 for white.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// The same hue, dark enough for small print on the paper.
    #[must_use]
    pub fn darkened(self) -> Colour {
        let dimmed = |tenths: u16| {
            // `tenths` is at most 10, so the result never exceeds `part`.
            let part = |part: u8| u8::try_from(u16::from(part) * tenths / 10).unwrap_or(part);
            Colour { red: part(self.red), green: part(self.green), blue: part(self.blue) }
        };
        let shades = (1..=10).rev().map(dimmed);
        let good = |shade: &Colour| shade.contrast(Colour::PAPER) >= Colour::GOOD_CONTRAST;
        shades.into_iter().find(good).unwrap_or_else(|| dimmed(0))
    }
}

/// A colour from its hexadecimal number.
const fn rgb(number: u32) -> Colour {
    let [_, red, green, blue] = number.to_be_bytes();
    Colour { red, green, blue }
}

impl FromStr for Colour {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        number.map(rgb).ok_or_else(|| ParseError::new(text, "a colour such as #a63d2f"))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Colour { red, green, blue } = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The background pattern of a postcard without artwork.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardPattern {
    /// Water.
    Waves,
    /// Foliage.
    Leaves,
    /// Rows of dots.
    Dots,
    /// Roof tiles.
    Tiles,
}

impl CardPattern {
    /// All patterns with their keywords in the carnival file.
    pub const KEYWORDS: [(&str, CardPattern); 4] = [
        ("waves", CardPattern::Waves),
        ("leaves", CardPattern::Leaves),
        ("dots", CardPattern::Dots),
        ("tiles", CardPattern::Tiles),
    ];

    /// The default pattern of a route, by its index in the file.
    #[must_use]
    pub fn default_for_route(index: usize) -> CardPattern {
        CardPattern::KEYWORDS[index % CardPattern::KEYWORDS.len()].1
    }
}

/// The centre of a stamp on a postcard of 148 × 105 mm, measured from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CardPosition {
    /// Millimetres from the left, 11 to 137, so that a stamp of 21 mm stays on the card.
    pub x_mm: f64,
    /// Millimetres from the top, 11 to 94.
    pub y_mm: f64,
}

impl CardPosition {
    /// Minimum distance between two stamps of a postcard, in millimetres; closer stamps hide each other.
    pub const MIN_DISTANCE_MM: f64 = 15.0;

    /// The distance between two positions, in millimetres.
    #[must_use]
    pub fn distance_mm(self, other: CardPosition) -> f64 {
        (self.x_mm - other.x_mm).hypot(self.y_mm - other.y_mm)
    }
}

/// A mark printed beside each stamp of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayMark {
    /// The day.
    pub day: Date,
    /// The name of the day, for example 开幕日.
    pub name: String,
    /// The printed symbol.
    pub mark: MarkSymbol,
}

/// The symbol of a day mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkSymbol {
    /// An opening day.
    Opening,
    /// A rainy day.
    Umbrella,
    /// Any special day.
    Star,
    /// A day of sports.
    Flag,
    /// The carnival's own artwork.
    Custom(ArtworkPath),
}

impl MarkSymbol {
    /// Its keyword in the carnival file; `drawn` for artwork.
    #[must_use]
    pub fn keyword(&self) -> &'static str {
        match self {
            MarkSymbol::Opening => "opening",
            MarkSymbol::Umbrella => "umbrella",
            MarkSymbol::Star => "star",
            MarkSymbol::Flag => "flag",
            MarkSymbol::Custom(_) => "drawn",
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "the samples are valid")]
mod tests;
