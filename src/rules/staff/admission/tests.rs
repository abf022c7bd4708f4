//! An invitation admits devices, not days; nobody is let in beyond its uses, after its end, or after being ended.
#![expect(clippy::panic, reason = "a test may fail loudly")]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::rules::ids::InvitationId;
use crate::rules::samples::{at, property_config, the};
use crate::rules::staff::invitation::DeviceDecision;

const MORNING: &str = "2023-04-14T09:00";
const UNTIL: &str = "2023-04-20T23:59:59";

fn invitation(uses: u16) -> Invitation {
    Invitation {
        id: the("1NV1TE0000000000"),
        role: Role::Volunteer,
        place: Some(the("booth/east")),
        uses,
        until: at(UNTIL),
        made_at: at(MORNING),
        approval: false,
        taken: 0,
        waiting: 0,
        roster: None,
        ended: None,
    }
}

fn device_id(n: u8) -> DeviceId {
    the(&format!("DEV1CE{n:010}"))
}

/// What the store holds about one invitation.
#[derive(Clone)]
struct Records {
    invitation: Invitation,
    devices: BTreeMap<DeviceId, StaffDevice>,
    sessions: BTreeMap<SessionId, StaffSession>,
    begun: u64,
}

impl Records {
    fn new(invitation: Invitation) -> Records {
        Records { invitation, devices: BTreeMap::new(), sessions: BTreeMap::new(), begun: 0 }
    }

    fn arrive(&mut self, device: u8, name: &str, nonce: &str, now: Timestamp) -> Result<Option<StaffSession>, Refusal> {
        self.begun += 1;
        let arrival = Arrival {
            device: device_id(device),
            name: the(name),
            nonce: the(nonce),
            session: the(&format!("{:016}", self.begun)),
            now,
            shift_limit: SignedDuration::from_hours(16),
        };
        let device = self.devices.get(&arrival.device);
        let session = |id: Option<&SessionId>| id.and_then(|id| self.sessions.get(id));
        let known = KnownDevice {
            device,
            same_nonce: session(device.and_then(|device| device.session_of(&arrival.nonce))),
            last: session(device.and_then(StaffDevice::last_session)),
        };
        match admit(&self.invitation, known, &arrival)? {
            Admission::Running(session) => Ok(Some(*session)),
            Admission::Waits(changed) => {
                if let Some(WaitingDevice { invitation, device }) = changed.map(|changed| *changed) {
                    self.invitation = invitation;
                    self.devices.insert(arrival.device, device);
                }
                Ok(None)
            }
            Admission::Begins(begun) => {
                let BegunDuty { invitation, device, session, replaced } = *begun;
                self.invitation = invitation;
                self.devices.insert(arrival.device, device);
                for session in replaced.into_iter().chain([session.clone()]) {
                    self.sessions.insert(session.id.clone(), session);
                }
                Ok(Some(session))
            }
        }
    }

    fn end_by_organiser(&mut self, id: &SessionId, now: Timestamp) {
        let session = self.sessions[id].ended(EndedBy::Organiser, now);
        let (invitation, device) = self.invitation.bar(&self.devices[&session.device]);
        self.invitation = invitation;
        self.devices.insert(session.device.clone(), device);
        self.sessions.insert(id.clone(), session);
    }

    fn decide(&mut self, device: u8, decision: DeviceDecision) -> Result<(), Refusal> {
        let id = device_id(device);
        if let Some((invitation, device)) = self.invitation.decide(&self.devices[&id], decision)? {
            self.invitation = invitation;
            self.devices.insert(id, device);
        }
        Ok(())
    }
}

fn admitted(answer: &Result<Option<StaffSession>, Refusal>) -> &StaffSession {
    match answer {
        Ok(Some(session)) => session,
        other => panic!("not admitted: {other:?}"),
    }
}

#[test]
fn the_second_morning_takes_no_use() {
    let mut records = Records::new(invitation(1));
    let first = records.arrive(1, "王阿姨", "arrival-1", at(MORNING));
    assert_eq!(admitted(&first).until, at("2023-04-15T01:00"), "sixteen hours");
    assert_eq!(records.arrive(1, "王阿姨", "arrival-1", at("2023-04-14T10:00")), first, "a repeat");
    assert_eq!(
        records.arrive(2, "李叔叔", "arrival-1", at(MORNING)),
        Err(StaffRefusal::InvitationUsedUp { uses: 1 }.into())
    );
    // The same nonce, as clients that keep one a device send it.
    let second = records.arrive(1, "王阿姨", "arrival-1", at("2023-04-15T09:00"));
    assert_ne!(admitted(&second).id, admitted(&first).id);
    // A new nonce, as clients that make one an arrival send it.
    let third = records.arrive(1, "王阿姨", "arrival-3", at("2023-04-16T09:00"));
    assert_ne!(admitted(&third).id, admitted(&second).id);
    assert_eq!(records.invitation.taken, 1);
    let last = records.arrive(1, "王阿姨", "arrival-4", at("2023-04-20T20:00"));
    assert_eq!(admitted(&last).until, at(UNTIL), "no session outlives its invitation");
    assert_eq!(
        records.arrive(1, "王阿姨", "arrival-4", at("2023-04-21T09:00")),
        Err(StaffRefusal::InvitationExpired.into())
    );
}

#[test]
fn a_shared_tablet_changes_hands() {
    let mut records = Records::new(invitation(1));
    let wang = admitted(&records.arrive(1, "王阿姨", "arrival-1", at(MORNING))).clone();
    let li = admitted(&records.arrive(1, "李叔叔", "arrival-2", at("2023-04-14T13:00"))).clone();
    let ended = &records.sessions[&wang.id];
    assert_eq!(ended.check_active(at("2023-04-14T13:00")), Err(AccessRefusal::SessionLeft.into()));
    assert!(records.sessions[&li.id].is_active(at("2023-04-14T13:00")));
    assert_eq!(
        records.arrive(1, "王阿姨", "arrival-1", at("2023-04-14T13:05")),
        Err(AccessRefusal::SessionLeft.into()),
        "a late repeat does not take the tablet back"
    );
    assert!(records.sessions[&li.id].is_active(at("2023-04-14T13:05")));
}

#[test]
fn a_nonce_belongs_to_one_name() {
    let mut records = Records::new(invitation(2));
    assert!(records.arrive(1, "王阿姨", "arrival-1", at(MORNING)).is_ok());
    let reused = Err(AccessRefusal::NonceReused.into());
    assert_eq!(records.arrive(1, "李叔叔", "arrival-1", at(MORNING)), reused);
    let other = admitted(&records.arrive(2, "李叔叔", "arrival-1", at(MORNING))).clone();
    assert_eq!(other.name, the("李叔叔"), "nonces belong to the device");
    records.invitation.approval = true;
    records.invitation.uses = 3;
    assert_eq!(records.arrive(3, "赵姐", "arrival-1", at(MORNING)), Ok(None));
    assert_eq!(records.arrive(3, "周姐", "arrival-1", at(MORNING)), reused);
    assert_eq!(records.arrive(3, "周姐", "arrival-2", at(MORNING)), Ok(None), "a mistyped name, corrected");
    assert_eq!(records.devices[&device_id(3)].name, the("周姐"));
    records.decide(3, DeviceDecision::Admit { place: None }).unwrap_or_default();
    assert_eq!(records.arrive(3, "赵姐", "arrival-2", at(MORNING)), reused);
    assert!(matches!(records.arrive(3, "周姐", "arrival-2", at(MORNING)), Ok(Some(_))));
}

#[test]
fn an_ended_person_is_barred_and_new_devices_wait() {
    let mut records = Records::new(invitation(5));
    let wang = admitted(&records.arrive(1, "王阿姨", "arrival-1", at(MORNING))).id.clone();
    let li = admitted(&records.arrive(2, "李叔叔", "arrival-1", at(MORNING))).id.clone();
    records.end_by_organiser(&wang, at(MORNING));
    for nonce in ["arrival-1", "arrival-2"] {
        assert_eq!(records.arrive(1, "王阿姨", nonce, at(MORNING)), Err(StaffRefusal::DeviceBarred.into()));
    }
    assert_eq!(records.arrive(3, "王阿姨", "arrival-1", at(MORNING)), Ok(None), "the other phone waits");
    assert_eq!(admitted(&records.arrive(2, "李叔叔", "arrival-1", at(MORNING))).id, li, "colleagues go on");
    assert_eq!((records.invitation.uses_left(), records.invitation.waiting), (3, 1));
    records.decide(1, DeviceDecision::Admit { place: None }).unwrap_or_default();
    assert!(matches!(records.arrive(1, "王阿姨", "arrival-1", at(MORNING)), Ok(Some(_))), "the bar is lifted");
    assert_eq!(records.invitation.taken, 2, "and takes no use");
    records.decide(3, DeviceDecision::Refuse).unwrap_or_default();
    assert_eq!(records.arrive(3, "王阿姨", "arrival-1", at(MORNING)), Err(StaffRefusal::DeviceRefused.into()));
    assert_eq!(records.invitation.waiting, 0);
}

#[test]
fn a_waiting_device_takes_its_use_when_it_is_admitted() {
    let mut records = Records::new(Invitation { approval: true, place: None, ..invitation(1) });
    for device in [1, 2] {
        assert_eq!(records.arrive(device, "王阿姨", "arrival-1", at(MORNING)), Ok(None));
    }
    let admit = |place: Option<&str>| DeviceDecision::Admit { place: place.map(the) };
    assert_eq!(records.decide(1, admit(None)), Err(StaffRefusal::StationNeeded.into()));
    assert_eq!(records.decide(1, admit(Some("booth/west"))), Ok(()));
    let session = admitted(&records.arrive(1, "王阿姨", "arrival-1", at(MORNING))).clone();
    assert_eq!(session.place, Some(the("booth/west")));
    assert_eq!(records.decide(2, admit(Some("booth/west"))), Err(StaffRefusal::NoUseLeft { uses: 1 }.into()));
    records.invitation.ended = Some(at(MORNING));
    assert_eq!(records.arrive(2, "王阿姨", "arrival-1", at(MORNING)), Err(StaffRefusal::InvitationEnded.into()));
}

#[test]
fn the_waiting_list_and_the_sessions_of_a_device_are_bounded() {
    let mut records = Records::new(Invitation { approval: true, ..invitation(1_000) });
    for device in 0..100 {
        assert_eq!(records.arrive(device, "王阿姨", "arrival-1", at(MORNING)), Ok(None));
    }
    let full = Err(StaffRefusal::WaitingListFull.into());
    assert_eq!(records.arrive(100, "王阿姨", "arrival-1", at(MORNING)), full);
    records.decide(7, DeviceDecision::Admit { place: None }).unwrap_or_default();
    assert_eq!(records.arrive(100, "王阿姨", "arrival-1", at(MORNING)), Ok(None));
    for n in 0..MAX_SESSIONS {
        assert!(records.arrive(7, "王阿姨", &format!("arrival-{n}"), at(MORNING)).is_ok());
    }
    let refused = records.arrive(7, "王阿姨", "arrival-x", at(MORNING));
    assert_eq!(refused, Err(StaffRefusal::InvitationUsedUp { uses: 1_000 }.into()));
}

/// A step of a random history.
#[derive(Clone, Debug)]
enum Step {
    Arrive { device: u8, name: usize, nonce: usize },
    Leave(usize),
    End(usize),
    Decide { device: u8, admit: bool },
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..5_u8, 0..2_usize, 0..3_usize).prop_map(|(device, name, nonce)| Step::Arrive { device, name, nonce }),
        1 => (0..9_usize).prop_map(Step::Leave),
        1 => (0..9_usize).prop_map(Step::End),
        1 => (0..5_u8, any::<bool>()).prop_map(|(device, admit)| Step::Decide { device, admit }),
        2 => (1..20_i64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(property_config())]

    #[test]
    fn no_history_breaks_the_promises(uses in 1..4_u16, approval: bool, steps in prop::collection::vec(step(), 1..60)) {
        let mut records = Records::new(Invitation { approval, ..invitation(uses) });
        let mut now = at(MORNING);
        for step in steps {
            match step {
                Step::Arrive { device, name, nonce } => {
                    let name = ["王阿姨", "李叔叔"][name];
                    let nonce = ["arrival-1", "arrival-2", "arrival-3"][nonce];
                    let before = records.devices.get(&device_id(device)).map(|device| device.state);
                    let taken = records.invitation.taken;
                    let answer = records.arrive(device, name, nonce, now);
                    if let Ok(Some(session)) = &answer {
                        prop_assert!(session.is_active(now) && session.until <= records.invitation.until);
                        prop_assert!(!matches!(before, Some(DeviceState::Barred | DeviceState::Refused | DeviceState::Waiting)));
                        let repeated = records.arrive(device, name, nonce, now);
                        prop_assert_eq!(&repeated, &answer, "a repeat returns the running session");
                        let new_device = before.is_none();
                        prop_assert_eq!(records.invitation.taken, taken + u16::from(new_device));
                    }
                }
                Step::Leave(nth) => {
                    if let Some(session) = records.sessions.values().nth(nth).cloned() {
                        records.sessions.insert(session.id.clone(), session.ended(EndedBy::Leaving, now));
                    }
                }
                Step::End(nth) => {
                    if let Some(id) = records.sessions.keys().nth(nth).cloned() {
                        records.end_by_organiser(&id, now);
                    }
                }
                Step::Decide { device, admit } => {
                    if records.devices.contains_key(&device_id(device)) {
                        let decision =
                            if admit { DeviceDecision::Admit { place: None } } else { DeviceDecision::Refuse };
                        let _refused = records.decide(device, decision);
                    }
                }
                Step::Wait(hours) => now += SignedDuration::from_hours(hours),
            }
            let with_use = |device: &&StaffDevice| matches!(device.state, DeviceState::Admitted | DeviceState::Barred);
            prop_assert_eq!(records.devices.values().filter(with_use).count(), usize::from(records.invitation.taken));
            prop_assert!(records.invitation.taken <= records.invitation.uses);
            for device in records.devices.keys() {
                let on_it = |session: &&StaffSession| session.device == *device && session.is_active(now);
                prop_assert!(records.sessions.values().filter(on_it).count() <= 1, "one person on a device");
            }
        }
        let id: InvitationId = the("1NV1TE0000000000");
        prop_assert!(records.sessions.values().all(|session| session.invitation == id));
    }
}
