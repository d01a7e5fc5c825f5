//! A request as a curl command that is safe to paste into a shell: it runs nothing but curl.
//!
//! The token is the shell variable `$TOKEN`, so no clipboard holds it. The command is one line of ASCII: text of names
//! and of other programs is escaped as JSON or percent-encoded, or left out.

use std::fmt::Write as _;

use crate::graph::ExactRequest;

/// Returns the command that sends a request to the Graph (or the gate) at `base`, which ends before `/communications`.
#[must_use]
pub fn curl(base: &str, request: &ExactRequest) -> String {
    let mut command = format!("curl -sS -X {} -H \"Authorization: Bearer $TOKEN\"", request.method.as_str());
    if let Some(body) = &request.body {
        command.push_str(" -H 'Content-Type: application/json' --data-raw ");
        command.push_str(&quoted(&json_ascii(body)));
    }
    command.push(' ');
    command.push_str(&quoted(&address(&format!("{}{}", base.trim_end_matches('/'), request.path))));
    command
}

/// Puts a text between single quotes, in which a shell expands nothing.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns the same JSON in ASCII without control characters.
fn json_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == ' ' || letter.is_ascii_graphic() {
            out.push(letter);
        } else if !letter.is_control() {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                // Writing to a `String` cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// Returns an address in ASCII without control characters and spaces.
fn address(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else if !byte.is_ascii_control() {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Method;

    fn post(path: &str, body: &str) -> ExactRequest {
        ExactRequest { method: Method::Post, path: path.to_owned(), body: Some(body.to_owned()) }
    }

    #[test]
    fn a_request_is_one_command() {
        let request = post("/communications/calls/c1/mute", r#"{"clientContext":"t1"}"#);
        let wanted = "curl -sS -X POST -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \
                      --data-raw '{\"clientContext\":\"t1\"}' 'https://graph.example/v1.0/communications/calls/c1/mute'";
        assert_eq!(curl("https://graph.example/v1.0/", &request), wanted);
        let request = ExactRequest { method: Method::Delete, path: "/communications/calls/c1".to_owned(), body: None };
        assert_eq!(
            curl("http://127.0.0.1:1/graph/v1.0", &request),
            "curl -sS -X DELETE -H \"Authorization: Bearer $TOKEN\" \
             'http://127.0.0.1:1/graph/v1.0/communications/calls/c1'"
        );
    }

    #[test]
    fn a_hostile_text_leaves_the_quotes_nowhere() {
        let body = "{\"clientContext\":\"'; rm -rf ~; echo '\n$(id)`id`\u{1b}]52;c;eA==\u{7}\u{202e}é😀\"}";
        let command = curl("https://graph.example/v1.0", &post("/communications/calls/'$(id)\n é", body));
        assert!(command.bytes().all(|it| (b' '..=b'~').contains(&it)), "{command}");
        assert!(command.contains(r"\u00e9\ud83d\ude00"), "{command}");
        // A shell function that stands for curl and prints its arguments, one per line.
        let script = format!("curl() {{ printf '<%s>' \"$@\"; }}; TOKEN=t; {command}");
        let ran = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        let wanted = [
            "-sS",
            "-X",
            "POST",
            "-H",
            "Authorization: Bearer t",
            "-H",
            "Content-Type: application/json",
            "--data-raw",
            "{\"clientContext\":\"'; rm -rf ~; echo '$(id)`id`]52;c;eA==\\u202e\\u00e9\\ud83d\\ude00\"}",
            "https://graph.example/v1.0/communications/calls/'$(id)%20%C3%A9",
        ];
        assert_eq!(said, wanted.map(|it| format!("<{it}>")).concat());
        assert!(ran.stderr.is_empty());
    }
}
