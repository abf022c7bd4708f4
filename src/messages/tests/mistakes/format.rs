//! Each format mistake alone: exactly one report, with the expected line and message.

use super::reported_for_each;

#[test]
fn unknown_keys() {
    let reported_text = reported_for_each(&[
        ("time_zone =", "colour = \"red\"\ntime_zone ="),
        (r#"hours = "10:00-11:00""#, "hours = \"10:00-11:00\"\nhuors = \"10:00-11:00\""),
        (r#"venue = "Square""#, r#"venue = "Square", vnue = "x""#),
        ("day = 2023-04-15,", "day = 2023-04-15, dya = 1,"),
        ("[[activities]]\nid = \"dance\"", "[[activites]]\nid = \"dance\""),
        (r#"all_of = "play""#, r#"all_of = "play", al_of = "play""#),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    4: [carnival]: "colour" is not a known key here. Valid here: id, name, theme, place, time_zone, first_day, last_day, login, notice, notice_until, privacy.
    34: point "hall": "huors" is not a known key here. Did you mean hours?
    15: route "play": "market.vnue" is not a known key here. Did you mean venue?
    23: point "gate": "exceptions.dya" is not a known key here. Did you mean day?
    43: "activites" is not a known key here. Did you mean activities?
    64: gift "album": "needs.al_of" is not a known key here. Did you mean all_of?
    "##);
}

#[test]
fn missing_keys() {
    let reported_text = reported_for_each(&[
        ("id = \"spring\"\n", ""),
        ("time_zone = \"Asia/Shanghai\"\n", ""),
        ("hours = \"10:00-11:00\"\n", ""),
        (r#", venue = "Square""#, ""),
        ("needs = { stamps = 3 }\n", ""),
        ("radius_m = 300, ", ""),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    1: [carnival]: id is missing. Add it, such as: id = "chenghua-2023"
    1: [carnival]: time_zone is missing, so the hours are ambiguous. Add the line: time_zone = "Asia/Shanghai"
    28: point "hall": hours is missing. Add it, such as: hours = ["09:00-12:00", "14:00-18:00"]
    15: route "play": market.venue is missing. Add it, such as: market = { name = "时光音乐友邻荟", venue = "杉板桥社区" }
    77: gift "kite": needs is missing. Add it, such as: needs = { stamps = 3, of = "play" }
    25: point "gate": geofence.radius_m is missing. Add it, such as: geofence = { radius_m = 300, required = false }
    "##);
}

#[test]
fn values_of_the_wrong_type() {
    let reported_text = reported_for_each(&[
        (r#"name = "Spring""#, "name = 2023"),
        ("number = 2\nroute", "number = \"2\"\nroute"),
        (r#"hours = "10:00-11:00""#, "hours = 10"),
        (r#"hours = "10:00-11:00""#, r#"hours = ["10:00-11:00", 12]"#),
        ("required = true", r#"required = "yes""#),
        ("last_day = 2023-04-30", "last_day = 30"),
        ("last_day = 2023-04-30", "last_day = 2023-04-30T12:00:00"),
        ("first_day = 2023-04-13", r#"first_day = "13 April""#),
        ("latitude = 30.67", r#"latitude = "30.67""#),
        (r#"codes = ["display", "printed"]"#, r#"codes = "display""#),
        (r#"booths = ["tent"]"#, "booths = [{}]"),
        (r#"market = { name = "Music", venue = "Square" }"#, r#"market = "Music""#),
        ("[[booths]]", "[booths]"),
        ("[carnival]", "[[carnival]]"),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    3: [carnival]: name is the number 2023; write a text in quotes instead, such as: name = "2023成华友邻荟·社区嘉年华"
    30: point "hall": number is the text "2"; write a whole number without quotes instead, such as: number = 1
    33: point "hall": hours is the number 10; write hours in quotes instead, such as: hours = ["09:00-12:00", "14:00-18:00"]
    33: point "hall": hours is the number 12; write hours in quotes instead, such as: hours = ["09:00-12:00", "14:00-18:00"]
    25: point "gate": geofence.required is the text "yes"; write true or false without quotes instead, such as: geofence = { radius_m = 300, required = false }
    5: [carnival]: last_day is the number 30; write a date instead, such as: last_day = 2023-04-30
    5: [carnival]: last_day is 2023-04-30T12:00:00, which is not a date. Write year-month-day, such as: 2023-04-13
    6: [carnival]: first_day is the text "13 April", which is not a date. Write year-month-day, such as: 2023-04-13
    24: point "gate": location.latitude is the text "30.67"; write a number without quotes instead, such as: location = { latitude = 30.67, longitude = 104.12 }
    26: point "gate": codes is the text "display"; write a list in square brackets instead, such as: codes = ["printed"]
    67: gift "album": booths is a table; write a text in quotes instead, such as: booths = ["market-1"]
    15: route "play": market is the text "Music"; write named values in curly brackets instead, such as: market = { name = "时光音乐友邻荟", venue = "杉板桥社区" }
    55: booths is a table; write a header in doubled brackets instead, such as: [[booths]]
    1: carnival is a list; write a header in single brackets instead, such as: [carnival]
    "##);
}

#[test]
fn invalid_texts() {
    let reported_text = reported_for_each(&[
        (r#"id = "spring""#, r#"id = "Spring 2023""#),
        ("id = \"tent\"\nname", "id = \"\"\nname"),
        (r#"name = "Spring""#, r#"name = "  ""#),
        (
            r#"name = "Spring""#,
            r#"name = "春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春春""#,
        ),
        (r#"name = "Spring""#, r#"name = "Spring\tFair""#),
        (r#"closed = "rain""#, r#"closed = """#),
        (r#"login = "web""#, r#"login = "wev""#),
        (r#"login = "web""#, r#"login = "phone""#),
        (r#"codes = ["display", "printed"]"#, r#"codes = ["display", "print"]"#),
        (r#"codes = ["display", "printed"]"#, "codes = []"),
        (r#"codes = ["display", "printed"]"#, r#"codes = ["display", "display"]"#),
        ("Asia/Shanghai", "Asia/Shanghia"),
        ("Asia/Shanghai", "Beijing time"),
        ("Asia/Shanghai", "Etc/Unknown"),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    2: [carnival]: id cannot be "Spring 2023". Use 1 to 40 lower-case letters, digits and single hyphens, such as: id = "chenghua-2023"
    56: booth no. 1 in the file: id cannot be "". Use 1 to 40 lower-case letters, digits and single hyphens, such as: id = "market-1"
    67: gift "album": booths names "tent", but there is no such booth. Write the id of one under [[booths]].
    3: [carnival]: name is empty. Fill it in, such as: name = "2023成华友邻荟·社区嘉年华"; or remove the line if it is optional.
    3: [carnival]: name has 61 characters; at most 60 are allowed. Make it shorter.
    3: [carnival]: name contains invisible control characters, such as a tab or a line break. Remove them and type it again.
    41: point "pond": closed is empty. Fill it in, such as: closed = "因雨关闭"; or remove the line if it is optional.
    7: [carnival]: login cannot be "wev". Did you mean web?
    7: [carnival]: login cannot be "phone". Valid here: mini_program, web.
    26: point "gate": codes cannot be "print". Did you mean printed?
    26: point "gate": codes is empty, so nobody could check in. Write codes = ["printed"] (the poster), or ["display"] (the tablet), or both.
    26: point "gate": "display" appears twice in codes. Remove one.
    4: [carnival]: there is no time zone "Asia/Shanghia". Did you mean "Asia/Shanghai"? Everywhere in China, write: time_zone = "Asia/Shanghai"
    4: [carnival]: there is no time zone "Beijing time". Everywhere in China, write: time_zone = "Asia/Shanghai"
    4: [carnival]: there is no time zone "Etc/Unknown". Everywhere in China, write: time_zone = "Asia/Shanghai"
    "##);
}

#[test]
fn numbers_out_of_range() {
    let reported_text = reported_for_each(&[
        ("number = 2\nroute", "number = 0\nroute"),
        ("number = 2\nroute", "number = 512\nroute"),
        ("number = 4", "number = 100"),
        ("stock = 7", "stock = 500001"),
        ("stock = 7", "stock = -1"),
        ("stock = 7", "stock = 99999999999999999999"),
        ("hold_minutes = 120", "hold_minutes = 0"),
        ("radius_m = 300", "radius_m = 19"),
        ("latitude = 30.67, longitude = 104.12", "latitude = 104.12, longitude = 30.67"),
        ("latitude = 30.67", "latitude = 90.5"),
        ("longitude = 104.12", "longitude = -181"),
        ("longitude = 104.12", "longitude = nan"),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    30: point "hall": number is 0; it must lie between 1 and 511, such as: number = 1
    30: point "hall": number is 512; it must lie between 1 and 511, such as: number = 1
    86: gift "cup": number is 100; it must lie between 1 and 99, such as: number = 1
    89: gift "cup": stock is 500001; it must lie between 0 and 500000, such as: stock = 500
    89: gift "cup": stock is -1; it must lie between 0 and 500000, such as: stock = 500
    89: gift "cup": stock is 99999999999999999999; it must lie between 0 and 500000, such as: stock = 500
    66: gift "album": hold_minutes is 0; it must lie between 1 and 43200, such as: hold_minutes = 120
    25: point "gate": geofence.radius_m is 19; it must lie between 20 and 20000, such as: geofence = { radius_m = 300, required = false }
    24: point "gate": latitude and longitude are swapped. Exchange them, such as: location = { latitude = 30.67, longitude = 104.12 }
    24: point "gate": location.latitude is 90.5; it must lie between -90 and 90, such as: location = { latitude = 30.67, longitude = 104.12 }
    24: point "gate": location.longitude is -181; it must lie between -180 and 180, such as: location = { latitude = 30.67, longitude = 104.12 }
    24: point "gate": location.longitude is the number nan; write a number without quotes instead, such as: location = { latitude = 30.67, longitude = 104.12 }
    "##);
}

#[test]
fn text_that_is_not_toml() {
    let reported_text = reported_for_each(&[
        (r#"name = "Spring""#, "name = “Spring”"),
        (r#"name = "Spring""#, "name = Spring"),
        (r#"name = "Spring""#, r#"name = "Spring"#),
        (r#"name = "Spring""#, r#"name ＝ "Spring""#),
        (r#"name = "Spring""#, "name = \"Spring\"\nname = \"Summer\""),
        ("first_day = 2023-04-13", "first_day = 2023-4-13"),
        ("first_day = 2023-04-13", "first_day = 2023-04-31"),
        ("[[booths]]", "[[booths]"),
        ("[[booths]]", "【【booths】】"),
        (r#""14:00-18:00"]"#, r#""14:00-18:00""#),
    ]);
    insta::assert_snapshot!(reported_text, @r##"
    3: this is the Chinese mark “; write " instead.
    3: this line cannot be read (string values must be quoted, expected literal string). Look for a text without quotes, a bracket without its partner, a date not like 2023-04-13, a key written twice.
    3: this line cannot be read (invalid basic string, expected `"`). Look for a text without quotes, a bracket without its partner, a date not like 2023-04-13, a key written twice.
    3: this is the Chinese mark ＝; write = instead.
    4: this line cannot be read (duplicate key). Look for a text without quotes, a bracket without its partner, a date not like 2023-04-13, a key written twice.
    6: this line cannot be read (invalid date, expected a two-digit month (MM)). Look for a text without quotes, a bracket without its partner, a date not like 2023-04-13, a key written twice.
    6: this line cannot be read (invalid date, expected day between 01 and 30). Look for a text without quotes, a bracket without its partner, a date not like 2023-04-13, a key written twice.
    55: this line cannot be read (unclosed array table, expected `]`). Look for a text without quotes, a bracket without its partner, a date not like 2023-04-13, a key written twice.
    55: this is the Chinese mark 【; write [ instead.
    23: this line cannot be read (missing comma between array elements, expected `,`). Look for a text without quotes, a bracket without its partner, a date not like 2023-04-13, a key written twice.
    "##);
}
