//! `/v1/organiser/carnival`: publishes, returns and rolls back the carnival file, and lists its versions.

use serde::de::DeserializeOwned;

use crate::actions::caches::VersionEntry;
use crate::actions::carnival::publish::{self, Publication};
use crate::http::api::prelude::*;
use crate::http::extract::body::TomlText;
use crate::http::extract::request_info::lang;
use crate::rules::carnival::change::ChangeWarning;
use crate::rules::carnival::{Carnival, Route};
use crate::rules::carnival_file::version_line::handed_out;
use crate::store::{PublicationSource, PublishedVersion};

/// Response header with the version of the carnival file.
const VERSION_HEADER: &str = "x-carnival-version";

/// Whether the author has seen what a publication undoes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// `confirm` of a refusal `carnival_changed`: publishes although the changes in its list are undone, if nothing else
    /// has changed meanwhile.
    #[param(example = "f3a1c05be2d49786")]
    confirm: Option<String>,
    /// Every route reads `lang`; it is declared here because unknown parameters are rejected.
    #[param(ignore)]
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// The published carnival after a change.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PublishedView {
    /// Its version.
    #[schema(example = 2)]
    pub version: u64,
    /// When it was published.
    #[schema(example = "2023-04-15T08:10:00+08:00")]
    pub at: String,
    /// Who published it.
    #[schema(example = "李老师")]
    pub by: String,
    /// Whether this call changed anything.
    pub changed: bool,
    /// The result as a sentence in the reader's language.
    #[schema(example = "已发布第 2 版。集齐“玩”美社区现在要 6 个章（共 7 个点位）。")]
    pub says: String,
    /// Warnings about the change.
    pub notes: Vec<WarningView>,
    /// How many stamps routes require now: all routes, or only the changed one.
    pub routes: Vec<RouteRequirement>,
}

/// A warning about a change.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WarningView {
    /// The stable code of the warning.
    #[schema(example = "stock_stays")]
    pub code: String,
    /// The warning as a sentence in the reader's language.
    #[schema(example = "“路线明信片一套”的库存仍是 480；文件里写的 500 不算数，增减库存另有一步。")]
    pub says: String,
}

/// How many stamps a route requires.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteRequirement {
    /// The route's id.
    #[schema(example = "play")]
    pub route: String,
    /// The route's name.
    #[schema(example = "“玩”美社区")]
    pub name: String,
    /// How many stamps complete it now.
    #[schema(example = 6)]
    pub asks: u16,
    /// How many points it has, open or closed.
    #[schema(example = 7)]
    pub of: u16,
}

fn asks(carnival: &Carnival, route: &Route) -> RouteRequirement {
    let (asks, of) = (carnival.required_stamps(route), carnival.point_count(&route.id));
    RouteRequirement { route: route.id.to_string(), name: route.name.clone(), asks, of }
}

/// The response to a change of the whole carnival, or of one route.
pub(in crate::http) fn published_response(
    publication: &Publication,
    route: Option<&Route>,
    lang: Lang,
) -> HttpResponse {
    let view = PublishedView::of(publication, route, lang);
    view.response_with(&view)
}

impl PublishedView {
    /// What was published: the whole carnival, or one route.
    #[must_use]
    pub fn of(publication: &Publication, route: Option<&Route>, lang: Lang) -> PublishedView {
        let carnival = &publication.current.carnival;
        let changed = |one: &&Route| route.is_none_or(|route| route.id == one.id);
        PublishedView {
            version: publication.current.version,
            at: views::local_time(&publication.current, publication.current.published_at),
            by: publication.by.clone(),
            changed: publication.changed,
            says: sentence(publication, route, lang),
            notes: warnings(&publication.warnings, lang),
            routes: carnival.routes.iter().filter(changed).map(|route| asks(carnival, route)).collect(),
        }
    }

    /// A response with the version in its header.
    #[must_use]
    pub fn response_with(&self, body: &impl Serialize) -> HttpResponse {
        HttpResponse::Ok().insert_header((VERSION_HEADER, self.version.to_string())).json(body)
    }
}

/// Warnings in a language.
pub(in crate::http) fn warnings(warnings: &[ChangeWarning], lang: Lang) -> Vec<WarningView> {
    warnings
        .iter()
        .map(|one| WarningView { code: one.code().to_owned(), says: messages(lang).change_warning(one) })
        .collect()
}

fn sentence(publication: &Publication, route: Option<&Route>, lang: Lang) -> String {
    let version = publication.current.version;
    let texts = &messages(lang).texts().answers;
    let published = if publication.changed { (texts.published)(version) } else { (texts.unchanged)(version) };
    let requirement = route.map(|route| asks(&publication.current.carnival, route));
    match requirement {
        Some(RouteRequirement { name, asks, of, .. }) => (texts.route_takes)(&published, &name, asks, of),
        None => published,
    }
}

/// Publishes a carnival file. It takes effect at once; every instance serves it within two seconds.
///
/// The file was made from some version, its base: the one in its line `# carnival-version: 7`, with which a file that
/// was handed out begins; else the last version that you published from a file; else version 1. If others, or you, have
/// changed something since the base that the file does not contain, the answer is `carnival_changed` with the list.
#[utoipa::path(tag = "organiser", params(Confirmation),
    request_body(content = String, content_type = "application/toml", description = "The carnival file"),
    responses((status = 200, description = "The carnival is published", body = PublishedView)),
    extensions(("x-problems" = json!([CHANGE, "carnival_changed", "base_unknown"]))))]
#[put("/v1/organiser/carnival")]
pub async fn publish_carnival(organiser: OnDuty<Organiser>, request: HttpRequest, body: TomlText) -> ApiResult {
    let app = &state(&request).app;
    let confirm = query::<Confirmation>(&request)?.confirm;
    let publication = publish::publish(app, &body.0, organiser.name.as_str(), confirm.as_deref()).await?;
    Ok(published_response(&publication, None, lang(&request)))
}

/// Reads the query after the token was checked.
fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, ApiError> {
    let query = web::Query::<T>::from_query(request.query_string());
    Ok(query.map_err(|error| ApiError::malformed(error.to_string()))?.into_inner())
}

/// The published carnival file, for you to change and publish. Its first line names its version; leave it there.
#[utoipa::path(tag = "organiser",
    responses((status = 200, description = "The carnival file", body = String, content_type = "application/toml")))]
#[get("/v1/organiser/carnival")]
pub async fn get_carnival_file(_: OnDuty<Organiser>, app: Data<App>) -> ApiResult {
    Ok(file_response(&publish::current_version(&app).await?))
}

fn file_response(published: &PublishedVersion) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/toml; charset=utf-8")
        .insert_header((VERSION_HEADER, published.version.to_string()))
        .body(handed_out(&published.text, published.version))
}

/// The published versions.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct VersionsView {
    /// The newest first; a hundred at most.
    pub versions: Vec<VersionView>,
    /// `?before=` for the next page; absent on the last one.
    #[schema(example = 28)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// Which page of the versions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct VersionsQuery {
    /// Versions before this one; the newest if absent.
    #[param(example = 28)]
    before: Option<u64>,
    /// As above.
    #[param(ignore)]
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// One version.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct VersionView {
    /// 1 for the first.
    #[schema(example = 2)]
    pub version: u64,
    /// When it was published.
    #[schema(example = "2023-04-15T08:10:00+08:00")]
    pub at: String,
    /// Who published it.
    #[schema(example = "李老师")]
    pub by: String,
    /// How it was made.
    pub source: VersionSource,
}

/// How a version was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionSource {
    /// From a whole file.
    File,
    /// By a call that changes single entries.
    Edit,
    /// An earlier version was published again.
    PutBack,
}

impl From<PublicationSource> for VersionSource {
    fn from(source: PublicationSource) -> VersionSource {
        match source {
            PublicationSource::File => VersionSource::File,
            PublicationSource::Edit => VersionSource::Edit,
            PublicationSource::PutBack => VersionSource::PutBack,
        }
    }
}

/// The published versions, newest first, in pages.
#[utoipa::path(tag = "organiser", params(VersionsQuery), responses((status = 200, description = "The versions", body = VersionsView)),
    extensions(("x-problems" = json!(["bad_request"]))))]
#[get("/v1/organiser/carnival/versions")]
pub async fn list_versions(_: OnDuty<Organiser>, request: HttpRequest) -> ApiResult {
    let app = &state(&request).app;
    let current = app.current();
    let page = publish::versions(app, query::<VersionsQuery>(&request)?.before).await?;
    let before = page.last().map(|last| last.version).filter(|oldest| *oldest > 1);
    let view = |VersionEntry { version, at, by, source }| VersionView {
        version,
        at: views::local_time(&current, at),
        by,
        source: source.into(),
    };
    Ok(HttpResponse::Ok().json(VersionsView { versions: page.into_iter().map(view).collect(), before }))
}

/// The carnival file of a version.
#[utoipa::path(tag = "organiser", params(VersionPath), responses((status = 200, description = "The carnival file", body = String, content_type = "application/toml")),
    extensions(("x-problems" = json!(["version_unknown"]))))]
#[get("/v1/organiser/carnival/versions/{version}")]
pub async fn get_version(_: OnDuty<Organiser>, app: Data<App>, path: Path<VersionPath>) -> ApiResult {
    Ok(file_response(&publish::version(&app, path.id()?).await?))
}

/// Publishes an earlier version again as the newest one. It is checked like a file that was made from that version, so
/// what was changed since is listed first.
#[utoipa::path(tag = "organiser", params(VersionPath, Confirmation), responses((status = 200, description = "The carnival is published", body = PublishedView)),
    extensions(("x-problems" = json!([CHANGE, "carnival_changed", "version_unknown", "bad_request"]))))]
#[post("/v1/organiser/carnival/versions/{version}/put-back")]
pub async fn roll_back_version(
    organiser: OnDuty<Organiser>,
    request: HttpRequest,
    lang: Lang,
    path: Path<VersionPath>,
) -> ApiResult {
    let app = &state(&request).app;
    let confirm = query::<Confirmation>(&request)?.confirm;
    let publication = publish::roll_back(app, path.id()?, organiser.name.as_str(), confirm.as_deref()).await?;
    Ok(published_response(&publication, None, lang))
}
