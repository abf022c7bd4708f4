//! `carnival posters --out DIR`.

use std::path::{Path, PathBuf};

use carnival::actions::App;
use carnival::actions::prints::{self, PosterForm, Print};
use carnival::rules::ids::PointId;
use carnival::rules::lang::Lang;

use super::bootstrap::{self, ConfigFile};
use super::console::{CliError, print_line};
use super::output_files;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The folder to write to; it is made if it is not there.
    #[arg(long)]
    out: PathBuf,
    /// Only the poster of this point, such as after its code was replaced.
    #[arg(long, value_name = "POINT")]
    point: Option<PointId>,
}

/// Writes the posters: one PDF each, one with all, and the volunteer's card.
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
            format!("{name} takes the tablet's code alone and has no poster."),
        ));
    }
    let codes = prints::with_poster(&app, &current);
    for code in &codes {
        write_poster(&app, &code.point.id, &out, lang).await?;
    }
    write_document(&out.join("posters.pdf"), prints::posters(&app).await, lang)?;
    write_document(&out.join("volunteer-card.pdf"), prints::volunteer_card(&app).await, lang)?;
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
    let document =
        prints::poster(app, point, PosterForm::Pdf).await.map_err(|error| bootstrap::describe_error(error, lang))?;
    let path = out.join(format!("{}.pdf", document.name));
    write_document(&path, Ok(document), lang)
}

fn write_document(path: &Path, document: carnival::actions::Result<Print>, lang: Lang) -> Result<(), CliError> {
    let document = document.map_err(|error| bootstrap::describe_error(error, lang))?;
    std::fs::write(path, document.bytes).map_err(|cause| output_files::cannot_write(path, &cause, lang))?;
    print_line(&path.display().to_string());
    Ok(())
}
