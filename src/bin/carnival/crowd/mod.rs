//! `carnival rehearse --crowd N`: simulated people, over HTTP, at a human pace sped up by a factor.
//!
//! The crowd is a client beside the command line. It knows what hangs on walls and lies on tables, asks the server
//! for everything else, and writes down every answer; at the end it compares that with what the server says.

mod arguments;
mod books;
mod booths;
mod cheats;
mod line;
mod numbers;
mod office;
mod phone;
mod plan;
mod progress;
mod report;
mod verdict;
mod walk;
mod words;
mod world;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use carnival::rules::lang::Lang;
use tokio::task::JoinSet;

pub(crate) use arguments::Arguments;
pub(crate) use world::Given;

use self::booths::Booths;
use self::line::{Line, Silence};
use self::office::Told;
use self::plan::Party;
use self::report::Report;
use self::verdict::Verdict;
use self::world::World;
use super::terminal::{say, tell};

/// How often the server is asked for its numbers at the end: it tells them a few seconds late.
const LOOKS: u32 = 20;
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How many paper passports such a crowd needs.
pub(crate) fn cards(arguments: &Arguments, people: u32) -> u32 {
    let parties = plan::parties(people, arguments.seed());
    parties.last().and_then(|last| u32::try_from(last.cards.end).ok()).unwrap_or(0)
}

/// Lets the crowd come and go, tells how it goes, and prints the table.
///
/// # Errors
/// A sentence when there is nowhere to go, when the server does not answer, and when the two do not agree.
pub(crate) async fn rehearse(arguments: &Arguments, people: u32, given: Given, lang: Lang) -> Result<(), String> {
    let silent =
        |Silence| lang.pick("系统没有回答，人群回家了。", "The server gave no answer; the crowd went home.").to_owned();
    let line = Line::new(given.base.clone()).map_err(|cause| cause.to_string())?;
    let (seed, times) = (arguments.seed(), arguments.speed(people).get());
    let parties = plan::parties(people, seed);
    let sorts = plan::Sorts::of(&parties);
    let run = format!("{seed:x}-{:x}", fastrand::u32(..));
    let world = Arc::new(World::look(line, given, times, run).await.map_err(silent)?);
    if !world.is_anything_open().await.map_err(silent)? {
        return Err(lang
            .pick(
                "这个时间没有开放的点位；用 --at 换个时间。",
                "No point is open at this time; choose another with --at.",
            )
            .to_owned());
    }
    // Before its volunteers come: whoever comes beside them took part too.
    let before = office::ask(&world, &BTreeSet::from([world.today.clone()])).await.map_err(silent)?;
    let (booths, staff) =
        Booths::staffed(&world, people, arguments.volunteers(), arguments.by_hand()).await.map_err(silent)?;
    tell(&lang.pick(
        format!("人群来了：{people} 人，{times} 倍速，--seed {seed}，志愿者 {} 人。", staff.len()),
        format!("The crowd comes: {people} people, {times} times as fast, --seed {seed}, {} volunteers.", staff.len()),
    ));
    let ours = staff.len() as u64;
    go(&world, booths, parties, lang).await;
    drop(staff);
    let (verdict, told) = compare(&world, &before, ours).await.map_err(silent)?;
    let page = world.line.books.open().clone();
    let report = Report { sorts, page: &page, told: &told, verdict: &verdict, world: &world, lang };
    say(&report.text());
    if report.is_fine() {
        return Ok(());
    }
    Err(lang
        .pick("人群的数字和系统的不一致，见上表。", "The crowd's numbers and the server's do not agree; see above.")
        .to_owned())
}

/// Everybody comes and goes.
async fn go(world: &Arc<World>, booths: Booths, all: Vec<Party>, lang: Lang) {
    let booths = Arc::new(booths);
    let people = all.iter().map(Party::people).sum();
    let mut parties = JoinSet::new();
    for party in all {
        parties.spawn(walk::walk(Arc::clone(world), Arc::clone(&booths), party));
    }
    tokio::select! {
        _ = parties.join_all() => {}
        () = progress::tell_how_it_goes(world, &booths, people, lang) => {}
    }
}

/// Looks until the two agree, or for as long as the server may be late.
async fn compare(world: &World, before: &Told, ours: u64) -> Result<(Verdict, Told), Silence> {
    for look in 1.. {
        let page = world.line.books.open().clone();
        let days = page.numbers.hours.keys().filter_map(|hour| hour.get(..10)).map(str::to_owned).collect();
        let told = office::ask(world, &days).await?;
        let verdict = Verdict::of(&page.numbers, &page.perhaps, before, &told, ours);
        if verdict.agrees() || look >= LOOKS {
            return Ok((verdict, told));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(Silence)
}
