//! Writes an export of a carnival near its end, with a given number of residents and stamps each.
//!
//! `carnival import` reads it into an empty store. The same numbers give the same bytes. Residents are numbered, so
//! that a holder of the token secret can act for each of them; they have stamps of the first points of the file, so
//! that check-ins at the other points are new.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use ::carnival::rules::carnival::Carnival;
use ::carnival::rules::carnival_file::parse;
use ::carnival::rules::check_ins::passport::{Passport, Stamp, StampSource};
use ::carnival::rules::ids::{Holder, PassportNumber, PointNumber, ResidentId, RouteId};
use ::carnival::rules::statistics::tally::{LocalDay, LocalHour, LocalMoment, Tally};
use ::carnival::store::export::entry::{ExportEntry, passport_lines, raw_record};
use ::carnival::store::export::file::{ExportHeader, ExportWriter, Footer};
use ::carnival::store::shard::shard_of;
use ::carnival::store::{PublicationSource, PublishedVersion, StoreError, record};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan, Zoned};

use crate::test_carnival::Store;
use crate::{resident_requests, test_carnival};

/// The hours of a day with stamps.
const HOURS: std::ops::Range<i8> = 9..21;

/// Stamps of one resident per day, one per hour.
const STAMPS_PER_DAY: u16 = 7;

/// Parameters of the export.
struct SeedSpec<'a> {
    /// The carnival file.
    text: &'a str,
    /// The same, parsed.
    carnival: &'a Carnival,
    /// The number of residents.
    residents: u32,
    /// Stamps per resident; at most the number of points.
    stamps: u16,
    /// The number of shards of passports.
    shards: u16,
    /// The last day with stamps; the days before it have stamps too.
    until: Date,
    /// The number of days with stamps.
    days: u16,
    /// The id of the resident with this number.
    resident: fn(u32) -> ResidentId,
}

/// Writes settings, secrets and an export into a folder, for `carnival import` and `carnival serve`.
pub(crate) fn write(residents: &str, stamps: &str, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let listen = "127.0.0.1:8080".parse().unwrap();
    test_carnival::write_settings(folder, listen, &Store::Embedded(folder.join("data")));
    let text = test_carnival::file();
    let read = parse(&text).unwrap();
    let seed = SeedSpec {
        text: &text,
        carnival: &read,
        residents: residents.parse().unwrap(),
        stamps: stamps.parse().unwrap(),
        shards: 64,
        until: Zoned::now().in_tz("Asia/Shanghai").unwrap().date(),
        days: 3,
        resident: |number| resident_requests::resident(0, number),
    };
    let out = BufWriter::new(File::create(folder.join("all.jsonl")).unwrap());
    write_export(out, &seed).unwrap();
}

/// The passport number of a resident: 65 bits that look random, as real ones do.
fn passport_number(number: u32) -> PassportNumber {
    // SplitMix64, <https://prng.di.unimi.it/splitmix64.c>: a different result for each counter.
    let mut mixed = u64::from(number).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^= mixed >> 31;
    let mut bytes = [0; 13];
    for byte in &mut bytes {
        *byte = u8::try_from(mixed % 32).unwrap_or_default();
        mixed /= 32;
    }
    PassportNumber::from_bytes(bytes)
}

/// Writes the export.
///
/// # Errors
/// Errors of `out`.
fn write_export(out: impl Write, seed: &SeedSpec<'_>) -> io::Result<Footer> {
    let mut writer = ExportWriter::new(out, &ExportHeader::new(seed.carnival.id.clone(), seed.shards))?;
    let plan = StampPlan::of(seed);
    let published = PublishedVersion {
        version: 1,
        text: seed.text.to_owned(),
        at: plan.slots[0].hour_began,
        by: "bench".to_owned(),
        source: PublicationSource::File,
    };
    writer.put(&[
        ExportEntry::Published {
            record: raw_record(record::encode_published(&published).map_err(failed)?).map_err(failed)?,
        },
        ExportEntry::Serials { last: 0 },
    ])?;
    let mut expected_tallies = ExpectedTallies::of(&plan);
    for shard in 0..seed.shards {
        let here = |id: &ResidentId| shard_of(Holder::Resident(*id), seed.shards) == shard;
        let all = (0..seed.residents).map(|number| ((seed.resident)(number), number));
        let mut here: Vec<(ResidentId, u32)> = all.filter(|(id, _)| here(id)).collect();
        here.sort_unstable();
        for (resident, number) in &here {
            let lines = passport_lines(&plan.passport(*number));
            expected_tallies.add(&plan, *number);
            writer.put(&[ExportEntry::Passport { holder: format!("r{resident}"), lines }])?;
        }
        for (_, number) in &here {
            let passport = plan.passport(*number);
            for stamp in &passport.stamps {
                let tail = record::encode_stamp_tail(stamp.at, &stamp.how, stamp.rain);
                let fact = record::encode_stamp_entry(&passport.number, stamp.nth, stamp.point, &tail);
                writer.put(&[ExportEntry::Stamp { shard, fact }])?;
            }
        }
    }
    gifts(&mut writer, seed.carnival, &published)?;
    writer.put(&expected_tallies.tallies(&plan, seed.residents))?;
    Ok(writer.finish()?.0)
}

fn gifts(writer: &mut ExportWriter<impl Write>, carnival: &Carnival, published: &PublishedVersion) -> io::Result<()> {
    let mut gifts: Vec<_> = carnival.gifts.iter().map(|gift| (gift.number, gift.stock)).collect();
    gifts.sort_unstable();
    for (gift, stock) in gifts {
        let fact = record::encode_initial_stock_entry(stock, published).and_then(raw_record).map_err(failed)?;
        writer.put(&[ExportEntry::Gift { gift, stock, redeemed: 0 }, ExportEntry::StockStep { gift, record: fact }])?;
    }
    Ok(())
}

fn failed(error: StoreError) -> io::Error {
    io::Error::other(error)
}

/// The stamps of each resident.
struct StampPlan {
    /// The hours with stamps, in order.
    slots: Vec<LocalMoment>,
    /// The points with stamps, with the index of their route in `routes`.
    points: Vec<(PointNumber, usize)>,
    routes: Vec<RouteId>,
    stamps: u16,
    days: u16,
}

impl StampPlan {
    fn of(seed: &SeedSpec<'_>) -> StampPlan {
        let mut routes: Vec<RouteId> = Vec::new();
        let mut points = Vec::new();
        for point in seed.carnival.points.iter().take(seed.stamps.into()) {
            let route = routes.iter().position(|route| *route == point.route).unwrap_or_else(|| {
                routes.push(point.route.clone());
                routes.len() - 1
            });
            points.push((point.number, route));
        }
        let stamps = u16::try_from(points.len()).unwrap_or(u16::MAX);
        let days = seed.days.max(stamps.div_ceil(STAMPS_PER_DAY));
        let first = seed.until - (i64::from(days) - 1).days();
        let of_day = |day: Date| HOURS.map(move |hour| day.at(hour, 0, 0, 0));
        let hours = first.series(1.day()).take(days.into()).flat_map(of_day);
        let moment = |local| seed.carnival.time_zone.to_ambiguous_timestamp(local).compatible();
        let slots = hours.filter_map(|local| Some(LocalMoment::of(seed.carnival, moment(local).ok()?))).collect();
        StampPlan { slots, points, routes, stamps, days }
    }

    /// The slot of a resident's n-th stamp (from 0), and the index of its point.
    fn nth(&self, number: u32, nth: u16) -> (usize, usize) {
        let hours = HOURS.len();
        let spare_days = usize::from(self.days - self.stamps.div_ceil(STAMPS_PER_DAY)) + 1;
        let spare_hours = hours - usize::from(STAMPS_PER_DAY) + 1;
        let number = number as usize;
        let day = number % spare_days + usize::from(nth / STAMPS_PER_DAY);
        let hour = number / spare_days % spare_hours + usize::from(nth % STAMPS_PER_DAY);
        (day * hours + hour, (number + usize::from(nth)) % self.points.len())
    }

    fn passport(&self, number: u32) -> Passport {
        let into_hour = SignedDuration::from_millis(i64::from(number.wrapping_mul(2_654_435_761) % 3_600_000));
        let stamp = |nth| {
            let (slot, point) = self.nth(number, nth);
            let at = self.slots[slot].at.checked_add(into_hour).unwrap_or(self.slots[slot].at);
            Stamp { point: self.points[point].0, at, nth: nth + 1, how: StampSource::Printed, rain: false }
        };
        Passport { number: passport_number(number), stamps: (0..self.stamps).map(stamp).collect(), undone: Vec::new() }
    }
}

/// The counters that these stamps produce.
struct ExpectedTallies {
    stamps: Vec<Vec<u64>>,
    people_in: Vec<u64>,
    people_on: Vec<u64>,
    routes: Vec<u64>,
    routes_on: Vec<Vec<u64>>,
}

impl ExpectedTallies {
    fn of(plan: &StampPlan) -> ExpectedTallies {
        let (slots, days) = (plan.slots.len(), plan.days.into());
        ExpectedTallies {
            stamps: vec![vec![0; slots]; plan.points.len()],
            people_in: vec![0; slots],
            people_on: vec![0; days],
            routes: vec![0; plan.routes.len()],
            routes_on: vec![vec![0; days]; plan.routes.len()],
        }
    }

    fn add(&mut self, plan: &StampPlan, number: u32) {
        let (mut last_slot, mut last_day) = (None, None);
        let mut last_on = vec![None; plan.routes.len()];
        for nth in 0..plan.stamps {
            let (slot, point) = plan.nth(number, nth);
            let (day, route) = (slot / HOURS.len(), plan.points[point].1);
            self.stamps[point][slot] += 1;
            self.people_in[slot] += u64::from(last_slot != Some(slot));
            self.people_on[day] += u64::from(last_day != Some(day));
            self.routes[route] += u64::from(last_on[route].is_none());
            self.routes_on[route][day] += u64::from(last_on[route] != Some(day));
            (last_slot, last_day, last_on[route]) = (Some(slot), Some(day), Some(day));
        }
    }

    fn tallies(&self, plan: &StampPlan, residents: u32) -> Vec<ExportEntry> {
        let hour = |slot: usize| -> LocalHour { plan.slots[slot].hour };
        let day = |day: usize| -> LocalDay { hour(day * HOURS.len()).day() };
        let mut all = vec![(Tally::AllPassports, u64::from(residents))];
        for ((point, _), slots) in plan.points.iter().zip(&self.stamps) {
            all.push((Tally::AllStamps(*point), slots.iter().sum()));
            all.extend(slots.iter().enumerate().map(|(slot, count)| (Tally::Stamps(*point, hour(slot)), *count)));
        }
        all.extend(
            self.people_in.iter().enumerate().map(|(slot, count)| (Tally::UniqueVisitorsIn(hour(slot)), *count)),
        );
        all.extend(self.people_on.iter().enumerate().map(|(on, count)| (Tally::UniqueVisitorsOn(day(on)), *count)));
        for ((route, all_of_it), on) in plan.routes.iter().zip(&self.routes).zip(&self.routes_on) {
            all.push((Tally::UniqueRouteVisitors(route.clone()), *all_of_it));
            let on = on.iter().enumerate();
            all.extend(on.map(|(on, count)| (Tally::UniqueRouteVisitorsOn(route.clone(), day(on)), *count)));
        }
        all.retain(|(_, count)| *count > 0);
        all.sort_by_cached_key(|(name, _)| name.to_string());
        all.into_iter().map(|(name, count)| ExportEntry::Tally { name, count }).collect()
    }
}
