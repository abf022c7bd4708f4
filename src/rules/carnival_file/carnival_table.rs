//! `[carnival]`: the settings of the carnival as a whole.

use jiff::tz::{TimeZone, TimeZoneDatabase, TimeZoneName};

use super::diagnostics::{Parsed, part, read_fields};
use super::field::Field;
use super::mistake::{MistakeKind, excerpt};
use super::suggestion::suggest;
use super::table::Table;
use crate::rules::carnival::relief::Relief;
use crate::rules::carnival::{Carnival, DateRange, LoginMethod};

/// The days of the carnival; and a carnival with the values of the table, still without entries.
pub(super) fn read(root: &mut Table<'_>) -> (Option<DateRange>, Parsed<Carnival>) {
    let mut carnival_days = None;
    let carnival = root.carnival().and_then(|table| read_table(table, &mut carnival_days));
    (carnival_days, carnival)
}

fn read_table(mut table: Table<'_>, carnival_days: &mut Option<DateRange>) -> Parsed<Carnival> {
    let logins = &[("mini_program", LoginMethod::MiniProgram), ("web", LoginMethod::Web)];
    let carnival = read_fields!(Carnival {
        id: table.read(r#"id = "chenghua-2023""#, Field::id),
        name: table.read(r#"name = "2023成华友邻荟·社区嘉年华""#, Field::name),
        theme: table.read_optional(r#"theme = "爱成都·迎大运·树文明""#, Field::name),
        town: table.read_optional(r#"place = "成都市成华区""#, Field::name),
        time_zone: time_zone(&mut table),
        days: days(&mut table, None).inspect(|days| *carnival_days = Some(*days)),
        login: table.read(r#"login = "mini_program""#, |field| field.choice(logins)),
        notice: table.read_optional(r#"notice = "今天下雨，第3站不开放。""#, Field::notice),
        notice_until: table.read_optional("notice_until = 2023-04-15", Field::day),
        privacy: table.read_optional(r#"privacy = "我们保存什么、不保存什么、怎样删除。""#, Field::long_text),
        routes: Parsed::Ok(Vec::new()),
        points: Parsed::Ok(Vec::new()),
        activities: Parsed::Ok(Vec::new()),
        gifts: Parsed::Ok(Vec::new()),
        booths: Parsed::Ok(Vec::new()),
        day_marks: Parsed::Ok(Vec::new()),
        relief: Parsed::Ok(Relief::default()),
    });
    table.finish();
    carnival
}

/// Uses the bundled time zone database, never the machine's, so that a file parses the same on every machine.
fn time_zone(table: &mut Table<'_>) -> Parsed<TimeZone> {
    let Some(field) = table.optional(r#"time_zone = "Asia/Shanghai""#) else {
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
    let first = table.read("first_day = 2023-04-13", |field| field.day_within(carnival_days));
    let last_field = table.required("last_day = 2023-04-30");
    let last = part(&last_field).and_then(|field| field.day_within(carnival_days));
    let (first, last, field) = (first?, last?, last_field?);
    if last < first {
        return Err(field.report(MistakeKind::LastBeforeFirst { first, last }));
    }
    Ok(DateRange { first, last })
}
