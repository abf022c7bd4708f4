//! Measures the readability of a page in a browser.

use serde_json::Value;

use crate::servers::browser::Chromium;

/// The environment variable with a folder for screenshots.
const PICTURES: &str = "CARNIVAL_TEST_PICTURES";

/// Lists everything that makes a page hard to read on a phone.
const MEASURE: &str = r#"
const problems = [];
const report = (what) => problems.push(what);
if (document.documentElement.scrollWidth > innerWidth) report(`it is ${document.documentElement.scrollWidth} wide, the phone ${innerWidth}`);
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
  if (parseFloat(style.fontSize) < 18) report(`"${text}" is ${style.fontSize}`);
  const [a, b] = [light(style.color), light(ground(element))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < 7) report(`"${text}" has a contrast of ${contrast.toFixed(1)}`);
  const box = element.getBoundingClientRect();
  if (box.right > innerWidth + 0.5 || box.left < 0) report(`"${text}" extends beyond the screen`);
}
const go = document.querySelector('.go');
if (!go) report('the call to action is missing');
else if (go.getBoundingClientRect().bottom >= innerHeight) report(`the call to action ends at ${go.getBoundingClientRect().bottom}, below the first screen`);
const requests = performance.getEntriesByType('resource').map((entry) => entry.name);
if (requests.length) report(`it requested ${requests}`);
if (getComputedStyle(document.body).backgroundColor !== 'rgb(255, 247, 236)') report('its style sheet was not applied');
return [document.documentElement.lang, problems];
"#;

/// Panics with all problems of the page.
pub(super) async fn assert_readable(browser: &Chromium, what: &str, lang: &str) {
    let measured = browser.client.execute(MEASURE, vec![]).await.unwrap();
    assert_eq!(measured[0].as_str(), Some(lang), "{what}");
    assert_eq!(measured[1], Value::Array(Vec::new()), "{what}");
}

/// The visible text.
pub(super) async fn text_of(browser: &Chromium) -> String {
    let text = browser.client.execute("return document.body.innerText", vec![]).await.unwrap();
    text.as_str().unwrap().to_owned()
}

/// Saves a screenshot if a folder is configured.
pub(super) async fn picture(browser: &Chromium, name: &str) {
    if let Some(folder) = std::env::var_os(PICTURES) {
        let png = browser.client.screenshot().await.unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), png).unwrap();
    }
}
