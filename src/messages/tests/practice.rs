//! Messages about practice vouchers.

use crate::messages::messages;
use crate::rules::gifts::practice_scenario::PracticeScenario;
use crate::rules::gifts::practice_voucher::PracticeVoucher;
use crate::rules::lang::Lang;
use crate::rules::samples::{at, carnival, on_duty, wang};
use crate::rules::staff::roles::Role;

fn refusal_message(voucher: PracticeVoucher, lang: Lang) -> String {
    let (carnival, staff) = (carnival(), on_duty(Role::Volunteer, wang().place));
    let now = at("2023-04-14T10:00");
    let scenario =
        PracticeScenario { voucher, carnival: &carnival, staff: &staff, names: messages(lang).texts().practice, now };
    scenario.refusal().map_or_else(String::new, |no| messages(lang).refusal(&no))
}

#[test]
fn each_voucher_has_its_own_answer() {
    let zh = PracticeVoucher::ALL.map(|voucher| refusal_message(voucher, Lang::Zh));
    assert_eq!(
        zh,
        ["", "这份礼物已于4月14日 09:50在“友邻荟一号台”由练习志愿者确认领取。", "“礼物1”请到“友邻荟二号台”领取。"]
    );
    let en = PracticeVoucher::ALL.map(|voucher| refusal_message(voucher, Lang::En));
    assert_eq!(
        en,
        [
            "",
            "This gift was already handed over on 14 April, 09:50 at “友邻荟一号台” by a practice volunteer.",
            "“礼物1” is handed out at “友邻荟二号台”."
        ]
    );
}

#[test]
fn placeholders_stand_for_what_the_carnival_lacks() {
    let names = [Lang::Zh, Lang::En].map(|lang| messages(lang).texts().practice);
    assert_eq!(names.map(|names| names.gift), ["练习用的礼物", "a practice gift"]);
    assert_eq!(names.map(|names| names.another_booth), ["另一个兑换台", "another booth"]);
}
