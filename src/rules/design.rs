//! How a carnival looks in print: its colours, patterns and marks, the files of its artwork, and
//! where the stamps of a postcard lie.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use super::ids::ParseError;

/// A file of the carnival's artwork, named from the folder in which the carnival file lies:
/// `artwork/stamps/space-1.svg`. It can name nothing outside of the folder `artwork`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtworkPath {
    path: Box<str>,
    kind: ArtworkKind,
}

/// What kind of picture a file of artwork is, by the ending of its name.
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
    /// The longest path, in characters.
    pub const MAX_CHARS: usize = 200;

    /// The path as it stands in the carnival file, its folders parted by `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// What kind of picture it is.
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
        let wrong = || ParseError::new(text, "the path of a picture, such as artwork/play.svg");
        kind.map(|kind| ArtworkPath { path: text.into(), kind }).ok_or_else(wrong)
    }
}

impl fmt::Display for ArtworkPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

/// Whether this is a name for a file or folder on any system: not empty, not hidden and no way
/// upwards (neither begins with a point), without a space that nobody sees at its ends.
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

/// A colour of sRGB, written `#a63d2f`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Colour {
    /// From none (0) to all (255).
    pub red: u8,
    /// From none (0) to all (255).
    pub green: u8,
    /// From none (0) to all (255).
    pub blue: u8,
}

impl Colour {
    /// What is printed upon: `#fdf8ee`.
    pub const PAPER: Colour = rgb(0xfd_f8ee);

    /// The contrast with the paper that an ink must have to be read in large print (WCAG 2, 1.4.3).
    pub const MIN_CONTRAST: f64 = 3.0;

    /// The contrast with the paper by which small print is read well, too.
    const GOOD_CONTRAST: f64 = 4.5;

    /// The inks of routes that name none: cinnabar, indigo, pine, plum, teal and tea.
    const INKS: [Colour; 6] =
        [rgb(0xa6_3d2f), rgb(0x2c_4a7c), rgb(0x2f_6b4f), rgb(0x7a_3b69), rgb(0x1f_6673), rgb(0x8a_5a1c)];

    /// The ink of a route that names none, by the route's place in the file, counted from 0.
    #[must_use]
    pub fn default_for_route(index: usize) -> Colour {
        Colour::INKS[index % Colour::INKS.len()]
    }

    /// The contrast of two colours as WCAG 2 defines it: from 1 (none) to 21 (black on white).
    ///
    /// # Examples
    ///
    /// ```
    /// use carnival::rules::design::Colour;
    ///
    /// let [black, white] = ["#000000", "#ffffff"].map(|text| text.parse::<Colour>().unwrap());
    /// assert!((black.contrast(white) - 21.0).abs() < 0.001);
    /// ```
    #[must_use]
    pub fn contrast(self, other: Colour) -> f64 {
        let (one, other) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(other) / one.min(other)
    }

    /// Its relative luminance: 0 of black, 1 of white.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// The same hue, as dark as is read well on paper.
    #[must_use]
    pub fn darkened(self) -> Colour {
        let dimmed = |tenths: u16| {
            // A tenth or more of a part is never more than the part.
            let part = |part: u8| u8::try_from(u16::from(part) * tenths / 10).unwrap_or(part);
            Colour { red: part(self.red), green: part(self.green), blue: part(self.blue) }
        };
        let shades = (1..=10).rev().map(dimmed);
        let good = |shade: &Colour| shade.contrast(Colour::PAPER) >= Colour::GOOD_CONTRAST;
        shades.into_iter().find(good).unwrap_or_else(|| dimmed(0))
    }
}

/// A colour by its number, as it is written after the `#`.
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
        number.map(rgb).ok_or_else(|| ParseError::new(text, "a colour, such as #a63d2f"))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Colour { red, green, blue } = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The pattern of a postcard that has no artwork of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardPattern {
    /// Of water.
    Waves,
    /// Of a tree.
    Leaves,
    /// In rows.
    Dots,
    /// Of a roof.
    Tiles,
}

impl CardPattern {
    /// Each, with its word in the carnival file.
    pub const KEYWORDS: [(&str, CardPattern); 4] = [
        ("waves", CardPattern::Waves),
        ("leaves", CardPattern::Leaves),
        ("dots", CardPattern::Dots),
        ("tiles", CardPattern::Tiles),
    ];

    /// The pattern of a route that names none, by the route's place in the file, counted from 0.
    #[must_use]
    pub fn default_for_route(index: usize) -> CardPattern {
        CardPattern::KEYWORDS[index % CardPattern::KEYWORDS.len()].1
    }
}

/// Where the centre of a stamp lies on a postcard of 148 × 105 mm, from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CardPosition {
    /// Millimetres from the left, 11 to 137: a stamp of 21 mm stays on the card.
    pub x_mm: f64,
    /// Millimetres from the top, 11 to 94.
    pub y_mm: f64,
}

impl CardPosition {
    /// How far apart the places of one postcard must be, in millimetres: else one stamp hides another.
    pub const MIN_DISTANCE_MM: f64 = 15.0;

    /// How far the two lie from each other, in millimetres.
    #[must_use]
    pub fn distance_mm(self, other: CardPosition) -> f64 {
        (self.x_mm - other.x_mm).hypot(self.y_mm - other.y_mm)
    }
}

/// A day's own mark, printed beside each stamp of that day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayMark {
    /// The day.
    pub day: Date,
    /// What the day is called: 开幕日.
    pub name: String,
    /// What is printed.
    pub mark: MarkSymbol,
}

/// What is printed beside a stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkSymbol {
    /// Of an opening day.
    Opening,
    /// Of a day of rain.
    Umbrella,
    /// Of any good day.
    Star,
    /// Of a day of sports.
    Flag,
    /// The carnival's own drawing.
    Custom(ArtworkPath),
}

impl MarkSymbol {
    /// Its word in the carnival file; `drawn` for a drawing.
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
#[expect(clippy::unwrap_used, reason = "samples are right as they are written")]
mod tests;
