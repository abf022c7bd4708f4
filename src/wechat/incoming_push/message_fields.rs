//! The fields of a push message, which is JSON or XML depending on a setting in WeChat's console.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use serde_json::Value;

/// Maximum nesting of XML; WeChat's messages are not nested deeper. The JSON parser has its own limit.
const MAX_DEPTH: usize = 16;

/// Text and number fields by name; nested fields are left out.
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Parses a body; `None` if it is neither JSON nor XML.
    pub(super) fn read(body: &[u8]) -> Option<Fields> {
        let text = std::str::from_utf8(body).ok()?.trim_start_matches('\u{feff}').trim();
        if text.starts_with('{') { parse_json(text) } else { parse_xml(text) }.map(Fields)
    }

    /// The text of a field.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

fn parse_json(text: &str) -> Option<BTreeMap<String, String>> {
    let fields: BTreeMap<String, Value> = serde_json::from_str(text).ok()?;
    let text = |value: Value| match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    // WeChat's examples contain names with a leading space.
    Some(fields.into_iter().filter_map(|(name, value)| Some((name.trim().to_owned(), text(value)?))).collect())
}

/// Parses `<xml><Name><![CDATA[text]]></Name>…</xml>`. A document type declaration is rejected, so the only entities
/// are the five predefined ones of XML.
fn parse_xml(text: &str) -> Option<BTreeMap<String, String>> {
    let mut reader = Reader::from_str(text);
    let mut fields = BTreeMap::new();
    let mut path: Vec<String> = Vec::new();
    let mut content = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                if path.len() > MAX_DEPTH || path.first().is_none_or(|root| root != "xml") {
                    return None;
                }
                content.clear();
            }
            Event::Text(part) => content.push_str(&part.xml10_content()),
            Event::CData(part) => content.push_str(&part.into_inner()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().ok()? {
                Some(character) => content.push(character),
                None => content.push_str(resolve_xml_entity(&reference.xml10_content())?),
            },
            Event::End(_) => {
                let name = path.pop()?;
                if path.len() == 1 {
                    fields.insert(name, content.trim().to_owned());
                }
                content.clear();
            }
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) => {}
            Event::DocType(_) | Event::PI(_) => return None,
            Event::Eof => break,
        }
    }
    (path.is_empty() && !fields.is_empty()).then_some(fields)
}
