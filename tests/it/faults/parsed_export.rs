//! A parsed export: it must be consistent in itself, and contain everything that was acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use carnival::rules::check_ins::passport::StampSource;
use carnival::rules::gifts::claim_lifecycle::ClaimEvent;
use carnival::rules::statistics::tally::{LocalDay, LocalHour, Tally};
use carnival::store::StoredClaim;
use carnival::store::export::entry::ExportEntry;
use carnival::store::record::{self, ClaimLogEntry, StampLogEntry};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::answer_log::{ClaimLog, ClaimStep};
use super::test_site::GIFTS;

/// The parts of an export that concern acknowledged answers.
#[derive(Default)]
pub(crate) struct ParsedExport {
    /// Passports by number: point, ordinal and time of each stamp.
    passports: BTreeMap<String, Vec<(u16, u16, Timestamp)>>,
    stamps: Vec<StampLogEntry>,
    /// Keyed by voucher.
    claims: BTreeMap<String, StoredClaim>,
    steps: Vec<(u16, ClaimLogEntry)>,
    /// Stock and redeemed, keyed by gift.
    gifts: BTreeMap<u16, (u32, u32)>,
    tallies: BTreeMap<String, u64>,
}

impl ParsedExport {
    pub(crate) fn read(text: &str) -> ParsedExport {
        let mut export = ParsedExport::default();
        // Skip the header and the footer.
        for line in text.lines().skip(1).filter(|line| !line.starts_with("{\"end\"")) {
            export.add(serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
        }
        export
    }

    fn add(&mut self, entry: ExportEntry) {
        match entry {
            ExportEntry::Passport { lines, .. } => {
                let passport = record::decode_passport(&lines.join("\n")).unwrap();
                let stamps = passport.stamps.iter().map(|stamp| (stamp.point.get(), stamp.nth, stamp.at)).collect();
                let double = self.passports.insert(passport.number.to_string(), stamps);
                assert!(double.is_none(), "duplicate passport number {}", passport.number);
            }
            ExportEntry::Stamp { fact, .. } => self.stamps.push(record::decode_stamp_entry(&fact).unwrap()),
            ExportEntry::Claim { record } => {
                let stored = record::decode_claim(record.get().to_owned()).unwrap();
                let double = self.claims.insert(stored.claim.voucher.to_string(), stored);
                assert!(double.is_none(), "duplicate voucher");
            }
            ExportEntry::ClaimStep { gift, record } => {
                self.steps.push((gift.get().into(), record::decode_claim_entry(record.get()).unwrap()));
            }
            ExportEntry::Gift { gift, stock, redeemed } => {
                self.gifts.insert(gift.get().into(), (stock, redeemed));
            }
            ExportEntry::Tally { name, count } => {
                self.tallies.insert(name.to_string(), count);
            }
            _ => {}
        }
    }

    /// The stamps in the log equal the passports, the gift logs equal the claims, and the counters equal the log.
    pub(crate) fn assert_consistent(&self, steady: bool) {
        let mut logged: BTreeMap<String, Vec<(u16, u16, Timestamp)>> = BTreeMap::new();
        for fact in &self.stamps {
            let stamps = logged.entry(fact.passport.to_string()).or_default();
            stamps.push((fact.stamp.point.get(), fact.stamp.nth, fact.stamp.at));
        }
        // In log order the ordinals rise by one from 1, regardless of the clock.
        for (number, stamps) in &logged {
            let ordinals: Vec<u16> = stamps.iter().map(|(_, nth, _)| *nth).collect();
            assert!(ordinals.iter().copied().eq(1..=u16::try_from(stamps.len()).unwrap()), "{number}: {ordinals:?}");
            let points: BTreeSet<u16> = stamps.iter().map(|(point, ..)| *point).collect();
            assert_eq!(points.len(), stamps.len(), "{number} has a point twice in the log");
        }
        assert!(logged == self.passports, "the log and the passports differ");
        for (voucher, stored) in &self.claims {
            self.assert_matches_its_log(voucher, stored);
        }
        // A claim is dropped with its passport: erased, or lost with a master that no replica was awaited for. The log
        // keeps both steps.
        let last_events: BTreeMap<String, ClaimEvent> =
            self.steps.iter().map(|(_, fact)| (fact.voucher.to_string(), fact.event)).collect();
        for (voucher, last_event) in last_events {
            let exists = self.claims.contains_key(&voucher);
            assert!(exists != (last_event == ClaimEvent::Erased), "{voucher}: exists {exists}, {last_event:?}");
        }
        self.assert_counters_match_log(steady);
    }

    fn assert_matches_its_log(&self, voucher: &str, stored: &StoredClaim) {
        let redemptions = &stored.claim.redemptions;
        let standing = redemptions.iter().filter(|redemption| redemption.voided.is_none()).count();
        assert!(standing <= 1, "{voucher} has {standing} active redemptions");
        let events: Vec<ClaimEvent> = self.log_entries_of(voucher).map(|fact| fact.event).collect();
        let count = |event: ClaimEvent| events.iter().filter(|other| **other == event).count();
        assert_eq!(
            (count(ClaimEvent::Claimed), events.first()),
            (1, Some(&ClaimEvent::Claimed)),
            "{voucher}: {events:?}"
        );
        assert_eq!(count(ClaimEvent::Redeemed), redemptions.len(), "{voucher}: {events:?}");
        assert_eq!(count(ClaimEvent::Voided), redemptions.len() - standing, "{voucher}: {events:?}");
    }

    /// Every claim belongs to an existing passport.
    pub(crate) fn assert_claims_have_passports(&self) {
        for (voucher, stored) in &self.claims {
            assert!(self.passports.contains_key(&stored.claim.passport.to_string()), "{voucher} has no passport");
        }
    }

    fn log_entries_of<'a>(&'a self, voucher: &'a str) -> impl Iterator<Item = &'a ClaimLogEntry> {
        self.steps.iter().map(|(_, fact)| fact).filter(move |fact| fact.voucher.to_string() == voucher)
    }

    fn assert_counters_match_log(&self, steady: bool) {
        let mut counted: BTreeMap<String, u64> = BTreeMap::new();
        let mut people: BTreeSet<(String, String)> = BTreeSet::new();
        let mut count = |tally: &Tally| *counted.entry(tally.to_string()).or_default() += 1;
        let mut came = |passport: &str, tally: &Tally| {
            people.insert((tally.to_string(), passport.to_owned()));
        };
        for fact in &self.stamps {
            let (point, hour) = (fact.stamp.point, hour(fact.stamp.at));
            count(&Tally::Stamps(point, hour));
            count(&Tally::AllStamps(point));
            if let StampSource::Hand { session, .. } = &fact.stamp.how {
                count(&Tally::StampsBy(session.clone()));
            }
            if fact.stamp.nth == 1 {
                count(&Tally::AllPassports);
            }
            let passport = fact.passport.to_string();
            let route = if point.get().is_multiple_of(2) { "play" } else { "active" }.parse().unwrap();
            came(&passport, &Tally::UniqueRouteVisitors(route));
            let (route, day) = (if point.get().is_multiple_of(2) { "play" } else { "active" }, day(fact.stamp.at));
            came(&passport, &Tally::UniqueRouteVisitorsOn(route.parse().unwrap(), day));
            came(&passport, &Tally::UniqueVisitorsOn(day));
            came(&passport, &Tally::UniqueVisitorsIn(hour));
        }
        for (gift, fact) in &self.steps {
            let gift = gift.to_string().parse().unwrap();
            let by = fact.by.as_ref();
            let session = by.map(|hand| hand.session.clone());
            match (fact.event, session) {
                (ClaimEvent::Claimed | ClaimEvent::Renewed, _) => count(&Tally::Claims(gift, hour(fact.at))),
                (ClaimEvent::Redeemed, Some(session)) => {
                    count(&Tally::Redemptions(gift, by.and_then(|hand| hand.place.clone()), hour(fact.at)));
                    count(&Tally::RedemptionsBy(gift, session));
                }
                (ClaimEvent::Voided, Some(session)) => {
                    count(&Tally::Voids(gift, fact.confirmed_at.clone(), hour(fact.at)));
                    count(&Tally::VoidsBy(gift, session));
                }
                _ => {}
            }
        }
        for (tally, _) in people {
            *counted.entry(tally).or_default() += 1;
        }
        let by_the_clock =
            |name: &str| ["people:", "people-on:", "people-in:"].iter().any(|kind| name.starts_with(kind));
        let stored = |all: &BTreeMap<String, u64>| -> BTreeMap<String, u64> {
            let stored = all.iter().filter(|(name, count)| **count > 0 && (steady || !by_the_clock(name)));
            stored.map(|(name, count)| (name.clone(), *count)).collect()
        };
        assert_eq!(stored(&counted), stored(&self.tallies), "left: counted from the log; right: the counters");
    }

    /// The redeemed gifts, or with a steady clock the redeemed and held ones, do not exceed the stock.
    pub(crate) fn assert_within_stock(&self, nth: usize, stock: u32, steady: bool) {
        let gift = u16::try_from(nth + 1).unwrap();
        let of = |stored: &&StoredClaim| u16::from(stored.claim.voucher.gift().get()) == gift;
        let redeemed =
            self.claims.values().filter(of).filter(|stored| stored.claim.active_redemption().is_some()).count();
        assert_eq!(self.gifts.get(&gift).copied(), Some((stock, u32::try_from(redeemed).unwrap())), "gift {gift}");
        let now = Timestamp::now();
        let taken = self.claims.values().filter(of);
        let taken =
            taken.filter(|stored| stored.claim.active_redemption().is_some() || stored.claim.held_until >= now).count();
        assert!(taken <= stock as usize || !steady, "{taken} of {stock} are taken");
    }

    /// The number of claims ever made on a gift.
    pub(crate) fn claims_of(&self, nth: usize) -> usize {
        self.claims.values().filter(|stored| usize::from(stored.claim.voucher.gift().get()) == nth + 1).count()
    }

    /// The passports equal those that the server returned, each stamp with its time.
    pub(crate) fn assert_passports(&self, served: &[Vec<(u16, String)>]) {
        type Counted = BTreeMap<Vec<(u16, Timestamp)>, u32>;
        let second = |at: Timestamp| Timestamp::from_second(at.as_second()).unwrap();
        let counted = |all: &mut dyn Iterator<Item = Vec<(u16, Timestamp)>>| {
            let mut counted = Counted::new();
            for mut one in all {
                one.sort_unstable();
                *counted.entry(one).or_default() += 1;
            }
            counted
        };
        let mut exported =
            self.passports.values().map(|all| all.iter().map(|(point, _, at)| (*point, second(*at))).collect());
        let mut served = served
            .iter()
            .filter(|all| !all.is_empty())
            .map(|all| all.iter().map(|(point, at)| (*point, second(at.parse().unwrap()))).collect());
        assert!(counted(&mut exported) == counted(&mut served), "the passports of the export and of the server differ");
    }

    /// The claim's record contains each acknowledged redemption and void, by nonce.
    pub(crate) fn check_recorded_claim(&self, claim_log: &ClaimLog) -> Result<(), String> {
        let Some(voucher) = &claim_log.voucher else { return Ok(()) };
        let stored = self.claims.get(voucher).ok_or("lost")?;
        let mut nonces = Vec::new();
        for redemption in &stored.claim.redemptions {
            nonces.push(redemption.nonce.as_str().to_owned());
            nonces.extend(redemption.voided.iter().map(|voided| voided.nonce.as_str().to_owned()));
        }
        let nonce = |step: &ClaimStep| match step {
            ClaimStep::Redeemed { nonce, .. } | ClaimStep::Voided { nonce } => Some(nonce.clone()),
            ClaimStep::Claimed | ClaimStep::Released => None,
        };
        let mut wanted: Vec<String> = claim_log.steps.iter().filter_map(nonce).collect();
        if nonces != wanted {
            wanted.extend(claim_log.unconfirmed.as_ref().and_then(nonce));
        }
        if nonces == wanted { Ok(()) } else { Err(format!("its record has the nonces {nonces:?}")) }
    }
}

fn hour(at: Timestamp) -> LocalHour {
    LocalHour::of(at.to_zoned(TimeZone::get("Asia/Shanghai").unwrap()).datetime())
}

fn day(at: Timestamp) -> LocalDay {
    hour(at).day()
}

/// Two gifts, whose numbers are their positions in the list.
const _: () = assert!(GIFTS.len() == 2);
