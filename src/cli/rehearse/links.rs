//! The output of a rehearsal: links to open, and curl commands to paste into another terminal.

use std::fmt::Write;
use std::path::Path;

use crate::actions::App;
use crate::actions::prints::printed_codes;
use crate::actions::staff::InvitationTerms;
use crate::actions::staff::invitations::invite;
use crate::http::api::views;
use crate::messages::commands::CommandMessage as Message;
use crate::rules::carnival::Carnival;
use crate::rules::lang::Lang;
use crate::rules::staff::roles::{Role, Station};
use jiff::SignedDuration;

use crate::cli::console::{CliError, say};

/// Builds the output: one link per line, and curl commands for a whole visit. Creates invitations and a paper passport.
pub(super) async fn build_links(app: &App, folder: &Path, lang: Lang) -> Result<(String, String), CliError> {
    let current = app.current();
    let carnival = &current.carnival;
    let base = &app.settings.public_url;
    let volunteer = invitation(app, Role::Volunteer, first_booth(carnival)).await?;
    let organiser = invitation(app, Role::Organiser, None).await?;
    let card = printed_codes::paper_passports(app, 1, None).await?;
    let printed = printed_codes::printed(app, &current);
    let mut text = String::new();
    let now = views::local_time(&current, app.now());
    writeln!(text, "{}", say(lang, &Message::RehearsalRuns))?;
    writeln!(text, "  {base}    {}    {now}", carnival.name)?;
    writeln!(text, "  {}: {}", say(lang, &Message::DataFolder), folder.display())?;
    let mut link = |name: &str, link: &str| writeln!(text, "  {name:<18} {link}");
    link("API", &format!("{base}/docs/"))?;
    link(&say(lang, &Message::Carnival), &format!("{base}/v1/carnival"))?;
    link(&say(lang, &Message::Volunteer), &volunteer)?;
    link(&say(lang, &Message::Organiser), &organiser)?;
    for card in &card {
        link(&say(lang, &Message::PaperPassport), &card.link)?;
    }
    for code in printed.iter().filter(|code| code.point.codes.printed) {
        link(code.point.id.as_str(), &code.link)?;
    }
    let first = carnival.routes.first().map(|route| &route.id);
    let of_first = |code: &&printed_codes::PrintedCode| Some(&code.point.route) == first && code.point.codes.printed;
    let links: Vec<&str> = printed.iter().filter(of_first).map(|code| code.link.as_str()).collect();
    let route = first.map(crate::rules::ids::RouteId::as_str).unwrap_or_default();
    let gift = carnival.gifts.first().map(|gift| gift.id.as_str()).unwrap_or_default();
    Ok((text, curl_examples(base, &links, (route, gift), [&volunteer, &organiser], lang)))
}

fn first_booth(carnival: &Carnival) -> Option<Station> {
    let gift = carnival.gifts.first()?;
    let market = carnival.routes.first().map(|route| &route.id);
    let takes = |id| gift.booths.is_empty() || gift.booths.contains(id);
    let at_market = carnival.booths.iter().find(|booth| booth.route.as_ref() == market && takes(&booth.id));
    let booth = at_market.or_else(|| carnival.booths.iter().find(|booth| takes(&booth.id)))?;
    Some(Station::Booth(booth.id.clone()))
}

/// Creates an invitation valid for the whole rehearsal.
pub(super) async fn invitation(app: &App, role: Role, place: Option<Station>) -> Result<String, CliError> {
    let until = app.now().checked_add(SignedDuration::from_hours(24 * 30))?;
    let offer = InvitationTerms { role, place, uses: 100, until, fixed_until: true, approval: false, roster: None };
    Ok(invite(app, offer, None).await?.link)
}

/// Curl commands for a whole visit, to paste into another terminal.
fn curl_examples(
    base: &str,
    links: &[&str],
    (route, gift): (&str, &str),
    [volunteer, organiser]: [&str; 2],
    lang: Lang,
) -> String {
    let links = links.join(" ");
    format!(
        r#"
{paste}
  C={base}; J='content-type: application/json'
  # {log_in}
  ME=$(curl -s $C/v1/sessions/wechat -H "$J" -d '{{"code":"ana"}}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  # {read}
  curl -s --compressed $C/v1/carnival | head -c 300; echo
  # {scan}
  for Q in {links}; do
    curl -s $C/v1/check-ins -H "authorization: Bearer $ME" -H "$J" -d "{{\"code\":\"$Q\"}}" | head -c 260; echo
  done
  # {passport}
  curl -s $C/v1/me/passport -H "authorization: Bearer $ME"; echo
  # {postcard}
  curl -s $C/v1/me/postcards/{route} -H "authorization: Bearer $ME" | sed 's/.*"phone":"\([^"]*\)".*/\1/'; echo
  # {claim}
  V=$(curl -s $C/v1/me/claims -H "authorization: Bearer $ME" -H "$J" -d '{{"gift":"{gift}"}}' | sed 's/.*"id":"\([0-9]*\)".*/\1/'); echo "$V"
  # {duty}
  WE=$(curl -s $C/v1/sessions/staff -H "$J" -d '{{"invitation":"{volunteer}","name":"王阿姨","nonce":"arrival-0001","device":"rehearsal-tablet-0123456789"}}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  # {redeem}
  curl -s $C/v1/booth/redemptions -H "authorization: Bearer $WE" -H "$J" -d "{{\"vouchers\":[\"$V\"],\"nonce\":\"confirm-1\"}}"; echo
  # {again}
  curl -s $C/v1/booth/redemptions -H "authorization: Bearer $WE" -H "$J" -d "{{\"vouchers\":[\"$V\"],\"nonce\":\"confirm-2\"}}"; echo
  # {office}
  CHEN=$(curl -s $C/v1/sessions/staff -H "$J" -d '{{"invitation":"{organiser}","name":"陈社工","nonce":"arrival-0001","device":"rehearsal-laptop-0123456789"}}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  curl -s $C/v1/organiser/summary -H "authorization: Bearer $CHEN" | head -c 400; echo
  curl -s $C/v1/organiser/ledger.csv -H "authorization: Bearer $CHEN" | head -n 4
  # {posters}
  curl -s $C/v1/organiser/posters -H "authorization: Bearer $CHEN" -o ${{TMPDIR:-/tmp}}/posters.pdf; ls -l ${{TMPDIR:-/tmp}}/posters.pdf
"#,
        paste = say(lang, &Message::WholeVisit),
        log_in = say(lang, &Message::LogIn),
        read = say(lang, &Message::ReadCarnival),
        scan = say(lang, &Message::CheckIn),
        passport = say(lang, &Message::ReadPassport),
        postcard = say(lang, &Message::OpenPostcard),
        posters = say(lang, &Message::AllPosters),
        claim = say(lang, &Message::ClaimGift),
        duty = say(lang, &Message::BeginShift),
        redeem = say(lang, &Message::ConfirmGift),
        office = say(lang, &Message::ReadSummary),
        again = say(lang, &Message::ConfirmAgain),
    )
}
