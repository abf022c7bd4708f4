//! Mistakes between entries: duplicate ids, unresolved references, too many or too few entries.

use super::entry::EntryKind;
use crate::rules::lang::Lang;

/// An entry that conflicts with other entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReferenceError {
    DoubledId {
        id: String,
        /// The line of the first use.
        first: usize,
    },
    DoubledNumber {
        kind: EntryKind,
        number: String,
        /// The line of the first use.
        first: usize,
    },
    LeadsNowhere {
        path: String,
        found: String,
        kind: EntryKind,
        suggestion: Option<String>,
    },
    RouteWithoutPoint {
        route: String,
    },
    /// An activity at the market of a route without a market.
    NoMarket {
        route: String,
    },
    /// Not exactly one of `point` and `market`.
    VenueUnclear,
    TooMany {
        kind: EntryKind,
        count: usize,
    },
    NoneAtAll {
        kind: EntryKind,
    },
    GeofenceWithoutLocation,
    NoTimes,
    NoCodes,
    DoubledItem {
        path: String,
        found: String,
    },
}

impl ReferenceError {
    /// The message for the organiser.
    pub(super) fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            ReferenceError::DoubledId { id, first } => format!("id = \"{id}\" 在第 {first} 行已经用过。请换一个。"),
            ReferenceError::DoubledNumber { kind, number, first } => format!(
                "number = {number} 在第 {first} 行已经用过。请给这个{}换一个没用过的编号。",
                kind.noun(Lang::Zh)
            ),
            ReferenceError::LeadsNowhere { path, found, kind, suggestion: Some(suggestion) } => {
                format!("{path} 指向 \"{found}\"，但没有这个{}。是不是想写 \"{suggestion}\"？", kind.noun(Lang::Zh))
            }
            ReferenceError::LeadsNowhere { path, found, kind, suggestion: None } => format!(
                "{path} 指向 \"{found}\"，但没有这个{}。请写一个 {} 里的 id。",
                kind.noun(Lang::Zh),
                kind.header()
            ),
            ReferenceError::RouteWithoutPoint { route } => {
                format!("这条路线没有点位。请加一个 [[points]]，里面写 route = \"{route}\"；或删去这条路线。")
            }
            ReferenceError::NoMarket { route } => format!(
                "路线“{route}”没有写集市。请在那条路线里加上，例如：\
                market = {{ name = \"时光音乐友邻荟\", venue = \"杉板桥社区\" }}"
            ),
            ReferenceError::VenueUnclear => {
                "地点要写一个，且只写一个：点位写 point = \"space-1\"，集市写 market = \"play\"（路线的 id）。"
                    .to_owned()
            }
            ReferenceError::TooMany { kind, count } => {
                format!(
                    "有 {count} 个{}，最多 {} 个。请删减，或分成两个嘉年华。",
                    kind.noun(Lang::Zh),
                    kind.max_count()
                )
            }
            ReferenceError::NoneAtAll { kind } => {
                format!("一个{}也没有。请至少写一个 {}。", kind.noun(Lang::Zh), kind.header())
            }
            ReferenceError::GeofenceWithoutLocation => {
                "有 geofence（距离限制）却没有位置。请加上点位的 location，例如：\
                location = { latitude = 30.67, longitude = 104.12 }；或删去 geofence。"
                    .to_owned()
            }
            ReferenceError::NoTimes => {
                "times 是空的。请写哪天几点，例如：times = [{ day = 2023-04-15, hours = \"10:00-11:30\" }]".to_owned()
            }
            ReferenceError::NoCodes => {
                "codes 是空的，没有人能打卡。请写 codes = [\"printed\"]（海报），或 [\"display\"]（平板），\
                或两样都写。"
                    .to_owned()
            }
            ReferenceError::DoubledItem { path, found } => format!("{path} 里 \"{found}\" 写了两次。请删去一个。"),
        }
    }

    fn en(&self) -> String {
        match self {
            ReferenceError::DoubledId { id, first } => {
                format!("id = \"{id}\" is already used on line {first}. Choose another one.")
            }
            ReferenceError::DoubledNumber { kind, number, first } => format!(
                "number = {number} is already used on line {first}. Give this {} a number that is free.",
                kind.noun(Lang::En)
            ),
            ReferenceError::LeadsNowhere { path, found, kind, suggestion: Some(suggestion) } => format!(
                "{path} names \"{found}\", but there is no such {}. Did you mean \"{suggestion}\"?",
                kind.noun(Lang::En)
            ),
            ReferenceError::LeadsNowhere { path, found, kind, suggestion: None } => format!(
                "{path} names \"{found}\", but there is no such {}. Write the id of one under {}.",
                kind.noun(Lang::En),
                kind.header()
            ),
            ReferenceError::RouteWithoutPoint { route } => format!(
                "this route has no point. Add a [[points]] with route = \"{route}\" in it, or remove the route."
            ),
            ReferenceError::NoMarket { route } => format!(
                "route \"{route}\" has no market. Add one to that route, such as: \
                market = {{ name = \"时光音乐友邻荟\", venue = \"杉板桥社区\" }}"
            ),
            ReferenceError::VenueUnclear => "it must take place at exactly one place: write point = \"space-1\", or \
                market = \"play\" (the route's id)."
                .to_owned(),
            ReferenceError::TooMany { kind, count } => format!(
                "there are {count} entries under {}; at most {} are allowed. Remove some, or split it into two \
                carnivals.",
                kind.header(),
                kind.max_count()
            ),
            ReferenceError::NoneAtAll { kind } => {
                format!("there is no {} at all. Write at least one {}.", kind.noun(Lang::En), kind.header())
            }
            ReferenceError::GeofenceWithoutLocation => {
                "there is a geofence but no place to measure from. Add the point's location, such as: \
                location = { latitude = 30.67, longitude = 104.12 }; or remove the geofence."
                    .to_owned()
            }
            ReferenceError::NoTimes => "times is empty. Write on which day and when, such as: \
                times = [{ day = 2023-04-15, hours = \"10:00-11:30\" }]"
                .to_owned(),
            ReferenceError::NoCodes => "codes is empty, so nobody could check in. \
                Write codes = [\"printed\"] (the poster), or [\"display\"] (the tablet), or both."
                .to_owned(),
            ReferenceError::DoubledItem { path, found } => format!("\"{found}\" appears twice in {path}. Remove one."),
        }
    }
}
