//! Design values: they reach the model, they are optional, and each mistake alone yields exactly one report with its
//! line and remedy.

use jiff::civil::date;

use super::{Lang, read, reported, reported_for_each, small_with};
use crate::rules::carnival::design::{ArtworkPath, CardPattern, CardPosition, Colour, MarkSymbol};
use crate::rules::samples;

const GATE: &str = "codes = [\"display\", \"printed\"]\n";
const HALL: &str = "hours = \"10:00-11:00\"\n";
const POND: &str = "closed = \"rain\"\n";
const ROUTE: &str = "last_day = 2023-04-16\n";
const LAST: &str = "stock = 7";

/// A line followed by another one.
fn and(line: &str, more: &str) -> String {
    format!("{line}{more}\n")
}

fn place(x_mm: &str, y_mm: &str) -> String {
    format!("place = {{ x_mm = {x_mm}, y_mm = {y_mm} }}")
}

/// The small carnival with stamp positions for its three points.
fn placed(places: [&str; 3]) -> String {
    let [gate, hall, pond] = places;
    small_with(&[(GATE, &and(GATE, gate)), (HALL, &and(HALL, hall)), (POND, &and(POND, pond))])
}

#[test]
fn every_design_value_reaches_the_model() {
    let route = "artwork = \"artwork/玩.png\"\ncolour = \"#2C4A7C\"\npattern = \"tiles\"";
    let [gate, hall] = ["stamp = \"artwork/stamps/gate.svg\"", "stamp = \"artwork/玩.png\""];
    let marks = "\n\n[[day_marks]]\nday = 2023-04-14\nname = \" 开幕日 \"\nmark = \"opening\"\n\n\
        [[day_marks]]\nday = \"2023-04-15\"\nname = \"雨天\"\nmark = \"artwork/marks/rain.svg\"";
    let text = small_with(&[
        (ROUTE, &and(ROUTE, route)),
        (GATE, &and(GATE, &format!("{gate}\n{}", place("25.5", "40")))),
        (HALL, &and(HALL, &format!("{hall}\n{}", place("137", "94.0")))),
        (POND, &and(POND, &place("11", "11"))),
        (LAST, &and(LAST, marks)),
    ]);
    let carnival = read(&text);
    let route = &carnival.routes[0];
    let ink = Colour { red: 0x2c, green: 0x4a, blue: 0x7c };
    assert_eq!((carnival.colour(route), carnival.pattern(route)), (ink, CardPattern::Tiles));
    let places: Vec<_> = carnival.points.iter().map(|point| point.card_position).collect();
    let at = |x_mm, y_mm| Some(CardPosition { x_mm, y_mm });
    assert_eq!(places, [at(25.5, 40.0), at(137.0, 94.0), at(11.0, 11.0)]);
    assert_eq!(carnival.points[0].stamp.as_ref().map(ArtworkPath::as_str), Some("artwork/stamps/gate.svg"));
    let mark = |day| carnival.day_mark(date(2023, 4, day)).map(|mark| (mark.name.as_str(), mark.mark.keyword()));
    assert_eq!([mark(13), mark(14), mark(15)], [None, Some(("开幕日", "opening")), Some(("雨天", "drawn"))]);
    let files: Vec<_> = carnival.artwork().into_iter().map(ArtworkPath::as_str).collect();
    assert_eq!(files, ["artwork/玩.png", "artwork/stamps/gate.svg", "artwork/marks/rain.svg"]);
}

#[test]
fn routes_without_a_design_get_distinct_defaults() {
    let carnival = samples::carnival();
    let designs = carnival.routes.iter().map(|route| (carnival.colour(route).to_string(), carnival.pattern(route)));
    let designs: Vec<_> = designs.collect();
    let [play, active, street] = ["#a63d2f", "#2c4a7c", "#2f6b4f"].map(ToOwned::to_owned);
    assert_eq!(designs, [(play, CardPattern::Waves), (active, CardPattern::Leaves), (street, CardPattern::Dots)]);
}

#[test]
fn every_built_in_mark_has_a_keyword() {
    for mark in [MarkSymbol::Opening, MarkSymbol::Umbrella, MarkSymbol::Star, MarkSymbol::Flag] {
        let entry = format!("\n[[day_marks]]\nday = 2023-04-14\nname = \"x\"\nmark = \"{}\"", mark.keyword());
        assert_eq!(read(&small_with(&[(LAST, &and(LAST, &entry))])).day_marks[0].mark, mark);
    }
}

#[test]
fn invalid_design_values() {
    let route = |line: &str| and(ROUTE, line);
    let point = |line: &str| and(HALL, line);
    let reported_text = reported_for_each(&[
        (ROUTE, &route("artwork = \"play.svg\"")),
        (ROUTE, &route("artwork = \"artwork/../secret.svg\"")),
        (ROUTE, &route("artwork = 7")),
        (ROUTE, &route("artwrok = \"artwork/play.svg\"")),
        (ROUTE, &route("colour = \"red\"")),
        (ROUTE, &route("colour = \"#ffd700\"")),
        (ROUTE, &route("color = \"#a63d2f\"")),
        (ROUTE, &route("pattern = \"leafs\"")),
        (ROUTE, &route("pattern = \"stripes\"")),
        (HALL, &point("stamp = \"artwork/hall.svg.exe\"")),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    14: route "play": artwork cannot be "play.svg". Name a picture in the folder artwork next to the carnival file, ending in .svg, .png or .jpg, with only letters, digits, spaces and - _ . in at most 200 characters, such as: artwork = "artwork/play.svg"
    14: route "play": artwork cannot be "artwork/../secret.svg". Name a picture in the folder artwork next to the carnival file, ending in .svg, .png or .jpg, with only letters, digits, spaces and - _ . in at most 200 characters, such as: artwork = "artwork/play.svg"
    14: route "play": artwork is the number 7; write a text in quotes instead, such as: artwork = "artwork/play.svg"
    14: route "play": "artwrok" is not a known key here. Did you mean artwork?
    14: route "play": colour cannot be "red". Write # and six digits or letters a-f, such as: colour = "#a63d2f"
    14: route "play": colour #ffd700 is too light to be read on paper (its contrast is 1.3; at least 3 is required). Use a darker one, such as: colour = "#7f6b00"
    14: route "play": "color" is not a known key here. Did you mean colour?
    14: route "play": pattern cannot be "leafs". Did you mean leaves?
    14: route "play": pattern cannot be "stripes". Valid here: waves, leaves, dots, tiles.
    34: point "hall": stamp cannot be "artwork/hall.svg.exe". Name a picture in the folder artwork next to the carnival file, ending in .svg, .png or .jpg, with only letters, digits, spaces and - _ . in at most 200 characters, such as: stamp = "artwork/stamps/space-1.svg"
    "##);
}

#[test]
fn invalid_stamp_positions() {
    let [left, right] = [place("25.5", "40"), place("120", "40")];
    let (gate, hall, pond) = (left.as_str(), right.as_str(), place("70", "70"));
    let reported_text = [
        placed([gate, hall, &place("10.9", "40")]),
        placed([gate, hall, &place("74", "94.1")]),
        placed([gate, hall, &place("74", "nan")]),
        placed([gate, hall, "place = [74, 52]"]),
        placed([gate, hall, "place = { x_mm = 74 }"]),
        placed([gate, hall, "place = { x_mm = 74, y_mm = 52, z_mm = 1 }"]),
        placed([gate, hall, &place("30.5", "54.13")]),
        placed([gate, gate, gate]),
        placed([gate, hall, ""]),
        placed(["", "", &pond]),
    ]
    .map(|text| reported(&text, Lang::En));
    insta::assert_snapshot!(reported_text.join("\n"), @r#"
    44: point "pond": place.x_mm is 10.9; it must lie between 11 and 137, such as: place = { x_mm = 25.5, y_mm = 40 }
    44: point "pond": place.y_mm is 94.1; it must lie between 11 and 94, such as: place = { x_mm = 25.5, y_mm = 40 }
    44: point "pond": place.y_mm is the number nan; write a number without quotes instead, such as: place = { x_mm = 25.5, y_mm = 40 }
    44: point "pond": place is a list; write named values in curly brackets instead, such as: place = { x_mm = 25.5, y_mm = 40 }
    44: point "pond": place.y_mm is missing. Add it, such as: place = { x_mm = 25.5, y_mm = 40 }
    44: point "pond": "place.z_mm" is not a known key here. Did you mean x_mm?
    44: point "pond": its place is only 14.9 mm from that of point "gate" (line 27), so that one stamp would cover the other. Put them at least 15 mm apart.
    35: point "hall": its place is only 0 mm from that of point "gate" (line 27), so that one stamp would cover the other. Put them at least 15 mm apart.
    44: point "pond": its place is only 0 mm from that of point "gate" (line 27), so that one stamp would cover the other. Put them at least 15 mm apart.
    9: route "play": some of its points have a place on the postcard and others do not: point "pond". Give all points of the route a place, or none.
    9: route "play": some of its points have a place on the postcard and others do not: point "gate", point "hall". Give all points of the route a place, or none.
    "#);
    let chinese = [placed([gate, gate, ""]), placed([gate, hall, &place("30.5", "54.13")])];
    insta::assert_snapshot!(chinese.map(|text| reported(&text, Lang::Zh)).join("\n"), @r#"
    9: 路线“play”：有的点位写了 place（章在明信片上的位置），有的没有写：点位“pond”。请给这条路线的每个点位都写上，或都不写。
    35: 点位“hall”：它的章离点位“gate”的章（第 27 行）只有 0 毫米，会盖在一起。请让 place 至少相隔 15 毫米。
    44: 点位“pond”：它的章离点位“gate”的章（第 27 行）只有 14.9 毫米，会盖在一起。请让 place 至少相隔 15 毫米。
    "#);
}

#[test]
fn stamps_may_be_fifteen_millimetres_apart() {
    read(&placed([&place("20.1", "40"), &place("35.1", "40"), &place("11.1", "52")]));
}

#[test]
fn stamps_of_different_routes_cannot_overlap() {
    let rest = "\n[[routes]]\nid = \"rest\"\nname = \"Rest\"\nfirst_day = 2023-04-20\nlast_day = 2023-04-20\n\n\
        [[points]]\nid = \"bench\"\nnumber = 9\nroute = \"rest\"\nname = \"Bench\"\nhours = \"09:00-10:00\"\n";
    let gate = place("25.5", "40");
    let placed = placed([&gate, &place("120", "40"), &place("70", "70")]);
    read(&format!("{placed}{rest}"));
    read(&format!("{placed}{rest}{gate}\n"));
}

#[test]
fn at_most_ten_points_without_a_position_are_listed() {
    let more = (4..=20).map(|number| {
        format!("[[points]]\nid = \"p{number}\"\nnumber = {number}\nroute = \"play\"\nname = \"x\"\nhours = \"09:00-10:00\"\n")
    });
    let text = placed([&place("25.5", "40"), "", ""]) + "\n" + &more.collect::<String>();
    insta::assert_snapshot!(reported(&text, Lang::En), @r#"9: route "play": some of its points have a place on the postcard and others do not: point "hall", point "pond", point "p4", point "p5", point "p6", point "p7", point "p8", point "p9", point "p10", point "p11" and 9 more. Give all points of the route a place, or none."#);
    insta::assert_snapshot!(reported(&text, Lang::Zh), @r#"9: 路线“play”：有的点位写了 place（章在明信片上的位置），有的没有写：点位“hall”、点位“pond”、点位“p4”、点位“p5”、点位“p6”、点位“p7”、点位“p8”、点位“p9”、点位“p10”、点位“p11”等，还有 9 个。请给这条路线的每个点位都写上，或都不写。"#);
}

#[test]
fn invalid_day_marks() {
    let entry = |day: &str, name: &str, mark: &str| {
        format!("[[day_marks]]\nday = {day}\nname = \"{name}\"\nmark = \"{mark}\"\n")
    };
    let good = entry("2023-04-14", "Opening", "opening");
    let each = [
        entry("2023-05-01", "Labour Day", "star"),
        format!("{good}{}", entry("2023-04-14", "Rain", "umbrella")),
        entry("2023-04-14", "", "star"),
        entry("2023-04-14", "Rain", "umbrela"),
        entry("2023-04-14", "Rain", "cloud"),
        entry("2023-04-14", "Rain", "rain.svg"),
        good.replace("mark =", "makr ="),
        good.replace("[[day_marks]]", "[day_marks]"),
        good.replace("[[day_marks]]", "[[daymarks]]"),
        good.repeat(61),
    ];
    let reported_text = each.map(|entries| reported(&small_with(&[(LAST, &format!("{LAST}\n\n{entries}"))]), Lang::En));
    let reported_text = reported_text.map(|reported_text| reported_text.lines().take(3).collect::<Vec<_>>().join("\n"));
    insta::assert_snapshot!(reported_text.join("\n"), @r#"
    92: day mark no. 1 in the file: 2023-05-01 in day is not a day of the carnival. Write a day from 2023-04-13 to 2023-04-30.
    96: day mark no. 2 in the file: 2023-04-14 already has a mark on line 92. A day has only one; remove one.
    93: day mark no. 1 in the file: name is empty. Fill it in, such as: name = "开幕日"; or remove the line if it is optional.
    94: day mark no. 1 in the file: mark cannot be "umbrela". Did you mean umbrella?
    94: day mark no. 1 in the file: mark cannot be "cloud". Write opening, umbrella, star or flag, or a picture of your own, such as: mark = "artwork/marks/rain.svg"
    94: day mark no. 1 in the file: mark cannot be "rain.svg". Name a picture in the folder artwork next to the carnival file, ending in .svg, .png or .jpg, with only letters, digits, spaces and - _ . in at most 200 characters, such as: mark = "artwork/marks/rain.svg"
    91: day mark no. 1 in the file: mark is missing. Add it, such as: mark = "opening"
    94: day mark no. 1 in the file: "makr" is not a known key here. Did you mean mark?
    91: day_marks is a table; write a header in doubled brackets instead, such as: [[day_marks]]
    91: "daymarks" is not a known key here. Did you mean day_marks?
    91: there are 61 entries under [[day_marks]]; at most 60 are allowed. Remove some, or split it into two carnivals.
    96: day mark no. 2 in the file: 2023-04-14 already has a mark on line 92. A day has only one; remove one.
    100: day mark no. 3 in the file: 2023-04-14 already has a mark on line 96. A day has only one; remove one.
    "#);
}
