//! A grayscale photo: enough to find a code, in a third of the memory.

/// Percentage of the surrounding mean below which a pixel is dark. 95 keeps evenly lit paper light despite its grain.
const DARK_PERCENT: u32 = 95;

/// Brightness values in row order.
pub(super) struct GrayscaleImage {
    /// Width in pixels.
    pub(super) width: usize,
    /// Height in pixels.
    pub(super) height: usize,
    /// One byte per pixel, 0 for black.
    pub(super) shades: Vec<u8>,
}

impl GrayscaleImage {
    /// A black image.
    pub(super) fn blank(width: u32, height: u32) -> GrayscaleImage {
        let (width, height) = (width as usize, height as usize);
        GrayscaleImage { width, height, shades: vec![0; width * height] }
    }

    /// Scales the photo down so that its longer side has at most `max_side` pixels; each pixel is the mean of those it
    /// replaces.
    pub(super) fn downscaled(&self, max_side: usize) -> GrayscaleImage {
        let side = self.width.max(self.height);
        let fit = |length: usize| if side <= max_side { length } else { (length * max_side / side).max(1) };
        let (width, height) = (fit(self.width), fit(self.height));
        let columns: Vec<usize> = (0..self.width).map(|x| x * width / self.width).collect();
        let mut shades = Vec::with_capacity(width * height);
        let mut rows = self.shades.chunks_exact(self.width).enumerate().peekable();
        for row in 0..height {
            let mut sums = vec![(0_u32, 0_u32); width];
            while let Some((_, line)) = rows.next_if(|(y, _)| y * height / self.height == row) {
                for (shade, column) in line.iter().zip(&columns) {
                    let (sum, count) = &mut sums[*column];
                    *sum += u32::from(*shade);
                    *count += 1;
                }
            }
            shades.extend(sums.iter().map(|(sum, count)| u8::try_from(sum / (*count).max(1)).unwrap_or(u8::MAX)));
        }
        GrayscaleImage { width, height, shades }
    }

    /// Swaps dark and light.
    pub(super) fn inverted(&self) -> GrayscaleImage {
        GrayscaleImage { shades: self.shades.iter().map(|shade| 255 - shade).collect(), ..*self }
    }

    /// 1 for a pixel darker than the mean of the square around it, otherwise 0: so a shadow across a poster does not
    /// split its code. The side of the square is the photo's shorter side divided by `window_divisor`.
    pub(super) fn adaptive_threshold(&self, window_divisor: usize) -> GrayscaleImage {
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

/// Perceived brightness of a colour.
pub(super) fn brightness(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 77 * u32::from(red) + 151 * u32::from(green) + 28 * u32::from(blue);
    u8::try_from(sum >> 8).unwrap_or(u8::MAX)
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

    #[test]
    fn downscaling_averages_pixels() {
        let photo = GrayscaleImage { width: 4, height: 2, shades: vec![0, 100, 200, 100, 40, 60, 255, 45] };
        let small = photo.downscaled(2);
        assert_eq!((small.width, small.height, &small.shades[..]), (2, 1, &[50, 150][..]));
        assert_eq!(photo.downscaled(4).shades, photo.shades);
        let strip = GrayscaleImage { width: 9, height: 1, shades: vec![7; 9] };
        assert_eq!((strip.downscaled(3).width, strip.downscaled(3).height), (3, 1));
    }

    #[test]
    fn inverting_swaps_dark_and_light() {
        let photo = GrayscaleImage { width: 2, height: 1, shades: vec![0, 200] };
        assert_eq!(photo.inverted().shades, [255, 55]);
    }
}
