//! The postcard of a route: its signed link and its picture.

use std::sync::Arc;

use crate::actions::app::{App, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::check_ins::companions;
use crate::actions::gifts::redeem::read_presented;
use crate::pictures::fonts;
use crate::pictures::postcard::{PostcardRequest, PostcardSize, RenderPlan};
use crate::pictures::raster::ImageFormat;
use crate::pictures::renderer::{ImageBytes, ImageKey};
use crate::rules::carnival::Route;
use crate::rules::check_ins::passport::Passport;
use crate::rules::ids::{CardSerial, Holder, ResidentId, RouteId};
use crate::rules::prints::greeting::Greeting;
use crate::rules::prints::postcard::Postcard;
use crate::rules::refusals::{CarnivalRefusal, PrintRefusal};
use crate::tokens::Resident;

/// Identifies a postcard: holder, route and greeting. A link names these three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostcardSpec {
    /// Holder of the passport.
    pub holder: Holder,
    /// Route of the postcard.
    pub route: RouteId,
    /// Greeting to print on it.
    pub greeting: Option<Greeting>,
}

/// A postcard's data at the time of reading.
#[derive(Clone, Debug)]
pub struct PostcardData {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// Which postcard.
    pub spec: PostcardSpec,
    /// The stamps; none before the first.
    pub passport: Option<Passport>,
}

impl PostcardData {
    /// Content of the postcard.
    ///
    /// # Errors
    /// A refusal for a route that the carnival does not have.
    pub fn postcard(&self) -> Result<Postcard<'_>> {
        Ok(Postcard::of(&self.current.carnival, route(&self.current, &self.spec.route)?, self.passport.as_ref()))
    }
}

fn route<'a>(current: &'a CurrentCarnival, id: &RouteId) -> Result<&'a Route> {
    Ok(current.carnival.route(id).ok_or(CarnivalRefusal::RouteUnknown)?)
}

/// The postcard of a resident, or of a paper passport on the resident's phone.
///
/// # Errors
/// A refusal for an unknown route, a passport that is not on this phone, a greeting that cannot be printed; a store
/// that fails.
pub async fn for_resident(
    app: &App,
    resident: &Resident,
    companion: Option<CardSerial>,
    route: RouteId,
    greeting: &str,
) -> Result<PostcardData> {
    let holder = match companion {
        None => Holder::Resident(resident.id()),
        Some(serial) => companions::holder_of(app, resident, serial).await?,
    };
    load(app, PostcardSpec { holder, route, greeting: parse_greeting(greeting)? }).await
}

/// The postcard of a paper passport or of a resident's own code, for a volunteer to print.
///
/// # Errors
/// A refusal for any other code, an unknown route, a greeting that cannot be printed; a store that fails.
pub async fn for_booth(app: &App, code: &str, route: RouteId, greeting: &str) -> Result<PostcardData> {
    let holder = read_presented(app, code, app.now())?.unexpired_holder()?;
    load(app, PostcardSpec { holder, route, greeting: parse_greeting(greeting)? }).await
}

/// Loads the postcard that a link names.
///
/// # Errors
/// A refusal for a route that the carnival does not have any more; a store that fails.
pub async fn load(app: &App, spec: PostcardSpec) -> Result<PostcardData> {
    app.ensure_store_current()?;
    let current = app.current();
    route(&current, &spec.route)?;
    let passport = app.store.passport(spec.holder).await?;
    Ok(PostcardData { current, spec, passport })
}

/// Parses a greeting and checks that the bundled fonts have its characters.
fn parse_greeting(greeting: &str) -> Result<Option<Greeting>> {
    let greeting = Greeting::parse(greeting)?;
    match greeting.as_ref().and_then(|greeting| fonts::first_undrawable(greeting.as_str())) {
        Some(found) => Err(PrintRefusal::CannotBePrinted { found }.into()),
        None => Ok(greeting),
    }
}

/// The text that a link's signature covers, and the holder's part of its path.
#[must_use]
pub fn signed_text(spec: &PostcardSpec) -> (String, String) {
    let owner = match spec.holder {
        Holder::Resident(id) => format!("r{id}"),
        Holder::Paper(serial) => format!("c{serial}"),
    };
    let greeting = spec.greeting.as_ref().map_or("", Greeting::as_str);
    (format!("postcard\n{owner}\n{}\n{greeting}", spec.route), owner)
}

/// Parses the holder's part of a link.
#[must_use]
pub fn parse_holder(owner: &str) -> Option<Holder> {
    match owner.split_at_checked(1)? {
        ("r", id) => id.parse::<ResidentId>().ok().map(Holder::Resident),
        ("c", serial) => serial.parse::<CardSerial>().ok().map(Holder::Paper),
        _ => None,
    }
}

/// A render plan and its cache key. The key changes with every stamp.
///
/// # Errors
/// A refusal for a route that the carnival does not have.
pub fn plan(app: &App, data: &PostcardData, size: PostcardSize, format: ImageFormat) -> Result<(RenderPlan, ImageKey)> {
    let postcard = data.postcard()?;
    let request = PostcardRequest {
        carnival: &data.current.carnival,
        card: &postcard,
        greeting: data.spec.greeting.as_ref(),
        size,
        format,
    };
    let plan = app.render_pool.renderer().plan_postcard(request);
    let key = plan.key();
    Ok((plan, key))
}

/// Returns the cached picture or renders it.
///
/// # Errors
/// A refusal that names a character missing in every font; [`PicturesBusy`](crate::actions::Error::PicturesBusy) when
/// the render queue is full.
pub async fn picture(app: &App, plan: RenderPlan, key: ImageKey) -> Result<ImageBytes> {
    if let Some(cached) = app.render_pool.renderer().cached(&key) {
        return Ok(cached);
    }
    Ok(app.render_pool.run(move |renderer| renderer.render_postcard(&plan)).await??)
}
