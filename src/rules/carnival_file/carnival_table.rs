//! `[carnival]`: the settings of the carnival as a whole.

use jiff::tz::{TimeZone, TimeZoneDatabase, TimeZoneName};

use super::diagnostics::{Parsed, assemble};
use super::field::{Field, Key};
use super::mistake::{MistakeKind, excerpt};
use super::suggestion::suggest;
use super::table::Table;
use crate::rules::carnival::{Carnival, DateRange, LoginMethod};

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

/// The days of the carnival; and a carnival with the values of the table, still without entries.
pub(super) fn read(root: &mut Table<'_>) -> (Parsed<DateRange>, Parsed<Carnival>) {
    match root.carnival(CARNIVAL) {
        Ok(table) => read_table(table),
        Err(reported) => (Err(reported), Err(reported)),
    }
}

fn read_table(mut table: Table<'_>) -> (Parsed<DateRange>, Parsed<Carnival>) {
    let id = table.read(ID, Field::id);
    let name = table.read(NAME, Field::name);
    let theme = table.read_optional(THEME, Field::name);
    let town = table.read_optional(PLACE, Field::name);
    let time_zone = time_zone(&mut table);
    let days = days(&mut table, None);
    let logins = &[("mini_program", LoginMethod::MiniProgram), ("web", LoginMethod::Web)];
    let login = table.read(LOGIN, |field| field.choice(logins));
    let notice = table.read_optional(NOTICE, Field::notice);
    let privacy = table.read_optional(PRIVACY, Field::long_text);
    table.finish();
    let head = assemble(|| {
        Ok(Carnival {
            id: id?,
            name: name?,
            theme: theme?,
            town: town?,
            time_zone: time_zone?,
            days: days?,
            login: login?,
            notice: notice?,
            privacy: privacy?,
            routes: Vec::new(),
            points: Vec::new(),
            activities: Vec::new(),
            gifts: Vec::new(),
            booths: Vec::new(),
            day_marks: Vec::new(),
        })
    });
    (days, head)
}

/// Uses the bundled time zone database, never the machine's, so that a file parses the same on every machine.
fn time_zone(table: &mut Table<'_>) -> Parsed<TimeZone> {
    let Some(field) = table.optional(TIME_ZONE) else {
        return Err(table.report(MistakeKind::NoTimeZone));
    };
    let name = field.text()?;
    let known = TimeZoneDatabase::bundled();
    let zone = known.get(name).ok().filter(|zone| !zone.is_unknown());
    zone.ok_or_else(|| {
        let names: Vec<_> = known.available().collect();
        let suggestion = suggest(name, names.iter().map(TimeZoneName::as_str));
        field.report(MistakeKind::UnknownTimeZone {
            found: excerpt(name),
            suggestion: suggestion.map(ToOwned::to_owned),
        })
    })
}

/// Reads `first_day` and `last_day`. Both must lie within `carnival_days`, if given.
pub(super) fn days(table: &mut Table<'_>, carnival_days: Option<DateRange>) -> Parsed<DateRange> {
    let first = table.read(FIRST_DAY, |field| field.day_within(carnival_days));
    let last_field = table.required(LAST_DAY);
    let last = last_field.as_ref().map_err(|reported| *reported).and_then(|field| field.day_within(carnival_days));
    let (first, last, field) = (first?, last?, last_field?);
    if last < first {
        return Err(field.report(MistakeKind::LastBeforeFirst { first, last }));
    }
    Ok(DateRange { first, last })
}
