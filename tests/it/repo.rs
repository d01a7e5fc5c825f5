//! The repository itself, by its syntax: the walls between rooms, circles of files, names, sizes, leftovers.

mod circles;
mod closures;
mod facts;
mod fields;
mod leftovers;
mod limits;
mod names;
mod readme;
mod resolve;
mod shape;
mod tokens;
mod tree;
mod walls;

pub(crate) use walls::ROOMS;

/// Prints what the checks measure: `cargo test --test it repo::figures -- --nocapture`.
#[test]
fn figures() {
    let tree = tree::Tree::house();
    let checks = [
        walls::figures,
        circles::figures,
        names::figures,
        shape::figures,
        leftovers::figures,
        fields::figures,
        closures::figures,
    ];
    let all: Vec<(&str, usize, usize)> = checks.into_iter().flat_map(|figures| figures(tree)).collect();
    eprintln!("{:>7} {:>7}  what", "today", "limit");
    for (what, today, limit) in &all {
        eprintln!("{today:>7} {limit:>7}  {what}");
    }
    let over: Vec<&str> = all.iter().filter(|(_, today, limit)| today > limit).map(|(what, ..)| *what).collect();
    assert_eq!(over, [""; 0]);
}
