//! Compresses the committed `openapi.json`, which the server sends as it is, so that a start makes no document.

use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> io::Result<()> {
    writeln!(io::stdout(), "cargo::rerun-if-changed=openapi.json")?;
    let folder = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    let compressed = fs::File::create(Path::new(&folder).join("openapi.json.gz"))?;
    let mut gzip = GzEncoder::new(compressed, Compression::best());
    gzip.write_all(&fs::read("openapi.json")?)?;
    gzip.finish().map(drop)
}
