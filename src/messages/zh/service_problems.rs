//! The sentences of problems that are no refusals, in Chinese.

use crate::messages::ServiceProblem;

pub(crate) fn service_problem(problem: ServiceProblem) -> String {
    let fixed = match problem {
        ServiceProblem::StoreBusy => "系统正忙，请稍等几秒再试一次。",
        ServiceProblem::PicturesBusy => "正在处理很多图片，请稍等几秒再试一次。",
        ServiceProblem::LoginUsedUp => "登录已失效，请重新打开小程序再试。",
        ServiceProblem::LoginTooOften => "微信说登录太频繁，请过一分钟再试。",
        ServiceProblem::LoginBusy => "微信登录正忙，请稍等几秒再试。",
        ServiceProblem::LoginRefused => "微信没有让您登录，请到服务台找工作人员。",
        ServiceProblem::CarnivalMistakes(count) => {
            return format!("嘉年华文件有 {count} 处错误，没有发布。请逐处改好后再发布。");
        }
        ServiceProblem::ChangeRefused => "这样改会让居民失去已经有的东西，没有发布。请看每一条原因。",
        ServiceProblem::ChangesUndone { base, version, count } => {
            return format!(
                "第 {base} 版之后改过的 {count} 处会被改回去，所以没有发布。请看每一条：要保留，就下载现在的第 {version} 版再改；确实要改回去，就带上确认码再发布一次。"
            );
        }
        ServiceProblem::LinkExpired => "图片链接已过期，请回到小程序重新打开。",
        ServiceProblem::PushForged => "这不是微信发来的推送。",
        ServiceProblem::PushStale => "这条推送的时间差了五分钟以上，请检查服务器的时钟。",
        ServiceProblem::NotUnderstood => "请求无法识别，请更新小程序后再试。",
        ServiceProblem::Unexpected => "出了点问题，请稍后再试。",
    };
    fixed.to_owned()
}
