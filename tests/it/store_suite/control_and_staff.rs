//! Promises about versions, markers, reissued codes, serials, invitations and staff sessions.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::Arc;

use carnival::rules::ids::{Generation, InvitationId};
use carnival::rules::staff::roles::Role;
use carnival::rules::staff::{Invitation, StaffSession};
use carnival::store::{JoinOutcome, Store, StoreError, StoredInvitation, StoredSession};

use super::fixtures::{at, concurrently, gift, nonce, point, published, session, stock_numbers};

pub(crate) async fn one_of_several_concurrent_publications_wins(store: Arc<dyn Store>) {
    let versions = concurrently(20, |n| {
        let store = Arc::clone(&store);
        async move { store.publish(0, &published(&format!("text {n}"), 1), &[(gift(1), 10)]).await.unwrap() }
    })
    .await;
    assert!(versions.iter().all(|version| *version == 1), "{versions:?}");
    assert_eq!(store.control().await.unwrap().version, 1);
    let text = store.published_version(1).await.unwrap().unwrap().text;
    assert!(text.starts_with("text "), "{text}");
    assert_eq!(store.published_version(2).await.unwrap(), None);
    assert_eq!(store.gift_states(&[gift(1)], at(0)).await.unwrap()[0].stock, stock_numbers(10, 0, 0));
}

pub(crate) async fn the_first_value_of_a_marker_wins(store: Arc<dyn Store>) {
    assert_eq!(store.init_marker("codes", u64::MAX).await.unwrap(), u64::MAX);
    assert_eq!(store.init_marker("codes", 7).await.unwrap(), u64::MAX);
    assert_eq!(store.init_marker("identity", 7).await.unwrap(), 7);
}

pub(crate) async fn versions_count_up_and_stock_is_seeded_once(store: Arc<dyn Store>) {
    let (first, second) = (published("第一版", 1), published("第二版\n", 2));
    assert_eq!(store.publish(0, &first, &[(gift(1), 10), (gift(2), 0)]).await.unwrap(), 1);
    assert_eq!(store.publish(1, &second, &[(gift(1), 99), (gift(2), 99), (gift(3), 7)]).await.unwrap(), 2);
    assert_eq!(store.control().await.unwrap().version, 2);
    assert_eq!(store.published_version(1).await.unwrap(), Some(first));
    assert_eq!(store.published_version(2).await.unwrap(), Some(second));
    let states = store.gift_states(&[gift(1), gift(2), gift(3)], at(0)).await.unwrap();
    let stocks: Vec<u32> = states.iter().map(|state| state.stock.stock).collect();
    assert_eq!(stocks, [10, 0, 7], "a stock of 0 is a stock too");
}

pub(crate) async fn a_late_publication_changes_nothing(store: Arc<dyn Store>) {
    store.publish(0, &published("one", 1), &[]).await.unwrap();
    store.publish(1, &published("two", 2), &[]).await.unwrap();
    assert_eq!(store.publish(0, &published("late", 1), &[(gift(4), 9)]).await.unwrap(), 2);
    assert_eq!(store.publish(7, &published("early", 8), &[(gift(4), 9)]).await.unwrap(), 2);
    assert_eq!(store.published_version(1).await.unwrap().unwrap().text, "one");
    assert_eq!(store.published_version(8).await.unwrap(), None);
    assert_eq!(store.gift_states(&[gift(4)], at(0)).await.unwrap()[0].stock, stock_numbers(0, 0, 0));
}

pub(crate) async fn concurrent_reissues_raise_the_generation_by_one(store: Arc<dyn Store>) {
    let generation = |n: u64| Generation::try_from(n).unwrap();
    let raised = concurrently(20, |_| {
        let store = Arc::clone(&store);
        async move { store.reissue(point(3), Generation::FIRST).await.unwrap() }
    })
    .await;
    assert!(raised.iter().all(|raised| *raised == generation(1)), "{raised:?}");
    assert_eq!(store.reissue(point(3), generation(1)).await.unwrap(), generation(2));
    assert_eq!(store.reissue(point(3), Generation::FIRST).await.unwrap(), generation(2), "a lost race");
    assert_eq!(store.reissue(point(200), Generation::FIRST).await.unwrap(), generation(1));
    let generations = store.control().await.unwrap().generations;
    assert_eq!(generations, [(point(3), generation(2)), (point(200), generation(1))].into());
    for n in 2..63 {
        assert_eq!(store.reissue(point(3), generation(n)).await.unwrap(), generation(n + 1));
    }
    assert_eq!(store.reissue(point(3), generation(63)).await.unwrap(), generation(63), "all serials are used");
}

pub(crate) async fn serials_never_repeat(store: Arc<dyn Store>) {
    let taken = concurrently(30, |n| {
        let store = Arc::clone(&store);
        async move { (store.take_serials(n % 7 + 1).await.unwrap().get(), n % 7 + 1) }
    })
    .await;
    let all: Vec<u32> = taken.iter().flat_map(|(first, count)| *first..*first + *count).collect();
    let distinct: BTreeSet<u32> = all.iter().copied().collect();
    assert_eq!(distinct.len(), all.len());
    assert_eq!(distinct.first(), Some(&1));
}

pub(crate) async fn serials_end(store: Arc<dyn Store>) {
    assert_eq!(store.take_serials(0x1FF_FFFE).await.unwrap().get(), 1);
    for count in [2, 0x1FF_FFFF, u32::MAX] {
        assert!(matches!(store.take_serials(count).await, Err(StoreError::Broken(_))));
    }
    assert_eq!(store.take_serials(1).await.unwrap().get(), 0x1FF_FFFF, "the last serial is still available");
    assert!(matches!(store.take_serials(1).await, Err(StoreError::Broken(_))));
}

fn invitation(n: u32, made_at: i64) -> Invitation {
    Invitation {
        id: invitation_id(n),
        role: Role::Volunteer,
        place: Some("booth/east".parse().unwrap()),
        uses: 5,
        until: at(86_400_000),
        made_at: at(made_at),
    }
}

fn invitation_id(n: u32) -> InvitationId {
    format!("{n:016}").parse().unwrap()
}

fn staff(n: u32, invitation: u32) -> StaffSession {
    StaffSession {
        id: session(n),
        invitation: invitation_id(invitation),
        role: Role::Volunteer,
        place: Some("booth/east".parse().unwrap()),
        name: "王阿姨".parse().unwrap(),
        nonce: nonce(n),
        begun: at(0),
        until: at(86_400_000),
    }
}

fn fresh(session: StaffSession) -> StoredSession {
    StoredSession { session, ended: None }
}

pub(crate) async fn concurrent_sessions_never_exceed_the_uses(store: Arc<dyn Store>) {
    store.invite(&invitation(1, 0)).await.unwrap();
    let begun = concurrently(30, |n| {
        let store = Arc::clone(&store);
        async move { store.begin_session(&staff(n, 1), 5).await.unwrap() }
    })
    .await;
    let mut inside: Vec<_> = begun
        .into_iter()
        .filter_map(|joined| match joined {
            JoinOutcome::Joined(stored) => Some(stored.session.id),
            other => {
                assert_eq!(other, JoinOutcome::Full);
                None
            }
        })
        .collect();
    assert_eq!(inside.len(), 5);
    let stored = store.invitation(&invitation_id(1)).await.unwrap().unwrap();
    let mut listed: Vec<_> = stored.sessions.into_iter().map(|stored| stored.session.id).collect();
    listed.sort();
    inside.sort();
    assert_eq!(listed, inside);
    for n in 0..30 {
        let known = store.session(&session(n)).await.unwrap().is_some();
        assert_eq!(known, inside.contains(&session(n)), "a refused device has no session");
    }
}

pub(crate) async fn the_same_nonce_opens_the_same_session(store: Arc<dyn Store>) {
    store.invite(&invitation(1, 0)).await.unwrap();
    let first = store.begin_session(&staff(1, 1), 1).await.unwrap();
    assert_eq!(first, JoinOutcome::Joined(fresh(staff(1, 1))));
    let again = StaffSession { id: session(2), name: "李叔".parse().unwrap(), ..staff(1, 1) };
    let answers = concurrently(10, |_| {
        let (store, again) = (Arc::clone(&store), again.clone());
        async move { store.begin_session(&again, 1).await.unwrap() }
    })
    .await;
    assert!(answers.iter().all(|answer| *answer == first), "{answers:?}");
    assert_eq!(store.session(&session(2)).await.unwrap(), None);
    assert_eq!(store.invitation(&invitation_id(1)).await.unwrap().unwrap().sessions.len(), 1);
    assert_eq!(store.begin_session(&staff(3, 1), 1).await.unwrap(), JoinOutcome::Full);
    store.invite(&invitation(2, 0)).await.unwrap();
    let elsewhere = StaffSession { nonce: nonce(1), ..staff(4, 2) };
    assert_eq!(store.begin_session(&elsewhere, 1).await.unwrap(), JoinOutcome::Joined(fresh(elsewhere)));
}

pub(crate) async fn an_ended_invitation_begins_no_session(store: Arc<dyn Store>) {
    store.invite(&invitation(1, 0)).await.unwrap();
    store.begin_session(&staff(1, 1), 5).await.unwrap();
    store.end_invitation(&invitation_id(1), at(10)).await.unwrap();
    store.end_invitation(&invitation_id(1), at(20)).await.unwrap();
    store.end_invitation(&invitation_id(9), at(20)).await.unwrap();
    assert_eq!(store.begin_session(&staff(2, 1), 5).await.unwrap(), JoinOutcome::Ended);
    assert_eq!(store.begin_session(&staff(1, 1), 5).await.unwrap(), JoinOutcome::Joined(fresh(staff(1, 1))));
    let stored = store.invitation(&invitation_id(1)).await.unwrap().unwrap();
    let expected =
        StoredInvitation { invitation: invitation(1, 0), ended: Some(at(10)), sessions: vec![fresh(staff(1, 1))] };
    assert_eq!(stored, expected);
    assert_eq!(store.invitation(&invitation_id(9)).await.unwrap(), None);
}

pub(crate) async fn an_ended_session_is_visible_and_its_first_end_counts(store: Arc<dyn Store>) {
    store.invite(&invitation(1, 0)).await.unwrap();
    store.begin_session(&staff(1, 1), 5).await.unwrap();
    assert_eq!(store.session(&session(1)).await.unwrap(), Some(fresh(staff(1, 1))));
    for ms in [30, 40] {
        store.end_session(&session(1), at(ms)).await.unwrap();
    }
    store.end_session(&session(8), at(30)).await.unwrap();
    let ended = StoredSession { session: staff(1, 1), ended: Some(at(30)) };
    assert_eq!(store.session(&session(1)).await.unwrap().as_ref(), Some(&ended));
    let listed = store.invitation(&invitation_id(1)).await.unwrap().unwrap().sessions;
    assert_eq!(listed, std::slice::from_ref(&ended));
    assert_eq!(store.begin_session(&staff(1, 1), 5).await.unwrap(), JoinOutcome::Joined(ended));
    assert_eq!(store.session(&session(8)).await.unwrap(), None);
}

pub(crate) async fn invitations_are_listed_newest_first(store: Arc<dyn Store>) {
    for (n, made_at) in [(2, 500), (3, 100), (1, 900)] {
        store.invite(&invitation(n, made_at)).await.unwrap();
    }
    store.begin_session(&staff(1, 3), 5).await.unwrap();
    let all = store.invitations().await.unwrap();
    let found: Vec<_> = all.iter().map(|stored| (stored.invitation.id.clone(), stored.sessions.len())).collect();
    assert_eq!(found, [(invitation_id(1), 0), (invitation_id(2), 0), (invitation_id(3), 1)]);
}

pub(crate) async fn an_invitation_is_stored_once(store: Arc<dyn Store>) {
    store.invite(&invitation(1, 0)).await.unwrap();
    store.begin_session(&staff(1, 1), 5).await.unwrap();
    store.end_invitation(&invitation_id(1), at(10)).await.unwrap();
    store.invite(&Invitation { uses: 40, ..invitation(1, 0) }).await.unwrap();
    let stored = store.invitation(&invitation_id(1)).await.unwrap().unwrap();
    assert_eq!((stored.invitation.uses, stored.ended, stored.sessions.len()), (5, Some(at(10)), 1));
    assert_eq!(store.invitations().await.unwrap().len(), 1);
}
