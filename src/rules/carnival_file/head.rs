//! `[carnival]`: the carnival as a whole.

use jiff::tz::{TimeZone, TimeZoneDatabase, TimeZoneName};

use super::entry::shown;
use super::field::{Field, Key};
use super::form::Form;
use super::nearest::nearest;
use super::notes::{Read, Told};
use super::plan::Plan;
use super::table::Table;
use crate::rules::carnival::{Days, Login};
use crate::rules::ids::CarnivalId;

const CARNIVAL: Key = Key { name: "carnival", like: "[carnival]" };
const ID: Key = Key { name: "id", like: r#"id = "chenghua-2023""# };
const NAME: Key = Key { name: "name", like: r#"name = "2023成华友邻荟·社区嘉年华""# };
const THEME: Key = Key { name: "theme", like: r#"theme = "爱成都·迎大运·树文明""# };
const PLACE: Key = Key { name: "place", like: r#"place = "成都市成华区""# };
const TIME_ZONE: Key = Key { name: "time_zone", like: r#"time_zone = "Asia/Shanghai""# };
const FIRST_DAY: Key = Key { name: "first_day", like: "first_day = 2023-04-13" };
const LAST_DAY: Key = Key { name: "last_day", like: "last_day = 2023-04-30" };
const NOTICE: Key = Key { name: "notice", like: r#"notice = "今天下雨，第3站不开放。""# };
const PRIVACY: Key =
    Key { name: "privacy", like: r#"privacy = "我们保存什么、不保存什么、怎样删除。""# };
const LOGIN: Key = Key { name: "login", like: r#"login = "mini_program""# };

/// What `[carnival]` says.
pub(super) struct Head {
    pub(super) id: Read<CarnivalId>,
    pub(super) name: Read<String>,
    pub(super) theme: Read<Option<String>>,
    pub(super) place: Read<Option<String>>,
    pub(super) time_zone: Read<TimeZone>,
    pub(super) days: Read<Days>,
    pub(super) login: Read<Login>,
    pub(super) notice: Read<Option<String>>,
    pub(super) privacy: Read<Option<String>>,
}

pub(super) fn read(root: &mut Table<'_>) -> Head {
    match root.required(CARNIVAL).and_then(|field| Table::headed(&field)) {
        Ok(table) => read_table(table.called_carnival()),
        Err(told) => nothing(told),
    }
}

fn read_table(mut table: Table<'_>) -> Head {
    let head = Head {
        id: table.required(ID).and_then(|field| field.id()),
        name: table.required(NAME).and_then(|field| field.name()),
        theme: optional_name(&mut table, THEME),
        place: optional_name(&mut table, PLACE),
        time_zone: time_zone(&mut table),
        days: days(&mut table, None),
        login: table
            .required(LOGIN)
            .and_then(|field| field.choice(&[("mini_program", Login::MiniProgram), ("web", Login::Web)])),
        notice: table.optional(NOTICE).map(|field| field.notice()).transpose(),
        privacy: table.optional(PRIVACY).map(|field| field.long_text()).transpose(),
    };
    table.finish();
    head
}

fn nothing(told: Told) -> Head {
    Head {
        id: Err(told),
        name: Err(told),
        theme: Err(told),
        place: Err(told),
        time_zone: Err(told),
        days: Err(told),
        login: Err(told),
        notice: Err(told),
        privacy: Err(told),
    }
}

/// The database that came with the program is asked, never the machine's: a file that was checked
/// in one place must read the same in another.
fn time_zone(table: &mut Table<'_>) -> Read<TimeZone> {
    let Some(field) = table.optional(TIME_ZONE) else {
        return Err(table.tell(Form::NoTimeZone));
    };
    let name = field.text()?;
    let known = TimeZoneDatabase::bundled();
    let zone = known.get(name).ok().filter(|zone| !zone.is_unknown());
    zone.ok_or_else(|| {
        let names: Vec<_> = known.available().collect();
        let nearest = nearest(name, names.iter().map(TimeZoneName::as_str));
        field.tell(Form::UnknownTimeZone { found: shown(name), nearest: nearest.map(ToOwned::to_owned) })
    })
}

/// Reads `first_day` and `last_day`, within the frame if there is one.
pub(super) fn days(table: &mut Table<'_>, frame: Option<Days>) -> Read<Days> {
    let day = |field: Field<'_>| field.day_within(frame);
    let first = table.required(FIRST_DAY).and_then(day);
    let last_field = table.required(LAST_DAY);
    let last = last_field.as_ref().map_err(|told| *told).and_then(|field| field.day_within(frame));
    let (first, last, field) = (first?, last?, last_field?);
    if last < first {
        let path = field.path();
        return Err(field.tell(Plan::LastBeforeFirst { path, first, last }));
    }
    Ok(Days { first, last })
}

/// Reads a name that may be left out.
pub(super) fn optional_name(table: &mut Table<'_>, key: Key) -> Read<Option<String>> {
    table.optional(key).map(|field| field.name()).transpose()
}

/// Reads a story that may be left out.
pub(super) fn optional_story(table: &mut Table<'_>) -> Read<Option<String>> {
    const STORY: Key = Key { name: "story", like: r#"story = "用两三句话介绍。""# };
    table.optional(STORY).map(|field| field.story()).transpose()
}
