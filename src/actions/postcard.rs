//! The postcard of a route: the link to it, and the picture itself.

use std::sync::Arc;

use super::app::{App, Error, Result};
use super::companions;
use super::current_carnival::CurrentCarnival;
use super::print_documents::svg_error;
use super::redeem::read_presented;
use crate::pictures::fonts;
use crate::pictures::postcard::{PostcardRequest, PostcardSize, RenderPlan};
use crate::pictures::raster::ImageFormat;
use crate::pictures::renderer::{DrawError, ImageBytes, ImageKey};
use crate::rules::carnival::Route;
use crate::rules::greeting::Greeting;
use crate::rules::ids::{CardSerial, Holder, ResidentId, RouteId};
use crate::rules::passport::Passport;
use crate::rules::postcard::Postcard;
use crate::rules::refusal::Refusal;
use crate::tokens::Resident;

/// Whose postcard of which route, with which greeting: what a link names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostcardSpec {
    /// Whose.
    pub holder: Holder,
    /// Of which route.
    pub route: RouteId,
    /// What was written on it.
    pub greeting: Option<Greeting>,
}

/// A postcard as it stands now.
#[derive(Clone, Debug)]
pub struct PostcardData {
    /// The carnival.
    pub current: Arc<CurrentCarnival>,
    /// Which card.
    pub spec: PostcardSpec,
    /// The stamps; none before the first.
    pub passport: Option<Passport>,
}

impl PostcardData {
    /// What stands on it.
    ///
    /// # Errors
    /// A refusal for a route that the carnival does not have.
    pub fn postcard(&self) -> Result<Postcard<'_>> {
        Ok(Postcard::of(&self.current.carnival, route(&self.current, &self.spec.route)?, self.passport.as_ref()))
    }
}

fn route<'a>(current: &'a CurrentCarnival, id: &RouteId) -> Result<&'a Route> {
    Ok(current.carnival.route(id).ok_or(Refusal::RouteUnknown)?)
}

/// A resident's own postcard, or that of a paper passport on her phone.
///
/// # Errors
/// A refusal for an unknown route, a passport that is not on this phone, a greeting that cannot be printed; a store that fails.
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

/// The card that a link names.
///
/// # Errors
/// A refusal for a route that the carnival no longer has; a store that fails.
pub async fn load(app: &App, spec: PostcardSpec) -> Result<PostcardData> {
    let current = app.current();
    route(&current, &spec.route)?;
    let passport = app.store.passport(spec.holder).await?;
    Ok(PostcardData { current, spec, passport })
}

/// A greeting that there are letters for.
fn parse_greeting(greeting: &str) -> Result<Option<Greeting>> {
    let greeting = Greeting::parse(greeting)?;
    match greeting.as_ref().and_then(|greeting| fonts::first_undrawable(greeting.as_str())) {
        Some(found) => Err(Refusal::CannotBePrinted { found }.into()),
        None => Ok(greeting),
    }
}

/// What a link's signature holds, and what is in its address in the place of the holder.
#[must_use]
pub fn signed_text(spec: &PostcardSpec) -> (String, String) {
    let owner = match spec.holder {
        Holder::Resident(id) => format!("r{id}"),
        Holder::Paper(serial) => format!("c{serial}"),
    };
    let greeting = spec.greeting.as_ref().map_or("", Greeting::as_str);
    (format!("postcard\n{owner}\n{}\n{greeting}", spec.route), owner)
}

/// The holder that an address names.
#[must_use]
pub fn parse_holder(owner: &str) -> Option<Holder> {
    match owner.split_at_checked(1)? {
        ("r", id) => id.parse::<ResidentId>().ok().map(Holder::Resident),
        ("c", serial) => serial.parse::<CardSerial>().ok().map(Holder::Paper),
        _ => None,
    }
}

/// A postcard that can be drawn, and what its picture is known by: another stamp is another picture.
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

/// The picture, made now or before.
///
/// # Errors
/// A refusal that names a character that no font has; [`Error::PicturesBusy`] when too many are being made.
pub async fn picture(app: &App, plan: RenderPlan, key: ImageKey) -> Result<ImageBytes> {
    if let Some(cached) = app.render_pool.renderer().cached(&key) {
        return Ok(cached);
    }
    app.render_pool.run(move |renderer| renderer.render_postcard(&plan)).await?.map_err(|error| match error {
        DrawError::Svg(error) => svg_error(error),
        error @ DrawError::Raster(_) => Error::RenderFailed(error.to_string()),
    })
}
