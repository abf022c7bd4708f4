//! The way of a party through the carnival, at a human pace.

use std::collections::BTreeSet;
use std::sync::Arc;

use fastrand::Rng;
use serde_json::json;

use super::books::Ask;
use super::booths::{Booths, Errand};
use super::cheats;
use super::line::Silence;
use super::phone::Phone;
use super::plan::{Cheat, Party};
use super::world::World;

/// How many of a hundred want every stamp, and how many look in at a booth on the way.
const ALL_OF_100: u32 = 60;
const ON_THE_WAY_OF_100: u32 = 25;
/// How many of a hundred with a voucher forget it at home.
const FORGET_OF_100: u32 = 6;
/// How often a code on a tablet is scanned again when it was too old.
const SCANS: usize = 3;

/// Comes, goes the way, goes home.
pub(super) async fn walk(world: Arc<World>, booths: Arc<Booths>, party: Party) {
    world.pass(party.arrives_min).await;
    let people = party.people();
    world.line.books.open().came += people;
    let chance = Rng::with_seed(party.seed);
    // Whoever gets no answer has given up by now; the books say so.
    let _silence = if party.phone {
        with_phone(&world, booths, party, chance).await
    } else {
        with_paper(&world, &booths, &party, chance).await
    };
    world.line.books.open().home += people;
}

async fn with_phone(world: &Arc<World>, booths: Arc<Booths>, party: Party, chance: Rng) -> Result<(), Silence> {
    let mut phone = Phone::begin(Arc::clone(world), booths, party, chance).await?;
    cheats::before(&mut phone).await?;
    let order = order(world, &mut phone);
    let two_places = phone.party.cheat == Some(Cheat::TwoPlaces);
    let mut before = None;
    for (nth, point) in order.iter().copied().enumerate() {
        if two_places && nth == 1 {
            world.pass(0.3).await;
        } else {
            world.pass(way_min(world, before, point, &mut phone.chance)).await;
        }
        before = Some(point);
        let here = Here::at(world, point, phone.party.people());
        if !(two_places && nth == 1) {
            world.pass(1.0 + phone.chance.f64() * 3.0).await;
        }
        scan(world, &mut phone, point).await?;
        if !(two_places && nth == 0) {
            phone.claim_earned().await?;
            world.pass(2.0 + phone.chance.f64() * 6.0).await;
        }
        drop(here);
        if phone.has_vouchers() && phone.chance.u32(0..100) < ON_THE_WAY_OF_100 {
            phone.visit_booths(false).await?;
        }
    }
    cheats::two_places(&phone, &order);
    if phone.chance.u32(0..100) >= FORGET_OF_100 || phone.party.cheat.is_some() {
        phone.visit_booths(true).await?;
    }
    cheats::after(&mut phone).await
}

async fn with_paper(world: &World, booths: &Booths, party: &Party, mut chance: Rng) -> Result<(), Silence> {
    let (mut ink, mut before) = (Vec::new(), None);
    let mut points: Vec<usize> = (0..world.points.len()).collect();
    chance.shuffle(&mut points);
    points.truncate(how_many(points.len(), &mut chance));
    for point in points {
        world.pass(way_min(world, before, point, &mut chance)).await;
        before = Some(point);
        let _here = Here::at(world, point, party.people());
        world.pass(1.0 + chance.f64() * 2.0).await;
        if is_open(world, point).await? {
            ink.push(world.points[point].id.clone());
        }
        world.pass(2.0 + chance.f64() * 6.0).await;
    }
    let Some(booth) = booths.any(&mut chance).filter(|_| !ink.is_empty()) else { return Ok(()) };
    let code = world.cards[party.cards.start].clone();
    booths.visit(world, booth, party.people(), vec![Errand::Card { code, ink }]).await;
    Ok(())
}

/// Scans the poster or the tablet; what is refused is shown, and she goes on.
async fn scan(world: &World, phone: &mut Phone, point: usize) -> Result<(), Silence> {
    let by_tablet = world.has_tablet(point) && (!world.has_poster(point) || phone.chance.bool());
    for scan in 1..=SCANS {
        // In the end she turns to the poster, if there is one.
        let code = if by_tablet && (scan < SCANS || !world.has_poster(point)) {
            world.tablet(point).await?
        } else {
            world.poster(point)
        };
        match phone.check_in(&code, world.location(point)).await? {
            Err(code) if code == "display_code_too_old" => {}
            _ => break,
        }
    }
    Ok(())
}

/// Whether somebody with ink is there: she sees the open door, and asks no phone.
async fn is_open(world: &World, point: usize) -> Result<bool, Silence> {
    let now = world.line.ask(Ask::Read, "", "/v1/availability", None).await?;
    let mut points = now.body["points"].as_array().into_iter().flatten();
    Ok(points.any(|one| one["point"] == json!(world.points[point].id) && one["open"] == json!(true)))
}

fn way_min(world: &World, before: Option<usize>, point: usize, chance: &mut Rng) -> f64 {
    let least = before.map_or(0.0, |before| world.way_min(before, point));
    (3.0 + chance.f64() * 9.0).max(least)
}

fn how_many(points: usize, chance: &mut Rng) -> usize {
    if points == 0 || chance.u32(0..100) < ALL_OF_100 { points } else { chance.usize(1..=points) }
}

/// In which order she goes; who cheats by a friend's photo begins with the two that are farthest apart.
fn order(world: &World, phone: &mut Phone) -> Vec<usize> {
    let mut points: Vec<usize> = (0..world.points.len()).collect();
    phone.chance.shuffle(&mut points);
    match phone.party.cheat {
        Some(Cheat::TwoPlaces) => {
            let pair = cheats::far_apart(world);
            let apart: BTreeSet<usize> = pair.iter().copied().collect();
            points.retain(|point| !apart.contains(point));
            pair.into_iter().chain(points).collect()
        }
        Some(_) => points,
        None => {
            points.truncate(how_many(points.len(), &mut phone.chance));
            points
        }
    }
}

/// People stand at a point until this is dropped.
struct Here<'a> {
    world: &'a World,
    point: &'a str,
    people: u64,
}

impl<'a> Here<'a> {
    fn at(world: &'a World, point: usize, people: u64) -> Here<'a> {
        let point = world.points[point].id.as_str();
        *world.line.books.open().at_points.entry(point.to_owned()).or_default() += people;
        Here { world, point, people }
    }
}

impl Drop for Here<'_> {
    fn drop(&mut self) {
        if let Some(there) = self.world.line.books.open().at_points.get_mut(self.point) {
            *there = there.saturating_sub(self.people);
        }
    }
}
