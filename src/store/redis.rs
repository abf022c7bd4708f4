//! The store in Redis or a Redis Cluster.
//!
//! Every write is one script or one command in one hash slot (see `keys.rs`), so it is one atomic step on one node.
//! Acknowledged writes survive a crash as far as Redis is configured for it; the configuration is audited when the
//! store is opened. `config/redis.conf` is a configuration that keeps all of them.

mod address;
mod client;
mod cluster;
mod config_audit;
mod connection;
mod control;
mod day_cache;
mod export;
mod gifts;
mod hints;
mod import;
mod passports;
mod purge;
mod reconnecting_connection;
mod reply_values;
mod script;
mod settings;
mod staff;
mod tallies;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use ::redis::Cmd;
use async_trait::async_trait;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use tokio::time::timeout;

pub use self::config_audit::{ConfigWarning, OpenError};
pub use self::settings::Settings;

use self::client::{RedisClient, ReplicatedWriters};
use self::connection::Connection;
use self::day_cache::DayCache;
use super::keys::Keys;
use super::{
    ClaimChange, ClaimOutcome, ControlState, DropOutcome, GiftState, Hints, JoinOutcome, LogId, NewStamps, PosterCheck,
    PublishedVersion, Resolution, Result, StampsOutcome, StockChange, StockOutcome, Store, StoredClaim,
    StoredInvitation, StoredSession,
};
use crate::rules::check_ins::passport::Passport;
use crate::rules::check_ins::suspicion::{Suspicion, SuspicionId};
use crate::rules::gifts::claim::Claim;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{
    BoothId, CardSerial, ClaimantId, Generation, GiftNumber, Holder, InvitationId, PointNumber, ResidentId, SessionId,
};
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};

/// The format of the keys and of their values.
const FORMAT: &str = "2";

/// The field that is present during an import; such a store cannot be opened.
const IMPORTING: &str = "importing";

/// Maximum number of shards, because counters are read shard by shard.
const MAX_SHARDS: u16 = 1024;

/// Maximum number of writes that wait for replicas at the same time.
const MAX_REPLICATED_WRITES: usize = 8;

/// The deadline of opening, as a multiple of the deadline of a call.
const OPEN_TIMEOUT_CALLS: u32 = 5;

/// The store in Redis or a Redis Cluster.
pub struct RedisStore {
    client: RedisClient,
    keys: Keys,
    shards: u16,
    days: DayCache,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("keys", &self.keys).field("shards", &self.shards).finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Connects, audits the configuration of Redis, and checks that the records have our format.
    ///
    /// # Errors
    /// Redis is unavailable or of another kind than the settings say, it evicts keys, or its records have another
    /// format or another number of shards.
    pub async fn open(settings: &Settings) -> std::result::Result<(RedisStore, Vec<ConfigWarning>), OpenError> {
        validate(settings)?;
        let limit = Duration::from_millis(settings.timeout_ms);
        let opening = timeout(limit * OPEN_TIMEOUT_CALLS, open(settings, limit));
        opening.await.map_err(|_| OpenError::Unavailable("it takes too long".to_owned()))?
    }

    /// Writes format and number of shards at the first start; compares them later.
    async fn check_format(&self) -> std::result::Result<(), OpenError> {
        let key = self.keys.control().key("meta");
        let mut cmd = Cmd::new();
        cmd.arg("HMGET").arg(&key).arg("format").arg("shards").arg(IMPORTING);
        let [mut format, mut shards, importing] =
            reply_values::array(self.client.read(&cmd).await?)?.map(reply_values::optional_text);
        if matches!((&format, &shards), (Ok(None), _) | (_, Ok(None))) {
            self.client.write(Cmd::new().arg("HSETNX").arg(&key).arg("shards").arg(self.shards)).await?;
            self.client.write(Cmd::new().arg("HSETNX").arg(&key).arg("format").arg(FORMAT)).await?;
            [format, shards, _] = reply_values::array(self.client.read(&cmd).await?)?.map(reply_values::optional_text);
        }
        let (format, shards) = (format?.unwrap_or_default(), shards?.unwrap_or_default());
        if format != FORMAT {
            return Err(OpenError::UnknownFormat(format));
        }
        let stored = reply_values::parse("the number of shards", &shards)?;
        if stored != self.shards {
            return Err(OpenError::ShardMismatch { stored, configured: self.shards });
        }
        if importing?.is_some() {
            return Err(OpenError::IncompleteImport { prefix: self.keys.prefix().to_owned() });
        }
        Ok(())
    }
}

fn validate(settings: &Settings) -> std::result::Result<(), OpenError> {
    let wrong = |what: &str| Err(OpenError::Settings(what.to_owned()));
    if settings.urls.is_empty() || (!settings.cluster && settings.urls.len() > 1) {
        return wrong("a single Redis needs exactly one URL, a cluster one or more");
    }
    if !Keys::is_valid_prefix(&settings.prefix) {
        return wrong("the prefix must consist of 1 to 64 visible ASCII characters without braces");
    }
    if !(1..=MAX_SHARDS).contains(&settings.shards) {
        return wrong("the number of shards must be between 1 and 1024");
    }
    if !(100..=60_000).contains(&settings.timeout_ms) {
        return wrong("the timeout must be between 100 and 60,000 milliseconds");
    }
    match settings.urls.iter().find(|url| address::parse_url(url).is_err()) {
        Some(url) => Err(OpenError::Settings(format!("{} is not a Redis URL", settings::redact_url(url)))),
        None => Ok(()),
    }
}

async fn open(
    settings: &Settings,
    limit: Duration,
) -> std::result::Result<(RedisStore, Vec<ConfigWarning>), OpenError> {
    let first = connect_first_available(settings).await?;
    let mut connection = if settings.cluster { connect(settings).await? } else { first };
    let warnings = config_audit::audit(&mut connection, settings.wait_replicas).await?;
    let writers = writers(settings).await?;
    let client = RedisClient::new(connection, writers, limit);
    let keys = Keys::new(&settings.prefix);
    let redis = RedisStore { client, keys, shards: settings.shards, days: DayCache::default() };
    match redis.check_format().await {
        Ok(()) => Ok((redis, warnings)),
        // The first start writes. If replicas are missing, they are the reason why it fails.
        Err(why) => {
            let too_few = warnings.into_iter().find(|warning| matches!(warning, ConfigWarning::TooFewReplicas { .. }));
            Err(too_few.filter(|_| matches!(why, OpenError::Unavailable(_))).map_or(why, OpenError::Warned))
        }
    }
}

/// A plain connection to the first server that answers, to find out whether the servers form a cluster.
async fn connect_first_available(settings: &Settings) -> std::result::Result<Connection, OpenError> {
    let mut why = String::new();
    for url in &settings.urls {
        match Connection::single(url).await {
            Ok(mut connection) => {
                return match config_audit::is_cluster(&mut connection).await? {
                    Some(cluster) if cluster != settings.cluster => Err(OpenError::WrongServerKind { cluster }),
                    _ => Ok(connection),
                };
            }
            Err(error) => why = format!("{}: {error}", settings::redact_url(url)),
        }
    }
    Err(OpenError::Unavailable(why))
}

async fn connect(settings: &Settings) -> Result<Connection> {
    let connection = match settings.urls.as_slice() {
        [url] if !settings.cluster => Connection::single(url).await,
        urls => Connection::cluster(urls).await,
    };
    connection.map_err(|error| client::classify(&error))
}

async fn writers(settings: &Settings) -> Result<Option<ReplicatedWriters>> {
    if settings.wait_replicas == 0 {
        return Ok(None);
    }
    let connections = try_join_all((0..MAX_REPLICATED_WRITES).map(|_| connect(settings))).await?;
    Ok(Some(ReplicatedWriters::new(connections, settings.wait_replicas)))
}

#[async_trait]
impl Store for RedisStore {
    async fn ping(&self) -> Result<()> {
        // A write, because a Redis with a failed disk or missing replicas still answers reads. It never creates the
        // key. With a key, because a cluster answers PING even if slots are down.
        let key = self.keys.control().key("meta");
        self.client.write(Cmd::new().arg("PERSIST").arg(key)).await?;
        Ok(())
    }

    async fn control(&self) -> Result<ControlState> {
        self.read_control().await
    }

    async fn published_version(&self, version: u64) -> Result<Option<PublishedVersion>> {
        self.read_published(version).await
    }

    async fn publish(&self, after: u64, published: &PublishedVersion, stock: &[(GiftNumber, u32)]) -> Result<u64> {
        self.write_published(after, published, stock).await
    }

    async fn reissue(&self, point: PointNumber, from: Generation) -> Result<Generation> {
        self.raise_generation(point, from).await
    }

    async fn init_marker(&self, name: &str, value: u64) -> Result<u64> {
        self.write_marker(name, value).await
    }

    async fn take_serials(&self, count: u32) -> Result<CardSerial> {
        self.write_serials(count).await
    }

    async fn passport(&self, holder: Holder) -> Result<Option<Passport>> {
        self.read_passport(holder).await
    }

    async fn stamp(&self, new: &NewStamps<'_>) -> Result<StampsOutcome> {
        self.write_stamps(new).await
    }

    async fn erase_passport(&self, holder: Holder) -> Result<()> {
        self.delete_passport(holder).await
    }

    async fn add_companion(&self, resident: ResidentId, companion: CardSerial, limit: u16) -> Result<JoinOutcome<()>> {
        self.write_companion(resident, companion, limit).await
    }

    async fn remove_companion(&self, resident: ResidentId, companion: CardSerial) -> Result<()> {
        self.delete_companions(resident, Some(companion)).await
    }

    async fn remove_companions(&self, resident: ResidentId) -> Result<()> {
        self.delete_companions(resident, None).await
    }

    async fn companions(&self, resident: ResidentId) -> Result<Vec<CardSerial>> {
        self.read_companions(resident).await
    }

    async fn claims(&self, of: &[(GiftNumber, ClaimantId)]) -> Result<Vec<Option<StoredClaim>>> {
        try_join_all(of.iter().map(|(gift, claimer)| self.read_claim(*gift, *claimer))).await
    }

    async fn claim_by_voucher(&self, voucher: Voucher) -> Result<Option<StoredClaim>> {
        self.read_claim_by_voucher(voucher).await
    }

    async fn change_claim(&self, change: &ClaimChange<'_>) -> Result<ClaimOutcome> {
        self.write_claim(change).await
    }

    async fn drop_claim(&self, stored: &StoredClaim, at: Timestamp) -> Result<DropOutcome> {
        self.delete_claim(stored, at).await
    }

    async fn anonymise_claim(&self, stored: &StoredClaim, replacement: &Claim) -> Result<ClaimOutcome> {
        self.replace_claim(stored, replacement).await
    }

    async fn gift_states(&self, gifts: &[GiftNumber], now: Timestamp) -> Result<Vec<GiftState>> {
        try_join_all(gifts.iter().map(|gift| self.read_gift(*gift, now))).await
    }

    async fn change_stock(&self, change: &StockChange<'_>) -> Result<StockOutcome> {
        self.write_stock(change).await
    }

    async fn set_gift_available(&self, gift: GiftNumber, booth: &BoothId, available: bool) -> Result<()> {
        self.write_gift_available(gift, booth, available).await
    }

    async fn invite(&self, invitation: &Invitation) -> Result<()> {
        self.write_invitation(invitation).await
    }

    async fn invitation(&self, id: &InvitationId) -> Result<Option<StoredInvitation>> {
        self.read_invitation(id).await
    }

    async fn invitations(&self) -> Result<Vec<StoredInvitation>> {
        self.read_invitations().await
    }

    async fn begin_session(&self, session: &StaffSession, uses: u16) -> Result<JoinOutcome<StoredSession>> {
        self.write_session(session, uses).await
    }

    async fn session(&self, id: &SessionId) -> Result<Option<StoredSession>> {
        self.read_session(id).await
    }

    async fn end_invitation(&self, id: &InvitationId, at: Timestamp) -> Result<()> {
        self.write_end("invitations", id.as_str(), at).await
    }

    async fn end_session(&self, id: &SessionId, at: Timestamp) -> Result<()> {
        self.write_end("sessions", id.as_str(), at).await
    }

    async fn tallies(&self, period: TallyPeriod) -> Result<BTreeMap<Tally, u64>> {
        match period {
            TallyPeriod::AllTime => self.read_tallies_in_all().await,
            TallyPeriod::ByHour => self.read_tallies_by_hour(None).await,
        }
    }

    async fn tallies_since(&self, day: LocalDay) -> Result<BTreeMap<Tally, u64>> {
        self.read_tallies_by_hour(Some(day)).await
    }

    async fn tallies_of(&self, names: &[Tally]) -> Result<BTreeMap<Tally, u64>> {
        self.read_tallies_of(names).await
    }

    async fn record_hints(&self, hints: &Hints) -> Result<()> {
        self.write_hints(hints).await
    }

    async fn hints(&self) -> Result<Hints> {
        self.read_hints().await
    }

    async fn last_seen(&self) -> Result<BTreeMap<SessionId, Timestamp>> {
        self.read_last_seen().await
    }

    async fn suspicion(&self, id: &SuspicionId) -> Result<Option<Suspicion>> {
        self.read_suspicion(id).await
    }

    async fn resolve_suspicion(&self, id: &SuspicionId, resolution: &Resolution) -> Result<()> {
        self.write_resolution(id, resolution).await
    }

    async fn resolutions(&self) -> Result<BTreeMap<SuspicionId, Resolution>> {
        self.read_resolutions().await
    }

    async fn record_poster_check(&self, point: PointNumber, check: &PosterCheck) -> Result<()> {
        self.write_poster_check(point, check).await
    }

    async fn poster_checks(&self) -> Result<BTreeMap<PointNumber, PosterCheck>> {
        self.read_poster_checks().await
    }

    fn shards(&self) -> u16 {
        self.shards
    }

    async fn log_entries(&self, log: LogId, from: u64, limit: u32) -> Result<Vec<String>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut cmd = Cmd::new();
        cmd.arg("LRANGE").arg(self.keys.log(log)).arg(from).arg(from.saturating_add(u64::from(limit) - 1));
        reply_values::texts(self.client.read(&cmd).await?)
    }
}
