//! Mistakes that make a gift impossible to earn or to pick up.

use jiff::civil::Date;

use crate::rules::lang::Lang;

/// A requirement that cannot be met, or a gift without a booth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GiftError {
    /// `needs` has none of its four forms.
    NeedsUnclear,
    NeedsNothing {
        path: String,
    },
    MoreThanRoute {
        route: String,
        required: u16,
        points: u16,
    },
    /// `complete_with` of a route exceeds its number of points.
    CompleteWithMore {
        required: u16,
        points: usize,
    },
    MoreThanCarnival {
        required: u16,
        points: u16,
    },
    MoreRoutes {
        required: u16,
        routes: u16,
    },
    /// Every point of the route is closed.
    RouteClosed {
        route: String,
    },
    /// Every point of the carnival is closed.
    AllClosed,
    PickUpTooEarly {
        last: Date,
        route: String,
        first: Date,
    },
    /// Too few stamps or complete routes are possible by the last day of pick-up.
    PickUpBeforeEnough {
        last: Date,
        required: u16,
        available: u16,
    },
    NoBooth,
}

impl GiftError {
    /// The message for the organiser.
    pub(super) fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            GiftError::NeedsUnclear => "needs 要写成以下四种之一：{ all_of = \"play\" }（集齐一条路线）、\
                { stamps = 3, of = \"play\" }（一条路线的 3 个章）、{ stamps = 10 }（总共 10 个章）、\
                { routes = 3 }（集齐 3 条路线）。"
                .to_owned(),
            GiftError::NeedsNothing { path } => format!("{path} 是 0，不盖章也能领。请写 1 或更多。"),
            GiftError::MoreThanRoute { route, required, points } => {
                format!("要 {required} 个章，但路线“{route}”只有 {points} 个点位，没有人能领到。请写 {points} 或更少。")
            }
            GiftError::CompleteWithMore { required, points } => {
                format!("complete_with 是 {required}，但路线只有 {points} 个点位，没有人能集齐。请写 {points} 或更少。")
            }
            GiftError::MoreThanCarnival { required, points } => {
                format!("要 {required} 个章，但嘉年华只有 {points} 个点位，没有人能领到。请写 {points} 或更少。")
            }
            GiftError::MoreRoutes { required, routes } => {
                format!("要集齐 {required} 条路线，但只有 {routes} 条能集齐，没有人能领到。请写 {routes} 或更少。")
            }
            GiftError::RouteClosed { route } => format!(
                "路线“{route}”的点位都关闭了，没有人能领到。\
                请重新开放一个点位，或给这个礼物也写上 closed = \"原因\"。"
            ),
            GiftError::AllClosed => {
                "所有点位都关闭了，没有人能领到。请重新开放点位，或给这个礼物也写上 closed = \"原因\"。".to_owned()
            }
            GiftError::PickUpTooEarly { last, route, first } => {
                format!("pick_up 到 {last} 就结束，而路线“{route}”{first} 才开始。请把 last_day 写成 {first} 或更晚。")
            }
            GiftError::PickUpBeforeEnough { last, required, available } => {
                format!(
                    "pick_up 到 {last} 就结束，那时最多只能集到 {available}，而 needs 要 {required}，没有人能领到。请把 last_day 往后改。"
                )
            }
            GiftError::NoBooth => "有礼物却没有兑换台，没有地方发。请至少写一个 [[booths]]，例如：\
                id = \"market\"，name = \"集市兑换台\""
                .to_owned(),
        }
    }

    fn en(&self) -> String {
        match self {
            GiftError::NeedsUnclear => "needs takes one of four forms: { all_of = \"play\" } (a complete route), \
                { stamps = 3, of = \"play\" } (three stamps of a route), { stamps = 10 } (ten stamps of any routes), \
                { routes = 3 } (three complete routes)."
                .to_owned(),
            GiftError::NeedsNothing { path } => {
                format!("{path} is 0, so it would be given without any stamp. Write 1 or more.")
            }
            GiftError::MoreThanRoute { route, required, points } => format!(
                "it asks for {required} stamps, but the number of points of route \"{route}\" is {points}, so \
                nobody could earn it. Write {points} or less."
            ),
            GiftError::CompleteWithMore { required, points } => format!(
                "complete_with is {required}, but the number of points of this route is {points}, so nobody could \
                complete it. Write {points} or less."
            ),
            GiftError::MoreThanCarnival { required, points } => format!(
                "it asks for {required} stamps, but the number of points of the carnival is {points}, so nobody \
                could earn it. Write {points} or less."
            ),
            GiftError::MoreRoutes { required, routes } => format!(
                "it asks for {required} complete routes, but the number of routes that can be completed is {routes}, \
                so nobody could earn it. Write {routes} or less."
            ),
            GiftError::RouteClosed { route } => format!(
                "all points of route \"{route}\" are closed, so nobody could earn it. \
                Open one of them, or write closed = \"the reason\" for this gift too."
            ),
            GiftError::AllClosed => "all points are closed, so nobody could earn it. \
                Open some of them, or write closed = \"the reason\" for this gift too."
                .to_owned(),
            GiftError::PickUpTooEarly { last, route, first } => format!(
                "pick_up ends on {last}, but route \"{route}\" only begins on {first}. \
                Make last_day {first} or later."
            ),
            GiftError::PickUpBeforeEnough { last, required, available } => format!(
                "pick_up ends on {last}; by then at most {available} are possible and needs asks for {required}, \
                so nobody could earn it. Make last_day later."
            ),
            GiftError::NoBooth => {
                "there are gifts but no booth to hand them out. Write at least one [[booths]], such as: \
                id = \"market\" and name = \"集市兑换台\""
                    .to_owned()
            }
        }
    }
}
