//! A roster as organisers paste it.

use super::*;
use crate::rules::samples::{at, carnival, the, with_point};

const NOW: &str = "2023-04-13T10:00";

fn read(text: &str) -> Result<Vec<String>, Refusal> {
    let line = |terms: &InvitationTerms| {
        let entry = terms.roster.clone().map(|entry| (entry.name.to_string(), entry.shift));
        let (name, shift) = entry.unwrap_or_default();
        let shift = shift.map(|shift| format!(" {shift}")).unwrap_or_default();
        format!("{name} {}{shift}", terms.place.as_ref().map(ToString::to_string).unwrap_or_default())
    };
    parse(text, &carnival(), at(NOW)).map(|all| all.iter().map(line).collect())
}

#[test]
fn lines_are_read_as_people_paste_them() {
    let expected = Ok(vec![
        "王阿姨 booth/east 2023-04-14 09:00-13:00".to_owned(),
        "Gulnigar Abdurahman point/space-2 2023-04-15 18:00-02:00".to_owned(),
        "李叔叔 point/space-1".to_owned(),
    ]);
    let from_a_sheet =
        "王阿姨\teast\t4月14日 9:00-13:00\n\nGulnigar Abdurahman\t第2站\t2023-04-15 18:00-02:00\n李叔叔\tpoint/space-1";
    assert_eq!(read(from_a_sheet), expected);
    assert_eq!(read(&from_a_sheet.replace('\t', "，").replace('\n', "\r\n")), expected);
    assert_eq!(read(&format!("\u{feff}{from_a_sheet}")), expected, "as an editor on Windows saves it");
    assert_eq!(read("李叔叔  第1站"), Ok(vec!["李叔叔 point/space-1".to_owned()]), "spaces, if there is nothing else");
}

#[test]
fn each_line_becomes_an_invitation_for_one_device() {
    let terms = parse("王阿姨,east,4月14日 9:00-13:00\n李叔叔,east", &carnival(), at(NOW)).unwrap_or_default();
    let one = |terms: &InvitationTerms| (terms.role, terms.uses, terms.approval, terms.until);
    assert_eq!(
        terms.iter().map(one).collect::<Vec<_>>(),
        [(Role::Volunteer, 1, false, at("2023-04-15T06:00")), (Role::Volunteer, 1, false, at("2023-04-30T23:59:59")),]
    );
}

#[test]
fn every_wrong_line_is_named_and_nobody_is_invited() {
    let text = "王阿姨,east\n李叔叔\n\u{202e}张姐,east\n赵姐,北边\n周姐,east,上午\n吴姐,east,4月11日 9:00-13:00";
    let mistake = |line, text: &str, wrong| RosterMistake { line, text: text.to_owned(), wrong };
    let lines = vec![
        mistake(2, "李叔叔", RosterFault::PartsMissing),
        mistake(3, "张姐", RosterFault::Name),
        mistake(4, "北边", RosterFault::PlaceUnknown),
        mistake(5, "上午", RosterFault::Shift),
        mistake(6, "4月11日 9:00-13:00", RosterFault::ShiftOver),
    ];
    assert_eq!(read(text), Err(StaffRefusal::RosterMistakes { lines }.into()));
    let twins = with_point(2, |point| point.name = "第1站".to_owned());
    let refused = parse("李叔叔,第1站", &twins, at(NOW));
    let lines = vec![mistake(1, "第1站", RosterFault::PlaceAmbiguous)];
    assert_eq!(refused, Err(StaffRefusal::RosterMistakes { lines }.into()));
    let place = Some(the("point/space-1"));
    assert!(parse("李叔叔,space-1", &twins, at(NOW)).is_ok_and(|terms| terms[0].place == place), "its id is clear");
}

#[test]
fn a_roster_has_one_to_two_hundred_lines() {
    let lines = |count: usize| read(&"王阿姨,east\n".repeat(count));
    assert_eq!(lines(0), Err(StaffRefusal::RosterLength { lines: 0, most: 200 }.into()));
    assert!(lines(200).is_ok());
    assert_eq!(lines(201), Err(StaffRefusal::RosterLength { lines: 201, most: 200 }.into()));
}
