//! Independent QR decoders: two from Debian, and the one with which the program checks its posters.

use std::process::Command;

use image::GrayImage;

use crate::servers::cannot_run;

/// Decodes with zbar, which many scanners and Linux desktops use.
pub(crate) fn zbar(picture: &GrayImage) -> Vec<String> {
    read(picture, "zbarimg", &["--quiet", "--raw", "--set", "*.enable=0", "--set", "qr.enable=1"])
}

/// Decodes with ZXing-C++, which many phones use.
pub(crate) fn zxing(picture: &GrayImage) -> Vec<String> {
    read(picture, "ZXingReader", &["-format", "QRCode", "-1"]).into_iter().map(|line| text_of(&line)).collect()
}

/// Its output has file, format and text on one line.
fn text_of(line: &str) -> String {
    line.split('"').nth(1).unwrap_or(line).to_owned()
}

fn read(picture: &GrayImage, program: &str, arguments: &[&str]) -> Vec<String> {
    let file = tempfile::Builder::new().suffix(".png").tempfile().unwrap();
    picture.save(file.path()).unwrap();
    let run = Command::new(program).args(arguments).arg(file.path()).output();
    let run = run.unwrap_or_else(|error| panic!("{}", cannot_run(program, &error)));
    String::from_utf8_lossy(&run.stdout).lines().map(str::to_owned).filter(|line| !line.is_empty()).collect()
}

/// Decodes with the program's own decoder.
pub(crate) fn rqrr(picture: &GrayImage) -> Vec<String> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        picture.get_pixel(x.try_into().unwrap(), y.try_into().unwrap()).0[0]
    });
    prepared.detect_grids().iter().filter_map(|code| code.decode().ok()).map(|(_, text)| text).collect()
}
