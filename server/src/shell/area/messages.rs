//! Messages of the desk, for whoever carries them.

use mukae_office::{Fact, Message, MessageId, Recipient};
use mukae_proto::transit::operations::v1 as pb;

use mukae_record::Origin;

use super::{Area, ours};
use crate::errors::Fault;
use crate::names::AreaName;
use crate::shell::committer::Entry;
use crate::shell::input::{Ask, List, MessageResume, NewMessage, RecipientName, Signed};
use crate::shell::outbox::{Hub, MessageFeed};
use crate::wire::listed;
use crate::wire::to_proto;

impl Area {
    pub(super) fn send_message(&mut self, signed: Signed<NewMessage>) -> Result<pb::Message, Fault> {
        let Signed { origin, wish, .. } = signed;
        self.check_area(&wish.area)?;
        let id = match self.recalled_note(&origin)? {
            Some(about) => MessageId(about),
            None => {
                let (to, name) = match &wish.recipient {
                    RecipientName::Rider(name) => (Recipient::Rider(self.booking(name)?.id), name.to_string()),
                    RecipientName::Driver(name) => (Recipient::Driver(self.vehicle(name)?), name.to_string()),
                };
                self.send(&origin, to, wish.text, &name)?
            }
        };
        let found = self.annals.office().messages().find(|(_, message)| message.id == id);
        let (sent, message) = found.ok_or_else(|| Fault::not_found(format!("message {}", id.0)))?;
        Ok(to_proto::message(&self.view(), sent, message))
    }

    /// Of our own accord.
    pub(super) fn tell(&mut self, to: Recipient, text: String) -> Result<(), Fault> {
        self.send(&ours("notices"), to, text, "a notice").map(|_| ())
    }

    fn send(&mut self, origin: &Origin, to: Recipient, text: String, subject: &str) -> Result<MessageId, Fault> {
        let id = self.annals.office().next_message();
        let message = Message { id, to, text };
        self.take_fact(origin, Fact::MessageSent(message), (subject, "message.text"))?;
        let hub = self.outbox.hub();
        self.entries.push(Entry::Release(Box::new(move || hub.tell_of_message(id.0))));
        Ok(id)
    }

    pub(super) fn list_messages(&mut self, list: List<AreaName>) -> Result<pb::ListMessagesResponse, Fault> {
        self.check_area(&list.parent)?;
        let view = self.view();
        let found = self.annals.office().messages().filter(|(_, message)| list.page.range_start() <= message.id.0);
        let drawn = found.map(|(sent, message)| (message.id.0, to_proto::message(&view, sent, message)));
        let seen = drawn.filter(|(_, message)| list.sieve.sees(&message.recipient));
        let (messages, next_page_token) = list.sieve.cut(&list.page, listed::MESSAGES, seen);
        Ok(pb::ListMessagesResponse { messages, next_page_token })
    }

    /// The messages after the last one that is known; who waits for the next asks again.
    pub(super) fn watch_messages(&mut self, ask: Ask<MessageResume, MessageFeed>) {
        let Ask { question: MessageResume { area, after }, reply } = ask;
        if reply.is_closed() {
            return;
        }
        let first = self.check_area(&area).map(|()| {
            let view = self.view();
            let fresh =
                self.annals.office().messages().filter(|(_, message)| after.is_none_or(|after| after < message.id));
            fresh.map(|(sent, message)| (message.id, to_proto::message(&view, sent, message))).collect()
        });
        self.subscribe_when_durable(reply, first, |hub: &Hub, first| hub.watch_messages(first));
    }
}
