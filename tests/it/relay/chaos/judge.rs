//! Compares what the relay has made of the chaos with what was.

use std::collections::BTreeMap;
use std::time::Duration;

use callboard::floor::{Cursor, Fact, Floor, FloorCall, Noted};
use callboard::graph::CallId;
use callboard::journal::{JournalReader, check};
use serde_json::Value;

use super::site::ChaosSite;

/// What is compared of a call: everyone who is in it, with what the roster says of them.
type Roster = BTreeMap<String, (bool, bool)>;

/// How long the relay may need until nothing is in doubt any more, in tries of a quarter of a second.
const TRIES: usize = 120;

/// What a journal holds.
#[derive(Default)]
struct Kept {
    floor: Floor,
    asked: BTreeMap<String, u32>,
    attempts: BTreeMap<String, u32>,
    answered: BTreeMap<String, u32>,
    items: BTreeMap<(String, u32, String), u32>,
}

impl ChaosSite {
    /// Ends the relay and judges. Fails with the first difference.
    pub(super) async fn judge(&mut self) -> Result<(), String> {
        let mut difference = Ok(());
        // A read that a fault delayed may still be under way.
        for _ in 0..TRIES {
            difference = self.compare_with_world().await;
            if difference.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        difference?;
        self.boards.push(self.board());
        self.boards_agree().await
    }

    /// Compares a fresh console's floor with the simulator's world.
    async fn compare_with_world(&self) -> Result<(), String> {
        let kept = Kept::read(self)?;
        let world = self.world("/calls").await;
        for call in world["value"].as_array().unwrap() {
            let id = call["id"].as_str().unwrap();
            let known = kept.floor.call(&CallId::new(id).unwrap());
            let is_live = call["state"] == "established";
            if !is_live {
                continue;
            }
            let known = known.filter(|it| it.is_live()).ok_or_else(|| format!("call {id} is not on the floor"))?;
            if let Some(doubt) = known.doubt {
                return Err(format!("call {id} is still in doubt: {doubt:?}"));
            }
            let (there, here) = (roster_of_world(call), roster_of_floor(known));
            if there != here {
                return Err(format!("call {id}: the world has {there:?}, the floor has {here:?}"));
            }
        }
        for call in kept.floor.calls().take_while(|it| it.is_live()) {
            let id = call.id.to_string();
            let exists = world["value"].as_array().unwrap().iter().any(|it| it["id"] == id.as_str());
            if !exists {
                return Err(format!("call {id} is on the floor and not in the world"));
            }
        }
        Ok(())
    }

    /// Ends the relay. Every console must have had the floor that the journal's entries give, and the journal must hold
    /// what was acknowledged, once.
    async fn boards_agree(&mut self) -> Result<(), String> {
        let reader = JournalReader::open(&self.journal()).map_err(|error| error.to_string())?;
        for board in &mut self.boards {
            board.reaches(reader.head()).await;
        }
        self.end(false);
        let round = self.up.borrow().round;
        let mut fallen = Vec::new();
        for board in &mut self.boards {
            fallen.push(board.fallen(round).await);
        }
        let found = check(&self.journal()).map_err(|error| error.to_string())?;
        if let Some(damaged) = found.damaged.first() {
            return Err(format!("the journal is damaged: {damaged:?}"));
        }
        let kept = Kept::read(self)?;
        for (nth, board) in fallen.iter().enumerate() {
            let floor = kept.floor_at(self, board.cursor)?;
            if board.floor != floor {
                return Err(format!("console {nth} differs from the journal at entry {}", board.cursor));
            }
        }
        for ticket in &self.answered {
            if kept.asked.get(ticket) != Some(&1) {
                return Err(format!("{ticket} was answered and is in the journal {:?} times", kept.asked.get(ticket)));
            }
        }
        for ticket in &self.endangered {
            if kept.asked.get(ticket).is_some_and(|times| *times > 1) {
                return Err(format!("{ticket} is in the journal more than once"));
            }
        }
        let most =
            |all: &BTreeMap<String, u32>| all.iter().max_by_key(|(_, count)| **count).map(|(it, n)| (it.clone(), *n));
        match (most(&kept.attempts), most(&kept.answered), kept.items.iter().find(|(_, count)| **count > 1)) {
            (Some((ticket, tries)), _, _) if tries > 4 => Err(format!("{ticket} was sent {tries} times")),
            (_, Some((ticket, times)), _) if times > 1 => Err(format!("{ticket} was answered {times} times")),
            (_, _, Some(((message, index, _), _))) => Err(format!("item {index} of {message} is there twice")),
            (Some(_) | None, Some(_) | None, None) => Ok(()),
        }
    }
}

impl Kept {
    /// Reads a journal from another process's view, while a relay may write to it.
    fn read(site: &ChaosSite) -> Result<Self, String> {
        Self::until(site, Cursor(u64::MAX))
    }

    fn floor_at(&self, site: &ChaosSite, cursor: Cursor) -> Result<String, String> {
        if cursor == self.floor.head() {
            return Ok(self.floor.snapshot().pieces.concat());
        }
        Ok(Self::until(site, cursor)?.floor.snapshot().pieces.concat())
    }

    fn until(site: &ChaosSite, last: Cursor) -> Result<Self, String> {
        let reader = JournalReader::open(&site.journal()).map_err(|error| error.to_string())?;
        let mut kept = Self::default();
        loop {
            let rows = reader.rows(kept.floor.head(), 1_000).map_err(|error| error.to_string())?;
            if rows.is_empty() {
                return Ok(kept);
            }
            for row in rows {
                if row.cursor > last {
                    return Ok(kept);
                }
                let entry = row.entry().map_err(|error| error.to_string())?;
                kept.note(&entry.fact);
                kept.floor.apply(&entry);
            }
        }
    }

    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Notification(it) => {
                if let Some(message) = &it.message {
                    let key = (message.to_string(), it.index, it.item().get().to_owned());
                    *self.items.entry(key).or_default() += 1;
                }
            }
            Fact::Asked(it) => *self.asked.entry(it.ticket.0.to_string()).or_default() += 1,
            Fact::Answered(it) => *self.answered.entry(it.ticket.0.to_string()).or_default() += 1,
            Fact::Noted(Noted::AttemptStarted { ticket, .. }) => {
                *self.attempts.entry(ticket.0.to_string()).or_default() += 1;
            }
            Fact::Noted(_) | Fact::Observed(_) | Fact::Rejected(_) => {}
        }
    }
}

fn roster_of_world(call: &Value) -> Roster {
    let people = call["participants"].as_array().unwrap().iter();
    let here = people.filter(|it| it["presence"] == "here" || it["presence"] == "lobby");
    let muted = |it: &Value| it["muted"] == true || it["serverMuted"] == true;
    here.map(|it| (it["id"].as_str().unwrap().to_owned(), (muted(it), it["presence"] == "lobby"))).collect()
}

fn roster_of_floor(call: &FloorCall) -> Roster {
    let people = call.people.iter().filter(|it| it.left.is_none() && Some(&it.id) != call.my_participant.as_ref());
    people.map(|it| (it.id.to_string(), (it.muted, it.lobby.is_some()))).collect()
}
