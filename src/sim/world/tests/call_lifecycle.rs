//! The life of a world and of its calls: reproducible from a seed, kept alive, ended as documented.

use super::*;

#[test]
fn the_seed_determines_notifications_and_ids() {
    let play = |seed| {
        let mut world = World::new(&Scenario::named("reopening-day").unwrap().unwrap(), seed, BEGINS);
        world.advance(BEGINS + Millis::minutes(60))
    };
    let first = play(42);
    assert_eq!(first, play(42));
    let other = play(43);
    assert_ne!(first[0].call, other[0].call);
}

#[test]
fn stepping_gives_the_same_notifications_as_one_leap() {
    let scenario = Scenario::named("reopening-day").unwrap().unwrap();
    let mut leaping = World::new(&scenario, 7, BEGINS);
    let leapt = leaping.advance(BEGINS + Millis::minutes(55));
    let mut stepping = World::new(&scenario, 7, BEGINS);
    let mut stepped = Vec::new();
    while let Some(due) = stepping.next_due().filter(|it| *it <= BEGINS + Millis::minutes(55)) {
        stepped.extend(stepping.advance(due));
    }
    assert_eq!(leapt, stepped);
}

#[test]
fn every_notification_of_the_embedded_scenarios_can_be_decoded() {
    for name in Scenario::names() {
        let scenario = Scenario::named(name).unwrap().unwrap();
        let mut world = World::new(&scenario, 42, BEGINS);
        let prelude = world.advance(world.start());
        assert!(prelude.len() <= 120, "the prelude of {name} has {} notifications", prelude.len());
        let live = world.advance(world.start() + Millis::minutes(60));
        for outgoing in prelude.iter().chain(&live) {
            let item: Notification = read(&outgoing.notification.to_string()).unwrap();
            assert_eq!(item.call, outgoing.call);
        }
        if *name == "reopening-day" {
            assert!(live.len() > 1_000, "{name} is not alive: {}", live.len());
            assert!(world.call_views().len() > 8);
        } else {
            assert!(live.is_empty() && world.next_due().is_none());
        }
    }
}

#[test]
fn the_reopening_day_starts_with_the_calls_of_its_description() {
    let mut world = World::new(&Scenario::named("reopening-day").unwrap().unwrap(), 42, BEGINS);
    let start = world.start();
    world.advance(start);
    let calls = world.call_views();
    let state = |subject: &str| calls.iter().find(|it| &*it.subject == subject).unwrap().state.to_string();
    assert_eq!(state("Support / Acme"), "established");
    assert_eq!(state("Support / Litware"), "terminating");
    assert_eq!(state("Support / +420255501234"), "establishing");
    let acme = calls.iter().find(|it| &*it.subject == "Support / Acme").unwrap();
    let presence = |name: &str| acme.participants.iter().find(|it| &*it.name == name).unwrap().presence;
    assert_eq!((presence("Dee Ruiz"), presence("E. Fox"), presence("Bob Okafor")), ("gone", "lobby", "here"));
    assert!((7..=12).contains(&calls.len()), "{}", calls.len());
}

#[test]
fn a_call_ends_on_delete_without_keep_alive_and_when_empty() {
    let ends = |leaving: &[OutgoingNotification]| {
        let last = leaving.last().unwrap().notification.clone();
        assert_eq!((&last["changeType"], &last["resourceData"]["state"]), (&json!("deleted"), &json!("terminated")));
        last["resourceData"]["resultInfo"]["subcode"].clone()
    };
    let mut floor = Floor::started(TWO_CALLS);
    let path = floor.path("Group", None);
    assert_eq!(floor.ask(Method::Delete, &path, &Value::Null).status, 204);
    assert_eq!(refusal(&floor.ask(Method::Post, &format!("{path}/keepAlive"), &Value::Null)), (404, "8522"));
    assert_eq!(ends(&floor.wait(Millis::seconds(1))), json!(7000));

    let mut floor = Floor::new("name = 'e'\ndescription = ''", 1);
    let created = create(&mut floor);
    floor.wait(Millis::minutes(44));
    assert_eq!(floor.ask(Method::Post, &format!("{created}/keepAlive"), &Value::Null).status, 200);
    floor.wait(Millis::minutes(44));
    assert_eq!(floor.ask(Method::Get, &created, &Value::Null).status, 200);
    assert_eq!(ends(&floor.wait(Millis::minutes(2))), json!(8537));

    let mut floor = Floor::started(TWO_CALLS);
    for name in ["Ada", "Bob", "Lena"] {
        let path = floor.path("Group", Some(name));
        assert_eq!(floor.ask(Method::Delete, &path, &Value::Null).status, 204);
    }
    assert_eq!(ends(&floor.wait(Millis::seconds(3))), json!(5002));
}

fn create(floor: &mut Floor) -> String {
    let target = |name: &str| {
        json!({ "@odata.type": "#microsoft.graph.invitationParticipantInfo",
        "identity": { "user": { "id": name, "displayName": name } } })
    };
    let answer = floor.ask(
        Method::Post,
        "/communications/calls",
        &json!({
            "@odata.type": "#microsoft.graph.call",
            "callbackUri": "https://bot.contoso.com/callback",
            "subject": "Create a group call",
            "targets": [target("user1"), target("user2")],
            "requestedModalities": ["audio"],
            "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
        }),
    );
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.location.unwrap().to_string()
}

#[test]
fn an_incoming_call_ends_unless_a_client_answers_in_time() {
    let text = "name = 'r'\ndescription = ''\n[[calls]]\nsubject = 'Ring'\nkind = 'group'\nat = 1\n\
                answeredBy = 'client'\npeople = [{ name = 'Ada' }, { name = 'Bob' }]";
    let mut floor = Floor::new(text, 3);
    assert_eq!(floor.wait(Millis::seconds(2))[0].notification["resourceData"]["state"], json!("incoming"));
    let path = floor.path("Ring", None);
    let answer = json!({
        "callbackUri": "https://bot.contoso.com/answered",
        "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
        "acceptedModalities": ["audio"],
    });
    let bare = json!({ "callbackUri": "https://bot.contoso.com/answered" });
    assert_eq!(refusal(&floor.ask(Method::Post, &format!("{path}/answer"), &bare)).0, 400);
    assert_eq!(floor.ask(Method::Post, &format!("{path}/answer"), &answer).status, 202);
    assert_eq!(refusal(&floor.ask(Method::Post, &format!("{path}/answer"), &answer)).0, 409);
    let leaving = floor.wait(Millis::seconds(20));
    assert_eq!(leaving[0].callback.as_deref(), Some("https://bot.contoso.com/answered"));
    assert!(person(rosters(&leaving).last().unwrap(), "Bob").is_some());

    for reject in [true, false] {
        let mut floor = Floor::new(text, 3);
        floor.wait(Millis::seconds(2));
        let path = floor.path("Ring", None);
        if reject {
            let answer = floor.ask(Method::Post, &format!("{path}/reject"), &json!({ "reason": "busy" }));
            assert_eq!(answer.status, 202);
        } else {
            assert_eq!(floor.wait(Millis::seconds(15))[0].notification["changeType"], json!("deleted"));
        }
        assert_eq!(refusal(&floor.ask(Method::Get, &path, &Value::Null)), (404, "8522"));
    }
}

#[test]
fn people_join_a_created_group_call_and_act() {
    let mut floor = Floor::new("name = 'e'\ndescription = ''\ncompany = true", 5);
    let path = create(&mut floor);
    let printed = body(&floor.ask(Method::Get, &path, &Value::Null));
    for member in ["callChainId", "myParticipantId", "source", "targets", "answeredBy", "toneInfo", "mediaState"] {
        assert!(printed.get(member).is_some(), "{member} is missing");
    }
    let leaving = floor.wait(Millis::minutes(5));
    assert_eq!(leaving[0].callback.as_deref(), Some("https://bot.contoso.com/callback"));
    assert_eq!(leaving[0].notification["resourceData"]["state"], json!("establishing"));
    assert_eq!(leaving[1].notification["resourceData"]["state"], json!("established"));
    assert!(rosters(&leaving).len() > 10, "the people must act");
    let id = CallId::new(path.rsplit('/').next().unwrap()).unwrap();
    let call = floor.world.call_views().into_iter().find(|it| it.id == id).unwrap();
    assert!(call.participants.len() >= 4);
}
