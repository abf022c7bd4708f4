//! What can be measured of a page's looks.

use serde_json::Value;

use crate::servers::browser::Chromium;

/// Where pictures go, for whoever wants to look: a folder.
const PICTURES: &str = "CARNIVAL_TEST_PICTURES";

/// Everything that makes a page hard to read on a phone, as a list of complaints.
const MEASURE: &str = r#"
const complaints = [];
const say = (what) => complaints.push(what);
if (document.documentElement.scrollWidth > innerWidth) say(`it is ${document.documentElement.scrollWidth} wide, the phone ${innerWidth}`);
const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const numbers = (color) => color.match(/[\d.]+/g).map(Number);
const light = (color) => { const [r, g, b] = numbers(color).map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    const alpha = numbers(color)[3];
    if (alpha === undefined || alpha > 0) return color;
  }
  return 'rgb(255, 255, 255)';
};
for (const element of document.body.querySelectorAll('*')) {
  const text = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join('');
  if (!text) continue;
  const style = getComputedStyle(element);
  if (parseFloat(style.fontSize) < 18) say(`"${text}" is ${style.fontSize}`);
  const [a, b] = [light(style.color), light(ground(element))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < 7) say(`"${text}" has a contrast of ${contrast.toFixed(1)}`);
  const box = element.getBoundingClientRect();
  if (box.right > innerWidth + 0.5 || box.left < 0) say(`"${text}" reaches out of the screen`);
}
const go = document.querySelector('.go');
if (!go) say('nothing says how to go on');
else if (go.getBoundingClientRect().bottom >= innerHeight) say(`how to go on ends at ${go.getBoundingClientRect().bottom}, below the first screen`);
const asked = performance.getEntriesByType('resource').map((entry) => entry.name);
if (asked.length) say(`it asked for ${asked}`);
if (getComputedStyle(document.body).backgroundColor !== 'rgb(255, 247, 236)') say('its styles were not taken');
return [document.documentElement.lang, complaints];
"#;

/// Fails with all complaints at once.
pub(super) async fn is_easy_to_read(browser: &Chromium, what: &str, lang: &str) {
    let measured = browser.client.execute(MEASURE, vec![]).await.unwrap();
    assert_eq!(measured[0].as_str(), Some(lang), "{what}");
    assert_eq!(measured[1], Value::Array(Vec::new()), "{what}");
}

/// What a reader sees.
pub(super) async fn text_of(browser: &Chromium) -> String {
    let text = browser.client.execute("return document.body.innerText", vec![]).await.unwrap();
    text.as_str().unwrap().to_owned()
}

/// Keeps a picture of the screen, if a folder is named.
pub(super) async fn picture(browser: &Chromium, name: &str) {
    if let Some(folder) = std::env::var_os(PICTURES) {
        let png = browser.client.screenshot().await.unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), png).unwrap();
    }
}
