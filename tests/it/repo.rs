//! The repository itself, by its syntax: the walls between rooms, circles of files, names, sizes, leftovers.

mod facts;
mod resolve;
mod tokens;
mod tree;
mod walls;

pub(crate) use walls::ROOMS;

/// Prints what the checks measure: `cargo test --test it repo::figures -- --nocapture`.
#[test]
fn figures() {
    let tree = tree::Tree::house();
    let all = walls::figures(tree);
    eprintln!("{:>7} {:>7}  what", "today", "limit");
    for (what, today, limit) in &all {
        eprintln!("{today:>7} {limit:>7}  {what}");
    }
    assert!(all.iter().all(|(_, today, limit)| today <= limit));
}
