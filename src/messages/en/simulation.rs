//! The texts of the simulated crowd in English.

use crate::messages::simulation::SimulationTexts;

#[rustfmt::skip]
pub(super) const SIMULATION: SimulationTexts = SimulationTexts {
    no_answer: "The server did not respond; the simulation ended.",
    nothing_open: "No point is open at this time; choose another with --at.",
    crowd_comes: |people, speed, seed, volunteers| format!("The crowd comes: {people} people, {speed} times as fast, --seed {seed}, {volunteers} volunteers."),
    numbers_differ: "The crowd's numbers and the server's do not agree; see above.",
    colon: ": ",
    comma: ", ",

    people_now: |clock, arrived, people, departed, stamps, waiting, longest| format!("{clock}  {arrived} of {people} came, {departed} went home\n  {stamps} stamps; {waiting} queue, {longest:.0} min at most"),
    at_points: "at the points",
    gifts_left: "gifts left",
    refused: "refused",
    to_confirm: |vouchers| format!("{vouchers} for you to confirm"),

    who_came: |singles, families, carried, alone| format!("{singles} residents alone, {families} families\n  with {carried} paper passports on their phones,\n  {alone} paper passports alone"),
    crowd: "crowd",
    server: "server",
    summary: "summary",
    others: "others",
    quantities: ["passports with a stamp", "stamps", "stamps by the hour", "gifts claimed by phone", "gifts handed over", "refused", "suspicions (too fast)", "stamps, public", "passports, public", "left, public", "ledger: handed over"],
    more_by_others: |more| format!("  {more} by others"),
    differs: "  DIFFERS",
    gifts: "gifts (stock = handed over + held + left)",
    queues: |waiting, minutes, gave_up| format!("booths: at most {waiting} people queued\n  longest wait {minutes:.0} min; {gave_up} gave up"),
    frauds: "fraud attempts",
    refused_because: |label| format!("refused: {label}"),
    stamped_with_suspicion: "stamped, and a suspicion",
    stamped_without_location: "stamped; no point has a location: no suspicion",
    not_refused: "NOT REFUSED",
    lost_responses: |lost, cut, other| format!("lost responses, repeated: {lost} ({cut} cut)\n  with another response: {other}"),
    retries: |times| format!("  busy, retried: {times}"),
    unexpected_responses: "unexpected responses",
    latencies: "response times in ms (mean, slowest)",
    slow_machine: |seconds| format!("This machine is slow for this speed: a response at\n  a booth took {seconds:.0} s of carnival time, and queues\n  were longer than in reality. Choose a smaller --speed."),
    agree: |numbers, others| format!("The crowd and the server agree: {numbers} numbers.{}", if others { " Others took part too." } else { "" }),
    disagree: |differ, numbers| format!("They do not agree: {differ} of {numbers} numbers differ; see DIFFERS, NOT REFUSED, another response, and unexpected."),

    refusal: |code| {
        Some(match code {
            "point_closed" => "point closed",
            "code_unknown" => "code unknown",
            "code_replaced" => "old poster",
            "display_code_too_old" => "tablet's code too old",
            "display_code_needed" => "tablet's code needed",
            "printed_code_needed" => "poster's code needed",
            "gift_not_earned" => "gift not earned",
            "gift_gone" => "gift gone",
            "gift_closed" => "gift closed",
            "pick_up_closed" => "not handed out now",
            "wrong_booth" => "wrong booth",
            "already_redeemed" => "already handed over",
            "route_not_this_week" => "another week's route",
            "too_far_away" => "too far away",
            "location_needed" => "no location",
            "carnival_not_begun" => "not begun",
            "carnival_over" => "carnival over",
            "talk_needed" => "talk needed",
            _ => return None,
        })
    },
    fraud_kinds: ["forged code", "another carnival's code", "claim without stamps", "old photo of a tablet", "voucher used twice", "two places at once"],
    request_kinds: ["log in", "check in", "claim", "booth", "read"],
};
