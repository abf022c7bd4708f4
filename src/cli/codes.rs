//! `carnival codes --out DIR`: writes the printed codes, or replaces one.

use std::path::{Path, PathBuf};

use crate::actions::App;
use crate::actions::prints::codes::{PrintedCode, printed, reissue};
use crate::pictures::Qr;
use crate::rules::ids::PointId;
use crate::rules::lang::Lang;

use super::bootstrap::{self, ConfigFile};
use super::console::{CliError, print_line};
use super::output_files;

/// Pixels per module: a code of 33 modules is 1640 pixels wide including its margin, sharp at 12 cm.
const PIXELS_PER_MODULE: u16 = 40;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The output folder; it is created if it does not exist.
    #[arg(long)]
    out: PathBuf,
    /// Replace the code of this point and write the new one. The old poster is refused within seconds; stamps stay.
    #[arg(long, value_name = "POINT")]
    reissue: Option<PointId>,
}

/// Runs `carnival codes`.
pub(crate) async fn codes(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, out, reissue: point } = arguments;
    let app = bootstrap::connect_shared(&config, lang).await?;
    // Create the folder first: replacing a code that cannot be written would leave the point without a code.
    output_files::make_folder(&out, lang)?;
    let codes = match &point {
        Some(point) => vec![reissued_code(&app, point, lang).await?],
        None => printed(&app, &app.current()),
    };
    let (codes, without): (Vec<_>, Vec<_>) = codes.into_iter().partition(|code| code.point.codes.printed);
    for code in &codes {
        write_code(&out, code, lang)?;
    }
    for code in without {
        let name = &code.point.name;
        print_line(&lang.pick(
            format!("{name}：只认平板上的动态码，不需要海报。"),
            format!("{name} accepts only the tablet's code and has no poster."),
        ));
    }
    let (count, folder) = (codes.len(), out.display());
    print_line(&lang.pick(
        format!("已写好 {count} 个点位码（SVG 和 PNG）：{folder}"),
        format!("Wrote the codes of {count} points (SVG and PNG) to {folder}"),
    ));
    if point.is_some() {
        print_line(lang.pick(
            "旧海报的码已经作废，请换上新海报，并删掉文件夹里旧的图片。",
            "The old poster is refused from now on: hang up the new one, and delete the old pictures in the folder.",
        ));
    }
    Ok(())
}

async fn reissued_code(app: &App, point: &PointId, lang: Lang) -> Result<PrintedCode, CliError> {
    let current = app.current();
    let known = current.carnival.point_by_id(point).ok_or_else(|| bootstrap::unknown_point(&current, point, lang))?;
    if !known.codes.printed {
        let name = &known.name;
        return Err(lang
            .pick(
                format!("{name}：只认平板上的动态码，没有海报可换。"),
                format!("{name} accepts only the tablet's code; there is no poster to replace."),
            )
            .into());
    }
    reissue(app, point, None).await.map_err(|error| bootstrap::describe_error(error, lang))
}

fn write_code(out: &Path, code: &PrintedCode, lang: Lang) -> Result<(), CliError> {
    let qr = Qr::new(&code.link)?;
    let stem = format!("{:03}-{}-g{}", code.point.number.get(), code.point.id, code.generation);
    for (extension, picture) in [("svg", qr.svg().into_bytes()), ("png", qr.png(PIXELS_PER_MODULE)?)] {
        let path = out.join(format!("{stem}.{extension}"));
        std::fs::write(&path, picture).map_err(|cause| output_files::cannot_write(&path, &cause, lang))?;
    }
    print_line(&format!("{stem}  {}  {}", code.link, code.point.name));
    Ok(())
}
