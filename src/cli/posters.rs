//! `carnival posters --out DIR`: writes the posters and the volunteers' card.

use std::path::{Path, PathBuf};

use crate::actions::App;
use crate::actions::prints::print_documents::{self, PosterFormat, PrintDocument};
use crate::rules::ids::PointId;
use crate::rules::lang::Lang;

use super::bootstrap::{self, ConfigFile};
use super::console::{CliError, print_line};
use super::output_files;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The output folder; it is created if it does not exist.
    #[arg(long)]
    out: PathBuf,
    /// Only the poster of this point, for example after its code was replaced.
    #[arg(long, value_name = "POINT")]
    point: Option<PointId>,
}

/// Runs `carnival posters`: one PDF per poster, one with all of them, and the volunteers' card.
pub(crate) async fn posters(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, out, point } = arguments;
    let app = bootstrap::connect_shared(&config, lang).await?;
    output_files::make_folder(&out, lang)?;
    if let Some(point) = point {
        let current = app.current();
        current.carnival.point_by_id(&point).ok_or_else(|| bootstrap::unknown_point(&current, &point, lang))?;
        return write_poster(&app, &point, &out, lang).await;
    }
    let current = app.current();
    for point in current.carnival.points.iter().filter(|point| !point.codes.printed) {
        let name = &point.name;
        print_line(&lang.pick(
            format!("{name}：只认平板上的动态码，不需要海报。"),
            format!("{name} accepts only the tablet's code and has no poster."),
        ));
    }
    let codes = print_documents::codes_with_posters(&app, &current);
    for code in &codes {
        write_poster(&app, &code.point.id, &out, lang).await?;
    }
    write_document(&out.join("posters.pdf"), print_documents::posters(&app).await, lang)?;
    write_document(&out.join("volunteer-card.pdf"), print_documents::volunteer_card(&app).await, lang)?;
    let count = codes.len();
    print_line(&lang.pick(
        format!("{count} 张海报都已从页面上读回核对；posters.pdf 是全部海报，volunteer-card.pdf 是志愿者卡（A5）。"),
        format!(
            "{count} posters, each read back from its page. All of them are in posters.pdf; volunteer-card.pdf is the volunteers' card (A5)."
        ),
    ));
    Ok(())
}

async fn write_poster(app: &App, point: &PointId, out: &Path, lang: Lang) -> Result<(), CliError> {
    let document = print_documents::poster(app, point, PosterFormat::Pdf)
        .await
        .map_err(|error| bootstrap::describe_error(error, lang))?;
    let path = out.join(format!("{}.pdf", document.name));
    write_document(&path, Ok(document), lang)
}

fn write_document(path: &Path, document: crate::actions::Result<PrintDocument>, lang: Lang) -> Result<(), CliError> {
    let document = document.map_err(|error| bootstrap::describe_error(error, lang))?;
    std::fs::write(path, document.bytes).map_err(|cause| output_files::cannot_write(path, &cause, lang))?;
    print_line(&path.display().to_string());
    Ok(())
}
