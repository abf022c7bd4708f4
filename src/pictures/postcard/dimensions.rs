//! How large a postcard and its parts are.

/// A postcard's width and height, in the units of its drawing: tenths of a millimetre.
const SIZE_UNITS: (f32, f32) = (1480.0, 1050.0);

/// How large a postcard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PostcardSize {
    /// 1080 pixels wide.
    Phone,
    /// A6 at 300 dpi: 1748 pixels wide.
    Print,
}

impl PostcardSize {
    /// Pixels a row, and rows.
    #[must_use]
    pub fn pixels(self) -> (u32, u32) {
        match self {
            PostcardSize::Phone => (1080, 766),
            PostcardSize::Print => (1748, 1240),
        }
    }

    /// Pixels of an inch of paper: printed as it is, either size is A6.
    pub(super) fn dpi(self) -> u16 {
        match self {
            PostcardSize::Phone => 185,
            PostcardSize::Print => 300,
        }
    }

    /// Pixels of a unit of the drawing.
    pub(super) fn scale(self) -> f32 {
        match self {
            PostcardSize::Phone => 1080.0 / SIZE_UNITS.0,
            PostcardSize::Print => 1748.0 / SIZE_UNITS.0,
        }
    }
}

/// A postmark is kept half as large again as it is drawn, so that it stays sharp when it is turned.
pub(super) const OVERSAMPLING: f32 = 1.5;

/// The side of the square in which a motif is drawn, in units of its postmark.
pub(super) const MOTIF_SIDE: f32 = 200.0;

/// The same of a day's mark.
pub(super) const DAY_MARK_SIDE: f32 = 42.0;

/// Where the middle of a day's mark lies, from the middle of its postmark.
pub(super) const DAY_MARK_CENTRE: (f32, f32) = (97.0, 43.0);

/// The part of its own drawing that a place takes, with room for a day's mark: left, top, width, height.
pub(super) const SLOT_AREA: (f32, f32, f32, f32) = (-110.0, -110.0, 240.0, 220.0);
