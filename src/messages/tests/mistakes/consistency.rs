//! Each consistency mistake alone (ids, days, hours, gifts): exactly one report, with the expected line and message.

use super::{SMALL, messages, mistakes, read, reported, reported_for_each, small_with};
use crate::rules::carnival_file::MAX_MISTAKES;
use crate::rules::lang::Lang;

#[test]
fn duplicate_ids_and_numbers() {
    let reported_text = reported_for_each(&[
        (r#"id = "hall""#, r#"id = "gate""#),
        ("number = 2\nroute", "number = 1\nroute"),
        (r#"id = "stalls""#, r#"id = "dance""#),
        (r#"id = "pin""#, r#"id = "album""#),
        ("number = 4", "number = 3"),
        (r#"booths = ["tent"]"#, r#"booths = ["tent", "tent"]"#),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    29: point "gate": id = "gate" is already used on line 18. Choose another one.
    30: point "hall": number = 1 is already used on line 19. Give this point a number that is free.
    50: activity "dance": id = "dance" is already used on line 44. Choose another one.
    71: gift "album": id = "album" is already used on line 61. Choose another one.
    86: gift "cup": number = 3 is already used on line 79. Give this gift a number that is free.
    67: gift "album": "tent" appears twice in booths. Remove one.
    "##);
}

#[test]
fn unresolved_references() {
    let reported_text = reported_for_each(&[
        ("route = \"play\"\nname = \"The hall\"", "route = \"paly\"\nname = \"The hall\""),
        ("route = \"play\"\nname = \"The hall\"", "route = \"winter\"\nname = \"The hall\""),
        (r#"point = "gate""#, r#"point = "gtae""#),
        (r#"market = "play""#, r#"market = "summer""#),
        (r#"booths = ["tent"]"#, r#"booths = ["tents"]"#),
        (r#"all_of = "play""#, r#"all_of = "ply""#),
        (r#"stamps = 2, of = "play""#, r#"stamps = 2, of = "pond""#),
        ("market = { name = \"Music\", venue = \"Square\" }\n", ""),
        ("point = \"gate\"\n", ""),
        ("point = \"gate\"\n", "point = \"gate\"\nmarket = \"play\"\n"),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    31: point "hall": route names "paly", but there is no such route. Did you mean "play"?
    31: point "hall": route names "winter", but there is no such route. Write the id of one under [[routes]].
    46: activity "dance": point names "gtae", but there is no such point. Did you mean "gate"?
    52: activity "stalls": market names "summer", but there is no such route. Write the id of one under [[routes]].
    67: gift "album": booths names "tents", but there is no such booth. Did you mean "tent"?
    64: gift "album": needs.all_of names "ply", but there is no such route. Did you mean "play"?
    74: gift "pin": needs.of names "pond", but there is no such route. Write the id of one under [[routes]].
    51: activity "stalls": route "play" has no market. Add one to that route, such as: market = { name = "时光音乐友邻荟", venue = "杉板桥社区" }
    43: activity "dance": it must take place at exactly one place: write point = "space-1", or market = "play" (the route's id).
    43: activity "dance": it must take place at exactly one place: write point = "space-1", or market = "play" (the route's id).
    "##);
}

#[test]
fn invalid_notices_and_required_stamps() {
    let notice = format!("login = \"web\"\nnotice = \"{}\"", "x".repeat(201));
    let reported_text = reported_for_each(&[
        ("login = \"web\"", &notice),
        ("login = \"web\"", "login = \"web\"\nnotice = \"\"\nprivacy = 7"),
        ("extra_days = [2023-04-29]", "complete_with = 4"),
        ("extra_days = [2023-04-29]", "complete_with = 0"),
        ("extra_days = [2023-04-29]", "complete_with = \"all\""),
        ("hours = [] }]", "hours = [], reason = true }]"),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    8: [carnival]: notice has 201 characters; at most 200 are allowed. Make it shorter.
    8: [carnival]: notice is empty. Fill it in, such as: notice = "今天下雨，第3站不开放。"; or remove the line if it is optional.
    9: [carnival]: privacy is the number 7; write a text in quotes instead, such as: privacy = "我们保存什么、不保存什么、怎样删除。"
    14: route "play": complete_with is 4, but the number of points of this route is 3, so nobody could complete it. Write 3 or less.
    14: route "play": complete_with is 0; it must lie between 1 and 511, such as: complete_with = 6
    14: route "play": complete_with is the text "all"; write a whole number without quotes instead, such as: complete_with = 6
    23: point "gate": exceptions.reason is true; write a text in quotes instead, such as: { day = 2023-04-15, hours = [], reason = "因雨" }
    "##);
    let zh = reported(&small_with(&[("extra_days = [2023-04-29]", "complete_with = 4")]), Lang::Zh);
    assert!(zh.ends_with("complete_with 是 4，但路线只有 3 个点位，没有人能集齐。请写 3 或更少。"), "{zh}");
    let carnival = read(&small_with(&[("extra_days = [2023-04-29]", "complete_with = 3")]));
    assert_eq!(carnival.required_stamps(&carnival.routes[0]), 3, "a relief period lowers it");
}

#[test]
fn inconsistent_days() {
    let reported_text = reported_for_each(&[
        ("last_day = 2023-04-16", "last_day = 2023-04-13"),
        ("last_day = 2023-04-16", "last_day = 2023-05-01"),
        ("extra_days = [2023-04-29]", "extra_days = [2023-04-29, 2023-05-02]"),
        ("extra_days = [2023-04-29]", "extra_days = [2023-04-29, 2023-04-29]"),
        ("day = 2023-04-15,", "day = 2023-04-17,"),
        ("hours = [] }]", "hours = [] },\n  { day = 2023-04-15, hours = \"09:00-10:00\" }]"),
        (
            "exceptions = [{ day = 2023-04-15, hours = [] }]",
            "exceptions = [{ day = 2023-04-14, hours = [] }, { day = 2023-04-15, hours = [] }, { day = 2023-04-16, hours = [] }, { day = 2023-04-29, hours = [] }]",
        ),
        ("day = 2023-04-20", "day = 2022-04-20"),
        (r#"times = [{ day = 2023-04-20, hours = "08:00-09:00" }]"#, "times = []"),
        (
            "pick_up = { first_day = 2023-04-14, last_day = 2023-04-28",
            "pick_up = { first_day = 2023-04-14, last_day = 2024-05-28",
        ),
        (
            "pick_up = { first_day = 2023-04-14, last_day = 2023-04-28",
            "pick_up = { first_day = 2023-04-13, last_day = 2023-04-13",
        ),
    ]);
    insta::assert_snapshot!(reported_text, @r#"
    13: route "play": last_day is 2023-04-13, before the first day 2023-04-14. Write 2023-04-14 or a later day.
    13: route "play": 2023-05-01 in last_day is not a day of the carnival. Write a day from 2023-04-13 to 2023-04-30.
    14: route "play": 2023-05-02 in extra_days is not a day of the carnival. Write a day from 2023-04-13 to 2023-04-30.
    14: route "play": 2023-04-29 in extra_days is listed twice. Remove one.
    23: point "gate": route "play" does not run on 2023-04-17, a day in exceptions (2023-04-14 to 2023-04-16, and its extra_days). Change the day or remove it.
    24: point "gate": 2023-04-15 appears twice in exceptions, first on line 23. Merge the two.
    23: point "gate": exceptions close this point on each day of route "play", so nobody could get its stamp. Leave it open on one, or write closed = "the reason".
    53: activity "stalls": 2022-04-20 in times.day is not a day of the carnival. Write a day from 2023-04-13 to 2023-04-30.
    53: activity "stalls": times is empty. Write on which day and when, such as: times = [{ day = 2023-04-15, hours = "10:00-11:30" }]
    68: gift "album": 2024-05-28 in pick_up.last_day is not a day of the carnival. Write a day from 2023-04-13 to 2023-07-31.
    68: gift "album": pick_up ends on 2023-04-13, but route "play" only begins on 2023-04-14. Make last_day 2023-04-14 or later.
    "#);
}

#[test]
fn inconsistent_hours() {
    let reported_text = reported_for_each(&[
        (r#""09:00-12:00", "14:00-18:00""#, r#""09:00-12:00", "11:00-18:00""#),
        (r#""09:00-12:00", "14:00-18:00""#, r#""14:00-18:00", "09:00-12:00""#),
        (r#"["09:00-12:00", "14:00-18:00"]"#, "[]"),
        (r#""09:00-12:00", "14:00-18:00""#, r#""9:00-12:00", "14:00-14:00""#),
        (r#""20:00-21:30""#, r#""20:00-07:30""#),
        (r#""10:00-12:00""#, "[]"),
    ]);
    insta::assert_snapshot!(reported_text, @r#"
    22: point "gate": the hours 09:00-12:00 and 11:00-18:00 overlap. Merge the two, or separate them, such as: ["09:00-12:00", "14:00-18:00"]
    22: point "gate": the hours 09:00-12:00 come after 14:00-18:00 but are earlier. Put them in order: ["09:00-12:00", "14:00-18:00"]
    22: point "gate": hours has no hours in it. Write when it is open, such as: hours = ["09:00-12:00", "14:00-18:00"]; or closed = "the reason" if it is closed until further notice.
    22: point "gate": "9:00-12:00" in hours is not a span of hours. Write start-end with two digits for the hour, the end after the start, or after midnight until 06:00 at the latest, such as: "09:00-18:00", "18:00-02:00"
    22: point "gate": "14:00-14:00" in hours is not a span of hours. Write start-end with two digits for the hour, the end after the start, or after midnight until 06:00 at the latest, such as: "09:00-18:00", "18:00-02:00"
    47: activity "dance": "20:00-07:30" in times.hours is not a span of hours. Write start-end with two digits for the hour, the end after the start, or after midnight until 06:00 at the latest, such as: "09:00-18:00", "18:00-02:00"
    68: gift "album": pick_up.hours has no hours in it. Write when it is open, such as: hours = ["10:00-18:00"]; or closed = "the reason" if it is closed until further notice.
    "#);
}

#[test]
fn gifts_that_cannot_be_earned_or_picked_up() {
    let reported_text = reported_for_each(&[
        (r#"stamps = 2, of = "play""#, r#"stamps = 4, of = "play""#),
        ("stamps = 3 }", "stamps = 4 }"),
        ("stamps = 3 }", "stamps = 0 }"),
        ("routes = 1", "routes = 2"),
        ("routes = 1", "routes = 1, stamps = 2"),
        (r#"all_of = "play""#, ""),
        ("[[booths]]\nid = \"tent\"\nname = \"The tent\"\nroute = \"play\"\n", ""),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    74: gift "pin": it asks for 4 stamps, but the number of points of route "play" is 3, so nobody could earn it. Write 3 or less.
    81: gift "kite": it asks for 4 stamps, but the number of points of the carnival is 3, so nobody could earn it. Write 3 or less.
    81: gift "kite": needs.stamps is 0, so it would be given without any stamp. Write 1 or more.
    88: gift "cup": it asks for 2 complete routes, but the number of routes that can be completed is 1, so nobody could earn it. Write 1 or less.
    88: gift "cup": needs takes one of four forms: { all_of = "play" } (a complete route), { stamps = 3, of = "play" } (three stamps of a route), { stamps = 10 } (ten stamps of any routes), { routes = 3 } (three complete routes).
    64: gift "album": needs takes one of four forms: { all_of = "play" } (a complete route), { stamps = 3, of = "play" } (three stamps of a route), { stamps = 10 } (ten stamps of any routes), { routes = 3 } (three complete routes).
    56: gift "album": there are gifts but no booth to hand them out. Write at least one [[booths]], such as: id = "market" and name = "集市兑换台"
    "##);
}

#[test]
fn missing_locations_and_points() {
    let reported_text = reported_for_each(&[
        ("location = { latitude = 30.67, longitude = 104.12 }\n", ""),
        (
            "[[points]]\nid = \"gate\"",
            "[[routes]]\nid = \"rest\"\nname = \"Rest\"\nfirst_day = 2023-04-20\nlast_day = 2023-04-20\n\n[[points]]\nid = \"gate\"",
        ),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    24: point "gate": there is a geofence but no place to measure from. Add the point's location, such as: location = { latitude = 30.67, longitude = 104.12 }; or remove the geofence.
    17: route "rest": this route has no point. Add a [[points]] with route = "rest" in it, or remove the route.
    "##);
}

#[test]
fn an_empty_file_lacks_the_carnival_routes_and_points() {
    insta::assert_snapshot!(reported("", Lang::En), @r##"
    1: carnival is missing. Add it, such as: [carnival]
    1: there is no route at all. Write at least one [[routes]].
    1: there is no point at all. Write at least one [[points]].
    "##);
}

#[test]
fn too_many_entries_are_rejected_without_reading_them() {
    let booth = "[[booths]]\nid = \"tent\"\nname = \"The tent\"\nroute = \"play\"\n";
    let many = (0..201).map(|n| format!("[[booths]]\nid = \"b{n}\"\nname = \"Booth\"\n")).collect::<Vec<_>>().concat();
    insta::assert_snapshot!(reported(&SMALL.replace(booth, &many), Lang::En), @r##"
    55: there are 201 entries under [[booths]]; at most 200 are allowed. Remove some, or split it into two carnivals.
    "##);
}

#[test]
fn a_huge_list_is_rejected_without_reading_it() {
    let many = format!("booths = [{}]", "\"tent\", ".repeat(401));
    let text = SMALL.replace("booths = [\"tent\"]", &many);
    insta::assert_snapshot!(reported(&text, Lang::En), @"67: gift \"album\": booths has 401 items; at most 400 are allowed. Remove some.");
}

#[test]
fn at_most_a_thousand_mistakes_are_reported() {
    let doubled = "[[points]]\nid = \"a\"\n".repeat(511);
    assert_eq!(mistakes(&doubled).len(), MAX_MISTAKES);
    let reported_text = messages(Lang::En).mistake_report(&mistakes(&doubled), "it");
    assert!(reported_text.ends_with("\n1000 mistakes or more.\n"));
}

#[test]
fn a_gift_that_cannot_be_earned_by_its_last_pick_up_day() {
    let sample = include_str!("../../../../config/carnival-2023.toml");
    let pick_up = "pick_up = { first_day = 2023-04-25, last_day = 2023-04-30";
    let spoiled = |needs: &str, last: &str| {
        let early = sample.replace(pick_up, &format!("pick_up = {{ first_day = 2023-04-13, last_day = {last}"));
        let text = early.replace("needs = { routes = 3 }", needs);
        crate::rules::carnival_file::parse(&text).err().map(|reported| messages(Lang::En).mistake(&reported[0]))
    };
    assert_eq!(spoiled("needs = { routes = 3 }", "2023-04-25"), None);
    insta::assert_snapshot!(spoiled("needs = { routes = 3 }", "2023-04-24").unwrap_or_default(), @r#"gift "treasures": pick_up ends on 2023-04-24; by then at most 2 are possible and needs asks for 3, so nobody could earn it. Make last_day later."#);
    insta::assert_snapshot!(spoiled("needs = { stamps = 14 }", "2023-04-24").unwrap_or_default(), @r#"gift "treasures": pick_up ends on 2023-04-24; by then at most 13 are possible and needs asks for 14, so nobody could earn it. Make last_day later."#);
    assert_eq!(spoiled("needs = { stamps = 13 }", "2023-04-24"), None);
}
