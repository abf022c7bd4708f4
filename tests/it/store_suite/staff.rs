//! Promises about invitations and staff sessions.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use carnival::rules::ids::InvitationId;
use carnival::rules::staff::roles::Role;
use carnival::rules::staff::{Invitation, StaffSession};
use carnival::store::{JoinOutcome, Store, StoredInvitation, StoredSession};

use super::fixtures::{at, concurrently, nonce, session};

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
