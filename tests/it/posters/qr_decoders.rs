//! Decoders of QR codes that are not ours: two of Debian's, and the one that the program reads its posters back with.

use std::process::Command;

use image::GrayImage;

use crate::servers::cannot_run;

/// What zbar reads: the decoder of many scanners and of Linux desktops.
pub(crate) fn zbar(picture: &GrayImage) -> Vec<String> {
    read(picture, "zbarimg", &["--quiet", "--raw", "--set", "*.enable=0", "--set", "qr.enable=1"])
}

/// What ZXing-C++ reads: the decoder of many phones.
pub(crate) fn zxing(picture: &GrayImage) -> Vec<String> {
    read(picture, "ZXingReader", &["-format", "QRCode", "-1"]).into_iter().map(|line| text_of(&line)).collect()
}

/// It writes file, form and text in a line.
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

/// What the program itself decodes with.
pub(crate) fn rqrr(picture: &GrayImage) -> Vec<String> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        picture.get_pixel(x.try_into().unwrap(), y.try_into().unwrap()).0[0]
    });
    prepared.detect_grids().iter().filter_map(|code| code.decode().ok()).map(|(_, text)| text).collect()
}
