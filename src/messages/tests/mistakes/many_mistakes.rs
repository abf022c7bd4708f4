//! A file full of mistakes: all are reported at once, in both languages.

use super::{Lang, messages, mistakes};

const DRAFT: &str = include_str!("many_mistakes.toml");

fn reported_text(lang: Lang) -> String {
    messages(lang).mistake_report(&mistakes(DRAFT), "draft.toml")
}

#[test]
fn in_chinese() {
    insta::assert_snapshot!(reported_text(Lang::Zh), @r##"
    draft.toml:1: [carnival]：缺少 name。请加上，例如：name = "2023成华友邻荟·社区嘉年华"
    draft.toml:1: [carnival]：缺少 time_zone（时区），不知道各处的时间按哪里的钟算。请加上一行：time_zone = "Asia/Shanghai"
    draft.toml:2: [carnival]：id 不能是 "Chenghua 2023"。只能用 1 到 40 个小写英文字母、数字和单个连字符，例如：id = "chenghua-2023"
    draft.toml:3: [carnival]：没有“nmae”这个键。是不是想写 name？
    draft.toml:5: [carnival]：last_day 是 2023-04-13，早于第一天 2023-04-30。请改成 2023-04-30 或更晚。
    draft.toml:6: [carnival]：login 不能是 "miniprogram"。是不是想写 mini_program？
    draft.toml:12: 路线“play”：last_day 写成了文字 "4月18日"，不是一个日期。请写年-月-日，例如：2023-04-13
    draft.toml:13: 路线“play”：market 写成了文字 "时光音乐友邻荟"，应当是花括号里的几项内容，例如：market = { name = "时光音乐友邻荟", venue = "杉板桥社区" }
    draft.toml:20: 路线“active”：extra_days 里的 2023-04-25 已经写过。请删去一个。
    draft.toml:25: 点位“space-1”：route 指向 "plya"，但没有这个路线。是不是想写 "play"？
    draft.toml:27: 点位“space-1”：时段 09:00-12:00 写在 14:00-18:00 之后，其实更早。请按先后排列：["09:00-12:00", "14:00-18:00"]
    draft.toml:30: 点位“space-1”：id = "space-1" 在第 23 行已经用过。请换一个。
    draft.toml:31: 点位“space-1”：number = 1 在第 24 行已经用过。请给这个点位换一个没用过的编号。
    draft.toml:33: 点位“space-1”：name 是空的。请填写，例如：name = "社区美空间·第1站"；如果可以不写，就删去这一行。
    draft.toml:34: 点位“space-1”：hours 里的 "9:00-18:00" 不是时段。请写开始-结束，小时写两位，结束晚于开始；过午夜的写到次日06:00为止，例如："09:00-18:00"、"18:00-02:00"
    draft.toml:35: 点位“space-1”：geofence.radius_m 是 5，应当在 20 到 20000 之间，例如：geofence = { radius_m = 300, required = false }
    draft.toml:35: 点位“space-1”：有 geofence（距离限制）却没有位置。请加上点位的 location，例如：location = { latitude = 30.67, longitude = 104.12 }；或删去 geofence。
    draft.toml:36: 点位“space-1”：codes 不能是 "print"。是不是想写 printed？
    draft.toml:38: 第 3 个点位：缺少 id。请加上，例如：id = "space-1"
    draft.toml:44: 第 3 个点位：纬度（latitude）和经度（longitude）写反了，请对调。例如：location = { latitude = 30.67, longitude = 104.12 }
    draft.toml:46: 活动“show”：地点要写一个，且只写一个：点位写 point = "space-1"，集市写 market = "play"（路线的 id）。
    draft.toml:49: 活动“show”：缺少 times.hours。请加上，例如：times = [{ day = 2023-04-15, hours = "10:00-11:30" }]
    draft.toml:49: 活动“show”：没有“times.hour”这个键。是不是想写 hours？
    draft.toml:51: 礼物“postcards”：有礼物却没有兑换台，没有地方发。请至少写一个 [[booths]]，例如：id = "market"，name = "集市兑换台"
    draft.toml:55: 礼物“postcards”：要 5 个章，但路线“active”只有 2 个点位，没有人能领到。请写 2 或更少。
    draft.toml:56: 礼物“postcards”：stock 写成了文字 "500"，应当是不加引号的整数，例如：stock = 500
    draft.toml:59: 礼物“medal”：缺少 stock。请加上，例如：stock = 500
    draft.toml:61: 礼物“medal”：number = 1 在第 53 行已经用过。请给这个礼物换一个没用过的编号。
    draft.toml:63: 礼物“medal”：needs.stamps 是 0，不盖章也能领。请写 1 或更多。
    draft.toml:65: 路线“street-life”：有的点位写了 place（章在明信片上的位置），有的没有写：点位“shop-3”。请给这条路线的每个点位都写上，或都不写。
    draft.toml:70: 路线“street-life”：artwork 不能是 "C:\图片\烟火.svg"。请写嘉年华文件旁 artwork 文件夹里的图片，以 .svg、.png 或 .jpg 结尾，文件夹和文件的名字只用文字、数字、空格和 - _ . ，最多 200 个字，例如：artwork = "artwork/play.svg"
    draft.toml:71: 路线“street-life”：colour 的颜色 #ffd700 太浅，印在纸上看不清（对比度 1.3，至少要 3）。请换深一些的，例如：colour = "#7f6b00"
    draft.toml:72: 路线“street-life”：pattern 不能是 "wave"。是不是想写 waves？
    draft.toml:81: 点位“shop-1”：stamp 不能是 "artwork/stamps/shop-1.gif"。请写嘉年华文件旁 artwork 文件夹里的图片，以 .svg、.png 或 .jpg 结尾，文件夹和文件的名字只用文字、数字、空格和 - _ . ，最多 200 个字，例如：stamp = "artwork/stamps/space-1.svg"
    draft.toml:89: 点位“shop-2”：它的章离点位“shop-1”的章（第 80 行）只有 10 毫米，会盖在一起。请让 place 至少相隔 15 毫米。
    draft.toml:101: 第 1 个纪念戳：mark 不能是 "umbrela"。是不是想写 umbrella？
    draft.toml:104: 第 2 个纪念戳：2023-04-15 在第 99 行已经有纪念戳。一天只能有一个，请删去一个。
    draft.toml:106: 第 2 个纪念戳：mark 不能是 "heart"。请写 opening（开幕）、umbrella（雨伞）、star（星星）或 flag（旗子），或自己画的图片，例如：mark = "artwork/marks/rain.svg"
    共 38 处错误。
    "##);
}

#[test]
fn in_english() {
    insta::assert_snapshot!(reported_text(Lang::En), @r##"
    draft.toml:1: [carnival]: name is missing. Add it, such as: name = "2023成华友邻荟·社区嘉年华"
    draft.toml:1: [carnival]: time_zone is missing, so the hours are ambiguous. Add the line: time_zone = "Asia/Shanghai"
    draft.toml:2: [carnival]: id cannot be "Chenghua 2023". Use 1 to 40 lower-case letters, digits and single hyphens, such as: id = "chenghua-2023"
    draft.toml:3: [carnival]: "nmae" is not a known key here. Did you mean name?
    draft.toml:5: [carnival]: last_day is 2023-04-13, before the first day 2023-04-30. Write 2023-04-30 or a later day.
    draft.toml:6: [carnival]: login cannot be "miniprogram". Did you mean mini_program?
    draft.toml:12: route "play": last_day is the text "4月18日", which is not a date. Write year-month-day, such as: 2023-04-13
    draft.toml:13: route "play": market is the text "时光音乐友邻荟"; write named values in curly brackets instead, such as: market = { name = "时光音乐友邻荟", venue = "杉板桥社区" }
    draft.toml:20: route "active": 2023-04-25 in extra_days is listed twice. Remove one.
    draft.toml:25: point "space-1": route names "plya", but there is no such route. Did you mean "play"?
    draft.toml:27: point "space-1": the hours 09:00-12:00 come after 14:00-18:00 but are earlier. Put them in order: ["09:00-12:00", "14:00-18:00"]
    draft.toml:30: point "space-1": id = "space-1" is already used on line 23. Choose another one.
    draft.toml:31: point "space-1": number = 1 is already used on line 24. Give this point a number that is free.
    draft.toml:33: point "space-1": name is empty. Fill it in, such as: name = "社区美空间·第1站"; or remove the line if it is optional.
    draft.toml:34: point "space-1": "9:00-18:00" in hours is not a span of hours. Write start-end with two digits for the hour, the end after the start, or after midnight until 06:00 at the latest, such as: "09:00-18:00", "18:00-02:00"
    draft.toml:35: point "space-1": geofence.radius_m is 5; it must lie between 20 and 20000, such as: geofence = { radius_m = 300, required = false }
    draft.toml:35: point "space-1": there is a geofence but no place to measure from. Add the point's location, such as: location = { latitude = 30.67, longitude = 104.12 }; or remove the geofence.
    draft.toml:36: point "space-1": codes cannot be "print". Did you mean printed?
    draft.toml:38: point no. 3 in the file: id is missing. Add it, such as: id = "space-1"
    draft.toml:44: point no. 3 in the file: latitude and longitude are swapped. Exchange them, such as: location = { latitude = 30.67, longitude = 104.12 }
    draft.toml:46: activity "show": it must take place at exactly one place: write point = "space-1", or market = "play" (the route's id).
    draft.toml:49: activity "show": times.hours is missing. Add it, such as: times = [{ day = 2023-04-15, hours = "10:00-11:30" }]
    draft.toml:49: activity "show": "times.hour" is not a known key here. Did you mean hours?
    draft.toml:51: gift "postcards": there are gifts but no booth to hand them out. Write at least one [[booths]], such as: id = "market" and name = "集市兑换台"
    draft.toml:55: gift "postcards": it asks for 5 stamps, but the number of points of route "active" is 2, so nobody could earn it. Write 2 or less.
    draft.toml:56: gift "postcards": stock is the text "500"; write a whole number without quotes instead, such as: stock = 500
    draft.toml:59: gift "medal": stock is missing. Add it, such as: stock = 500
    draft.toml:61: gift "medal": number = 1 is already used on line 53. Give this gift a number that is free.
    draft.toml:63: gift "medal": needs.stamps is 0, so it would be given without any stamp. Write 1 or more.
    draft.toml:65: route "street-life": some of its points have a place on the postcard and others do not: point "shop-3". Give all points of the route a place, or none.
    draft.toml:70: route "street-life": artwork cannot be "C:\图片\烟火.svg". Name a picture in the folder artwork next to the carnival file, ending in .svg, .png or .jpg, with only letters, digits, spaces and - _ . in at most 200 characters, such as: artwork = "artwork/play.svg"
    draft.toml:71: route "street-life": colour #ffd700 is too light to be read on paper (its contrast is 1.3; at least 3 is required). Use a darker one, such as: colour = "#7f6b00"
    draft.toml:72: route "street-life": pattern cannot be "wave". Did you mean waves?
    draft.toml:81: point "shop-1": stamp cannot be "artwork/stamps/shop-1.gif". Name a picture in the folder artwork next to the carnival file, ending in .svg, .png or .jpg, with only letters, digits, spaces and - _ . in at most 200 characters, such as: stamp = "artwork/stamps/space-1.svg"
    draft.toml:89: point "shop-2": its place is only 10 mm from that of point "shop-1" (line 80), so that one stamp would cover the other. Put them at least 15 mm apart.
    draft.toml:101: day mark no. 1 in the file: mark cannot be "umbrela". Did you mean umbrella?
    draft.toml:104: day mark no. 2 in the file: 2023-04-15 already has a mark on line 99. A day has only one; remove one.
    draft.toml:106: day mark no. 2 in the file: mark cannot be "heart". Write opening, umbrella, star or flag, or a picture of your own, such as: mark = "artwork/marks/rain.svg"
    38 mistakes.
    "##);
}
