//! A grayscale photo: enough to find a code, in a third of the memory.

mod adaptive_threshold;

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
}

/// Perceived brightness of a colour.
pub(super) fn brightness(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 77 * u32::from(red) + 151 * u32::from(green) + 28 * u32::from(blue);
    u8::try_from(sum >> 8).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

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
