//! A photo in shades of grey: all that a code needs, and a third of the memory.

mod adaptive_threshold;

/// Brightness, row by row.
pub(super) struct GrayscaleImage {
    /// Pixels a row.
    pub(super) width: usize,
    /// Rows.
    pub(super) height: usize,
    /// One byte a pixel, 0 for black.
    pub(super) shades: Vec<u8>,
}

impl GrayscaleImage {
    /// All black.
    pub(super) fn blank(width: u32, height: u32) -> GrayscaleImage {
        let (width, height) = (width as usize, height as usize);
        GrayscaleImage { width, height, shades: vec![0; width * height] }
    }

    /// The photo with at most so many pixels on its longer side, each the mean of those that it stands for.
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

    /// Light for dark.
    pub(super) fn inverted(&self) -> GrayscaleImage {
        GrayscaleImage { shades: self.shades.iter().map(|shade| 255 - shade).collect(), ..*self }
    }
}

/// How bright a colour is to the eye.
pub(super) fn brightness(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 77 * u32::from(red) + 151 * u32::from(green) + 28 * u32::from(blue);
    u8::try_from(sum >> 8).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_photo_is_the_mean_of_the_larger() {
        let photo = GrayscaleImage { width: 4, height: 2, shades: vec![0, 100, 200, 100, 40, 60, 255, 45] };
        let small = photo.downscaled(2);
        assert_eq!((small.width, small.height, &small.shades[..]), (2, 1, &[50, 150][..]));
        assert_eq!(photo.downscaled(4).shades, photo.shades);
        let strip = GrayscaleImage { width: 9, height: 1, shades: vec![7; 9] };
        assert_eq!((strip.downscaled(3).width, strip.downscaled(3).height), (3, 1));
    }

    #[test]
    fn a_negative_has_light_for_dark() {
        let photo = GrayscaleImage { width: 2, height: 1, shades: vec![0, 200] };
        assert_eq!(photo.inverted().shades, [255, 55]);
    }
}
