//! The sentences of problems that are no refusals, in English.

use crate::messages::ServiceProblem;

pub(crate) fn service_problem(problem: ServiceProblem) -> String {
    let fixed = match problem {
        ServiceProblem::StoreBusy => "We are busy; please try again in a few seconds.",
        ServiceProblem::PicturesBusy => "Many pictures are being worked on; please try again in a few seconds.",
        ServiceProblem::LoginUsedUp => "That login is used up; please open the mini-program again.",
        ServiceProblem::LoginTooOften => "WeChat says that there were too many logins; please try again in a minute.",
        ServiceProblem::LoginBusy => "WeChat's login is busy; please try again in a few seconds.",
        ServiceProblem::LoginRefused => "WeChat did not let you log in; please ask at the booth.",
        ServiceProblem::CarnivalMistakes(count) => {
            return format!(
                "The carnival file has {count} mistakes and was not published. Please correct them and publish again."
            );
        }
        ServiceProblem::ChangeRefused => {
            "This change would take from residents what they have, so it was not published. Please see each reason."
        }
        ServiceProblem::ChangesUndone { base, version, count } => {
            return format!(
                "This would undo {count} changes made since version {base}, so it was not published. Please see each: to keep them, download version {version} and change that; to undo them, publish again with the confirmation code."
            );
        }
        ServiceProblem::LinkExpired => "This picture's link has expired; please open it again from the mini-program.",
        ServiceProblem::PushForged => "This is not a push message from WeChat for this app.",
        ServiceProblem::PushStale => "This push is more than five minutes off; check the server's clock.",
        ServiceProblem::NotUnderstood => "The request was not understood; please update the app and try again.",
        ServiceProblem::Unexpected => "Something went wrong; please try again later.",
    };
    fixed.to_owned()
}
