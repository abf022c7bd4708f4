//! A plan must not depend on the machine's fonts, and its key must change with everything that is visible.

use super::*;
use crate::pictures::svg_document::SvgDocument;
use crate::rules::check_ins::passport::{Passport, Stamp, StampSource};
use crate::rules::ids::PointNumber;

fn sample() -> Carnival {
    crate::rules::carnival_file::parse(include_str!("../../../../config/carnival-2023.toml")).unwrap()
}

fn plan(carnival: &Carnival, stamps: &[(u64, &str)], greeting: &str, size: PostcardSize) -> RenderPlan {
    let stamp = |(nth, (point, at)): (u16, &(u64, &str))| Stamp {
        point: PointNumber::try_from(*point).unwrap(),
        at: at.parse().unwrap(),
        nth,
        how: StampSource::Printed,
        rain: false,
    };
    let number = "0123456789ABC".parse().unwrap();
    let passport = Passport { number, stamps: (1..).zip(stamps).map(stamp).collect(), undone: Vec::new() };
    let card = Postcard::of(carnival, &carnival.routes[0], Some(&passport));
    let greeting = Greeting::parse(greeting).unwrap();
    RenderPlan::of(
        PostcardRequest { carnival, card: &card, greeting: greeting.as_ref(), size, format: ImageFormat::Jpeg },
        &ArtworkSource::Sample,
    )
}

const MORNING: (u64, &str) = (1, "2023-04-14T02:00:00Z");

#[test]
fn the_sample_needs_no_font_of_the_machine() {
    let plan = plan(&sample(), &[MORNING], "妈妈，我们走完啦！——小敏", PostcardSize::Phone);
    for svg in plan.slots.iter().map(|slot| &slot.svg).chain([&plan.background, &plan.frame, &plan.personal]) {
        assert_eq!(SvgDocument::parse(svg).unwrap().face_count(), 1, "only the bundled face is used");
    }
}

#[test]
fn every_visible_change_changes_the_key() {
    let carnival = sample();
    let of = |stamps: &[(u64, &str)], greeting, size| plan(&carnival, stamps, greeting, size).key();
    let key = of(&[MORNING], "好", PostcardSize::Phone);
    assert_eq!(key, of(&[MORNING], " 好 ", PostcardSize::Phone));
    let mut renamed = sample();
    renamed.points[6].name = "新名字".to_owned();
    let mut marked = sample();
    marked.day_marks[0].day = jiff::civil::date(2023, 4, 14);
    let others = [
        of(&[], "好", PostcardSize::Phone),
        of(&[(2, MORNING.1)], "好", PostcardSize::Phone),
        of(&[(1, "2023-04-14T03:00:00Z")], "好", PostcardSize::Phone),
        of(&[MORNING, (2, "2023-04-14T03:00:00Z")], "好", PostcardSize::Phone),
        of(&[MORNING], "好！", PostcardSize::Phone),
        of(&[MORNING], "", PostcardSize::Phone),
        of(&[MORNING], "好", PostcardSize::Print),
        plan(&renamed, &[MORNING], "好", PostcardSize::Phone).key(),
        plan(&marked, &[MORNING], "好", PostcardSize::Phone).key(),
    ];
    let mut all: Vec<_> = others.into_iter().chain([key]).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 10);
    // The minute of a check-in is not visible, so it does not change the key.
    assert_eq!(of(&[(1, "2023-04-14T02:01:00Z")], "好", PostcardSize::Phone), key);
}

#[test]
fn names_and_greetings_are_escaped() {
    let mut carnival = sample();
    carnival.points[0].name = "</text><script>&\"'".to_owned();
    carnival.points[1].name = "<g>二</g>".to_owned();
    carnival.routes[0].name = "<b>玩</b>".to_owned();
    let plan = plan(&carnival, &[MORNING], "<i>&", PostcardSize::Phone);
    let (stamped, open) = (&plan.slots[0].svg, &plan.slots[1].svg);
    for (svg, tag) in [(stamped, "<script>"), (open, "<g>"), (&plan.frame, "<b>"), (&plan.personal, "<i>")] {
        assert!(!svg.contains(tag) && SvgDocument::parse(svg).is_ok(), "{tag} in {svg}");
    }
}
