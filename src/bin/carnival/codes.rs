//! `carnival codes --out DIR`.

use std::path::{Path, PathBuf};

use carnival::actions::codes::{PrintedCode, printed, reissue};
use carnival::pictures::Qr;
use carnival::rules::ids::PointId;
use carnival::rules::lang::Lang;

use super::setup::{self, ConfigFile};
use super::terminal::{Failed, say};

/// Pixels per module: a code of 33 modules is 1640 pixels wide with its margin, sharp at 12 cm.
const PIXELS: u16 = 40;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The folder to write to; it is made if it is not there.
    #[arg(long)]
    out: PathBuf,
    /// Replace the code of this point first: its old poster is refused from now on, stamps stay.
    #[arg(long, value_name = "POINT")]
    reissue: Option<PointId>,
}

/// Writes the printed codes.
pub(crate) async fn codes(arguments: Arguments, lang: Lang) -> Result<(), Failed> {
    let Arguments { config, out, reissue: point } = arguments;
    let app = setup::beside(&config, lang).await?;
    let codes = match point {
        Some(point) => {
            vec![reissue(&app, &point).await.map_err(|error| setup::in_words(error, lang))?]
        }
        None => printed(&app, &app.live()),
    };
    std::fs::create_dir_all(&out)?;
    for code in &codes {
        write(&out, code)?;
    }
    let (count, folder) = (codes.len(), out.display());
    say(&lang.pick(
        format!("已写好 {count} 个点位码（SVG 和 PNG）：{folder}"),
        format!("Wrote the codes of {count} points (SVG and PNG) to {folder}"),
    ));
    Ok(())
}

fn write(out: &Path, code: &PrintedCode) -> Result<(), Failed> {
    let qr = Qr::new(&code.link)?;
    let stem = format!("{:03}-{}-g{}", code.point.number.get(), code.point.id, code.generation);
    std::fs::write(out.join(format!("{stem}.svg")), qr.svg())?;
    std::fs::write(out.join(format!("{stem}.png")), qr.png(PIXELS)?)?;
    say(&format!("{stem}  {}  {}", code.link, code.point.name));
    Ok(())
}
