//! Adaptive threshold: a pixel is dark or light relative to its surroundings, so that a shadow across a poster does not
//! split its code.

use super::GrayscaleImage;

/// Percentage of the surrounding mean below which a pixel is dark. 95 keeps evenly lit paper light despite its grain.
const DARK_PERCENT: u32 = 95;

impl GrayscaleImage {
    /// 1 for a pixel darker than the mean of the square around it, otherwise 0. The side of the square is the photo's
    /// shorter side divided by `window_divisor`.
    pub(in crate::pictures) fn adaptive_threshold(&self, window_divisor: usize) -> GrayscaleImage {
        let (width, height) = (self.width, self.height);
        let reach = (width.min(height) / window_divisor / 2).max(4);
        let mut columns = vec![0_u32; width];
        for row in self.shades.chunks_exact(width).take(reach) {
            add(&mut columns, row);
        }
        let mut marks = Vec::with_capacity(self.shades.len());
        for (y, row) in self.shades.chunks_exact(width).enumerate() {
            if y + reach < height {
                add(&mut columns, self.row(y + reach));
            }
            if y > reach {
                columns.iter_mut().zip(self.row(y - reach - 1)).for_each(|(sum, shade)| *sum -= u32::from(*shade));
            }
            let rows = (y + reach).min(height - 1) + 1 - y.saturating_sub(reach);
            mark(row, &columns, reach, rows, &mut marks);
        }
        GrayscaleImage { width, height, shades: marks }
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.shades[y * self.width..(y + 1) * self.width]
    }
}

fn add(columns: &mut [u32], row: &[u8]) {
    columns.iter_mut().zip(row).for_each(|(sum, shade)| *sum += u32::from(*shade));
}

/// Thresholds one row; `columns` holds the sum of `rows` pixels of each column.
fn mark(row: &[u8], columns: &[u32], reach: usize, rows: usize, marks: &mut Vec<u8>) {
    let width = row.len();
    let mut sum: u64 = columns.iter().take(reach).map(|column| u64::from(*column)).sum();
    for (x, shade) in row.iter().enumerate() {
        if let Some(entering) = columns.get(x + reach) {
            sum += u64::from(*entering);
        }
        if x > reach {
            sum -= u64::from(columns[x - reach - 1]);
        }
        let count = rows * ((x + reach).min(width - 1) + 1 - x.saturating_sub(reach));
        let dark = u64::from(*shade) * count as u64 * 100 < sum * u64::from(DARK_PERCENT);
        marks.push(u8::from(dark));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference implementation, pixel by pixel.
    fn pixel_by_pixel(photo: &GrayscaleImage, reach: usize) -> Vec<u8> {
        let mark = |x: usize, y: usize| {
            let around = (y.saturating_sub(reach)..=(y + reach).min(photo.height - 1)).flat_map(|y| {
                let row = photo.row(y);
                row[x.saturating_sub(reach)..=(x + reach).min(photo.width - 1)].to_vec()
            });
            let around: Vec<u32> = around.map(u32::from).collect();
            let mean_of_all = around.iter().sum::<u32>() * DARK_PERCENT;
            let own = u32::from(photo.row(y)[x]) * 100 * u32::try_from(around.len()).unwrap_or_default();
            u8::from(own < mean_of_all)
        };
        (0..photo.height).flat_map(|y| (0..photo.width).map(move |x| (x, y))).map(|(x, y)| mark(x, y)).collect()
    }

    #[test]
    fn each_pixel_is_compared_with_the_square_around_it() {
        let mut random = fastrand::Rng::with_seed(7);
        for (width, height) in [(1, 1), (3, 40), (40, 3), (9, 9), (61, 47), (10, 1)] {
            let shades = std::iter::repeat_with(|| random.u8(..)).take(width * height).collect();
            let photo = GrayscaleImage { width, height, shades };
            assert_eq!(photo.adaptive_threshold(8).shades, pixel_by_pixel(&photo, 4), "{width} × {height}");
        }
    }

    #[test]
    fn lines_are_found_in_a_shadow() {
        // Every fourth column is a line; the right half is in shadow, darker than the lines on the left.
        let shade = |x: usize| if x.is_multiple_of(4) { 120 } else { 220 } / if x < 40 { 1 } else { 4 };
        let shades: Vec<u8> = (0..80 * 80).map(|place| u8::try_from(shade(place % 80)).unwrap_or_default()).collect();
        let marks = GrayscaleImage { width: 80, height: 80, shades }.adaptive_threshold(8);
        let wrong = |x: &usize| usize::from(marks.shades[x + 80 * 40]) != usize::from(x.is_multiple_of(4));
        let wrong: Vec<usize> = (0..80).filter(wrong).collect();
        assert!(wrong.iter().all(|x| (40..45).contains(x)), "wrong pixels away from the shadow's edge: {wrong:?}");
    }
}
