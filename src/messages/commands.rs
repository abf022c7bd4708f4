//! What the commands say.

use std::fmt::Display;

use crate::rules::staff::DeviceState;

type Shown<'m> = &'m dyn Display;

/// A message of a command.
pub enum CommandMessage<'m> {
    /// Characters that no font has, where they are not printed, with their lines.
    NoGlyphElsewhere { places: &'m [(usize, char)] },
    /// A carnival file without mistakes.
    CarnivalChecked { name: Shown<'m>, routes: Shown<'m>, points: Shown<'m>, gifts: Shown<'m> },
    /// A file that does not exist.
    NoFile { file: Shown<'m> },
    /// A file that cannot be opened.
    FileUnreadable { file: Shown<'m>, cause: Shown<'m> },
    /// A file that is not UTF-8 text.
    FileNotUtf8 { file: Shown<'m> },
    /// A settings file that does not exist.
    NoSettingsFile { file: Shown<'m> },
    /// Settings that cannot be used.
    SettingsWrong { error: Shown<'m> },
    /// The URL of printed codes is not set.
    PublicUrlMissing,
    /// The URL of printed codes is not a usable one.
    PublicUrlInvalid { url: &'m str },
    /// The URL of printed codes does not begin with https.
    PublicUrlNotHttps,
    /// With Redis, no secrets are given.
    SecretsNeeded,
    /// Secrets that cannot be used.
    SecretsWrong { error: Shown<'m> },
    /// A log filter that cannot be parsed.
    LogFilterInvalid { text: &'m str, error: Shown<'m> },
    /// Where an embedded store is.
    RecordsInFolder { folder: Shown<'m> },
    /// Where the records are in Redis.
    RecordsInRedis { prefix: Shown<'m> },
    /// The folder of the store is empty.
    NoRecords { file: Shown<'m> },
    /// Another program has the store open.
    RecordsInUse { folder: Shown<'m> },
    /// An import was interrupted.
    ImportIncomplete { folder: Shown<'m> },
    /// A file or folder that cannot be written.
    CannotWrite { path: Shown<'m>, cause: Shown<'m> },
    /// The address of the server cannot be used.
    AddressTaken { listen: Shown<'m>, cause: Shown<'m> },
    /// The address of the metrics cannot be used.
    MetricsAddressTaken { listen: Shown<'m>, cause: Shown<'m> },
    /// The carnival file is not the published one.
    FileDiffers { file: Shown<'m>, version: Shown<'m> },
    /// The program that has the store open does not answer.
    NoAnswer { causes: Shown<'m> },
    /// A point that the carnival does not have, and those that it has.
    UnknownPoint { point: Shown<'m>, known: Shown<'m> },
    /// A route that the carnival does not have, and those that it has.
    UnknownRoute { route: Shown<'m>, known: Shown<'m> },
    /// The server runs.
    Served { name: Shown<'m>, version: Shown<'m>, address: Shown<'m>, url: Shown<'m>, store_location: Shown<'m> },
    /// The answer to SIGHUP.
    NothingReloaded,
    /// The server has stopped.
    Stopped,
    /// Codes of points were written.
    CodesWritten { count: Shown<'m>, folder: Shown<'m> },
    /// After a code was replaced.
    OldPosterRefused,
    /// A point that needs no poster.
    WithoutPoster { name: Shown<'m> },
    /// A point whose printed code cannot be replaced.
    NoPosterToReplace { name: Shown<'m> },
    /// All posters were written.
    PostersWritten { count: Shown<'m> },
    /// A file of paper passports was written.
    PassportsWritten { batch: Shown<'m>, pages: Shown<'m>, file: Shown<'m> },
    /// How paper passports become cards.
    CardsHint,
    /// A carnival file that was only checked.
    CanBePublished,
    /// The last line of the reasons against a change.
    NotPublished,
    /// The last line of the changes that a publication would undo.
    ConfirmUndoing { confirm: Shown<'m> },
    /// The text is already published.
    NothingPublished { name: Shown<'m>, version: Shown<'m> },
    /// A version was published.
    Published { name: Shown<'m>, version: Shown<'m> },
    /// How many stamps complete a route.
    RouteRequires { name: Shown<'m>, required: Shown<'m>, total: Shown<'m> },
    /// How to move a route that is under way.
    ConfirmMove { confirm: Shown<'m> },
    /// Before the text for residents, such as in a chat group.
    ToPassOn,
    /// The mark of the current version in the list.
    CurrentVersion,
    /// A new invitation.
    Invited { id: Shown<'m>, uses: u16, until: Shown<'m> },
    /// An invitation with a wrong place.
    StationMismatch,
    /// An invitation for too few or too many people.
    UsesOutOfRange,
    /// An expiry that cannot be parsed.
    UntilUnreadable { text: Shown<'m> },
    /// An expiry in the past.
    UntilPast,
    /// A booth that the carnival does not have, and those that it has.
    UnknownBooth { booth: Shown<'m>, known: Shown<'m> },
    /// The list of invitations is empty.
    NoInvitations,
    /// Before the time of an end.
    Ended,
    /// Before the time of the last activity.
    LastSeen,
    /// The role.
    Volunteer,
    /// The role.
    Organiser,
    /// An invitation was ended with its sessions.
    InvitationEnded { id: Shown<'m>, count: Shown<'m> },
    /// A session was ended: the server's sentence.
    SessionEnded { says: Shown<'m> },
    /// A roster was invited.
    RosterInvited { count: Shown<'m> },
    /// The sheet of a roster was written.
    SheetWritten { file: Shown<'m> },
    /// New terms of an invitation.
    InvitationChanged { id: Shown<'m>, left: u16, until: Shown<'m> },
    /// A device was admitted, or refused.
    DeviceDecided { name: Shown<'m>, admitted: bool },
    /// The state of a device in the list.
    DeviceState { state: DeviceState },
    /// The mark of an invitation whose new devices wait.
    NeedsApproval,
    /// Ids that name no invitation and no session.
    NothingToEnd { unknown: Shown<'m> },
    /// The file for a report exists.
    RecordsFileExists { path: Shown<'m> },
    /// A report was written.
    RecordsWritten { out: Shown<'m> },
    /// After the plan of a purge.
    NothingPurgedYet,
    /// What a purge counts.
    RecordsDeleted,
    /// What a purge deletes and keeps.
    PurgePlan {
        carnival: Shown<'m>,
        passports: Shown<'m>,
        companion_holders: Shown<'m>,
        stamp_entries: Shown<'m>,
        claims: Shown<'m>,
        claim_entries: Shown<'m>,
        suspicions: Shown<'m>,
        invitations: Shown<'m>,
        sessions: Shown<'m>,
        tallies: Shown<'m>,
        stock_entries: Shown<'m>,
    },
    /// What a purge cannot reach.
    CopiesRemain,
    /// The embedded store holds no deleted records any more.
    DatabaseRewritten { before: Shown<'m>, after: Shown<'m>, copies: Shown<'m> },
    /// Redis rewrites its log.
    LogRewriting { copies: Shown<'m> },
    /// Redis does not rewrite its log.
    LogNotRewritten { error: Shown<'m>, copies: Shown<'m> },
    /// A purge before the end.
    CarnivalNotOver { last_day: Shown<'m> },
    /// A purge of an empty store.
    NothingToPurge,
    /// A purge that failed.
    PurgeUnfinished { error: Shown<'m> },
    /// What an export counts.
    RecordsExported,
    /// An export is complete.
    Exported { count: Shown<'m>, file: Shown<'m> },
    /// The file for an export exists.
    ExportExists { file: Shown<'m> },
    /// A path without a file name.
    NotAFileName { file: Shown<'m> },
    /// The temporary file of an export exists.
    ExportRunning { file: Shown<'m> },
    /// The file of an export cannot be written.
    ExportUnwritable { file: Shown<'m>, cause: Shown<'m> },
    /// The file to import cannot be read.
    ExportUnreadable { file: Shown<'m>, cause: Shown<'m> },
    /// What the check of an import counts.
    RecordsChecked,
    /// What an import counts.
    RecordsVerified,
    /// An import is complete.
    Imported { count: Shown<'m> },
    /// The secrets of an imported store are missing.
    BringSecretsToFolder { folder: Shown<'m> },
    /// The secrets of an imported store are missing, with Redis.
    BringSecrets,
    /// The app of WeChat is not set.
    WeChatMissing,
    /// The message push has a key and no token.
    PushTokenMissing,
    /// The message push has a token and no key.
    PushNotEncrypted,
    /// The token of the message push is too short.
    PushTokenInvalid,
    /// The key of the message push is wrong.
    PushKeyInvalid,
    /// After the simulation.
    RehearsalGoesOn,
    /// The rehearsal ended before the simulation.
    CrowdNotFinished,
    /// The port of a rehearsal cannot be used.
    PortTaken { address: Shown<'m>, cause: Shown<'m> },
    /// The first line of a rehearsal.
    RehearsalRuns,
    /// Before the folder of the data.
    DataFolder,
    /// Before a link.
    Carnival,
    /// Before a link.
    PaperPassport,
    /// Before the commands of a rehearsal; the following ones explain each.
    WholeVisit,
    /// A step of a whole visit.
    LogIn,
    /// A step of a whole visit.
    ReadCarnival,
    /// A step of a whole visit.
    CheckIn,
    /// A step of a whole visit.
    ReadPassport,
    /// A step of a whole visit.
    OpenPostcard,
    /// A step of a whole visit.
    AllPosters,
    /// A step of a whole visit.
    ClaimGift,
    /// A step of a whole visit.
    BeginShift,
    /// A step of a whole visit.
    ConfirmGift,
    /// A step of a whole visit.
    ReadSummary,
    /// A step of a whole visit.
    ConfirmAgain,
}
