//! The sentences of refusals in English.

use super::format::{all_of, date_time, day, day_of, days_of, distance, duration, hours, one_of};
use crate::messages::format::{MAX_NAMES, clock, code_point, is_visible, quoted, reason};
use crate::rules::gifts::claim_lifecycle::VOID_WINDOW;
use crate::rules::refusals::{
    AccessRefusal, CarnivalRefusal, CheckInRefusal, CodeRefusal, GiftRefusal, GiftUnit, MissingPoint, PrintRefusal,
    PriorAction, Refusal, StaffRefusal,
};
use crate::rules::staff::roles::Role;
use crate::rules::staff::roster_mistake::{RosterFault, RosterMistake};

pub(crate) fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Access(refusal) => access(refusal),
        Refusal::Carnival(refusal) => carnival(refusal),
        Refusal::CheckIn(refusal) => check_in(refusal),
        Refusal::Code(refusal) => code(refusal),
        Refusal::Gift(refusal) => gift(refusal),
        Refusal::Print(refusal) => print(refusal),
        Refusal::Staff(refusal) => staff(refusal),
    }
}

fn access(refusal: &AccessRefusal) -> String {
    match refusal {
        AccessRefusal::TokenMissing => "Please log in first. Staff, please open your invitation.".into(),
        AccessRefusal::TokenInvalid => {
            "Your login no longer works; please log in again. Staff, please open your invitation again.".into()
        }
        AccessRefusal::TokenExpired => {
            "Your login has expired; please log in again. Staff, please open your invitation on this device again."
                .into()
        }
        AccessRefusal::SessionEnded => "An organiser ended your shift. To go on, please talk to an organiser.".into(),
        AccessRefusal::SessionLeft => {
            "You went off duty, or somebody else came on duty on this device. To go on, please open your invitation again.".into()
        }
        AccessRefusal::NotYourRole => "You cannot do this. Please ask a volunteer or an organiser for help.".into(),
        AccessRefusal::BoothNeeded => "Please name the booth. Volunteers can only report for their own booth.".into(),
        AccessRefusal::NotYourPoint { yours } => {
            format!("You are on duty at {}, not here. To change, please ask an organiser.", quoted(yours))
        }
        AccessRefusal::NonceReused => {
            "This action was already sent with other content. Please go back and enter it again.".into()
        }
        AccessRefusal::ReasonOdd { most } => {
            format!("Please write the reason in one line of at most {most} characters, without invisible ones.")
        }
        AccessRefusal::TooManyTries { retry_after_s } => {
            format!("That was too fast. Please try again in {}.", duration(*retry_after_s))
        }
        AccessRefusal::ErasedTooOften { retry_after_s } => {
            let wait = duration(*retry_after_s);
            format!("You have erased your data several times today. Please try again in {wait}, or ask the staff.")
        }
    }
}

fn staff(refusal: &StaffRefusal) -> String {
    match refusal {
        StaffRefusal::InvitationUnknown => {
            "There is no such invitation. Please ask an organiser for a new one.".into()
        }
        StaffRefusal::InvitationEnded => {
            "An organiser ended this invitation. To come on duty, please ask an organiser for a new one.".into()
        }
        StaffRefusal::InvitationExpired => {
            "This invitation has expired. Please ask an organiser to extend it, or for a new one.".into()
        }
        StaffRefusal::InvitationUsedUp { uses } => {
            format!("No use of this invitation is left (of {uses}). If you were on duty before, please use the same device; otherwise, please ask an organiser.")
        }
        StaffRefusal::NoUseLeft { uses } => {
            format!("No use of this invitation is left (of {uses}). Please give it more uses, then accept the arrival.")
        }
        StaffRefusal::DeviceBarred => {
            "An organiser ended the shift on this device. To use the invitation on it again, please ask an organiser.".into()
        }
        StaffRefusal::DeviceRefused => {
            "An organiser did not accept this arrival. Please talk to an organiser.".into()
        }
        StaffRefusal::DeviceNeeded => {
            "This device cannot be recognised. Please open the invitation in a normal browser window and allow it to keep site data.".into()
        }
        StaffRefusal::WaitingListFull => {
            "Too many devices wait for an organiser. Please ask an organiser to look at the list first.".into()
        }
        StaffRefusal::NameEmpty => "Please write your name, such as “Aunt Wang”.".into(),
        StaffRefusal::NameTooLong { length, most } => {
            format!("The name has {length} characters; at most {most} are allowed. Please make it shorter.")
        }
        StaffRefusal::NameHidden { found } => {
            format!("The name has an invisible character ({found}). Please delete it and type the name.")
        }
        StaffRefusal::StationMismatch { role: Role::Volunteer } => {
            "Please choose one booth or one point for a volunteer.".into()
        }
        StaffRefusal::StationMismatch { role: Role::Display } => {
            "Please choose a point for the tablet, not a booth.".into()
        }
        StaffRefusal::StationMismatch { .. } => {
            "This role works everywhere. Please choose no booth and no point.".into()
        }
        StaffRefusal::StationNeeded => {
            "Please choose a booth or a point for this volunteer before you accept the arrival.".into()
        }
        StaffRefusal::NoDisplayCode { point } => {
            format!("{} accepts only the poster's code and needs no tablet.", quoted(point))
        }
        StaffRefusal::UsesOutOfRange { most } => {
            format!("An invitation is for 1 to {most} devices. Please change the number.")
        }
        StaffRefusal::UntilUnreadable => {
            "The end cannot be read. Please write it as 2023-04-14 or 2023-04-14T18:00.".into()
        }
        StaffRefusal::UntilPast => "The end is in the past. Please write a later time.".into(),
        StaffRefusal::RosterLength { lines: 0, .. } => {
            "The roster is empty. Please write one person a line: name, booth or point, shift.".into()
        }
        StaffRefusal::RosterLength { lines, most } => {
            format!("The roster has {lines} lines; at most {most} are allowed at once. Please send it in parts.")
        }
        StaffRefusal::RosterMistakes { lines } => {
            let first = lines.first().map(roster_mistake).unwrap_or_default();
            format!("{first} Nobody was invited; lines to correct: {}.", lines.len())
        }
        StaffRefusal::HoursUnreadable => {
            "The time cannot be read. Please write the day and the time, such as 2023-04-14T18:00.".into()
        }
        StaffRefusal::HoursOdd => {
            "Hours must end after they begin, last at most 24 hours, and lie in the past.".into()
        }
        StaffRefusal::LastOrganiser => {
            "You are the last organiser, and somebody must manage the carnival. Please wait until another organiser is on duty.".into()
        }
        StaffRefusal::StaffUnknown => {
            "There is no such invitation, device or session. Please look at the list again.".into()
        }
    }
}

/// What is wrong with a line of a roster, and what to write instead.
pub(crate) fn roster_mistake(mistake: &RosterMistake) -> String {
    let RosterMistake { line, text, wrong } = mistake;
    let text = quoted(text);
    let what = match wrong {
        RosterFault::PartsMissing => format!("{text} has no name or no place"),
        RosterFault::Name => format!("the name {text} is too long or has an invisible character"),
        RosterFault::PlaceUnknown => format!("{text} is neither a booth nor a point"),
        RosterFault::PlaceAmbiguous => format!("several places are called {text}; write the id"),
        RosterFault::Shift => format!("the shift {text} cannot be read; write 2023-04-14 9:00-13:00"),
        RosterFault::ShiftOver => format!("the shift {text} is over"),
    };
    format!("Line {line} of the roster: {what}.")
}

fn carnival(refusal: &CarnivalRefusal) -> String {
    match refusal {
        CarnivalRefusal::PointUnknown => {
            "There is no such point in this carnival. Please reload and choose again.".into()
        }
        CarnivalRefusal::RouteUnknown => {
            "There is no such route in this carnival. Please reload and choose again.".into()
        }
        CarnivalRefusal::BoothUnknown => "There is no such booth. Please check its id.".into(),
        CarnivalRefusal::DayUnknown { days } => {
            format!("There are no records of that day. Write one from {} to {}.", days.first, days.last)
        }
        CarnivalRefusal::DayOver { day, today } => {
            format!("{} is over, so nothing was changed. Please check the date.", day_of(*day, *today))
        }
        CarnivalRefusal::RouteNotOnDay { route, day: on } => format!(
            "The route {} does not run on {} anyway, so nothing was changed. Please check the date.",
            quoted(route),
            day(*on)
        ),
        CarnivalRefusal::ReasonLength { length: 0, .. } => "Please write why it closes, such as “rain”.".into(),
        CarnivalRefusal::ReasonLength { length, most } => {
            format!("The reason has {length} characters; {most} are the maximum. Please shorten it.")
        }
        CarnivalRefusal::NoticeLength { length: 0, .. } => {
            "The notice is empty. Please write one, or leave it out.".into()
        }
        CarnivalRefusal::NoticeLength { length, most } => {
            format!("The notice has {length} characters; {most} are the maximum. Please shorten it.")
        }
        CarnivalRefusal::VersionUnknown => "No such version was published. Please look at the list of versions.".into(),
        CarnivalRefusal::RouteUnderWay { route, people, stops_today, .. } => format!(
            "The route {} is under way; {people} people have a stamp of it today{}. To move it, please confirm.",
            quoted(route),
            if *stops_today { ", and it would give no more" } else { "" }
        ),
        CarnivalRefusal::BaseUnknown { base } => format!(
            "The file begins with carnival-version: {base}, but no such version was published. Download the current file and change that, or delete the line."
        ),
    }
}

fn check_in(refusal: &CheckInRefusal) -> String {
    match refusal {
        CheckInRefusal::CarnivalNotBegun { first_day, today } => {
            format!("The carnival begins on {}. See you then!", day_of(*first_day, *today))
        }
        CheckInRefusal::CarnivalOver { last_day, today } => {
            format!("The carnival ended on {}. Thank you for taking part!", day_of(*last_day, *today))
        }
        CheckInRefusal::RouteNotThisWeek { route, days: week, extra_days, today } => {
            let mut times = vec![days_of(*week, *today)];
            times.extend(extra_days.iter().map(|extra| day_of(*extra, *today)));
            format!("The route {} runs {}; it gives no stamps today.", quoted(route), all_of(&times))
        }
        CheckInRefusal::RouteNotBegun { route, first_day, today } => {
            format!(
                "The route {} begins on {}; its stamps cannot be recorded yet.",
                quoted(route),
                day_of(*first_day, *today)
            )
        }
        CheckInRefusal::InkDayWrong { route, day: on } => {
            format!("The route {} did not run on {}. Please check the day.", quoted(route), day(*on))
        }
        CheckInRefusal::NoRainStamp { point, day: on } => {
            format!("{} gave no rain stamps on {}. Please record it as an ordinary stamp.", quoted(point), day(*on))
        }
        // Does not say whether the route now requires fewer stamps, because this refusal does not know.
        CheckInRefusal::PointClosed { point, hours, reason: Some(why), .. } if hours.is_empty() => format!(
            "{} is closed today: {}. Please try another point of the route, or come another day.",
            quoted(point),
            reason(why)
        ),
        // Closed by the organisers. Tells the resident that the route can still be completed.
        CheckInRefusal::PointClosed { point, reason: Some(why), .. } => {
            format!("{} is closed: {}. The route can be completed without it.", quoted(point), reason(why))
        }
        CheckInRefusal::PointClosed { point, opens: Some(opens), now, .. } => {
            format!("{} opens at {} today. It is {} now.", quoted(point), clock(*opens), clock(now.time()))
        }
        CheckInRefusal::PointClosed { point, hours, .. } if hours.is_empty() => {
            format!("{} is closed today. Please try another point of the route.", quoted(point))
        }
        CheckInRefusal::PointClosed { point, hours: spans, now, .. } => {
            format!("{} was open {} today. It is {} now.", quoted(point), hours(spans), clock(now.time()))
        }
        // Phones can be wrong between tall buildings, so the sentence offers a volunteer's stamp, which needs no
        // location.
        CheckInRefusal::TooFarAway { point, metres, radius_m } => format!(
            "You seem to be {} from {}; please come within {}. If you are there, ask a volunteer for the stamp.",
            distance(*metres),
            quoted(point),
            distance(*radius_m)
        ),
        // Says that the location is not stored, because people ask.
        CheckInRefusal::LocationNeeded { point } => format!(
            "{} needs to know that you are there; please allow the use of your location. It is not stored.",
            quoted(point)
        ),
        CheckInRefusal::StampUnknown { point } => {
            format!("This passport has no stamp of {}, so there is nothing to undo.", quoted(point))
        }
        CheckInRefusal::StampNotByHand { point } => format!(
            "The stamp of {} was earned with a scan and cannot be undone; only stamps that staff recorded can.",
            quoted(point)
        ),
        CheckInRefusal::NotYourStamp { point } => format!(
            "You did not record the stamp of {} in this shift. Please ask the person who did, or an organiser.",
            quoted(point)
        ),
        CheckInRefusal::TooLateToUndo { point, stamped_at } => format!(
            "The stamp of {} was recorded on {}, more than {} minutes ago. Please ask an organiser to undo it.",
            quoted(point),
            date_time(stamped_at),
            VOID_WINDOW.as_mins()
        ),
        CheckInRefusal::StampUsed { point, gift, done } => format!(
            "The stamp of {} earned {}, handed over {}. Please undo the hand-over first.",
            quoted(point),
            quoted(gift),
            when_where_whom(done)
        ),
        CheckInRefusal::CompanionsFull { limit } => {
            format!("A phone carries {limit} paper passports at most. Please remove one first.")
        }
        CheckInRefusal::CompanionUnknown => {
            "This paper passport is not on your phone. Please scan the card to add it first.".into()
        }
        CheckInRefusal::SuspicionUnknown => "There is no such suspicion. Please look at the list again.".into(),
    }
}

fn code(refusal: &CodeRefusal) -> String {
    match refusal {
        CodeRefusal::CodeUnknown => {
            "This is not a code of the carnival. Please scan another one, or ask for help.".into()
        }
        CodeRefusal::CodeOfAnotherKind => {
            "This is a code of the carnival, but not for here. Please scan another one.".into()
        }
        CodeRefusal::PracticeCode => {
            "This is a practice code; no gift is given for it. To practise, turn on practice first.".into()
        }
        CodeRefusal::NotPracticeCode => {
            "This is practice, but not a practice code; nothing was recorded. Turn off practice to do it for real.".into()
        }
        CodeRefusal::CodeReplaced { point } => format!(
            "The poster of {} was replaced, and this is its old code. Please scan the new poster.",
            quoted(point)
        ),
        CodeRefusal::DisplayCodeTooOld => {
            "This code is too old. Please scan the one that the tablet shows now.".into()
        }
        CodeRefusal::DisplayCodeNeeded { point } => {
            format!("At {}, please scan the code on the tablet; the poster gives no stamp there.", quoted(point))
        }
        CodeRefusal::PrintedCodeNeeded { point } => {
            format!("At {}, please scan the code on the poster; the tablet gives no stamp there.", quoted(point))
        }
        CodeRefusal::OwnCodeTooOld => {
            "This personal code is too old. Please ask the resident to refresh it, and scan again.".into()
        }
        CodeRefusal::CodesUsedUp { point } => format!(
            "The code of {} was replaced 63 times, which is the maximum. Close this point and add one with a new number, or use a tablet's code.",
            quoted(point)
        ),
        CodeRefusal::ReissueUnclear => {
            "Which code shall be replaced? Please scan the poster that leaked, or go back to the point and replace its code again.".into()
        }
        CodeRefusal::NoCodeFound => {
            "No code of this carnival was found in the photo. Please take another one of the whole code, in better light.".into()
        }
        CodeRefusal::PhotoUnreadable => {
            "This photo cannot be read. Please send a JPEG or PNG, or take another one.".into()
        }
        CodeRefusal::PhotoTooLarge { width, height, most } => format!(
            "The photo has {width} × {height} pixels; at most {} million are allowed. Please take a smaller one.",
            most / 1_000_000
        ),
    }
}

fn gift(refusal: &GiftRefusal) -> String {
    match refusal {
        GiftRefusal::GiftUnknown => "There is no such gift in this carnival. Please reload and choose again.".into(),
        GiftRefusal::GiftNotEarned { gift, unit, have, need, missing } => {
            let (gift, more) = (quoted(gift), need.saturating_sub(*have));
            let wanted = match (unit, more) {
                (GiftUnit::Stamps, 1) => format!("1 more stamp earns {gift}."),
                (GiftUnit::Stamps, _) => format!("{more} more stamps earn {gift}."),
                (GiftUnit::Routes, 1) => format!("1 more complete route earns {gift}."),
                (GiftUnit::Routes, _) => format!("{more} more complete routes earn {gift}."),
            };
            wanted + &still_to_stamp(missing)
        }
        GiftRefusal::GiftGone { gift } => format!("We are sorry: {} is all gone.", quoted(gift)),
        GiftRefusal::GiftClosed { gift, reason: why } => {
            format!("{} cannot be claimed now: {}.", quoted(gift), reason(why))
        }
        GiftRefusal::PickUpClosed { gift, days: on, hours: spans, now } => {
            let daily = if on.first == on.last { ", " } else { ", daily " };
            let times = if spans.is_empty() { String::new() } else { format!("{daily}{}", hours(spans)) };
            format!("{} is handed out {}{times}. It is {} now.", quoted(gift), days_of(*on, now.date()), date_time(now))
        }
        GiftRefusal::WrongBooth { gift, booths } => {
            let booths: Vec<String> = booths.iter().map(|booth| quoted(booth)).collect();
            format!("{} is handed out at {}.", quoted(gift), one_of(&booths))
        }
        GiftRefusal::ClaimUnknown => "This gift is not set aside for you. Please reload and look again.".into(),
        GiftRefusal::VoucherUnknown => "There is no such voucher. Please check the nine digits and try again.".into(),
        GiftRefusal::RedemptionUnknown => "There is no record of this hand-over. Please reload and look again.".into(),
        GiftRefusal::AlreadyRedeemed { done } => {
            format!("This gift was already handed over {}.", when_where_whom(done))
        }
        // A retry that arrives after the void must not look like permission to hand the gift over.
        GiftRefusal::Voided { done } => format!(
            "This hand-over was undone {}. To hand out the gift, scan the voucher again.",
            when_where_whom(done)
        ),
        GiftRefusal::TooLateToVoid { redeemed_at } => format!(
            "This gift was handed over on {}, more than {} minutes ago. Please ask an organiser to undo it.",
            date_time(redeemed_at),
            VOID_WINDOW.as_mins()
        ),
        GiftRefusal::NotYourRedemption { by } => {
            format!("{by} handed this gift over. Please ask {by} or an organiser to undo it.")
        }
        GiftRefusal::TalkNeeded => {
            "An organiser wants to see this passport first. Please bring its holder to the service desk.".into()
        }
        GiftRefusal::StockChangeOdd => {
            "The number does not match its reason: deliveries are above 0, damage is below 0, corrections and moves are not 0.".into()
        }
        GiftRefusal::NoteOdd { most } => {
            format!("Please write the note in one line of at most {most} characters, without invisible ones.")
        }
        GiftRefusal::StockTooLow { gift, stock, promised } => format!(
            "There are {stock} of {}, and {promised} are held or handed over: at most {} can be taken away.",
            quoted(gift),
            stock.saturating_sub(*promised)
        ),
    }
}

fn still_to_stamp(missing: &[MissingPoint]) -> String {
    let names: Vec<String> = missing.iter().take(MAX_NAMES).map(|point| quoted(&point.name)).collect();
    if names.is_empty() {
        String::new()
    } else if missing.len() == names.len() {
        format!(" Not stamped yet: {}.", all_of(&names))
    } else {
        format!(" Not stamped yet: {} and {} more.", names.join(", "), missing.len() - names.len())
    }
}

/// `on 13 April, 15:42 at “友邻荟一号台” by 王阿姨`.
fn when_where_whom(done: &PriorAction) -> String {
    let place = done.place.as_deref().map_or_else(String::new, |place| format!(" at {}", quoted(place)));
    let by = if done.by_you { "you" } else { done.by.as_str() };
    format!("on {}{place} by {by}", date_time(&done.at))
}

fn print(refusal: &PrintRefusal) -> String {
    match refusal {
        PrintRefusal::GreetingTooLong { length, most } => {
            format!("The greeting has {length} characters; {most} fit. Please make it shorter.")
        }
        PrintRefusal::GreetingLines { lines, most } => {
            format!("The greeting has {lines} lines; {most} fit. Please use fewer lines.")
        }
        PrintRefusal::GreetingEmoji { found } => {
            format!("The emoji “{found}” cannot be printed on a postcard. Please use words instead.")
        }
        PrintRefusal::CannotBePrinted { found } => {
            let number = code_point(*found);
            let shown = if is_visible(*found) { format!("{found} ({number})") } else { number };
            format!("No font can print {shown}. Please use another character.")
        }
        PrintRefusal::PassportCount { most } => {
            format!("1 to {most} paper passports are printed at once. Please change the number.")
        }
        PrintRefusal::NoPoster { point } => {
            format!("{} accepts only the tablet's code and has no poster.", quoted(point))
        }
    }
}
