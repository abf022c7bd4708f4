//! An independent QR decoder for pictures and for the rows that a phone draws.

use serde_json::Value;

/// The texts of all codes in a PNG.
pub(crate) fn decode_png(png: &[u8]) -> Vec<String> {
    let picture = image::load_from_memory(png).unwrap().to_luma8();
    read(picture.width() as usize, picture.height() as usize, |x, y| {
        picture.get_pixel(x.try_into().unwrap(), y.try_into().unwrap()).0[0]
    })
}

/// The text of an answer's rows, drawn as the document specifies: with a quiet zone of four modules.
pub(crate) fn decode_rows(rows: &Value) -> String {
    const PIXELS: usize = 4;
    let rows: Vec<&[u8]> = rows.as_array().unwrap().iter().map(|row| row.as_str().unwrap().as_bytes()).collect();
    let side = (rows.len() + 8) * PIXELS;
    let texts = read(side, side, |x, y| {
        let module = |at: usize| (at / PIXELS).checked_sub(4);
        let dark = module(y).and_then(|row| rows.get(row)).zip(module(x)).and_then(|(row, at)| row.get(at));
        if dark == Some(&b'1') { 0 } else { 255 }
    });
    texts.into_iter().next().unwrap()
}

fn read(width: usize, height: usize, pixel: impl FnMut(usize, usize) -> u8) -> Vec<String> {
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
    prepared.detect_grids().iter().map(|code| code.decode().unwrap().1).collect()
}
