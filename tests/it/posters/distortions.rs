//! Distorted pictures of a poster, as from a phone: small, rotated, blurred, tilted.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a picture of some thousand pixels"
)]

use image::imageops::{FilterType, blur, resize};
use image::{GrayImage, Luma};

/// Each picture with its name, on a grey background.
pub(crate) fn distorted_pictures(poster: &GrayImage) -> Vec<(String, GrayImage)> {
    let quarter = resize(poster, poster.width() / 4, poster.height() / 4, FilterType::Triangle);
    let half = resize(poster, poster.width() / 2, poster.height() / 2, FilterType::Triangle);
    let mut pictures = vec![("at 25 %".to_owned(), quarter.clone()), ("at 50 %".to_owned(), half.clone())];
    for degrees in [7.0_f32, 33.0, 90.0, 180.0, 261.0] {
        pictures.push((format!("turned by {degrees}°"), turned(&half, degrees)));
    }
    for sigma in [1.0, 2.0] {
        pictures.push((format!("at 50 %, blurred by {sigma} pixels"), blur(&half, sigma)));
    }
    for (name, by) in [("from the left", [0.0, 0.09, 0.0]), ("from below", [0.0, 0.0, 0.14])] {
        pictures.push((name.to_owned(), tilted(&half, by)));
    }
    pictures.push(("at 25 %, turned and blurred".to_owned(), blur(&turned(&quarter, 12.0), 0.6)));
    pictures
}

fn turned(picture: &GrayImage, degrees: f32) -> GrayImage {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    warped(picture, |x, y| (cosine * x + sine * y, cosine * y - sine * x))
}

/// A perspective view: farther parts are smaller.
fn tilted(picture: &GrayImage, [_, to_right, down]: [f32; 3]) -> GrayImage {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    warped(picture, |x, y| {
        let far = 1.0 + to_right * 2.0 * x / width + down * 2.0 * y / height;
        (x * far, y * far)
    })
}

/// Maps each pixel by `from`, in coordinates from the centre; pixels outside the poster are background.
fn warped(picture: &GrayImage, from: impl Fn(f32, f32) -> (f32, f32)) -> GrayImage {
    let side = ((picture.width().pow(2) + picture.height().pow(2)) as f32).sqrt() as u32;
    let (middle, half_width, half_height) =
        (side as f32 / 2.0, picture.width() as f32 / 2.0, picture.height() as f32 / 2.0);
    GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = from(x as f32 - middle, y as f32 - middle);
        let (x, y) = (x + half_width, y + half_height);
        let sampled = image::imageops::interpolate_bilinear(picture, x, y);
        sampled.unwrap_or(Luma([128]))
    })
}
