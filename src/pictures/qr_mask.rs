//! Chooses the mask of a QR code by the penalty rules of the standard, on whole rows of modules at once.
//!
//! The library evaluates each of the eight masks module by module. That is nearly all of the time that a code takes, and
//! every claim creates one. Counted by callgrind, a voucher's code takes 0.24 million instructions here, and 1.82
//! million with the library: a whole claim on the embedded store, about 0.6 million, would take three times as many.

use qrcode::bits::Bits;
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode, ec};

/// The widest symbol whose rows fit into a `u64`.
const MAX_WIDTH: usize = 64;

/// In the order of their numbers: of masks with equal penalty the first is taken.
const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// The modules that encode `bits`, in row order, under the mask with the least penalty.
///
/// # Errors
/// Fails if the level does not fit the version of the bits.
pub(super) fn best_masked(bits: Bits, level: EcLevel) -> Result<Vec<Color>, QrError> {
    let version = bits.version();
    let width = usize::from(version.width().unsigned_abs());
    if width > MAX_WIDTH {
        return Ok(QrCode::with_bits(bits, level)?.into_colors());
    }
    let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, level)?;
    let mut bare = Canvas::new(version, level);
    bare.draw_all_functional_patterns();
    bare.draw_data(&data, &correction);
    let masked = MASKS.into_iter().map(|mask| {
        let mut canvas = bare.clone();
        canvas.apply_mask(mask);
        canvas.into_colors()
    });
    let best = masked.min_by_key(|modules| penalty(modules, width));
    Ok(best.unwrap_or_default())
}

/// The penalty of the standard, without the constant part for the three finder patterns.
fn penalty(modules: &[Color], width: usize) -> u32 {
    let (mut rows, mut columns) = ([0_u64; MAX_WIDTH], [0_u64; MAX_WIDTH]);
    for (y, row) in modules.chunks(width).enumerate() {
        for (x, module) in row.iter().enumerate() {
            let dark = u64::from(*module == Color::Dark);
            rows[y] |= dark << x;
            columns[x] |= dark << y;
        }
    }
    let (rows, columns) = (&rows[..width], &columns[..width]);
    let lines = rows.iter().chain(columns).map(|line| runs(*line, width) + finder_like(*line, width)).sum::<u32>();
    let blocks: u32 = rows.windows(2).map(|two| blocks(two[0], two[1], width)).sum();
    lines + blocks + imbalance(rows, width)
}

/// Penalty for runs: five equal modules in a line cost three, every further one costs one.
fn runs(line: u64, width: usize) -> u32 {
    let equal = !(line ^ (line >> 1)) & ((1 << (width - 1)) - 1);
    // Where five equal modules begin: in a run of `n` modules at `n - 4` places, one after the other.
    let fives = equal & (equal >> 1) & (equal >> 2) & (equal >> 3);
    fives.count_ones() + 2 * (fives & !(fives << 1)).count_ones()
}

/// Penalty for finder-like patterns: `#.###.#` with four light modules on either side costs forty.
fn finder_like(line: u64, width: usize) -> u32 {
    let at = |offset: u32| line >> offset;
    let alike = at(0) & !at(1) & at(2) & at(3) & at(4) & !at(5) & at(6) & ((1 << (width - 6)) - 1);
    // Modules beyond the edge are light.
    let dark_before = (line << 1) | (line << 2) | (line << 3) | (line << 4);
    let dark_after = at(7) | at(8) | at(9) | at(10);
    40 * (alike & !(dark_before & dark_after)).count_ones()
}

/// Penalty for blocks: every square of four equal modules costs three.
fn blocks(row: u64, next: u64, width: usize) -> u32 {
    let (below, beside) = (!(row ^ next), !(row ^ (row >> 1)));
    3 * (below & (below >> 1) & beside & ((1 << (width - 1)) - 1)).count_ones()
}

/// Penalty for imbalance: every half per cent by which the share of dark modules differs from 50 % costs one.
fn imbalance(rows: &[u64], width: usize) -> u32 {
    let dark: u32 = rows.iter().map(|row| row.count_ones()).sum();
    let all = u32::try_from(width * width).unwrap_or(u32::MAX);
    (dark * 200 / all).abs_diff(100)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use qrcode::Version;

    use super::*;

    #[test]
    fn the_mask_is_the_same_as_the_librarys() {
        for version in [1, 2, 3, 4, 7, 11] {
            for level in [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H] {
                for text in 0..4_u32 {
                    let bits = || {
                        let mut bits = Bits::new(Version::Normal(version));
                        bits.push_optimal_data(format!("{:05}", text * 7919).as_bytes()).unwrap();
                        bits.push_terminator(level).unwrap();
                        bits
                    };
                    let chosen = best_masked(bits(), level).unwrap();
                    let library = QrCode::with_bits(bits(), level).unwrap().into_colors();
                    assert_eq!(chosen, library, "version {version}, {level:?}, text {text}");
                }
            }
        }
    }
}
