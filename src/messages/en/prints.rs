//! The texts of prints in English.

use super::format::{date_time, day};
use crate::messages::format::clock;
use crate::messages::prints::{PosterStep, PrintTexts, VolunteerStep};
use crate::rules::gifts::practice_voucher::PracticeVoucher;

#[rustfmt::skip]
pub(super) const PRINTS: PrintTexts = PrintTexts {
    posters: "posters",
    postcard: "postcard",
    volunteer_card: "volunteer card",

    poster_steps: [
        PosterStep { first: "Open WeChat", second: "and tap Scan", foreign: "打开微信，点“扫一扫”" },
        PosterStep { first: "Point at the", second: "code above", foreign: "对准上面的二维码" },
        PosterStep { first: "Get a stamp,", second: "earn a gift", foreign: "收下一枚章，集齐换礼物" },
    ],
    imprint: |number, id, generation| format!("Point {number} ({id}) · poster no. {} (g{generation}) · damaged or covered? Tell a volunteer", generation + 1),

    paper_passport: "Passport",
    holder: "Name",
    passport_help: [
        "No phone needed: volunteers at the points scan",
        "it and stamp it. Show it for gifts. Keep it safe.",
    ],

    roster_title: "Volunteer's code",
    roster_help: ["To come on duty, scan this code and write your name.", "It works on one device; please do not pass it on."],
    shift: |shift| format!("{}, {}–{}", day(shift.day), clock(shift.from), clock(shift.to)),
    valid_until: |until| format!("Valid until {}", date_time(until)),

    week: |week, days| format!("Week {week} · {days}"),
    stamped_at: |at| at.strftime("%-d %b %Y, %H h").to_string(),
    closed_point: |name| format!("{name} (closed)"),
    complete: "Done",
    complete_on: |day| day.strftime("%-d %b").to_string(),
    progress: |stamped, needed| format!("{stamped} stamps; {needed} complete it"),
    completed: |day, stamped| format!("Complete on {}: {stamped} stamps", day.strftime("%-d %B %Y")),

    volunteer_title: "Volunteers: ready in ten minutes",
    volunteer_steps: [
        VolunteerStep { what: "Begin: open the organiser's invitation, type your name", how: "Next day, open it again on the same phone.", more: "Go off duty after work, and before somebody else uses this phone." },
        VolunteerStep { what: "Look: scan the voucher, or type its nine digits", how: "See which gift it is, and whether it is given at this booth.", more: "Scan a paper passport or a resident's own code to see all gifts." },
        VolunteerStep { what: "Confirm: give the gift once you see “success”", how: "“Already handed over” says when, where and by whom: show the screen.", more: "“Not at this booth”: tell the resident where to go." },
        VolunteerStep { what: "Wrong gift? Undo it within 15 minutes", how: "Find the entry, tap undo, write a reason, take the gift back.", more: "After 15 minutes, ask an organiser." },
    ],
    practise: "Tap practice, try three times: scan, or type nine digits",
    practise_note: "Practice codes record nothing, and work in practice only.",
    practice_answer: |practice| match practice {
        PracticeVoucher::Redeemable => "→ success",
        PracticeVoucher::AlreadyRedeemed => "→ handed over before",
        PracticeVoucher::WrongBooth => "→ not at this booth",
    },
    volunteer_notes: [
        "No signal, no answer? Tap again; nothing is given twice. Wait for “success”.",
        "An argument? Do not argue; ask the resident to wait, and fetch an organiser.",
    ],
    organisers_phone: "Organiser",
    my_booth: "My booth",
};
