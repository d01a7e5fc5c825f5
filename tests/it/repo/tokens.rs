//! What a file's tokens say where its syntax says nothing: macros' inputs, attributes, doc comments.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// The paths among the tokens, each with its line. Fields and methods (after a dot) are no paths.
pub(super) fn paths(stream: &TokenStream) -> Vec<(Vec<String>, usize)> {
    let mut found = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut line = 0;
    let mut colons = 0;
    let mut after_dot = false;
    for token in stream.clone() {
        match &token {
            TokenTree::Ident(name) => {
                if colons != 2 && !path.is_empty() {
                    found.push((std::mem::take(&mut path), line));
                }
                if path.is_empty() {
                    line = name.span().start().line;
                }
                if !after_dot {
                    path.push(name.to_string());
                }
                (colons, after_dot) = (0, false);
                continue;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                colons += 1;
                continue;
            }
            TokenTree::Punct(punct) => after_dot = punct.as_char() == '.' && !after_dot,
            TokenTree::Group(_) | TokenTree::Literal(_) => {}
        }
        if !path.is_empty() {
            found.push((std::mem::take(&mut path), line));
        }
        if let TokenTree::Group(group) = &token {
            found.extend(paths(&group.stream()));
        }
        colons = 0;
    }
    if !path.is_empty() {
        found.push((path, line));
    }
    found
}

/// The texts among the tokens that are paths of more than one segment.
pub(super) fn quoted_paths(stream: &TokenStream) -> Vec<(Vec<String>, usize)> {
    let mut found = Vec::new();
    for token in stream.clone() {
        match token {
            TokenTree::Group(group) => found.extend(quoted_paths(&group.stream())),
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string());
                if let Some(path) = text.ok().and_then(|it| it.parse::<syn::Path>().ok())
                    && path.segments.len() > 1
                {
                    let segments = path.segments.iter().map(|it| it.ident.to_string()).collect();
                    found.push((segments, literal.span().start().line));
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
    found
}

/// The type that a macro's input opens with, after its attributes: `Type { … }`, or `Type` alone.
pub(super) fn leading_type(stream: &TokenStream) -> Option<Ident> {
    let mut tokens = stream.clone().into_iter().peekable();
    while tokens.next_if(|it| is_punct(it, '#')).is_some() {
        tokens.next();
    }
    let TokenTree::Ident(name) = tokens.next()? else { return None };
    let has_body = match tokens.next() {
        None => true,
        Some(TokenTree::Group(body)) => body.delimiter() == Delimiter::Brace && tokens.next().is_none(),
        Some(_) => false,
    };
    (has_body && name.to_string().starts_with(char::is_uppercase)).then_some(name)
}

/// The types that the rules of a macro declare by a fixed name.
pub(super) fn spelled_types(stream: &TokenStream) -> Vec<Ident> {
    let mut found = Vec::new();
    let mut declares = false;
    for token in stream.clone() {
        match &token {
            TokenTree::Ident(name) if declares => found.push(name.clone()),
            TokenTree::Group(group) => found.extend(spelled_types(&group.stream())),
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        declares = matches!(&token, TokenTree::Ident(word) if word == "struct" || word == "enum" || word == "trait");
    }
    found
}

/// The doc comments of items: the first line of each, and its number of words.
pub(super) fn docs(stream: &TokenStream) -> Vec<(usize, usize)> {
    let mut lines = Vec::new();
    doc_lines(stream, &mut lines);
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut last = 0;
    for (line, words) in lines {
        match found.last_mut() {
            Some(comment) if line == last + 1 => comment.1 += words,
            _ => found.push((line, words)),
        }
        last = line;
    }
    found
}

/// Each `#[doc = "…"]` of one line, which is what `///` becomes.
fn doc_lines(stream: &TokenStream, found: &mut Vec<(usize, usize)>) {
    let mut before = None;
    for token in stream.clone() {
        if let TokenTree::Group(group) = &token {
            let is_outer = before.as_ref().is_some_and(|it| is_punct(it, '#'));
            match doc_text(group).filter(|_| is_outer) {
                Some(text) => found.push((group.span().start().line, text.split_whitespace().count())),
                None => doc_lines(&group.stream(), found),
            }
        }
        before = Some(token);
    }
}

fn doc_text(group: &Group) -> Option<String> {
    let mut tokens = group.stream().into_iter();
    let (Some(TokenTree::Ident(name)), Some(_), Some(TokenTree::Literal(text)), None) =
        (tokens.next(), tokens.next(), tokens.next(), tokens.next())
    else {
        return None;
    };
    let text = syn::parse_str::<syn::LitStr>(&text.to_string()).ok()?;
    (name == "doc").then(|| text.value())
}

/// The forms that only unfinished code has: a lint that is switched off, a test that does not run, a missing body.
pub(super) fn leftovers(stream: &TokenStream) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let tokens: Vec<TokenTree> = stream.clone().into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        match token {
            TokenTree::Ident(name) if next.is_some_and(|it| is_punct(it, '!')) => {
                if ["todo", "unimplemented"].iter().any(|it| name == it) {
                    found.push((name.span().start().line, format!("{name}!")));
                }
            }
            TokenTree::Group(group) => {
                let before: Vec<&TokenTree> = tokens[at.saturating_sub(2)..at].iter().collect();
                if is_attribute(&before)
                    && let Some(word) = switched_off(group)
                {
                    found.push((group.span().start().line, format!("#[{word}]")));
                }
                found.extend(leftovers(&group.stream()));
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}

/// Whether `#` or `#!` stands before.
fn is_attribute(before: &[&TokenTree]) -> bool {
    match before {
        [.., hash] if is_punct(hash, '#') => true,
        [hash, bang] => is_punct(hash, '#') && is_punct(bang, '!'),
        _ => false,
    }
}

/// `allow(…)` and `ignore`, also below `cfg_attr`.
fn switched_off(group: &Group) -> Option<String> {
    let names: Vec<String> = paths(&group.stream()).into_iter().filter_map(|(path, _)| path.last().cloned()).collect();
    let first = names.first()?;
    let looked_at = if first == "cfg_attr" { names.as_slice() } else { names.get(..1)? };
    looked_at.iter().find(|it| *it == "allow" || *it == "ignore").cloned()
}

fn is_punct(token: &TokenTree, letter: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == letter)
}
