//! The postcard of a route: the link to it, and the picture itself.

use std::sync::Arc;

use super::app::{App, Error, Result};
use super::companions;
use super::current_carnival::CurrentCarnival;
use super::prints::failed_sheet;
use super::redeem::shown;
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
pub struct Card {
    /// Whose.
    pub holder: Holder,
    /// Of which route.
    pub route: RouteId,
    /// What was written on it.
    pub greeting: Option<Greeting>,
}

/// A postcard as it stands now.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// The carnival.
    pub current: Arc<CurrentCarnival>,
    /// Which card.
    pub card: Card,
    /// The stamps; none before the first.
    pub passport: Option<Passport>,
}

impl Shelf {
    /// What stands on it.
    ///
    /// # Errors
    /// A refusal for a route that the carnival does not have.
    pub fn postcard(&self) -> Result<Postcard<'_>> {
        Ok(Postcard::of(&self.current.carnival, route(&self.current, &self.card.route)?, self.passport.as_ref()))
    }
}

fn route<'a>(current: &'a CurrentCarnival, id: &RouteId) -> Result<&'a Route> {
    Ok(current.carnival.route(id).ok_or(Refusal::RouteUnknown)?)
}

/// A resident's own postcard, or that of a paper passport on her phone.
///
/// # Errors
/// A refusal for an unknown route, a passport that is not on this phone, a greeting that cannot be printed; a store that fails.
pub async fn of_resident(
    app: &App,
    resident: &Resident,
    companion: Option<CardSerial>,
    route: RouteId,
    greeting: &str,
) -> Result<Shelf> {
    let holder = match companion {
        None => Holder::Resident(resident.id()),
        Some(serial) => companions::of(app, resident, serial).await?,
    };
    look(app, Card { holder, route, greeting: read(greeting)? }).await
}

/// The postcard of a paper passport or of a resident's own code, for a volunteer to print.
///
/// # Errors
/// A refusal for any other code, an unknown route, a greeting that cannot be printed; a store that fails.
pub async fn at_booth(app: &App, code: &str, route: RouteId, greeting: &str) -> Result<Shelf> {
    let holder = shown(app, code, app.now())?.fresh()?;
    look(app, Card { holder, route, greeting: read(greeting)? }).await
}

/// The card that a link names.
///
/// # Errors
/// A refusal for a route that the carnival no longer has; a store that fails.
pub async fn look(app: &App, card: Card) -> Result<Shelf> {
    let current = app.current();
    route(&current, &card.route)?;
    let passport = app.store.passport(card.holder).await?;
    Ok(Shelf { current, card, passport })
}

/// A greeting that there are letters for.
fn read(greeting: &str) -> Result<Option<Greeting>> {
    let greeting = Greeting::parse(greeting)?;
    match greeting.as_ref().and_then(|greeting| fonts::first_undrawable(greeting.as_str())) {
        Some(found) => Err(Refusal::CannotBePrinted { found }.into()),
        None => Ok(greeting),
    }
}

/// What a link's signature holds, and what is in its address in the place of the holder.
#[must_use]
pub fn signed(card: &Card) -> (String, String) {
    let whose = match card.holder {
        Holder::Resident(id) => format!("r{id}"),
        Holder::Paper(serial) => format!("c{serial}"),
    };
    let greeting = card.greeting.as_ref().map_or("", Greeting::as_str);
    (format!("postcard\n{whose}\n{}\n{greeting}", card.route), whose)
}

/// The holder that an address names.
#[must_use]
pub fn holder(whose: &str) -> Option<Holder> {
    match whose.split_at_checked(1)? {
        ("r", id) => id.parse::<ResidentId>().ok().map(Holder::Resident),
        ("c", serial) => serial.parse::<CardSerial>().ok().map(Holder::Paper),
        _ => None,
    }
}

/// A postcard that can be drawn, and what its picture is known by: another stamp is another picture.
///
/// # Errors
/// A refusal for a route that the carnival does not have.
pub fn plan(app: &App, shelf: &Shelf, size: PostcardSize, format: ImageFormat) -> Result<(RenderPlan, ImageKey)> {
    let postcard = shelf.postcard()?;
    let request = PostcardRequest {
        carnival: &shelf.current.carnival,
        card: &postcard,
        greeting: shelf.card.greeting.as_ref(),
        size,
        format,
    };
    let plan = app.press.renderer().plan_postcard(request);
    let key = plan.key();
    Ok((plan, key))
}

/// The picture, made now or before.
///
/// # Errors
/// A refusal that names a character that no font has; [`Error::PicturesBusy`] when too many are being made.
pub async fn picture(app: &App, plan: RenderPlan, key: ImageKey) -> Result<ImageBytes> {
    if let Some(cached) = app.press.renderer().cached(&key) {
        return Ok(cached);
    }
    app.press.run(move |renderer| renderer.render_postcard(&plan)).await?.map_err(|error| match error {
        DrawError::Svg(error) => failed_sheet(error),
        error @ DrawError::Raster(_) => Error::Picture(error.to_string()),
    })
}
