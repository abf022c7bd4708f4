//! What is said to organisers who change the carnival.

use super::super::super::refusal::Refusal;
use super::said::{Said, zoned};

pub(super) fn said() -> Vec<Said> {
    vec![
        (
            Refusal::RouteUnknown,
            "嘉年华里没有这条路线，请刷新后再选一次。",
            "There is no such route in this carnival. Please reload and choose again.",
        ),
        (
            Refusal::VersionUnknown,
            "没有发布过这一版，请看看已发布的版本。",
            "No such version was published. Please look at the list of versions.",
        ),
        (
            Refusal::CarnivalChanged {
                version: 3, by: "李老师".to_owned(), at: Box::new(zoned("2023-04-15T08:10"))
            },
            "李老师在4月15日 08:10发布了第 3 版，您改的不是这一版。请先看看新的版本，再改一次。",
            "李老师 published version 3 on 15 April, 08:10, and yours began from another. Please look at it, then change it again.",
        ),
    ]
}
