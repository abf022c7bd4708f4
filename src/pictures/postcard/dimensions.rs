//! Dimensions of a postcard and its parts.

/// Width and height of a postcard in the units of its SVG: tenths of a millimetre.
const SIZE_UNITS: (f32, f32) = (1480.0, 1050.0);

/// Output size of a postcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PostcardSize {
    /// 1080 pixels wide.
    Phone,
    /// A6 at 300 dpi: 1748 pixels wide.
    Print,
}

impl PostcardSize {
    /// Width and height in pixels.
    #[must_use]
    pub fn pixels(self) -> (u32, u32) {
        match self {
            PostcardSize::Phone => (1080, 766),
            PostcardSize::Print => (1748, 1240),
        }
    }

    /// Resolution in pixels per inch; with it, both sizes print as A6.
    pub(super) fn dpi(self) -> u16 {
        match self {
            PostcardSize::Phone => 185,
            PostcardSize::Print => 300,
        }
    }

    /// Pixels per unit of the SVG.
    pub(super) fn scale(self) -> f32 {
        match self {
            PostcardSize::Phone => 1080.0 / SIZE_UNITS.0,
            PostcardSize::Print => 1748.0 / SIZE_UNITS.0,
        }
    }
}

/// A rotated slot is cached this much larger than it is drawn, so that it stays sharp.
pub(super) const OVERSAMPLING: f32 = 1.5;

/// Side of the square of a motif, in units of its postmark.
pub(super) const MOTIF_SIDE: f32 = 200.0;

/// Side of the square of a day mark, in units of its postmark.
pub(super) const DAY_MARK_SIDE: f32 = 42.0;

/// Centre of a day mark, relative to the centre of its postmark.
pub(super) const DAY_MARK_CENTRE: (f32, f32) = (97.0, 43.0);

/// The area of a slot, with room for a day mark: left, top, width, height, relative to its centre.
pub(super) const SLOT_AREA: (f32, f32, f32, f32) = (-110.0, -110.0, 240.0, 220.0);
