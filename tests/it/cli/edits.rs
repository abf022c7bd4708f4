//! Tests the commands that edit one entry of the published carnival: they say what the API says, and refuse in words.

use std::fs;

use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use serde_json::json;

use super::harness::{Workspace, run, stderr_of_failure, stdout_of, text};
use crate::servers::redis_server::RedisServer;

/// Compares output with an inline snapshot; days, times and codes are masked, because the carnival is one of these days.
macro_rules! output {
    ($text:expr, @$snapshot:literal) => {{
        let text = $text;
        insta::with_settings!({ filters => vec![
            (r"\b[0-9a-f]{16}\b", "[code]"),
            (r"\d{1,2} (to \d{1,2} )?(January|February|March|April|May|June|July|August|September|October|November|December)( \d{4})?( to \d{1,2} [A-Z][a-z]+( \d{4})?)?", "[day]"),
            (r"(\d{4}年)?\d{1,2}月\d{1,2}日(至((\d{4}年)?\d{1,2}月)?\d{1,2}日)?", "[day]"),
            (r"(\[day\],? )?\d\d:\d\d", "[time]"),
        ] }, { insta::allow_duplicates! { insta::assert_snapshot!(text, @$snapshot) } })
    }};
}

/// A day of these, by its distance from today.
fn day(from_today: i32) -> String {
    let today: Date = Zoned::now().in_tz("Asia/Shanghai").unwrap().date();
    (today + from_today.days()).to_string()
}

#[test]
fn a_point_is_closed_and_opened_without_a_server() {
    let workspace = Workspace::new();
    edits_of_a_point(&workspace);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_is_closed_and_opened_beside_a_running_server() {
    let workspace = Workspace::new();
    let served = workspace.serve("serve");
    edits_of_a_point(&workspace);
    let (_, carnival) = served.api.get("", "/v1/carnival").await;
    assert_eq!(carnival["version"], json!(4), "the server itself has published the edits");
}

#[test]
fn a_point_is_closed_and_opened_on_redis() {
    let redis = RedisServer::start();
    edits_of_a_point(&Workspace::on_redis(&redis.url()));
}

fn edits_of_a_point(workspace: &Workspace) {
    let point = |words: &[&str]| stdout_of(&mut workspace.command(&[&["point"], words].concat()));
    let (in_three_days, notice) = (day(3), "第3站不开放。");
    let close = ["close", "p-3", "--reason", "因雨", "--day", &in_three_days, "--notice", notice];
    output!(point(&[&close[..], &["--dry-run"]].concat()), @r##"
    A dry run: nothing has changed. With the change: “第3站” is closed on [day]: 因雨. Everybody with a stamp of the route “玩” on [day], before or after (0 so far), need not visit it from [time] on: the route takes 39 stamps (before: 40). This is never taken back. If it reopens before, nothing changes. People who are there already scan its code and get a rain stamp.

    To pass on to residents:
    “第3站” is closed on [day]: 因雨. With a stamp of the route “玩” on [day], before or after, you need not visit it. If you are there already, scan its poster for a rain stamp. All stamps count.
    [day]“第3站”暂停打卡：因雨。[day]在“玩”路线盖过章的，不论先后，都免这一站。已经到门口的，扫海报盖雨天章。已盖的章都算数。
    "##);
    output!(point(&close), @r##"
    Version 2 is published. “第3站” is closed on [day]: 因雨. Everybody with a stamp of the route “玩” on [day], before or after (0 so far), need not visit it from [time] on: the route takes 39 stamps (before: 40). This is never taken back. If it reopens before, nothing changes. People who are there already scan its code and get a rain stamp.

    To pass on to residents:
    “第3站” is closed on [day]: 因雨. With a stamp of the route “玩” on [day], before or after, you need not visit it. If you are there already, scan its poster for a rain stamp. All stamps count.
    [day]“第3站”暂停打卡：因雨。[day]在“玩”路线盖过章的，不论先后，都免这一站。已经到门口的，扫海报盖雨天章。已盖的章都算数。
    "##);
    output!(point(&[&["--lang", "zh"], &close[..]].concat()), @r##"
    本来就是这样，仍是第 2 版。“第3站”[day]关闭：因雨。[day]在“玩”路线盖过章的人，不论先后（到现在 0 人），从[time]起免这一站：集齐要 39 个章，免了不再收回。在这以前重新开放，就什么也不变。已经到门口的人，扫这一站的码，盖雨天章。

    可以转发给居民：
    [day]“第3站”暂停打卡：因雨。[day]在“玩”路线盖过章的，不论先后，都免这一站。已经到门口的，扫海报盖雨天章。已盖的章都算数。
    “第3站” is closed on [day]: 因雨. With a stamp of the route “玩” on [day], before or after, you need not visit it. If you are there already, scan its poster for a rain stamp. All stamps count.
    "##);
    output!(point(&["open", "p-3"]), @r##"
    Version 3 is published. “第3站” is open again. Its closure on [day] is cancelled too. It was closed for less than 15 minutes, so nothing has changed for anybody.

    To pass on to residents:
    “第3站” is open again, today [time]–[time]. Welcome!
    “第3站”重新开放，今天[time]–[time]。欢迎来打卡！
    "##);
    output!(point(&["close", "p-4", "--reason", "修路", "--for-good", "--lang", "zh"]), @r##"
    已发布第 4 版。“第4站”长期关闭：修路。从[time]起，所有人集齐“玩”路线要 39 个章（原来 40 个），以后也不再提高。在这以前重新开放，就什么也不变。

    可以转发给居民：
    “第4站”不再开放：修路。集齐“玩”路线改为 39 个章，已盖的章都算数。
    “第4站” is closed for good: 修路. The route “玩” now takes 39 stamps. All stamps count.
    "##);
}

#[test]
fn danger_and_no_relief_are_said() {
    let workspace = Workspace::new();
    let in_three_days = day(3);
    let close = |point: &str, more: &str| {
        let words = ["point", "close", point, "--reason", "停电", "--day", &in_three_days, more, "--lang", "zh"];
        stdout_of(&mut workspace.command(&words))
    };
    output!(close("p-5", "--keep-away"), @r##"
    已发布第 2 版。“第5站”[day]关闭：停电。[day]在“玩”路线盖过章的人，不论先后（到现在 0 人），从[time]起免这一站：集齐要 39 个章（原来 40 个），免了不再收回。在这以前重新开放，就什么也不变。扫这一站的码不盖章。

    可以转发给居民：
    [day]“第5站”暂停打卡：停电。[day]在“玩”路线盖过章的，不论先后，都免这一站。请不要过去，注意安全。已盖的章都算数。
    “第5站” is closed on [day]: 停电. With a stamp of the route “玩” on [day], before or after, you need not visit it. Please stay away from it. All stamps count.
    "##);
    output!(close("p-6", "--no-relief"), @r##"
    已发布第 3 版。“第6站”[day]关闭：停电。这一站不免，集齐“玩”路线仍要 39 个章。

    可以转发给居民：
    [day]“第6站”暂停打卡：停电。请先去别的点位，或改天再来。已盖的章都算数。
    “第6站” is closed on [day]: 停电. Please visit another point, or come another day. All stamps count.
    "##);
}

#[test]
fn a_route_under_way_is_moved_after_a_confirmation() {
    let workspace = Workspace::new();
    let (first, last, extra) = (day(-2), day(4), day(5));
    let days = ["route", "move", "play", "--first", &first, "--last", &last, "--extra", &extra];
    let refusal = stderr_of_failure(&mut workspace.command(&days));
    output!(&refusal, @r##"
    The route “玩” is under way; 0 people have a stamp of it today. To move it, please confirm.
    To move it all the same, add --confirm [code]
    "##);
    let code = refusal.trim_end().rsplit(' ').next().unwrap();
    output!(stdout_of(&mut workspace.command(&[&days[..], &["--dry-run", "--lang", "zh"]].concat())), @r##"
    只是先看看，还没有改。改了以后：“玩”路线改到[day]和[day]。
    确定要改，在命令后面加上 --confirm [code]

    可以转发给居民：
    “玩”路线改到[day]和[day]打卡。已盖的章都算数。
    The route “玩” now runs [day] and [day]. All stamps count.
    "##);
    output!(stdout_of(&mut workspace.command(&[&days[..], &["--confirm", code]].concat())), @r##"
    Version 2 is published. The route “玩” now runs [day] and [day].

    To pass on to residents:
    The route “玩” now runs [day] and [day]. All stamps count.
    “玩”路线改到[day]和[day]打卡。已盖的章都算数。
    "##);
    let file = stdout_of(&mut workspace.command(&["publish", "--show"]));
    assert!(file.contains(&format!("extra_days = [{extra}]")), "{file}");
}

#[test]
fn a_notice_is_set_and_removed() {
    let workspace = Workspace::new();
    let until = day(3);
    output!(stdout_of(&mut workspace.command(&["notice", "集市搬到室内。", "--until", &until])), @r##"
    Version 2 is published. The notice is shown until [day].

    To pass on to residents:
    集市搬到室内。
    "##);
    output!(stdout_of(&mut workspace.command(&["notice", "--remove", "--dry-run", "--lang", "zh"])), @"只是先看看，还没有改。改了以后：公告已撤下。");
    output!(stdout_of(&mut workspace.command(&["notice", "--remove"])), @"Version 3 is published. The notice is removed.");
    let published = stdout_of(&mut workspace.command(&["publish", "--show"]));
    let seed = fs::read_to_string(workspace.path("carnival.toml")).unwrap();
    assert_eq!(published, format!("# carnival-version: 3\n{seed}"), "nothing is left of it");
}

#[test]
fn wrong_edits_are_refused_in_words() {
    let workspace = Workspace::new();
    let long = "雨".repeat(250);
    let (yesterday, later, last) = (day(-1), day(30), day(5));
    let close = ["point", "close", "p-1", "--reason"];
    let refusals = [
        &["point", "close", "p-99", "--reason", "因雨"][..],
        &[&close[..], &[""]].concat(),
        &[&close[..], &[&long]].concat(),
        &[&close[..], &["因雨", "--notice", &long]].concat(),
        &[&close[..], &["因雨", "--day", &yesterday]].concat(),
        &[&close[..], &["因雨", "--day", &later]].concat(),
        &["route", "move", "active", "--first", &last, "--last", &last],
        &["route", "move", "play", "--first", &last, "--last", &yesterday],
        &["notice", "集市搬到室内。", "--until", &yesterday],
    ];
    let said = refusals.map(|words| stderr_of_failure(&mut workspace.command(&[words, &["--lang", "zh"]].concat())));
    let said = said.concat().replace(&last, "[last]").replace(&yesterday, "[yesterday]");
    output!(said, @r##"
    没有点位 p-99。现有：p-1, p-2, p-3, p-4, p-5, p-6, p-7, p-8, p-9, p-10, p-11, p-12, p-13, p-14, p-15, p-16, p-17, p-18, p-19, p-20, p-21, p-22, p-23, p-24, p-25, p-26, p-27, p-28, p-29, p-30, p-31, p-32, p-33, p-34, p-35, p-36, p-37, p-38, p-39, p-40
    请写明关闭的原因，例如“因雨”。
    关闭的原因有 250 个字，最多 60 个字，请写短一些。
    公告有 250 个字，最多 200 个字，请写短一些。
    [day]已经过去了，什么都没有改。请检查日期。
    “玩”路线[day]本来就不打卡，什么都没有改。请检查日期。
    没有路线 active。现有：play
    路线“play”：last_day 是 [yesterday]，早于第一天 [last]。请改成 [last] 或更晚。
    [day]已经过去了，什么都没有改。请检查日期。
    "##);
    for words in [
        &["point"][..],
        &["point", "close", "p-1"],
        &["point", "close", "p-1", "--reason", "因雨", "--day", "tomorrow"],
        &["point", "close", "p-1", "--reason", "因雨", "--for-good", "--day", "2023-04-14"],
        &["point", "close", "p-1", "--reason", "因雨", "--for-good", "--no-relief"],
        &["route", "move", "play", "--first", "2023-04-14"],
        &["notice"],
        &["notice", "集市", "--remove"],
    ] {
        let done = run(&mut workspace.command(words));
        assert_eq!((done.status.code(), text(&done.stdout)), (Some(2), String::new()), "{words:?}");
    }
    assert!(stdout_of(&mut workspace.command(&["publish", "--list"])).starts_with("1  "), "nothing was published");
}
