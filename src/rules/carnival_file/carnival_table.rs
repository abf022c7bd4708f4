//! `[carnival]`: the settings of the carnival as a whole.

use jiff::tz::{TimeZone, TimeZoneDatabase, TimeZoneName};

use super::diagnostics::{Parsed, Reported};
use super::entry::excerpt;
use super::field::{Field, Key};
use super::format_errors::FormatError;
use super::schedule_errors::ScheduleError;
use super::suggestion::suggest;
use super::table::Table;
use crate::rules::carnival::{DateRange, LoginMethod};
use crate::rules::ids::CarnivalId;

const CARNIVAL: Key = Key { name: "carnival", example: "[carnival]" };
const ID: Key = Key { name: "id", example: r#"id = "chenghua-2023""# };
const NAME: Key = Key { name: "name", example: r#"name = "2023成华友邻荟·社区嘉年华""# };
const THEME: Key = Key { name: "theme", example: r#"theme = "爱成都·迎大运·树文明""# };
const PLACE: Key = Key { name: "place", example: r#"place = "成都市成华区""# };
const TIME_ZONE: Key = Key { name: "time_zone", example: r#"time_zone = "Asia/Shanghai""# };
const FIRST_DAY: Key = Key { name: "first_day", example: "first_day = 2023-04-13" };
const LAST_DAY: Key = Key { name: "last_day", example: "last_day = 2023-04-30" };
const NOTICE: Key = Key { name: "notice", example: r#"notice = "今天下雨，第3站不开放。""# };
const PRIVACY: Key =
    Key { name: "privacy", example: r#"privacy = "我们保存什么、不保存什么、怎样删除。""# };
const LOGIN: Key = Key { name: "login", example: r#"login = "mini_program""# };

/// The values of the `[carnival]` table.
pub(super) struct CarnivalTable {
    pub(super) id: Parsed<CarnivalId>,
    pub(super) name: Parsed<String>,
    pub(super) theme: Parsed<Option<String>>,
    pub(super) town: Parsed<Option<String>>,
    pub(super) time_zone: Parsed<TimeZone>,
    pub(super) days: Parsed<DateRange>,
    pub(super) login: Parsed<LoginMethod>,
    pub(super) notice: Parsed<Option<String>>,
    pub(super) privacy: Parsed<Option<String>>,
}

pub(super) fn read(root: &mut Table<'_>) -> CarnivalTable {
    match root.required(CARNIVAL).and_then(|field| Table::with_header(&field)) {
        Ok(table) => read_table(table.labelled_carnival()),
        Err(reported) => nothing(reported),
    }
}

fn read_table(mut table: Table<'_>) -> CarnivalTable {
    let head = CarnivalTable {
        id: table.required(ID).and_then(|field| field.id()),
        name: table.required(NAME).and_then(|field| field.name()),
        theme: optional_name(&mut table, THEME),
        town: optional_name(&mut table, PLACE),
        time_zone: time_zone(&mut table),
        days: days(&mut table, None),
        login: table
            .required(LOGIN)
            .and_then(|field| field.choice(&[("mini_program", LoginMethod::MiniProgram), ("web", LoginMethod::Web)])),
        notice: table.optional(NOTICE).map(|field| field.notice()).transpose(),
        privacy: table.optional(PRIVACY).map(|field| field.long_text()).transpose(),
    };
    table.finish();
    head
}

fn nothing(reported: Reported) -> CarnivalTable {
    CarnivalTable {
        id: Err(reported),
        name: Err(reported),
        theme: Err(reported),
        town: Err(reported),
        time_zone: Err(reported),
        days: Err(reported),
        login: Err(reported),
        notice: Err(reported),
        privacy: Err(reported),
    }
}

/// Uses the bundled time zone database, never the machine's, so that a file parses the same on every machine.
fn time_zone(table: &mut Table<'_>) -> Parsed<TimeZone> {
    let Some(field) = table.optional(TIME_ZONE) else {
        return Err(table.report(FormatError::NoTimeZone));
    };
    let name = field.text()?;
    let known = TimeZoneDatabase::bundled();
    let zone = known.get(name).ok().filter(|zone| !zone.is_unknown());
    zone.ok_or_else(|| {
        let names: Vec<_> = known.available().collect();
        let suggestion = suggest(name, names.iter().map(TimeZoneName::as_str));
        field.report(FormatError::UnknownTimeZone {
            found: excerpt(name),
            suggestion: suggestion.map(ToOwned::to_owned),
        })
    })
}

/// Reads `first_day` and `last_day`. Both must lie within `carnival_days`, if given.
pub(super) fn days(table: &mut Table<'_>, carnival_days: Option<DateRange>) -> Parsed<DateRange> {
    let day = |field: Field<'_>| field.day_within(carnival_days);
    let first = table.required(FIRST_DAY).and_then(day);
    let last_field = table.required(LAST_DAY);
    let last = last_field.as_ref().map_err(|reported| *reported).and_then(|field| field.day_within(carnival_days));
    let (first, last, field) = (first?, last?, last_field?);
    if last < first {
        let path = field.path();
        return Err(field.report(ScheduleError::LastBeforeFirst { path, first, last }));
    }
    Ok(DateRange { first, last })
}

/// Reads an optional name.
pub(super) fn optional_name(table: &mut Table<'_>, key: Key) -> Parsed<Option<String>> {
    table.optional(key).map(|field| field.name()).transpose()
}

/// Reads an optional story.
pub(super) fn optional_story(table: &mut Table<'_>) -> Parsed<Option<String>> {
    const STORY: Key = Key { name: "story", example: r#"story = "用两三句话介绍。""# };
    table.optional(STORY).map(|field| field.story()).transpose()
}
